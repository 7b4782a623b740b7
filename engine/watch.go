package engine

// watch is one client's interest in one key, from WATCH until EXEC, DISCARD or UNWATCH. The first change
// of the key decides the client's EXEC, so it takes the watch off the key's list: a key that many watch
// and many write costs each watch once.
type watch struct {
	client  *Client
	db      int
	key     string
	slot    int  // among the watches of the key
	expired bool // the key was past its expiry when WATCH ran, so its deletion changes nothing
}

// watchKey begins to watch a key, once, for a client whose EXEC is not decided yet: all its watches are
// on the lists of their keys.
func (e *Engine) watchKey(c *Client, db *DB, key []byte) {
	list := db.watchers[string(key)]
	if c.isWatching(db, key, list) {
		return
	}
	if db.watchers == nil {
		db.watchers = map[string][]*watch{}
	}
	ref := db.keys.Find(key)
	w := &watch{client: c, db: db.id, key: string(key), slot: len(list), expired: ref != 0 && e.expired(db, ref)}
	db.watchers[w.key] = append(list, w)
	c.watches = append(c.watches, w)
	e.observers++
}

// isWatching looks in the shorter of the two lists that a watch is on.
func (c *Client) isWatching(db *DB, key []byte, list []*watch) bool {
	if len(list) < len(c.watches) {
		for _, w := range list {
			if w.client == c {
				return true
			}
		}
		return false
	}
	for _, w := range c.watches {
		if w.db == db.id && w.key == string(key) {
			return true
		}
	}
	return false
}

// unwatch forgets every watch of a client.
func (e *Engine) unwatch(c *Client) {
	for _, w := range c.watches {
		if w.slot != unlisted {
			e.dbs[w.db].unlist(w)
		}
		e.observers--
	}
	c.watches = nil
	c.set(flagDirty, false)
}

// unlisted is the slot of a watch that its key no longer knows.
const unlisted = -1

// unlist takes a watch off the list of its key, where the last one takes its place.
func (db *DB) unlist(w *watch) {
	list := db.watchers[w.key]
	last := len(list) - 1
	list[last].slot = w.slot
	list[w.slot], list[last] = list[last], nil
	w.slot = unlisted
	if last == 0 {
		delete(db.watchers, w.key)
		return
	}
	db.watchers[w.key] = list[:last]
}

// spoil makes the EXEC of everyone who watches the key fail.
func (e *Engine) spoil(db *DB, key []byte) {
	list := db.watchers[string(key)]
	for i := len(list) - 1; i >= 0; i-- { // unlist moves only watches that were looked at
		w := list[i]
		if w.expired && db.keys.Find(key) == 0 {
			w.expired = false
			continue
		}
		w.client.set(flagDirty, true)
		db.unlist(w)
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
