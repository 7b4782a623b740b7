package engine

import (
	"math/bits"

	"riffle/engine/listpack"
)

// listNode is one stretch of a list: a listpack at block[start:], or, if plain, the one element that
// block is. A node of a small list is a view of the key's block, and start is 0. A node of a large list
// owns its block, a power of two in bytes, and keeps its free space where the last push needed it: behind
// the listpack or before it. So the node at either end takes and gives elements without moving the others.
type listNode struct {
	block []byte
	start int
	count int // elements
	plain bool
	// block is a folded listpack, of a large list.
	folded bool
	// A likeness has these bytes, too: they must not change.
	shared bool
}

// lp returns the listpack of a node that is not folded.
func (n *listNode) lp() []byte { return n.block[n.start:] }

// size returns the bytes of the listpack.
func (n *listNode) size() int {
	if n.folded {
		return listpack.UnfoldedSize(n.block)
	}
	return len(n.block) - n.start
}

// setLp takes a listpack that was changed where it lies.
func (n *listNode) setLp(lp []byte, count int) {
	n.block = n.block[:n.start+len(lp)]
	n.count = count
}

// nodeBytes is the size of the block for a listpack of so many bytes.
func nodeBytes(n int) int { return max(64, 1<<bits.Len(uint(n-1))) }

// room returns the free bytes behind the listpack or before it.
func (n *listNode) room(front bool) int {
	if front {
		return n.start
	}
	return cap(n.block) - len(n.block)
}

// reserve makes room for need bytes behind the listpack or before it, by sliding it to the other end of
// its block or by moving it to a larger one. Positions within the listpack stay what they are.
func (n *listNode) reserve(need int, front bool) {
	if n.room(front) >= need {
		return
	}
	lp := n.lp()
	block := n.block[:cap(n.block)]
	if size := nodeBytes(len(lp) + need); size > len(block) {
		block = make([]byte, size)
	}
	n.start = 0
	if front {
		n.start = len(block) - len(lp)
	}
	copy(block[n.start:], lp)
	n.block = block[:n.start+len(lp)]
}

// maxEntryOverhead is the most that an element takes in a listpack beside its text, in bytes.
const maxEntryOverhead = 10

// push adds s at one end of a node that owns its block.
func (n *listNode) push(s []byte, front bool) {
	if n.room(front) < len(s)+maxEntryOverhead {
		n.reserve(listpack.EntrySize(s), front)
	}
	n.count++
	if front {
		n.start = listpack.PushFirst(n.block, n.start, s)
		return
	}
	n.setLp(listpack.Append(n.lp(), s), n.count)
}

// drop removes count elements, fewer than there are, from one end of a node that owns its block.
func (n *listNode) drop(count int, front bool) {
	lp := n.lp()
	if front {
		n.start = len(n.block) - len(listpack.DropFirst(lp, count))
		n.count -= count
		return
	}
	pos := listpack.Seek(lp, -count)
	n.setLp(listpack.DeleteRange(lp, pos, count), n.count-count)
}

// newNode makes a node that owns its block of at least size bytes, empty, growing at the given end.
func newNode(size int, front bool) listNode {
	block := make([]byte, nodeBytes(size))
	n := listNode{}
	if front {
		n.start = len(block) - len(emptyListpack)
	}
	copy(block[n.start:], emptyListpack)
	n.block = block[:n.start+len(emptyListpack)]
	return n
}

// emptyListpack is what listpack.New returns.
const emptyListpack = "\x07\x00\x00\x00\x00\x00\xff"

// listStride is how many elements make a record when a node is folded: enough that what is told by the record
// before is not read while processors still write it, and few, since near neighbours are more alike.
const listStride = 6

// listLimit is list-max-listpack-size: how many elements a node may have, or, from -1 to -5, that it may
// take 4, 8, 16, 32 or 64 KiB.
type listLimit int

// countedNodeBytes bounds nodes whose limit is a number of elements.
const countedNodeBytes = 8192

// bounds returns the most elements and bytes of a node.
func (limit listLimit) bounds() (count, size int) {
	if limit >= 0 {
		return max(1, int(limit)), countedNodeBytes
	}
	return 1 << 31, 2048 << min(-int(limit), 5)
}

// exceeded reports whether a listpack of so many elements and bytes is too large for a node.
func (limit listLimit) exceeded(count, size int) bool {
	mostCount, mostSize := limit.bounds()
	return count > mostCount || size > mostSize
}

// tooLong reports whether an element must have a node of its own.
func (limit listLimit) tooLong(s []byte) bool {
	_, most := limit.bounds()
	return len(s) > most
}

// entryEstimate is what an element is taken to need beside its text when nodes are filled, in bytes. The
// reference uses the same, so that nodes end where its nodes end.
const entryEstimate = 8

// accepts reports whether s may join the node.
func (limit listLimit) accepts(n *listNode, s []byte) bool {
	return !n.plain && !limit.tooLong(s) && !limit.exceeded(n.count+1, n.size()+len(s)+entryEstimate)
}
