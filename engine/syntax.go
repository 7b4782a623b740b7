package engine

// arityOf derives a command's arity from its Syntax: how many words a request has at least, its name
// included; positive if that is also the most, negative otherwise.
func arityOf(row *Command, sub bool) int {
	s := syntaxReader{text: row.Syntax}
	least, open := s.sequence()
	least++
	if sub {
		least++
	}
	if len(row.Subs) > 0 && !sub {
		return -2
	}
	if open {
		return -least
	}
	return least
}

// syntaxReader counts the words that a syntax asks for.
type syntaxReader struct {
	text string
	at   int
}

// sequence reads alternatives up to a closing bracket or the end, and returns the fewest words that
// they ask for, and whether more may follow.
func (s *syntaxReader) sequence() (least int, open bool) {
	best := -1
	count := 0
	for {
		word := s.next()
		switch word {
		case "", "]", ">":
			if best >= 0 && best != count {
				open = true
			}
			if best >= 0 && best < count {
				count = best
			}
			return count, open
		case "|":
			if best >= 0 && best != count {
				open = true
			}
			if best < 0 || count < best {
				best = count
			}
			count = 0
		case "[":
			s.sequence()
			open = true
		case "<":
			inner, innerOpen := s.sequence()
			count += inner
			open = open || innerOpen
		default:
			count++
		}
	}
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

// argument is one part of a parsed Syntax.
type argument struct{}
