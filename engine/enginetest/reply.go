// Package enginetest is test support for the engine: a harness with virtual time and named clients,
// transcripts in redis-cli's look, the law (replay, snapshot and cutting change nothing), and a grammar
// that writes commands from the rows of the command table. Programs and tests import it; the engine does not.
package enginetest

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Reply is one decoded reply of RESP2 or RESP3.
type Reply struct {
	Kind  byte    // its first byte on the wire, one of + - : $ * _ , # ! = ( % ~ > |
	Null  bool    // $-1, *-1 and _
	Text  string  // what a leaf says; a verbatim string without its "txt:"
	Items []Reply // elements of * ~ >, keys and values in turn of % and |
}

// ErrShort says that the bytes end within a reply.
var ErrShort = errors.New("the reply is not whole yet")

// ParseReply decodes the first reply of p and returns the number of bytes it takes. The error is
// ErrShort when p ends early, another one when p is not RESP.
func ParseReply(p []byte) (Reply, int, error) {
	end := bytes.Index(p, []byte("\r\n"))
	if end < 0 {
		return Reply{}, 0, ErrShort
	}
	if end == 0 {
		return Reply{}, 0, errors.New("an empty line where a reply should start")
	}
	r := Reply{Kind: p[0], Text: string(p[1:end])}
	switch r.Kind {
	case '+', '-', ':', ',', '#', '(':
		return r, end + 2, nil
	case '_':
		r.Null = true
		return r, end + 2, nil
	case '$', '=', '!':
		return parseBulk(r, p, end+2)
	case '*', '~', '>', '%', '|':
		return parseItems(r, p, end+2)
	}
	return Reply{}, 0, fmt.Errorf("no reply starts with %q", p[:end])
}

// parseBulk reads the body of a reply whose head, a length, stands before p[at].
func parseBulk(r Reply, p []byte, at int) (Reply, int, error) {
	size, err := strconv.Atoi(r.Text)
	if err != nil || size < -1 {
		return Reply{}, 0, fmt.Errorf("bad length %q", r.Text)
	}
	if size == -1 {
		return Reply{Kind: r.Kind, Null: true}, at, nil
	}
	if len(p) < at+size+2 {
		return Reply{}, 0, ErrShort
	}
	if string(p[at+size:at+size+2]) != "\r\n" {
		return Reply{}, 0, fmt.Errorf("a string of %d bytes does not end in a line break", size)
	}
	r.Text = string(p[at : at+size])
	if r.Kind == '=' && size >= 4 {
		r.Text = r.Text[4:]
	}
	return r, at + size + 2, nil
}

// parseItems reads the elements of a reply whose head, a count, stands before p[at].
func parseItems(r Reply, p []byte, at int) (Reply, int, error) {
	count, err := strconv.Atoi(r.Text)
	if err != nil || count < -1 {
		return Reply{}, 0, fmt.Errorf("bad count %q", r.Text)
	}
	r.Text = ""
	if count == -1 {
		r.Null = true
		return r, at, nil
	}
	if r.Kind == '%' || r.Kind == '|' {
		count *= 2
	}
	for range count {
		item, n, err := ParseReply(p[at:])
		if err != nil {
			return Reply{}, 0, err
		}
		r.Items = append(r.Items, item)
		at += n
	}
	return r, at, nil
}

// ParseReplies decodes all replies of p; rest holds the bytes of the last one if it is not whole.
func ParseReplies(p []byte) (replies []Reply, rest []byte, err error) {
	for len(p) > 0 {
		r, n, err := ParseReply(p)
		if errors.Is(err, ErrShort) {
			return replies, p, nil
		}
		if err != nil {
			return replies, p, err
		}
		replies = append(replies, r)
		p = p[n:]
	}
	return replies, nil, nil
}

// AppendCommand appends a command as RESP: an array of bulk strings.
func AppendCommand(p []byte, args ...string) []byte {
	p = fmt.Appendf(p, "*%d\r\n", len(args))
	for _, arg := range args {
		p = fmt.Appendf(p, "$%d\r\n%s\r\n", len(arg), arg)
	}
	return p
}

// Commands decodes p as RESP commands, as a journal holds them. A torn last one is left out.
func Commands(p []byte) ([][]string, error) {
	replies, _, err := ParseReplies(p)
	commands := make([][]string, 0, len(replies))
	for _, r := range replies {
		var args []string
		for _, item := range r.Items {
			args = append(args, item.Text)
		}
		commands = append(commands, args)
	}
	return commands, err
}

// Quote writes args as one line that Split reads back and redis-cli understands.
func Quote(args []string) string {
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = quoteWord(arg)
	}
	return strings.Join(words, " ")
}

func quoteWord(s string) string {
	plain := s != ""
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' || s[i] == '"' || s[i] == '\'' || s[i] == '\\' {
			plain = false
		}
	}
	if plain {
		return s
	}
	return quoteString(s)
}

// quoteString writes s in double quotes, escaped as redis-cli does.
func quoteString(s string) string {
	out := []byte{'"'}
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\\' || c == '"':
			out = append(out, '\\', c)
		case strings.IndexByte("\n\r\t\a\b", c) >= 0:
			out = append(out, '\\', "nrtab"[strings.IndexByte("\n\r\t\a\b", c)])
		case c >= ' ' && c <= '~':
			out = append(out, c)
		default:
			out = fmt.Appendf(out, "\\x%02x", c)
		}
	}
	return string(append(out, '"'))
}

// Split cuts a line into words as redis-cli does: blanks part them, double quotes know escapes,
// single quotes only \'.
func Split(line string) ([]string, error) {
	var words []string
	for i := 0; ; {
		for i < len(line) && (line[i] == ' ' || line[i] == '\t') {
			i++
		}
		if i == len(line) {
			return words, nil
		}
		word, next, err := splitWord(line, i)
		if err != nil {
			return nil, err
		}
		words = append(words, word)
		i = next
	}
}

// splitWord reads the word that starts at line[i] and returns where it ends.
func splitWord(line string, i int) (string, int, error) {
	var word []byte
	for i < len(line) && line[i] != ' ' && line[i] != '\t' {
		if line[i] != '"' && line[i] != '\'' {
			word = append(word, line[i])
			i++
			continue
		}
		quote := line[i]
		for i++; ; {
			if i >= len(line) {
				return "", 0, fmt.Errorf("unbalanced quotes: %s", line)
			}
			if line[i] == quote {
				i++
				break
			}
			c, size := unescape(line[i:], quote)
			word = append(word, c)
			i += size
		}
	}
	return string(word), i, nil
}

// unescape reads one possibly escaped byte within quotes.
func unescape(s string, quote byte) (c byte, size int) {
	if s[0] != '\\' || len(s) == 1 {
		return s[0], 1
	}
	if quote == '\'' {
		if s[1] == '\'' {
			return '\'', 2
		}
		return '\\', 1
	}
	if s[1] == 'x' && len(s) >= 4 {
		if code, err := strconv.ParseUint(s[2:4], 16, 8); err == nil {
			return byte(code), 4
		}
	}
	if at := strings.IndexByte("nrtab", s[1]); at >= 0 {
		return "\n\r\t\a\b"[at], 2
	}
	return s[1], 2
}
