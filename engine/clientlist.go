package engine

import "riffle/engine/num"

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
	case c.is(i, "MASTER"):
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
	var text []byte
	switch {
	case len(c.Argv) == 4 && c.is(2, "TYPE"):
		want, ok := c.clientTypeOf(3)
		if !ok {
			return
		}
		for _, other := range c.e.clients {
			if other.kindOf() == want {
				text = append(append(text, c.e.clientLine(other)...), '\n')
			}
		}
	case len(c.Argv) > 3 && c.is(2, "ID"):
		for _, arg := range c.Argv[3:] {
			id, ok := num.ParseInt(arg)
			if !ok {
				c.Reply.Error("ERR Invalid client ID")
				return
			}
			if other := c.e.clientByID(id); other != nil {
				text = append(append(text, c.e.clientLine(other)...), '\n')
			}
		}
	case len(c.Argv) != 2:
		c.syntaxError()
		return
	default:
		for _, other := range c.e.clients {
			text = append(append(text, c.e.clientLine(other)...), '\n')
		}
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

// killFilter says which clients CLIENT KILL ends.
type killFilter struct {
	id             int64
	kind           clientType
	hasKind        bool
	user           *user
	address, local []byte
	maxAge         int64 // seconds; 0 = any
	spareMe        bool
}

// matches reports whether a client meets every condition given.
func (f *killFilter) matches(e *Engine, c, me *Client) bool {
	switch {
	case f.id != 0 && c.id != f.id,
		f.hasKind && c.kindOf() != f.kind,
		f.user != nil && c.user != f.user,
		f.address != nil && string(f.address) != c.peer.Address,
		f.local != nil && string(f.local) != c.peer.LocalAddress,
		f.maxAge != 0 && (e.now-c.created)/1e6 < f.maxAge,
		f.spareMe && c == me:
		return false
	}
	return true
}

func clientKill(c *Ctx) {
	if len(c.Argv) == 3 {
		f := killFilter{address: c.Argv[2]}
		if c.kill(&f) == 0 {
			c.Reply.Error("ERR No such client")
			return
		}
		c.Reply.OK()
		return
	}
	f := killFilter{spareMe: true}
	for i := 2; i < len(c.Argv); i += 2 {
		if i+1 >= len(c.Argv) {
			c.syntaxError()
			return
		}
		if !c.killOption(&f, i) {
			return
		}
	}
	c.Reply.Int(c.kill(&f))
}

// killOption reads one condition of CLIENT KILL.
func (c *Ctx) killOption(f *killFilter, i int) (ok bool) {
	value := c.Argv[i+1]
	switch {
	case c.is(i, "ID"):
		if f.id, ok = clientID(value); !ok {
			c.Reply.Error("ERR client-id should be greater than 0")
			return false
		}
	case c.is(i, "TYPE"):
		f.hasKind = true
		f.kind, ok = c.clientTypeOf(i + 1)
		return ok
	case c.is(i, "ADDR"):
		f.address = value
	case c.is(i, "LADDR"):
		f.local = value
	case c.is(i, "MAXAGE"):
		if f.maxAge, ok = c.intOr(i+1, "ERR maxage is not an integer or out of range"); !ok {
			return false
		}
	case c.is(i, "USER"):
		if f.user = c.e.acl.user(string(value)); f.user == nil {
			c.Reply.Error("ERR No such user '" + clip(value, maxShownName) + "'")
			return false
		}
	case c.is(i, "SKIPME") && equalFold(value, "YES"):
		f.spareMe = true
	case c.is(i, "SKIPME") && equalFold(value, "NO"):
		f.spareMe = false
	default:
		c.syntaxError()
		return false
	}
	return true
}

// kill ends the clients that a filter matches, the asking one after its reply, and counts them.
func (c *Ctx) kill(f *killFilter) int64 {
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
