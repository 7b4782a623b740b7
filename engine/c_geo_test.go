package engine_test

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"riffle/engine/enginetest"
	"riffle/engine/geo"
)

func TestGeoEffects(t *testing.T) {
	const before = "GEOADD g 13.361389 38.115556 Palermo"
	for _, test := range []struct{ do, want string }{
		{"GEOADD g 15.087269 37.502669 Catania", "ZADD g 3479447370796909 Catania"},
		{"GEOADD g NX CH 15.087269 37.502669 Catania", "ZADD g NX CH 3479447370796909 Catania"},
		{"GEOADD g 13.361389 38.115556 Palermo", ""},
		{"GEOADD g XX 1 1 Rome", ""},
		{"GEOSEARCHSTORE d g FROMMEMBER Palermo BYRADIUS 1 km", "GEOSEARCHSTORE d g FROMMEMBER Palermo BYRADIUS 1 km"},
		{"GEOSEARCHSTORE d none FROMMEMBER Palermo BYRADIUS 1 km", ""},
		{"GEORADIUS g 13 38 100 km STORE d", "GEORADIUS g 13 38 100 km STORE d"},
		{"GEORADIUS g 0 0 1 km STORE g", "GEORADIUS g 0 0 1 km STORE g"},
		{"GEORADIUS g 13 38 100 km", ""},
		{"GEORADIUSBYMEMBER g Palermo 1 km STOREDIST d", "GEORADIUSBYMEMBER g Palermo 1 km STOREDIST d"},
	} {
		h := enginetest.New(1)
		play(t, h, before)
		assert.Equal(t, test.want, effects(t, h, test.do), test.do)
		h.CheckLaw(t)
	}
}

// TestSearchesAgainstMeasuringAll searches among many places, in a table, and compares with the distance of
// each.
func TestSearchesAgainstMeasuringAll(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	h := enginetest.New(1)
	var points []geo.Point
	for i := range 3000 {
		p := geo.Point{Longitude: random.Float64()*40 - 20, Latitude: random.Float64()*80 - 40}
		points = append(points, geo.Locate(geo.Score(p)))
		h.Do("a", "GEOADD", "g", fmt.Sprint(p.Longitude), fmt.Sprint(p.Latitude), "p"+strconv.Itoa(i))
	}
	assert.Equal(t, `"skiplist"`, play(t, h, "OBJECT ENCODING g"))
	for range 60 {
		center := geo.Point{Longitude: random.Float64()*40 - 20, Latitude: random.Float64()*80 - 40}
		radius := 10_000 + random.Float64()*random.Float64()*1_000_000
		type found struct {
			metres float64
			member string
		}
		var want []found
		for i, p := range points {
			if metres := geo.Distance(center, p); metres <= radius {
				want = append(want, found{metres, "p" + strconv.Itoa(i)})
			}
		}
		sort.Slice(want, func(i, k int) bool { return want[i].metres < want[k].metres })
		args := []string{"GEOSEARCH", "g", "FROMLONLAT", fmt.Sprint(center.Longitude), fmt.Sprint(center.Latitude),
			"BYRADIUS", fmt.Sprint(radius), "m", "ASC"}
		all := h.Do("a", args...)
		require.Len(t, all.Items, len(want))
		for i := range want {
			assert.Equal(t, want[i].member, all.Items[i].Text)
		}
		some := h.Do("a", append(args, "COUNT", "10")...)
		assert.Equal(t, all.Items[:min(10, len(want))], some.Items)
		any := h.Do("a", append(args, "COUNT", "10", "ANY")...)
		assert.Len(t, any.Items, min(10, len(want)))
	}
}

// TestSearchInItself stores what is found in the set that was searched.
func TestSearchInItself(t *testing.T) {
	h := enginetest.New(1)
	for i := range 300 {
		h.Do("a", "GEOADD", "g", strconv.Itoa(i%100), strconv.Itoa(i/100), strconv.Itoa(i))
	}
	play(t, h, "GEORADIUS g 0 0 1000 km STOREDIST g")
	assert.Equal(t, `"listpack"`, play(t, h, "OBJECT ENCODING g"))
	assert.Equal(t, `"0"`, play(t, h, "ZRANGE g 0 0")[3:])
	h.CheckLaw(t)
}
