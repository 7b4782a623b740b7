package ordered

// Remove takes an element out, which must be there. The owner still knows its member.
func (t *Tree) Remove(score float64, ref uint32) {
	e := element{score: score, ref: ref}
	t.remove(t.root, t.height, &e)
	t.removed()
}

// RemoveAt takes out the element of a rank, which must be there. It asks for no member.
func (t *Tree) RemoveAt(rank int) {
	t.removeAt(t.root, t.height, rank)
	t.removed()
}

// removed counts an element less and lowers the root.
func (t *Tree) removed() {
	t.elements--
	for t.height > 0 && t.inners[t.root].n == 1 {
		old := t.root
		t.root = t.inners[old].children[0]
		t.dropInner(old)
		t.height--
	}
	if t.elements == 0 {
		*t = *New(t.member)
	}
}

// remove takes e out from below a node.
func (t *Tree) remove(number uint32, height int, e *element) {
	if height == 0 {
		l := t.leaves[number]
		at := t.upper(l.scores[:l.n], l.refs[:l.n], e)
		if at == 0 || l.refs[at-1] != e.ref {
			panic("ordered: Remove of an element that is not there")
		}
		l.remove(at - 1)
		return
	}
	p := t.inners[number]
	i := t.childOf(p, e)
	t.remove(p.children[i], height-1, e)
	t.shrunk(p, i, height-1)
}

// removeAt takes out the element of a rank below a node.
func (t *Tree) removeAt(number uint32, height, rank int) {
	if height == 0 {
		t.leaves[number].remove(rank)
		return
	}
	p := t.inners[number]
	i, rank := p.childAt(rank)
	t.removeAt(p.children[i], height-1, rank)
	t.shrunk(p, i, height-1)
}

// remove takes out the element at a place.
func (l *leaf) remove(at int) {
	copy(l.scores[at:], l.scores[at+1:l.n])
	copy(l.refs[at:], l.refs[at+1:l.n])
	l.n--
}

// shrunk notes that child i of p, whose own height is given, has an element less.
func (t *Tree) shrunk(p *inner, i, height int) {
	p.counts[i]--
	t.refresh(p, i, height)
	t.tidy(p, i, height)
}

// tidy merges child i of p, which has become smaller, with a neighbour if both fit well into one node.
func (t *Tree) tidy(p *inner, i, height int) {
	n, limit := t.fill(p.children[i], height)
	if n > limit/2 {
		return
	}
	if n == 0 && p.n == 1 {
		t.drop(p.children[i], height)
		p.close(i)
		return
	}
	for left := max(0, i-1); left <= i && left+1 < int(p.n); left++ {
		a, _ := t.fill(p.children[left], height)
		b, _ := t.fill(p.children[left+1], height)
		if n == 0 || a+b <= limit-limit/4 {
			t.merge(p, left, height)
			return
		}
	}
}

// fill returns how many elements or children a node has, and how many it has room for.
func (t *Tree) fill(number uint32, height int) (n, limit int) {
	if height == 0 {
		return int(t.leaves[number].n), leafElements
	}
	return int(t.inners[number].n), innerChildren
}

// merge moves everything from child i+1 of p into child i.
func (t *Tree) merge(p *inner, i, height int) {
	left, right := p.children[i], p.children[i+1]
	if height == 0 {
		a, b := t.leaves[left], t.leaves[right]
		copy(a.scores[a.n:], b.scores[:b.n])
		copy(a.refs[a.n:], b.refs[:b.n])
		a.n += b.n
	} else {
		a, b := t.inners[left], t.inners[right]
		a.take(int(a.n), b, 0, int(b.n))
		a.n += b.n
	}
	p.counts[i] += p.counts[i+1]
	t.drop(right, height)
	p.close(i + 1)
	t.refresh(p, i, height)
}

// drop gives a node back.
func (t *Tree) drop(number uint32, height int) {
	if height > 0 {
		t.dropInner(number)
		return
	}
	l := t.leaves[number]
	if l.prev != none {
		t.leaves[l.prev].next = l.next
	}
	if l.next != none {
		t.leaves[l.next].prev = l.prev
	}
	t.leaves[number] = nil
	t.freeLeaves = append(t.freeLeaves, number)
}

func (t *Tree) dropInner(number uint32) {
	t.inners[number] = nil
	t.freeInners = append(t.freeInners, number)
}

// Replace gives an element another ref, whose member is the same. A tree without members has no use for it.
func (t *Tree) Replace(score float64, old, ref uint32) {
	e := element{score, old, t.member(ref)} // the owner knows old no more
	number := t.root
	for height := t.height; height > 0; height-- {
		p := t.inners[number]
		i := t.childOf(p, &e)
		if p.refs[i] == old {
			p.refs[i] = ref
		}
		number = p.children[i]
	}
	l := t.leaves[number]
	at := t.upper(l.scores[:l.n], l.refs[:l.n], &e)
	if at == 0 || l.refs[at-1] != old {
		panic("ordered: Replace of an element that is not there")
	}
	l.refs[at-1] = ref
}
