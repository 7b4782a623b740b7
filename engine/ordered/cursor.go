package ordered

// Search returns the rank of the first element for which before is false, Len if there is none. before
// must be true for some first elements and false for all others.
func (t *Tree) Search(before func(score float64, ref uint32) bool) (rank int) {
	if t.root == none {
		return 0
	}
	number := t.root
	for height := t.height; height > 0; height-- {
		p := t.inners[number]
		i := max(0, partition(p.scores[:p.n], p.refs[:p.n], before)-1)
		for _, c := range p.counts[:i] {
			rank += int(c)
		}
		number = p.children[i]
	}
	l := t.leaves[number]
	return rank + partition(l.scores[:l.n], l.refs[:l.n], before)
}

// partition returns how many first elements before is true for.
func partition(scores []float64, refs []uint32, before func(score float64, ref uint32) bool) int {
	low, high := 0, len(scores)
	for low < high {
		mid := int(uint(low+high) >> 1)
		if before(scores[mid], refs[mid]) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// Cursor stands at an element, or beyond either end. A change of the tree makes it void.
type Cursor struct {
	tree *Tree
	leaf *leaf
	at   int
}

// At returns a cursor at the element of a rank; beyond the end if there is none.
func (t *Tree) At(rank int) Cursor {
	if rank < 0 || rank >= t.elements {
		return Cursor{tree: t}
	}
	number := t.root
	for height := t.height; height > 0; height-- {
		p := t.inners[number]
		var i int
		i, rank = p.childAt(rank)
		number = p.children[i]
	}
	return Cursor{t, t.leaves[number], rank}
}

// childAt returns which child of p holds the element of a rank below p, and the element's rank below that.
func (p *inner) childAt(rank int) (i, below int) {
	for rank >= int(p.counts[i]) {
		rank -= int(p.counts[i])
		i++
	}
	return i, rank
}

// Valid reports whether the cursor stands at an element.
func (c *Cursor) Valid() bool { return c.leaf != nil }

// Element returns the element at a valid cursor.
func (c *Cursor) Element() (score float64, ref uint32) { return c.leaf.scores[c.at], c.leaf.refs[c.at] }

// Next goes to the following element.
func (c *Cursor) Next() {
	if c.at++; c.at == int(c.leaf.n) {
		c.leaf, c.at = c.tree.leaves[c.leaf.next], 0
	}
}

// Prev goes to the element before.
func (c *Cursor) Prev() {
	if c.at--; c.at < 0 {
		if c.leaf = c.tree.leaves[c.leaf.prev]; c.leaf != nil {
			c.at = int(c.leaf.n) - 1
		}
	}
}

// Step is Prev or Next.
func (c *Cursor) Step(downwards bool) {
	if downwards {
		c.Prev()
	} else {
		c.Next()
	}
}
