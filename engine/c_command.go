package engine

import (
	"slices"

	"riffle/engine/glob"
)

var commandSubcommands = []Command{
	{
		Name: "COUNT", Flags: Loading | Stale, Since: "2.8.13", Complexity: "O(1)",
		Summary: "Returns a count of commands.",
		Run:     func(c *Ctx) { c.Reply.Int(int64(len(c.e.commands.entries))) },
	},
	{
		Name: "DOCS", Syntax: "[command-name [command-name ...]]", Flags: Loading | Stale, Since: "7.0.0",
		Complexity: "O(N) where N is the number of commands to look up",
		Summary:    "Returns documentary information about one, multiple or all commands.",
		Run:        commandDocs,
	},
	{
		Name: "GETKEYS", Syntax: "command [arg [arg ...]]", Arity: -4, Flags: Loading | Stale, Since: "2.8.13",
		Complexity: "O(N) where N is the number of arguments to the command",
		Summary:    "Extracts the key names from an arbitrary command.",
		Example: `
> COMMAND GETKEYS MSET a 1 b 2
1) "a"
2) "b"`,
		Run: func(c *Ctx) { c.getKeys(false) },
	},
	{
		Name: "GETKEYSANDFLAGS", Syntax: "command [arg [arg ...]]", Arity: -4, Flags: Loading | Stale, Since: "7.0.0",
		Complexity: "O(N) where N is the number of arguments to the command",
		Summary:    "Extracts the key names and access flags for an arbitrary command.",
		Run:        func(c *Ctx) { c.getKeys(true) },
	},
	{
		Name: "HELP", Flags: Loading | Stale, Since: "5.0.0", Complexity: "O(1)",
		Summary: "Returns helpful text about the different subcommands.",
		Run:     func(c *Ctx) { c.help(commandHelp) },
	},
	{
		Name: "INFO", Syntax: "[command-name [command-name ...]]", Flags: Loading | Stale, Since: "2.8.13",
		Complexity: "O(N) where N is the number of commands to look up",
		Summary:    "Returns information about one, multiple or all commands.",
		Run:        commandInfo,
	},
	{
		Name: "LIST", Syntax: "[FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]",
		Flags: Loading | Stale, Since: "7.0.0", Complexity: "O(N) where N is the total number of commands",
		Summary: "Returns a list of command names.",
		Example: `
> COMMAND LIST FILTERBY PATTERN hsetn*
1) "hsetnx"`,
		Run: commandList,
	},
}

var commandHelp = []string{
	"(no subcommand)",
	"    Return details about all commands.",
	"COUNT",
	"    Return the total number of commands in this server.",
	"LIST",
	"    Return a list of all commands in this server.",
	"INFO [<command-name> ...]",
	"    Return details about multiple commands.",
	"    If no command names are given, documentation details for all",
	"    commands are returned.",
	"DOCS [<command-name> ...]",
	"    Return documentation details about multiple commands.",
	"    If no command names are given, documentation details for all",
	"    commands are returned.",
	"GETKEYS <full-command>",
	"    Return the keys from a full command.",
	"GETKEYSANDFLAGS <full-command>",
	"    Return the keys and the access flags from a full command.",
}

// flagNames are the flags as COMMAND INFO spells them, in its order.
var flagNames = [...]struct {
	flag Flags
	name string
}{
	{Write, "write"}, {ReadOnly, "readonly"}, {DenyOOM, "denyoom"}, {Admin, "admin"}, {PubSub, "pubsub"},
	{NoScript, "noscript"}, {Blocking, "blocking"}, {Loading, "loading"}, {Stale, "stale"},
	{SkipMonitor, "skip_monitor"}, {SkipSlowlog, "skip_slowlog"}, {Asking, "asking"}, {Fast, "fast"},
	{NoAuth, "no_auth"}, {MayReplicate, "may_replicate"}, {NoMandatoryKeys, "no_mandatory_keys"},
	{NoAsyncLoading, "no_async_loading"}, {NoMulti, "no_multi"}, {AllowBusy, "allow_busy"},
	{MovableKeys, "movablekeys"},
}

// groupCategories are the ACL categories that belong to a group of commands.
var groupCategories = [...]struct{ group, category string }{
	{"string", "string"}, {"list", "list"}, {"set", "set"}, {"sorted-set", "sortedset"}, {"hash", "hash"},
	{"stream", "stream"}, {"bitmap", "bitmap"}, {"hyperloglog", "hyperloglog"}, {"geo", "geo"},
	{"generic", "keyspace"}, {"transactions", "transaction"}, {"scripting", "scripting"},
	{"connection", "connection"},
}

// categories are the row's ACL categories, those implied by its group and its flags among them.
func (en *entry) categories() []string {
	var names categoryList
	for _, group := range groupCategories {
		names.add("@"+group.category, group.group == en.group)
	}
	names.add("@write", en.Flags&Write != 0)
	names.add("@read", en.Flags&ReadOnly != 0 && en.group != "scripting")
	names.add("@admin", en.Flags&Admin != 0)
	for _, name := range fields(en.Categories) {
		names.add("@"+name, true)
	}
	names.add("@dangerous", en.Flags&Admin != 0)
	names.add("@pubsub", en.Flags&PubSub != 0)
	names.add("@fast", en.Flags&Fast != 0)
	names.add("@slow", en.Flags&Fast == 0)
	names.add("@blocking", en.Flags&Blocking != 0)
	return names
}

// categoryList gathers names, each once.
type categoryList []string

func (l *categoryList) add(name string, on bool) {
	if on && !slices.Contains(*l, name) {
		*l = append(*l, name)
	}
}

// entryNamed finds a row by its full name: "get", "config|get".
func (e *Engine) entryNamed(name []byte) *entry {
	for i, ch := range name {
		if ch != '|' {
			continue
		}
		if row, container := e.commands.find([][]byte{name[:i], name[i+1:]}); container != nil {
			return row
		}
		return nil
	}
	return e.commands.findName(name)
}

func commandCommand(c *Ctx) {
	c.Reply.Array(len(c.e.commands.entries))
	for _, row := range c.e.commands.entries {
		c.replyInfo(row)
	}
}

func commandInfo(c *Ctx) {
	if len(c.Argv) == 2 {
		commandCommand(c)
		return
	}
	c.Reply.Array(len(c.Argv) - 2)
	for _, name := range c.Argv[2:] {
		row := c.e.entryNamed(name)
		if row == nil {
			c.Reply.NullArray()
			continue
		}
		c.replyInfo(row)
	}
}

// replyInfo writes a row as COMMAND INFO does.
func (c *Ctx) replyInfo(row *entry) {
	r := c.Reply
	specs := row.keySpecs()
	first, last, step := keyRange(specs)
	r.Array(10)
	r.BulkString(row.full)
	r.Int(int64(row.arity))
	c.replyFlags(row, specs)
	r.Int(int64(first))
	r.Int(int64(last))
	r.Int(int64(step))
	categories := row.categories()
	r.Set(len(categories))
	for _, name := range categories {
		r.Simple(name)
	}
	r.Array(0) // tips for cluster proxies
	r.Array(len(specs))
	for i := range specs {
		c.replyKeySpec(&specs[i])
	}
	r.Array(len(row.subs))
	for _, sub := range row.subs {
		c.replyInfo(sub)
	}
}

func (c *Ctx) replyFlags(row *entry, specs []keySpec) {
	flags := row.Flags
	if movable(specs) {
		flags |= MovableKeys
	}
	mark, n := c.Reply.Later(), 0
	for _, f := range flagNames {
		if flags&f.flag != 0 {
			c.Reply.Simple(f.name)
			n++
		}
	}
	c.Reply.SetAt(mark, n)
}

func (c *Ctx) replyKeySpec(s *keySpec) {
	r := c.Reply
	r.Map(3)
	r.BulkString("flags")
	access := fields(s.access)
	r.Set(len(access))
	for _, word := range access {
		r.Simple(word)
	}
	r.BulkString("begin_search")
	r.Map(2)
	r.BulkString("type")
	if s.search == searchKeyword {
		r.BulkString("keyword")
		c.replySpec(s.keyword, named{"startfrom", s.first})
	} else {
		r.BulkString("index")
		c.replySpec("", named{"index", s.first})
	}
	r.BulkString("find_keys")
	r.Map(2)
	r.BulkString("type")
	if s.counted {
		r.BulkString("keynum")
		c.replySpec("", named{"keynumidx", 0}, named{"firstkey", 1}, named{"keystep", s.step})
		return
	}
	r.BulkString("range")
	c.replySpec("", named{"lastkey", s.last}, named{"keystep", s.step}, named{"limit", s.limit})
}

// named is a number with a name, in the "spec" map of a key spec.
type named struct {
	name string
	n    int
}

// replySpec writes the "spec" map of a key spec: a keyword if there is one, then numbers.
func (c *Ctx) replySpec(keyword string, numbers ...named) {
	n := len(numbers)
	if keyword != "" {
		n++
	}
	c.Reply.BulkString("spec")
	c.Reply.Map(n)
	if keyword != "" {
		c.Reply.BulkString("keyword")
		c.Reply.BulkString(keyword)
	}
	for _, number := range numbers {
		c.Reply.BulkString(number.name)
		c.Reply.Int(int64(number.n))
	}
}

func commandList(c *Ctx) {
	match := func(*entry) bool { return true }
	switch {
	case len(c.Argv) == 2:
	case len(c.Argv) == 5 && c.is(2, "FILTERBY") && c.is(3, "MODULE"):
		match = func(*entry) bool { return false }
	case len(c.Argv) == 5 && c.is(2, "FILTERBY") && c.is(3, "ACLCAT"):
		category := "@" + lowerString(string(c.Argv[4]))
		match = func(row *entry) bool { return slices.Contains(row.categories(), category) }
	case len(c.Argv) == 5 && c.is(2, "FILTERBY") && c.is(3, "PATTERN"):
		match = func(row *entry) bool { return glob.Match(c.Argv[4], []byte(row.full), true) }
	default:
		c.syntaxError()
		return
	}
	mark, n := c.Reply.Later(), 0
	for _, row := range c.e.commands.entries {
		for _, en := range append([]*entry{row}, row.subs...) {
			if match(en) {
				c.Reply.BulkString(en.full)
				n++
			}
		}
	}
	c.Reply.ArrayAt(mark, n)
}

// getKeys answers GETKEYS and GETKEYSANDFLAGS for the request behind them.
func (c *Ctx) getKeys(withFlags bool) {
	argv := c.Argv[2:]
	row, container := c.e.commands.find(argv)
	if row == nil || row.Run == nil && container == nil {
		c.Reply.Error("ERR Invalid command specified")
		return
	}
	specs := row.keySpecs()
	if len(specs) == 0 || row.group == "pubsub" {
		c.Reply.Error("ERR The command has no key arguments")
		return
	}
	if !arityFits(row.arity, len(argv)) {
		c.Reply.Error("ERR Invalid number of arguments specified for command")
		return
	}
	mark, n := c.Reply.Later(), 0
	for i := range specs {
		at, ok := specs[i].positions(argv)
		if !ok {
			c.Reply.buf = c.Reply.buf[:mark]
			c.Reply.Error("ERR Invalid arguments specified for command")
			return
		}
		for _, j := range at {
			c.replyKey(argv[j], &specs[i], withFlags)
			n++
		}
	}
	c.Reply.ArrayAt(mark, n)
}

func (c *Ctx) replyKey(key []byte, spec *keySpec, withFlags bool) {
	if !withFlags {
		c.Reply.Bulk(key)
		return
	}
	access := fields(spec.access)
	c.Reply.Array(2)
	c.Reply.Bulk(key)
	c.Reply.Set(len(access))
	for _, word := range access {
		c.Reply.Simple(word)
	}
}
