// Package intset is Redis's intset, byte for byte: a sorted array of distinct integers, all in the width of
// the widest. Sets of nothing but integers are intsets, and the bodies of DUMP and RDB are the bytes
// themselves.
//
//	width u32 LE: 2, 4 or 8 bytes | length u32 LE | integers, ascending, LE
//
// An element costs its width, so 2, 4 or 8 bytes. Find is O(log n), Add and Remove O(n) in bytes moved. The
// first integer which needs a wider form rewrites the whole; the set never narrows again, as removals would
// then have to look at every element.
//
// Add and Remove work in append style: in place while the capacity lasts, so a view into a block should
// carry the limit of its own space, and else in a new slice. len of the slice is always that of the set.
package intset

import "math"

const headerSize = 8

// New returns an empty set of 8 bytes.
func New() []byte {
	return []byte{2, 0, 0, 0, 0, 0, 0, 0}
}

// Len returns the number of integers.
func Len(is []byte) int {
	return int(readUint(is[4:], 4))
}

// At returns the integer of index i, which counts from the smallest and is in range.
func At(is []byte, i int) int64 {
	return read(is, i, width(is))
}

// Find returns the index of n, or with ok unset the index at which it would stand.
func Find(is []byte, n int64) (index int, ok bool) {
	width := width(is)
	low, high := 0, Len(is)
	// New identifiers tend to be the largest yet: those need no search.
	if high > 0 && n > read(is, high-1, width) {
		return high, false
	}
	for low < high {
		middle := int(uint(low+high) >> 1)
		if read(is, middle, width) < n {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, low < Len(is) && read(is, low, width) == n
}

// Add inserts n; added is false if it was there.
func Add(is []byte, n int64) (result []byte, added bool) {
	if widthOf(n) > width(is) {
		return widen(is, n), true
	}
	index, found := Find(is, n)
	if found {
		return is, false
	}
	width, length := width(is), len(is)
	is = extend(is, length+width)
	start := headerSize + index*width
	copy(is[start+width:], is[start:length])
	write(is, index, width, n)
	setLen(is, Len(is)+1)
	return is, true
}

// Remove deletes n; removed is false if it was not there.
func Remove(is []byte, n int64) (result []byte, removed bool) {
	index, found := Find(is, n)
	if !found {
		return is, false
	}
	width := width(is)
	start := headerSize + index*width
	copy(is[start:], is[start+width:])
	is = is[:len(is)-width]
	setLen(is, Len(is)-1)
	return is, true
}

// Valid tells whether bytes from outside are an intset: of a known width, of the length they claim, strictly
// ascending. An empty set is valid. Every function of this package is safe on what Valid accepts.
func Valid(is []byte) bool {
	if len(is) < headerSize {
		return false
	}
	declared := readUint(is, 4)
	if declared != 2 && declared != 4 && declared != 8 {
		return false
	}
	if uint64(len(is)-headerSize) != readUint(is[4:], 4)*declared {
		return false
	}
	for i := 1; i < Len(is); i++ {
		if At(is, i-1) >= At(is, i) {
			return false
		}
	}
	return true
}

// widen rewrites the set in the width of n, which is outside of all that the old width can hold and so
// becomes either the first or the last.
func widen(is []byte, n int64) []byte {
	old, wide, count := width(is), widthOf(n), Len(is)
	is = extend(is, headerSize+(count+1)*wide)
	offset := 0
	if n < 0 {
		offset = 1
	}
	// From the end, as every integer moves up.
	for i := count - 1; i >= 0; i-- {
		write(is, i+offset, wide, read(is, i, old))
	}
	if n < 0 {
		write(is, 0, wide, n)
	} else {
		write(is, count, wide, n)
	}
	is[0] = byte(wide)
	setLen(is, count+1)
	return is
}

// width returns the bytes of each integer.
func width(is []byte) int {
	return int(is[0])
}

// widthOf returns the bytes n needs.
func widthOf(n int64) int {
	switch {
	case n >= math.MinInt16 && n <= math.MaxInt16:
		return 2
	case n >= math.MinInt32 && n <= math.MaxInt32:
		return 4
	}
	return 8
}

func read(is []byte, i, width int) int64 {
	u := readUint(is[headerSize+i*width:], width)
	unused := 64 - 8*width
	return int64(u<<unused) >> unused
}

func write(is []byte, i, width int, n int64) {
	writeUint(is[headerSize+i*width:], uint64(n), width)
}

func setLen(is []byte, length int) {
	writeUint(is[4:], uint64(length), 4)
}

func readUint(b []byte, width int) uint64 {
	b = b[:width]
	var u uint64
	for i := len(b) - 1; i >= 0; i-- {
		u = u<<8 | uint64(b[i])
	}
	return u
}

func writeUint(b []byte, u uint64, width int) {
	b = b[:width]
	for i := range b {
		b[i] = byte(u)
		u >>= 8
	}
}

// extend lengthens is to total bytes. Space it already has is not cleared: the caller fills it.
func extend(is []byte, total int) []byte {
	if total <= cap(is) {
		return is[:total]
	}
	return append(is, make([]byte, total-len(is))...)
}
