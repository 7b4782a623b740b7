package engine

import (
	"math"

	"riffle/engine/dict"
	"riffle/engine/rdb"
)

// DUMP and RESTORE: one value as RDB, with a version and a checksum behind it.

func dumpCommand(c *Ctx) {
	ref := c.find(c.Argv[1])
	if ref == 0 {
		c.Reply.Null()
		return
	}
	payload, rdbType := c.DB.open(ref, &c.e.views).Save([]byte{0})
	payload[0] = rdbType
	c.Reply.Bulk(rdb.AppendDumpFooter(payload, 0))
}

// restoreOptions are RESTORE's.
type restoreOptions struct {
	replace, absolute bool
	idle              int64 // seconds since the last use, -1 if not given
	frequency         int64 // of use, 0 to 255, -1 if not given
}

func (c *Ctx) restoreOptions() (o restoreOptions, ok bool) {
	o.idle, o.frequency = -1, -1
	for i := 4; i < len(c.Argv); i++ {
		more := i+1 < len(c.Argv)
		switch {
		case c.is(i, "REPLACE"):
			o.replace = true
		case c.is(i, "ABSTTL"):
			o.absolute = true
		case c.is(i, "IDLETIME") && more && o.frequency == -1:
			i++
			if o.idle, ok = c.intBetween(i, 0, math.MaxInt64, "ERR Invalid IDLETIME value, must be >= 0"); !ok {
				return o, false
			}
		case c.is(i, "FREQ") && more && o.idle == -1:
			i++
			if o.frequency, ok = c.intBetween(i, 0, 255, "ERR Invalid FREQ value, must be >= 0 and <= 255"); !ok {
				return o, false
			}
		default:
			c.syntaxError()
			return o, false
		}
	}
	return o, true
}

func restoreCommand(c *Ctx) {
	key := c.Argv[1]
	o, ok := c.restoreOptions()
	if !ok {
		return
	}
	if !o.replace && c.findWrite(key) != 0 {
		c.Reply.Error("BUSYKEY Target key name already exists.")
		return
	}
	at, ok := c.restoreExpiry(&o)
	if !ok {
		return
	}
	value, ok := c.restoreValue(c.Argv[3])
	if !ok {
		return
	}
	old := dict.Ref(0)
	if o.replace { // what has expired is replaced like the rest
		c.e.beforeChange(c.DB.keyspace, key)
		old = c.DB.keys.Find(key)
	}
	if at != noExpiry && c.past(at) {
		if old != 0 {
			c.delete(key, old)
		}
		c.Reply.OK()
		return
	}
	if old != 0 {
		c.DB.remove(old)
	}
	c.e.adopt(c.DB, key, value, at)
	c.e.setUse(c.DB.keyspace, c.DB.keys.Find(key), o.idle, o.frequency)
	c.e.changed(c.DB, key)
	c.propagateRestore(&o, at)
	c.Notify(notifyNew, "new", key)
	c.Notify(notifyGeneric, "restore", key)
	c.Reply.OK()
}

// restoreExpiry reads the time to live, 0 meaning for ever.
func (c *Ctx) restoreExpiry(o *restoreOptions) (at int64, ok bool) {
	ttl, ok := c.intBetween(2, 0, math.MaxInt64, "ERR Invalid TTL value, must be >= 0")
	if !ok {
		return 0, false
	}
	switch {
	case ttl == 0:
		return noExpiry, true
	case o.absolute:
		return ttl, true
	}
	return max(0, ttl+c.Now), true // what overflows is past, as in the reference
}

// restoreValue reads a DUMP payload.
func (c *Ctx) restoreValue(payload []byte) (value Value, ok bool) {
	body, ok := rdb.CheckDump(payload)
	if !ok {
		c.Reply.Error("ERR DUMP payload version or checksum are wrong")
		return nil, false
	}
	c.e.stats.restored++
	r := rdb.NewReader(body)
	rdbType, err := r.Byte()
	if err == nil {
		value, err = c.e.loadValue(r, rdbType)
	}
	if err != nil || value.Empty() {
		c.Reply.Error("ERR Bad data format")
		return nil, false
	}
	return value, true
}

// propagateRestore records the request with an absolute time.
func (c *Ctx) propagateRestore(o *restoreOptions, at int64) {
	if at == noExpiry || o.absolute {
		c.Propagate()
		return
	}
	argv := append([][]byte(nil), c.Argv...)
	argv[2] = intBytes(at)
	c.Effect(append(argv, []byte("ABSTTL"))...)
}
