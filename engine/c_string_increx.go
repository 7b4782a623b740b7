package engine

import (
	"math"

	"riffle/engine/dict"
	"riffle/engine/num"
)

// INCREX adds to a number, keeps it within bounds and gives it an expiry, all in one: a rate limiter is one
// command. What would leave the bounds is declined, and changes nothing, or saturates.

// increxOptions are the options of INCREX. An index is that of the argument, 0 if the option is not there.
type increxOptions struct {
	by, low, high, time int
	unit                setFlags
	float               bool
	saturate            bool
	persist             bool
	ifNone              bool // ENX: an expiry that is there stays
}

// increxOptions reads the options, of which each may be given once.
func (c *Ctx) increxOptions() (o increxOptions, ok bool) {
	for i := 2; i < len(c.Argv); i++ {
		last := c.increxOption(&o, i)
		if last < i {
			c.syntaxError()
			return o, false
		}
		i = last
	}
	if o.ifNone && o.time == 0 {
		c.Reply.Error("ERR ENX flag requires an expiration")
		return o, false
	}
	return o, true
}

// increxOption reads the option at argument i, and returns the index of its last word; 0 if it is none, or
// does not go with those before it.
func (c *Ctx) increxOption(o *increxOptions, i int) (last int) {
	switch {
	case c.is(i, "SATURATE"):
		return once(&o.saturate, i)
	case c.is(i, "PERSIST") && o.time == 0 && !o.ifNone:
		return once(&o.persist, i)
	case c.is(i, "ENX") && !o.persist:
		return once(&o.ifNone, i)
	case i+1 == len(c.Argv):
		return 0
	case c.is(i, "BYINT") || c.is(i, "BYFLOAT"):
		o.float = c.is(i, "BYFLOAT")
		return onceAt(&o.by, i)
	case c.is(i, "LBOUND"):
		return onceAt(&o.low, i)
	case c.is(i, "UBOUND"):
		return onceAt(&o.high, i)
	}
	if o.unit = c.setOption(i, setTimes, 0); o.unit == 0 || o.persist {
		return 0
	}
	return onceAt(&o.time, i)
}

// once sets a flag that argument i is; it returns 0 if it is set already.
func once(flag *bool, i int) int {
	if *flag {
		return 0
	}
	*flag = true
	return i
}

// onceAt notes where the value of the option at argument i is; it returns 0 if there is one already.
func onceAt(at *int, i int) int {
	if *at != 0 {
		return 0
	}
	*at = i + 1
	return i + 1
}

const errBounds = "ERR LBOUND can't be greater than UBOUND"

func increxCommand(c *Ctx) {
	o, ok := c.increxOptions()
	if !ok {
		return
	}
	if o.float {
		c.increxFloat(&o)
		return
	}
	c.increxInt(&o)
}

// intAt reads an argument of INCREX as an integer, which is missing if the option is not there.
func (c *Ctx) intAt(at int, name string, missing int64) (n int64, ok bool) {
	if at == 0 {
		return missing, true
	}
	return c.intOr(at, "ERR "+name+" is not an integer or out of range")
}

func (c *Ctx) increxInt(o *increxOptions) {
	by, ok := c.intAt(o.by, "Increment", 1)
	if !ok {
		return
	}
	low, ok := c.intAt(o.low, "LBOUND", math.MinInt64)
	if !ok {
		return
	}
	high, ok := c.intAt(o.high, "UBOUND", math.MaxInt64)
	if !ok {
		return
	}
	at, ref, ok := c.increxTarget(o, low > high)
	if !ok {
		return
	}
	n := int64(0)
	if ref != 0 {
		if n, ok = num.ParseInt(c.DB.payload(ref)); !ok {
			c.Reply.Error(errNotInteger)
			return
		}
	}
	sum, within := addWithin(n, by, low, high)
	applied := sum - n
	switch {
	case !within && !o.saturate:
		c.replyInts(n, 0)
	case sum > n && applied < 0, sum < n && applied > 0:
		c.Reply.Error("ERR applied increment would overflow")
	default:
		var text [20]byte
		c.increxStore(o, ref, num.AppendInt(text[:0], sum), at)
		c.replyInts(sum, applied)
	}
}

func (c *Ctx) replyInts(a, b int64) {
	c.Reply.Array(2)
	c.Reply.Int(a)
	c.Reply.Int(b)
}

// addWithin returns n+by, or the bound that it would pass, and says whether it stays within the bounds.
func addWithin(n, by, low, high int64) (sum int64, within bool) {
	switch {
	case by > 0 && n > math.MaxInt64-by:
		return high, false
	case by < 0 && n < math.MinInt64-by:
		return low, false
	}
	sum = min(max(n+by, low), high)
	return sum, sum == n+by
}

// floatAt reads an argument of INCREX as a long double, which is missing if the option is not there.
func (c *Ctx) floatAt(at int, name string, missing num.LongDouble) (x num.LongDouble, ok bool) {
	if at == 0 {
		return missing, true
	}
	if x, ok = num.ParseLongDouble(c.Argv[at]); !ok {
		c.Reply.Error("ERR " + name + " is not a valid float")
	}
	return x, ok
}

func (c *Ctx) increxFloat(o *increxOptions) {
	by, ok := c.floatAt(o.by, "Increment", num.LongDouble{})
	if !ok {
		return
	}
	low, ok := c.floatAt(o.low, "LBOUND", num.MaxLongDouble().Negate())
	if !ok {
		return
	}
	high, ok := c.floatAt(o.high, "UBOUND", num.MaxLongDouble())
	if !ok {
		return
	}
	at, ref, ok := c.increxTarget(o, low.Compare(high) > 0)
	if !ok {
		return
	}
	x := num.LongDouble{}
	if ref != 0 {
		if x, ok = num.ParseLongDouble(c.DB.payload(ref)); !ok {
			c.Reply.Error(errNotFloat)
			return
		}
	}
	sum := x.Add(by)
	if sum.IsNaN() {
		c.Reply.Error(errNaN)
		return
	}
	applied := by
	if bounded := clampFloat(sum, low, high); bounded != sum {
		if !o.saturate {
			c.replyFloats(x, num.LongDouble{})
			return
		}
		sum = bounded
		applied = sum.Add(x.Negate())
	}
	if applied.IsInf() || applied.IsNaN() {
		c.Reply.Error("ERR applied increment would be Infinity")
		return
	}
	c.increxStore(o, ref, num.AppendLongDouble(nil, sum), at)
	c.replyFloats(sum, applied)
}

func clampFloat(x, low, high num.LongDouble) num.LongDouble {
	switch {
	case x.Compare(high) > 0:
		return high
	case x.Compare(low) < 0:
		return low
	}
	return x
}

// replyFloats replies two numbers as INCRBYFLOAT spells them.
func (c *Ctx) replyFloats(a, b num.LongDouble) {
	c.Reply.Array(2)
	c.Reply.doubleText(num.AppendLongDouble(nil, a))
	c.Reply.doubleText(num.AppendLongDouble(nil, b))
}

// increxTarget checks the bounds, reads the time and finds the string to change.
func (c *Ctx) increxTarget(o *increxOptions, crossed bool) (at int64, ref dict.Ref, ok bool) {
	if crossed {
		c.Reply.Error(errBounds)
		return 0, 0, false
	}
	if at, ok = c.until(setOptions{flags: o.unit, time: o.time}); !ok {
		return 0, 0, false
	}
	ref, ok = c.findString(c.Argv[1])
	return at, ref, ok
}

// increxStore makes text the value, and gives the key its expiry as the options want. A time that has
// passed deletes the key.
func (c *Ctx) increxStore(o *increxOptions, ref dict.Ref, text []byte, at int64) {
	key, event := c.Argv[1], "incrby"
	if o.float {
		event = "incrbyfloat"
	}
	had := int64(noExpiry)
	if ref != 0 {
		had = c.DB.expiry(ref)
	}
	timed := o.time != 0 && !(o.ifNone && had != noExpiry)
	switch {
	case timed && c.past(at):
		if ref != 0 {
			c.delete(key, ref)
		}
		return
	case !timed && !o.persist:
		at = had
	case o.persist:
		at = noExpiry
	}
	c.putStringUntil(key, ref, text, formPlain, at)
	c.Notify(notifyString, event, key)
	switch {
	case timed:
		c.Effect(wordSet, key, text, wordPXAT, intBytes(at))
		c.Notify(notifyGeneric, "expire", key)
	case o.persist:
		c.Effect(wordSet, key, text)
		if had != noExpiry {
			c.Notify(notifyGeneric, "persist", key)
		}
	default:
		c.Effect(wordSet, key, text, wordKeepTTL)
	}
}
