package engine

import (
	"math"

	"riffle/engine/dict"
	"riffle/engine/num"
)

// GET and SET with everything that is one of them under another name. What reaches the journal is
// absolute: SET ... PXAT whatever unit the request had, PEXPIREAT or PERSIST for GETEX.

// setFlags are the options of SET and GETEX.
type setFlags uint16

const (
	setNX setFlags = 1 << iota
	setXX
	setGet
	setKeepTTL
	setPersist
	setEX
	setPX
	setEXAT
	setPXAT
	setIFEQ
	setIFNE
	setIFDEQ
	setIFDNE

	setTimes      = setEX | setPX | setEXAT | setPXAT
	setConditions = setIFEQ | setIFNE | setIFDEQ | setIFDNE
	optionsOfSet  = setNX | setXX | setGet | setKeepTTL | setTimes | setConditions
	optionsOfRead = setPersist | setTimes
)

// setWords are the options as they are written. A time may be given again in the same unit; the last
// one counts, as in the reference.
var setWords = [...]struct {
	word     string
	flag     setFlags
	excludes setFlags
}{
	{"NX", setNX, setXX | setConditions},
	{"XX", setXX, setNX | setConditions},
	{"GET", setGet, 0},
	{"KEEPTTL", setKeepTTL, setPersist | setTimes},
	{"PERSIST", setPersist, setKeepTTL | setTimes},
	{"EX", setEX, setKeepTTL | setPersist | setTimes&^setEX},
	{"PX", setPX, setKeepTTL | setPersist | setTimes&^setPX},
	{"EXAT", setEXAT, setKeepTTL | setPersist | setTimes&^setEXAT},
	{"PXAT", setPXAT, setKeepTTL | setPersist | setTimes&^setPXAT},
	{"IFEQ", setIFEQ, setNX | setXX | setConditions&^setIFEQ},
	{"IFNE", setIFNE, setNX | setXX | setConditions&^setIFNE},
	{"IFDEQ", setIFDEQ, setNX | setXX | setConditions&^setIFDEQ},
	{"IFDNE", setIFDNE, setNX | setXX | setConditions&^setIFDNE},
}

// setOptions are the options that a request has.
type setOptions struct {
	flags setFlags
	time  int // the argument that holds the time, if flags has one of setTimes
	want  int // the argument to compare with, if flags has one of setConditions
}

// setOptions reads the options from argument i on, of those that the command knows.
func (c *Ctx) setOptions(i int, known setFlags) (o setOptions, ok bool) {
	for ; i < len(c.Argv); i++ {
		flag := c.setOption(i, known, o.flags)
		if flag == 0 || flag&(setTimes|setConditions) != 0 && i+1 == len(c.Argv) {
			c.syntaxError()
			return o, false
		}
		o.flags |= flag
		switch {
		case flag&setTimes != 0:
			i++
			o.time = i
		case flag&setConditions != 0:
			i++
			o.want = i
		}
	}
	return o, true
}

// setOption returns the option that argument i is, 0 if it is none or goes not with what came before.
func (c *Ctx) setOption(i int, known, before setFlags) setFlags {
	for j := range setWords {
		if w := &setWords[j]; c.is(i, w.word) {
			if known&w.flag == 0 || before&w.excludes != 0 {
				return 0
			}
			return w.flag
		}
	}
	return 0
}

// until reads the time of the options as milliseconds since 1970, noExpiry if they have none.
func (c *Ctx) until(o setOptions) (at int64, ok bool) {
	if o.flags&setTimes == 0 {
		return noExpiry, true
	}
	return c.positiveTime(o.time, o.flags)
}

// positiveTime reads argument i, a time in the unit that flags says, as milliseconds since 1970.
func (c *Ctx) positiveTime(i int, flags setFlags) (at int64, ok bool) {
	if at, ok = c.int(i); !ok {
		return 0, false
	}
	inSeconds := flags&(setEX|setEXAT) != 0
	if at <= 0 || inSeconds && at > math.MaxInt64/1000 {
		c.invalidExpire()
		return 0, false
	}
	if inSeconds {
		at *= 1000
	}
	if flags&(setEX|setPX) != 0 {
		if at > math.MaxInt64-c.Now {
			c.invalidExpire()
			return 0, false
		}
		at += c.Now
	}
	return at, true
}

func getCommand(c *Ctx) { c.replyString(c.Argv[1]) }

// replyString replies the string under a key, or null.
func (c *Ctx) replyString(key []byte) (found, ok bool) {
	text, ok := c.getString(key)
	if !ok {
		return false, false
	}
	if text == nil {
		c.Reply.Null()
		return false, true
	}
	c.Reply.Bulk(text)
	return true, true
}

func setCommand(c *Ctx) {
	if len(c.Argv) == 3 {
		c.setString(c.Argv[1], c.Argv[2], false)
		c.Propagate()
		c.Notify(notifyString, "set", c.Argv[1])
		c.Reply.OK()
		return
	}
	o, ok := c.setOptions(3, optionsOfSet)
	if !ok {
		return
	}
	at, ok := c.until(o)
	if !ok {
		return
	}
	allowed, ok := c.setAllowed(&o)
	if !ok {
		return
	}
	if o.flags&setGet != 0 {
		if _, ok := c.replyString(c.Argv[1]); !ok {
			return
		}
	}
	done := allowed && c.setIf(c.Argv[1], c.Argv[2], o.flags, at)
	switch {
	case o.flags&setGet != 0: // has replied
	case done:
		c.Reply.OK()
	default:
		c.Reply.Null()
	}
}

// setIf stores text with the expiry at, or the one that the key has if KEEPTTL is among flags, unless
// NX or XX forbid it.
func (c *Ctx) setIf(key, text []byte, flags setFlags, at int64) (done bool) {
	ref := c.findWrite(key)
	if flags&setNX != 0 && ref != 0 || flags&setXX != 0 && ref == 0 {
		return false
	}
	if flags&setKeepTTL != 0 && ref != 0 {
		at = c.DB.expiry(ref)
	}
	c.putStringUntil(key, ref, text, formPlain, at)
	c.Notify(notifyString, "set", key)
	switch {
	case flags&setTimes != 0:
		var millis [20]byte
		c.Effect(wordSet, key, text, wordPXAT, appendInt(millis[:0], at))
		c.Notify(notifyGeneric, "expire", key)
	case flags&setKeepTTL != 0:
		c.Effect(wordSet, key, text, wordKeepTTL)
	default:
		c.Effect(wordSet, key, text)
	}
	return true
}

// Words of effects.
var (
	wordSet       = []byte("SET")
	wordPXAT      = []byte("PXAT")
	wordKeepTTL   = []byte("KEEPTTL")
	wordDel       = []byte("DEL")
	wordPersist   = []byte("PERSIST")
	wordPexpireat = []byte("PEXPIREAT")
)

func setnxCommand(c *Ctx) { c.Reply.Int(boolInt(c.setIf(c.Argv[1], c.Argv[2], setNX, noExpiry))) }

func setexCommand(c *Ctx) { c.setWithTime(setEX) }

func psetexCommand(c *Ctx) { c.setWithTime(setPX) }

// setWithTime is SET for the commands that have the time before the value.
func (c *Ctx) setWithTime(unit setFlags) {
	at, ok := c.positiveTime(2, unit)
	if !ok {
		return
	}
	c.setIf(c.Argv[1], c.Argv[3], unit, at)
	c.Reply.OK()
}

func getsetCommand(c *Ctx) {
	if _, ok := c.replyString(c.Argv[1]); ok {
		c.setIf(c.Argv[1], c.Argv[2], 0, noExpiry)
	}
}

func getdelCommand(c *Ctx) {
	if found, _ := c.replyString(c.Argv[1]); found {
		c.delete(c.Argv[1], c.findWrite(c.Argv[1]))
	}
}

func getexCommand(c *Ctx) {
	key := c.Argv[1]
	o, ok := c.setOptions(2, optionsOfRead)
	if !ok {
		return
	}
	text, ok := c.getString(key)
	if !ok {
		return
	}
	if text == nil {
		c.Reply.Null()
		return
	}
	at, ok := c.until(o)
	if !ok {
		return
	}
	c.Reply.Bulk(text)
	ref := c.peek(key)
	switch {
	case o.flags&setTimes != 0:
		c.expireOrDelete(key, ref, at)
	case o.flags&setPersist != 0:
		c.persist(key, ref)
	}
}

func mgetCommand(c *Ctx) {
	c.Reply.Array(len(c.Argv) - 1)
	for _, key := range c.Argv[1:] {
		ref := c.find(key)
		if ref == 0 || c.DB.kind(ref) != KindString {
			c.Reply.Null()
			continue
		}
		c.Reply.Bulk(c.DB.payload(ref))
	}
}

func msetCommand(c *Ctx) {
	if len(c.Argv)%2 == 0 {
		c.wrongArity()
		return
	}
	c.setPairs()
	c.Reply.OK()
}

func msetnxCommand(c *Ctx) {
	if len(c.Argv)%2 == 0 {
		c.wrongArity()
		return
	}
	for i := 1; i < len(c.Argv); i += 2 {
		if c.findWrite(c.Argv[i]) != 0 {
			c.Reply.Int(0)
			return
		}
	}
	c.setPairs()
	c.Reply.Int(1)
}

// setPairs sets the keys and values of MSET, as one effect.
func (c *Ctx) setPairs() {
	for i := 1; i < len(c.Argv); i += 2 {
		c.setString(c.Argv[i], c.Argv[i+1], false)
		c.Notify(notifyString, "set", c.Argv[i])
	}
	c.Propagate()
}

func incrCommand(c *Ctx) { c.increase(1) }

func decrCommand(c *Ctx) { c.increase(-1) }

func incrbyCommand(c *Ctx) {
	if by, ok := c.int(2); ok {
		c.increase(by)
	}
}

func decrbyCommand(c *Ctx) {
	by, ok := c.int(2)
	if !ok {
		return
	}
	if by == math.MinInt64 {
		c.Reply.Error("ERR decrement would overflow")
		return
	}
	c.increase(-by)
}

// increase adds to the integer that a key holds.
func (c *Ctx) increase(by int64) {
	key := c.Argv[1]
	ref, ok := c.findString(key)
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

func incrbyfloatCommand(c *Ctx) {
	key := c.Argv[1]
	ref, ok := c.findString(key)
	if !ok {
		return
	}
	sum, ok := c.sumLongDouble(ref)
	if !ok {
		return
	}
	if sum.IsNaN() || sum.IsInf() {
		c.Reply.Error(errNaN)
		return
	}
	text := num.AppendLongDouble(nil, sum)
	c.putString(key, ref, text, formText, true)
	c.Notify(notifyString, "incrbyfloat", key)
	c.Effect(wordSet, key, text, wordKeepTTL) // another machine's floating point might differ
	c.Reply.Bulk(text)
}

// sumLongDouble adds argument 2 to the number that a string holds, which is 0 if there is none.
func (c *Ctx) sumLongDouble(ref dict.Ref) (sum num.LongDouble, ok bool) {
	if ref != 0 {
		if sum, ok = num.ParseLongDouble(c.DB.payload(ref)); !ok {
			c.Reply.Error(errNotFloat)
			return sum, false
		}
	}
	by, ok := num.ParseLongDouble(c.Argv[2])
	if !ok {
		c.Reply.Error(errNotFloat)
		return sum, false
	}
	return sum.Add(by), true
}
