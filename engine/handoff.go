package engine

import (
	"riffle/engine/resp"
)

// An engine can take the place of another in the middle of its life: one that knows more commands, say
// (elsewhere.go). The data goes over as a Snapshot. All else that anybody could tell the two apart by is
// written here, as commands like those of the journal, one for each thing: parameters, statistics, who is
// connected, and what each connection has asked for. takeover.go reads them.
//
// What does not go over is where chance stands and the order of members in large hashes and sets, which
// HSCAN and its like walk.

// Words that begin a line of a handoff.
const (
	wordParameter = "PARAMETER" // name, value
	wordEngine    = "ENGINE"    // see (*Engine).numbers
	wordRun       = "RUN"       // id of this life of the server, why writes are refused
	wordDatabase  = "DATABASE"  // number, seed of its order
	wordRow       = "ROW"       // full name of a command, its statistics, its histogram's buckets and their calls
	wordLatency   = "LATENCY"   // event, its worst, its samples
	wordError     = "ERROR"     // code, how often it was replied
	wordSlow      = "SLOW"      // an entry of SLOWLOG
	wordUser      = "USER"      // name, rules
	wordDenied    = "DENIED"    // an entry of ACL LOG
	wordAudience  = "AUDIENCE"  // way of listening, name: in the order in which messages are delivered
	wordClient    = "CLIENT"    // begins a connection; the lines that follow are about it
	wordMulti     = "MULTI"     // whether its transaction is aborted already
	wordQueued    = "QUEUED"    // a request of its transaction
	wordWatch     = "WATCH"     // database, whether it was expired, key
	wordListen    = "LISTEN"    // way of listening, name
	wordWait      = "WAIT"      // client, database, deadline, waking, beginning, request
	wordPlace     = "PLACE"     // what is wanted of a key: kind, whether shared, group, key
	wordTracker   = "TRACKER"   // options of its tracking mode, whom it redirects to, whether they are gone, prefixes
	wordTracked   = "TRACKED"   // key, ids of clients that may hold a copy
)

// Handoff writes down everything but the data. The host has taken Ready and finished every Request before,
// those to move to the full engine apart, and feeds this engine no more afterwards.
func (e *Engine) Handoff() []byte {
	var w handoffWriter
	e.writeParameters(&w)
	e.writeStatistics(&w)
	e.writeUsers(&w)
	for i, way := range listenings() {
		for _, a := range way.crowd(&e.channels).list {
			w.begin(wordAudience).int(int64(i)).text(a.name).end()
		}
	}
	var waits []*wait
	for _, c := range e.clients {
		w.client(c)
		if c.wait != nil && c.wait.request == 0 {
			waits = append(waits, c.wait)
		}
	}
	// In the order in which they came, everybody gets the place in line that they had.
	sortStable(waits, func(a, b *wait) int { return int(a.turn - b.turn) })
	for _, wait := range waits {
		w.wait(wait)
	}
	w.tracked(&e.tracking)
	return w.buf
}

func listenings() [3]*listening {
	return [...]*listening{&channelListening, &patternListening, &shardListening}
}

// writeParameters writes what decides how data is laid out and read.
func (e *Engine) writeParameters(w *handoffWriter) {
	for i, value := range e.values {
		if row := e.row(i); value != row.initial {
			w.begin(wordParameter).text(row.name).text(value).end()
		}
	}
	for _, db := range e.dbs {
		w.begin(wordDatabase).int(int64(db.id)).int(int64(db.keys.Seed())).end()
	}
}

// writeStatistics writes what INFO, LATENCY and SLOWLOG tell.
func (e *Engine) writeStatistics(w *handoffWriter) {
	w.begin(wordRun).text(e.runID).text(e.refusal).end()
	w.begin(wordEngine).ints(e.numbers()).bool(e.pause.all).bool(e.expiring.off).end()
	for _, row := range e.commands.entries {
		w.row(row)
	}
	for _, count := range e.stats.errors {
		w.begin(wordError).text(count.code).int(count.count).end()
	}
	for i := range e.latency.events {
		event := &e.latency.events[i]
		w.begin(wordLatency).text(event.name).int(event.worst)
		for _, sample := range event.samples {
			w.int(sample.second).int(sample.millis)
		}
		w.end()
	}
	for i := range e.slowlog.entries {
		entry := &e.slowlog.entries[i]
		w.begin(wordSlow).int(entry.id).int(entry.at).int(entry.took).text(entry.peer).text(entry.name)
		w.words(entry.argv).end()
	}
}

// numbers lists the counters of the engine that go over.
func (e *Engine) numbers() []*int64 {
	s := &e.stats
	return []*int64{
		&e.now, &e.started, &e.nextID, &e.pause.until, &e.saves.dirty, &e.saves.last, &e.saves.count,
		&e.slowlog.nextID, &s.connections, &s.requests, &s.commands, &s.expired, &s.hits, &s.misses, &s.netIn,
		&s.netOut, &s.turnedAway, &s.peakMemory, &s.evicted, &s.dismissed, &s.loaded, &s.restored, &s.reads, &s.writes,
		&e.eviction.exceeded, &e.eviction.since, &e.expiring.full, &e.expiring.nanos, &e.acl.log.nextID,
	}
}

// numbers lists the counters of a row that go over.
func (en *entry) numbers() []*int64 {
	return []*int64{&en.calls, &en.nanos, &en.rejected, &en.failed}
}

// numbers lists the numbers of a connection that go over.
func (c *Client) numbers() []*int64 {
	return []*int64{&c.id, &c.created, &c.active, &c.soft, &c.netIn, &c.netOut}
}

// flagsHandedOver are those that a client has, not what is being done with it.
const flagsHandedOver = flagAuthenticated | flagClosing | flagReplyOff | flagReplySkip | flagMonitor |
	flagNoEvict | flagNoTouch | flagDirty | flagTracking | flagCaching | flagRedirects

// handoffWriter gathers the words of one line after the other.
type handoffWriter struct {
	buf  []byte
	line [][]byte
}

func (w *handoffWriter) begin(word string) *handoffWriter {
	w.line = append(w.line[:0], []byte(word))
	return w
}

func (w *handoffWriter) text(s string) *handoffWriter {
	w.line = append(w.line, []byte(s))
	return w
}

func (w *handoffWriter) int(n int64) *handoffWriter { return w.text(itoa(n)) }

func (w *handoffWriter) bool(b bool) *handoffWriter { return w.int(boolInt(b)) }

func (w *handoffWriter) ints(numbers []*int64) *handoffWriter {
	for _, n := range numbers {
		w.int(*n)
	}
	return w
}

func (w *handoffWriter) words(words [][]byte) *handoffWriter {
	w.line = append(w.line, words...)
	return w
}

func (w *handoffWriter) end() { w.buf = resp.AppendCommand(w.buf, w.line...) }

// row writes the statistics of a row and of its sub-commands, where there are any.
func (w *handoffWriter) row(row *entry) {
	if row.calls|row.rejected|row.failed != 0 {
		w.begin(wordRow).text(row.full).ints(row.numbers())
		for bucket, calls := range row.latency {
			if calls > 0 {
				w.int(int64(bucket)).int(calls)
			}
		}
		w.end()
	}
	for _, sub := range row.subs {
		w.row(sub)
	}
}

// client writes one connection, all but what it waits for.
func (w *handoffWriter) client(c *Client) {
	last := ""
	if c.last != nil {
		last = c.last.full
	}
	w.begin(wordClient).ints(c.numbers())
	w.int(int64(c.flags & flagsHandedOver)).int(int64(c.db)).int(int64(c.reply.proto)).int(int64(c.peer.FD))
	w.bool(c.peer.Unix).text(c.peer.Address).text(c.peer.LocalAddress)
	w.text(c.name).text(c.library).text(c.version).text(c.user.name).text(last)
	w.words([][]byte{c.in, c.Out()}).end()
	if c.multi != nil {
		w.begin(wordMulti).bool(c.multi.aborted).end()
		for _, q := range c.multi.requests {
			w.begin(wordQueued).words(q.argv).end()
		}
	}
	for _, watch := range c.watches {
		w.begin(wordWatch).int(int64(watch.db)).bool(watch.expired).text(watch.key).end()
	}
	if t := c.tracker; t != nil {
		w.begin(wordTracker).int(int64(t.options)).int(t.redirect).bool(t.broken)
		for _, p := range t.prefixes {
			w.text(p.text)
		}
		w.end()
	}
	if c.subs == nil {
		return
	}
	for i, way := range listenings() {
		for _, note := range *way.mine(c.subs) {
			w.begin(wordListen).int(int64(i)).text(note.audience.name).end()
		}
	}
}

// tracked writes who may hold copies of which keys.
func (w *handoffWriter) tracked(t *tracking) {
	if t.table == nil {
		return
	}
	iter := t.table.Iter()
	for ref := iter.Next(); ref != 0; ref = iter.Next() {
		w.begin(wordTracked).text(string(t.table.Key(ref)))
		ids := t.table.Value(ref)
		for at := 0; at < len(ids); at += idBytes {
			w.int(idAt(ids, at))
		}
		w.end()
	}
}

// wait writes what a blocked connection waits for.
func (w *handoffWriter) wait(wait *wait) {
	w.begin(wordWait).int(wait.client.id).int(int64(wait.db)).int(wait.deadline).int(wait.wake).int(wait.began)
	w.words(wait.argv).end()
	for i := range wait.places {
		line := wait.places[i].line
		w.begin(wordPlace).int(int64(line.kind)).bool(line.shared).text(line.group).text(line.queue.key).end()
	}
}
