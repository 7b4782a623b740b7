package engine

import (
	"riffle/engine/dict"
)

// A key past its expiry is gone for every command at once: whoever meets it deletes it, and the
// journal gets the DEL (a replay therefore needs no clock). Keys that nobody meets are found by
// Tick, which walks the set of keys with an expiry in small steps: a budget a step, steps in quick
// succession while many are found expired, ten a second otherwise.
type expiring struct {
	db     int    // where the walk stands
	cursor uint64 // within that database's expires
	off    bool   // DEBUG SET-ACTIVE-EXPIRE 0
	again  bool   // the last step ended on its budget: more is due at once
}

const (
	expireEvery  = 100_000 // microseconds between steps when little is expired
	expireBudget = 1000    // keys looked at in a step, about half a millisecond
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
	if walk.off {
		return
	}
	budget := expireBudget
	var due []dict.Ref
	for seen := 0; seen <= len(e.dbs) && budget > 0; {
		db := e.dbs[walk.db]
		due = due[:0]
		walk.cursor = db.expires.Scan(walk.cursor, func(ref dict.Ref) {
			budget--
			if e.expired(db, ref) {
				due = append(due, ref)
			}
		})
		for _, ref := range due {
			e.expire(db, ref)
		}
		if walk.cursor == 0 {
			walk.db = (walk.db + 1) % len(e.dbs)
			seen++
		}
	}
	walk.again = budget <= 0
	e.finishUnit()
}

// expireWake says when the next step is due, in microseconds since 1970; 0 if no key can expire.
func (e *Engine) expireWake() int64 {
	if e.expiring.off {
		return 0
	}
	for _, db := range e.dbs {
		if db.expires.Len() > 0 {
			if e.expiring.again {
				return e.now
			}
			return e.now + expireEvery
		}
	}
	return 0
}
