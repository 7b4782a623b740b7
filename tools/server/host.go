package main

import (
	"os"
	"sync"
	"time"

	"riffle/engine"
	"riffle/tools/server/persist"
)

// host carries out what the engine asks for. Everything in it belongs to one thread, the loop's; other
// threads hand it work through post.
type host struct {
	engine    *engine.Engine
	options   options
	logger    *logger
	files     persist.Files
	release   func() // lets go of the lock on the data directory
	directory string // the data directory, as the parameter dir had it when it was locked
	listening addresses
	log       *persist.Log
	started   time.Time

	loop     *loop
	now      int64 // microseconds since 1970, read once a pass
	clock    time.Time
	wake     int64 // when the engine wants its next Tick; 0 = never
	nextCron time.Time
	nextSlow time.Time
	stopping bool
	flushing []*engine.Client
	requests []engine.Request

	live     int // connections open
	sessions map[*session]struct{}
	limits   limits
	saving   saving

	memory    *pagePool
	collector collector

	mu    sync.Mutex
	inbox []func()
}

// limits are parameters in the form that the loop needs; refresh reads them from the engine.
type limits struct {
	maxClients  int
	timeout     int64 // microseconds; 0 = none
	keepAlive   int   // seconds; 0 = off
	policy      persist.Policy
	holdSync    bool // no-appendfsync-on-rewrite
	protected   bool
	growPercent int64
	growBytes   int64
}

// far is the far end of a client: a socket, or a session that goroutines serve.
type far interface {
	flush(c *engine.Client) // sends what Out holds, and ends the connection if the client is Closing
	drop(c *engine.Client)  // ends the connection now
}

// post runs a call on the loop's thread, soon.
func (h *host) post(call func()) {
	h.mu.Lock()
	h.inbox = append(h.inbox, call)
	first := len(h.inbox) == 1
	h.mu.Unlock()
	if first {
		h.loop.wake()
	}
}

// receive runs the calls that other threads have posted.
func (h *host) receive() {
	h.mu.Lock()
	calls := h.inbox
	h.inbox = nil
	h.mu.Unlock()
	for _, call := range calls {
		call()
	}
}

// readClock takes the time for the coming batch.
func (h *host) readClock() {
	h.clock = time.Now()
	h.now = h.clock.UnixMicro()
}

const (
	cronEvery = 100 * time.Millisecond // while something is under way
	slowEvery = time.Second            // always
)

// pass does what is owed after a batch of input: log, then replies, then requests, then timers.
func (h *host) pass() {
	if h.wake != 0 && h.now >= h.wake {
		h.engine.Tick(h.now)
	}
	for h.settle() {
	}
	if !h.clock.Before(h.nextCron) {
		h.cron()
		for h.settle() {
		}
	}
}

// settle takes one Ready and says whether there may be another: requests answer clients.
func (h *host) settle() (again bool) {
	ready := h.engine.Ready()
	h.wake = ready.Wake
	h.flushing = append(h.flushing[:0], ready.Clients...)
	h.requests = append(h.requests[:0], ready.Requests...)
	if len(ready.Journal) > 0 && !h.keep(ready.Journal) {
		h.dropUnkept()
		return true
	}
	h.loop.flushAll(h.flushing)
	for _, r := range h.requests {
		h.carryOut(r)
	}
	return len(h.requests) > 0
}

// keep appends effects to the log and says whether the replies to them may be sent.
func (h *host) keep(journal []byte) bool {
	err := h.log.Append(h.clock, journal)
	if err == nil {
		return true
	}
	h.judge()
	return h.limits.policy != persist.Always
}

// dropUnkept ends the clients whose replies would promise what the log does not hold. They learn
// the truth: what became of their last command is not known. Writes after this one are refused.
func (h *host) dropUnkept() {
	for _, c := range h.flushing {
		c.Host.(far).drop(c)
	}
	for _, r := range h.requests {
		h.carryOut(r)
	}
}

// judge refuses writes while the log cannot be written, and allows them again.
func (h *host) judge() {
	failure := h.log.Failure()
	if failure == h.saving.refused {
		return
	}
	if failure != "" {
		h.logger.log(warning, "Writes are refused: %s", failure)
	} else {
		h.logger.log(warning, "The append only file is well again: writes are accepted")
	}
	h.saving.refused = failure
	h.engine.Refuse(failure)
}

// cron looks after what no event announces.
func (h *host) cron() {
	h.log.Hold = h.limits.holdSync && h.saving.work != nil
	h.log.Tick(h.clock)
	h.judge()
	slow := !h.clock.Before(h.nextSlow)
	if slow {
		h.nextSlow = h.clock.Add(slowEvery)
		h.loop.closeIdle()
		h.closeIdleSessions()
		h.rewriteIfDue()
		h.collector.look()
	}
	h.nextCron = h.nextSlow
	if h.log.Busy() || h.saving.work != nil {
		h.nextCron = h.clock.Add(cronEvery)
	}
}

// pause is how long the loop may sleep.
func (h *host) pause() time.Duration {
	until := h.nextCron.Sub(h.clock)
	if h.wake != 0 {
		until = min(until, time.Duration(h.wake-h.now)*time.Microsecond)
	}
	return max(until, 0)
}

// admit says whether another connection may be opened; refusal is what to tell it otherwise.
func (h *host) admit(local bool) (refusal string) {
	switch {
	case h.live >= h.limits.maxClients:
		h.engine.TurnedAway()
		return "-ERR max number of clients reached\r\n"
	case !local && h.limits.protected && h.engine.OpenToStrangers():
		return "-DENIED Riffle is running in protected mode: no password is set for the default user, so it " +
			"answers only connections from this machine. Set one (requirepass), or protected-mode no.\r\n"
	}
	return ""
}

func (h *host) open(peer engine.Peer, end far) *engine.Client {
	c := h.engine.Open(h.now, peer)
	c.Host = end
	h.live++
	return c
}

func (h *host) close(c *engine.Client) {
	h.engine.Close(h.now, c)
	h.live--
}

// exit ends the process after everything is put away.
func (h *host) exit() {
	h.stopping = true
	if path := h.parameter("unixsocket"); path != "" {
		os.Remove(path)
	}
	if path := h.parameter("pidfile"); path != "" {
		os.Remove(path)
	}
	h.release()
}
