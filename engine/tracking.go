package engine

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"riffle/engine/dict"
	"riffle/engine/resp"
)

// Client-side caching: a client keeps copies of what it has read and is told when a copy is out of date.
//
// Usually the engine remembers which keys a client has read, in one table from keys to the ids of clients.
// A change of the key tells them all and forgets the key, so a client that does not read again costs
// nothing more. An entry takes the key, 8 bytes a client and some 15 more, in memory that the garbage
// collector does not look into; tracking-table-max-keys bounds how many there are, and keys chosen at random
// make way. Names do not say which database they are of, and ids of clients that have gone stay until
// their key changes or their entry has doubled: all as in the reference.
//
// In broadcasting mode nothing is remembered: the client names prefixes, and hears of every change of a key
// that begins with one. Prefixes lie sorted, and finding those of a key costs a binary search for
// each that is found. What one request changes is told in one message for a prefix, after its
// reply; the reference collects for one round of its event loop, which would make what a client reads
// depend on how bytes were cut.
//
// While nobody tracks, all this costs the test of Engine.observers.
type tracking struct {
	table    *dict.Dict // by key: ids, 8 bytes each, ascending; meta: at how many ids to look for dead ones
	ids      int64      // in the whole table
	bytes    int64      // of its keys and ids
	clients  int        // in tracking mode
	trackers int        // clients that were ever in it and are still here; without one there is no table
	prefixes []*prefix  // ascending
	due      bool       // there is something to tell at the end of the request
	touched  []*prefix  // those that have keys
	late     []lateMessage
	spare    []byte
}

// tracker is what CLIENT TRACKING has made of a client. It outlives the mode, as the table still names the
// client: who turns tracking off and on again hears of what it read before.
type tracker struct {
	options  trackingOptions
	redirect int64 // id of the client that gets the messages; 0 = itself
	broken   bool  // it was found gone
	prefixes []*prefix
}

type trackingOptions uint8

const (
	trackBroadcast trackingOptions = 1 << iota // BCAST
	trackOptIn                                 // OPTIN: only what follows CLIENT CACHING YES
	trackOptOut                                // OPTOUT: all but what follows CLIENT CACHING NO
	trackNoLoop                                // NOLOOP: not what the client changes itself
)

// prefix is what clients in broadcasting mode have asked for, and the keys that begin so and have changed
// since they were last told.
type prefix struct {
	text    string
	clients []*Client // ascending by id
	keys    []changedKey
	crowded int // how many keys to have before doubles are looked for
}

// changedKey is a key and who changed it last, nil for nobody.
type changedKey struct {
	key string
	by  *Client
}

// lateMessage is what a client is to be told after its own command, in tellTracker's terms.
type lateMessage struct {
	client *Client
	body   []byte
}

const (
	idBytes       = 8
	fewIDs        = 16  // ids that are not worth looking for dead ones
	fewKeys       = 64  // keys that are not worth looking for doubles
	trackedBytes  = 256 // that tracking-table-max-keys allows a key and its ids, on average
	evictionsMost = 100 // entries that make way after one command, beside one for each new one
)

// track puts a client into tracking mode, or changes its options; prefixes are added to those it has.
func (e *Engine) track(c *Client, options trackingOptions, redirect int64, prefixes [][]byte) {
	t := &e.tracking
	if c.tracker == nil {
		c.tracker = &tracker{}
		t.trackers++
		e.observers++
	}
	if t.table == nil {
		t.table = dict.New(e.settings.tableSeed())
	}
	if !c.has(flagTracking) {
		c.set(flagTracking, true)
		t.clients++
	}
	c.tracker.options, c.tracker.redirect, c.tracker.broken = options, redirect, false
	if options&trackBroadcast == 0 {
		return
	}
	if len(prefixes) == 0 {
		prefixes = [][]byte{nil}
	}
	t.join(c, prefixes)
}

// untrack ends a client's tracking mode.
func (e *Engine) untrack(c *Client) {
	if !c.has(flagTracking) {
		return
	}
	t := &e.tracking
	c.set(flagTracking|flagCaching, false)
	t.clients--
	t.part(c)
	c.tracker.prefixes, c.tracker.options, c.tracker.broken = nil, 0, false
}

// forgetTracker ends what the engine knows of a client that goes. With the last one goes the table.
func (e *Engine) forgetTracker(c *Client) {
	if c.tracker == nil {
		return
	}
	e.untrack(c)
	c.tracker = nil
	e.observers--
	if e.tracking.trackers--; e.tracking.trackers == 0 {
		e.tracking = tracking{}
	}
}

// running is the client whose command runs now, nil between commands.
func (e *Engine) running() *Client {
	if c := e.ctx.Client; c != nil && c.has(flagBusy) {
		return c
	}
	return nil
}

// observe tells those who watch or cache a key that it has changed. by is who did it, nil for nobody.
func (e *Engine) observe(db *DB, key []byte, by *Client) {
	e.spoil(db, key)
	if e.tracking.trackers == 0 || e.replaying {
		return
	}
	e.tracking.collect(key, by)
	e.invalidate(key)
}

// remember notes that the client of a command which has run may keep copies of its keys. For a script nothing
// is noted when it ends: its commands have seen to it.
func (e *Engine) remember(c *Ctx) {
	if c.cmd.Flags&ReadOnly != 0 && c.cmd.group != "scripting" {
		e.rememberKeys(c)
	}
}

// rememberScript is remember for a command of a script: once it has read anything, the keys count that the script
// was given.
func (e *Engine) rememberScript(s *scriptRun, row *entry) {
	if row.Flags&ReadOnly == 0 || !s.caller.has(flagTracking) {
		return
	}
	asked, _ := e.lookup(s.request)
	c := Ctx{e: e, Client: s.caller, cmd: asked, Argv: s.request}
	e.rememberKeys(&c)
}

// rememberKeys notes a command's keys, if its client wants to be told of them.
func (e *Engine) rememberKeys(c *Ctx) {
	client, t := c.Client, &e.tracking
	options := client.tracker.options
	wanted := true
	switch {
	case options&trackOptIn != 0:
		wanted = client.has(flagCaching)
	case options&trackOptOut != 0:
		wanted = !client.has(flagCaching)
	}
	if !wanted || options&trackBroadcast != 0 {
		return
	}
	before := t.table.Len()
	first, last, step := c.cmd.keys()
	if last < 0 {
		last += len(c.Argv)
	}
	for i := first; i > 0 && i <= last && i < len(c.Argv); i += step {
		e.rememberKey(c.Argv[i], client.id)
	}
	if first == 0 {
		e.rememberMovable(c)
	}
	e.limitTracking(evictionsMost + t.table.Len() - before)
}

// rememberMovable is remember for the keys of a command whose arguments tell where they are.
func (e *Engine) rememberMovable(c *Ctx) {
	specs := c.cmd.keySpecs()
	for i := range specs {
		at, _ := specs[i].positions(c.Argv)
		for _, j := range at {
			e.rememberKey(c.Argv[j], c.Client.id)
		}
	}
}

func (e *Engine) rememberKey(key []byte, id int64) {
	t := &e.tracking
	ref := t.table.Find(key)
	if ref == 0 {
		for t.table.Full() {
			e.invalidate(t.table.Key(t.table.Random(e.random.Uint64)))
		}
		ref = t.table.Insert(key, fewIDs, idBytes)
		binary.LittleEndian.PutUint64(t.table.Value(ref), uint64(id))
		t.ids, t.bytes = t.ids+1, t.bytes+int64(len(key))+idBytes
		return
	}
	ids := t.table.Value(ref)
	if n := len(ids) / idBytes; n >= int(t.table.Meta(ref)) {
		n = e.dropDead(ids)
		ref = e.resizeIDs(ref, n)
		t.table.SetMeta(ref, uint32(max(fewIDs, 2*n)))
		ids = t.table.Value(ref)
	}
	at := searchID(ids, id)
	if at < len(ids) && idAt(ids, at) == id {
		return
	}
	ref = e.resizeIDs(ref, len(ids)/idBytes+1)
	ids = t.table.Value(ref)
	copy(ids[at+idBytes:], ids[at:])
	binary.LittleEndian.PutUint64(ids[at:], uint64(id))
}

// resizeIDs makes room for n ids in an entry and returns where it is then.
func (e *Engine) resizeIDs(ref dict.Ref, n int) dict.Ref {
	t := &e.tracking
	more := int64(n - len(t.table.Value(ref))/idBytes)
	t.ids, t.bytes = t.ids+more, t.bytes+more*idBytes
	return t.table.Resize(ref, n*idBytes)
}

// dropDead moves the ids of clients that are still here to the front and returns how many they are.
func (e *Engine) dropDead(ids []byte) int {
	n := 0
	for at := 0; at < len(ids); at += idBytes {
		if e.clientByID(idAt(ids, at)) != nil {
			n += copy(ids[n:], ids[at:at+idBytes])
		}
	}
	return n / idBytes
}

func idAt(ids []byte, at int) int64 { return int64(binary.LittleEndian.Uint64(ids[at:])) }

// searchID returns where the first id that is not below id stands.
func searchID(ids []byte, id int64) (at int) {
	low, high := 0, len(ids)/idBytes
	for low < high {
		middle := (low + high) / 2
		if idAt(ids, middle*idBytes) < id {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low * idBytes
}

// limitTracking makes entries of the table give way until it is within its bounds, or most have.
func (e *Engine) limitTracking(most int) {
	t, limit := &e.tracking, e.settings.trackingMost
	for ; most > 0 && limit > 0; most-- {
		if int64(t.table.Len()) <= limit && t.bytes/trackedBytes <= limit {
			return
		}
		e.invalidate(t.table.Key(t.table.Random(e.random.Uint64)))
	}
}

// invalidate tells those who may hold a copy of a key, and forgets that they do.
func (e *Engine) invalidate(key []byte) {
	t := &e.tracking
	ref := t.table.Find(key)
	if ref == 0 {
		return
	}
	ids, running := t.table.Value(ref), e.running()
	body := resp.AppendBulk(resp.AppendArray(t.spare[:0], 1), key)
	for at := 0; at < len(ids); at += idBytes {
		c := e.clientByID(idAt(ids, at))
		if c == nil || !c.has(flagTracking) || c.tracker.options&trackBroadcast != 0 ||
			c == running && c.tracker.options&trackNoLoop != 0 {
			continue
		}
		e.tellTracker(c, body)
	}
	t.keepSpare(body)
	n := int64(len(ids) / idBytes)
	t.ids, t.bytes = t.ids-n, t.bytes-n*idBytes-int64(len(key))
	t.table.Remove(ref)
}

// keepSpare keeps a buffer for the next message, unless it is large.
func (t *tracking) keepSpare(buffer []byte) {
	if cap(buffer) <= spareMessage {
		t.spare = buffer
	}
}

// invalidateAll tells everyone who tracks that all keys are gone.
func (e *Engine) invalidateAll() {
	if e.tracking.trackers == 0 {
		return
	}
	for _, c := range e.clients {
		if c.has(flagTracking) {
			e.tellTracker(c, nil)
		}
	}
	e.tracking.table = dict.New(e.settings.tableSeed())
	e.tracking.ids, e.tracking.bytes = 0, 0
}

const (
	invalidatePush    = ">2\r\n$10\r\ninvalidate\r\n"
	invalidateMessage = "*3\r\n$7\r\nmessage\r\n$20\r\n__redis__:invalidate\r\n"
)

// tellTracker sends which keys are out of date, spelled in body (nil: all are), to a client that tracks or to
// whom it redirects them. RESP2 has no pushes: there only a subscriber can be told, and only by another
// client. What a client does itself it is told when its command is done, as it is then.
func (e *Engine) tellTracker(c *Client, body []byte) {
	if c == e.running() {
		e.tracking.late = append(e.tracking.late, lateMessage{c, bytes.Clone(body)})
		e.tracking.due = true
		return
	}
	to := c
	if id := c.tracker.redirect; id != 0 {
		if to = e.clientByID(id); to == nil || to.has(flagClosing) {
			c.tracker.broken = true
			e.tellBroken(c)
			return
		}
	}
	switch {
	case to.reply.proto == 3:
		e.pushBytes(to, []byte(invalidatePush))
	case c.tracker.redirect != 0 && to.listening():
		e.pushBytes(to, []byte(invalidateMessage))
	default:
		return
	}
	if body == nil {
		null := Reply{proto: c.reply.proto}
		null.Null()
		body = null.buf
	}
	e.pushBytes(to, body)
}

// tellBroken tells a client that whom it redirects to has gone.
func (e *Engine) tellBroken(c *Client) {
	if c.reply.proto == 3 {
		r := Reply{proto: 3}
		r.Push(2)
		r.BulkString("tracking-redir-broken")
		r.Int(c.tracker.redirect)
		e.pushBytes(c, r.buf)
	}
}

// bytes is about what the names take that a client has asked for.
func (t *tracker) bytes() int64 {
	const each = 64
	if t == nil {
		return 0
	}
	return each + int64(len(t.prefixes))*each
}

// seekPrefix returns where a prefix stands, or would stand.
func seekPrefix(prefixes []*prefix, text []byte) (at int, found bool) {
	low, high := 0, len(prefixes)
	for low < high {
		middle := (low + high) / 2
		if prefixes[middle].text < string(text) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, low < len(prefixes) && prefixes[low].text == string(text)
}

// mergePrefixes adds prefixes to others; both ascend and they have none in common.
func mergePrefixes(list, more []*prefix) []*prefix {
	i, j := len(list)-1, len(more)-1
	list = append(list, more...)
	for at := len(list) - 1; j >= 0; at-- {
		if i >= 0 && list[i].text > more[j].text {
			list[at] = list[i]
			i--
		} else {
			list[at] = more[j]
			j--
		}
	}
	return list
}

// join makes a client hear of the keys that begin with one of texts.
func (t *tracking) join(c *Client, texts [][]byte) {
	texts = slices.Clone(texts)
	sortStable(texts, bytes.Compare)
	var fresh, mine []*prefix
	for _, text := range texts {
		var p *prefix
		if at, found := seekPrefix(t.prefixes, text); found {
			p = t.prefixes[at]
		} else {
			p = &prefix{text: string(text)}
			fresh = append(fresh, p)
		}
		if at, found := slices.BinarySearchFunc(p.clients, c.id, byID); !found {
			p.clients = insert(p.clients, at, c)
			mine = append(mine, p)
		}
	}
	t.prefixes = mergePrefixes(t.prefixes, fresh)
	c.tracker.prefixes = mergePrefixes(c.tracker.prefixes, mine)
}

// part undoes join, but for the client's own list. A prefix that nobody is left at is gone, and what it has
// collected is told to nobody.
func (t *tracking) part(c *Client) {
	alone := false
	for _, p := range c.tracker.prefixes {
		if at, found := slices.BinarySearchFunc(p.clients, c.id, byID); found {
			p.clients = slices.Delete(p.clients, at, at+1)
		}
		alone = alone || len(p.clients) == 0
	}
	if alone {
		t.prefixes = slices.DeleteFunc(t.prefixes, func(p *prefix) bool { return len(p.clients) == 0 })
	}
}

// collect adds a changed key to the prefixes it begins with. The longest of them, or one that begins with it,
// is the last not above the key; the others are prefixes of what the key has in common with that.
func (t *tracking) collect(key []byte, by *Client) {
	rest, head := t.prefixes, key
	for len(rest) > 0 {
		at, found := seekPrefix(rest, head)
		if found {
			at++
		}
		if at == 0 {
			return
		}
		p := rest[at-1]
		common := commonPrefix(p.text, head)
		if common == len(p.text) {
			if len(p.keys) == 0 {
				t.touched, t.due = append(t.touched, p), true
			}
			p.add(key, by)
		}
		rest, head = rest[:at-1], head[:common]
	}
}

func commonPrefix(a string, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// add notes a changed key.
func (p *prefix) add(key []byte, by *Client) {
	if n := len(p.keys); n > 0 && p.keys[n-1].key == string(key) {
		p.keys[n-1].by = by
		return
	}
	p.keys = append(p.keys, changedKey{string(key), by})
	if len(p.keys) >= max(fewKeys, p.crowded) {
		p.sort()
		p.crowded = 2 * len(p.keys)
	}
}

// sort brings the keys into order, each once, with who changed it last.
func (p *prefix) sort() {
	sortStable(p.keys, func(a, b changedKey) int { return cmp.Compare(a.key, b.key) })
	n := 0
	for i := range p.keys {
		if i > 0 && p.keys[i].key == p.keys[n-1].key {
			p.keys[n-1] = p.keys[i]
			continue
		}
		p.keys[n] = p.keys[i]
		n++
	}
	clear(p.keys[n:])
	p.keys = p.keys[:n]
}

// tellDue tells what waits for the end of a request.
func (e *Engine) tellDue() {
	t := &e.tracking
	t.due = false
	for _, message := range t.late {
		if message.client.tracker != nil {
			e.tellTracker(message.client, message.body)
		}
	}
	clear(t.late)
	t.late = t.late[:0]
	if len(t.touched) > 0 {
		e.broadcast()
	}
}

// broadcast tells the clients in broadcasting mode what has changed since they were last told.
func (e *Engine) broadcast() {
	t := &e.tracking
	sortStable(t.touched, func(a, b *prefix) int { return cmp.Compare(a.text, b.text) })
	for _, p := range t.touched {
		p.sort()
		all := p.spell(t.spare[:0], nil)
		for _, c := range p.clients {
			if c.tracker.options&trackNoLoop == 0 {
				e.tellTracker(c, all)
			} else if others := p.spell(nil, c); others != nil {
				e.tellTracker(c, others)
			}
		}
		t.keepSpare(all)
		p.keys, p.crowded = nil, 0
	}
	clear(t.touched)
	t.touched = t.touched[:0]
}

// spell appends the array of the keys, without those that but has changed; nothing if none is left.
func (p *prefix) spell(dst []byte, but *Client) []byte {
	n := 0
	for i := range p.keys {
		if but == nil || p.keys[i].by != but {
			n++
		}
	}
	if n == 0 {
		return dst
	}
	dst = resp.AppendArray(dst, n)
	for i := range p.keys {
		if but == nil || p.keys[i].by != but {
			dst = resp.AppendBulkString(dst, p.keys[i].key)
		}
	}
	return dst
}
