//go:build !core

package engine

import (
	"riffle/engine/dict"
	"riffle/engine/rdb"
)

// textLikeness saves a long string a piece at a time. Its bytes are those of the block that the string had
// at the moment, which is lent: who gives the string other bytes takes another block for them, and this one
// stays as it is for as long as the portrait holds it. Only the commands that change a few bytes where they
// lie still do so; they tell which, and the portrait keeps the pieces concerned.
//
// A string's head says how long its compressed form is, so all pieces are compressed twice, to be measured
// and to be written: no memory is spent on it. Each is compressed by itself, which loses little, since a match
// of LZF reaches 8 KiB back at most. A string whose first megabyte gets no shorter is written as it is.
type textLikeness struct {
	text     []byte
	kept     [][]byte // pieces that have changed since, by number; nil while none has
	at       int      // how much of the text this pass has taken
	length   int      // of the compressed form, as far as it is measured
	measured bool
	room     []byte
}

const (
	longText  = 128 << 10 // the size from which a string is saved in pieces, in bytes: it has a page of its own
	textPiece = 32 << 10  // half a millisecond's work at worst
	textTaste = 1 << 20   // how much of a string tells whether it is worth compressing
)

// longText returns the string under a key if it is a long one, else nil.
func (s *keyspace) longText(ref dict.Ref) []byte {
	if s.kind(ref) != KindString {
		return nil
	}
	if text := s.payload(ref); len(text) >= longText {
		return text
	}
	return nil
}

// newTextPortrait begins the portrait of a string if it is a long one.
func newTextPortrait(section *section, ref dict.Ref) *portrait {
	text := section.space.longText(ref)
	if text == nil {
		return nil
	}
	section.space.lent++
	section.space.keys.Lend(ref)
	p := &portrait{section: section, body: &textLikeness{text: text, measured: len(text) > rdb.MostCompressed}}
	var typeAt int
	p.head, typeAt = appendHead(nil, section.space, ref)
	p.head[typeAt] = rdb.TypeString
	return p
}

// next returns the next piece as it was at the moment.
func (p *textLikeness) next() []byte {
	at := p.at
	p.at = min(at+textPiece, len(p.text))
	if p.kept != nil && p.kept[at/textPiece] != nil {
		return p.kept[at/textPiece]
	}
	return p.text[at:p.at]
}

// measure compresses the next piece for the sake of its length, and returns how many bytes it had.
func (p *textLikeness) measure() int {
	piece := p.next()
	p.room = rdb.AppendLZF(p.room[:0], piece)
	p.length += len(p.room)
	if futile := p.at >= textTaste && p.length >= p.at; futile || p.at == len(p.text) {
		p.at, p.measured = 0, true
		if futile {
			p.length = len(p.text)
		}
	}
	return len(piece)
}

// measure is what is to be done about a portrait before it can be written; done says that it is nothing.
func (s *Snapshot) measure(p *portrait) (done bool) {
	text, ok := p.body.(*textLikeness)
	if !ok || text.measured {
		return true
	}
	s.spent += text.measure()
	return false
}

// piece implements likeness, of a text that is measured.
func (p *textLikeness) piece(dst []byte) (out []byte, more bool) {
	compressed := p.length > 0 && p.length < len(p.text)
	switch {
	case p.at > 0:
	case compressed:
		dst = rdb.AppendCompressedHead(dst, p.length, len(p.text))
	default:
		dst = rdb.AppendLen(dst, uint64(len(p.text)))
	}
	if compressed {
		dst = rdb.AppendLZF(dst, p.next())
	} else {
		dst = append(dst, p.next()...)
	}
	return dst, p.at < len(p.text)
}

// before implements likeness: strings tell what changes in another way.
func (p *textLikeness) before([]byte) {}

// keep copies the pieces that hold text[from:to], unless they are kept or done with.
func (p *textLikeness) keep(from, to int) {
	for i := from / textPiece; i*textPiece < min(to, len(p.text)); i++ {
		start := i * textPiece
		if p.kept == nil {
			p.kept = make([][]byte, (len(p.text)+textPiece-1)/textPiece)
		}
		if p.kept[i] != nil || p.measured && start < p.at {
			continue
		}
		p.kept[i] = append([]byte(nil), p.text[start:min(start+textPiece, len(p.text))]...)
	}
}

// beforeText must be called before bytes of a string change where they lie.
func (e *Engine) beforeText(space *keyspace, ref dict.Ref, from, to int) {
	if space.lent == 0 || ref == 0 {
		return
	}
	text := space.payload(ref)
	for _, s := range e.snapshots {
		if s.open != nil {
			s.open.keepText(text, from, to)
		}
		for _, p := range s.later {
			p.keepText(text, from, to)
		}
	}
}

func (p *portrait) keepText(text []byte, from, to int) {
	if body, ok := p.body.(*textLikeness); ok && sameStart(body.text, text) {
		body.keep(from, to)
	}
}

// renewed is the key's block, or another with what it holds, cut or grown to size bytes, if it is lent.
func (s *keyspace) renewed(ref dict.Ref, size int) dict.Ref {
	if ref == 0 || s.lent == 0 || !s.keys.Lent(ref) {
		return ref
	}
	moved := s.keys.Renew(ref, size)
	if s.keys.Meta(moved)&metaExpiry != 0 {
		s.expires.Replace(ref, moved)
	}
	return moved
}
