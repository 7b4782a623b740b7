package num

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestParseIntAcceptsOnlyTheCanonicalForm(t *testing.T) {
	accepted := []string{"0", "1", "-1", "42", "127", "128", "9223372036854775807", "-9223372036854775808"}
	for _, s := range accepted {
		n, ok := ParseInt([]byte(s))
		assert.True(t, ok, s)
		assert.Equal(t, s, string(AppendInt(nil, n)))
	}
	rejected := []string{
		"", "-", "+", "+1", " 1", "1 ", "01", "00", "-0", "-01", "1.0", "1e3", "0x10", "a", "1a", "--1",
		"9223372036854775808", "-9223372036854775809", "18446744073709551616", "99999999999999999999", "1\x00",
		"9999999999999999999", "-9999999999999999999",
	}
	for _, s := range rejected {
		_, ok := ParseInt([]byte(s))
		assert.False(t, ok, "%q", s)
	}
}

func FuzzParseInt(f *testing.F) {
	for _, s := range []string{"0", "-0", "12", "-9223372036854775808", "9223372036854775808", "+5", "007"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, s []byte) {
		n, ok := ParseInt(s)
		want, err := strconv.ParseInt(string(s), 10, 64)
		canonical := err == nil && strconv.FormatInt(want, 10) == string(s)
		assert.Equal(t, canonical, ok)
		if ok {
			assert.Equal(t, want, n)
		}
	})
}

func TestAppendIntSpellsEveryLength(t *testing.T) {
	check := func(n int64) {
		assert.Equal(t, "x"+strconv.FormatInt(n, 10), string(AppendInt([]byte("x"), n)))
	}
	for n := int64(-5); n < 20_000; n++ {
		check(n)
	}
	for limit := int64(1); limit > 0 && limit <= 1e18; limit *= 10 {
		for n := limit - 2; n <= limit+2; n++ {
			check(n)
			check(-n)
			check(n + limit*3)
		}
	}
}
