package dict

import "math"

// Reserve prepares an empty Dict for about n entries: its index is built at once, so that filling it splits
// no segment. Splitting is a third of what filling a large Dict costs, since it reads every key again. It
// costs the index's 8 bytes an entry whether or not the entries come.
func (d *Dict) Reserve(n int) {
	if d.entries > 0 || d.directory != nil || n <= int(d.splitAt) {
		return
	}
	for n>>d.depth > int(d.splitAt)*7/8 {
		d.depth++
	}
	// Segments differ by the luck of the hash: nearly all have at most three standard deviations more.
	mean := uint32(n >> d.depth)
	most := mean + 3*uint32(math.Sqrt(float64(mean)))
	groups := (int(most*10/(9*groupSlots)) + 4) &^ 3
	d.directory = make([]*segment, 1<<d.depth)
	for i := range d.directory {
		d.directory[i] = d.newSegment(groups, d.depth)
	}
}
