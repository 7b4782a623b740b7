package num

import (
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The answers are those of ZADD in redis-server 7.0.15.
func TestParseFloatAcceptsWhatZaddAccepts(t *testing.T) {
	accepted := map[string]float64{
		"1": 1, "inf": math.Inf(1), "+inf": math.Inf(1), "-inf": math.Inf(-1), "Infinity": math.Inf(1),
		"-Infinity": math.Inf(-1), "iNf": math.Inf(1), "INFINITY": math.Inf(1), "0x10": 16, "0x1p3": 8,
		"0x1p-2": 0.25, "0x.8": 0.5, "0X1.8P+1": 3, "4e-324": 4e-324, "1e-320": 1e-320, "1e308": 1e308,
		".5": 0.5, "5.": 5, "+5": 5, "1e5": 1e5, "1E5": 1e5, "0e99999999999999999999": 0,
		"0x1p-1074": 4.9406564584124654e-324, "0x0p-9999": 0, "00012": 12, "-.5e-1": -0.05, "1e+05": 1e5,
		"9007199254740993": 9007199254740992, "9223372036854775807": 9223372036854775807,
	}
	for s, want := range accepted {
		f, ok := ParseFloat([]byte(s))
		assert.True(t, ok, s)
		assert.Equal(t, want, f, s)
	}
	rejected := []string{
		"nan", "NaN", "-nan", "nan(1)", "0x", "0x1p", "1e", "1e+", "1e400", "-1e400", "1e-400", "1.8e308", " 1",
		"1 ", "", "+", "-", ".", "++5", "1_0", "0x1_0", "0b1", "1d5", "1,5", "infx", "in", "infinit",
		"1e99999999999999999999", "0x1p-1075", "1\x00", "0x.p1", "e5", "0xg", "1.2.3", "--1", "+-1", "1e5.0",
	}
	for _, s := range rejected {
		_, ok := ParseFloat([]byte(s))
		assert.False(t, ok, "%q", s)
	}
	f, ok := ParseFloat([]byte("-0"))
	assert.True(t, ok && f == 0 && math.Signbit(f))
}

// The forms follow from the layout rules of d2string and fpconv_dtoa in Redis 7.2, case by case.
func TestAppendFloatFollowsFpconv(t *testing.T) {
	tests := []struct {
		f    float64
		want string
	}{
		{0, "0"}, {math.Copysign(0, -1), "-0"}, {3, "3"}, {-3, "-3"}, {0.1, "0.1"}, {-0.1, "-0.1"},
		{math.Inf(1), "inf"}, {math.Inf(-1), "-inf"}, {math.NaN(), "nan"},
		{1e15, "1000000000000000"}, {1e18, "1000000000000000000"},
		{1 << 62, "4611686018427387904"}, {-1 << 62, "-4611686018427387904"},
		{5e18, "5e+18"}, {1e19, "1e+19"}, {1e20, "1e+20"}, {-1e20, "-1e+20"}, {1e100, "1e+100"},
		{1.5e300, "1.5e+300"}, {1.2345678901234e20, "123456789012340000000"},
		{1.2345678901234e21, "1.2345678901234e+21"}, {-1.2345678901234e21, "-1.2345678901234e+21"},
		{math.MaxFloat64, "1.7976931348623157e+308"}, {5e-324, "5e-324"}, {1e-6, "0.000001"}, {1e-7, "1e-7"},
		{1.5e-6, "1.5e-6"}, {1.5e-5, "0.000015"}, {0.0001, "0.0001"},
		{0.00012345678, "1.2345678e-4"}, {0.0012345678, "0.0012345678"}, {123.4567891, "123.4567891"},
		{12345.6789012, "1.23456789012e+4"}, {12345.678901, "12345.678901"},
		{1700000000.123456, "1700000000.123456"}, {1700000000.1234567, "1.7000000001234567e+9"},
		{3000.1, "3000.1"}, {0.30000000000000004, "0.30000000000000004"}, {1.0000001, "1.0000001"},
		{9999.00000001, "9999.00000001"}, {1e-10, "1e-10"}, {2.5e-15, "2.5e-15"},
	}
	for _, test := range tests {
		assert.Equal(t, test.want, string(AppendFloat(nil, test.f)))
	}
	assert.Equal(t, "x1.5", string(AppendFloat([]byte("x"), 1.5)))
}

// The forms are those of printf("%.17g") in glibc.
func TestAppendFloat17IsPrintf(t *testing.T) {
	tests := []struct {
		f    float64
		want string
	}{
		{0.1, "0.10000000000000001"}, {3, "3"}, {100, "100"}, {3000.1, "3000.0999999999999"},
		{1e-5, "1.0000000000000001e-05"},
		{1e-7, "9.9999999999999995e-08"}, {0.0001, "0.0001"}, {1e16, "10000000000000000"}, {1e17, "1e+17"},
		{1e20, "1e+20"}, {1e100, "1e+100"}, {123456789012345680, "1.2345678901234568e+17"},
		{13.361389338970184, "13.361389338970184"}, {-0.05, "-0.050000000000000003"},
		{math.Inf(1), "inf"}, {math.Inf(-1), "-inf"}, {math.NaN(), "nan"}, {4e-324, "4.9406564584124654e-324"},
	}
	for _, test := range tests {
		assert.Equal(t, test.want, string(AppendFloat17(nil, test.f)))
	}
}

func TestParseMemory(t *testing.T) {
	accepted := map[string]int64{
		"1mb": 1 << 20, "1MB": 1 << 20, "1k": 1000, "1K": 1000, "2kb": 2048, "3m": 3e6, "1g": 1e9, "4Gb": 4 << 30,
		"100mb": 100 << 20, "0": 0, "": 0, "mb": 0, "1b": 1, "007": 7, "9223372036854775807": math.MaxInt64,
	}
	for s, want := range accepted {
		size, ok := ParseMemory([]byte(s))
		assert.True(t, ok, s)
		assert.Equal(t, want, size, s)
	}
	rejected := []string{
		"1t", "1 mb", "-1", "+1", "1.5gb", "0x10", "9223372036854775808", "99999999999gb",
	}
	for _, s := range rejected {
		_, ok := ParseMemory([]byte(s))
		assert.False(t, ok, s)
	}
}

// FuzzParseFloat checks against Go's parser where both read the same grammar, and that forms read back.
func FuzzParseFloat(f *testing.F) {
	for _, s := range []string{"1", "-1.5e10", "0x1.8p3", "inf", "1e400", ".5", "1700000000.1234567", "5e-324"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, s []byte) {
		got, ok := ParseFloat(s)
		if !ok {
			return
		}
		if want, err := strconv.ParseFloat(string(s), 64); err == nil {
			assert.Equal(t, want, got)
		}
		for _, form := range [][]byte{AppendFloat(nil, got), AppendFloat17(nil, got)} {
			back, ok := ParseFloat(form)
			assert.True(t, ok, "%s", form)
			assert.Equal(t, got, back)
		}
	})
}
