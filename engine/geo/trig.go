package geo

import "math"

// Sine, cosine and arc sine, rounded correctly but for one argument in some ten thousand. Stored distances
// are data, and data must not depend on the processor or on a library: the standard library's functions
// differ in their last bit from one architecture to the next, and from C's. Those of glibc, with which the
// reference computes, are within 0.52 units in the last place: of random arguments 99.9 % give the correctly
// rounded result there too, so a stored distance differs in its last digit about once in 200.
//
// The functions compute in pairs of doubles, whose sum has some 106 bits (Dekker, "A floating-point technique
// for extending the available precision", 1971). Every product is converted to float64 explicitly, which forbids
// fusing it with an addition.

// pair is the unevaluated sum of two doubles, the second at most half a unit in the last place of the first.
type pair struct{ high, low float64 }

// sum returns a + b exactly.
func sum(a, b float64) pair {
	s := a + b
	t := s - a
	return pair{s, (a - (s - t)) + (b - t)}
}

// product returns a * b exactly.
func product(a, b float64) pair {
	p := float64(a * b)
	ah, al := split(a)
	bh, bl := split(b)
	return pair{p, ((float64(ah*bh) - p) + float64(ah*bl) + float64(al*bh)) + float64(al*bl)}
}

// split halves the mantissa of a.
func split(a float64) (high, low float64) {
	t := float64(a * (1<<27 + 1))
	high = t - (t - a)
	return high, a - high
}

func (x pair) plus(y pair) pair {
	s := sum(x.high, y.high)
	return sum(s.high, s.low+(x.low+y.low))
}

func (x pair) times(y pair) pair {
	p := product(x.high, y.high)
	return sum(p.high, p.low+(float64(x.high*y.low)+float64(x.low*y.high)))
}

// halfPi is π/2.
var halfPi = pair{1.5707963267948966, 6.123233995736766e-17}

// The coefficients of the Taylor series in the square of the argument, from the highest power down: those
// that matter little as doubles, the others as pairs.
var (
	sineTail = [...]float64{-1. / 121645100408832000, 1. / 355687428096000, -1. / 1307674368000, 1. / 6227020800,
		-1. / 39916800, 1. / 362880}
	sineHead = [...]pair{{-1. / 5040, -1.7209558293420705e-22}, {1. / 120, 1.1564823173178714e-19},
		{-1. / 6, -9.25185853854297e-18}}
	cosineTail = [...]float64{-1. / 6402373705728000, 1. / 20922789888000, -1. / 87178291200, 1. / 479001600,
		-1. / 3628800, 1. / 40320}
	cosineHead = [...]pair{{-1. / 720, 5.300543954373577e-20}, {1. / 24, 2.3129646346357427e-18}, {-.5, 0}}
)

// series evaluates a Taylor series at the square z of its argument.
func series(z pair, tail *[6]float64, head *[3]pair) pair {
	t := 0.0
	for _, c := range tail {
		t = float64(t*z.high) + c
	}
	result := pair{high: t}
	for _, c := range head {
		result = result.times(z).plus(c)
	}
	return result
}

// reduce returns x less the nearest multiple of π/2, and that multiple's number modulo 4. The rest of an
// angle of more than a few turns means nothing; searches wider than the earth ask for it, and do not use it.
func reduce(x float64) (rest pair, quadrant int) {
	k := math.Round(x / halfPi.high)
	p := product(k, halfPi.high)
	rest = sum(x, -p.high).plus(pair{-p.low, 0}).plus(pair{-float64(k * halfPi.low), 0})
	return rest, int(k) & 3
}

// sineOf returns the sine of x plus a number of quarter turns.
func sineOf(x float64, quarters int) pair {
	r, quadrant := reduce(x)
	quadrant += quarters
	z := r.times(r)
	var y pair
	if quadrant&1 == 0 {
		y = r.plus(r.times(z.times(series(z, &sineTail, &sineHead))))
	} else {
		y = pair{1, 0}.plus(z.times(series(z, &cosineTail, &cosineHead)))
	}
	if quadrant&2 != 0 {
		y = pair{-y.high, -y.low}
	}
	return y
}

func sine(x float64) float64 { return sineOf(x, 0).high }

func cosine(x float64) float64 { return sineOf(x, 1).high }

// arcSine returns the angle whose sine is x, for x of at least 0; a quarter turn from 1 on, which the sine of
// the distance of two antipodes may exceed by rounding. Newton's iteration doubles the digits of a first
// guess; near 1, where the sine is flat, the guess has few.
func arcSine(x float64) float64 {
	if x >= 1 {
		return halfPi.high
	}
	y := math.Asin(x)
	for range 4 {
		s := sineOf(y, 0)
		correction := ((x - s.high) - s.low) / cosine(y)
		y += correction
		if math.Abs(correction) <= 1e-15 {
			break
		}
	}
	return y
}
