// Package num holds the number forms of the protocol: what a client may write for an integer, a double,
// a long double or a memory size, and the one spelling each of them has in a reply.
//
// The parsers are strict in the way Redis is strict: a string is an integer only if formatting the integer
// gives the same string back, which is what lets encodings replace the text by the number.
package num

import (
	"math"
	"strconv"
)

// maxIntDigits is the length of the longest int64, 9223372036854775807, without its sign.
const maxIntDigits = 19

// ParseInt reads a canonical signed 64-bit decimal: an optional minus, no blank, no plus, no leading zero,
// no "-0". ok is false for everything else, overflow included.
func ParseInt(s []byte) (n int64, ok bool) {
	negative := len(s) > 0 && s[0] == '-'
	digits := s
	if negative {
		digits = s[1:]
	}
	if len(digits) == 0 || len(digits) > maxIntDigits {
		return 0, false
	}
	if digits[0] == '0' {
		return 0, len(s) == 1
	}
	// Nineteen digits stay below 2^64, so the accumulator itself cannot wrap.
	var magnitude uint64
	for _, c := range digits {
		digit := c - '0'
		if digit > 9 {
			return 0, false
		}
		magnitude = magnitude*10 + uint64(digit)
	}
	if negative {
		return -int64(magnitude), magnitude <= -math.MinInt64
	}
	return int64(magnitude), magnitude <= math.MaxInt64
}

// AppendInt appends n in decimal to dst.
func AppendInt(dst []byte, n int64) []byte {
	if uint64(n) >= 1e8 {
		return strconv.AppendInt(dst, n, 10)
	}
	// Lengths and counts, two digits a division and where they belong at once.
	rest, width := uint32(n), 1
	for limit := uint32(10); rest >= limit; limit *= 10 {
		width++
	}
	dst = append(dst, "00000000"[:width]...)
	at := len(dst)
	for ; rest >= 100; rest /= 100 {
		pair := rest % 100 * 2
		at -= 2
		dst[at], dst[at+1] = pairs[pair], pairs[pair+1]
	}
	if rest >= 10 {
		dst[at-2], dst[at-1] = pairs[rest*2], pairs[rest*2+1]
	} else {
		dst[at-1] = byte('0' + rest)
	}
	return dst
}

// pairs are the numbers below 100 in two digits each.
const pairs = "00010203040506070809" +
	"10111213141516171819" +
	"20212223242526272829" +
	"30313233343536373839" +
	"40414243444546474849" +
	"50515253545556575859" +
	"60616263646566676869" +
	"70717273747576777879" +
	"80818283848586878889" +
	"90919293949596979899"
