package engine

import (
	"cmp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSortStable(t *testing.T) {
	type pair struct{ key, place int }
	for _, n := range []int{0, 1, 2, fewToSort, fewToSort + 1, 1000} {
		pairs := make([]pair, n)
		for i := range pairs {
			pairs[i] = pair{i * 7919 % 31, i}
		}
		sortStable(pairs, func(a, b pair) int { return cmp.Compare(a.key, b.key) })
		assert.True(t, slices.IsSortedFunc(pairs, func(a, b pair) int {
			return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.place, b.place))
		}), n)
		slices.SortFunc(pairs, func(a, b pair) int { return cmp.Compare(a.place, b.place) })
		for i, p := range pairs {
			assert.Equal(t, pair{i * 7919 % 31, i}, p)
		}
	}
}

func TestInsert(t *testing.T) {
	var s []int
	for _, at := range []int{0, 0, 2, 1} {
		s = insert(s, at, len(s))
	}
	assert.Equal(t, []int{1, 3, 0, 2}, s)
}
