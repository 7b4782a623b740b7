//go:build !core

package engine

// COMMANDLOG, Valkey's, has three logs of one kind: "slow" is that of SLOWLOG, and there are one of the commands
// with large requests and one of those with large replies.

var commandlogCommands = []Command{
	{
		Name: "COMMANDLOG", Since: "8.1.0", Origin: "Valkey", Complexity: "Depends on subcommand.",
		Summary: "A container for command log commands.",
		Subs:    commandlogSubcommands,
	},
}

const commandlogType = "<SLOW | LARGE-REQUEST | LARGE-REPLY>"

var commandlogSubcommands = []Command{
	{
		Name: "GET", Syntax: "count " + commandlogType, Flags: Admin | Loading | Stale, Arity: -4,
		Since: "8.1.0", Origin: "Valkey", Complexity: "O(N) where N is the number of entries returned",
		Summary: "Returns the entries of a command log.",
		Example: `
> CONFIG SET commandlog-reply-larger-than 10
OK
> ECHO "twenty bytes of text"
"twenty bytes of text"
> CONFIG SET commandlog-reply-larger-than -1
OK
> COMMANDLOG GET -1 large-reply
1) 1) (integer) 0
   2) (integer) ...
   3) (integer) 27
   4) 1) "ECHO"
      2) "twenty bytes of text"
   5) "..."
   6) ""`,
		Run: commandlogGet,
	},
	{
		Name: "HELP", Flags: Loading | Stale, Since: "8.1.0", Origin: "Valkey", Complexity: "O(1)",
		Summary: "Returns helpful text about the different subcommands.",
		Example: `
> COMMANDLOG HELP
 1) COMMANDLOG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:
...`,
		Run: func(c *Ctx) { c.help(commandlogHelp) },
	},
	{
		Name: "LEN", Syntax: commandlogType, Flags: Admin | Loading | Stale, Arity: -3,
		Since: "8.1.0", Origin: "Valkey", Complexity: "O(1)",
		Summary: "Returns the number of entries in a command log.",
		Example: `
> COMMANDLOG LEN large-request
(integer) 0`,
		Run: commandlogLen,
	},
	{
		Name: "RESET", Syntax: commandlogType, Flags: Admin | Loading | Stale, Arity: -3,
		Since: "8.1.0", Origin: "Valkey", Complexity: "O(N) where N is the number of entries in the command log",
		Summary: "Clears all entries from a command log.",
		Example: `
> COMMANDLOG RESET slow
OK`,
		Run: commandlogReset,
	},
}

var commandlogHelp = []string{
	"GET <count> <type>",
	"    Return top <count> entries of the specified <type> from the commandlog (-1 mean all).",
	"    Entries are made of:",
	"    id, timestamp,",
	"        time in microseconds for type of slow,",
	"        or size in bytes for type of large-request,",
	"        or size in bytes for type of large-reply",
	"    arguments array, client IP and port,",
	"    client name",
	"LEN <type>",
	"    Return the length of the specified type of commandlog.",
	"RESET <type>",
	"    Reset the specified type of commandlog.",
}

// commandLog reads which log is meant, the last of length arguments.
func (c *Ctx) commandLog(length int) *slowlog {
	switch {
	case len(c.Argv) != length:
		c.subcommandError()
		return nil
	case c.is(length-1, "SLOW"):
		return &c.e.slowlog
	case c.is(length-1, "LARGE-REQUEST"):
		return &c.e.large.requests
	case c.is(length-1, "LARGE-REPLY"):
		return &c.e.large.replies
	}
	c.Reply.Error("ERR type should be one of the following: slow, large-request, large-reply")
	return nil
}

func commandlogGet(c *Ctx) {
	count := int64(0)
	if len(c.Argv) == 4 {
		var ok bool
		if count, ok = c.intAtLeast(2, -1, "ERR count should be greater than or equal to -1"); !ok {
			return
		}
	}
	if l := c.commandLog(4); l != nil {
		c.replyLog(l, count)
	}
}

func commandlogLen(c *Ctx) {
	if l := c.commandLog(3); l != nil {
		c.Reply.Int(int64(len(l.entries)))
	}
}

func commandlogReset(c *Ctx) {
	if l := c.commandLog(3); l != nil {
		l.entries = nil
		c.Reply.OK()
	}
}
