package engine

import "math"

// claimEffects collects deliveries for the journal, or for a rewrite of it, and emits them as
//
//	XCLAIM key group consumer 0 id ... TIME at RETRYCOUNT count FORCE JUSTID LASTID last
//
// which leaves a group in the same state however often it is replayed. Entries delivered together have all
// but the id in common, so one command carries up to maxClaim of them.
type claimEffects struct {
	emit     func(argv ...[]byte)
	mute     bool // nothing is journaled: that something changed is all there is to say
	changed  bool
	key      []byte
	group    *streamGroup
	consumer *streamConsumer
	at       int64 // milliseconds since 1970
	count    int64
	ids      [][]byte
}

// maxClaim bounds the ids of one effect.
const maxClaim = 64

// add notes that an entry was delivered to the consumer.
func (e *claimEffects) add(id streamID, at, count int64) {
	if e.mute {
		e.changed = true
		return
	}
	if len(e.ids) == maxClaim || len(e.ids) > 0 && (at != e.at || count != e.count) {
		e.flush()
	}
	e.at, e.count = at, count
	e.ids = append(e.ids, id.text())
}

// flush emits what was collected; it must be called at the end.
func (e *claimEffects) flush() {
	if e.changed {
		e.emit()
	}
	if len(e.ids) == 0 {
		return
	}
	argv := append([][]byte{[]byte("XCLAIM"), e.key, e.group.name, e.consumer.name, []byte("0")}, e.ids...)
	e.emit(append(argv, []byte("TIME"), intBytes(e.at), []byte("RETRYCOUNT"), intBytes(e.count),
		[]byte("FORCE"), []byte("JUSTID"), []byte("LASTID"), e.group.last.text())...)
	e.ids = e.ids[:0]
}

// propagateLast journals how far a group has read.
func (c *Ctx) propagateLast(key []byte, g *streamGroup) {
	if !c.e.journal.on {
		c.Effect()
		return
	}
	c.Effect([]byte("XGROUP"), []byte("SETID"), key, g.name, g.last.text(),
		[]byte("ENTRIESREAD"), intBytes(g.read))
}

// propagateReleased journals that pending entries were dropped because the stream has them no more.
// The reference writes an XCLAIM here, which only versions from 7.0 on read that way; XACK says it to all.
func (c *Ctx) propagateReleased(key []byte, g *streamGroup, ids []streamID) {
	for len(ids) > 0 {
		n := min(len(ids), maxClaim)
		argv := [][]byte{[]byte("XACK"), key, g.name}
		for _, id := range ids[:n] {
			argv = append(argv, id.text())
		}
		c.Effect(argv...)
		ids = ids[n:]
	}
}

// pendingGroup returns the stream and group of a command about pending entries, or replies NOGROUP.
func (c *Ctx) pendingGroup(open func(*Ctx, []byte) (*Stream, bool)) (*Stream, *streamGroup, bool) {
	s, ok := open(c, c.Argv[1])
	if !ok {
		return nil, nil, false
	}
	g := s.group(c.Argv[2])
	if g == nil {
		c.Reply.Error("NOGROUP No such key '" + upToNul(c.Argv[1]) + "' or consumer group '" +
			upToNul(c.Argv[2]) + "'")
		return nil, nil, false
	}
	return s, g, true
}

func xackCommand(c *Ctx) {
	s, ok := c.streamForGroup(c.Argv[1])
	if !ok {
		return
	}
	g := s.group(c.Argv[2])
	if g == nil {
		c.Reply.Int(0)
		return
	}
	ids, ok := c.streamIDs(3)
	if !ok {
		return
	}
	acknowledged := int64(0)
	for _, id := range ids {
		if g.release(id) {
			acknowledged++
		}
	}
	if acknowledged > 0 {
		c.settleStream(s)
		c.Propagate()
	}
	c.Reply.Int(acknowledged)
}

// pendingQuery is the long form of XPENDING.
type pendingQuery struct {
	minIdle   int64 // milliseconds
	low, high streamID
	count     int64
	consumer  []byte // nil: any
}

func (c *Ctx) pendingQuery() (q pendingQuery, ok bool) {
	at := 3
	if c.is(at, "IDLE") {
		if q.minIdle, ok = c.int(at + 1); !ok {
			return q, false
		}
		if len(c.Argv) < 8 {
			c.syntaxError()
			return q, false
		}
		at += 2
	}
	if q.count, ok = c.int(at + 2); !ok {
		return q, false
	}
	if q.low, ok = c.rangeStart(c.Argv[at]); !ok {
		return q, false
	}
	if q.high, ok = c.rangeEnd(c.Argv[at+1]); !ok {
		return q, false
	}
	if at+3 < len(c.Argv) {
		q.consumer = c.Argv[at+3]
	}
	return q, true
}

func xpendingCommand(c *Ctx) {
	n := len(c.Argv)
	if n != 3 && (n < 6 || n > 9) {
		c.syntaxError()
		return
	}
	var q pendingQuery
	ok := true
	if n > 3 {
		if q, ok = c.pendingQuery(); !ok {
			return
		}
	}
	_, g, ok := c.pendingGroup((*Ctx).streamForRead)
	switch {
	case !ok:
	case n == 3:
		c.pendingSummary(g)
	default:
		c.pendingEntries(g, &q)
	}
}

// pendingSummary replies how many entries are pending, their least and greatest id, and for whom.
func (c *Ctx) pendingSummary(g *streamGroup) {
	c.Reply.Array(4)
	c.Reply.Int(int64(g.pending.length))
	if g.pending.length == 0 {
		c.Reply.Null()
		c.Reply.Null()
		c.Reply.NullArray()
		return
	}
	first, _ := g.pending.get(pendingAt{})
	c.Reply.streamID(first)
	c.Reply.streamID(g.pending.lastID())
	mark, n := c.Reply.Later(), 0
	for _, k := range g.consumers {
		if k.pending.length > 0 {
			c.Reply.Array(2)
			c.Reply.Bulk(k.name)
			c.Reply.BulkInt(int64(k.pending.length))
			n++
		}
	}
	c.Reply.ArrayAt(mark, n)
}

// pendingEntries replies pending entries one by one: id, consumer, idle time, deliveries.
func (c *Ctx) pendingEntries(g *streamGroup, q *pendingQuery) {
	list := &g.pending
	if q.consumer != nil {
		k := g.consumer(q.consumer)
		if k == nil {
			c.Reply.Array(0)
			return
		}
		list = &k.pending
	}
	mark, n := c.Reply.Later(), 0
	for at := list.seek(q.low); int64(n) < q.count; at = list.after(at) {
		id, ok := list.get(at)
		if !ok || q.high.less(id) {
			break
		}
		d := g.pending.find(id)
		owner, idle := g.owner(d), max(c.Now-d.at, 0)
		if owner == nil {
			idle = -1 // nobody has it
		} else if q.minIdle != 0 && c.Now-d.at < q.minIdle {
			continue
		}
		c.Reply.Array(4)
		c.Reply.streamID(id)
		c.Reply.Bulk(g.ownerName(d))
		c.Reply.Int(idle)
		c.Reply.Int(d.count)
		n++
	}
	c.Reply.ArrayAt(mark, n)
}

// claimOptions are the options of XCLAIM.
type claimOptions struct {
	minIdle int64 // milliseconds
	ids     []streamID
	at      int64 // time of delivery, milliseconds since 1970
	retries int64 // -1 = not given
	force   bool
	justID  bool
	last    streamID
}

// claimOptions reads everything behind the consumer. Ids end where a word is none.
func (c *Ctx) claimOptions() (o claimOptions, ok bool) {
	o.retries, o.at = -1, -1
	if o.minIdle, ok = c.intOr(4, "ERR Invalid min-idle-time argument for XCLAIM"); !ok {
		return o, false
	}
	i := 5
	for ; i < len(c.Argv); i++ {
		id, ok := parseStreamID(c.Argv[i], 0)
		if !ok {
			break
		}
		o.ids = append(o.ids, id)
	}
	for ; i < len(c.Argv); i++ {
		if i, ok = c.claimOption(&o, i); !ok {
			return o, false
		}
	}
	if o.at < 0 || o.at > c.Now && !c.Client.has(flagReplay) {
		o.at = c.Now // a client's own clock may be a little ahead
	}
	return o, true
}

// claimOption reads the option at argument i, and returns the index of its last word.
func (c *Ctx) claimOption(o *claimOptions, i int) (last int, ok bool) {
	more := i+1 < len(c.Argv)
	switch {
	case c.is(i, "FORCE"):
		o.force = true
		return i, true
	case c.is(i, "JUSTID"):
		o.justID = true
		return i, true
	case more && c.is(i, "IDLE"):
		idle, ok := c.intOr(i+1, "ERR Invalid IDLE option argument for XCLAIM")
		o.at = c.Now - idle
		return i + 1, ok
	case more && c.is(i, "TIME"):
		o.at, ok = c.intOr(i+1, "ERR Invalid TIME option argument for XCLAIM")
		return i + 1, ok
	case more && c.is(i, "RETRYCOUNT"):
		o.retries, ok = c.intOr(i+1, "ERR Invalid RETRYCOUNT option argument for XCLAIM")
		return i + 1, ok
	case more && c.is(i, "LASTID"):
		o.last, ok = c.streamID(i+1, 0)
		return i + 1, ok
	}
	c.Reply.Error("ERR Unrecognized XCLAIM option '" + upToNul(c.Argv[i]) + "'")
	return i, false
}

// claimer makes pending entries the property of one consumer, which appears with its first entry.
type claimer struct {
	c        *Ctx
	s        *Stream
	group    *streamGroup
	effects  claimEffects
	released []streamID // were pending, but the stream has them no more
}

func (c *Ctx) claimer(s *Stream, g *streamGroup) claimer {
	k := g.consumer(c.Argv[3])
	if k != nil {
		k.seen = c.Now
	}
	effects := claimEffects{emit: c.Effect, mute: !c.e.journal.on, key: c.Argv[1], group: g, consumer: k}
	return claimer{c: c, s: s, group: g, effects: effects}
}

// consumer returns the consumer that claims, and makes it if need be.
func (m *claimer) consumer() *streamConsumer {
	if m.effects.consumer == nil {
		m.effects.consumer = m.c.createConsumer(m.group, m.c.Argv[1], m.c.Argv[3])
	}
	return m.effects.consumer
}

// claim moves an entry to the consumer.
func (m *claimer) claim(id streamID, at, count int64) {
	k := m.consumer()
	m.group.assign(id, k, at, count)
	k.active = m.c.Now
	m.effects.add(id, at, count)
}

// release forgets a pending entry that the stream has no more.
func (m *claimer) release(id streamID) {
	if m.group.release(id) {
		m.released = append(m.released, id)
	}
}

// finish journals everything and settles the accounts.
func (m *claimer) finish() {
	m.effects.flush()
	m.c.propagateReleased(m.c.Argv[1], m.group, m.released)
	m.c.settleStream(m.s)
	m.c.stirPending(m.c.Argv[1])
}

func xclaimCommand(c *Ctx) {
	s, g, ok := c.pendingGroup((*Ctx).streamForGroup)
	if !ok {
		return
	}
	o, ok := c.claimOptions()
	if !ok {
		return
	}
	moved := g.last.less(o.last)
	if moved {
		g.last = o.last
	}
	if c.Client.has(flagReplay) && o.returns(c.Argv[3]) {
		g.giveBack(s, &o)
		c.settleStream(s)
		c.Reply.OK()
		return
	}
	m := c.claimer(s, g)
	mark, n := c.Reply.Later(), 0
	for _, id := range o.ids {
		if m.claimOne(id, &o) {
			n++
		}
	}
	c.Reply.ArrayAt(mark, n)
	m.finish()
	if moved && n == 0 {
		c.propagateLast(c.Argv[1], g) // else the effects say it
	}
}

// claimOne claims an entry if XCLAIM's conditions allow it, and replies it then.
func (m *claimer) claimOne(id streamID, o *claimOptions) bool {
	w := m.s.walk(id, id, false)
	if !w.next() {
		m.release(id)
		return false
	}
	count := int64(0)
	if d := m.group.pending.find(id); d != nil {
		if o.minIdle > 0 && m.group.owner(d) != nil && m.c.Now-d.at < o.minIdle {
			return false
		}
		count = d.count
	} else if !o.force {
		return false
	} else {
		count = 1
	}
	if o.retries >= 0 {
		count = o.retries
	} else if !o.justID && count < math.MaxInt64 {
		count++
	}
	m.claim(id, o.at, count)
	m.c.claimed(&w, o.justID)
	return true
}

// claimed replies a claimed entry, or its id alone.
func (c *Ctx) claimed(w *streamWalk, justID bool) {
	if justID {
		c.Reply.streamID(w.id)
		return
	}
	c.Reply.streamEntry(w)
}

// autoclaimFactor is how many pending entries XAUTOCLAIM looks at for each that it may claim.
const autoclaimFactor = 10

// autoclaimOptions are the arguments of XAUTOCLAIM behind the consumer.
type autoclaimOptions struct {
	minIdle int64 // milliseconds
	start   streamID
	count   int64
	justID  bool
}

func (c *Ctx) autoclaimOptions() (o autoclaimOptions, ok bool) {
	o.count = 100
	if o.minIdle, ok = c.intOr(4, "ERR Invalid min-idle-time argument for XAUTOCLAIM"); !ok {
		return o, false
	}
	if o.start, ok = c.rangeStart(c.Argv[5]); !ok {
		return o, false
	}
	for i := 6; i < len(c.Argv); i++ {
		switch {
		case c.is(i, "COUNT") && i+1 < len(c.Argv):
			i++
			if o.count, ok = c.claimCount(i); !ok {
				return o, false
			}
		case c.is(i, "JUSTID"):
			o.justID = true
		default:
			c.syntaxError()
			return o, false
		}
	}
	return o, true
}

// claimCount reads how many entries XAUTOCLAIM may claim: few enough to count the attempts.
func (c *Ctx) claimCount(i int) (count int64, ok bool) {
	const failure = "ERR COUNT must be > 0"
	if count, ok = c.intOr(i, failure); ok && (count < 1 || count > math.MaxInt64/streamIDSize) {
		c.Reply.Error(failure)
		return 0, false
	}
	return count, ok
}

func xautoclaimCommand(c *Ctx) {
	o, ok := c.autoclaimOptions()
	if !ok {
		return
	}
	s, g, ok := c.pendingGroup((*Ctx).streamForGroup)
	if !ok {
		return
	}
	m := c.claimer(s, g)
	claimed, cursor := m.sweep(&o)
	m.finish()
	c.Reply.Array(3)
	c.Reply.streamID(cursor)
	c.Reply.Array(len(claimed))
	for _, id := range claimed {
		w := s.walk(id, id, false)
		w.next()
		c.claimed(&w, o.justID)
	}
	c.Reply.Array(len(m.released))
	for _, id := range m.released {
		c.Reply.streamID(id)
	}
}

// sweep claims idle entries from o.start on, and returns them and where the next sweep begins.
func (m *claimer) sweep(o *autoclaimOptions) (claimed []streamID, cursor streamID) {
	pending := &m.group.pending
	at := pending.seek(o.start)
	attempts := o.count * autoclaimFactor
	for left := o.count; attempts > 0 && left > 0; attempts-- {
		id, ok := pending.get(at)
		if !ok {
			break
		}
		if !m.s.exists(id) {
			m.release(id)
			at = pending.seek(id)
			left--
			continue
		}
		d := pending.note(at)
		at = pending.after(at)
		if o.minIdle > 0 && m.group.owner(d) != nil && m.c.Now-d.at < o.minIdle {
			continue
		}
		count := d.count
		if !o.justID && count < math.MaxInt64 {
			count++
		}
		m.claim(id, m.c.Now, count)
		claimed = append(claimed, id)
		left--
	}
	cursor, _ = pending.get(at)
	return claimed, cursor
}
