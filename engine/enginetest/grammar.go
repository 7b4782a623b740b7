package enginetest

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"riffle/engine"
)

// Grammar writes random commands from the Syntax of the command table's rows: mostly valid ones, over
// few keys and values that sit on the edges of what is allowed, and some that are slightly wrong.
type Grammar struct {
	Rows []*Row
	// Now is the time that absolute expiries are written around, in microseconds since 1970.
	Now func() int64
	// Wrong is how many of a hundred commands are damaged on purpose.
	Wrong int
}

// Row is a command that a grammar can write.
type Row struct {
	Name  string // "SET", "OBJECT ENCODING"
	Group string
	Flags engine.Flags
	root  *node
}

// node is a piece of syntax: a word, or a choice between sequences.
type node struct {
	word     string
	choices  [][]*node
	optional bool
	repeats  bool // ends in "...": may be given several times
}

// NewGrammar makes a grammar of those commands of the table that use accepts.
func NewGrammar(now func() int64, use func(name string) bool) *Grammar {
	g := &Grammar{Now: now, Wrong: 10}
	engine.EachCommand(func(name, group string, row *engine.Command) {
		if len(row.Subs) == 0 && use(name) {
			g.Rows = append(g.Rows, &Row{name, group, row.Flags, parseSyntax(row.Syntax)})
		}
	})
	return g
}

// parseSyntax reads the field's notation: UPPER is a token, lower a value, [ ] optional, < > a group,
// | a choice, "..." at the end of a group repeats it.
func parseSyntax(syntax string) *node {
	for _, mark := range []string{"[", "]", "<", ">", "|"} {
		syntax = strings.ReplaceAll(syntax, mark, " "+mark+" ")
	}
	words := strings.Fields(syntax)
	root, _ := parseNode(words)
	return root
}

// parseNode reads words up to a closing bracket and returns the rest behind it.
func parseNode(words []string) (*node, []string) {
	n := &node{choices: [][]*node{nil}}
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		last := &n.choices[len(n.choices)-1]
		switch word {
		case "]", ">":
			return n, words
		case "|":
			n.choices = append(n.choices, nil)
		case "...":
			n.repeats = true
		case "[", "<":
			var inner *node
			inner, words = parseNode(words)
			inner.optional = word == "["
			*last = append(*last, inner)
		default:
			*last = append(*last, &node{word: word})
		}
	}
	return n, nil
}

// writing is one command being written.
type writing struct {
	g       *Grammar
	r       *rand.Rand
	row     *Row
	args    []string
	counter int // index of the argument that counts what follows, 0 = none
	counted string
	repeats int // how often this command's repetitions repeat
}

// Command writes a command of a random row.
func (g *Grammar) Command(r *rand.Rand) []string {
	return g.Write(r, g.Rows[r.IntN(len(g.Rows))])
}

// Write writes a command of the given row.
func (g *Grammar) Write(r *rand.Rand, row *Row) []string {
	w := writing{g: g, r: r, row: row, args: strings.Fields(row.Name), repeats: r.IntN(3)}
	w.node(row.root)
	if r.IntN(100) < g.Wrong {
		w.damage()
	}
	return w.args
}

func (w *writing) node(n *node) {
	if n.choices == nil {
		w.word(n.word)
		return
	}
	if n.optional && !n.repeats && w.r.IntN(3) != 0 {
		return
	}
	times := 1
	if n.repeats {
		times = w.repeats
		if w.r.IntN(8) == 0 {
			times = w.r.IntN(4)
		}
	}
	for range times {
		for _, part := range n.choices[w.r.IntN(len(n.choices))] {
			w.node(part)
		}
	}
}

// word writes a token as it is and a value by its name.
func (w *writing) word(word string) {
	name, kind, _ := strings.Cut(word, ":")
	if name != strings.ToLower(name) || !strings.ContainsAny(name, "abcdefghijklmnopqrstuvwxyz") {
		if w.r.IntN(4) == 0 {
			word = strings.ToLower(word)
		}
		w.args = append(w.args, strings.Trim(word, `"`))
		return
	}
	if strings.HasPrefix(name, "num") {
		w.counter, w.counted = len(w.args), ""
		w.args = append(w.args, "0")
		return
	}
	w.count(name)
	w.args = append(w.args, w.value(name, kind))
}

// count keeps the argument that says how many values follow in step with them.
func (w *writing) count(name string) {
	if w.counter == 0 {
		return
	}
	if w.counted == "" {
		w.counted = name
	}
	if name == w.counted {
		n, _ := strconv.Atoi(w.args[w.counter])
		w.args[w.counter] = strconv.Itoa(n + 1)
	}
}

// damage makes a command slightly wrong: an argument too few, too many, twice or out of place.
func (w *writing) damage() {
	last := len(w.args) - 1
	i := w.r.IntN(len(w.args))
	switch w.r.IntN(6) {
	case 0:
		w.args = w.args[:last]
	case 1:
		w.args = append(w.args, w.pick(oddValues))
	case 2:
		w.args = append(w.args[:i:i], append([]string{w.pick(oddValues)}, w.args[min(i+1, last):]...)...)
	case 3:
		w.args = append(w.args, w.args[i])
	case 4:
		k := w.r.IntN(len(w.args))
		w.args[i], w.args[k] = w.args[k], w.args[i]
	case 5:
		w.args[i] = w.pick(integers)
	}
	words := strings.Fields(w.row.Name)
	if len(w.args) < len(words) || strings.Join(w.args[:len(words)], " ") != w.row.Name {
		w.args = words // a damaged name would be another command, maybe one that is left out on purpose
	}
}

func (w *writing) pick(values []string) string { return values[w.r.IntN(len(values))] }

var (
	integers = []string{"0", "1", "2", "3", "5", "10", "-1", "-2", "-5", "100", "9223372036854775807",
		"-9223372036854775808", "9223372036854775808", "4294967296", "01", "+1", " 1", "1.5", "abc", ""}
	smallIntegers = []string{"0", "1", "2", "3", "4", "7", "-1", "-2", "-3", "-100", "100"}
	doubles       = []string{"0", "1", "2", "-1", "1.5", "2.25", "-0.5", "1e3", "100", "3.0", "0.1", "1e-5",
		"1e17", "inf", "-inf", "+inf", "nan", "abc", "1e400", "0x10", "-0"}
	oddValues = []string{"", "a", "abc", "0", "-1", "nan", "\x00\xff", "*", "[a", "(1", "COUNT", "LIMIT", "NX", "~"}
	strings_  = []string{"a", "b", "c", "foobar", "hello world", "", "10", "-7", "3.25", "9223372036854775807",
		"\x00\x01\xfe\xff", strings.Repeat("x", 44), strings.Repeat("y", 45), strings.Repeat("z", 70), "12345678901234567890"}
	members  = []string{"a", "b", "c", "d", "e", "1", "2", "3", "-5", "1000000", "", strings.Repeat("m", 65), "\x00\xff"}
	patterns = []string{"*", "a*", "?", "[a-c]", "*:1", "k?y", "nothing", "[^a]*", "\\*", "s:*", "field:*", "#", "w_*->f"}
	scores   = []string{"-inf", "+inf", "0", "1", "(1", "(2", "2.5", "3", "-1", "(inf", "5", "abc"}
	lexes    = []string{"-", "+", "[a", "(a", "[b", "(c", "[d", "a", "(", "["}
	ids      = []string{"1-1", "1-2", "2-0", "2-1", "3-0", "5-5", "10-0", "0-0", "0", "1", "2", "7", "100-1",
		"18446744073709551615-18446744073709551615", "abc", "5-"}
	ranges    = []string{"-", "+", "1-1", "2", "(1-1", "(2-0", "5", "10-0", "0", "abc"}
	offsets   = []string{"0", "1", "7", "8", "31", "64", "#0", "#1", "#2", "-1", "100", "abc"}
	encodings = []string{"u8", "i8", "u4", "i5", "u16", "i32", "u63", "i64", "u1", "u64", "i65", "x8"}
	units     = []string{"m", "km", "ft", "mi", "M", "parsec"}
	streams   = []string{"x:1", "x:2", "x:3"}
	timeouts  = []string{"0", "100", "0.01e4", "-1", "abc"}
	seconds   = []string{"100", "1000", "5000", "0", "-1", "9223372036854775807", "abc", "10000000000"}
)

// keysOf gives each family few keys of its own, so that commands meet values of their type.
var keysOf = map[string][]string{
	"string": {"s:1", "s:2", "s:3"}, "bitmap": {"s:1", "s:2", "b:1"}, "hyperloglog": {"p:1", "p:2", "s:3"},
	"list": {"l:1", "l:2", "l:3"}, "set": {"t:1", "t:2", "t:3"}, "hash": {"h:1", "h:2", "h:3"},
	"sorted-set": {"z:1", "z:2", "t:1"}, "geo": {"g:1", "g:2", "z:1"}, "stream": streams,
}

var allKeys = []string{"s:1", "s:2", "b:1", "p:1", "l:1", "l:2", "t:1", "t:2", "h:1", "h:2", "z:1", "z:2", "g:1", "x:1", "x:2", "none"}

var valuesOf = map[string][]string{
	"increment": integers, "decrement": integers, "count": smallIntegers, "start": smallIntegers, "stop": smallIntegers,
	"end": smallIntegers, "index": smallIntegers, "rank": smallIntegers, "maxlen": smallIntegers, "len": smallIntegers,
	"threshold": smallIntegers, "limit": smallIntegers, "bit": {"0", "1", "1", "2", "abc"}, "min-match-len": smallIntegers,
	"value": strings_, "element": members, "member": members, "field": members, "pivot": members, "message": strings_,
	"member1": members, "member2": members, "string": strings_, "score": doubles, "weight": doubles,
	"pattern": patterns, "encoding": encodings, "id": ids, "last-id": ids, "lastid": ids, "min-idle-time": {"0", "100000000", "abc"},
	"group": {"g1", "g2", "g3"}, "consumer": {"alice", "bob"}, "timeout": timeouts, "seconds": seconds,
	"milliseconds": {"100000", "1000000", "0", "-1", "9223372036854775807", "abc"},
	"longitude":    {"13.361389", "15.087269", "0", "-180", "181", "abc"}, "latitude": {"38.115556", "37.502669", "0", "85.05", "90"},
	"radius": {"200", "1000", "0", "-1", "20000", "abc"}, "width": {"400", "0", "-1", "abc"}, "height": {"400", "10", "abc"}, "unit": units,
	"channel": {"c:1", "c:2"}, "shardchannel": {"c:1", "c:2"}, "index1": {"0", "1"}, "index2": {"0", "1", "99"},
	"cursor": {"0", "0", "0", "17", "abc"}, "type": {"string", "list", "hash", "zset", "set", "stream", "foo"},
	"offset": offsets, "connection-name": {"alice", "with space"}, "destination-db": {"0", "1", "99", "abc"}, "db": {"0", "1", "abc"},
	"entries-added": integers, "max-deleted-id": ids, "entries-read": integers, "entriesread": integers, "ms": {"0", "100000"},
	"unit-time": {"0"}, "protover": {"2", "3", "4", "abc"}, "script": {"return 1", "return KEYS", "return redis.call('GET', KEYS[1])", "return {1,2,{3,'a'},false}"},
}

// value invents a value for the argument called name.
func (w *writing) value(name, kind string) string {
	switch {
	case strings.HasSuffix(name, "key") || strings.HasPrefix(name, "key") || name == "source" || name == "destination":
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
	case name == "offset" && w.row.Group != "bitmap":
		return w.pick(smallIntegers)
	}
	if values, ok := valuesOf[name]; ok {
		return w.pick(values)
	}
	if values, ok := valuesOf[kind]; ok {
		return w.pick(values)
	}
	return w.pick([][]string{integers, strings_, members, oddValues}[w.r.IntN(4)])
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
	return w.pick([]string{fmt.Sprint(now + far), fmt.Sprint(now + 10*far), fmt.Sprint(now - far), "0", "-1", "abc", "9223372036854775807"})
}
