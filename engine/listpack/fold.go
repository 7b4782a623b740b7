package listpack

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// A listpack that nobody is about to change can be folded. Records, a stride of elements each, resemble
// their neighbours: one item of a list the next, one entry of a stream the next. So a folded listpack tells
// its bytes, a word of eight at a time, by how they differ from those a record before:
//
//	header of 6 bytes, the first record | token, bytes ... | u16 LE: where the first token is
//
// A token has a bit for each byte of the word that differs, the lowest for the first, and these bytes
// follow, as exclusive or. The distance to the record before changes where an element has another size
// than its like; a token with all bits but the lowest, which is spelt with all bits otherwise, says so:
//
//	0xFE | excess + 8 * size | [u16 LE: size, if that was 31] | u16 LE: distance | size bytes
//
// excess is by how much the last word was too long, and the bytes stand for themselves. A word that
// repeats takes one byte and a word of noise nine: "item:123457" in a list of such takes 3.4 bytes instead of
// 13, an entry of a stream of two short values some 7 instead of 20. Folding and unfolding take some
// nanoseconds a word, O(n). What has no such likeness is not folded. The parts of the idea are the front
// coding of sorted dictionaries and the packed encoding of Cap'n Proto.
//
// The header and the first record stand as they do in the listpack, so that Len and, within the record,
// Next and Value read both; the header's total is the listpack's. Folded bytes are made here and stay in
// memory: Unfold trusts them.

const (
	// MinStride is the least number of elements in a record, so that it is no shorter than a word.
	MinStride = 4
	// MostFolded is how many times as long as its folded form a listpack is, at most.
	MostFolded = 8

	wordSize    = 8
	farToken    = 0xFE
	longSize    = 31
	maxFoldable = 1<<16 - 1 // bytes of a listpack, so that sizes and distances are two bytes
	trailerSize = 2
)

func load64(b []byte) uint64     { return binary.LittleEndian.Uint64(b) }
func store64(b []byte, v uint64) { binary.LittleEndian.PutUint64(b, v) }

// Folded tells a folded listpack, which is always the shorter, from one that is not.
func Folded(b []byte) bool { return UnfoldedSize(b) != len(b) }

// UnfoldedSize returns the bytes that a listpack, folded or not, takes as one.
func UnfoldedSize(b []byte) int { return int(readUint(b, 4)) }

// folding is a listpack on its way.
type folding struct {
	lp, out  []byte
	at       int // bytes of lp that are done
	distance int // from a record to the one before, behind what is done
	excess   int // bytes that the last word reached beyond
	alike    int // from here on, sizes are those of the record before
}

// Fold writes the folded form of a listpack of records of stride elements into scratch, or larger memory if
// that is too small. ok is false, and what was written void, if it does not save a quarter.
func Fold(scratch, lp []byte, stride int) (folded []byte, ok bool) {
	return FoldRecords(scratch, lp, stride, nil)
}

// FoldRecords is Fold for who knows where records end, from the second on.
func FoldRecords(scratch, lp []byte, stride int, ends []int) (folded []byte, ok bool) {
	first, end, elements := headerSize, len(lp)-1, stride
	for ; stride > 0 && first < end; stride-- {
		first = skip(lp, first)
	}
	if stride > 0 || len(lp) > maxFoldable {
		return scratch, false
	}
	f := folding{lp: lp, out: append(scratch[:0], lp[:first]...), at: first, distance: first - headerSize, alike: first}
	probe := first + (end-first)/8
	for back, at := headerSize, first; at < end; {
		behind := 0
		if len(ends) > 0 {
			behind, ends = ends[0], ends[1:]
		} else {
			behind = f.run(at, end, elements)
		}
		if behind-at != at-back {
			f.compare(back, at, behind)
		}
		back, at = at, behind
		if at >= probe {
			// What an eighth of the elements do not save the others will not, either.
			f.words(f.alike, at)
			if f.alike, probe = at, end; len(f.out) > at-at/4 {
				return f.out, false
			}
		}
	}
	f.words(f.alike, end)
	f.out = append(f.out, byte(first), byte(first>>8))
	return f.out, len(f.out) <= len(lp)-len(lp)/4
}

// run returns the offset behind a record, or the end.
func (f *folding) run(at, end, elements int) int {
	lp := f.lp
	for ; elements > 0 && at < end; elements-- {
		switch tag := lp[at]; { // most are of one form
		case tag < tag6BitString:
			at += 2
		case tag < tag13BitInt:
			at += 2 + int(tag&0x3F)
		case tag-tag16BitInt <= tag64BitInt-tag16BitInt:
			at += intSizeOf(tag) + 1
		default:
			at = skip(lp, at)
		}
	}
	return at
}

// compare finds the elements of a record, from at to behind, that have another size than those of the one before,
// at back.
func (f *folding) compare(back, at, behind int) {
	lp := f.lp
	for at < behind {
		next, after := skip(lp, back), skip(lp, at)
		if next-back != after-at {
			if at > f.alike {
				f.words(f.alike, at)
			}
			f.alike, f.distance = after, after-next
		}
		back, at = next, after
	}
}

// words writes what is not done up to from as it stands, and from there to to, in words.
func (f *folding) words(from, to int) {
	if size := from - f.at; size > 0 || f.excess > 0 && from < to {
		f.out = append(f.out, farToken, byte(f.excess|min(size, longSize)<<3))
		if size >= longSize {
			f.out = append(f.out, byte(size), byte(size>>8))
		}
		f.out = append(f.out, byte(f.distance), byte(f.distance>>8))
		f.out = append(f.out, f.lp[f.at:from]...)
		f.excess = 0
	}
	f.at = to
	w := len(f.out)
	out := slices.Grow(f.out, (to-from)/wordSize*(wordSize+1)+2*wordSize)
	out = out[:cap(out)]
	lp, distance := f.lp, f.distance
	for at := from; at < to; at += wordSize {
		var x uint64
		if to-at >= wordSize {
			x = load64(lp[at:]) ^ load64(lp[at-distance:])
		} else { // the bytes from to on do not count
			x = (readUint(lp[at:], to-at) ^ load64(lp[at-distance:])) & (1<<(8*(to-at)) - 1)
		}
		if x == 0 {
			out[w] = 0
			w++
			continue
		}
		// The top bit of each byte that is not zero, gathered into one byte.
		changed := (x&0x7F7F7F7F7F7F7F7F + 0x7F7F7F7F7F7F7F7F | x) & 0x8080808080808080
		token := byte(changed * 0x0002040810204081 >> 56)
		if token >= farToken {
			out[w] = 0xFF
			store64(out[w+1:], x)
			w += 1 + wordSize
			continue
		}
		out[w] = token
		w++
		for ; token != 0; token &= token - 1 {
			out[w] = byte(x >> (8 * bits.TrailingZeros8(token) & 63))
			w++
		}
	}
	f.out = out[:w]
	if from < to {
		f.excess = (from - to) & (wordSize - 1)
	}
}

// Unfold returns the listpack that was folded, in memory of its own.
func Unfold(folded []byte) []byte {
	total, tail := UnfoldedSize(folded), len(folded)-trailerSize
	first := load16(folded[tail:])
	lp := make([]byte, total+wordSize)
	at, distance := copy(lp, folded[:first]), first-headerSize
	for in := first; in < tail; {
		token := folded[in]
		in++
		if token == farToken {
			at -= int(folded[in] & (wordSize - 1))
			size := int(folded[in] >> 3)
			in++
			if size == longSize {
				size = load16(folded[in:])
				in += 2
			}
			distance = load16(folded[in:])
			in += 2 + copy(lp[at:], folded[in+2:in+2+size])
			at += size
			continue
		}
		x := load64(lp[at-distance:])
		for ; token != 0; token &= token - 1 {
			x ^= uint64(folded[in]) << (8 * bits.TrailingZeros8(token) & 63)
			in++
		}
		store64(lp[at:], x)
		at += wordSize
	}
	lp[total-1] = endMark
	return lp[:total]
}

func load16(b []byte) int { return int(b[0]) | int(b[1])<<8 }
