package engine

import "riffle/engine/listpack"

// A consumer group refers to an entry that it has not read yet, or that is pending for one of its consumers.
// What deletes entries may leave such references alone (KEEPREF, as ever), take them away with the entry
// (DELREF), or leave the entry alone as long as there are any (ACKED).
//
// The reference keeps an index from entries to groups for this. Here the groups are asked: a stream has few,
// and each answers by a binary search.

// references says what a deletion does about references, and remembers what it did, for the journal.
type references struct {
	strategy referenceStrategy
	released [][]streamID // of each group, in the order of the stream's groups
	groups   []*streamGroup
	deleted  []streamID // by ACKED, if entries before them stay
	holes    bool
}

type referenceStrategy uint8

const (
	referencesUnsaid referenceStrategy = iota
	keepReferences
	deleteReferences
	acknowledgedOnly
)

// given says whether the request had one of the words, which older servers do not know.
func (r *references) given() bool { return r.strategy != referencesUnsaid }

// looked says whether entries must be looked at one by one.
func (r *references) looked() bool { return r.strategy >= deleteReferences }

// referencesOption reads argument i if it is one of the words, and there was none before.
func (c *Ctx) referencesOption(r *references, i int) bool {
	if r.given() {
		return false
	}
	switch {
	case c.is(i, "KEEPREF"):
		r.strategy = keepReferences
	case c.is(i, "DELREF"):
		r.strategy = deleteReferences
	case c.is(i, "ACKED"):
		r.strategy = acknowledgedOnly
	}
	return r.given()
}

// referenced says whether a group has not read an entry yet, or waits for its acknowledgement.
func (s *Stream) referenced(id streamID) bool {
	for _, g := range s.groups {
		if g.last.less(id) || g.pending.find(id) != nil {
			return true
		}
	}
	return false
}

// prepare says whether an entry may be deleted; with DELREF what refers to it is gone then.
func (r *references) prepare(s *Stream, id streamID) (mayDelete bool) {
	switch r.strategy {
	case acknowledgedOnly:
		return !s.referenced(id)
	case deleteReferences:
		r.release(s, id)
	}
	return true
}

// release takes an entry off what is pending, in all groups.
func (r *references) release(s *Stream, id streamID) {
	if r.groups == nil {
		r.groups = s.groups
		r.released = make([][]streamID, len(s.groups))
	}
	for i, g := range r.groups {
		if g.release(id) {
			r.released[i] = append(r.released[i], id)
		}
	}
}

// releasedAny says whether pending entries were dropped.
func (r *references) releasedAny() bool {
	for _, ids := range r.released {
		if len(ids) > 0 {
			return true
		}
	}
	return false
}

// propagate journals a trim: the references that went, and then the entries, as trim says it, or one by
// one if the trim has left some between them.
func (r *references) propagate(c *Ctx, key []byte, trim func()) {
	for i, g := range r.groups {
		c.propagateReleased(key, g, r.released[i])
	}
	if !r.holes {
		trim()
		return
	}
	c.propagateDeleted(key, r.deleted)
}

// propagateDeleted journals that entries were deleted.
func (c *Ctx) propagateDeleted(key []byte, ids []streamID) {
	for len(ids) > 0 {
		n := min(len(ids), maxClaim)
		argv := [][]byte{[]byte("XDEL"), key}
		for _, id := range ids[:n] {
			argv = append(argv, id.text())
		}
		c.Effect(argv...)
		ids = ids[n:]
	}
}

// trimReferences is trim where every entry is looked at: with ACKED some stay, and those behind them may go.
// Whole nodes are no cheaper then, so "~" means no more than a limit to the work.
func (s *Stream) trimReferences(o *trimOptions) int64 {
	r, deleted := &o.references, int64(0)
	kept := false
	for node := s.head; node < len(s.nodes) && !o.done(s); {
		live, _ := nodeCounts(s.nodes[node].lp)
		if o.limit > 0 && deleted+live > o.limit {
			break
		}
		whole := o.takesNode(s, node, live)
		gone := s.trimNode(node, o, &kept)
		deleted += gone
		if gone == live {
			atHead := node == s.head
			s.removeNode(node)
			if atHead {
				node = s.head
			}
		} else {
			node++
		}
		if !whole {
			break
		}
	}
	if deleted > 0 {
		s.findFirst()
	}
	if r.holes {
		s.noteDeleted(r.deleted)
	}
	return deleted
}

// trimNode deletes what a trim takes of a node, and returns how many entries that is. kept says whether an
// entry was left standing; deletions behind one are holes.
func (s *Stream) trimNode(i int, o *trimOptions, kept *bool) int64 {
	r, deleted := &o.references, int64(0)
	node := &s.nodes[i]
	s.own(node)
	w := streamWalk{s: s, node: i}
	w.enter()
	for !o.done(s) && w.step() && (o.by == trimByLength || w.id.less(o.minID)) {
		if w.flags&entryDeleted != 0 {
			continue
		}
		if !r.prepare(s, w.id) {
			*kept = true
			continue
		}
		listpack.ReplaceInt(w.lp, w.at, w.flags|entryDeleted) // in place, see trimHead
		s.length--
		deleted++
		if r.strategy == acknowledgedOnly {
			r.deleted = append(r.deleted, w.id)
			r.holes = r.holes || *kept
		}
	}
	had := cap(node.lp)
	node.lp = countDeleted(node.lp, deleted)
	s.edits++
	s.memory += int64(cap(node.lp) - had)
	return deleted
}

// noteDeleted keeps the greatest id that was deleted out of turn.
func (s *Stream) noteDeleted(ids []streamID) {
	for _, id := range ids {
		if s.maxDeleted.less(id) {
			s.maxDeleted = id
		}
	}
}

// What XDELEX and XACKDEL say of each id.
const (
	entryMissing    = -1
	entryGone       = 1
	entryReferenced = 2
)

// deleteRequest is the part of XDELEX and XACKDEL that follows the names.
type deleteRequest struct {
	references
	ids  int // the argument that is the first id
	size int
}

// deleteRequest reads [KEEPREF | DELREF | ACKED] IDS numids id ..., in either order.
func (c *Ctx) deleteRequest(i int) (d deleteRequest, ok bool) {
	for i < len(c.Argv) {
		switch {
		case c.referencesOption(&d.references, i):
			i++
		case c.is(i, "IDS") && i+1 < len(c.Argv):
			n, ok := c.intAtLeast(i+1, 1, "ERR Number of IDs must be a positive integer")
			if !ok {
				return d, false
			}
			if n > int64(len(c.Argv)-i-2) {
				c.Reply.Error("ERR The `numids` parameter must match the number of arguments")
				return d, false
			}
			d.ids, d.size = i+2, int(n)
			i = d.ids + d.size
		default:
			c.syntaxError()
			return d, false
		}
	}
	if d.ids == 0 {
		c.syntaxError()
		return d, false
	}
	return d, true
}

// requestedIDs reads the ids of a request.
func (c *Ctx) requestedIDs(first, size int) ([]streamID, bool) {
	ids := make([]streamID, 0, size)
	for _, text := range c.Argv[first : first+size] {
		id, ok := c.strictID(text, 0)
		if !ok {
			return nil, false
		}
		ids = append(ids, id)
	}
	return ids, true
}

// replyMissing replies that there is none of the ids.
func (c *Ctx) replyMissing(n int) {
	c.Reply.Array(n)
	for range n {
		c.Reply.Int(entryMissing)
	}
}

func xdelexCommand(c *Ctx) {
	key := c.Argv[1]
	s, ok := c.streamForWrite(key)
	if !ok {
		return
	}
	d, ok := c.deleteRequest(2)
	if !ok {
		return
	}
	if !s.Exists() {
		c.replyMissing(d.size)
		return
	}
	ids, ok := c.requestedIDs(d.ids, d.size)
	if !ok {
		return
	}
	c.Reply.Array(len(ids))
	for _, id := range ids {
		switch {
		case !d.prepare(s, id):
			c.Reply.Int(entryReferenced)
		case s.remove(id):
			d.deleted = append(d.deleted, id)
			c.Reply.Int(entryGone)
		default:
			c.Reply.Int(entryMissing)
		}
	}
	c.finishDelete(s, &d, nil, nil)
}

func xackdelCommand(c *Ctx) {
	key := c.Argv[1]
	s, ok := c.streamForWrite(key)
	if !ok {
		return
	}
	d, ok := c.deleteRequest(3)
	if !ok {
		return
	}
	g := s.group(c.Argv[2])
	if g == nil {
		c.replyMissing(d.size)
		return
	}
	ids, ok := c.requestedIDs(d.ids, d.size)
	if !ok {
		return
	}
	var acknowledged []streamID
	c.Reply.Array(len(ids))
	for _, id := range ids {
		if !g.release(id) {
			c.Reply.Int(entryMissing)
			continue
		}
		acknowledged = append(acknowledged, id)
		if !d.prepare(s, id) {
			c.Reply.Int(entryReferenced)
			continue
		}
		if s.remove(id) {
			d.deleted = append(d.deleted, id)
		}
		c.Reply.Int(entryGone)
	}
	c.finishDelete(s, &d, g, acknowledged)
}

// finishDelete settles and journals what XDELEX and XACKDEL have done.
func (c *Ctx) finishDelete(s *Stream, d *deleteRequest, g *streamGroup, acknowledged []streamID) {
	key := c.Argv[1]
	if len(acknowledged) == 0 && len(d.deleted) == 0 && !d.releasedAny() {
		return
	}
	if len(d.deleted) > 0 {
		s.noteDeleted(d.deleted)
		s.findFirst()
		c.commit(s)
	} else {
		c.settleStream(s)
	}
	if g != nil {
		c.propagateReleased(key, g, acknowledged)
	}
	d.holes = true
	d.propagate(c, key, nil)
	if len(d.deleted) > 0 {
		c.Notify(notifyStream, "xdel", key)
	}
}
