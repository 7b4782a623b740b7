package engine

import (
	"riffle/engine/num"
)

// The commands about fields that expire. As with keys, the journal holds absolute times only, and an HDEL
// where the time given had passed.

const (
	errFieldsMissing = "ERR Mandatory argument FIELDS is missing or not at the right position"
	errFieldsNumber  = "ERR Number of fields must be a positive integer"
	errFieldsCount   = "ERR The `numfields` parameter must match the number of arguments"
)

// maxFieldExpiry is the latest time that a field can be given, in milliseconds since 1970.
const maxFieldExpiry = 1<<46 - 1

// What HEXPIRE, HTTL and HPERSIST reply for a field.
const (
	fieldMissing  = -2
	fieldForever  = -1
	fieldRefused  = 0
	fieldExpires  = 1
	fieldDeleted  = 2
	fieldPersists = 1
)

var (
	wordHset       = []byte("HSET")
	wordHsetex     = []byte("HSETEX")
	wordHdel       = []byte("HDEL")
	wordHpersist   = []byte("HPERSIST")
	wordHpexpireat = []byte("HPEXPIREAT")
	wordFields     = []byte("FIELDS")
)

// fields reads "FIELDS numfields field ..." from argument i on. The caller's text answers a number of
// fields that is none.
func (c *Ctx) fields(i int, notPositive string) (fields [][]byte, ok bool) {
	if !c.is(i, "FIELDS") {
		c.Reply.Error(errFieldsMissing)
		return nil, false
	}
	if i+1 == len(c.Argv) {
		c.wrongArity()
		return nil, false
	}
	n, ok := c.intAtLeast(i+1, 1, notPositive)
	if !ok {
		return nil, false
	}
	fields = c.Argv[i+2:]
	if n != int64(len(fields)) {
		c.Reply.Error(errFieldsCount)
		return nil, false
	}
	return fields, true
}

// fieldTime reads argument i as a time, in seconds or milliseconds from base on, and returns it in
// milliseconds since 1970.
func (c *Ctx) fieldTime(i int, base int64, inSeconds bool) (at int64, ok bool) {
	if at, ok = c.int(i); !ok {
		return 0, false
	}
	if at < 0 {
		c.Reply.Error("ERR invalid expire time, must be >= 0")
		return 0, false
	}
	if inSeconds {
		if at > maxFieldExpiry/1000 {
			c.invalidExpire()
			return 0, false
		}
		at *= 1000
	}
	if at > maxFieldExpiry-base {
		c.invalidExpire()
		return 0, false
	}
	return at + base, true
}

var newerHashCommands = []Command{
	{
		Name: "HEXPIRE", Syntax: "key seconds [NX | XX | GT | LT] FIELDS numfields field [field ...]",
		Flags: Write | Fast, Since: "7.4.0",
		Complexity: "O(N), where N is the number of fields given",
		Summary: "Makes fields of a hash expire in so many seconds. Replies for each 1, or 2 if" +
			" that is at once, 0 if the condition is not met, and -2 if there is no such field.",
		Example: `
> HSET session:1 user Ada token x7
(integer) 2
> HEXPIRE session:1 60 FIELDS 2 token nothing
1) (integer) 1
2) (integer) -2
> HTTL session:1 FIELDS 2 token user
1) (integer) 60
2) (integer) -1`,
		Run: hexpireCommand,
	},
	{
		Name: "HEXPIREAT", Syntax: "key unix-time-seconds [NX | XX | GT | LT] FIELDS numfields field [field ...]",
		Flags: Write | Fast, Since: "7.4.0",
		Complexity: "O(N), where N is the number of fields given",
		Summary:    "Makes fields of a hash expire at a Unix time. Replies as HEXPIRE.",
		Example: `
> HSET session:1 user Ada token x7
(integer) 2
> HEXPIREAT session:1 33177117420 FIELDS 1 token
1) (integer) 1
> HEXPIRETIME session:1 FIELDS 1 token
1) (integer) 33177117420`,
		Run: hexpireatCommand,
	},
	{
		Name: "HEXPIRETIME", Syntax: "key FIELDS numfields field [field ...]",
		Flags: ReadOnly | Fast, Since: "7.4.0",
		Complexity: "O(N), where N is the number of fields given",
		Summary: "Returns the Unix times at which fields of a hash expire, -1 for those that" +
			" never do and -2 for those that don't exist.",
		Example: `
> HSET session:1 user Ada token x7
(integer) 2
> HEXPIREAT session:1 33177117420 FIELDS 1 token
1) (integer) 1
> HEXPIRETIME session:1 FIELDS 3 token user nothing
1) (integer) 33177117420
2) (integer) -1
3) (integer) -2`,
		Run: hexpiretimeCommand,
	},
	{
		Name: "HGETDEL", Syntax: "key FIELDS numfields field [field ...]",
		Flags: Write | Fast, Since: "8.0.0",
		Complexity: "O(N), where N is the number of fields given",
		Summary:    "Returns the values of fields of a hash and deletes the fields.",
		Example: `
> HSET session:1 user Ada token x7
(integer) 2
> HGETDEL session:1 FIELDS 2 token nothing
1) "x7"
2) (nil)
> HGETALL session:1
1) "user"
2) "Ada"`,
		Run: hgetdelCommand,
	},
	{
		Name: "HGETEX", Syntax: "key [EX seconds | PX milliseconds | EXAT unix-time-seconds |" +
			" PXAT unix-time-milliseconds | PERSIST] FIELDS numfields field [field ...]",
		Flags: Write | Fast, Since: "8.0.0",
		Complexity: "O(N), where N is the number of fields given",
		Summary:    "Returns the values of fields of a hash, and makes the fields expire or stay.",
		Example: `
> HSET session:1 user Ada token x7
(integer) 2
> HGETEX session:1 EX 60 FIELDS 1 token
1) "x7"
> HTTL session:1 FIELDS 1 token
1) (integer) 60
> HGETEX session:1 PERSIST FIELDS 1 token
1) "x7"`,
		Run: hgetexCommand,
	},
	{
		Name: "HPERSIST", Syntax: "key FIELDS numfields field [field ...]",
		Flags: Write | Fast, Since: "7.4.0",
		Complexity: "O(N), where N is the number of fields given",
		Summary: "Lets fields of a hash stay for ever. Replies for each 1, -1 if it didn't" +
			" expire, and -2 if there is no such field.",
		Example: `
> HSET session:1 user Ada token x7
(integer) 2
> HEXPIRE session:1 60 FIELDS 1 token
1) (integer) 1
> HPERSIST session:1 FIELDS 2 token user
1) (integer) 1
2) (integer) -1`,
		Run: hpersistCommand,
	},
	{
		Name: "HPEXPIRE", Syntax: "key milliseconds [NX | XX | GT | LT] FIELDS numfields field [field ...]",
		Flags: Write | Fast, Since: "7.4.0",
		Complexity: "O(N), where N is the number of fields given",
		Summary:    "Makes fields of a hash expire in so many milliseconds. Replies as HEXPIRE.",
		Example: `
> HSET session:1 user Ada token x7
(integer) 2
> HPEXPIRE session:1 60000 FIELDS 1 token
1) (integer) 1
> HPEXPIRE session:1 90000 LT FIELDS 1 token
1) (integer) 0`,
		Run: hpexpireCommand,
	},
	{
		Name: "HPEXPIREAT", Syntax: "key unix-time-milliseconds [NX | XX | GT | LT] FIELDS numfields field [field ...]",
		Flags: Write | Fast, Since: "7.4.0",
		Complexity: "O(N), where N is the number of fields given",
		Summary:    "Makes fields of a hash expire at a Unix time in milliseconds. Replies as HEXPIRE.",
		Example: `
> HSET session:1 user Ada token x7
(integer) 2
> HPEXPIREAT session:1 33177117420000 FIELDS 1 token
1) (integer) 1
> HPEXPIREAT session:1 1 FIELDS 1 token
1) (integer) 2`,
		Run: hpexpireatCommand,
	},
	{
		Name: "HPEXPIRETIME", Syntax: "key FIELDS numfields field [field ...]",
		Flags: ReadOnly | Fast, Since: "7.4.0",
		Complexity: "O(N), where N is the number of fields given",
		Summary: "Returns the Unix times in milliseconds at which fields of a hash expire." +
			" Replies as HEXPIRETIME.",
		Example: `
> HSET session:1 user Ada token x7
(integer) 2
> HPEXPIREAT session:1 33177117420000 FIELDS 1 token
1) (integer) 1
> HPEXPIRETIME session:1 FIELDS 1 token
1) (integer) 33177117420000`,
		Run: hpexpiretimeCommand,
	},
	{
		Name: "HPTTL", Syntax: "key FIELDS numfields field [field ...]",
		Flags: ReadOnly | Fast, Since: "7.4.0",
		Complexity: "O(N), where N is the number of fields given",
		Summary:    "Returns how many milliseconds fields of a hash have to live. Replies as HTTL.",
		Example: `
> HSET session:1 user Ada token x7
(integer) 2
> HPEXPIRE session:1 60000 FIELDS 1 token
1) (integer) 1
> HPTTL session:1 FIELDS 1 token
1) (integer) 60000`,
		Run: hpttlCommand,
	},
	{
		Name: "HSETEX", Syntax: "key [FNX | FXX] [EX seconds | PX milliseconds | EXAT unix-time-seconds |" +
			" PXAT unix-time-milliseconds | KEEPTTL] FIELDS numfields field value [field value ...]",
		Flags: Write | DenyOOM | Fast, Since: "8.0.0",
		Complexity: "O(N), where N is the number of fields given",
		Summary: "Sets the values of fields of a hash and makes them expire. Replies 1, or 0 if" +
			" the condition, that none or all of them exist, is not met.",
		Example: `
> HSETEX session:1 EX 60 FIELDS 2 user Ada token x7
(integer) 1
> HSETEX session:1 FNX FIELDS 1 token x8
(integer) 0
> HTTL session:1 FIELDS 1 token
1) (integer) 60`,
		Run: hsetexCommand,
	},
	{
		Name: "HTTL", Syntax: "key FIELDS numfields field [field ...]",
		Flags: ReadOnly | Fast, Since: "7.4.0",
		Complexity: "O(N), where N is the number of fields given",
		Summary: "Returns how many seconds fields of a hash have to live, -1 for those that stay" +
			" and -2 for those that don't exist.",
		Example: `
> HSET session:1 user Ada token x7
(integer) 2
> HEXPIRE session:1 60 FIELDS 1 token
1) (integer) 1
> HTTL session:1 FIELDS 3 token user nothing
1) (integer) 60
2) (integer) -1
3) (integer) -2`,
		Run: httlCommand,
	},
}

func hexpireCommand(c *Ctx) { c.expireFields(c.Now, true) }

func hexpireatCommand(c *Ctx) { c.expireFields(0, true) }

func hpexpireCommand(c *Ctx) { c.expireFields(c.Now, false) }

func hpexpireatCommand(c *Ctx) { c.expireFields(0, false) }

// expireFields gives fields the time of argument 2, in seconds or milliseconds from base on.
func (c *Ctx) expireFields(base int64, inSeconds bool) {
	h, ok := c.hashForWrite(c.Argv[1])
	if !ok {
		return
	}
	at, ok := c.fieldTime(2, base, inSeconds)
	if !ok {
		return
	}
	flags, start := expireFlags(0), 3
	for j, word := range expireWords {
		if c.is(3, word) {
			flags, start = 1<<j, 4
		}
	}
	fields, ok := c.fields(start, "ERR Parameter `numFields` should be greater than 0")
	if !ok {
		return
	}
	edit := fieldEdit{hash: h}
	c.Reply.Array(len(fields))
	for _, field := range fields {
		c.Reply.Int(edit.expire(c, field, at, flags))
	}
	c.finishEdit(&edit, at)
}

// fieldEdit is a command that changes when fields expire, at work.
type fieldEdit struct {
	hash    *Hash
	changed [][]byte // fields that have another time now
	deleted [][]byte // fields whose new time has passed
}

// expire gives a field a time, and returns what HEXPIRE replies.
func (edit *fieldEdit) expire(c *Ctx, field []byte, at int64, flags expireFlags) int64 {
	h := edit.hash
	before, found := h.timeOf(field)
	if !found {
		return fieldMissing
	}
	if before == never {
		before = noExpiry
	}
	if !flags.allow(before, at) {
		return fieldRefused
	}
	if c.past(at) {
		h.remove(field)
		edit.deleted = append(edit.deleted, field)
		return fieldDeleted
	}
	h.setTime(field, max(at, 1)) // in a replay of another server's log: as long ago, and not never
	edit.changed = append(edit.changed, field)
	return fieldExpires
}

// persist lets a field stay, and returns what HPERSIST replies.
func (edit *fieldEdit) persist(field []byte) int64 {
	at, found := edit.hash.timeOf(field)
	switch {
	case !found:
		return fieldMissing
	case at == never:
		return fieldForever
	}
	edit.hash.setTime(field, never)
	edit.changed = append(edit.changed, field)
	return fieldPersists
}

// finishEdit stores the hash of a command that gave fields the time at, or never, and records and tells
// what happened.
func (c *Ctx) finishEdit(edit *fieldEdit, at int64) {
	if len(edit.changed)+len(edit.deleted) == 0 {
		return
	}
	key := c.Argv[1]
	exists := c.commit(edit.hash)
	c.effectOfDeleted(key, edit.deleted)
	event := "hdel"
	if len(edit.changed) > 0 {
		argv := expireFieldsCommand(key, at, edit.changed)
		event = "hexpire"
		if at == never {
			argv = append([][]byte{wordHpersist, key}, argv[3:]...)
			event = "hpersist"
		}
		c.Effect(argv...)
	}
	c.Notify(notifyHash, event, key)
	if !exists {
		c.Notify(notifyGeneric, "del", key)
	}
}

// effectOfDeleted records that fields were deleted because the time they were given had passed.
func (c *Ctx) effectOfDeleted(key []byte, fields [][]byte) {
	if len(fields) > 0 {
		c.e.stats.subkeys += int64(len(fields))
		c.Effect(append([][]byte{wordHdel, key}, fields...)...)
	}
}

func hpersistCommand(c *Ctx) {
	h, ok := c.hashForWrite(c.Argv[1])
	if !ok {
		return
	}
	fields, ok := c.fields(2, errFieldsNumber)
	if !ok {
		return
	}
	edit := fieldEdit{hash: h}
	c.Reply.Array(len(fields))
	for _, field := range fields {
		c.Reply.Int(edit.persist(field))
	}
	c.finishEdit(&edit, never)
}

func httlCommand(c *Ctx) { c.replyFieldTimes(c.Now, true) }

func hpttlCommand(c *Ctx) { c.replyFieldTimes(c.Now, false) }

func hexpiretimeCommand(c *Ctx) { c.replyFieldTimes(0, true) }

func hpexpiretimeCommand(c *Ctx) { c.replyFieldTimes(0, false) }

// replyFieldTimes replies when fields expire counted from base; seconds are rounded up.
func (c *Ctx) replyFieldTimes(base int64, inSeconds bool) {
	h, ok := c.hash(c.Argv[1])
	if !ok {
		return
	}
	fields, ok := c.fields(2, errFieldsNumber)
	if !ok {
		return
	}
	c.Reply.Array(len(fields))
	for _, field := range fields {
		at, found := h.timeOf(field)
		switch {
		case !found:
			c.Reply.Int(fieldMissing)
		case at == never:
			c.Reply.Int(fieldForever)
		case inSeconds:
			c.Reply.Int((at - base + 999) / 1000)
		default:
			c.Reply.Int(at - base)
		}
	}
}

func hgetdelCommand(c *Ctx) {
	key := c.Argv[1]
	h, ok := c.hashForWrite(key)
	if !ok {
		return
	}
	fields, ok := c.fields(2, errFieldsNumber)
	if !ok {
		return
	}
	var scratch [20]byte
	deleted := [][]byte{wordHdel, key}
	c.Reply.Array(len(fields))
	for _, field := range fields {
		c.bulkOrNull(h.get(field, &scratch))
		if h.remove(field) {
			deleted = append(deleted, field)
		}
	}
	if len(deleted) == 2 {
		return
	}
	exists := c.commit(h)
	c.Effect(deleted...)
	c.Notify(notifyHash, "hdel", key)
	if !exists {
		c.Notify(notifyGeneric, "del", key)
	}
}

// fieldClock is one of the ways in which HGETEX and HSETEX name a time.
type fieldClock struct {
	word                string
	relative, inSeconds bool
}

var fieldClocks = [...]fieldClock{
	{"EX", true, true}, {"PX", true, false}, {"EXAT", false, true}, {"PXAT", false, false},
}

// fieldClock returns the clock whose word argument i is, nil if it is none.
func (c *Ctx) fieldClock(i int) *fieldClock {
	for j := range fieldClocks {
		if c.is(i, fieldClocks[j].word) {
			return &fieldClocks[j]
		}
	}
	return nil
}

// read reads argument i as a time of this clock.
func (clock *fieldClock) read(c *Ctx, i int) (at int64, ok bool) {
	base := int64(0)
	if clock.relative {
		base = c.Now
	}
	return c.fieldTime(i, base, clock.inSeconds)
}

func hgetexCommand(c *Ctx) {
	h, ok := c.hashForWrite(c.Argv[1])
	if !ok {
		return
	}
	at, start := never, 2
	clock, persist := c.fieldClock(2), c.is(2, "PERSIST")
	switch {
	case clock != nil:
		start = 4
		if at, ok = clock.read(c, 3); !ok {
			return
		}
	case persist:
		start = 3
	}
	fields, ok := c.fields(start, errFieldsNumber)
	if !ok {
		return
	}
	var scratch [20]byte
	edit := fieldEdit{hash: h}
	c.Reply.Array(len(fields))
	for _, field := range fields {
		c.bulkOrNull(h.get(field, &scratch))
		switch {
		case clock != nil:
			edit.expire(c, field, at, 0)
		case persist:
			edit.persist(field)
		}
	}
	c.finishEdit(&edit, at)
}

// fieldSetting is what HSETEX was asked for.
type fieldSetting struct {
	pairs    [][]byte // field, value, field, value
	clock    *fieldClock
	at       int64 // when the fields expire, if there is a clock
	keep     bool  // KEEPTTL
	ifAbsent bool  // FNX: only if none of the fields exists
	ifExist  bool  // FXX: only if all of them do
}

const (
	errFieldTimes     = "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified"
	errFieldCondition = "ERR Only one of FXX or FNX arguments can be specified"
)

// fieldSetting reads HSETEX's arguments. Those before FIELDS end sooner than the arity allows: there are at
// most three of them, each once.
func (c *Ctx) fieldSetting() (s fieldSetting, ok bool) {
	for i := 2; ; i++ {
		clock := c.fieldClock(i)
		isKeep, isAbsent, isExist := c.is(i, "KEEPTTL"), c.is(i, "FNX"), c.is(i, "FXX")
		failure := ""
		switch {
		case c.is(i, "FIELDS"):
			s.pairs, ok = c.fieldPairs(i)
			return s, ok
		case (clock != nil || isKeep) && (s.clock != nil || s.keep):
			failure = errFieldTimes
		case (isAbsent || isExist) && (s.ifAbsent || s.ifExist):
			failure = errFieldCondition
		case clock == nil && !isKeep && !isAbsent && !isExist:
			failure = "ERR unknown argument: " + clip(cString(c.Argv[i]), maxShownName)
		}
		if failure != "" {
			c.Reply.Error(failure)
			return s, false
		}
		if clock != nil {
			i++ // there is such an argument: the arity wants more than what may stand before this word
			if s.at, ok = clock.read(c, i); !ok {
				return s, false
			}
			s.clock = clock
		}
		s.keep, s.ifAbsent, s.ifExist = s.keep || isKeep, s.ifAbsent || isAbsent, s.ifExist || isExist
	}
}

// fieldPairs reads "FIELDS numfields field value ..." from argument i on.
func (c *Ctx) fieldPairs(i int) (pairs [][]byte, ok bool) {
	if i >= len(c.Argv)-3 {
		c.wrongArity()
		return nil, false
	}
	n, ok := num.ParseInt(c.Argv[i+1])
	if !ok || n < 1 || n > maxFieldPairs {
		c.Reply.Error("ERR invalid number of fields")
		return nil, false
	}
	pairs = c.Argv[i+2:]
	if int64(len(pairs)) != 2*n {
		c.wrongArity()
		return nil, false
	}
	return pairs, true
}

// maxFieldPairs is the greatest number of fields that HSETEX takes for one.
const maxFieldPairs = 1<<31 - 1

func hsetexCommand(c *Ctx) {
	s, ok := c.fieldSetting()
	if !ok {
		return
	}
	key := c.Argv[1]
	h, ok := c.hashForWrite(key)
	if !ok {
		return
	}
	if !s.isMet(h) {
		c.Reply.Int(0)
		return
	}
	edit := fieldEdit{hash: h}
	for i := 0; i < len(s.pairs); i += 2 {
		created := h.store(s.pairs[i], s.pairs[i+1], s.keep)
		if s.clock != nil && edit.expire(c, s.pairs[i], s.at, 0) == fieldDeleted && created {
			edit.deleted = edit.deleted[:len(edit.deleted)-1] // the log has never known it
		}
	}
	exists := c.commit(h)
	c.effectOfSetting(&s, &edit)
	c.Notify(notifyHash, "hset", key)
	switch {
	case s.clock == nil:
	case c.past(s.at):
		c.Notify(notifyHash, "hdel", key)
	default:
		c.Notify(notifyHash, "hexpire", key)
	}
	if !exists {
		c.Notify(notifyGeneric, "del", key)
	}
	c.Reply.Int(1)
}

// isMet reports whether a hash has none of the fields, or all of them, if that is asked for.
func (s *fieldSetting) isMet(h *Hash) bool {
	if !s.ifAbsent && !s.ifExist {
		return true
	}
	for i := 0; i < len(s.pairs); i += 2 {
		if h.has(s.pairs[i]) != s.ifExist {
			return false
		}
	}
	return true
}

// effectOfSetting records what HSETEX did.
func (c *Ctx) effectOfSetting(s *fieldSetting, edit *fieldEdit) {
	switch {
	case s.clock == nil:
		c.Propagate()
	case c.past(s.at):
		c.effectOfDeleted(c.Argv[1], edit.deleted)
	default:
		argv := [][]byte{wordHsetex, c.Argv[1], wordPXAT, intBytes(s.at), wordFields,
			intBytes(int64(len(s.pairs) / 2))}
		c.Effect(append(argv, s.pairs...)...)
	}
}
