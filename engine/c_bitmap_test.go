package engine_test

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"riffle/engine/enginetest"
)

func TestBitmapEffects(t *testing.T) {
	for _, test := range []struct{ before, do, want string }{
		{"", "SETBIT k 7 1", "SETBIT k 7 1"},
		{"SETBIT k 7 1", "SETBIT k 7 1", ""},
		{"SETBIT k 7 1", "SETBIT k 8 0", "SETBIT k 8 0"},
		{"", "SETBIT k 7 0", "SETBIT k 7 0"},
		{"", "BITFIELD k SET u8 0 1", "BITFIELD k SET u8 0 1"},
		{"SETBIT k 7 1", "BITFIELD k SET u8 0 1", ""},
		{"SETBIT k 7 1", "BITFIELD k GET u8 0", ""},
		{"SETBIT k 7 1", "BITFIELD k OVERFLOW FAIL SET u8 0 256", ""},
		{"", "BITFIELD k OVERFLOW FAIL SET u8 0 256", "BITFIELD k OVERFLOW FAIL SET u8 0 256"},
		{"SETBIT k 7 1", "BITOP NOT j k", "BITOP NOT j k"},
		{"", "BITOP NOT j k", ""},
		{"SET j x", "BITOP NOT j k", "BITOP NOT j k"},
	} {
		h := enginetest.New(1)
		if test.before != "" {
			play(t, h, test.before)
		}
		assert.Equal(t, test.want, effects(t, h, test.do), "%s; %s", test.before, test.do)
		h.CheckLaw(t)
	}
}

// bitText is the bits of a string as zeros and ones.
func bitText(s string) string {
	var text strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&text, "%08b", s[i])
	}
	return text.String()
}

// TestBitRangesAgainstText counts and searches in random bitmaps, and does the same with text.
func TestBitRangesAgainstText(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	h := enginetest.New(1)
	for range 300 {
		value := make([]byte, 1+random.IntN(40))
		for i := range value {
			value[i] = []byte{0, 0, 0xff, 0xff, byte(random.Uint32())}[random.IntN(5)]
		}
		h.Do("a", "SET", "k", string(value))
		text := bitText(string(value))
		for range 10 {
			first, last := random.IntN(len(text)), random.IntN(len(text))
			part := ""
			if first <= last {
				part = text[first : last+1]
			}
			ends := []string{strconv.Itoa(first), strconv.Itoa(last - len(text)), "BIT"}
			got := h.Do("a", append([]string{"BITCOUNT", "k"}, ends...)...).Text
			require.Equal(t, strconv.Itoa(strings.Count(part, "1")), got)
			for _, bit := range []string{"0", "1"} {
				want := strings.Index(part, bit)
				if want >= 0 {
					want += first
				}
				got := h.Do("a", append([]string{"BITPOS", "k", bit}, ends...)...).Text
				require.Equal(t, strconv.Itoa(want), got, "%q %v %v", value, bit, ends)
			}
		}
	}
}

// TestBitopAgainstSingleBits combines random strings of different lengths and checks every bit.
func TestBitopAgainstSingleBits(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 2))
	rules := map[string]func(first bool, others, all int) bool{
		"OR":    func(_ bool, _, all int) bool { return all > 0 },
		"XOR":   func(_ bool, _, all int) bool { return all%2 == 1 },
		"ONE":   func(_ bool, _, all int) bool { return all == 1 },
		"DIFF":  func(first bool, others, _ int) bool { return first && others == 0 },
		"DIFF1": func(first bool, others, _ int) bool { return !first && others > 0 },
		"ANDOR": func(first bool, others, _ int) bool { return first && others > 0 },
	}
	h := enginetest.New(1)
	for range 60 {
		var sources [][]byte
		args := []string{"BITOP", "", "d"}
		longest := 0
		for i := range 2 + random.IntN(3) {
			source := make([]byte, 1+random.IntN(30))
			for k := range source {
				source[k] = byte(random.Uint32())
			}
			longest = max(longest, len(source))
			sources = append(sources, source)
			args = append(args, "s"+strconv.Itoa(i))
			h.Do("a", "SET", "s"+strconv.Itoa(i), string(source))
		}
		rules["AND"] = func(_ bool, _, all int) bool { return all == len(sources) }
		for name, rule := range rules {
			args[1] = name
			require.Equal(t, strconv.Itoa(longest), h.Do("a", args...).Text)
			got := bitText(h.Do("a", "GET", "d").Text)
			for i := range 8 * longest {
				var set []bool
				all := 0
				for _, source := range sources {
					on := i/8 < len(source) && source[i/8]&(0x80>>(i%8)) != 0
					set = append(set, on)
					if on {
						all++
					}
				}
				others := all
				if set[0] {
					others--
				}
				require.Equal(t, rule(set[0], others, all), got[i] == '1', "%s bit %d", name, i)
			}
		}
	}
	h.CheckLaw(t)
}

// TestBitfieldsOfEveryWidth writes and reads back the edges of every type at every alignment.
func TestBitfieldsOfEveryWidth(t *testing.T) {
	h := enginetest.New(1)
	for width := 1; width <= 64; width++ {
		offset := strconv.Itoa(width * 3 % 17)
		low, high := int64(-1)<<(width-1), int64(1)<<(width-1)-1
		for _, value := range []int64{low, -1, 0, high, high / 3} {
			signed := "i" + strconv.Itoa(width)
			h.Do("a", "BITFIELD", "k", "SET", signed, offset, strconv.FormatInt(value, 10))
			got := h.Do("a", "BITFIELD_RO", "k", "GET", signed, offset).Items[0].Text
			require.Equal(t, strconv.FormatInt(value, 10), got)
			if width == 64 {
				continue
			}
			unsigned := uint64(value) & (1<<width - 1)
			got = h.Do("a", "BITFIELD_RO", "k", "GET", "u"+strconv.Itoa(width), offset).Items[0].Text
			require.Equal(t, strconv.FormatUint(unsigned, 10), got)
			require.Equal(t, bits.OnesCount64(unsigned), strings.Count(bitText(h.Do("a", "GET", "k").Text), "1"))
		}
		h.Do("a", "DEL", "k")
	}
	h.CheckLaw(t)
}

func TestBitOffsetsAreLimited(t *testing.T) {
	h := enginetest.New(1, "proto-max-bulk-len", "1048576")
	const refusal = "(error) ERR bit offset is not an integer or out of range"
	assert.Equal(t, refusal, play(t, h, "SETBIT k 8388608 1"))
	assert.Equal(t, refusal, play(t, h, "BITFIELD k SET u8 #1048576 1"))
	assert.Equal(t, "(integer) 0", play(t, h, "EXISTS k"))
	assert.Equal(t, "(integer) 0", play(t, h, "SETBIT k 8388607 1"))
	assert.Equal(t, "(integer) 1048576", play(t, h, "STRLEN k"))
}

func FuzzBitfield(f *testing.F) {
	f.Add("SET i8 #1 -9223372036854775808 OVERFLOW SAT INCRBY u63 7 9223372036854775807")
	f.Add("GET u1 4294967295 OVERFLOW FAIL SET i64 0 1 GET i64 #0")
	f.Add("GET u8 #288230376151711745 SET u 0 1")
	f.Fuzz(func(t *testing.T, text string) {
		h := enginetest.New(1, "proto-max-bulk-len", "1048576")
		words := strings.Fields(text)
		read := h.Do("a", append([]string{"BITFIELD_RO", "k"}, words...)...)
		reply := h.Do("a", append([]string{"BITFIELD", "k"}, words...)...)
		if read.Kind == '*' {
			assert.Equal(t, read.Items, reply.Items)
		}
		assert.NoError(t, h.LawOfReplay())
	})
}
