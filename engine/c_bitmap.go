package engine

import (
	"encoding/binary"
	"math/bits"

	"riffle/engine/num"
)

// Bitmaps are strings whose bits are addressed: bit 0 is the highest bit of the first byte, and every
// bit behind the end is 0. What changes a bitmap changes it in its block, so a bit costs O(1) however long
// the string is; what counts and searches goes through it in words of eight bytes.

// bitUnit is what a range of a bitmap is counted in: bytes, or single bits.
type bitUnit int64

const (
	byteUnit bitUnit = 8
	oneBit   bitUnit = 1
)

// bitOffset reads argument i as the number of a bit. With a width, "#3" is the fourth field of that width;
// it multiplies in 64 bits and wraps around, as in the reference.
func (c *Ctx) bitOffset(i int, width int64) (offset int64, ok bool) {
	text, times := c.Argv[i], int64(1)
	if width > 0 && len(text) > 0 && text[0] == '#' {
		text, times = text[1:], width
	}
	offset, ok = num.ParseInt(text)
	offset *= times
	if !ok || offset < 0 || offset>>3 >= c.e.settings.maxBulk {
		c.Reply.Error("ERR bit offset is not an integer or out of range")
		return 0, false
	}
	return offset, true
}

// bitsOf returns width bits from offset on, the first as the highest. Bits behind the end are 0.
func bitsOf(text []byte, offset, width int64) (value uint64) {
	for width > 0 {
		start := offset & 7
		n := min(8-start, width)
		chunk := uint64(0)
		if at := offset >> 3; at < int64(len(text)) {
			chunk = uint64(text[at]) >> (8 - start - n) & (1<<n - 1)
		}
		value = value<<n | chunk
		offset, width = offset+n, width-n
	}
	return value
}

// setBits writes the lowest width bits of value from offset on. The text must be long enough.
func setBits(text []byte, offset, width int64, value uint64) {
	for width > 0 {
		start := offset & 7
		n := min(8-start, width)
		shift := 8 - start - n
		mask := byte(1<<n-1) << shift
		chunk := byte(value>>(width-n)) << shift
		at := offset >> 3
		text[at] = text[at]&^mask | chunk&mask
		offset, width = offset+n, width-n
	}
}

func setbitCommand(c *Ctx) {
	key := c.Argv[1]
	offset, ok := c.bitOffset(2, 0)
	if !ok {
		return
	}
	const notBit = "ERR bit is not an integer or out of range"
	bit, ok := c.intOr(3, notBit)
	if !ok {
		return
	}
	if bit&^1 != 0 {
		c.Reply.Error(notBit)
		return
	}
	ref, ok := c.findString(key)
	if !ok {
		return
	}
	size, old := int(offset>>3)+1, uint64(0)
	if ref != 0 {
		old = bitsOf(c.DB.payload(ref), offset, 1)
	}
	if ref == 0 || len(c.DB.payload(ref)) < size || old != uint64(bit) {
		c.e.beforeText(c.DB.keyspace, ref, size-1, size)
		setBits(c.growString(key, ref, size), offset, 1, uint64(bit))
		c.Propagate()
		c.Notify(notifyString, "setbit", key)
	}
	c.Reply.Int(int64(old))
}

func getbitCommand(c *Ctx) {
	offset, ok := c.bitOffset(2, 0)
	if !ok {
		return
	}
	if text, ok := c.getString(c.Argv[1]); ok {
		c.Reply.Int(int64(bitsOf(text, offset, 1)))
	}
}

// bitUnitAt reads argument i, if there is one, as the unit of a range.
func (c *Ctx) bitUnitAt(i int) (unit bitUnit, ok bool) {
	switch {
	case i >= len(c.Argv) || c.is(i, "BYTE"):
		return byteUnit, true
	case c.is(i, "BIT"):
		return oneBit, true
	}
	c.syntaxError()
	return 0, false
}

// bitRange is a part of a bitmap: its first and last bit, both included.
type bitRange struct{ first, last int64 }

// bitRangeOf places start and end, which may count from the end, in a string of length bytes.
func bitRangeOf(start, end int64, unit bitUnit, length int) bitRange {
	scale := int64(unit)
	total := int64(length) * 8 / scale
	start, end = fromEnd(start, total), min(fromEnd(end, total), total-1)
	if start > end {
		return bitRange{0, -1}
	}
	return bitRange{start * scale, end*scale + scale - 1}
}

func bitcountCommand(c *Ctx) {
	text, ok := c.getString(c.Argv[1])
	if !ok {
		return
	}
	if text == nil {
		c.Reply.Int(0)
		return
	}
	part := bitRange{0, int64(len(text))*8 - 1}
	if len(c.Argv) > 2 {
		if part, ok = c.bitcountRange(len(text)); !ok {
			return
		}
	}
	c.Reply.Int(part.count(text))
}

// bitcountRange reads "start end [BYTE | BIT]".
func (c *Ctx) bitcountRange(length int) (part bitRange, ok bool) {
	if len(c.Argv) != 4 && len(c.Argv) != 5 {
		c.syntaxError()
		return part, false
	}
	start, ok := c.int(2)
	if !ok {
		return part, false
	}
	end, ok := c.int(3)
	if !ok {
		return part, false
	}
	if start < 0 && end < 0 && start > end {
		return bitRange{0, -1}, true
	}
	unit, ok := c.bitUnitAt(4)
	if !ok {
		return part, false
	}
	return bitRangeOf(start, end, unit, length), true
}

// count returns the number of bits set in the range.
func (r bitRange) count(text []byte) (n int64) {
	if r.first > r.last {
		return 0
	}
	text = text[r.first>>3 : r.last>>3+1]
	last := len(text) - 1
	n -= int64(bits.OnesCount8(text[0] &^ (0xff >> (r.first & 7))))
	n -= int64(bits.OnesCount8(text[last] & (0x7f >> (r.last & 7))))
	for len(text) >= 8 {
		n += int64(bits.OnesCount64(binary.LittleEndian.Uint64(text)))
		text = text[8:]
	}
	for _, b := range text {
		n += int64(bits.OnesCount8(b))
	}
	return n
}

func bitposCommand(c *Ctx) {
	bit, ok := c.int(2)
	if !ok {
		return
	}
	if bit&^1 != 0 {
		c.Reply.Error("ERR The bit argument must be 1 or 0.")
		return
	}
	text, ok := c.getString(c.Argv[1])
	if !ok {
		return
	}
	if text == nil {
		c.Reply.Int(-bit)
		return
	}
	part, ok := c.bitposRange(len(text))
	if !ok {
		return
	}
	pos := part.find(text, byte(bit))
	if pos < 0 && bit == 0 && len(c.Argv) < 5 && part.first <= part.last {
		pos = part.last + 1 // the zeros behind the end count unless the range has an end of its own
	}
	c.Reply.Int(pos)
}

// bitposRange reads "[start [end [BYTE | BIT]]]".
func (c *Ctx) bitposRange(length int) (part bitRange, ok bool) {
	start, end := int64(0), int64(-1)
	if len(c.Argv) > 6 {
		c.syntaxError()
		return part, false
	}
	if len(c.Argv) > 3 {
		if start, ok = c.int(3); !ok {
			return part, false
		}
	}
	unit, ok := c.bitUnitAt(5)
	if !ok {
		return part, false
	}
	if len(c.Argv) > 4 {
		if end, ok = c.int(4); !ok {
			return part, false
		}
	}
	return bitRangeOf(start, end, unit, length), true
}

// find returns the position of the first bit of the range that is as asked, -1 if there is none.
func (r bitRange) find(text []byte, bit byte) int64 {
	skip := byte(0)
	if bit == 0 {
		skip = 0xff
	}
	for at := r.first; at <= r.last; {
		if at&7 == 0 {
			at += skippable(text[at>>3:r.last>>3+1], skip)
			if at > r.last {
				break
			}
		}
		b := (text[at>>3] ^ skip) << (at & 7)
		if found := at + int64(bits.LeadingZeros8(b)); b != 0 {
			if found > r.last {
				break
			}
			return found
		}
		at = at&^7 + 8
	}
	return -1
}

// skippable returns how many bits at the start of text belong to bytes that are all equal to skip.
func skippable(text []byte, skip byte) int64 {
	at, word := 0, uint64(skip)*0x0101010101010101
	for at+8 <= len(text) && binary.LittleEndian.Uint64(text[at:]) == word {
		at += 8
	}
	for at < len(text) && text[at] == skip {
		at++
	}
	return int64(at) * 8
}

var bitmapCommands = []Command{
	{
		Name: "BITCOUNT", Syntax: "key [start end [BYTE | BIT]]", Flags: ReadOnly, Since: "2.6.0",
		Complexity: "O(N)", Summary: "Counts the number of set bits (population counting) in a string.",
		Example: `
> SET word foobar
OK
> BITCOUNT word
(integer) 26
> BITCOUNT word 1 1
(integer) 6
> BITCOUNT word 5 30 BIT
(integer) 17`,
		Run: bitcountCommand,
	},
	{
		Name: "BITFIELD", Syntax: "key [GET encoding offset | [OVERFLOW <WRAP | SAT | FAIL>]" +
			" <SET encoding offset value:integer | INCRBY encoding offset increment:integer> ...]",
		Flags: Write | DenyOOM, Since: "3.2.0", Complexity: "O(1) for each subcommand specified",
		Summary: "Performs arbitrary bitfield integer operations on strings.",
		Example: `
> BITFIELD player SET u8 #0 90 SET i16 8 -500
1) (integer) 0
2) (integer) 0
> BITFIELD player OVERFLOW SAT INCRBY u8 #0 200 GET i16 8
1) (integer) 255
2) (integer) -500`,
		Run: bitfieldCommand,
	},
	{
		Name: "BITFIELD_RO", Syntax: "key [GET encoding offset [GET encoding offset ...]]",
		Flags: ReadOnly | Fast, Since: "6.0.0", Complexity: "O(1) for each subcommand specified",
		Summary: "Performs arbitrary read-only bitfield integer operations on strings.",
		Example: `
> BITFIELD player SET u8 #1 90
1) (integer) 0
> BITFIELD_RO player GET u8 8
1) (integer) 90`,
		Run: bitfieldroCommand,
	},
	{
		Name: "BITOP", Syntax: "<AND | OR | XOR | NOT | DIFF | DIFF1 | ANDOR | ONE> destkey key [key ...]",
		Flags: Write | DenyOOM, Since: "2.6.0",
		Complexity: "O(N) where N is the length of all strings together",
		Summary: "Performs bitwise operations on multiple strings, and stores the result." +
			" DIFF, DIFF1, ANDOR and ONE are those of Redis 8.2.",
		Example: `
> MSET one "\x0f" two "\x3c"
OK
> BITOP AND both one two
(integer) 1
> GET both
"\x0c"
> BITOP DIFF only one two
(integer) 1
> GET only
"\x03"`,
		Run: bitopCommand,
	},
	{
		Name: "BITPOS", Syntax: "key bit [start [end [BYTE | BIT]]]", Flags: ReadOnly, Since: "2.8.7",
		Complexity: "O(N)", Summary: "Finds the first set (1) or clear (0) bit in a string.",
		Example: `
> SET bits "\xff\xf0\x00"
OK
> BITPOS bits 0
(integer) 12
> BITPOS bits 1 2
(integer) -1`,
		Run: bitposCommand,
	},
	{
		Name: "GETBIT", Syntax: "key offset", Flags: ReadOnly | Fast, Since: "2.2.0", Complexity: "O(1)",
		Summary: "Returns a bit value by offset.",
		Example: `
> SETBIT days 7 1
(integer) 0
> GETBIT days 7
(integer) 1
> GETBIT days 100
(integer) 0`,
		Run: getbitCommand,
	},
	{
		Name: "SETBIT", Syntax: "key offset value:integer", Flags: Write | DenyOOM, Since: "2.2.0",
		Complexity: "O(1)",
		Summary:    "Sets or clears the bit at offset of the string value. Creates the key if it doesn't exist.",
		Example: `
> SETBIT days 7 1
(integer) 0
> SETBIT days 7 0
(integer) 1`,
		Run: setbitCommand,
	},
}
