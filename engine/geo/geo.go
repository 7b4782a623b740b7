// Package geo places points of the earth on a line, so that a sorted set can keep them, and finds the parts
// of that line which cover an area.
//
// A longitude and a latitude become 26 bits each, a fraction of their range; the bits of both are interleaved
// to a geohash of 52 bits, which a double holds exactly as a score. The 2k highest bits name a cell of a
// grid of 2^k by 2^k, and points of one cell are neighbours on the line. A search takes the cell of its
// centre on a grid about as coarse as its radius and the eight cells around: nine ranges of scores, in which
// every point is measured (haversine on a sphere). Constants, rounding and the order of cells are those of the
// reference, so that scores, distances and the order of unsorted results are the same.
package geo

import "math"

// The ranges of coordinates in degrees. Latitudes end where a Mercator map becomes a square.
const (
	MaxLongitude = 180
	MaxLatitude  = 85.05112878
)

// maxStep is the finest grid: 2^26 by 2^26 cells of 0.6 by 0.3 metres at the equator.
const maxStep = 26

// radians is what a degree has of them.
const radians = math.Pi / 180

// earthRadius is the quadratic mean radius of WGS-84, in metres; mercatorHalf half its circumference.
const (
	earthRadius  = 6372797.560856
	mercatorHalf = 20037726.37
)

// Point is a place on earth, in degrees.
type Point struct{ Longitude, Latitude float64 }

// cell is a cell of the grid of 2^step by 2^step: its interleaved numbers, latitude in the even bits.
type cell struct {
	bits uint64
	step uint
}

// area is what a cell covers.
type area struct{ low, high Point }

// Score returns the score of a point, its geohash of 52 bits.
func Score(p Point) float64 { return float64(cellOf(p, maxStep, MaxLatitude).bits) }

// Locate returns the middle of the cell that a score names. Any score names one.
func Locate(score float64) Point {
	a := cell{fixed(score), maxStep}.area()
	return Point{
		clamp((a.low.Longitude+a.high.Longitude)/2, MaxLongitude),
		clamp((a.low.Latitude+a.high.Latitude)/2, MaxLatitude),
	}
}

func clamp(x, limit float64) float64 { return max(-limit, min(limit, x)) }

// fixed makes a score a whole number as the reference's processor does, with scores that are no geohash too.
func fixed(score float64) uint64 {
	const half = 1 << 63
	if score < half {
		return uint64(Truncate(score))
	}
	return uint64(Truncate(score-half)) ^ half
}

// Truncate makes a score a whole number, the least one if it is beyond 64 bits.
func Truncate(score float64) int64 {
	if score >= -1<<63 && score < 1<<63 {
		return int64(score)
	}
	return math.MinInt64
}

// cellOf returns the cell of a point; latitudes reach from -poles to poles.
func cellOf(p Point, step uint, poles float64) cell {
	return cell{interleave(fraction(p.Latitude, poles, step), fraction(p.Longitude, MaxLongitude, step)), step}
}

// fraction returns how far x lies between -limit and limit, in 2^step parts.
func fraction(x, limit float64, step uint) uint32 {
	return uint32(int64((x + limit) / (limit + limit) * float64(uint64(1)<<step)))
}

// interleave puts the bits of x in the even places and those of y in the odd ones.
func interleave(x, y uint32) uint64 { return spread(x) | spread(y)<<1 }

func spread(x uint32) uint64 {
	v := uint64(x)
	v = (v | v<<16) & 0x0000ffff0000ffff
	v = (v | v<<8) & 0x00ff00ff00ff00ff
	v = (v | v<<4) & 0x0f0f0f0f0f0f0f0f
	v = (v | v<<2) & 0x3333333333333333
	return (v | v<<1) & 0x5555555555555555
}

// gather is the inverse of spread.
func gather(v uint64) uint32 {
	v &= 0x5555555555555555
	v = (v | v>>1) & 0x3333333333333333
	v = (v | v>>2) & 0x0f0f0f0f0f0f0f0f
	v = (v | v>>4) & 0x00ff00ff00ff00ff
	v = (v | v>>8) & 0x0000ffff0000ffff
	return uint32(v | v>>16)
}

func (c cell) area() area {
	y, x := gather(c.bits), gather(c.bits>>1)
	return area{
		Point{c.edge(x, MaxLongitude), c.edge(y, MaxLatitude)},
		Point{c.edge(x+1, MaxLongitude), c.edge(y+1, MaxLatitude)},
	}
}

// edge returns the coordinate at which a row or column of the grid begins.
func (c cell) edge(i uint32, limit float64) float64 {
	return -limit + float64(float64(i)/float64(uint64(1)<<c.step)*(limit+limit))
}

// next returns the cell so many columns to the east and rows to the north, around the edges of the map. What
// is not moved stays, even if it lies on the upper edge of its range and so outside the grid.
func (c cell) next(east, north int64) cell {
	mask := uint32(uint64(1)<<c.step - 1)
	x, y := gather(c.bits>>1), gather(c.bits)
	if east != 0 {
		x = uint32(int64(x)+east) & mask
	}
	if north != 0 {
		y = uint32(int64(y)+north) & mask
	}
	return cell{interleave(y, x), c.step}
}

// scores returns the range of scores of the points in the cell, the end excluded.
func (c cell) scores() Range {
	shift := 2 * (maxStep - c.step)
	return Range{float64(c.bits << shift), float64((c.bits + 1) << shift)}
}

const geohashAlphabet = "0123456789bcdefghjkmnpqrstuvwxyz"

// AppendHash appends the standard geohash of a score, eleven letters of which the last is always "0": it
// would need three bits more than there are.
func AppendHash(dst []byte, score float64) []byte {
	bits := cellOf(Locate(score), maxStep, 90).bits
	for shift := 2*maxStep - 5; shift >= 0; shift -= 5 {
		dst = append(dst, geohashAlphabet[bits>>shift&31])
	}
	return append(dst, '0')
}

// Distance returns the length of the great circle between two points, in metres.
func Distance(p, q Point) float64 {
	return distance(p.Longitude, p.Latitude, q.Longitude, q.Latitude)
}

// distance is the haversine formula. Each step is rounded as the reference rounds it.
func distance(lon1, lat1, lon2, lat2 float64) float64 {
	v := sine((float64(lon2*radians) - float64(lon1*radians)) / 2)
	if v == 0 {
		return latitudeDistance(lat1, lat2)
	}
	lat1, lat2 = float64(lat1*radians), float64(lat2*radians)
	u := sine((lat2 - lat1) / 2)
	a := float64(u*u) + float64(float64(float64(cosine(lat1)*cosine(lat2))*v)*v)
	return 2.0 * earthRadius * arcSine(math.Sqrt(a))
}

// latitudeDistance returns the distance of two points of one meridian.
func latitudeDistance(lat1, lat2 float64) float64 {
	return earthRadius * math.Abs(float64(lat2*radians)-float64(lat1*radians))
}
