// Package prng is the engine's only source of chance: xoshiro256++ of Blackman and Vigna (2019), 32 bytes
// of state and a period of 2^256-1, seeded by splitmix64 so that any seed gives a well mixed state. The same
// seed gives the same sequence on every platform, which is what makes a run of the engine repeatable. It is
// no source of secrets.
package prng

import "math/bits"

// Rand is a generator. It must come from New: a state of nothing but zeros would stay so.
type Rand struct {
	state [4]uint64
}

// New returns the generator of a seed, of which every value is as good as any other.
func New(seed uint64) *Rand {
	r := &Rand{}
	for i := range r.state {
		seed += 0x9E3779B97F4A7C15
		r.state[i] = mix(seed)
	}
	return r
}

// mix is the output function of splitmix64, a bijection.
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// Uint64 returns the next 64 bits.
func (r *Rand) Uint64() uint64 {
	s := &r.state
	result := bits.RotateLeft64(s[0]+s[3], 23) + s[0]
	shifted := s[1] << 17
	s[2] ^= s[0]
	s[3] ^= s[1]
	s[1] ^= s[2]
	s[0] ^= s[3]
	s[2] ^= shifted
	s[3] = bits.RotateLeft64(s[3], 45)
	return result
}

// Intn returns a number of [0, n), each as likely as another. n is positive; else it panics.
func (r *Rand) Intn(n int64) int64 {
	if n <= 0 {
		panic("prng: Intn of a number that is not positive")
	}
	// Lemire's method (2019): the high word of a product is the number, and the low word tells the few
	// cases in which some numbers would come up once too often.
	high, low := bits.Mul64(r.Uint64(), uint64(n))
	if low < uint64(n) {
		excess := -uint64(n) % uint64(n)
		for low < excess {
			high, low = bits.Mul64(r.Uint64(), uint64(n))
		}
	}
	return int64(high)
}

// Float64 returns a number of [0, 1), a multiple of 2^-53.
func (r *Rand) Float64() float64 {
	return float64(r.Uint64()>>11) / (1 << 53)
}
