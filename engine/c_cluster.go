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
		Example: `
> CLUSTER ADDSLOTS 1 2
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "ADDSLOTSRANGE", Syntax: "start-slot:integer end-slot:integer [start-slot:integer end-slot:integer ...]",
		Flags: Admin | NoAsyncLoading | Stale,
		Since: "7.0.0", Complexity: "O(1)",
		Summary: "Assigns new hash slot ranges to a node.",
		Example: `
> CLUSTER ADDSLOTSRANGE 1 100
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "BUMPEPOCH", Flags: Admin | NoAsyncLoading | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Advances the cluster config epoch.",
		Example: `
> CLUSTER BUMPEPOCH
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "CANCELSLOTMIGRATIONS", Flags: Admin | NoAsyncLoading | Stale,
		Since: "9.0.0", Origin: "Valkey", Complexity: "O(N), N being the number of slot migrations",
		Summary: "Cancels the slot migrations that run.",
		Example: `
> CLUSTER CANCELSLOTMIGRATIONS
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "COUNT-FAILURE-REPORTS", Syntax: "node-id", Flags: Admin | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Returns the number of active failure reports for a node.",
		Example: `
> CLUSTER COUNT-FAILURE-REPORTS 07c37dfeb235213a872192d90877d0cd55635b91
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "COUNTKEYSINSLOT", Syntax: "slot:integer", Flags: Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Returns the number of keys in a hash slot.",
		Example: `
> CLUSTER COUNTKEYSINSLOT 7000
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "DELSLOTS", Syntax: "slot:integer [slot:integer ...]", Flags: Admin | NoAsyncLoading | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Sets hash slots as unbound for a node.",
		Example: `
> CLUSTER DELSLOTS 1 2
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "DELSLOTSRANGE", Syntax: "start-slot:integer end-slot:integer [start-slot:integer end-slot:integer ...]",
		Flags: Admin | NoAsyncLoading | Stale,
		Since: "7.0.0", Complexity: "O(1)",
		Summary: "Sets hash slot ranges as unbound for a node.",
		Example: `
> CLUSTER DELSLOTSRANGE 1 100
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "FAILOVER", Syntax: "[FORCE | TAKEOVER]", Flags: Admin | NoAsyncLoading | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Forces a replica to perform a manual failover of its master.",
		Example: `
> CLUSTER FAILOVER
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "FLUSHSLOTS", Flags: Admin | NoAsyncLoading | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Deletes all slots information from a node.",
		Example: `
> CLUSTER FLUSHSLOTS
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "FORGET", Syntax: "node-id", Flags: Admin | NoAsyncLoading | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Removes a node from the nodes table.",
		Example: `
> CLUSTER FORGET 07c37dfeb235213a872192d90877d0cd55635b91
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "GETKEYSINSLOT", Syntax: "slot:integer count", Flags: Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Returns the key names in a hash slot.",
		Example: `
> CLUSTER GETKEYSINSLOT 7000 3
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "GETSLOTMIGRATIONS", Flags: Admin | NoAsyncLoading | Stale,
		Since: "9.0.0", Origin: "Valkey", Complexity: "O(N), N being the number of slot migrations",
		Summary: "Tells of the slot migrations that run and of those that ended lately.",
		Example: `
> CLUSTER GETSLOTMIGRATIONS
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "HELP", Flags: Loading | Stale,
		Since: "5.0.0", Complexity: "O(1)",
		Summary: "Returns helpful text about the different subcommands.",
		Example: `
> CLUSTER HELP
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "INFO", Flags: Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Returns information about the state of a node.",
		Example: `
> CLUSTER INFO
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "KEYSLOT", Syntax: "key:string", Flags: Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Returns the hash slot for a key.",
		Example: `
> CLUSTER KEYSLOT somekey
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "LINKS", Flags: Stale,
		Since: "7.0.0", Complexity: "O(1)",
		Summary: "Returns a list of all TCP links to and from peer nodes.",
		Example: `
> CLUSTER LINKS
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "MEET", Syntax: "ip port [cluster_bus_port:integer]", Flags: Admin | NoAsyncLoading | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Forces a node to handshake with another node.",
		Example: `
> CLUSTER MEET 127.0.0.1 7000
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "MIGRATESLOTS",
		Syntax: "SLOTSRANGE start-slot:integer end-slot:integer [start-slot:integer end-slot:integer ...]" +
			" NODE node-id",
		Arity: -4, Flags: Admin | NoAsyncLoading | Stale,
		Since: "9.0.0", Origin: "Valkey", Complexity: "O(N), N being the number of slots",
		Summary: "Moves slots with their keys to another node.",
		Example: `
> CLUSTER MIGRATESLOTS SLOTSRANGE 0 100 NODE 07c37dfeb235213a872192d90877d0cd55635b91
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "MIGRATION", Arity: -4, Flags: Admin | NoAsyncLoading | Stale,
		Syntax: "<IMPORT start-slot:integer end-slot:integer [start-slot:integer end-slot:integer ...] | " +
			"CANCEL <ID task-id | ALL> | STATUS <ID task-id | ALL>>",
		Since: "8.4.0", Origin: "Redis", Complexity: "O(N), N being the number of slots",
		Summary: "Starts, tells of and cancels tasks that move slots with their keys to this node.",
		Example: `
> CLUSTER MIGRATION STATUS ALL
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "MYID", Flags: Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Returns the ID of a node.",
		Example: `
> CLUSTER MYID
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "MYSHARDID", Flags: Loading | Stale,
		Since: "7.2.0", Complexity: "O(1)",
		Summary: "Returns the shard ID of a node.",
		Example: `
> CLUSTER MYSHARDID
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "NODES", Flags: Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Returns the cluster configuration for a node.",
		Example: `
> CLUSTER NODES
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "REPLICAS", Syntax: "node-id", Flags: Admin | Stale,
		Since: "5.0.0", Complexity: "O(1)",
		Summary: "Lists the replica nodes of a master node.",
		Example: `
> CLUSTER REPLICAS 07c37dfeb235213a872192d90877d0cd55635b91
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "REPLICATE", Syntax: "node-id", Flags: Admin | NoAsyncLoading | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Configures a node as replica of a master node.",
		Example: `
> CLUSTER REPLICATE 07c37dfeb235213a872192d90877d0cd55635b91
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "RESET", Syntax: "[HARD | SOFT]", Flags: Admin | NoScript | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Resets a node.",
		Example: `
> CLUSTER RESET
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "SAVECONFIG", Flags: Admin | NoAsyncLoading | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Forces a node to save the cluster configuration to disk.",
		Example: `
> CLUSTER SAVECONFIG
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "SET-CONFIG-EPOCH", Syntax: "config-epoch:integer", Flags: Admin | NoAsyncLoading | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Sets the configuration epoch for a new node.",
		Example: `
> CLUSTER SET-CONFIG-EPOCH 1
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "SETSLOT", Syntax: "slot:integer <IMPORTING node-id | MIGRATING node-id | NODE node-id | STABLE>",
		Flags: Admin | NoAsyncLoading | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Summary: "Binds a hash slot to a node.",
		Example: `
> CLUSTER SETSLOT 7000 STABLE
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "SHARDS", Flags: Stale,
		Since: "7.0.0", Complexity: "O(1)",
		Summary: "Returns the mapping of cluster slots to shards.",
		Example: `
> CLUSTER SHARDS
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "SLAVES", Syntax: "node-id", Flags: Admin | Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Deprecated: "5.0.0", ReplacedBy: "`CLUSTER REPLICAS`",
		Summary: "Lists the replica nodes of a master node.",
		Example: `
> CLUSTER SLAVES 07c37dfeb235213a872192d90877d0cd55635b91
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "SLOT-STATS", Arity: -4, Flags: Loading | Stale,
		Syntax: "<SLOTSRANGE start-slot:integer end-slot:integer | ORDERBY metric [LIMIT limit:integer] [ASC | DESC]>",
		Since:  "8.2.0", Origin: "Redis, Valkey 8.0", Complexity: "O(N log N), N being the number of slots",
		Summary: "Returns how slots are used.",
		Example: `
> CLUSTER SLOT-STATS SLOTSRANGE 0 100
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
	{
		Name: "SLOTS", Flags: Stale,
		Since: "3.0.0", Complexity: "O(1)",
		Deprecated: "7.0.0", ReplacedBy: "`CLUSTER SHARDS`",
		Summary: "Returns the mapping of cluster slots to nodes.",
		Example: `
> CLUSTER SLOTS
(error) ERR This instance has cluster support disabled`,
		Run: clusterDisabled,
	},
}
