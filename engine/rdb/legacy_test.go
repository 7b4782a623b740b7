package rdb

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"riffle/engine/listpack"
)

// elements returns what a listpack holds, as text.
func elements(t *testing.T, lp []byte) (texts []string) {
	require.True(t, listpack.Valid(lp))
	for at := listpack.First(lp); at >= 0 && len(texts) < listpack.Len(lp); at = listpack.Next(lp, at) {
		texts = append(texts, string(listpack.AppendText(nil, lp, at)))
	}
	return texts
}

// allEncodings is a ziplist that redis-server 7.0.15 restores as a hash with the elements below it: each
// width of integer, a text that needs a length of two bytes, and an entry after it that needs one of five.
var allEncodings = "8f0100008b010000140000016603017603016e03f102016d03fd0202693804fe80030369313605c0008004" +
	"0369323405f0000080050369333205d000000080060369363405e000000000000000800a016c03412c" +
	strings.Repeat("78", 300) + "fe2f0100000561667465720b0179ff"

var allElements = []string{"f", "v", "n", "0", "m", "12", "i8", "-128", "i16", "-32768", "i24", "-8388608",
	"i32", "-2147483648", "i64", "-9223372036854775808", "l", strings.Repeat("x", 300), "after", "y"}

func TestZiplist(t *testing.T) {
	ziplist, err := hex.DecodeString(allEncodings)
	require.NoError(t, err)
	lp, ok := ZiplistToListpack(ziplist)
	require.True(t, ok)
	assert.Equal(t, allElements, elements(t, lp))

	lp, ok = ZiplistToListpack([]byte("\x0b\x00\x00\x00\x0a\x00\x00\x00\x00\x00\xff"))
	require.True(t, ok, "without elements")
	assert.Empty(t, elements(t, lp))

	unknown := bytes.Clone(ziplist)
	unknown[8], unknown[9] = 0xff, 0xff // more entries than two bytes can count
	_, ok = ZiplistToListpack(unknown)
	assert.True(t, ok)
}

func TestLongZiplistText(t *testing.T) {
	text := strings.Repeat("y", 20000)
	ziplist := "\x00\x80\x00\x00\x4e\x20" + text
	size := len(ziplist) + 11
	ziplist = string([]byte{byte(size), byte(size >> 8), 0, 0, 10, 0, 0, 0, 1, 0}) + ziplist + "\xff"
	lp, ok := ZiplistToListpack([]byte(ziplist))
	require.True(t, ok)
	assert.Equal(t, []string{text}, elements(t, lp))
}

func TestDamagedZiplists(t *testing.T) {
	ziplist, err := hex.DecodeString(allEncodings)
	require.NoError(t, err)
	for cut := range ziplist {
		_, ok := ZiplistToListpack(ziplist[:cut])
		assert.False(t, ok, "cut at %d", cut)
	}
	// Sizes, the tail, the count, the end, a size of the entry before, an encoding, a length of a text.
	longText := bytes.Index(ziplist, []byte("\x41\x2c"))
	for _, at := range []int{0, 4, 8, len(ziplist) - 1, 10, 13, 17, 11, longText, longText + 1} {
		broken := bytes.Clone(ziplist)
		broken[at] ^= 0xc1
		_, ok := ZiplistToListpack(broken)
		assert.False(t, ok, "byte %d changed", at)
	}
}

// Accepted and refused by redis-server 7.0.15 in the same way, but that it refuses an empty hash.
func TestZipmap(t *testing.T) {
	long := strings.Repeat("v", 300)
	cases := []struct {
		zipmap string
		want   []string
	}{
		{"\x02\x03foo\x03\x00bar\x05hello\x05\x02worldXX\xff", []string{"foo", "bar", "hello", "world"}},
		{"\xfe\x03foo\x03\x00bar\xff", []string{"foo", "bar"}},
		{"\x01\x01k\xfe\x2c\x01\x00\x00\x00" + long + "\xff", []string{"k", long}},
		{"\x01\x00\x00\x00\xff", []string{"", ""}},
		{"\x00\xff", nil},
	}
	for _, c := range cases {
		lp, ok := ZipmapToListpack([]byte(c.zipmap))
		require.True(t, ok, "%.20q", c.zipmap)
		assert.Equal(t, c.want, elements(t, lp))
		for cut := range len(c.zipmap) {
			_, ok := ZipmapToListpack([]byte(c.zipmap[:cut]))
			assert.False(t, ok, "%.20q cut at %d", c.zipmap, cut)
		}
	}
	for _, broken := range []string{
		"\x03\x03foo\x03\x00bar\xff", "\x01\x03foo\x03\x01bar\xff", "\x01\x03foo\x04\x00bar\xff", "\x01\x03foo\xff",
		"\x01\xfe\x03\x00\x00\x00foo\x03\x00bar\xff", "\x01\xfe\xff\xff\xff\xfffoo\x03\x00bar\xff",
	} {
		_, ok := ZipmapToListpack([]byte(broken))
		assert.False(t, ok, "%q", broken)
	}
}

func FuzzZiplist(f *testing.F) {
	ziplist, err := hex.DecodeString(allEncodings)
	require.NoError(f, err)
	f.Add(ziplist[10 : len(ziplist)-1])
	f.Add([]byte("\x00\x01a\x03\x41\x02"))
	f.Fuzz(func(t *testing.T, entries []byte) {
		// The size is set right, and each tail tried, so that damage inside the entries is reached.
		size := len(entries) + 11
		ziplist := []byte{byte(size), byte(size >> 8), byte(size >> 16), 0, 0, 0, 0, 0, 0xff, 0xff}
		ziplist = append(append(ziplist, entries...), 0xff)
		for tail := 10; tail < min(size, 300); tail++ {
			ziplist[4], ziplist[5] = byte(tail), byte(tail>>8)
			if lp, ok := ZiplistToListpack(ziplist); ok {
				require.True(t, listpack.Valid(lp))
			}
		}
	})
}

func FuzzZipmap(f *testing.F) {
	f.Add([]byte("\x02\x03foo\x03\x00bar\x05hello\x05\x02worldXX\xff"))
	f.Fuzz(func(t *testing.T, zipmap []byte) {
		if lp, ok := ZipmapToListpack(zipmap); ok {
			require.True(t, listpack.Valid(lp))
			require.Zero(t, listpack.Len(lp)%2)
		}
	})
}
