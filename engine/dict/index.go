package dict

import (
	"math/bits"
	"unsafe"
)

// The hash is read from the top: the first bits (the segment's depth) choose the segment, the next 24 the
// home group in it, and the lowest 8 are the tag. So a group, too, holds a contiguous stretch of the
// order of the hash, which is what makes cursors exact (scan.go).
//
// An entry that finds its home group full goes on to the next group with a free slot and counts itself in
// `passed` of every group it passes, as in F14 (Facebook, 2019): a look-up ends at the first group that
// nobody passed, and removing takes the counts back, so there are no tombstones.
//
// A segment is built for 1.42 times its entries, may fill to 90 %, and at 691 entries splits in two: it
// is built anew once between two splits, and its load stays between 63 and 90 %.

const (
	groupSlots   = 12
	splitEntries = 691 // 64 groups at 90 %
	depthMax     = 24
	positionBits = 48 // the bits of the hash that order entries: the top 24 and the 24 of the finest home
)

// A group is a cache line of the index.
type group struct {
	low    uint64 // tags of slots 0 to 7, one byte each, 0 for a free slot
	high   uint32 // tags of slots 8 to 11
	passed uint32 // entries that lie in a later group because this one was full
	refs   [groupSlots]Ref
}

// A segment is the part of the index for one prefix of the hash.
type segment struct {
	groups  []group
	entries uint32
	depth   uint8 // bits of the prefix
}

const (
	groupBytes   = int64(unsafe.Sizeof(group{}))
	segmentBytes = int64(unsafe.Sizeof(segment{}))
)

// tagOf returns the tag of a hash, never 0.
func tagOf(hash uint64) uint8 { return max(uint8(hash), 1) }

// match returns a mask of the slots whose tag it is (0: the free slots), one bit each, for slotOf.
func (g *group) match(tag uint8) uint64 {
	const ones, sevens = 0x0101010101010101, 0x7f7f7f7f7f7f7f7f
	low := g.low ^ ones*uint64(tag)
	high := (uint64(g.high) ^ (ones>>32)*uint64(tag)) | 0xffffffff<<32
	low = ^((low&sevens + sevens) | low | sevens) // the top bit of each byte that is zero
	high = ^((high&sevens + sevens) | high | sevens)
	return low>>7 | high>>6
}

// slotOf returns the slot of the lowest bit of a mask.
func slotOf(mask uint64) int {
	bit := bits.TrailingZeros64(mask)
	return (bit>>3 | bit<<3) & 15 % groupSlots
}

// set fills a slot; tag and r 0 free it.
func (g *group) set(slot int, tag uint8, r Ref) {
	g.refs[slot] = r
	if shift := 8 * slot; slot < 8 {
		g.low = g.low&^(0xff<<shift) | uint64(tag)<<shift
	} else {
		shift -= 64
		g.high = g.high&^(0xff<<shift) | uint32(tag)<<shift
	}
}

// segmentOf returns the segment of a hash.
func (d *Dict) segmentOf(hash uint64) *segment { return d.directory[hash>>(64-d.depth)] }

// home returns the group where an entry of that hash belongs.
func (s *segment) home(hash uint64) int {
	return int((hash << s.depth >> (64 - depthMax)) * uint64(len(s.groups)) >> depthMax)
}

// after returns the group after one, the first after the last.
func (s *segment) after(at int) int {
	if at++; at < len(s.groups) {
		return at
	}
	return 0
}

// limit returns how many entries a segment of that many groups may hold: 90 % of the slots.
func limit(groups int) uint32 { return uint32(groups) * groupSlots * 9 / 10 }

// groupsFor returns how many groups to build for that many entries, in steps that Go's allocator does not
// round.
func groupsFor(entries, splitAt uint32) int {
	room := entries + entries*42/100
	if entries < splitAt {
		room = min(room, splitAt)
	}
	n := int(room*10/(9*groupSlots)) + 1
	switch {
	case n > 24:
		return (n + 3) &^ 3
	case n > 12:
		return (n + 1) &^ 1
	}
	return n
}

// newSegment returns an empty segment and accounts for it.
func (d *Dict) newSegment(groups int, depth uint8) *segment {
	d.held += segmentBytes + int64(groups)*groupBytes
	return &segment{groups: make([]group, groups), depth: depth}
}

// dropSegment accounts for a segment that the directory no longer leads to.
func (d *Dict) dropSegment(s *segment) { d.held -= segmentBytes + int64(len(s.groups))*groupBytes }

// link puts an entry into the index.
func (d *Dict) link(hash uint64, r Ref) {
	if d.directory == nil {
		d.directory = []*segment{d.newSegment(1, 0)}
	}
	s := d.segmentOf(hash)
	for s.entries >= limit(len(s.groups)) {
		d.grow(s, hash)
		s = d.segmentOf(hash)
	}
	s.place(hash, r)
}

// place puts an entry into a segment that has a free slot.
func (s *segment) place(hash uint64, r Ref) {
	s.entries++
	for at := s.home(hash); ; at = s.after(at) {
		g := &s.groups[at]
		if free := g.match(0); free != 0 {
			g.set(slotOf(free), tagOf(hash), r)
			return
		}
		g.passed++
	}
}

// slot returns the group and slot where an entry lies.
func (s *segment) slot(hash uint64, r Ref) (at, slot int) {
	at = s.home(hash)
	for range s.groups {
		for m := s.groups[at].match(tagOf(hash)); m != 0; m &= m - 1 {
			if slot = slotOf(m); s.groups[at].refs[slot] == r {
				return at, slot
			}
		}
		at = s.after(at)
	}
	panic("dict: not an entry")
}

// relink replaces the Ref of an entry whose block moved.
func (d *Dict) relink(hash uint64, old, moved Ref) {
	s := d.segmentOf(hash)
	at, slot := s.slot(hash, old)
	s.groups[at].refs[slot] = moved
}

// unlink takes an entry out of the index.
func (d *Dict) unlink(hash uint64, r Ref) {
	s := d.segmentOf(hash)
	end, slot := s.slot(hash, r)
	for at := s.home(hash); at != end; at = s.after(at) {
		s.groups[at].passed--
	}
	s.groups[end].set(slot, 0, 0)
	s.entries--
}

// grow makes room in a full segment by splitting it, or by building it anew with more groups while it is
// small. The depth is bounded by what the number of entries calls for: keys chosen to collide make one
// segment long, and do not double the directory without end.
func (d *Dict) grow(s *segment, hash uint64) {
	deepest := min(bits.Len(uint(d.entries)/uint(d.splitAt))+4, depthMax)
	if s.entries >= d.splitAt && int(s.depth) < deepest {
		d.split(s, hash)
		return
	}
	d.rebuild(s, groupsFor(max(s.entries, limit(len(s.groups))), d.splitAt))
}

// rebuild moves a segment's entries into that many new groups.
func (d *Dict) rebuild(s *segment, groups int) {
	old := *s
	d.held += int64(groups-len(old.groups)) * groupBytes
	*s = segment{groups: make([]group, groups), depth: s.depth}
	d.pour(&old, s)
}

// pour places the entries of a segment in another.
func (d *Dict) pour(from, to *segment) {
	for i := range from.groups {
		for _, r := range &from.groups[i].refs {
			if r != 0 {
				to.place(d.hashOf(r), r)
			}
		}
	}
}

// split replaces a segment by two whose prefixes are one bit longer. Reading the keys is what takes time,
// so their hashes are kept between sizing the two and filling them.
func (d *Dict) split(s *segment, hash uint64) {
	if s.depth == d.depth {
		d.doubleDirectory()
	}
	var buffer [splitEntries]hashed
	all, ones := buffer[:0], uint32(0)
	for i := range s.groups {
		for _, r := range &s.groups[i].refs {
			if r != 0 {
				all = append(all, hashed{d.hashOf(r), r})
				ones += uint32(all[len(all)-1].hash << s.depth >> 63)
			}
		}
	}
	halves := [2]*segment{
		d.newSegment(groupsFor(s.entries-ones, d.splitAt), s.depth+1),
		d.newSegment(groupsFor(ones, d.splitAt), s.depth+1),
	}
	for _, e := range all {
		halves[e.hash<<s.depth>>63].place(e.hash, e.ref)
	}
	d.dropSegment(s)
	d.setDirectory(hash, halves[0], halves[1])
}

// hashed is an entry with its hash.
type hashed struct {
	hash uint64
	ref  Ref
}

// setDirectory leads the stretch of the directory around hash to two buddies, or to one segment if they
// are the same.
func (d *Dict) setDirectory(hash uint64, zero, one *segment) {
	span := 2 << (d.depth - zero.depth)
	if zero == one {
		span /= 2
	}
	first := int(hash>>(64-d.depth)) &^ (span - 1)
	for i := range span {
		if i < span/2 {
			d.directory[first+i] = zero
		} else {
			d.directory[first+i] = one
		}
	}
}

// doubleDirectory makes the directory tell one more bit of the hash apart.
func (d *Dict) doubleDirectory() {
	doubled := make([]*segment, 2*len(d.directory))
	for i, s := range d.directory {
		doubled[2*i], doubled[2*i+1] = s, s
	}
	d.directory = doubled
	d.depth++
}

// shrink merges the segment of a hash with its buddy while both together are at most half of what one may
// hold, and gives up groups that are mostly empty.
func (d *Dict) shrink(hash uint64) {
	s := d.segmentOf(hash)
	for s.depth > 0 && s.entries <= d.splitAt/2 {
		buddy := d.segmentOf(hash ^ 1<<(64-s.depth))
		if buddy.depth != s.depth || buddy.entries+s.entries > d.splitAt/2 {
			break
		}
		s = d.merge(hash, s, buddy)
	}
	if len(s.groups) > 1 && s.entries < limit(len(s.groups))/4 {
		d.rebuild(s, groupsFor(s.entries, d.splitAt))
	}
}

// merge replaces two buddies by one segment.
func (d *Dict) merge(hash uint64, s, buddy *segment) *segment {
	merged := d.newSegment(groupsFor(s.entries+buddy.entries, d.splitAt), s.depth-1)
	d.pour(s, merged)
	d.pour(buddy, merged)
	d.dropSegment(s)
	d.dropSegment(buddy)
	d.setDirectory(hash, merged, merged)
	if s.depth == d.depth {
		d.halveDirectory()
	}
	return merged
}

// halveDirectory gives up bits of the hash that no segment needs.
func (d *Dict) halveDirectory() {
	for d.depth > 0 {
		for i := 0; i < len(d.directory); i += 2 {
			if d.directory[i].depth == d.depth {
				return
			}
		}
		halved := make([]*segment, len(d.directory)/2)
		for i := range halved {
			halved[i] = d.directory[2*i]
		}
		d.directory = halved
		d.depth--
	}
}
