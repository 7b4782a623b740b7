package engine

import (
	"riffle/engine/dict"
	"riffle/engine/resp"
)

// A pipeline's requests are found and looked up a few at a time before the first of them runs, so that
// what their keys lead to comes from memory for all of them at once (dict.Warm): waiting for memory is a
// third of the time of a command on a large keyspace. Nothing is executed ahead of its turn. What was read
// ahead is dropped, and read again, when a request changes how the next must be read or whose turn it is.

// aheadMost is how many requests are read before they run.
const aheadMost = dict.WarmMax

// ahead is what was read of one client's input. Its slices are reused.
type ahead struct {
	input    []byte   // what they were read from
	argv     [][]byte // the arguments of all requests
	requests [aheadMost]aheadRequest
	count    int
	keys     [][]byte
	warmth   uint64
}

// aheadRequest is one request: its arguments and its bytes end here, and begin where the last one's end.
type aheadRequest struct {
	row, container *entry
	args, bytes    int
}

// readAhead finds whole requests at the start of p. incomplete says that the bytes behind them are not a
// whole request. An error is that of the first request; one further on is found again in its turn.
func (e *Engine) readAhead(c *Client, p []byte) (incomplete bool, err error) {
	a := &e.ahead
	a.argv, a.count, a.input = a.argv[:0], 0, p
	limits, most := e.limitsOf(c)
	for at := 0; a.count < most && at < len(p); {
		argv, n, err := c.parser.Next(p[at:], a.argv, limits)
		if err != nil && a.count > 0 {
			return false, nil
		}
		if n == 0 {
			return err == nil, err
		}
		at += n
		next := &a.requests[a.count]
		*next = aheadRequest{args: len(argv), bytes: at}
		if words := argv[len(a.argv):]; len(words) > 0 {
			next.row, next.container = e.lookup(words)
		}
		a.argv = argv
		a.count++
	}
	return false, nil
}

// limitsOf returns what the client may send, and how many requests may be read ahead: a stranger's next
// one may be what makes the rest legal.
func (e *Engine) limitsOf(c *Client) (limits *resp.Limits, most int) {
	if c.has(flagAuthenticated) || e.OpenToStrangers() {
		return &e.settings.limits, aheadMost
	}
	return &e.settings.strangerLimits, 1
}

// warmAhead warms the keys of the requests that were read, then the members they look up in one value.
func (e *Engine) warmAhead(c *Client) {
	a := &e.ahead
	if a.count == 0 || c.multi != nil {
		return
	}
	a.keys = a.keys[:0]
	from, members := 0, 0
	space := e.dbOf(c).keyspace
	large := space.keys.Large()
	for i := range a.requests[:a.count] {
		next := &a.requests[i]
		if next.row != nil {
			first, last, step := next.row.keys()
			if large {
				a.addKeys(a.argv[from:next.args], first, last, step)
			}
			members += next.row.member
		}
		from = next.args
	}
	if len(a.keys) > 1 {
		a.warmth += space.keys.Warm(a.keys)
	}
	if members > 0 && a.count > 1 {
		a.warmMembers(space)
	}
}

// addKeys adds the keys of a request as far as there is room.
func (a *ahead) addKeys(argv [][]byte, first, last, step int) {
	if last < 0 {
		last += len(argv)
	}
	for i := first; i > 0 && i <= last && i < len(argv) && len(a.keys) < dict.WarmMax; i += step {
		if n := len(a.keys); n == 0 || !sameKey(a.keys[n-1], argv[i]) { // one list, filled by all
			a.keys = append(a.keys, argv[i])
		}
	}
}

// sameKey compares keys from their ends, which is where they differ.
func sameKey(a, b []byte) bool {
	n := len(a)
	return n == len(b) && (n == 0 || a[n-1] == b[n-1] && string(a) == string(b))
}

// warmMembers does for the members that neighbouring requests look up under one key what Warm did for keys.
func (a *ahead) warmMembers(space *keyspace) {
	var key []byte
	a.keys = a.keys[:0]
	from := 0
	for i := range a.requests[:a.count] {
		next := &a.requests[i]
		argv := a.argv[from:next.args]
		from = next.args
		if next.row == nil || next.row.member == 0 || len(argv) <= next.row.member {
			continue
		}
		if string(argv[1]) != string(key) {
			a.warmTable(space, key)
			key = argv[1]
		}
		if member := next.row.member; member > 1 {
			a.keys = append(a.keys, argv[member])
		} else {
			a.keys = append(a.keys, argv[len(argv)-1])
		}
	}
	a.warmTable(space, key)
}

// warmTable warms the members collected in keys, if the key holds a value with a table of its own.
func (a *ahead) warmTable(space *keyspace, key []byte) {
	if len(a.keys) > 1 {
		if ref := space.keys.Find(key); ref != 0 {
			if value, ok := space.object(ref).(tabled); ok && value.members() != nil {
				a.warmth += value.members().Warm(a.keys)
			}
		}
	}
	a.keys = a.keys[:0]
}

// tabled is a value that may have a table of members; members is nil while it has none.
type tabled interface{ members() *dict.Dict }

func (h *Hash) members() *dict.Dict { return h.table }
func (s *Set) members() *dict.Dict  { return s.table }
func (z *ZSet) members() *dict.Dict { return z.table }

// runAhead runs the requests that were read and returns how many bytes they took. all is false if some of
// them did not get their turn, and must be read again when they do.
func (e *Engine) runAhead(c *Client) (n int, all bool) {
	a := &e.ahead
	limits, bulk := e.limitsNow(c)
	from := 0
	for i := 0; i < a.count; i++ {
		next := a.requests[i]
		argv := a.argv[from:next.args:next.args]
		e.journal.request = a.input[n:next.bytes]
		if len(argv) > 0 && !e.request(c, argv, next.row, next.container) {
			return n, false
		}
		if size := int64(next.bytes - n); size >= e.settings.largeRequest && next.row != nil {
			e.noteLarge(c, next.row, argv, size, false)
		}
		from, n = next.args, next.bytes
		if len(e.resumed) > 0 && !e.settling {
			// Whom this command woke goes on before this client's next one: were it only done at the
			// end of the input, the order of commands would hang on how the bytes came in.
			e.wrote(c)
			e.settle()
			return n, false
		}
		if now, most := e.limitsNow(c); now != limits || most != bulk || c.wait != nil || c.has(flagClosing) {
			return n, false
		}
	}
	return n, true
}

// limitsNow tells whether requests are still to be read as they were.
func (e *Engine) limitsNow(c *Client) (limits *resp.Limits, bulk int64) {
	limits, _ = e.limitsOf(c)
	return limits, limits.Bulk
}
