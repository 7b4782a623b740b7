// Package ordered is the order of a big sorted set: a B+-tree over (score, member) that counts, so that
// rank, select and both ends of a range take O(log n).
//
// The tree holds no members. An element is a score and a ref, a number by which its owner finds the
// member (a dict.Ref); the member is fetched only to break a tie between equal scores. Elements stand in
// leaves of 84, scores and refs in arrays of their own, 12 bytes each; leaves are linked both ways. An
// inner node knows of each of up to 50 children the first element and the number of elements below.
// Nodes are blocks of 1 KiB without pointers, named by number: the garbage collector sees one pointer per
// node, not elements.
//
// # Cost
//
// In random order leaves are 69 % full, which makes 18 bytes an element with everything above them; filled
// in ascending or descending order (a log, a snapshot being loaded) they are full and it is 12.5. Redis's
// skiplist takes some 60 bytes for the same. A set of a million is four levels high. Nodes that run low
// are merged with a neighbour once both fit well into one, and not evened out: what that leaves behind is
// full enough for space and height.
//
// Source: Bayer and McCreight's B-tree (1972) with all elements in the leaves, and counts as in Knuth,
// The Art of Computer Programming 3, 6.2.3.
package ordered

import (
	"bytes"
	"math"
	"unsafe"
)

const (
	leafElements  = 84
	innerChildren = 50
)

// none is the number of no node: number 0 is never used.
const none = 0

// leaf is a run of elements. Its size is a size class of Go's allocator, as is inner's.
type leaf struct {
	scores     [leafElements]float64
	refs       [leafElements]uint32
	n          int32
	prev, next uint32
}

// inner is a node above other nodes: of each child its number, its first element, and how many it holds.
type inner struct {
	scores   [innerChildren]float64
	refs     [innerChildren]uint32
	children [innerChildren]uint32
	counts   [innerChildren]uint32
	n        int32
}

// Tree is an ordered collection. Make one with New; it is not safe for concurrent use.
type Tree struct {
	member     func(ref uint32) []byte
	leaves     []*leaf // by number
	inners     []*inner
	freeLeaves []uint32 // numbers of leaves that are gone
	freeInners []uint32
	root       uint32
	height     int // inner levels above the leaves
	elements   int
}

// New returns an empty tree that asks member for the members of its refs. The bytes are only looked at
// before the next call. If member is nil, elements of equal scores stand in the order of their refs.
func New(member func(ref uint32) []byte) *Tree {
	return &Tree{member: member, leaves: make([]*leaf, 1, 4), inners: make([]*inner, 1, 2)}
}

// Len returns the number of elements.
func (t *Tree) Len() int { return t.elements }

// Size returns the bytes held, all included.
func (t *Tree) Size() int64 {
	leaves := len(t.leaves) - 1 - len(t.freeLeaves)
	inners := len(t.inners) - 1 - len(t.freeInners)
	return int64(unsafe.Sizeof(*t)) +
		int64(leaves)*int64(unsafe.Sizeof(leaf{})) + int64(inners)*int64(unsafe.Sizeof(inner{})) +
		int64(cap(t.leaves)+cap(t.inners))*int64(unsafe.Sizeof(t)) +
		int64(cap(t.freeLeaves)+cap(t.freeInners))*4
}

// Insert adds an element, which must not be there yet. The score is not NaN.
func (t *Tree) Insert(score float64, ref uint32) {
	t.elements++
	if t.root == none {
		t.root = t.newLeaf()
	}
	e := element{score: score, ref: ref}
	split := t.insert(t.root, t.height, &e)
	if split == none {
		return
	}
	number := t.newInner()
	root := t.inners[number]
	root.n = 2
	root.children[0], root.children[1] = t.root, split
	for i := range 2 {
		t.refresh(root, i, t.height)
		root.counts[i] = t.count(root.children[i], t.height)
	}
	t.root = number
	t.height++
}

// element is one on its way through the tree; its member is fetched by the first tie.
type element struct {
	score  float64
	ref    uint32
	member []byte
}

// notAfter says whether the member of ref, whose score is e's, is not greater than e's.
func (t *Tree) notAfter(ref uint32, e *element) bool {
	if t.member == nil {
		return ref <= e.ref
	}
	if e.member == nil {
		e.member = t.member(e.ref)
	}
	return bytes.Compare(t.member(ref), e.member) <= 0
}

// upper returns how many of the elements are not greater than e.
func (t *Tree) upper(scores []float64, refs []uint32, e *element) int {
	low := smaller(scores, e.score)
	if low == len(scores) || scores[low] != e.score {
		return low
	}
	for high := len(scores); low < high; {
		mid := int(uint(low+high) >> 1)
		if scores[mid] == e.score && t.notAfter(refs[mid], e) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// smaller returns how many of the ascending scores are smaller than one. They are compared as integers, of
// which the compiler makes conditional moves: a guess of which way to go would be wrong half of the time.
func smaller(scores []float64, score float64) int {
	key := sortable(score)
	if score == 0 {
		key = sortable(math.Copysign(0, -1)) // both zeros are one score
	}
	base := 0
	for n := len(scores); n > 0; {
		half := (n + 1) >> 1
		if sortable(scores[base+half-1]) < key {
			base += half
		}
		n -= half
	}
	return base
}

// sortable returns the bits of a score as an integer of the same order, but that -0 is less than 0.
func sortable(score float64) int64 {
	bits := int64(math.Float64bits(score))
	return bits ^ int64(uint64(bits>>63)>>1)
}

// childOf returns which child of p is the place of e.
func (t *Tree) childOf(p *inner, e *element) int {
	return max(0, t.upper(p.scores[:p.n], p.refs[:p.n], e)-1)
}

// insert adds e below a node and returns the number of the node split off to its right, if any.
func (t *Tree) insert(number uint32, height int, e *element) (split uint32) {
	if height == 0 {
		return t.insertLeaf(number, e)
	}
	p := t.inners[number]
	i := t.childOf(p, e)
	below := t.insert(p.children[i], height-1, e)
	t.refresh(p, i, height-1)
	p.counts[i]++
	if below == none {
		return none
	}
	p.counts[i] = t.count(p.children[i], height-1)
	i++
	if p.n == innerChildren {
		split, p, i = t.splitInner(p, i)
	}
	p.open(i)
	p.children[i] = below
	p.counts[i] = t.count(below, height-1)
	t.refresh(p, i, height-1)
	return split
}

func (t *Tree) insertLeaf(number uint32, e *element) (split uint32) {
	l := t.leaves[number]
	at := t.upper(l.scores[:l.n], l.refs[:l.n], e)
	if l.n == leafElements {
		split, l, at = t.splitLeaf(number, at)
	}
	copy(l.scores[at+1:l.n+1], l.scores[at:l.n])
	copy(l.refs[at+1:l.n+1], l.refs[at:l.n])
	l.scores[at], l.refs[at] = e.score, e.ref
	l.n++
	return split
}

// splitLeaf makes room for an element at a place of a full leaf, and returns where that is then. At
// either end of all elements the split is there too, so that filling in order leaves full leaves.
func (t *Tree) splitLeaf(number uint32, at int) (split uint32, l *leaf, newAt int) {
	split = t.newLeaf()
	left, right := t.leaves[number], t.leaves[split]
	keep := leafElements / 2
	if at == leafElements && left.next == none {
		keep = leafElements
	} else if at == 0 && left.prev == none {
		keep = 0
	}
	right.n = int32(copy(right.scores[:], left.scores[keep:]))
	copy(right.refs[:], left.refs[keep:])
	left.n = int32(keep)
	right.prev, right.next = number, left.next
	if left.next != none {
		t.leaves[left.next].prev = split
	}
	left.next = split
	if at < keep || keep == 0 {
		return split, left, at
	}
	return split, right, at - keep
}

// splitInner makes room for a child at a place of a full node, and returns where that is then.
func (t *Tree) splitInner(left *inner, at int) (split uint32, p *inner, newAt int) {
	split = t.newInner()
	right := t.inners[split]
	keep := innerChildren / 2
	if at == innerChildren {
		keep = innerChildren - 1
	}
	right.take(0, left, keep, innerChildren)
	right.n = int32(innerChildren - keep)
	left.n = int32(keep)
	if at <= keep {
		return split, left, at
	}
	return split, right, at - keep
}

// take copies children from..to of another node to place at.
func (p *inner) take(at int, from *inner, start, end int) {
	copy(p.scores[at:], from.scores[start:end])
	copy(p.refs[at:], from.refs[start:end])
	copy(p.children[at:], from.children[start:end])
	copy(p.counts[at:], from.counts[start:end])
}

// open makes room for a child at place i.
func (p *inner) open(i int) {
	p.take(i+1, p, i, int(p.n))
	p.n++
}

// close takes the child at place i out.
func (p *inner) close(i int) {
	p.take(i, p, i+1, int(p.n))
	p.n--
}

// refresh notes the first element of child i, whose own height is given.
func (t *Tree) refresh(p *inner, i, height int) {
	child := p.children[i]
	if height == 0 {
		p.scores[i], p.refs[i] = t.leaves[child].scores[0], t.leaves[child].refs[0]
		return
	}
	p.scores[i], p.refs[i] = t.inners[child].scores[0], t.inners[child].refs[0]
}

// count returns how many elements are below a node.
func (t *Tree) count(number uint32, height int) (n uint32) {
	if height == 0 {
		return uint32(t.leaves[number].n)
	}
	p := t.inners[number]
	for _, c := range p.counts[:p.n] {
		n += c
	}
	return n
}

func (t *Tree) newLeaf() uint32 {
	if n := len(t.freeLeaves); n > 0 {
		number := t.freeLeaves[n-1]
		t.freeLeaves = t.freeLeaves[:n-1]
		t.leaves[number] = &leaf{}
		return number
	}
	t.leaves = append(t.leaves, &leaf{})
	return uint32(len(t.leaves) - 1)
}

func (t *Tree) newInner() uint32 {
	if n := len(t.freeInners); n > 0 {
		number := t.freeInners[n-1]
		t.freeInners = t.freeInners[:n-1]
		t.inners[number] = &inner{}
		return number
	}
	t.inners = append(t.inners, &inner{})
	return uint32(len(t.inners) - 1)
}
