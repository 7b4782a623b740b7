package engine

// Stream commands from after 7.0: deleting with an eye on the groups (t_stream_references.go), giving entries
// back (t_stream_nack.go), and adding each message once (t_stream_idempotence.go).

var newerStreamCommands = []Command{
	{
		Name: "XACKDEL", Syntax: "key group [KEEPREF | DELREF | ACKED] IDS numids:integer id [id ...]",
		Flags: Write | Fast, Since: "8.2.0", Origin: "Redis", Complexity: "O(1) for each ID",
		Summary: "Acknowledges entries for a group and deletes them from the stream.",
		Example: `
> XADD s 1-0 a 1
"1-0"
> XGROUP CREATE s workers 0
OK
> XREADGROUP GROUP workers ann STREAMS s >
1) 1) "s"
   2) 1) 1) "1-0"
         2) 1) "a"
            2) "1"
> XACKDEL s workers IDS 2 1-0 2-0
1) (integer) 1
2) (integer) -1
> XLEN s
(integer) 0`,
		Run: xackdelCommand,
	},
	{
		Name: "XCFGSET", Syntax: "key [IDMP-DURATION seconds] [IDMP-MAXSIZE size:integer]",
		Flags: Write | Fast, Since: "8.6.0", Origin: "Redis", Complexity: "O(N), with N the messages forgotten",
		Summary: "Sets how long and how many messages of a producer a stream remembers.",
		Example: `
> XADD s IDMP ann first * a 1
"..."
> XCFGSET s IDMP-DURATION 300 IDMP-MAXSIZE 1000
OK`,
		Run: xcfgsetCommand,
	},
	{
		Name: "XDELEX", Syntax: "key [KEEPREF | DELREF | ACKED] IDS numids:integer id [id ...]",
		Flags: Write | Fast, Since: "8.2.0", Origin: "Redis", Complexity: "O(1) for each ID",
		Summary: "Deletes entries, the references to them too or only if there are none.",
		Example: `
> XADD s 1-0 a 1
"1-0"
> XGROUP CREATE s workers 0
OK
> XDELEX s ACKED IDS 1 1-0
1) (integer) 2
> XDELEX s DELREF IDS 1 1-0
1) (integer) 1`,
		Run: xdelexCommand,
	},
	{
		Name: "XIDMPRECORD", Syntax: "key producer-id idempotent-id id", Flags: Write | DenyOOM | Fast,
		Since: "8.6.2", Origin: "Redis", Complexity: "O(1)",
		Summary: "Notes which message of a producer an entry is, as XADD with IDMP does.",
		Example: `
> XADD s 1-0 a 1
"1-0"
> XIDMPRECORD s ann first 1-0
OK`,
		Run: xidmprecordCommand,
	},
	{
		Name: "XNACK",
		Syntax: "key group <SILENT | FAIL | FATAL> IDS numids:integer id [id ...]" +
			" [RETRYCOUNT count] [FORCE]",
		Flags: Write | Fast, Since: "8.8.0", Origin: "Redis", Complexity: "O(1) for each ID",
		Summary: "Gives pending entries back, so that any consumer may claim them at once.",
		Example: `
> XADD s 1-0 a 1
"1-0"
> XGROUP CREATE s workers 0
OK
> XREADGROUP GROUP workers ann STREAMS s >
1) 1) "s"
   2) 1) 1) "1-0"
         2) 1) "a"
            2) "1"
> XNACK s workers FAIL IDS 1 1-0
(integer) 1
> XPENDING s workers - + 10
1) 1) "1-0"
   2) ""
   3) (integer) -1
   4) (integer) 1`,
		Run: xnackCommand,
	},
}
