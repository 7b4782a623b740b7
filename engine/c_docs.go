package engine

// COMMAND DOCS, from the rows themselves. Beside what the reference's servers tell, a row says its
// whole "syntax" in one line and an "example" that can be run: the console shows both.

func commandDocs(c *Ctx) {
	if len(c.Argv) == 2 {
		c.Reply.Map(len(c.e.commands.entries))
		for _, row := range c.e.commands.entries {
			c.replyDocs(row)
		}
		return
	}
	mark, n := c.Reply.Later(), 0
	for _, name := range c.Argv[2:] {
		if row := c.e.entryNamed(name); row != nil {
			c.replyDocs(row)
			n++
		}
	}
	c.Reply.MapAt(mark, n)
}

// replyDocs writes a row's name and the map of what is known about it.
func (c *Ctx) replyDocs(row *entry) {
	r := c.Reply
	r.BulkString(row.full)
	mark, n := r.Later(), 0
	text := func(name, value string) {
		if value != "" {
			r.BulkString(name)
			r.BulkString(value)
			n++
		}
	}
	text("summary", row.Summary)
	text("since", row.Since)
	text("group", row.group)
	text("complexity", row.Complexity)
	if flag := row.docFlag(); flag != "" {
		r.BulkString("doc_flags")
		r.Set(1)
		r.Simple(flag)
		n++
	}
	text("deprecated_since", row.Deprecated)
	text("replaced_by", row.ReplacedBy)
	text("syntax", row.Syntax)
	text("example", row.Example)
	if args := row.arguments(); len(args) > 0 {
		r.BulkString("arguments")
		keys := docKeys{row, 0}
		c.replyArguments(args, &keys)
		n++
	}
	if len(row.subs) > 0 {
		r.BulkString("subcommands")
		r.Map(len(row.subs))
		for _, sub := range row.subs {
			c.replyDocs(sub)
		}
		n++
	}
	r.MapAt(mark, n)
}

// docFlag says for whom a command is not: nobody any more, or for those who work on the server itself.
func (en *entry) docFlag() string {
	switch {
	case en.Deprecated != "":
		return "deprecated"
	case containsWord(" debug pfdebug pfselftest replconf restore-asking ", en.full):
		return "syscmd"
	}
	return ""
}

// docKeys tells which key spec an argument belongs to, as they are met in order.
type docKeys struct {
	row *entry
	met int
}

// next returns the number of an argument's key spec, -1 if it has none. SORT's patterns lead to keys.
func (k *docKeys) next(arg *argument) int {
	last := len(k.row.keySpecs()) - 1
	if last > 0 && arg.kind == patternArgument && (k.row.Name == "SORT" || k.row.Name == "SORT_RO") {
		k.met = 2
		return 1
	}
	if arg.kind != keyArgument {
		return -1
	}
	k.met++
	return min(k.met-1, last)
}

// replyArguments writes arguments as COMMAND DOCS does.
func (c *Ctx) replyArguments(args []argument, keys *docKeys) {
	c.Reply.Array(len(args))
	for i := range args {
		c.replyArgument(&args[i], keys)
	}
}

func (c *Ctx) replyArgument(arg *argument, keys *docKeys) {
	r := c.Reply
	mark, n := r.Later(), 2
	r.BulkString("name")
	r.BulkString(arg.name)
	r.BulkString("type")
	r.BulkString(argumentKindNames[arg.kind])
	if spec := keys.next(arg); spec >= 0 {
		r.BulkString("key_spec_index")
		r.Int(int64(spec))
		n++
	}
	if arg.token != "" {
		r.BulkString("token")
		r.BulkString(arg.token)
		n++
	}
	if arg.optional || arg.multiple {
		r.BulkString("flags")
		r.Set(int(boolInt(arg.optional) + boolInt(arg.multiple) + boolInt(arg.eachTime)))
		if arg.optional {
			r.Simple("optional")
		}
		if arg.multiple {
			r.Simple("multiple")
		}
		if arg.eachTime {
			r.Simple("multiple_token")
		}
		n++
	}
	if len(arg.parts) > 0 {
		r.BulkString("arguments")
		c.replyArguments(arg.parts, keys)
		n++
	}
	r.MapAt(mark, n)
}
