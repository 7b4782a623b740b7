package listpack

import (
	"bytes"
	"math"

	"riffle/engine/num"
)

// What is asked of a listpack that comes from outside. Each question is one walk, so that a snapshot loads at
// the speed of copying it.

// Framed tells whether bytes from outside begin and end as a listpack does. What stands between is not looked at.
func Framed(lp []byte) bool {
	return len(lp) > headerSize && uint64(readUint(lp, 4)) == uint64(len(lp)) && lp[len(lp)-1] == endMark
}

// Start is where the first element of a framed listpack is, or its end.
const Start = headerSize

// Valid tells whether bytes from outside are a listpack, down to the last entry. Every function of this
// package is safe on what it accepts.
func Valid(lp []byte) bool {
	if !Framed(lp) {
		return false
	}
	behind, left := checkedRun(lp, headerSize, math.MaxInt)
	return behind == len(lp)-1 && Counts(lp, math.MaxInt-left)
}

// Counts tells whether a framed listpack may have so many elements, as far as its header says.
func Counts(lp []byte, elements int) bool {
	stored := storedCount(lp)
	return stored == countUnknown || stored == elements
}

// CheckedRun returns the offset behind n elements at pos, both offsets at most that of the end. It is 0 if there
// are fewer in a framed listpack, or they are broken.
func CheckedRun(lp []byte, pos, n int) (behind int) {
	behind, left := checkedRun(lp, pos, n)
	if left > 0 {
		return 0
	}
	return behind
}

// checkedRun passes n elements, or those up to the end or to a broken one, for which behind is 0. How many are left is
// said, too.
func checkedRun(lp []byte, pos, n int) (behind, left int) {
	for ; n > 0; n-- {
		if _, behind := Small(lp, pos); behind != 0 {
			pos = behind
			continue
		}
		size := int(lp[pos]) - tag6BitString + 1
		if uint(size-1) >= tag13BitInt-tag6BitString { // it is no short string
			if pos == len(lp)-1 {
				break
			}
			if pos = checkedEntry(lp, pos); pos == 0 {
				break
			}
			continue
		}
		if pos += size; pos >= len(lp) || int(lp[pos]) != size {
			return 0, n
		}
		pos++
	}
	return pos, n
}

// CheckedInt returns the integer at pos in a framed listpack and the offset behind it, which is 0 if no
// integer is there, or a broken one.
func CheckedInt(lp []byte, pos int) (n int64, behind int) {
	if n, behind = Small(lp, pos); behind != 0 {
		return n, behind
	}
	size := intSizeOf(lp[pos])
	if size == 0 || pos+size >= len(lp) || int(lp[pos+size]) != size { // the end mark is no size
		return 0, 0
	}
	return intAt(lp, pos), pos + size + 1
}

// Small is CheckedInt for integers from 0 to 127; others are none to it. It is small enough to become part of
// a loop.
func Small(lp []byte, pos int) (n int64, behind int) {
	if tag := lp[pos]; tag < tag6BitString && lp[pos+1] == 1 {
		return int64(tag), pos + 2
	}
	return 0, 0
}

// checkedEntry returns the offset behind the entry at pos in a framed listpack, 0 if it is no whole entry. Nearly
// all are of the forms with a backlen of one byte, which is never like the end mark.
func checkedEntry(lp []byte, pos int) (behind int) {
	size := 1
	switch tag := lp[pos]; {
	case tag < tag6BitString:
	case tag < tag13BitInt:
		size += int(tag & 0x3F)
	case tag < tag12BitString:
		size = 2
	case tag-tag16BitInt <= tag64BitInt-tag16BitInt:
		size = intSizeOf(tag)
	default:
		return max(0, validEntry(lp, pos, len(lp)-1))
	}
	if pos += size; pos >= len(lp) || int(lp[pos]) != size {
		return 0
	}
	return pos + 1
}

// validEntry returns the position behind the entry at pos, -1 if it is no entry or reaches beyond end.
func validEntry(lp []byte, pos, end int) int {
	if end-pos < encodingSize(lp[pos]) {
		return none
	}
	size := entrySize(lp, pos)
	if size == 0 || size > end-pos {
		return none
	}
	behind := pos + size + backlenSize(size)
	if behind > end {
		return none
	}
	var backlen [maxBacklenSize]byte
	writeBacklen(backlen[:], size)
	if !bytes.Equal(lp[pos+size:behind], backlen[:behind-pos-size]) {
		return none
	}
	return behind
}

// Within tells whether no element is longer than so many bytes, as a string.
func Within(lp []byte, longest int) bool {
	var scratch [20]byte
	for pos := First(lp); pos != none; pos = Next(lp, pos) {
		_, size, isString := stringAt(lp, pos)
		if !isString && longest < len(scratch) { // else it is short enough, whichever integer it is
			size = len(num.AppendInt(scratch[:0], intAt(lp, pos)))
		}
		if size > longest {
			return false
		}
	}
	return true
}

// HasTwins tells whether two of every step-th element, from the first on, are equal. An element is
// looked for among those before it if one of them left the same mark, which few do: up to some hundreds that
// takes a time in proportion to their bytes, and at worst to the square of their number.
func HasTwins(lp []byte, step int) bool {
	var marks [64]uint64
	var scratch [20]byte
	for pos, end := headerSize, len(lp)-1; pos < end; {
		mark := markOf(lp, pos)
		word, bit := &marks[mark>>58], uint64(1)<<(mark>>52&63)
		if *word&bit != 0 && Find(lp, headerSize, Bytes(lp, pos, &scratch), step-1) != pos {
			return true
		}
		*word |= bit
		for i := 0; i < step && pos < end; i++ {
			pos = skip(lp, pos)
		}
	}
	return false
}

// markOf returns a hash of the element at pos, of which the top bits are the best: the same for an integer and
// for its digits that a foreign encoder left as a string.
func markOf(lp []byte, pos int) uint64 {
	const factor = 0x9E3779B97F4A7C15 // Fibonacci hashing (Knuth)
	start, size, isString := stringAt(lp, pos)
	if !isString {
		return uint64(intAt(lp, pos)) * factor
	}
	if size > 0 && lp[start] <= '9' {
		if n, ok := num.ParseInt(lp[start : start+size]); ok {
			return uint64(n) * factor
		}
	}
	hash := uint64(size) * factor
	for ; size > wordSize; size -= wordSize {
		hash = (hash ^ load64(lp[start:])) * factor
		hash ^= hash >> 32
		start += wordSize
	}
	if start+wordSize <= len(lp) {
		return (hash ^ load64(lp[start:])<<(64-8*size)) * factor // what is behind it is shifted out
	}
	return (hash ^ readUint(lp[start:], size)<<(64-8*size)) * factor
}
