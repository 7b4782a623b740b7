package engine

// watch is one client's interest in one key, from WATCH until EXEC, DISCARD or UNWATCH.
type watch struct {
	client  *Client
	db      int
	key     string
	expired bool // the key was past its expiry when WATCH ran, so its deletion changes nothing
}

// watchKey begins to watch a key for a client, once.
func (e *Engine) watchKey(c *Client, db *DB, key []byte) {
	for _, w := range c.watches {
		if w.db == db.id && w.key == string(key) {
			return
		}
	}
	ref := db.keys.Find(key)
	w := &watch{client: c, db: db.id, key: string(key), expired: ref != 0 && e.expired(db, ref)}
	if db.watchers == nil {
		db.watchers = map[string][]*watch{}
	}
	db.watchers[w.key] = append(db.watchers[w.key], w)
	c.watches = append(c.watches, w)
	e.watched++
}

// unwatch forgets every watch of a client.
func (e *Engine) unwatch(c *Client) {
	for _, w := range c.watches {
		db := e.dbs[w.db]
		list := db.watchers[w.key]
		for i, other := range list {
			if other == w {
				list = append(list[:i], list[i+1:]...)
				break
			}
		}
		db.watchers[w.key] = list
		if len(list) == 0 {
			delete(db.watchers, w.key)
		}
		e.watched--
	}
	c.watches = nil
	c.set(flagDirty, false)
}

// spoil makes the EXEC of everyone who watches the key fail.
func (e *Engine) spoil(db *DB, key []byte) {
	for _, w := range db.watchers[string(key)] {
		if w.expired && db.keys.Find(key) == 0 {
			w.expired = false
			continue
		}
		w.client.set(flagDirty, true)
	}
}

// spoilAll is spoil for every watched key that exists in the database or in the one that takes
// its place (FLUSHDB, FLUSHALL, SWAPDB).
func (e *Engine) spoilAll(db *DB, next *keyspace) {
	for _, c := range e.clients {
		for _, w := range c.watches {
			if w.db != db.id {
				continue
			}
			key := []byte(w.key)
			if !w.expired && db.keys.Find(key) != 0 || next != nil && next.keys.Find(key) != 0 {
				c.set(flagDirty, true)
			}
		}
	}
}

// watchExpired says whether a key the client watches has passed its expiry since.
func (e *Engine) watchExpired(c *Client) bool {
	for _, w := range c.watches {
		db := e.dbs[w.db]
		ref := db.keys.Find([]byte(w.key))
		if !w.expired && ref != 0 && e.expired(db, ref) {
			return true
		}
	}
	return false
}
