package engine

// Popping: ZPOPMIN, ZPOPMAX, ZMPOP, and those that wait.

// zpop takes members from one end of a set.
type zpop struct {
	highest bool
	count   int64 // -1 = one, and no count was given
	nested  bool  // each member and score are an array of their own
	withKey bool  // the reply begins with the key
}

func (p *zpop) name() string {
	if p.highest {
		return "ZPOPMAX"
	}
	return "ZPOPMIN"
}

func (p *zpop) event() string {
	if p.highest {
		return "zpopmax"
	}
	return "zpopmin"
}

func zpopminCommand(c *Ctx) { c.zpopEdge(false) }
func zpopmaxCommand(c *Ctx) { c.zpopEdge(true) }

// zpopEdge is ZPOPMIN and ZPOPMAX.
func (c *Ctx) zpopEdge(highest bool) {
	if len(c.Argv) > 3 {
		c.syntaxError()
		return
	}
	p := zpop{highest: highest, count: -1}
	if len(c.Argv) == 3 {
		var ok bool
		if p.count, ok = c.intAtLeast(2, 0, errPositive); !ok {
			return
		}
		p.nested = c.Reply.proto == 3
	}
	z, ok := c.zsetForWrite(c.Argv[1])
	if !ok {
		return
	}
	if z.Len() == 0 || p.count == 0 {
		c.Reply.Array(0)
		return
	}
	p.run(c, c.Argv[1], z)
	c.Propagate()
}

// run pops from a set that is not empty and replies what it took. It leaves the effect to the caller.
func (p *zpop) run(c *Ctx, key []byte, z *ZSet) (taken int) {
	taken = 1
	if p.count >= 0 {
		taken = int(min(p.count, int64(z.Len())))
	}
	p.header(c, key, taken)
	z.expectPops(p.highest)
	from := 0
	if p.highest {
		from = z.Len() - 1
	}
	z.walk(from, taken, p.highest, func(member []byte, score float64) bool {
		if p.nested {
			c.Reply.Array(2)
		}
		c.Reply.Bulk(member)
		c.Reply.Double(score)
		return true
	})
	if p.highest {
		z.dropRange(z.Len()-taken, z.Len())
	} else {
		z.dropRange(0, taken)
	}
	exists := c.commit(z)
	c.Notify(notifyZSet, p.event(), key)
	if !exists {
		c.Notify(notifyGeneric, "del", key)
	}
	return taken
}

// header opens the reply of n members.
func (p *zpop) header(c *Ctx, key []byte, n int) {
	switch {
	case p.withKey && p.nested:
		c.Reply.Array(2)
		c.Reply.Bulk(key)
		c.Reply.Array(n)
	case p.withKey:
		c.Reply.Array(2*n + 1)
		c.Reply.Bulk(key)
	case p.nested:
		c.Reply.Array(n)
	default:
		c.Reply.Array(2 * n)
	}
}

// first pops from the first of the keys that holds a set, and records it as what a plain ZPOPMIN or
// ZPOPMAX does. It returns false if there is none; a reply was written otherwise.
func (p *zpop) first(c *Ctx, keys [][]byte) bool {
	for _, key := range keys {
		z, ok := c.zsetForWrite(key)
		if !ok {
			return !c.keep
		}
		if z.Len() == 0 {
			continue
		}
		taken := p.run(c, key, z)
		if p.count < 0 {
			c.Effect([]byte(p.name()), key)
		} else {
			c.Effect([]byte(p.name()), key, intBytes(int64(taken)))
		}
		return true
	}
	return false
}

func bzpopminCommand(c *Ctx) { c.bzpop(false) }
func bzpopmaxCommand(c *Ctx) { c.bzpop(true) }

// bzpop is BZPOPMIN and BZPOPMAX.
func (c *Ctx) bzpop(highest bool) {
	last := len(c.Argv) - 1
	deadline, ok := c.deadline(last)
	if !ok {
		return
	}
	p := zpop{highest: highest, count: -1, withKey: true}
	if keys := c.Argv[1:last]; !p.first(c, keys) {
		c.block(demand{kind: KindZSet}, keys, deadline)
	}
}

func zmpopCommand(c *Ctx) {
	p, keys, ok := c.zmpopArguments(1)
	if ok && !p.first(c, keys) {
		c.Reply.NullArray()
	}
}

func bzmpopCommand(c *Ctx) {
	p, keys, ok := c.zmpopArguments(2)
	if !ok {
		return
	}
	deadline, ok := c.deadline(1)
	if ok && !p.first(c, keys) {
		c.block(demand{kind: KindZSet}, keys, deadline)
	}
}

// zmpopArguments reads "numkeys key ... MIN|MAX [COUNT count]" from argument i on.
func (c *Ctx) zmpopArguments(i int) (p zpop, keys [][]byte, ok bool) {
	p = zpop{count: -1, nested: true, withKey: true}
	n, ok := c.intAtLeast(i, 1, "ERR numkeys should be greater than 0")
	if !ok {
		return p, nil, false
	}
	if n >= int64(len(c.Argv)-i-1) {
		c.syntaxError()
		return p, nil, false
	}
	end := i + 1 + int(n)
	keys = c.Argv[i+1 : end]
	switch {
	case c.is(end, "MAX"):
		p.highest = true
	case !c.is(end, "MIN"):
		c.syntaxError()
		return p, nil, false
	}
	for end++; end < len(c.Argv); end += 2 {
		if p.count >= 0 || end+1 == len(c.Argv) || !c.is(end, "COUNT") {
			c.syntaxError()
			return p, nil, false
		}
		p.count, ok = c.intAtLeast(end+1, 1, "ERR count should be greater than 0")
		if !ok {
			return p, nil, false
		}
	}
	p.count = max(p.count, 1)
	return p, keys, true
}
