package engine

import (
	"errors"

	"riffle/engine/num"
	"riffle/engine/resp"
)

// takeover reads what handoff.go writes.
type takeover struct {
	e      *Engine
	line   [][]byte // what is left of the line being read
	broken bool     // a line was not what it should be
	client *Client  // whom the lines are about
}

// TakeOver makes a fresh engine continue another one, from what that one's Handoff wrote. It returns the
// clients, oldest first; Number tells the host which is which. The other's data must be Loaded next, and
// then Tick must be called, by which those that have input or output waiting go on.
func (e *Engine) TakeOver(p []byte) ([]*Client, error) {
	t := takeover{e: e}
	var parser resp.Parser
	var argv [][]byte
	limits := resp.Limits{Bulk: maxInt64, Multibulk: maxInt32, Inline: 64 << 10}
	for len(p) > 0 {
		line, n, err := parser.Next(p, argv[:0], &limits)
		if err != nil || n == 0 || len(line) == 0 {
			return nil, errors.New("handoff: a line is not whole")
		}
		word := string(line[0])
		argv, t.line = line, line[1:]
		t.read(word)
		if t.broken {
			return nil, errors.New("handoff: " + word + " is not what it should be")
		}
		p = p[n:]
	}
	for _, c := range e.clients {
		e.wrote(c)
		if len(c.in) > 0 && c.wait == nil {
			e.resume(c)
		}
	}
	return e.clients, nil
}

// Number is the host's own number for the connection, Peer.FD.
func (c *Client) Number() int { return c.peer.FD }

func (t *takeover) read(word string) {
	switch word {
	case wordParameter:
		t.parameter()
	case wordDatabase:
		t.database()
	case wordRun:
		t.e.runID, t.e.refusal = t.text(), t.text()
	case wordEngine:
		t.engine()
	case wordRow:
		t.row()
	case wordError:
		t.e.stats.errors = append(t.e.stats.errors, errorCount{t.text(), t.int()})
	case wordLatency:
		t.latency()
	case wordSlow:
		entry := slowEntry{id: t.int(), at: t.int(), took: t.int(), peer: t.text(), name: t.text()}
		entry.argv = cloneArgs(t.line)
		t.e.slowlog.entries = append(t.e.slowlog.entries, entry)
	case wordUser:
		t.readUser()
	case wordDenied:
		t.readDenied()
	case wordClient:
		t.readClient()
	default:
		t.readAbout(word)
	}
}

// readAbout reads a line about the last client, or about whom it may hear.
func (t *takeover) readAbout(word string) {
	switch {
	case word == wordAudience:
		if way := t.way(); way != nil {
			way.crowd(&t.e.channels).audience(t.bytes())
		}
	case word == wordWait:
		t.wait()
	case t.client == nil:
		t.broken = true
	case word == wordMulti:
		t.client.multi = &multiState{aborted: t.bool()}
	case word == wordQueued:
		t.queued()
	case word == wordWatch:
		t.watch()
	case word == wordListen:
		t.listen()
	case word == wordPlace:
		t.place()
	case word == wordTracker:
		t.tracker()
	case word == wordTracked:
		t.tracked()
	default:
		t.broken = true
	}
}

// bytes takes the next word of the line, which is the reader's.
func (t *takeover) bytes() []byte {
	if len(t.line) == 0 {
		t.broken = true
		return nil
	}
	word := t.line[0]
	t.line = t.line[1:]
	return word
}

func (t *takeover) text() string { return string(t.bytes()) }

func (t *takeover) int() int64 {
	n, ok := num.ParseInt(t.bytes())
	t.broken = t.broken || !ok
	return n
}

func (t *takeover) bool() bool { return t.int() != 0 }

func (t *takeover) ints(numbers []*int64) {
	for _, n := range numbers {
		*n = t.int()
	}
}

func (t *takeover) parameter() {
	i, value := t.e.findParameter(t.text()), t.text()
	if i < 0 || t.e.values[i] != value && t.e.setParameter(i, value) != "" {
		t.broken = true
	}
}

// db reads the number of a database.
func (t *takeover) db() *DB {
	n := t.int()
	if n < 0 || n >= int64(len(t.e.dbs)) {
		t.broken = true
		return t.e.dbs[0]
	}
	return t.e.dbs[n]
}

// database gives an empty database the order that the other's had, so that a SCAN goes on.
func (t *takeover) database() {
	db := t.db()
	db.keyspace = newKeyspace(t.e.config.Pages, uint64(t.int()))
}

func (t *takeover) engine() {
	e := t.e
	t.ints(e.numbers())
	e.pause.all, e.expiring.off = t.bool(), t.bool()
	now := e.now
	e.now = 0
	e.advance(now)
}

func (t *takeover) row() {
	row := t.e.entryNamed(t.bytes())
	if row == nil {
		return
	}
	t.ints(row.numbers())
	for len(t.line) > 0 {
		bucket, calls := t.int(), t.int()
		if bucket < 0 || bucket > int64(bucketOf(longestCall)) {
			t.broken = true
			return
		}
		row.latency.put(int(bucket), calls)
	}
}

func (t *takeover) latency() {
	event := latencyEvent{name: t.text(), worst: t.int()}
	for len(t.line) > 0 {
		event.samples = append(event.samples, latencySample{t.int(), t.int()})
	}
	t.broken = t.broken || len(event.samples) == 0
	t.e.latency.events = append(t.e.latency.events, event)
}

func (t *takeover) readClient() {
	c := &Client{}
	t.ints(c.numbers())
	c.flags = clientFlags(t.int()) & flagsHandedOver
	c.db, c.reply.proto = t.db().id, int(t.int())
	c.peer = Peer{FD: int(t.int()), Unix: t.bool(), Address: t.text(), LocalAddress: t.text()}
	c.name, c.library, c.version = t.text(), t.text(), t.text()
	t.user(c)
	if last := t.bytes(); len(last) > 0 {
		c.last = t.e.entryNamed(last)
	}
	c.in = append(c.in, t.bytes()...)
	c.reply.buf = append(c.reply.buf, t.bytes()...)
	if c.has(flagMonitor) {
		t.e.monitors = append(t.e.monitors, c)
	}
	t.broken = t.broken || c.reply.proto != 2 && c.reply.proto != 3
	t.e.clients = append(t.e.clients, c)
	t.client = c
}

// user reads whom a client acts as.
func (t *takeover) user(c *Client) {
	c.user = t.e.acl.everyone
	if u := t.e.acl.user(t.text()); u != nil {
		c.user = u
	}
	c.set(flagRestricted, !c.user.unrestricted())
}

// queued reads a request of a transaction. One that the other engine could not have run has its row here.
func (t *takeover) queued() {
	if t.client.multi == nil || len(t.line) == 0 {
		t.broken = true
		return
	}
	row, _ := t.e.commands.find(t.line)
	if row == nil || row.Run == nil {
		t.broken = true
		return
	}
	m := t.client.multi
	aborted := m.aborted // which queues nothing further, but this was there before
	m.aborted = false
	m.queue(t.line, row)
	m.aborted = aborted
}

// watch reads a watch. One of a client whose EXEC is decided needs no place on its key's list.
func (t *takeover) watch() {
	db, c := t.db(), t.client
	w := &watch{client: c, db: db.id, expired: t.bool(), key: t.text(), slot: unlisted}
	if !c.has(flagDirty) {
		if db.watchers == nil {
			db.watchers = map[string][]*watch{}
		}
		w.slot = len(db.watchers[w.key])
		db.watchers[w.key] = append(db.watchers[w.key], w)
	}
	c.watches = append(c.watches, w)
	t.e.observers++
}

// way reads a way of listening.
func (t *takeover) way() *listening {
	ways := listenings()
	n := t.int()
	if n < 0 || n >= int64(len(ways)) {
		t.broken = true
		return nil
	}
	return ways[n]
}

func (t *takeover) listen() {
	way, c := t.way(), t.client
	if way == nil {
		return
	}
	if c.subs == nil {
		c.subs = &subscription{}
	}
	way.crowd(&t.e.channels).audience(t.bytes()).join(c, way.mine(c.subs))
}

// tracker puts a client into the tracking mode that it was in, or was in once.
func (t *takeover) tracker() {
	c := t.client
	on := c.has(flagTracking)
	c.set(flagTracking, false)
	options, redirect, broken := trackingOptions(t.int()), t.int(), t.bool()
	t.e.track(c, options, redirect, t.line)
	c.tracker.broken = broken
	if !on {
		t.e.untrack(c)
	}
}

// tracked reads who may hold a copy of a key.
func (t *takeover) tracked() {
	key := t.bytes()
	if t.e.tracking.table == nil {
		t.broken = true
		return
	}
	for len(t.line) > 0 {
		t.e.rememberKey(key, t.int())
	}
}

func (t *takeover) wait() {
	t.client = t.e.clientByID(t.int())
	w := &wait{db: t.db().id, deadline: t.int(), wake: t.int(), began: t.int(), argv: cloneArgs(t.line)}
	if t.client == nil || t.client.wait != nil || len(w.argv) == 0 {
		t.broken = true
		return
	}
	if w.cmd, _ = t.e.commands.find(w.argv); w.cmd == nil || w.cmd.Run == nil {
		t.broken = true
		return
	}
	w.places = make([]waiter, 0, len(w.argv)) // never grows: lines point into it
	began := w.began
	t.e.park(t.client, w)
	w.began = began
}

func (t *takeover) place() {
	w := t.client.wait
	want := demand{kind: Kind(t.int()), shared: t.bool(), group: t.text()}
	key := t.bytes()
	if w == nil || len(w.places) == cap(w.places) || t.broken {
		t.broken = true
		return
	}
	w.stand(t.e.dbs[w.db].lineFor(want, key))
}
