package engine

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"

	"riffle/engine/xxh3"
)

// A producer that does not know whether its XADD has arrived may send it again: with IDMP and an id of its
// own for the message, or IDMPAUTO, which takes the content for one, the second XADD adds nothing and
// replies the id of the first. A stream remembers what each producer has sent for a while
// (IDMP-DURATION) and up to a number (IDMP-MAXSIZE): a queue of ids in the order of their coming, and a map
// from the messages to them.
//
// In the journal an entry's message stands behind its XADD as XIDMPRECORD, as later versions of the
// reference write it. RDB 10 has no place for it, and a value must remain readable to those that know
// no newer format: there it travels as a consumer group that nobody would name so, whose consumers' names are
// the facts. Another server shows that group, and is not hurt by it.
type idempotence struct {
	duration   int64 // seconds
	maxSize    int64 // messages of a producer
	added      int64
	duplicates int64
	producers  []*streamProducer // by name
}

// streamProducer is what one producer has sent lately.
type streamProducer struct {
	name  []byte
	ids   map[string]streamID // of each message
	queue []producedMessage   // oldest first
}

// producedMessage is a producer's own id of a message, and the entry it became.
type producedMessage struct {
	message string
	id      streamID
}

// messageSize is about what a message takes beside its text, in bytes.
const messageSize = 112

// Limits of XCFGSET.
const (
	maxIdempotenceSeconds = 86_400
	maxIdempotenceSize    = 10_000
)

// idempotence returns the stream's memory of messages, and makes one if need be.
func (s *Stream) idempotence(limits *settings) *idempotence {
	if s.messages == nil {
		s.messages = &idempotence{duration: limits.streamIdempotenceSeconds, maxSize: limits.streamIdempotenceSize}
	}
	return s.messages
}

// producer returns the producer with this name, nil if there is none.
func (m *idempotence) producer(name []byte) *streamProducer {
	if m == nil {
		return nil
	}
	if i, found := m.producerIndex(name); found {
		return m.producers[i]
	}
	return nil
}

func (m *idempotence) producerIndex(name []byte) (i int, found bool) {
	return slices.BinarySearchFunc(m.producers, name, func(p *streamProducer, name []byte) int {
		return bytes.Compare(p.name, name)
	})
}

// record notes that a producer's message became an entry, and forgets its oldest if they are too many.
func (m *idempotence) record(s *Stream, name, message []byte, id streamID) {
	i, found := m.producerIndex(name)
	if !found {
		fresh := &streamProducer{name: bytes.Clone(name), ids: map[string]streamID{}}
		m.producers = insert(m.producers, i, fresh)
	}
	p := m.producers[i]
	text := string(message)
	p.ids[text] = id
	p.queue = append(p.queue, producedMessage{text, id})
	s.memory += int64(len(text)) + messageSize
	m.added++
	for int64(len(p.queue)) > m.maxSize {
		p.forget(s)
	}
}

// forget drops a producer's oldest message.
func (p *streamProducer) forget(s *Stream) {
	oldest := p.queue[0]
	p.queue = p.queue[1:]
	delete(p.ids, oldest.message)
	s.memory -= int64(len(oldest.message)) + messageSize
}

// expire forgets what is older than the duration, and producers of which nothing is left.
func (m *idempotence) expire(s *Stream, now int64) {
	if m == nil {
		return
	}
	for _, p := range m.producers {
		for len(p.queue) > 0 && p.queue[0].id.ms <= uint64(max(now-m.duration*1000, 0)) {
			p.forget(s)
		}
	}
	m.producers = slices.DeleteFunc(m.producers, func(p *streamProducer) bool { return len(p.queue) == 0 })
}

// clear forgets all messages.
func (m *idempotence) clear(s *Stream) {
	for _, p := range m.producers {
		for len(p.queue) > 0 {
			p.forget(s)
		}
	}
	m.producers = nil
}

// size returns how many messages are remembered.
func (m *idempotence) size() (n int64) {
	for _, p := range m.producers {
		n += int64(len(p.queue))
	}
	return n
}

// producerOption reads IDMP or IDMPAUTO at argument i, and returns the index behind it; i itself if it is
// neither.
func (c *Ctx) producerOption(o *addOptions, i int) (next int, ok bool) {
	name, words := "", 0
	switch more := len(c.Argv) - 1 - i; {
	case c.is(i, "IDMPAUTO") && more >= 1:
		name, words = "IDMPAUTO", 1
	case c.is(i, "IDMP") && more >= 2:
		name, words = "IDMP", 2
	default:
		return i, true
	}
	switch {
	case o.producer != nil:
		c.Reply.Error("ERR syntax error, IDMP/IDMPAUTO specified multiple times")
	case len(c.Argv[i+1]) == 0:
		c.Reply.Error("ERR syntax error, " + name + " requires a non-empty producer ID")
	case words == 2 && len(c.Argv[i+2]) == 0:
		c.Reply.Error("ERR syntax error, IDMP requires a non-empty idempotent ID")
	default:
		o.producer = c.Argv[i+1]
		if words == 2 {
			o.message = c.Argv[i+2]
		}
		return i + words + 1, true
	}
	return i, false
}

// messageID returns the producer's id of a message: its own, or one of the content whatever the order of
// the fields.
func (o *addOptions) messageID(pairs [][]byte) []byte {
	if o.producer == nil || o.message != nil {
		return o.message
	}
	var sum, mix uint64
	var pair []byte
	for i := 0; i < len(pairs); i += 2 {
		pair = append(pair[:0], pairs[i]...)
		pair = binary.LittleEndian.AppendUint64(pair, uint64(len(pairs[i])))
		hash := xxh3.Sum64(append(pair, pairs[i+1]...))
		sum += hash
		mix ^= bits.RotateLeft64(hash, 1) * hash
	}
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, sum), mix)
}

// replyDuplicate replies the id of the entry that a message became when it was sent before.
func (c *Ctx) replyDuplicate(s *Stream, o *addOptions, message []byte) bool {
	if o.producer == nil {
		return false
	}
	s.messages.expire(s, c.Now)
	p := s.messages.producer(o.producer)
	if p == nil {
		return false
	}
	id, found := p.ids[string(message)]
	if found {
		s.messages.duplicates++
		c.Reply.streamID(id)
	}
	return found
}

func xcfgsetCommand(c *Ctx) {
	s, ok := c.streamForWrite(c.Argv[1])
	if !ok {
		return
	}
	if !s.Exists() {
		c.Reply.Error(errNoSuchKey)
		return
	}
	duration, size := int64(-1), int64(-1)
	for i := 2; i < len(c.Argv); i += 2 {
		switch {
		case i+1 < len(c.Argv) && c.is(i, "IDMP-DURATION"):
			ok = c.limitOption(&duration, i, "IDMP-DURATION", maxIdempotenceSeconds, " seconds")
		case i+1 < len(c.Argv) && c.is(i, "IDMP-MAXSIZE"):
			ok = c.limitOption(&size, i, "IDMP-MAXSIZE", maxIdempotenceSize, " entries")
		default:
			c.syntaxError()
			return
		}
		if !ok {
			return
		}
	}
	if duration < 0 && size < 0 {
		c.Reply.Error("ERR At least one parameter must be specified")
		return
	}
	m := s.idempotence(&c.e.settings)
	if duration >= 0 && duration != m.duration || size >= 0 && size != m.maxSize {
		if duration >= 0 {
			m.duration = duration
		}
		if size >= 0 {
			m.maxSize = size
		}
		m.clear(s)
		c.settleStream(s)
		c.Propagate()
	}
	c.Reply.OK()
}

// limitOption reads the number behind one of XCFGSET's words, which may be given once.
func (c *Ctx) limitOption(n *int64, i int, name string, high int64, unit string) (ok bool) {
	if *n >= 0 {
		c.Reply.Error("ERR " + name + " specified multiple times")
		return false
	}
	*n, ok = c.intBetween(i+1, 1, high, "ERR "+name+" must be between 1 and "+itoa(high)+unit)
	return ok
}

func xidmprecordCommand(c *Ctx) {
	key, name, message := c.Argv[1], c.Argv[2], c.Argv[3]
	id, ok := c.streamID(4, 0)
	switch {
	case !ok:
		return
	case len(name) == 0:
		c.Reply.Error("ERR producer ID must be non-empty")
		return
	case len(message) == 0:
		c.Reply.Error("ERR idempotent ID must be non-empty")
		return
	}
	s, ok := c.streamForWrite(key)
	if !ok {
		return
	}
	replay := c.Client.has(flagReplay)
	if replay {
		s.messages.producer(name).drop(s, message) // it was forgotten when this was written
	} else {
		s.messages.expire(s, c.Now)
	}
	switch refusal := s.refuseRecord(name, message, id, replay); {
	case refusal != "":
		c.Reply.Error(refusal)
	case s.messages.producer(name) != nil && s.messages.producer(name).has(message):
		c.Reply.OK()
	default:
		s.idempotence(&c.e.settings).record(s, name, message, id)
		c.settleStream(s)
		c.Propagate()
		c.Reply.OK()
	}
}

// drop forgets a message, wherever it is in the queue.
func (p *streamProducer) drop(s *Stream, message []byte) {
	if p == nil || !p.has(message) {
		return
	}
	i := slices.IndexFunc(p.queue, func(m producedMessage) bool { return m.message == string(message) })
	p.queue = slices.Delete(p.queue, i, i+1)
	delete(p.ids, string(message))
	s.memory -= int64(len(message)) + messageSize
}

func (p *streamProducer) has(message []byte) bool {
	_, found := p.ids[string(message)]
	return found
}

// refuseRecord says why a message cannot be recorded, or "".
func (s *Stream) refuseRecord(name, message []byte, id streamID, replay bool) string {
	switch p := s.messages.producer(name); {
	case !s.Exists():
		return errNoSuchKey
	case !replay && !s.exists(id):
		return "ERR No such message in stream"
	case p != nil && p.has(message) && p.ids[string(message)] != id:
		return "ERR IID already exists for this producer with a different stream ID"
	}
	return ""
}

// messageGroup is the name of the group that messages travel in. The first name among its consumers', in
// the order in which they are written, tells the limits; each of the others is a producer's length in 4
// bytes, its name, an entry's id and the message.
const messageGroup = "\x00riffle.idempotence"

const (
	messageHead   = 4
	messageLimits = 4
)

// asGroup returns the messages as a group, nil if there is nothing to say.
func (m *idempotence) asGroup() *streamGroup {
	if m == nil {
		return nil
	}
	memory := int64(0)
	g := &streamGroup{name: []byte(messageGroup), read: unknownRead}
	g.pending = pendingList{noted: true, memory: &memory}
	limits := binary.BigEndian.AppendUint32(nil, 0)
	for _, n := range [messageLimits]int64{m.duration, m.maxSize, m.added, m.duplicates} {
		limits = binary.BigEndian.AppendUint64(limits, uint64(n))
	}
	g.consumers = append(g.consumers, &streamConsumer{name: limits})
	for _, p := range m.producers {
		for _, message := range p.queue {
			name := binary.BigEndian.AppendUint32(nil, uint32(len(p.name)))
			name = message.id.append16(append(name, p.name...))
			g.consumers = append(g.consumers, &streamConsumer{name: append(name, message.message...)})
		}
	}
	return g
}

// takeMessages turns a loaded group of that name back into messages, if it is one. Consumers come sorted,
// so a producer's messages are in the order of their entries, as they were.
func (s *Stream) takeMessages() {
	g := s.group([]byte(messageGroup))
	if g == nil || g.pending.length > 0 || len(g.consumers) == 0 {
		return
	}
	limits := g.consumers[0].name
	if len(limits) != messageHead+messageLimits*8 || binary.BigEndian.Uint32(limits) != 0 {
		return
	}
	m := &idempotence{}
	for i, n := range [messageLimits]*int64{&m.duration, &m.maxSize, &m.added, &m.duplicates} {
		*n = int64(binary.BigEndian.Uint64(limits[messageHead+8*i:]))
	}
	if !m.withinLimits() {
		return
	}
	added := m.added
	for _, k := range g.consumers[1:] {
		name := k.name
		if len(name) < messageHead+streamIDSize {
			return
		}
		n := uint64(binary.BigEndian.Uint32(name))
		if n == 0 || n > uint64(len(name)-messageHead-streamIDSize-1) {
			return
		}
		producer, rest := name[messageHead:messageHead+n], name[messageHead+n:]
		m.record(s, producer, rest[streamIDSize:], decodeID(rest))
	}
	m.added = added
	s.messages = m
	s.destroyGroup([]byte(messageGroup))
}

// withinLimits says whether the limits are such as XCFGSET may set.
func (m *idempotence) withinLimits() bool {
	return m.duration >= 1 && m.duration <= maxIdempotenceSeconds && m.maxSize >= 1 && m.maxSize <= maxIdempotenceSize
}

// rewriteMessages emits the messages as commands.
func (s *Stream) rewriteMessages(key []byte, emit func(argv ...[]byte)) {
	if s.messages == nil {
		return
	}
	emit([]byte("XCFGSET"), key, []byte("IDMP-DURATION"), intBytes(s.messages.duration),
		[]byte("IDMP-MAXSIZE"), intBytes(s.messages.maxSize))
	for _, p := range s.messages.producers {
		for _, message := range p.queue {
			emit([]byte("XIDMPRECORD"), key, p.name, []byte(message.message), message.id.text())
		}
	}
}
