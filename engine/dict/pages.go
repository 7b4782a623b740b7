package dict

import "math/bits"

// A page holds blocks of one size. Its first page makes a class cheap to begin (two blocks), later ones
// are a quarter of what the class holds, up to 64 KiB: at most some 20 % of a small Dict and 64 KiB a
// class of a large one lie idle. A Ref is the number of its page + 1 above 13 bits of offset, so a Dict
// has up to 524,287 pages: 32 GiB of small blocks. A block over 16 KiB has a page of its own, of any
// length.
//
// Free blocks form a list inside their page, so an empty page is given back without touching any other.
// Pages with a free block form a list per class.

// PageSize is the size in bytes of a full-grown page.
const PageSize = 64 << 10

// Pages supplies full-grown pages, PageSize bytes of any content, and takes them back: memory outside the
// garbage-collected heap, which the system has back at once and no collector paces itself by.
type Pages struct {
	Get func() []byte
	Put func(page []byte)
}

const (
	unitBytes     = 8  // what a Ref counts
	offsetBits    = 13 // PageSize / unitBytes offsets in a page
	pagesMax      = 1<<(32-offsetBits) - 1
	pagesReserved = 1 << 30 / maxClassBytes
	maxClassBytes = 16 << 10 // a larger block has its own page
	ownPage       = 255      // the class of such a page
	lentPage      = 1        // freed of such a page whose value is lent
)

// A page is one allocation of blocks. The lists are linked by page number + 1, 0 ends them.
type page struct {
	data       []byte
	next, prev uint32 // in the class's list of pages with room, or next in the Dict's list of vacant numbers
	size       uint32 // bytes of a block
	blocks     uint16 // how many blocks it has
	live       uint16 // blocks in use
	fresh      uint16 // blocks ever in use: those behind have never been
	freed      uint16 // head of the list of freed blocks, as offset + 1
	class      uint8
}

// A class is one size of block.
type class struct {
	open   uint32 // head of the list of pages with a free block, as number + 1
	size   uint32 // bytes of a block
	blocks uint32 // blocks in all its pages
	live   uint32 // blocks in use
}

// classOf returns the class of a block of n bytes and the size of that class's blocks: steps of 8 bytes
// to 256, which is where small collections lie, eight steps a doubling to 4 KiB, and above the 64 KiB page
// divided by 15 down to 4.
func classOf(n int) (number, size int) {
	switch {
	case n <= 256:
		number = (n+7)/8 - 1
		return number, (number + 1) * 8
	case n <= 4096:
		doubling := bits.Len(uint(n-1)) - 9 // 0 for 257..512
		step := 32 << doubling
		k := (n - 1) / step // 8..15
		return 32 + doubling*8 + k - 8, (k + 1) * step
	}
	n = (n + 7) &^ 7
	parts := PageSize / n
	return 64 + 15 - parts, PageSize / parts &^ 7
}

// bytesFrom returns the page's bytes from the block of r on.
func (d *Dict) bytesFrom(r Ref) []byte {
	return d.pages[r>>offsetBits-1].data[(r&(1<<offsetBits-1))*unitBytes:]
}

// block returns the whole block of r.
func (d *Dict) block(r Ref) []byte {
	p := &d.pages[r>>offsetBits-1]
	at := uint32(r&(1<<offsetBits-1)) * unitBytes
	return p.data[at : at+p.size : at+p.size]
}

// Full reports that the Dict is about to run out of Refs: a user that lets clients choose how much to
// store must refuse to Insert and to enlarge values then. What is left takes one more request of 1 GiB,
// even if it is all blocks that just need a page of their own.
func (d *Dict) Full() bool { return len(d.pages)-int(d.vacancies) > pagesMax-pagesReserved }

// allocate returns a block of at least n bytes.
func (d *Dict) allocate(n int) Ref {
	if n > maxClassBytes {
		return d.allocateOwn(n)
	}
	number, size := classOf(n)
	if number >= len(d.classes) {
		classes := make([]class, number+1)
		copy(classes, d.classes)
		d.classes = classes
	}
	c := &d.classes[number]
	if c.open == 0 {
		c.size = uint32(size)
		d.addPage(number, size)
	}
	at := c.open - 1
	p := &d.pages[at]
	offset := uint32(p.fresh) * p.size / unitBytes
	if p.freed != 0 {
		offset = uint32(p.freed) - 1
		p.freed = load16(p.data[offset*unitBytes:])
	} else {
		p.fresh++
	}
	p.live++
	c.live++
	if p.live == p.blocks {
		d.closePage(at)
	}
	return Ref((at+1)<<offsetBits | offset)
}

// allocateOwn returns a block of at least n bytes in a page of its own, rounded as Go's allocator would.
func (d *Dict) allocateOwn(n int) Ref {
	step := 8192
	if n <= 32768 {
		step = 4096
	}
	n = (n + step - 1) &^ (step - 1)
	at := d.newPage(page{data: make([]byte, n), size: uint32(n), blocks: 1, live: 1, class: ownPage})
	d.held += int64(n)
	return Ref((at + 1) << offsetBits)
}

// free gives a block back, and its page if that is empty now. A class in use keeps one empty page if no
// other has room, so that inserting and removing by turns does not allocate.
func (d *Dict) free(r Ref) {
	d.forget(r)
	at := uint32(r>>offsetBits) - 1
	p := &d.pages[at]
	if p.class == ownPage {
		d.dropPage(at)
		return
	}
	d.frees++
	p.release(uint32(r & (1<<offsetBits - 1)))
	c := &d.classes[p.class]
	if p.live == p.blocks {
		d.openPage(at)
	}
	p.live--
	c.live--
	if p.live == 0 && p.next|p.prev != 0 {
		d.closePage(at)
		d.dropPage(at)
	}
	if c.live == 0 && c.open != 0 {
		at = c.open - 1
		d.closePage(at)
		d.dropPage(at)
	}
}

// forget keeps Find from a block that is about to be free.
func (d *Dict) forget(r Ref) {
	if d.recent == r {
		d.recent = 0
	}
}

// addPage gives a class another page and opens it.
func (d *Dict) addPage(number, size int) {
	c := &d.classes[number]
	n := max(2*size, int(c.blocks)*size/4)
	if size > 512 {
		n = max(size, int(c.blocks)*size/4)
	}
	n = min(1<<bits.Len(uint(n-1)), max(int(d.pageLimit), 1<<bits.Len(uint(size-1))))
	var data []byte
	if n == PageSize && d.source != nil {
		data = d.source.Get()
	} else {
		data = make([]byte, n)
	}
	d.held += int64(n)
	c.blocks += uint32(n / size)
	at := d.newPage(page{data: data, size: uint32(size), blocks: uint16(n / size), class: uint8(number)})
	d.openPage(at)
}

// newPage puts p at a vacant number and returns that.
func (d *Dict) newPage(p page) uint32 {
	if d.vacant != 0 {
		at := d.vacant - 1
		d.vacant = d.pages[at].next
		d.vacancies--
		d.pages[at] = p
		return at
	}
	if len(d.pages) == pagesMax {
		panic("dict: out of pages")
	}
	d.pages = append(d.pages, p)
	return uint32(len(d.pages) - 1)
}

// dropPage gives a page without live blocks, in no list, back.
func (d *Dict) dropPage(at uint32) {
	p := &d.pages[at]
	if p.class != ownPage {
		d.classes[p.class].blocks -= uint32(p.blocks)
	}
	d.held -= int64(len(p.data))
	d.giveBack(p)
	d.vacate(at)
}

// vacate lists a page number for use by a later page.
func (d *Dict) vacate(at uint32) {
	d.pages[at] = page{next: d.vacant}
	d.vacant = at + 1
	d.vacancies++
}

// giveBack returns a page that came from the host to it.
func (d *Dict) giveBack(p *page) {
	if p.class == ownPage && p.freed == lentPage {
		return
	}
	scribble(p.data)
	if len(p.data) == PageSize && p.class != ownPage && d.source != nil {
		d.source.Put(p.data)
	}
}

// release lists the block at an offset as free.
func (p *page) release(offset uint32) {
	at := offset * unitBytes
	scribble(p.data[at : at+p.size])
	store16(p.data[at:], p.freed)
	p.freed = uint16(offset + 1)
}

// openPage puts a page first in its class's list of pages with room.
func (d *Dict) openPage(at uint32) {
	p := &d.pages[at]
	c := &d.classes[p.class]
	p.prev, p.next = 0, c.open
	if c.open != 0 {
		d.pages[c.open-1].prev = at + 1
	}
	c.open = at + 1
}

// closePage takes a page out of its class's list of pages with room.
func (d *Dict) closePage(at uint32) {
	p := &d.pages[at]
	if p.prev != 0 {
		d.pages[p.prev-1].next = p.next
	} else {
		d.classes[p.class].open = p.next
	}
	if p.next != 0 {
		d.pages[p.next-1].prev = p.prev
	}
	p.next, p.prev = 0, 0
}
