package hll

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const limit = 3000

func registersOf(t testing.TB, sketch []byte) Union {
	var u Union
	require.NoError(t, u.Merge(sketch))
	return u
}

func TestLayoutsHoldTheSame(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, most := range []int{0, 18, 100, limit, 1 << 20} {
		var want Union
		sketch := New()
		for range 4000 {
			i, value := random.IntN(Registers), byte(1+random.IntN(51))
			if random.IntN(4) > 0 {
				i, value = i%600, 1+value%3 // runs that are split and joined
			}
			before := bytes.Clone(sketch)
			var changed bool
			var err error
			sketch, changed, err = Set(sketch, i, value, most)
			require.NoError(t, err)
			assert.Equal(t, value > want[i], changed)
			if !changed {
				require.Equal(t, before, sketch)
			}
			want[i] = max(want[i], value)
			if random.IntN(100) == 0 {
				require.Equal(t, want, registersOf(t, sketch))
			}
			require.True(t, Valid(sketch))
			require.True(t, IsDense(sketch) || len(sketch) <= max(most, 18))
		}
		require.Equal(t, want, registersOf(t, sketch))
		dense, err := Dense(sketch)
		require.NoError(t, err)
		require.Equal(t, want, registersOf(t, dense))
		one, err := Count(sketch)
		require.NoError(t, err)
		two, err := Count(dense)
		require.NoError(t, err)
		assert.Equal(t, one, two)
		assert.Equal(t, one, want.Count())
	}
}

func TestHighValuesMakeASketchDense(t *testing.T) {
	sketch, changed, err := Set(New(), 5, maxSparseValue, limit)
	require.NoError(t, err)
	assert.True(t, changed && !IsDense(sketch))
	sketch, changed, err = Set(sketch, 5, maxSparseValue+1, limit)
	require.NoError(t, err)
	assert.True(t, changed && IsDense(sketch))
	assert.Equal(t, byte(33), registersOf(t, sketch)[5])
}

func TestEstimatesAreWithinTheStandardError(t *testing.T) {
	sketch := New()
	added := 0
	for _, n := range []int{0, 1, 10, 100, 1000, 10_000, 100_000, 300_000} {
		for ; added < n; added++ {
			var err error
			sketch, _, err = Add(sketch, []byte("element:"+strconv.Itoa(added)), limit)
			require.NoError(t, err)
		}
		count, err := Count(sketch)
		require.NoError(t, err)
		assert.InDelta(t, n, float64(count), 0.02*float64(n)+1, "%d", n)
	}
}

func TestEstimateAtTheEnds(t *testing.T) {
	full := histogram{hashBits + 1: Registers}
	assert.Equal(t, uint64(1)<<63, full.estimate())
	empty := histogram{0: Registers}
	assert.Equal(t, uint64(0), empty.estimate())
	assert.True(t, math.IsInf(sigma(1), 1))
}

func TestCache(t *testing.T) {
	sketch := New()
	n, ok := Cached(sketch)
	assert.True(t, ok && n == 0)
	Invalidate(sketch)
	_, ok = Cached(sketch)
	assert.False(t, ok)
	Cache(sketch, 12345)
	n, ok = Cached(sketch)
	assert.True(t, ok && n == 12345)
	dense, err := Dense(sketch)
	require.NoError(t, err)
	n, ok = Cached(dense)
	assert.True(t, ok && n == 12345)
}

func TestRunsThatAreCutOffAreCorrupt(t *testing.T) {
	cut := append(New()[:headerSize], 0x7f)
	_, err := Count(cut)
	assert.ErrorIs(t, err, ErrCorrupt)
	_, _, err = Set(cut, 100, 1, limit)
	assert.ErrorIs(t, err, ErrCorrupt)
	_, err = Dense(cut)
	assert.ErrorIs(t, err, ErrCorrupt)
	assert.ErrorIs(t, EachRegister(cut, nil), ErrCorrupt)
	_, _, err = Set(New()[:headerSize], 0, 40, limit)
	assert.ErrorIs(t, err, ErrCorrupt)
}

// FuzzSketch feeds any bytes to everything that reads or changes a sketch.
func FuzzSketch(f *testing.F) {
	header := New()[:headerSize]
	f.Add([]byte("\x7f\xff"), []byte("a"), uint16(7), byte(3))
	f.Add([]byte("\x40\x10\x80\x81\x82\x83\x00\x7f"), []byte(""), uint16(16000), byte(40))
	f.Add([]byte("\x84\x84\x84\x84\x84\x84\x7f\xf9"), []byte("x"), uint16(1), byte(2))
	f.Add([]byte{}, []byte("y"), uint16(0), byte(1))
	f.Fuzz(func(t *testing.T, runs, element []byte, register uint16, value byte) {
		sketch := append(bytes.Clone(header), runs...)
		require.True(t, Valid(sketch))
		_, countErr := Count(sketch)
		dense, denseErr := Dense(sketch)
		assert.Equal(t, countErr, denseErr)
		AppendRuns(nil, sketch)
		var before Union
		mergeErr := before.Merge(sketch)
		assert.Equal(t, countErr, mergeErr)
		i, v := int(register)%Registers, 1+value%51
		changedSketch, changed, err := Set(bytes.Clone(sketch), i, v, limit)
		if countErr != nil {
			return
		}
		require.NoError(t, err)
		assert.Equal(t, v > before[i], changed)
		before[i] = max(before[i], v)
		assert.Equal(t, before, registersOf(t, changedSketch))
		added, _, err := Add(bytes.Clone(sketch), element, limit)
		require.NoError(t, err)
		denseAdded, _, err := Add(dense, element, limit)
		require.NoError(t, err)
		assert.Equal(t, registersOf(t, denseAdded), registersOf(t, added))
	})
}

// FuzzValid looks whether a string that is accepted can be used.
func FuzzValid(f *testing.F) {
	dense, _ := Dense(New())
	f.Add(New())
	f.Add(dense)
	f.Add(dense[:len(dense)-1])
	f.Add([]byte("HYLL\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, sketch []byte) {
		if Valid(sketch) {
			_, _ = Count(sketch)
			Cached(sketch)
			Invalidate(sketch)
			_, _, _ = Add(sketch, []byte("a"), limit)
		}
	})
}

func BenchmarkAddDense(b *testing.B) {
	sketch, _ := Dense(New())
	element := []byte("element:00000000")
	for i := range b.N {
		element[15] = byte(i)
		sketch, _, _ = Add(sketch, element, limit)
	}
}

func BenchmarkCountDense(b *testing.B) {
	sketch, _ := Dense(New())
	for range b.N {
		_, _ = Count(sketch)
	}
}
