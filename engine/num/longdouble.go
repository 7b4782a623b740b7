package num

import "math/bits"

// LongDouble is the extended format of the x87, in which INCRBYFLOAT computes: a 64-bit mantissa, of which
// every bit is explicit, and a 15-bit exponent. Its results show in replies (3000.1 + 0.1 is
// 3000.20000000000000018), so a double or a decimal would be visibly different.
//
// The value is ±mantissa × 2^exponent; the top bit of the mantissa is set except in zero and in the
// subnormal numbers. Zero has no sign, as no reply shows one. The zero value is 0.
type LongDouble struct {
	mantissa uint64
	exponent int32
	kind     longDoubleKind
	negative bool
}

type longDoubleKind uint8

const (
	finite longDoubleKind = iota
	infinite
	notANumber
)

// The exponents the lowest bit of a mantissa can have.
const (
	minLongDoubleExponent = -16445
	maxLongDoubleExponent = 16320
)

// maxLongDoubleText is the length from which on a text is refused unread.
const maxLongDoubleText = 5 * 1024

// Decimal numbers of a magnitude beyond these powers of ten overflow or vanish in any case.
const (
	maxDecimalMagnitude = 4934
	minDecimalMagnitude = -4952
)

// IsNaN tells whether x is the difference of two infinities.
func (x LongDouble) IsNaN() bool {
	return x.kind == notANumber
}

// IsInf tells whether x is an infinity of either sign.
func (x LongDouble) IsInf() bool {
	return x.kind == infinite
}

// ParseLongDouble reads s as C's strtold does, rounded to the nearest, ties to even, and refuses what
// ParseFloat refuses for a double, and a text of 5 KiB or more.
func ParseLongDouble(s []byte) (x LongDouble, ok bool) {
	if len(s) >= maxLongDoubleText {
		return LongDouble{}, false
	}
	lit, ok := scanLiteral(s)
	if !ok {
		return LongDouble{}, false
	}
	if lit.infinite {
		return LongDouble{kind: infinite, negative: lit.negative}, true
	}
	if lit.isZero() {
		return LongDouble{}, true
	}
	if lit.hexadecimal {
		x = lit.hexadecimalValue()
	} else {
		x = lit.decimalValue()
	}
	return x, x.kind == finite && x.mantissa != 0
}

func (lit literal) hexadecimalValue() LongDouble {
	digits, scale := naturalOf(lit.mantissa, 16)
	return quotient(lit.negative, digits, natural{1}, lit.exponent+4*scale)
}

// decimalValue converts digits × 10^scale as digits × 5^scale × 2^scale: what is left to divide is half as
// long, and the power of two is exact.
func (lit literal) decimalValue() LongDouble {
	digits, scale := naturalOf(lit.mantissa, 10)
	scale += lit.exponent
	// A bit is 0.30103 of a decimal digit, so this is within one of the power of ten.
	magnitude := digits.bitLen()*30103/100000 + scale
	if magnitude > maxDecimalMagnitude {
		return LongDouble{kind: infinite, negative: lit.negative}
	}
	if magnitude < minDecimalMagnitude {
		return LongDouble{}
	}
	if scale >= 0 {
		return quotient(lit.negative, digits.timesPowerOf5(scale), natural{1}, scale)
	}
	return quotient(lit.negative, digits, natural{1}.timesPowerOf5(-scale), scale)
}

// quotientBits is how many bits of a quotient are computed: 64, one that decides the rounding, and one more
// because the first may be zero. The remainder decides ties.
const quotientBits = 66

// quotient returns a / b × 2^exponent, rounded. a and b are positive and are used up.
func quotient(negative bool, a, b natural, exponent int) LongDouble {
	shift := a.bitLen() - b.bitLen()
	a, b = a.shiftLeft(max(-shift, 0)), b.shiftLeft(max(shift, 0))
	var high, low uint64
	for range quotientBits {
		high, low = high<<1|low>>63, low<<1
		if a.compare(b) >= 0 {
			a = a.subtract(b)
			low |= 1
		}
		a = a.multiplyAdd(2, 0)
	}
	return roundLongDouble(negative, high, low, len(a) > 0, exponent+shift-quotientBits+1)
}

// roundLongDouble returns (high × 2^64 + low) × 2^exponent, where sticky stands for a bit of no weight
// further down. Subnormal results keep fewer bits, a too large one becomes infinite.
func roundLongDouble(negative bool, high, low uint64, sticky bool, exponent int) LongDouble {
	if high == 0 {
		high, low, exponent = low, 0, exponent-64
	}
	if high == 0 {
		return LongDouble{}
	}
	shift := bits.LeadingZeros64(high)
	high, low = high<<shift|low>>(64-shift), low<<shift
	exponent += 64 - shift
	if missing := minLongDoubleExponent - exponent; missing > 0 {
		var lost bool
		high, low, lost = shiftRight128(high, low, missing)
		sticky, exponent = sticky || lost, minLongDoubleExponent
	}
	const half = 1 << 63
	if low > half || low == half && (sticky || high&1 == 1) {
		high++
		if high == 0 {
			high, exponent = half, exponent+1
		}
	}
	if exponent > maxLongDoubleExponent {
		return LongDouble{kind: infinite, negative: negative}
	}
	if high == 0 {
		return LongDouble{}
	}
	return LongDouble{mantissa: high, exponent: int32(exponent), negative: negative}
}

// shiftRight128 shifts a 128-bit number and tells whether it lost a bit that was set.
func shiftRight128(high, low uint64, count int) (shiftedHigh, shiftedLow uint64, lost bool) {
	switch {
	case count >= 128:
		return 0, 0, high|low != 0
	case count >= 64:
		count -= 64
		return 0, high >> count, low != 0 || high<<(64-count) != 0
	}
	return high >> count, high<<(64-count) | low>>count, low<<(64-count) != 0
}

// Add returns x + y, rounded to the nearest, ties to even. It is infinite on overflow, and NaN for two
// infinities of different signs.
func (x LongDouble) Add(y LongDouble) LongDouble {
	switch {
	case x.kind != finite || y.kind != finite:
		return addSpecial(x, y)
	case x.mantissa == 0:
		return y
	case y.mantissa == 0:
		return x
	}
	if x.exponent < y.exponent || x.exponent == y.exponent && x.mantissa < y.mantissa {
		x, y = y, x
	}
	// Both are placed one bit below the top of 128, which leaves room for the carry; 63 bits below the
	// mantissa, and whether anything is lost beyond, are enough to round exactly.
	high, low := x.mantissa>>1, x.mantissa<<63
	otherHigh, otherLow, sticky := shiftRight128(y.mantissa>>1, y.mantissa<<63, int(x.exponent-y.exponent))
	var carry uint64
	if x.negative == y.negative {
		low, carry = bits.Add64(low, otherLow, 0)
		high, _ = bits.Add64(high, otherHigh, carry)
	} else {
		if sticky {
			carry = 1
		}
		low, carry = bits.Sub64(low, otherLow, carry)
		high, _ = bits.Sub64(high, otherHigh, carry)
	}
	return roundLongDouble(x.negative, high, low, sticky, int(x.exponent)-63)
}

func addSpecial(x, y LongDouble) LongDouble {
	switch {
	case x.kind == notANumber || y.kind == finite:
		return x
	case y.kind == notANumber || x.kind == finite || x.negative == y.negative:
		return y
	}
	return LongDouble{kind: notANumber}
}

// decimalPlaces is how many places a long double is printed with, before zeros are cut off.
const decimalPlaces = 17

// AppendLongDouble appends x as INCRBYFLOAT stores and replies it: 17 decimal places without the zeros at
// their end, never an exponent, "0" for what rounds to nothing. It is at most 4,934 bytes long.
func AppendLongDouble(dst []byte, x LongDouble) []byte {
	if x.kind == notANumber {
		return append(dst, "nan"...)
	}
	start := len(dst)
	if x.negative {
		dst = append(dst, '-')
	}
	if x.kind == infinite {
		return append(dst, "inf"...)
	}
	dst = appendFixed(dst, x.places())
	if string(dst[start:]) == "-0" {
		dst = append(dst[:start], '0')
	}
	return dst
}

// places returns |x| × 10^17, rounded to an integer: the digits to print, free of a point.
func (x LongDouble) places() natural {
	n := natural{uint32(x.mantissa), uint32(x.mantissa >> 32)}.trim().timesPowerOf5(decimalPlaces)
	shift := int(x.exponent) + decimalPlaces
	if shift >= 0 {
		return n.shiftLeft(shift)
	}
	return n.shiftRightEven(-shift)
}

// appendFixed appends n / 10^17 without zeros at its end. n is used up.
func appendFixed(dst []byte, n natural) []byte {
	start := len(dst)
	// The digits come out lowest first, nine at a time.
	for len(n) > 0 || len(dst)-start <= decimalPlaces {
		chunk := n.divideSmall(1e9)
		n = n.trim()
		for range 9 {
			dst = append(dst, '0'+byte(chunk%10))
			chunk /= 10
		}
	}
	end := len(dst)
	for end-start > decimalPlaces+1 && dst[end-1] == '0' {
		end--
	}
	first := start
	for first < start+decimalPlaces && dst[first] == '0' {
		first++
	}
	return arrange(dst[:end], start, first)
}

// arrange turns the digits dst[start:], lowest first, into text: those before first are zeros to be cut off
// and the point goes above the 17th, if any place is left.
func arrange(dst []byte, start, first int) []byte {
	point := start + decimalPlaces
	fraction := point - first
	kept := append(dst[:start], dst[first:]...)
	for i, j := start, len(kept)-1; i < j; i, j = i+1, j-1 {
		kept[i], kept[j] = kept[j], kept[i]
	}
	if fraction == 0 {
		return kept
	}
	whole := len(kept) - fraction
	kept = append(kept, 0)
	copy(kept[whole+1:], kept[whole:])
	kept[whole] = '.'
	return kept
}
