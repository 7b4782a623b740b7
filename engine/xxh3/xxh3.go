// Package xxh3 is the 64-bit XXH3 hash with seed 0, the one that DIGEST shows.
//
// XXH3 (Yann Collet) is four hashes behind one name, chosen by length. Up to 16 bytes are mixed by a few
// multiplications, up to 128 and up to 240 bytes by multiplying pairs of words and folding the 128-bit
// products; whatever is longer runs in stripes of 64 bytes through eight accumulators, which are
// scrambled after each block of 1,024 bytes. This is the scalar form: no tables but the secret, some
// 3 GB/s, and next to nothing in the wasm.
package xxh3

import (
	"encoding/binary"
	"math/bits"
)

const (
	prime32x1 = 0x9E3779B1
	prime32x2 = 0x85EBCA77
	prime32x3 = 0xC2B2AE3D
	prime64x1 = 0x9E3779B185EBCA87
	prime64x2 = 0xC2B2AE3D27D4EB4F
	prime64x3 = 0x165667B19E3779F9
	prime64x4 = 0x85EBCA77C2B2AE63
	prime64x5 = 0x27D4EB2F165667C5
	primeMX1  = 0x165667919E3779F9
	primeMX2  = 0x9FB21C651E98DF25
)

// secret is the 192 bytes that the algorithm draws its keys from.
const secret = "" +
	"\xb8\xfe\x6c\x39\x23\xa4\x4b\xbe\x7c\x01\x81\x2c\xf7\x21\xad\x1c\xde\xd4\x6d\xe9\x83\x90\x97\xdb" +
	"\x72\x40\xa4\xa4\xb7\xb3\x67\x1f\xcb\x79\xe6\x4e\xcc\xc0\xe5\x78\x82\x5a\xd0\x7d\xcc\xff\x72\x21" +
	"\xb8\x08\x46\x74\xf7\x43\x24\x8e\xe0\x35\x90\xe6\x81\x3a\x26\x4c\x3c\x28\x52\xbb\x91\xc3\x00\xcb" +
	"\x88\xd0\x65\x8b\x1b\x53\x2e\xa3\x71\x64\x48\x97\xa2\x0d\xf9\x4e\x38\x19\xef\x46\xa9\xde\xac\xd8" +
	"\xa8\xfa\x76\x3f\xe3\x9c\x34\x3f\xf9\xdc\xbb\xc7\xc7\x0b\x4f\x1d\x8a\x51\xe0\x4b\xcd\xb4\x59\x31" +
	"\xc8\x9f\x7e\xc9\xd9\x78\x73\x64\xea\xc5\xac\x83\x34\xd3\xeb\xc3\xc5\x81\xa0\xff\xfa\x13\x63\xeb" +
	"\x17\x0d\xdd\x51\xb7\xf0\xda\x49\xd3\x16\x55\x26\x29\xd4\x68\x9e\x2b\x16\xbe\x58\x7d\x47\xa1\xfc" +
	"\x8f\xf8\xb8\xd1\x7a\xd0\x31\xce\x45\xcb\x3a\x8f\x95\x16\x04\x28\xaf\xd7\xfb\xca\xbb\x4b\x40\x7e"

const (
	stripeSize  = 64
	secretStep  = 8 // how far the secret moves with each stripe
	stripes     = (len(secret) - stripeSize) / secretStep
	blockSize   = stripeSize * stripes
	accumulator = 8
)

// key32 and key64 read the secret at a byte offset.
func key32(at int) uint32 {
	return uint32(secret[at]) | uint32(secret[at+1])<<8 | uint32(secret[at+2])<<16 | uint32(secret[at+3])<<24
}

func key64(at int) uint64 { return uint64(key32(at)) | uint64(key32(at+4))<<32 }

func read32(data []byte, at int) uint64 { return uint64(binary.LittleEndian.Uint32(data[at:])) }

func read64(data []byte, at int) uint64 { return binary.LittleEndian.Uint64(data[at:]) }

// Sum64 returns the hash of data.
func Sum64(data []byte) uint64 {
	switch n := len(data); {
	case n == 0:
		const emptyKey = 56
		return avalanche64(key64(emptyKey) ^ key64(emptyKey+8))
	case n <= 3:
		return sumTo3(data)
	case n <= 8:
		return sumTo8(data)
	case n <= 16:
		return sumTo16(data)
	case n <= 128:
		return sumTo128(data)
	case n <= 240:
		return sumTo240(data)
	}
	return sumLong(data)
}

// avalanche64 is the finish of the older XXH64, avalanche that of XXH3.
func avalanche64(h uint64) uint64 {
	h = (h ^ h>>33) * prime64x2
	h = (h ^ h>>29) * prime64x3
	return h ^ h>>32
}

func avalanche(h uint64) uint64 {
	h = (h ^ h>>37) * primeMX1
	return h ^ h>>32
}

// fold multiplies two words and folds the product's halves into one.
func fold(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}

func sumTo3(data []byte) uint64 {
	n := len(data)
	word := uint32(data[0])<<16 | uint32(data[n>>1])<<24 | uint32(data[n-1]) | uint32(n)<<8
	return avalanche64(uint64(word) ^ uint64(key32(0)^key32(4)))
}

func sumTo8(data []byte) uint64 {
	n := len(data)
	word := read32(data, n-4) | read32(data, 0)<<32
	h := word ^ key64(8) ^ key64(16)
	h ^= bits.RotateLeft64(h, 49) ^ bits.RotateLeft64(h, 24)
	h *= primeMX2
	h ^= h>>35 + uint64(n)
	h *= primeMX2
	return h ^ h>>28
}

func sumTo16(data []byte) uint64 {
	n := len(data)
	low := read64(data, 0) ^ key64(24) ^ key64(32)
	high := read64(data, n-8) ^ key64(40) ^ key64(48)
	return avalanche(uint64(n) + bits.ReverseBytes64(low) + high + fold(low, high))
}

// mix16 mixes 16 bytes of data with as many of the secret.
func mix16(data []byte, at, key int) uint64 {
	return fold(read64(data, at)^key64(key), read64(data, at+8)^key64(key+8))
}

// sumTo128 mixes pairs of 16 bytes from both ends inwards.
func sumTo128(data []byte) uint64 {
	n := len(data)
	h := uint64(n) * prime64x1
	for i := (n - 1) / 32; i >= 0; i-- {
		h += mix16(data, 16*i, 32*i) + mix16(data, n-16*(i+1), 32*i+16)
	}
	return avalanche(h)
}

func sumTo240(data []byte) uint64 {
	const (
		laterKey = 3   // where the secret begins for all but the first 128 bytes
		lastKey  = 119 // and for the last 16
	)
	n := len(data)
	h := uint64(n) * prime64x1
	for i := range 8 {
		h += mix16(data, 16*i, 16*i)
	}
	h = avalanche(h)
	for i := 8; i < n/16; i++ {
		h += mix16(data, 16*i, 16*(i-8)+laterKey)
	}
	return avalanche(h + mix16(data, n-16, lastKey))
}

// sumLong runs whole blocks, what stripes are left, and the last 64 bytes, which may overlap them.
func sumLong(data []byte) uint64 {
	const (
		lastKey  = len(secret) - stripeSize - 7
		mergeKey = 11
	)
	acc := [accumulator]uint64{
		prime32x3, prime64x1, prime64x2, prime64x3, prime64x4, prime32x2, prime64x5, prime32x1,
	}
	n, last := len(data), data[len(data)-stripeSize:]
	for len(data) > blockSize {
		for i := range stripes {
			accumulate(&acc, data[i*stripeSize:], i*secretStep)
		}
		scramble(&acc)
		data = data[blockSize:]
	}
	for i := range (len(data) - 1) / stripeSize {
		accumulate(&acc, data[i*stripeSize:], i*secretStep)
	}
	accumulate(&acc, last, lastKey)
	h := uint64(n) * prime64x1
	for i := 0; i < accumulator; i += 2 {
		h += fold(acc[i]^key64(mergeKey+8*i), acc[i+1]^key64(mergeKey+8*i+8))
	}
	return avalanche(h)
}

// accumulate adds a stripe: each word goes plain to its neighbour, and keyed, its halves multiplied, to
// its own.
func accumulate(acc *[accumulator]uint64, stripe []byte, key int) {
	for i := range acc {
		word := read64(stripe, 8*i)
		keyed := word ^ key64(key+8*i)
		acc[i^1] += word
		acc[i] += (keyed & 0xFFFFFFFF) * (keyed >> 32)
	}
}

func scramble(acc *[accumulator]uint64) {
	for i, h := range acc {
		acc[i] = (h ^ h>>47 ^ key64(len(secret)-stripeSize+8*i)) * prime32x1
	}
}
