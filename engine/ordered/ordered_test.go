package ordered

import (
	"bytes"
	"cmp"
	"math"
	"math/rand"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// pair is an element of the model: a sorted slice.
type pair struct {
	score float64
	ref   uint32
}

func memberOf(ref uint32) []byte { return strconv.AppendUint(nil, uint64(ref)%100_000, 10) }

func comparePairs(a, b pair) int {
	return cmp.Or(cmp.Compare(a.score, b.score), bytes.Compare(memberOf(a.ref), memberOf(b.ref)))
}

// check compares the tree with the model, both ways, and its nodes with what they say of each other.
func check(t *testing.T, tree *Tree, model []pair) {
	t.Helper()
	require.Equal(t, len(model), tree.Len())
	i := 0
	for c := tree.At(0); c.Valid(); c.Next() {
		score, ref := c.Element()
		require.Equal(t, model[i], pair{score, ref})
		i++
	}
	require.Equal(t, len(model), i)
	for c := tree.At(len(model) - 1); c.Valid(); c.Prev() {
		i--
		score, ref := c.Element()
		require.Equal(t, model[i], pair{score, ref})
	}
	require.Zero(t, i)
	if tree.root != none {
		require.EqualValues(t, len(model), checkNode(t, tree, tree.root, tree.height))
	}
}

func checkNode(t *testing.T, tree *Tree, number uint32, height int) (elements uint32) {
	if height == 0 {
		require.Positive(t, tree.leaves[number].n)
		return uint32(tree.leaves[number].n)
	}
	p := tree.inners[number]
	require.Positive(t, p.n)
	for i := range int(p.n) {
		n := checkNode(t, tree, p.children[i], height-1)
		require.Equal(t, p.counts[i], n)
		score, ref := p.scores[i], p.refs[i]
		tree.refresh(p, i, height-1)
		require.Equal(t, pair{p.scores[i], p.refs[i]}, pair{score, ref}, "the first element below")
		elements += n
	}
	return elements
}

func TestTreeAgainstAModel(t *testing.T) {
	for name, scoreOf := range map[string]func(r *rand.Rand, i int) float64{
		"random":     func(r *rand.Rand, i int) float64 { return r.NormFloat64() },
		"ascending":  func(r *rand.Rand, i int) float64 { return float64(i) },
		"descending": func(r *rand.Rand, i int) float64 { return -float64(i) },
		"few scores": func(r *rand.Rand, i int) float64 { return float64(r.Intn(3)) },
		"infinities": func(r *rand.Rand, i int) float64 { return math.Inf(r.Intn(2)*2 - 1) },
	} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewSource(7))
			tree := New(memberOf)
			var model []pair
			for i := range 9000 {
				p := pair{scoreOf(r, i), uint32(i)}
				tree.Insert(p.score, p.ref)
				at, _ := slices.BinarySearchFunc(model, p, comparePairs)
				model = slices.Insert(model, at, p)
				if i%1500 == 0 {
					check(t, tree, model)
				}
			}
			check(t, tree, model)
			for rank, p := range model {
				if rank%37 == 0 {
					require.Equal(t, rank, rankOf(tree, p))
				}
			}
			for len(model) > 0 {
				at := r.Intn(len(model))
				if len(model)%3 == 0 {
					at = min(at, 20) // thins out one end more than the other
				}
				if len(model)%2 == 0 {
					tree.RemoveAt(at)
				} else {
					tree.Remove(model[at].score, model[at].ref)
				}
				model = slices.Delete(model, at, at+1)
				if len(model)%1000 == 0 || len(model) < 5 {
					check(t, tree, model)
				}
			}
			require.Less(t, tree.Size(), int64(300), "everything was given back")
		})
	}
}

func rankOf(tree *Tree, p pair) int {
	return tree.Search(func(score float64, ref uint32) bool { return comparePairs(pair{score, ref}, p) < 0 })
}

func TestSearchAtTheEnds(t *testing.T) {
	tree := New(memberOf)
	always := func(float64, uint32) bool { return true }
	never := func(float64, uint32) bool { return false }
	require.Zero(t, tree.Search(always))
	for i := range 1000 {
		tree.Insert(float64(i), uint32(i))
	}
	require.Equal(t, 1000, tree.Search(always))
	require.Zero(t, tree.Search(never))
	for _, rank := range []int{-1, 1000} {
		c := tree.At(rank)
		require.False(t, c.Valid())
	}
}

func TestReplace(t *testing.T) {
	tree := New(memberOf)
	var model []pair
	for i := range uint32(5000) {
		p := pair{float64(i % 7), i}
		tree.Insert(p.score, p.ref)
		model = append(model, p)
	}
	for i := range model {
		// The member of ref+100000 is that of ref.
		tree.Replace(model[i].score, model[i].ref, model[i].ref+100_000)
		model[i].ref += 100_000
	}
	slices.SortFunc(model, comparePairs)
	check(t, tree, model)
}

func TestBytesOfAnElement(t *testing.T) {
	for name, c := range map[string]struct {
		score func(i int) float64
		most  float64
	}{
		"random":     {func(i int) float64 { return rand.New(rand.NewSource(int64(i))).Float64() }, 19},
		"ascending":  {func(i int) float64 { return float64(i) }, 13.5},
		"descending": {func(i int) float64 { return -float64(i) }, 13.5},
	} {
		t.Run(name, func(t *testing.T) {
			tree := New(memberOf)
			for i := range 50_000 {
				tree.Insert(c.score(i), uint32(i))
			}
			require.Less(t, float64(tree.Size())/50_000, c.most)
		})
	}
}

func BenchmarkInsertRandom(b *testing.B) {
	r := rand.New(rand.NewSource(1))
	scores := make([]float64, b.N)
	for i := range scores {
		scores[i] = r.Float64()
	}
	tree := New(memberOf)
	b.ResetTimer()
	for i := range b.N {
		tree.Insert(scores[i], uint32(i))
	}
}

func BenchmarkRank(b *testing.B) {
	tree := New(memberOf)
	r := rand.New(rand.NewSource(1))
	for i := range 1_000_000 {
		tree.Insert(r.Float64(), uint32(i))
	}
	b.ResetTimer()
	for range b.N {
		wanted := r.Float64()
		tree.Search(func(score float64, _ uint32) bool { return score < wanted })
	}
}

// TestSmaller compares with counting, at every boundary of sizes, signs and both zeros.
func TestSmaller(t *testing.T) {
	zero := math.Copysign(0, -1)
	all := []float64{math.Inf(-1), -1e300, -2, -1, -1e-300, zero, 0, zero, 0, 1e-300, 1, 2, 1e300, math.Inf(1)}
	for n := range len(all) + 1 {
		for _, score := range append([]float64{-3, 1.5, 3}, all...) {
			expected := 0
			for _, s := range all[:n] {
				if s < score {
					expected++
				}
			}
			require.Equal(t, expected, smaller(all[:n], score), "%v in %v", score, all[:n])
		}
	}
}

// TestTreeWithoutMembers orders equal scores by their refs.
func TestTreeWithoutMembers(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	tree, model := New(nil), map[[2]uint32]bool{}
	for range 20_000 {
		e := [2]uint32{uint32(random.Intn(5)), uint32(random.Intn(3000))}
		if model[e] {
			tree.Remove(float64(e[0]), e[1])
			delete(model, e)
		} else {
			tree.Insert(float64(e[0]), e[1])
			model[e] = true
		}
	}
	last, n := [2]uint32{}, 0
	for at := tree.At(0); at.Valid(); at.Next() {
		score, ref := at.Element()
		e := [2]uint32{uint32(score), ref}
		require.True(t, model[e])
		require.True(t, n == 0 || last[0] < e[0] || last[0] == e[0] && last[1] < e[1])
		last = e
		n++
	}
	require.Equal(t, len(model), n)
}
