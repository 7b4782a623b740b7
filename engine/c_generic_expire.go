package engine

import (
	"bytes"
	"math"

	"riffle/engine/dict"
)

// When keys end. The journal holds absolute times only, and a DEL where the time given had passed: a
// replay never looks at a clock.

func expireCommand(c *Ctx) { c.expireKey(c.Now, true) }

func expireatCommand(c *Ctx) { c.expireKey(0, true) }

func pexpireCommand(c *Ctx) { c.expireKey(c.Now, false) }

func pexpireatCommand(c *Ctx) { c.expireKey(0, false) }

// expireFlags are the conditions of EXPIRE.
type expireFlags uint8

const (
	expireNX expireFlags = 1 << iota // only a key without an expiry
	expireXX                         // only a key with one
	expireGT                         // only later than it was
	expireLT                         // only earlier than it was
)

var expireWords = [...]string{"NX", "XX", "GT", "LT"}

// expireKey sets an expiry: the time of argument 2, in seconds or milliseconds, counted from base.
func (c *Ctx) expireKey(base int64, inSeconds bool) {
	flags, ok := c.expireFlags()
	if !ok {
		return
	}
	at, ok := c.timeFrom(base, inSeconds)
	if !ok {
		return
	}
	key := c.Argv[1]
	ref := c.findWrite(key)
	if ref == 0 || !flags.allow(c.DB.expiry(ref), at) {
		c.Reply.Int(0)
		return
	}
	c.expireOrDelete(key, ref, at)
	c.Reply.Int(1)
}

func (c *Ctx) expireFlags() (flags expireFlags, ok bool) {
	for i := 3; i < len(c.Argv); i++ {
		known := false
		for j, word := range expireWords {
			if c.is(i, word) {
				flags, known = flags|1<<j, true
			}
		}
		if !known {
			option, _, _ := bytes.Cut(c.Argv[i], []byte{0}) // the reference prints it as a C string
			c.Reply.Error("ERR Unsupported option " + string(option))
			return 0, false
		}
	}
	switch {
	case flags&expireNX != 0 && flags != expireNX:
		c.Reply.Error("ERR NX and XX, GT or LT options at the same time are not compatible")
		return 0, false
	case flags&expireGT != 0 && flags&expireLT != 0:
		c.Reply.Error("ERR GT and LT options at the same time are not compatible")
		return 0, false
	}
	return flags, true
}

// timeFrom reads argument 2, which may lie in the past, as milliseconds since 1970.
func (c *Ctx) timeFrom(base int64, inSeconds bool) (at int64, ok bool) {
	if at, ok = c.int(2); !ok {
		return 0, false
	}
	if inSeconds {
		if at > math.MaxInt64/1000 || at < math.MinInt64/1000 {
			c.invalidExpire()
			return 0, false
		}
		at *= 1000
	}
	if at > math.MaxInt64-base {
		c.invalidExpire()
		return 0, false
	}
	return at + base, true
}

// allow judges the conditions for a key that expires at before, or never: later than any time.
func (flags expireFlags) allow(before, at int64) bool {
	never := before == noExpiry
	switch {
	case flags&expireNX != 0 && !never,
		flags&expireXX != 0 && never,
		flags&expireGT != 0 && (never || at <= before),
		flags&expireLT != 0 && !never && at >= before:
		return false
	}
	return true
}

// past reports whether a time has come. A replay waits for the DEL that its log holds.
func (c *Ctx) past(at int64) bool { return at <= c.Now && !c.e.replaying }

// expireOrDelete gives a live key an expiry, or deletes it if that time has passed.
func (c *Ctx) expireOrDelete(key []byte, ref dict.Ref, at int64) {
	if c.past(at) {
		c.delete(key, ref)
		return
	}
	at = max(at, 0) // in a replay of another server's log: as long ago, and not noExpiry
	c.expireAt(key, ref, at)
	var millis [20]byte
	c.Effect(wordPexpireat, key, appendInt(millis[:0], at))
	c.Notify(notifyGeneric, "expire", key)
}

// delete deletes a live key as DEL does.
func (c *Ctx) delete(key []byte, ref dict.Ref) {
	c.remove(key, ref)
	c.Effect(wordDel, key)
	c.Notify(notifyGeneric, "del", key)
}

// storeNothing deletes the key under which an empty result was to be stored: what has expired goes as if it
// had not.
func (c *Ctx) storeNothing(key []byte) {
	c.e.beforeChange(c.DB.keyspace, key)
	if ref := c.DB.keys.Find(key); ref != 0 {
		c.remove(key, ref)
		c.Propagate()
		c.Notify(notifyGeneric, "del", key)
	}
}

func persistCommand(c *Ctx) {
	ref := c.findWrite(c.Argv[1])
	c.Reply.Int(boolInt(ref != 0 && c.persist(c.Argv[1], ref)))
}

// persist takes a live key's expiry away, and reports whether it had one.
func (c *Ctx) persist(key []byte, ref dict.Ref) bool {
	if c.DB.expiry(ref) == noExpiry {
		return false
	}
	c.expireAt(key, ref, noExpiry)
	c.Effect(wordPersist, key)
	c.Notify(notifyGeneric, "persist", key)
	return true
}

func ttlCommand(c *Ctx) { c.replyExpiry(c.Now, true) }

func pttlCommand(c *Ctx) { c.replyExpiry(c.Now, false) }

func expiretimeCommand(c *Ctx) { c.replyExpiry(0, true) }

func pexpiretimeCommand(c *Ctx) { c.replyExpiry(0, false) }

// replyExpiry replies a key's expiry counted from base, -1 if it has none and -2 if there is no key.
func (c *Ctx) replyExpiry(base int64, inSeconds bool) {
	ref := c.glance(c.Argv[1])
	if ref == 0 {
		c.Reply.Int(-2)
		return
	}
	at := c.DB.expiry(ref)
	if at == noExpiry {
		c.Reply.Int(-1)
		return
	}
	left := max(at-base, 0)
	if inSeconds {
		left = left/1000 + (left%1000+500)/1000
	}
	c.Reply.Int(left)
}
