package listpack

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the front functions leave is byte for byte what Prepend and Delete would have.
func TestFrontMovesOnlyTheHeader(t *testing.T) {
	elements := []string{"", "a", "-1", "127", "128", "70000", "9223372036854775807", "007",
		strings.Repeat("x", 63), strings.Repeat("y", 64), strings.Repeat("z", 5000)}
	block := make([]byte, 20000)
	start := len(block) - len(New())
	copy(block[start:], New())
	want := New()
	for _, s := range elements {
		begin := PushFirst(block, start, []byte(s))
		assert.Equal(t, EntrySize([]byte(s)), start-begin, s)
		assert.LessOrEqual(t, EntrySize([]byte(s)), len(s)+10)
		start, want = begin, Prepend(want, []byte(s))
		require.Equal(t, want, block[start:])
	}
	for _, count := range []int{1, 0, 3, 100} {
		dropped := DropFirst(bytes.Clone(want), count)
		want = DeleteRange(want, headerSize, count)
		require.Equal(t, want, dropped)
		require.True(t, Valid(dropped))
	}
	assert.Equal(t, New(), DropFirst(New(), 1))
}

func BenchmarkPopFront(b *testing.B) {
	block := make([]byte, 8192)
	full := len(block)
	for b.Loop() {
		start := full - len(New())
		copy(block[start:], New())
		for start > 32 {
			start = PushFirst(block, start, []byte("element"))
		}
		lp := block[start:]
		for len(lp) > 7 {
			lp = DropFirst(lp, 1)
		}
	}
}
