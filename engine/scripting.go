package engine

import (
	"slices"

	"riffle/engine/script"
)

// A script is one execution unit: it runs at one frozen time, nothing else runs meanwhile, and its effects
// are one MULTI / EXEC in the journal. Its commands are run by a client of its own, so that SELECT or
// a protocol inside it mean nothing outside. What it may do is decided command by command.
//
// One that runs longer than busy-reply-threshold lets its host serve others from time to time
// (Config.Yield): they may look, and end it with SCRIPT KILL as long as it has changed nothing.

// scripting is what the engine knows of scripts.
type scripting struct {
	cache       map[string]*cachedScript // by SHA-1
	cachedBytes int                      // of the texts in it
	libraries   []*library               // in the order in which they were loaded
	client      *Client                  // runs the commands of scripts
	current     *scriptRun               // what runs now
	spare       scriptRun
	late        []byte  // what the caller of a yielding script has sent meanwhile
	behind      *Client // whose late input must come behind the rest
	counted     bool    // the error that a script has ended with was counted when a command replied it
}

// cachedScript is a script that EVALSHA may name.
type cachedScript struct {
	sha     string
	text    []byte // as SCRIPT SHOW tells it; the program refers to it
	flags   script.Flags
	program any
}

// scriptRun is one run of a script or function; it is the interpreter's script.Host.
type scriptRun struct {
	e        *Engine
	caller   *Client
	name     string
	request  [][]byte // of the caller, for FUNCTION STATS
	function bool
	readOnly bool
	allowOOM bool
	full     bool // memory was used up when it began
	wrote    bool
	killed   bool
	busy     bool
	loading  bool  // a library registers its functions
	started  int64 // stopwatch
	yielded  int64 // stopwatch at the last Yield
	steps    int64
}

const (
	errNoScripts = "ERR Scripts are not part of this build"
	errBusyEval  = "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."
	errBusyFunc  = "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE."
	errNoLines   = "ERR Number of keys can't be greater than number of args"
	errFewKeys   = "ERR Number of keys can't be negative"
	errReadOnly  = "ERR Can not execute a script with write flag using *_ro command."
)

// keysAndArgs splits what follows the number of keys, which stands at 2.
func (c *Ctx) keysAndArgs(failure string) (keys, args [][]byte, ok bool) {
	n, ok := c.intOr(2, failure)
	switch {
	case !ok:
		return nil, nil, false
	case n > int64(len(c.Argv)-3):
		c.Reply.Error(errNoLines)
		return nil, nil, false
	case n < 0:
		c.Reply.Error(errFewKeys)
		return nil, nil, false
	}
	return c.Argv[3 : 3+n], c.Argv[3+n:], true
}

// refuseScript says why a script with these flags may not even begin; empty if it may. One that says
// nothing about itself is judged by what it does.
func (c *Ctx) refuseScript(flags script.Flags, readOnly bool) string {
	switch {
	case flags&script.Compatible != 0 || c.Client.has(flagReplay):
		return ""
	case flags&script.NoWrites == 0 && c.e.refusal != "":
		return "MISCONF " + c.e.refusal
	case flags&script.NoWrites == 0 && readOnly:
		return errReadOnly
	case flags&(script.NoWrites|script.AllowOOM) == 0 && c.e.noRoom(c.DB):
		return errOutOfMemory
	}
	return ""
}

// noRoom says whether memory is used up, whatever the command.
func (e *Engine) noRoom(db *DB) bool {
	return db.keys.Full() || e.settings.maxMemory > 0 && !e.makeRoom(db)
}

// runScript runs what call names and writes its reply.
func (c *Ctx) runScript(call *script.Call, flags script.Flags, readOnly bool) {
	if refusal := c.refuseScript(flags, readOnly); refusal != "" {
		c.Reply.Error(refusal)
		return
	}
	e, outer := c.e, *c
	run := &e.scripting.spare
	*run = scriptRun{
		e: e, caller: c.Client, name: call.Name, request: c.Argv, function: call.Function,
		readOnly: readOnly || flags&script.NoWrites != 0,
		allowOOM: flags&script.AllowOOM != 0, full: e.noRoom(c.DB), started: e.stopwatch(),
	}
	e.scripting.current = run
	e.scriptClient(c.Client)
	call.Host, call.Protocol, call.Out = run, c.Reply.proto, c.Reply.buf
	mark := len(call.Out)
	e.config.Scripts.Run(call)
	e.scripting.current = nil
	*c = outer
	c.Reply.buf = call.Out
	if len(call.Out) > mark && call.Out[mark] == '-' {
		c.Reply.errors++
		e.scripting.counted = call.Counted
	}
	if run.busy {
		e.endBusy(run)
	}
}

// scriptClient makes the client that runs the script's commands look like the one that has sent it.
func (e *Engine) scriptClient(caller *Client) {
	c := e.scripting.client
	if c == nil {
		c = &Client{peer: Peer{Address: "lua"}}
		e.scripting.client = c
	}
	c.flags = flagAuthenticated | flagScript | caller.flags&(flagReplay|flagNoTouch|flagRestricted)
	c.db, c.user, c.id, c.reply.proto = caller.db, caller.user, caller.id, 2
}

// Command runs one command of the script.
func (s *scriptRun) Command(argv [][]byte) []byte {
	e, client := s.e, s.e.scripting.client
	client.reply.buf = client.reply.buf[:0]
	row, _ := e.lookup(argv)
	c := e.context(client, argv, row)
	if refusal := s.refuse(c); refusal != "" {
		if row != nil {
			row.rejected++
		}
		e.stats.countError(refusal)
		client.reply.Error(refusal)
		return client.reply.buf
	}
	c.deny = true
	e.call(c)
	e.rememberScript(s, row)
	return client.reply.buf
}

// refuse says why a command may not run in the script, in the reference's order.
func (s *scriptRun) refuse(c *Ctx) string {
	row := c.cmd
	switch {
	case row == nil:
		return "ERR Unknown Redis command called from script"
	case !row.fits(len(c.Argv)) || row.Run == nil:
		return "ERR Wrong number of args calling Redis command from script"
	case row.Flags&NoScript != 0:
		return "ERR This Redis command is not allowed from script"
	}
	if refusal := s.e.refuseCall(c.Client, row, c.Argv); refusal != "" {
		return "ERR " + refusal
	}
	switch {
	case row.Flags&(Write|MayReplicate) != 0 && s.readOnly:
		return "ERR Write commands are not allowed from read-only scripts."
	case row.Flags&Write != 0 && !s.wrote && s.e.refusal != "" && !c.Client.has(flagReplay):
		return "MISCONF " + s.e.refusal
	case row.Flags&DenyOOM != 0 && s.full && !s.wrote && !s.allowOOM:
		return errOutOfMemory
	}
	if row.Flags&Write != 0 {
		s.wrote = true
	}
	return ""
}

// Protocol says how the replies to the script's commands are written.
func (s *scriptRun) Protocol(version int) { s.e.scripting.client.reply.proto = version }

// Allowed says whether there is such a command, and whether the caller may run it.
func (s *scriptRun) Allowed(argv [][]byte) (known, allowed bool) {
	row, _ := s.e.commands.find(argv)
	if row == nil {
		return false, false
	}
	if !s.caller.has(flagRestricted) {
		return true, true
	}
	why, _ := s.caller.user.check(row, argv)
	return true, why == notDenied
}

// Log hands a line to the host.
func (s *scriptRun) Log(level int, text string) {
	if s.e.config.Log != nil {
		s.e.config.Log(level, text)
	}
}

// Version is the reference's version.
func (s *scriptRun) Version() string { return referenceVersion }

// yieldEvery is how long a slow script runs between two Yields, in nanoseconds.
const yieldEvery = 5e6

// Poll judges how long the script has been running.
func (s *scriptRun) Poll() (ending string) {
	e := s.e
	s.steps += script.PollSteps
	if e.config.ScriptSteps > 0 && s.steps > e.config.ScriptSteps {
		return "Script ended: it made more steps than this server allows."
	}
	now := e.stopwatch()
	if s.loading {
		return s.loadingEnd(now)
	}
	if !s.busy && (now-s.started)/1e6 < e.settings.busyAfter {
		return ""
	}
	if e.config.Yield == nil && !s.caller.has(flagReplay) {
		return s.tooLong()
	}
	if !s.busy || now-s.yielded >= yieldEvery {
		s.busy, s.yielded = true, now
		if !e.yield(s) {
			s.killed = true
		}
	}
	switch {
	case !s.killed:
		return ""
	case s.function:
		return "Script killed by user with FUNCTION KILL."
	}
	return "Script killed by user with SCRIPT KILL."
}

// tooLong is what ends a slow script where a host cannot serve others meanwhile, such as a page.
func (s *scriptRun) tooLong() string {
	text := "Script ended after " + itoa(s.e.settings.busyAfter) + " milliseconds, because nobody else is served " +
		"while it runs here. CONFIG SET busy-reply-threshold allows more."
	if s.wrote {
		text += " What it has changed so far stays."
	}
	return text
}

// loadMost is how long a library may take to register its functions, in nanoseconds.
const loadMost = 500e6

func (s *scriptRun) loadingEnd(now int64) (ending string) {
	if now-s.started > loadMost {
		return "FUNCTION LOAD timeout"
	}
	return ""
}

// yield lets the host serve others. It returns false if the script must end. One that is replayed did end.
func (e *Engine) yield(s *scriptRun) bool {
	if s.caller.has(flagReplay) {
		return true
	}
	ctx, read, laps, settling := e.ctx, e.ahead, e.timing, e.settling
	now, clock, seconds := e.now, e.clock, e.seconds
	e.ahead, e.timing = ahead{}, timing{}
	e.yielding = true
	s.caller.set(flagRunning, true)
	more := e.config.Yield()
	s.caller.set(flagRunning, false)
	e.yielding = false
	e.ctx, e.ahead, e.timing, e.settling = ctx, read, laps, settling
	e.now, e.clock, e.seconds = now, clock, seconds
	return more
}

// feedLate keeps what the caller of a yielding script sends: it comes behind the rest of its input.
func (e *Engine) feedLate(p []byte) { e.scripting.late = append(e.scripting.late, p...) }

// endBusy remembers whose late input there is.
func (e *Engine) endBusy(run *scriptRun) {
	if len(e.scripting.late) > 0 {
		e.scripting.behind = run.caller
	}
}

// catchUp puts a caller's late input behind the rest.
func (e *Engine) catchUp(c *Client) {
	c.in = append(c.in, e.scripting.late...)
	e.scripting.late, e.scripting.behind = nil, nil
	e.resume(c)
}

// busyError is what others are told while a script yields.
func (e *Engine) busyError() string {
	if e.scripting.current.function {
		return errBusyFunc
	}
	return errBusyEval
}

// holdBack keeps from the host what must wait for the end of a yielding script: the caller's half-written
// output, and work that looks at the data.
func (e *Engine) holdBack() {
	r, caller := &e.ready, e.scripting.current.caller
	if i := slices.Index(r.Clients, caller); i >= 0 {
		r.Clients = slices.Delete(r.Clients, i, i+1)
		e.wrote(caller)
	}
	for _, request := range r.Requests {
		if request.Kind != RequestShutdown {
			e.requests = append(e.requests, request)
		}
	}
	r.Requests = slices.DeleteFunc(r.Requests, func(r Request) bool { return r.Kind != RequestShutdown })
}

// killScript answers SCRIPT KILL and FUNCTION KILL.
func (c *Ctx) killScript(function bool) {
	run := c.e.scripting.current
	switch {
	case run == nil:
		c.Reply.Error("NOTBUSY No scripts in execution right now.")
	case run.wrote:
		c.Reply.Error("UNKILLABLE Sorry the script already executed write commands against the dataset. You can " +
			"either wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.")
	case run.function != function:
		c.Reply.Error(c.e.busyError())
	default:
		run.killed = true
		c.Reply.OK()
	}
}
