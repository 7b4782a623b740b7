package engine

import "math"

const (
	errRankZero = "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative" +
		" to start from the end of the list"
	errNumKeys = "ERR numkeys should be greater than 0"
	errCount   = "ERR count should be greater than 0"
)

// commitList stores a list that gave elements away, and tells of that and of the key's end.
func (c *Ctx) commitList(l *List, event string, key []byte) {
	exists := c.commit(l)
	c.Notify(notifyList, event, key)
	if !exists {
		c.Notify(notifyGeneric, "del", key)
	}
}

func lpushCommand(c *Ctx)  { c.pushList(true, false) }
func rpushCommand(c *Ctx)  { c.pushList(false, false) }
func lpushxCommand(c *Ctx) { c.pushList(true, true) }
func rpushxCommand(c *Ctx) { c.pushList(false, true) }

func (c *Ctx) pushList(front, mustExist bool) {
	key, values := c.Argv[1], c.Argv[2:]
	l, ok := c.listForWrite(key)
	if !ok {
		return
	}
	if mustExist && l.Empty() {
		c.Reply.Int(0)
		return
	}
	l.prepare(values...)
	for _, value := range values {
		l.push(value, front)
	}
	c.commit(l)
	c.Propagate()
	c.Notify(notifyList, pushEvent(front), key)
	c.Reply.Int(int64(l.Len()))
}

func pushEvent(front bool) string {
	if front {
		return "lpush"
	}
	return "rpush"
}

func popEvent(front bool) string {
	if front {
		return "lpop"
	}
	return "rpop"
}

// popName is the command that pops at an end, as an effect.
func popName(front bool) []byte {
	if front {
		return []byte("LPOP")
	}
	return []byte("RPOP")
}

func lpopCommand(c *Ctx) { c.popList(true) }
func rpopCommand(c *Ctx) { c.popList(false) }

func (c *Ctx) popList(front bool) {
	if len(c.Argv) > 3 {
		c.wrongArity()
		return
	}
	count, counted := int64(1), len(c.Argv) == 3
	if counted {
		var ok bool
		if count, ok = c.intOr(2, errPositive); !ok {
			return
		}
		if count < 0 {
			c.Reply.Error(errPositive)
			return
		}
	}
	l, ok := c.listForWrite(c.Argv[1])
	switch {
	case !ok:
	case l.Empty() && counted:
		c.Reply.NullArray()
	case l.Empty():
		c.Reply.Null()
	case count == 0:
		c.Reply.Array(0)
	default:
		n := int(min(count, int64(l.Len())))
		if counted {
			c.Reply.Array(n)
		}
		c.takeList(l, n, front, c.Argv[1])
		c.Propagate()
	}
}

// takeList moves n elements, in the order of popping, from an end of the list into the reply.
func (c *Ctx) takeList(l *List, n int, front bool, key []byte) {
	index := 0
	if !front {
		index = -1
	}
	l.reply(c.Reply, index, n, !front)
	l.drop(n, front)
	c.commitList(l, popEvent(front), key)
}

func llenCommand(c *Ctx) {
	if l, ok := c.listForRead(c.Argv[1]); ok {
		c.Reply.Int(int64(l.Len()))
	}
}

func lindexCommand(c *Ctx) {
	l, ok := c.listForRead(c.Argv[1])
	if !ok {
		return
	}
	if l.Empty() {
		c.Reply.Null()
		return
	}
	index, ok := c.int(2)
	if !ok {
		return
	}
	p := l.seek(clampIndex(index, l.Len()))
	if !p.valid() {
		c.Reply.Null()
		return
	}
	var scratch [20]byte
	c.Reply.Bulk(l.text(p, &scratch))
}

// clampIndex makes an index of a list an int, keeping it out of range if it is.
func clampIndex(index int64, length int) int {
	return int(max(-int64(length)-1, min(index, int64(length))))
}

func lrangeCommand(c *Ctx) {
	start, ok := c.int(2)
	if !ok {
		return
	}
	stop, ok := c.int(3)
	if !ok {
		return
	}
	l, ok := c.listForRead(c.Argv[1])
	if !ok {
		return
	}
	from, to := listRange(start, stop, l.Len())
	c.Reply.Array(to - from)
	if from < to {
		l.reply(c.Reply, from, to-from, false)
	}
}

// listRange turns the first and the last index of a range, both counted from the tail if negative, into
// the half-open [from, to) within the list.
func listRange(start, stop int64, length int) (from, to int) {
	n := int64(length)
	if start < 0 {
		start = max(0, start+n)
	}
	if stop < 0 {
		stop += n
	}
	stop = min(stop, n-1)
	if start > stop {
		return 0, 0
	}
	return int(start), int(stop + 1)
}

func ltrimCommand(c *Ctx) {
	start, ok := c.int(2)
	if !ok {
		return
	}
	stop, ok := c.int(3)
	if !ok {
		return
	}
	key := c.Argv[1]
	l, ok := c.listForWrite(key)
	if !ok {
		return
	}
	if length := l.Len(); length > 0 {
		from, to := listRange(start, stop, length)
		l.drop(length-to, false)
		l.drop(from, true)
		c.commitList(l, "ltrim", key)
		if l.Len() < length {
			c.Propagate()
		}
	}
	c.Reply.OK()
}

func lsetCommand(c *Ctx) {
	key := c.Argv[1]
	l, ok := c.listForWrite(key)
	if !ok {
		return
	}
	if l.Empty() {
		c.Reply.Error(errNoSuchKey)
		return
	}
	index, ok := c.int(2)
	if !ok {
		return
	}
	at := clampIndex(index, l.Len())
	if !l.seek(at).valid() {
		c.Reply.Error(errIndexRange)
		return
	}
	l.replaceAt(at, c.Argv[3])
	c.commit(l)
	c.Propagate()
	c.Notify(notifyList, "lset", key)
	c.Reply.OK()
}

func linsertCommand(c *Ctx) {
	after := c.is(2, "AFTER")
	if !after && !c.is(2, "BEFORE") {
		c.syntaxError()
		return
	}
	key, pivot, value := c.Argv[1], c.Argv[3], c.Argv[4]
	l, ok := c.listForWrite(key)
	if !ok {
		return
	}
	if l.Empty() {
		c.Reply.Int(0)
		return
	}
	index := l.indexOf(pivot)
	if index < 0 {
		c.Reply.Int(-1)
		return
	}
	if after {
		index++
	}
	l.prepare(value)
	l.insert(index, value)
	c.commit(l)
	c.Propagate()
	c.Notify(notifyList, "linsert", key)
	c.Reply.Int(int64(l.Len()))
}

func lremCommand(c *Ctx) {
	count, ok := c.int(2)
	if !ok {
		return
	}
	key := c.Argv[1]
	l, ok := c.listForWrite(key)
	if !ok {
		return
	}
	removed := l.removeEqual(c.Argv[3], count)
	if removed > 0 {
		c.commitList(l, "lrem", key)
		c.Propagate()
	}
	c.Reply.Int(removed)
}

// lposOptions are what LPOS was asked for.
type lposOptions struct {
	rank   int64 // the first match that counts, from 1
	back   bool  // from the tail
	count  int64 // matches wanted, 0 = all
	many   bool  // COUNT was given: the reply is an array
	maxLen int64 // elements compared, 0 = all
}

func lposCommand(c *Ctx) {
	o, ok := c.lposOptions()
	if !ok {
		return
	}
	l, ok := c.listForRead(c.Argv[1])
	if !ok {
		return
	}
	mark, found := c.Reply.Later(), 0
	l.eachMatch(c.Argv[2], &o, func(index int) {
		c.Reply.Int(int64(index))
		found++
	})
	if o.many {
		c.Reply.ArrayAt(mark, found)
	} else if found == 0 {
		c.Reply.Null()
	}
}

func (c *Ctx) lposOptions() (o lposOptions, ok bool) {
	o = lposOptions{rank: 1, count: 1}
	for i := 3; i < len(c.Argv); i += 2 {
		hasValue := i+1 < len(c.Argv)
		switch {
		case hasValue && c.is(i, "RANK"):
			rank, ok := c.int(i + 1)
			if !ok {
				return o, false
			}
			if rank == 0 {
				c.Reply.Error(errRankZero)
				return o, false
			}
			o.rank = rank
			if o.back = rank < 0; o.back {
				o.rank = max(1, -rank) // the smallest integer stays negative, and means the last match
			}
		case hasValue && c.is(i, "COUNT"):
			o.many = true
			o.count, ok = c.intAtLeast(i+1, 0, "ERR COUNT can't be negative")
			if !ok {
				return o, false
			}
		case hasValue && c.is(i, "MAXLEN"):
			o.maxLen, ok = c.intAtLeast(i+1, 0, "ERR MAXLEN can't be negative")
			if !ok {
				return o, false
			}
		default:
			c.syntaxError()
			return o, false
		}
	}
	return o, true
}

func lmpopCommand(c *Ctx) {
	pop, ok := c.listPop(1)
	if ok && !c.popFirst(&pop) {
		c.Reply.NullArray()
	}
}

// listPop is a request for elements of the first list that has any.
type listPop struct {
	keys   [][]byte
	front  bool
	count  int64
	nested bool // the reply is the key and an array, as of LMPOP
}

// listPop reads numkeys key [key ...] LEFT | RIGHT [COUNT count] from argument i on.
func (c *Ctx) listPop(i int) (pop listPop, ok bool) {
	pop = listPop{count: 1, nested: true}
	numKeys, ok := c.intAtLeast(i, 1, errNumKeys)
	if !ok {
		return pop, false
	}
	if numKeys >= int64(len(c.Argv)-i-1) {
		c.syntaxError()
		return pop, false
	}
	pop.keys = c.Argv[i+1 : i+1+int(numKeys)]
	i += 1 + int(numKeys)
	if pop.front, ok = c.listSide(i); !ok {
		return pop, false
	}
	switch {
	case i+1 == len(c.Argv):
	case i+3 == len(c.Argv) && c.is(i+1, "COUNT"):
		pop.count, ok = c.intAtLeast(i+2, 1, errCount)
	case i+3 < len(c.Argv) && c.is(i+1, "COUNT"):
		if _, ok = c.intAtLeast(i+2, 1, errCount); ok {
			c.syntaxError()
		}
		ok = false
	default:
		c.syntaxError()
		ok = false
	}
	return pop, ok
}

// listSide reads argument i as LEFT or RIGHT.
func (c *Ctx) listSide(i int) (front, ok bool) {
	front = c.is(i, "LEFT")
	if !front && !c.is(i, "RIGHT") {
		c.syntaxError()
		return false, false
	}
	return front, true
}

// popFirst serves a request from the first list that has elements, or replies an error met on the way;
// false if there was none.
func (c *Ctx) popFirst(pop *listPop) (done bool) {
	for _, key := range pop.keys {
		l, ok := c.listForWrite(key)
		if !ok {
			if c.keep {
				continue // a client that waits does not mind what another key holds
			}
			return true
		}
		if l.Empty() {
			continue
		}
		c.keep = false
		n := int(min(pop.count, int64(l.Len())))
		c.Reply.Array(2)
		c.Reply.Bulk(key)
		if pop.nested {
			c.Reply.Array(n)
		}
		c.takeList(l, n, pop.front, key)
		if pop.nested {
			c.Effect(popName(pop.front), key, intBytes(int64(n)))
		} else {
			c.Effect(popName(pop.front), key)
		}
		return true
	}
	return false
}

func blpopCommand(c *Ctx) { c.blockingPop(true) }
func brpopCommand(c *Ctx) { c.blockingPop(false) }

func (c *Ctx) blockingPop(front bool) {
	last := len(c.Argv) - 1
	deadline, ok := c.deadline(last)
	if !ok {
		return
	}
	pop := listPop{keys: c.Argv[1:last], front: front, count: 1}
	if !c.popFirst(&pop) {
		c.block(demand{kind: KindList}, pop.keys, deadline)
	}
}

func blmpopCommand(c *Ctx) {
	pop, ok := c.listPop(2)
	if !ok {
		return
	}
	deadline, ok := c.deadline(1)
	if ok && !c.popFirst(&pop) {
		c.block(demand{kind: KindList}, pop.keys, deadline)
	}
}

// listMove is a request to move an element from one list to another, or to the other end of the same.
type listMove struct {
	source, target []byte
	from, to       bool // at the front?
}

func lmoveCommand(c *Ctx) {
	if move, ok := c.listMove(); ok {
		c.move(&move)
	}
}

func rpoplpushCommand(c *Ctx) {
	c.move(&listMove{source: c.Argv[1], target: c.Argv[2], from: false, to: true})
}

func (c *Ctx) listMove() (move listMove, ok bool) {
	move = listMove{source: c.Argv[1], target: c.Argv[2]}
	if move.from, ok = c.listSide(3); ok {
		move.to, ok = c.listSide(4)
	}
	return move, ok
}

// move carries out a move that cannot wait.
func (c *Ctx) move(m *listMove) {
	source, ok := c.listForWrite(m.source)
	switch {
	case !ok:
	case source.Empty():
		c.Reply.Null()
	case c.moveElement(source, m):
		c.Propagate()
	}
}

func blmoveCommand(c *Ctx) {
	move, ok := c.listMove()
	if !ok {
		return
	}
	if c.blockingMove(&move, 5) {
		c.Effect([]byte("LMOVE"), move.source, move.target, c.Argv[3], c.Argv[4])
	}
}

func brpoplpushCommand(c *Ctx) {
	move := listMove{source: c.Argv[1], target: c.Argv[2], from: false, to: true}
	if c.blockingMove(&move, 3) {
		c.Effect([]byte("RPOPLPUSH"), move.source, move.target)
	}
}

// blockingMove moves an element or parks the client, and reports whether an element was moved.
func (c *Ctx) blockingMove(m *listMove, timeout int) bool {
	deadline, ok := c.deadline(timeout)
	if !ok {
		return false
	}
	source, ok := c.listForWrite(m.source)
	if !ok {
		return false
	}
	switch {
	case !source.Empty():
		return c.moveElement(source, m)
	case c.deny:
		c.Reply.Null() // as LMOVE, while one who waited in vain gets a null array
	default:
		c.block(demand{kind: KindList}, [][]byte{m.source}, deadline)
	}
	return false
}

// moveTarget opens the list that elements are moved to, which may be the source itself.
func (c *Ctx) moveTarget(source *List, m *listMove) (target *List, ok bool) {
	if string(m.source) == string(m.target) {
		return source, true
	}
	if ref := c.peek(m.target); ref != 0 && c.DB.kind(ref) != KindList {
		c.Reply.Error(errWrongType) // even to a client that waited: it waited for the source
		return nil, false
	}
	return c.listForWrite(m.target)
}

// endMove settles both lists after a move, and tells of it.
func (c *Ctx) endMove(source, target *List, m *listMove) {
	if source == target {
		target.shrink(2)
	} else {
		c.commit(target)
	}
	c.Notify(notifyList, pushEvent(m.to), m.target)
	c.commitList(source, popEvent(m.from), m.source)
}

// moveElement moves an element of a list that has some, and replies with it.
func (c *Ctx) moveElement(source *List, m *listMove) bool {
	target, ok := c.moveTarget(source, m)
	if !ok {
		return false
	}
	index := 0
	if !m.from {
		index = -1
	}
	var scratch [20]byte
	element := append([]byte(nil), source.text(source.seek(index), &scratch)...)
	source.drop(1, m.from)
	target.prepare(element)
	target.push(element, m.to)
	c.Reply.Bulk(element)
	c.endMove(source, target, m)
	return true
}

// removeEqual deletes elements equal to s: the first count, the last -count, or all if count is 0.
func (l *List) removeEqual(s []byte, count int64) (removed int64) {
	back := count < 0
	wanted := int64(math.MaxInt64)
	if count > 0 {
		wanted = count
	} else if count < 0 {
		wanted = -max(count, -math.MaxInt64)
	}
	p := l.seek(0)
	if back {
		p = l.seek(-1)
	}
	first, last := p.node, p.node
	for p.valid() && removed < wanted {
		if !l.equal(p, s) {
			p = l.step(p, back)
			continue
		}
		if removed == 0 {
			first, last = p.node, p.node
		}
		first, last = min(first, p.node), max(last, p.node)
		p = l.removeAt(p, back)
		removed++
	}
	if removed > 0 && l.large {
		l.join(first-1, last+1)
		l.shrink(2)
	}
	return removed
}

// indexOf returns the index of the first element equal to s, -1 if there is none.
func (l *List) indexOf(s []byte) int {
	found := -1
	l.eachMatch(s, &lposOptions{rank: 1, count: 1}, func(index int) { found = index })
	return found
}

// eachMatch calls found with the index of every match that the options want.
func (l *List) eachMatch(s []byte, o *lposOptions, found func(index int)) {
	p, index, step := l.seek(0), 0, 1
	if o.back {
		p, index, step = l.seek(-1), l.length-1, -1
	}
	matches, sent := int64(0), int64(0)
	for compared := int64(0); p.valid() && (o.maxLen == 0 || compared < o.maxLen); compared++ {
		if l.equal(p, s) {
			matches++
			if matches >= o.rank {
				found(index)
				sent++
				if sent == o.count {
					return
				}
			}
		}
		p = l.step(p, o.back)
		index += step
	}
}
