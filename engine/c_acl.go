package engine

const aclFlags = NoScript | Loading | Stale

var aclCommands = []Command{
	{
		Name: "ACL", Since: "6.0.0", Complexity: "Depends on subcommand.",
		Summary: "A container for Access List Control commands.",
		Subs:    aclSubcommands,
	},
}

var aclSubcommands = []Command{
	{
		Name: "CAT", Syntax: "[categoryname]", Flags: aclFlags, Since: "6.0.0",
		Complexity: "O(1) since the categories and commands are a fixed set.",
		Summary:    "Lists the ACL categories, or the commands inside a category.",
		Example: `
> ACL CAT transaction
1) "discard"
2) "exec"
3) "multi"
4) "unwatch"
5) "watch"`,
		Run: aclCat,
	},
	{
		Name: "DELUSER", Syntax: "username [username ...]", Flags: aclFlags | Admin, Since: "6.0.0",
		Complexity: "O(1) amortized time considering the typical user.",
		Summary:    "Deletes ACL users, and terminates their connections.",
		Example: `
> ACL SETUSER guest on nopass ~pages:* +get
OK
> ACL DELUSER guest
(integer) 1`,
		Run: aclDelUser,
	},
	{
		Name: "DRYRUN", Syntax: "username command [arg [arg ...]]", Flags: aclFlags | Admin, Since: "7.0.0",
		Complexity: "O(1).",
		Summary:    "Simulates the execution of a command by a user, without executing the command.",
		Example: `
> ACL SETUSER guest +get ~pages:*
OK
> ACL DRYRUN guest GET pages:1
OK
> ACL DRYRUN guest SET pages:1 x
"This user has no permissions to run the 'set' command"`,
		Run: aclDryRun,
	},
	{
		Name: "GENPASS", Syntax: "[bits:integer]", Flags: aclFlags, Since: "6.0.0", Complexity: "O(1)",
		Summary: "Generates a pseudorandom, secure password that can be used to identify ACL users.",
		Example: `
> ACL GENPASS 32
"..."`,
		Run: aclGenPass,
	},
	{
		Name: "GETUSER", Syntax: "username", Flags: aclFlags | Admin, Since: "6.0.0",
		Complexity: "O(N). Where N is the number of password, command and pattern rules that the user has.",
		Summary:    "Lists the ACL rules of a user.",
		Example: `
> ACL GETUSER default
 1) "flags"
 2) 1) "on"
    2) "nopass"
 3) "passwords"
 4) (empty array)
 5) "commands"
 6) "+@all"
 7) "keys"
 8) "~*"
 9) "channels"
10) "&*"
11) "selectors"
12) (empty array)`,
		Run: aclGetUser,
	},
	{
		Name: "HELP", Flags: Loading | Stale, Since: "6.0.0", Complexity: "O(1)",
		Summary: "Returns helpful text about the different subcommands.",
		Example: `
> ACL HELP
 1) ACL <subcommand> [<arg> [value] [opt] ...]. Subcommands are:
...`,
		Run: func(c *Ctx) { c.help(aclHelp) },
	},
	{
		Name: "LIST", Flags: aclFlags | Admin, Since: "6.0.0",
		Complexity: "O(N). Where N is the number of configured users.",
		Summary:    "Dumps the effective rules in ACL file format.",
		Example: `
> ACL LIST
1) "user default on nopass ~* &* +@all"`,
		Run: aclList,
	},
	{
		Name: "LOAD", Flags: aclFlags | Admin, Since: "6.0.0",
		Complexity: "O(N). Where N is the number of configured users.",
		Summary:    "Reloads the rules from the configured ACL file.",
		Example: `
> ACL LOAD
(error) ERR This Redis instance is not configured to use an ACL file. ...`,
		Run: func(c *Ctx) { c.askForUsers(RequestLoadUsers) },
	},
	{
		Name: "LOG", Syntax: "[count | RESET]", Flags: aclFlags | Admin, Since: "6.0.0",
		Complexity: "O(N) with N being the number of entries shown.",
		Summary:    "Lists recent security events generated due to ACL rules.",
		Example: `
> ACL LOG
(empty array)`,
		Run: aclLogCommand,
	},
	{
		Name: "SAVE", Flags: aclFlags | Admin, Since: "6.0.0",
		Complexity: "O(N). Where N is the number of configured users.",
		Summary:    "Saves the effective ACL rules in the configured ACL file.",
		Example: `
> ACL SAVE
(error) ERR This Redis instance is not configured to use an ACL file. ...`,
		Run: func(c *Ctx) { c.askForUsers(RequestSaveUsers) },
	},
	{
		Name: "SETUSER", Syntax: "username [rule [rule ...]]", Flags: aclFlags | Admin, Since: "6.0.0",
		Complexity: "O(N). Where N is the number of rules provided.",
		Summary:    "Creates and modifies an ACL user and its rules.",
		Example: `
> ACL SETUSER guest on >secret ~pages:* +@read -keys
OK
> AUTH guest secret
OK
> GET pages:1
(nil)
> SET pages:1 x
(error) NOPERM this user has no permissions to run the 'set' command`,
		Run: aclSetUser,
	},
	{
		Name: "USERS", Flags: aclFlags | Admin, Since: "6.0.0",
		Complexity: "O(N). Where N is the number of configured users.",
		Summary:    "Lists all ACL users.",
		Example: `
> ACL USERS
1) "default"`,
		Run: aclUsers,
	},
	{
		Name: "WHOAMI", Flags: aclFlags, Since: "6.0.0", Complexity: "O(1)",
		Summary: "Returns the authenticated username of the current connection.",
		Example: `
> ACL WHOAMI
"default"`,
		Run: func(c *Ctx) { c.Reply.BulkString(c.Client.user.name) },
	},
}

var aclHelp = []string{
	"CAT [<category>]",
	"    List all commands that belong to <category>, or all command categories",
	"    when no category is specified.",
	"DELUSER <username> [<username> ...]",
	"    Delete a list of users.",
	"DRYRUN <username> <command> [<arg> ...]",
	"    Returns whether the user can execute the given command without executing the command.",
	"GETUSER <username>",
	"    Get the user's details.",
	"GENPASS [<bits>]",
	"    Generate a secure 256-bit user password. The optional `bits` argument can",
	"    be used to specify a different size.",
	"LIST",
	"    Show users details in config file format.",
	"LOAD",
	"    Reload users from the ACL file.",
	"LOG [<count> | RESET]",
	"    Show the ACL log entries.",
	"SAVE",
	"    Save the current config to the ACL file.",
	"SETUSER <username> <attribute> [<attribute> ...]",
	"    Create or modify a user with the specified attributes.",
	"USERS",
	"    List all the registered usernames.",
	"WHOAMI",
	"    Return the current connection username.",
}

func aclCat(c *Ctx) {
	switch {
	case len(c.Argv) > 3:
		c.subcommandError()
		return
	case len(c.Argv) == 2:
		c.Reply.Array(len(categoryNames))
		for _, name := range categoryNames {
			c.Reply.BulkString(name)
		}
		return
	}
	of := categoryNamed(c.Argv[2])
	if of == 0 {
		c.Reply.Error("ERR Unknown category '" + clip(c.Argv[2], maxShownName) + "'")
		return
	}
	mark, n := c.Reply.Later(), 0
	for _, row := range c.e.commands.entries {
		for _, en := range append([]*entry{row}, row.subs...) {
			if en.categories()&of != 0 {
				c.Reply.BulkString(en.full)
				n++
			}
		}
	}
	c.Reply.ArrayAt(mark, n)
}

// aclSetUser changes a copy first: a request with a rule that is wrong changes nothing.
func aclSetUser(c *Ctx) {
	e, name := c.e, string(c.Argv[2])
	if hasSpaces(name) {
		c.Reply.Error("ERR Usernames can't contain spaces or null characters")
		return
	}
	words := make([]string, 0, len(c.Argv)-3)
	for _, arg := range c.Argv[3:] {
		words = append(words, string(arg))
	}
	rules, unmatched := mergeRules(words)
	if unmatched != "" {
		c.Reply.Error("ERR Unmatched parenthesis in acl selector starting at '" + unmatched + "'.")
		return
	}
	u := e.acl.user(name)
	changed := e.acl.stranger(name)
	if u != nil {
		changed = u.copyOf()
	}
	for _, rule := range rules {
		if why := e.applyRule(changed, rule); why != "" {
			c.Reply.Error("ERR Error in ACL SETUSER modifier '" + upToNul([]byte(rule)) + "': " + string(why))
			return
		}
	}
	c.Reply.OK()
	if u == nil {
		u = e.acl.add(name)
	}
	e.muteListeners(u, changed)
	*u = *changed
	e.refreshClients(u)
}

func aclDelUser(c *Ctx) {
	for _, name := range c.Argv[2:] {
		if string(name) == defaultUser {
			c.Reply.Error("ERR The 'default' user cannot be removed")
			return
		}
	}
	deleted := int64(0)
	for _, name := range c.Argv[2:] {
		at, found := c.e.acl.find(string(name))
		if !found {
			continue
		}
		u := c.e.acl.users[at]
		c.e.acl.users = append(c.e.acl.users[:at], c.e.acl.users[at+1:]...)
		c.e.dismiss(u)
		deleted++
	}
	c.Reply.Int(deleted)
}

func aclGetUser(c *Ctx) {
	u := c.e.acl.user(string(c.Argv[2]))
	if u == nil {
		c.Reply.Null()
		return
	}
	r := c.Reply
	r.Map(6)
	r.BulkString("flags")
	flags := u.flagNames()
	r.Set(len(flags))
	for _, name := range flags {
		r.BulkString(name)
	}
	r.BulkString("passwords")
	r.Array(len(u.passwords))
	for _, hash := range u.passwords {
		r.BulkString(hash)
	}
	c.replySelector(u.selectors[0])
	r.BulkString("selectors")
	r.Array(len(u.selectors) - 1)
	for _, s := range u.selectors[1:] {
		r.Map(3)
		c.replySelector(s)
	}
}

// replySelector writes three of the pairs of a map.
func (c *Ctx) replySelector(s *selector) {
	c.Reply.BulkString("commands")
	c.Reply.BulkString(c.e.commandRules(s))
	c.Reply.BulkString("keys")
	c.Reply.BulkString(s.keyRules())
	c.Reply.BulkString("channels")
	c.Reply.BulkString(s.channelRules())
}

func aclList(c *Ctx) {
	lines := c.e.UserLines()
	c.Reply.Array(len(lines))
	for _, line := range lines {
		c.Reply.BulkString(line)
	}
}

func aclUsers(c *Ctx) {
	c.Reply.Array(len(c.e.acl.users))
	for _, u := range c.e.acl.users {
		c.Reply.BulkString(u.name)
	}
}

// maxPassBits is the longest password that GENPASS makes.
const maxPassBits = 4096

func aclGenPass(c *Ctx) {
	const hex = "0123456789abcdef"
	bits := int64(256)
	switch {
	case len(c.Argv) > 3:
		c.subcommandError()
		return
	case len(c.Argv) == 3:
		var ok bool
		if bits, ok = c.intBetween(2, 1, maxPassBits, "ERR ACL GENPASS argument must be the number of bits for the "+
			"output password, a positive number up to 4096"); !ok {
			return
		}
	}
	word := make([]byte, (bits+3)/4)
	for i := range word {
		word[i] = hex[c.e.random.Intn(16)]
	}
	c.Reply.Bulk(word)
}

func aclDryRun(c *Ctx) {
	u, argv := c.e.acl.user(string(c.Argv[2])), c.Argv[3:]
	row, _ := c.e.commands.find(argv)
	switch {
	case u == nil:
		c.Reply.Error("ERR User '" + upToNul(c.Argv[2]) + "' not found")
		return
	case row == nil:
		c.Reply.Error("ERR Command '" + upToNul(argv[0]) + "' not found")
		return
	case !row.fits(len(argv)):
		c.Reply.Error(arityError(row))
		return
	}
	switch why, at := u.check(row, argv); why {
	case deniedCommand:
		c.Reply.BulkString("This user has no permissions to run the '" + row.full + "' command")
	case deniedKey:
		c.Reply.BulkString("This user has no permissions to access the '" + upToNul(argv[at]) + "' key")
	case deniedChannel:
		c.Reply.BulkString("This user has no permissions to access the '" + upToNul(argv[at]) + "' channel")
	default:
		c.Reply.OK()
	}
}

// askForUsers has the host read the ACL file or write it.
func (c *Ctx) askForUsers(kind RequestKind) {
	if path, _ := c.e.ConfigGet("aclfile"); path == "" {
		c.Reply.Error("ERR This Redis instance is not configured to use an ACL file. You may want to specify users " +
			"via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration " +
			"file set) in order to store users in the Redis configuration.")
		return
	}
	c.await(kind, "")
}
