package engine

import (
	"cmp"
	"slices"

	"riffle/engine/dict"
	"riffle/engine/prng"
	"riffle/engine/script"
)

// Config is what a host decides once, before the engine exists.
type Config struct {
	// Seed makes every random choice (hash order, SPOP, SRANDMEMBER, ids) reproducible. A host that
	// faces strangers keeps it secret, since it also guards the hash tables against chosen keys.
	Seed uint64
	// Journal says whether effects are written down at all. Without it Ready.Journal stays empty.
	Journal bool
	// Stopwatch returns a monotonic time in nanoseconds. It feeds SLOWLOG and the statistics and
	// never the data; nil reads as a watch that stands still.
	Stopwatch func() int64
	// HostInfo adds the host's own lines (process id, resident memory, files) to a section of INFO.
	// section is lower case; nil adds nothing.
	HostInfo func(section string, add func(name, value string))
	// Scripts runs scripts and functions, see riffle/engine/lua; nil leaves them out of this build.
	Scripts script.Interpreter
	// Yield is called from time to time while a script runs longer than busy-reply-threshold, so that the
	// host may Feed other clients and take Ready: they are told that the engine is busy, and may kill
	// the script. Memory that was given to Feed must stay as it is. false ends the script, and so does
	// a nil Yield.
	Yield func() bool
	// ScriptSteps bounds how many steps a script may make, about an operation each; 0 = no bound.
	ScriptSteps int64
	// Exchange sends requests to another server and returns the lines that it replies, without their ends and
	// fewer than asked for if it fails, for MIGRATE. The engine waits meanwhile. nil: no other server can be reached.
	Exchange func(Exchange) (replies [][]byte, failure ExchangeFailure)
	// Log takes the lines that scripts log (redis.log), level 0 (debug) to 3 (warning); nil drops them.
	Log func(level int, text string)
	// Pages supplies the memory of keyspaces, 64 KiB at a time; nil takes it from Go's heap.
	Pages *dict.Pages
}

// Peer describes the far end of a connection, as CLIENT LIST shows it.
type Peer struct {
	Address      string // "127.0.0.1:5000", a socket path, or a session's name
	LocalAddress string // the address it connected to
	Unix         bool   // came through a Unix socket
	FD           int    // the host's own number for the connection
}

// Ready is what the host owes the world before it feeds the engine again.
type Ready struct {
	Journal  []byte    // whole units of effects in order: append before sending Clients if the policy is "always"
	Offset   int64     // the journal's offset after Journal, in bytes since the engine was made
	Clients  []*Client // have bytes in Out, or are Closing; in the order first written
	Requests []Request // work that only a host can do
	Wake     int64     // call Tick at this time at the latest (microseconds since 1970); 0 = no timer
}

// RequestKind says what a Request asks of the host.
type RequestKind uint8

// The work that only a host can do.
const (
	RequestSave           RequestKind = iota + 1 // write a snapshot to storage, then Finish (SAVE)
	RequestBackgroundSave                        // write a snapshot in slices (BGSAVE)
	RequestRewrite                               // start a new log from a snapshot (BGREWRITEAOF)
	RequestShutdown                              // stop; Argument is "", "save" or "nosave", and perhaps "force"
	RequestRewriteConfig                         // write the parameters back to the configuration file
	RequestConfigure                             // the parameter named by Argument has a new value
	RequestReloadLog                             // replace all data by what the log holds (DEBUG LOADAOF)
	RequestLoadUsers                             // read the ACL file and give its text to LoadUsers
	RequestSaveUsers                             // write UserLines to the ACL file
	RequestPurge                                 // give unused memory back to the system (MEMORY PURGE)
	RequestFullEngine                            // move everything to an engine of a build without the tag core
	RequestCancelSave                            // give up the RequestBackgroundSave, and Finish both (BGSAVE CANCEL)
)

// Request asks the host for something the core cannot do. The client that asked waits (unless the
// command answered at once) until the host calls Finish.
type Request struct {
	Kind     RequestKind
	Argument string
	client   *Client
}

// Engine is the whole state of one server. It must be used by one goroutine at a time.
type Engine struct {
	config   Config
	settings settings
	values   []string // of the parameters, in their order, and the idle ones behind
	idle     []parameter
	random   *prng.Rand
	commands *index
	lastRow  *entry // that lookup found
	dbs      []*DB
	views    views

	now     int64  // microseconds since 1970, never goes back
	clock   int64  // the same in milliseconds
	seconds uint32 // and as the access clock has it
	started int64  // the time of the first call
	inside  int    // depth of calls being run: 1 in a command, 2 in a command of EXEC
	current *Client

	clients  []*Client // in the order of their ids
	nextID   int64
	argv     [][]byte // spare, so that parsing allocates nothing
	ahead    ahead
	outputs  outputs
	timing   timing
	memory   memorySum
	eviction eviction
	latency  latency
	ctx      Ctx

	journal  journal
	ready    Ready
	requests []Request
	written  []*Client // have output for the host
	resumed  []*Client // may go on with their input
	settling bool      // they do, one after the other
	stalled  []*Client // wait for CLIENT UNPAUSE

	blocking  blocking
	channels  channels
	monitors  []*Client
	pause     pause
	expiring  expiring
	holes     compaction
	snapshots []*Snapshot // being written
	runID     string      // 40 hex digits, new for every engine
	absence   absence
	replaying bool   // Apply or Load is at work: nothing expires, nothing is journaled
	refusal   string // why writes are refused; empty when they are not
	observers int    // watches of keys, and clients that track what they read
	tracking  tracking
	saves     saves
	stats     stats
	slowlog   slowlog
	large     largeLogs
	acl       acl
	scripting scripting
	yielding  bool // a slow script lets others look
}

// New makes an empty engine.
func New(config Config) *Engine {
	e := &Engine{config: config, random: prng.New(config.Seed), commands: newIndex()}
	e.settings.reset()
	e.acl = newACL()
	e.settings.seed = config.Seed
	e.setDefaults()
	e.journal.on = config.Journal
	e.journal.db = -1
	e.setDatabases(defaultDatabases)
	e.ctx.e = e
	e.runID = e.newRunID()
	return e
}

// newRunID makes the name of this life of the server.
func (e *Engine) newRunID() string {
	const hex = "0123456789abcdef"
	var id [40]byte
	for i := range id {
		id[i] = hex[e.random.Intn(16)]
	}
	return string(id[:])
}

const defaultDatabases = 16

func (e *Engine) setDatabases(n int) {
	e.dbs = make([]*DB, n)
	for i := range e.dbs {
		e.dbs[i] = &DB{keyspace: newKeyspace(e.config.Pages, e.random.Uint64()), id: i}
	}
}

// advance takes the host's time; a clock that steps back stands still here.
func (e *Engine) advance(now int64) {
	if e.started == 0 {
		e.started, e.saves.last = now, now/1e6
	}
	if now > e.now {
		e.now = now
		e.clock, e.seconds = now/1000, uint32(now/1e6)&accessMask
	}
}

// millis is the time of the unit being executed, in milliseconds since 1970.
func (e *Engine) millis() int64 { return e.clock }

// Open registers a connection.
func (e *Engine) Open(now int64, peer Peer) *Client {
	e.advance(now)
	e.nextID++
	c := &Client{id: e.nextID, peer: peer, created: e.now, active: e.now,
		outputs: &e.outputs}
	c.reply.proto = 2
	e.greet(c)
	e.clients = append(e.clients, c)
	e.stats.connections++
	return c
}

// Close forgets a connection that is gone.
func (e *Engine) Close(now int64, c *Client) {
	e.advance(now)
	if c.has(flagGone) {
		return
	}
	c.set(flagGone|flagClosing, true)
	e.release(c)
	if i, found := slices.BinarySearchFunc(e.clients, c.id, byID); found {
		e.clients = slices.Delete(e.clients, i, i+1)
	}
	c.in = nil
	c.dropOutput()
	e.stats.netOut += c.netOut
}

func byID(c *Client, id int64) int { return cmp.Compare(c.id, id) }

// release undoes everything a client holds elsewhere in the engine.
func (e *Engine) release(c *Client) {
	e.unblock(c)
	e.unwatch(c)
	e.unsubscribeAll(c)
	e.removeMonitor(c)
	e.forgetTracker(c)
	c.multi = nil
}

// Feed gives the engine the next bytes of a connection. p is the caller's again afterwards.
func (e *Engine) Feed(now int64, c *Client, p []byte) {
	e.advance(now)
	if c.has(flagClosing | flagRunning) {
		if c.has(flagRunning) {
			e.feedLate(p)
		}
		return
	}
	e.startLap()
	c.netIn += int64(len(p))
	e.stats.netIn += int64(len(p))
	e.stats.reads++
	if len(c.in) == 0 && c.wait == nil {
		if n := e.consume(c, p); !c.has(flagClosing) {
			c.in = append(c.in, p[n:]...)
		}
	} else {
		c.in = append(c.in, p...)
		e.consumeInput(c)
	}
	if e.scripting.behind == c {
		e.catchUp(c)
	}
	e.checkInput(c)
	e.settle()
}

// consumeInput runs the requests that wait in the client's own buffer.
func (e *Engine) consumeInput(c *Client) {
	n := e.consume(c, c.in)
	if c.has(flagClosing) {
		return
	}
	rest := copy(c.in, c.in[n:])
	c.in = c.in[:rest]
	if rest == 0 {
		c.in = nil
	}
}

// checkInput ends a client whose unread input has grown over client-query-buffer-limit.
func (e *Engine) checkInput(c *Client) {
	if int64(len(c.in)) > e.settings.queryBufferLimit {
		e.finish(c)
	}
}

// consume runs the whole requests at the start of p and returns how many bytes they took.
func (e *Engine) consume(c *Client, p []byte) int {
	done, more := 0, true
	c.borrow()
	for more && done < len(p) && c.wait == nil && !c.has(flagClosing) {
		incomplete, err := e.readAhead(c, p[done:])
		if err != nil {
			c.reply.Error("ERR " + err.Error())
			e.finish(c)
			return len(p)
		}
		e.warmAhead(c)
		n, all := e.runAhead(c)
		done += n
		if !all {
			c.parser.Reset() // of what was read behind the last request that ran
		}
		more = n > 0 && !(all && incomplete)
	}
	e.endLap()
	e.wrote(c)
	return done
}

// settle serves the clients that this batch has woken, until nothing is left to do.
func (e *Engine) settle() {
	e.settling = true
	for len(e.resumed) > 0 {
		c := e.resumed[0]
		e.resumed = e.resumed[1:]
		c.set(flagResumable, false)
		if !c.has(flagClosing) && len(c.in) > 0 {
			e.consumeInput(c)
		}
		if e.scripting.behind == c {
			e.catchUp(c)
		}
	}
	e.resumed = nil
	e.settling = false
}

// resume lets a client go on with the input that waited while it was blocked.
func (e *Engine) resume(c *Client) {
	if c.has(flagResumable) || c.has(flagGone) {
		return
	}
	c.set(flagResumable, true)
	e.resumed = append(e.resumed, c)
}

// wrote puts a client that has output among Ready.Clients.
func (e *Engine) wrote(c *Client) {
	if c.has(flagQueued | flagGone | flagReplay) {
		return
	}
	if len(c.reply.buf) == c.sent && !c.has(flagClosing) {
		c.drained()
		return
	}
	c.set(flagQueued, true)
	e.written = append(e.written, c)
}

// finish ends a client once its output is sent.
func (e *Engine) finish(c *Client) {
	e.release(c)
	c.set(flagClosing, true)
	c.in = nil
	e.wrote(c)
}

// Ready returns what the host owes since the last call; see the package's comment for its duties.
// Its slices are valid until the next call into the engine.
func (e *Engine) Ready() *Ready {
	e.limitOutput()
	e.evictClients()
	e.ready.Clients, e.written = e.written, e.ready.Clients[:0]
	e.stats.writes += int64(len(e.ready.Clients))
	for _, c := range e.ready.Clients {
		c.set(flagQueued, false)
	}
	e.ready.Requests, e.requests = e.requests, e.ready.Requests[:0]
	e.ready.Journal, e.ready.Offset = e.journal.take()
	e.ready.Wake = e.wake()
	if e.yielding {
		e.holdBack()
	}
	return &e.ready
}

// Refuse makes writes fail with MISCONF because what they change could not be kept; the failure
// says why. An empty failure allows writes again.
func (e *Engine) Refuse(failure string) { e.refusal = failure }

// stopwatch reads the host's monotonic clock, which feeds statistics only.
func (e *Engine) stopwatch() int64 {
	if e.config.Stopwatch == nil {
		return 0
	}
	return e.config.Stopwatch()
}

// ask hands the host a piece of work; with waits the client is parked until Finish.
func (e *Engine) ask(kind RequestKind, argument string, c *Client) {
	e.requests = append(e.requests, Request{Kind: kind, Argument: argument, client: c})
}
