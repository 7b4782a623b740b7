package engine

import (
	"bytes"
	"errors"
	"math"
	"strconv"

	"riffle/engine/num"
)

// Ranges of sorted sets: by rank, by score and by member. Each is turned into a range of ranks, which
// is then counted, walked or removed.

// scoreBound is one end of a range of scores.
type scoreBound struct {
	score     float64
	exclusive bool
}

// scoreRange is a range of scores.
type scoreRange struct{ min, max scoreBound }

// parseScoreBound reads "5", "(5" or "-inf", and all else that C's strtod reads to the end.
func parseScoreBound(text []byte) (bound scoreBound, ok bool) {
	if len(text) > 0 && text[0] == '(' {
		bound.exclusive = true
		text = text[1:]
	}
	text = bytes.TrimLeft(cString(text), " \t\n\v\f\r")
	if len(text) == 0 {
		return bound, true
	}
	if bound.score, ok = num.ParseFloat(text); ok {
		return bound, true
	}
	// A number too large or too small for a double is still a bound.
	score, err := strconv.ParseFloat(string(text), 64)
	bound.score = score
	return bound, (err == nil || errors.Is(err, strconv.ErrRange)) && !math.IsNaN(score)
}

// scoreRange reads arguments low and high as the ends of a range of scores.
func (c *Ctx) scoreRange(low, high int) (r scoreRange, ok bool) {
	if r.min, ok = parseScoreBound(c.Argv[low]); ok {
		r.max, ok = parseScoreBound(c.Argv[high])
	}
	if !ok {
		c.Reply.Error("ERR min or max is not a float")
	}
	return r, ok
}

// within returns the ranks of a range of scores, the end excluded.
func (r scoreRange) within(z *ZSet) (start, end int) {
	start = z.search(func(_ []byte, score float64) bool {
		return score < r.min.score || r.min.exclusive && score == r.min.score
	})
	end = z.search(func(_ []byte, score float64) bool {
		return score < r.max.score || !r.max.exclusive && score == r.max.score
	})
	return start, max(start, end)
}

// lexBound is one end of a range of members: infinite is -1 for "-", 1 for "+".
type lexBound struct {
	infinite  int
	exclusive bool
	text      []byte
}

// lexRange is a range of members, for sets whose scores are all the same. reverse says from which side
// the command comes, which matters only where scores differ.
type lexRange struct {
	min, max lexBound
	reverse  bool
}

// parseLexBound reads "-", "+", "[member" or "(member".
func parseLexBound(text []byte) (bound lexBound, ok bool) {
	switch {
	case len(text) == 0:
		return bound, false
	case text[0] == '[' || text[0] == '(':
		return lexBound{exclusive: text[0] == '(', text: text[1:]}, true
	case len(text) > 1:
		return bound, false
	case text[0] == '-':
		return lexBound{infinite: -1}, true
	}
	return lexBound{infinite: 1}, text[0] == '+'
}

// lexRange reads arguments low and high as the ends of a range of members.
func (c *Ctx) lexRange(low, high int) (r lexRange, ok bool) {
	if r.min, ok = parseLexBound(c.Argv[low]); ok {
		r.max, ok = parseLexBound(c.Argv[high])
	}
	if !ok {
		c.Reply.Error("ERR min or max not valid string range item")
	}
	return r, ok
}

// compare tells where a member lies: before the bound (-1), on it or behind it.
func (b lexBound) compare(member []byte) int {
	if b.infinite != 0 {
		return -b.infinite
	}
	return bytes.Compare(member, b.text)
}

func (r lexRange) aboveMin(member []byte) bool {
	order := r.min.compare(member)
	return order > 0 || order == 0 && !r.min.exclusive
}

func (r lexRange) belowMax(member []byte) bool {
	order := r.max.compare(member)
	return order < 0 || order == 0 && !r.max.exclusive
}

// empty reports whether no member can be in the range.
func (r lexRange) empty() bool {
	if r.min.infinite != 0 || r.max.infinite != 0 {
		return r.min.infinite > r.max.infinite || r.min.infinite != 0 && r.min.infinite == r.max.infinite
	}
	order := bytes.Compare(r.min.text, r.max.text)
	return order > 0 || order == 0 && (r.min.exclusive || r.max.exclusive)
}

// within returns the ranks of a range of members, the end excluded. Where scores differ the members are
// in no order, and no range is what the reference finds if an end of the set lies beyond the range.
func (r lexRange) within(z *ZSet) (start, end int) {
	n := z.Len()
	switch {
	case n == 0 || r.empty() || !z.test(0, r.belowMax) || !z.test(n-1, r.aboveMin):
		return 0, 0
	case z.table == nil:
		return r.withinPack(z)
	}
	start = z.search(func(member []byte, _ float64) bool { return !r.aboveMin(member) })
	end = z.search(func(member []byte, _ float64) bool { return r.belowMax(member) })
	return start, max(start, end)
}

// withinPack finds the range in a small set: the first run of members from the side on which the
// command begins, which shows where scores differ.
func (r lexRange) withinPack(z *ZSet) (start, end int) {
	n := z.Len()
	first, enters, stays := 0, r.aboveMin, r.belowMax
	if r.reverse {
		first, enters, stays = n-1, stays, enters
	}
	skipped, run := 0, 0
	z.walk(first, n, r.reverse, func(member []byte, _ float64) bool {
		if run == 0 && !enters(member) {
			skipped++
			return true
		}
		inside := stays(member)
		run += int(boolInt(inside))
		return inside
	})
	if r.reverse {
		return n - skipped - run, n - skipped
	}
	return skipped, skipped + run
}

// test applies a test to the member of a rank.
func (z *ZSet) test(rank int, test func(member []byte) bool) (passed bool) {
	z.walk(rank, 1, false, func(member []byte, _ float64) bool {
		passed = test(member)
		return passed
	})
	return passed
}

// rankRange is a range of ranks as a client writes it: both ends included, negative from the end.
type rankRange struct{ start, end int64 }

// rankRange reads arguments i and i+1 as a range of ranks.
func (c *Ctx) rankRange(i int) (r rankRange, ok bool) {
	if r.start, ok = c.int(i); ok {
		r.end, ok = c.int(i + 1)
	}
	return r, ok
}

// within returns the ranks, the end excluded.
func (r rankRange) within(z *ZSet) (start, end int) {
	n := int64(z.Len())
	if r.start < 0 {
		r.start = max(0, r.start+n)
	}
	if r.end < 0 {
		r.end += n
	}
	r.end = min(r.end, n-1)
	if r.start > r.end {
		return 0, 0
	}
	return int(r.start), int(r.end) + 1
}

// ranked is a range of any kind.
type ranked interface {
	within(z *ZSet) (start, end int)
}

func zcountCommand(c *Ctx) {
	if r, ok := c.scoreRange(2, 3); ok {
		c.countRange(r)
	}
}

func zlexcountCommand(c *Ctx) {
	if r, ok := c.lexRange(2, 3); ok {
		c.countRange(r)
	}
}

func (c *Ctx) countRange(r ranked) {
	if z, ok := c.zset(c.Argv[1]); ok {
		start, end := r.within(z)
		c.Reply.Int(int64(end - start))
	}
}

func zremrangebyrankCommand(c *Ctx) {
	if r, ok := c.rankRange(2); ok {
		c.removeRange(r, "zremrangebyrank")
	}
}

func zremrangebyscoreCommand(c *Ctx) {
	if r, ok := c.scoreRange(2, 3); ok {
		c.removeRange(r, "zremrangebyscore")
	}
}

func zremrangebylexCommand(c *Ctx) {
	if r, ok := c.lexRange(2, 3); ok {
		c.removeRange(r, "zremrangebylex")
	}
}

func (c *Ctx) removeRange(r ranked, event string) {
	key := c.Argv[1]
	z, ok := c.zsetForWrite(key)
	if !ok {
		return
	}
	start, end := r.within(z)
	if start < end {
		z.dropRange(start, end)
	}
	c.zremoved(z, key, int64(end-start), event)
	c.Reply.Int(int64(end - start))
}

// rangeBy says what the ends of a range are.
type rangeBy uint8

const (
	byAny rangeBy = iota // BYSCORE or BYLEX may say it
	byRank
	byScore
	byLex
)

// zrange is one of ZRANGE and its many elder sisters.
type zrange struct {
	by         rangeBy
	fixedOrder bool // REV is no option
	reverse    bool
	store      bool
	first      int // the argument that names the set
	withScores bool
	offset     int64
	limit      int64 // -1 = none

	ranks   rankRange // the ends, as by says: an interface in their place would be garbage of every request
	scores  scoreRange
	members lexRange
}

func zrangeCommand(c *Ctx) { c.zrange(zrange{first: 1}) }
func zrevrangeCommand(c *Ctx) {
	c.zrange(zrange{first: 1, by: byRank, fixedOrder: true, reverse: true})
}
func zrangebyscoreCommand(c *Ctx) {
	c.zrange(zrange{first: 1, by: byScore, fixedOrder: true})
}
func zrevrangebyscoreCommand(c *Ctx) {
	c.zrange(zrange{first: 1, by: byScore, fixedOrder: true, reverse: true})
}
func zrangebylexCommand(c *Ctx) { c.zrange(zrange{first: 1, by: byLex, fixedOrder: true}) }
func zrevrangebylexCommand(c *Ctx) {
	c.zrange(zrange{first: 1, by: byLex, fixedOrder: true, reverse: true})
}
func zrangestoreCommand(c *Ctx) { c.zrange(zrange{first: 2, store: true}) }

func (c *Ctx) zrange(q zrange) {
	q.limit = -1
	if !q.options(c) {
		return
	}
	if !q.ends(c) {
		return
	}
	z, ok := c.zset(c.Argv[q.first])
	if !ok {
		return
	}
	start, n := q.selected(z)
	if q.store {
		c.zrangeStore(z, start, n, q.reverse)
		return
	}
	c.randomHeader(n, q.withScores)
	z.walk(start, n, q.reverse, c.zshow(q.withScores))
}

// options reads what follows the ends of the range.
func (q *zrange) options(c *Ctx) (ok bool) {
	for i := q.first + 3; i < len(c.Argv); i++ {
		switch {
		case !q.store && c.is(i, "WITHSCORES"):
			q.withScores = true
		case i+2 < len(c.Argv) && c.is(i, "LIMIT"):
			if q.offset, ok = c.int(i + 1); !ok {
				return false
			}
			if q.limit, ok = c.int(i + 2); !ok {
				return false
			}
			i += 2
		case !q.fixedOrder && !q.reverse && c.is(i, "REV"):
			q.reverse = true
		case q.by == byAny && c.is(i, "BYLEX"):
			q.by = byLex
		case q.by == byAny && c.is(i, "BYSCORE"):
			q.by = byScore
		default:
			c.syntaxError()
			return false
		}
	}
	return q.check(c)
}

// check refuses options that do not go together.
func (q *zrange) check(c *Ctx) bool {
	if q.by == byAny {
		q.by = byRank
	}
	switch {
	case q.limit != -1 && q.by == byRank:
		c.Reply.Error("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX")
	case q.withScores && q.by == byLex:
		c.Reply.Error("ERR syntax error, WITHSCORES not supported in combination with BYLEX")
	default:
		return true
	}
	return false
}

// ends reads the ends of the range, which stand the other way round in a reversed range of scores or
// members.
func (q *zrange) ends(c *Ctx) (ok bool) {
	low, high := q.first+1, q.first+2
	if q.reverse {
		low, high = high, low
	}
	switch q.by {
	case byScore:
		q.scores, ok = c.scoreRange(low, high)
	case byLex:
		q.members, ok = c.lexRange(low, high)
		q.members.reverse = q.reverse
	default:
		q.ranks, ok = c.rankRange(q.first + 1)
	}
	return ok
}

// within returns the ranks between the ends, the end excluded.
func (q *zrange) within(z *ZSet) (start, end int) {
	switch q.by {
	case byScore:
		return q.scores.within(z)
	case byLex:
		return q.members.within(z)
	}
	return q.ranks.within(z)
}

// selected returns the rank to begin at and the number of members, of which LIMIT may leave out some.
func (q *zrange) selected(z *ZSet) (start, n int) {
	start, end := q.within(z)
	switch {
	case q.by == byRank && q.reverse:
		return z.Len() - 1 - start, end - start
	case q.by == byRank:
		return start, end - start
	}
	skip := int64(end - start)
	if q.offset >= 0 {
		skip = min(q.offset, skip)
	}
	n = end - start - int(skip)
	if q.limit >= 0 {
		n = int(min(q.limit, int64(n)))
	}
	if q.reverse {
		return end - 1 - int(skip), n
	}
	return start + int(skip), n
}

// zrangeStore makes the members of a range the content of another key.
func (c *Ctx) zrangeStore(z *ZSet, start, n int, reverse bool) {
	result := c.newZSet()
	z.walk(start, n, reverse, func(member []byte, score float64) bool {
		result.insert(member, score)
		return true
	})
	c.zstore(c.Argv[1], result, "zrangestore")
}

// zstore makes a new set the only content of a key, or deletes the key if the set is empty, and
// replies how many members it has.
func (c *Ctx) zstore(key []byte, result *ZSet, event string) {
	n := result.Len()
	if n > 0 {
		c.replace(key, result)
		c.Propagate()
		c.Notify(notifyZSet, event, key)
	} else {
		c.storeNothing(key)
	}
	c.Reply.Int(int64(n))
}
