package engine

import "math"

// clientType is what CLIENT LIST TYPE and CLIENT KILL TYPE choose by.
type clientType uint8

const (
	typeNormal clientType = iota
	typeMaster
	typeReplica
	typePubSub
)

// clientTypeOf reads a TYPE argument; it replies when there is no such type.
func (c *Ctx) clientTypeOf(i int) (clientType, bool) {
	switch {
	case c.is(i, "NORMAL"):
		return typeNormal, true
	case c.is(i, "MASTER"), c.is(i, "PRIMARY"):
		return typeMaster, true
	case c.is(i, "SLAVE"), c.is(i, "REPLICA"):
		return typeReplica, true
	case c.is(i, "PUBSUB"):
		return typePubSub, true
	}
	c.Reply.Error("ERR Unknown client type '" + clip(c.Argv[i], maxShownName) + "'")
	return 0, false
}

func (c *Client) kindOf() clientType {
	if c.listening() {
		return typePubSub
	}
	return typeNormal
}

func clientList(c *Ctx) {
	var f clientFilter
	if !c.clientFilter(&f, 2, math.MinInt64, "ERR Invalid client ID") {
		return
	}
	var text []byte
	show := func(other *Client) {
		if other != nil && f.matches(c.e, other, c.Client) {
			text = append(append(text, c.e.clientLine(other)...), '\n')
		}
	}
	if f.ids == nil {
		for _, other := range c.e.clients {
			show(other)
		}
	}
	for _, id := range f.ids { // in the order in which they are asked for
		show(c.e.clientByID(id))
	}
	c.Reply.Verbatim("txt", string(text))
}

// clientLine describes a client in the fields of CLIENT LIST.
func (e *Engine) clientLine(c *Client) string {
	var sub, psub, ssub int
	if c.subs != nil {
		sub, psub, ssub = len(c.subs.exact), len(c.subs.patterns), len(c.subs.sharded)
	}
	multi := -1
	if c.multi != nil {
		multi = len(c.multi.requests)
	}
	command := "NULL"
	if c.last != nil {
		command = c.last.full
	}
	line := make(clientFields, 0, 256)
	line.int("id", c.id)
	line.text("addr", c.peer.Address)
	line.text("laddr", c.peer.LocalAddress)
	line.int("fd", int64(c.peer.FD))
	line.text("name", c.name)
	line.int("age", (e.now-c.created)/1e6)
	line.int("idle", (e.now-c.active)/1e6)
	line.text("flags", c.flagLetters())
	line.int("db", int64(c.db))
	line.int("sub", int64(sub))
	line.int("psub", int64(psub))
	line.int("ssub", int64(ssub))
	line.int("multi", int64(multi))
	line.int("qbuf", int64(len(c.in)))
	line.int("qbuf-free", int64(cap(c.in)-len(c.in)))
	line.int("argv-mem", 0)
	line.int("multi-mem", c.multi.bytes())
	line.int("rbs", int64(cap(c.reply.buf)))
	line.int("rbp", int64(len(c.reply.buf)))
	line.int("obl", int64(len(c.reply.buf)-c.sent))
	line.int("oll", 0)
	line.int("omem", 0)
	line.int("tot-mem", c.memory())
	line.text("events", "r")
	line.text("cmd", command)
	line.text("user", c.user.name)
	line.int("redir", c.redirection())
	line.int("resp", int64(c.reply.proto))
	line.text("lib-name", c.library)
	line.text("lib-ver", c.version)
	return string(line[:len(line)-1])
}

// clientFields is a line of CLIENT LIST being written: "name=value" and a blank each.
type clientFields []byte

func (f *clientFields) int(name string, n int64) { f.text(name, itoa(n)) }

func (f *clientFields) text(name, value string) {
	*f = append(append(append(append(*f, name...), '='), value...), ' ')
}

// clientBytes is about what an idle Client takes.
const clientBytes = 512

// bytes is the memory of the queued requests.
func (m *multiState) bytes() int64 {
	if m == nil {
		return 0
	}
	n := int64(0)
	for _, q := range m.requests {
		for _, arg := range q.argv {
			n += int64(len(arg)) + 24
		}
	}
	return n
}

// flagLetters is the flags field of CLIENT LIST.
func (c *Client) flagLetters() string {
	var letters []byte
	for _, f := range [...]struct {
		letter byte
		on     bool
	}{
		{'O', c.has(flagMonitor)},
		{'P', c.listening()},
		{'x', c.multi != nil},
		{'b', c.wait != nil},
		{'t', c.has(flagTracking)},
		{'R', c.tracker != nil && c.tracker.broken},
		{'B', c.tracker != nil && c.tracker.options&trackBroadcast != 0},
		{'d', c.has(flagDirty)},
		{'c', c.has(flagClosing)},
		{'U', c.peer.Unix},
		{'e', c.has(flagNoEvict)},
		{'T', c.has(flagNoTouch)},
	} {
		if f.on {
			letters = append(letters, f.letter)
		}
	}
	if len(letters) == 0 {
		return "N"
	}
	return string(letters)
}

func clientKill(c *Ctx) {
	if len(c.Argv) == 3 {
		address := clientCondition{property: propertyAddress, text: string(c.Argv[2])}
		if c.kill(&clientFilter{conditions: []clientCondition{address}}) == 0 {
			c.Reply.Error("ERR No such client")
			return
		}
		c.Reply.OK()
		return
	}
	f := clientFilter{spareMe: true}
	if c.clientFilter(&f, 2, 1, "ERR client-id should be greater than 0") {
		c.Reply.Int(c.kill(&f))
	}
}

// kill ends the clients that a filter matches, the asking one after its reply, and counts them.
func (c *Ctx) kill(f *clientFilter) int64 {
	killed := int64(0)
	for _, other := range c.e.clients { // finishing one leaves it there until the host has closed it
		if other.has(flagClosing) || !f.matches(c.e, other, c.Client) {
			continue
		}
		killed++
		if other != c.Client {
			other.dropOutput()
		}
		c.e.finish(other)
	}
	return killed
}
