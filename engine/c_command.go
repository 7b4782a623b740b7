package engine

import (
	"math/bits"

	"riffle/engine/glob"
)

var commandSubcommands = []Command{
	{
		Name: "COUNT", Flags: Loading | Stale, Since: "2.8.13", Complexity: "O(1)",
		Categories: "connection",
		Summary:    "Returns a count of commands.",
		Example: `
> COMMAND COUNT
(integer) ...`,
		Run: func(c *Ctx) { c.Reply.Int(int64(len(c.e.commands.entries))) },
	},
	{
		Name: "DOCS", Syntax: "[command-name [command-name ...]]", Flags: Loading | Stale, Since: "7.0.0",
		Categories: "connection",
		Complexity: "O(N) where N is the number of commands to look up",
		Summary:    "Returns documentary information about one, multiple or all commands.",
		Example: `
> COMMAND DOCS echo
1) "echo"
2)  1) "summary"
    2) "Returns the given string."
...`,
		Run: commandDocs,
	},
	{
		Name: "GETKEYS", Syntax: "command [arg [arg ...]]", Arity: -4, Flags: Loading | Stale, Since: "2.8.13",
		Categories: "connection",
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
		Categories: "connection",
		Complexity: "O(N) where N is the number of arguments to the command",
		Summary:    "Extracts the key names and access flags for an arbitrary command.",
		Example: `
> COMMAND GETKEYSANDFLAGS LMOVE todo done LEFT RIGHT
1) 1) "todo"
   2) 1) RW
      2) access
      3) delete
2) 1) "done"
   2) 1) RW
      2) insert`,
		Run: func(c *Ctx) { c.getKeys(true) },
	},
	{
		Name: "HELP", Flags: Loading | Stale, Since: "5.0.0", Complexity: "O(1)",
		Categories: "connection",
		Summary:    "Returns helpful text about the different subcommands.",
		Example: `
> COMMAND HELP
 1) COMMAND <subcommand> [<arg> [value] [opt] ...]. Subcommands are:
...`,
		Run: func(c *Ctx) { c.help(commandHelp) },
	},
	{
		Name: "INFO", Syntax: "[command-name [command-name ...]]", Flags: Loading | Stale, Since: "2.8.13",
		Categories: "connection",
		Complexity: "O(N) where N is the number of commands to look up",
		Summary:    "Returns information about one, multiple or all commands.",
		Example: `
> COMMAND INFO echo
1)  1) "echo"
    2) (integer) 2
    3) 1) loading
       2) stale
       3) fast
...`,
		Run: commandInfo,
	},
	{
		Name: "LIST", Syntax: "[FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]",
		Flags: Loading | Stale, Since: "7.0.0", Complexity: "O(N) where N is the total number of commands",
		Categories: "connection",
		Summary:    "Returns a list of command names.",
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
	{NoAuth, "no_auth"}, {NoMandatoryKeys, "no_mandatory_keys"},
	{NoAsyncLoading, "no_async_loading"}, {NoMulti, "no_multi"}, {AllowBusy, "allow_busy"},
	{MovableKeys, "movablekeys"},
}

// categorySet is a set of ACL categories: bit i stands for categoryNames[i].
type categorySet uint32

// categoryNames are the ACL categories in the field's order. The first are given by groups or by rows, the
// rest follow from flags.
var categoryNames = [...]string{
	"keyspace", "read", "write", "set", "sortedset", "list", "hash", "string", "bitmap", "hyperloglog", "geo",
	"stream", "pubsub", "admin", "fast", "slow", "blocking", "dangerous", "connection", "transaction", "scripting",
}

// categoriesKnown marks an entry's categories as worked out.
const categoriesKnown categorySet = 1 << 31

// categoryNamed returns a category by its name in any case, 0 if there is none.
func categoryNamed(name []byte) categorySet {
	for i := range categoryNames {
		if lowerString(string(name)) == categoryNames[i] {
			return 1 << i
		}
	}
	return 0
}

// name returns the name of the set's first category.
func (s categorySet) name() string { return categoryNames[bits.TrailingZeros32(uint32(s))] }

// groupCategories are the ACL categories that belong to a group of commands and are not called as it is.
var groupCategories = [...]struct{ group, category string }{
	{"sorted-set", "sortedset"}, {"generic", "keyspace"}, {"transactions", "transaction"},
}

// flagCategories are the ACL categories that follow from a flag.
var flagCategories = [...]struct {
	flag       Flags
	categories string
}{
	{Write, "write"}, {Admin, "admin dangerous"}, {PubSub, "pubsub"}, {Fast, "fast"}, {Blocking, "blocking"},
}

// categories are the row's ACL categories, those implied by its group and its flags among them.
func (en *entry) categories() categorySet {
	if en.within == 0 {
		en.within = en.findCategories() | categoriesKnown
	}
	return en.within &^ categoriesKnown
}

func (en *entry) findCategories() categorySet {
	set := categorySet(0)
	if len(en.subs) == 0 {
		group := en.group
		for i := range groupCategories {
			if groupCategories[i].group == group {
				group = groupCategories[i].category
			}
		}
		if group != "pubsub" { // whose HELP is no part of it
			set.add(group)
		}
	}
	set.add(en.Categories)
	for i := range flagCategories {
		if en.Flags&flagCategories[i].flag != 0 {
			set.add(flagCategories[i].categories)
		}
	}
	if en.Flags&ReadOnly != 0 && en.group != "scripting" {
		set.add("read")
	}
	if en.Flags&Fast == 0 {
		set.add("slow")
	}
	return set
}

// add adds categories by their names; a minus sign in front takes one away that the group implies.
func (s *categorySet) add(names string) {
	for _, name := range fields(names) {
		if name[0] == '-' {
			*s &^= categoryNamed([]byte(name[1:]))
		} else {
			*s |= categoryNamed([]byte(name))
		}
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
			c.Reply.Null()
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
	r.Int(int64(row.words()))
	c.replyFlags(row, specs)
	r.Int(int64(first))
	r.Int(int64(last))
	r.Int(int64(step))
	c.replyCategories(row.categories())
	tips := fields(row.tips())
	r.Set(len(tips))
	for _, tip := range tips {
		r.BulkString(tip)
	}
	r.Set(len(specs))
	for i := range specs {
		c.replyKeySpec(&specs[i])
	}
	if len(row.subs) == 0 {
		r.Set(0)
		return
	}
	r.Array(len(row.subs))
	for _, sub := range row.subs {
		c.replyInfo(sub)
	}
}

func (c *Ctx) replyCategories(set categorySet) {
	c.Reply.Set(bits.OnesCount32(uint32(set)))
	for ; set != 0; set &= set - 1 {
		c.Reply.Simple("@" + set.name())
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
	c.replyWords(s.access)
	r.BulkString("begin_search")
	if s.search == searchUnknown {
		c.replyUnknown()
		r.BulkString("find_keys")
		c.replyUnknown()
		return
	}
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

// replyUnknown writes how keys are found that no rule finds.
func (c *Ctx) replyUnknown() {
	c.Reply.Map(2)
	c.Reply.BulkString("type")
	c.Reply.BulkString("unknown")
	c.replySpec("")
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
		of := categoryNamed(c.Argv[4])
		match = func(row *entry) bool { return row.categories()&of != 0 }
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
	if !row.namesKeys() {
		c.Reply.Error("ERR The command has no key arguments")
		return
	}
	if !row.fits(len(argv)) {
		c.Reply.Error("ERR Invalid number of arguments specified for command")
		return
	}
	uses, ok := row.keysUsed(argv)
	if !ok && row.Flags&NoMandatoryKeys == 0 {
		c.Reply.Error("ERR Invalid arguments specified for command")
		return
	}
	c.Reply.Array(len(uses))
	for _, use := range uses {
		if !withFlags {
			c.Reply.Bulk(argv[use.at])
			continue
		}
		c.Reply.Array(2)
		c.Reply.Bulk(argv[use.at])
		c.replyWords(use.does)
	}
}

// replyWords writes a set of words.
func (c *Ctx) replyWords(list string) {
	words := fields(list)
	c.Reply.Set(len(words))
	for _, word := range words {
		c.Reply.Simple(word)
	}
}
