package dict

// A cursor is a position in the order of the hash: the top 48 bits of it. Every entry has its position
// for life, and a segment, as well as a group in it, is home to a contiguous stretch of positions. A scan
// visits the entries from its cursor to the end of that stretch, whatever the segments look like by then:
// every entry that is there during the whole scan is visited exactly once, however the Dict grows and
// shrinks between the calls, and whether a scan has passed a key is a comparison of two numbers. (48 bits
// also survive clients that keep cursors in a float64.)

// position returns the place of a hash in the order of scans.
func position(hash uint64) uint64 { return hash >> (64 - positionBits) }

// Scan visits the entries of one group, a dozen or so, from cursor on and returns the cursor to go on
// with, 0 at the end. Begin with 0; any number is a legal cursor. visit must not change the Dict.
func (d *Dict) Scan(cursor uint64, visit func(Ref)) uint64 {
	var buffer [2 * groupSlots]Ref
	refs, next := d.stretch(cursor, buffer[:0])
	for _, r := range refs {
		visit(r)
	}
	return next
}

// Scanned reports whether a scan that has returned cursor to go on with has passed key: an entry for key,
// if there is one, has been visited, and if one is added now, will not be. It is exact whatever has
// changed since. At the end, where the cursor is 0, all has been passed, which the caller knows.
func (d *Dict) Scanned(cursor uint64, key []byte) bool { return position(d.Hash(key)) < cursor }

// stretch appends the entries from cursor to the end of its group to refs, and returns where the next
// group begins, 0 after the last.
func (d *Dict) stretch(cursor uint64, refs []Ref) ([]Ref, uint64) {
	if cursor >= 1<<positionBits || d.entries == 0 {
		return refs, 0
	}
	hash := cursor << (64 - positionBits)
	s := d.segmentOf(hash)
	home := s.home(hash)
	next := s.end(cursor, home)
	at := home
	for range s.groups {
		g := &s.groups[at]
		for _, r := range &g.refs {
			if r == 0 {
				continue
			}
			if p := position(d.hashOf(r)); p >= cursor && p < next {
				refs = append(refs, r)
			}
		}
		if g.passed == 0 {
			break
		}
		at = s.after(at)
	}
	return refs, next & (1<<positionBits - 1)
}

// end returns the first position after those at home in a group of the segment of cursor.
func (s *segment) end(cursor uint64, home int) uint64 {
	width := positionBits - uint(s.depth) // bits of position within the segment
	start := cursor >> width << width
	n := uint64(len(s.groups))
	part := ((uint64(home)+1)<<depthMax + n - 1) / n // the least 24-bit fraction of the next group
	return start + part<<(width-depthMax)
}

// An Iter walks every entry in the order of scans. The current entry may be removed or resized; other
// changes are not allowed on the way.
type Iter struct {
	dict   *Dict
	cursor uint64
	ended  bool
	refs   []Ref // of the group the walk is in
	passed int   // how many of them it has returned
}

// Iter returns a walk that begins with the first entry.
func (d *Dict) Iter() Iter { return Iter{dict: d} }

// Next returns the next entry, 0 after the last.
func (i *Iter) Next() Ref {
	for i.passed == len(i.refs) {
		if i.ended {
			return 0
		}
		i.refs, i.cursor = i.dict.stretch(i.cursor, i.refs[:0])
		i.passed, i.ended = 0, i.cursor == 0
	}
	i.passed++
	return i.refs[i.passed-1]
}

// Random returns an entry chosen by rnd, which returns 64 random bits a call; 0 if there is none. Entries
// of one segment are equally likely, and segments as likely as their share of the hash, so the chances of
// two entries differ by the luck of the hash: some percent in a large Dict, nothing in one of up to 691
// entries.
func (d *Dict) Random(rnd func() uint64) Ref {
	if d.entries == 0 {
		return 0
	}
	at := rnd()
	s := d.segmentOf(at)
	slots := uint64(len(s.groups) * groupSlots)
	// A segment is at least a fifth full, unless it is empty: all these tries fail once in a million times.
	for range 64 {
		n := (rnd() >> 32) * slots >> 32
		if r := s.groups[n/groupSlots].refs[n%groupSlots]; r != 0 {
			return r
		}
	}
	return d.following(position(at))
}

// following returns the first entry from a position on, around the end if need be, of a Dict that has one.
func (d *Dict) following(cursor uint64) Ref {
	for {
		refs, next := d.stretch(cursor, nil)
		if len(refs) > 0 {
			return refs[0]
		}
		cursor = next
	}
}
