package num

// literal is a floating point number as C's strtod reads it, taken apart but not yet converted.
type literal struct {
	negative    bool
	infinite    bool
	hexadecimal bool
	mantissa    []byte // digits with at most one point, at least one digit
	marked      bool   // an exponent was written
	exponent    int    // of ten, or of two if hexadecimal
}

// exponentLimit caps a written exponent: it is far outside of every format, and small enough that adding
// the length of a mantissa cannot overflow.
const exponentLimit = 1 << 24

// scanLiteral takes s apart: optional sign, then "inf", "infinity", a decimal or a 0x mantissa with optional
// exponent. The whole of s must be used, which also excludes blanks; NaN is refused, as Redis does.
func scanLiteral(s []byte) (lit literal, ok bool) {
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		lit.negative = s[0] == '-'
		s = s[1:]
	}
	if equalFold(s, "inf") || equalFold(s, "infinity") {
		lit.infinite = true
		return lit, true
	}
	mark := byte('e')
	if len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' {
		lit.hexadecimal, mark = true, 'p'
		s = s[2:]
	}
	length, digits := mantissaLength(s, lit.hexadecimal)
	if digits == 0 {
		return lit, false
	}
	lit.mantissa, s = s[:length], s[length:]
	if len(s) == 0 {
		return lit, true
	}
	if s[0]|0x20 != mark {
		return lit, false
	}
	lit.marked = true
	lit.exponent, ok = scanExponent(s[1:])
	return lit, ok
}

// equalFold compares s to a lower-case ASCII word, ignoring the case of s.
func equalFold(s []byte, word string) bool {
	if len(s) != len(word) {
		return false
	}
	for i, c := range s {
		if c|0x20 != word[i] {
			return false
		}
	}
	return true
}

// mantissaLength returns how many bytes of s form a mantissa, and how many of them are digits.
func mantissaLength(s []byte, hexadecimal bool) (length, digits int) {
	pointSeen := false
	for _, c := range s {
		if c == '.' && !pointSeen {
			pointSeen = true
		} else if digit, ok := digitValue(c); ok && (hexadecimal || digit < 10) {
			digits++
		} else {
			break
		}
		length++
	}
	return length, digits
}

func digitValue(c byte) (digit uint32, ok bool) {
	switch lower := c | 0x20; {
	case c >= '0' && c <= '9':
		return uint32(c - '0'), true
	case lower >= 'a' && lower <= 'f':
		return uint32(lower-'a') + 10, true
	}
	return 0, false
}

// scanExponent reads an optionally signed decimal, capped at exponentLimit.
func scanExponent(s []byte) (exponent int, ok bool) {
	sign := 1
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		if s[0] == '-' {
			sign = -1
		}
		s = s[1:]
	}
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
		exponent = min(exponent*10+int(c-'0'), exponentLimit)
	}
	return sign * exponent, len(s) > 0
}

// isZero tells whether the mantissa has no digit but zeros.
func (lit literal) isZero() bool {
	for _, c := range lit.mantissa {
		if c != '0' && c != '.' {
			return false
		}
	}
	return true
}
