package num

import (
	"bytes"
	"math/bits"
)

// natural is a non-negative integer of any length: 32-bit words, the lowest first, none of them a zero at
// the top, and so empty for 0. It holds the exact values between a decimal text and a long double, and only
// the few operations this takes; 32 bits keep products in machine words on every platform. The methods that
// return a natural may use up the space of their receiver.
type natural []uint32

// Five to the 13th is the largest power of five in a word.
const (
	fiveTo13    = 1220703125
	fiveTo13Exp = 13
)

// naturalOf reads the digits of a mantissa, which is not zero, up to the last that is not zero. That one
// stands for base^scale.
func naturalOf(mantissa []byte, base uint32) (n natural, scale int) {
	point := bytes.IndexByte(mantissa, '.')
	if point < 0 {
		point = len(mantissa)
	}
	last := len(mantissa) - 1
	for mantissa[last] == '0' || mantissa[last] == '.' {
		last--
	}
	scale = point - last
	if last < point {
		scale--
	}
	// Digits are gathered in a word as long as one more fits.
	gathered, weight := uint32(0), uint32(1)
	for _, c := range mantissa[:last+1] {
		digit, ok := digitValue(c)
		if !ok {
			continue
		}
		if weight >= 1<<28 {
			n = n.multiplyAdd(weight, gathered)
			gathered, weight = 0, 1
		}
		gathered, weight = gathered*base+digit, weight*base
	}
	return n.multiplyAdd(weight, gathered), scale
}

// trim drops zeros at the top.
func (n natural) trim() natural {
	for len(n) > 0 && n[len(n)-1] == 0 {
		n = n[:len(n)-1]
	}
	return n
}

func (n natural) bitLen() int {
	if len(n) == 0 {
		return 0
	}
	return len(n)*32 - bits.LeadingZeros32(n[len(n)-1])
}

// multiplyAdd returns n × factor + addend.
func (n natural) multiplyAdd(factor, addend uint32) natural {
	carry := uint64(addend)
	for i, word := range n {
		carry += uint64(word) * uint64(factor)
		n[i] = uint32(carry)
		carry >>= 32
	}
	if carry > 0 {
		n = append(n, uint32(carry))
	}
	return n
}

func (n natural) timesPowerOf5(exponent int) natural {
	for ; exponent >= fiveTo13Exp; exponent -= fiveTo13Exp {
		n = n.multiplyAdd(fiveTo13, 0)
	}
	for ; exponent > 0; exponent-- {
		n = n.multiplyAdd(5, 0)
	}
	return n
}

func (n natural) shiftLeft(count int) natural {
	if len(n) == 0 {
		return n
	}
	words, rest := count/32, count%32
	length := len(n)
	n = append(n, make(natural, words+1)...)
	for i := length; i >= 0; i-- {
		wide := uint64(0)
		if i < length {
			wide = uint64(n[i]) << 32
		}
		if i > 0 {
			wide |= uint64(n[i-1])
		}
		n[i+words] = uint32(wide << rest >> 32)
	}
	clear(n[:words])
	return n.trim()
}

// shiftRightEven returns n / 2^count, rounded to the nearest, ties to even. count is positive.
func (n natural) shiftRightEven(count int) natural {
	if count > n.bitLen() {
		return nil
	}
	half, below := n.bit(count-1), n.anyBelow(count-1)
	words, rest := count/32, count%32
	length := len(n) - words
	for i := range length {
		wide := uint64(n[i+words])
		if i+words+1 < len(n) {
			wide |= uint64(n[i+words+1]) << 32
		}
		n[i] = uint32(wide >> rest)
	}
	n = n[:length].trim()
	if half && (below || n.bit(0)) {
		n = n.multiplyAdd(1, 1)
	}
	return n
}

func (n natural) bit(i int) bool {
	return i/32 < len(n) && n[i/32]>>(i%32)&1 == 1
}

// anyBelow tells whether one of the lowest count bits is set. count is at most the length of n.
func (n natural) anyBelow(count int) bool {
	words, rest := count/32, count%32
	for _, word := range n[:words] {
		if word != 0 {
			return true
		}
	}
	return rest > 0 && n[words]<<(32-rest) != 0
}

// compare returns -1, 0 or 1 as n is less than, equal to or greater than m.
func (n natural) compare(m natural) int {
	if len(n) != len(m) {
		return sign(len(n) > len(m))
	}
	for i := len(n) - 1; i >= 0; i-- {
		if n[i] != m[i] {
			return sign(n[i] > m[i])
		}
	}
	return 0
}

func sign(positive bool) int {
	if positive {
		return 1
	}
	return -1
}

// subtract returns n - m, where m is at most n.
func (n natural) subtract(m natural) natural {
	borrow := uint64(0)
	for i := range n {
		other := borrow
		if i < len(m) {
			other += uint64(m[i])
		}
		difference := uint64(n[i]) - other
		n[i] = uint32(difference)
		borrow = difference >> 63
	}
	return n.trim()
}

// divideSmall divides n in place, leaving zeros at its top, and returns the remainder.
func (n natural) divideSmall(divisor uint32) (remainder uint32) {
	rest := uint64(0)
	for i := len(n) - 1; i >= 0; i-- {
		rest = rest<<32 | uint64(n[i])
		n[i] = uint32(rest / uint64(divisor))
		rest %= uint64(divisor)
	}
	return uint32(rest)
}
