package engine

// A command that finds nothing to take parks its client: the client keeps a copy of the request
// and stands in a queue at each of its keys. Whatever touches one of those keys later marks it
// ready; at the end of that unit the queues of the ready keys are served in order, by running the
// parked requests again from the start. There are no continuations: a request that still finds nothing
// parks once more and keeps its place.

// wait is why and until when a client is blocked.
type wait struct {
	argv     [][]byte // a copy of the request, run again when a key is ready
	cmd      *entry
	db       int
	keys     []string
	deadline int64 // microseconds since 1970; 0 = none
	began    int64
	null     nullReply
	slot     int // place in blocking.timers, -1 if it has no deadline
	client   *Client
	request  RequestKind // waits for the host's Finish rather than for keys
	pending  int         // how many requests are still to be finished
	failure  string      // what the host said of the first that failed
}

// nullReply says how a command spells that it waited in vain.
type nullReply uint8

const (
	nullArray nullReply = iota
	nullBulk
)

// waitQueue holds the clients that wait for one key, first come first.
type waitQueue struct {
	clients []*Client
	ready   bool // already in blocking.ready
}

// readyKey names a key that may have something for those who wait.
type readyKey struct {
	db  *DB
	key string
}

// blocking is the engine's side of blocked clients.
type blocking struct {
	ready  []readyKey
	timers []*wait // binary heap by deadline
	count  int
}

// block parks the client until one of the keys is touched or the deadline passes. Where waiting is
// not possible (inside EXEC or a script) it replies null at once.
func (c *Ctx) block(keys [][]byte, deadline int64, null nullReply) {
	if c.rerun {
		c.keep = true
		return
	}
	if c.deny {
		c.Reply.null(null)
		return
	}
	w := &wait{argv: cloneArgs(c.Argv), cmd: c.cmd, db: c.DB.id, deadline: deadline, null: null}
	for _, key := range keys {
		w.add(c.DB, c.Client, string(key))
	}
	c.e.park(c.Client, w)
}

// add queues the client at a key, once.
func (w *wait) add(db *DB, client *Client, key string) {
	for _, other := range w.keys {
		if other == key {
			return
		}
	}
	w.keys = append(w.keys, key)
	if db.waiters == nil {
		db.waiters = map[string]*waitQueue{}
	}
	q := db.waiters[key]
	if q == nil {
		q = &waitQueue{}
		db.waiters[key] = q
	}
	q.clients = append(q.clients, client)
}

func (e *Engine) park(c *Client, w *wait) {
	w.client, w.began, w.slot = c, e.now, -1
	c.wait = w
	e.blocking.count++
	if w.deadline > 0 {
		e.blocking.push(w)
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
	db := e.dbs[w.db]
	for _, key := range w.keys {
		q := db.waiters[key]
		q.remove(c)
		if len(q.clients) == 0 {
			delete(db.waiters, key)
		}
	}
	e.resume(c)
}

func (q *waitQueue) remove(c *Client) {
	for i, other := range q.clients {
		if other == c {
			q.clients = append(q.clients[:i], q.clients[i+1:]...)
			return
		}
	}
}

// signal marks a key whose waiters are to be tried at the end of the unit.
func (e *Engine) signal(db *DB, key []byte) {
	q := db.waiters[string(key)]
	if q == nil || q.ready {
		return
	}
	q.ready = true
	e.blocking.ready = append(e.blocking.ready, readyKey{db, string(key)})
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
		for _, key := range c.wait.keys {
			e.signal(db, []byte(key))
		}
	}
}

// serveReady runs the requests of the clients that wait at ready keys, until no key is ready: a
// served client may make another key ready.
func (e *Engine) serveReady() {
	for len(e.blocking.ready) > 0 {
		key := e.blocking.ready[0]
		e.blocking.ready = e.blocking.ready[1:]
		q := key.db.waiters[key.key]
		if q == nil {
			continue
		}
		q.ready = false
		for _, c := range append([]*Client(nil), q.clients...) {
			if c.wait != nil {
				e.retry(c)
			}
		}
	}
	e.blocking.ready = nil
}

// retry runs a blocked client's request again; it stays blocked if there is still nothing.
func (e *Engine) retry(c *Client) {
	saved := e.ctx
	w := c.wait
	ctx := e.context(c, w.argv, w.cmd)
	ctx.DB, ctx.rerun = e.dbs[w.db], true
	mark := len(c.reply.buf)
	c.set(flagBusy, true)
	w.cmd.Run(ctx)
	if !ctx.keep {
		e.unblock(c)
	} else {
		c.dropReply(mark)
	}
	if e.journal.effects > 0 {
		e.journal.commit()
	}
	e.endRequest(c, mark)
	e.wrote(c)
	e.ctx = saved
}

// timeOut answers the clients whose deadline has come.
func (e *Engine) timeOut() {
	for len(e.blocking.timers) > 0 && e.blocking.timers[0].deadline <= e.now {
		w := e.blocking.timers[0]
		w.client.reply.null(w.null)
		e.unblock(w.client)
		e.wrote(w.client)
	}
}

func (r *Reply) null(null nullReply) {
	if null == nullBulk {
		r.Null()
		return
	}
	r.NullArray()
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
	if x.deadline != y.deadline {
		return x.deadline < y.deadline
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
