package engine

// Tick does what is due at this time: blocked clients time out, paused ones go on, keys expire
// or make room, holes are closed, save points are judged. A host calls it at Ready.Wake, and may call it more often.
func (e *Engine) Tick(now int64) {
	if e.yielding {
		return // a script sees one moment
	}
	e.advance(now)
	e.startLap()
	e.timeOut()
	e.endPause()
	e.expireStep()
	e.evictStep()
	e.notePeak()
	if e.tracking.due {
		e.tellDue()
	}
	e.compactStep()
	e.checkSavePoints()
	e.settle()
}

// wake is the time of the next duty, in microseconds since 1970; 0 if there is none.
func (e *Engine) wake() int64 {
	wake := e.expireWake()
	if len(e.blocking.timers) > 0 {
		wake = sooner(wake, e.blocking.timers[0].due())
	}
	wake = sooner(wake, e.pause.until)
	wake = sooner(wake, e.evictWake())
	wake = sooner(wake, e.compactWake())
	return sooner(wake, e.savePointWake())
}

// sooner returns the earlier of two times, 0 meaning never.
func sooner(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// pause is CLIENT PAUSE: until when requests wait with their bytes unread.
type pause struct {
	until int64 // microseconds since 1970; 0 = not paused
	all   bool  // reads wait too
}

// held says whether a request must wait: for the end of a pause, or for an engine that knows its command.
func (e *Engine) held(c *Client, row *entry) bool {
	return (row.Flags&elsewhere != 0 || e.pause.until > e.now) && e.mustWait(c, row)
}

func (e *Engine) mustWait(c *Client, row *entry) bool {
	if row.Flags&elsewhere != 0 && e.awaits(c) {
		return true
	}
	if e.pause.until <= e.now || c.has(flagReplay) {
		return false
	}
	if row.full == "client|unpause" {
		return false
	}
	if e.pause.all {
		return true
	}
	flags := row.Flags
	if row.Name == "EXEC" && c.multi != nil {
		flags = c.multi.flags
	}
	return flags&(Write|MayReplicate) != 0 && (c.multi == nil || row.Name == "EXEC")
}

// stall keeps a client's input unread until what it waits for has come.
func (e *Engine) stall(c *Client) {
	if !c.has(flagStalled) {
		c.set(flagStalled, true)
		e.stalled = append(e.stalled, c)
	}
}

// endPause lets the stalled clients go on once the pause is over.
func (e *Engine) endPause() {
	if e.pause.until == 0 || e.pause.until > e.now {
		return
	}
	e.pause = pause{}
	e.endStall()
}

// endStall lets all stalled clients try again.
func (e *Engine) endStall() {
	for _, c := range e.stalled {
		c.set(flagStalled, false)
		e.resume(c)
	}
	e.stalled = nil
}
