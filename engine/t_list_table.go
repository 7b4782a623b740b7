package engine

var listCommands = []Command{
	{
		Name: "BLMOVE", Syntax: "source destination <LEFT | RIGHT> <LEFT | RIGHT> timeout",
		Flags: Write | DenyOOM | Blocking, Since: "6.2.0",
		Complexity: "O(1)",
		Summary: "Moves an element from one list to another, waiting for one to arrive if the " +
			"source is empty.",
		Example: `
> RPUSH queue a b c
(integer) 3
> BLMOVE queue working LEFT RIGHT 5
"a"
> LRANGE working 0 -1
1) "a"`,
		Run: blmoveCommand,
	},
	{
		Name: "BLMPOP", Syntax: "timeout numkeys key [key ...] <LEFT | RIGHT> [COUNT count]",
		Flags: Write | Blocking | MovableKeys, Since: "7.0.0",
		Complexity: "O(N+M), where N is the number of keys and M the number of elements returned",
		Summary: "Removes elements from the first list that has any and returns them, waiting if " +
			"all are empty.",
		Example: `
> RPUSH queue a b c
(integer) 3
> BLMPOP 5 2 urgent queue LEFT COUNT 2
1) "queue"
2) 1) "a"
   2) "b"`,
		Run: blmpopCommand,
	},
	{
		Name: "BLPOP", Syntax: "key [key ...] timeout", Flags: Write | Blocking, Since: "2.0.0",
		Complexity: "O(N), where N is the number of keys",
		Summary: "Removes the first element of the first list that has any and returns it, " +
			"waiting if all are empty.",
		Example: `
> RPUSH queue a b c
(integer) 3
> BLPOP urgent queue 5
1) "queue"
2) "a"`,
		Run: blpopCommand,
	},
	{
		Name: "BRPOP", Syntax: "key [key ...] timeout", Flags: Write | Blocking, Since: "2.0.0",
		Complexity: "O(N), where N is the number of keys",
		Summary: "Removes the last element of the first list that has any and returns it, waiting " +
			"if all are empty.",
		Example: `
> RPUSH queue a b c
(integer) 3
> BRPOP queue 5
1) "queue"
2) "c"`,
		Run: brpopCommand,
	},
	{
		Name: "BRPOPLPUSH", Syntax: "source destination timeout",
		Flags: Write | DenyOOM | Blocking, Since: "2.2.0",
		Complexity: "O(1)",
		Summary: "Moves the last element of a list to the front of another, waiting for one to " +
			"arrive if there is none.",
		Example: `
> RPUSH queue a b c
(integer) 3
> BRPOPLPUSH queue working 5
"c"`,
		Deprecated: "6.2.0", ReplacedBy: "`BLMOVE` with the `RIGHT` and `LEFT` arguments",
		Run: brpoplpushCommand,
	},
	{
		Name: "LINDEX", Syntax: "key index", Flags: ReadOnly, Since: "1.0.0",
		Complexity: "O(N), where N is the distance from the nearer end of the list",
		Summary:    "Returns an element of a list by its index, which counts from the tail if negative.",
		Example: `
> RPUSH queue a b c
(integer) 3
> LINDEX queue 0
"a"
> LINDEX queue -1
"c"
> LINDEX queue 9
(nil)`,
		Run: lindexCommand,
	},
	{
		Name: "LINSERT", Syntax: "key <BEFORE | AFTER> pivot element", Flags: Write | DenyOOM, Since: "2.2.0",
		Complexity: "O(N), where N is the number of elements before the pivot",
		Summary: "Inserts an element next to another one and returns the new length, or -1 " +
			"without that other one.",
		Example: `
> RPUSH queue a b c
(integer) 3
> LINSERT queue BEFORE b x
(integer) 4
> LRANGE queue 0 -1
1) "a"
2) "x"
3) "b"
4) "c"`,
		Run: linsertCommand,
	},
	{
		Name: "LLEN", Syntax: "key", Flags: ReadOnly | Fast, Since: "1.0.0",
		Complexity: "O(1)",
		Summary:    "Returns the number of elements of a list.",
		Example: `
> RPUSH queue a b c
(integer) 3
> LLEN queue
(integer) 3`,
		Run: llenCommand,
	},
	{
		Name: "LMOVE", Syntax: "source destination <LEFT | RIGHT> <LEFT | RIGHT>",
		Flags: Write | DenyOOM, Since: "6.2.0",
		Complexity: "O(1)",
		Summary:    "Moves an element from an end of one list to an end of another and returns it.",
		Example: `
> RPUSH queue a b c
(integer) 3
> LMOVE queue working LEFT RIGHT
"a"
> LRANGE working 0 -1
1) "a"`,
		Run: lmoveCommand,
	},
	{
		Name: "LMPOP", Syntax: "numkeys key [key ...] <LEFT | RIGHT> [COUNT count]",
		Flags: Write | MovableKeys, Since: "7.0.0",
		Complexity: "O(N+M), where N is the number of keys and M the number of elements returned",
		Summary:    "Removes elements from the first list that has any and returns them.",
		Example: `
> RPUSH queue a b c
(integer) 3
> LMPOP 2 urgent queue RIGHT COUNT 2
1) "queue"
2) 1) "c"
   2) "b"`,
		Run: lmpopCommand,
	},
	{
		Name: "LPOP", Syntax: "key [count]", Flags: Write | Fast, Since: "1.0.0",
		Complexity: "O(N), where N is the number of elements returned",
		Summary:    "Removes the first elements of a list and returns them.",
		Example: `
> RPUSH queue a b c
(integer) 3
> LPOP queue
"a"
> LPOP queue 2
1) "b"
2) "c"`,
		Run: lpopCommand,
	},
	{
		Name: "LPOS", Syntax: "key element [RANK rank] [COUNT num-matches] [MAXLEN len]",
		Flags: ReadOnly, Since: "6.0.6",
		Complexity: "O(N), where N is the number of elements compared",
		Summary:    "Returns the index of an element in a list, or the indexes of several equal ones.",
		Example: `
> RPUSH letters a b c b
(integer) 4
> LPOS letters b
(integer) 1
> LPOS letters b COUNT 0
1) (integer) 1
2) (integer) 3
> LPOS letters b RANK -1
(integer) 3`,
		Run: lposCommand,
	},
	{
		Name: "LPUSH", Syntax: "key element [element ...]", Flags: Write | DenyOOM | Fast, Since: "1.0.0",
		Complexity: "O(1) for each element",
		Summary: "Adds elements to the front of a list, one after the other, and returns its " +
			"length. Creates the list if it doesn't exist.",
		Example: `
> LPUSH stack a b c
(integer) 3
> LRANGE stack 0 -1
1) "c"
2) "b"
3) "a"`,
		Run: lpushCommand,
	},
	{
		Name: "LPUSHX", Syntax: "key element [element ...]", Flags: Write | DenyOOM | Fast, Since: "2.2.0",
		Complexity: "O(1) for each element",
		Summary:    "Adds elements to the front of a list that exists and returns its length.",
		Example: `
> LPUSHX stack a
(integer) 0
> LPUSH stack a
(integer) 1
> LPUSHX stack b
(integer) 2`,
		Run: lpushxCommand,
	},
	{
		Name: "LRANGE", Syntax: "key start stop", Flags: ReadOnly, Since: "1.0.0",
		Complexity: "O(S+N), where S is the distance of start from the nearer end and N the number " +
			"of elements returned",
		Summary: "Returns a range of the elements of a list. Both indexes are included and count " +
			"from the tail if negative.",
		Example: `
> RPUSH queue a b c
(integer) 3
> LRANGE queue 0 -1
1) "a"
2) "b"
3) "c"
> LRANGE queue 5 9
(empty array)`,
		Run: lrangeCommand,
	},
	{
		Name: "LREM", Syntax: "key count element", Flags: Write, Since: "1.0.0",
		Complexity: "O(N), where N is the length of the list",
		Summary: "Removes elements equal to one from a list: the first count, the last ones if " +
			"count is negative, all if it is 0.",
		Example: `
> RPUSH letters a b a a
(integer) 4
> LREM letters -2 a
(integer) 2
> LRANGE letters 0 -1
1) "a"
2) "b"`,
		Run: lremCommand,
	},
	{
		Name: "LSET", Syntax: "key index element", Flags: Write | DenyOOM, Since: "1.0.0",
		Complexity: "O(N), where N is the distance from the nearer end of the list",
		Summary:    "Replaces an element of a list by its index.",
		Example: `
> RPUSH queue a b c
(integer) 3
> LSET queue -1 z
OK
> LRANGE queue 0 -1
1) "a"
2) "b"
3) "z"`,
		Run: lsetCommand,
	},
	{
		Name: "LTRIM", Syntax: "key start stop", Flags: Write, Since: "1.0.0",
		Complexity: "O(N), where N is the number of elements removed",
		Summary:    "Removes all elements of a list outside of a range.",
		Example: `
> RPUSH queue a b c
(integer) 3
> LTRIM queue 1 -1
OK
> LRANGE queue 0 -1
1) "b"
2) "c"`,
		Run: ltrimCommand,
	},
	{
		Name: "RPOP", Syntax: "key [count]", Flags: Write | Fast, Since: "1.0.0",
		Complexity: "O(N), where N is the number of elements returned",
		Summary:    "Removes the last elements of a list and returns them.",
		Example: `
> RPUSH queue a b c
(integer) 3
> RPOP queue
"c"
> RPOP queue 2
1) "b"
2) "a"`,
		Run: rpopCommand,
	},
	{
		Name: "RPOPLPUSH", Syntax: "source destination", Flags: Write | DenyOOM, Since: "1.2.0",
		Complexity: "O(1)",
		Summary:    "Moves the last element of a list to the front of another and returns it.",
		Example: `
> RPUSH queue a b c
(integer) 3
> RPOPLPUSH queue working
"c"`,
		Deprecated: "6.2.0", ReplacedBy: "`LMOVE` with the `RIGHT` and `LEFT` arguments",
		Run: rpoplpushCommand,
	},
	{
		Name: "RPUSH", Syntax: "key element [element ...]", Flags: Write | DenyOOM | Fast, Since: "1.0.0",
		Complexity: "O(1) for each element",
		Summary: "Adds elements to the end of a list and returns its length. Creates the list if " +
			"it doesn't exist.",
		Example: `
> RPUSH queue a b c
(integer) 3
> LRANGE queue 0 -1
1) "a"
2) "b"
3) "c"`,
		Run: rpushCommand,
	},
	{
		Name: "RPUSHX", Syntax: "key element [element ...]", Flags: Write | DenyOOM | Fast, Since: "2.2.0",
		Complexity: "O(1) for each element",
		Summary:    "Adds elements to the end of a list that exists and returns its length.",
		Example: `
> RPUSHX queue a
(integer) 0
> RPUSH queue a
(integer) 1
> RPUSHX queue b
(integer) 2`,
		Run: rpushxCommand,
	},
}
