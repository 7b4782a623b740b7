package listpack

import "riffle/engine/num"

const (
	maxIntSize     = 9
	maxBacklenSize = 5
)

// elementOrNone turns the end mark into -1.
func elementOrNone(lp []byte, pos int) int {
	if lp[pos] == endMark {
		return none
	}
	return pos
}

// skip returns the offset behind the entry at pos. Nearly all entries of real listpacks are of the three forms
// whose size is in the tag and whose backlen is one byte.
func skip(lp []byte, pos int) int {
	switch tag := lp[pos]; {
	case tag < tag6BitString:
		return pos + 2
	case tag < tag13BitInt:
		return pos + 2 + int(tag&0x3F)
	case tag < tag12BitString:
		return pos + 3
	}
	size := entrySize(lp, pos)
	return pos + size + backlenSize(size)
}

// entrySize returns the bytes of encoding and data of the entry at pos, 0 for a byte no entry starts with.
func entrySize(lp []byte, pos int) int {
	tag := lp[pos]
	if tag < tag6BitString {
		return 1
	}
	if start, size, ok := stringAt(lp, pos); ok {
		return start - pos + size
	}
	return intSizeOf(tag)
}

// encodingSize returns the bytes that must be readable to tell the size of an entry.
func encodingSize(tag byte) int {
	switch {
	case tag&0xF0 == tag12BitString:
		return 2
	case tag == tag32BitString:
		return 5
	}
	return 1
}

// stringAt returns the bounds of the string at pos; ok is false if the element is an integer.
func stringAt(lp []byte, pos int) (start, size int, ok bool) {
	tag := lp[pos]
	switch {
	case tag&0xC0 == tag6BitString:
		return pos + 1, int(tag & 0x3F), true
	case tag&0xF0 == tag12BitString:
		return pos + 2, int(tag&0x0F)<<8 | int(lp[pos+1]), true
	case tag == tag32BitString:
		return pos + 5, int(readUint(lp[pos+1:], 4)), true
	}
	return 0, 0, false
}

// intSizeOf returns the size of an integer entry with this tag, 0 if the tag belongs to none.
func intSizeOf(tag byte) int {
	switch {
	case tag < tag6BitString:
		return 1
	case tag&0xE0 == tag13BitInt:
		return 2
	case tag >= tag16BitInt && tag <= tag32BitInt:
		return int(tag) - tag16BitInt + 3
	case tag == tag64BitInt:
		return maxIntSize
	}
	return 0
}

// intAt returns the integer at pos, which must not hold a string.
func intAt(lp []byte, pos int) int64 {
	tag := lp[pos]
	switch {
	case tag < tag6BitString:
		return int64(tag)
	case tag&0xE0 == tag13BitInt:
		return signed(uint64(tag&0x1F)<<8|uint64(lp[pos+1]), 13)
	}
	width := intSizeOf(tag) - 1
	return signed(readUint(lp[pos+1:], width), width*8)
}

// signed extends the sign of a two's complement number of the given width.
func signed(u uint64, bits int) int64 {
	return int64(u<<(64-bits)) >> (64 - bits)
}

// readUint reads a little-endian unsigned integer of width bytes.
func readUint(b []byte, width int) uint64 {
	b = b[:width]
	var u uint64
	for i := len(b) - 1; i >= 0; i-- {
		u = u<<8 | uint64(b[i])
	}
	return u
}

// writeUint writes the low width bytes of u, little-endian.
func writeUint(b []byte, u uint64, width int) {
	b = b[:width]
	for i := range b {
		b[i] = byte(u)
		u >>= 8
	}
}

// put makes s the entry at pos, in place of the old bytes which stand there: 0 to insert.
func put(lp []byte, pos, old int, s []byte) []byte {
	if n, ok := num.ParseInt(s); ok {
		return putInt(lp, pos, old, n)
	}
	start := stringStart(len(s))
	size := start + len(s)
	lp = splice(lp, pos, old, size+backlenSize(size))
	writeStringTag(lp[pos:], len(s))
	copy(lp[pos+start:], s)
	writeBacklen(lp[pos+size:], size)
	return lp
}

// putInt makes n the entry at pos, in place of the old bytes which stand there: 0 to insert.
func putInt(lp []byte, pos, old int, n int64) []byte {
	size := intSize(n)
	// An integer entry is at most 9 bytes, so its backlen is one byte.
	if old != size+1 {
		lp = splice(lp, pos, old, size+1)
	}
	writeInt(lp[pos:], n, size)
	lp[pos+size] = byte(size)
	return lp
}

// intSize returns the size of the narrowest entry for n.
func intSize(n int64) int {
	switch {
	case n >= 0 && n <= 127:
		return 1
	case n >= -1<<12 && n < 1<<12:
		return 2
	case n >= -1<<15 && n < 1<<15:
		return 3
	case n >= -1<<23 && n < 1<<23:
		return 4
	case n >= -1<<31 && n < 1<<31:
		return 5
	}
	return maxIntSize
}

func writeInt(b []byte, n int64, size int) {
	switch size {
	case 1:
		b[0] = byte(n)
	case 2:
		b[0] = tag13BitInt | byte(n>>8)&0x1F
		b[1] = byte(n)
	case maxIntSize:
		b[0] = tag64BitInt
		writeUint(b[1:], uint64(n), 8)
	default:
		b[0] = tag16BitInt + byte(size-3)
		writeUint(b[1:], uint64(n), size-1)
	}
}

// stringStart returns how many bytes precede the data of a string entry.
func stringStart(length int) int {
	switch {
	case length < 1<<6:
		return 1
	case length < 1<<12:
		return 2
	}
	return 5
}

func writeStringTag(b []byte, length int) {
	switch stringStart(length) {
	case 1:
		b[0] = tag6BitString | byte(length)
	case 2:
		b[0] = tag12BitString | byte(length>>8)
		b[1] = byte(length)
	default:
		b[0] = tag32BitString
		writeUint(b[1:], uint64(length), 4)
	}
}

// backlenSize returns the bytes of the backlen of an entry of this size. The limits past the first are one
// short of what 7-bit digits could hold: that is how the format's first encoder compared, and so the format.
func backlenSize(size int) int {
	switch {
	case size <= 127:
		return 1
	case size < 1<<14-1:
		return 2
	case size < 1<<21-1:
		return 3
	case size < 1<<28-1:
		return 4
	}
	return maxBacklenSize
}

// writeBacklen writes size in 7-bit digits, the highest first; all but that one carry the top bit, which
// tells the reader coming from behind to go on.
func writeBacklen(b []byte, size int) {
	width := backlenSize(size)
	for i := width - 1; i > 0; i-- {
		b[i] = byte(size) | 0x80
		size >>= 7
	}
	b[0] = byte(size)
}

// readBacklen reads the backlen whose last byte is at pos.
func readBacklen(lp []byte, pos int) int {
	size, shift := 0, 0
	for lp[pos]&0x80 != 0 {
		size |= int(lp[pos]&0x7F) << shift
		shift += 7
		pos--
	}
	return size | int(lp[pos])<<shift
}

// splice makes room for size bytes at pos in place of old ones, and keeps the total in the header true.
func splice(lp []byte, pos, old, size int) []byte {
	length := len(lp)
	total := length + size - old
	if total > length {
		lp = extend(lp, total)
	}
	copy(lp[pos+size:], lp[pos+old:length])
	lp = lp[:total]
	writeUint(lp, uint64(total), 4)
	return lp
}

// extend lengthens lp to total bytes. Space it already has is not cleared: splice is about to fill it.
func extend(lp []byte, total int) []byte {
	if total <= cap(lp) {
		return lp[:total]
	}
	return append(lp, make([]byte, total-len(lp))...)
}

func storedCount(lp []byte) int {
	return int(lp[4]) | int(lp[5])<<8
}

func setCount(lp []byte, count int) {
	lp[4], lp[5] = byte(count), byte(count>>8)
}

// addCount adjusts the stored count; once it has saturated it stays unknown.
func addCount(lp []byte, delta int) []byte {
	if count := storedCount(lp); count != countUnknown {
		setCount(lp, count+delta)
	}
	return lp
}
