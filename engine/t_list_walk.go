package engine

import "riffle/engine/listpack"

// listPosition is where an element stands in a list. It is good until the list changes.
type listPosition struct {
	node int
	pos  int // within the node's listpack; 0 in a plain node, -1 past the end
}

func (p listPosition) valid() bool { return p.pos >= 0 }

var nowhere = listPosition{0, -1}

// seek returns the position of the element with the given index, which counts from the tail if negative.
func (l *List) seek(index int) listPosition {
	if index < 0 {
		index += l.length
	}
	if index < 0 || index >= l.length {
		return nowhere
	}
	i := 0
	if index < l.length/2 {
		for ; index >= l.node(i).count; i++ {
			index -= l.node(i).count
		}
		return l.at(i, index)
	}
	behind := l.length - index // elements from this one to the tail
	for i = l.nodes - 1; behind > l.node(i).count; i-- {
		behind -= l.node(i).count
	}
	return l.at(i, l.node(i).count-behind)
}

// at returns the position of an element of a node, by its index there.
func (l *List) at(i, index int) listPosition {
	n := l.node(i)
	if n.plain {
		return listPosition{i, 0}
	}
	return listPosition{i, listpack.Seek(l.lp(n), index)}
}

// next returns the position of the following element.
func (l *List) next(p listPosition) listPosition {
	if n := l.node(p.node); !n.plain {
		if pos := listpack.Next(l.lp(n), p.pos); pos >= 0 {
			return listPosition{p.node, pos}
		}
	}
	if p.node+1 == l.nodes {
		return nowhere
	}
	return l.at(p.node+1, 0)
}

// previous returns the position of the element before.
func (l *List) previous(p listPosition) listPosition {
	if n := l.node(p.node); !n.plain {
		if pos := listpack.Prev(l.lp(n), p.pos); pos >= 0 {
			return listPosition{p.node, pos}
		}
	}
	if p.node == 0 {
		return nowhere
	}
	return l.at(p.node-1, -1)
}

// step is next, or previous if back is set.
func (l *List) step(p listPosition, back bool) listPosition {
	if back {
		return l.previous(p)
	}
	return l.next(p)
}

// text returns the element: a view of the list, or an integer formatted into scratch.
func (l *List) text(p listPosition, scratch *[20]byte) []byte {
	n := l.node(p.node)
	if n.plain {
		return n.block
	}
	return listpack.Bytes(l.lp(n), p.pos, scratch)
}

// equal tells whether the element is s.
func (l *List) equal(p listPosition, s []byte) bool {
	n := l.node(p.node)
	if n.plain {
		return string(n.block) == string(s)
	}
	return listpack.Equal(l.lp(n), p.pos, s)
}

// removeAt deletes an element and returns its follower in walking direction, as step would have.
func (l *List) removeAt(p listPosition, back bool) listPosition {
	follower := l.step(p, back)
	n := l.node(p.node)
	if n.count == 1 && l.large {
		l.removeNode(p.node)
		if follower.node > p.node {
			follower.node--
		}
		return follower
	}
	l.own(n)
	n.setLp(listpack.Delete(n.lp(), p.pos), n.count-1)
	l.length--
	if follower.valid() && follower.node == p.node && !back {
		follower.pos = p.pos // it moved up
	}
	return follower
}

// replaceAt makes s the element at an index that exists.
func (l *List) replaceAt(index int, s []byte) {
	l.prepare(s)
	p := l.seek(index)
	n := l.node(p.node)
	switch {
	case !l.large:
		n.block = listpack.Replace(n.block, p.pos, s)
	case l.replaceInNode(n, p.pos, s):
	default:
		if index < 0 {
			index += l.length
		}
		l.removeAt(p, false)
		l.insert(index, s)
	}
	l.shrink(2)
}

// replaceInNode replaces an element of a large list if the node can take s in its place.
func (l *List) replaceInNode(n *listNode, pos int, s []byte) bool {
	if n.plain || l.limit.tooLong(s) {
		return false
	}
	var scratch [20]byte
	more := listpack.EntrySize(s) - listpack.EntrySize(listpack.Bytes(l.lp(n), pos, &scratch))
	if l.limit.exceeded(n.count, n.size()+more) {
		return false
	}
	l.reserve(n, more)
	n.setLp(listpack.Replace(n.lp(), pos, s), n.count)
	return true
}

// lp returns the listpack of a node.
func (l *List) lp(n *listNode) []byte {
	if n.folded {
		return l.folds().lp(n.block)
	}
	return n.lp()
}

// own must be called before the bytes of a node change.
func (l *List) own(n *listNode) {
	if !n.folded && !n.shared {
		return
	}
	size := cap(n.block)
	l.held -= int64(size)
	lp := l.lp(n)
	if n.folded {
		size = nodeBytes(len(lp))
	}
	block := make([]byte, n.start+len(lp), size)
	copy(block[n.start:], lp)
	n.block, n.shared, n.folded = block, false, false
	l.held += int64(cap(block))
}

// foldBehind folds the node that has come to stand foldDepth nodes from the end where one was added, if its
// elements are alike.
func (l *List) foldBehind(front bool) {
	if l.nodes <= 2*foldDepth {
		return
	}
	i := l.nodes - 1 - foldDepth
	if front {
		i = foldDepth
	}
	n := l.node(i)
	if n.plain || n.folded {
		return
	}
	if folded := l.folds().fold(n.lp(), listStride, nil); folded != nil {
		l.held -= int64(cap(n.block))
		*n = listNode{block: append([]byte(nil), folded...), count: n.count, folded: true}
		l.held += int64(cap(n.block))
	}
}

// reserve makes room for need bytes behind the listpack of a node that is about to change.
func (l *List) reserve(n *listNode, need int) {
	l.own(n)
	before := cap(n.block)
	n.reserve(need, false)
	l.held += int64(cap(n.block) - before)
}

// insert puts s before the element with the given index, at the tail if the index is the length.
// A small list must have been prepared for it.
func (l *List) insert(index int, s []byte) {
	if index == 0 || index == l.length {
		l.push(s, index == 0)
		return
	}
	p := l.seek(index)
	n := l.node(p.node)
	switch {
	case !l.large:
		n.block = listpack.InsertBefore(n.block, p.pos, s)
		n.count++
		l.length++
	case l.limit.accepts(n, s):
		l.reserve(n, listpack.EntrySize(s))
		n.setLp(listpack.InsertBefore(n.lp(), p.pos, s), n.count+1)
		l.length++
	default:
		l.insertBetween(l.cut(p), s)
	}
}

// cut splits a node so that the element at p begins one, and returns the number of that.
func (l *List) cut(p listPosition) int {
	n := l.node(p.node)
	if n.plain || p.pos == listpack.First(n.block[n.start:]) {
		return p.node
	}
	l.own(n)
	front, back := splitListpack(n.lp(), p.pos)
	n.setLp(front, listpack.Len(front))
	l.insertNode(p.node+1, listNode{block: back, count: listpack.Len(back)})
	return p.node + 1
}

// splitListpack cuts a listpack before pos: the front stays where it is, the back gets a block.
func splitListpack(lp []byte, pos int) (front, back []byte) {
	index := 0
	for at := listpack.First(lp); at != pos; at = listpack.Next(lp, at) {
		index++
	}
	back = append(make([]byte, 0, nodeBytes(len(lp))), lp...)
	back = listpack.DeleteRange(back, listpack.First(back), index)
	return listpack.DeleteRange(lp, pos, listpack.Len(lp)), back
}

// insertBetween puts s between node i-1 and node i of a large list, into one of them if it fits.
func (l *List) insertBetween(i int, s []byte) {
	l.length++
	switch {
	case l.limit.accepts(l.node(i), s):
		l.pushNode(l.node(i), s, true)
	case i > 0 && l.limit.accepts(l.node(i-1), s):
		l.pushNode(l.node(i-1), s, false)
	default:
		l.insertNode(i, l.nodeFor(s, false))
		if !l.node(i).plain {
			l.pushNode(l.node(i), s, false)
		}
	}
}

// join merges neighbours among the nodes from first to last that have become so small that they fit
// into one.
func (l *List) join(first, last int) {
	for i := min(last, l.nodes-1); i > max(first, 0); i-- {
		a, b := l.node(i-1), l.node(i)
		if a.plain || b.plain || l.limit.exceeded(a.count+b.count, a.size()+b.size()) {
			continue
		}
		merged := make([]byte, 0, nodeBytes(a.size()+b.size()))
		merged = listpack.Merge(append(merged, l.lp(a)...), l.lp(b))
		count := a.count + b.count
		l.held += int64(cap(merged) - cap(a.block))
		*a = listNode{block: merged, count: count}
		b.count = 0 // its elements have moved, removing it removes none
		l.removeNode(i)
	}
}

// reply writes count elements from index on, which must exist, walking towards the tail or back from it.
func (l *List) reply(r *Reply, index, count int, back bool) {
	p := l.seek(index)
	for {
		n := l.node(p.node)
		switch {
		case n.plain:
			r.Bulk(n.block)
			count--
		case back:
			count = replyBack(r, l.lp(n), p.pos, count)
		default:
			count = r.Entries(l.lp(n), p.pos, count)
		}
		if count == 0 {
			return
		}
		if back {
			p = l.at(p.node-1, -1)
		} else {
			p = l.at(p.node+1, 0)
		}
	}
}

// replyBack writes up to count elements of a listpack from pos back, and returns how many are left.
func replyBack(r *Reply, lp []byte, pos, count int) int {
	for ; pos >= 0 && count > 0; count-- {
		r.entry(lp, pos)
		pos = listpack.Prev(lp, pos)
	}
	return count
}
