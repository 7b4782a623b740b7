package engine

import "math"

// XNACK gives pending entries back: they stay pending, but for nobody, until someone claims them, and are
// the first to be claimed. Their deliveries have no consumer and the time 0.
//
// The journal and RDB 10 know pending entries of consumers only. There they belong to a consumer without a
// name, with the time 0: an XCLAIM that says so, and unlike others no JUSTID, is how a log gives entries back.
// Later versions show what was given back under the empty name, too.

// xnackModes are the words that say what becomes of the count of deliveries.
type xnackMode uint8

const (
	nackSilent xnackMode = iota // as if this one had not been
	nackFail                    // it stays
	nackFatal                   // the greatest there is
)

// xnackRequest is a parsed XNACK.
type xnackRequest struct {
	mode    xnackMode
	ids     int // the argument that is the first id
	size    int
	retries int64 // -1 = not given
	force   bool
}

// xnackRequest reads everything behind the group.
func (c *Ctx) xnackRequest() (r xnackRequest, ok bool) {
	r.retries = -1
	switch {
	case c.is(3, "SILENT"):
	case c.is(3, "FAIL"):
		r.mode = nackFail
	case c.is(3, "FATAL"):
		r.mode = nackFatal
	default:
		c.Reply.Error("ERR mode must be SILENT, FAIL, or FATAL")
		return r, false
	}
	for i := 4; i < len(c.Argv); i++ {
		if i, ok = c.xnackOption(&r, i); !ok {
			return r, false
		}
	}
	if r.ids == 0 {
		c.Reply.Error("ERR syntax error, expected IDS keyword")
	}
	return r, r.ids > 0
}

// xnackOption reads the option at argument i, and returns the index of its last word.
func (c *Ctx) xnackOption(r *xnackRequest, i int) (last int, ok bool) {
	more := i+1 < len(c.Argv)
	switch {
	case more && c.is(i, "IDS"):
		const failure = "ERR numids must be a positive integer"
		n, ok := c.intAtLeast(i+1, 1, failure)
		switch {
		case !ok:
			return i, false
		case n > math.MaxInt32:
			c.Reply.Error(failure)
			return i, false
		case n > int64(len(c.Argv)-i-2):
			c.Reply.Error("ERR number of IDs doesn't match numids")
			return i, false
		}
		r.ids, r.size = i+2, int(n)
		return i + 1 + r.size, true
	case c.is(i, "FORCE"):
		r.force = true
		return i, true
	case more && c.is(i, "RETRYCOUNT"):
		if r.retries, ok = c.int(i + 1); ok && r.retries < 0 {
			c.Reply.Error("ERR Invalid RETRYCOUNT value, must be >= 0")
			return i, false
		}
		return i + 1, ok
	}
	c.Reply.Error("ERR Unrecognized XNACK option '" + upToNul(c.Argv[i]) + "'")
	return i, false
}

// count returns how many deliveries an entry has had when it is given back.
func (r *xnackRequest) count(had int64) int64 {
	switch {
	case r.retries >= 0:
		return r.retries
	case r.mode == nackFatal:
		return math.MaxInt64
	case r.mode == nackSilent:
		return max(had-1, 0)
	}
	return had
}

func xnackCommand(c *Ctx) {
	s, g, ok := c.pendingGroup((*Ctx).streamForWrite)
	if !ok {
		return
	}
	r, ok := c.xnackRequest()
	if !ok {
		return
	}
	ids, ok := c.requestedIDs(r.ids, r.size)
	if !ok {
		return
	}
	effects := givenBack{c: c, key: c.Argv[1], group: g}
	nacked := int64(0)
	for _, id := range ids {
		had := int64(0)
		if d := g.pending.find(id); d != nil {
			had = d.count
		} else if !r.force || !s.exists(id) {
			continue
		}
		count := r.count(had)
		g.free(id, count)
		effects.add(id, count)
		nacked++
	}
	if nacked > 0 {
		effects.flush()
		c.settleStream(s)
		c.stirPending(c.Argv[1])
	}
	c.Reply.Int(nacked)
}

// free makes an entry pending for nobody.
func (g *streamGroup) free(id streamID, count int64) {
	fresh := delivery{count: count, consumer: noConsumer}
	g.pending.earliest = 0
	if g.pending.insert(id, fresh) {
		return
	}
	d := g.pending.find(id)
	g.disown(id, d)
	*d = fresh
}

// unowned returns the entries that are pending for nobody, in order.
func (g *streamGroup) unowned() (ids []streamID) {
	owned := 0
	for _, k := range g.consumers {
		owned += k.pending.length
	}
	if owned == g.pending.length {
		return nil
	}
	for at := (pendingAt{}); ; at = g.pending.after(at) {
		id, ok := g.pending.get(at)
		if !ok {
			return ids
		}
		if g.pending.note(at).consumer == noConsumer {
			ids = append(ids, id)
		}
	}
}

// givenBack collects entries for an effect as claimEffects does.
type givenBack struct {
	c     *Ctx
	emit  func(argv ...[]byte) // instead of the journal
	key   []byte
	group *streamGroup
	count int64
	ids   [][]byte
}

func (e *givenBack) add(id streamID, count int64) {
	if len(e.ids) == maxClaim || len(e.ids) > 0 && count != e.count {
		e.flush()
	}
	e.count = count
	e.ids = append(e.ids, id.text())
}

func (e *givenBack) flush() {
	if len(e.ids) == 0 {
		return
	}
	argv := append([][]byte{[]byte("XCLAIM"), e.key, e.group.name, nil, []byte("0")}, e.ids...)
	argv = append(argv, []byte("TIME"), []byte("0"), []byte("RETRYCOUNT"), intBytes(e.count), []byte("FORCE"))
	if e.emit != nil {
		e.emit(argv...)
	} else {
		e.c.Effect(argv...)
	}
	e.ids = e.ids[:0]
}

// returns says whether an XCLAIM of a log gives entries back.
func (o *claimOptions) returns(consumer []byte) bool {
	return len(consumer) == 0 && o.at == 0 && o.force && !o.justID
}

// giveBack replays what flush has written.
func (g *streamGroup) giveBack(s *Stream, o *claimOptions) {
	for _, id := range o.ids {
		if g.pending.find(id) != nil || s.exists(id) {
			g.free(id, o.retries)
		}
	}
}

// stirPending wakes who waits for pending entries to claim, whenever these have changed; that is nothing to
// those who wait for new ones.
func (c *Ctx) stirPending(key []byte) {
	q := c.DB.waiters[string(key)]
	if q == nil {
		return
	}
	for _, line := range q.lines {
		if line.shared && line.group != "" {
			c.e.markReady(q)
			return
		}
	}
}
