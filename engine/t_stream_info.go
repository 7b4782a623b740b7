package engine

// defaultInfoCount is how many entries XINFO STREAM FULL shows of each list unless COUNT says otherwise.
const defaultInfoCount = 10

// infoStream returns the stream that a sub-command of XINFO names, which must exist.
func (c *Ctx) infoStream() (*Stream, bool) {
	s, ok := c.streamForRead(c.Argv[2])
	if ok && !s.Exists() {
		c.Reply.Error(errNoSuchKey)
		return nil, false
	}
	return s, ok
}

// intField and idField write one pair of a map.
func (r *Reply) intField(name string, n int64) {
	r.BulkString(name)
	r.Int(n)
}

func (r *Reply) idField(name string, id streamID) {
	r.BulkString(name)
	r.streamID(id)
}

func (r *Reply) bulkField(name string, value []byte) {
	r.BulkString(name)
	r.Bulk(value)
}

// knownField writes n, or null if it cannot be known.
func (r *Reply) knownField(name string, n int64, known bool) {
	r.BulkString(name)
	if known {
		r.Int(n)
		return
	}
	r.Null()
}

func xinfoStreamCommand(c *Ctx) {
	s, ok := c.infoStream()
	if !ok {
		return
	}
	count := int64(defaultInfoCount)
	switch n := len(c.Argv); {
	case n == 3:
		c.streamBrief(s)
		return
	case n != 4 && n != 6, !c.is(3, "FULL"), n == 6 && !c.is(4, "COUNT"):
		c.subcommandError()
		return
	case n == 6:
		if count, ok = c.int(5); !ok {
			return
		}
		if count < 0 {
			count = defaultInfoCount
		}
	}
	c.streamFull(s, count)
}

// streamHead writes the thirteen pairs that both forms of XINFO STREAM begin with.
func (c *Ctx) streamHead(s *Stream) {
	nodes := s.nodes[s.head:]
	treeNodes := 1
	if counted := min(len(nodes), maxCountedNodes); counted > 0 {
		treeNodes = radixNodes(nodes[:counted], 0) * len(nodes) / counted
	}
	c.Reply.intField("length", s.length)
	c.Reply.intField("radix-tree-keys", int64(len(nodes)))
	c.Reply.intField("radix-tree-nodes", int64(treeNodes))
	c.Reply.idField("last-generated-id", s.last)
	c.Reply.idField("max-deleted-entry-id", s.maxDeleted)
	c.Reply.intField("entries-added", s.added)
	c.Reply.idField("recorded-first-entry-id", s.first)
	c.messagesHead(s)
}

// messagesHead writes the six of these pairs that are about idempotence, as since 8.6.
func (c *Ctx) messagesHead(s *Stream) {
	m := s.messages
	if m == nil {
		m = &idempotence{
			duration: c.e.settings.streamIdempotenceSeconds, maxSize: c.e.settings.streamIdempotenceSize,
		}
	}
	m.expire(s, c.Now)
	c.Reply.intField("idmp-duration", m.duration)
	c.Reply.intField("idmp-maxsize", m.maxSize)
	c.Reply.intField("pids-tracked", int64(len(m.producers)))
	c.Reply.intField("iids-tracked", m.size())
	c.Reply.intField("iids-added", m.added)
	c.Reply.intField("iids-duplicates", m.duplicates)
}

// maxCountedNodes is how many nodes XINFO STREAM counts; what a longer stream has more is taken to be alike.
const maxCountedNodes = 4096

// radixNodes returns how many nodes the reference's radix tree has for these masters, which share their
// first depth bytes: a leaf for each, a node where bytes differ, and a node for each run of bytes that do
// not. There is no such tree here; the number is what tools have learnt to show.
func radixNodes(nodes []streamNode, depth int) int {
	var low, high [streamIDSize]byte
	nodes[0].master.append16(low[:0])
	nodes[len(nodes)-1].master.append16(high[:0])
	shared := depth
	for shared < streamIDSize && low[shared] == high[shared] {
		shared++
	}
	count := 1
	if shared > depth {
		count++
	}
	if shared == streamIDSize {
		return count
	}
	for len(nodes) > 0 {
		group := 1
		for group < len(nodes) && nodes[group].master.byteAt(shared) == nodes[0].master.byteAt(shared) {
			group++
		}
		count += radixNodes(nodes[:group], shared+1)
		nodes = nodes[group:]
	}
	return count
}

// byteAt returns byte i of append16.
func (id streamID) byteAt(i int) byte {
	if i < 8 {
		return byte(id.ms >> (56 - 8*i))
	}
	return byte(id.seq >> (120 - 8*i))
}

func (c *Ctx) streamBrief(s *Stream) {
	c.Reply.Map(16)
	c.streamHead(s)
	c.Reply.intField("groups", int64(len(s.groups)))
	c.Reply.BulkString("first-entry")
	c.endEntry(s, false)
	c.Reply.BulkString("last-entry")
	c.endEntry(s, true)
}

// endEntry replies the first or the last entry, null if there is none.
func (c *Ctx) endEntry(s *Stream, reverse bool) {
	w := s.walk(streamID{}, maxStreamID, reverse)
	if !w.next() {
		c.Reply.Null()
		return
	}
	c.Reply.streamEntry(&w)
}

// streamFull shows everything, of each list the first count elements; 0 = all.
func (c *Ctx) streamFull(s *Stream, count int64) {
	c.Reply.Map(15)
	c.streamHead(s)
	c.Reply.BulkString("entries")
	c.Reply.streamEntries(s.walk(streamID{}, maxStreamID, false), count)
	c.Reply.BulkString("groups")
	c.Reply.Array(len(s.groups))
	for _, g := range s.groups {
		c.groupFull(s, g, count)
	}
}

func (c *Ctx) groupFull(s *Stream, g *streamGroup, count int64) {
	c.Reply.Map(8)
	c.Reply.bulkField("name", g.name)
	c.groupProgress(s, g)
	c.Reply.intField("pel-count", int64(g.pending.length))
	c.Reply.intField("nacked-count", int64(len(g.unowned())))
	c.Reply.BulkString("pending")
	c.pendingFull(g, &g.pending, count)
	c.Reply.BulkString("consumers")
	c.Reply.Array(len(g.consumers))
	for _, k := range g.consumers {
		c.Reply.Map(5)
		c.Reply.bulkField("name", k.name)
		c.Reply.intField("seen-time", k.seen)
		c.Reply.intField("active-time", k.active)
		c.Reply.intField("pel-count", int64(k.pending.length))
		c.Reply.BulkString("pending")
		c.pendingFull(g, &k.pending, count)
	}
}

// groupProgress writes the three pairs that tell how far a group has read.
func (c *Ctx) groupProgress(s *Stream, g *streamGroup) {
	c.Reply.idField("last-delivered-id", g.last)
	c.Reply.knownField("entries-read", g.read, g.read != unknownRead)
	lag, known := s.lag(g)
	c.Reply.knownField("lag", lag, known)
}

// pendingFull shows a list of pending entries; that of a group says to whom each was delivered.
func (c *Ctx) pendingFull(g *streamGroup, list *pendingList, count int64) {
	mark, n := c.Reply.Later(), int64(0)
	for at := (pendingAt{}); count == 0 || n < count; at = list.after(at) {
		id, ok := list.get(at)
		if !ok {
			break
		}
		d := g.pending.find(id)
		if list.noted {
			c.Reply.Array(4)
			c.Reply.streamID(id)
			c.Reply.Bulk(g.ownerName(d))
		} else {
			c.Reply.Array(3)
			c.Reply.streamID(id)
		}
		c.Reply.Int(d.at)
		c.Reply.Int(d.count)
		n++
	}
	c.Reply.ArrayAt(mark, int(n))
}

func xinfoGroupsCommand(c *Ctx) {
	s, ok := c.infoStream()
	if !ok {
		return
	}
	c.Reply.Array(len(s.groups))
	for _, g := range s.groups {
		c.Reply.Map(6)
		c.Reply.bulkField("name", g.name)
		c.Reply.intField("consumers", int64(len(g.consumers)))
		c.Reply.intField("pending", int64(g.pending.length))
		c.groupProgress(s, g)
	}
}

func xinfoConsumersCommand(c *Ctx) {
	s, ok := c.infoStream()
	if !ok {
		return
	}
	g := s.group(c.Argv[3])
	if g == nil {
		c.noSuchGroup(c.Argv[3], c.Argv[2])
		return
	}
	c.Reply.Array(len(g.consumers))
	for _, k := range g.consumers {
		inactive := k.active
		if inactive >= 0 {
			inactive = max(c.Now-k.active, 0)
		}
		c.Reply.Map(4)
		c.Reply.bulkField("name", k.name)
		c.Reply.intField("pending", int64(k.pending.length))
		c.Reply.intField("idle", max(c.Now-k.seen, 0))
		c.Reply.intField("inactive", inactive)
	}
}

var xinfoHelp = []string{
	"CONSUMERS <key> <groupname>",
	"    Show consumers of <groupname>.",
	"GROUPS <key>",
	"    Show the stream consumer groups.",
	"STREAM <key> [FULL [COUNT <count>]",
	"    Show information about the stream.",
}
