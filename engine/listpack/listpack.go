// Package listpack is Redis's listpack, byte for byte: a sequence of strings and integers in one block,
// walkable from both ends. Small hashes, lists, sets, sorted sets and stream nodes are listpacks, and the
// bodies of DUMP and RDB are the bytes themselves.
//
//	total bytes u32 LE | elements u16 LE | entry ... | 0xFF        entry = encoding, data, backlen
//
// An entry costs its data plus 2 bytes up to 63 bytes of string, plus 3 or 4 up to 4095, and an integer of
// 0..127 costs 2 in all. A string which is a canonical int64 is always stored as that integer. The backlen
// is the size of encoding and data, written so that it can be read backwards: that makes Prev O(1) and is
// what ziplist lacked (there, a growing element could cascade through all its followers).
//
// Next and Prev are O(1), Seek and Find O(n), every change O(bytes behind it). The element count saturates
// at 65535, after which Len walks. Source of the design: Salvatore Sanfilippo, "Listpack, a lists of
// strings serialization format", 2017.
//
// The functions work in append style: a change happens inside the capacity of the slice if it fits, so a
// view into a block should carry the limit of its own space, and else the result is a new slice. len(lp) is
// always the total of the header. A string handed in must not be a view of the listpack that is changed.
// Positions are byte offsets of elements; -1 stands for none. A listpack stays below 4 GiB: keeping it far
// below is up to the caller, whose limits are counted in kilobytes.
package listpack

import "riffle/engine/num"

const (
	headerSize   = 6
	endMark      = 0xFF
	countUnknown = 0xFFFF
	none         = -1
)

// The first byte of an entry. The narrow forms keep part of the value in it.
const (
	tag6BitString  = 0x80
	tag13BitInt    = 0xC0
	tag12BitString = 0xE0
	tag32BitString = 0xF0
	tag16BitInt    = 0xF1
	tag24BitInt    = 0xF2
	tag32BitInt    = 0xF3
	tag64BitInt    = 0xF4
)

// New returns an empty listpack of 7 bytes.
func New() []byte {
	return []byte{headerSize + 1, 0, 0, 0, 0, 0, endMark}
}

// Len returns the number of elements: O(1) up to 65534, a walk beyond.
func Len(lp []byte) int {
	if count := storedCount(lp); count != countUnknown {
		return count
	}
	count := 0
	for pos := First(lp); pos != none; pos = Next(lp, pos) {
		count++
	}
	return count
}

// First returns the position of the first element, -1 if there is none.
func First(lp []byte) int {
	return elementOrNone(lp, headerSize)
}

// Last returns the position of the last element, -1 if there is none.
func Last(lp []byte) int {
	return Prev(lp, len(lp)-1)
}

// Next returns the position of the element behind the one at pos, -1 if that was the last.
func Next(lp []byte, pos int) int {
	return elementOrNone(lp, skip(lp, pos))
}

// Short returns a string of up to 63 bytes at pos and the offset behind it, where the next element or the
// end is; behind is 0 for any other element. It is small enough to become part of a loop over elements.
func Short(lp []byte, pos int) (s []byte, behind int) {
	n := int(lp[pos]) - tag6BitString
	if uint(n) >= tag13BitInt-tag6BitString {
		return nil, 0
	}
	return lp[pos+1 : pos+1+n], pos + n + 2
}

// Behind returns the offset behind the element at pos, where the next element or the end is.
func Behind(lp []byte, pos int) int { return skip(lp, pos) }

// AtEnd says whether an offset that Short or Behind returned is the end of the listpack.
func AtEnd(lp []byte, pos int) bool { return lp[pos] == endMark }

// Prev returns the position of the element before pos, -1 if there is none. The end mark counts as a
// position here: Prev(lp, len(lp)-1) is the last element.
func Prev(lp []byte, pos int) int {
	if pos == headerSize {
		return none
	}
	size := readBacklen(lp, pos-1)
	return pos - size - backlenSize(size)
}

// Seek returns the position of the element with the given index, counted from the tail if negative (-1 is
// the last), and -1 if the index is out of range. It walks from the nearer end.
func Seek(lp []byte, index int) int {
	count := storedCount(lp)
	if count != countUnknown {
		if index >= count || index < -count {
			return none
		}
		if index >= 0 && index > count/2 {
			index -= count
		} else if index < -count/2 {
			index += count
		}
	}
	if index < 0 {
		return seekBackward(lp, index)
	}
	pos := First(lp)
	for ; index > 0 && pos != none; index-- {
		pos = Next(lp, pos)
	}
	return pos
}

func seekBackward(lp []byte, index int) int {
	pos := Last(lp)
	for ; index < -1 && pos != none; index++ {
		pos = Prev(lp, pos)
	}
	return pos
}

// Value returns the element at pos: either a view of its string, or its integer with isInt set.
func Value(lp []byte, pos int) (s []byte, n int64, isInt bool) {
	if start, size, ok := stringAt(lp, pos); ok {
		return lp[start : start+size : start+size], 0, false
	}
	return nil, intAt(lp, pos), true
}

// Bytes returns the element at pos as a string: a view of the listpack, or an integer formatted into
// scratch. It holds until the listpack or scratch changes.
func Bytes(lp []byte, pos int, scratch *[20]byte) []byte {
	s, n, isInt := Value(lp, pos)
	if isInt {
		return num.AppendInt(scratch[:0], n)
	}
	return s
}

// AppendText appends the element at pos, as a string, to dst.
func AppendText(dst, lp []byte, pos int) []byte {
	s, n, isInt := Value(lp, pos)
	if isInt {
		return num.AppendInt(dst, n)
	}
	return append(dst, s...)
}

// Equal tells whether the element at pos is the string s.
func Equal(lp []byte, pos int, s []byte) bool {
	if start, size, ok := stringAt(lp, pos); ok {
		return size == len(s) && string(lp[start:start+size]) == string(s)
	}
	n, ok := num.ParseInt(s)
	return ok && n == intAt(lp, pos)
}

// Find returns the position of the first element equal to s, comparing the one at pos and then every
// (skip+1)th: skip is 1 to search the fields of a field, value, field, value sequence. -1 if there is none,
// or if pos is -1.
func Find(lp []byte, pos int, s []byte, skip int) int {
	// Parsing once decides which half of the entries can match at all, except for a number that a foreign
	// encoder left as a string.
	wanted, wantInt := num.ParseInt(s)
	for pos != none {
		if start, size, ok := stringAt(lp, pos); ok {
			if size == len(s) && string(lp[start:start+size]) == string(s) {
				return pos
			}
		} else if wantInt && intAt(lp, pos) == wanted {
			return pos
		}
		pos = Next(lp, pos)
		for i := 0; i < skip && pos != none; i++ {
			pos = Next(lp, pos)
		}
	}
	return none
}

// Append adds s behind the last element.
func Append(lp, s []byte) []byte {
	return addCount(put(lp, len(lp)-1, 0, s), 1)
}

// AppendInt adds the integer n behind the last element.
func AppendInt(lp []byte, n int64) []byte {
	return addCount(putInt(lp, len(lp)-1, 0, n), 1)
}

// Prepend adds s before the first element.
func Prepend(lp, s []byte) []byte {
	return addCount(put(lp, headerSize, 0, s), 1)
}

// InsertBefore adds s before the element at pos; the new element is then at pos.
func InsertBefore(lp []byte, pos int, s []byte) []byte {
	return addCount(put(lp, pos, 0, s), 1)
}

// InsertAfter adds s behind the element at pos, which stays there: Next(lp, pos) is the new one.
func InsertAfter(lp []byte, pos int, s []byte) []byte {
	return addCount(put(lp, skip(lp, pos), 0, s), 1)
}

// Replace makes s the element at pos.
func Replace(lp []byte, pos int, s []byte) []byte {
	return put(lp, pos, skip(lp, pos)-pos, s)
}

// ReplaceInt makes n the element at pos. An integer of the same width is overwritten where it stands.
func ReplaceInt(lp []byte, pos int, n int64) []byte {
	return putInt(lp, pos, skip(lp, pos)-pos, n)
}

// Delete removes the element at pos. Its follower is then at pos, or the end mark if it was the last, which
// is the case if pos is len(lp)-1 of the result.
func Delete(lp []byte, pos int) []byte {
	return addCount(splice(lp, pos, skip(lp, pos)-pos, 0), -1)
}

// DeleteRange removes count elements from pos on, or all there are if they are fewer. What follows them is
// then at pos: an element, or the end mark if pos is len(lp)-1 of the result.
func DeleteRange(lp []byte, pos, count int) []byte {
	end, deleted := pos, 0
	for deleted < count && lp[end] != endMark {
		end = skip(lp, end)
		deleted++
	}
	return addCount(splice(lp, pos, end-pos, 0), -deleted)
}

// Merge appends the elements of b to a, in the space of a if that suffices, and leaves b as it is.
func Merge(a, b []byte) []byte {
	count := Len(a) + Len(b)
	elements := b[headerSize : len(b)-1]
	end := len(a) - 1
	a = splice(a, end, 0, len(elements))
	copy(a[end:], elements)
	setCount(a, min(count, countUnknown))
	return a
}
