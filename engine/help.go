package engine

// help answers the HELP sub-command of a container: a head, the lines given, and HELP itself.
func (c *Ctx) help(lines []string) {
	c.Reply.Array(len(lines) + 3)
	c.Reply.Simple(c.cmd.parent.Name + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:")
	for _, line := range lines {
		c.Reply.Simple(line)
	}
	c.Reply.Simple("HELP")
	c.Reply.Simple("    Prints this help.")
}
