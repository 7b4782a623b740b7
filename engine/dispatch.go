package engine

// request takes one whole request, looked up already, to its reply (hops 4 to 6). It returns false
// when the request must wait with its bytes unread, because clients are paused.
func (e *Engine) request(c *Client, argv [][]byte, row, container *entry) bool {
	if row == nil && spokenByBrowser(argv[0]) {
		e.finish(c)
		return true
	}
	if row != nil && e.held(c, row) {
		e.stall(c)
		return false
	}
	c.active, c.last = e.now, row
	e.stats.requests++
	mark := len(c.reply.buf)
	c.set(flagBusy, true)
	ctx := e.context(c, argv, row)
	if refusal := e.admit(ctx, container); refusal != "" {
		e.reject(ctx, refusal)
		e.finishUnit() // making room may have had effects
	} else if c.multi != nil && row.Flags&runsInsideMulti == 0 {
		c.multi.queue(argv, row)
		c.reply.Simple("QUEUED")
	} else {
		e.call(ctx)
		e.finishUnit()
	}
	e.endRequest(c, mark)
	if e.tracking.due {
		e.tellDue()
	}
	e.shake()
	return true
}

// spokenByBrowser recognises the first word of an HTTP request or header: a page that was tricked into
// posting to our port must not get to the commands in its body.
func spokenByBrowser(word []byte) bool { return equalFold(word, "POST") || equalFold(word, "HOST:") }

// lookup finds the row of a request; most requests are of the same command as the one before.
func (e *Engine) lookup(argv [][]byte) (row, container *entry) {
	if last := e.lastRow; last != nil && last.parent == nil && last.subs == nil &&
		(string(argv[0]) == last.Name || equalFold(argv[0], last.Name)) {
		return last, nil
	}
	row, container = e.commands.find(argv)
	e.lastRow = row
	return row, container
}

// context prepares the one Ctx for a request; EXEC and wakes save and restore it. Its fields are set
// one by one, since building it anew and copying it took a sixth of the time of a PING.
func (e *Engine) context(client *Client, argv [][]byte, row *entry) *Ctx {
	e.views.reset()
	c := &e.ctx
	c.Argv, c.cmd, c.Now = argv, row, e.millis()
	if c.Client != client {
		c.Client, c.Reply = client, &client.reply
	}
	if db := e.dbs[client.db]; c.DB != db {
		c.DB = db
	}
	c.deny, c.rerun, c.keep, c.silent = false, false, false, false
	return c
}

// admit says why a request may not run, or "" if it may: one gate a line, in the reference's order.
func (e *Engine) admit(c *Ctx, container *entry) string {
	cmd := c.cmd
	switch {
	case cmd == nil && container != nil:
		return unknownSubcommand(c.Argv, container)
	case cmd == nil:
		return unknownCommand(c.Argv)
	case !arityFits(cmd.arity, len(c.Argv)) && !cmd.fits(len(c.Argv)):
		return arityError(cmd)
	case cmd.Run == nil:
		return unknownSubcommand(append(c.Argv, nil), cmd)
	case c.Client.has(flagReplay):
		return ""
	case !c.Client.has(flagAuthenticated) && cmd.Flags&NoAuth == 0 && !e.OpenToStrangers():
		return errNoAuth
	case c.Client.multi != nil && cmd.Flags&NoMulti != 0:
		return "ERR Command not allowed inside a transaction"
	}
	if c.Client.has(flagRestricted) {
		if refusal := e.refuse(c); refusal != "" {
			return refusal
		}
	}
	switch {
	case (cmd.Flags&DenyOOM != 0 || e.settings.maxMemory > 0) && e.outOfMemory(c):
		return errOutOfMemory
	case e.refusal != "" && e.changesData(c):
		return "MISCONF " + e.refusal
	case c.Client.reply.proto == 2 && c.Client.listening() && !allowedWhileListening(cmd):
		return listeningError(cmd)
	case e.yielding && cmd.Flags&AllowBusy == 0:
		return e.busyError()
	}
	return ""
}

// arityFits compares a request's length with an arity: exact, or at least -arity when negative.
func arityFits(arity, n int) bool { return n == arity || arity < 0 && n >= -arity }

// changesData says whether the request would write: itself, or as an EXEC of queued writes.
func (e *Engine) changesData(c *Ctx) bool {
	if c.cmd.Flags&runsInsideMulti != 0 && c.Client.multi != nil {
		return c.Client.multi.flags&Write != 0
	}
	return c.cmd.Flags&Write != 0
}

// reject answers a request that was not admitted; inside MULTI it also spoils the transaction.
func (e *Engine) reject(c *Ctx, refusal string) {
	if c.cmd != nil {
		c.cmd.rejected++
	}
	if c.Client.multi != nil {
		c.Client.multi.aborted = true
	}
	if c.cmd != nil && c.cmd.Name == "EXEC" {
		e.discard(c.Client)
		refusal = "EXECABORT Transaction discarded because of: " + withoutCode(refusal)
	}
	e.stats.countError(refusal)
	c.Reply.Error(refusal)
}

// withoutCode drops the generic code of an error text, and keeps those that mean something.
func withoutCode(text string) string {
	if len(text) > 4 && text[:4] == "ERR " {
		return text[4:]
	}
	return text
}

// call runs an admitted command, watched by MONITOR, SLOWLOG and the statistics.
func (e *Engine) call(c *Ctx) {
	row := c.cmd
	errors, mark := c.Reply.errors, len(c.Reply.buf)
	if len(e.monitors) > 0 {
		e.runWatched(c)
	} else {
		e.run(c)
	}
	row.calls++
	e.stats.commands++
	if c.Client.has(flagTracking) {
		e.remember(c)
	}
	if size := int64(len(c.Reply.buf) - mark); size >= e.settings.largeReply {
		e.noteLarge(c.Client, row, c.Argv, size, true)
	}
	if c.Reply.errors > errors {
		e.countFailure(row, c.Reply, mark)
	}
}

// countFailure notes that a command replied an error, which begins at mark of the reply.
func (e *Engine) countFailure(cmd *entry, r *Reply, mark int) {
	if mark >= len(r.buf) || r.buf[mark] != '-' {
		return // EXEC, whose own reply is no error
	}
	cmd.failed++
	if e.scripting.counted {
		e.scripting.counted = false
		return
	}
	e.stats.countError(clip(r.buf[mark+1:], 64))
}

// finishUnit ends an execution unit: its effects become whole, then blocked clients are served.
func (e *Engine) finishUnit() {
	if e.journal.effects > 0 && !e.yielding {
		e.journal.commit()
	}
	if len(e.blocking.ready) > 0 && !e.yielding {
		e.serveReady()
	}
}

// endRequest sends what had to wait for the end of the reply, and drops a reply nobody wants.
func (e *Engine) endRequest(c *Client, mark int) {
	if c.has(flagReplySkipNext | flagReplyOff | flagReplySkip | flagCaching) {
		c.endSwitches(mark)
	}
	c.set(flagBusy, false)
	if len(c.pushes) > 0 {
		c.reply.buf = append(c.reply.buf, c.pushes...)
		c.pushes = c.pushes[:0]
	}
}

// endSwitches obeys CLIENT REPLY, and ends CLIENT CACHING: it is for one command that is none of the CLIENT
// family, for one transaction, for one that blocks until it is served.
func (c *Client) endSwitches(mark int) {
	switch {
	case c.has(flagReplySkipNext):
		c.flags = c.flags&^flagReplySkipNext | flagReplySkip
		c.dropReply(mark)
	case c.has(flagReplyOff | flagReplySkip):
		c.set(flagReplySkip, false)
		c.dropReply(mark)
	}
	if c.multi == nil && c.wait == nil && !c.last.isSubcommandOf("CLIENT") {
		c.set(flagCaching, false)
	}
}

// dropReply forgets what was written since mark.
func (c *Client) dropReply(mark int) {
	if mark <= len(c.reply.buf) {
		c.reply.buf = c.reply.buf[:mark]
	}
}
