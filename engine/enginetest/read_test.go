package enginetest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCanonicalDouble(t *testing.T) {
	assert.Equal(t, "0", canonicalDouble("-0"))
	assert.Equal(t, "0.1", canonicalDouble("0.10000000000000001"))
	assert.Equal(t, "-Inf", canonicalDouble("-inf"))
	assert.Equal(t, "x", canonicalDouble("x"))
}

func TestDifferenceNamesTheFirstLine(t *testing.T) {
	assert.Empty(t, Difference("a\nb", "a\nb"))
	assert.Empty(t, Difference("refused: NOAUTH", "b"))
	assert.Equal(t, "\n  c\ninstead of\n  b", Difference("a\nb", "a\nc"))
	assert.Contains(t, Difference("a", "a\nb"), "(nothing more)")
}
