//go:build !core

package engine

// largeLogs are what COMMANDLOG keeps beside SLOWLOG: the last commands with a large request, and with a
// large reply.
type largeLogs struct{ requests, replies slowlog }

// noteLarge keeps a command for what is large of it.
func (e *Engine) noteLarge(c *Client, cmd *entry, argv [][]byte, size int64, reply bool) {
	if cmd.Flags&SkipSlowlog != 0 || c.has(flagReplay) {
		return
	}
	l, most := &e.large.requests, e.settings.largeRequestMax
	if reply {
		l, most = &e.large.replies, e.settings.largeReplyMax
	}
	l.add(most, e.newSlowEntry(c, cmd, argv, size))
}
