package engine

var genericCommands = []Command{
	{
		Name: "DEL", Syntax: "key [key ...]", Flags: Write, Since: "1.0.0",
		Complexity: "O(N), where N is the number of keys",
		Summary:    "Deletes one or more keys.",
		Example: `
> SET greeting hello
OK
> DEL greeting nothing
(integer) 1`,
		Run: delCommand,
	},
}

func delCommand(c *Ctx) {
	deleted := int64(0)
	for _, key := range c.Argv[1:] {
		if ref := c.findWrite(key); ref != 0 {
			c.remove(key, ref)
			c.Effect([]byte("DEL"), key)
			c.Notify(notifyGeneric, "del", key)
			deleted++
		}
	}
	c.Reply.Int(deleted)
}
