package engine

import "riffle/engine/hll"

// Counting a union or a difference of sets without replying it, beside SINTERCARD.

var newerSetCommands = []Command{
	{
		Name: "SDIFFCARD", Syntax: "numkeys key [key ...] [LIMIT limit]",
		Flags: ReadOnly | MovableKeys, Since: "8.10.0", Origin: "Redis",
		Complexity: "O(N) where N is the total number of members in all sets",
		Summary:    "Returns the number of members that the first set alone has, counting no further than a limit.",
		Example: `
> SADD primes 2 3 5 7
(integer) 4
> SADD odd 1 3 5
(integer) 3
> SDIFFCARD 2 primes odd
(integer) 2`,
		Run: sdiffcardCommand,
	},
	{
		Name: "SUNIONCARD", Syntax: "numkeys key [key ...] [APPROX] [LIMIT limit]",
		Flags: ReadOnly | MovableKeys, Since: "8.10.0", Origin: "Redis",
		Complexity: "O(N) where N is the total number of members in all sets",
		Summary:    "Returns the number of members that any of the sets has, or an estimate of it.",
		Example: `
> SADD primes 2 3 5 7
(integer) 4
> SADD odd 1 3 5
(integer) 3
> SUNIONCARD 2 primes odd
(integer) 5
> SUNIONCARD 2 primes odd LIMIT 3
(integer) 3`,
		Run: sunioncardCommand,
	},
}

func sdiffcardCommand(c *Ctx) { c.countOperation(difference) }

func sunioncardCommand(c *Ctx) {
	sets, o, ok := c.countedSets(true)
	if !ok {
		return
	}
	if o.approximate {
		c.Reply.Int(min(estimateUnion(sets), o.limit))
		return
	}
	seen := c.newSet()
	for _, s := range sets {
		s.Each(func(member []byte) bool {
			seen.add(member)
			return int64(seen.Len()) < o.limit
		})
		if int64(seen.Len()) >= o.limit {
			break
		}
	}
	c.Reply.Int(int64(seen.Len()))
}

// sketchSparseBytes is the size from which on the sketch of a union is dense.
const sketchSparseBytes = 3000

// estimateUnion counts a union with a HyperLogLog sketch: 12 KiB whatever the sets hold, and a standard
// error of 0.81 %.
func estimateUnion(sets []*Set) int64 {
	sketch := hll.New()
	for _, s := range sets {
		s.Each(func(member []byte) bool {
			sketch, _, _ = hll.Add(sketch, member, sketchSparseBytes) // fails on a damaged sketch only
			return true
		})
	}
	n, _ := hll.Count(sketch)
	return int64(n)
}
