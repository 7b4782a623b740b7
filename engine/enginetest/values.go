package enginetest

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Values sit on the edges of what is allowed, and a few beyond; there are few of each, so that commands
// meet what others left behind.
var (
	integers = []string{"0", "1", "2", "3", "5", "10", "-1", "-2", "-5", "100", "9223372036854775807",
		"-9223372036854775808", "9223372036854775808", "4294967296", "01", "+1", " 1", "1.5", "abc", ""}
	smallIntegers = []string{"0", "1", "2", "3", "4", "7", "-1", "-2", "-3", "-100", "100"}
	doubles       = []string{"0", "1", "2", "-1", "1.5", "2.25", "-0.5", "1e3", "100", "3.0", "0.1", "1e-5",
		"1e17", "inf", "-inf", "+inf", "nan", "abc", "1e400", "0x10", "-0"}
	oddValues = []string{"", "a", "abc", "0", "-1", "nan", "\xff\x00", "*", "[a", "(1", "COUNT", "LIMIT", "NX", "~"}
	texts     = []string{"a", "b", "c", "foobar", "hello world", "", "10", "-7", "3.25", "9223372036854775807",
		"\xfe\x00\x01\xff", strings.Repeat("x", 44), strings.Repeat("y", 45), strings.Repeat("z", 70),
		"12345678901234567890"}
	members = []string{"a", "b", "c", "d", "e", "1", "2", "3", "-5", "1000000", "",
		strings.Repeat("m", 65), "\xff\x00"}
	patterns = []string{"*", "a*", "?", "[a-c]", "*:1", "k?y", "nothing", "[^a]*", "\\*", "s:*", "field:*",
		"#", "w_*->f"}
	scores = []string{"-inf", "+inf", "0", "1", "(1", "(2", "2.5", "3", "-1", "(inf", "5", "abc"}
	lexes  = []string{"-", "+", "[a", "(a", "[b", "(c", "[d", "a", "(", "["}
	ids    = []string{"1-1", "1-2", "2-0", "2-1", "3-0", "5-5", "10-0", "0-0", "0", "1", "2", "7", "100-1",
		"18446744073709551615-18446744073709551615", "abc", "5-"}
	ranges = []string{"-", "+", "1-1", "2", "(1-1", "(2-0", "5", "10-0", "0", "abc"}
)

// keysOf gives each family few keys of its own, so that commands meet values of their type.
var keysOf = map[string][]string{
	"string":      {"s:1", "s:2", "s:3"},
	"bitmap":      {"s:1", "s:2", "b:1"},
	"hyperloglog": {"p:1", "p:2", "s:3"},
	"list":        {"l:1", "l:2", "l:3"},
	"set":         {"t:1", "t:2", "t:3"},
	"hash":        {"h:1", "h:2", "h:3"},
	"sorted-set":  {"z:1", "z:2", "t:1"},
	"geo":         {"g:1", "g:2", "z:1"},
	"stream":      {"x:1", "x:2", "x:3"},
}

var allKeys = []string{"s:1", "s:2", "b:1", "p:1", "l:1", "l:2", "t:1", "t:2", "h:1", "h:2", "z:1", "z:2",
	"g:1", "x:1", "x:2", "none"}

// valuesOf says which values the arguments of the given names take.
var valuesOf = []struct {
	names  string
	values []string
}{
	{"increment decrement entries-added entries-read entriesread", integers},
	{"count start stop end index rank maxlen len threshold limit min-match-len", smallIntegers},
	{"value message string", texts},
	{"element member field pivot member1 member2", members},
	{"score weight", doubles},
	{"pattern", patterns},
	{"id last-id lastid max-deleted-id", ids},
	{"bit", []string{"0", "1", "1", "2", "abc"}},
	{"encoding", []string{"u8", "i8", "u4", "i5", "u16", "i32", "u63", "i64", "u1", "u64", "i65", "x8"}},
	{"offset", []string{"0", "1", "7", "8", "31", "64", "#0", "#1", "#2", "-1", "100", "abc"}},
	{"group", []string{"g1", "g2", "g3"}},
	{"consumer", []string{"alice", "bob"}},
	{"min-idle-time", []string{"0", "100000000", "abc"}},
	{"timeout", []string{"0", "100", "0.01e4", "-1", "abc"}},
	{"seconds", []string{"100", "1000", "5000", "0", "-1", "9223372036854775807", "abc", "10000000000"}},
	{"milliseconds", []string{"100000", "1000000", "0", "-1", "9223372036854775807", "abc"}},
	{"ms", []string{"0", "100000"}},
	{"longitude", []string{"13.361389", "15.087269", "0", "-180", "180", "181", "abc"}},
	{"latitude", []string{"38.115556", "37.502669", "0", "85.05112878", "-85.05112878", "85.05", "90"}},
	{"radius width height", []string{"200", "1000", "0", "-1", "20000", "abc"}},
	{"unit", []string{"m", "km", "ft", "mi", "M", "parsec"}},
	{"channel shardchannel", []string{"c:1", "c:2"}},
	{"index1 index2 db destination-db", []string{"0", "1", "99", "abc"}},
	{"cursor", []string{"0", "0", "0", "17", "abc"}},
	{"type", []string{"string", "list", "hash", "zset", "set", "stream", "foo"}},
	{"connection-name", []string{"alice", "with space"}},
	{"protover", []string{"2", "3", "4", "abc"}},
	{"script", []string{"return 1", "return KEYS", "return redis.call('GET', KEYS[1])", "return {1,2,{3,'a'},false}"}},
}

// valuesFor returns what an argument called name may be, nil if nothing is known of it.
func valuesFor(name string) []string {
	for _, row := range valuesOf {
		for _, known := range strings.Fields(row.names) {
			if known == name {
				return row.values
			}
		}
	}
	return nil
}

// value invents a value for the argument called name.
func (w *writing) value(name, kind string) string {
	switch {
	case strings.Contains(name, "key") || name == "source" || name == "destination":
		return w.key()
	case strings.HasPrefix(name, "unix-time"):
		return w.moment(strings.HasSuffix(name, "milliseconds"))
	case name == "min" || name == "max":
		return w.bound()
	case (name == "start" || name == "end") && w.row.Group == "stream":
		return w.pick(ranges)
	case (name == "start" || name == "stop") && strings.Contains(w.row.Name, "RANGE") && w.r.IntN(3) == 0:
		return w.bound()
	case name == "increment" && (strings.HasSuffix(w.row.Name, "FLOAT") || w.row.Group == "sorted-set"):
		return w.pick(doubles)
	case name == "longitude" && w.r.IntN(3) != 0:
		return w.decimal(w.r.Float64()*360 - 180)
	case name == "latitude" && w.r.IntN(3) != 0:
		return w.decimal(w.r.Float64()*170.1 - 85.05)
	case slices.Contains([]string{"radius", "width", "height"}, name) && w.r.IntN(3) != 0:
		return w.decimal(math.Pow(10, w.r.Float64()*8-1))
	case name == "encoding" && w.r.IntN(2) == 0:
		return w.pick([]string{"i", "u"}) + fmt.Sprint(w.r.IntN(66))
	case name == "value" && w.row.Name == "SETBIT":
		return w.pick(valuesFor("bit"))
	case name == "value" && w.row.Group == "bitmap":
		return w.integer()
	case name == "offset" && w.row.Group == "bitmap" && w.r.IntN(3) == 0:
		return w.pick([]string{"", "", "#"}) + fmt.Sprint(w.r.IntN(700))
	case name == "offset" && w.row.Group != "bitmap":
		return w.pick(smallIntegers)
	}
	if slices.Contains([]string{"element", "member", "field"}, name) && w.r.IntN(4) == 0 {
		return fmt.Sprintf("m%d", w.r.IntN(40)) // so that values grow past their thresholds
	}
	for _, known := range []string{name, kind} {
		if values := valuesFor(known); values != nil {
			return w.pick(values)
		}
	}
	return w.pick([][]string{integers, texts, members, oddValues}[w.r.IntN(4)])
}

// decimal writes a number with few decimals or many.
func (w *writing) decimal(f float64) string {
	return strconv.FormatFloat(f, 'f', []int{0, 0, 1, 2, 6, -1}[w.r.IntN(6)], 64)
}

// integer is one from the edges, or one of any size.
func (w *writing) integer() string {
	if w.r.IntN(2) == 0 {
		return w.pick(integers)
	}
	return fmt.Sprint(int64(w.r.Uint64()) >> w.r.IntN(64))
}

func (w *writing) key() string {
	if keys := keysOf[w.row.Group]; keys != nil && w.r.IntN(12) != 0 {
		return w.pick(keys)
	}
	return w.pick(allKeys)
}

func (w *writing) bound() string {
	switch {
	case strings.Contains(w.row.Name, "LEX"):
		return w.pick(lexes)
	case strings.Contains(w.row.Name, "SCORE") || w.row.Name == "ZCOUNT" || w.r.IntN(2) == 0:
		return w.pick(scores)
	}
	return w.pick(lexes)
}

// moment is an absolute time that is surely past, surely ahead, or no time at all.
func (w *writing) moment(milliseconds bool) string {
	unit := int64(1_000_000)
	if milliseconds {
		unit = 1000
	}
	now := w.g.Now() / unit
	far := 1_000_000_000 / unit
	return w.pick([]string{fmt.Sprint(now + far), fmt.Sprint(now + 10*far), fmt.Sprint(now - far), "0",
		"-1", "abc", "9223372036854775807"})
}
