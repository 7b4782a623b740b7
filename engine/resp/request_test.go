package resp

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// outcome is what a stream of bytes led to: its requests, and the error or the rest that ended it.
type outcome struct {
	Requests [][]string
	Used     int
	Err      string
}

// feed gives the parser the stream in pieces that end at the cuts, in a buffer that moves each time.
func feed(stream []byte, limits *Limits, cuts ...int) (o outcome) {
	var p Parser
	var argv [][]byte
	for _, cut := range append(cuts, len(stream)) {
		for {
			buf := append([]byte(nil), stream[o.Used:cut]...)
			args, n, err := p.Next(buf, argv[:0], limits)
			argv = args
			if err != nil {
				o.Err = err.Error()
				return o
			}
			if n == 0 {
				break
			}
			o.Used += n
			if len(args) > 0 {
				o.Requests = append(o.Requests, texts(args))
			}
		}
	}
	return o
}

func texts(args [][]byte) (texts []string) {
	for _, arg := range args {
		texts = append(texts, string(arg))
	}
	return texts
}

func everyByte(size int) (cuts []int) {
	for i := range size {
		cuts = append(cuts, i)
	}
	return cuts
}

const ping = "*1\r\n$4\r\nPING\r\n"

// What the requests below lead to was asked of redis-server 7.0.15, except for NUL bytes in lines:
// there it waits for ever, and later versions act as here.
var requestCases = []struct {
	stream   string
	requests string // as %q prints them
	err      string
}{
	{"", `[]`, ""},
	{ping, `[["PING"]]`, ""},
	{ping + ping, `[["PING"] ["PING"]]`, ""},
	{"*2\r\n$3\r\nGET\r\n$0\r\n\r\n", `[["GET" ""]]`, ""},
	{"*2\r\n$4\r\na\r\nb\r\n$12\r\n*1\r\n$1\r\nx\r\n!\r\n", `[["a\r\nb" "*1\r\n$1\r\nx\r\n!"]]`, ""},
	{"*-1\r\n" + ping, `[["PING"]]`, ""},
	{"*0\r\n" + ping, `[["PING"]]`, ""},
	{"*-9223372036854775808\r\n" + ping, `[["PING"]]`, ""},
	{"*1\r\n$-1\r\n", `[]`, "Protocol error: invalid bulk length"},
	{"*abc\r\n", `[]`, "Protocol error: invalid multibulk length"},
	{"*\r\n", `[]`, "Protocol error: invalid multibulk length"},
	{"*01\r\n", `[]`, "Protocol error: invalid multibulk length"},
	{"*-0\r\n", `[]`, "Protocol error: invalid multibulk length"},
	{"*+1\r\n", `[]`, "Protocol error: invalid multibulk length"},
	{"*2147483647\r\n", `[]`, ""},
	{"*2147483648\r\n", `[]`, "Protocol error: invalid multibulk length"},
	{"*9223372036854775808\r\n", `[]`, "Protocol error: invalid multibulk length"},
	{"*99999999999999999999999\r\n", `[]`, "Protocol error: invalid multibulk length"},
	{"*1\r\n$536870912\r\n", `[]`, ""},
	{"*1\r\n$536870913\r\n", `[]`, "Protocol error: invalid bulk length"},
	{"*1\r\n$04\r\nPING\r\n", `[]`, "Protocol error: invalid bulk length"},
	{"*1\r\n$00\r\n\r\n", `[]`, "Protocol error: invalid bulk length"},
	{"*1\r\n$\r\n", `[]`, "Protocol error: invalid bulk length"},
	{"*1\r\n$4\x00\r\n", `[]`, "Protocol error: invalid bulk length"},
	{"*1\r\n!4\r\n", `[]`, "Protocol error: expected '$', got '!'"},
	{"*1\r\n!4\r", `[]`, ""},
	{"*1\r\n\r\n", `[]`, "Protocol error: expected '$', got ' '"},
	{"*1\r\n\n\r\n", `[]`, "Protocol error: expected '$', got ' '"},
	{"*1\r\n\xff\r\n", `[]`, "Protocol error: expected '$', got '\xff'"},
	{"*1\rX$4\rYPINGZZ" + ping, `[["PING"] ["PING"]]`, ""},
	{"*1\n$4\nPING\n*1\r\n", `[]`, "Protocol error: invalid multibulk length"},
	{"PING\n", `[["PING"]]`, ""},
	{"PING\r\n" + ping, `[["PING"] ["PING"]]`, ""},
	{"\r\n" + ping, `[["PING"]]`, ""},
	{"\n  \n" + ping, `[["PING"]]`, ""},
	{"\t\vPING\n", `[["PING"]]`, ""},
	{"PING\v\n", `[["PING\v"]]`, ""},
	{"PING\r\r\n", `[["PING"]]`, ""},
	{"ECHO a\rb\n", `[["ECHO" "a" "b"]]`, ""},
	{`ECHO "a\x41\n\q\xzz"` + "\n", `[["ECHO" "aA\nqxzz"]]`, ""},
	{`ECHO "\x4"` + "\n", `[["ECHO" "x4"]]`, ""},
	{`ECHO "\xfF\r\t\b\a\\\""` + "\n", `[["ECHO" "\xff\r\t\b\a\\\""]]`, ""},
	{`ECHO 'a\'\n"'` + "\n", `[["ECHO" "a'\\n\""]]`, ""},
	{`ECHO ""` + "\n", `[["ECHO" ""]]`, ""},
	{`ECHO a"b c"` + "\r\n", `[["ECHO" "ab c"]]`, ""},
	{`"PING" ` + "\n", `[["PING"]]`, ""},
	{"ECHO \"a\"\v\n", `[["ECHO" "a"]]`, ""},
	{`ECHO "abc` + "\n", `[]`, "Protocol error: unbalanced quotes in request"},
	{`ECHO 'abc` + "\n", `[]`, "Protocol error: unbalanced quotes in request"},
	{`ECHO "a"b` + "\n", `[]`, "Protocol error: unbalanced quotes in request"},
	{`ECHO a"b"'c'` + "\n", `[]`, "Protocol error: unbalanced quotes in request"},
	{`ECHO "\` + "\n", `[]`, "Protocol error: unbalanced quotes in request"},
	{"PING\x00NG\n" + ping, `[["PING"] ["PING"]]`, ""},
}

func TestRequests(t *testing.T) {
	for _, c := range requestCases {
		t.Run(fmt.Sprintf("%.40q", c.stream), func(t *testing.T) {
			stream := []byte(c.stream)
			whole := feed(stream, &DefaultLimits)
			assert.Equal(t, c.requests, fmt.Sprintf("%q", whole.Requests))
			assert.Equal(t, c.err, whole.Err)
			assert.Equal(t, whole, feed(stream, &DefaultLimits, everyByte(len(stream))...), "byte by byte")
			if c.err == "" && whole.Used == len(stream) {
				junk := feed([]byte(c.stream+"*1\r\n$5\r\nju"), &DefaultLimits)
				assert.Equal(t, whole, junk, "with a request begun behind it")
			}
		})
	}
}

func TestLineLimits(t *testing.T) {
	fill := func(n int) string { return strings.Repeat("1", n) }
	cases := []struct{ stream, err string }{
		{fill(65536), ""},
		{fill(65537), "Protocol error: too big inline request"},
		{fill(65536) + "\n", ""},
		{fill(65537) + "\n", "Protocol error: too big inline request"},
		{"*" + fill(65535), ""},
		{"*" + fill(65536), "Protocol error: too big mbulk count string"},
		{"*" + fill(65536) + "\r\n", "Protocol error: too big mbulk count string"},
		{"*1\r\n$" + fill(65535), ""},
		{"*1\r\n$" + fill(65536), "Protocol error: too big bulk count string"},
		{"*1\r\n" + fill(65537), "Protocol error: too big bulk count string"},
		{"*1\r\n" + fill(65536) + "\r\n", "Protocol error: expected '$', got '1'"},
	}
	for _, c := range cases {
		size := len(c.stream)
		whole := feed([]byte(c.stream), &DefaultLimits)
		assert.Equal(t, c.err, whole.Err)
		assert.Equal(t, whole, feed([]byte(c.stream), &DefaultLimits, 1, 7, size/2, size-3, size-2, size-1))
	}
}

func TestUnauthenticatedLimits(t *testing.T) {
	limits := DefaultLimits
	limits.Auth = true
	cases := []struct{ stream, err string }{
		{"*10\r\n", ""},
		{"*11\r\n", "Protocol error: unauthenticated multibulk length"},
		{"*1\r\n$16384\r\n", ""},
		{"*1\r\n$16385\r\n", "Protocol error: unauthenticated bulk length"},
		{"*2147483648\r\n", "Protocol error: invalid multibulk length"},
		{"*1\r\n$536870913\r\n", "Protocol error: invalid bulk length"},
	}
	for _, c := range cases {
		assert.Equal(t, c.err, feed([]byte(c.stream), &limits).Err, "%q", c.stream)
	}
}

func TestLimitsBeyondMemory(t *testing.T) {
	limits := Limits{Bulk: 1<<63 - 1, Multibulk: 1<<63 - 1, Inline: 100}
	assert.Equal(t, string(ErrBulkLength), feed([]byte("*1\r\n$9223372036854775807\r\n"), &limits).Err)
	assert.Equal(t, string(ErrMultibulkLength), feed([]byte("*9223372036854775807\r\n"), &limits).Err)
}

func TestWanted(t *testing.T) {
	var p Parser
	next := func(stream string, wanted int) {
		_, _, err := p.Next([]byte(stream), nil, &DefaultLimits)
		require.NoError(t, err)
		assert.Equal(t, wanted, p.Wanted(), "%q", stream)
	}
	next("*2\r\n", 0)
	next("*2\r\n$100", 0)
	next("*2\r\n$100000\r\n", 100002)
	next("*2\r\n$100000\r\nabc", 99999)
	next("*2\r\n$100000\r\n"+strings.Repeat("x", 100000)+"\r\n$1", 0)
	p.Reset()
	next(ping, 0)
}

func TestArgumentsDoNotOverlap(t *testing.T) {
	var p Parser
	buf := []byte("*2\r\n$1\r\na\r\n$1\r\nb\r\n")
	args, _, err := p.Next(buf, nil, &DefaultLimits)
	require.NoError(t, err)
	_ = append(args[0], "overwritten"...)
	assert.Equal(t, "b", string(args[1]))
}

// A request of many arguments in many pieces must cost one pass: each piece may look only at what is new.
func TestPiecesAreNotScannedAgain(t *testing.T) {
	const count = 50_000
	stream := fmt.Appendf(nil, "*%d\r\n", count)
	for range count {
		stream = append(stream, "$1\r\nx\r\n"...)
	}
	var p Parser
	argv := make([][]byte, 0, 8)
	allocated := testing.AllocsPerRun(1, func() {
		for end := 1; end < len(stream); end++ {
			_, n, err := p.Next(stream[:end], argv[:0], &DefaultLimits)
			if n != 0 || err != nil {
				panic("finished early")
			}
		}
	})
	assert.Less(t, allocated, 100.0, "only the list of lengths may grow")
	args, n, err := p.Next(stream, nil, &DefaultLimits)
	require.NoError(t, err)
	assert.Equal(t, len(stream), n)
	assert.Len(t, args, count)
}

func TestWholeRequestsAllocateNothing(t *testing.T) {
	var p Parser
	buf := []byte("*3\r\n$3\r\nSET\r\n$10\r\nkey:000001\r\n$5\r\nvalue\r\n")
	argv := make([][]byte, 0, 8)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		argv, _, _ = p.Next(buf, argv[:0], &DefaultLimits)
	}))
}

func FuzzParser(f *testing.F) {
	for _, c := range requestCases {
		f.Add([]byte(c.stream), 3, 9)
	}
	limits := Limits{Bulk: 64, Multibulk: 8, Inline: 32}
	f.Fuzz(func(t *testing.T, stream []byte, a, b int) {
		size := uint(len(stream)) + 1
		first, second := int(uint(a)%size), int(uint(b)%size)
		whole := feed(stream, &limits)
		require.Equal(t, whole, feed(stream, &limits, min(first, second), max(first, second)))
		require.Equal(t, whole, feed(stream, &limits, everyByte(len(stream))...))
		for _, request := range whole.Requests {
			var args [][]byte
			for _, text := range request {
				args = append(args, []byte(text))
			}
			again := feed(AppendCommand(nil, args...), &DefaultLimits)
			require.Equal(t, [][]string{request}, again.Requests)
		}
	})
}

func BenchmarkNext(b *testing.B) {
	one := "*3\r\n$3\r\nSET\r\n$10\r\nkey:000001\r\n$5\r\nvalue\r\n"
	buf := bytes.Repeat([]byte(one), 400)
	argv := make([][]byte, 0, 8)
	var p Parser
	b.SetBytes(int64(len(buf)))
	for b.Loop() {
		rest := buf
		for len(rest) > 0 {
			args, n, err := p.Next(rest, argv[:0], &DefaultLimits)
			if err != nil || len(args) != 3 {
				b.Fatal("not parsed")
			}
			argv, rest = args, rest[n:]
		}
	}
	b.ReportMetric(float64(b.N*400)/b.Elapsed().Seconds()/1e6, "Mreq/s")
}
