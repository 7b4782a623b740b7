package dict

import (
	"math/rand"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRefsModel(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	var s Refs
	want := map[Ref]bool{}
	ref := func() Ref { return Ref(1<<offsetBits + rnd.Intn(1<<(3+rnd.Intn(16)))) }
	for step := range 50_000 {
		r := ref()
		switch n := rnd.Intn(10); {
		case n < 5 && step/10_000%2 == 0 || n < 2:
			s.Add(r)
			want[r] = true
		case n < 8:
			s.Remove(r)
			delete(want, r)
		default:
			moved := ref()
			s.Replace(r, moved)
			if want[r] {
				delete(want, r)
				want[moved] = true
			}
		}
		require.Equal(t, want[r], s.Has(r))
		require.Equal(t, len(want), s.Len())
		if step%5000 == 0 {
			checkRefs(t, &s, want)
		}
	}
	for r := range want {
		require.NotZero(t, s.Random(rnd.Uint64))
		s.Remove(r)
	}
	assert.Equal(t, (&Refs{}).Size(), s.Size())
	assert.False(t, s.Has(0))
	assert.Zero(t, s.Random(rnd.Uint64))
}

func checkRefs(t *testing.T, s *Refs, want map[Ref]bool) {
	got := map[Ref]bool{}
	for cursor, steps := uint64(0), 0; ; steps++ {
		require.Less(t, steps, 1_000_000)
		n := 0
		cursor = s.Scan(cursor, func(r Ref) {
			require.False(t, got[r])
			got[r] = true
			n++
		})
		require.LessOrEqual(t, n, 64)
		if cursor == 0 {
			break
		}
	}
	require.Equal(t, want, got)
	held := int64(0)
	for _, p := range s.pages {
		held += 8 * int64(cap(p.words))
	}
	require.Equal(t, held, s.held)
}

func TestRefsOfADict(t *testing.T) {
	needUsualSizes(t)
	d := New(1)
	var s Refs
	for i := range 200_000 {
		s.Add(d.Insert(key(i), 0, 16))
	}
	assert.Less(t, float64(s.Size())/float64(s.Len()), 1.0)
	count := 0
	for cursor := s.Scan(0, func(Ref) { count++ }); cursor != 0; {
		cursor = s.Scan(cursor, func(r Ref) {
			count++
			require.NotZero(t, len(d.Key(r)))
		})
	}
	assert.Equal(t, 200_000, count)
	for _, cursor := range []uint64{5, 1 << 20, 1 << 40, 1<<64 - 1} {
		s.Scan(cursor, func(r Ref) { require.True(t, s.Has(r)) })
	}
}

func TestRefsRandomReachesAll(t *testing.T) {
	rnd := rand.New(rand.NewSource(1))
	d := New(1)
	var s Refs
	for i := range 20_000 {
		if r := d.Insert(key(i), 0, 16); i%20 == 0 {
			s.Add(r)
		}
	}
	counts := map[Ref]int{}
	for range 100_000 {
		counts[s.Random(rnd.Uint64)]++
	}
	assert.Len(t, counts, s.Len())
}
