package rdb

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/crc64"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCRC64(t *testing.T) {
	assert.Equal(t, uint64(0xe9c6d914c4b8d9ca), CRC64(0, []byte("123456789")))
	assert.Zero(t, CRC64(0, nil))
	// The standard library's sums begin and end inverted.
	table := crc64.MakeTable(jones)
	text := bytes.Repeat([]byte("This is a test of the emergency broadcast system.\x00\xff"), 3)
	for size := range text {
		want := ^crc64.Update(^uint64(0), table, text[:size])
		assert.Equal(t, want, CRC64(0, text[:size]))
		assert.Equal(t, want, CRC64(CRC64(0, text[:size/3]), text[size/3:size]), "in two parts")
	}
}

// The spellings below were read from what redis-server 7.0.15 wrote.
func TestStrings(t *testing.T) {
	cases := []struct{ text, spelling string }{
		{"", "\x00"},
		{"hello", "\x05hello"},
		{"0", "\xc0\x00"},
		{"-128", "\xc0\x80"},
		{"128", "\xc1\x80\x00"},
		{"32767", "\xc1\xff\x7f"},
		{"-32769", "\xc2\xff\x7f\xff\xff"},
		{"-2147483648", "\xc2\x00\x00\x00\x80"},
		{"2147483647", "\xc2\xff\xff\xff\x7f"},
		{"2147483648", "\x0a2147483648"},
		{"-2147483649", "\x0b-2147483649"},
		{"007", "\x03007"},
		{"-0", "\x02-0"},
		{"-", "\x01-"},
		{"+1", "\x02+1"},
		{"1.", "\x021."},
		{strings.Repeat("x", 63), "\x3f" + strings.Repeat("x", 63)},
		{strings.Repeat("x", 64), "\x40\x40" + strings.Repeat("x", 64)},
		{strings.Repeat("x", 16383), "\x7f\xff" + strings.Repeat("x", 16383)},
		{strings.Repeat("x", 16384), "\x80\x00\x00\x40\x00" + strings.Repeat("x", 16384)},
	}
	for _, c := range cases {
		spelling := AppendString(nil, []byte(c.text), false)
		assert.Equal(t, c.spelling, string(spelling), "%.20q", c.text)
		text, err := NewReader(spelling).String()
		require.NoError(t, err)
		assert.Equal(t, c.text, string(text))
	}
}

func TestIntStrings(t *testing.T) {
	for _, n := range []int64{0, 1, -1, 127, 128, -129, 1 << 20, 1 << 31, math.MaxInt64, math.MinInt64} {
		spelling := AppendIntString(nil, n)
		assert.Equal(t, AppendString(nil, fmt.Append(nil, n), true), spelling)
		text, err := NewReader(spelling).String()
		require.NoError(t, err)
		assert.Equal(t, fmt.Sprint(n), string(text))
	}
}

func TestLengths(t *testing.T) {
	cases := []struct {
		n    uint64
		size int
	}{
		{0, 1}, {63, 1}, {64, 2}, {16383, 2}, {16384, 5}, {math.MaxUint32, 5},
		{math.MaxUint32 + 1, 9}, {math.MaxUint64, 9},
	}
	for _, c := range cases {
		spelling := AppendLen(nil, c.n)
		assert.Len(t, spelling, c.size)
		n, err := NewReader(spelling).Len()
		require.NoError(t, err)
		assert.Equal(t, c.n, n)
		for cut := range spelling {
			_, err := NewReader(spelling[:cut]).Len()
			assert.Error(t, err)
		}
	}
}

func TestDoubles(t *testing.T) {
	for text, x := range map[string]float64{
		"\x01" + "3": 3, "\x04" + "0.25": 0.25, "\x07" + "1000000": 1e6, "\x13" + "0.10000000000000001": 0.1,
		"\x02" + "-0": math.Copysign(0, -1), "\xfe": math.Inf(1), "\xff": math.Inf(-1),
	} {
		assert.Equal(t, text, string(AppendDouble(nil, x)))
	}
	for _, x := range []float64{0, 0.1, 1e300, -2.5, 1 << 52, 5e-324, math.MaxFloat64, math.Inf(-1)} {
		got, err := NewReader(AppendDouble(nil, x)).Double()
		require.NoError(t, err)
		assert.Equal(t, x, got)
		got, err = NewReader(AppendBinaryDouble(nil, x)).BinaryDouble()
		require.NoError(t, err)
		assert.Equal(t, x, got)
	}
	got, err := NewReader(AppendDouble(nil, math.NaN())).Double()
	require.NoError(t, err)
	assert.True(t, math.IsNaN(got))
	_, err = NewReader([]byte("\x031.x")).Double()
	assert.Error(t, err)
}

func TestCompression(t *testing.T) {
	fox := "the quick brown fox, the quick brown dog, the quick brown cat"
	for _, text := range []string{
		fox, strings.Repeat("a", 21), strings.Repeat("a", 264), strings.Repeat("ab", 5000),
		strings.Repeat(fox+"!", 400), strings.Repeat(strings.Repeat("\x00", 300)+"x", 40),
	} {
		spelling := AppendString([]byte("before"), []byte(text), true)
		assert.Equal(t, byte(lengthEncoded|encodingLZF), spelling[6], "%.20q", text)
		assert.Less(t, len(spelling)-6, len(text))
		got, err := NewReader(spelling[6:]).String()
		require.NoError(t, err)
		assert.Equal(t, text, string(got))
	}
	for _, text := range []string{strings.Repeat("a", 20), "abcdefghijklmnopqrstuvwxyz"} {
		spelling := AppendString(nil, []byte(text), true)
		assert.Equal(t, byte(len(text)), spelling[0], "not worth it")
	}
}

// What the reference compressed: matches that overlap what they produce, and such that do not.
func TestReferenceCompression(t *testing.T) {
	cases := []struct{ spelling, text string }{
		{"\xc3\x09\x40\x40\x01aa\xe0\x33\x00\x01aa", strings.Repeat("a", 64)},
		{"\xc3\x25\x3d\x15the quick brown fox, t\xe0\x06\x14\x02dog\xe0\x09\x14\x02cat",
			"the quick brown fox, the quick brown dog, the quick brown cat"},
	}
	for _, c := range cases {
		text, err := NewReader([]byte(c.spelling)).String()
		require.NoError(t, err)
		assert.Equal(t, c.text, string(text))
	}
}

func TestDump(t *testing.T) {
	// DUMP of a key whose value is "v".
	payload := AppendDumpFooter([]byte("junk\x00\x01v"), 4)[4:]
	body, ok := CheckDump(payload)
	assert.True(t, ok)
	assert.Equal(t, "\x00\x01v", string(body))
	for version, want := range map[uint64]bool{0: false, 1: true, 14: true, 15: false, 79: false, 80: true, 82: false} {
		other := appendLittle(bytes.Clone(payload[:len(payload)-dumpFooter]), version, 2)
		_, ok = CheckDump(appendLittle(other, CRC64(0, other), 8))
		assert.Equal(t, want, ok, "version %d", version)
	}
	for i := range payload {
		broken := bytes.Clone(payload)
		broken[i] ^= 1
		_, ok = CheckDump(broken)
		assert.False(t, ok, "byte %d changed", i)
		_, ok = CheckDump(payload[:i])
		assert.False(t, ok, "cut at %d", i)
	}
}

func TestCheckType(t *testing.T) {
	for kind := range 256 {
		loads := kind <= 5 || kind >= 9 && kind <= 27 && kind != 23
		assert.Equal(t, loads, CheckType(byte(kind)) == "", "type %d", kind)
	}
}

// fixture returns a file that redis-server 7.0.15 wrote.
func fixture(t testing.TB, name string) []byte {
	text, err := os.ReadFile("testdata/" + name + ".rdb.base64")
	require.NoError(t, err)
	file, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(string(text), "\n", ""))
	require.NoError(t, err)
	return file
}

// pieces returns a refill that hands out size bytes at a time, in a buffer that it overwrites.
func pieces(file []byte, size int) func() ([]byte, error) {
	buffer := make([]byte, size)
	return func() ([]byte, error) {
		for i := range buffer {
			buffer[i] = 0xee
		}
		n := copy(buffer, file)
		file = file[n:]
		return buffer[:n], nil
	}
}

// walk lists what a file holds, one thing per line, without the auxiliary fields that change.
func walk(r *Reader) (lines []string, err error) {
	version, err := r.Header()
	for err == nil {
		var code byte
		if code, err = r.Byte(); err != nil {
			break
		}
		if code == OpcodeEOF {
			return lines, r.CheckEnd(version)
		}
		var line string
		if line, err = walkOne(r, code); line != "" {
			lines = append(lines, line)
		}
	}
	return lines, err
}

func walkOne(r *Reader, code byte) (line string, err error) {
	var a, b uint64
	switch code {
	case OpcodeAux:
		name, _ := r.String()
		kept := string(name)
		value, err := r.String()
		if kept != "redis-ver" {
			return "", err
		}
		return kept + " " + string(value), err
	case OpcodeSelectDB, OpcodeIdle:
		a, err = r.Len()
		return fmt.Sprint("opcode ", code, " ", a), err
	case OpcodeResizeDB:
		a, _ = r.Len()
		b, err = r.Len()
		return fmt.Sprint("keys ", a, " expiring ", b), err
	case OpcodeExpireMillis:
		millis, err := r.Millis()
		return fmt.Sprint("expires ", millis), err
	case OpcodeFreq:
		counter, err := r.Byte()
		return fmt.Sprint("freq ", counter), err
	case OpcodeFunction2:
		text, err := r.String()
		return fmt.Sprintf("library %.20q", text), err
	}
	key, err := r.String()
	if err != nil {
		return "", err
	}
	line = fmt.Sprintf("%d %s", code, key)
	value, err := walkValue(r, code)
	return line + " " + value, err
}

func walkValue(r *Reader, kind byte) (value string, err error) {
	strings := 1
	switch kind {
	case TypeSet, TypeHash, TypeZset2:
		n, err := r.Len()
		if err != nil || n > 100 {
			return "", err
		}
		strings = int(n)
		if kind == TypeHash {
			strings *= 2
		}
	case TypeListQuicklist2:
		n, _ := r.Len()
		container, err := r.Len()
		if err != nil || n != 1 || container != QuicklistPacked {
			return "", err
		}
	case TypeString, TypeSetIntset, TypeHashListpack, TypeZsetListpack:
	default:
		return "", r.Fail("type unknown to the test")
	}
	for range strings {
		text, err := r.String()
		if err != nil {
			return "", err
		}
		value += fmt.Sprintf("%q", text)
		if kind == TypeZset2 {
			score, err := r.BinaryDouble()
			if err != nil {
				return "", err
			}
			value += fmt.Sprint("=", score, " ")
		}
	}
	return value, nil
}

var fixtures = map[string][]string{
	"small": {
		"redis-ver 7.0.15", "opcode 254 0", "keys 15 expiring 1",
		`2 set "b""a"`, `0 int8 "-128"`, `0 int16 "32767"`,
		`0 lzf "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"`,
		`0 abc "the quick brown fox, the quick brown dog, the quick brown cat"`,
		`0 str "hello"`, `0 zero "0"`,
		`11 ints "\x02\x00\x00\x00\x03\x00\x00\x00\x01\x00\x02\x00,\x01"`,
		"expires 4102444800123", `0 ttl "v"`, `0 int64 "2147483648"`,
		`17 zset "\x1d\x00\x00\x00\x06\x00\x81b\x02\x84-inf\x05\x81a\x02\x831.5\x04\x81c\x02\x03\x01\xff"`,
		`0 padded "007"`,
		`18 list "\x0f\x00\x00\x00\x03\x00\x81a\x02\x81b\x02\x03\x01\xff"`,
		`16 hash "\x12\x00\x00\x00\x04\x00\x81f\x02\x81v\x02\x81n\x02\f\x01\xff"`,
		`0 int32 "-2147483648"`, "opcode 254 3", "keys 1 expiring 0", `0 other "db"`,
	},
	"lru": {"redis-ver 7.0.15", "opcode 254 0", "keys 1 expiring 0", "opcode 248 2", `0 k "v"`},
}

func TestFixtures(t *testing.T) {
	for name, want := range fixtures {
		file := fixture(t, name)
		lines, err := walk(NewReader(file))
		require.NoError(t, err, name)
		assert.Equal(t, want, lines, name)
		for size := 1; size <= len(file)+1; size++ {
			r := NewStreamReader(pieces(file, size))
			lines, err := walk(r)
			require.NoError(t, err, "%s in pieces of %d", name, size)
			require.Equal(t, want, lines, "%s in pieces of %d", name, size)
			require.Equal(t, int64(len(file)), r.Offset())
		}
	}
}

func TestLFUFixture(t *testing.T) {
	file := fixture(t, "lfu")
	r := NewReader(file)
	lines, err := walk(r)
	assert.ErrorContains(t, err, "type unknown to the test", "the stream, which the test does not know")
	assert.Equal(t, []string{"redis-ver 7.0.15", `library "#!lua name=l\nredis.r"`, "opcode 254 0",
		"keys 4 expiring 0", "freq 6"}, lines[:5])
	tail := append([]byte("REDIS0010"), file[0xf1:len(file)-8]...)
	tail = append(tail, make([]byte, 8)...) // a checksum of 0 is none
	lines, err = walk(NewReader(tail))
	require.NoError(t, err)
	assert.Equal(t, []string{"freq 5", `0 long "` + strings.Repeat("x", 70) + `"`, "freq 5", `4 h "f""v"`,
		"freq 5", `5 z "b"=+Inf "a"=0.1 "c"=-3 `}, lines)
}

func TestDamagedFiles(t *testing.T) {
	file := fixture(t, "small")
	for i := range file {
		broken := bytes.Clone(file)
		broken[i] ^= 0x10
		_, err := walk(NewReader(broken))
		require.Error(t, err, "byte %d changed", i)
		_, err = walk(NewReader(file[:i]))
		require.Error(t, err, "cut at %d", i)
		_, err = walk(NewStreamReader(pieces(file[:i], 7)))
		require.Error(t, err, "cut at %d", i)
	}
}

func TestErrorsSayWhere(t *testing.T) {
	_, err := NewReader([]byte("\xc3\x01\x05\x1f")).String()
	assert.EqualError(t, err, "rdb: broken compressed string at byte 4")
	_, err = NewReader([]byte("REDIS0099")).Header()
	assert.EqualError(t, err, "rdb: version 99 cannot be read at byte 9")
	_, err = NewReader([]byte("VALKEY079")).Header()
	assert.EqualError(t, err, "rdb: version 79 cannot be read at byte 9")
	version, err := NewReader([]byte("VALKEY080")).Header()
	assert.NoError(t, err)
	assert.Equal(t, 80, version)
	_, err = NewReader([]byte("DISKEY080")).Header()
	assert.EqualError(t, err, "rdb: wrong signature at byte 9")
	_, err = NewReader([]byte("\x05abc")).String()
	assert.EqualError(t, err, "rdb: unexpected end at byte 1")
}

func TestSourceErrorsPass(t *testing.T) {
	failure := errors.New("disk gone")
	_, err := NewStreamReader(func() ([]byte, error) { return nil, failure }).Byte()
	assert.Equal(t, failure, err)
}

// Lengths that lie must cost an error, not memory.
func TestClaimedLengths(t *testing.T) {
	for _, claim := range []string{
		"\x81\xff\xff\xff\xff\xff\xff\xff\xff", "\x80\xff\xff\xff\xff", "\x81\x7f\xff\xff\xff\xff\xff\xff\xff",
		"\xc3\x01\x80\xff\xff\xff\xff\x00", "\xc3\x81\xff\xff\xff\xff\xff\xff\xff\xff\x01",
	} {
		for _, r := range []*Reader{NewReader([]byte(claim)), NewStreamReader(pieces([]byte(claim), 3))} {
			_, err := r.String()
			assert.Error(t, err, "%x", claim)
			assert.Less(t, cap(r.joined), 100)
		}
	}
}

func TestWholeFile(t *testing.T) {
	file := AppendHeader(nil)
	assert.Equal(t, "REDIS0010", string(file))
	file = AppendAux(file, "redis-ver", "7.0.15")
	file = AppendSelectDB(file, 2)
	file = AppendResizeDB(file, 3, 1)
	file = AppendExpire(file, 4102444800123)
	file = AppendString(append(file, TypeString), []byte("k"), true)
	file = AppendIntString(file, 1000)
	// A snapshot leaves in parts: the sum of what is gone is carried along.
	first := len(file)
	crc := CRC64(0, file)
	file = AppendIdle(file, 100)
	file = AppendString(append(file, TypeString), []byte("k2"), true)
	file = AppendString(file, []byte("v"), true)
	file = AppendFreq(file, 9)
	file = AppendString(append(file, TypeString), []byte("k3"), true)
	file = AppendString(file, nil, true)
	file = AppendEOF(file, first, crc)
	lines, err := walk(NewReader(file))
	require.NoError(t, err)
	assert.Equal(t, []string{"redis-ver 7.0.15", "opcode 254 2", "keys 3 expiring 1", "expires 4102444800123",
		`0 k "1000"`, "opcode 248 100", `0 k2 "v"`, "freq 9", `0 k3 ""`}, lines)
}

func TestSeconds(t *testing.T) {
	seconds, err := NewReader([]byte{0, 0, 0, 0x70}).Seconds()
	require.NoError(t, err)
	assert.Equal(t, int64(0x70000000), seconds)
}

func TestSkipModule(t *testing.T) {
	data := []byte("\x81\x01\x02\x03\x04\x05\x06\x07\x08" + // id
		"\x02\x05" + "\x01\x07" + "\x03abcd" + "\x04abcdefgh" + "\x05\x02hi" + "\x00" + "rest")
	r := NewReader(data)
	require.NoError(t, r.SkipModule())
	assert.Equal(t, int64(len(data)-4), r.Offset())
	assert.Error(t, NewReader([]byte("\x01\x09")).SkipModule())
	for cut := range len(data) - 4 {
		assert.Error(t, NewReader(data[:cut]).SkipModule())
	}
}

func FuzzReader(f *testing.F) {
	for _, name := range []string{"small", "lfu", "lru"} {
		f.Add(fixture(f, name), 5)
	}
	f.Add([]byte("REDIS0004\x00\x01k\x01v\xff"), 1)
	f.Fuzz(func(t *testing.T, file []byte, size int) {
		whole, err := walk(NewReader(file))
		streamed, streamErr := walk(NewStreamReader(pieces(file, 1+int(uint(size)%64))))
		require.Equal(t, whole, streamed)
		require.Equal(t, err == nil, streamErr == nil)
	})
}

func FuzzString(f *testing.F) {
	f.Add([]byte("the quick brown fox, the quick brown dog"))
	f.Add([]byte("-2147483648"))
	f.Add(bytes.Repeat([]byte("ab"), 1000))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, compress := range []bool{false, true} {
			spelling := AppendString(nil, text, compress)
			require.LessOrEqual(t, len(spelling), len(text)+9)
			r := NewReader(spelling)
			got, err := r.String()
			require.NoError(t, err)
			require.True(t, bytes.Equal(text, got))
			require.Equal(t, int64(len(spelling)), r.Offset())
		}
	})
}

func FuzzExpandLZF(f *testing.F) {
	f.Add([]byte("\x01aa\xe0\x33\x00\x01aa"), uint64(64))
	f.Add([]byte("\x00a\x20\x01"), uint64(4))
	f.Fuzz(func(t *testing.T, src []byte, size uint64) {
		text, ok := expandLZF(nil, src, size)
		if ok {
			require.Equal(t, size, uint64(len(text)))
		}
	})
}

func BenchmarkCRC64(b *testing.B) {
	p := make([]byte, 1<<16)
	b.SetBytes(int64(len(p)))
	for b.Loop() {
		CRC64(0, p)
	}
}

func BenchmarkCompress(b *testing.B) {
	for _, size := range []int{60, 4000, 100_000} {
		text := bytes.Repeat([]byte(`{"id":1234,"name":"somebody","tags":["a","b"]},`), size/47+1)[:size]
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			var dst []byte
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				dst = AppendString(dst[:0], text, true)
			}
		})
	}
}
