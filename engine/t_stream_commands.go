package engine

const helpSummary = "Returns helpful text about the different subcommands."

var streamCommands = []Command{
	{
		Name: "XACK", Syntax: "key group id [id ...]", Flags: Write | Fast, Since: "5.0.0",
		Complexity: "O(log(N)) for each ID, with N the number of pending entries of the group.",
		Summary:    "Acknowledges entries of a consumer group, which are then no longer pending.",
		Example: `
> XADD jobs 1-0 task mail
"1-0"
> XGROUP CREATE jobs workers 0
OK
> XREADGROUP GROUP workers ann STREAMS jobs >
1) 1) "jobs"
   2) 1) 1) "1-0"
         2) 1) "task"
            2) "mail"
> XACK jobs workers 1-0
(integer) 1`,
		Run: xackCommand,
	},
	{
		Name: "XADD",
		Syntax: "key [NOMKSTREAM] [KEEPREF | DELREF | ACKED] [IDMPAUTO producer-id | IDMP producer-id:string" +
			" idempotent-id] [<MAXLEN | MINID> [= | ~] threshold [LIMIT count]] <* | id> " +
			"field value [field value ...]",
		Flags: Write | DenyOOM | Fast, Since: "5.0.0",
		Complexity: "O(1) to add an entry, O(N) to trim, with N the number of entries trimmed.",
		Summary: "Appends an entry to a stream. The stream is created if it doesn't exist. KEEPREF, DELREF and" +
			" ACKED are those of Redis 8.2, IDMP and IDMPAUTO those of Redis 8.6.",
		Example: `
> XADD race:france 1692632086370-0 rider Castilla speed 30.2
"1692632086370-0"
> XADD race:france 1692632086370-* rider Norem speed 28.8
"1692632086370-1"
> XADD race:france MAXLEN 2 1692632102976-0 rider Prickett speed 29.7
"1692632102976-0"
> XLEN race:france
(integer) 2`,
		Run: xaddCommand,
	},
	{
		Name: "XAUTOCLAIM", Syntax: "key group consumer min-idle-time start:string [COUNT count] [JUSTID]",
		Flags: Write | Fast, Since: "6.2.0",
		Complexity: "O(log(N)) with N the number of pending entries of the group.",
		Summary:    "Makes entries that have been pending for long a consumer's own, as if by scanning and XCLAIM.",
		Example: `
> XADD jobs 1-0 task mail
"1-0"
> XGROUP CREATE jobs workers 0
OK
> XREADGROUP GROUP workers ann STREAMS jobs >
1) 1) "jobs"
   2) 1) 1) "1-0"
         2) 1) "task"
            2) "mail"
> XAUTOCLAIM jobs workers bob 0 0 JUSTID
1) "0-0"
2) 1) "1-0"
3) (empty array)`,
		Run: xautoclaimCommand,
	},
	{
		Name: "XCLAIM",
		Syntax: "key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-time-milliseconds] " +
			"[RETRYCOUNT count] [FORCE] [JUSTID] [LASTID lastid]",
		Flags: Write | Fast, Since: "5.0.0",
		Complexity: "O(log(N)) for each ID, with N the number of pending entries of the group.",
		Summary:    "Makes pending entries of a consumer group a consumer's own, as if delivered to it.",
		Example: `
> XADD jobs 1-0 task mail
"1-0"
> XGROUP CREATE jobs workers 0
OK
> XREADGROUP GROUP workers ann STREAMS jobs >
1) 1) "jobs"
   2) 1) 1) "1-0"
         2) 1) "task"
            2) "mail"
> XCLAIM jobs workers bob 0 1-0
1) 1) "1-0"
   2) 1) "task"
      2) "mail"`,
		Run: xclaimCommand,
	},
	{
		Name: "XDEL", Syntax: "key id [id ...]", Flags: Write | Fast, Since: "5.0.0",
		Complexity: "O(log(N)) for each ID, with N the number of nodes of the stream.",
		Summary:    "Deletes entries from a stream and returns how many there were.",
		Example: `
> XADD s 1-0 a 1
"1-0"
> XADD s 2-0 b 2
"2-0"
> XDEL s 1-0 9-0
(integer) 1
> XRANGE s - +
1) 1) "2-0"
   2) 1) "b"
      2) "2"`,
		Run: xdelCommand,
	},
	{
		Name: "XGROUP", Since: "5.0.0", Complexity: "Depends on subcommand.",
		Summary: "A container for consumer groups commands.", Subs: xgroupSubcommands,
	},
	{
		Name: "XINFO", Since: "5.0.0", Complexity: "Depends on subcommand.",
		Summary: "A container for stream introspection commands.", Subs: xinfoSubcommands,
	},
	{
		Name: "XLEN", Syntax: "key", Flags: ReadOnly | Fast, Since: "5.0.0", Complexity: "O(1)",
		Summary: "Returns the number of entries in a stream.",
		Example: `
> XADD s 1-0 a 1
"1-0"
> XLEN s
(integer) 1
> XLEN nothing
(integer) 0`,
		Run: xlenCommand,
	},
	{
		Name: "XPENDING", Syntax: "key group [[IDLE min-idle-time] start:string end:string count [consumer]]",
		Flags: ReadOnly, Since: "5.0.0",
		Complexity: "O(log(N) + M) with N the number of pending entries and M the number returned.",
		Summary:    "Returns which entries of a consumer group are pending: in summary, or one by one.",
		Example: `
> XADD jobs 1-0 task mail
"1-0"
> XGROUP CREATE jobs workers 0
OK
> XREADGROUP GROUP workers ann STREAMS jobs >
1) 1) "jobs"
   2) 1) 1) "1-0"
         2) 1) "task"
            2) "mail"
> XPENDING jobs workers
1) (integer) 1
2) "1-0"
3) "1-0"
4) 1) 1) "ann"
      2) "1"
> XPENDING jobs workers - + 10
1) 1) "1-0"
   2) "ann"
   3) (integer) 0
   4) (integer) 1`,
		Run: xpendingCommand,
	},
	{
		Name: "XRANGE", Syntax: "key start:string end:string [COUNT count]", Flags: ReadOnly, Since: "5.0.0",
		Complexity: "O(log(N) + M) with N the number of nodes of the stream and M the number of entries returned.",
		Summary:    "Returns the entries of a stream between two IDs.",
		Example: `
> XADD s 1-0 a 1
"1-0"
> XADD s 2-0 b 2
"2-0"
> XRANGE s - + COUNT 1
1) 1) "1-0"
   2) 1) "a"
      2) "1"
> XRANGE s (1-0 +
1) 1) "2-0"
   2) 1) "b"
      2) "2"`,
		Run: xrangeCommand,
	},
	{
		Name: "XREAD", Syntax: "[COUNT count] [MAXCOUNT maxcount:integer] [MAXSIZE maxsize:integer]" +
			" [BLOCK milliseconds] STREAMS key [key ...] id [id ...]",
		Flags: ReadOnly | Blocking, Since: "5.0.0",
		Complexity: "O(log(N) + M) for each stream, with N its number of nodes and M the entries returned.",
		Summary: "Returns the entries behind an ID from one or more streams. Blocks for one if asked to. MAXCOUNT" +
			" and MAXSIZE are those of Redis 8.10.",
		Example: `
> XADD s 1-0 a 1
"1-0"
> XADD s 2-0 b 2
"2-0"
> XREAD COUNT 10 STREAMS s 1-0
1) 1) "s"
   2) 1) 1) "2-0"
         2) 1) "b"
            2) "2"
> XREAD STREAMS s $
(nil)`,
		Run: xreadCommand,
	},
	{
		Name: "XREADGROUP",
		Syntax: "GROUP group consumer [COUNT count] [MAXCOUNT maxcount:integer] [MAXSIZE maxsize:integer]" +
			" [BLOCK milliseconds] [CLAIM min-idle-time:integer] [NOACK]" +
			" STREAMS key [key ...] id [id ...]",
		Flags: Write | Blocking, Since: "5.0.0",
		Complexity: "O(M) for each stream, with M the number of entries returned.",
		Summary: "Returns new entries from streams for a consumer of a group, or those that are pending for it. " +
			"Blocks for one if asked to. CLAIM is that of Redis 8.4, MAXCOUNT and MAXSIZE are those of Redis 8.10.",
		Example: `
> XADD jobs 1-0 task mail
"1-0"
> XGROUP CREATE jobs workers 0
OK
> XREADGROUP GROUP workers ann COUNT 1 STREAMS jobs >
1) 1) "jobs"
   2) 1) 1) "1-0"
         2) 1) "task"
            2) "mail"
> XREADGROUP GROUP workers bob STREAMS jobs >
(nil)`,
		Run: xreadgroupCommand,
	},
	{
		Name: "XREVRANGE", Syntax: "key end:string start:string [COUNT count]", Flags: ReadOnly, Since: "5.0.0",
		Complexity: "O(log(N) + M) with N the number of nodes of the stream and M the number of entries returned.",
		Summary:    "Returns the entries of a stream between two IDs in reverse order.",
		Example: `
> XADD s 1-0 a 1
"1-0"
> XADD s 2-0 b 2
"2-0"
> XREVRANGE s + - COUNT 1
1) 1) "2-0"
   2) 1) "b"
      2) "2"`,
		Run: xrevrangeCommand,
	},
	{
		Name: "XSETID", Syntax: "key last-id [ENTRIESADDED entries-added] [MAXDELETEDID max-deleted-id]",
		Flags: Write | DenyOOM | Fast, Since: "5.0.0", Complexity: "O(1)",
		Summary: "Sets the last ID of a stream; meant for replication and logs.",
		Example: `
> XADD s 1-0 a 1
"1-0"
> XSETID s 9-0
OK
> XADD s 9-* b 2
"9-1"`,
		Run: xsetidCommand,
	},
	{
		Name: "XTRIM", Syntax: "key <MAXLEN | MINID> [= | ~] threshold [LIMIT count] [KEEPREF | DELREF | ACKED]",
		Flags: Write, Since: "5.0.0",
		Complexity: "O(N), with N the number of entries trimmed. Whole nodes go in constant time.",
		Summary: "Deletes the oldest entries of a stream, down to a length or up to an ID. KEEPREF, DELREF and" +
			" ACKED are those of Redis 8.2.",
		Example: `
> XADD s 1-0 a 1
"1-0"
> XADD s 2-0 b 2
"2-0"
> XTRIM s MAXLEN 1
(integer) 1
> XTRIM s MINID 9
(integer) 1`,
		Run: xtrimCommand,
	},
}

var xgroupSubcommands = []Command{
	{
		Name: "CREATE", Syntax: "key group <id | $> [MKSTREAM] [ENTRIESREAD entries-read]",
		Flags: Write | DenyOOM, Since: "5.0.0", Complexity: "O(1)",
		Summary: "Creates a consumer group, which begins to read behind an ID.",
		Example: `
> XGROUP CREATE jobs workers $ MKSTREAM
OK
> XGROUP CREATE jobs workers $
(error) BUSYGROUP Consumer Group name already exists`,
		Run: xgroupCreateCommand,
	},
	{
		Name: "CREATECONSUMER", Syntax: "key group consumer", Flags: Write | DenyOOM, Since: "6.2.0",
		Complexity: "O(1)", Summary: "Creates a consumer in a consumer group.",
		Example: `
> XGROUP CREATE jobs workers $ MKSTREAM
OK
> XGROUP CREATECONSUMER jobs workers ann
(integer) 1
> XGROUP CREATECONSUMER jobs workers ann
(integer) 0`,
		Run: xgroupCreateConsumerCommand,
	},
	{
		Name: "DELCONSUMER", Syntax: "key group consumer", Flags: Write, Since: "5.0.0",
		Complexity: "O(N log(M)), with N the pending entries of the consumer and M those of the group.",
		Summary:    "Deletes a consumer and returns how many entries were pending for it.",
		Example: `
> XGROUP CREATE jobs workers $ MKSTREAM
OK
> XGROUP CREATECONSUMER jobs workers ann
(integer) 1
> XGROUP DELCONSUMER jobs workers ann
(integer) 0`,
		Run: xgroupDelConsumerCommand,
	},
	{
		Name: "DESTROY", Syntax: "key group", Flags: Write, Since: "5.0.0",
		Complexity: "O(N), with N the number of consumers.",
		Summary:    "Destroys a consumer group.",
		Example: `
> XGROUP CREATE jobs workers $ MKSTREAM
OK
> XGROUP DESTROY jobs workers
(integer) 1
> XGROUP DESTROY jobs workers
(integer) 0`,
		Run: xgroupDestroyCommand,
	},
	{
		Name: "HELP", Flags: Loading | Stale, Since: "5.0.0", Complexity: "O(1)", Summary: helpSummary,
		Example: `
> XGROUP HELP
 1) XGROUP <subcommand> [<arg> [value] [opt] ...]. Subcommands are:
...`,
		Run: func(c *Ctx) { c.help(xgroupHelp) },
	},
	{
		Name: "SETID", Syntax: "key group <id | $> [ENTRIESREAD entries-read]", Flags: Write, Since: "5.0.0",
		Complexity: "O(1)", Summary: "Sets the last delivered ID of a consumer group.",
		Example: `
> XGROUP CREATE jobs workers $ MKSTREAM
OK
> XGROUP SETID jobs workers 0
OK`,
		Run: xgroupSetIDCommand,
	},
}

var xinfoSubcommands = []Command{
	{
		Name: "CONSUMERS", Syntax: "key group", Flags: ReadOnly, Since: "5.0.0",
		Complexity: "O(N), with N the number of consumers.",
		Summary:    "Returns the consumers of a consumer group.",
		Example: `
> XGROUP CREATE jobs workers $ MKSTREAM
OK
> XGROUP CREATECONSUMER jobs workers ann
(integer) 1
> XINFO CONSUMERS jobs workers
1) 1) "name"
   2) "ann"
   3) "pending"
   4) (integer) 0
   5) "idle"
   6) (integer) 0
   7) "inactive"
   8) (integer) -1`,
		Run: xinfoConsumersCommand,
	},
	{
		Name: "GROUPS", Syntax: "key", Flags: ReadOnly, Since: "5.0.0",
		Complexity: "O(N), with N the number of groups.",
		Summary:    "Returns the consumer groups of a stream.",
		Example: `
> XGROUP CREATE jobs workers $ MKSTREAM
OK
> XINFO GROUPS jobs
1)  1) "name"
    2) "workers"
    3) "consumers"
    4) (integer) 0
    5) "pending"
    6) (integer) 0
    7) "last-delivered-id"
    8) "0-0"
    9) "entries-read"
   10) (nil)
   11) "lag"
   12) (integer) 0`,
		Run: xinfoGroupsCommand,
	},
	{
		Name: "HELP", Flags: Loading | Stale, Since: "5.0.0", Complexity: "O(1)", Summary: helpSummary,
		Example: `
> XINFO HELP
1) XINFO <subcommand> [<arg> [value] [opt] ...]. Subcommands are:
...`,
		Run: func(c *Ctx) { c.help(xinfoHelp) },
	},
	{
		Name: "STREAM", Syntax: "key [FULL [COUNT count]]", Flags: ReadOnly, Since: "5.0.0",
		Complexity: "O(N), with N the number of nodes and, with FULL, of the entries shown.",
		Summary:    "Returns facts about a stream; with FULL also its entries, groups and pending entries.",
		Example: `
> XADD jobs 1-0 task mail
"1-0"
> XINFO STREAM jobs
 1) "length"
 2) (integer) 1
 3) "radix-tree-keys"
 4) (integer) 1
 5) "radix-tree-nodes"
 6) (integer) 2
 7) "last-generated-id"
 8) "1-0"
 9) "max-deleted-entry-id"
10) "0-0"
11) "entries-added"
12) (integer) 1
13) "recorded-first-entry-id"
14) "1-0"
15) "idmp-duration"
16) (integer) 100
17) "idmp-maxsize"
18) (integer) 100
19) "pids-tracked"
20) (integer) 0
21) "iids-tracked"
22) (integer) 0
23) "iids-added"
24) (integer) 0
25) "iids-duplicates"
26) (integer) 0
27) "groups"
28) (integer) 0
29) "first-entry"
30) 1) "1-0"
    2) 1) "task"
       2) "mail"
31) "last-entry"
32) 1) "1-0"
    2) 1) "task"
       2) "mail"`,
		Run: xinfoStreamCommand,
	},
}
