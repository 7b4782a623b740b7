package resp

import "bytes"

// inline finds a request that is a line. A bare line feed ends it, as people who type expect; the
// carriage return before it is dropped.
func (p *Parser) inline(buf []byte, args [][]byte, limits *Limits) ([][]byte, int, error) {
	var state partial
	if p.partial != nil {
		state = *p.partial
	}
	end := state.lineEnd(buf, '\n')
	if end > limits.Inline {
		return args, 0, p.pause(&state, ErrInlineTooBig)
	}
	if end == len(buf) {
		return args, 0, p.pause(&state, nil)
	}
	p.partial = nil
	line := buf[:end]
	if end > 0 && line[end-1] == '\r' {
		line = line[:end-1]
	}
	args, ok := SplitInline(args, line)
	if !ok {
		return args, 0, ErrUnbalancedQuotes
	}
	return args, end + 1, nil
}

// SplitInline appends the arguments of an inline line to args: words between white space, of which any
// part may be quoted. "..." knows the escapes \n \r \t \b \a and \xHH, '...' only \'. A closing quote ends
// its argument and must be followed by white space; ok is false if it is not, or is missing. A NUL byte
// ends the line. Arguments without quotes are slices of line.
func SplitInline(args [][]byte, line []byte) (result [][]byte, ok bool) {
	if nul := bytes.IndexByte(line, 0); nul >= 0 {
		line = line[:nul]
	}
	for {
		for len(line) > 0 && isSpace(line[0]) {
			line = line[1:]
		}
		if len(line) == 0 {
			return args, true
		}
		size := 0
		for size < len(line) && !endsWord(line[size]) && !isQuote(line[size]) {
			size++
		}
		word := line[:size:size]
		if size < len(line) && isQuote(line[size]) {
			word, size = quoted(line, size)
			if size < 0 || size < len(line) && !isSpace(line[size]) {
				return args, false
			}
		}
		args = append(args, word)
		line = line[size:]
	}
}

// quoted builds the word at the start of line, whose first quote is at open, in memory of its own. size
// counts the bytes of line that spell the word; it is -1 if the closing quote, which ends it, is missing.
func quoted(line []byte, open int) (word []byte, size int) {
	word = append([]byte{}, line[:open]...) // never nil: "" is an argument too
	quote := line[open]
	for i := open + 1; i < len(line); i++ {
		c := line[i]
		switch {
		case c == quote:
			return word, i + 1
		case c == '\\' && quote == '"' && i+1 < len(line):
			c, size = unescape(line[i+1:])
			i += size
		case c == '\\' && quote == '\'' && i+1 < len(line) && line[i+1] == '\'':
			c = '\''
			i++
		}
		word = append(word, c)
	}
	return nil, -1
}

// unescape returns the byte that the text behind a backslash stands for, and the text's size.
func unescape(text []byte) (c byte, size int) {
	if text[0] == 'x' && len(text) >= 3 {
		high, low := hexDigit(text[1]), hexDigit(text[2])
		if high >= 0 && low >= 0 {
			return byte(high<<4 | low), 3
		}
	}
	switch text[0] {
	case 'n':
		return '\n', 1
	case 'r':
		return '\r', 1
	case 't':
		return '\t', 1
	case 'b':
		return '\b', 1
	case 'a':
		return '\a', 1
	}
	return text[0], 1
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

func isQuote(c byte) bool { return c == '"' || c == '\'' }

// isSpace is C's isspace: what may stand between words.
func isSpace(c byte) bool {
	return c == ' ' || c >= '\t' && c <= '\r'
}

// endsWord is narrower than isSpace: a vertical tab inside a word belongs to it, as in the reference.
func endsWord(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r'
}
