package engine

import (
	"riffle/engine/rdb"
	"riffle/engine/resp"
)

// MIGRATE moves keys to another server: DUMP here, RESTORE there, and what the other server has accepted is deleted
// here. Nobody may see the keys in between, so that the host makes the whole exchange while the command runs
// (Config.Exchange), and everybody waits, as with the reference.

var migrateCommands = []Command{
	{
		Name: "MIGRATE",
		Syntax: "host port:integer <key | \"\"> destination-db timeout:integer [COPY] [REPLACE]" +
			" [AUTH password | AUTH2 username password] [KEYS key [key ...]]",
		Flags: Write | MovableKeys, Since: "2.6.0", Arity: -6, Categories: "dangerous",
		Complexity: "O(N) to dump, restore and delete the keys, and the transfer of their data",
		Summary:    "Atomically transfers keys to another server.",
		Example: `
> MIGRATE 192.168.1.34 6379 nokey 0 5000
NOKEY`,
		Run: migrateCommand,
	},
}

// Exchange is what MIGRATE asks of the host: to send requests to another server and to read as many replies.
type Exchange struct {
	Host, Port string
	Timeout    int64  // milliseconds, for connecting and for each step of writing and reading
	Requests   []byte // whole requests
	Replies    int    // lines to be read
}

// ExchangeFailure says how far an exchange came.
type ExchangeFailure uint8

// What may go wrong in an exchange.
const (
	Exchanged        ExchangeFailure = iota // nothing did
	FailedConnecting                        // there is no such host, or it does not answer
	FailedWriting                           // not all was sent, also because the host refuses connections
	FailedReading                           // fewer replies came
)

var exchangeErrors = [...]string{
	FailedConnecting: "IOERR error or timeout connecting to the client",
	FailedWriting:    "IOERR error or timeout writing to target instance",
	FailedReading:    "IOERR error or timeout reading from target instance",
}

const defaultMigrateTimeout = 1000 // milliseconds, for a timeout of 0 or less

// migration is one MIGRATE: its options, and what it sends.
type migration struct {
	copy, replace  bool
	user, password []byte // nil if not given
	keys           [][]byte
	db             []byte
	ask            Exchange
	sent           [][]byte // keys, in the order of their RESTOREs
}

func migrateCommand(c *Ctx) {
	m, ok := c.migrateOptions()
	if !ok {
		return
	}
	if m.ask.Timeout, ok = c.int(5); !ok {
		return
	}
	if _, ok = c.int(4); !ok {
		return
	}
	m.db = c.Argv[4]
	if m.ask.Timeout <= 0 {
		m.ask.Timeout = defaultMigrateTimeout
	}
	if !c.dumpKeys(m) {
		c.Reply.Simple("NOKEY")
		return
	}
	replies, failure := [][]byte(nil), FailedConnecting
	if exchange := c.e.config.Exchange; exchange != nil {
		replies, failure = exchange(m.ask)
	}
	c.endMigration(m, replies, failure)
}

func (c *Ctx) migrateOptions() (m *migration, ok bool) {
	m = &migration{keys: c.Argv[3:4]}
	m.ask.Host, m.ask.Port = string(c.Argv[1]), string(c.Argv[2])
	for i := 6; i < len(c.Argv); i++ {
		more := len(c.Argv) - 1 - i
		switch {
		case c.is(i, "COPY"):
			m.copy = true
		case c.is(i, "REPLACE"):
			m.replace = true
		case c.is(i, "AUTH") && more >= 1:
			m.password = c.Argv[i+1]
			i++
		case c.is(i, "AUTH2") && more >= 2:
			m.user, m.password = c.Argv[i+1], c.Argv[i+2]
			i += 2
		case c.is(i, "KEYS"):
			if len(c.Argv[3]) > 0 {
				c.Reply.Error("ERR When using MIGRATE KEYS option, the key argument must be set to the empty string")
				return nil, false
			}
			m.keys = c.Argv[i+1:]
			return m, true
		default:
			c.syntaxError()
			return nil, false
		}
	}
	return m, true
}

// dumpKeys writes the requests that are to be sent, and reports whether any of the keys is there.
func (c *Ctx) dumpKeys(m *migration) bool {
	ask := &m.ask
	put := func(words ...[]byte) {
		ask.Requests = resp.AppendCommand(ask.Requests, words...)
		ask.Replies++
	}
	switch {
	case m.user != nil:
		put([]byte("AUTH"), m.user, m.password)
	case m.password != nil:
		put([]byte("AUTH"), m.password)
	}
	put([]byte("SELECT"), m.db)
	for _, key := range m.keys {
		ref := c.find(key)
		if ref == 0 {
			continue
		}
		ttl := int64(0)
		if at := c.DB.expiry(ref); at != noExpiry {
			ttl = max(at-c.Now, 1)
		}
		payload, rdbType := c.DB.open(ref, &c.e.views).Save([]byte{0})
		payload[0] = rdbType
		words := [][]byte{[]byte("RESTORE"), key, intBytes(ttl), rdb.AppendDumpFooter(payload, 0)}
		if m.replace {
			words = append(words, []byte("REPLACE"))
		}
		put(words...)
		m.sent = append(m.sent, key)
	}
	return len(m.sent) > 0
}

// endMigration deletes the keys that have arrived, and replies. The answers to AUTH and SELECT stand in front of those
// to the RESTOREs: if one of them is an error, nothing has arrived where it should.
func (c *Ctx) endMigration(m *migration, replies [][]byte, failure ExchangeFailure) {
	head := min(m.ask.Replies-len(m.sent), len(replies))
	refusal := firstError(replies[:head])
	astray := refusal != ""
	for i, line := range replies[head:] {
		switch {
		case astray:
		case firstError(replies[head+i:head+i+1]) == "":
			c.moved(m, m.sent[i])
		case refusal == "":
			refusal = string(line[1:])
		}
	}
	switch {
	case refusal != "" && len(replies) > head:
		c.Reply.Error("ERR Target instance replied with error: " + refusal)
	case failure != Exchanged:
		c.Reply.Error(exchangeErrors[failure])
	default:
		c.Reply.OK()
	}
}

// firstError returns the text of the first error among replies, "" if there is none.
func firstError(replies [][]byte) string {
	for _, line := range replies {
		if len(line) > 0 && line[0] == '-' {
			return string(line[1:])
		}
	}
	return ""
}

// moved deletes a key that the other server has.
func (c *Ctx) moved(m *migration, key []byte) {
	if m.copy {
		return
	}
	if ref := c.findWrite(key); ref != 0 {
		c.delete(key, ref)
	}
}

// migratedKeys returns the positions of the keys that a MIGRATE names: the fourth word, or all behind KEYS. ok is
// false if there are both.
func migratedKeys(argv [][]byte) (at []int, ok bool) {
	for i := 6; i < len(argv)-1; i++ {
		switch {
		case equalFold(argv[i], "AUTH"):
			i++
		case equalFold(argv[i], "AUTH2"):
			i += 2
		case equalFold(argv[i], "KEYS"):
			for j := i + 1; j < len(argv); j++ {
				at = append(at, j)
			}
			return at, len(argv[3]) == 0
		}
	}
	return []int{3}, len(argv) > 3
}
