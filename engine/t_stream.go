package engine

import (
	"encoding/binary"
	"math"
	"slices"

	"riffle/engine/listpack"
)

// A stream is a log of entries, each a list of field and value pairs under an id that only grows.
//
// # Nodes
//
// Entries live in nodes: listpacks of up to stream-node-max-entries entries or stream-node-max-bytes
// bytes. The bytes of a node are the reference's own, so DUMP and RDB bodies travel either way
// unchanged. A node begins with its master entry, which names the fields once:
//
//	live, deleted, fields, name ..., 0
//
// and every entry follows as
//
//	flags, ms - master's ms, seq - master's seq, [fields, name, value, ... | value ...], elements
//
// The names are left out where they are the master's (flag 2); a deleted entry keeps its bytes and
// bears flag 1; the last element counts those before it, so that a node is read from behind as well. An
// entry of two short values hence costs about 8 bytes beside the values.
//
// # Order of nodes
//
// The reference keeps its nodes in a radix tree, since a tree of pointers is what it has at hand. Here
// they are a slice sorted by the id of the master: ids only grow, so a new node goes to the end; trimming
// takes nodes off the head, which only moves an index; a look-up is a binary search over 40 bytes a node.
// Only the removal of a node in the middle, which happens once all its entries are deleted one by one,
// moves what is behind it: 40 bytes for each hundred entries.
//
// The last node's buffer has room to grow. When a node is full it is folded (foldings.go) if its entries are
// alike: an entry of two short values takes some 7 bytes then instead of 20, and the first read in a node
// some microseconds. The bytes are put behind those of the nodes before it, in a slab of up to 64 KiB
// that no size class rounds up, and the buffer begins the next node. A slab is garbage once its nodes are
// trimmed; one that XDEL thins out stays until its last node goes.
//
// A stream is always an object of its own, never packed: it has an identity, its last id and its groups,
// that outlives its entries, and an empty stream exists.
type Stream struct {
	place
	nodes      []streamNode // nodes[head:] are in use
	head       int
	length     int64    // live entries
	first      streamID // of the first live entry, 0-0 if there is none
	last       streamID // the last id ever given out
	maxDeleted streamID // the greatest id that XDEL has removed
	added      int64    // entries ever added
	groups     []*streamGroup
	slab       []byte       // where the next full node goes
	memory     int64        // bytes of nodes and groups
	messages   *idempotence // nil: no producer wants to be remembered
	edits      int64        // how often entries have been deleted, which makes bookmarks void
}

// streamNode is one listpack and the id that those of its entries are counted from.
type streamNode struct {
	master streamID
	lp     []byte
}

// streamNodeSize is the size of a streamNode in bytes, streamSize that of an empty Stream.
const (
	streamNodeSize = 40
	streamSize     = 248
)

// The flags of an entry.
const (
	entryDeleted    = 1
	entrySameFields = 2
)

// maxEntrySize bounds the text of one entry, and a node whatever its parameters say, in bytes.
const maxEntrySize = 1 << 30

// streamID is when an entry was added, in milliseconds since 1970, and a number within that moment.
type streamID struct{ ms, seq uint64 }

var maxStreamID = streamID{math.MaxUint64, math.MaxUint64}

func (id streamID) compare(other streamID) int {
	switch {
	case id.ms < other.ms || id.ms == other.ms && id.seq < other.seq:
		return -1
	case id == other:
		return 0
	}
	return 1
}

func (id streamID) less(other streamID) bool { return id.compare(other) < 0 }

func (id streamID) isZero() bool { return id == streamID{} }

// next returns the id behind id; ok is false if id is the last there is.
func (id streamID) next() (next streamID, ok bool) {
	if id.seq < math.MaxUint64 {
		return streamID{id.ms, id.seq + 1}, true
	}
	return streamID{id.ms + 1, 0}, id.ms < math.MaxUint64
}

// previous returns the id before id; ok is false if id is 0-0.
func (id streamID) previous() (previous streamID, ok bool) {
	if id.seq > 0 {
		return streamID{id.ms, id.seq - 1}, true
	}
	return streamID{id.ms - 1, math.MaxUint64}, id.ms > 0
}

// append16 appends id as 16 bytes that sort as ids do, which is how RDB spells it.
func (id streamID) append16(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint64(dst, id.ms)
	return binary.BigEndian.AppendUint64(dst, id.seq)
}

func makeStream() Value { return &Stream{} }

// Kind implements Value.
func (s *Stream) Kind() Kind { return KindStream }

// Encoding implements Value.
func (s *Stream) Encoding() string { return "stream" }

// Empty implements Value: a stream without entries exists.
func (s *Stream) Empty() bool { return false }

// Size implements Value.
func (s *Stream) Size() int64 {
	return streamSize + s.memory + int64(cap(s.nodes))*streamNodeSize + int64(cap(s.groups))*8
}

// Pack implements Value: a stream is an object.
func (s *Stream) Pack() (form uint8, blob []byte, ok bool) { return 0, nil, false }

// Unpack implements Value.
func (s *Stream) Unpack(uint8, []byte) { *s = Stream{} }

// streamForRead returns the stream at key, an empty one if the key does not exist.
func (c *Ctx) streamForRead(key []byte) (*Stream, bool) {
	value, ok := c.read(key, KindStream)
	if !ok {
		return nil, false
	}
	return value.(*Stream), true
}

// streamForWrite is streamForRead for a command that may change the stream.
func (c *Ctx) streamForWrite(key []byte) (*Stream, bool) {
	value, ok := c.write(key, KindStream)
	if !ok {
		return nil, false
	}
	s := value.(*Stream)
	s.changing(nil)
	if !s.Exists() {
		// What stands for a missing key is used again by the next command: an object must not be it.
		s = &Stream{place: s.place}
	}
	return s, true
}

// streamForGroup is streamForWrite for the commands of consumers, which count as readers of the key.
func (c *Ctx) streamForGroup(key []byte) (*Stream, bool) {
	c.glance(key)
	return c.streamForWrite(key)
}

// settleStream keeps the accounts after a change that WATCH and waiting clients do not look at: groups and
// their pending entries are not the stream's content.
func (c *Ctx) settleStream(s *Stream) { s.space.put(s, c.e.accessOf(s.space, s.ref)) }

// nextID returns the id that "*" stands for.
func (s *Stream) nextID(now int64) streamID {
	if ms := uint64(now); ms > s.last.ms {
		return streamID{ms, 0}
	}
	next, _ := s.last.next()
	return next
}

// nextSeq returns the id that "ms-*" stands for; ok is false if there is none that grows.
func (s *Stream) nextSeq(ms uint64) (id streamID, ok bool) {
	if ms != s.last.ms {
		return streamID{ms, 0}, true
	}
	if s.last.seq == math.MaxUint64 {
		return streamID{}, false
	}
	return streamID{ms, s.last.seq + 1}, true
}

// append adds an entry of fields and values in turn; id must be above last.
func (s *Stream) append(id streamID, pairs [][]byte, limits *settings) {
	if s.tailIsFull(pairs, limits) {
		s.beginNode(id, pairs)
	}
	tail := &s.nodes[len(s.nodes)-1]
	s.unfold(tail)
	had := cap(tail.lp)
	tail.lp = appendEntry(tail.lp, tail.master, id, pairs)
	s.memory += int64(cap(tail.lp) - had)
	s.length++
	s.added++
	s.last = id
	if s.length == 1 {
		s.first = id
	}
}

// tailIsFull says whether the next entry must begin a node.
func (s *Stream) tailIsFull(pairs [][]byte, limits *settings) bool {
	if s.head == len(s.nodes) {
		return true
	}
	maxBytes := limits.streamMaxNodeBytes
	if maxBytes <= 0 || maxBytes > maxEntrySize {
		maxBytes = maxEntrySize
	}
	lp := s.nodes[len(s.nodes)-1].lp
	if int64(listpack.UnfoldedSize(lp)+textSize(pairs)) >= maxBytes {
		return true
	}
	if limits.streamMaxNodeEntries <= 0 {
		return false
	}
	live, deleted := nodeCounts(lp)
	return live+deleted >= limits.streamMaxNodeEntries
}

func textSize(pairs [][]byte) int {
	size := 0
	for _, text := range pairs {
		size += len(text)
	}
	return size
}

// beginNode appends a node whose master entry has the fields of pairs.
func (s *Stream) beginNode(id streamID, pairs [][]byte) {
	lp := s.sealTail()
	s.memory -= int64(cap(lp))
	lp = append(lp[:0], listpack.New()...)
	lp = listpack.AppendInt(lp, 0)
	lp = listpack.AppendInt(lp, 0)
	lp = listpack.AppendInt(lp, int64(len(pairs)/2))
	for i := 0; i < len(pairs); i += 2 {
		lp = listpack.Append(lp, pairs[i])
	}
	lp = listpack.AppendInt(lp, 0)
	s.memory += int64(cap(lp))
	s.makeRoom()
	s.nodes = append(s.nodes, streamNode{id, lp})
}

// maxSpareNode is the largest buffer that one node leaves to the next, in bytes.
const maxSpareNode = 16 << 10

const (
	slabBytes       = 64 << 10
	maxInSlab       = slabBytes / 8 // a node of more bytes has a place of its own
	maxFoldedNode   = 16 << 10
	maxFoldedStride = 64
	slabFraction    = 8 // a young stream's slab is this part of what the stream takes
)

// sealTail gives the last node's bytes a place of their exact size, and returns the buffer for the next
// node, nil if there is none.
func (s *Stream) sealTail() []byte {
	if s.head == len(s.nodes) {
		return nil
	}
	tail := &s.nodes[len(s.nodes)-1]
	buf := tail.lp
	if listpack.Folded(buf) {
		return nil // those behind it have gone
	}
	tail.lp = s.seal(s.fold(s.folds(), buf, nil))
	s.memory += int64(cap(tail.lp))
	if cap(buf) > maxSpareNode {
		s.memory -= int64(cap(buf))
		return nil
	}
	return buf
}

// fold returns the folded form of a node that is full, good until the next one, or the node's own bytes: if
// its entries are not much alike, or it is so long that reading one of them would take too long. ends are where
// the entries end, if that is known and all have the node's fields.
func (s *Stream) fold(f *foldings, lp []byte, ends []int) []byte {
	stride := 4 + nodeInt(lp, listpack.Seek(lp, 2)) // of the master entry, and of those with its fields
	if len(lp) > maxFoldedNode || stride > maxFoldedStride {
		return lp
	}
	if folded := f.fold(lp, int(stride), ends); folded != nil {
		return folded
	}
	return lp
}

// unfold must be called before the bytes of a node change.
func (s *Stream) unfold(node *streamNode) {
	if listpack.Folded(node.lp) {
		s.memory -= int64(cap(node.lp))
		node.lp = append([]byte(nil), s.folds().lp(node.lp)...)
		s.memory += int64(cap(node.lp))
	}
}

// seal returns a copy of a node's bytes without room to grow.
func (s *Stream) seal(lp []byte) []byte {
	if len(lp) > maxInSlab {
		return append([]byte(nil), lp...)
	}
	if cap(s.slab)-len(s.slab) < len(lp) {
		s.slab = make([]byte, 0, min(slabBytes, max(len(lp), int(s.memory/slabFraction))))
	}
	start := len(s.slab)
	s.slab = append(s.slab, lp...)
	return s.slab[start:len(s.slab):len(s.slab)]
}

// makeRoom moves the nodes to the front of a full slice of which trimming has freed half.
func (s *Stream) makeRoom() {
	if len(s.nodes) == cap(s.nodes) && s.head > len(s.nodes)/2 {
		n := copy(s.nodes, s.nodes[s.head:])
		clear(s.nodes[n:])
		s.nodes, s.head = s.nodes[:n], 0
	}
}

// removeNode drops the node at i, in O(1) if it is the first.
func (s *Stream) removeNode(i int) {
	s.memory -= int64(cap(s.nodes[i].lp))
	s.edits++
	if i == s.head {
		s.nodes[i] = streamNode{}
		s.head++
	} else {
		s.nodes = slices.Delete(s.nodes, i, i+1)
	}
	if s.head == len(s.nodes) {
		s.nodes, s.head = nil, 0
	}
}

// nodeFor returns the index of the node that id would be in: the last one whose master is not above
// id, else the first.
func (s *Stream) nodeFor(id streamID) int {
	low, high := s.head, len(s.nodes)
	for low < high {
		middle := int(uint(low+high) / 2)
		if id.less(s.nodes[middle].master) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return max(low-1, s.head)
}

// appendEntry adds an entry behind the others of a node, and counts it.
func appendEntry(lp []byte, master, id streamID, pairs [][]byte) []byte {
	live, _ := nodeCounts(lp)
	lp = listpack.ReplaceInt(lp, listpack.First(lp), live+1)
	same := sameFields(lp, pairs)
	flags, elements := int64(0), int64(len(pairs)+4)
	if same {
		flags, elements = entrySameFields, int64(len(pairs)/2+3)
	}
	lp = listpack.AppendInt(lp, flags)
	lp = listpack.AppendInt(lp, int64(id.ms-master.ms))
	lp = listpack.AppendInt(lp, int64(id.seq-master.seq))
	if !same {
		lp = listpack.AppendInt(lp, int64(len(pairs)/2))
	}
	for i, text := range pairs {
		if !same || i%2 == 1 {
			lp = listpack.Append(lp, text)
		}
	}
	return listpack.AppendInt(lp, elements)
}

// sameFields says whether the fields of pairs are those of the node's master entry.
func sameFields(lp []byte, pairs [][]byte) bool {
	pos := listpack.Seek(lp, 2)
	if nodeInt(lp, pos) != int64(len(pairs)/2) {
		return false
	}
	for i := 0; i < len(pairs); i += 2 {
		pos = listpack.Next(lp, pos)
		if !listpack.Equal(lp, pos, pairs[i]) {
			return false
		}
	}
	return true
}

// nodeInt returns the integer at pos.
func nodeInt(lp []byte, pos int) int64 {
	_, n, _ := listpack.Value(lp, pos)
	return n
}

// nodeCounts returns how many entries of a node are alive and how many are deleted.
func nodeCounts(lp []byte) (live, deleted int64) {
	pos := listpack.First(lp)
	return nodeInt(lp, pos), nodeInt(lp, listpack.Next(lp, pos))
}

// countDeleted moves n entries of a node from the living to the deleted.
func countDeleted(lp []byte, n int64) []byte {
	live, deleted := nodeCounts(lp)
	pos := listpack.First(lp)
	lp = listpack.ReplaceInt(lp, pos, live-n)
	return listpack.ReplaceInt(lp, listpack.Next(lp, pos), deleted+n)
}

// exists says whether the stream has an entry with this id.
func (s *Stream) exists(id streamID) bool {
	w := s.walk(id, id, false)
	return w.next()
}

// remove deletes the entry with this id, if there is one. A node goes with its last entry.
func (s *Stream) remove(id streamID) bool {
	w := s.walk(id, id, false)
	if !w.next() {
		return false
	}
	node := &s.nodes[w.node]
	if live, _ := nodeCounts(node.lp); live == 1 {
		s.removeNode(w.node)
	} else {
		s.own(node)
		had := cap(node.lp)
		node.lp = listpack.ReplaceInt(node.lp, w.at, w.flags|entryDeleted)
		node.lp = countDeleted(node.lp, 1)
		s.edits++
		s.memory += int64(cap(node.lp) - had)
	}
	s.length--
	return true
}

// findFirst brings first up to date after entries have gone from the head.
func (s *Stream) findFirst() {
	s.first = streamID{}
	w := s.walk(streamID{}, maxStreamID, false)
	if w.next() {
		s.first = w.id
	}
}

// lastLive returns the id of the last entry that is not deleted, 0-0 if there is none.
func (s *Stream) lastLive() streamID {
	w := s.walk(streamID{}, maxStreamID, true)
	w.next()
	return w.id
}
