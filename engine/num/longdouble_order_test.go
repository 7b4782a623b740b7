package num

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLongDoubleOrder(t *testing.T) {
	ascending := []string{
		"-inf", "-1e4932", "-12.5", "-12", "-1e-4940", "0", "1e-4940", "0.1", "12", "12.5", "9223372036854775807", "1e4932", "inf",
	}
	for i, a := range ascending {
		for j, b := range ascending {
			x, y := longDouble(t, a), longDouble(t, b)
			want := min(max(i-j, -1), 1)
			assert.Equal(t, want, x.Compare(y), "%s, %s", a, b)
			assert.Equal(t, -want, x.Negate().Compare(y.Negate()), "-%s, -%s", a, b)
		}
	}
	most := MaxLongDouble()
	assert.Equal(t, -1, longDouble(t, "1e4932").Compare(most))
	assert.Equal(t, -1, most.Compare(longDouble(t, "inf")))
	assert.True(t, most.Add(most).IsInf())
	assert.Equal(t, "-9223372036854775808", text(LongDoubleOf(-1<<63)))
	assert.Equal(t, "0", text(LongDoubleOf(0).Negate()))
}
