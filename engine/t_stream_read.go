package engine

// readRequest is a parsed XREAD or XREADGROUP.
type readRequest struct {
	grouped  bool // XREADGROUP
	block    bool
	deadline int64 // microseconds since 1970; 0 = none
	count    int64 // entries per stream; 0 = any number
	keys     int   // the first argument that is a key; 0 = none
	streams  int
	group    []byte
	consumer []byte
	noAck    bool
	claim    bool
	minIdle  int64 // of CLAIM, milliseconds
	budget   readBudget
}

// readSource is one stream of a readRequest.
type readSource struct {
	key     []byte
	stream  *Stream
	group   *streamGroup
	above   streamID // entries behind this one are wanted
	history bool     // of what is pending for the consumer
}

func xreadCommand(c *Ctx) { c.readStreams(&readRequest{}) }

func xreadgroupCommand(c *Ctx) { c.readStreams(&readRequest{grouped: true}) }

// readStreams runs both commands: it replies what is there, or waits for it.
func (c *Ctx) readStreams(r *readRequest) {
	if !c.readOptions(r) {
		return
	}
	sources := make([]readSource, r.streams)
	for i := range sources {
		if !c.readSource(r, &sources[i], r.keys+i) {
			return
		}
	}
	mark, served := c.Reply.Later(), 0
	r.budget.begun = mark
	for i := 0; i < len(sources) && !r.budget.spent(c.Reply); i++ {
		if c.serve(r, &sources[i]) {
			served++
		}
	}
	switch {
	case served > 0 && c.Reply.proto == 3:
		c.Reply.MapAt(mark, served)
	case served > 0:
		c.Reply.ArrayAt(mark, served)
	case r.block:
		c.waitForEntries(r, sources)
	default:
		c.Reply.NullArray()
	}
}

// waitForEntries blocks. "$" becomes the id that it stands for now: when the request runs again, the
// entries it waited for are no longer behind the end of the stream.
func (c *Ctx) waitForEntries(r *readRequest, sources []readSource) {
	for i := range sources {
		if id := r.keys + r.streams + i; string(c.Argv[id]) == "$" {
			c.Argv[id] = sources[i].above.text()
		}
	}
	// Who claims may find something where the one before has found nothing idle enough.
	want := demand{kind: KindStream, group: string(r.group), shared: !r.grouped || r.claim}
	c.block(want, c.Argv[r.keys:r.keys+r.streams], r.deadline)
	if r.claim {
		c.wakeAt(c.firstClaim(r, sources))
	}
}

// readOptions reads the arguments up to the first key.
func (c *Ctx) readOptions(r *readRequest) bool {
	for i := 1; i < len(c.Argv) && r.keys == 0; i++ {
		var ok bool
		if i, ok = c.readOption(r, i); !ok {
			return false
		}
	}
	switch {
	case r.keys == 0:
		c.syntaxError()
	case r.grouped && r.group == nil:
		c.Reply.Error("ERR Missing GROUP option for XREADGROUP")
	case r.budget.count > 0 && r.budget.count < r.count:
		c.Reply.Error("ERR MAXCOUNT must be greater than or equal to COUNT")
	default:
		return true
	}
	return false
}

// readOption reads the option at argument i, and returns the index of its last word.
func (c *Ctx) readOption(r *readRequest, i int) (last int, ok bool) {
	more := len(c.Argv) - 1 - i
	switch {
	case more > 0 && c.is(i, "BLOCK"):
		r.block = true
		r.deadline, ok = c.deadlineMillis(i + 1)
		return i + 1, ok
	case more > 0 && c.is(i, "CLAIM"):
		if !c.groupedOnly(r, "CLAIM") {
			return i, false
		}
		r.claim = true
		r.minIdle, ok = c.intOr(i+1, "ERR min-idle-time is not an integer or out of range")
		if ok && r.minIdle < 0 {
			c.Reply.Error("ERR min-idle-time must be a positive integer")
			ok = false
		}
		return i + 1, ok
	case more > 0 && c.is(i, "MAXCOUNT"):
		r.budget.count, ok = c.intAtLeast(i+1, 1, "ERR MAXCOUNT must be a positive integer")
		return i + 1, ok
	case more > 0 && c.is(i, "MAXSIZE"):
		r.budget.bytes, ok = c.intAtLeast(i+1, 1, "ERR MAXSIZE must be a positive integer")
		return i + 1, ok
	case more > 0 && c.is(i, "COUNT"):
		r.count, ok = c.int(i + 1)
		r.count = max(r.count, 0)
		return i + 1, ok
	case more > 0 && c.is(i, "STREAMS"):
		if more%2 != 0 {
			c.Reply.Error("ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.")
			return i, false
		}
		r.keys, r.streams = i+1, more/2
		return i, true
	case more > 1 && c.is(i, "GROUP"):
		r.group, r.consumer = c.Argv[i+1], c.Argv[i+2]
		return i + 2, c.groupedOnly(r, "GROUP")
	case c.is(i, "NOACK"):
		r.noAck = true
		return i, c.groupedOnly(r, "NOACK")
	}
	c.syntaxError()
	return i, false
}

// groupedOnly replies an error unless the command is XREADGROUP.
func (c *Ctx) groupedOnly(r *readRequest, option string) bool {
	if !r.grouped {
		c.Reply.Error("ERR The " + option + " option is only supported by XREADGROUP. You called XREAD instead.")
	}
	return r.grouped
}

// deadlineMillis reads a timeout in milliseconds (0 = for ever) and returns when it runs out, in
// microseconds since 1970.
func (c *Ctx) deadlineMillis(i int) (int64, bool) {
	millis, ok := c.intOr(i, "ERR timeout is not an integer or out of range")
	switch {
	case !ok:
		return 0, false
	case millis < 0:
		c.Reply.Error("ERR timeout is negative")
		return 0, false
	case millis == 0:
		return 0, true
	}
	return saturatingMicros(c.Now, millis), true
}

// readSource looks up the stream named by argument i, its group, and from where on it is to be read.
func (c *Ctx) readSource(r *readRequest, source *readSource, i int) (ok bool) {
	source.key = c.Argv[i]
	if !r.grouped {
		source.stream, ok = c.streamForRead(source.key)
		return ok && c.readFrom(source, c.Argv[i+r.streams])
	}
	if source.stream, ok = c.streamForGroup(source.key); !ok {
		return false
	}
	if source.group = source.stream.group(r.group); source.group == nil {
		c.Reply.Error("NOGROUP No such key '" + upToNul(source.key) + "' or consumer group '" +
			upToNul(r.group) + "' in XREADGROUP with GROUP option")
		return false
	}
	return c.groupReadFrom(source, c.Argv[i+r.streams])
}

// readFrom reads XREAD's id. "+" asks for the last entry alone, as since 7.4.
func (c *Ctx) readFrom(source *readSource, text []byte) (ok bool) {
	switch string(text) {
	case "$":
		source.above = source.stream.last
		return true
	case "+":
		if source.above, ok = source.stream.lastLive().previous(); !ok {
			source.above = source.stream.last
		}
		return true
	case ">":
		c.Reply.Error("ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> " +
			"<consumer> option.")
		return false
	}
	source.above, ok = c.strictID(text, 0)
	return ok
}

// groupReadFrom reads XREADGROUP's id: ">" is what nobody in the group has been given yet.
func (c *Ctx) groupReadFrom(source *readSource, text []byte) (ok bool) {
	switch string(text) {
	case ">":
		return true
	case "$":
		c.Reply.Error("ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of " +
			"this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just " +
			"return an empty result set.")
		return false
	}
	source.above, ok = c.strictID(text, 0)
	// The greatest id is how the reference spells ">".
	source.history = source.above != maxStreamID
	return ok
}

// serve replies what a stream has for the request; it reports whether that is anything.
func (c *Ctx) serve(r *readRequest, source *readSource) bool {
	if r.grouped {
		return c.serveGroup(r, source)
	}
	above, ok := source.above.next()
	if !ok || source.stream.length == 0 {
		return false
	}
	w := source.stream.walk(above, maxStreamID, false)
	if !w.next() {
		return false
	}
	c.beginSource(source.key)
	mark, n := c.Reply.Later(), int64(0)
	for more := true; more; more = n != r.count && !r.budget.spent(c.Reply) && w.next() {
		c.Reply.streamEntry(&w)
		r.budget.sent++
		n++
	}
	c.Reply.ArrayAt(mark, int(n))
	return true
}

// beginSource opens the part of the reply that belongs to one key.
func (c *Ctx) beginSource(key []byte) {
	if c.Reply.proto == 2 {
		c.Reply.Array(2)
	}
	c.Reply.Bulk(key)
}

// serveGroup is serve for XREADGROUP. A consumer appears with the first reply it is given.
func (c *Ctx) serveGroup(r *readRequest, source *readSource) bool {
	s, g := source.stream, source.group
	k := g.consumer(r.consumer)
	if k != nil {
		k.seen = c.Now
	}
	claimable := c.claimable(r, source)
	if !source.history && len(claimable) == 0 && (s.length == 0 || !g.last.less(s.lastLive())) {
		return false
	}
	if k == nil {
		k = c.createConsumer(g, source.key, r.consumer)
	}
	effects := claimEffects{emit: c.Effect, mute: !c.e.journal.on, key: source.key, group: g, consumer: k}
	c.beginSource(source.key)
	if source.history {
		c.replyHistory(r, source, k, &effects)
	} else {
		c.deliver(r, source, k, &effects, claimable)
	}
	effects.flush()
	if !source.history {
		c.propagateLast(source.key, g)
		c.stirPending(source.key)
	}
	c.settleStream(s)
	return true
}

// deliver replies the entries that the group has not seen, and makes them pending for the consumer
// unless NOACK says that nobody will acknowledge them.
func (c *Ctx) deliver(r *readRequest, source *readSource, k *streamConsumer, effects *claimEffects,
	claimable []idleEntry) {
	s, g := source.stream, source.group
	above, _ := g.last.next()
	w := s.walk(above, maxStreamID, false)
	if g.behind.after == g.last {
		w.resume(&g.behind)
	}
	mark := c.Reply.Later()
	n := c.reclaim(r, source, k, effects, claimable)
	for (r.count == 0 || n < r.count) && !r.budget.spent(c.Reply) && w.next() {
		g.advance(s, w.id)
		g.behind = w.mark()
		c.replyDelivery(r, &w, 0, 0)
		r.budget.sent++
		if !r.noAck {
			g.assign(w.id, k, c.Now, 1)
			k.active = c.Now
			effects.add(w.id, c.Now, 1)
		}
		n++
	}
	c.Reply.ArrayAt(mark, int(n))
}

// replyHistory replies what is pending for the consumer behind an id, which counts as a delivery. An entry
// that the stream has no more is null. The reference does not replicate these deliveries; here they are
// journaled, since they are data that XPENDING shows.
func (c *Ctx) replyHistory(r *readRequest, source *readSource, k *streamConsumer, effects *claimEffects) {
	start, _ := source.above.next()
	mark, n := c.Reply.Later(), int64(0)
	for at := k.pending.seek(start); r.count == 0 || n < r.count; at = k.pending.after(at) {
		id, ok := k.pending.get(at)
		if !ok || r.budget.spent(c.Reply) {
			break
		}
		n++
		r.budget.sent++
		w := source.stream.walk(id, id, false)
		if !w.next() {
			c.Reply.Array(2)
			c.Reply.streamID(id)
			c.Reply.NullArray()
			continue
		}
		c.Reply.streamEntry(&w)
		d := source.group.pending.find(id)
		d.at = c.Now
		d.count++
		effects.add(id, d.at, d.count)
	}
	c.Reply.ArrayAt(mark, int(n))
}
