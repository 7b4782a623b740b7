package engine

import (
	"math"
	"riffle/engine/listpack"

	"riffle/engine/dict"
)

func saddCommand(c *Ctx) {
	key, members := c.Argv[1], c.Argv[2:]
	s, ok := c.setForWrite(key)
	if !ok {
		return
	}
	s.expect(len(members), members[0])
	added := int64(0)
	for _, member := range members {
		if s.add(member) {
			added++
		}
	}
	if added > 0 {
		c.commit(s)
		c.Propagate()
		c.Notify(notifySet, "sadd", key)
	}
	c.Reply.Int(added)
}

func sremCommand(c *Ctx) {
	key := c.Argv[1]
	s, ok := c.setForWrite(key)
	if !ok {
		return
	}
	removed := int64(0)
	for _, member := range c.Argv[2:] {
		if s.remove(member) {
			removed++
		}
	}
	if removed > 0 {
		c.commitSet(s, "srem", key)
		c.Propagate()
	}
	c.Reply.Int(removed)
}

// commitSet stores a set that gave members away, and tells of that and of the key's end.
func (c *Ctx) commitSet(s *Set, event string, key []byte) {
	exists := c.commit(s)
	c.Notify(notifySet, event, key)
	if !exists {
		c.Notify(notifyGeneric, "del", key)
	}
}

func smoveCommand(c *Ctx) {
	source, ok := c.setForWrite(c.Argv[1])
	if !ok {
		return
	}
	if source.Empty() {
		c.Reply.Int(0)
		return
	}
	target, ok := c.setForWrite(c.Argv[2])
	if !ok {
		return
	}
	member := c.Argv[3]
	if string(c.Argv[1]) == string(c.Argv[2]) {
		c.Reply.Int(boolInt(source.Has(member)))
		return
	}
	if !source.remove(member) {
		c.Reply.Int(0)
		return
	}
	c.commitSet(source, "srem", c.Argv[1])
	if target.add(member) {
		c.commit(target)
		c.Notify(notifySet, "sadd", c.Argv[2])
	}
	c.Propagate()
	c.Reply.Int(1)
}

func scardCommand(c *Ctx) {
	if s, ok := c.set(c.Argv[1]); ok {
		c.Reply.Int(int64(s.Len()))
	}
}

func sismemberCommand(c *Ctx) {
	if s, ok := c.set(c.Argv[1]); ok {
		c.Reply.Int(boolInt(s.Has(c.Argv[2])))
	}
}

func smismemberCommand(c *Ctx) {
	s, ok := c.set(c.Argv[1])
	if !ok {
		return
	}
	c.Reply.Array(len(c.Argv) - 2)
	for _, member := range c.Argv[2:] {
		c.Reply.Int(boolInt(s.Has(member)))
	}
}

func smembersCommand(c *Ctx) {
	if s, ok := c.set(c.Argv[1]); ok {
		c.replyMembers(s)
	}
}

// replyMembers replies with all members of a set.
func (c *Ctx) replyMembers(s *Set) {
	c.Reply.Set(s.Len())
	if s.form == formSetPack {
		c.Reply.Entries(s.blob, listpack.First(s.blob), s.Len())
		return
	}
	s.Each(func(member []byte) bool {
		c.Reply.Bulk(member)
		return true
	})
}

func sscanCommand(c *Ctx) {
	cursor, ok := c.scanCursor(2)
	if !ok {
		return
	}
	s, ok := c.set(c.Argv[1])
	if !ok {
		return
	}
	if s.Empty() {
		c.Reply.ArrayAt(c.scanReply(0), 0)
		return
	}
	o, ok := c.scanOptions(3, 0)
	if !ok {
		return
	}
	var refs []dict.Ref
	next := uint64(0)
	if s.table != nil {
		refs, next = o.page(s.table, cursor)
	}
	mark, n := c.scanReply(next), 0
	show := func(member []byte) bool {
		if o.wants(member) {
			c.Reply.Bulk(member)
			n++
		}
		return true
	}
	if s.table == nil {
		s.Each(show)
	}
	for _, ref := range refs {
		show(s.table.Key(ref))
	}
	c.Reply.ArrayAt(mark, n)
}

func spopCommand(c *Ctx) {
	switch len(c.Argv) {
	case 2:
		spopOne(c)
	case 3:
		spopMany(c)
	default:
		c.syntaxError()
	}
}

func spopOne(c *Ctx) {
	key := c.Argv[1]
	s, ok := c.setForWrite(key)
	if !ok {
		return
	}
	if s.Empty() {
		c.Reply.Null()
		return
	}
	var scratch [20]byte
	member, ref := s.random(c, &scratch)
	c.Effect([]byte("SREM"), key, member)
	c.Reply.Bulk(member)
	if ref != 0 {
		s.removeRef(ref)
	} else {
		s.remove(member)
	}
	c.commitSet(s, "spop", key)
}

// maxRemovals is the most members that one SREM of the journal removes for an SPOP.
const maxRemovals = 1024

func spopMany(c *Ctx) {
	count, ok := c.intAtLeast(2, 0, errPositive)
	if !ok {
		return
	}
	key := c.Argv[1]
	s, ok := c.setForWrite(key)
	if !ok {
		return
	}
	if count == 0 || s.Empty() {
		c.Reply.Set(0)
		return
	}
	if count >= int64(s.Len()) {
		c.replyMembers(s)
		c.remove(key, s.home().ref)
		c.Effect([]byte("DEL"), key)
		c.Notify(notifySet, "spop", key)
		c.Notify(notifyGeneric, "del", key)
		return
	}
	c.popMembers(s, int(count), key)
}

// popMembers takes count members, fewer than there are, out of a set and into the reply.
func (c *Ctx) popMembers(s *Set, count int, key []byte) {
	var text []byte
	members := make([][]byte, 0, count)
	c.Reply.Set(count)
	s.draw(c, count, func(member []byte) {
		c.Reply.Bulk(member)
		start := len(text)
		text = append(text, member...)
		members = append(members, text[start:])
	})
	for _, member := range members {
		s.remove(member)
	}
	c.commitSet(s, "spop", key)
	for len(members) > 0 {
		n := min(len(members), maxRemovals)
		c.Effect(append([][]byte{[]byte("SREM"), key}, members[:n]...)...)
		members = members[n:]
	}
}

func srandmemberCommand(c *Ctx) {
	switch {
	case len(c.Argv) > 3:
		c.syntaxError()
		return
	case len(c.Argv) == 3:
		srandmemberMany(c)
		return
	}
	s, ok := c.set(c.Argv[1])
	if !ok {
		return
	}
	if s.Empty() {
		c.Reply.Null()
		return
	}
	var scratch [20]byte
	member, _ := s.random(c, &scratch)
	c.Reply.Bulk(member)
}

const errCountRange = "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807"

func srandmemberMany(c *Ctx) {
	count, ok := c.int(2)
	if !ok {
		return
	}
	if count == math.MinInt64 {
		c.Reply.Error(errCountRange)
		return
	}
	s, ok := c.set(c.Argv[1])
	switch {
	case !ok:
	case s.Empty() || count == 0:
		c.Reply.Array(0)
	case count < -maxRepeats:
		c.Reply.Error(errOutOfRange)
	case count < 0:
		var scratch [20]byte
		c.Reply.Array(int(-count))
		for ; count < 0; count++ {
			member, _ := s.random(c, &scratch)
			c.Reply.Bulk(member)
		}
	default:
		n := int(min(count, int64(s.Len())))
		c.Reply.Array(n)
		s.draw(c, n, func(member []byte) { c.Reply.Bulk(member) })
	}
}
