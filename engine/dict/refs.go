package dict

import (
	"math/bits"
	"unsafe"
)

// Refs is a set of Refs of one Dict, such as the keys that expire: a bit for each place a block can
// begin. Its bits are kept by page and only as far up as any was set, so the set costs at most 1/64 of
// the pages it refers to: 5 bits for a block of 40 bytes when every block is in the set, where a list of
// Refs takes 32 and room to grow. Every operation takes constant time, and scans follow the memory. The
// zero value is an empty set.
type Refs struct {
	entries int
	held    int64
	pages   []pageBits // by page number
}

// pageBits is the part of a set that lies in one page.
type pageBits struct {
	words   []uint64
	entries int
}

// wordsOfPage is how many words cover a page.
const wordsOfPage = PageSize / unitBytes / 64

// Len returns the number of Refs in the set.
func (s *Refs) Len() int { return s.entries }

// Size returns the bytes held, all included.
func (s *Refs) Size() int64 {
	return int64(unsafe.Sizeof(*s)) + s.held + int64(cap(s.pages))*int64(unsafe.Sizeof(pageBits{}))
}

// place returns the page number, word and bit of a Ref.
func place(r Ref) (at, word int, bit uint64) {
	offset := int(r & (1<<offsetBits - 1))
	return int(r>>offsetBits) - 1, offset / 64, 1 << (offset % 64)
}

// Has reports whether r is in the set.
func (s *Refs) Has(r Ref) bool {
	at, word, bit := place(r)
	return r != 0 && at < len(s.pages) && word < len(s.pages[at].words) && s.pages[at].words[word]&bit != 0
}

// Add puts r into the set.
func (s *Refs) Add(r Ref) {
	if s.Has(r) {
		return
	}
	at, word, bit := place(r)
	for at >= len(s.pages) {
		s.pages = append(s.pages, pageBits{})
	}
	p := &s.pages[at]
	if word >= len(p.words) {
		// Doubling keeps the words of a small page few, and the steps to a full page's 1 KiB as well.
		words := make([]uint64, min(1<<bits.Len(uint(word)), wordsOfPage))
		s.held += 8 * int64(len(words)-len(p.words))
		copy(words, p.words)
		p.words = words
	}
	p.words[word] |= bit
	p.entries++
	s.entries++
}

// Remove takes r out of the set, if it is there.
func (s *Refs) Remove(r Ref) {
	if !s.Has(r) {
		return
	}
	at, word, bit := place(r)
	p := &s.pages[at]
	p.words[word] &^= bit
	p.entries--
	s.entries--
	if p.entries == 0 {
		s.held -= 8 * int64(len(p.words))
		p.words = nil
	}
	if s.entries == 0 {
		*s = Refs{}
	}
}

// Replace puts moved in the place of old, if old is in the set.
func (s *Refs) Replace(old, moved Ref) {
	if s.Has(old) {
		s.Remove(old)
		s.Add(moved)
	}
}

// scanPages is how many pages without members one call of Scan passes.
const scanPages = 256

// Scan visits some members, at most 64, from cursor on and returns the cursor to go on with, 0 at the
// end. It may visit none before the end. Begin with 0; any number is a legal cursor. Members are visited
// in the order of their Refs, so each that is there during the whole scan is visited exactly once, except
// that one replaced on the way may be missed or visited twice. visit must not change the set.
func (s *Refs) Scan(cursor uint64, visit func(Ref)) uint64 {
	const perPage = wordsOfPage
	for passed := 0; cursor < uint64(len(s.pages))*perPage; {
		p, word := &s.pages[cursor/perPage], int(cursor%perPage)
		if word >= len(p.words) {
			cursor += uint64(perPage - word)
			if passed++; passed == scanPages {
				break
			}
			continue
		}
		cursor++
		if set := p.words[word]; set != 0 {
			first := Ref((cursor-1)/perPage+1)<<offsetBits | Ref(word*64)
			for ; set != 0; set &= set - 1 {
				visit(first + Ref(bits.TrailingZeros64(set)))
			}
			break
		}
	}
	if s.entries == 0 || cursor >= uint64(len(s.pages))*perPage {
		return 0
	}
	return cursor
}

// randomCrowd is how many neighbours Random chooses among.
const randomCrowd = 16

// Random returns a member chosen by rnd, which returns 64 random bits a call; 0 if there is none. It is one of
// the next few from a random place on: were it the first, a member behind a gap would be as much likelier
// than one in a crowd as the gap is wide, and what is evicted at random makes gaps.
func (s *Refs) Random(rnd func() uint64) Ref {
	if s.entries == 0 {
		return 0
	}
	var buffer [randomCrowd + 64]Ref
	found := buffer[:0]
	cursor := uint64(0)
	for range 64 { // until a word is met that a page has: small pages have few
		cursor = (rnd() >> 32) * (uint64(len(s.pages)) * wordsOfPage) >> 32
		if cursor%wordsOfPage < uint64(len(s.pages[cursor/wordsOfPage].words)) {
			break
		}
	}
	for len(found) < min(randomCrowd, s.entries) {
		cursor = s.Scan(cursor, func(r Ref) { found = append(found, r) })
	}
	return found[(rnd()>>32)*uint64(len(found))>>32]
}
