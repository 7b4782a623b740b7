package settings

// Words cuts a line at blanks, as the reference's configuration files and redis-cli do: a part may
// stand in double quotes, where \n \r \t \b \a \xHH and \" are escapes, or in single quotes, where only \'
// is one. ok is false if a quote is not closed or does not end its word.
func Words(line string) (words []string, ok bool) {
	for {
		for line != "" && isBlank(line[0]) {
			line = line[1:]
		}
		if line == "" {
			return words, true
		}
		var word string
		if word, line, ok = nextWord(line); !ok {
			return nil, false
		}
		words = append(words, word)
	}
}

func nextWord(line string) (word, rest string, ok bool) {
	var out []byte
	for line != "" && !isBlank(line[0]) {
		quote := line[0]
		if quote != '"' && quote != '\'' {
			out = append(out, quote)
			line = line[1:]
			continue
		}
		out, line, ok = quoted(out, line[1:], quote)
		if !ok || line != "" && !isBlank(line[0]) {
			return "", "", false
		}
	}
	return string(out), line, true
}

// quoted appends what stands before the closing quote and returns what stands after it.
func quoted(out []byte, line string, quote byte) (text []byte, rest string, ok bool) {
	for line != "" {
		switch {
		case line[0] == quote:
			return out, line[1:], true
		case quote == '\'' && len(line) > 1 && line[:2] == `\'`:
			out, line = append(out, '\''), line[2:]
		case quote == '"' && line[0] == '\\' && len(line) > 1:
			var c byte
			c, line = escape(line[1:])
			out = append(out, c)
		default:
			out, line = append(out, line[0]), line[1:]
		}
	}
	return out, "", false
}

// escape reads what follows a backslash; an unknown letter stands for itself.
func escape(line string) (c byte, rest string) {
	if line[0] == 'x' && len(line) > 2 && hexDigit(line[1]) >= 0 && hexDigit(line[2]) >= 0 {
		return byte(hexDigit(line[1])<<4 | hexDigit(line[2])), line[3:]
	}
	switch c = line[0]; c {
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'b':
		c = '\b'
	case 'a':
		c = '\a'
	}
	return c, line[1:]
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

func isBlank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// Quote writes a word so that Words reads it back, in double quotes.
func Quote(word string) string {
	const digits = "0123456789abcdef"
	out := []byte{'"'}
	for i := 0; i < len(word); i++ {
		switch c := word[i]; {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c == '\n':
			out = append(out, `\n`...)
		case c == '\r':
			out = append(out, `\r`...)
		case c == '\t':
			out = append(out, `\t`...)
		case c < ' ' || c >= 0x7f:
			out = append(out, '\\', 'x', digits[c>>4], digits[c&15])
		default:
			out = append(out, c)
		}
	}
	return string(append(out, '"'))
}
