package engine

import (
	"math"

	"riffle/engine/num"
)

// The helpers here read arguments. When one returns ok == false it has already replied.

// int reads argument i as a 64-bit integer.
func (c *Ctx) int(i int) (int64, bool) {
	return c.intOr(i, errNotInteger)
}

// intOr is int with an error text of the caller's own.
func (c *Ctx) intOr(i int, failure string) (int64, bool) {
	n, ok := num.ParseInt(c.Argv[i])
	if !ok {
		c.Reply.Error(failure)
	}
	return n, ok
}

// intBetween reads argument i as an integer within [low, high]; the caller's text is for integers
// beyond it.
func (c *Ctx) intBetween(i int, low, high int64, failure string) (int64, bool) {
	n, ok := c.intOr(i, errNotInteger)
	if ok && (n < low || n > high) {
		c.Reply.Error(failure)
		return 0, false
	}
	return n, ok
}

// intAtLeast reads argument i as an integer of at least least; the caller's text answers whatever
// else it is.
func (c *Ctx) intAtLeast(i int, least int64, failure string) (int64, bool) {
	n, ok := c.intOr(i, failure)
	if ok && n < least {
		c.Reply.Error(failure)
		return 0, false
	}
	return n, ok
}

// float reads argument i as a floating point number; NaN is none.
func (c *Ctx) float(i int) (float64, bool) {
	f, ok := num.ParseFloat(c.Argv[i])
	if !ok || f != f {
		c.Reply.Error(errNotFloat)
		return 0, false
	}
	return f, true
}

// is reports whether argument i exists and is the given upper-case word, in any case.
func (c *Ctx) is(i int, word string) bool {
	return i < len(c.Argv) && equalFold(c.Argv[i], word)
}

// deadline reads a blocking command's timeout in seconds (0 = for ever) and returns when it runs
// out, in microseconds since 1970.
func (c *Ctx) deadline(i int) (int64, bool) {
	seconds, ok := num.ParseFloat(c.Argv[i])
	if !ok || seconds != seconds {
		c.Reply.Error("ERR timeout is not a float or out of range")
		return 0, false
	}
	if seconds < 0 {
		c.Reply.Error("ERR timeout is negative")
		return 0, false
	}
	millis := math.Ceil(seconds * 1000)
	if millis > float64(math.MaxInt64)-float64(c.Now) {
		c.Reply.Error("ERR timeout is out of range")
		return 0, false
	}
	if seconds == 0 {
		return 0, true
	}
	return saturatingMicros(c.Now, int64(millis)), true
}

// saturatingMicros returns now+millis in microseconds, as late as there is when it overflows.
func saturatingMicros(now, millis int64) int64 {
	if millis > math.MaxInt64/1000-now {
		return math.MaxInt64
	}
	return (now + millis) * 1000
}

// appendInt appends the decimal form of n.
func appendInt(dst []byte, n int64) []byte { return num.AppendInt(dst, n) }

// itoa returns the decimal form of n.
func itoa(n int64) string {
	var text [20]byte
	return string(num.AppendInt(text[:0], n))
}

// intBytes returns the decimal form of n, for effects.
func intBytes(n int64) []byte { return num.AppendInt(nil, n) }
