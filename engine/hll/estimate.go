package hll

import (
	"encoding/binary"
	"math"
)

// histogram counts the registers that have each value.
type histogram [1 << registerBits]int

// alphaInfinity is 1 / (2 ln 2), the bias of the raw estimate for infinitely many registers.
const alphaInfinity = 0.721347520444481703680

// estimate is Ertl's improved raw estimator, algorithm 6 of his paper. Products are rounded before they are
// added (the conversions forbid fusing them), so that every processor finds the same number.
func (h *histogram) estimate() uint64 {
	const m = float64(Registers)
	z := float64(m * tau((m-float64(h[hashBits+1]))/m))
	for k := hashBits; k >= 1; k-- {
		z += float64(h[k])
		z *= 0.5
	}
	z += float64(m * sigma(float64(h[0])/m))
	estimate := math.Round(alphaInfinity * m * m / z)
	if !(estimate < 1<<63) {
		return 1 << 63 // what the reference's rounding makes of a number that large
	}
	return uint64(estimate)
}

// sigma corrects for registers that are still zero.
func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	y, z := 1.0, x
	for last := math.NaN(); z != last; {
		last = z
		x *= x
		z += float64(x * y)
		y += y
	}
	return z
}

// tau corrects for registers that are full.
func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	y, z := 1.0, 1-x
	for last := math.NaN(); z != last; {
		last = z
		x = math.Sqrt(x)
		y *= 0.5
		z -= float64((1 - x) * (1 - x) * y)
	}
	return z / 3
}

// murmur is Austin Appleby's MurmurHash64A, little endian on every machine.
func murmur(key []byte, seed uint64) uint64 {
	const m, r = 0xc6a4a7935bd1e995, 47
	h := seed ^ uint64(len(key))*m
	for ; len(key) >= 8; key = key[8:] {
		k := binary.LittleEndian.Uint64(key) * m
		k = (k ^ k>>r) * m
		h = (h ^ k) * m
	}
	if len(key) > 0 {
		var tail [8]byte
		copy(tail[:], key)
		h = (h ^ binary.LittleEndian.Uint64(tail[:])) * m
	}
	h = (h ^ h>>r) * m
	return h ^ h>>r
}
