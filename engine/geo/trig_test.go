package geo

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

const bigBits = 200

func bigFloat(x float64) *big.Float { return new(big.Float).SetPrec(bigBits).SetFloat64(x) }

// bigSine sums the Taylor series of the sine with 200 bits.
func bigSine(x *big.Float) *big.Float {
	square := new(big.Float).Mul(x, x)
	total, term := new(big.Float).Set(x), new(big.Float).Set(x)
	for k := int64(2); k < 120; k += 2 {
		term.Mul(term, square)
		term.Quo(term, bigFloat(float64(k*(k+1))))
		term.Neg(term)
		total.Add(total, term)
	}
	return total
}

func bigHalfPi() *big.Float {
	const digits = "1.5707963267948966192313216916397514420985846996875529104874722961539082"
	x, _, _ := big.ParseFloat(digits, 10, bigBits, big.ToNearestEven)
	return x
}

func nearest(x *big.Float) float64 { f, _ := x.Float64(); return f }

func TestTrigonometryIsCorrectlyRounded(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	wrong := map[string]int{}
	const rounds = 4000
	for range rounds {
		x := (random.Float64()*2 - 1) * math.Pi
		if random.IntN(3) == 0 {
			x *= math.Pow(2, -float64(random.IntN(40)))
		}
		if sine(x) != nearest(bigSine(bigFloat(x))) {
			wrong["sine"]++
		}
		if cosine(x) != nearest(bigSine(new(big.Float).Add(bigFloat(x), bigHalfPi()))) {
			wrong["cosine"]++
		}
	}
	assert.LessOrEqual(t, wrong["sine"], 1)
	assert.LessOrEqual(t, wrong["cosine"], 1)
}

// The arc sine y of x is correctly rounded if x lies between the sines of the points half a unit in the last
// place away from y.
func TestArcSineIsCorrectlyRounded(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	wrong := 0
	for i := range 4000 {
		x := random.Float64()
		switch i % 4 {
		case 1:
			x *= math.Pow(2, -float64(random.IntN(40)))
		case 2:
			x = 1 - x*math.Pow(2, -float64(random.IntN(52)))
		}
		y := arcSine(x)
		half := func(toward float64) *big.Float {
			middle := new(big.Float).Add(bigFloat(y), bigFloat(math.Nextafter(y, toward)))
			return bigSine(middle.Quo(middle, bigFloat(2)))
		}
		if x < 1 && (half(-9).Cmp(bigFloat(x)) > 0 || y < 1.5707963267948966 && half(9).Cmp(bigFloat(x)) < 0) {
			wrong++
		}
	}
	assert.LessOrEqual(t, wrong, 1)
	assert.Equal(t, 0.0, arcSine(0))
	assert.Equal(t, math.Pi/2, arcSine(1))
	assert.Equal(t, math.Pi/2, arcSine(math.Nextafter(1, 2)))
}

func BenchmarkArcSine(b *testing.B) {
	for i := range b.N {
		arcSine(float64(i&1023) / 1024)
	}
}

func BenchmarkSine(b *testing.B) {
	for i := range b.N {
		sine(float64(i&1023) / 512)
	}
}
