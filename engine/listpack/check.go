package listpack

import (
	"bytes"

	"riffle/engine/num"
)

// What is asked of a listpack that comes from outside. All three are one walk, so that a snapshot loads at the
// speed of copying it.

// Valid tells whether bytes from outside are a listpack, down to the last entry. Every function of this
// package is safe on what it accepts.
func Valid(lp []byte) bool {
	if len(lp) < headerSize+1 || uint64(readUint(lp, 4)) != uint64(len(lp)) || lp[len(lp)-1] != endMark {
		return false
	}
	count, pos, end := 0, headerSize, len(lp)-1
	for ; pos < end; count++ {
		size, tag := 1, lp[pos]
		switch { // nearly all entries are of these three forms
		case tag < tag6BitString:
		case tag < tag13BitInt:
			size += int(tag & 0x3F)
		case tag < tag12BitString:
			size = 2
		default:
			if pos = validEntry(lp, pos, end); pos == none {
				return false
			}
			continue
		}
		if pos+size >= end || int(lp[pos+size]) != size {
			return false
		}
		pos += size + 1
	}
	stored := storedCount(lp)
	return stored == countUnknown || stored == count
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
	first := First(lp)
	for pos := first; pos != none; {
		mark := markOf(lp, pos)
		word, bit := &marks[mark>>58], uint64(1)<<(mark>>52&63)
		if *word&bit != 0 && Find(lp, first, Bytes(lp, pos, &scratch), step-1) != pos {
			return true
		}
		*word |= bit
		for i := 0; i < step && pos != none; i++ {
			pos = Next(lp, pos)
		}
	}
	return false
}

// markOf returns a hash of the element at pos, of which the top bits are the best: the same for an integer and
// for its digits that a foreign encoder left as a string.
func markOf(lp []byte, pos int) uint64 {
	const factor = 0x9E3779B97F4A7C15 // Fibonacci hashing (Knuth)
	s, n, isInt := Value(lp, pos)
	if !isInt && len(s) > 0 && s[0] <= '9' {
		n, isInt = num.ParseInt(s)
	}
	hash := uint64(n)
	if !isInt {
		hash = uint64(len(s)) * factor
		for ; len(s) >= 8; s = s[8:] {
			hash = (hash ^ readUint(s, 8)) * factor
			hash ^= hash >> 32
		}
		hash ^= readUint(s, len(s))
	}
	return hash * factor
}
