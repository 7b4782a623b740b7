package engine

import "riffle/engine/dict"

// Ctx is what a handler sees: its arguments, its client, its database, a writer for the reply,
// and the keyspace through read, write and commit.
//
// A helper that returns ok == false has already replied; the handler just returns.
type Ctx struct {
	Argv   [][]byte // the whole request, Argv[0] is the command's name
	Reply  *Reply
	Client *Client
	DB     *DB
	Now    int64 // milliseconds since 1970, frozen for the whole unit

	e      *Engine
	cmd    *entry
	deny   bool // blocking is not possible here: inside EXEC or a script
	rerun  bool // a blocked command is being tried again
	keep   bool // this try leaves the client blocked
	silent bool // the keyspace event "expired" and such are not wanted (replay)
}

// read returns the value of a key for reading: a view or an object, empty if the key does not
// exist. It replies WRONGTYPE if the key holds another kind.
func (c *Ctx) read(key []byte, kind Kind) (Value, bool) { return c.open(key, kind, c.find(key)) }

// write is read for a command that may change the value. The value must be given to commit
// when it has changed.
func (c *Ctx) write(key []byte, kind Kind) (Value, bool) {
	return c.open(key, kind, c.findWrite(key))
}

func (c *Ctx) open(key []byte, kind Kind, ref dict.Ref) (Value, bool) {
	if ref == 0 {
		value := c.e.views.next(kind)
		value.Unpack(0, nil)
		p := value.home()
		p.space, p.key, p.ref, p.bytes = c.DB.keyspace, key, 0, 0
		return value, true
	}
	if c.DB.kind(ref) != kind {
		c.wrongType()
		return nil, false
	}
	return c.DB.open(ref, &c.e.views), true
}

// find returns the ref of a live key, 0 if there is none, and counts the access.
func (c *Ctx) find(key []byte) dict.Ref {
	ref := c.glance(key)
	if ref != 0 {
		c.touchAccess(ref)
	}
	return ref
}

// glance is find for a command that asks about a key rather than for its value (TTL, EXISTS): the
// access clock stays.
func (c *Ctx) glance(key []byte) dict.Ref {
	ref := c.peek(key)
	if ref == 0 {
		c.e.stats.misses++
		c.e.notifyMiss(c.DB.id, key)
		return 0
	}
	c.e.stats.hits++
	return ref
}

// look is glance for a command that asks about how a key is kept (OBJECT): whoever hears of keys that are missed does
// not hear of it.
func (c *Ctx) look(key []byte) dict.Ref {
	ref := c.peek(key)
	if ref == 0 {
		c.e.stats.misses++
	} else {
		c.e.stats.hits++
	}
	return ref
}

// findWrite is find for a command that may change the key: the snapshot being written sees it first.
func (c *Ctx) findWrite(key []byte) dict.Ref {
	ref := c.peek(key)
	c.e.beforeChange(c.DB.keyspace, key)
	if ref != 0 {
		c.touchAccess(ref)
	}
	return ref
}

// findWriteIn is findWrite for a key of another database.
func (c *Ctx) findWriteIn(db *DB, key []byte) dict.Ref {
	home := c.DB
	c.DB = db
	ref := c.findWrite(key)
	c.DB = home
	return ref
}

// peek finds a live key without counting the access; a key past its expiry is deleted first, and so are
// the fields of a hash that are.
func (c *Ctx) peek(key []byte) dict.Ref {
	ref := c.DB.keys.Find(key)
	if ref != 0 && c.DB.keys.Meta(ref)&(metaExpiry|metaFields) != 0 {
		return c.e.meet(c.DB, ref)
	}
	return ref
}

// touchAccess notes that the key is used.
func (c *Ctx) touchAccess(ref dict.Ref) {
	if c.Client.has(flagNoTouch) && !equalFold(c.Argv[0], "TOUCH") {
		return
	}
	if c.e.settings.countsUse {
		c.e.countUse(c.DB.keyspace, ref)
		return
	}
	meta := c.DB.keys.Meta(ref)
	access := c.e.access()
	if meta>>accessShift != access {
		c.DB.keys.SetMeta(ref, meta&(1<<accessShift-1)|access<<accessShift)
	}
}

// commit stores a value that the handler has changed: it creates the key, moves its block if it
// has outgrown it, deletes the key of an aggregate that became empty, and tells whoever waits for
// or watches the key. It does not journal and does not notify: the handler knows what happened.
// It reports whether the key exists afterwards.
func (c *Ctx) commit(value Value) bool {
	isNew := value.home().ref == 0
	exists := c.store(value, isNew)
	if isNew && exists {
		c.Notify(notifyNew, "new", value.home().key)
	}
	return exists
}

// store is commit without the news; appears says that the key was not there before.
func (c *Ctx) store(value Value, appears bool) bool {
	p := value.home()
	if !value.Empty() {
		p.space.put(value, c.e.accessOf(p.space, p.ref))
		if appears {
			c.e.changed(c.DB, p.key)
		} else {
			c.e.altered(c.DB, p.key)
		}
		return true
	}
	c.e.changed(c.DB, p.key) // before the block that may hold the key is gone
	if p.ref != 0 {
		p.space.remove(p.ref)
		p.ref = 0
	}
	return false
}

// replace makes value, of any kind, the key's only content: an older value and its expiry go.
func (c *Ctx) replace(key []byte, value Value) {
	ref := c.findWrite(key)
	if ref != 0 {
		c.DB.remove(ref)
	}
	p := value.home()
	p.space, p.key, p.ref, p.bytes = c.DB.keyspace, key, 0, 0
	if c.store(value, ref == 0) && ref == 0 {
		c.Notify(notifyNew, "new", key)
	}
}

// remove deletes a key that find has returned; it journals and notifies nothing.
func (c *Ctx) remove(key []byte, ref dict.Ref) {
	c.e.beforeChange(c.DB.keyspace, key)
	c.e.changed(c.DB, key) // before the block that may hold key is gone
	c.DB.remove(ref)
}

// expireAt gives a live key an expiry (milliseconds since 1970), or takes it away with noExpiry.
func (c *Ctx) expireAt(key []byte, ref dict.Ref, at int64) {
	c.e.beforeChange(c.DB.keyspace, key)
	c.DB.setExpiry(ref, at)
	c.e.changed(c.DB, key)
}

// changed tells whoever waits for, watches or caches a key that it is not what it was.
func (e *Engine) changed(db *DB, key []byte) { e.changedBy(e.ctx.Client, db, key) }

// changedBy is changed for a key that a client has changed, or that went by itself: nil.
func (e *Engine) changedBy(client *Client, db *DB, key []byte) {
	if e.observers > 0 {
		e.observe(db, key, client)
	}
	if len(db.waiters) > 0 {
		e.signal(db, key, false)
	}
}

// altered is changed for a key that was there before, for which only who wants more of its value can wait: whoever
// else waits found a value of another kind, and is tried when the key is new, as in the reference.
func (e *Engine) altered(db *DB, key []byte) {
	if e.observers > 0 {
		e.observe(db, key, e.ctx.Client)
	}
	if len(db.waiters) > 0 {
		e.signal(db, key, true)
	}
}

// dbOf returns the database that the client has selected.
func (e *Engine) dbOf(c *Client) *DB { return e.dbs[c.db] }
