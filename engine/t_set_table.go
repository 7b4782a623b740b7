package engine

var setCommands = []Command{
	{
		Name: "SADD", Syntax: "key member [member ...]", Flags: Write | DenyOOM | Fast, Since: "1.0.0",
		Complexity: "O(1) for each member",
		Summary: "Adds members to a set and returns how many are new. Creates the set if it " +
			"doesn't exist.",
		Example: `
> SADD primes 2 3 5 7
(integer) 4
> SADD primes 7 11
(integer) 1`,
		Run: saddCommand,
	},
	{
		Name: "SCARD", Syntax: "key", Flags: ReadOnly | Fast, Since: "1.0.0",
		Complexity: "O(1)",
		Summary:    "Returns the number of members of a set.",
		Example: `
> SADD primes 2 3 5 7
(integer) 4
> SCARD primes
(integer) 4`,
		Run: scardCommand,
	},
	{
		Name: "SDIFF", Syntax: "key [key ...]", Flags: ReadOnly, Since: "1.0.0",
		Complexity: "O(N), where N is the number of members of all sets",
		Summary:    "Returns the members of the first set that no other set has.",
		Example: `
> SADD primes 2 3 5 7
(integer) 4
> SADD odd 1 3 5
(integer) 3
> SDIFF primes odd
1) "2"
2) "7"`,
		Run: sdiffCommand,
	},
	{
		Name: "SDIFFSTORE", Syntax: "destination key [key ...]", Flags: Write | DenyOOM, Since: "1.0.0",
		Complexity: "O(N), where N is the number of members of all sets",
		Summary:    "Stores the members of the first set that no other set has, and returns their number.",
		Example: `
> SADD primes 2 3 5 7
(integer) 4
> SADD odd 1 3 5
(integer) 3
> SDIFFSTORE rest primes odd
(integer) 2
> SMEMBERS rest
1) "2"
2) "7"`,
		Run: sdiffstoreCommand,
	},
	{
		Name: "SINTER", Syntax: "key [key ...]", Flags: ReadOnly, Since: "1.0.0",
		Complexity: "O(N*M) at worst, where N is the number of members of the smallest set and M the " +
			"number of sets",
		Summary: "Returns the members that all sets have.",
		Example: `
> SADD primes 2 3 5 7
(integer) 4
> SADD odd 1 3 5
(integer) 3
> SINTER primes odd
1) "3"
2) "5"`,
		Run: sinterCommand,
	},
	{
		Name: "SINTERCARD", Syntax: "numkeys key [key ...] [LIMIT limit]",
		Flags: ReadOnly | MovableKeys, Since: "7.0.0",
		Complexity: "O(N*M) at worst, where N is the number of members of the smallest set and M the " +
			"number of sets",
		Summary: "Returns the number of members that all sets have, counting no further than a limit.",
		Example: `
> SADD primes 2 3 5 7
(integer) 4
> SADD odd 1 3 5
(integer) 3
> SINTERCARD 2 primes odd
(integer) 2
> SINTERCARD 2 primes odd LIMIT 1
(integer) 1`,
		Run: sintercardCommand,
	},
	{
		Name: "SINTERSTORE", Syntax: "destination key [key ...]", Flags: Write | DenyOOM, Since: "1.0.0",
		Complexity: "O(N*M) at worst, where N is the number of members of the smallest set and M the " +
			"number of sets",
		Summary: "Stores the members that all sets have, and returns their number.",
		Example: `
> SADD primes 2 3 5 7
(integer) 4
> SADD odd 1 3 5
(integer) 3
> SINTERSTORE both primes odd
(integer) 2
> SMEMBERS both
1) "3"
2) "5"`,
		Run: sinterstoreCommand,
	},
	{
		Name: "SISMEMBER", Syntax: "key member", Flags: ReadOnly | Fast, Since: "1.0.0",
		Complexity: "O(1)",
		Summary:    "Tells whether a set has a member.",
		Example: `
> SADD primes 2 3 5 7
(integer) 4
> SISMEMBER primes 5
(integer) 1
> SISMEMBER primes 6
(integer) 0`,
		Run: sismemberCommand,
	},
	{
		Name: "SMEMBERS", Syntax: "key", Flags: ReadOnly, Since: "1.0.0",
		Complexity: "O(N), where N is the number of members",
		Summary:    "Returns all members of a set.",
		Example: `
> SADD primes 2 3 5 7
(integer) 4
> SMEMBERS primes
1) "2"
2) "3"
3) "5"
4) "7"`,
		Run: smembersCommand,
	},
	{
		Name: "SMISMEMBER", Syntax: "key member [member ...]", Flags: ReadOnly | Fast, Since: "6.2.0",
		Complexity: "O(N), where N is the number of members asked for",
		Summary:    "Tells for each of several members whether a set has it.",
		Example: `
> SADD primes 2 3 5 7
(integer) 4
> SMISMEMBER primes 5 6
1) (integer) 1
2) (integer) 0`,
		Run: smismemberCommand,
	},
	{
		Name: "SMOVE", Syntax: "source destination member", Flags: Write | Fast, Since: "1.0.0",
		Complexity: "O(1)",
		Summary:    "Moves a member from one set to another.",
		Example: `
> SADD primes 2 3 5 7
(integer) 4
> SADD odd 1 3 5
(integer) 3
> SMOVE primes odd 7
(integer) 1
> SMEMBERS odd
1) "1"
2) "3"
3) "5"
4) "7"`,
		Run: smoveCommand,
	},
	{
		Name: "SPOP", Syntax: "key [count]", Flags: Write | Fast, Since: "1.0.0",
		Complexity: "O(N), where N is the number of members returned",
		Summary:    "Removes random members of a set and returns them.",
		Example: `
> SADD hat rabbit
(integer) 1
> SPOP hat
"rabbit"
> SPOP hat
(nil)`,
		Run: spopCommand,
	},
	{
		Name: "SRANDMEMBER", Syntax: "key [count]", Flags: ReadOnly, Since: "1.0.0",
		Complexity: "O(N), where N is the number of members returned",
		Summary:    "Returns random members of a set: different ones, or any if count is negative.",
		Example: `
> SADD hat rabbit
(integer) 1
> SRANDMEMBER hat
"rabbit"
> SRANDMEMBER hat -2
1) "rabbit"
2) "rabbit"`,
		Run: srandmemberCommand,
	},
	{
		Name: "SREM", Syntax: "key member [member ...]", Flags: Write | Fast, Since: "1.0.0",
		Complexity: "O(N), where N is the number of members to be removed",
		Summary: "Removes members of a set and returns how many there were; the last one takes " +
			"the key along.",
		Example: `
> SADD primes 2 3 5 7
(integer) 4
> SREM primes 7 8
(integer) 1`,
		Run: sremCommand,
	},
	{
		Name: "SSCAN", Syntax: "key cursor [MATCH pattern] [COUNT count]", Flags: ReadOnly, Since: "2.8.0",
		Complexity: "O(1) for every call, O(N) for a whole walk over N members",
		Summary:    "Walks over the members of a set, a page a call.",
		Example: `
> SADD primes 2 3 5 7
(integer) 4
> SSCAN primes 0 MATCH [1-4]*
1) "0"
2) 1) "2"
   2) "3"`,
		Run: sscanCommand,
	},
	{
		Name: "SUNION", Syntax: "key [key ...]", Flags: ReadOnly, Since: "1.0.0",
		Complexity: "O(N), where N is the number of members of all sets",
		Summary:    "Returns the members that any of the sets has.",
		Example: `
> SADD primes 2 3 5 7
(integer) 4
> SADD odd 1 3 5
(integer) 3
> SUNION primes odd
1) "1"
2) "2"
3) "3"
4) "5"
5) "7"`,
		Run: sunionCommand,
	},
	{
		Name: "SUNIONSTORE", Syntax: "destination key [key ...]", Flags: Write | DenyOOM, Since: "1.0.0",
		Complexity: "O(N), where N is the number of members of all sets",
		Summary:    "Stores the members that any of the sets has, and returns their number.",
		Example: `
> SADD primes 2 3 5 7
(integer) 4
> SADD odd 1 3 5
(integer) 3
> SUNIONSTORE any primes odd
(integer) 5`,
		Run: sunionstoreCommand,
	},
}
