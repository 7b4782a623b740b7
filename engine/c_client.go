package engine

const clientAdmin = connectionFlags | Admin

var clientSubcommands = []Command{
	{
		Name: "CACHING", Syntax: "<YES | NO>", Flags: connectionFlags, Since: "6.0.0", Complexity: "O(1)",
		Summary: "Instructs the server whether to track the keys in the next request.",
		Example: `
> CLIENT TRACKING ON OPTIN
OK
> CLIENT CACHING YES
OK`,
		Run: clientCaching,
	},
	{
		Name: "CAPA", Syntax: "capability [capability ...]", Flags: connectionFlags, Since: "8.0.0", Origin: "Valkey",
		Complexity: "O(1)",
		Summary:    "Says what the client understands. No answer of a lone server depends on it.",
		Example: `
> CLIENT CAPA redirect
OK`,
		Run: clientCapa,
	},
	{
		Name: "GETNAME", Flags: connectionFlags, Since: "2.6.9", Complexity: "O(1)",
		Summary: "Returns the name of the connection.",
		Example: `
> CLIENT SETNAME worker
OK
> CLIENT GETNAME
"worker"`,
		Run: func(c *Ctx) {
			if c.Client.name == "" {
				c.Reply.Null()
				return
			}
			c.Reply.BulkString(c.Client.name)
		},
	},
	{
		Name: "GETREDIR", Flags: connectionFlags, Since: "6.0.0", Complexity: "O(1)",
		Summary: "Returns the client ID to which the connection's tracking notifications are redirected.",
		Example: `
> CLIENT GETREDIR
(integer) -1
> CLIENT TRACKING ON
OK
> CLIENT GETREDIR
(integer) 0`,
		Run: func(c *Ctx) { c.Reply.Int(c.Client.redirection()) },
	},
	{
		Name: "HELP", Flags: Loading | Stale, Since: "5.0.0", Complexity: "O(1)",
		Summary: "Returns helpful text about the different subcommands.",
		Example: `
> CLIENT HELP
 1) CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:
...`,
		Run: func(c *Ctx) { c.help(clientHelp) },
	},
	{
		Name: "ID", Flags: connectionFlags, Since: "5.0.0", Complexity: "O(1)",
		Summary: "Returns the unique client ID of the connection.",
		Example: `
> CLIENT ID
(integer) 1`,
		Run: func(c *Ctx) { c.Reply.Int(c.Client.id) },
	},
	{
		Name: "INFO", Flags: connectionFlags, Since: "6.2.0", Complexity: "O(1)",
		Summary: "Returns information about the connection.",
		Example: `
> CLIENT INFO
"id=1 addr=127.0.0.1:... cmd=client|info user=default ..."`,
		Run: func(c *Ctx) { c.Reply.Verbatim("txt", c.e.clientLine(c.Client)+"\n") },
	},
	{
		Name: "KILL",
		Syntax: "<ip:port | <[ID client-id] | [TYPE <NORMAL | MASTER | SLAVE | REPLICA | PUBSUB>] | [USER username] " +
			"| [ADDR ip:port] | [LADDR ip:port] | [SKIPME <YES | NO>] | [MAXAGE maxage]>>",
		Arity: -3, Flags: clientAdmin, Since: "2.4.0", Complexity: "O(N) where N is the number of client connections",
		Summary: "Terminates open connections. Several ids, IP, NAME, IDLE, FLAGS, LIB-NAME, LIB-VER, DB and CAPA, " +
			"and all of them with NOT- in front, are Valkey's.",
		Example: `
> CLIENT KILL ID 12345
(integer) 0
> CLIENT KILL NOT-NAME worker
(integer) 0`,
		Run: clientKill,
	},
	{
		Name: "LIST", Syntax: "[TYPE <NORMAL | MASTER | REPLICA | PUBSUB>] [ID client-id [client-id ...]]",
		Flags: clientAdmin, Since: "2.4.0", Complexity: "O(N) where N is the number of client connections",
		Summary: "Lists open connections. It takes all conditions of CLIENT KILL, as in Valkey.",
		Example: `
> CLIENT SETNAME worker
OK
> CLIENT LIST NAME worker
"id=1 addr=... name=worker ..."`,
		Run: clientList,
	},
	{
		Name: "NO-EVICT", Syntax: "<ON | OFF>", Flags: clientAdmin, Since: "7.0.0", Complexity: "O(1)",
		Summary: "Sets the client eviction mode of the connection.",
		Example: `
> CLIENT NO-EVICT ON
OK`,
		Run: func(c *Ctx) { c.switchFlag(flagNoEvict) },
	},
	{
		Name: "NO-TOUCH", Syntax: "<ON | OFF>", Flags: connectionFlags, Since: "7.2.0", Complexity: "O(1)",
		Summary: "Controls whether commands sent by the client affect the LRU/LFU of accessed keys.",
		Example: `
> CLIENT NO-TOUCH ON
OK`,
		Run: func(c *Ctx) { c.switchFlag(flagNoTouch) },
	},
	{
		Name: "PAUSE", Syntax: "timeout:integer [WRITE | ALL]", Flags: clientAdmin, Since: "3.0.0", Complexity: "O(1)",
		Summary: "Suspends commands processing.",
		Example: `
> CLIENT PAUSE 10 WRITE
OK
> CLIENT UNPAUSE
OK`,
		Run: clientPause,
	},
	{
		Name: "REPLY", Syntax: "<ON | OFF | SKIP>", Flags: connectionFlags, Since: "3.2.0", Complexity: "O(1)",
		Summary: "Instructs the server whether to reply to commands.",
		Example: `
> CLIENT REPLY ON
OK`,
		Run: clientReply,
	},
	{
		Name: "SETINFO", Syntax: "<LIB-NAME libname | LIB-VER libver>", Flags: connectionFlags, Since: "7.2.0",
		Complexity: "O(1)",
		Summary:    "Sets information specific to the client or connection.",
		Example: `
> CLIENT SETINFO LIB-NAME my-library
OK`,
		Run: clientSetInfo,
	},
	{
		Name: "SETNAME", Syntax: "connection-name", Flags: connectionFlags, Since: "2.6.9", Complexity: "O(1)",
		Summary: "Sets the connection name.",
		Example: `
> CLIENT SETNAME worker
OK
> CLIENT SETNAME "two words"
(error) ERR Client names cannot contain spaces, newlines or special characters.`,
		Run: clientSetName,
	},
	{
		Name: "TRACKING",
		Syntax: "<ON | OFF> [REDIRECT client-id] [PREFIX prefix [PREFIX prefix ...]] [BCAST] [OPTIN] [OPTOUT]" +
			" [NOLOOP]",
		Flags: connectionFlags, Since: "6.0.0",
		Complexity: "O(1). Some options may introduce additional complexity.",
		Summary:    "Controls server-assisted client-side caching for the connection.",
		Example: `
> CLIENT TRACKING ON
OK
> CLIENT TRACKING ON BCAST
(error) ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then ` +
			`re-enabling it with a different mode.
> CLIENT TRACKING OFF
OK`,
		Run: clientTracking,
	},
	{
		Name: "TRACKINGINFO", Flags: connectionFlags, Since: "6.2.0", Complexity: "O(1)",
		Summary: "Returns information about server-assisted client-side caching for the connection.",
		Example: `
> CLIENT TRACKING ON BCAST PREFIX user:
OK
> CLIENT TRACKINGINFO
1) "flags"
2) 1) "on"
   2) "bcast"
3) "redirect"
4) (integer) 0
5) "prefixes"
6) 1) "user:"`,
		Run: clientTrackingInfo,
	},
	{
		Name: "UNBLOCK", Syntax: "client-id [TIMEOUT | ERROR]", Flags: clientAdmin, Since: "5.0.0",
		Complexity: "O(log N) where N is the number of client connections",
		Summary:    "Unblocks a client blocked by a blocking command from a different connection.",
		Example: `
> CLIENT UNBLOCK 12345
(integer) 0`,
		Run: clientUnblock,
	},
	{
		Name: "UNPAUSE", Flags: clientAdmin, Since: "6.2.0", Complexity: "O(N) Where N is the number of paused clients",
		Summary: "Resumes processing commands from paused clients.",
		Example: `
> CLIENT UNPAUSE
OK`,
		Run: func(c *Ctx) {
			c.e.pause.until = min(c.e.pause.until, c.e.now)
			c.e.endPause()
			c.Reply.OK()
		},
	},
}

var clientHelp = []string{
	"CACHING (YES|NO)",
	"    Enable/disable tracking of the keys for next command in OPTIN/OPTOUT modes.",
	"GETREDIR",
	"    Return the client ID we are redirecting to when tracking is enabled.",
	"GETNAME",
	"    Return the name of the current connection.",
	"ID",
	"    Return the ID of the current connection.",
	"INFO",
	"    Return information about the current client connection.",
	"KILL <ip:port>",
	"    Kill connection made from <ip:port>.",
	"KILL <option> <value> [<option> <value> [...]]",
	"    Kill connections. Options are:",
	"    * ADDR (<ip:port>|<unixsocket>:0)",
	"      Kill connections made from the specified address",
	"    * LADDR (<ip:port>|<unixsocket>:0)",
	"      Kill connections made to specified local address",
	"    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
	"      Kill connections by type.",
	"    * USER <username>",
	"      Kill connections authenticated by <username>.",
	"    * SKIPME (YES|NO)",
	"      Skip killing current connection (default: yes).",
	"LIST [options ...]",
	"    Return information about client connections. Options:",
	"    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)",
	"      Return clients of specified type.",
	"UNPAUSE",
	"    Stop the current client pause, resuming traffic.",
	"PAUSE <timeout> [WRITE|ALL]",
	"    Suspend all, or just write, clients for <timeout> milliseconds.",
	"REPLY (ON|OFF|SKIP)",
	"    Control the replies sent to the current connection.",
	"SETNAME <name>",
	"    Assign the name <name> to the current connection.",
	"UNBLOCK <clientid> [TIMEOUT|ERROR]",
	"    Unblock the specified blocked client.",
	"TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]",
	"         [OPTIN] [OPTOUT] [NOLOOP]",
	"    Control server assisted client side caching.",
	"TRACKINGINFO",
	"    Report tracking status for the current connection.",
	"NO-EVICT (ON|OFF)",
	"    Protect current client connection from eviction.",
}

// switchFlag sets a flag of the client by an ON or OFF.
func (c *Ctx) switchFlag(f clientFlags) {
	on := c.is(2, "ON")
	if !on && !c.is(2, "OFF") {
		c.syntaxError()
		return
	}
	c.Client.set(f, on)
	c.Reply.OK()
}

func clientSetName(c *Ctx) {
	if !validName(c.Argv[2]) {
		c.Reply.Error(errClientName)
		return
	}
	c.Client.name = string(c.Argv[2])
	c.Reply.OK()
}

func clientSetInfo(c *Ctx) {
	target := &c.Client.library
	switch {
	case c.is(2, "LIB-NAME"):
	case c.is(2, "LIB-VER"):
		target = &c.Client.version
	default:
		c.Reply.Error("ERR Unrecognized option '" + clip(c.Argv[2], maxShownName) + "'")
		return
	}
	if !validName(c.Argv[3]) {
		option := lowerString(string(c.Argv[2]))
		c.Reply.Error("ERR " + option + " cannot contain spaces, newlines or special characters.")
		return
	}
	*target = string(c.Argv[3])
	c.Reply.OK()
}

func clientReply(c *Ctx) {
	switch {
	case c.is(2, "ON"):
		c.Client.set(flagReplyOff|flagReplySkip, false)
		c.Reply.OK()
	case c.is(2, "OFF"):
		c.Client.set(flagReplyOff, true)
	case c.is(2, "SKIP"):
		c.Client.set(flagReplySkipNext, !c.Client.has(flagReplyOff))
	default:
		c.syntaxError()
	}
}

func clientPause(c *Ctx) {
	all := true
	switch {
	case len(c.Argv) > 4:
		c.subcommandError()
		return
	case len(c.Argv) == 4 && c.is(3, "WRITE"):
		all = false
	case len(c.Argv) == 4 && !c.is(3, "ALL"):
		c.Reply.Error("ERR CLIENT PAUSE mode must be WRITE or ALL")
		return
	}
	millis, ok := c.intOr(2, "ERR timeout is not an integer or out of range")
	if !ok {
		return
	}
	if millis < 0 {
		c.Reply.Error("ERR timeout is negative")
		return
	}
	c.e.beginPause(saturatingMicros(c.Now, millis), all)
	c.Reply.OK()
}

// beginPause pauses requests, or extends a pause: it never becomes shorter or milder.
func (e *Engine) beginPause(until int64, all bool) {
	if e.pause.until <= e.now {
		e.pause.all = false
	}
	e.pause.until = max(e.pause.until, until)
	e.pause.all = e.pause.all || all
}

func clientUnblock(c *Ctx) {
	text := ""
	switch {
	case len(c.Argv) > 4:
		c.subcommandError()
		return
	case len(c.Argv) == 4 && c.is(3, "ERROR"):
		text = errUnblocked
	case len(c.Argv) == 4 && !c.is(3, "TIMEOUT"):
		c.Reply.Error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR")
		return
	}
	id, ok := c.int(2)
	if !ok {
		return
	}
	target := c.e.clientByID(id)
	if target == nil || target.wait == nil || target.wait.request != 0 {
		c.Reply.Int(0)
		return
	}
	if text != "" {
		target.reply.Error(text)
	} else {
		target.reply.NullArray()
	}
	c.e.unblock(target)
	c.e.wrote(target)
	c.Reply.Int(1)
}
