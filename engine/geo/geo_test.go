package geo

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	palermo = Point{13.361389, 38.115556}
	catania = Point{15.087269, 37.502669}
)

func TestScoresOfTheReference(t *testing.T) {
	assert.Equal(t, 3479099956230698.0, Score(palermo))
	assert.Equal(t, 3479447370796909.0, Score(catania))
	assert.Equal(t, Point{13.361389338970184, 38.1155563954963}, Locate(Score(palermo)))
	assert.Equal(t, "sqc8b49rny0", string(AppendHash(nil, Score(palermo))))
	assert.Equal(t, "sqdtr74hyu0", string(AppendHash(nil, Score(catania))))
	assert.InDelta(t, 166274.1516, Distance(Locate(Score(palermo)), Locate(Score(catania))), 5e-5)
}

func randomPoint(random *rand.Rand, latitude float64) Point {
	return Point{(random.Float64()*2 - 1) * MaxLongitude, (random.Float64()*2 - 1) * latitude}
}

func TestPlacesAreFoundAgain(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		p := randomPoint(random, MaxLatitude)
		q := Locate(Score(p))
		assert.InDelta(t, p.Longitude, q.Longitude, 360./(1<<maxStep))
		assert.InDelta(t, p.Latitude, q.Latitude, 2*MaxLatitude/(1<<maxStep))
		assert.Equal(t, Score(q), Score(Locate(Score(q))))
		assert.Less(t, Distance(p, q), 0.6)
	}
}

func TestDistances(t *testing.T) {
	half := math.Pi * earthRadius
	assert.InDelta(t, half, Distance(Point{0, 0}, Point{180, 0}), 1e-7)
	assert.InDelta(t, half, Distance(Point{-90, 45}, Point{90, -45}), 1e-3)
	assert.Equal(t, 0.0, Distance(palermo, palermo))
	assert.InDelta(t, half/180, Distance(Point{7, 1}, Point{7, 2}), 1e-6)
	random := rand.New(rand.NewPCG(2, 2))
	for range 1000 {
		p, q := randomPoint(random, MaxLatitude), randomPoint(random, MaxLatitude)
		assert.InDelta(t, Distance(p, q), Distance(q, p), 1e-6)
		assert.LessOrEqual(t, Distance(p, q), half*1.0000001)
		assert.GreaterOrEqual(t, Distance(p, q), latitudeDistance(p.Latitude, q.Latitude)-1e-6)
	}
}

// A search must look wherever a point of its shape may be. Near the poles the grid is too fine for that, and
// in the reference, too.
func TestRangesCoverTheShape(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	found := 0
	for range 20_000 {
		s := Shape{Center: randomPoint(random, 60), Radius: math.Pow(10, 1+random.Float64()*5)}
		if random.IntN(2) == 0 {
			s.Box, s.Width, s.Height = true, s.Radius*random.Float64(), s.Radius*random.Float64()
		}
		degrees := s.Radius / 111_000
		p := Point{
			s.Center.Longitude + (random.Float64()*2-1)*degrees,
			clamp(s.Center.Latitude+(random.Float64()*2-1)*degrees, MaxLatitude),
		}
		if _, inside := s.Contains(p); !inside || math.Abs(p.Longitude) > MaxLongitude {
			continue
		}
		found++
		var room [MaxRanges]Range
		within := func(r Range) bool { return r.From <= Score(p) && Score(p) < r.To }
		assert.True(t, slices.ContainsFunc(s.Ranges(&room), within), "%+v %+v", s, p)
	}
	assert.Greater(t, found, 5000)
}

func TestNeighborsOfTheUpperEdge(t *testing.T) {
	corner := cellOf(Point{MaxLongitude, MaxLatitude}, 3, MaxLatitude)
	assert.Equal(t, uint32(8), gather(corner.bits))
	assert.Equal(t, uint32(7), gather(corner.next(0, -1).bits))
	assert.Equal(t, uint32(8), gather(corner.next(1, 0).bits), "what is not moved stays")
	assert.Equal(t, uint32(1), gather(corner.next(1, 0).bits>>1))
}

func TestSortOfAPart(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	for range 500 {
		places := make([]Place, 1+random.IntN(120))
		for i := range places {
			places[i].Metres = float64(random.IntN(1 + random.IntN(100)))
		}
		count, descending := random.IntN(len(places)+1), random.IntN(2) == 0
		want := slices.Clone(places)
		Sort(want, len(want), descending)
		Sort(places, count, descending)
		for i := range count {
			require.Equal(t, want[i].Metres, places[i].Metres)
		}
	}
}

// FuzzSearch locates any scores and searches around them with any shape.
func FuzzSearch(f *testing.F) {
	f.Add(0.0, 1.0, 1.0, false)
	f.Add(-1.0, 1e300, 0.0, true)
	f.Add(math.Inf(1), math.Inf(1), math.Inf(1), true)
	f.Add(1e300, 5e-324, 1e7, false)
	f.Add(math.NaN(), 3e6, 3e6, true)
	f.Fuzz(func(t *testing.T, score, width, height float64, box bool) {
		p := Locate(score)
		require.True(t, math.Abs(p.Longitude) <= MaxLongitude && math.Abs(p.Latitude) <= MaxLatitude)
		require.Len(t, AppendHash(nil, score), 11)
		s := Shape{Center: p, Box: box, Radius: math.Abs(width), Width: math.Abs(width), Height: math.Abs(height)}
		var room [MaxRanges]Range
		ranges := s.Ranges(&room)
		require.LessOrEqual(t, len(ranges), MaxRanges)
		for _, r := range ranges {
			require.Less(t, r.From, r.To)
		}
		metres, _ := s.Contains(Point{-p.Longitude, -p.Latitude})
		require.False(t, math.IsNaN(metres))
	})
}

func BenchmarkDistance(b *testing.B) {
	for range b.N {
		Distance(palermo, catania)
	}
}
