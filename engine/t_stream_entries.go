package engine

import "math"

// addOptions are what stands between XADD's key and its fields.
type addOptions struct {
	trim     trimOptions
	noCreate bool     // NOMKSTREAM
	auto     bool     // "*"
	autoSeq  bool     // "ms-*"
	id       streamID // of autoSeq only ms counts
	at       int      // the argument that is the id
	producer []byte   // of IDMP and IDMPAUTO
	message  []byte   // the producer's own id for the entry; nil: its content
}

// addOptions reads XADD's arguments up to the id, and checks that pairs follow it.
func (c *Ctx) addOptions() (o addOptions, ok bool) {
	limited := false
	for o.at = 2; o.at < len(c.Argv); {
		if string(c.Argv[o.at]) == "*" {
			o.auto = true
			break
		}
		next, ok := c.trimOption(&o.trim, &limited, o.at)
		if !ok {
			return o, false
		}
		if next > o.at {
			o.at = next
			continue
		}
		if c.is(o.at, "NOMKSTREAM") {
			o.noCreate = true
			o.at++
			continue
		}
		if next, ok = c.producerOption(&o, o.at); !ok {
			return o, false
		}
		if next > o.at {
			o.at = next
			continue
		}
		if !c.addID(&o) {
			return o, false
		}
		break
	}
	if !c.checkTrim(&o.trim, limited, false) {
		return o, false
	}
	if pairs := len(c.Argv) - o.at - 1; pairs < 2 || pairs%2 == 1 {
		c.wrongArity()
		return o, false
	}
	return o, true
}

// addID reads the id at o.at: "ms-seq", "ms" or "ms-*".
func (c *Ctx) addID(o *addOptions) (ok bool) {
	text := c.Argv[o.at]
	if n := len(text); n > 2 && string(text[n-2:]) == "-*" {
		o.autoSeq = true
		text = text[:n-2]
		if o.id.ms, ok = parseUint(text); !ok {
			c.Reply.Error(errStreamID)
			return false
		}
	} else if o.id, ok = c.streamID(o.at, 0); !ok {
		return false
	}
	if o.producer != nil {
		c.Reply.Error("ERR syntax error, IDMP/IDMPAUTO can be used only with auto-generated IDs")
		return false
	}
	return true
}

// chooseID settles the id of a new entry, or replies why there is none.
func (c *Ctx) chooseID(s *Stream, o *addOptions) (id streamID, ok bool) {
	if s.last == maxStreamID {
		c.Reply.Error("ERR The stream has exhausted the last possible ID, unable to add more items")
		return id, false
	}
	switch {
	case o.auto:
		return s.nextID(c.Now), true
	case o.autoSeq:
		id, ok = s.nextSeq(o.id.ms)
	default:
		id, ok = o.id, true
	}
	if !ok || !s.last.less(id) {
		c.Reply.Error("ERR The ID specified in XADD is equal or smaller than the target stream top item")
		return id, false
	}
	return id, true
}

func xaddCommand(c *Ctx) {
	o, ok := c.addOptions()
	if !ok {
		return
	}
	if !o.auto && !o.autoSeq && o.id.isZero() {
		c.Reply.Error("ERR The ID specified in XADD must be greater than 0-0")
		return
	}
	key, pairs := c.Argv[1], c.Argv[o.at+1:]
	s, ok := c.streamForWrite(key)
	if !ok {
		return
	}
	if o.noCreate && !s.Exists() {
		c.Reply.Null()
		return
	}
	message := o.messageID(pairs)
	if c.replyDuplicate(s, &o, message) {
		return
	}
	id, ok := c.chooseID(s, &o)
	if !ok {
		return
	}
	if textSize(pairs) > maxEntrySize {
		c.Reply.Error("ERR Elements are too large to be stored")
		return
	}
	s.append(id, pairs, &c.e.settings)
	if o.producer != nil {
		s.idempotence(&c.e.settings).record(s, o.producer, message, id)
	}
	text := c.Reply.streamID(id)
	trimmed := int64(0)
	if o.trim.by != trimNone {
		trimmed = s.trim(&o.trim)
	}
	c.commit(s)
	c.propagateAdd(s, &o, text, trimmed)
	if o.producer != nil {
		c.Effect([]byte("XIDMPRECORD"), key, o.producer, message, id.text())
	}
	c.Notify(notifyStream, "xadd", key)
	if trimmed > 0 {
		c.Notify(notifyStream, "xtrim", key)
	}
}

// propagateAdd journals an XADD with the id it took, and with an approximate trim as what it came to:
// the length that is left.
func (c *Ctx) propagateAdd(s *Stream, o *addOptions, id []byte, trimmed int64) {
	given, r := c.Argv[o.at], &o.trim.references
	c.Argv[o.at] = id
	if o.trim.approximate || r.given() || o.producer != nil {
		effect := [][]byte{c.Argv[0], c.Argv[1]}
		if trimmed > 0 && !r.holes {
			effect = append(effect, []byte("MAXLEN"), []byte("="), intBytes(s.length))
		}
		c.Effect(append(effect, c.Argv[o.at:]...)...)
		r.propagate(c, c.Argv[1], func() {})
	} else {
		c.Propagate()
	}
	c.Argv[o.at] = given
}

func xlenCommand(c *Ctx) {
	if s, ok := c.streamForRead(c.Argv[1]); ok {
		c.Reply.Int(s.length)
	}
}

func xrangeCommand(c *Ctx) { c.streamRange(c.Argv[2], c.Argv[3], false) }

func xrevrangeCommand(c *Ctx) { c.streamRange(c.Argv[3], c.Argv[2], true) }

// streamRange replies the entries between two ids.
func (c *Ctx) streamRange(start, end []byte, reverse bool) {
	low, ok := c.rangeStart(start)
	if !ok {
		return
	}
	high, ok := c.rangeEnd(end)
	if !ok {
		return
	}
	count := int64(math.MaxInt64)
	for i := 4; i < len(c.Argv); i += 2 {
		if !c.is(i, "COUNT") || i+1 == len(c.Argv) {
			c.syntaxError()
			return
		}
		if count, ok = c.int(i + 1); !ok {
			return
		}
	}
	s, ok := c.streamForRead(c.Argv[1])
	switch {
	case !ok:
	case !s.Exists():
		c.Reply.Array(0)
	case count <= 0:
		c.Reply.NullArray()
	default:
		c.Reply.streamEntries(s.walk(low, high, reverse), count)
	}
}

func xdelCommand(c *Ctx) {
	key := c.Argv[1]
	s, ok := c.streamForWrite(key)
	if !ok {
		return
	}
	if !s.Exists() {
		c.Reply.Int(0)
		return
	}
	ids, ok := c.streamIDs(2)
	if !ok {
		return
	}
	deleted := int64(0)
	for _, id := range ids {
		if s.remove(id) {
			deleted++
			if s.maxDeleted.less(id) {
				s.maxDeleted = id
			}
		}
	}
	if deleted > 0 {
		s.findFirst()
		c.commit(s)
		c.Propagate()
		c.Notify(notifyStream, "xdel", key)
	}
	c.Reply.Int(deleted)
}

// setIDOptions are the options of XSETID.
type setIDOptions struct {
	added      int64 // -1 = not given
	maxDeleted streamID
}

func (c *Ctx) setIDOptions(id streamID) (o setIDOptions, ok bool) {
	o.added = -1
	for i := 3; i < len(c.Argv); i += 2 {
		more := i+1 < len(c.Argv)
		switch {
		case more && c.is(i, "ENTRIESADDED"):
			if o.added, ok = c.int(i + 1); !ok {
				return o, false
			}
			if o.added < 0 {
				c.Reply.Error("ERR entries_added must be positive")
				return o, false
			}
		case more && c.is(i, "MAXDELETEDID"):
			if o.maxDeleted, ok = c.streamID(i+1, 0); !ok {
				return o, false
			}
			if id.less(o.maxDeleted) {
				c.Reply.Error("ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id")
				return o, false
			}
		default:
			c.syntaxError()
			return o, false
		}
	}
	return o, true
}

func xsetidCommand(c *Ctx) {
	id, ok := c.streamID(2, 0)
	if !ok {
		return
	}
	o, ok := c.setIDOptions(id)
	if !ok {
		return
	}
	s, ok := c.streamForWrite(c.Argv[1])
	if !ok {
		return
	}
	if refusal := s.refuseID(id, &o); refusal != "" {
		c.Reply.Error(refusal)
		return
	}
	s.last = id
	if o.added >= 0 {
		s.added = o.added
	}
	if !o.maxDeleted.isZero() {
		s.maxDeleted = o.maxDeleted
	}
	c.Propagate()
	c.Notify(notifyStream, "xsetid", c.Argv[1])
	c.Reply.OK()
}

// refuseID says why XSETID may not set these values, or "".
func (s *Stream) refuseID(id streamID, o *setIDOptions) string {
	switch {
	case !s.Exists():
		return errNoSuchKey
	case s.length > 0 && id.less(s.lastLive()):
		return "ERR The ID specified in XSETID is smaller than the target stream top item"
	case o.added >= 0 && o.added < s.length:
		return "ERR The entries_added specified in XSETID is smaller than the target stream length"
	}
	return ""
}
