// Package dict is the hash table the engine stands on: the keyspace, big hashes, big sets and the members
// of big sorted sets. It maps a key to a value of bytes and 32 bits that belong to the user (Meta).
//
// # Parts
//
//   - blocks.go: an entry is one block of bytes, [meta u32][varint key length][key][varint value
//     length][value], named by a 32-bit Ref, the block's address in units of 8 bytes.
//   - pages.go: blocks live in pages of one block size each, pages of up to 64 KiB, without pointers
//     inside: the garbage collector sees a byte slice per 64 KiB, not entries.
//   - index.go: extendible hashing (Fagin, Nievergelt, Pippenger, Strong 1979). A directory indexed by
//     the top bits of the hash leads to a segment of at most 691 entries; a segment is an open-addressed
//     array of 64-byte groups, twelve slots each with a one-byte tag and a Ref, so that a look-up costs
//     one cache line of index and one of block.
//   - scan.go: cursors are positions in the order of the hash, which no growing or shrinking changes.
//   - compact.go: moves blocks out of sparse pages.
//
// # Cost
//
// An entry takes 6 + key + value bytes rounded up to the block size (8-byte steps to 256, 12.5 % steps
// above) and 6 to 8.5 bytes of index. A string of a 12-byte key and a 16-byte value: 40 + 7, where Redis
// 7.0 takes 104. Find, Insert, Remove and Resize take constant expected time. The worst single step is a
// split of one segment, 691 entries read and placed anew; the directory, one word per segment, doubles by
// copying.
//
// # Determinism
//
// The same seed and the same operations give the same Refs and the same order, on every architecture.
package dict

import "unsafe"

// A Ref names an entry of one Dict, until the entry is removed or moved by Resize or Compact. 0 names none.
type Ref uint32

// A Dict maps keys to values. Make one with New. It is not safe for concurrent use.
type Dict struct {
	seed    uint64
	entries int
	held    int64 // bytes of pages and of segments

	directory  []*segment // 1 << depth pointers, none while the Dict is empty
	depth      uint8
	unfinished bool   // Compact has stopped because of its budget
	splitAt    uint32 // entries at which a segment splits; smaller in tests

	pages     []page
	classes   []class // by class number, as far as any was used
	vacant    uint32  // head of the list of unused elements of pages, as number + 1
	vacancies uint32  // how many they are
	pageLimit uint32  // bytes of the largest page; smaller in tests
	recent    Ref     // what Find found last, 0 once that is gone: one queue or counter is asked for again and again
	source    *Pages  // of full-grown pages; nil: the heap
	frees     uint32  // blocks ever freed
	sweep     uint32  // page at which Compact goes on
	quiet     uint32  // pages that Compact has passed since it last moved a block
}

// Seed is what the order of the entries was chosen by.
func (d *Dict) Seed() uint64 { return d.seed }

// New returns an empty Dict of some 150 bytes, whose order is chosen by seed.
func New(seed uint64) *Dict { return NewIn(nil, seed) }

// NewIn is New for a Dict whose full-grown pages come from a source of their own, nil for the heap. Who
// lets go of such a Dict while it has entries must Discard it.
func NewIn(source *Pages, seed uint64) *Dict {
	return &Dict{seed: seed, splitAt: usualSplit, pageLimit: usualPage, source: source}
}

// Len returns the number of entries.
func (d *Dict) Len() int { return d.entries }

// Size returns the bytes held, all included.
func (d *Dict) Size() int64 {
	return d.held + int64(unsafe.Sizeof(*d)) +
		int64(cap(d.directory))*int64(unsafe.Sizeof(d)) +
		int64(cap(d.pages))*int64(unsafe.Sizeof(page{})) +
		int64(cap(d.classes))*int64(unsafe.Sizeof(class{}))
}

// Hash returns the seeded 64-bit hash of key.
func (d *Dict) Hash(key []byte) uint64 { return hashBytes(d.seed, key) }

// Find returns the entry of key, 0 if there is none.
func (d *Dict) Find(key []byte) Ref {
	if d.recent != 0 && d.holds(d.recent, key) {
		return d.recent
	}
	if d.entries == 0 {
		return 0
	}
	hash := hashBytes(d.seed, key)
	s := d.segmentOf(hash)
	tag, at := tagOf(hash), s.home(hash)
	for range s.groups {
		g := &s.groups[at]
		for m := g.match(tag); m != 0; m &= m - 1 {
			if r := g.refs[slotOf(m)]; d.holds(r, key) {
				d.recent = r
				return r
			}
		}
		if g.passed == 0 {
			return 0
		}
		at = s.after(at)
	}
	return 0
}

// Insert adds an entry for key, which must be absent, and returns it. The value is size bytes (key and
// value together less than 4 GiB) of unspecified content, for the caller to fill through Value. key may be
// a view of a block, of this Dict or another.
func (d *Dict) Insert(key []byte, meta uint32, size int) Ref {
	r := d.allocate(blockBytes(len(key), size))
	b := d.block(r)
	store32(b, meta)
	at := metaBytes + putLength(b[metaBytes:], len(key))
	at += copy(b[at:], key)
	putLength(b[at:], size)
	d.link(hashBytes(d.seed, key), r)
	d.entries++
	return r
}

// Remove drops the entry and frees its block. Removing the last entry gives every page back.
func (d *Dict) Remove(r Ref) {
	hash := d.hashOf(r)
	d.unlink(hash, r)
	d.free(r)
	d.entries--
	if d.entries == 0 {
		d.clear()
		return
	}
	d.shrink(hash)
}

// clear gives everything back.
func (d *Dict) clear() {
	for i := range d.pages {
		d.giveBack(&d.pages[i])
	}
	*d = Dict{seed: d.seed, splitAt: d.splitAt, pageLimit: d.pageLimit, source: d.source}
}

// Resize makes the value size bytes long, keeping the common prefix (bytes appended within Value's
// capacity count), and returns the entry, which has moved to a new Ref if its block was too small or would
// be a quarter empty. Growing a value byte by byte costs amortised constant time per byte.
func (d *Dict) Resize(r Ref, size int) Ref {
	b := d.block(r)
	keyEnd := keyEnd(b)
	old, width := getLength(b[keyEnd:])
	need := keyEnd + lengthBytes(size) + size
	if need <= len(b) && (need > len(b)-len(b)/4 || len(b) < 32) && !(lengthBytes(size) != width && d.Lent(r)) {
		if lengthBytes(size) != width {
			copy(b[keyEnd+lengthBytes(size):need], b[keyEnd+width:])
		}
		putLength(b[keyEnd:], size)
		return r
	}
	if len(b) > maxClassBytes && size > old {
		// Blocks with a page of their own come in steps too fine for appending: leave room in proportion.
		need += need / 8
	}
	return d.relocate(r, keyEnd, size, need)
}

// Lend leaves the value of a block of more than 16 KiB to whoever has a view of it: nothing here changes its
// bytes from now on, except by Renew to another block, and the view stays good when the entry goes.
func (d *Dict) Lend(r Ref) {
	if p := &d.pages[r>>offsetBits-1]; p.class == ownPage {
		p.freed = lentPage
	}
}

// Lent reports whether the entry's value is lent.
func (d *Dict) Lent(r Ref) bool {
	p := &d.pages[r>>offsetBits-1]
	return p.class == ownPage && p.freed == lentPage
}

// Renew is Resize that always moves the entry to another block.
func (d *Dict) Renew(r Ref, size int) Ref {
	keyEnd := keyEnd(d.block(r))
	return d.relocate(r, keyEnd, size, keyEnd+lengthBytes(size)+size)
}

// relocate moves an entry to a new block of at least need bytes, where its value has size bytes.
func (d *Dict) relocate(r Ref, keyEnd, size, need int) Ref {
	b := d.block(r)
	_, width := getLength(b[keyEnd:])
	moved := d.allocate(need)
	to := d.block(moved)
	copy(to, b[:keyEnd])
	at := keyEnd + putLength(to[keyEnd:], size)
	copy(to[at:at+size], b[keyEnd+width:]) // to the block's end: appended bytes lie behind old
	d.relink(d.hashOf(r), r, moved)
	d.free(r)
	return moved
}
