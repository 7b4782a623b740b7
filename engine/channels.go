package engine

import "riffle/engine/glob"

// channels is the fire-and-forget side of the engine: who listens to which channel, to which
// pattern, to which sharded channel. Nothing is kept: a message that finds no listener is gone.
type channels struct {
	exact    map[string]*audience
	sharded  map[string]*audience
	patterns []*audience // in the order in which they were first subscribed
	byGlob   map[string]*audience
}

// audience is the clients of one channel or pattern, in the order in which they came.
type audience struct {
	name    string
	clients []*Client
}

// subscription is what one client listens to, each list in the order of subscription.
type subscription struct {
	exact, patterns, sharded []string
}

func (s *subscription) count() int { return len(s.exact) + len(s.patterns) + len(s.sharded) }

// listening reports whether the client has subscribed to anything.
func (c *Client) listening() bool { return c.subs != nil && c.subs.count() > 0 }

// publish hands a message to the listeners of a channel and of the patterns that match it, and
// returns how many got it.
func (e *Engine) publish(channel, message []byte) int64 {
	receivers := int64(0)
	if a := e.channels.exact[string(channel)]; a != nil {
		for _, c := range a.clients {
			e.pushMessage(c, "message", "", channel, message)
			receivers++
		}
	}
	for _, a := range e.channels.patterns {
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
