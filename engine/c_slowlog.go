package engine

var slowlogCommands = []Command{
	{
		Name: "SLOWLOG", Since: "2.2.12", Complexity: "Depends on subcommand.",
		Summary: "A container for slow log commands.",
		Subs:    slowlogSubcommands,
	},
}

var slowlogSubcommands = []Command{
	{
		Name: "GET", Syntax: "[count]", Flags: Admin | Loading | Stale, Since: "2.2.12",
		Complexity: "O(N) where N is the number of entries returned",
		Summary:    "Returns the slow log's entries.",
		Example: `
> SLOWLOG GET
(empty array)`,
		Run: slowlogGet,
	},
	{
		Name: "HELP", Flags: Loading | Stale, Since: "6.2.0", Complexity: "O(1)",
		Summary: "Returns helpful text about the different subcommands.",
		Example: `
> SLOWLOG HELP
 1) SLOWLOG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:
...`,
		Run: func(c *Ctx) { c.help(slowlogHelp) },
	},
	{
		Name: "LEN", Flags: Admin | Loading | Stale, Since: "2.2.12", Complexity: "O(1)",
		Summary: "Returns the number of entries in the slow log.",
		Example: `
> SLOWLOG LEN
(integer) 0`,
		Run: func(c *Ctx) { c.Reply.Int(int64(len(c.e.slowlog.entries))) },
	},
	{
		Name: "RESET", Flags: Admin | Loading | Stale, Since: "2.2.12",
		Complexity: "O(N) where N is the number of entries in the slowlog",
		Summary:    "Clears all entries from the slow log.",
		Example: `
> SLOWLOG RESET
OK`,
		Run: func(c *Ctx) {
			c.e.slowlog.entries = nil
			c.Reply.OK()
		},
	},
}

var slowlogHelp = []string{
	"GET [<count>]",
	"    Return top <count> entries from the slowlog (default: 10, -1 mean all).",
	"    Entries are made of:",
	"    id, timestamp, time in microseconds, arguments array, client IP and port,",
	"    client name",
	"LEN",
	"    Return the length of the slowlog.",
	"RESET",
	"    Reset the slowlog.",
}

func slowlogGet(c *Ctx) {
	count := int64(10)
	if len(c.Argv) > 3 {
		c.subcommandError()
		return
	}
	if len(c.Argv) == 3 {
		var ok bool
		if count, ok = c.intAtLeast(2, -1, "ERR count should be greater than or equal to -1"); !ok {
			return
		}
	}
	c.replyLog(&c.e.slowlog, count)
}

// replyLog replies the newest entries of a log, so many or, below 0, all.
func (c *Ctx) replyLog(l *slowlog, count int64) {
	entries := l.entries
	if count >= 0 && count < int64(len(entries)) {
		entries = entries[:count]
	}
	c.Reply.Array(len(entries))
	for i := range entries {
		c.replySlow(&entries[i])
	}
}

func (c *Ctx) replySlow(entry *slowEntry) {
	c.Reply.Array(6)
	c.Reply.Int(entry.id)
	c.Reply.Int(entry.at)
	c.Reply.Int(entry.took)
	c.Reply.Array(len(entry.argv))
	for _, arg := range entry.argv {
		c.Reply.Bulk(arg)
	}
	c.Reply.BulkString(entry.peer)
	c.Reply.BulkString(entry.name)
}
