package engine

// A row's Syntax says in one line what a request may look like, in the notation of the field's
// reference pages:
//
//	lower          an argument; its type follows from its name, or stands behind a colon (low:integer)
//	UPPER          a word to be typed as it is; with the arguments behind it it is one part
//	[ ... ]        may be left out
//	< a | b >      one of these; inside [ ] the bars alone say so
//	x [x ...]      x once or more
//
// Everything that asks about arguments is derived from it: arity, key positions, COMMAND DOCS and with it
// the console's hints, the fuzzers' grammar. It is parsed when first asked for.
type argument struct {
	name     string // as typed in the syntax, lower case
	token    string // the word in front, or the word itself for a pure token
	kind     argumentKind
	optional bool
	multiple bool
	eachTime bool       // the token stands in front of every repetition
	parts    []argument // of a choice or a block
}

type argumentKind uint8

const (
	stringArgument argumentKind = iota
	integerArgument
	doubleArgument
	keyArgument
	patternArgument
	timeArgument
	tokenArgument
	choiceArgument
	blockArgument
)

// argumentKindNames are the types' names in COMMAND DOCS.
var argumentKindNames = [...]string{
	"string", "integer", "double", "key", "pattern", "unix-time", "pure-token", "oneof", "block",
}

// argumentTypes says which names are not strings.
var argumentTypes = [...]struct {
	kind  argumentKind
	names string
}{
	{keyArgument, " key newkey source destination destkey key1 key2 sourcekey "},
	{integerArgument, " seconds milliseconds count index start stop end offset numkeys decrement db index1 index2 " +
		"cursor rank maxlen len timeout-milliseconds destination-db version client-id port limit min-idle-time ms " +
		"frequency entries-read entries-added min-idle samples ttl threshold-count protover maxage limit-count " +
		"num-matches len-matches min-match-len timeout-ms bit db-index "},
	{doubleArgument, " score increment timeout weight radius width height longitude latitude "},
	{patternArgument, " pattern "},
	{timeArgument, " unix-time-seconds unix-time-milliseconds "},
}

// syntaxReader reads a Syntax word by word.
type syntaxReader struct {
	text string
	at   int
}

// next returns the next bracket, bar or word, "" at the end.
func (s *syntaxReader) next() string {
	for s.at < len(s.text) && s.text[s.at] == ' ' {
		s.at++
	}
	start := s.at
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ':
			return s.text[start:s.at]
		case '[', ']', '<', '>', '|':
			if s.at == start {
				s.at++
			}
			return s.text[start:s.at]
		}
		s.at++
	}
	return s.text[start:]
}

// parseSyntax returns the arguments of a Syntax.
func parseSyntax(text string) []argument {
	s := syntaxReader{text: text}
	alternatives, _ := s.alternatives()
	if len(alternatives) == 1 {
		return alternatives[0]
	}
	return []argument{choiceOf(alternatives)}
}

// alternatives reads up to a closing bracket or the end. dots reports that the last word was "...".
func (s *syntaxReader) alternatives() (all [][]argument, dots bool) {
	var current []argument
	for {
		switch word := s.next(); word {
		case "", "]", ">":
			return append(all, current), dots
		case "|":
			all, current = append(all, current), nil
		case "...":
			dots = true
		case "[":
			current = s.optional(current)
		case "<":
			inner, _ := s.alternatives()
			current = s.attach(current, group(inner))
		default:
			current = s.word(current, word)
		}
	}
}

// word adds a word: a token opens a part, an argument joins the token in front of it.
func (s *syntaxReader) word(current []argument, word string) []argument {
	if isToken(word) {
		return append(current, argument{name: lowerString(word), token: word, kind: tokenArgument})
	}
	return s.attach(current, typed(word))
}

// attach joins an argument to the token directly in front of it, if there is one.
func (s *syntaxReader) attach(current []argument, arg argument) []argument {
	if n := len(current); n > 0 && current[n-1].kind == tokenArgument && !current[n-1].optional {
		arg.token = current[n-1].token
		current[n-1] = arg
		return current
	}
	if n := len(current); n > 0 && current[n-1].token != "" && !current[n-1].optional && !current[n-1].multiple &&
		current[n-1].kind != tokenArgument && arg.kind != tokenArgument {
		current[n-1] = extend(current[n-1], arg)
		return current
	}
	return append(current, arg)
}

// extend makes a block of a token's arguments.
func extend(first, more argument) argument {
	if first.kind == blockArgument {
		first.parts = append(first.parts, more)
		return first
	}
	block := argument{name: lowerString(first.token), token: first.token, kind: blockArgument}
	first.token = ""
	block.parts = []argument{first, more}
	return block
}

// optional reads a bracketed part: a repetition of what stands in front of it, or something that may
// be left out.
func (s *syntaxReader) optional(current []argument) []argument {
	inner, dots := s.alternatives()
	if len(inner) == 1 && dots {
		if n := repeats(current, inner[0]); n > 0 {
			current = repeated(current, n)
			current[len(current)-1].eachTime = n == 1 && inner[0][0].token != ""
			return current
		}
	}
	part := group(inner)
	part.optional = true
	part.multiple = part.multiple || dots
	return append(current, part)
}

// repeats returns how many of the last arguments a repetition names, 0 if it names others.
func repeats(current, again []argument) int {
	if n := len(current); n > 0 && len(again) == 1 && current[n-1].kind == blockArgument &&
		current[n-1].token != "" && again[0].kind == blockArgument {
		return 1
	}
	flat := len(again)
	if flat == 0 || flat > len(current) {
		return 0
	}
	for i := range again {
		if again[i].name != current[len(current)-flat+i].name {
			return 0
		}
	}
	return flat
}

// repeated marks the last n arguments as one that may be given more than once.
func repeated(current []argument, n int) []argument {
	if n == 1 {
		current[len(current)-1].multiple = true
		return current
	}
	parts := append([]argument(nil), current[len(current)-n:]...)
	block := argument{kind: blockArgument, multiple: true, parts: parts}
	for i := range parts {
		if i > 0 {
			block.name += "_"
		}
		block.name += parts[i].name
	}
	return append(current[:len(current)-n], block)
}

// group makes one argument of what stands between brackets.
func group(alternatives [][]argument) argument {
	if len(alternatives) > 1 {
		return choiceOf(alternatives)
	}
	return blockOf(alternatives[0])
}

func choiceOf(alternatives [][]argument) argument {
	choice := argument{kind: choiceArgument}
	for _, parts := range alternatives {
		part := blockOf(parts)
		if choice.name == "" {
			choice.name = part.name
		}
		choice.parts = append(choice.parts, part)
	}
	return choice
}

func blockOf(parts []argument) argument {
	switch len(parts) {
	case 0:
		return argument{kind: blockArgument}
	case 1:
		return parts[0]
	}
	return argument{name: parts[0].name, kind: blockArgument, parts: append([]argument(nil), parts...)}
}

// typed makes an argument of a name, or of a name and its type.
func typed(word string) argument {
	for i := 0; i < len(word); i++ {
		if word[i] != ':' {
			continue
		}
		for kind, name := range argumentKindNames {
			if name == word[i+1:] {
				return argument{name: word[:i], kind: argumentKind(kind)}
			}
		}
	}
	for i := range argumentTypes {
		if containsWord(argumentTypes[i].names, word) {
			return argument{name: word, kind: argumentTypes[i].kind}
		}
	}
	return argument{name: word}
}

// containsWord looks for a word in a list whose words all stand between blanks.
func containsWord(list, word string) bool {
	for i := 0; i+len(word)+1 < len(list); i++ {
		if list[i] == ' ' && list[i+1:i+1+len(word)] == word && list[i+1+len(word)] == ' ' {
			return true
		}
	}
	return false
}

// isToken reports whether a word of a Syntax is to be typed as it stands.
func isToken(word string) bool {
	for i := 0; i < len(word); i++ {
		if word[i] >= 'a' && word[i] <= 'z' {
			return false
		}
	}
	return true
}

// least is the fewest words an argument takes, and open whether it may take more.
func (a *argument) least() (n int, open bool) {
	switch a.kind {
	case choiceArgument:
		n = -1
		for i := range a.parts {
			m, inner := a.parts[i].least()
			open = open || inner || n >= 0 && m != n
			if n < 0 || m < n {
				n = m
			}
		}
	case blockArgument:
		for i := range a.parts {
			m, inner := a.parts[i].least()
			n, open = n+m, open || inner
		}
	default:
		n = 1
	}
	if a.token != "" && a.kind != tokenArgument {
		n++
	}
	if a.optional {
		return 0, true
	}
	return n, open || a.multiple
}

// arityOf derives a command's arity: how many words a request has at least, its name included;
// positive if that is also the most, negative otherwise.
func arityOf(row *Command, sub bool) int {
	if len(row.Subs) > 0 {
		return -2
	}
	least := 1 + int(boolInt(sub))
	open := false
	for _, arg := range parseSyntax(row.Syntax) {
		n, more := arg.least()
		least, open = least+n, open || more
	}
	if open {
		return -least
	}
	return least
}

// words returns the row's arity. It is not derived before somebody asks: to parse every Syntax takes longer
// than all the rest of making an engine, and a page waits for that.
func (en *entry) words() int {
	if en.arity == 0 {
		en.arity = arityOf(en.Command, en.parent != nil)
	}
	return en.arity
}

// fits reports whether a request of n words suits the row's arity.
func (en *entry) fits(n int) bool { return arityFits(en.words(), n) }

// arguments returns the row's parsed Syntax.
func (en *entry) arguments() []argument {
	if en.grammar == nil && en.Syntax != "" {
		en.grammar = parseSyntax(en.Syntax)
	}
	return en.grammar
}
