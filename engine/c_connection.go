package engine

var connectionCommands = []Command{
	{
		Name: "PING", Syntax: "[message]", Flags: Fast, Since: "1.0.0", Complexity: "O(1)",
		Summary: "Returns the server's liveliness response.",
		Example: `
> PING
PONG
> PING hello
"hello"`,
		Run: pingCommand,
	},
}

func pingCommand(c *Ctx) {
	switch {
	case len(c.Argv) > 2:
		c.wrongArity()
	case c.Client.listening() && c.Reply.proto == 2:
		c.Reply.Array(2)
		c.Reply.BulkString("pong")
		if len(c.Argv) == 2 {
			c.Reply.Bulk(c.Argv[1])
		} else {
			c.Reply.BulkString("")
		}
	case len(c.Argv) == 2:
		c.Reply.Bulk(c.Argv[1])
	default:
		c.Reply.Simple("PONG")
	}
}
