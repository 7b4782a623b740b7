package engine

import (
	"math"

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
	if _, isInt := num.ParseInt(s.text); isInt {
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
	s.text, s.form = append([]byte(nil), text...), formPlain
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
	if ref != 0 {
		if !keepTTL {
			ref = c.DB.setExpiry(ref, noExpiry)
		}
		c.DB.dropObject(ref)
	}
	meta := uint32(KindString) | uint32(form)<<formShift | c.e.access()<<accessShift
	c.DB.putBlob(key, ref, meta, text)
	c.e.changed(c.DB, key)
}

var stringCommands = []Command{
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
		Name: "SET", Syntax: "key value [NX | XX] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds" +
			" | PXAT unix-time-milliseconds | KEEPTTL]",
		Flags: Write | DenyOOM, Since: "1.0.0", Complexity: "O(1)",
		Summary: "Sets the string value of a key, ignoring its type. The key is created if it doesn't exist.",
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
}

func getCommand(c *Ctx) {
	text, ok := c.getString(c.Argv[1])
	if !ok {
		return
	}
	if text == nil {
		c.Reply.Null()
		return
	}
	c.Reply.Bulk(text)
}

// setCommand is here in its plain form only; see setOptions for the rest.
func setCommand(c *Ctx) {
	c.setString(c.Argv[1], c.Argv[2], false)
	c.Propagate()
	c.Notify(notifyString, "set", c.Argv[1])
	c.Reply.OK()
}

func incrCommand(c *Ctx) { c.increase(1) }

// increase adds to the integer that a key holds.
func (c *Ctx) increase(by int64) {
	key := c.Argv[1]
	ref := c.findWrite(key)
	n := int64(0)
	if ref != 0 {
		if c.DB.kind(ref) != KindString {
			c.wrongType()
			return
		}
		var ok bool
		if n, ok = num.ParseInt(c.DB.payload(ref)); !ok {
			c.Reply.Error(errNotInteger)
			return
		}
	}
	if by > 0 && n > math.MaxInt64-by || by < 0 && n < math.MinInt64-by {
		c.Reply.Error(errOverflow)
		return
	}
	var text [20]byte
	c.putString(key, ref, num.AppendInt(text[:0], n+by), formPlain, true)
	c.Propagate()
	c.Notify(notifyString, "incrby", key)
	c.Reply.Int(n + by)
}
