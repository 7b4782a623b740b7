package dict

import "math/bits"

// A block is [meta u32][varint key length][key][varint value length][value][room]. The value's length
// stands behind the key so that the key has a fixed place in nearly every block and does not move when
// the value grows.

// metaBytes is the size of the user's word at the head of a block.
const metaBytes = 4

// lengthBytes returns the size of n as a varint: seven bits a byte, low bits first.
func lengthBytes(n int) int { return (bits.Len64(uint64(n)|1) + 6) / 7 }

// blockBytes returns the size of a block for a key and a value of the given lengths.
func blockBytes(key, value int) int {
	return metaBytes + lengthBytes(key) + key + lengthBytes(value) + value
}

// putLength writes n as a varint and returns its size.
func putLength(b []byte, n int) int {
	i := 0
	for ; n >= 0x80; n >>= 7 {
		b[i] = byte(n) | 0x80
		i++
	}
	b[i] = byte(n)
	return i + 1
}

// getLength reads a varint and returns it with its size.
func getLength(b []byte) (n, size int) {
	for {
		c := b[size]
		n |= int(c&0x7f) << (7 * size)
		size++
		if c < 0x80 {
			return n, size
		}
	}
}

// The compiler joins the byte loads and stores below into single words.

func load16(b []byte) uint16 { return uint16(b[0]) | uint16(b[1])<<8 }

func store16(b []byte, v uint16) { b[0], b[1] = byte(v), byte(v>>8) }

func load32(b []byte) uint32 {
	_ = b[3]
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

func store32(b []byte, v uint32) {
	_ = b[3]
	b[0], b[1], b[2], b[3] = byte(v), byte(v>>8), byte(v>>16), byte(v>>24)
}

func load64(b []byte) uint64 {
	_ = b[7]
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
		uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
}

// keyEnd returns where the key of block b ends.
func keyEnd(b []byte) int {
	n, size := getLength(b[metaBytes:])
	return metaBytes + size + n
}

// Key returns a view of the entry's key, valid until the entry changes.
func (d *Dict) Key(r Ref) []byte {
	b := d.bytesFrom(r)
	if n := int(b[metaBytes]); n < 0x80 {
		return b[metaBytes+1 : metaBytes+1+n : metaBytes+1+n]
	}
	n, size := getLength(b[metaBytes:])
	end := metaBytes + size + n
	return b[metaBytes+size : end : end]
}

// holds reports whether the entry is that of key. It is Key spelled out for short keys, where it counts.
func (d *Dict) holds(r Ref, key []byte) bool {
	b := d.bytesFrom(r)
	if n := len(key); n < 0x80 {
		return int(b[metaBytes]) == n && string(b[metaBytes+1:metaBytes+1+n]) == string(key)
	}
	return string(d.Key(r)) == string(key)
}

// Value returns a view of the entry's value, valid until the entry changes. Its capacity is the room in
// the block: bytes appended within it become part of the value by Resize.
func (d *Dict) Value(r Ref) []byte {
	b := d.block(r)
	if n := int(b[metaBytes]); n < 0x80 { // as in holds: short keys and values are spelled out
		at := metaBytes + 2 + n
		if size := int(b[at-1]); size < 0x80 {
			return b[at : at+size : len(b)]
		}
	}
	at := keyEnd(b)
	n, size := getLength(b[at:])
	at += size
	return b[at : at+n : len(b)]
}

// Entry is Meta, Key and Value in one look at the block.
func (d *Dict) Entry(r Ref) (meta uint32, key, value []byte) {
	b := d.block(r)
	n, at := int(b[metaBytes]), metaBytes+1
	if n >= 0x80 {
		n, at = getLength(b[metaBytes:])
		at += metaBytes
	}
	end := at + n
	size, width := int(b[end]), 1
	if size >= 0x80 {
		size, width = getLength(b[end:])
	}
	start := end + width
	return load32(b), b[at:end:end], b[start : start+size : len(b)]
}

// Meta returns the user's 32 bits of the entry.
func (d *Dict) Meta(r Ref) uint32 { return load32(d.bytesFrom(r)) }

// SetMeta sets the user's 32 bits of the entry.
func (d *Dict) SetMeta(r Ref, meta uint32) { store32(d.bytesFrom(r), meta) }

// hashOf returns the hash of the entry's key.
func (d *Dict) hashOf(r Ref) uint64 { return hashBytes(d.seed, d.Key(r)) }
