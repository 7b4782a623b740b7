package engine

import "riffle/engine/glob"

// channels is the fire-and-forget side of the engine: who listens to which channel, to which
// pattern, to which sharded channel. Nothing is kept: a message that finds no listener is gone.
type channels struct{ exact, patterns, sharded crowd }

// crowd is the audiences of one way of listening, by name and in the order in which they arose.
type crowd struct {
	byName map[string]*audience
	list   []*audience
}

// audience is the clients of one channel or pattern, in the order in which they came.
type audience struct {
	name    string
	slot    int // in crowd.list
	clients []*Client
}

// subscription is what one client listens to, each list in the order of subscription.
type subscription struct{ exact, patterns, sharded []string }

func (ch *channels) exactCrowd() *crowd   { return &ch.exact }
func (ch *channels) patternCrowd() *crowd { return &ch.patterns }
func (ch *channels) shardedCrowd() *crowd { return &ch.sharded }

func (s *subscription) exactNames() *[]string   { return &s.exact }
func (s *subscription) patternNames() *[]string { return &s.patterns }
func (s *subscription) shardedNames() *[]string { return &s.sharded }

func (s *subscription) unsharded() int { return len(s.exact) + len(s.patterns) }
func (s *subscription) shards() int    { return len(s.sharded) }
func (s *subscription) count() int     { return s.unsharded() + s.shards() }

// listening reports whether the client has subscribed to anything.
func (c *Client) listening() bool { return c.subs != nil && c.subs.count() > 0 }

// join adds a client to the audience of a name.
func (cr *crowd) join(name string, c *Client) {
	a := cr.byName[name]
	if a == nil {
		if cr.byName == nil {
			cr.byName = map[string]*audience{}
		}
		a = &audience{name: name, slot: len(cr.list)}
		cr.byName[name] = a
		cr.list = append(cr.list, a)
	}
	a.clients = append(a.clients, c)
}

// part takes a client out of the audience of a name, and forgets a name that nobody listens to.
func (cr *crowd) part(name string, c *Client) {
	a := cr.byName[name]
	for i, other := range a.clients {
		if other == c {
			a.clients = append(a.clients[:i], a.clients[i+1:]...)
			break
		}
	}
	if len(a.clients) > 0 {
		return
	}
	delete(cr.byName, name)
	cr.list = append(cr.list[:a.slot], cr.list[a.slot+1:]...)
	for i := a.slot; i < len(cr.list); i++ {
		cr.list[i].slot = i
	}
}

// publish hands a message to the listeners of a channel and of the patterns that match it, and
// returns how many got it.
func (e *Engine) publish(channel, message []byte) int64 {
	receivers := int64(0)
	if a := e.channels.exact.byName[string(channel)]; a != nil {
		for _, c := range a.clients {
			e.pushMessage(c, "message", "", channel, message)
			receivers++
		}
	}
	for _, a := range e.channels.patterns.list {
		if !glob.Match([]byte(a.name), channel, false) {
			continue
		}
		for _, c := range a.clients {
			e.pushMessage(c, "pmessage", a.name, channel, message)
			receivers++
		}
	}
	return receivers
}

// pushMessage writes one message to a listener; pattern is empty unless kind is "pmessage".
func (e *Engine) pushMessage(c *Client, kind, pattern string, channel, message []byte) {
	e.push(c, func(r *Reply) {
		if pattern == "" && kind != "pmessage" {
			r.Push(3)
			r.BulkString(kind)
		} else {
			r.Push(4)
			r.BulkString(kind)
			r.BulkString(pattern)
		}
		r.Bulk(channel)
		r.Bulk(message)
	})
}

// push writes an out-of-band message to a client. While the client's own command is running the
// message waits for the end of its reply: a message never lands inside one.
func (e *Engine) push(c *Client, write func(*Reply)) {
	if c.has(flagGone | flagClosing) {
		return
	}
	if !c.has(flagBusy) {
		write(&c.reply)
		e.wrote(c)
		return
	}
	r := Reply{buf: c.pushes, proto: c.reply.proto}
	write(&r)
	c.pushes = r.buf
}
