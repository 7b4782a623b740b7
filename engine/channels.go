package engine

import "riffle/engine/glob"

// channels is the fire-and-forget side of the engine: who listens to which channel, to which
// pattern, to which sharded channel. Nothing is kept: a message that finds no listener is gone.
//
// A message costs a look-up, a match against each pattern, and for each listener a copy of its bytes.
type channels struct {
	exact, patterns, sharded crowd
	spare                    [2][]byte // where messages are spelled, by protocol
}

// crowd is the audiences of one way of listening, by name and in no order.
type crowd struct {
	byName map[string]*audience
	list   []*audience
}

// audience is the clients of one channel or pattern, in no order.
type audience struct {
	name  string
	slot  int // in crowd.list
	seats []seat
}

// seat is a client in an audience, beside its own note of being there: a message goes through the seats
// and needs the clients only.
type seat struct {
	client *Client
	note   *listenerNote
}

// listenerNote is what ties a client and an audience. It knows its place on both sides, so that either
// side lets go of it in O(1): the last takes the place that becomes free.
type listenerNote struct {
	audience *audience
	seat     int // in audience.seats
	place    int // in the client's list
}

// subscription is what one client listens to.
type subscription struct{ exact, patterns, sharded []*listenerNote }

func (ch *channels) exactCrowd() *crowd   { return &ch.exact }
func (ch *channels) patternCrowd() *crowd { return &ch.patterns }
func (ch *channels) shardedCrowd() *crowd { return &ch.sharded }

func (s *subscription) exactNotes() *[]*listenerNote   { return &s.exact }
func (s *subscription) patternNotes() *[]*listenerNote { return &s.patterns }
func (s *subscription) shardedNotes() *[]*listenerNote { return &s.sharded }

func (s *subscription) unsharded() int { return len(s.exact) + len(s.patterns) }
func (s *subscription) shards() int    { return len(s.sharded) }
func (s *subscription) count() int     { return s.unsharded() + s.shards() }

// listening reports whether the client has subscribed to anything.
func (c *Client) listening() bool { return c.subs != nil && c.subs.count() > 0 }

// audience returns those who listen to a name, and makes them if need be.
func (cr *crowd) audience(name []byte) *audience {
	a := cr.byName[string(name)]
	if a == nil {
		if cr.byName == nil {
			cr.byName = map[string]*audience{}
		}
		a = &audience{name: string(name), slot: len(cr.list)}
		cr.byName[a.name] = a
		cr.list = append(cr.list, a)
	}
	return a
}

// forget drops an audience that nobody is left in.
func (cr *crowd) forget(a *audience) {
	delete(cr.byName, a.name)
	last := len(cr.list) - 1
	moved := cr.list[last]
	moved.slot = a.slot
	cr.list[a.slot], cr.list[last] = moved, nil
	cr.list = cr.list[:last]
}

// find returns the client's note of listening to a, nil if there is none, from the shorter of the two
// lists that have it.
func (a *audience) find(c *Client, mine []*listenerNote) *listenerNote {
	if len(mine) < len(a.seats) {
		for _, note := range mine {
			if note.audience == a {
				return note
			}
		}
		return nil
	}
	for i := range a.seats {
		if a.seats[i].client == c {
			return a.seats[i].note
		}
	}
	return nil
}

// join seats a client; mine is where it notes that.
func (a *audience) join(c *Client, mine *[]*listenerNote) {
	note := &listenerNote{audience: a, seat: len(a.seats), place: len(*mine)}
	a.seats = append(a.seats, seat{c, note})
	*mine = append(*mine, note)
}

// part undoes join.
func (cr *crowd) part(note *listenerNote, mine *[]*listenerNote) {
	a := note.audience
	last := len(a.seats) - 1
	a.seats[last].note.seat = note.seat
	a.seats[note.seat], a.seats[last] = a.seats[last], seat{}
	a.seats = a.seats[:last]
	notes := *mine
	last = len(notes) - 1
	notes[last].place = note.place
	notes[note.place], notes[last] = notes[last], nil
	*mine = notes[:last]
	if len(a.seats) == 0 {
		cr.forget(a)
	}
}

// publish hands a message to the listeners of a channel and of the patterns that match it, and
// returns how many got it.
func (e *Engine) publish(channel, message []byte) int64 {
	receivers := int64(0)
	if a := e.channels.exact.byName[string(channel)]; a != nil {
		receivers += e.tell(a, "message", channel, message)
	}
	for _, a := range e.channels.patterns.list {
		if glob.Match([]byte(a.name), channel, false) {
			receivers += e.tell(a, "pmessage", channel, message)
		}
	}
	return receivers
}

// tell writes one message to a whole audience and returns how many that are. The message is spelled once
// in each protocol that somebody speaks; to all others it is a copy of bytes.
func (e *Engine) tell(a *audience, kind string, channel, message []byte) int64 {
	var spelled [2]Reply // RESP2, RESP3
	for i := range a.seats {
		c := a.seats[i].client
		r := &spelled[c.reply.proto-2]
		if len(r.buf) == 0 {
			r.buf, r.proto = e.channels.spare[c.reply.proto-2][:0], c.reply.proto
			r.message(kind, a.name, channel, message)
		}
		e.pushBytes(c, r.buf)
	}
	for i := range spelled {
		if cap(spelled[i].buf) <= spareMessage {
			e.channels.spare[i] = spelled[i].buf
		}
	}
	return int64(len(a.seats))
}

// spareMessage is the largest spelled message whose buffer is kept for the next one, in bytes.
const spareMessage = 16 << 10

// message spells a message as a push; only a "pmessage" names the pattern it matched.
func (r *Reply) message(kind, pattern string, channel, message []byte) {
	if kind != "pmessage" {
		r.Push(3)
		r.BulkString(kind)
	} else {
		r.Push(4)
		r.BulkString(kind)
		r.BulkString(pattern)
	}
	r.Bulk(channel)
	r.Bulk(message)
}

// pushBytes writes an out-of-band message to a client. While the client's own command is running the
// message waits for the end of its reply: a message never lands inside one.
func (e *Engine) pushBytes(c *Client, message []byte) {
	switch {
	case c.has(flagGone | flagClosing):
	case c.has(flagBusy):
		c.pushes = append(c.pushes, message...)
	default:
		c.borrow()
		c.reply.buf = append(c.reply.buf, message...)
		e.wrote(c)
	}
}
