package num

import (
	"math"
	"strconv"
)

// ParseFloat reads a double as the score and increment arguments accept it: decimal or hexadecimal with
// optional exponent, "inf" and "infinity" in any case with a sign or without. Refused are NaN, blanks,
// digit separators, and a number that overflows to infinity or vanishes to zero.
func ParseFloat(s []byte) (f float64, ok bool) {
	if n, isInt := ParseInt(s); isInt {
		return float64(n), true
	}
	lit, ok := scanLiteral(s)
	if !ok {
		return 0, false
	}
	if lit.infinite {
		return infinity(lit.negative), true
	}
	text := string(s)
	if lit.hexadecimal && !lit.marked {
		// C makes the exponent of a hexadecimal number optional, Go does not.
		text += "p0"
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil && (f != 0 || lit.isZero())
}

func infinity(negative bool) float64 {
	if negative {
		return math.Inf(-1)
	}
	return math.Inf(1)
}

// AppendFloat appends the form a double has in a reply: an integer where it is one below 2^62, and else the
// shortest digits that read back as f, in the layout of Redis 7.2: plain if at most seven zeros or six
// decimals are needed or the number lies in 0.001..9999, and else 1.5e-7. Infinities are inf and -inf.
func AppendFloat(dst []byte, f float64) []byte {
	switch {
	case f == 0 && math.Signbit(f):
		return append(dst, "-0"...)
	case f >= -1<<62 && f <= 1<<62 && f == math.Trunc(f):
		return AppendInt(dst, int64(f))
	case math.IsNaN(f) || math.IsInf(f, 0):
		return appendSpecial(dst, f)
	}
	if f < 0 {
		dst = append(dst, '-')
		f = -f
	}
	var buffer [24]byte
	digits, exponent := shortestDigits(buffer[:0], f)
	return layOut(dst, digits, exponent)
}

func appendSpecial(dst []byte, f float64) []byte {
	switch {
	case math.IsInf(f, 1):
		return append(dst, "inf"...)
	case math.IsInf(f, -1):
		return append(dst, "-inf"...)
	}
	return append(dst, "nan"...)
}

// shortestDigits returns the digits of a positive f, d.ddd × 10^exponent, without the point.
func shortestDigits(buffer []byte, f float64) (digits []byte, exponent int) {
	text := strconv.AppendFloat(buffer, f, 'e', -1, 64)
	mark := len(text) - 1
	for text[mark] != 'e' {
		mark--
	}
	exponent, _ = scanExponent(text[mark+1:])
	if mark == 1 {
		return text[:1], exponent
	}
	text[1] = text[0]
	return text[1:mark], exponent
}

// layOut writes the digits, of which the first stands for 10^exponent.
func layOut(dst, digits []byte, exponent int) []byte {
	// The lowest digit stands for 10^scale.
	scale := exponent - len(digits) + 1
	switch {
	case scale >= 0 && scale <= 7:
		return appendZeros(append(dst, digits...), scale)
	case scale < 0 && exponent < 0 && (scale > -7 || exponent > -4):
		return append(appendZeros(append(dst, "0."...), -exponent-1), digits...)
	case scale < 0 && exponent >= 0 && (scale > -7 || exponent < 4):
		dst = append(append(dst, digits[:exponent+1]...), '.')
		return append(dst, digits[exponent+1:]...)
	}
	dst = append(dst, digits[0])
	if len(digits) > 1 {
		dst = append(append(dst, '.'), digits[1:]...)
	}
	dst = append(dst, 'e')
	if exponent > 0 {
		dst = append(dst, '+')
	}
	return AppendInt(dst, int64(exponent))
}

func appendZeros(dst []byte, count int) []byte {
	for range count {
		dst = append(dst, '0')
	}
	return dst
}

// AppendFloat17 appends f as C's printf("%.17g") prints it, which is how coordinates are returned.
func AppendFloat17(dst []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return appendSpecial(dst, f)
	}
	return strconv.AppendFloat(dst, f, 'g', 17, 64)
}
