package engine

import "slices"

// A command that finds nothing to take parks its client: the client keeps a copy of the request
// and stands in a line at each of its keys. Whatever touches one of those keys later marks it
// ready; at the end of that unit the lines of the ready keys are served in order, by running the
// parked requests again from the start. There are no continuations: a request that still finds nothing
// parks once more and keeps its place.
//
// Who waits for the same of a key stands in one line: for a list's elements, a sorted set's members, what
// a group has not read of a stream. So once one of a line finds nothing, nobody behind would, and serving
// costs what there is to take, not how many wait. Readers of a stream take nothing from each other and
// are all tried. Lines are linked, so leaving one is O(1), and deadlines are a heap: a client that waits
// costs some 250 bytes and its request, and slows nobody down.

// wait is why and until when a client is blocked.
type wait struct {
	argv     [][]byte // a copy of the request, run again when a key is ready
	cmd      *entry
	db       int
	places   []waiter // one at each of its keys
	deadline int64    // microseconds since 1970; 0 = none
	wake     int64    // when to try again before that, as deadline; 0 = never
	began    int64
	turn     int64 // how many were parked before
	slot     int   // place in blocking.timers, -1 if nothing is due
	client   *Client
	request  RequestKind // waits for the host's Finish rather than for keys
	pending  int         // how many requests are still to be finished
	failure  string      // what the host said of the first that failed
}

// demand is what a client wants of a key: those with the same demand compete for it, unless it is shared.
type demand struct {
	kind   Kind
	group  string // a consumer group of a stream
	shared bool   // what one gets the next gets too
}

// waiter is a client's place in a line.
type waiter struct {
	wait       *wait
	line       *waitLine
	prev, next *waiter
}

// waitLine holds the clients that want the same of one key, first come first.
type waitLine struct {
	demand
	queue       *waitQueue
	first, last *waiter
}

// waitQueue is the lines at one key, in the order in which they arose.
type waitQueue struct {
	db    *DB
	key   string
	lines []*waitLine
	ready bool // already in blocking.ready
}

// blocking is the engine's side of blocked clients.
type blocking struct {
	ready  []*waitQueue
	timers []*wait // binary heap by what is due
	count  int
	parked int64 // clients ever parked
}

// block parks the client until one of the keys is touched or the deadline passes. Where waiting is
// not possible (inside EXEC or a script) it replies null at once.
func (c *Ctx) block(want demand, keys [][]byte, deadline int64) {
	if c.rerun {
		c.keep = true
		return
	}
	if c.deny {
		c.Reply.NullArray()
		return
	}
	w := &wait{argv: cloneArgs(c.Argv), cmd: c.cmd, db: c.DB.id, deadline: deadline}
	w.places = make([]waiter, 0, len(keys)) // never grows: lines point into it
	for _, key := range keys {
		w.stand(c.DB.lineFor(want, key))
	}
	c.e.park(c.Client, w)
}

// lineFor returns the line of those who want the same of a key, and makes it if need be.
func (db *DB) lineFor(want demand, key []byte) *waitLine {
	q := db.waiters[string(key)]
	if q == nil {
		if db.waiters == nil {
			db.waiters = map[string]*waitQueue{}
		}
		q = &waitQueue{db: db, key: string(key)}
		db.waiters[q.key] = q
	}
	for _, line := range q.lines {
		if line.demand == want {
			return line
		}
	}
	line := &waitLine{demand: want, queue: q}
	q.lines = append(q.lines, line)
	return line
}

// stand takes the last place of a line, once: a key named again finds its client there.
func (w *wait) stand(line *waitLine) {
	if line.last != nil && line.last.wait == w {
		return
	}
	w.places = append(w.places, waiter{wait: w, line: line, prev: line.last})
	p := &w.places[len(w.places)-1]
	if line.last == nil {
		line.first = p
	} else {
		line.last.next = p
	}
	line.last = p
}

// leave gives a place up, and forgets a line and a queue that nobody is left in.
func (p *waiter) leave() {
	line := p.line
	if p.prev == nil {
		line.first = p.next
	} else {
		p.prev.next = p.next
	}
	if p.next == nil {
		line.last = p.prev
	} else {
		p.next.prev = p.prev
	}
	if line.first != nil {
		return
	}
	q := line.queue
	i := slices.Index(q.lines, line)
	q.lines = slices.Delete(q.lines, i, i+1)
	if len(q.lines) == 0 {
		delete(q.db.waiters, q.key)
	}
}

func (e *Engine) park(c *Client, w *wait) {
	w.client, w.began, w.slot = c, e.now, -1
	c.wait = w
	w.turn = e.blocking.parked
	e.blocking.parked++
	e.blocking.count++
	if w.due() > 0 {
		e.blocking.push(w)
	}
}

// due is when something is to be done about a wait; 0 = never.
func (w *wait) due() int64 { return sooner(w.deadline, w.wake) }

// wakeAt has a client that block has parked try again at a time in milliseconds since 1970; 0 = when a key
// is touched.
func (c *Ctx) wakeAt(millis int64) {
	if w := c.Client.wait; w != nil {
		c.e.blocking.reset(w, saturatingMicros(millis, 0))
	}
}

// reset changes when a wait tries again.
func (b *blocking) reset(w *wait, wake int64) {
	if w.slot >= 0 {
		b.drop(w)
	}
	w.wake = wake
	if w.due() > 0 {
		b.push(w)
	}
}

// await parks the client until the host has carried out the requests it made, one for each argument.
// Where waiting is not possible the answer is OK at once.
func (c *Ctx) await(kind RequestKind, arguments ...string) {
	if c.deny {
		for _, argument := range arguments {
			c.e.ask(kind, argument, nil)
		}
		c.Reply.OK()
		return
	}
	for _, argument := range arguments {
		c.e.ask(kind, argument, c.Client)
	}
	c.e.park(c.Client, &wait{cmd: c.cmd, db: c.DB.id, request: kind, pending: len(arguments)})
}

// unblock takes the client out of every queue; the rest of its input may go on.
func (e *Engine) unblock(c *Client) {
	w := c.wait
	if w == nil {
		return
	}
	c.wait = nil
	e.blocking.count--
	if w.slot >= 0 {
		e.blocking.drop(w)
	}
	for i := range w.places {
		w.places[i].leave()
	}
	e.resume(c)
}

// signal marks a key whose waiters are to be tried at the end of the unit, if there are any: some that want more,
// if asked so.
func (e *Engine) signal(db *DB, key []byte, more bool) {
	if q := db.waiters[string(key)]; q != nil && (!more || slices.ContainsFunc(q.lines, (*waitLine).wantsMore)) {
		e.markReady(q)
	}
}

// wantsMore says whether who stands in the line may have found a value of the right kind, with too little in it.
func (l *waitLine) wantsMore() bool { return l.shared || l.kind == KindStream }

func (e *Engine) markReady(q *waitQueue) {
	if !q.ready {
		q.ready = true
		e.blocking.ready = append(e.blocking.ready, q)
	}
}

// signalAll marks every key of a database that somebody waits for (SWAPDB, FLUSHALL), in the
// order in which the clients came.
func (e *Engine) signalAll(db *DB) {
	if len(db.waiters) == 0 {
		return
	}
	for _, c := range e.clients {
		if c.wait == nil || c.wait.db != db.id {
			continue
		}
		for i := range c.wait.places {
			e.markReady(c.wait.places[i].line.queue)
		}
	}
}

// serveReady runs the requests of the clients that wait at ready keys, until no key is ready: a
// served client may make another key ready.
func (e *Engine) serveReady() {
	for i := 0; i < len(e.blocking.ready); i++ {
		q := e.blocking.ready[i]
		q.ready = false
		for j := 0; j < len(q.lines); {
			line := q.lines[j]
			e.serveLine(line)
			if line.first != nil {
				j++ // else it is gone
			}
		}
	}
	clear(e.blocking.ready)
	e.blocking.ready = e.blocking.ready[:0]
}

// serveLine tries the clients of a line until nothing is left for them. A request that is run again
// moves no client but its own.
func (e *Engine) serveLine(line *waitLine) {
	for p := line.first; p != nil; {
		next := p.next
		if served := e.retry(p.wait.client); !served && !line.shared {
			return
		}
		p = next
	}
}

// retry runs a blocked client's request again; it stays blocked if there is still nothing, and is not
// served then.
func (e *Engine) retry(c *Client) (served bool) {
	saved := e.ctx
	w := c.wait
	ctx := e.context(c, w.argv, w.cmd)
	ctx.DB, ctx.rerun = e.dbs[w.db], true
	c.borrow()
	mark := len(c.reply.buf)
	c.set(flagBusy, true)
	w.cmd.Run(ctx)
	if served = !ctx.keep; served {
		e.unblock(c)
		if c.has(flagTracking) {
			e.remember(ctx)
		}
	} else {
		c.dropReply(mark)
	}
	if e.journal.effects > 0 {
		e.journal.commit()
	}
	e.endRequest(c, mark)
	e.wrote(c)
	e.ctx = saved
	return served
}

// timeOuts is how many clients one Tick answers, about a millisecond's work.
const timeOuts = 1000

// timeOut answers the clients whose deadline has come: if they are very many, the rest with the next Tick,
// which is due at once.
func (e *Engine) timeOut() {
	for n := 0; n < timeOuts && len(e.blocking.timers) > 0 && e.blocking.timers[0].due() <= e.now; n++ {
		w := e.blocking.timers[0]
		if w.deadline == 0 || w.deadline > e.now {
			e.blocking.reset(w, 0)
			e.retry(w.client)
			continue
		}
		w.client.reply.NullArray()
		e.unblock(w.client)
		e.wrote(w.client)
	}
}

// push adds a wait to the heap of deadlines.
func (b *blocking) push(w *wait) {
	w.slot = len(b.timers)
	b.timers = append(b.timers, w)
	b.up(w.slot)
}

// drop removes a wait from the heap.
func (b *blocking) drop(w *wait) {
	i, last := w.slot, len(b.timers)-1
	b.swap(i, last)
	b.timers[last] = nil
	b.timers = b.timers[:last]
	w.slot = -1
	if i < last {
		b.down(i)
		b.up(i)
	}
}

func (b *blocking) up(i int) {
	for i > 0 && b.before(i, (i-1)/2) {
		b.swap(i, (i-1)/2)
		i = (i - 1) / 2
	}
}

func (b *blocking) down(i int) {
	for {
		child := 2*i + 1
		if child >= len(b.timers) {
			return
		}
		if child+1 < len(b.timers) && b.before(child+1, child) {
			child++
		}
		if !b.before(child, i) {
			return
		}
		b.swap(i, child)
		i = child
	}
}

// before orders by deadline, then by who came first, so that equal deadlines have one order.
func (b *blocking) before(i, j int) bool {
	x, y := b.timers[i], b.timers[j]
	if x.due() != y.due() {
		return x.due() < y.due()
	}
	return x.client.id < y.client.id
}

func (b *blocking) swap(i, j int) {
	b.timers[i], b.timers[j] = b.timers[j], b.timers[i]
	b.timers[i].slot, b.timers[j].slot = i, j
}

// cloneArgs copies a request out of the input buffer.
func cloneArgs(argv [][]byte) [][]byte {
	size := 0
	for _, arg := range argv {
		size += len(arg)
	}
	text := make([]byte, 0, size)
	out := make([][]byte, len(argv))
	for i, arg := range argv {
		start := len(text)
		text = append(text, arg...)
		out[i] = text[start:len(text):len(text)]
	}
	return out
}
