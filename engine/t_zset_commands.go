package engine

var sortedSetCommands = []Command{
	{
		Name: "BZMPOP", Flags: Write | Blocking | MovableKeys, Since: "7.0.0",
		Syntax:     "timeout numkeys key [key ...] <MIN | MAX> [COUNT count]",
		Complexity: "O(K)+O(M*log(N)), where K is the number of keys and M the number of members popped",
		Summary:    "Pops members from the first of several sorted sets that has some, and waits if none has.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> BZMPOP 0 2 empty fruit MIN COUNT 2
1) "fruit"
2) 1) 1) "pear"
      2) "1"
   2) 1) "plum"
      2) "2"`,
		Run: bzmpopCommand,
	},
	{
		Name: "BZPOPMAX", Flags: Write | NoScript | Blocking | Fast, Since: "5.0.0",
		Syntax:     "key [key ...] timeout",
		Complexity: "O(log(N)), where N is the number of members",
		Summary: "Pops the member with the highest score from the first of several sorted sets that" +
			" has one, and waits if none has.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> BZPOPMAX empty fruit 0
1) "fruit"
2) "apple"
3) "3"`,
		Run: bzpopmaxCommand,
	},
	{
		Name: "BZPOPMIN", Flags: Write | NoScript | Blocking | Fast, Since: "5.0.0",
		Syntax:     "key [key ...] timeout",
		Complexity: "O(log(N)), where N is the number of members",
		Summary: "Pops the member with the lowest score from the first of several sorted sets that" +
			" has one, and waits if none has.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> BZPOPMIN empty fruit 0
1) "fruit"
2) "pear"
3) "1"`,
		Run: bzpopminCommand,
	},
	{
		Name: "ZADD", Flags: Write | DenyOOM | Fast, Since: "1.2.0",
		Syntax:     "key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]",
		Complexity: "O(log(N)) for each member, where N is the number of members",
		Summary:    "Adds members with scores to a sorted set, or changes their scores.",
		Example: `
> ZADD game 10 ada 20 bob
(integer) 2
> ZADD game XX CH 15 ada 30 cyd
(integer) 1
> ZADD game INCR 5 bob
"25"`,
		Run: zaddCommand,
	},
	{
		Name: "ZCARD", Flags: ReadOnly | Fast, Since: "1.2.0",
		Syntax:     "key",
		Complexity: "O(1)",
		Summary:    "Returns the number of members of a sorted set.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZCARD fruit
(integer) 3`,
		Run: zcardCommand,
	},
	{
		Name: "ZCOUNT", Flags: ReadOnly | Fast, Since: "2.0.0",
		Syntax:     "key min max",
		Complexity: "O(log(N)), where N is the number of members",
		Summary:    "Returns how many members have scores in a range.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZCOUNT fruit (1 +inf
(integer) 2`,
		Run: zcountCommand,
	},
	{
		Name: "ZDIFF", Flags: ReadOnly | MovableKeys, Since: "6.2.0",
		Syntax: "numkeys key [key ...] [WITHSCORES]",
		Complexity: "O(L+(N-K)log(N)), where L is the number of members of all sets, N of the first and" +
			" K of the result",
		Summary: "Returns the members of the first sorted set that no other has.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZADD sold 1 plum
(integer) 1
> ZDIFF 2 fruit sold
1) "pear"
2) "apple"`,
		Run: zdiffCommand,
	},
	{
		Name: "ZDIFFSTORE", Flags: Write | DenyOOM | MovableKeys, Since: "6.2.0",
		Syntax: "destination numkeys key [key ...]",
		Complexity: "O(L+(N-K)log(N)), where L is the number of members of all sets, N of the first and" +
			" K of the result",
		Summary: "Stores the members of the first sorted set that no other has.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZADD sold 1 plum
(integer) 1
> ZDIFFSTORE left 2 fruit sold
(integer) 2`,
		Run: zdiffstoreCommand,
	},
	{
		Name: "ZINCRBY", Flags: Write | DenyOOM | Fast, Since: "1.2.0",
		Syntax:     "key increment member",
		Complexity: "O(log(N)), where N is the number of members",
		Summary:    "Adds to the score of a member, which counts as 0 if it is missing.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZINCRBY fruit 2.5 pear
"3.5"`,
		Run: zincrbyCommand,
	},
	{
		Name: "ZINTER", Flags: ReadOnly | MovableKeys, Since: "6.2.0",
		Syntax: "numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX | COUNT>]" +
			" [WITHSCORES]",
		Complexity: "O(N*K)+O(M*log(M)), where N is the size of the smallest set, K the number of sets" +
			" and M the size of the result",
		Summary: "Returns the members that all of several sorted sets have. AGGREGATE COUNT is that of Redis 8.8.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZADD sold 10 plum 20 cherry
(integer) 2
> ZINTER 2 fruit sold WITHSCORES
1) "plum"
2) "12"`,
		Run: zinterCommand,
	},
	{
		Name: "ZINTERCARD", Flags: ReadOnly | MovableKeys, Since: "7.0.0",
		Syntax:     "numkeys key [key ...] [LIMIT limit]",
		Complexity: "O(N*K), where N is the size of the smallest set and K the number of sets",
		Summary:    "Returns how many members all of several sorted sets have.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZADD sold 10 plum 20 cherry
(integer) 2
> ZINTERCARD 2 fruit sold
(integer) 1`,
		Run: zintercardCommand,
	},
	{
		Name: "ZINTERSTORE", Flags: Write | DenyOOM | MovableKeys, Since: "2.0.0",
		Syntax: "destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM |" +
			" MIN | MAX | COUNT>]",
		Complexity: "O(N*K)+O(M*log(M)), where N is the size of the smallest set, K the number of sets" +
			" and M the size of the result",
		Summary: "Stores the members that all of several sorted sets have. AGGREGATE COUNT is that of Redis 8.8.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZADD sold 10 plum 20 cherry
(integer) 2
> ZINTERSTORE both 2 fruit sold WEIGHTS 1 2
(integer) 1
> ZSCORE both plum
"22"`,
		Run: zinterstoreCommand,
	},
	{
		Name: "ZLEXCOUNT", Flags: ReadOnly | Fast, Since: "2.8.9",
		Syntax:     "key min max",
		Complexity: "O(log(N)), where N is the number of members",
		Summary:    "Returns how many members are in a range of names, when all scores are the same.",
		Example: `
> ZADD words 0 ant 0 bee 0 cat
(integer) 3
> ZLEXCOUNT words [b +
(integer) 2`,
		Run: zlexcountCommand,
	},
	{
		Name: "ZMPOP", Flags: Write | MovableKeys, Since: "7.0.0",
		Syntax:     "numkeys key [key ...] <MIN | MAX> [COUNT count]",
		Complexity: "O(K)+O(M*log(N)), where K is the number of keys and M the number of members popped",
		Summary:    "Pops members from the first of several sorted sets that has some.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZMPOP 2 empty fruit MAX
1) "fruit"
2) 1) 1) "apple"
      2) "3"`,
		Run: zmpopCommand,
	},
	{
		Name: "ZMSCORE", Flags: ReadOnly | Fast, Since: "6.2.0",
		Syntax:     "key member [member ...]",
		Complexity: "O(N), where N is the number of members asked for",
		Summary:    "Returns the scores of several members.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZMSCORE fruit pear cherry
1) "1"
2) (nil)`,
		Run: zmscoreCommand,
	},
	{
		Name: "ZPOPMAX", Flags: Write | Fast, Since: "5.0.0",
		Syntax:     "key [count]",
		Complexity: "O(log(N)*M), where M is the number of members popped",
		Summary:    "Pops the members with the highest scores.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZPOPMAX fruit
1) "apple"
2) "3"`,
		Run: zpopmaxCommand,
	},
	{
		Name: "ZPOPMIN", Flags: Write | Fast, Since: "5.0.0",
		Syntax:     "key [count]",
		Complexity: "O(log(N)*M), where M is the number of members popped",
		Summary:    "Pops the members with the lowest scores.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZPOPMIN fruit 2
1) "pear"
2) "1"
3) "plum"
4) "2"`,
		Run: zpopminCommand,
	},
	{
		Name: "ZRANDMEMBER", Flags: ReadOnly, Since: "6.2.0",
		Syntax:     "key [count [WITHSCORES]]",
		Complexity: "O(N), where N is the number of members returned",
		Summary: "Returns a random member, or several: different ones, or as many as asked for if" +
			" the count is negative.",
		Example: `
> ZADD coin 5 heads
(integer) 1
> ZRANDMEMBER coin
"heads"
> ZRANDMEMBER coin -2 WITHSCORES
1) "heads"
2) "5"
3) "heads"
4) "5"`,
		Run: zrandmemberCommand,
	},
	{
		Name: "ZRANGE", Flags: ReadOnly, Since: "1.2.0",
		Syntax:     "key start:string stop:string [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]",
		Complexity: "O(log(N)+M), where N is the number of members and M the number of members returned",
		Summary:    "Returns members in a range of ranks, of scores or of names.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZRANGE fruit 0 -1
1) "pear"
2) "plum"
3) "apple"
> ZRANGE fruit +inf (1 BYSCORE REV LIMIT 0 1 WITHSCORES
1) "apple"
2) "3"`,
		Run: zrangeCommand,
	},
	{
		Name: "ZRANGEBYLEX", Flags: ReadOnly, Since: "2.8.9",
		Syntax:     "key min max [LIMIT offset count]",
		Complexity: "O(log(N)+M), where N is the number of members and M the number of members returned",
		Summary:    "Returns members in a range of names, when all scores are the same.",
		Deprecated: "6.2.0", ReplacedBy: "ZRANGE with BYLEX",
		Example: `
> ZADD words 0 ant 0 bee 0 cat
(integer) 3
> ZRANGEBYLEX words - (cat
1) "ant"
2) "bee"`,
		Run: zrangebylexCommand,
	},
	{
		Name: "ZRANGEBYSCORE", Flags: ReadOnly, Since: "1.0.5",
		Syntax:     "key min max [WITHSCORES] [LIMIT offset count]",
		Complexity: "O(log(N)+M), where N is the number of members and M the number of members returned",
		Summary:    "Returns members with scores in a range.",
		Deprecated: "6.2.0", ReplacedBy: "ZRANGE with BYSCORE",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZRANGEBYSCORE fruit 2 +inf
1) "plum"
2) "apple"`,
		Run: zrangebyscoreCommand,
	},
	{
		Name: "ZRANGESTORE", Flags: Write | DenyOOM, Since: "6.2.0",
		Syntax:     "dst:key src:key min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]",
		Complexity: "O(log(N)+M), where N is the number of members and M the number of members stored",
		Summary:    "Stores members in a range of ranks, of scores or of names.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZRANGESTORE best fruit 0 1 REV
(integer) 2`,
		Run: zrangestoreCommand,
	},
	{
		Name: "ZRANK", Flags: ReadOnly | Fast, Since: "2.0.0",
		Syntax:     "key member [WITHSCORE]",
		Complexity: "O(log(N)), where N is the number of members",
		Summary:    "Returns the rank of a member, counted from 0 at the lowest score.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZRANK fruit plum
(integer) 1
> ZRANK fruit apple WITHSCORE
1) (integer) 2
2) "3"`,
		Run: zrankCommand,
	},
	{
		Name: "ZREM", Flags: Write | Fast, Since: "1.2.0",
		Syntax:     "key member [member ...]",
		Complexity: "O(M*log(N)), where N is the number of members and M the number removed",
		Summary:    "Removes members and returns how many there were.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZREM fruit plum cherry
(integer) 1`,
		Run: zremCommand,
	},
	{
		Name: "ZREMRANGEBYLEX", Flags: Write, Since: "2.8.9",
		Syntax:     "key min max",
		Complexity: "O(log(N)+M), where N is the number of members and M the number removed",
		Summary:    "Removes members in a range of names, when all scores are the same.",
		Example: `
> ZADD words 0 ant 0 bee 0 cat
(integer) 3
> ZREMRANGEBYLEX words [b [c
(integer) 1`,
		Run: zremrangebylexCommand,
	},
	{
		Name: "ZREMRANGEBYRANK", Flags: Write, Since: "2.0.0",
		Syntax:     "key start stop",
		Complexity: "O(log(N)+M), where N is the number of members and M the number removed",
		Summary:    "Removes members in a range of ranks.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZREMRANGEBYRANK fruit 0 1
(integer) 2`,
		Run: zremrangebyrankCommand,
	},
	{
		Name: "ZREMRANGEBYSCORE", Flags: Write, Since: "1.2.0",
		Syntax:     "key min max",
		Complexity: "O(log(N)+M), where N is the number of members and M the number removed",
		Summary:    "Removes members with scores in a range.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZREMRANGEBYSCORE fruit -inf (3
(integer) 2`,
		Run: zremrangebyscoreCommand,
	},
	{
		Name: "ZREVRANGE", Flags: ReadOnly, Since: "1.2.0",
		Syntax:     "key start stop [WITHSCORES]",
		Complexity: "O(log(N)+M), where N is the number of members and M the number of members returned",
		Summary:    "Returns members in a range of ranks, from the highest score down.",
		Deprecated: "6.2.0", ReplacedBy: "ZRANGE with REV",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZREVRANGE fruit 0 1
1) "apple"
2) "plum"`,
		Run: zrevrangeCommand,
	},
	{
		Name: "ZREVRANGEBYLEX", Flags: ReadOnly, Since: "2.8.9",
		Syntax:     "key max min [LIMIT offset count]",
		Complexity: "O(log(N)+M), where N is the number of members and M the number of members returned",
		Summary:    "Returns members in a range of names, backwards, when all scores are the same.",
		Deprecated: "6.2.0", ReplacedBy: "ZRANGE with REV and BYLEX",
		Example: `
> ZADD words 0 ant 0 bee 0 cat
(integer) 3
> ZREVRANGEBYLEX words [bee -
1) "bee"
2) "ant"`,
		Run: zrevrangebylexCommand,
	},
	{
		Name: "ZREVRANGEBYSCORE", Flags: ReadOnly, Since: "2.2.0",
		Syntax:     "key max min [WITHSCORES] [LIMIT offset count]",
		Complexity: "O(log(N)+M), where N is the number of members and M the number of members returned",
		Summary:    "Returns members with scores in a range, from the highest down.",
		Deprecated: "6.2.0", ReplacedBy: "ZRANGE with REV and BYSCORE",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZREVRANGEBYSCORE fruit +inf 2
1) "apple"
2) "plum"`,
		Run: zrevrangebyscoreCommand,
	},
	{
		Name: "ZREVRANK", Flags: ReadOnly | Fast, Since: "2.0.0",
		Syntax:     "key member [WITHSCORE]",
		Complexity: "O(log(N)), where N is the number of members",
		Summary:    "Returns the rank of a member, counted from 0 at the highest score.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZREVRANK fruit plum
(integer) 1`,
		Run: zrevrankCommand,
	},
	{
		Name: "ZSCAN", Flags: ReadOnly, Since: "2.8.0",
		Syntax:     "key cursor [MATCH pattern] [COUNT count] [NOSCORES]",
		Complexity: "O(1) a call, O(N) for all members",
		Summary:    "Returns some members with their scores, and the cursor to go on with. NOSCORES is Valkey's.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZSCAN fruit 0 MATCH p*
1) "0"
2) 1) "pear"
   2) "1"
   3) "plum"
   4) "2"`,
		Run: zscanCommand,
	},
	{
		Name: "ZSCORE", Flags: ReadOnly | Fast, Since: "1.2.0",
		Syntax:     "key member",
		Complexity: "O(1)",
		Summary:    "Returns the score of a member.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZSCORE fruit apple
"3"
> ZSCORE fruit cherry
(nil)`,
		Run: zscoreCommand,
	},
	{
		Name: "ZUNION", Flags: ReadOnly | MovableKeys, Since: "6.2.0",
		Syntax: "numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX | COUNT>]" +
			" [WITHSCORES]",
		Complexity: "O(N)+O(M*log(M)), where N is the number of members of all sets and M the size of" +
			" the result",
		Summary: "Returns the members that any of several sorted sets has. AGGREGATE COUNT is that of Redis 8.8.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZADD sold 10 plum 20 cherry
(integer) 2
> ZUNION 2 fruit sold AGGREGATE MAX
1) "pear"
2) "apple"
3) "plum"
4) "cherry"`,
		Run: zunionCommand,
	},
	{
		Name: "ZUNIONSTORE", Flags: Write | DenyOOM | MovableKeys, Since: "2.0.0",
		Syntax: "destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM |" +
			" MIN | MAX | COUNT>]",
		Complexity: "O(N)+O(M*log(M)), where N is the number of members of all sets and M the size of" +
			" the result",
		Summary: "Stores the members that any of several sorted sets has. AGGREGATE COUNT is that of Redis 8.8.",
		Example: `
> ZADD fruit 3 apple 1 pear 2 plum
(integer) 3
> ZADD sold 10 plum 20 cherry
(integer) 2
> ZUNIONSTORE all 2 fruit sold
(integer) 4`,
		Run: zunionstoreCommand,
	},
}
