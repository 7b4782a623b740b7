package engine

import (
	"math"

	"riffle/engine/dict"
	"riffle/engine/xxh3"
)

// String commands from after 7.0: those that compare before they change (DELEX, DELIFEQ; SET has such
// options too), the digest they compare by, several keys with one expiry, and a counter that knows its
// bounds. All of them leave SET and DEL in the journal, which every server of the field replays.

var newerStringCommands = []Command{
	{
		Name: "DELEX", Syntax: "key [IFEQ ifeq-value | IFNE ifne-value | IFDEQ ifdeq-digest | IFDNE ifdne-digest]",
		Flags: Write | Fast, Since: "8.4.0", Origin: "Redis",
		Complexity: "O(1) for IFEQ and IFNE, O(N) for IFDEQ and IFDNE where N is the length of the value",
		Summary:    "Deletes a key if its value, or the digest of its value, is or is not a given one.",
		Example: `
> SET lock alice
OK
> DELEX lock IFEQ bob
(integer) 0
> DELEX lock IFEQ alice
(integer) 1`,
		Run: delexCommand,
	},
	{
		Name: "DELIFEQ", Syntax: "key value", Flags: Write, Since: "9.0.0", Origin: "Valkey", Complexity: "O(1)",
		Summary: "Deletes a key if its value is a given string.",
		Example: `
> SET lock alice
OK
> DELIFEQ lock bob
(integer) 0
> DELIFEQ lock alice
(integer) 1`,
		Run: delifeqCommand,
	},
	{
		Name: "DIGEST", Syntax: "key", Flags: ReadOnly | Fast, Since: "8.4.0", Origin: "Redis",
		Complexity: "O(N) where N is the length of the value",
		Summary:    "Returns the XXH3 digest of a string's value in hexadecimal.",
		Example: `
> SET greeting hello
OK
> DIGEST greeting
"9555e8555c62dcfd"
> DIGEST nothing
(nil)`,
		Run: digestCommand,
	},
	{
		Name: "INCREX", Syntax: "key [BYFLOAT float:double | BYINT integer:integer] [LBOUND lowerbound]" +
			" [UBOUND upperbound] [SATURATE] [EX seconds | PX milliseconds | EXAT unix-time-seconds" +
			" | PXAT unix-time-milliseconds | PERSIST] [ENX]",
		Flags: Write | DenyOOM | Fast, Since: "8.8.0", Origin: "Redis",
		Complexity: "O(1)",
		Summary:    "Increments a number within bounds and sets its expiration time.",
		Example: `
> INCREX visits UBOUND 2 EX 60 ENX
1) (integer) 1
2) (integer) 1
> INCREX visits BYINT 5 UBOUND 2
1) (integer) 1
2) (integer) 0
> INCREX visits BYINT 5 UBOUND 2 SATURATE
1) (integer) 2
2) (integer) 1`,
		Run: increxCommand,
	},
	{
		Name: "MSETEX", Syntax: "numkeys key value [key value ...] [NX | XX] [EX seconds | PX milliseconds" +
			" | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]",
		Flags: Write | DenyOOM | MovableKeys, Since: "8.4.0", Origin: "Redis, Valkey 9.1",
		Complexity: "O(N) where N is the number of keys to set",
		Summary:    "Sets several strings with one expiration time, if all or none of the keys exist.",
		Example: `
> MSETEX 2 one 1 two 2 EX 60
(integer) 1
> TTL two
(integer) 60
> MSETEX 2 two 2 three 3 NX
(integer) 0`,
		Run: msetexCommand,
	},
}

// digestSize is the length of a digest's text.
const digestSize = 16

const hexadecimal = "0123456789abcdef"

// appendDigest appends the digest of a string.
func appendDigest(dst, text []byte) []byte {
	sum := xxh3.Sum64(text)
	for shift := 60; shift >= 0; shift -= 4 {
		dst = append(dst, hexadecimal[sum>>shift&15])
	}
	return dst
}

func digestCommand(c *Ctx) {
	text, ok := c.getString(c.Argv[1])
	switch {
	case !ok:
	case text == nil:
		c.Reply.Null()
	default:
		var digest [digestSize]byte
		c.Reply.Bulk(appendDigest(digest[:0], text))
	}
}

// meets says whether text is what a condition (one of setConditions) wants. A digest is compared as text,
// in any case; one of another length is refused.
func (c *Ctx) meets(condition setFlags, text, want []byte) (met, ok bool) {
	if condition&(setIFDEQ|setIFDNE) == 0 {
		return string(text) == string(want) == (condition == setIFEQ), true
	}
	if len(want) != digestSize {
		c.Reply.Error("ERR must be exactly 16 hexadecimal characters")
		return false, false
	}
	var digest [digestSize]byte
	same := lowerString(string(want)) == string(appendDigest(digest[:0], text))
	return same == (condition == setIFDEQ), true
}

// setAllowed says whether the condition among SET's options, if there is one, lets it go on. A key that
// does not exist differs from everything.
func (c *Ctx) setAllowed(o *setOptions) (allowed, ok bool) {
	condition := o.flags & setConditions
	if condition == 0 {
		return true, true
	}
	text, ok := c.getString(c.Argv[1])
	if !ok || text == nil {
		return condition&(setIFNE|setIFDNE) != 0, ok
	}
	return c.meets(condition, text, c.Argv[o.want])
}

func delexCommand(c *Ctx) {
	key := c.Argv[1]
	if n := len(c.Argv); n != 2 && n != 4 {
		c.wrongArity()
		return
	}
	ref := c.findWrite(key)
	if ref == 0 {
		c.Reply.Int(0)
		return
	}
	if len(c.Argv) == 4 {
		met, ok := c.delexAllowed(ref)
		if !ok {
			return
		}
		if !met {
			c.Reply.Int(0)
			return
		}
	}
	c.delete(key, ref)
	c.Reply.Int(1)
}

// delexAllowed judges the condition of DELEX on a key that exists.
func (c *Ctx) delexAllowed(ref dict.Ref) (met, ok bool) {
	if c.DB.kind(ref) != KindString {
		c.Reply.Error("ERR Key should be of string type if conditions are specified")
		return false, false
	}
	condition := c.setOption(2, setConditions, 0)
	if condition == 0 {
		c.Reply.Error("ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE")
		return false, false
	}
	return c.meets(condition, c.DB.payload(ref), c.Argv[3])
}

func delifeqCommand(c *Ctx) {
	ref, ok := c.findString(c.Argv[1])
	if !ok {
		return
	}
	if ref == 0 || string(c.DB.payload(ref)) != string(c.Argv[2]) {
		c.Reply.Int(0)
		return
	}
	c.delete(c.Argv[1], ref)
	c.Reply.Int(1)
}

func msetexCommand(c *Ctx) {
	n, ok := c.intAtLeast(1, 1, "ERR invalid numkeys value")
	if !ok {
		return
	}
	if n > math.MaxInt32 {
		c.Reply.Error("ERR invalid numkeys value")
		return
	}
	if 2*n > int64(len(c.Argv)-2) {
		c.Reply.Error("ERR wrong number of key-value pairs")
		return
	}
	end := 2 + 2*int(n)
	o, ok := c.setOptions(end, setNX|setXX|setKeepTTL|setTimes)
	if !ok {
		return
	}
	at, ok := c.until(o)
	if !ok {
		return
	}
	for i := 2; i < end && o.flags&(setNX|setXX) != 0; i += 2 {
		if exists := c.findWrite(c.Argv[i]) != 0; exists == (o.flags&setNX != 0) {
			c.Reply.Int(0)
			return
		}
	}
	for i := 2; i < end; i += 2 {
		c.setIf(c.Argv[i], c.Argv[i+1], o.flags&(setKeepTTL|setTimes), at)
	}
	c.Reply.Int(1)
}
