package engine

// runWatched runs a command and shows it to the clients in MONITOR mode. They see it when it has run, in the
// database where the client then is, and EXEC after what it ran. Only a script is seen before its commands.
func (e *Engine) runWatched(c *Ctx) {
	if c.cmd.Flags&SkipMonitor != 0 {
		e.feedMonitors(c)
		e.run(c)
		return
	}
	e.run(c)
	e.feedMonitors(c)
}

func (e *Engine) feedMonitors(c *Ctx) {
	if c.cmd.Flags&Admin != 0 || c.Client.has(flagReplay) {
		return
	}
	var r Reply
	r.Simple(e.monitorLine(c))
	for _, m := range e.monitors {
		e.pushBytes(m, r.buf)
	}
}

func (e *Engine) monitorLine(c *Ctx) string {
	source := c.Client.peer.Address
	if c.Client.peer.Unix {
		source = "unix:" + c.Client.peer.LocalAddress
	}
	line := make([]byte, 0, 128)
	line = appendInt(line, e.now/1e6)
	line = append(line, '.')
	fraction := itoa(e.now%1e6 + 1e6)
	line = append(line, fraction[1:]...)
	line = append(line, " ["...)
	line = appendInt(line, int64(c.Client.db))
	line = append(line, ' ')
	line = append(line, source...)
	line = append(line, ']')
	for _, arg := range c.cmd.redacted(c.Argv) {
		line = append(line, ' ')
		line = appendQuoted(line, arg)
	}
	return string(line)
}

// appendQuoted appends s between quotes, with the field's escapes for what cannot be printed.
func appendQuoted(dst, s []byte) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for _, ch := range s {
		switch {
		case ch == '"' || ch == '\\':
			dst = append(dst, '\\', ch)
		case ch == '\n':
			dst = append(dst, `\n`...)
		case ch == '\r':
			dst = append(dst, `\r`...)
		case ch == '\t':
			dst = append(dst, `\t`...)
		case ch == '\a':
			dst = append(dst, `\a`...)
		case ch == '\b':
			dst = append(dst, `\b`...)
		case ch < 0x20 || ch > 0x7e:
			dst = append(dst, '\\', 'x', hex[ch>>4], hex[ch&15])
		default:
			dst = append(dst, ch)
		}
	}
	return append(dst, '"')
}

func (e *Engine) removeMonitor(c *Client) {
	if !c.has(flagMonitor) {
		return
	}
	c.set(flagMonitor, false)
	for i, other := range e.monitors {
		if other == c {
			e.monitors = append(e.monitors[:i], e.monitors[i+1:]...)
			return
		}
	}
}
