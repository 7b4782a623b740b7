package engine

import "riffle/engine/dict"

// Deleting keys, and overwriting them with values of other lengths, leaves holes in a keyspace's pages
// which only blocks of the same size fill again. When an eighth of a keyspace lies idle in holes, Tick
// compacts it: a step every millisecond moves a few hundred blocks out of sparse pages, a tenth of a
// millisecond's work, until a sixteenth is left or no page is sparse. Redis calls the same active
// defragmentation; here blocks have no addresses that others keep, only Refs, which no one keeps between two
// units but the keyspace's own index and its set of keys that expire.
//
// Pages of a flushed keyspace go back to the host in steps, too, once no snapshot reads them.
type compaction struct {
	due     int64     // when the next step is, in microseconds since 1970; 0 = there is nothing to do
	space   *keyspace // the one being compacted, nil while none is
	retired []*keyspace
}

const (
	compactPause  = 1000 // microseconds between two steps
	compactBudget = 400  // blocks moved in a step, or pages looked at
	compactFrees  = 1024 // blocks freed that make another look at a keyspace worthwhile, at least
	discardBudget = 32   // pages given back in a step
	idlePart      = 8    // a keyspace is compacted when this part of it is idle
)

// worn reports whether so much was freed since the last look that holes may have gathered.
func (s *keyspace) worn() bool {
	return s.keys.Len() > 0 && s.keys.Frees()-s.judged > compactFrees+uint32(s.keys.Len())/(2*idlePart)
}

// moved keeps the sets of keys that expire, or fields of which do, when Compact has moved a key.
func (s *keyspace) moved(old, moved dict.Ref) {
	if s.keys.Meta(moved)&(metaExpiry|metaFields) != 0 {
		s.expires.Replace(old, moved)
		s.fields.Replace(old, moved)
	}
}

// compact does one step and reports whether it was the last.
func (s *keyspace) compact() (done bool) {
	done = s.keys.Compact(compactBudget, s.moved) || s.keys.Idle()*2*idlePart < s.keys.Size()
	if done {
		s.judged = s.keys.Frees()
	}
	return done
}

// compactWake says when the next step is due, in microseconds since 1970; 0 if there is nothing to do.
func (e *Engine) compactWake() int64 {
	c := &e.holes
	if c.due == 0 && (len(c.retired) > 0 || e.anyWorn()) {
		c.due = e.now + compactPause
	}
	return c.due
}

func (e *Engine) anyWorn() bool {
	for _, db := range e.dbs {
		if db.worn() {
			return true
		}
	}
	return false
}

// compactStep does what is due: pages of a retired keyspace first, then one step with one keyspace.
func (e *Engine) compactStep() {
	c := &e.holes
	if c.due == 0 || c.due > e.now {
		return
	}
	c.due = 0
	if n := len(c.retired); n > 0 {
		if space := c.retired[n-1]; !e.pictured(space) && space.keys.Discard(discardBudget) {
			c.retired = c.retired[:n-1]
		}
		return
	}
	if c.space == nil {
		c.space = e.judge()
	}
	if c.space != nil {
		c.due = e.now + compactPause
		if c.space.compact() {
			c.space = nil
		}
	}
}

// judge returns a worn keyspace that is worth compacting, if there is one.
func (e *Engine) judge() *keyspace {
	for _, db := range e.dbs {
		if db.worn() {
			if db.keys.Idle()*idlePart >= db.keys.Size() {
				return db.keyspace
			}
			db.judged = db.keys.Frees()
		}
	}
	return nil
}

// pictured reports whether a snapshot still reads a keyspace.
func (e *Engine) pictured(space *keyspace) bool {
	for _, picture := range e.snapshots {
		for i := range picture.spaces {
			if picture.spaces[i].space == space {
				return true
			}
		}
	}
	return false
}

// renew empties a database. Its keyspace is forgotten, and its pages go back as soon as may be.
func (e *Engine) renew(db *DB) {
	old := db.keyspace
	db.keyspace = newKeyspace(e.config.Pages, e.random.Uint64())
	if e.holes.space == old {
		e.holes.space = nil
	}
	if e.config.Pages != nil && old.keys.Len() > 0 {
		e.holes.retired = append(e.holes.retired, old)
	}
}
