package engine

import (
	"math"

	"riffle/engine/num"
)

// zaddFlags are the options of ZADD.
type zaddFlags uint8

const (
	zaddNX zaddFlags = 1 << iota
	zaddXX
	zaddGT
	zaddLT
	zaddCH
	zaddIncr
)

const errScoreNaN = "ERR resulting score is not a number (NaN)"

// zaddOption returns the option that a word names, 0 if none.
func (c *Ctx) zaddOption(i int) zaddFlags {
	switch {
	case c.is(i, "NX"):
		return zaddNX
	case c.is(i, "XX"):
		return zaddXX
	case c.is(i, "GT"):
		return zaddGT
	case c.is(i, "LT"):
		return zaddLT
	case c.is(i, "CH"):
		return zaddCH
	case c.is(i, "INCR"):
		return zaddIncr
	}
	return 0
}

func zaddCommand(c *Ctx) { c.zadd(0) }

func zincrbyCommand(c *Ctx) { c.zadd(zaddIncr) }

// zadd is ZADD and ZINCRBY.
func (c *Ctx) zadd(flags zaddFlags) {
	first := 2
	for option := c.zaddOption(first); option != 0; option = c.zaddOption(first) {
		flags |= option
		first++
	}
	if !c.zaddCheck(flags, len(c.Argv)-first) {
		return
	}
	var room [16]float64
	scores, ok := c.zaddScores(first, room[:0])
	if !ok {
		return
	}
	key := c.Argv[1]
	z, ok := c.zsetForWrite(key)
	if !ok {
		return
	}
	a := zadding{z: z, flags: flags}
	for i, score := range scores {
		if !a.add(c.Argv[first+2*i+1], score) {
			c.Reply.Error(errScoreNaN)
			return
		}
	}
	if a.added+a.updated > 0 {
		c.commit(z)
		c.Propagate()
		c.Notify(notifyZSet, a.event(), key)
	}
	a.reply(c)
}

// zaddCheck judges the options and the number of words behind them.
func (c *Ctx) zaddCheck(flags zaddFlags, words int) bool {
	has := func(both zaddFlags) bool { return flags&both == both }
	switch {
	case words == 0 || words%2 != 0:
		c.syntaxError()
	case has(zaddNX | zaddXX):
		c.Reply.Error("ERR XX and NX options at the same time are not compatible")
	case has(zaddGT|zaddNX) || has(zaddLT|zaddNX) || has(zaddGT|zaddLT):
		c.Reply.Error("ERR GT, LT, and/or NX options at the same time are not compatible")
	case has(zaddIncr) && words > 2:
		c.Reply.Error("ERR INCR option supports a single increment-element pair")
	default:
		return true
	}
	return false
}

// zaddScores reads all scores before anything changes: a bad one leaves the set as it was.
func (c *Ctx) zaddScores(first int, scores []float64) ([]float64, bool) {
	for i := first; i < len(c.Argv); i += 2 {
		score, ok := c.float(i)
		if !ok {
			return nil, false
		}
		scores = append(scores, score)
	}
	return scores, true
}

// zadding is one ZADD at work.
type zadding struct {
	z              *ZSet
	flags          zaddFlags
	added, updated int64
	processed      bool    // the last member was not held back by an option
	score          float64 // its score now
}

// add adds or moves one member as the options say; false if its score would be no number.
func (a *zadding) add(member []byte, score float64) bool {
	slot := a.z.find(member)
	a.processed = false
	if !slot.found {
		if a.flags&zaddXX != 0 {
			return true
		}
		a.z.insert(member, score)
		a.added++
		a.processed, a.score = true, score
		return true
	}
	if a.flags&zaddNX != 0 {
		return true
	}
	if a.flags&zaddIncr != 0 {
		if score += slot.score; math.IsNaN(score) {
			return false
		}
	}
	if a.flags&zaddLT != 0 && score >= slot.score || a.flags&zaddGT != 0 && score <= slot.score {
		return true
	}
	if score != slot.score {
		a.z.move(slot, member, score)
		a.updated++
	}
	a.processed, a.score = true, score
	return true
}

func (a *zadding) event() string {
	if a.flags&zaddIncr != 0 {
		return "zincr"
	}
	return "zadd"
}

func (a *zadding) reply(c *Ctx) {
	switch {
	case a.flags&zaddIncr == 0:
		n := a.added
		if a.flags&zaddCH != 0 {
			n += a.updated
		}
		c.Reply.Int(n)
	case a.processed:
		c.Reply.Double(a.score)
	default:
		c.Reply.Null()
	}
}

func zremCommand(c *Ctx) {
	key := c.Argv[1]
	z, ok := c.zsetForWrite(key)
	if !ok {
		return
	}
	removed := int64(0)
	for _, member := range c.Argv[2:] {
		if slot := z.find(member); slot.found {
			z.drop(slot)
			removed++
		}
	}
	c.zremoved(z, key, removed, "zrem")
	c.Reply.Int(removed)
}

// zremoved commits a set from which members were removed and tells of it, if there were any.
func (c *Ctx) zremoved(z *ZSet, key []byte, removed int64, event string) {
	if removed == 0 {
		return
	}
	exists := c.commit(z)
	c.Propagate()
	c.Notify(notifyZSet, event, key)
	if !exists {
		c.Notify(notifyGeneric, "del", key)
	}
}

func zcardCommand(c *Ctx) {
	if z, ok := c.zset(c.Argv[1]); ok {
		c.Reply.Int(int64(z.Len()))
	}
}

func zscoreCommand(c *Ctx) {
	if z, ok := c.zset(c.Argv[1]); ok {
		c.replyScore(z, c.Argv[2])
	}
}

func zmscoreCommand(c *Ctx) {
	z, ok := c.zset(c.Argv[1])
	if !ok {
		return
	}
	c.Reply.Array(len(c.Argv) - 2)
	for _, member := range c.Argv[2:] {
		c.replyScore(z, member)
	}
}

// replyScore writes the score of a member, null if there is none.
func (c *Ctx) replyScore(z *ZSet, member []byte) {
	if slot := z.find(member); slot.found {
		c.Reply.Double(slot.score)
		return
	}
	c.Reply.Null()
}

func zrankCommand(c *Ctx) { c.zrank(false) }

func zrevrankCommand(c *Ctx) { c.zrank(true) }

// zrank is ZRANK and ZREVRANK.
func (c *Ctx) zrank(reverse bool) {
	if len(c.Argv) > 4 {
		c.wrongArity()
		return
	}
	withScore := c.is(3, "WITHSCORE")
	if len(c.Argv) == 4 && !withScore {
		c.syntaxError()
		return
	}
	z, ok := c.zset(c.Argv[1])
	if !ok {
		return
	}
	slot := z.find(c.Argv[2])
	switch {
	case slot.found:
		rank := z.rank(c.Argv[2], slot.score)
		if reverse {
			rank = z.Len() - 1 - rank
		}
		if withScore {
			c.Reply.Array(2)
		}
		c.Reply.Int(int64(rank))
		if withScore {
			c.Reply.Double(slot.score)
		}
	case withScore:
		c.Reply.NullArray()
	default:
		c.Reply.Null()
	}
}

func zscanCommand(c *Ctx) {
	cursor, ok := c.scanCursor(2)
	if !ok {
		return
	}
	z, ok := c.zset(c.Argv[1])
	if !ok {
		return
	}
	if z.Len() == 0 {
		c.Reply.ArrayAt(c.scanReply(0), 0)
		return
	}
	o, ok := c.scanOptions(3, scanNoScores)
	if !ok {
		return
	}
	n := 0
	show := func(member []byte, score float64) bool {
		if !o.wants(member) {
			return true
		}
		n++
		c.Reply.Bulk(member)
		if !o.noValues {
			n++
			var text [40]byte
			c.Reply.Bulk(num.AppendFloat(text[:0], score))
		}
		return true
	}
	if z.table == nil {
		mark := c.scanReply(0)
		z.walk(0, z.Len(), false, show)
		c.Reply.ArrayAt(mark, n)
		return
	}
	refs, next := o.page(z.table, cursor)
	mark := c.scanReply(next)
	for _, ref := range refs {
		show(z.table.Key(ref), z.scoreAt(ref))
	}
	c.Reply.ArrayAt(mark, n)
}

func zrandmemberCommand(c *Ctx) {
	if len(c.Argv) == 2 {
		zrandmemberOne(c)
		return
	}
	count, withScores, ok := c.randomCount("WITHSCORES")
	if !ok {
		return
	}
	z, ok := c.zset(c.Argv[1])
	if !ok {
		return
	}
	show := c.zshow(withScores)
	switch {
	case count == 0 || z.Len() == 0:
		c.Reply.Array(0)
	case count < -maxRepeats:
		c.Reply.Error(errOutOfRange)
	case count < 0:
		c.randomHeader(int(-count), withScores)
		for ; count < 0; count++ {
			z.walk(int(c.e.random.Intn(int64(z.Len()))), 1, false, show)
		}
	default:
		n := int(min(count, int64(z.Len())))
		c.randomHeader(n, withScores)
		z.draw(c, n, show)
	}
}

func zrandmemberOne(c *Ctx) {
	z, ok := c.zset(c.Argv[1])
	switch {
	case !ok:
	case z.Len() == 0:
		c.Reply.Null()
	default:
		z.walk(int(c.e.random.Intn(int64(z.Len()))), 1, false, c.zshow(false))
	}
}

// draw visits count different members of a set that has at least as many.
func (z *ZSet) draw(c *Ctx, count int, visit func(member []byte, score float64) bool) {
	if z.table != nil {
		for _, ref := range drawRefs(c.e.random, z.table, count) {
			visit(z.table.Key(ref), z.scoreAt(ref))
		}
		return
	}
	for _, rank := range drawIndexes(c.e.random, z.Len(), count) {
		z.walk(rank, 1, false, visit)
	}
}

// zshow returns what writes a member, with its score if that is wanted: a pair in RESP3.
func (c *Ctx) zshow(withScores bool) func(member []byte, score float64) bool {
	return func(member []byte, score float64) bool {
		if withScores && c.Reply.proto == 3 {
			c.Reply.Array(2)
		}
		c.Reply.Bulk(member)
		if withScores {
			c.Reply.Double(score)
		}
		return true
	}
}
