package engine

import "slices"

// pendingList is a set of ids in order: the pending entries of a group with what is known of their last
// delivery, or of one consumer as ids alone. The ids stand in sorted chunks of at most maxChunk, so a
// look-up is two binary searches, and an insertion or removal moves at most a chunk of 5 kB, besides
// the 48 bytes a chunk of those behind a split. Delivered in order and acknowledged in order, which is
// the rule, chunks fill up at the end and vanish at the front.
//
// A pending entry costs 40 bytes with its group and 16 with its consumer, in memory without pointers: the
// garbage collector sees one slice for each chunk. (The reference spends two radix tree keys and an
// allocated record.)
type pendingList struct {
	chunks []pendingChunk
	length int
	noted  bool   // keeps deliveries
	bytes  int64  // memory of all chunks
	memory *int64 // the stream's account, which counts bytes too

	earliest int64 // of a noted list: no delivery is older, in milliseconds since 1970
}

// pendingChunk holds ids in order and, in a noted list, the delivery of each.
type pendingChunk struct {
	ids        []streamID
	deliveries []delivery
}

// delivery is what a group knows of an entry that was given to a consumer and not acknowledged.
type delivery struct {
	at       int64 // milliseconds since 1970
	count    int64
	consumer uint32 // its number in the group
}

const (
	maxChunk         = 128
	pendingChunkSize = 48
	streamIDSize     = 16
	deliverySize     = 24
)

// pendingAt is a position in a pendingList; it holds until the list changes.
type pendingAt struct{ chunk, index int }

func (k *pendingChunk) size() int64 {
	return int64(cap(k.ids))*streamIDSize + int64(cap(k.deliveries))*deliverySize
}

// charge adds to the accounts.
func (l *pendingList) charge(bytes int64) {
	l.bytes += bytes
	*l.memory += bytes
}

// seek returns the position of the first id that is not below id.
func (l *pendingList) seek(id streamID) pendingAt {
	chunk := l.chunkFor(id)
	if chunk == len(l.chunks) {
		return pendingAt{chunk, 0}
	}
	index, _ := slices.BinarySearchFunc(l.chunks[chunk].ids, id, streamID.compare)
	if index == len(l.chunks[chunk].ids) {
		return pendingAt{chunk + 1, 0}
	}
	return pendingAt{chunk, index}
}

// chunkFor returns the last chunk that begins at or below id, else the first: where id is or belongs.
func (l *pendingList) chunkFor(id streamID) int {
	low, high := 0, len(l.chunks)
	for low < high {
		middle := int(uint(low+high) / 2)
		if id.less(l.chunks[middle].ids[0]) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return max(low-1, 0)
}

// get returns the id at a position; ok is false at the list's end.
func (l *pendingList) get(at pendingAt) (id streamID, ok bool) {
	if at.chunk >= len(l.chunks) {
		return streamID{}, false
	}
	return l.chunks[at.chunk].ids[at.index], true
}

// note returns the delivery at a position of a noted list.
func (l *pendingList) note(at pendingAt) *delivery { return &l.chunks[at.chunk].deliveries[at.index] }

// after returns the position behind at.
func (l *pendingList) after(at pendingAt) pendingAt {
	at.index++
	if at.index == len(l.chunks[at.chunk].ids) {
		return pendingAt{at.chunk + 1, 0}
	}
	return at
}

// find returns the delivery of an id in a noted list, nil if it is not there. The pointer holds until
// the list changes.
func (l *pendingList) find(id streamID) *delivery {
	at := l.seek(id)
	if found, ok := l.get(at); !ok || found != id {
		return nil
	}
	return l.note(at)
}

// lastID returns the greatest id; the list must not be empty.
func (l *pendingList) lastID() streamID {
	ids := l.chunks[len(l.chunks)-1].ids
	return ids[len(ids)-1]
}

// insert adds an id with its delivery, which an unnoted list ignores. It reports false, and changes
// nothing, if the id is there.
func (l *pendingList) insert(id streamID, d delivery) bool {
	if len(l.chunks) == 0 || l.lastID().less(id) {
		l.push(id, d)
		return true
	}
	i := l.chunkFor(id)
	index, found := slices.BinarySearchFunc(l.chunks[i].ids, id, streamID.compare)
	if found {
		return false
	}
	if len(l.chunks[i].ids) == maxChunk {
		l.split(i)
		if index > maxChunk/2 {
			i, index = i+1, index-maxChunk/2
		}
	}
	k := &l.chunks[i]
	had := k.size()
	k.ids = insert(k.ids, index, id)
	if l.noted {
		k.deliveries = insert(k.deliveries, index, d)
	}
	l.charge(k.size() - had)
	l.length++
	return true
}

// push adds an id above all others.
func (l *pendingList) push(id streamID, d delivery) {
	last := len(l.chunks) - 1
	if last < 0 || len(l.chunks[last].ids) == maxChunk {
		l.chunks = append(l.chunks, pendingChunk{})
		l.charge(pendingChunkSize)
		last++
	}
	k := &l.chunks[last]
	had := k.size()
	k.ids = append(k.ids, id)
	if l.noted {
		k.deliveries = append(k.deliveries, d)
	}
	l.charge(k.size() - had)
	l.length++
}

// split moves the upper half of a full chunk into a new one behind it.
func (l *pendingList) split(i int) {
	low := &l.chunks[i]
	high := pendingChunk{ids: append([]streamID(nil), low.ids[maxChunk/2:]...)}
	low.ids = low.ids[:maxChunk/2]
	if l.noted {
		high.deliveries = append([]delivery(nil), low.deliveries[maxChunk/2:]...)
		low.deliveries = low.deliveries[:maxChunk/2]
	}
	l.charge(pendingChunkSize + high.size())
	l.chunks = insert(l.chunks, i+1, high)
}

// remove takes an id out; it reports whether it was there.
func (l *pendingList) remove(id streamID) bool {
	at := l.seek(id)
	if found, ok := l.get(at); !ok || found != id {
		return false
	}
	l.length--
	k := &l.chunks[at.chunk]
	if len(k.ids) == 1 {
		l.drop(at.chunk)
		return true
	}
	k.ids = slices.Delete(k.ids, at.index, at.index+1)
	if l.noted {
		k.deliveries = slices.Delete(k.deliveries, at.index, at.index+1)
	}
	if len(k.ids) <= maxChunk/4 {
		l.join(at.chunk)
	}
	return true
}

func (l *pendingList) drop(i int) {
	l.charge(-pendingChunkSize - l.chunks[i].size())
	l.chunks = slices.Delete(l.chunks, i, i+1)
}

// join pours a chunk that has become small into the one before it, if the two leave room to grow.
func (l *pendingList) join(i int) {
	if i == 0 || len(l.chunks[i-1].ids)+len(l.chunks[i].ids) > maxChunk/2 {
		return
	}
	to, from := &l.chunks[i-1], &l.chunks[i]
	had := to.size()
	to.ids = append(to.ids, from.ids...)
	to.deliveries = append(to.deliveries, from.deliveries...)
	l.charge(to.size() - had)
	l.drop(i)
}
