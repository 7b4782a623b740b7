package listpack

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// texts returns the elements front to back.
func texts(lp []byte) []string {
	out := []string{}
	for pos := First(lp); pos != -1; pos = Next(lp, pos) {
		out = append(out, string(AppendText(nil, lp, pos)))
	}
	return out
}

// textsBackward returns the elements back to front.
func textsBackward(lp []byte) []string {
	out := []string{}
	for pos := Last(lp); pos != -1; pos = Prev(lp, pos) {
		var scratch [20]byte
		out = append(out, string(Bytes(lp, pos, &scratch)))
	}
	return out
}

func listOf(elements ...string) []byte {
	lp := New()
	for _, s := range elements {
		lp = Append(lp, []byte(s))
	}
	return lp
}

// The bytes are those of DUMP of a hash {f: value} by redis-server 7.0.15, without compression.
func TestBytesAreRedisBytes(t *testing.T) {
	tests := []struct{ value, want string }{
		{"", "0c00000002008166028001ff"},
		{"a", "0d0000000200816602816102ff"},
		{"0", "0c00000002008166020001ff"},
		{"127", "0c00000002008166027f01ff"},
		{"128", "0d0000000200816602c08002ff"},
		{"-1", "0d0000000200816602dfff02ff"},
		{"4095", "0d0000000200816602cfff02ff"},
		{"-4096", "0d0000000200816602d00002ff"},
		{"4096", "0e0000000200816602f1001003ff"},
		{"-4097", "0e0000000200816602f1ffef03ff"},
		{"32767", "0e0000000200816602f1ff7f03ff"},
		{"-32768", "0e0000000200816602f1008003ff"},
		{"32768", "0f0000000200816602f200800004ff"},
		{"-32769", "0f0000000200816602f2ff7fff04ff"},
		{"8388607", "0f0000000200816602f2ffff7f04ff"},
		{"-8388608", "0f0000000200816602f200008004ff"},
		{"8388608", "100000000200816602f30000800005ff"},
		{"2147483647", "100000000200816602f3ffffff7f05ff"},
		{"-2147483648", "100000000200816602f30000008005ff"},
		{"2147483648", "140000000200816602f4000000800000000009ff"},
		{"-2147483649", "140000000200816602f4ffffff7fffffffff09ff"},
		{"9223372036854775807", "140000000200816602f4ffffffffffffff7f09ff"},
		{"-9223372036854775808", "140000000200816602f4000000000000008009ff"},
		{"9223372036854775808", "1f0000000200816602933932323333373230333638353437373538303814ff"},
		{"007", "0f00000002008166028330303704ff"},
		{"-0", "0e0000000200816602822d3003ff"},
	}
	for _, test := range tests {
		lp := listOf("f", test.value)
		assert.Equal(t, test.want, hex.EncodeToString(lp), test.value)
		assert.True(t, Valid(lp))
		assert.Equal(t, []string{test.value, "f"}, textsBackward(lp))
	}
}

// Head and tail of long values as redis-server 7.0.15 dumps them: where the string tag and the backlen grow.
func TestLongStringsHaveRedisTagsAndBacklens(t *testing.T) {
	tests := []struct {
		length, total int
		tag, backlen  string
	}{
		{63, 75, "bf", "40"},
		{64, 77, "e040", "42"},
		{125, 138, "e07d", "7f"},
		{126, 140, "e07e", "0180"},
		{4095, 4109, "efff", "2081"},
		{4096, 4113, "f000100000", "2085"},
		{16377, 16394, "f0f93f0000", "7ffe"},
		{16378, 16396, "f0fa3f0000", "00ffff"},
		{16379, 16397, "f0fb3f0000", "018080"},
	}
	for _, test := range tests {
		lp := listOf("f", strings.Repeat("x", test.length))
		assert.Equal(t, test.total, len(lp))
		assert.Equal(t, test.tag, hex.EncodeToString(lp[9:9+len(test.tag)/2]))
		tail := lp[len(lp)-1-len(test.backlen)/2 : len(lp)-1]
		assert.Equal(t, test.backlen, hex.EncodeToString(tail))
		assert.True(t, Valid(lp))
		assert.Equal(t, 2, len(textsBackward(lp)))
	}
}

func TestSeekCountsFromBothEnds(t *testing.T) {
	elements := []string{"a", "1", "bb", "-5", "ccc"}
	lp := listOf(elements...)
	for i, want := range elements {
		assert.Equal(t, want, string(AppendText(nil, lp, Seek(lp, i))))
		assert.Equal(t, want, string(AppendText(nil, lp, Seek(lp, i-len(elements)))))
	}
	assert.Equal(t, -1, Seek(lp, 5))
	assert.Equal(t, -1, Seek(lp, -6))
	assert.Equal(t, -1, Seek(New(), 0))
	assert.Equal(t, -1, Seek(New(), -1))
	assert.Equal(t, -1, First(New()))
	assert.Equal(t, -1, Last(New()))
}

func TestFindSkipsBetweenComparisons(t *testing.T) {
	lp := listOf("a", "b", "b", "1", "12", "x", "c", "12")
	tests := []struct {
		s     string
		skip  int
		index int
	}{
		{"a", 1, 0}, {"b", 1, 2}, {"b", 0, 1}, {"1", 0, 3}, {"1", 1, -1}, {"12", 1, 4}, {"c", 1, 6},
		{"x", 1, -1}, {"x", 4, 5}, {"", 0, -1}, {"01", 0, -1}, {"12", 6, 7}, {"12", 2, -1},
	}
	for _, test := range tests {
		want := -1
		if test.index >= 0 {
			want = Seek(lp, test.index)
		}
		assert.Equal(t, want, Find(lp, First(lp), []byte(test.s), test.skip), "%+v", test)
	}
	assert.Equal(t, -1, Find(New(), First(New()), []byte("a"), 0))
}

// A foreign encoder may leave a number as a string, or write it wider than needed: both still compare.
func TestForeignEncodings(t *testing.T) {
	asString := []byte{0x0B, 0, 0, 0, 1, 0, 0x82, '1', '2', 3, 0xFF}
	wide := []byte{0x0B, 0, 0, 0, 1, 0, 0xF1, 12, 0, 3, 0xFF}
	for _, lp := range [][]byte{asString, wide} {
		require.True(t, Valid(lp))
		assert.True(t, Equal(lp, First(lp), []byte("12")))
		assert.Equal(t, 6, Find(lp, First(lp), []byte("12"), 0))
		assert.Equal(t, []string{"12"}, texts(lp))
		lp = ReplaceInt(lp, 6, 7)
		assert.Equal(t, "090000000100"+"0701"+"ff", hex.EncodeToString(lp))
	}
}

func TestChangesStayInTheGivenSpace(t *testing.T) {
	block := bytes.Repeat([]byte{0xEE}, 64)
	lp := append(block[:0:32], New()...)
	for len(lp) < 31 {
		lp = Prepend(lp, []byte("5"))
		assert.Same(t, &block[0], &lp[0])
	}
	before := bytes.Clone(lp)
	moved := Append(lp, []byte("more than fits"))
	assert.NotSame(t, &block[0], &moved[0])
	assert.Equal(t, before, lp, "a changed copy leaves the original alone")
	assert.Equal(t, bytes.Repeat([]byte{0xEE}, 32), block[32:], "the neighbour's bytes are untouched")
	assert.Equal(t, Len(lp)+1, Len(moved))
}

func TestCountSaturates(t *testing.T) {
	lp := New()
	for i := range 65534 {
		lp = AppendInt(lp, int64(i%100))
	}
	assert.Equal(t, "feff", hex.EncodeToString(lp[4:6]))
	lp = AppendInt(lp, 1)
	assert.Equal(t, "ffff", hex.EncodeToString(lp[4:6]))
	lp = AppendInt(lp, 2)
	assert.Equal(t, 65536, Len(lp))
	assert.True(t, Valid(lp))
	assert.Equal(t, "2", string(AppendText(nil, lp, Seek(lp, 65535))))
	assert.Equal(t, -1, Seek(lp, 65536))
	assert.Equal(t, -1, Seek(lp, -65537))
	lp = DeleteRange(lp, First(lp), 65000)
	assert.Equal(t, 536, Len(lp))
	assert.Equal(t, "ffff", hex.EncodeToString(lp[4:6]), "an unknown count stays unknown")
	merged := Merge(listOf("a"), lp)
	assert.Equal(t, 537, Len(merged))
	assert.Equal(t, "1902", hex.EncodeToString(merged[4:6]))
}

func TestValidRejectsDamage(t *testing.T) {
	good := listOf("abc", "70000", strings.Repeat("y", 100), "5")
	require.True(t, Valid(good))
	for cut := range good {
		assert.False(t, Valid(good[:cut]))
	}
	broken := map[string]string{
		"count too high":     "0300" + "816602" + "8001",
		"count too low":      "0100" + "816602" + "8001",
		"no end":             "0200" + "816602" + "80",
		"backlen":            "0100" + "816603",
		"backlen too wide":   "0100" + "81660082",
		"string past end":    "0100" + "836602",
		"unknown tag":        "0100" + "f501",
		"end mark inside":    "0100" + "ff01",
		"huge string":        "0100" + "f0ffffffff05",
		"length cut off":     "0100" + "f0ffff",
		"12 bit length cut":  "0100" + "e0",
		"64 bit integer cut": "0100" + "f40102030405",
	}
	for name, text := range broken {
		body, err := hex.DecodeString(text)
		require.NoError(t, err)
		lp := append([]byte{byte(4 + len(body) + 1), 0, 0, 0}, body...)
		assert.False(t, Valid(append(lp, 0xFF)), name)
	}
	assert.False(t, Valid([]byte{8, 0, 0, 0, 0, 0, 0xFF}), "total")
	assert.False(t, Valid([]byte{7, 0, 0, 0, 0, 0, 0}), "end mark")
}

// FuzzEdits runs a random edit script against a slice of strings.
func FuzzEdits(f *testing.F) {
	f.Add([]byte("\x00\x01a\x01\x02bb\x02\x03123\x03\x00\x04\x05"))
	f.Add([]byte("\x00\x04-129\x00\x0270\x05\x01\x06\x02\x07\x03\x08\x09"))
	f.Add(bytes.Repeat([]byte("\x00\x051234\x01\x02\x06xy\x03\x070"), 20))
	f.Fuzz(func(t *testing.T, script []byte) {
		lp, model := New(), []string{}
		for len(script) >= 3 {
			lp, model = edit(lp, model, script)
			script = script[min(len(script), 3+int(script[2]%8)):]
			require.True(t, Valid(lp), "%x", lp)
		}
		require.Equal(t, model, texts(lp))
		require.Equal(t, len(model), Len(lp))
		for i, s := range model {
			require.True(t, Equal(lp, Seek(lp, i), []byte(s)))
			require.Equal(t, Seek(lp, i), Seek(lp, i-len(model)))
		}
	})
}

// edit applies one step to both: operation, place, and an argument of up to seven bytes.
func edit(lp []byte, model []string, script []byte) ([]byte, []string) {
	argument := script[3:min(len(script), 3+int(script[2]%8))]
	if script[2]%16 > 7 {
		argument = bytes.Repeat(argument, 1+int(script[2]))
	}
	s := string(argument)
	switch script[0] % 9 {
	case 0:
		return Append(lp, argument), append(model, s)
	case 1:
		return Prepend(lp, argument), append([]string{s}, model...)
	}
	if len(model) == 0 {
		return lp, model
	}
	i := int(script[1]) % len(model)
	pos := Seek(lp, i)
	head, tail := model[:i:i], model[i:]
	switch script[0] % 9 {
	case 2:
		return InsertBefore(lp, pos, argument), append(append(head, s), tail...)
	case 3:
		return InsertAfter(lp, pos, argument), append(append(head, tail[0], s), tail[1:]...)
	case 4:
		return Replace(lp, pos, argument), append(append(head, s), tail[1:]...)
	case 5:
		n := int64(len(s)) - int64(script[1])<<(script[2]%60)
		return ReplaceInt(lp, pos, n), append(append(head, strconv.FormatInt(n, 10)), tail[1:]...)
	case 6:
		return Delete(lp, pos), append(head, tail[1:]...)
	case 7:
		count := int(script[2] % 4)
		return DeleteRange(lp, pos, count), append(head, tail[min(count, len(tail)):]...)
	}
	if len(model) > 1000 {
		return lp, model
	}
	other := listOf(head...)
	return Merge(other, lp), append(append([]string{}, head...), model...)
}

// FuzzValid uses every function on whatever Valid accepts.
func FuzzValid(f *testing.F) {
	f.Add(New())
	f.Add(listOf("a", "1", "-70000", strings.Repeat("z", 5000), "99999999999"))
	f.Add([]byte{0x0B, 0, 0, 0, 0xFF, 0xFF, 0xF1, 12, 0, 3, 0xFF})
	f.Add(listOf("a", "5", "bb", "5", "a"))
	f.Fuzz(func(t *testing.T, lp []byte) {
		if !Valid(lp) {
			return
		}
		forward, backward := texts(lp), textsBackward(lp)
		require.Equal(t, len(forward), Len(lp))
		for i, s := range forward {
			require.Equal(t, s, backward[len(backward)-1-i])
			require.NotEqual(t, -1, Find(lp, First(lp), []byte(s), 0))
		}
		requireChecks(t, lp, forward)
		require.True(t, Valid(Append(bytes.Clone(lp), []byte("x"))))
		require.True(t, Valid(Merge(bytes.Clone(lp), lp)))
		if len(forward) > 0 {
			require.True(t, Valid(Delete(bytes.Clone(lp), Last(lp))))
		}
	})
}

// requireChecks compares what Within and HasTwins say with what the elements are.
func requireChecks(t *testing.T, lp []byte, elements []string) {
	longest := 0
	for _, s := range elements {
		longest = max(longest, len(s))
	}
	require.True(t, Within(lp, longest))
	require.False(t, longest > 0 && Within(lp, longest-1))
	for step := 1; step <= 3; step++ {
		seen, twins := map[string]bool{}, false
		for i := 0; i < len(elements); i += step {
			twins = twins || seen[elements[i]]
			seen[elements[i]] = true
		}
		require.Equal(t, twins, HasTwins(lp, step), "%x, every %d", lp, step)
	}
}

func TestChecks(t *testing.T) {
	requireChecks(t, New(), nil)
	foreign := append(listOf("5"), 0x81, '5', 2, 0xFF) // an integer that was left as a string
	foreign = append([]byte{byte(len(foreign) - 1), 0, 0, 0, 2, 0}, append(foreign[6:8:8], foreign[9:]...)...)
	require.True(t, Valid(foreign))
	requireChecks(t, foreign, []string{"5", "5"})
	var many []string
	for i := range 1000 {
		many = append(many, fmt.Sprintf("a field of number %d", i), strconv.Itoa(i*i))
	}
	requireChecks(t, listOf(many...), many)
	many = append(many, many[500], many[501], many[1])
	requireChecks(t, listOf(many...), many)
}

func BenchmarkFindField(b *testing.B) {
	lp := New()
	for i := range 64 {
		lp = Append(lp, fmt.Appendf(nil, "field:%d", i))
		lp = AppendInt(lp, int64(i)*1000)
	}
	field := []byte("field:63")
	for b.Loop() {
		Find(lp, First(lp), field, 1)
	}
}

func BenchmarkAppendDeleteInt(b *testing.B) {
	lp := make([]byte, 0, 1024)
	lp = append(lp, listOf("a", "b", "c", "d")...)
	for b.Loop() {
		lp = AppendInt(lp, 123456)
		lp = Delete(lp, Last(lp))
	}
}

func TestShortReadsShortStringsOnly(t *testing.T) {
	lp := New()
	elements := []string{"", "a", "12", strings.Repeat("x", 63), strings.Repeat("x", 64), "-5000", strings.Repeat("y", 5000), "end"}
	for _, element := range elements {
		lp = Append(lp, []byte(element))
	}
	pos := First(lp)
	for i, element := range elements {
		s, behind := Short(lp, pos)
		if _, err := strconv.Atoi(element); err == nil || len(element) > 63 {
			assert.Zero(t, behind, element)
		} else {
			assert.Equal(t, element, string(s))
			assert.Equal(t, i == len(elements)-1, AtEnd(lp, behind))
		}
		pos = Next(lp, pos)
	}
}
