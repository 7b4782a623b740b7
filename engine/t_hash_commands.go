package engine

import (
	"math"

	"riffle/engine/listpack"
	"riffle/engine/num"
)

var hashCommands = []Command{
	{
		Name: "HDEL", Syntax: "key field [field ...]", Flags: Write | Fast, Since: "2.0.0",
		Complexity: "O(N), where N is the number of fields to be removed",
		Summary:    "Deletes fields of a hash and returns how many there were; the last one takes the key along.",
		Example: `
> HSET user:1 name Ada born 1815
(integer) 2
> HDEL user:1 born nothing
(integer) 1`,
		Run: hdelCommand,
	},
	{
		Name: "HEXISTS", Syntax: "key field", Flags: ReadOnly | Fast, Since: "2.0.0", Complexity: "O(1)",
		Summary: "Tells whether a hash has a field.",
		Example: `
> HSET user:1 name Ada
(integer) 1
> HEXISTS user:1 name
(integer) 1
> HEXISTS user:1 born
(integer) 0`,
		Run: hexistsCommand,
	},
	{
		Name: "HGET", Syntax: "key field", Flags: ReadOnly | Fast, Since: "2.0.0", Complexity: "O(1)",
		Summary: "Returns the value of a field of a hash.",
		Example: `
> HSET user:1 name Ada
(integer) 1
> HGET user:1 name
"Ada"
> HGET user:1 born
(nil)`,
		Run: hgetCommand,
	},
	{
		Name: "HGETALL", Syntax: "key", Flags: ReadOnly, Since: "2.0.0",
		Complexity: "O(N), where N is the number of fields",
		Summary:    "Returns all fields of a hash with their values.",
		Example: `
> HSET user:1 name Ada born 1815
(integer) 2
> HGETALL user:1
1) "name"
2) "Ada"
3) "born"
4) "1815"`,
		Run: hgetallCommand,
	},
	{
		Name: "HINCRBY", Syntax: "key field increment:integer", Flags: Write | DenyOOM | Fast, Since: "2.0.0",
		Complexity: "O(1)",
		Summary:    "Adds to the integer in a field of a hash, which counts as 0 if it is missing.",
		Example: `
> HINCRBY page:1 visits 10
(integer) 10
> HINCRBY page:1 visits -3
(integer) 7`,
		Run: hincrbyCommand,
	},
	{
		Name: "HINCRBYFLOAT", Syntax: "key field increment", Flags: Write | DenyOOM | Fast, Since: "2.6.0",
		Complexity: "O(1)",
		Summary:    "Adds to the floating point number in a field of a hash, which counts as 0 if it is missing.",
		Example: `
> HSET item:1 price 10.50
(integer) 1
> HINCRBYFLOAT item:1 price 0.1
"10.6"`,
		Run: hincrbyfloatCommand,
	},
	{
		Name: "HKEYS", Syntax: "key", Flags: ReadOnly, Since: "2.0.0",
		Complexity: "O(N), where N is the number of fields",
		Summary:    "Returns all fields of a hash.",
		Example: `
> HSET user:1 name Ada born 1815
(integer) 2
> HKEYS user:1
1) "name"
2) "born"`,
		Run: hkeysCommand,
	},
	{
		Name: "HLEN", Syntax: "key", Flags: ReadOnly | Fast, Since: "2.0.0", Complexity: "O(1)",
		Summary: "Returns the number of fields of a hash.",
		Example: `
> HSET user:1 name Ada born 1815
(integer) 2
> HLEN user:1
(integer) 2`,
		Run: hlenCommand,
	},
	{
		Name: "HMGET", Syntax: "key field [field ...]", Flags: ReadOnly | Fast, Since: "2.0.0",
		Complexity: "O(N), where N is the number of fields asked for",
		Summary:    "Returns the values of several fields of a hash.",
		Example: `
> HSET user:1 name Ada born 1815
(integer) 2
> HMGET user:1 name died
1) "Ada"
2) (nil)`,
		Run: hmgetCommand,
	},
	{
		Name: "HMSET", Syntax: "key field value [field value ...]", Flags: Write | DenyOOM | Fast,
		Since: "2.0.0", Complexity: "O(N), where N is the number of fields to be set",
		Summary:    "Sets the values of several fields of a hash.",
		Deprecated: "4.0.0", ReplacedBy: "HSET with several fields and values",
		Example: `
> HMSET user:1 name Ada born 1815
OK`,
		Run: hsetCommand,
	},
	{
		Name: "HRANDFIELD", Syntax: "key [count [WITHVALUES]]", Flags: ReadOnly, Since: "6.2.0",
		Complexity: "O(N), where N is the number of fields returned",
		Summary: "Returns a random field of a hash, or several: different ones, or as many as asked for" +
			" if the count is negative.",
		Example: `
> HSET coin:1 side heads
(integer) 1
> HRANDFIELD coin:1
"side"
> HRANDFIELD coin:1 -2 WITHVALUES
1) "side"
2) "heads"
3) "side"
4) "heads"`,
		Run: hrandfieldCommand,
	},
	{
		Name: "HSCAN", Syntax: "key cursor [MATCH pattern] [COUNT count] [NOVALUES]", Flags: ReadOnly,
		Since: "2.8.0", Complexity: "O(1) a call, O(N) for all fields",
		Summary: "Returns some fields of a hash with their values, and the cursor to go on with.",
		Example: `
> HSET user:1 name Ada born 1815
(integer) 2
> HSCAN user:1 0 MATCH n*
1) "0"
2) 1) "name"
   2) "Ada"`,
		Run: hscanCommand,
	},
	{
		Name: "HSET", Syntax: "key field value [field value ...]", Flags: Write | DenyOOM | Fast,
		Since: "2.0.0", Complexity: "O(N), where N is the number of fields to be set",
		Summary: "Sets the values of fields of a hash and returns how many of the fields are new.",
		Example: `
> HSET user:1 name Ada born 1815
(integer) 2
> HSET user:1 name Augusta
(integer) 0`,
		Run: hsetCommand,
	},
	{
		Name: "HSETNX", Syntax: "key field value", Flags: Write | DenyOOM | Fast, Since: "2.0.0",
		Complexity: "O(1)",
		Summary:    "Sets the value of a field of a hash only if the hash doesn't have the field.",
		Example: `
> HSETNX user:1 name Ada
(integer) 1
> HSETNX user:1 name Bob
(integer) 0`,
		Run: hsetnxCommand,
	},
	{
		Name: "HSTRLEN", Syntax: "key field", Flags: ReadOnly | Fast, Since: "3.2.0", Complexity: "O(1)",
		Summary: "Returns the length of the value of a field of a hash, in bytes.",
		Example: `
> HSET user:1 name Ada
(integer) 1
> HSTRLEN user:1 name
(integer) 3`,
		Run: hstrlenCommand,
	},
	{
		Name: "HVALS", Syntax: "key", Flags: ReadOnly, Since: "2.0.0",
		Complexity: "O(N), where N is the number of fields",
		Summary:    "Returns the values of all fields of a hash.",
		Example: `
> HSET user:1 name Ada born 1815
(integer) 2
> HVALS user:1
1) "Ada"
2) "1815"`,
		Run: hvalsCommand,
	},
}

// hsetCommand is HSET and HMSET, which differ in their reply.
func hsetCommand(c *Ctx) {
	if len(c.Argv)%2 != 0 {
		c.wrongArity()
		return
	}
	key := c.Argv[1]
	h, ok := c.hashForWrite(key)
	if !ok {
		return
	}
	created := int64(0)
	for i := 2; i < len(c.Argv); i += 2 {
		created += boolInt(h.set(c.Argv[i], c.Argv[i+1]))
	}
	c.commit(h)
	c.Propagate()
	c.Notify(notifyHash, "hset", key)
	if c.cmd.Name == "HMSET" {
		c.Reply.OK()
		return
	}
	c.Reply.Int(created)
}

func hsetnxCommand(c *Ctx) {
	key, field := c.Argv[1], c.Argv[2]
	h, ok := c.hashForWrite(key)
	if !ok {
		return
	}
	if h.has(field) {
		c.Reply.Int(0)
		return
	}
	h.set(field, c.Argv[3])
	c.commit(h)
	c.Propagate()
	c.Notify(notifyHash, "hset", key)
	c.Reply.Int(1)
}

func hincrbyCommand(c *Ctx) {
	key, field := c.Argv[1], c.Argv[2]
	by, ok := c.int(3)
	if !ok {
		return
	}
	h, ok := c.hashForWrite(key)
	if !ok {
		return
	}
	n := int64(0)
	var scratch [20]byte
	if text := h.get(field, &scratch); text != nil {
		if n, ok = num.ParseInt(text); !ok {
			c.Reply.Error("ERR hash value is not an integer")
			return
		}
	}
	if by > 0 && n > math.MaxInt64-by || by < 0 && n < math.MinInt64-by {
		c.Reply.Error(errOverflow)
		return
	}
	h.store(field, num.AppendInt(scratch[:0], n+by), true)
	c.commit(h)
	c.Propagate()
	c.Notify(notifyHash, "hincrby", key)
	c.Reply.Int(n + by)
}

func hincrbyfloatCommand(c *Ctx) {
	key, field := c.Argv[1], c.Argv[2]
	by, ok := num.ParseLongDouble(c.Argv[3])
	if !ok {
		c.Reply.Error(errNotFloat)
		return
	}
	if by.IsInf() {
		c.Reply.Error("ERR value is NaN or Infinity")
		return
	}
	h, ok := c.hashForWrite(key)
	if !ok {
		return
	}
	var n num.LongDouble
	var scratch [20]byte
	if text := h.get(field, &scratch); text != nil {
		if n, ok = num.ParseLongDouble(text); !ok {
			c.Reply.Error("ERR hash value is not a float")
			return
		}
	}
	n = n.Add(by)
	if n.IsNaN() || n.IsInf() {
		c.Reply.Error(errNaN)
		return
	}
	sum := num.AppendLongDouble(nil, n)
	h.store(field, sum, true)
	at, _ := h.timeOf(field) // now, for committing may move the value
	c.commit(h)
	// The sum itself, lest another arithmetic find another one.
	if at == never {
		c.Effect(wordHset, key, field, sum)
	} else {
		c.Effect(wordHsetex, key, wordKeepTTL, wordFields, []byte("1"), field, sum)
	}
	c.Notify(notifyHash, "hincrbyfloat", key)
	c.Reply.Bulk(sum)
}

func hdelCommand(c *Ctx) {
	key := c.Argv[1]
	h, ok := c.hashForWrite(key)
	if !ok {
		return
	}
	deleted := int64(0)
	for _, field := range c.Argv[2:] {
		deleted += boolInt(h.remove(field))
	}
	if deleted > 0 {
		exists := c.commit(h)
		c.Propagate()
		c.Notify(notifyHash, "hdel", key)
		if !exists {
			c.Notify(notifyGeneric, "del", key)
		}
	}
	c.Reply.Int(deleted)
}

func hgetCommand(c *Ctx) {
	if h, ok := c.hash(c.Argv[1]); ok {
		var scratch [20]byte
		c.bulkOrNull(h.get(c.Argv[2], &scratch))
	}
}

// bulkOrNull replies a string, or the null that stands for a missing one if it is nil.
func (c *Ctx) bulkOrNull(text []byte) {
	if text == nil {
		c.Reply.Null()
		return
	}
	c.Reply.Bulk(text)
}

func hmgetCommand(c *Ctx) {
	h, ok := c.hash(c.Argv[1])
	if !ok {
		return
	}
	var scratch [20]byte
	c.Reply.Array(len(c.Argv) - 2)
	for _, field := range c.Argv[2:] {
		c.bulkOrNull(h.get(field, &scratch))
	}
}

func hexistsCommand(c *Ctx) {
	if h, ok := c.hash(c.Argv[1]); ok {
		c.Reply.Int(boolInt(h.has(c.Argv[2])))
	}
}

func hlenCommand(c *Ctx) {
	if h, ok := c.hash(c.Argv[1]); ok {
		c.Reply.Int(int64(h.Len()))
	}
}

func hstrlenCommand(c *Ctx) {
	if h, ok := c.hash(c.Argv[1]); ok {
		var scratch [20]byte
		c.Reply.Int(int64(len(h.get(c.Argv[2], &scratch))))
	}
}

func hgetallCommand(c *Ctx) {
	if h, ok := c.hash(c.Argv[1]); ok {
		c.Reply.Map(h.Len())
		if h.pack != nil && !h.timed {
			c.Reply.Entries(h.pack, listpack.First(h.pack), 2*h.Len())
			return
		}
		h.each(func(field, value []byte) bool {
			c.Reply.Bulk(field)
			c.Reply.Bulk(value)
			return true
		})
	}
}

func hkeysCommand(c *Ctx) {
	if h, ok := c.hash(c.Argv[1]); ok {
		c.Reply.Array(h.Len())
		h.each(func(field, _ []byte) bool {
			c.Reply.Bulk(field)
			return true
		})
	}
}

func hvalsCommand(c *Ctx) {
	if h, ok := c.hash(c.Argv[1]); ok {
		c.Reply.Array(h.Len())
		h.each(func(_, value []byte) bool {
			c.Reply.Bulk(value)
			return true
		})
	}
}

func hscanCommand(c *Ctx) {
	cursor, ok := c.scanCursor(2)
	if !ok {
		return
	}
	h, ok := c.hash(c.Argv[1])
	if !ok {
		return
	}
	if h.Len() == 0 {
		c.Reply.ArrayAt(c.scanReply(0), 0)
		return
	}
	o, ok := c.scanOptions(3, scanNoValues)
	if !ok {
		return
	}
	n := 0
	show := func(field, value []byte) bool {
		if o.wants(field) {
			n += c.replyPair(field, value, !o.noValues)
		}
		return true
	}
	if h.table == nil {
		mark := c.scanReply(0)
		h.each(show)
		c.Reply.ArrayAt(mark, n)
		return
	}
	refs, next := o.page(h.table, cursor)
	mark := c.scanReply(next)
	for _, ref := range refs {
		show(h.table.Key(ref), h.valueAt(ref))
	}
	c.Reply.ArrayAt(mark, n)
}

// replyPair writes a field, and its value if that is wanted, and returns how many replies that makes.
func (c *Ctx) replyPair(field, value []byte, withValue bool) int {
	c.Reply.Bulk(field)
	if !withValue {
		return 1
	}
	c.Reply.Bulk(value)
	return 2
}

func hrandfieldCommand(c *Ctx) {
	if len(c.Argv) == 2 {
		hrandfieldOne(c)
		return
	}
	count, withValues, ok := c.randomCount("WITHVALUES")
	if !ok {
		return
	}
	h, ok := c.hash(c.Argv[1])
	if !ok {
		return
	}
	show := func(field, value []byte) { c.randomPair(field, value, withValues) }
	switch {
	case count == 0 || h.Len() == 0:
		c.Reply.Array(0)
	case count < -maxRepeats:
		c.Reply.Error(errOutOfRange)
	case count < 0:
		c.randomHeader(int(-count), withValues)
		for ; count < 0; count++ {
			h.random(c, show)
		}
	default:
		n := int(min(count, int64(h.Len())))
		c.randomHeader(n, withValues)
		h.draw(c, n, show)
	}
}

func hrandfieldOne(c *Ctx) {
	h, ok := c.hash(c.Argv[1])
	switch {
	case !ok:
	case h.Len() == 0:
		c.Reply.Null()
	default:
		h.random(c, func(field, _ []byte) { c.Reply.Bulk(field) })
	}
}

// randomCount reads "count [word]" from argument 2 on, for HRANDFIELD and ZRANDMEMBER.
func (c *Ctx) randomCount(word string) (count int64, with, ok bool) {
	if count, ok = c.int(2); !ok {
		return 0, false, false
	}
	with = c.is(3, word)
	switch {
	case count == math.MinInt64:
		c.Reply.Error("ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807")
	case len(c.Argv) > 4 || len(c.Argv) == 4 && !with:
		c.syntaxError()
	case with && (count < -math.MaxInt64/2 || count > math.MaxInt64/2):
		c.Reply.Error(errOutOfRange)
	default:
		return count, with, true
	}
	return 0, false, false
}

// randomHeader opens the reply of n picks: with values they are pairs in RESP3, flat in RESP2.
func (c *Ctx) randomHeader(n int, withValues bool) {
	if withValues && c.Reply.proto == 2 {
		n *= 2
	}
	c.Reply.Array(n)
}

func (c *Ctx) randomPair(field, value []byte, withValue bool) {
	if withValue && c.Reply.proto == 3 {
		c.Reply.Array(2)
	}
	c.replyPair(field, value, withValue)
}

// random visits a field of a hash that has one, each about as likely as another.
func (h *Hash) random(c *Ctx, visit func(field, value []byte)) {
	if h.table != nil {
		ref := h.table.Random(c.e.random.Uint64)
		visit(h.table.Key(ref), h.valueAt(ref))
		return
	}
	var first, second [20]byte
	pos := listpack.Seek(h.pack, h.width()*int(c.e.random.Intn(int64(h.Len()))))
	value := listpack.Bytes(h.pack, listpack.Next(h.pack, pos), &second)
	visit(listpack.Bytes(h.pack, pos, &first), value)
}

// draw visits count different fields of a hash that has at least as many.
func (h *Hash) draw(c *Ctx, count int, visit func(field, value []byte)) {
	if h.table != nil {
		for _, ref := range drawRefs(c.e.random, h.table, count) {
			visit(h.table.Key(ref), h.valueAt(ref))
		}
		return
	}
	drawn := drawIndexes(c.e.random, h.Len(), count)
	at := 0
	h.each(func(field, value []byte) bool {
		if len(drawn) > 0 && drawn[0] == at {
			drawn = drawn[1:]
			visit(field, value)
		}
		at++
		return true
	})
}
