package dict

// WarmMax is how many keys one call of Warm takes.
const WarmMax = 32

// Warm brings what Find will read for some keys into the processor's caches; it changes nothing that can
// be seen. A look-up in a table larger than the caches waits for memory twice, for the index and for the
// block, and each wait depends on the one before. Here the loads of different keys do not depend on
// each other, so the processor overlaps their waits: sixteen keys take little longer than one. Valkey 8
// prefetches for the same reason; the loads here are plain ones, which every architecture has.
//
// The sum of what was read is returned so that no compiler drops the loads.
func (d *Dict) Warm(keys [][]byte) (sum uint64) {
	if !d.Large() || len(keys) > WarmMax {
		return 0
	}
	var hashes [WarmMax]uint64
	var groups [WarmMax]*group
	for i, key := range keys {
		hashes[i] = hashBytes(d.seed, key)
	}
	for i, hash := range hashes[:len(keys)] { // short loops, of which many turns are in flight at once
		s := d.segmentOf(hash)
		groups[i] = &s.groups[s.home(hash)]
		sum += groups[i].low
	}
	for i, hash := range hashes[:len(keys)] {
		if m := groups[i].match(tagOf(hash)); m != 0 {
			b := d.bytesFrom(groups[i].refs[slotOf(m)])
			sum += uint64(b[0]) + uint64(b[min(len(b)-1, lineBytes)])
		}
	}
	return sum
}

// WarmEntries is Warm for entries that are about to be removed, for which the index is read as well. The refs are
// good ones.
func (d *Dict) WarmEntries(refs []Ref) (sum uint64) {
	if !d.Large() {
		return 0
	}
	for _, r := range refs {
		b := d.bytesFrom(r)
		sum += uint64(b[0]) + uint64(b[min(len(b)-1, lineBytes)])
	}
	for _, r := range refs {
		hash := d.hashOf(r)
		s := d.segmentOf(hash)
		sum += s.groups[s.home(hash)].low
	}
	return sum
}

// Large reports whether warming is of use.
func (d *Dict) Large() bool { return d.held >= warmBytes }

const (
	warmBytes = 256 << 10 // a table of fewer bytes is in the caches anyway
	lineBytes = 63        // a short block reaches into the next line at most
)
