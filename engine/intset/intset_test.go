package intset

import (
	"bytes"
	"encoding/hex"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func setOf(integers ...int64) []byte {
	is := New()
	for _, n := range integers {
		is, _ = Add(is, n)
	}
	return is
}

func elements(is []byte) []int64 {
	out := []int64{}
	for i := range Len(is) {
		out = append(out, At(is, i))
	}
	return out
}

// The bytes are those of DUMP of a set by redis-server 7.0.15.
func TestBytesAreRedisBytes(t *testing.T) {
	tests := []struct {
		integers []int64
		want     string
	}{
		{[]int64{1, 2, 3}, "0200000003000000010002000300"},
		{[]int64{-1, 40000, 5}, "0400000003000000ffffffff05000000409c0000"},
		{[]int64{3, -32769}, "0400000002000000ff7fffff03000000"},
		{[]int64{1 << 31, 1}, "080000000200000001000000000000000000008000000000"},
		{[]int64{-1 << 40, 7}, "08000000020000000000000000ffffff0700000000000000"},
	}
	for _, test := range tests {
		is := setOf(test.integers...)
		assert.Equal(t, test.want, hex.EncodeToString(is))
		assert.True(t, Valid(is))
	}
}

func TestFindTellsThePlace(t *testing.T) {
	is := setOf(10, 20, 30)
	tests := []struct {
		n     int64
		index int
		ok    bool
	}{
		{5, 0, false}, {10, 0, true}, {15, 1, false}, {20, 1, true}, {30, 2, true}, {31, 3, false},
		{math.MinInt64, 0, false}, {math.MaxInt64, 3, false},
	}
	for _, test := range tests {
		index, ok := Find(is, test.n)
		assert.Equal(t, test.index, index, test.n)
		assert.Equal(t, test.ok, ok, test.n)
	}
	index, ok := Find(New(), 0)
	assert.True(t, index == 0 && !ok)
}

func TestChangesStayInTheGivenSpace(t *testing.T) {
	block := bytes.Repeat([]byte{0xEE}, 40)
	is := append(block[:0:24], setOf(1, 2)...)
	is, _ = Add(is, 70000)
	assert.Same(t, &block[0], &is[0])
	is, _ = Add(is, 0)
	assert.Same(t, &block[0], &is[0])
	assert.Equal(t, []int64{0, 1, 2, 70000}, elements(is))
	before := bytes.Clone(is)
	moved, _ := Add(is, 1<<40)
	assert.NotSame(t, &block[0], &moved[0])
	assert.Equal(t, before, is, "a changed copy leaves the original alone")
	assert.Equal(t, bytes.Repeat([]byte{0xEE}, 16), block[24:], "the neighbour's bytes are untouched")
	assert.Equal(t, []int64{0, 1, 2, 70000, 1 << 40}, elements(moved))
}

func TestValidRejectsDamage(t *testing.T) {
	broken := map[string]string{
		"empty bytes": "", "header cut": "02000000000000", "width 3": "0300000000000000",
		"width 0": "0000000000000000", "width of 2 bytes": "0201000000000000",
		"too long": "02000000010000000100ff", "too short": "0200000002000000010002",
		"huge": "08000000ffffffff", "not ascending": "020000000200000002000100",
		"twice": "020000000200000002000200",
	}
	for name, text := range broken {
		is, err := hex.DecodeString(text)
		require.NoError(t, err)
		assert.False(t, Valid(is), name)
	}
	assert.True(t, Valid(New()))
}

// FuzzEdits adds and removes integers of every width, against a sorted slice.
func FuzzEdits(f *testing.F) {
	f.Add([]byte("\x00\x01\x05\x01\x02\x00\x09\x03\x01\x00\x01\x05"))
	f.Add([]byte("\x00\x3f\xff\x00\x3e\x80\x01\x3f\xff\x00\x1f\x81"))
	f.Fuzz(func(t *testing.T, script []byte) {
		is, model := New(), []int64{}
		for ; len(script) >= 3; script = script[3:] {
			n := int64(int8(script[2])) << (script[1] % 64)
			index, found := slices.BinarySearch(model, n)
			var changed bool
			if script[0]%3 == 2 {
				is, changed = Remove(is, n)
				require.Equal(t, found, changed)
				if found {
					model = slices.Delete(model, index, index+1)
				}
			} else {
				is, changed = Add(is, n)
				require.Equal(t, !found, changed)
				if !found {
					model = slices.Insert(model, index, n)
				}
			}
			require.True(t, Valid(is), "%x", is)
		}
		require.Equal(t, model, elements(is))
	})
}

// FuzzValid uses every function on whatever Valid accepts.
func FuzzValid(f *testing.F) {
	f.Add(New())
	f.Add(setOf(1, 70000, -5))
	f.Add(setOf(1<<40, -3))
	f.Fuzz(func(t *testing.T, is []byte) {
		if !Valid(is) {
			return
		}
		for i, n := range elements(is) {
			index, ok := Find(is, n)
			require.True(t, ok && index == i)
		}
		wider, _ := Add(bytes.Clone(is), math.MinInt64)
		require.True(t, Valid(wider))
		narrower, _ := Remove(wider, math.MinInt64)
		require.True(t, Valid(narrower))
	})
}
