package engine

import (
	"encoding/binary"

	"riffle/engine/listpack"
	"riffle/engine/rdb"
)

// The body of a stream in RDB:
//
//	nodes, (master 16 bytes, listpack) ..., length, last id,
//	[first id, greatest deleted id, entries added]                          since type 19
//	groups, (name, last id, [entries read], pending, consumers) ...
//
// where a group's pending entries bear their deliveries, those of a consumer are ids alone, and a consumer
// says when it was last seen and, since type 21, last active. Type 26 ends in what idempotent producers have
// sent: their limits, producers with their messages and the entries these became, two counters. Type 27 lists
// behind a group's consumers what is pending for nobody. Numbers are lengths, times 8 bytes.

// Save implements Value. Type 19 is what version 10 of the format knows.
func (s *Stream) Save(dst []byte) (out []byte, rdbType byte) {
	nodes := s.nodes[s.head:]
	dst = rdb.AppendLen(dst, uint64(len(nodes)))
	for i := range nodes {
		dst = nodes[i].save(dst)
	}
	return s.saveRest(dst), rdb.TypeStreamListpacks2
}

func (n *streamNode) save(dst []byte) []byte {
	var master [streamIDSize]byte
	dst = rdb.AppendString(dst, n.master.append16(master[:0]), false)
	lp := n.lp
	if listpack.Folded(lp) {
		lp = listpack.Unfold(lp)
	}
	return rdb.AppendString(dst, lp, true)
}

// saveRest appends what stands behind the nodes.
func (s *Stream) saveRest(dst []byte) []byte {
	dst = rdb.AppendLen(dst, uint64(s.length))
	dst = s.last.save(dst)
	dst = s.first.save(dst)
	dst = s.maxDeleted.save(dst)
	dst = rdb.AppendLen(dst, uint64(s.added))
	messages := s.messages.asGroup()
	if messages == nil {
		dst = rdb.AppendLen(dst, uint64(len(s.groups)))
	} else {
		dst = messages.save(rdb.AppendLen(dst, uint64(len(s.groups)+1)))
	}
	for _, g := range s.groups {
		dst = g.save(dst)
	}
	return dst
}

// savedBytes implements sliced: nodes are unfolded when they are saved.
func (s *Stream) savedBytes() int64 { return s.bytes * listpack.MostFolded }

// portray implements sliced.
func (s *Stream) portray() (likeness, byte) {
	return &streamLikeness{stream: s, length: len(s.nodes) - s.head}, rdb.TypeStreamListpacks2
}

// streamLikeness saves a stream node by node, and all the rest with the last one. When the stream changes,
// the likeness keeps the nodes that are still to be saved: the last one, which entries are added to, as a
// copy; others are copied when entries in them are deleted.
type streamLikeness struct {
	stream *Stream
	length int // nodes
	saved  int // how many of them are
	kept   []streamNode
	rest   []byte
	frozen bool
}

// before implements likeness.
func (p *streamLikeness) before([]byte) {
	if p.frozen {
		return
	}
	p.frozen = true
	p.rest = p.stream.saveRest(nil)
	p.kept = append([]streamNode(nil), p.stream.nodes[p.stream.head:]...)
	clear(p.kept[:p.saved])
	if p.length > 0 {
		tail := &p.kept[p.length-1]
		tail.lp = append([]byte(nil), tail.lp...)
	}
}

// piece implements likeness.
func (p *streamLikeness) piece(dst []byte) (out []byte, more bool) {
	if p.saved == 0 {
		dst = rdb.AppendLen(dst, uint64(p.length))
	}
	nodes := p.kept
	if !p.frozen {
		nodes = p.stream.nodes[p.stream.head:]
	}
	if p.saved < p.length {
		dst = nodes[p.saved].save(dst)
	}
	if p.saved++; p.saved < p.length {
		return dst, true
	}
	if p.frozen {
		return append(dst, p.rest...), false
	}
	return p.stream.saveRest(dst), false
}

// own must be called before the bytes of a node change, except by adding an entry.
func (s *Stream) own(node *streamNode) {
	if s.unfold(node); s.portrait != nil {
		node.lp = append(make([]byte, 0, cap(node.lp)), node.lp...)
	}
}

// save appends an id as two lengths.
func (id streamID) save(dst []byte) []byte {
	return rdb.AppendLen(rdb.AppendLen(dst, id.ms), id.seq)
}

func (g *streamGroup) save(dst []byte) []byte {
	dst = rdb.AppendString(dst, g.name, true)
	dst = g.last.save(dst)
	dst = rdb.AppendLen(dst, uint64(g.read))
	dst = g.pending.save(dst)
	consumers := g.savedConsumers()
	dst = rdb.AppendLen(dst, uint64(len(consumers)))
	for _, k := range consumers {
		dst = rdb.AppendString(dst, k.name, true)
		dst = rdb.AppendMillis(dst, k.seen)
		dst = k.pending.save(dst)
	}
	return dst
}

// savedConsumers returns the consumers, and in front one without a name that has what was given back.
func (g *streamGroup) savedConsumers() []*streamConsumer {
	free := g.unowned()
	if len(free) == 0 {
		return g.consumers
	}
	memory := int64(0)
	nameless := &streamConsumer{pending: pendingList{memory: &memory}}
	rest := g.consumers
	if len(rest) > 0 && len(rest[0].name) == 0 {
		k := rest[0]
		rest, nameless.seen = rest[1:], k.seen
		for at := (pendingAt{}); at.chunk < len(k.pending.chunks); at = k.pending.after(at) {
			id, _ := k.pending.get(at)
			nameless.pending.insert(id, delivery{})
		}
	}
	for _, id := range free {
		nameless.pending.insert(id, delivery{})
	}
	return append([]*streamConsumer{nameless}, rest...)
}

func (l *pendingList) save(dst []byte) []byte {
	dst = rdb.AppendLen(dst, uint64(l.length))
	for i := range l.chunks {
		for j, id := range l.chunks[i].ids {
			dst = id.append16(dst)
			if l.noted {
				d := &l.chunks[i].deliveries[j]
				dst = rdb.AppendMillis(dst, d.at)
				dst = rdb.AppendLen(dst, uint64(d.count))
			}
		}
	}
	return dst
}

// streamLoader reads a stream, and remembers the first fault so that reading can go on in lines.
type streamLoader struct {
	r       *rdb.Reader
	rdbType byte
	err     error
	last    streamID // of the nodes read, deleted or not
	folds   foldings
	ends    []int // of the entries of a node, see check
}

// Load implements Value. What it accepts satisfies everything the rest of the code relies on: listpacks
// whole, ids in order, counts true, and each pending entry owned by exactly one consumer.
func (s *Stream) Load(r *rdb.Reader, rdbType byte) error {
	l := streamLoader{r: r, rdbType: rdbType}
	live := int64(0)
	for n := l.len(); n > 0 && l.err == nil; n-- {
		live += l.node(s, n > 1)
	}
	s.length = int64(l.len())
	s.last = l.id()
	if l.err == nil && s.length != live {
		l.fail("a stream's length is not that of its listpacks")
	}
	if l.err == nil && s.last.less(l.last) {
		l.fail("a stream's last id is below its entries")
	}
	s.findFirst()
	s.added = s.length
	if rdbType != rdb.TypeStreamListpacks {
		l.id() // the first id is known
		s.maxDeleted = l.id()
		s.added = int64(l.len())
	}
	for n := l.len(); n > 0 && l.err == nil; n-- {
		l.group(s)
	}
	if rdbType >= rdb.TypeStreamListpacks4 {
		l.messages(s)
	} else if l.err == nil {
		s.takeMessages()
	}
	return l.err
}

func (l *streamLoader) fail(text string) {
	if l.err == nil {
		l.err = l.r.Fail(text)
	}
}

func (l *streamLoader) len() (n uint64) {
	if l.err == nil {
		n, l.err = l.r.Len()
	}
	return n
}

func (l *streamLoader) id() streamID {
	ms := l.len()
	return streamID{ms, l.len()}
}

func (l *streamLoader) millis() (at int64) {
	if l.err == nil {
		at, l.err = l.r.Millis()
	}
	return at
}

// string reads a string; it is valid until the next read.
func (l *streamLoader) string() (text []byte) {
	if l.err == nil {
		text, l.err = l.r.String()
	}
	return text
}

// rawID reads an id of 16 bytes.
func (l *streamLoader) rawID() (id streamID) {
	if l.err != nil {
		return id
	}
	raw, err := l.r.Take(streamIDSize)
	if l.err = err; err != nil {
		return id
	}
	return decodeID(raw)
}

func decodeID(raw []byte) streamID {
	return streamID{binary.BigEndian.Uint64(raw), binary.BigEndian.Uint64(raw[8:])}
}

// node reads a node and returns how many live entries it has. A node without any is not kept, one that
// more follow is folded.
func (l *streamLoader) node(s *Stream, more bool) int64 {
	raw := l.string()
	if l.err == nil && len(raw) != streamIDSize {
		l.fail("a stream node's key is not an id")
	}
	if l.err != nil {
		return 0
	}
	master := decodeID(raw)
	lp := l.string()
	if l.err != nil {
		return 0
	}
	node := streamNode{master, lp}
	live, last, ok := node.check(&l.ends)
	switch {
	case !ok:
		l.fail("a broken stream listpack")
	case s.head < len(s.nodes) && !l.last.less(master):
		l.fail("a stream's ids are not in order")
	case live > 0:
		if more {
			node.lp = s.seal(s.fold(&l.folds, lp, l.ends))
		} else {
			node.lp = append([]byte(nil), lp...)
		}
		s.nodes = append(s.nodes, node)
		s.memory += int64(cap(node.lp))
		l.last = last
		return live
	}
	return 0
}

// check says whether a node from outside is one, and returns how many live entries it has and its last id,
// deleted or not. Elements are checked as they are read, which saves a walk. ends are where entries end, which
// saves who folds the node another; none if one of them has fields of its own.
func (n *streamNode) check(ends *[]int) (live int64, last streamID, ok bool) {
	lp := n.lp
	if !listpack.Framed(lp) {
		return 0, last, false
	}
	live, pos := listpack.CheckedInt(lp, listpack.Start)
	var deleted, fields int64
	if pos != 0 {
		deleted, pos = listpack.CheckedInt(lp, pos)
	}
	if pos != 0 {
		fields, pos = listpack.CheckedInt(lp, pos)
	}
	zero := int64(1)
	if pos = listpack.CheckedRun(lp, pos, int(fields)); pos != 0 {
		zero, pos = listpack.CheckedInt(lp, pos)
	}
	if pos == 0 || fields < 0 || zero != 0 {
		return 0, last, false
	}
	v := nodeChecker{lp: lp, master: n.master, fields: fields, elements: fields + 4}
	alive := live
	last = n.master
	*ends = (*ends)[:0]
	same := byte(entrySameFields)
	for first := true; pos < len(lp)-1; first = false {
		id, flags, behind := v.entry(pos)
		if behind == 0 || id.less(last) || !first && id == last {
			return 0, last, false
		}
		pos, last = behind, id
		*ends = append(*ends, behind)
		same &= flags
		if flags&entryDeleted != 0 {
			deleted--
		} else {
			alive--
		}
	}
	if same&entrySameFields == 0 {
		*ends = (*ends)[:0]
	}
	return live, last, alive == 0 && deleted == 0 && listpack.Counts(lp, int(v.elements))
}

// nodeChecker steps through the entries of a framed listpack that should be a stream node.
type nodeChecker struct {
	lp       []byte
	master   streamID
	fields   int64 // of the master entry
	elements int64 // that were passed
}

// entry reads the entry at pos; behind is 0 if it is broken. Its flags must be spelt in one byte, so that they can
// be changed in place.
func (v *nodeChecker) entry(pos int) (id streamID, flags byte, behind int) {
	lp, body := v.lp, v.fields
	elements := body + 3
	if flags = lp[pos]; flags > entryDeleted|entrySameFields || lp[pos+1] != 1 {
		return id, 0, 0
	}
	ms, pos := listpack.CheckedInt(lp, pos+2)
	if pos == 0 {
		return id, 0, 0
	}
	seq, behind := listpack.Small(lp, pos)
	if behind == 0 {
		if seq, behind = listpack.CheckedInt(lp, pos); behind == 0 {
			return id, 0, 0
		}
	}
	pos = behind
	if flags&entrySameFields == 0 {
		var fields int64
		fields, pos = listpack.CheckedInt(lp, pos)
		if pos == 0 || fields < 0 || fields > int64(len(lp)) {
			return id, 0, 0
		}
		body, elements = 2*fields, 2*fields+4
	}
	if pos = listpack.CheckedRun(lp, pos, int(body)); pos == 0 {
		return id, 0, 0
	}
	counted, behind := listpack.Small(lp, pos)
	if behind == 0 {
		counted, behind = listpack.CheckedInt(lp, pos)
	}
	if behind == 0 || counted != elements {
		return id, 0, 0
	}
	v.elements += elements + 1
	return streamID{v.master.ms + uint64(ms), v.master.seq + uint64(seq)}, flags, behind
}

// group reads a group with its pending entries and consumers.
func (l *streamLoader) group(s *Stream) {
	name := append([]byte(nil), l.string()...)
	last := l.id()
	read := s.distance(last)
	if l.rdbType != rdb.TypeStreamListpacks {
		read = int64(l.len())
	}
	if l.err != nil {
		return
	}
	g := s.createGroup(name, last, read)
	if g == nil {
		l.fail("a stream has two groups of one name")
		return
	}
	for n := l.len(); n > 0 && l.err == nil; n-- {
		id := l.rawID()
		d := delivery{at: l.millis(), count: int64(l.len()), consumer: noConsumer}
		if l.err == nil && !g.pending.insert(id, d) {
			l.fail("a pending entry appears twice")
		}
	}
	owned := 0
	for n := l.len(); n > 0 && l.err == nil; n-- {
		owned += l.consumer(g)
	}
	if l.rdbType >= rdb.TypeStreamListpacks5 {
		owned += l.unowned(g)
	}
	if l.err == nil && owned != g.pending.length {
		l.fail("a pending entry belongs to nobody")
	}
}

// unowned reads what is pending for nobody and returns how many entries that are.
func (l *streamLoader) unowned(g *streamGroup) (n int) {
	last := streamID{}
	for left := l.len(); left > 0 && l.err == nil; left-- {
		id := l.rawID()
		if l.err != nil {
			break
		}
		d := g.pending.find(id)
		if d == nil || d.consumer != noConsumer || n > 0 && !last.less(id) {
			l.fail("what is pending for nobody is not its group's")
			break
		}
		d.at = 0
		last = id
		n++
	}
	if n > 0 {
		g.pending.earliest = 0
	}
	return n
}

// messages reads what idempotent producers have sent.
func (l *streamLoader) messages(s *Stream) {
	m := &idempotence{duration: int64(l.len()), maxSize: int64(l.len())}
	if l.err == nil && !m.withinLimits() {
		l.fail("limits of idempotent producers that do not exist")
	}
	for producers := l.len(); producers > 0 && l.err == nil; producers-- {
		name := append([]byte(nil), l.string()...)
		if l.err == nil && (len(name) == 0 || m.producer(name) != nil) {
			l.fail("a stream has two producers of one name")
		}
		for n := l.len(); n > 0 && l.err == nil; n-- {
			message := string(l.string())
			id := l.id()
			if p := m.producer(name); l.err == nil && p != nil && p.has([]byte(message)) {
				l.fail("a producer's message appears twice")
			}
			if l.err == nil {
				m.record(s, name, []byte(message), id)
			}
		}
	}
	m.added, m.duplicates = int64(l.len()), int64(l.len())
	if l.err == nil && (m.producers != nil || m.added|m.duplicates != 0) {
		s.messages = m
	}
}

// noConsumer marks a delivery whose consumer has not been read yet.
const noConsumer = 1<<32 - 1

// consumer reads a consumer and returns how many entries are pending for it.
func (l *streamLoader) consumer(g *streamGroup) int {
	name := append([]byte(nil), l.string()...)
	seen := l.millis()
	active := seen
	if l.rdbType >= rdb.TypeStreamListpacks3 {
		active = l.millis()
	}
	if l.err != nil {
		return 0
	}
	if g.consumer(name) != nil {
		l.fail("a group has two consumers of one name")
		return 0
	}
	k := g.createConsumer(name, seen)
	k.active = active
	for n := l.len(); n > 0 && l.err == nil; n-- {
		id := l.rawID()
		if l.err != nil {
			break
		}
		d := g.pending.find(id)
		if d == nil || d.consumer != noConsumer {
			l.fail("a consumer's pending entry is not its group's")
			break
		}
		d.consumer = k.number
		k.pending.insert(id, *d)
	}
	n := k.pending.length
	if len(name) == 0 && l.err == nil {
		g.freeNameless(k)
	}
	return n
}

// freeNameless turns what a consumer without a name was given at the time 0 into what nobody has. If the
// consumer was never seen it is there for that alone.
func (g *streamGroup) freeNameless(k *streamConsumer) {
	var free []streamID
	for at := (pendingAt{}); at.chunk < len(k.pending.chunks); at = k.pending.after(at) {
		if id, _ := k.pending.get(at); g.pending.find(id).at == 0 {
			free = append(free, id)
		}
	}
	for _, id := range free {
		g.disown(id, g.pending.find(id))
	}
	if k.seen == 0 && len(free) > 0 && k.pending.length == 0 {
		g.removeConsumer(k)
	}
}

// Rewrite implements Value.
func (s *Stream) Rewrite(key []byte, emit func(argv ...[]byte)) {
	w := s.walk(streamID{}, maxStreamID, false)
	for w.next() {
		argv := [][]byte{[]byte("XADD"), key, w.id.text()}
		w.each(func(field, value []byte) {
			argv = append(argv, append([]byte(nil), field...), append([]byte(nil), value...))
		})
		emit(argv...)
	}
	if s.length == 0 {
		// A stream without entries is one that has lost them.
		id := s.last
		if id.isZero() {
			id.seq = 1
		}
		emit([]byte("XADD"), key, []byte("MAXLEN"), []byte("0"), id.text(), []byte("x"), []byte("y"))
	}
	emit([]byte("XSETID"), key, s.last.text(), []byte("ENTRIESADDED"), intBytes(s.added),
		[]byte("MAXDELETEDID"), s.maxDeleted.text())
	for _, g := range s.groups {
		s.rewriteGroup(key, g, emit)
	}
	s.rewriteMessages(key, emit)
}

// rewriteGroup emits a group, its consumers and what is pending for each. What is pending of an entry
// that is gone cannot be said in commands, and says nothing any more.
func (s *Stream) rewriteGroup(key []byte, g *streamGroup, emit func(argv ...[]byte)) {
	emit([]byte("XGROUP"), []byte("CREATE"), key, g.name, g.last.text(),
		[]byte("ENTRIESREAD"), intBytes(g.read))
	for _, k := range g.consumers {
		emit([]byte("XGROUP"), []byte("CREATECONSUMER"), key, g.name, k.name)
	}
	free := givenBack{emit: emit, key: key, group: g}
	for _, id := range g.unowned() {
		if s.exists(id) {
			free.add(id, g.pending.find(id).count)
		}
	}
	free.flush()
	for _, k := range g.consumers {
		claims := claimEffects{emit: emit, key: key, group: g, consumer: k}
		for at := (pendingAt{}); ; at = k.pending.after(at) {
			id, ok := k.pending.get(at)
			if !ok {
				break
			}
			d := g.pending.find(id)
			claims.add(id, d.at, d.count)
		}
		claims.flush()
	}
}
