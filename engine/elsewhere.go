package engine

// A build with the tag core has the code of the families in tables.go alone, so that a page has it soon.
// It knows the rows of all other commands too (tools/lean writes them down), without their code. A request
// that names one of them waits with its bytes unread, and the host is asked to move everything to an engine
// that has all commands: RequestFullEngine.

// elsewhere marks the rows whose code is in another build.
const elsewhere Flags = 1 << 30

// absence is what a core engine knows of what it lacks.
type absence struct {
	asked   bool   // the host is at work
	failure string // why it could not help; set while those who waited are answered
	met     bool   // data needed what is elsewhere
}

// awaits says whether a request for such a command must wait for the full engine, and asks for that once.
func (e *Engine) awaits(c *Client) bool {
	if e.absence.failure != "" || c.has(flagReplay) {
		return false
	}
	if !e.absence.asked {
		e.absence.asked = true
		e.ask(RequestFullEngine, "", nil)
	}
	return true
}

// runElsewhere answers for a command whose code could not be had.
func runElsewhere(c *Ctx) {
	c.e.absence.met = c.e.absence.met || c.Client.has(flagReplay)
	c.Reply.Error("ERR this command needs the full engine, which could not be loaded: " + c.e.absence.failure)
}

// endAbsence answers those who waited for a full engine that is not to be had. The next one asks again.
func (e *Engine) endAbsence(failure string) {
	e.absence.asked = false
	e.absence.failure = failure
	e.endStall()
	e.settle()
	e.absence.failure = ""
}

// Lacks says that Load or Apply met data that only the full engine can read.
func (e *Engine) Lacks() bool { return e.absence.met }
