package engine

import (
	"math"

	"riffle/engine/dict"
	"riffle/engine/rdb"
)

// When the data outgrows maxmemory, keys are evicted before the next command runs, as maxmemory-policy
// says: by the time of their last use (lru), by how often they are used (lfu), by when they expire (ttl),
// or any (random), of all keys or of those that have an expiry (volatile).
//
// The oldest key is not known, for a list in order of use would cost 16 bytes a key: a few keys are
// sampled, and the best of them are remembered in a pool from one eviction to the next, so that the pool
// comes to hold keys among the oldest of all (antirez, "Random notes on improving the Redis LRU
// algorithm", 2016). Use is told by 24 bits of the key's meta: the second of the last use or, under an lfu
// policy, the minute of it in 16 bits and in 8 bits a counter that grows ever more rarely (Morris 1978)
// and sinks with the time the key is not used.
//
// What counts as used is the bytes in live blocks and objects. The holes that evicted keys leave in pages
// are filled by the next keys, or closed by compaction: the memory held is above maxmemory by these.
//
// An eviction is an effect of its own, a DEL: a replay evicts nothing, and needs no clock or dice.
type eviction struct {
	pool     []candidate // by worth, the most worth evicting last
	db       int         // the database whose turn it was under a random policy
	due      bool        // Tick is to go on
	since    int64       // since when memory is over the limit, in microseconds since 1970; 0 = it is not
	exceeded int64       // microseconds for which it was, before that
}

// candidate is a key that is worth evicting.
type candidate struct {
	worth uint64 // how much, in the policy's terms
	db    int
	key   []byte
}

// poolSize is how many candidates are kept.
const poolSize = 16

// measure is what a policy chooses keys by.
type measure uint8

const (
	byNothing measure = iota // nothing is evicted
	byAge
	byUse
	byExpiry
	byChance
)

// evictionPolicy is maxmemory-policy.
type evictionPolicy struct {
	by       measure
	volatile bool // only keys that have an expiry
}

const evictionPolicies = "volatile-lru volatile-lfu volatile-random volatile-ttl " +
	"allkeys-lru allkeys-lfu allkeys-random noeviction"

// evictionMeasures are the ends of the policies' names.
var evictionMeasures = [...]struct {
	name string
	by   measure
}{{"lru", byAge}, {"lfu", byUse}, {"ttl", byExpiry}, {"random", byChance}}

func applyPolicy(e *Engine, value string) string {
	p := &e.settings.policy
	*p = evictionPolicy{volatile: hasPrefix(value, "volatile")}
	for _, m := range evictionMeasures {
		if value[max(0, len(value)-len(m.name)):] == m.name {
			p.by = m.by
		}
	}
	e.settings.countsUse = p.by == byUse
	e.eviction.pool = nil // measured in other terms
	return ""
}

func applyMaxMemory(e *Engine, value string) string {
	e.settings.maxMemory = number(value)
	e.eviction.due = e.settings.maxMemory > 0
	return ""
}

// outOfMemory makes room if there is a limit and it is exceeded, and says whether the command must be
// refused because there is none.
func (e *Engine) outOfMemory(c *Ctx) bool {
	room := e.settings.maxMemory == 0 || e.makeRoom(c.DB)
	if room && !c.DB.keys.Full() {
		return false
	}
	return c.cmd.Flags&DenyOOM != 0 ||
		c.cmd.Flags&runsInsideMulti != 0 && c.Client.multi != nil && c.Client.multi.flags&DenyOOM != 0
}

// makeRoom evicts keys until the data fits within maxmemory. It reports whether there is room: it fits, or
// Tick will go on evicting, since more than the command's share of work is to be done.
func (e *Engine) makeRoom(db *DB) bool {
	if !e.overMemory(db) {
		e.endExcess()
		return true
	}
	if e.eviction.since == 0 {
		e.eviction.since = e.now
	}
	if e.settings.policy.by == byNothing || e.inside > 0 {
		return false
	}
	start := e.stopwatch()
	room := e.evictDown()
	e.latency.note(e, "eviction-cycle", e.stopwatch()-start)
	return room
}

// endExcess counts for how long memory was over the limit.
func (e *Engine) endExcess() {
	if v := &e.eviction; v.since != 0 {
		v.exceeded += e.now - v.since
		v.since = 0
	}
	e.eviction.due = false
}

// current is for how long memory has been over the limit, in microseconds.
func (v *eviction) current(now int64) int64 {
	if v.since == 0 {
		return 0
	}
	return now - v.since
}

// evictDown evicts until memory is within its limit, or a command's share is done.
func (e *Engine) evictDown() (room bool) {
	excess := e.usedMemory() - e.settings.maxMemory
	for share := e.evictionShare(); excess > 0; share-- {
		if share == 0 {
			e.eviction.due = true
			return true
		}
		db, ref := e.victim()
		if ref == 0 {
			return false
		}
		before := db.inUse()
		e.evict(db, ref)
		excess -= before - db.inUse()
	}
	e.endExcess()
	return true
}

// evictionShare is how many keys are evicted before one command, by maxmemory-eviction-tenacity: 500 of a
// microsecond or so each where it is 10, more of them exponentially above, and no bound at 100.
func (e *Engine) evictionShare() int64 {
	const usual, step = 10, 50
	tenacity := e.settings.evictionTenacity
	switch {
	case tenacity >= 100:
		return math.MaxInt64
	case tenacity <= usual:
		return 1 + step*tenacity
	}
	return int64(usual * step * math.Pow(1.15, float64(tenacity-usual)))
}

// evict deletes a key for its memory.
func (e *Engine) evict(db *DB, ref dict.Ref) {
	key := db.keys.Key(ref)
	e.beforeChange(db.keyspace, key)
	e.stats.evicted++
	e.changedBy(nil, db, key)
	e.notify(notifyEvicted, "evicted", db.id, key)
	e.effect(db.id, []byte("DEL"), key)
	e.journal.commit()
	db.remove(ref)
}

// victim returns the next key to evict, ref 0 if the policy has none.
func (e *Engine) victim() (db *DB, ref dict.Ref) {
	if e.settings.policy.by == byChance {
		return e.anyVictim()
	}
	for e.fillPool() {
		for n := len(e.eviction.pool) - 1; n >= 0; n-- {
			best := &e.eviction.pool[n]
			db = e.dbs[best.db]
			ref = db.keys.Find(best.key)
			e.eviction.pool = e.eviction.pool[:n]
			if ref != 0 && (!e.settings.policy.volatile || db.keys.Meta(ref)&metaExpiry != 0) {
				return db, ref
			}
		}
	}
	return nil, 0
}

// anyVictim takes a random key, from one database after the other.
func (e *Engine) anyVictim() (db *DB, ref dict.Ref) {
	for range e.dbs {
		e.eviction.db = (e.eviction.db + 1) % len(e.dbs)
		db = e.dbs[e.eviction.db]
		if ref = e.sample(db); ref != 0 {
			return db, ref
		}
	}
	return nil, 0
}

// sample returns a random key of those that the policy chooses from, 0 if there is none.
func (e *Engine) sample(db *DB) dict.Ref {
	if e.settings.policy.volatile {
		return db.expires.Random(e.random.Uint64)
	}
	return db.keys.Random(e.random.Uint64)
}

// fillPool samples keys of every database, and reports whether there were any.
func (e *Engine) fillPool() (any bool) {
	for _, db := range e.dbs {
		for n := e.settings.evictionSamples; n > 0; n-- {
			ref := e.sample(db)
			if ref == 0 {
				break
			}
			any = true
			e.eviction.add(e.worth(db, ref), db.id, db.keys.Key(ref))
		}
	}
	return any
}

// worth says how much a key is worth evicting; more is more.
func (e *Engine) worth(db *DB, ref dict.Ref) uint64 {
	switch e.settings.policy.by {
	case byAge:
		return uint64(e.idleSeconds(db.keyspace, ref))
	case byUse:
		return uint64(255 - e.useCount(db.keyspace, ref))
	}
	return math.MaxUint64 - uint64(db.expiry(ref))
}

// add puts a candidate into the pool. A full pool drops the least worth one, which may be the new one.
func (v *eviction) add(worth uint64, db int, key []byte) {
	at := 0
	for at < len(v.pool) && v.pool[at].worth < worth {
		at++
	}
	for i := range v.pool {
		if v.pool[i].db == db && string(v.pool[i].key) == string(key) {
			return
		}
	}
	if cap(v.pool) == 0 {
		v.pool = make([]candidate, 0, poolSize)
	}
	if len(v.pool) < poolSize {
		v.pool = v.pool[:len(v.pool)+1]
		spare := v.pool[len(v.pool)-1].key
		copy(v.pool[at+1:], v.pool[at:])
		v.pool[at] = candidate{worth, db, append(spare[:0], key...)}
		return
	}
	if at == 0 {
		return
	}
	spare := v.pool[0].key
	copy(v.pool[:at-1], v.pool[1:at])
	v.pool[at-1] = candidate{worth, db, append(spare[:0], key...)}
}

// evictStep goes on where the share of a command ended, or CONFIG SET left too much.
func (e *Engine) evictStep() {
	if e.eviction.due {
		e.eviction.due = false
		if e.settings.maxMemory > 0 {
			e.makeRoom(e.dbs[0])
			e.finishUnit()
		}
	}
}

// evictWake says when evictStep is due, in microseconds since 1970; 0 if it is not.
func (e *Engine) evictWake() int64 {
	if !e.eviction.due {
		return 0
	}
	return max(e.now, 1)
}

// The clock in a key's meta.

const (
	useMinutes = 1<<16 - 1 // minutes are counted modulo this + 1
	useFresh   = 5         // the count of uses that a new key begins with, so that it is not evicted at once
)

// access is what the clock of a key that is used now shows, unless uses are counted: seconds, modulo 2^24.
func (e *Engine) access() uint32 { return e.seconds }

// accessOf is what the clock of a key shows that is written now, ref being the key it was, 0 if none.
func (e *Engine) accessOf(space *keyspace, ref dict.Ref) uint32 {
	if !e.settings.countsUse {
		return e.seconds
	}
	if ref == 0 {
		return e.minutes()<<8 | useFresh
	}
	return space.keys.Meta(ref) >> accessShift
}

func (e *Engine) minutes() uint32 { return uint32(e.clock/60_000) & useMinutes }

// idleSeconds returns for how long a key has not been used.
func (e *Engine) idleSeconds(space *keyspace, ref dict.Ref) uint32 {
	return (e.seconds - space.keys.Meta(ref)>>accessShift) & accessMask
}

// useCount returns how often a key is used: the counter, less one for every lfu-decay-time minutes since.
func (e *Engine) useCount(space *keyspace, ref dict.Ref) uint32 {
	access := space.keys.Meta(ref) >> accessShift
	count := access & 255
	if decay := e.settings.lfuDecay; decay > 0 {
		passed := int64((e.minutes()-access>>8)&useMinutes) / decay
		count -= uint32(min(passed, int64(count)))
	}
	return count
}

// countUse notes one more use of a key.
func (e *Engine) countUse(space *keyspace, ref dict.Ref) {
	count := e.useCount(space, ref)
	if count < 255 {
		above := float64(max(count, useFresh) - useFresh)
		if e.random.Float64() < 1/(above*float64(e.settings.lfuLogFactor)+1) {
			count++
		}
	}
	space.setAccess(ref, e.minutes()<<8|count)
}

func (s *keyspace) setAccess(ref dict.Ref, access uint32) {
	s.keys.SetMeta(ref, s.keys.Meta(ref)&(1<<accessShift-1)|access<<accessShift)
}

// setUse gives a key that was just made an idle time or a count of uses, whichever the policy looks at;
// -1 is none.
func (e *Engine) setUse(space *keyspace, ref dict.Ref, idleSeconds, count int64) {
	switch {
	case e.settings.countsUse && count >= 0:
		space.setAccess(ref, e.minutes()<<8|uint32(count))
	case !e.settings.countsUse && idleSeconds >= 0:
		space.setAccess(ref, (e.seconds-uint32(min(idleSeconds, accessMask)))&accessMask)
	}
}

// appendUse notes in a snapshot what the policy looks at, in front of a key.
func (e *Engine) appendUse(dst []byte, space *keyspace, ref dict.Ref) []byte {
	switch e.settings.policy.by {
	case byAge:
		return rdb.AppendIdle(dst, uint64(e.idleSeconds(space, ref)))
	case byUse:
		return rdb.AppendFreq(dst, byte(e.useCount(space, ref)))
	}
	return dst
}
