package prng

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The first outputs of the authors' C program from the state 1, 2, 3, 4.
func TestUint64IsXoshiro256PlusPlus(t *testing.T) {
	r := &Rand{state: [4]uint64{1, 2, 3, 4}}
	want := []uint64{
		41943041, 58720359, 3588806011781223, 3591011842654386, 9228616714210784205, 9973669472204895162,
		14011001112246962877, 12406186145184390807, 15849039046786891736, 10450023813501588000,
	}
	for _, n := range want {
		assert.Equal(t, n, r.Uint64())
	}
}

// The first outputs of splitmix64 from 1234567, as its reference program prints them.
func TestSeedGoesThroughSplitmix64(t *testing.T) {
	want := [4]uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431}
	assert.Equal(t, want, New(1234567).state)
}

func TestSameSeedSameSequence(t *testing.T) {
	a, b, c := New(0), New(0), New(1)
	for range 100 {
		n := a.Uint64()
		assert.Equal(t, n, b.Uint64())
		assert.NotEqual(t, n, c.Uint64())
	}
}

func TestIntnIsEvenAndInRange(t *testing.T) {
	r := New(7)
	var counts [6]int
	for range 60000 {
		counts[r.Intn(6)]++
	}
	for _, count := range counts {
		assert.InDelta(t, 10000, count, 400)
	}
	assert.Zero(t, r.Intn(1))
	// Without rejection, a third of the range of 3 × 2^61 would come up twice as often as the rest.
	const n = 3 << 61
	low := 0
	for range 30000 {
		x := r.Intn(n)
		assert.True(t, x >= 0 && x < n)
		if x%3 == 0 {
			low++
		}
	}
	assert.InDelta(t, 10000, low, 400)
	assert.Less(t, r.Intn(math.MaxInt64), int64(math.MaxInt64))
	assert.Panics(t, func() { r.Intn(0) })
	assert.Panics(t, func() { r.Intn(-1) })
}

func TestFloat64IsInRange(t *testing.T) {
	r := New(9)
	sum := 0.0
	for range 10000 {
		f := r.Float64()
		assert.True(t, f >= 0 && f < 1)
		sum += f
	}
	assert.InDelta(t, 5000, sum, 150)
}
