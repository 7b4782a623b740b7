// Package sha1 names scripts: EVALSHA knows a script by the SHA-1 of its text, in hex. The algorithm is that of
// FIPS 180-4, written out in sixty lines because the standard library's brings along more code than the
// engine has. It guards nothing.
package sha1

import (
	"encoding/binary"
	"math/bits"
)

// Size is the length of a sum in hex digits.
const Size = 40

// Hex returns the SHA-1 of text as 40 lower-case hex digits.
func Hex(text []byte) string {
	state := [5]uint32{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}
	rest := text
	for len(rest) >= 64 {
		block(&state, rest[:64])
		rest = rest[64:]
	}
	var tail [128]byte
	n := copy(tail[:], rest)
	tail[n] = 0x80
	end := 64
	if n >= 56 {
		end = 128
	}
	binary.BigEndian.PutUint64(tail[end-8:], uint64(len(text))*8)
	for at := 0; at < end; at += 64 {
		block(&state, tail[at:at+64])
	}
	return spell(&state)
}

func spell(state *[5]uint32) string {
	const digits = "0123456789abcdef"
	var out [Size]byte
	for i := range out {
		out[i] = digits[state[i/8]>>(28-4*(i%8))&15]
	}
	return string(out[:])
}

// block mixes 64 bytes into the state.
func block(state *[5]uint32, p []byte) {
	var w [80]uint32
	for i := range 16 {
		w[i] = binary.BigEndian.Uint32(p[4*i:])
	}
	for i := 16; i < 80; i++ {
		w[i] = bits.RotateLeft32(w[i-3]^w[i-8]^w[i-14]^w[i-16], 1)
	}
	a, b, c, d, e := state[0], state[1], state[2], state[3], state[4]
	for i := range 80 {
		var f, k uint32
		switch i / 20 {
		case 0:
			f, k = b&c|^b&d, 0x5a827999
		case 1:
			f, k = b^c^d, 0x6ed9eba1
		case 2:
			f, k = b&c|b&d|c&d, 0x8f1bbcdc
		default:
			f, k = b^c^d, 0xca62c1d6
		}
		a, b, c, d, e = bits.RotateLeft32(a, 5)+f+e+k+w[i], a, bits.RotateLeft32(b, 30), c, d
	}
	state[0] += a
	state[1] += b
	state[2] += c
	state[3] += d
	state[4] += e
}
