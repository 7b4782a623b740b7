package engine

import (
	"cmp"
	"math"
)

// Intersections, unions and differences of sets, replied or stored.

const (
	errTooManyKeys   = "ERR Number of keys can't be greater than number of args"
	errNegativeLimit = "ERR LIMIT can't be negative"
)

// sets returns the sets of keys for reading; those of missing keys are empty.
func (c *Ctx) sets(keys [][]byte) (sets []*Set, ok bool) {
	sets = make([]*Set, 0, len(keys))
	for _, key := range keys {
		s, ok := c.set(key)
		if !ok {
			return nil, false
		}
		sets = append(sets, s)
	}
	return sets, true
}

// setOperation visits the members of a combination of sets, each once, until visit returns false.
type setOperation func(c *Ctx, sets []*Set, visit func(member []byte) bool)

func sinterCommand(c *Ctx)      { c.replyOperation(intersection) }
func sinterstoreCommand(c *Ctx) { c.storeOperation(intersection, "sinterstore") }
func sunionCommand(c *Ctx)      { c.replyOperation(union) }
func sunionstoreCommand(c *Ctx) { c.storeOperation(union, "sunionstore") }
func sdiffCommand(c *Ctx)       { c.replyOperation(difference) }
func sdiffstoreCommand(c *Ctx)  { c.storeOperation(difference, "sdiffstore") }

// replyOperation replies with a combination.
func (c *Ctx) replyOperation(walk setOperation) {
	sets, ok := c.sets(c.Argv[1:])
	if !ok {
		return
	}
	mark, n := c.Reply.Later(), 0
	walk(c, sets, func(member []byte) bool {
		c.Reply.Bulk(member)
		n++
		return true
	})
	c.Reply.SetAt(mark, n)
}

// storeOperation makes a combination the content of a key.
func (c *Ctx) storeOperation(walk setOperation, event string) {
	sets, ok := c.sets(c.Argv[2:])
	if !ok {
		return
	}
	result := c.newSet()
	walk(c, sets, func(member []byte) bool {
		result.add(member)
		return true
	})
	c.storeSet(c.Argv[1], result, event)
}

// newSet returns an empty set of no key.
func (c *Ctx) newSet() *Set {
	s := &Set{}
	s.settle(&c.e.settings)
	return s
}

// storeSet makes result the content of a key, which goes if there is no member, and replies their number.
func (c *Ctx) storeSet(key []byte, result *Set, event string) {
	n := result.Len()
	if n > 0 {
		c.replace(key, result)
		c.Propagate()
		c.Notify(notifySet, event, key)
	} else {
		c.storeNothing(key)
	}
	c.Reply.Int(int64(n))
}

// intersection looks the members of the smallest set up in the others, the smaller of them first: O(N*M)
// at worst, for N members of the smallest and M sets.
func intersection(_ *Ctx, sets []*Set, visit func(member []byte) bool) {
	sets = append([]*Set(nil), sets...)
	sortStable(sets, func(a, b *Set) int { return cmp.Compare(a.Len(), b.Len()) })
	sets[0].Each(func(member []byte) bool {
		for _, s := range sets[1:] {
			if !s.Has(member) {
				return true
			}
		}
		return visit(member)
	})
}

// union collects the members in a set of its own, which tells what was there.
func union(c *Ctx, sets []*Set, visit func(member []byte) bool) {
	seen := c.newSet()
	for _, s := range sets {
		s.Each(func(member []byte) bool {
			seen.add(member)
			return true
		})
	}
	seen.Each(visit)
}

// difference has the members of the first set that no other set has. There are two ways, and the one
// with less to do is taken, as in the reference: to look each member of the first set up in the
// others, or to take the members of all others out of a copy of it. The first way stops at the first
// set that has the member, so it counts half.
func difference(c *Ctx, sets []*Set, visit func(member []byte) bool) {
	lookUps, members := 0, 0
	for _, s := range sets {
		lookUps += sets[0].Len()
		members += s.Len()
	}
	if lookUps/2 > members {
		subtract(c, sets, visit)
		return
	}
	others := append([]*Set(nil), sets[1:]...)
	sortStable(others, func(a, b *Set) int { return cmp.Compare(b.Len(), a.Len()) })
	sets[0].Each(func(member []byte) bool {
		for _, s := range others {
			if s.Has(member) {
				return true
			}
		}
		return visit(member)
	})
}

// subtract takes the members of all others out of a copy of the first set.
func subtract(c *Ctx, sets []*Set, visit func(member []byte) bool) {
	rest := c.newSet()
	sets[0].Each(func(member []byte) bool {
		rest.add(member)
		return true
	})
	for _, s := range sets[1:] {
		s.Each(func(member []byte) bool {
			rest.remove(member)
			return !rest.Empty()
		})
	}
	rest.Each(visit)
}

func sintercardCommand(c *Ctx) { c.countOperation(intersection) }

// countOperation replies how many members a combination has, at most the LIMIT.
func (c *Ctx) countOperation(walk setOperation) {
	sets, o, ok := c.countedSets(false)
	if !ok {
		return
	}
	n := int64(0)
	walk(c, sets, func([]byte) bool {
		n++
		return n < o.limit
	})
	c.Reply.Int(n)
}

// countOptions are the options of the commands that count a combination.
type countOptions struct {
	limit       int64
	approximate bool
}

// countedSets reads the arguments of a command that counts, of which some may be content to estimate.
func (c *Ctx) countedSets(mayEstimate bool) (sets []*Set, o countOptions, ok bool) {
	numKeys, ok := c.intAtLeast(1, 1, errNumKeys)
	if !ok {
		return nil, o, false
	}
	if numKeys > int64(len(c.Argv)-2) {
		c.Reply.Error(errTooManyKeys)
		return nil, o, false
	}
	for i := 2 + int(numKeys); i < len(c.Argv); i++ {
		switch {
		case mayEstimate && c.is(i, "APPROX"):
			o.approximate = true
		case c.is(i, "LIMIT") && i+1 < len(c.Argv):
			i++
			if o.limit, ok = c.intAtLeast(i, 0, errNegativeLimit); !ok {
				return nil, o, false
			}
		default:
			c.syntaxError()
			return nil, o, false
		}
	}
	if o.limit == 0 {
		o.limit = math.MaxInt64
	}
	sets, ok = c.sets(c.Argv[2 : 2+numKeys])
	return sets, o, ok
}
