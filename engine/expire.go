package engine

import (
	"math"

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
// than one step. A second walk does the same for the hashes of which fields expire (t_hash_times.go).
type expiring struct {
	keys   expiryWalk
	fields expiryWalk
	off    bool       // DEBUG SET-ACTIVE-EXPIRE 0
	next   int64      // when the next step is due, in microseconds since 1970
	due    []dict.Ref // spare
	stale  int        // what the last step found expired,
	looked int        // of so many keys and fields
	full   int64      // steps that ended at their budget
	nanos  int64      // that all steps took
}

// expiryWalk is where a walk over what expires stands.
type expiryWalk struct {
	db     int
	cursor uint64 // within that database's set
}

const (
	expireEvery   = 100_000 // microseconds between steps when little is expired
	expireSoon    = 1000    // microseconds between steps when much is
	expireLooks   = 8192    // keys looked at in a step, times active-expire-effort
	expireDeletes = 512     // keys deleted in a step, and 63 more at most
	expireShare   = 10      // one in so many is much
)

// expired reports whether a key is past its expiry, or every field of it is.
func (e *Engine) expired(db *DB, ref dict.Ref) bool {
	if e.replaying {
		return false
	}
	return e.outlived(db, ref) || db.keys.Meta(ref)&metaFields != 0 && e.allFieldsExpired(db, ref)
}

// outlived reports whether a key is past its own expiry.
func (e *Engine) outlived(db *DB, ref dict.Ref) bool {
	at := db.expiry(ref)
	return at != noExpiry && at <= e.millis()
}

// meet deletes what is past its expiry of a key that a command has found: the key, or fields of it. It
// returns the ref of what is left, 0 if that is nothing.
func (e *Engine) meet(db *DB, ref dict.Ref) dict.Ref {
	switch {
	case e.replaying:
		return ref
	case e.outlived(db, ref):
		e.expire(db, ref)
		return 0
	case db.keys.Meta(ref)&metaFields != 0:
		ref, _ = e.expireFields(db, ref, math.MaxInt)
	}
	return ref
}

// expire deletes a key for which expired was true, as an effect of its own.
func (e *Engine) expire(db *DB, ref dict.Ref) {
	if !e.outlived(db, ref) {
		e.expireFields(db, ref, math.MaxInt)
		return
	}
	key := append([]byte(nil), db.keys.Key(ref)...) // for who watches it: they look whether it is gone
	e.beforeChange(db.keyspace, key)
	e.effect(db.id, []byte("DEL"), key)
	e.stats.expired++
	e.notify(notifyExpired, "expired", db.id, key)
	db.remove(ref)
	e.changedBy(nil, db, key)
}

// expireStep deletes expired keys and fields that nobody has asked for, within one budget each.
func (e *Engine) expireStep() {
	x := &e.expiring
	if x.off || e.now < x.next {
		return
	}
	start := e.stopwatch()
	x.stale, x.looked = 0, 0
	manyKeys := e.walkExpiring(&x.keys, (*Engine).expireSome)
	manyFields := e.walkExpiring(&x.fields, (*Engine).expireSomeFields)
	x.next = e.now + expireEvery
	if manyKeys || manyFields {
		x.next = e.now + expireSoon
	}
	took := e.stopwatch() - start
	x.nanos += took
	e.latency.note(e, "expire-cycle", took)
	e.finishUnit()
}

// walkExpiring goes on with a walk, a budget far, and reports whether much was expired of what it met.
func (e *Engine) walkExpiring(walk *expiryWalk, some func(*Engine, *DB) (looked, deleted int)) (much bool) {
	looked, deleted, effort := 0, 0, e.settings.expireEffort
	for seen := 0; seen <= len(e.dbs) && looked < effort*expireLooks && deleted < effort*expireDeletes; {
		n, found := some(e, e.dbs[walk.db])
		looked += n
		deleted += found
		if walk.cursor == 0 {
			walk.db = (walk.db + 1) % len(e.dbs)
			seen++
		}
	}
	e.expiring.stale += deleted
	e.expiring.looked += looked
	e.expiring.full += boolInt(looked >= effort*expireLooks || deleted >= effort*expireDeletes)
	return deleted > 0 && deleted >= looked/expireShare
}

// expireSome deletes the expired ones of the next few keys of a database that have an expiry.
func (e *Engine) expireSome(db *DB) (looked, deleted int) {
	x := &e.expiring
	x.due = x.due[:0]
	x.keys.cursor = db.expires.Scan(x.keys.cursor, func(ref dict.Ref) {
		looked++
		if e.outlived(db, ref) {
			x.due = append(x.due, ref)
		}
	})
	for _, ref := range x.due {
		e.expire(db, ref)
	}
	return looked, len(x.due)
}

// expireWake says when the next step is due, in microseconds since 1970; 0 if no key can expire.
func (e *Engine) expireWake() int64 {
	if e.expiring.off {
		return 0
	}
	for _, db := range e.dbs {
		if db.expires.Len() > 0 || db.fields.Len() > 0 {
			return max(e.expiring.next, e.now)
		}
	}
	return 0
}
