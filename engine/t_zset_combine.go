package engine

import (
	"encoding/binary"
	"math"

	"riffle/engine/dict"
	"riffle/engine/num"
)

// Unions, intersections and differences of sorted sets. A plain set takes part as if each of its
// members had the score 1.

// combineHow is which of the three.
type combineHow uint8

const (
	combineUnion combineHow = iota
	combineInter
	combineDiff
)

// memberSource is what a plain set offers.
type memberSource interface {
	Len() int
	Has(member []byte) bool
	Each(visit func(member []byte) bool)
}

// combineInput is one of the sets that are combined: a sorted set, a plain set, or neither.
type combineInput struct {
	zset   *ZSet
	set    memberSource
	weight float64
	counts bool // AGGREGATE COUNT: a member is worth the weight, whatever its score
}

func (in *combineInput) len() int {
	switch {
	case in.zset != nil:
		return in.zset.Len()
	case in.set != nil:
		return in.set.Len()
	}
	return 0
}

// each visits the members with their weighted scores until visit returns false.
func (in *combineInput) each(visit func(member []byte, score float64) bool) {
	switch {
	case in.zset != nil:
		in.zset.walk(0, in.zset.Len(), false, func(member []byte, score float64) bool {
			return visit(member, in.weigh(score))
		})
	case in.set != nil:
		in.set.Each(func(member []byte) bool { return visit(member, in.weigh(1)) })
	}
}

// score returns the weighted score of a member, NaN if a weight of 0 has met an infinity: aggregate.of
// deals with that.
func (in *combineInput) score(member []byte) (score float64, found bool) {
	switch {
	case in.zset != nil:
		slot := in.zset.find(member)
		if in.counts {
			return in.weight, slot.found
		}
		return slot.score * in.weight, slot.found
	case in.set != nil:
		return in.weight, in.set.Has(member)
	}
	return 0, false
}

// weigh multiplies a score; what would be no number counts as 0.
func (in *combineInput) weigh(score float64) float64 {
	if in.counts {
		return in.weight
	}
	if score *= in.weight; math.IsNaN(score) {
		return 0
	}
	return score
}

// aggregate makes one score of two.
type aggregate uint8

const (
	aggregateSum aggregate = iota
	aggregateMin
	aggregateMax
)

// of aggregates y into x, which is a number; y may be none, and then is neither smaller nor greater.
func (a aggregate) of(x, y float64) float64 {
	switch {
	case a == aggregateMin && y < x, a == aggregateMax && y > x:
		return y // not min and max, which tell 0 from -0
	case a != aggregateSum:
		return x
	}
	if x += y; math.IsNaN(x) { // +inf and -inf as well
		return 0
	}
	return x
}

// combination is one such command at work.
type combination struct {
	how        combineHow
	inputs     []combineInput
	aggregate  aggregate
	withScores bool
	store      bool
	count      bool  // only how many there are is wanted
	limit      int64 // stop counting there; 0 = never
}

func zunionCommand(c *Ctx)      { c.combine(combination{how: combineUnion}) }
func zinterCommand(c *Ctx)      { c.combine(combination{how: combineInter}) }
func zdiffCommand(c *Ctx)       { c.combine(combination{how: combineDiff}) }
func zunionstoreCommand(c *Ctx) { c.combine(combination{how: combineUnion, store: true}) }
func zinterstoreCommand(c *Ctx) { c.combine(combination{how: combineInter, store: true}) }
func zdiffstoreCommand(c *Ctx)  { c.combine(combination{how: combineDiff, store: true}) }
func zintercardCommand(c *Ctx)  { c.combine(combination{how: combineInter, count: true}) }

// combine reads the arguments, combines and replies.
func (c *Ctx) combine(q combination) {
	first := 1
	if q.store {
		first = 2
	}
	next, ok := q.read(c, first)
	if !ok || !q.options(c, next) {
		return
	}
	if q.how != combineDiff {
		// From the smallest on, as the reference does: the order shows in sums of doubles.
		sortStable(q.inputs, func(a, b combineInput) int { return a.len() - b.len() })
	}
	if q.count {
		c.Reply.Int(q.cardinality())
		return
	}
	result := q.result(c)
	if q.store {
		c.zstore(c.Argv[1], result, q.event())
		return
	}
	c.randomHeader(result.Len(), q.withScores)
	result.walk(0, result.Len(), false, c.zshow(q.withScores))
}

func (q *combination) event() string {
	return [...]string{"zunionstore", "zinterstore", "zdiffstore"}[q.how]
}

// read reads "numkeys key ..." from argument i on and opens the sets.
func (q *combination) read(c *Ctx, i int) (next int, ok bool) {
	n, ok := c.int(i)
	if !ok {
		return 0, false
	}
	if n < 1 {
		c.Reply.Error("ERR at least 1 input key is needed for '" + c.cmd.full + "' command")
		return 0, false
	}
	if n > int64(len(c.Argv)-i-1) {
		c.syntaxError()
		return 0, false
	}
	next = i + 1 + int(n)
	for _, key := range c.Argv[i+1 : next] {
		in, ok := c.combineInput(key)
		if !ok {
			return 0, false
		}
		q.inputs = append(q.inputs, in)
	}
	return next, true
}

func (c *Ctx) combineInput(key []byte) (in combineInput, ok bool) {
	in.weight = 1
	ref := c.find(key)
	if ref == 0 {
		return in, true
	}
	switch c.DB.kind(ref) {
	case KindZSet:
		in.zset = c.DB.open(ref, &c.e.views).(*ZSet)
	case KindSet:
		in.set = c.DB.open(ref, &c.e.views).(memberSource)
	default:
		c.wrongType()
		return in, false
	}
	return in, true
}

// options reads what follows the keys.
func (q *combination) options(c *Ctx, i int) (ok bool) {
	weighs := q.how != combineDiff && !q.count
	for i < len(c.Argv) {
		left := len(c.Argv) - i
		switch {
		case weighs && left > len(q.inputs) && c.is(i, "WEIGHTS"):
			i, ok = q.weights(c, i+1)
		case weighs && left >= 2 && c.is(i, "AGGREGATE"):
			i, ok = q.aggregates(c, i+1)
		case !q.store && !q.count && c.is(i, "WITHSCORES"):
			q.withScores = true
			i, ok = i+1, true
		case q.count && left >= 2 && c.is(i, "LIMIT"):
			q.limit, ok = c.intAtLeast(i+1, 0, "ERR LIMIT can't be negative")
			i += 2
		default:
			c.syntaxError()
			return false
		}
		if !ok {
			return false
		}
	}
	return true
}

// weights reads one weight for each set.
func (q *combination) weights(c *Ctx, i int) (next int, ok bool) {
	for n := range q.inputs {
		weight, ok := num.ParseFloat(c.Argv[i])
		if !ok || math.IsNaN(weight) {
			c.Reply.Error("ERR weight value is not a float")
			return 0, false
		}
		q.inputs[n].weight = weight
		i++
	}
	return i, true
}

func (q *combination) aggregates(c *Ctx, i int) (next int, ok bool) {
	switch {
	case c.is(i, "SUM"):
		q.aggregate = aggregateSum
	case c.is(i, "MIN"):
		q.aggregate = aggregateMin
	case c.is(i, "MAX"):
		q.aggregate = aggregateMax
	case c.is(i, "COUNT"):
		q.aggregate = aggregateSum
	default:
		c.syntaxError()
		return 0, false
	}
	for n := range q.inputs {
		q.inputs[n].counts = c.is(i, "COUNT")
	}
	return i + 1, true
}

// scoreTable collects members with scores, in no order.
type scoreTable struct {
	table   *dict.Dict
	longest int // length of the longest member
}

func (s *scoreTable) add(member []byte, score float64) {
	ref := s.table.Insert(member, 0, 8)
	binary.LittleEndian.PutUint64(s.table.Value(ref), math.Float64bits(score))
	s.longest = max(s.longest, len(member))
}

// result combines the sets into a new one.
func (q *combination) result(c *Ctx) *ZSet {
	s := scoreTable{table: dict.New(c.e.settings.tableSeed())}
	switch q.how {
	case combineUnion:
		q.union(&s)
	case combineInter:
		q.inter(func(member []byte, score float64) bool {
			s.add(member, score)
			return true
		})
	case combineDiff:
		q.diff(&s)
	}
	z := c.newZSet()
	if q.store {
		z.adoptScores(s.table, s.longest)
	} else {
		z.adoptTable(s.table) // which keeps a -0 apart from 0
	}
	return z
}

func (q *combination) union(s *scoreTable) {
	for i := range q.inputs {
		q.inputs[i].each(func(member []byte, score float64) bool {
			ref := s.table.Find(member)
			if ref == 0 {
				s.add(member, score)
				return true
			}
			value := s.table.Value(ref)
			old := math.Float64frombits(binary.LittleEndian.Uint64(value))
			binary.LittleEndian.PutUint64(value, math.Float64bits(q.aggregate.of(old, score)))
			return true
		})
	}
}

// inter visits what all sets have, until visit returns false.
func (q *combination) inter(visit func(member []byte, score float64) bool) {
	q.inputs[0].each(func(member []byte, score float64) bool {
		for i := range q.inputs[1:] {
			other, found := q.inputs[i+1].score(member)
			if !found {
				return true
			}
			score = q.aggregate.of(score, other)
		}
		return visit(member, score)
	})
}

// cardinality counts what all sets have, up to the limit.
func (q *combination) cardinality() (n int64) {
	q.inter(func([]byte, float64) bool {
		n++
		return n != q.limit
	})
	return n
}

// diff collects what only the first set has.
func (q *combination) diff(s *scoreTable) {
	q.inputs[0].each(func(member []byte, score float64) bool {
		for i := range q.inputs[1:] {
			if _, found := q.inputs[i+1].score(member); found {
				return true
			}
		}
		s.add(member, score)
		return true
	})
}
