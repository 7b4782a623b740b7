package enginetest

import (
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
	// Invent, if set, is asked first for the value of the argument called name.
	Invent func(r *rand.Rand, row *Row, name string) (value string, ok bool)
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

// Tokens lists the words of a row's syntax that stand for themselves: its options.
func (row *Row) Tokens() []string { return row.root.tokens(nil) }

func (n *node) tokens(found []string) []string {
	if n.choices == nil && isToken(n.word) {
		return append(found, strings.Trim(n.word, `"`))
	}
	for _, choice := range n.choices {
		for _, part := range choice {
			found = part.tokens(found)
		}
	}
	return found
}

// isToken reports whether a word of a syntax stands for itself, and not for a value.
func isToken(word string) bool {
	name, _, _ := strings.Cut(word, ":")
	return name != strings.ToLower(name) || !strings.ContainsAny(name, "abcdefghijklmnopqrstuvwxyz")
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

// Family returns the rows of a random group, more often of a larger one.
func (g *Grammar) Family(r *rand.Rand) []*Row {
	group := g.Rows[r.IntN(len(g.Rows))].Group
	var rows []*Row
	for _, row := range g.Rows {
		if row.Group == group {
			rows = append(rows, row)
		}
	}
	return rows
}

// Write writes a command of the given row.
func (g *Grammar) Write(r *rand.Rand, row *Row) []string {
	w := writing{g: g, r: r, row: row, args: strings.Fields(row.Name), repeats: r.IntN(3)}
	if r.IntN(8) == 0 {
		w.repeats = r.IntN(12)
	}
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
	if isToken(word) {
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
	if w.g.Invent != nil {
		if value, ok := w.g.Invent(w.r, w.row, name); ok {
			w.args = append(w.args, value)
			return
		}
	}
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
