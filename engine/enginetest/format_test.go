package enginetest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFormat(t *testing.T) {
	for wire, want := range map[string]string{
		"+OK\r\n":                              "OK",
		"-ERR no\r\n":                          "(error) ERR no",
		":7\r\n":                               "(integer) 7",
		",1.5\r\n":                             "(double) 1.5",
		"#t\r\n":                               "(true)",
		"_\r\n":                                "(nil)",
		"$-1\r\n":                              "(nil)",
		"*-1\r\n":                              "(nil)",
		"*0\r\n":                               "(empty array)",
		"%0\r\n":                               "(empty hash)",
		"$6\r\na\"\n\\\xe9 \r\n":               `"a\"\n\\\xe9 "`,
		"=8\r\ntxt:a\nbc\r\n":                  "a\nbc",
		"*2\r\n$1\r\na\r\n*2\r\n:1\r\n$-1\r\n": "1) \"a\"\n2) 1) (integer) 1\n   2) (nil)",
		"%1\r\n$1\r\na\r\n~2\r\n:1\r\n:2\r\n":  "1# \"a\" => 1~ (integer) 1\n   2~ (integer) 2",
		">3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n": "1) \"a\"\n2) \"b\"\n3) \"c\"",
	} {
		r, n, err := ParseReply([]byte(wire))
		require.NoError(t, err, wire)
		assert.Equal(t, len(wire), n, wire)
		assert.Equal(t, want, Format(r), wire)
	}
}

func TestFormatNumbersAreAligned(t *testing.T) {
	r := Reply{Kind: '*'}
	for range 10 {
		r.Items = append(r.Items, Reply{Kind: ':', Text: "1"})
	}
	assert.Regexp(t, `^ 1\) \(integer\) 1\n 2\)(?s:.*)\n10\) \(integer\) 1$`, Format(r))
}

func TestSplitReadsWhatQuoteWrites(t *testing.T) {
	args := []string{"SET", "", "two words", "a\"b'c\\", "\x00\xff\r\n\t\a\b", "plain"}
	back, err := Split(Quote(args))
	require.NoError(t, err)
	assert.Equal(t, args, back)
	single, err := Split(`'it\'s' x'y'`)
	require.NoError(t, err)
	assert.Equal(t, []string{"it's", "xy"}, single)
	_, err = Split(`"open`)
	assert.Error(t, err)
}

func TestParseReplyAnyPrefixIsShort(t *testing.T) {
	wire := []byte("*3\r\n$3\r\nabc\r\n%1\r\n+a\r\n:1\r\n=5\r\ntxt:x\r\n")
	for n := range len(wire) {
		_, _, err := ParseReply(wire[:n])
		assert.ErrorIs(t, err, ErrShort, "%q", wire[:n])
	}
}

func TestMatch(t *testing.T) {
	assert.True(t, Match("a...c", "abbc"))
	assert.True(t, Match("...", ""))
	assert.True(t, Match("a...b...c", "a1b2c"))
	assert.False(t, Match("a...c", "abb"))
	assert.False(t, Match("abc", "abd"))
	assert.False(t, Match("ab...b", "ab"))
}
