package engine

import "riffle/engine/listpack"

// streamWalk visits the live entries between two ids, in either direction. Finding the first costs a
// binary search over the nodes and a walk within one of them; each further entry costs its elements. The
// stream must not change meanwhile.
type streamWalk struct {
	s         *Stream
	low, high streamID // inclusive
	reverse   bool
	node      int
	lp        []byte // of that node; nil before a node is entered
	pos       int    // forward: where the next entry begins; reverse: the element count that ends it
	entries   int    // where the first entry begins; of a forward walk only
	names     int    // the first field of the master entry
	master    int64  // how many fields that has

	// The entry that next has found:
	id     streamID
	at     int // its first element
	flags  int64
	fields int64 // how many fields it has
	body   int   // its first field, or its first value if the names are the master's
}

func (s *Stream) walk(low, high streamID, reverse bool) streamWalk {
	w := streamWalk{s: s, low: low, high: high, reverse: reverse}
	if reverse {
		w.node = s.nodeFor(high)
	} else {
		w.node = s.nodeFor(low)
	}
	return w
}

// next moves to the next entry; it reports whether there is one.
func (w *streamWalk) next() bool {
	for w.lp != nil || w.enter() {
		if !w.step() {
			w.leave()
			continue
		}
		if w.reverse && w.id.less(w.low) || !w.reverse && w.high.less(w.id) {
			return w.end()
		}
		if w.flags&entryDeleted == 0 && !w.id.less(w.low) && !w.high.less(w.id) {
			return true
		}
	}
	w.id = streamID{}
	return false
}

// end makes this and all further calls of next find nothing.
func (w *streamWalk) end() bool {
	w.lp, w.node, w.id = nil, -1, streamID{}
	return false
}

// enter begins with the node at w.node; false if there is none.
func (w *streamWalk) enter() bool {
	if w.node < w.s.head || w.node >= len(w.s.nodes) {
		return false
	}
	lp := w.s.folds().lp(w.s.nodes[w.node].lp)
	pos := listpack.Seek(lp, 2)
	w.master = nodeInt(lp, pos)
	pos = listpack.Next(lp, pos)
	w.names = pos
	if w.reverse {
		pos = listpack.Last(lp)
	} else {
		pos = listpack.Next(lp, skipElements(lp, pos, w.master))
		if w.entries = pos; pos < 0 {
			w.entries = len(lp) - 1
		}
	}
	w.lp, w.pos = lp, pos
	return true
}

// bookmark is where a forward walk went on behind an entry, so that the next one need not begin with the
// node: the first entries of a node keep their distances while entries are only added.
type bookmark struct {
	after  streamID // the entry before
	master streamID // of the node
	offset int      // from where the node's first entry begins
	edits  int64    // of the stream
}

// mark returns the bookmark behind the entry that next has found.
func (w *streamWalk) mark() bookmark {
	pos := w.pos
	if pos < 0 {
		pos = len(w.lp) - 1
	}
	return bookmark{w.id, w.s.nodes[w.node].master, pos - w.entries, w.s.edits}
}

// resume makes a new forward walk from behind an entry begin at its bookmark, if that still holds.
func (w *streamWalk) resume(b *bookmark) {
	if !w.enter() || b.edits != w.s.edits || b.master != w.s.nodes[w.node].master {
		return
	}
	if w.pos = w.entries + b.offset; w.pos == len(w.lp)-1 {
		w.pos = -1
	}
}

// leave turns to the neighbouring node.
func (w *streamWalk) leave() {
	w.lp = nil
	if w.reverse {
		w.node--
	} else {
		w.node++
	}
}

// step reads the next entry of the node, deleted or not; false at the node's end.
func (w *streamWalk) step() bool {
	if w.reverse {
		elements := nodeInt(w.lp, w.pos)
		if elements == 0 {
			return false // the master entry ends in zero
		}
		start := w.pos
		for ; elements > 0; elements-- {
			start = listpack.Prev(w.lp, start)
		}
		w.read(start)
		w.pos = listpack.Prev(w.lp, start)
		return true
	}
	if w.pos < 0 {
		return false
	}
	behind := w.read(w.pos)
	w.pos = listpack.Next(w.lp, behind)
	return true
}

// read decodes the entry at pos and returns where the count of its elements is.
func (w *streamWalk) read(pos int) (behind int) {
	master := w.s.nodes[w.node].master
	w.at, w.flags = pos, nodeInt(w.lp, pos)
	pos = listpack.Next(w.lp, pos)
	w.id.ms = master.ms + uint64(nodeInt(w.lp, pos))
	pos = listpack.Next(w.lp, pos)
	w.id.seq = master.seq + uint64(nodeInt(w.lp, pos))
	pos = listpack.Next(w.lp, pos)
	elements := w.master
	w.fields = w.master
	if w.flags&entrySameFields == 0 {
		w.fields = nodeInt(w.lp, pos)
		pos = listpack.Next(w.lp, pos)
		elements = 2 * w.fields
	}
	w.body = pos
	if w.reverse {
		return 0
	}
	return skipElements(w.lp, pos, elements)
}

// skipElements returns the position n elements behind pos.
func skipElements(lp []byte, pos int, n int64) int {
	for ; n > 0; n-- {
		pos = listpack.Next(lp, pos)
	}
	return pos
}

// each visits the fields and values of the entry; they are valid until the next call of visit.
func (w *streamWalk) each(visit func(field, value []byte)) {
	var fieldText, valueText [20]byte
	name, pos := w.names, w.body
	for i := int64(0); i < w.fields; i++ {
		if w.flags&entrySameFields == 0 {
			name = pos
			pos = listpack.Next(w.lp, pos)
		}
		visit(listpack.Bytes(w.lp, name, &fieldText), listpack.Bytes(w.lp, pos, &valueText))
		name = listpack.Next(w.lp, name)
		pos = listpack.Next(w.lp, pos)
	}
}
