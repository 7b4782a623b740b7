package engine

import "slices"

// The compiler makes code of its own for every type that a generic function is used with. What package slices
// has for sorting and inserting is much code; these two are little, and the engine uses them instead.

// insert puts v into s at an index that is at most the length. It moves what follows: O(n).
func insert[T any](s []T, at int, v T) []T {
	s = append(s, v)
	copy(s[at+1:], s[at:])
	s[at] = v
	return s
}

// fewToSort is up to which length things are put into their places one by one.
const fewToSort = 12

// sortStable brings s into order and leaves equals as they stand: O(n log² n). It sorts the numbers of what
// are more than a few, with room for those and for a copy of s.
func sortStable[T any](s []T, compare func(a, b T) int) {
	if len(s) <= fewToSort {
		for i := range s {
			for k := i; k > 0 && compare(s[k], s[k-1]) < 0; k-- {
				s[k], s[k-1] = s[k-1], s[k]
			}
		}
		return
	}
	order := make([]int, len(s))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return compare(s[i], s[j]) })
	before := append([]T(nil), s...)
	for k, i := range order {
		s[k] = before[i]
	}
}
