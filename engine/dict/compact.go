package dict

// Removing entries leaves pages with holes, which only blocks of the same size fill. Compact evacuates
// pages that are at most seven eighths full into holes of other pages of their class, and gives them
// back. It never adds a page, so each page it finishes is one fewer, and it ends.
//
// A block that moves is copied, and its Ref in the index replaced: two places in memory that are likely in
// no cache, some 100 to 200 ns. A user whose Dict never rests calls Compact with a small budget now and
// then; Frees and Idle say when it is worth it.

// Frees returns how many blocks were ever freed, modulo 2^32: each Remove counts one, as does a Resize that
// moves the entry.
func (d *Dict) Frees() uint32 { return d.frees }

// Idle returns how many bytes of pages are in no block that is in use, in time proportional to the number
// of classes.
func (d *Dict) Idle() (bytes int64) {
	for i := range d.classes {
		c := &d.classes[i]
		bytes += int64(c.blocks-c.live) * int64(c.size)
	}
	return bytes
}

// costUnit is how many bytes of a block are as dear to copy as it is to find its place.
const costUnit = 1024

// Compact moves blocks out of sparse pages until about budget blocks have been moved or pages looked at,
// where a long block counts for several, and calls moved for each, which must not change the Dict and to
// which both Refs are good. It
// reports whether nothing is left to do.
func (d *Dict) Compact(budget int, moved func(old, new Ref)) bool {
	for ; budget > 0 && int(d.quiet) < len(d.pages); budget-- {
		if int(d.sweep) >= len(d.pages) {
			d.sweep = 0
		}
		if !d.sparse(d.sweep) {
			d.sweep++
			d.quiet++
			continue
		}
		d.quiet = 0
		budget = d.evacuate(d.sweep, budget, moved)
	}
	d.unfinished = int(d.quiet) < len(d.pages)
	if !d.unfinished {
		d.quiet = 0
	}
	return !d.unfinished
}

// Unfinished reports whether Compact has begun and has not found nothing left to do yet.
func (d *Dict) Unfinished() bool { return d.unfinished }

// sparse reports whether a page is worth evacuating, and its class has holes enough elsewhere.
func (d *Dict) sparse(at uint32) bool {
	p := &d.pages[at]
	if p.blocks == 0 || p.class == ownPage || p.live > p.blocks-p.blocks/8 {
		return false
	}
	c := &d.classes[p.class]
	return p.live < p.blocks && c.blocks-c.live >= uint32(p.blocks)
}

// evacuate moves up to budget blocks out of a page, drops the page if it is empty then, and returns what
// is left of the budget.
func (d *Dict) evacuate(at uint32, budget int, moved func(old, new Ref)) int {
	d.closePage(at) // so that no block moves within the page
	free := d.freeBlocks(at)
	for i := uint32(0); i < uint32(d.pages[at].fresh) && budget > 0 && d.pages[at].live > 0; i++ {
		offset := i * d.pages[at].size / unitBytes
		if free[offset/64]>>(offset%64)&1 == 0 {
			d.move(at, offset, moved)
			budget -= 1 + int(d.pages[at].size)/costUnit
		}
	}
	if d.pages[at].live == 0 {
		d.dropPage(at)
	} else {
		d.openPage(at)
	}
	return budget
}

// freeBlocks returns the offsets of a page's freed blocks as a set of bits.
func (d *Dict) freeBlocks(at uint32) (free [PageSize / unitBytes / 64]uint64) {
	p := &d.pages[at]
	for next := p.freed; next != 0; next = load16(p.data[uint32(next-1)*unitBytes:]) {
		free[(next-1)/64] |= 1 << ((next - 1) % 64)
	}
	return free
}

// move copies one block of a closed page to another page of its class.
func (d *Dict) move(at, offset uint32, moved func(old, new Ref)) {
	p := &d.pages[at]
	old := Ref((at+1)<<offsetBits | offset)
	d.forget(old)
	to := d.allocate(int(p.size))
	p = &d.pages[at]
	copy(d.block(to), d.block(old))
	d.relink(d.hashOf(to), old, to)
	moved(old, to)
	p.release(offset)
	p.live--
	d.classes[p.class].live--
}

// Discard gives the pages of a Dict that nobody will use again back, about budget of them a call, and
// reports whether all are gone. A Dict whose pages are the heap's is simply forgotten.
func (d *Dict) Discard(budget int) bool {
	for ; budget > 0 && d.source != nil && len(d.pages) > 0; budget-- {
		last := len(d.pages) - 1
		d.giveBack(&d.pages[last])
		d.pages = d.pages[:last]
	}
	return d.source == nil || len(d.pages) == 0
}
