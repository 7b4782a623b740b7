package engine

import (
	"bytes"
	"slices"
)

// streamGroup is a consumer group: how far it has read, which entries its consumers have been given and
// not acknowledged, and the consumers. Names order both groups and consumers, as in the reference.
type streamGroup struct {
	name      []byte
	last      streamID // last delivered
	behind    bookmark // where the entry behind that is
	read      int64    // entries delivered since the stream began; unknownRead if it cannot be told
	pending   pendingList
	consumers []*streamConsumer // by name
	numbers   []*streamConsumer // by number; nil where one has gone
}

// streamConsumer is a reader of a group.
type streamConsumer struct {
	name    []byte
	number  uint32 // how the group's deliveries name it
	seen    int64  // when it last tried something, in milliseconds since 1970
	active  int64  // when it last got or claimed an entry; -1 = never
	pending pendingList
}

// unknownRead stands for a count of entries that cannot be known.
const unknownRead = -1

// groupSize and consumerSize are what a group and a consumer take beside names and lists, in bytes.
const (
	groupSize    = 208
	consumerSize = 128
)

// group returns the group with this name, nil if there is none.
func (s *Stream) group(name []byte) *streamGroup {
	if i, found := s.groupIndex(name); found {
		return s.groups[i]
	}
	return nil
}

func (s *Stream) groupIndex(name []byte) (i int, found bool) {
	return slices.BinarySearchFunc(s.groups, name, func(g *streamGroup, name []byte) int {
		return bytes.Compare(g.name, name)
	})
}

// createGroup adds a group; nil if there is one with this name.
func (s *Stream) createGroup(name []byte, last streamID, read int64) *streamGroup {
	i, found := s.groupIndex(name)
	if found {
		return nil
	}
	g := &streamGroup{name: bytes.Clone(name), last: last, read: read}
	g.pending = pendingList{noted: true, memory: &s.memory}
	s.groups = insert(s.groups, i, g)
	s.memory += groupSize + int64(len(name))
	return g
}

// destroyGroup removes a group; it reports whether there was one.
func (s *Stream) destroyGroup(name []byte) bool {
	i, found := s.groupIndex(name)
	if !found {
		return false
	}
	g := s.groups[i]
	for _, consumer := range g.consumers {
		s.memory -= consumer.size()
	}
	s.memory -= groupSize + int64(len(name)) + g.pending.bytes
	s.groups = slices.Delete(s.groups, i, i+1)
	return true
}

func (k *streamConsumer) size() int64 { return consumerSize + int64(len(k.name)) + k.pending.bytes }

// consumer returns the consumer with this name, nil if there is none.
func (g *streamGroup) consumer(name []byte) *streamConsumer {
	if i, found := g.consumerIndex(name); found {
		return g.consumers[i]
	}
	return nil
}

func (g *streamGroup) consumerIndex(name []byte) (i int, found bool) {
	return slices.BinarySearchFunc(g.consumers, name, func(k *streamConsumer, name []byte) int {
		return bytes.Compare(k.name, name)
	})
}

// createConsumer adds a consumer, of which there must be none with this name.
func (g *streamGroup) createConsumer(name []byte, now int64) *streamConsumer {
	i, _ := g.consumerIndex(name)
	k := &streamConsumer{name: bytes.Clone(name), seen: now, active: -1}
	k.pending.memory = g.pending.memory
	g.consumers = insert(g.consumers, i, k)
	free := len(g.numbers)
	if free < len(g.consumers) {
		g.numbers = append(g.numbers, nil)
	} else {
		free = slices.Index(g.numbers, nil)
	}
	g.numbers[free] = k
	k.number = uint32(free)
	*g.pending.memory += k.size()
	return k
}

// removeConsumer drops a consumer and what is pending for it.
func (g *streamGroup) removeConsumer(k *streamConsumer) {
	for at := (pendingAt{}); ; at = k.pending.after(at) {
		id, ok := k.pending.get(at)
		if !ok {
			break
		}
		g.pending.remove(id)
	}
	*g.pending.memory -= k.size()
	g.numbers[k.number] = nil
	i, _ := g.consumerIndex(k.name)
	g.consumers = slices.Delete(g.consumers, i, i+1)
}

// owner returns the consumer that a delivery was made to, nil if it has been given back (XNACK).
func (g *streamGroup) owner(d *delivery) *streamConsumer {
	if d.consumer == noConsumer {
		return nil
	}
	return g.numbers[d.consumer]
}

// ownerName returns the name of a delivery's consumer, empty if it has none.
func (g *streamGroup) ownerName(d *delivery) []byte {
	if k := g.owner(d); k != nil {
		return k.name
	}
	return nil
}

// disown takes a delivery from its consumer, if it has one.
func (g *streamGroup) disown(id streamID, d *delivery) {
	if k := g.owner(d); k != nil {
		k.pending.remove(id)
		d.consumer = noConsumer
	}
}

// assign makes an entry pending for a consumer, whosoever had it before.
func (g *streamGroup) assign(id streamID, k *streamConsumer, at, count int64) {
	fresh := delivery{at: at, count: count, consumer: k.number}
	g.pending.earliest = min(g.pending.earliest, at)
	if g.pending.insert(id, fresh) {
		k.pending.insert(id, fresh)
		return
	}
	d := g.pending.find(id)
	if d.consumer != k.number {
		g.disown(id, d)
		k.pending.insert(id, fresh)
	}
	*d = fresh
}

// release takes an entry off the pending ones; it reports whether it was there.
func (g *streamGroup) release(id streamID) bool {
	d := g.pending.find(id)
	if d == nil {
		return false
	}
	g.disown(id, d)
	g.pending.remove(id)
	return true
}

// advance notes that an entry above last has been delivered.
func (g *streamGroup) advance(s *Stream, id streamID) {
	if g.read != unknownRead && !s.hasHolesFrom(id) {
		g.read++
	} else if s.added > 0 {
		g.read = s.distance(id)
	}
	g.last = id
}

// hasHoles says whether XDEL may have removed an entry between those that are left.
func (s *Stream) hasHoles() bool {
	return s.length > 0 && !s.maxDeleted.isZero() && !s.maxDeleted.less(s.first)
}

// hasHolesFrom says whether there may be a hole at or behind id.
func (s *Stream) hasHolesFrom(id streamID) bool { return s.hasHoles() && !s.maxDeleted.less(id) }

// distance returns how many entries had been added up to and with id, unknownRead if that cannot be
// told: within the stream only its ends are known, and nothing where XDEL has left holes.
func (s *Stream) distance(id streamID) int64 {
	switch {
	case s.added == 0:
		return 0
	case s.length == 0 && !s.last.less(id), id == s.last:
		return s.added
	case s.last.less(id), s.hasHoles():
		return unknownRead
	case id.less(s.first):
		return s.added - s.length
	case id == s.first:
		return s.added - s.length + 1
	}
	return unknownRead
}

// lag returns how many entries a group has yet to read; ok is false if that cannot be told.
func (s *Stream) lag(g *streamGroup) (lag int64, ok bool) {
	if s.added == 0 {
		return 0, true
	}
	if g.read != unknownRead && !s.hasHolesFrom(g.last) {
		return s.added - g.read, true
	}
	read := s.distance(g.last)
	return s.added - read, read != unknownRead
}

const errGroupNeedsKey = "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you " +
	"may want to use the MKSTREAM option to create an empty stream automatically."

// groupOptions are the options of XGROUP CREATE and SETID.
type groupOptions struct {
	makeStream bool
	read       int64
}

// groupOptions reads what follows the id; only CREATE may make a stream.
func (c *Ctx) groupOptions(create bool) (o groupOptions, ok bool) {
	o.read = unknownRead
	for i := 5; i < len(c.Argv); i++ {
		switch {
		case create && c.is(i, "MKSTREAM"):
			o.makeStream = true
		case c.is(i, "ENTRIESREAD") && i+1 < len(c.Argv):
			i++
			if o.read, ok = c.int(i); !ok {
				return o, false
			}
			if o.read < 0 && o.read != unknownRead {
				c.Reply.Error("ERR value for ENTRIESREAD must be positive or -1")
				return o, false
			}
		default:
			c.subcommandError()
			return o, false
		}
	}
	return o, true
}

// groupForWrite returns the stream and group that a sub-command of XGROUP names; it replies if the key
// does not exist. The group is nil if the stream has none of that name.
func (c *Ctx) groupForWrite() (s *Stream, g *streamGroup, ok bool) {
	s, ok = c.streamForWrite(c.Argv[2])
	if !ok {
		return nil, nil, false
	}
	if !s.Exists() {
		c.Reply.Error(errGroupNeedsKey)
		return nil, nil, false
	}
	return s, s.group(c.Argv[3]), true
}

// namedGroup is groupForWrite for sub-commands that need the group.
func (c *Ctx) namedGroup() (s *Stream, g *streamGroup, ok bool) {
	s, g, ok = c.groupForWrite()
	if ok && g == nil {
		c.noSuchGroup(c.Argv[3], c.Argv[2])
		return nil, nil, false
	}
	return s, g, ok
}

func (c *Ctx) noSuchGroup(name, key []byte) {
	c.Reply.Error("NOGROUP No such consumer group '" + upToNul(name) + "' for key name '" + upToNul(key) + "'")
}

// upToNul returns what the reference prints of a name: it ends where a C string does.
func upToNul(name []byte) string {
	if end := bytes.IndexByte(name, 0); end >= 0 {
		name = name[:end]
	}
	return string(name)
}

func xgroupCreateCommand(c *Ctx) {
	options, ok := c.groupOptions(true)
	if !ok {
		return
	}
	key, name := c.Argv[2], c.Argv[3]
	s, ok := c.streamForWrite(key)
	if !ok {
		return
	}
	if !s.Exists() && !options.makeStream {
		c.Reply.Error(errGroupNeedsKey)
		return
	}
	if len(c.Argv) > 8 {
		c.subcommandError()
		return
	}
	id := s.last
	if string(c.Argv[4]) != "$" {
		if id, ok = c.streamID(4, 0); !ok {
			return
		}
	}
	if s.createGroup(name, id, options.read) == nil {
		c.Reply.Error("BUSYGROUP Consumer Group name already exists")
		return
	}
	if s.Exists() {
		c.settleStream(s)
	} else {
		c.commit(s)
	}
	c.Propagate()
	c.Notify(notifyStream, "xgroup-create", key)
	c.Reply.OK()
}

func xgroupSetIDCommand(c *Ctx) {
	options, ok := c.groupOptions(false)
	if !ok {
		return
	}
	s, g, ok := c.namedGroup()
	if !ok {
		return
	}
	if len(c.Argv) > 7 {
		c.subcommandError()
		return
	}
	id := s.last
	if string(c.Argv[4]) != "$" {
		if id, ok = c.rangeID(c.Argv[4], 0); !ok {
			return
		}
	}
	g.last, g.read = id, options.read
	c.Propagate()
	c.Notify(notifyStream, "xgroup-setid", c.Argv[2])
	c.Reply.OK()
}

func xgroupDestroyCommand(c *Ctx) {
	s, _, ok := c.groupForWrite()
	if !ok {
		return
	}
	if !s.destroyGroup(c.Argv[3]) {
		c.Reply.Int(0)
		return
	}
	c.settleStream(s)
	c.Propagate()
	c.Notify(notifyStream, "xgroup-destroy", c.Argv[2])
	c.e.signal(c.DB, c.Argv[2], false) // XREADGROUP must learn that its group is gone
	c.Reply.Int(1)
}

func xgroupCreateConsumerCommand(c *Ctx) {
	s, g, ok := c.namedGroup()
	if !ok {
		return
	}
	if g.consumer(c.Argv[4]) != nil {
		c.Reply.Int(0)
		return
	}
	c.createConsumer(g, c.Argv[2], c.Argv[4])
	c.settleStream(s)
	c.Reply.Int(1)
}

// createConsumer adds a consumer, and says so to the journal and to those who listen.
func (c *Ctx) createConsumer(g *streamGroup, key, name []byte) *streamConsumer {
	k := g.createConsumer(name, c.Now)
	c.Effect([]byte("XGROUP"), []byte("CREATECONSUMER"), key, g.name, name)
	c.Notify(notifyStream, "xgroup-createconsumer", key)
	return k
}

func xgroupDelConsumerCommand(c *Ctx) {
	s, g, ok := c.namedGroup()
	if !ok {
		return
	}
	pending := 0
	if k := g.consumer(c.Argv[4]); k != nil {
		pending = k.pending.length
		g.removeConsumer(k)
		c.settleStream(s)
		c.Propagate()
		c.Notify(notifyStream, "xgroup-delconsumer", c.Argv[2])
	}
	c.Reply.Int(int64(pending))
}

var xgroupHelp = []string{
	"CREATE <key> <groupname> <id|$> [option]",
	"    Create a new consumer group. Options are:",
	"    * MKSTREAM",
	"      Create the empty stream if it does not exist.",
	"    * ENTRIESREAD entries_read",
	"      Set the group's entries_read counter (internal use).",
	"CREATECONSUMER <key> <groupname> <consumer>",
	"    Create a new consumer in the specified group.",
	"DELCONSUMER <key> <groupname> <consumer>",
	"    Remove the specified consumer.",
	"DESTROY <key> <groupname>",
	"    Remove the specified group.",
	"SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
	"    Set the current group ID and entries_read counter.",
}
