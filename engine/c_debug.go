package engine

import (
	"riffle/engine/glob"
	"riffle/engine/num"
)

const errDebugOff = "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", " +
	"you can run it from a local connection, otherwise you need to set this option in the configuration file, " +
	"and then restart the server."

// debugPart is one word that DEBUG understands; arity counts DEBUG and the word, negative = at least.
type debugPart struct {
	word  string
	arity int
	run   func(*Ctx)
}

var debugParts = [...]debugPart{
	{"ASSERT", 2, debugCrash},
	{"CHANGE-REPL-ID", 2, debugChangeID},
	{"CRASH-AND-RECOVER", -2, debugCrash},
	{"DIGEST", 2, debugDigest},
	{"DIGEST-VALUE", -2, debugDigestValue},
	{"ERROR", 3, func(c *Ctx) { c.Reply.Error(string(c.Argv[2])) }},
	{"HELP", 2, debugHelp},
	{"HTSTATS", 3, debugTables},
	{"HTSTATS-KEY", 3, debugTable},
	{"JMAP", 2, func(c *Ctx) { c.Reply.OK() }}, // a heap map for developers: there is none
	{"LISTPACK", 3, debugPacked},
	{"LOADAOF", 2, func(c *Ctx) { c.await(RequestReloadLog, "") }},
	{"LOG", 3, debugLog},
	{"OBJECT", -3, debugObject},
	{"OOM", 2, debugCrash},
	{"PANIC", 2, debugCrash},
	{"PAUSE-CRON", 3, func(c *Ctx) { c.Reply.OK() }}, // nothing runs behind the commands' backs
	{"POPULATE", -3, debugPopulate},
	{"PROTOCOL", 3, debugProtocol},
	{"QUICKLIST-PACKED-THRESHOLD", 3, debugPackedThreshold},
	{"RELOAD", -2, debugReload},
	{"RESTART", -2, debugCrash},
	{"SEGFAULT", 2, debugCrash},
	{"SET-ACTIVE-EXPIRE", 3, debugActiveExpire},
	{"SET-SKIP-CHECKSUM-VALIDATION", 3, func(c *Ctx) { c.Reply.OK() }}, // sums are always checked
	{"SLEEP", 3, debugSleep},
	{"STRINGMATCH-LEN", 4, debugMatch},
	{"ZIPLIST", 3, debugPacked},
}

var debugHelpLines = [...]string{
	"DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
	"CHANGE-REPL-ID",
	"    Change the replication IDs of the instance.",
	"DIGEST",
	"    Output a hex signature representing the current DB content.",
	"DIGEST-VALUE <key> [<key> ...]",
	"    Output a hex signature of the values of all the specified keys.",
	"ERROR <string>",
	"    Return a Redis protocol error with <string> as message. Useful for clients",
	"    unit tests to simulate Redis errors.",
	"HTSTATS <dbid>",
	"    Return hash table statistics of the specified database.",
	"HTSTATS-KEY <key>",
	"    Like HTSTATS but for the hash table stored at <key>'s value.",
	"LISTPACK <key>",
	"    Show low level info about the listpack encoding of <key>.",
	"LOADAOF",
	"    Flush the AOF buffers on disk and reload the AOF in memory.",
	"LOG <message>",
	"    Write <message> to the server log.",
	"OBJECT <key>",
	"    Show low level info about `key` and associated value.",
	"POPULATE <count> [<prefix>] [<size>]",
	"    Create <count> string keys named key:<num>. If <prefix> is specified then",
	"    it is used instead of the 'key' prefix.",
	"PROTOCOL <type>",
	"    Reply with a test value of the specified type. <type> can be: string,",
	"    integer, double, bignum, null, array, set, map, attrib, push, verbatim,",
	"    true, false.",
	"QUICKLIST-PACKED-THRESHOLD <size>",
	"    Accepted for the reference's tests; lists choose their nodes by bytes alone.",
	"RELOAD [option ...]",
	"    Save all data as a snapshot and load it again. Valid options are:",
	"    * MERGE: Keys that are there may be in the snapshot.",
	"    * NOFLUSH: Keys that are there are not removed, so that MERGE must be given as well.",
	"SET-ACTIVE-EXPIRE <0|1>",
	"    Setting it to 0 disables expiring keys in background when they are not",
	"    accessed. Setting it to 1 reenables back the default.",
	"SLEEP <seconds>",
	"    Stop the server for <seconds>. Decimals allowed.",
	"STRINGMATCH-LEN <pattern> <string>",
	"    Say whether the pattern matches the string.",
	"HELP",
	"    Print this help.",
}

var debugCommands = []Command{
	{
		Name: "DEBUG", Syntax: "subcommand [argument [argument ...]]", Flags: operator, Since: "1.0.0",
		Complexity: "Depends on subcommand.",
		Summary:    "A container for debugging commands.",
		Example: `
> DEBUG OBJECT greeting
(error) ERR DEBUG command not allowed. ...`,
		Run: debugCommand,
	},
}

func debugCommand(c *Ctx) {
	if !c.e.trusts(c.Client, "enable-debug-command") {
		c.Reply.Error(errDebugOff)
		return
	}
	for i := range debugParts {
		part := &debugParts[i]
		if c.is(1, part.word) && arityFits(part.arity, len(c.Argv)) {
			part.run(c)
			return
		}
	}
	c.Reply.Error("ERR unknown subcommand or wrong number of arguments for '" + clip(c.Argv[1], maxShownName) +
		"'. Try DEBUG HELP.")
}

func debugHelp(c *Ctx) {
	c.Reply.Array(len(debugHelpLines))
	for _, line := range debugHelpLines {
		c.Reply.Simple(line)
	}
}

func debugChangeID(c *Ctx) {
	c.e.runID = c.e.newRunID()
	c.Reply.OK()
}

func debugActiveExpire(c *Ctx) {
	c.e.expiring.off = string(c.Argv[2]) == "0"
	c.Reply.OK()
}

func debugMatch(c *Ctx) {
	c.Reply.Int(boolInt(glob.Match(c.Argv[2], c.Argv[3], false)))
}

func debugLog(c *Ctx) {
	const warning = 3
	if c.e.config.Log != nil {
		c.e.config.Log(warning, "DEBUG LOG: "+string(c.Argv[2]))
	}
	c.Reply.OK()
}

// debugSleep stops the serving of requests for a while: the engine itself never waits. The answer comes when
// that is over, and SLOWLOG, LATENCY and the statistics see a command that took so long, which is what
// people call it for.
func debugSleep(c *Ctx) {
	seconds, ok := num.ParseFloat(c.Argv[2])
	if c.rerun || !ok || !(seconds > 0) {
		c.Reply.OK()
		return
	}
	millis := int64(min(seconds*1000, maxSleep))
	until := saturatingMicros(c.Now, millis)
	c.e.beginPause(until, true)
	c.e.timing.asleep += millis * 1_000_000
	if c.deny {
		c.Reply.OK()
		return
	}
	c.e.park(c.Client, &wait{argv: cloneArgs(c.Argv), cmd: c.cmd, db: c.DB.id, wake: until})
}

// maxSleep is as long as DEBUG SLEEP sleeps, in milliseconds: a hundred days.
const maxSleep = 100 * 86400e3

func debugObject(c *Ctx) {
	ref := c.DB.keys.Find(c.Argv[2]) // what has expired is still there
	if ref == 0 {
		c.Reply.Error(errNoSuchKey)
		return
	}
	value := c.DB.open(ref, &c.e.views)
	body, _ := value.Save(nil)
	meta := c.DB.keys.Meta(ref)
	c.Reply.Simple("Value at:0x" + itoa(int64(ref)) + " refcount:1 encoding:" + value.Encoding() +
		" serializedlength:" + itoa(int64(len(body))) + " lru:" + itoa(int64(meta>>accessShift)) +
		" lru_seconds_idle:" + itoa(int64((c.e.access()-meta>>accessShift)&0xffffff)))
}

// debugPopulate makes string keys for tests, without journaling each.
func debugPopulate(c *Ctx) {
	count, ok := c.intBetween(2, 0, maxInt64, errPositive)
	if !ok {
		return
	}
	prefix := "key"
	if len(c.Argv) > 3 {
		prefix = string(c.Argv[3])
	}
	size := int64(0)
	if len(c.Argv) > 4 {
		if size, ok = c.intBetween(4, 0, c.e.settings.maxBulk, errPositive); !ok {
			return
		}
	}
	for i := int64(0); i < count; i++ {
		key := []byte(prefix + ":" + itoa(i))
		if c.findWrite(key) != 0 {
			continue
		}
		value := []byte("value:" + itoa(i))
		if size > 0 {
			value = append(make([]byte, 0, size), value[:min(int64(len(value)), size)]...)[:size]
		}
		c.putString(key, 0, value, formPlain, false)
		c.Effect([]byte("SET"), key, value)
	}
	c.Reply.OK()
}

// debugReload writes a snapshot of all data, empties every database and loads it again. With NOFLUSH the keys
// are in the way of themselves; with MERGE also they are replaced by themselves, which is the same as usual.
func debugReload(c *Ctx) {
	var merge, keep bool
	for i := 2; i < len(c.Argv); i++ {
		switch {
		case c.is(i, "MERGE"):
			merge = true
		case c.is(i, "NOFLUSH"):
			keep = true
		case c.is(i, "NOSAVE"):
			c.Reply.Error("ERR DEBUG RELOAD has no file to load with NOSAVE: start the server with the file")
			return
		default:
			c.Reply.Error("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.")
			return
		}
	}
	if problem := c.e.reload(keep && !merge); problem != "" {
		c.Reply.Error("ERR Error trying to load the RDB dump" + problem)
		return
	}
	c.Reply.OK()
}

// reload puts all data through a snapshot.
func (e *Engine) reload(keep bool) (problem string) {
	for _, db := range e.dbs {
		if keep && db.keys.Len() > 0 {
			return ": a key that it holds is there"
		}
	}
	picture := e.Snapshot(e.now)
	var file []byte
	for done := false; !done; {
		var chunk []byte
		chunk, done = picture.Next(1 << 16)
		file = append(file, chunk...)
	}
	for _, db := range e.dbs {
		e.renew(db)
	}
	e.scripting.libraries = nil
	e.invalidateAll()
	rest := file
	_, err := e.Load(e.now, func() ([]byte, error) {
		chunk := rest
		rest = nil
		return chunk, nil
	})
	if err != nil {
		return ": " + err.Error()
	}
	return ""
}

// debugProtocol replies a value of each kind the protocol has, for the tests of client libraries.
func debugProtocol(c *Ctx) {
	r := c.Reply
	switch lowerString(string(c.Argv[2])) {
	case "string":
		r.BulkString("Hello World")
	case "integer":
		r.Int(12345)
	case "double":
		r.Double(3.141)
	case "null":
		r.Null()
	case "array":
		r.Array(3)
		for i := int64(0); i < 3; i++ {
			r.Int(i)
		}
	case "set":
		r.Set(3)
		for i := int64(0); i < 3; i++ {
			r.Int(i)
		}
	case "map":
		r.Map(3)
		for i := int64(0); i < 3; i++ {
			r.Int(i)
			r.Bool(i == 1)
		}
	case "attrib":
		r.debugAttribute()
	case "push":
		if r.proto == 2 {
			r.Error("ERR RESP2 is not supported by this command")
			return
		}
		r.Push(2)
		r.BulkString("server-cpu-usage")
		r.Int(42)
		r.BulkString("Some real reply following the push reply")
	case "verbatim":
		r.Verbatim("txt", "This is a verbatim\nstring")
	case "true":
		r.Bool(true)
	case "false":
		r.Bool(false)
	case "bignum":
		r.BigNumber("1234567999999999999999999999999999999")
	default:
		r.Error("ERR Wrong protocol type name. Please use one of the following: " +
			"string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false")
	}
}

// debugAttribute replies a value with an attribute in front, which RESP2 cannot carry.
func (r *Reply) debugAttribute() {
	if r.proto == 3 {
		r.Attribute(1)
		r.BulkString("key-popularity")
		r.Array(2)
		r.BulkString("key:123")
		r.Int(90)
	}
	r.BulkString("Some real reply following the attribute")
}
