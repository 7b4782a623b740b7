package geo

import "math"

// Shape is the area of a search: a circle, or a box whose sides run along meridians and parallels.
type Shape struct {
	Center        Point
	Box           bool
	Radius        float64 // of a circle, in metres
	Width, Height float64 // of a box, in metres
}

// Range is a range of scores: From <= score < To.
type Range struct{ From, To float64 }

// MaxRanges is how many ranges of scores a search looks at.
const MaxRanges = 9

// Contains returns the distance of a point from the centre in metres, and whether it lies in the shape.
func (s *Shape) Contains(p Point) (metres float64, inside bool) {
	c := s.Center
	if s.Box {
		if latitudeDistance(p.Latitude, c.Latitude) > s.Height/2 ||
			distance(p.Longitude, p.Latitude, c.Longitude, p.Latitude) > s.Width/2 {
			return 0, false
		}
		return Distance(c, p), true
	}
	if latitudeDistance(p.Latitude, c.Latitude) > s.Radius*1.000001+1 {
		return 0, false // too far without knowing how far exactly
	}
	metres = Distance(c, p)
	return metres, !(metres > s.Radius)
}

// bounds returns the box of degrees around the shape.
func (s *Shape) bounds() area {
	height, width := s.Height/2, s.Width/2
	if !s.Box {
		height, width = s.Radius, s.Radius
	}
	c := s.Center
	up := height / earthRadius / radians
	edge := c.Latitude + up // the longer side: a parallel is the shorter the nearer it is to a pole
	if c.Latitude < 0 {
		edge = c.Latitude - up
	}
	aside := width / earthRadius / cosine(edge*radians) / radians
	return area{
		Point{c.Longitude - aside, c.Latitude - up},
		Point{c.Longitude + aside, c.Latitude + up},
	}
}

// step returns the grid whose cells are about as large as the shape.
func (s *Shape) step() uint {
	metres := s.Radius
	if s.Box {
		metres = math.Sqrt(float64(s.Width/2*(s.Width/2)) + float64(s.Height/2*(s.Height/2)))
	}
	if metres == 0 {
		return maxStep
	}
	step := -1
	for ; metres < mercatorHalf; metres *= 2 {
		step++
	}
	if latitude := math.Abs(s.Center.Latitude); latitude > 80 {
		step -= 2
	} else if latitude > 66 {
		step--
	}
	return uint(max(1, min(step, maxStep)))
}

// The neighbours of a cell in the order in which they are searched, after the cell itself: columns to the
// right and rows up.
var neighbors = [...]struct{ east, north int64 }{
	{0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {-1, 1}, {1, -1}, {-1, -1},
}

// Ranges returns the ranges of scores that cover the shape, in the order in which they are searched.
func (s *Shape) Ranges(room *[MaxRanges]Range) []Range {
	bounds := s.bounds()
	center := cellOf(s.Center, s.step(), MaxLatitude)
	if center.step > 1 && !center.covers(&bounds) {
		center = cellOf(s.Center, center.step-1, MaxLatitude)
	}
	around := center.area()
	ranges := append(room[:0], center.scores())
	last := cell{}
	for _, n := range neighbors {
		if center.step >= 2 && outside(n.east, n.north, &around, &bounds) {
			continue
		}
		c := center.next(n.east, n.north)
		if c == last {
			continue // on a coarse grid the cell to the left is the one to the right
		}
		last = c
		ranges = append(ranges, c.scores())
	}
	return ranges
}

// covers reports whether the cell and its neighbours reach as far as the bounds.
func (c cell) covers(bounds *area) bool {
	return c.next(0, 1).area().high.Latitude >= bounds.high.Latitude &&
		c.next(0, -1).area().low.Latitude <= bounds.low.Latitude &&
		c.next(1, 0).area().high.Longitude >= bounds.high.Longitude &&
		c.next(-1, 0).area().low.Longitude <= bounds.low.Longitude
}

// outside reports whether the bounds do not reach from a cell into the neighbour on that side.
func outside(east, north int64, around, bounds *area) bool {
	return north < 0 && around.low.Latitude < bounds.low.Latitude ||
		north > 0 && around.high.Latitude > bounds.high.Latitude ||
		east < 0 && around.low.Longitude < bounds.low.Longitude ||
		east > 0 && around.high.Longitude > bounds.high.Longitude
}
