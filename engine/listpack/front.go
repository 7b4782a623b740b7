package listpack

import "riffle/engine/num"

// A listpack that is consumed or built from its front would move all its elements each time. The two
// functions here move the header instead: it slides up over what is dropped, and down into free space
// before it. The bytes from the header on are a listpack like any other.

// EntrySize returns the bytes that an element takes in a listpack, at most len(s) + 10.
func EntrySize(s []byte) int {
	size := stringStart(len(s)) + len(s)
	if n, ok := num.ParseInt(s); ok {
		size = intSize(n)
	}
	return size + backlenSize(size)
}

// DropFirst removes count elements from the front, or all there are if they are fewer, in O(count). The
// result begins further up in the same memory.
func DropFirst(lp []byte, count int) []byte {
	end, dropped := headerSize, 0
	for dropped < count && lp[end] != endMark {
		end = skip(lp, end)
		dropped++
	}
	rest := lp[end-headerSize:]
	copy(rest, lp[:headerSize])
	writeUint(rest, uint64(len(rest)), 4)
	return addCount(rest, -dropped)
}

// PushFirst adds s before the first element of the listpack block[start:], in the space before it, and
// returns where the listpack begins now. start must be at least EntrySize(s).
func PushFirst(block []byte, start int, s []byte) int {
	n, isInt := num.ParseInt(s)
	size := stringStart(len(s)) + len(s)
	if isInt {
		size = intSize(n)
	}
	begin := start - size - backlenSize(size)
	copy(block[begin:], block[start:start+headerSize])
	lp := block[begin:]
	if isInt {
		writeInt(lp[headerSize:], n, size)
	} else {
		writeStringTag(lp[headerSize:], len(s))
		copy(lp[headerSize+stringStart(len(s)):], s)
	}
	writeBacklen(lp[headerSize+size:], size)
	writeUint(lp, uint64(len(lp)), 4)
	addCount(lp, 1)
	return begin
}
