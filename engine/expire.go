package engine

import (
	"riffle/engine/dict"
)

// A key past its expiry is gone for every command at once: whoever meets it deletes it, and the
// journal gets the DEL (a replay therefore needs no clock). Keys that nobody meets are found by
// Tick, which walks the set of keys with an expiry in the order in which they lie in memory, a step
// at a time. A step ends at a number of keys looked at, some tenths of a millisecond, or deleted, half
// a millisecond, and the next comes a tenth of a second later: all of a million keys are looked at in
// twelve seconds, for about 0.2 % of a processor. While a step finds a tenth of the keys it meets
// expired (the reference's measure, as in its activeExpireCycle) the next comes after a millisecond: a
// million keys that expire in the same moment are gone within seconds, and no command waits for more
// than one step.
type expiring struct {
	db     int        // where the walk stands
	cursor uint64     // within that database's expires
	off    bool       // DEBUG SET-ACTIVE-EXPIRE 0
	next   int64      // when the next step is due, in microseconds since 1970
	due    []dict.Ref // spare
}

const (
	expireEvery   = 100_000 // microseconds between steps when little is expired
	expireSoon    = 1000    // microseconds between steps when much is
	expireLooks   = 8192    // keys looked at in a step
	expireDeletes = 512     // keys deleted in a step, and 63 more at most
	expireShare   = 10      // one in so many is much
)

// expired reports whether a key with an expiry is past it.
func (e *Engine) expired(db *DB, ref dict.Ref) bool {
	if e.replaying {
		return false
	}
	at := db.expiry(ref)
	return at != noExpiry && at <= e.millis()
}

// expire deletes a key that is past its expiry, as an effect of its own.
func (e *Engine) expire(db *DB, ref dict.Ref) {
	key := db.keys.Key(ref)
	e.beforeChange(db.keyspace, key)
	e.effect(db.id, []byte("DEL"), key)
	e.stats.expired++
	e.notify(notifyExpired, "expired", db.id, key)
	e.changed(db, key)
	db.remove(ref)
}

// expireStep deletes expired keys that nobody has asked for, within one budget.
func (e *Engine) expireStep() {
	walk := &e.expiring
	if walk.off || e.now < walk.next {
		return
	}
	looked, deleted, start := 0, 0, e.stopwatch()
	for seen := 0; seen <= len(e.dbs) && looked < expireLooks && deleted < expireDeletes; {
		n, found := e.expireSome(e.dbs[walk.db])
		looked += n
		deleted += found
		if walk.cursor == 0 {
			walk.db = (walk.db + 1) % len(e.dbs)
			seen++
		}
	}
	walk.next = e.now + expireEvery
	if deleted > 0 && deleted >= looked/expireShare {
		walk.next = e.now + expireSoon
	}
	e.latency.note(e, "expire-cycle", e.stopwatch()-start)
	e.finishUnit()
}

// expireSome deletes the expired ones of the next few keys of a database that have an expiry.
func (e *Engine) expireSome(db *DB) (looked, deleted int) {
	walk := &e.expiring
	walk.due = walk.due[:0]
	walk.cursor = db.expires.Scan(walk.cursor, func(ref dict.Ref) {
		looked++
		if e.expired(db, ref) {
			walk.due = append(walk.due, ref)
		}
	})
	for _, ref := range walk.due {
		e.expire(db, ref)
	}
	return looked, len(walk.due)
}

// expireWake says when the next step is due, in microseconds since 1970; 0 if no key can expire.
func (e *Engine) expireWake() int64 {
	if e.expiring.off {
		return 0
	}
	for _, db := range e.dbs {
		if db.expires.Len() > 0 {
			return max(e.expiring.next, e.now)
		}
	}
	return 0
}
