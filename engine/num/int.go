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
	return strconv.AppendInt(dst, n, 10)
}
