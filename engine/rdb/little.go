package rdb

// Numbers of fixed size, least significant byte first. (encoding/binary would bring package reflect along.)

// appendLittle appends the low size bytes of n.
func appendLittle(dst []byte, n uint64, size int) []byte {
	for range size {
		dst = append(dst, byte(n))
		n >>= 8
	}
	return dst
}

// little returns the number that at most 8 bytes spell.
func little(bytes []byte) (n uint64) {
	for i := len(bytes) - 1; i >= 0; i-- {
		n = n<<8 | uint64(bytes[i])
	}
	return n
}

// load32 and load64 read what the compiler joins into one load.
func load32(b []byte) uint32 {
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

func load64(b []byte) uint64 {
	_ = b[7]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// appendBig and big are the same for the few numbers whose most significant byte comes first.
func appendBig(dst []byte, n uint64, size int) []byte {
	for size--; size >= 0; size-- {
		dst = append(dst, byte(n>>(8*size)))
	}
	return dst
}

func big(bytes []byte) (n uint64) {
	for _, b := range bytes {
		n = n<<8 | uint64(b)
	}
	return n
}
