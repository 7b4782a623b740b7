package geo

import "slices"

// Place is a member of a set of points that a search has found.
type Place struct {
	Member []byte
	Score  float64
	Point  Point
	Metres float64 // from the centre of the search
}

// nearer compares by distance: negative if a comes before b.
func nearer(a, b *Place, descending bool) int {
	switch {
	case a.Metres == b.Metres:
		return 0
	case a.Metres > b.Metres != descending:
		return 1
	}
	return -1
}

// Sort puts the first count places in the order of their distance, from the nearest or the farthest on; the
// others may be in any order. Places as far as each other are in the order of the reference, which sorts a
// whole list by merging and the start of one by Bentley and McIlroy's quicksort ("Engineering a sort
// function", 1993), whose parts beyond count are left alone.
func Sort(places []Place, count int, descending bool) {
	if count >= len(places) {
		slices.SortStableFunc(places, func(a, b Place) int { return nearer(&a, &b, descending) })
		return
	}
	s := sorter{places, count, descending}
	s.sort(0, len(places))
}

type sorter struct {
	places     []Place
	count      int
	descending bool
}

func (s *sorter) compare(i, j int) int { return nearer(&s.places[i], &s.places[j], s.descending) }

func (s *sorter) swap(i, j int) { s.places[i], s.places[j] = s.places[j], s.places[i] }

// sort sorts the places from start to end, end excluded.
func (s *sorter) sort(start, end int) {
	for end-start >= 7 {
		less, greater := s.partition(start, end)
		if less > start+1 && start < s.count {
			s.sort(start, less)
		}
		if end-greater <= 1 || greater >= s.count {
			return
		}
		start = greater
	}
	for i := start + 1; i < end; i++ {
		for j := i; j > start && s.compare(j-1, j) > 0; j-- {
			s.swap(j, j-1)
		}
	}
}

// partition splits the places by one of them, and returns where those end that are less and where those begin
// that are greater. What equals the pivot is gathered at both ends first.
func (s *sorter) partition(start, end int) (less, greater int) {
	s.swap(start, s.pivot(start, end))
	a, b := start+1, start+1
	c, d := end-1, end-1
	for {
		for b <= c && s.compare(b, start) <= 0 {
			if s.compare(b, start) == 0 {
				s.swap(a, b)
				a++
			}
			b++
		}
		for b <= c && s.compare(c, start) >= 0 {
			if s.compare(c, start) == 0 {
				s.swap(c, d)
				d--
			}
			c--
		}
		if b > c {
			break
		}
		s.swap(b, c)
		b++
		c--
	}
	s.exchange(start, b, min(a-start, b-a))
	s.exchange(b, end, min(d-c, end-1-d))
	return start + b - a, end - (d - c)
}

// exchange swaps the first n places from start on with the last n before end.
func (s *sorter) exchange(start, end, n int) {
	for i := range n {
		s.swap(start+i, end-n+i)
	}
}

// pivot returns the middle place, or of many places the median of three or nine.
func (s *sorter) pivot(start, end int) int {
	n := end - start
	low, middle, high := start, start+n/2, end-1
	if n == 7 {
		return middle
	}
	if n > 40 {
		d := n / 8
		low = s.median(low, low+d, low+2*d)
		middle = s.median(middle-d, middle, middle+d)
		high = s.median(high-2*d, high-d, high)
	}
	return s.median(low, middle, high)
}

func (s *sorter) median(a, b, c int) int {
	if s.compare(a, b) < 0 {
		switch {
		case s.compare(b, c) < 0:
			return b
		case s.compare(a, c) < 0:
			return c
		}
		return a
	}
	switch {
	case s.compare(b, c) > 0:
		return b
	case s.compare(a, c) < 0:
		return a
	}
	return c
}
