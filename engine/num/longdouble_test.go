package num

import (
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func longDouble(t testing.TB, s string) LongDouble {
	x, ok := ParseLongDouble([]byte(s))
	require.True(t, ok, s)
	return x
}

func text(x LongDouble) string {
	return string(AppendLongDouble(nil, x))
}

// bigFloat converts without loss.
func (x LongDouble) bigFloat() *big.Float {
	f := new(big.Float).SetPrec(64).SetUint64(x.mantissa)
	f.SetMantExp(f, int(x.exponent))
	if x.negative {
		f.Neg(f)
	}
	return f
}

// bigText is the reference for AppendLongDouble.
func bigText(f *big.Float) string {
	s := strings.TrimRight(strings.TrimRight(f.Text('f', decimalPlaces), "0"), ".")
	if !strings.Contains(f.Text('f', decimalPlaces), ".") || s == "-0" || s == "" {
		return "0"
	}
	return s
}

// parseBig reads with 64 bits of mantissa, rounded once.
func parseBig(t testing.TB, s string) *big.Float {
	f, _, err := big.ParseFloat(s, 10, 64, big.ToNearestEven)
	require.NoError(t, err, s)
	return f
}

func TestLongDoubleAgainstBigFloat(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 4000 {
		a, b := randomDecimal(random), randomDecimal(random)
		x, y := longDouble(t, a), longDouble(t, b)
		bigX, bigY := parseBig(t, a), parseBig(t, b)
		require.Zero(t, bigX.Cmp(x.bigFloat()), a)
		require.Equal(t, bigText(bigX), text(x), a)
		sum := new(big.Float).SetPrec(64).Add(bigX, bigY)
		require.Zero(t, sum.Cmp(x.Add(y).bigFloat()), "%s + %s", a, b)
		require.Equal(t, bigText(sum), text(x.Add(y)), "%s + %s", a, b)
	}
}

func randomDecimal(random *rand.Rand) string {
	digits := strconv.FormatUint(random.Uint64()>>random.IntN(64)|1, 10)
	if random.IntN(4) == 0 {
		digits += strconv.FormatUint(random.Uint64(), 10) + strconv.FormatUint(random.Uint64(), 10)
	}
	if random.IntN(3) > 0 {
		point := random.IntN(len(digits) + 1)
		digits = digits[:point] + "." + digits[point:]
	}
	switch random.IntN(8) {
	case 0:
		digits += "e" + strconv.Itoa(random.IntN(9000)-4500)
	case 1, 2:
		digits += "e" + strconv.Itoa(random.IntN(60)-30)
	}
	if random.IntN(2) == 0 {
		return "-" + digits
	}
	return digits
}

// Ties and what lies next to them decide whether rounding is exact.
func TestParseLongDoubleRoundsTiesToEven(t *testing.T) {
	one := new(big.Int).Lsh(big.NewInt(1), 63)
	for _, offset := range []int64{0, 1, 2, 3, 4, 1001, 1002, 1003} {
		mantissa := new(big.Int).Add(one, big.NewInt(offset))
		for _, tail := range []string{".5", ".50000000000000000000000000000001", ".4999999999999999999999999999"} {
			for _, suffix := range []string{"", "e-3000", "e4000", "e-19"} {
				s := mantissa.String() + tail + suffix
				require.Zero(t, parseBig(t, s).Cmp(longDouble(t, s).bigFloat()), s)
			}
		}
	}
}

// The pairs are those of INCRBYFLOAT in redis-server 7.0.15.
func TestIncrementsAreRedisIncrements(t *testing.T) {
	tests := []struct{ value, increment, want string }{
		{"3000.1", "0.1", "3000.20000000000000018"},
		{"0.1", "0.2", "0.3"},
		{"0", "0.1", "0.1"},
		{"10.5", "0.1", "10.6"},
		{"5.0e3", "2.0e2", "5200"},
		{"1", "1e-17", "1.00000000000000001"},
		{"1", "1e-18", "1"},
		{"1", "4e-18", "1"},
		{"1", "6e-18", "1.00000000000000001"},
		{"0", "1e20", "100000000000000000000"},
		{"1e20", "1", "100000000000000000000"},
		{"1e19", "0.5", "10000000000000000000"},
		{"9007199254740993", "0.5", "9007199254740993.5"},
		{"9223372036854775807", "1", "9223372036854775808"},
		{"18446744073709551615", "1", "18446744073709551616"},
		{"18446744073709551616", "1", "18446744073709551616"},
		{"-5.5", "5.5", "0"},
		{"-0.1", "0.1", "0"},
		{"0.3", "-0.1", "0.2"},
		{"1.1", "-1", "0.1"},
		{"123456789.123456789", "0.000000001", "123456789.12345678999554366"},
		{"-1e-18", "0", "0"},
		{"-6e-18", "0", "-0.00000000000000001"},
		{"0x10", "0x.8", "16.5"},
		{"1e50", "1e33", "100000000000000001007563105499616609876187426062336"},
		{"1e50", "-1e33", "99999999999999998999604554738101237905409548746752"},
		{"1.5", "1.5", "3"},
		{"3.0e3", "200", "3200"},
		{"0.000001", "0.0000001", "0.0000011"},
		{"1e-10", "1e-12", "0.000000000101"},
		{"999999999999999999.9", "0.1", "1000000000000000000"},
		{"12345678901234567890", "0.12345678901234567890", "12345678901234567890"},
		{"100", "-99.99999", "0.00001"},
		{"2.675", "0", "2.675"},
		{"1.005", "1000", "1001.005"},
		{"-524070.74581621727", "0.8845845059190367", "-524069.86123171135096754"},
		{"831889.6234619622", "-5189.292690574696", "826700.33077138750400081"},
		{"-868942.2815203738", "-973664016.8902519", "-974532959.17177227383945137"},
		{"-61535.324761956814", "0.01015692835201465", "-61535.31460502846198679"},
		{"991289.6710209255", "-59472984.95510402", "-58481695.28408309449878288"},
		{"99262.33405401115", "-205730845.94207814", "-205631583.60802412884368096"},
		{"-698767.1519529521", "269721316.5703769", "269022549.41842394790728576"},
		{"851670.9435460151", "-2.2012655822557426e-05", "851670.94352400244417822"},
		{"342822.9507391851", "-87193712.35460053", "-86850889.40386134490108816"},
		{"914994.1443070706", "-91442194.13210802", "-90527199.98780094939866103"},
		{"-937976.4970605", "731.0544739578912", "-937245.44258654210875648"},
		{"189499.03128778795", "84.03132390799044", "189583.06261169594044702"},
		{"428258.96722240513", "84.21973351677491", "428343.18695592190491084"},
		{"456251.9461051936", "1538193292.1142933", "1538649544.06039849354419857"},
	}
	for _, test := range tests {
		sum := longDouble(t, test.value).Add(longDouble(t, test.increment))
		assert.Equal(t, test.want, text(sum), "%s + %s", test.value, test.increment)
	}
}

func TestLongDoubleLimits(t *testing.T) {
	rejected := []string{
		"", "nan", "1e4933", "-1e4933", "1e-4951", "1e99999999999", "1e-99999999999", " 1", "1 ", "1e", "0x",
		"0x1p16384", "0x1p-16446", "1.18973149535723176508575932662800702e4932", strings.Repeat("1", 5120),
	}
	for _, s := range rejected {
		_, ok := ParseLongDouble([]byte(s))
		assert.False(t, ok, s)
	}
	largest := longDouble(t, "1.18973149535723176502126385303097021e+4932")
	assert.Equal(t, 4932, len(text(largest))-1)
	assert.Equal(t, largest, longDouble(t, "0xffffffffffffffffp16320"))
	assert.True(t, largest.Add(largest).IsInf())
	assert.False(t, largest.Add(longDouble(t, "1")).IsInf())
	smallest := longDouble(t, "4e-4951")
	assert.Equal(t, LongDouble{mantissa: 1, exponent: minLongDoubleExponent}, smallest)
	assert.Equal(t, smallest, longDouble(t, "0x1p-16445"))
	assert.Equal(t, smallest, longDouble(t, "1.83e-4951"))
	assert.Equal(t, "0", text(smallest.Add(smallest)))
	assert.Equal(t, LongDouble{}, longDouble(t, "-0"))
	assert.Equal(t, LongDouble{}, longDouble(t, "0e999999999999"))
	assert.Equal(t, LongDouble{}, longDouble(t, "5").Add(longDouble(t, "-5")))
	assert.Equal(t, "0", text(longDouble(t, "-1e-30")))
	assert.Equal(t, "-0.00000000000000001", text(longDouble(t, "-5.1e-18")))
	assert.Equal(t, "x-1.5", string(AppendLongDouble([]byte("x"), longDouble(t, "-1.5"))))
}

func TestLongDoubleInfinities(t *testing.T) {
	plus, minus, one := longDouble(t, "inf"), longDouble(t, "-Infinity"), longDouble(t, "1")
	assert.True(t, plus.Add(minus).IsNaN())
	assert.True(t, plus.Add(minus).Add(one).IsNaN())
	assert.True(t, one.Add(plus.Add(minus)).IsNaN())
	assert.True(t, plus.Add(one).IsInf())
	assert.Equal(t, "-inf", text(one.Add(minus)))
	assert.Equal(t, "inf", text(plus.Add(plus)))
	assert.Equal(t, "nan", text(plus.Add(minus)))
}

func FuzzLongDouble(f *testing.F) {
	f.Add("3000.1", "0.1")
	f.Add("-1e4000", "1e-4000")
	f.Add("0x1.8p-16440", "4e-4951")
	f.Add("18446744073709551615.5", "-0.50000000000000000001")
	f.Add("9007199254740993e-17", "1e18")
	f.Fuzz(func(t *testing.T, a, b string) {
		x, okX := ParseLongDouble([]byte(a))
		y, okY := ParseLongDouble([]byte(b))
		if !okX || !okY || x.IsInf() || y.IsInf() {
			return
		}
		if x.mantissa>>63 == 1 && !strings.ContainsAny(a, "xX") {
			require.Zero(t, parseBig(t, a).Cmp(x.bigFloat()), a)
		}
		sum := x.Add(y)
		require.Equal(t, sum, y.Add(x))
		if sum.IsInf() {
			return
		}
		want := new(big.Float).SetPrec(64).Add(x.bigFloat(), y.bigFloat())
		require.Zero(t, want.Cmp(sum.bigFloat()), "%s + %s", a, b)
		require.Equal(t, bigText(want), text(sum))
	})
}

func BenchmarkIncrement(b *testing.B) {
	value, increment := []byte("3000.10000000000000009"), []byte("0.1")
	var out [64]byte
	for b.Loop() {
		x, _ := ParseLongDouble(value)
		y, _ := ParseLongDouble(increment)
		AppendLongDouble(out[:0], x.Add(y))
	}
}
