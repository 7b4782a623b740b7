package num

import (
	"cmp"
	"math"
)

// MaxLongDouble returns the greatest finite value.
func MaxLongDouble() LongDouble {
	return LongDouble{mantissa: math.MaxUint64, exponent: maxLongDoubleExponent}
}

// LongDoubleOf returns n, exactly.
func LongDoubleOf(n int64) LongDouble {
	x, _ := ParseLongDouble(AppendInt(nil, n))
	return x
}

// Negate returns -x.
func (x LongDouble) Negate() LongDouble {
	x.negative = !x.negative && (x.mantissa != 0 || x.kind == infinite)
	return x
}

// Compare orders two values of which none is NaN: -1 if x is below y, 0 if they are equal, else 1.
func (x LongDouble) Compare(y LongDouble) int {
	if x.sign() != y.sign() {
		return cmp.Compare(x.sign(), y.sign())
	}
	return x.sign() * x.compareMagnitude(y)
}

func (x LongDouble) sign() int {
	switch {
	case x.negative:
		return -1
	case x.kind == finite && x.mantissa == 0:
		return 0
	}
	return 1
}

// compareMagnitude compares |x| and |y|: mantissas fill their 64 bits unless the exponent is the least.
func (x LongDouble) compareMagnitude(y LongDouble) int {
	switch {
	case x.kind != y.kind:
		return cmp.Compare(x.kind, y.kind)
	case x.kind == infinite:
		return 0
	case x.exponent != y.exponent:
		return cmp.Compare(x.exponent, y.exponent)
	}
	return cmp.Compare(x.mantissa, y.mantissa)
}
