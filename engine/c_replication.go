package engine

// The commands of replication and of modules, as a primary answers that has no replicas and loads no code.

var replicationCommands = []Command{
	{
		Name: "FAILOVER", Syntax: "[TO host port [FORCE]] [ABORT] [TIMEOUT milliseconds]",
		Flags: Admin | NoScript | Stale,
		Since: "6.2.0", Arity: -1, Complexity: "O(1)",
		Summary: "Starts a coordinated failover from a server to one of its replicas.",
		Example: `
> FAILOVER
(error) ERR FAILOVER requires connected replicas.`,
		Run: failoverCommand,
	},
	{
		Name: "MODULE", Since: "4.0.0", Complexity: "Depends on subcommand.",
		Summary: "A container for module commands.",
		Subs:    moduleSubcommands,
	},
	{
		Name: "PSYNC", Syntax: "replicationid offset:integer",
		Flags: Admin | NoAsyncLoading | NoMulti | NoScript,
		Since: "2.8.0", Arity: -3, Complexity: "O(1)",
		Summary: "An internal command used in replication.",
		Example: `
> PSYNC ? -1
(error) ERR Replication is not possible here`,
		Run: replicationRefused,
	},
	{
		Name: "REPLCONF", Flags: Admin | NoScript | Loading | Stale | AllowBusy,
		Since: "3.0.0",
		Arity: -1, Complexity: "O(1)",
		Summary: "An internal command for configuring the replication stream.",
		Example: `
> REPLCONF listening-port 6380
(error) ERR Replication is not possible here`,
		Run: replconfCommand,
	},
	{
		Name: "REPLICAOF", Syntax: "<host port | NO ONE>", Arity: 3, Flags: Admin | NoAsyncLoading | NoScript | Stale,
		Since:      "5.0.0",
		Complexity: "O(1)",
		Summary:    "Configures a server as replica of another, or promotes it to a master.",
		Example: `
> REPLICAOF NO ONE
OK`,
		Run: replicaofCommand,
	},
	{
		Name:   "RESTORE-ASKING",
		Syntax: "key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]",
		Flags:  Write | DenyOOM | Asking, Since: "3.0.0", Categories: "keyspace dangerous",
		Complexity: "O(N), where N is the size of the value in bytes",
		Summary:    "An internal command for migrating keys in a cluster.",
		Example: `
> RESTORE-ASKING greeting 0 "no dump"
(error) ERR DUMP payload version or checksum are wrong`,
		Run: restoreCommand,
	},
	{
		Name: "ROLE", Flags: NoScript | Loading | Stale | Fast, Since: "2.8.12", Complexity: "O(1)",
		Categories: "admin dangerous",
		Summary:    "Returns the replication role.",
		Example: `
> ROLE
1) "master"
2) (integer) 0
3) (empty array)`,
		Run: func(c *Ctx) {
			c.Reply.Array(3)
			c.Reply.BulkString("master")
			c.Reply.Int(0)
			c.Reply.Array(0)
		},
	},
	{
		Name: "SLAVEOF", Syntax: "<host port | NO ONE>", Arity: 3, Flags: Admin | NoAsyncLoading | NoScript | Stale,
		Since:      "1.0.0",
		Complexity: "O(1)", Deprecated: "5.0.0", ReplacedBy: "`REPLICAOF`",
		Summary: "Sets a server as a replica of another, or promotes it to being a master.",
		Example: `
> SLAVEOF NO ONE
OK`,
		Run: replicaofCommand,
	},
	{
		Name: "SYNC", Flags: Admin | NoAsyncLoading | NoMulti | NoScript, Since: "1.0.0", Complexity: "O(1)",
		Summary: "An internal command used in replication.",
		Example: `
> SYNC
(error) ERR Replication is not possible here`,
		Run: replicationRefused,
	},
}

var waitCommands = []Command{
	{
		Name: "WAIT", Syntax: "numreplicas:integer timeout:integer", Flags: NoScript,
		Since: "3.0.0", Complexity: "O(1)",
		Categories: "connection -keyspace",
		Summary:    "Returns how many replicas have the connection's writes; there are none to wait for.",
		Example: `
> WAIT 1 100
(integer) 0`,
		Run: waitCommand,
	},
	{
		Name: "WAITAOF", Syntax: "numlocal:integer numreplicas:integer timeout:integer", Flags: NoScript,
		Since: "7.2.0", Complexity: "O(1)",
		Categories: "connection -keyspace",
		Summary:    "Returns whether the append-only file surely has the client's writes, and how many replicas do.",
		Example: `
> WAITAOF 0 0 100
1) (integer) 0
2) (integer) 0`,
		Run: waitaofCommand,
	},
}

// errNoReplication answers whoever wants to copy this server, or this server to copy another.
const errNoReplication = "ERR Replication is not possible here"

func replicationRefused(c *Ctx) { c.Reply.Error(errNoReplication) }

func replicaofCommand(c *Ctx) {
	if c.is(1, "NO") && c.is(2, "ONE") {
		c.Reply.OK()
		return
	}
	const failure = "ERR Invalid master port"
	if port, ok := c.intOr(2, failure); ok && (port < 0 || port > 65535) {
		c.Reply.Error(failure)
	} else if ok {
		replicationRefused(c)
	}
}

// failoverCommand reads its options in the reference's order, and has nobody to hand over to.
func failoverCommand(c *Ctx) {
	timeout, target := false, false
	if len(c.Argv) == 2 && c.is(1, "ABORT") {
		c.Reply.Error("ERR No failover in progress.")
		return
	}
	for i := 1; i < len(c.Argv); i++ {
		switch {
		case c.is(i, "TIMEOUT") && i+1 < len(c.Argv) && !timeout:
			i++
			millis, ok := c.int(i)
			if !ok {
				return
			}
			if millis <= 0 {
				c.Reply.Error("ERR FAILOVER timeout must be greater than 0")
				return
			}
			timeout = true
		case c.is(i, "TO") && i+2 < len(c.Argv) && !target:
			if _, ok := c.int(i + 2); !ok {
				return
			}
			i, target = i+2, true
		case c.is(i, "FORCE"):
		default:
			c.syntaxError()
			return
		}
	}
	c.Reply.Error("ERR FAILOVER requires connected replicas.")
}

func replconfCommand(c *Ctx) {
	if len(c.Argv)%2 == 0 {
		c.syntaxError()
		return
	}
	replicationRefused(c)
}

// waitTimeout reads a timeout in milliseconds, which is not waited for: who is not there will not come.
func (c *Ctx) waitTimeout(i int) bool {
	millis, ok := c.intOr(i, "ERR timeout is not an integer or out of range")
	if ok && millis < 0 {
		c.Reply.Error("ERR timeout is negative")
		return false
	}
	return ok
}

func waitCommand(c *Ctx) {
	if _, ok := c.int(1); ok && c.waitTimeout(2) {
		c.Reply.Int(0)
	}
}

// waitaofCommand answers for the log only where it is durable before any reply is sent.
func waitaofCommand(c *Ctx) {
	local, ok := c.intBetween(1, 0, 1, "ERR value is out of range, must be between 0 and 1")
	if !ok {
		return
	}
	if _, ok = c.intBetween(2, 0, maxInt64, errPositive); !ok || !c.waitTimeout(3) {
		return
	}
	logging := c.e.parameter("appendonly") == "yes"
	if local > 0 && !logging {
		c.Reply.Error("ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.")
		return
	}
	c.Reply.Array(2)
	c.Reply.Int(boolInt(logging && c.e.parameter("appendfsync") == "always"))
	c.Reply.Int(0)
}

const errModule = "ERR MODULE command not allowed. If the enable-module-command option is set to \"local\", " +
	"you can run it from a local connection, otherwise you need to set this option in the configuration file, " +
	"and then restart the server."

var moduleSubcommands = []Command{
	{
		Name: "HELP", Flags: Loading | Stale, Since: "5.0.0", Complexity: "O(1)",
		Summary: "Returns helpful text about the different subcommands.",
		Example: `
> MODULE HELP
 1) MODULE <subcommand> [<arg> [value] [opt] ...]. Subcommands are:
...`,
		Run: func(c *Ctx) { c.help(moduleHelp) },
	},
	{
		Name: "LIST", Flags: Admin | NoScript, Since: "4.0.0", Complexity: "O(1)",
		Summary: "Returns all loaded modules; there are none.",
		Example: `
> MODULE LIST
(empty array)`,
		Run: func(c *Ctx) { c.Reply.Array(0) },
	},
	{
		Name: "LOAD", Syntax: "path [arg [arg ...]]", Flags: Admin | NoAsyncLoading | NoScript, Since: "4.0.0",
		Complexity: "O(1)",
		Summary:    "Loads a module; no module can be loaded here.",
		Example: `
> MODULE LOAD /module.so
(error) ERR MODULE command not allowed. ...`,
		Run: func(c *Ctx) { c.Reply.Error(errModule) },
	},
	{
		Name:   "LOADEX",
		Syntax: "path [CONFIG name value [CONFIG name value ...]] [ARGS arg [arg ...]]", Arity: -3,
		Flags: Admin | NoAsyncLoading | NoScript, Since: "7.0.0", Complexity: "O(1)",
		Summary: "Loads a module with parameters; no module can be loaded here.",
		Example: `
> MODULE LOADEX /module.so
(error) ERR MODULE command not allowed. ...`,
		Run: func(c *Ctx) { c.Reply.Error(errModule) },
	},
	{
		Name: "UNLOAD", Syntax: "name", Flags: Admin | NoAsyncLoading | NoScript, Since: "4.0.0", Complexity: "O(1)",
		Summary: "Unloads a module.",
		Example: `
> MODULE UNLOAD name
(error) ERR MODULE command not allowed. ...`,
		Run: func(c *Ctx) { c.Reply.Error(errModule) },
	},
}

var moduleHelp = []string{
	"LIST",
	"    Return a list of loaded modules.",
	"LOAD <path> [<arg> ...]",
	"    Load a module library from <path>, passing to it any optional arguments.",
	"LOADEX <path> [[CONFIG NAME VALUE] [CONFIG NAME VALUE]] [ARGS ...]",
	"    Load a module library from <path>, while passing it module configurations and optional arguments.",
	"UNLOAD <name>",
	"    Unload a module.",
}
