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
	if d.held < warmBytes || len(keys) > WarmMax {
		return 0
	}
	var groups [WarmMax]*group
	var tags [WarmMax]uint8
	for i, key := range keys {
		hash := hashBytes(d.seed, key)
		s := d.segmentOf(hash)
		groups[i], tags[i] = &s.groups[s.home(hash)], tagOf(hash)
		sum += groups[i].low
	}
	for i := range keys {
		if m := groups[i].match(tags[i]); m != 0 {
			b := d.bytesFrom(groups[i].refs[slotOf(m)])
			sum += uint64(b[0]) + uint64(b[min(len(b)-1, lineBytes)])
		}
	}
	return sum
}

const (
	warmBytes = 256 << 10 // a table of fewer bytes is in the caches anyway
	lineBytes = 63        // a short block reaches into the next line at most
)
