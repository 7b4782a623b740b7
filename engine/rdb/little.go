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
