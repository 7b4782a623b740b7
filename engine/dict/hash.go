package dict

import "math/bits"

// The hash is wyhash's shape (Wang Yi, public domain; the final version 4 secrets): 16 bytes a step, one
// 64 x 64 -> 128 multiplication folds each step, so a key of up to 16 bytes costs two multiplications. It
// is seeded, so a client cannot choose keys that collide without knowing the seed, and reads bytes in
// little-endian order everywhere, so the same seed gives the same order of entries on every architecture.
const (
	secret0 = 0x2d358dccaa6c78a5
	secret1 = 0x8bb84b93962eacc9
	secret2 = 0x4b33a62ed433d4a3
)

// fold multiplies and xors the two halves of the product: every input bit reaches every output bit.
func fold(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return high ^ low
}

// hashBytes returns the seeded 64-bit hash of key.
func hashBytes(seed uint64, key []byte) uint64 {
	seed ^= secret0
	n := len(key)
	a, b := uint64(0), uint64(0)
	switch {
	case n > 16:
		rest := key
		for len(rest) > 16 {
			seed = fold(load64(rest)^secret1, load64(rest[8:])^seed)
			rest = rest[16:]
		}
		// The last 16 bytes of the key, which may overlap what was read: no tail loop.
		a, b = load64(key[n-16:]), load64(key[n-8:])
	case n >= 8:
		a, b = load64(key), load64(key[n-8:])
	case n >= 4:
		a, b = uint64(load32(key)), uint64(load32(key[n-4:]))
	case n > 0:
		a = uint64(key[0])<<16 | uint64(key[n>>1])<<8 | uint64(key[n-1])
	}
	return fold(secret2^uint64(n), fold(a^secret1, b^seed))
}
