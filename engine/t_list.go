package engine

import (
	"unsafe"

	"riffle/engine/listpack"
	"riffle/engine/rdb"
)

// List is a list's value, a sequence of nodes:
//
//   - small, up to list-max-listpack-size (8 KiB): one listpack packed beside the key. An element costs
//     its text and 2 bytes, an integer 2 to 10 in all.
//   - large: an object with a ring of nodes, each a listpack within that limit, or one element which
//     alone exceeds it. The ring adds 48 bytes a node, so well under 1 %, and the garbage collector sees
//     one pointer per 8 KiB. Nodes that have others on both sides of them are folded if their elements are
//     alike (foldings.go): "item:123456" takes 3.5 bytes then, and the first access to such a node some
//     microseconds.
//
// Push and pop at both ends are O(1): see listNode for how the head does without moving what follows.
// An index is found by skipping nodes from the nearer end, then elements. Inserting in the middle splits a
// full node; removing joins neighbours that fit together. The idea of a sequence of packed nodes is Redis's
// quicklist (Matt Stancliff, 2014), whose file format Save writes node by node.
type List struct {
	place
	ring   []listNode // a power of two of them; the first is ring[head]
	head   int
	nodes  int
	length int   // elements
	held   int64 // bytes of the blocks of a large list
	limit  listLimit
	large  bool
	fresh  [64]byte // where the listpack of a new key begins
}

func makeList() Value { return &List{limit: -2} }

// Kind implements Value.
func (l *List) Kind() Kind { return KindList }

// Encoding implements Value.
func (l *List) Encoding() string {
	if l.large {
		return "quicklist"
	}
	return "listpack"
}

// Empty implements Value.
func (l *List) Empty() bool { return l.length == 0 }

// Len returns the number of elements, in O(1).
func (l *List) Len() int { return l.length }

// Size implements Value.
func (l *List) Size() int64 {
	if !l.large {
		return int64(len(l.node(0).lp()))
	}
	return l.held + int64(unsafe.Sizeof(*l)) + int64(len(l.ring))*int64(unsafe.Sizeof(listNode{}))
}

// Pack implements Value.
func (l *List) Pack() (form uint8, blob []byte, ok bool) {
	if l.large {
		return 0, nil, false
	}
	return formPack, l.node(0).lp(), true
}

// Unpack implements Value.
func (l *List) Unpack(form uint8, blob []byte) {
	if len(l.ring) != 1 {
		l.ring = make([]listNode, 1)
	}
	if form == 0 {
		blob = append(l.fresh[:0], emptyListpack...)
	}
	l.length = listpack.Len(blob)
	l.ring[0] = listNode{block: blob, count: l.length}
	l.head, l.nodes, l.held, l.large = 0, 1, 0, false
}

// settle implements settled.
func (l *List) settle(s *settings) { l.limit = listLimit(s.listMaxListpack) }

// listForRead returns the list of a key for reading, an empty one if there is none.
func (c *Ctx) listForRead(key []byte) (*List, bool) { return c.settleList(c.read(key, KindList)) }

// listForWrite returns the list of a key for a command that may change it.
func (c *Ctx) listForWrite(key []byte) (*List, bool) {
	l, ok := c.settleList(c.write(key, KindList))
	if ok {
		l.changing(nil)
	}
	return l, ok
}

func (c *Ctx) settleList(v Value, ok bool) (*List, bool) {
	if !ok {
		return nil, false
	}
	l := v.(*List)
	l.settle(&c.e.settings)
	return l, true
}

// node returns the node with the given number; it stays good until nodes are added or removed.
func (l *List) node(i int) *listNode { return &l.ring[(l.head+i)&(len(l.ring)-1)] }

// insertNode makes n the node number i, moving the shorter side of the ring.
func (l *List) insertNode(i int, n listNode) {
	if l.nodes == len(l.ring) {
		l.growRing()
	}
	l.nodes++
	if i < l.nodes/2 {
		l.head = (l.head - 1) & (len(l.ring) - 1)
		for j := 0; j < i; j++ {
			*l.node(j) = *l.node(j + 1)
		}
	} else {
		for j := l.nodes - 1; j > i; j-- {
			*l.node(j) = *l.node(j - 1)
		}
	}
	*l.node(i) = n
	l.held += int64(cap(n.block))
}

// removeNode forgets the node number i, with what it holds.
func (l *List) removeNode(i int) {
	l.held -= int64(cap(l.node(i).block))
	l.length -= l.node(i).count
	if i < l.nodes/2 {
		for j := i; j > 0; j-- {
			*l.node(j) = *l.node(j - 1)
		}
		*l.node(0) = listNode{}
		l.head = (l.head + 1) & (len(l.ring) - 1)
	} else {
		for j := i; j < l.nodes-1; j++ {
			*l.node(j) = *l.node(j + 1)
		}
		*l.node(l.nodes - 1) = listNode{}
	}
	l.nodes--
	if l.nodes < len(l.ring)/4 {
		l.resizeRing(len(l.ring) / 2)
	}
}

func (l *List) growRing() { l.resizeRing(max(1, 2*len(l.ring))) }

func (l *List) resizeRing(size int) {
	ring := make([]listNode, size)
	for i := range l.nodes {
		ring[i] = *l.node(i)
	}
	l.ring, l.head = ring, 0
}

// enlarge makes a small list an object, if it is none.
func (l *List) enlarge() {
	if l.large {
		return
	}
	lp := l.node(0).lp()
	l.ring, l.head, l.nodes, l.large = nil, 0, 0, true
	if l.length > 0 {
		n := listNode{block: make([]byte, nodeBytes(len(lp))), count: l.length}
		n.block = n.block[:copy(n.block, lp)]
		l.insertNode(0, n)
	}
}

// prepare makes a small list large if it would outgrow its limit by the values to come.
func (l *List) prepare(values ...[]byte) {
	if l.large {
		return
	}
	size := len(l.node(0).lp())
	for _, s := range values {
		size += len(s)
	}
	if l.limit.exceeded(l.length+len(values), size) {
		l.enlarge()
	}
}

// shrink makes a large list small again once it takes at most 1/share of the limit.
func (l *List) shrink(share int) {
	if !l.large || l.nodes != 1 || l.node(0).plain {
		return
	}
	n := l.node(0)
	count, size := l.limit.bounds()
	if n.count <= count/share && n.size() <= size/share {
		l.own(n)
		lp := n.lp()
		l.ring, l.head, l.held, l.large = []listNode{{block: lp, count: n.count}}, 0, 0, false
	}
}

// push adds s at one end. A small list must have been prepared for it.
func (l *List) push(s []byte, front bool) {
	l.length++
	if !l.large {
		n := l.node(0)
		n.count++
		if front {
			n.block = listpack.Prepend(n.block, s)
		} else {
			n.block = listpack.Append(n.block, s)
		}
		return
	}
	at := l.end(front)
	if l.nodes == 0 || !l.limit.accepts(l.node(at), s) {
		if !front {
			at = l.nodes
		}
		l.insertNode(at, l.nodeFor(s, front))
		l.foldBehind(front)
		if l.node(at).plain {
			return
		}
	}
	l.pushNode(l.node(at), s, front)
}

// pushNode adds s to a node of a large list.
func (l *List) pushNode(n *listNode, s []byte, front bool) {
	l.own(n)
	before := cap(n.block)
	n.push(s, front)
	l.held += int64(cap(n.block) - before)
}

// nodeFor makes the node that s will begin: plain if s is too long to share one, else as large as the
// neighbour became, since elements of a list tend to resemble each other.
func (l *List) nodeFor(s []byte, front bool) listNode {
	if l.limit.tooLong(s) {
		return plainNode(s)
	}
	size := len(s) + 32
	if l.nodes > 0 {
		if n := l.node(l.end(front)); !n.plain {
			size = max(size, n.size())
		}
	}
	return newNode(size, front)
}

func plainNode(s []byte) listNode {
	return listNode{block: append(make([]byte, 0, len(s)), s...), count: 1, plain: true}
}

// end returns the number of the first or the last node.
func (l *List) end(front bool) int {
	if front {
		return 0
	}
	return l.nodes - 1
}

// drop removes count elements from one end, or all there are if they are fewer.
func (l *List) drop(count int, front bool) {
	if !l.large {
		l.dropPacked(min(count, l.length), front)
		return
	}
	for count > 0 && l.nodes > 0 {
		at := l.end(front)
		n := l.node(at)
		if n.count > count {
			l.own(n)
			n.drop(count, front)
			l.length -= count
			break
		}
		count -= n.count
		l.removeNode(at)
	}
	l.shrink(2)
}

// dropPacked is drop for a small list, which stays where its block begins.
func (l *List) dropPacked(count int, front bool) {
	if count == 0 {
		return
	}
	n := l.node(0)
	pos := listpack.First(n.block)
	if !front {
		pos = listpack.Seek(n.block, -count)
	}
	n.block = listpack.DeleteRange(n.block, pos, count)
	n.count -= count
	l.length -= count
}

// Each visits the elements from head to tail until visit returns false. An element holds during the visit.
func (l *List) Each(visit func(element []byte) bool) {
	var scratch [20]byte
	for at := l.seek(0); at.valid(); at = l.next(at) {
		if !visit(l.text(at, &scratch)) {
			return
		}
	}
}

// Rewrite implements Value.
func (l *List) Rewrite(key []byte, emit func(argv ...[]byte)) {
	argv := [][]byte{[]byte("RPUSH"), key}
	l.Each(func(element []byte) bool {
		argv = append(argv, append([]byte(nil), element...))
		if len(argv) == 2+maxRewriteElements {
			emit(argv...)
			argv = argv[:2]
		}
		return true
	})
	if len(argv) > 2 {
		emit(argv...)
	}
}

// Save implements Value.
func (l *List) Save(dst []byte) (out []byte, rdbType byte) {
	dst = rdb.AppendLen(dst, uint64(l.nodes))
	for i := range l.nodes {
		dst = l.node(i).save(dst)
	}
	return dst, rdb.TypeListQuicklist2
}

func (n *listNode) save(dst []byte) []byte {
	container := uint64(rdb.QuicklistPacked)
	if n.plain {
		container = rdb.QuicklistPlain
	}
	lp := n.lp()
	if n.folded {
		lp = listpack.Unfold(lp)
	}
	return rdb.AppendString(rdb.AppendLen(dst, container), lp, true)
}

// portray implements sliced.
func (l *List) portray() (likeness, byte) {
	return &listLikeness{list: l, length: l.nodes}, rdb.TypeListQuicklist2
}

// listLikeness saves a list node by node. When the list changes, the likeness keeps the nodes that are
// still to be saved, and those of the list are copied when they change themselves.
type listLikeness struct {
	list   *List
	length int // nodes
	saved  int // how many of them are
	kept   []listNode
}

// before implements likeness.
func (p *listLikeness) before([]byte) {
	if p.kept != nil {
		return
	}
	p.kept = make([]listNode, p.length)
	for i := p.saved; i < p.length; i++ {
		n := p.list.node(i)
		n.shared = true
		p.kept[i] = *n
	}
}

// piece implements likeness.
func (p *listLikeness) piece(dst []byte) (out []byte, more bool) {
	if p.saved == 0 {
		dst = rdb.AppendLen(dst, uint64(p.length))
	}
	if p.kept != nil {
		dst = p.kept[p.saved].save(dst)
		p.kept[p.saved] = listNode{}
	} else {
		dst = p.list.node(p.saved).save(dst)
	}
	p.saved++
	return dst, p.saved < p.length
}

// Load implements Value.
func (l *List) Load(r *rdb.Reader, rdbType byte) error {
	l.enlarge()
	nodes := uint64(1)
	if rdbType != rdb.TypeListZiplist {
		var err error
		if nodes, err = r.Len(); err != nil {
			return err
		}
	}
	var folds foldings
	for ; nodes > 0; nodes-- {
		if err := l.loadNode(r, rdbType, &folds, nodes > foldDepth); err != nil {
			return err
		}
	}
	l.shrink(1)
	return nil
}

// loadNode reads what stands for a node in the given RDB type; in the oldest it is one element. early says that
// others follow, so that the node may be folded.
func (l *List) loadNode(r *rdb.Reader, rdbType byte, folds *foldings, early bool) error {
	container := uint64(rdb.QuicklistPacked)
	if rdbType == rdb.TypeListQuicklist2 {
		var err error
		if container, err = r.Len(); err != nil {
			return err
		}
	}
	text, err := r.String()
	if err != nil {
		return err
	}
	switch {
	case rdbType == rdb.TypeList:
		l.push(text, false)
		return nil
	case container == rdb.QuicklistPlain:
		l.insertNode(l.nodes, plainNode(text))
		l.length++
		return nil
	case container != rdb.QuicklistPacked:
		return r.Fail("unknown kind of list node")
	}
	lp, ok := text, true
	if rdbType == rdb.TypeListQuicklist2 {
		ok = listpack.Valid(text)
	} else {
		lp, ok = rdb.ZiplistToListpack(text)
	}
	if !ok {
		return r.Fail("broken list node")
	}
	l.addLoaded(lp, folds, early)
	return nil
}

// addLoaded makes a copy of a listpack the last node, if it has elements: a folded one if that may and can be.
func (l *List) addLoaded(lp []byte, folds *foldings, early bool) {
	n := listNode{count: listpack.Len(lp)}
	if n.count == 0 {
		return
	}
	if early && l.nodes >= foldDepth {
		if folded := folds.fold(lp, listStride, nil); folded != nil {
			lp, n.folded = folded, true
		}
	}
	n.block = append([]byte(nil), lp...)
	l.insertNode(l.nodes, n)
	l.length += n.count
}
