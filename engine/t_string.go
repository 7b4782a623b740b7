package engine

import (
	"riffle/engine/dict"
	"riffle/engine/num"
	"riffle/engine/rdb"
)

// String is a string's value: its bytes, packed beside the key whatever their number. Integers are
// kept as text too, so that GET copies and never formats; what OBJECT ENCODING reports is a note in
// the form, since it tells how the value came to be (APPEND leaves "raw" behind).
type String struct {
	place
	text []byte
	form uint8
}

// The forms of a packed string.
const (
	formPlain uint8 = iota + 1 // int, embstr or raw, as its bytes say
	formRaw                    // was changed in place: raw however short
	formText                   // embstr or raw even if its bytes are an integer: what INCRBYFLOAT left
)

// maxEmbeddedString is the longest string whose encoding is called embstr, in bytes.
const maxEmbeddedString = 44

func makeString() Value { return &String{} }

// Kind implements Value.
func (s *String) Kind() Kind { return KindString }

// Encoding implements Value.
func (s *String) Encoding() string {
	if s.form == formRaw {
		return "raw"
	}
	if _, isInt := num.ParseInt(s.text); isInt && s.form == formPlain {
		return "int"
	}
	if len(s.text) <= maxEmbeddedString {
		return "embstr"
	}
	return "raw"
}

// Empty implements Value: a string may have no bytes and still exist.
func (s *String) Empty() bool { return false }

// Size implements Value.
func (s *String) Size() int64 { return int64(len(s.text)) }

// Pack implements Value.
func (s *String) Pack() (form uint8, blob []byte, ok bool) { return s.form, s.text, true }

// Unpack implements Value.
func (s *String) Unpack(form uint8, blob []byte) { s.form, s.text = max(form, formPlain), blob }

// Save implements Value.
func (s *String) Save(dst []byte) (out []byte, rdbType byte) {
	return rdb.AppendString(dst, s.text, true), rdb.TypeString
}

// Load implements Value.
func (s *String) Load(r *rdb.Reader, _ byte) error {
	text, err := r.String()
	s.text, s.form = text, formPlain
	return err
}

// Rewrite implements Value.
func (s *String) Rewrite(key []byte, emit func(argv ...[]byte)) {
	emit([]byte("SET"), key, s.text)
}

// getString returns the bytes of a string key, nil if there is none: a view, good until the
// key changes.
func (c *Ctx) getString(key []byte) (text []byte, ok bool) {
	ref := c.find(key)
	if ref == 0 {
		return nil, true
	}
	if c.DB.kind(ref) != KindString {
		c.wrongType()
		return nil, false
	}
	return c.DB.payload(ref), true
}

// setString makes text the key's whole content; its expiry stays only if keepTTL says so.
func (c *Ctx) setString(key, text []byte, keepTTL bool) {
	c.putString(key, c.findWrite(key), text, formPlain, keepTTL)
}

// putString is setString for a key that findWrite has looked up.
func (c *Ctx) putString(key []byte, ref dict.Ref, text []byte, form uint8, keepTTL bool) {
	at := int64(noExpiry)
	if keepTTL && ref != 0 {
		at = c.DB.expiry(ref)
	}
	c.putStringUntil(key, ref, text, form, at)
}

// putStringUntil is putString with an expiry, or noExpiry. text must not be a view of the key.
func (c *Ctx) putStringUntil(key []byte, ref dict.Ref, text []byte, form uint8, at int64) {
	c.DB.overwrite(key, ref, c.stringMeta(form, ref), text, at)
	c.e.changed(c.DB, key)
	if ref == 0 {
		c.Notify(notifyNew, "new", key)
	}
}

// stringMeta is the meta of a string that is written where ref was, 0 if there was nothing.
func (c *Ctx) stringMeta(form uint8, ref dict.Ref) uint32 {
	return uint32(KindString) | uint32(form)<<formShift | c.e.accessOf(c.DB.keyspace, ref)<<accessShift
}

// findString is findWrite for a key that holds a string or nothing.
func (c *Ctx) findString(key []byte) (ref dict.Ref, ok bool) {
	ref = c.findWrite(key)
	if ref != 0 && c.DB.kind(ref) != KindString {
		c.wrongType()
		return 0, false
	}
	return ref, true
}

// growString gives the string under a key at least size bytes, new ones being zero, and returns its
// bytes for changing them where they lie. ref is what findString has returned; 0 creates the key.
func (c *Ctx) growString(key []byte, ref dict.Ref, size int) []byte {
	if ref == 0 {
		ref = c.DB.keys.Insert(key, c.stringMeta(formRaw, 0), 0)
		c.Notify(notifyNew, "new", key)
	}
	text := c.DB.payload(ref)
	if old := len(text); size > old {
		ref, text = c.DB.resizePayload(ref, size)
		clear(text[old:])
	}
	meta := c.DB.keys.Meta(ref)
	c.DB.keys.SetMeta(ref, meta&^metaForm|uint32(formRaw)<<formShift)
	c.e.changed(c.DB, key)
	return text
}

// fits checks the length that a string is about to have against proto-max-bulk-len.
func (c *Ctx) fits(length, more int64) bool {
	if more > c.e.settings.maxBulk-length {
		c.Reply.Error(errTooLong)
		return false
	}
	return true
}

var stringCommands = []Command{
	{
		Name: "APPEND", Syntax: "key value", Flags: Write | DenyOOM | Fast, Since: "2.0.0",
		Complexity: "O(1) amortised for short values: a string that grows moves ever more rarely",
		Summary:    "Appends a string to the value of a key. Creates the key if it doesn't exist.",
		Example: `
> APPEND greeting Hello
(integer) 5
> APPEND greeting " World"
(integer) 11
> GET greeting
"Hello World"`,
		Run: appendCommand,
	},
	{
		Name: "DECR", Syntax: "key", Flags: Write | DenyOOM | Fast, Since: "1.0.0", Complexity: "O(1)",
		Summary: "Decrements the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.",
		Example: `
> SET stock 10
OK
> DECR stock
(integer) 9`,
		Run: decrCommand,
	},
	{
		Name: "DECRBY", Syntax: "key decrement", Flags: Write | DenyOOM | Fast, Since: "1.0.0", Complexity: "O(1)",
		Summary: "Decrements a number from the integer value of a key. Uses 0 as initial value if the key doesn't" +
			" exist.",
		Example: `
> SET stock 10
OK
> DECRBY stock 3
(integer) 7`,
		Run: decrbyCommand,
	},
	{
		Name: "GET", Syntax: "key", Flags: ReadOnly | Fast, Since: "1.0.0", Complexity: "O(1)",
		Summary: "Returns the string value of a key.",
		Example: `
> SET greeting hello
OK
> GET greeting
"hello"
> GET nothing
(nil)`,
		Run: getCommand,
	},
	{
		Name: "GETDEL", Syntax: "key", Flags: Write | Fast, Since: "6.2.0", Complexity: "O(1)",
		Summary: "Returns the string value of a key after deleting the key.",
		Example: `
> SET token abc
OK
> GETDEL token
"abc"
> GET token
(nil)`,
		Run: getdelCommand,
	},
	{
		Name: "GETEX", Syntax: "key [EX seconds | PX milliseconds | EXAT unix-time-seconds" +
			" | PXAT unix-time-milliseconds | PERSIST]",
		Flags: Write | Fast, Since: "6.2.0", Complexity: "O(1)",
		Summary: "Returns the string value of a key after setting its expiration time.",
		Example: `
> SET session 42
OK
> GETEX session EX 60
"42"
> TTL session
(integer) 60`,
		Run: getexCommand,
	},
	{
		Name: "GETRANGE", Syntax: "key start end", Flags: ReadOnly, Since: "2.4.0",
		Complexity: "O(N) where N is the length of the returned string",
		Summary:    "Returns a substring of the string stored at a key.",
		Example: `
> SET text "This is a string"
OK
> GETRANGE text 0 3
"This"
> GETRANGE text -6 -1
"string"`,
		Run: getrangeCommand,
	},
	{
		Name: "GETSET", Syntax: "key value", Flags: Write | DenyOOM | Fast, Since: "1.0.0", Complexity: "O(1)",
		Summary:    "Returns the previous string value of a key after setting it to a new value.",
		Deprecated: "6.2.0", ReplacedBy: "`SET` with the `GET` argument",
		Example: `
> SET visits 10
OK
> GETSET visits 0
"10"
> GET visits
"0"`,
		Run: getsetCommand,
	},
	{
		Name: "INCR", Syntax: "key", Flags: Write | DenyOOM | Fast, Since: "1.0.0", Complexity: "O(1)",
		Summary: "Increments the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.",
		Example: `
> SET visits 10
OK
> INCR visits
(integer) 11`,
		Run: incrCommand,
	},
	{
		Name: "INCRBY", Syntax: "key increment:integer", Flags: Write | DenyOOM | Fast, Since: "1.0.0",
		Complexity: "O(1)",
		Summary: "Increments the integer value of a key by a number. Uses 0 as initial value if the key doesn't" +
			" exist.",
		Example: `
> SET visits 10
OK
> INCRBY visits 5
(integer) 15`,
		Run: incrbyCommand,
	},
	{
		Name: "INCRBYFLOAT", Syntax: "key increment", Flags: Write | DenyOOM | Fast, Since: "2.6.0",
		Complexity: "O(1)",
		Summary: "Increments the floating point value of a key by a number. Uses 0 as initial value if the key" +
			" doesn't exist.",
		Example: `
> SET balance 10.50
OK
> INCRBYFLOAT balance 0.1
"10.6"
> INCRBYFLOAT balance -5
"5.6"`,
		Run: incrbyfloatCommand,
	},
	{
		Name: "MGET", Syntax: "key [key ...]", Flags: ReadOnly | Fast, Since: "1.0.0",
		Complexity: "O(N) where N is the number of keys to retrieve",
		Summary:    "Atomically returns the string values of one or more keys.",
		Example: `
> SET greeting hello
OK
> MGET greeting nothing
1) "hello"
2) (nil)`,
		Run: mgetCommand,
	},
	{
		Name: "MSET", Syntax: "key value [key value ...]", Flags: Write | DenyOOM, Since: "1.0.1",
		Complexity: "O(N) where N is the number of keys to set",
		Summary:    "Atomically creates or modifies the string values of one or more keys.",
		Example: `
> MSET one 1 two 2
OK
> GET two
"2"`,
		Run: msetCommand,
	},
	{
		Name: "MSETNX", Syntax: "key value [key value ...]", Flags: Write | DenyOOM, Since: "1.0.1",
		Complexity: "O(N) where N is the number of keys to set",
		Summary:    "Atomically modifies the string values of one or more keys only when all keys don't exist.",
		Example: `
> MSETNX one 1 two 2
(integer) 1
> MSETNX two 3 three 3
(integer) 0
> EXISTS three
(integer) 0`,
		Run: msetnxCommand,
	},
	{
		Name: "PSETEX", Syntax: "key milliseconds value", Flags: Write | DenyOOM, Since: "2.6.0", Complexity: "O(1)",
		Summary: "Sets both string value and expiration time in milliseconds of a key. The key is created if it" +
			" doesn't exist.",
		Deprecated: "2.6.12", ReplacedBy: "`SET` with the `PX` argument",
		Example: `
> PSETEX session 1000 42
OK
> PTTL session
(integer) 1000`,
		Run: psetexCommand,
	},
	{
		Name: "SET", Syntax: "key value [NX | XX | IFEQ ifeq-value | IFNE ifne-value | IFDEQ ifdeq-digest" +
			" | IFDNE ifdne-digest] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds" +
			" | PXAT unix-time-milliseconds | KEEPTTL]",
		Flags: Write | DenyOOM, Since: "1.0.0", Complexity: "O(1)",
		Summary: "Sets the string value of a key, ignoring its type. The key is created if it doesn't exist." +
			" IFEQ is that of Valkey 8.1 and Redis 8.4, IFNE, IFDEQ and IFDNE are those of Redis 8.4.",
		Example: `
> SET greeting hello
OK
> SET greeting bye NX
(nil)
> SET session 42 EX 60
OK
> TTL session
(integer) 60`,
		Run: setCommand,
	},
	{
		Name: "SETEX", Syntax: "key seconds value", Flags: Write | DenyOOM, Since: "2.0.0", Complexity: "O(1)",
		Summary:    "Sets the string value and expiration time of a key. Creates the key if it doesn't exist.",
		Deprecated: "2.6.12", ReplacedBy: "`SET` with the `EX` argument",
		Example: `
> SETEX session 60 42
OK
> TTL session
(integer) 60`,
		Run: setexCommand,
	},
	{
		Name: "SETNX", Syntax: "key value", Flags: Write | DenyOOM | Fast, Since: "1.0.0", Complexity: "O(1)",
		Summary:    "Set the string value of a key only when the key doesn't exist.",
		Deprecated: "2.6.12", ReplacedBy: "`SET` with the `NX` argument",
		Example: `
> SETNX lock alice
(integer) 1
> SETNX lock bob
(integer) 0
> GET lock
"alice"`,
		Run: setnxCommand,
	},
	{
		Name: "SETRANGE", Syntax: "key offset value", Flags: Write | DenyOOM, Since: "2.2.0",
		Complexity: "O(N), where N is the length of the value, and the length of the string if it has to grow",
		Summary: "Overwrites a part of a string value with another by an offset. Creates the key if it doesn't" +
			" exist.",
		Example: `
> SET greeting "Hello World"
OK
> SETRANGE greeting 6 Redis
(integer) 11
> GET greeting
"Hello Redis"`,
		Run: setrangeCommand,
	},
	{
		Name: "STRLEN", Syntax: "key", Flags: ReadOnly | Fast, Since: "2.2.0", Complexity: "O(1)",
		Summary: "Returns the length of a string value.",
		Example: `
> SET greeting hello
OK
> STRLEN greeting
(integer) 5`,
		Run: strlenCommand,
	},
	{
		Name: "SUBSTR", Syntax: "key start end", Flags: ReadOnly, Since: "1.0.0",
		Complexity: "O(N) where N is the length of the returned string",
		Summary:    "Returns a substring from a string value.",
		Deprecated: "2.0.0", ReplacedBy: "`GETRANGE`",
		Example: `
> SET text "This is a string"
OK
> SUBSTR text 0 3
"This"`,
		Run: getrangeCommand,
	},
}
