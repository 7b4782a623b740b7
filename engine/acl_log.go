package engine

import "slices"

// aclLog keeps what was refused, newest first: what happens again within a minute is counted and does not
// take another entry. It is bounded by acllog-max-len.
type aclLog struct {
	entries []aclEntry
	most    int
	nextID  int64
}

// aclEvent is what makes two refusals the same.
type aclEvent struct {
	why     denial
	context string // "toplevel", "multi" or "lua"
	object  string // the command, key, channel, or the command that gave a wrong password
	user    string
}

type aclEntry struct {
	aclEvent
	id          int64
	count       int64
	first, last int64 // milliseconds since 1970
	client      string
}

const (
	aclLogGroup  = 60_000 // milliseconds within which equal refusals are one entry
	aclLogRecent = 10     // how many entries are looked at to find an equal one
)

// note keeps a refusal; those of a script are its caller's.
func (l *aclLog) note(e *Engine, c *Client, event aclEvent) {
	if c.has(flagScript) {
		c = e.scripting.current.caller
	}
	now := e.millis()
	for i := range l.entries[:min(len(l.entries), aclLogRecent)] {
		if old := l.entries[i]; old.aclEvent == event && now-old.last <= aclLogGroup {
			old.count++
			old.last, old.client = now, e.clientLine(c)
			l.entries = insert(slices.Delete(l.entries, i, i+1), 0, old)
			return
		}
	}
	entry := aclEntry{event, l.nextID, 1, now, now, e.clientLine(c)}
	l.nextID++
	l.entries = insert(l.entries, 0, entry)
	l.trim()
}

// limit is the parameter acllog-max-len.
func (l *aclLog) limit(most int64) {
	l.most = int(most)
	l.trim()
}

// trim forgets the oldest entries beyond acllog-max-len.
func (l *aclLog) trim() {
	if len(l.entries) > l.most {
		l.entries = l.entries[:l.most]
	}
}

// reasonNames are the denials as ACL LOG spells them.
var reasonNames = [...]string{"", "command", "key", "auth", "channel"}

func aclLogCommand(c *Ctx) {
	l := &c.e.acl.log
	count := int64(10)
	switch {
	case len(c.Argv) > 3:
		c.subcommandError()
		return
	case c.is(2, "RESET"):
		l.entries = nil
		c.Reply.OK()
		return
	case len(c.Argv) == 3:
		var ok bool
		if count, ok = c.int(2); !ok {
			return
		}
	}
	count = min(max(count, 0), int64(len(l.entries)))
	c.Reply.Array(int(count))
	for i := range l.entries[:count] {
		c.replyRefusal(&l.entries[i])
	}
}

func (c *Ctx) replyRefusal(entry *aclEntry) {
	r := c.Reply
	r.Map(10)
	r.BulkString("count")
	r.Int(entry.count)
	r.BulkString("reason")
	r.BulkString(reasonNames[entry.why])
	r.BulkString("context")
	r.BulkString(entry.context)
	r.BulkString("object")
	r.BulkString(entry.object)
	r.BulkString("username")
	r.BulkString(entry.user)
	r.BulkString("age-seconds")
	r.Double(float64(c.Now-entry.last) / 1000)
	r.BulkString("client-info")
	r.BulkString(entry.client)
	r.BulkString("entry-id")
	r.Int(entry.id)
	r.BulkString("timestamp-created")
	r.Int(entry.first)
	r.BulkString("timestamp-last-updated")
	r.Int(entry.last)
}
