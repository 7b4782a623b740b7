package glob

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// matches is a pattern with strings redis-server 7.0.15 matches with it and strings it does not.
type matches struct {
	pattern string
	yes, no []string
}

func check(t *testing.T, tests []matches, nocase bool) {
	for _, test := range tests {
		for _, s := range test.yes {
			assert.True(t, Match([]byte(test.pattern), []byte(s), nocase), "%q %q", test.pattern, s)
		}
		for _, s := range test.no {
			assert.False(t, Match([]byte(test.pattern), []byte(s), nocase), "%q %q", test.pattern, s)
		}
	}
}

// The answers are those of KEYS.
func TestMatchIsRedisMatch(t *testing.T) {
	check(t, []matches{
		{"", []string{""}, []string{"b[*]", "^\xff-"}},
		{"**", []string{"]c]a", "\\^"}, []string{""}},
		{"[", nil, []string{"a^^ca[", "\\^[]aa"}},
		{"[^", []string{"^", "\\"}, []string{"**?a", "-aa-"}},
		{"[]", nil, []string{"^b?]\x00", "a-"}},
		{"[^]", []string{"^", "]"}, []string{"b^]-A", "^]a]"}},
		{"[a", []string{"a"}, []string{"[[a^a?", "*[^?"}},
		{"[a-", []string{"a"}, []string{"[[", "c]"}},
		{"[a-]", []string{"]", "^"}, []string{"^\\", "-aa-"}},
		{"[c-a]", []string{"b", "a"}, []string{"]^Aa\x00", "bb]aAa"}},
		{"[a-\xff]", []string{"?", "\\"}, []string{"-a]", "bc"}},
		{"\\", []string{"\\"}, []string{"-A", "^b\x80[b"}},
		{"[\\", []string{"\\"}, []string{"-]", "cb^"}},
		{"[\\]", []string{"]"}, []string{"^-]ba", "^\xff-"}},
		{"[\\]]", []string{"]"}, []string{"[", "\\b-\x00\x80"}},
		{"a*b*", []string{"a-?b", "ab"}, []string{"]abb*", "[c\xffa"}},
		{"*]", []string{"]]", "-]"}, []string{"^\xff-", "c-b"}},
		{"[^a]*", []string{"bb", "c^c\xff-"}, []string{"a\x00aa", "a-"}},
		{"*[", nil, []string{"?\x80-", "bb"}},
		{"*[^", []string{"-]", "\xff]"}, []string{""}},
		{"***a", []string{"[a^a", "??aca"}, []string{"c-", "^c["}},
		{"?", []string{"b", "a"}, []string{"bb]aAa", "b-"}},
		{"??*", []string{"\\^", "b-"}, []string{"\\", "]"}},
		{"[ba**^^", []string{"a", "b"}, []string{"b^]-A", "\\"}},
		{"[[", []string{"["}, []string{"-aa-", "b^]-A"}},
		{"[^\\a^?*", []string{"\x80", "b"}, []string{"b-", "[ab"}},
		{"*-^*[[", []string{"-^*c["}, []string{"ca][", "\\^[]aa"}},
		{"[?b", []string{"?", "b"}, []string{"^caa", "^b\x80[b"}},
		{"?^[\\", []string{"[^\\"}, []string{"]", "*[^?"}},
		{"?[\x80?\\ab", []string{"[a", "bb"}, []string{"\x00b^", "?\\??]"}},
		{"][\x80-bc", []string{"]b", "]]"}, []string{"\x00cba", "^"}},
		{"[^c", []string{"\x80", "\\"}, []string{"", "]^Aa\x00"}},
		{"[*^\x00?", []string{"^", "?"}, []string{"\x80^-[", "a-?b"}},
		{"^*?[ba", []string{"^-]ba", "^caa"}, []string{"]^]--", "-^*c["}},
		{"[-a*A*", []string{"a"}, []string{"ab", "-\x80[aA["}},
		{"[c", []string{"c"}, []string{"\\^[]aa", "cbc\x00["}},
		{"[A\x80\\*\x80[^", []string{"^", "["}, []string{"\x80[[b\x00", "\x80^-["}},
		{"[[b", []string{"[", "b"}, []string{"^ac", "[[a^a?"}},
		{"b[^b", []string{"bc", "b-"}, []string{"c[c", "-\x80[aA["}},
		{"[-\xff\x80a?]", []string{"?", "a"}, []string{"\x00b^", "]b"}},
		{"a??[c--", []string{"a-?b", "a\x00aa"}, []string{"bc-bcc", "\\^[]aa"}},
		{"a[b", []string{"ab"}, []string{"b[\\b", "\x00\\^"}},
		{"\xff[a^[\\-^", []string{"\xff-"}, []string{"]^acb\\", "c^]-"}},
		{"^[c**\xff-]", []string{"^\\"}, []string{"-a", "c**"}},
		{"[?*ac?\xff", []string{"c", "?"}, []string{"[ab", "]^]--"}},
	}, false)
}

// The answers are those of COMMAND LIST FILTERBY PATTERN.
func TestMatchWithoutCaseIsRedisMatch(t *testing.T) {
	check(t, []matches{
		{"[^s]E*", []string{"restore-asking", "persist"}, []string{"sinterstore", "sadd"}},
		{"[[\\g]*", []string{"georadius", "getbit"}, []string{"script", "strlen"}},
		{"?[\\g][^s]*", []string{"hgetall", "mget"}, []string{"auth", "zunion"}},
		{"?t[A-m]", []string{"ttl"}, []string{"zremrangebylex", "zdiffstore"}},
		{"[^s]A*", []string{"latency", "wait"}, []string{"sadd", "discard"}},
		{"[\\g]*", []string{"geosearch", "getex"}, []string{"restore-asking", "config"}},
		{"S?[^s]*", []string{"set", "sunionstore"}, []string{"mget", "incr"}},
		{"Sa[^s]*", []string{"sadd", "save"}, []string{"cluster", "pfselftest"}},
		{"Z[A-m]*", []string{"zlexcount", "zmpop"}, []string{"xreadgroup", "msetnx"}},
		{"[\\g]*", []string{"geodist", "georadiusbymember_ro"}, []string{"hstrlen", "latency"}},
		{"Z[^s]S*", []string{"zmscore"}, []string{"sunion", "hdel"}},
		{"SS[^s]*", []string{"ssubscribe", "sscan"}, []string{"swapdb", "georadius"}},
	}, true)
}

func TestManyStarsTakeLittleTime(t *testing.T) {
	pattern := []byte(strings.Repeat("a*", 5000) + "b")
	s := []byte(strings.Repeat("a", 20000))
	assert.False(t, Match(pattern, s, false))
	assert.True(t, Match(pattern, append(s, 'b'), false))
}

// reference is the plain recursion, with a star as "nothing, or one byte and the star again".
func reference(pattern, s []byte, nocase bool) bool {
	if len(pattern) == 0 || len(s) == 0 {
		return len(s) == 0 && strings.Trim(string(pattern), "*") == ""
	}
	if pattern[0] == '*' {
		return reference(pattern[1:], s, nocase) || reference(pattern, s[1:], nocase)
	}
	next, ok := matchItem(pattern, 0, s[0], nocase)
	return ok && reference(pattern[next:], s[1:], nocase)
}

func FuzzMatch(f *testing.F) {
	f.Add([]byte("a*b?[c-e]*"), []byte("axxbyd"), false)
	f.Add([]byte("*[^a]*\\*"), []byte("b*"), true)
	f.Add([]byte("[a-"), []byte("-"), false)
	f.Add([]byte("a*a*a*ab*"), []byte("aaaaaaaaab"), false)
	f.Fuzz(func(t *testing.T, pattern, s []byte, nocase bool) {
		got := Match(pattern, s, nocase)
		switch {
		case len(s) == 0:
			assert.Equal(t, len(pattern) == 0, got)
		case len(pattern) <= 12 && len(s) <= 12:
			assert.Equal(t, reference(pattern, s, nocase), got, "%q %q", pattern, s)
		}
	})
}
