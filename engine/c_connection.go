package engine

import "slices"

const connectionFlags = NoScript | Loading | Stale

var connectionCommands = []Command{
	{
		Name: "AUTH", Syntax: "[username] password", Flags: connectionFlags | Fast | NoAuth | AllowBusy,
		Since: "1.0.0", Complexity: "O(N) where N is the number of passwords defined for the user",
		Summary: "Authenticates the connection.",
		Example: `
> CONFIG SET requirepass secret
OK
> AUTH default secret
OK`,
		Run: authCommand,
	},
	{
		Name: "CLIENT", Since: "2.4.0", Complexity: "Depends on subcommand.",
		Summary: "A container for client connection commands.",
		Subs:    clientSubcommands,
	},
	{
		Name: "ECHO", Syntax: "message", Flags: Fast | Loading | Stale, Since: "1.0.0", Complexity: "O(1)",
		Summary: "Returns the given string.",
		Example: `
> ECHO hello
"hello"`,
		Run: func(c *Ctx) { c.Reply.Bulk(c.Argv[1]) },
	},
	{
		Name: "HELLO", Syntax: "[protover [AUTH username password] [SETNAME clientname]]",
		Flags: connectionFlags | Fast | NoAuth | AllowBusy, Since: "6.0.0", Complexity: "O(1)",
		Summary: "Handshakes with the server.",
		Example: `
> HELLO
 1) "server"
 2) "redis"
...
 5) "proto"
 6) (integer) 2
...`,
		Run: helloCommand,
	},
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
	{
		Name: "QUIT", Flags: connectionFlags | Fast | NoAuth | AllowBusy | runsInsideMulti, Arity: -1, Since: "1.0.0",
		Complexity: "O(1)", Deprecated: "7.2.0", ReplacedBy: "just closing the connection",
		Summary: "Closes the connection.",
		Example: `
> QUIT
OK
...`,
		Run: quitCommand,
	},
	{
		Name: "RESET", Flags: connectionFlags | Fast | NoAuth | AllowBusy | runsInsideMulti, Since: "6.2.0",
		Complexity: "O(1)",
		Summary:    "Resets the connection.",
		Example: `
> SELECT 1
OK
> RESET
RESET
> PING
PONG`,
		Run: resetCommand,
	},
	{
		Name: "SELECT", Syntax: "index", Flags: Fast | Loading | Stale, Since: "1.0.0", Complexity: "O(1)",
		Summary: "Changes the selected database.",
		Example: `
> SELECT 1
OK
> SELECT 99
(error) ERR DB index is out of range`,
		Run: selectCommand,
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

func quitCommand(c *Ctx) {
	c.Reply.OK()
	c.e.finish(c.Client)
}

func selectCommand(c *Ctx) {
	db, ok := c.otherDB(1)
	if !ok {
		return
	}
	c.Client.db, c.DB = db.id, db
	c.Reply.OK()
}

// resetCommand makes the connection what it was when it was opened.
func resetCommand(c *Ctx) {
	client := c.Client
	c.e.discard(client)
	c.e.unsubscribeAll(client)
	c.e.removeMonitor(client)
	c.e.untrack(client)
	client.db, client.name = 0, ""
	client.reply.proto = 2
	client.set(flagReplyOff|flagReplySkipNext|flagNoEvict|flagNoTouch, false)
	c.e.greet(client)
	c.Reply.Simple("RESET")
}

const (
	errWrongPass  = "WRONGPASS invalid username-password pair or user is disabled."
	errNoPassword = "ERR AUTH <password> called without any password configured for the default user. " +
		"Are you sure your configuration is correct?"
	errHelloNoAuth = "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO " +
		"<proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol " +
		"version at the same time"
	errClientName = "ERR Client names cannot contain spaces, newlines or special characters."
)

func authCommand(c *Ctx) {
	name, password := []byte(defaultUser), c.Argv[1]
	switch {
	case len(c.Argv) > 3:
		c.syntaxError()
		return
	case len(c.Argv) == 3:
		name, password = c.Argv[1], c.Argv[2]
	case c.e.acl.everyone.noPassword:
		c.Reply.Error(errNoPassword)
		return
	}
	if u := c.login(name, password); u != nil {
		c.Client.become(u)
		c.Reply.OK()
	}
}

// login returns the user that a name and a password belong to, or replies that there is none and notes it
// in the log.
func (c *Ctx) login(name, password []byte) *user {
	u := c.e.authenticate(name, password)
	if u == nil {
		context := "toplevel"
		if c.deny {
			context = "multi"
		}
		c.e.acl.log.note(c.e, c.Client, aclEvent{deniedAuth, context, string(c.Argv[0]), string(name)})
		c.Reply.Error(errWrongPass)
	}
	return u
}

// helloCommand switches protocol, authenticates and names the client: all of it or nothing.
func helloCommand(c *Ctx) {
	proto := int64(c.Client.reply.proto)
	if len(c.Argv) > 1 {
		var ok bool
		if proto, ok = c.intOr(1, "ERR Protocol version is not an integer or out of range"); !ok {
			return
		}
		if proto != 2 && proto != 3 {
			c.Reply.Error("NOPROTO unsupported protocol version")
			return
		}
	}
	if !c.helloOptions() {
		return
	}
	if !c.Client.has(flagAuthenticated) && !c.e.OpenToStrangers() {
		c.Reply.Error(errHelloNoAuth)
		return
	}
	c.Client.reply.proto = int(proto)
	c.replyHello(proto)
}

// helloOptions reads AUTH and SETNAME and carries them out once both are known to be right.
func (c *Ctx) helloOptions() bool {
	var name []byte
	var account *user
	named := false
	for i := 2; i < len(c.Argv); {
		rest := len(c.Argv) - i - 1
		switch {
		case c.is(i, "AUTH") && rest >= 2:
			if account = c.login(c.Argv[i+1], c.Argv[i+2]); account == nil {
				return false
			}
			i += 3
		case c.is(i, "SETNAME") && rest >= 1:
			name, named = c.Argv[i+1], true
			if !validName(name) {
				c.Reply.Error(errClientName)
				return false
			}
			i += 2
		default:
			c.Reply.Error("ERR Syntax error in HELLO option '" + clip(c.Argv[i], maxShownName) + "'")
			return false
		}
	}
	if account != nil {
		c.Client.become(account)
	}
	if named && (c.Client.has(flagAuthenticated) || c.e.OpenToStrangers()) {
		c.Client.name = string(name)
	}
	return true
}

func (c *Ctx) replyHello(proto int64) {
	r := c.Reply
	r.Map(7)
	r.BulkString("server")
	r.BulkString("redis")
	r.BulkString("version")
	r.BulkString(referenceVersion)
	r.BulkString("proto")
	r.Int(proto)
	r.BulkString("id")
	r.Int(c.Client.id)
	r.BulkString("mode")
	r.BulkString("standalone")
	r.BulkString("role")
	r.BulkString("master")
	r.BulkString("modules")
	r.Array(0)
}

// validName reports whether a client may be called so: printable ASCII without blanks.
func validName(name []byte) bool {
	for _, ch := range name {
		if ch < '!' || ch > '~' {
			return false
		}
	}
	return true
}

// clientByID finds a connection, nil if there is none.
func (e *Engine) clientByID(id int64) *Client {
	if i, found := slices.BinarySearchFunc(e.clients, id, byID); found {
		return e.clients[i]
	}
	return nil
}
