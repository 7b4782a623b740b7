package resp

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var replyCases = []struct {
	stream string
	value  Value
}{
	{"+OK\r\n", Value{Kind: '+', Str: []byte("OK")}},
	{"+\r\n", Value{Kind: '+', Str: []byte{}}},
	{"-ERR no\r\n", Value{Kind: '-', Str: []byte("ERR no")}},
	{":-42\r\n", Value{Kind: ':', Int: -42}},
	{":9223372036854775807\r\n", Value{Kind: ':', Int: 1<<63 - 1}},
	{"$3\r\na\r\n\r\n", Value{Kind: '$', Str: []byte("a\r\n")}},
	{"$0\r\n\r\n", Value{Kind: '$', Str: []byte{}}},
	{"$-1\r\n", Value{Kind: '$', Null: true}},
	{"*-1\r\n", Value{Kind: '*', Null: true}},
	{"_\r\n", Value{Kind: '_', Null: true}},
	{"#t\r\n", Value{Kind: '#', Int: 1}},
	{"#f\r\n", Value{Kind: '#'}},
	{",1.5\r\n", Value{Kind: ',', Str: []byte("1.5")}},
	{"(123\r\n", Value{Kind: '(', Str: []byte("123")}},
	{"=6\r\ntxt:hi\r\n", Value{Kind: '=', Str: []byte("txt:hi")}},
	{"!3\r\nERR\r\n", Value{Kind: '!', Str: []byte("ERR")}},
	{"*0\r\n", Value{Kind: '*', Elems: []Value{}}},
	{"*2\r\n:1\r\n*1\r\n$-1\r\n", Value{Kind: '*', Elems: []Value{
		{Kind: ':', Int: 1}, {Kind: '*', Elems: []Value{{Kind: '$', Null: true}}}}}},
	{"%1\r\n+a\r\n:1\r\n", Value{Kind: '%', Elems: []Value{{Kind: '+', Str: []byte("a")}, {Kind: ':', Int: 1}}}},
	{"~1\r\n_\r\n", Value{Kind: '~', Elems: []Value{{Kind: '_', Null: true}}}},
	{">1\r\n:7\r\n", Value{Kind: '>', Elems: []Value{{Kind: ':', Int: 7}}}},
	{"|1\r\n+ttl\r\n:5\r\n:1\r\n", Value{Kind: ':', Int: 1,
		Attrs: []Value{{Kind: '+', Str: []byte("ttl")}, {Kind: ':', Int: 5}}}},
}

func TestReplies(t *testing.T) {
	for _, c := range replyCases {
		for cut := range len(c.stream) {
			_, n, err := ReadValue([]byte(c.stream[:cut]))
			require.NoError(t, err, "%q", c.stream[:cut])
			require.Zero(t, n)
			require.Zero(t, SkipValue([]byte(c.stream[:cut])), "%q", c.stream[:cut])
		}
		for _, junk := range []string{"", "+OK\r\n", "\x00"} {
			v, n, err := ReadValue([]byte(c.stream + junk))
			require.NoError(t, err, "%q", c.stream)
			assert.Equal(t, len(c.stream), n, "%q", c.stream)
			assert.Equal(t, c.value, v, "%q", c.stream)
			assert.Equal(t, n, SkipValue([]byte(c.stream+junk)), "%q", c.stream)
		}
	}
}

func TestMalformedReplies(t *testing.T) {
	cases := []struct {
		stream string
		err    error
	}{
		{"PONG\r\n", ErrReplyKind},
		{"+OK\n", ErrReplyText},
		{"+\n", ErrReplyText},
		{":1x\r\n", ErrReplyText},
		{"#x\r\n", ErrReplyText},
		{"_x\r\n", ErrReplyText},
		{"$2\r\nabc\r\n", ErrReplyText},
		{"$-2\r\n", ErrReplyLength},
		{"%-1\r\n", ErrReplyLength},
		{"*99999999999999\r\n", ErrReplyLength},
		{"*1\r\n?\r\n", ErrReplyKind},
	}
	for _, c := range cases {
		_, n, err := ReadValue([]byte(c.stream))
		assert.Equal(t, c.err, err, "%q", c.stream)
		assert.Zero(t, n)
		assert.Equal(t, -1, SkipValue([]byte(c.stream)), "%q", c.stream)
	}
}

func TestDeepReplies(t *testing.T) {
	deep := []byte(strings.Repeat("*1\r\n", 100_000) + ":1\r\n")
	_, _, err := ReadValue(deep)
	assert.Equal(t, ErrReplyDepth, err)
	assert.Equal(t, len(deep), SkipValue(deep))
	assert.Zero(t, testing.AllocsPerRun(1, func() { SkipValue(deep) }))
}

func TestEncoders(t *testing.T) {
	cases := []struct {
		got  []byte
		want string
	}{
		{AppendSimple(nil, "OK"), "+OK\r\n"},
		{AppendSimple(nil, "a\r\nb"), "+a  b\r\n"},
		{AppendError([]byte("x"), "ERR bad '\n'"), "x-ERR bad ' '\r\n"},
		{AppendInt(nil, -1), ":-1\r\n"},
		{AppendInt(nil, 9), ":9\r\n"},
		{AppendInt(nil, -1<<63), ":-9223372036854775808\r\n"},
		{AppendBulk(nil, nil), "$0\r\n\r\n"},
		{AppendBulk(nil, []byte("a\r\n")), "$3\r\na\r\n\r\n"},
		{AppendBulkString(nil, "hello, world"), "$12\r\nhello, world\r\n"},
		{AppendNullBulk(nil), "$-1\r\n"},
		{AppendNullArray(nil), "*-1\r\n"},
		{AppendNull3(nil), "_\r\n"},
		{AppendArray(nil, 12), "*12\r\n"},
		{AppendMap(nil, 1), "%1\r\n"},
		{AppendSet(nil, 0), "~0\r\n"},
		{AppendPush(nil, 3), ">3\r\n"},
		{AppendAttribute(nil, 1), "|1\r\n"},
		{AppendDouble3(nil, []byte("inf")), ",inf\r\n"},
		{AppendBool3(nil, true), "#t\r\n"},
		{AppendBool3(nil, false), "#f\r\n"},
		{AppendBigNumber(nil, []byte("-12345678901234567890")), "(-12345678901234567890\r\n"},
		{AppendVerbatim(nil, "txt", []byte("hi")), "=6\r\ntxt:hi\r\n"},
		{AppendCommand(nil, []byte("GET"), nil), "*2\r\n$3\r\nGET\r\n$0\r\n\r\n"},
	}
	for _, c := range cases {
		assert.Equal(t, c.want, string(c.got))
	}
}

func FuzzReadValue(f *testing.F) {
	for _, c := range replyCases {
		f.Add([]byte(c.stream))
	}
	f.Add([]byte("*3\r\n|1\r\n+a\r\n|1\r\n+b\r\n+c\r\n+d\r\n:1\r\n$3\r\nab"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		v, n, err := ReadValue(stream)
		skipped := SkipValue(stream)
		switch {
		case err == ErrReplyDepth:
		case err != nil:
			require.Equal(t, -1, skipped)
		default:
			require.Equal(t, n, skipped)
		}
		if n == 0 {
			return
		}
		for cut := range min(n, 200) {
			require.Zero(t, SkipValue(stream[:cut]))
		}
		again, size, err := ReadValue(stream[:n])
		require.NoError(t, err)
		require.Equal(t, n, size)
		require.Equal(t, fmt.Sprint(v), fmt.Sprint(again))
	})
}
