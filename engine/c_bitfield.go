package engine

import (
	"math"

	"riffle/engine/num"
)

// BITFIELD: a bitmap as an array of integers of any width, at any bit.

// bitfieldVerb is what a part of BITFIELD does.
type bitfieldVerb uint8

const (
	bitfieldGet bitfieldVerb = iota
	bitfieldSet
	bitfieldIncrement
)

// overflowRule is what happens to a result that does not fit its field.
type overflowRule uint8

const (
	overflowWrap     overflowRule = iota // its low bits stay
	overflowSaturate                     // it becomes the nearest that fits
	overflowFail                         // nothing is written, and null is the reply
)

// bitfield is one part of a BITFIELD request.
type bitfield struct {
	verb    bitfieldVerb
	rule    overflowRule
	signed  bool
	width   int64 // bits: 1..64 signed, 1..63 unsigned
	offset  int64 // its first bit
	operand int64
}

func bitfieldCommand(c *Ctx) { c.bitfield(true) }

func bitfieldroCommand(c *Ctx) { c.bitfield(false) }

// bitfield is BITFIELD and BITFIELD_RO.
func (c *Ctx) bitfield(mayWrite bool) {
	parts, ok := c.bitfieldParts()
	if !ok {
		return
	}
	last := int64(-1)
	for i := range parts {
		if parts[i].verb != bitfieldGet {
			last = max(last, parts[i].offset+parts[i].width-1)
		}
	}
	switch {
	case last < 0:
		if text, ok := c.getString(c.Argv[1]); ok {
			c.runBitfields(parts, text, false)
		}
	case !mayWrite:
		c.Reply.Error("ERR BITFIELD_RO only supports the GET subcommand")
	default:
		c.writeBitfields(parts, last)
	}
}

// writeBitfields runs parts of which some write, the furthest up to the bit last.
func (c *Ctx) writeBitfields(parts []bitfield, last int64) {
	key := c.Argv[1]
	ref, ok := c.findString(key)
	if !ok {
		return
	}
	size := int(last>>3) + 1
	for i := range parts {
		if at := parts[i].offset; parts[i].verb != bitfieldGet {
			c.e.beforeText(c.DB.keyspace, ref, int(at>>3), int((at+parts[i].width-1)>>3)+1)
		}
	}
	grown := ref == 0 || len(c.DB.payload(ref)) < size
	var changed bool
	if grown {
		changed = c.runBitfields(parts, c.growString(key, ref, size), true)
	} else if changed = c.runBitfields(parts, c.DB.payload(ref), false); changed {
		c.growString(key, ref, 0) // which tells that the bytes are others
	}
	if changed || grown {
		c.Propagate()
	}
	if changed {
		c.Notify(notifyString, "setbit", key)
	}
}

// bitfieldParts reads the request: every part is checked before any runs.
func (c *Ctx) bitfieldParts() (parts []bitfield, ok bool) {
	rule := overflowWrap
	for i := 2; i < len(c.Argv); {
		left := len(c.Argv) - i - 1
		if left >= 1 && c.is(i, "OVERFLOW") {
			if rule, ok = c.overflowRule(i + 1); !ok {
				return nil, false
			}
			i += 2
			continue
		}
		part := bitfield{rule: rule}
		switch {
		case left >= 2 && c.is(i, "GET"):
		case left >= 3 && c.is(i, "SET"):
			part.verb = bitfieldSet
		case left >= 3 && c.is(i, "INCRBY"):
			part.verb = bitfieldIncrement
		default:
			c.syntaxError()
			return nil, false
		}
		if i, ok = part.read(c, i+1); !ok {
			return nil, false
		}
		parts = append(parts, part)
	}
	return parts, true
}

func (c *Ctx) overflowRule(i int) (rule overflowRule, ok bool) {
	switch {
	case c.is(i, "WRAP"):
		return overflowWrap, true
	case c.is(i, "SAT"):
		return overflowSaturate, true
	case c.is(i, "FAIL"):
		return overflowFail, true
	}
	c.Reply.Error("ERR Invalid OVERFLOW type specified")
	return 0, false
}

// read reads "encoding offset", and the operand of a part that writes, from argument i on.
func (f *bitfield) read(c *Ctx, i int) (next int, ok bool) {
	if !f.encoding(cString(c.Argv[i])) {
		c.Reply.Error("ERR Invalid bitfield type. Use something like i16 u8. " +
			"Note that u64 is not supported but i64 is.")
		return 0, false
	}
	if f.offset, ok = c.bitOffset(i+1, f.width); !ok || f.verb == bitfieldGet {
		return i + 2, ok
	}
	f.operand, ok = c.int(i + 2)
	return i + 3, ok
}

// encoding reads "i16" or "u8".
func (f *bitfield) encoding(text []byte) (ok bool) {
	if len(text) == 0 || text[0] != 'i' && text[0] != 'u' {
		return false
	}
	f.signed = text[0] == 'i'
	f.width, ok = num.ParseInt(text[1:])
	return ok && f.width >= 1 && (f.width <= 63 || f.signed && f.width == 64)
}

// runBitfields runs the parts in turn, replies what each gives and reports whether a field has changed, or
// been written if the string is grown for it.
func (c *Ctx) runBitfields(parts []bitfield, text []byte, grown bool) (changed bool) {
	c.Reply.Array(len(parts))
	for i := range parts {
		f := &parts[i]
		old := f.extend(bitsOf(text, f.offset, f.width))
		if f.verb == bitfieldGet {
			c.Reply.Int(old)
			continue
		}
		value, fits := f.result(old)
		if !fits && f.rule == overflowFail {
			c.Reply.Null()
			continue
		}
		if f.verb == bitfieldSet {
			c.Reply.Int(old)
		} else {
			c.Reply.Int(value)
		}
		setBits(text, f.offset, f.width, uint64(value))
		changed = changed || grown || value != old
	}
	return changed
}

// extend makes the bits of the field a number: of a signed field the highest one is the sign.
func (f *bitfield) extend(bits uint64) int64 {
	spare := 64 - f.width
	if f.signed {
		return int64(bits<<spare) >> spare
	}
	return int64(bits << spare >> spare)
}

// result returns what the field will hold; fits is false if the true result has more bits.
func (f *bitfield) result(old int64) (value int64, fits bool) {
	value = f.operand
	direction := f.operand // of an overflow
	if f.verb == bitfieldIncrement {
		value += old
		fits = (value > old) == (f.operand > 0) || f.operand == 0
	} else {
		fits = true
	}
	low, high := f.limits()
	switch {
	case f.signed && f.verb == bitfieldSet && value <= math.MinInt64+high && f.width < 64:
		direction = 1 // as in the reference, whose distance to the greatest number overflows here
	case !f.signed && f.verb == bitfieldSet && value < 0:
		direction = 1 // a negative number is taken for a very large one
	case fits && value < low:
		direction = -1
	case fits && value > high:
		direction = 1
	case fits:
		return value, true
	}
	switch {
	case f.rule != overflowSaturate:
		return f.extend(uint64(value)), false
	case direction < 0:
		return low, false
	}
	return high, false
}

// limits returns the least and the greatest number that the field can hold.
func (f *bitfield) limits() (low, high int64) {
	if !f.signed {
		return 0, 1<<f.width - 1
	}
	high = 1<<(f.width-1) - 1
	return -high - 1, high
}
