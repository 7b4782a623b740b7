package engine

// The commands of cluster nodes. This server is none, and says so as the reference does.

const errNoCluster = "ERR This instance has cluster support disabled"

func clusterDisabled(c *Ctx) { c.Reply.Error(errNoCluster) }

var clusterCommands = []Command{
	{
		Name: "ASKING", Flags: Fast, Since: "3.0.0", Complexity: "O(1)", Categories: "connection",
		Summary: "Signals that a cluster client is following an -ASK redirect.",
		Example: `
> ASKING
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "CLUSTER", Since: "3.0.0", Complexity: "Depends on subcommand.",
		Summary: "A container for cluster commands.",
		Subs:    clusterSubcommands,
	},
	{
		Name: "READONLY", Flags: Loading | Stale | Fast, Since: "3.0.0", Complexity: "O(1)", Categories: "connection",
		Summary: "Enables read-only queries for a connection to a cluster replica node.",
		Example: `
> READONLY
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "READWRITE", Flags: Loading | Stale | Fast,
		Since: "3.0.0", Complexity: "O(1)", Categories: "connection",
		Summary: "Enables read-write queries for a connection to a cluster replica node.",
		Example: `
> READWRITE
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
}

var clusterSubcommands = []Command{
	{
		Name: "ADDSLOTS", Syntax: "slot:integer [slot:integer ...]", Flags: Admin | NoAsyncLoading | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Assigns new hash slots to a node.",
		Run:     clusterDisabled,
	},
	{
		Name: "ADDSLOTSRANGE", Syntax: "start-slot:integer end-slot:integer [start-slot:integer end-slot:integer ...]",
		Flags: Admin | NoAsyncLoading | Stale,
		Since: "7.0.0", Complexity: "O(1)",
		Summary: "Assigns new hash slot ranges to a node.",
		Run:     clusterDisabled,
	},
	{
		Name: "BUMPEPOCH", Flags: Admin | NoAsyncLoading | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Advances the cluster config epoch.",
		Run:     clusterDisabled,
	},
	{
		Name: "COUNT-FAILURE-REPORTS", Syntax: "node-id", Flags: Admin | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Returns the number of active failure reports for a node.",
		Run:     clusterDisabled,
	},
	{
		Name: "COUNTKEYSINSLOT", Syntax: "slot:integer", Flags: Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Returns the number of keys in a hash slot.",
		Run:     clusterDisabled,
	},
	{
		Name: "DELSLOTS", Syntax: "slot:integer [slot:integer ...]", Flags: Admin | NoAsyncLoading | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Sets hash slots as unbound for a node.",
		Run:     clusterDisabled,
	},
	{
		Name: "DELSLOTSRANGE", Syntax: "start-slot:integer end-slot:integer [start-slot:integer end-slot:integer ...]",
		Flags: Admin | NoAsyncLoading | Stale,
		Since: "7.0.0", Complexity: "O(1)",
		Summary: "Sets hash slot ranges as unbound for a node.",
		Run:     clusterDisabled,
	},
	{
		Name: "FAILOVER", Syntax: "[FORCE | TAKEOVER]", Flags: Admin | NoAsyncLoading | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Forces a replica to perform a manual failover of its master.",
		Run:     clusterDisabled,
	},
	{
		Name: "FLUSHSLOTS", Flags: Admin | NoAsyncLoading | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Deletes all slots information from a node.",
		Run:     clusterDisabled,
	},
	{
		Name: "FORGET", Syntax: "node-id", Flags: Admin | NoAsyncLoading | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Removes a node from the nodes table.",
		Run:     clusterDisabled,
	},
	{
		Name: "GETKEYSINSLOT", Syntax: "slot:integer count", Flags: Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Returns the key names in a hash slot.",
		Run:     clusterDisabled,
	},
	{
		Name: "HELP", Flags: Loading | Stale,
		Since: "5.0.0", Complexity: "O(1)",
		Summary: "Returns helpful text about the different subcommands.",
		Run:     clusterDisabled,
	},
	{
		Name: "INFO", Flags: Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Returns information about the state of a node.",
		Run:     clusterDisabled,
	},
	{
		Name: "KEYSLOT", Syntax: "key:string", Flags: Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Returns the hash slot for a key.",
		Run:     clusterDisabled,
	},
	{
		Name: "LINKS", Flags: Stale,
		Since: "7.0.0", Complexity: "O(1)",
		Summary: "Returns a list of all TCP links to and from peer nodes.",
		Run:     clusterDisabled,
	},
	{
		Name: "MEET", Syntax: "ip port [cluster_bus_port:integer]", Flags: Admin | NoAsyncLoading | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Forces a node to handshake with another node.",
		Run:     clusterDisabled,
	},
	{
		Name: "MYID", Flags: Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Returns the ID of a node.",
		Run:     clusterDisabled,
	},
	{
		Name: "MYSHARDID", Flags: Loading | Stale,
		Since: "7.2.0", Complexity: "O(1)",
		Summary: "Returns the shard ID of a node.",
		Run:     clusterDisabled,
	},
	{
		Name: "NODES", Flags: Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Returns the cluster configuration for a node.",
		Run:     clusterDisabled,
	},
	{
		Name: "REPLICAS", Syntax: "node-id", Flags: Admin | Stale,
		Since: "5.0.0", Complexity: "O(1)",
		Summary: "Lists the replica nodes of a master node.",
		Run:     clusterDisabled,
	},
	{
		Name: "REPLICATE", Syntax: "node-id", Flags: Admin | NoAsyncLoading | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Configures a node as replica of a master node.",
		Run:     clusterDisabled,
	},
	{
		Name: "RESET", Syntax: "[HARD | SOFT]", Flags: Admin | NoScript | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Resets a node.",
		Run:     clusterDisabled,
	},
	{
		Name: "SAVECONFIG", Flags: Admin | NoAsyncLoading | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Forces a node to save the cluster configuration to disk.",
		Run:     clusterDisabled,
	},
	{
		Name: "SET-CONFIG-EPOCH", Syntax: "config-epoch:integer", Flags: Admin | NoAsyncLoading | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Sets the configuration epoch for a new node.",
		Run:     clusterDisabled,
	},
	{
		Name: "SETSLOT", Syntax: "slot:integer <IMPORTING node-id | MIGRATING node-id | NODE node-id | STABLE>",
		Flags: Admin | NoAsyncLoading | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Binds a hash slot to a node.",
		Run:     clusterDisabled,
	},
	{
		Name: "SHARDS", Flags: Stale,
		Since: "7.0.0", Complexity: "O(1)",
		Summary: "Returns the mapping of cluster slots to shards.",
		Run:     clusterDisabled,
	},
	{
		Name: "SLAVES", Syntax: "node-id", Flags: Admin | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Deprecated: "5.0.0", ReplacedBy: "`CLUSTER REPLICAS`",
		Summary: "Lists the replica nodes of a master node.",
		Run:     clusterDisabled,
	},
	{
		Name: "SLOTS", Flags: Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Deprecated: "7.0.0", ReplacedBy: "`CLUSTER SHARDS`",
		Summary: "Returns the mapping of cluster slots to nodes.",
		Run:     clusterDisabled,
	},
}
