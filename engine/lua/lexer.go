package lua

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// token is a lexical element: a character, or one of the following.
type token int

const (
	tokenAnd token = iota + 257
	tokenBreak
	tokenDo
	tokenElse
	tokenElseif
	tokenEnd
	tokenFalse
	tokenFor
	tokenFunction
	tokenIf
	tokenIn
	tokenLocal
	tokenNil
	tokenNot
	tokenOr
	tokenRepeat
	tokenReturn
	tokenThen
	tokenTrue
	tokenUntil
	tokenWhile
	tokenConcat
	tokenDots
	tokenEqual
	tokenGreaterEqual
	tokenLessEqual
	tokenUnequal
	tokenNumber
	tokenName
	tokenString
	tokenEnding
)

// tokenNames are the spellings, from tokenAnd on; the first ones, up to while, are reserved words.
var tokenNames = [...]string{
	"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in", "local", "nil", "not",
	"or", "repeat", "return", "then", "true", "until", "while", "..", "...", "==", ">=", "<=", "~=", "<number>",
	"<name>", "<string>", "<eof>",
}

func (t token) String() string {
	switch {
	case t >= tokenAnd:
		return tokenNames[t-tokenAnd]
	case t < ' ' || t == 127:
		return "char(" + strconv.Itoa(int(t)) + ")"
	}
	return string([]byte{byte(t)})
}

// lexer cuts a text into tokens, as Lua 5.1 does.
type lexer struct {
	chunk    string
	text     string
	at       int
	line     int // of what was read last
	lastLine int // of the token before the current one
	token    token
	word     string // of a name or string, decoded
	number   float64
	start    int    // where the current token begins
	end      int    // and ends
	raw      string // what errors call it
	ahead    bool   // next was read
	next     lexed
}

// lexed is a token that was read before its turn.
type lexed struct {
	token  token
	word   string
	number float64
	raw    string
	line   int
}

// syntaxError ends the compilation; compile recovers it.
type syntaxError struct{ text string }

func (l *lexer) fail(problem string, near string) {
	text := l.chunk + ":" + strconv.Itoa(l.line) + ": " + problem
	if near != "" {
		text += " near '" + upToZero(near) + "'"
	}
	panic(syntaxError{text})
}

// failHere complains about the current token.
func (l *lexer) failHere(problem string) { l.fail(problem, l.near()) }

func (l *lexer) near() string {
	switch l.token {
	case 0: // a zero byte, which counts as no token there
		return ""
	case tokenName, tokenString, tokenNumber:
		return l.raw
	}
	return l.token.String()
}

// advance goes on to the next token.
func (l *lexer) advance() {
	l.lastLine = l.line
	if l.ahead {
		l.ahead = false
		l.token, l.word, l.number, l.raw, l.line = l.next.token, l.next.word, l.next.number, l.next.raw, l.next.line
		return
	}
	l.token = l.scan()
}

// peek returns the token after the current one.
func (l *lexer) peek() token {
	if !l.ahead {
		now := lexed{l.token, l.word, l.number, l.raw, l.line}
		found := l.scan()
		l.next = lexed{found, l.word, l.number, l.raw, l.line}
		l.token, l.word, l.number, l.raw, l.line = now.token, now.word, now.number, now.raw, now.line
		l.ahead = true
	}
	return l.next.token
}

// current is the byte at hand, 0 at the end.
func (l *lexer) current() byte { return l.byteAt(l.at) }

func (l *lexer) byteAt(i int) byte {
	if i < len(l.text) {
		return l.text[i]
	}
	return 0
}

// newLine steps over an end of line of any kind.
func (l *lexer) newLine() {
	first := l.current()
	l.at++
	if second := l.current(); (second == '\n' || second == '\r') && second != first {
		l.at++
	}
	l.line++
}

func (l *lexer) scan() token {
	for l.at < len(l.text) {
		l.start = l.at
		switch ch := l.current(); {
		case ch == '\n' || ch == '\r':
			l.newLine()
		case ch == ' ' || ch == '\t' || ch == '\v' || ch == '\f':
			l.at++
		case ch == '-' && l.byteAt(l.at+1) == '-':
			l.comment()
		case ch == '"' || ch == '\'':
			return l.quoted(ch)
		case ch == '[' && (l.byteAt(l.at+1) == '[' || l.byteAt(l.at+1) == '='):
			return l.longString()
		case isDigit(ch) || ch == '.' && isDigit(l.byteAt(l.at+1)):
			return l.numeral()
		case isLetter(ch):
			return l.name()
		default:
			return l.operator(ch)
		}
	}
	return tokenEnding
}

func (l *lexer) operator(ch byte) token {
	l.at++
	follows := func(next byte, long, short token) token {
		if l.current() == next {
			l.at++
			return long
		}
		return short
	}
	switch ch {
	case '=':
		return follows('=', tokenEqual, '=')
	case '<':
		return follows('=', tokenLessEqual, '<')
	case '>':
		return follows('=', tokenGreaterEqual, '>')
	case '~':
		return follows('=', tokenUnequal, '~')
	case '.':
		if l.current() != '.' {
			return '.'
		}
		l.at++
		return follows('.', tokenDots, tokenConcat)
	}
	return token(ch)
}

func (l *lexer) name() token {
	for isLetter(l.current()) || isDigit(l.current()) {
		l.at++
	}
	l.word = l.text[l.start:l.at]
	l.raw = l.word
	for i, reserved := range tokenNames[:tokenWhile-tokenAnd+1] {
		if reserved == l.word {
			return tokenAnd + token(i)
		}
	}
	return tokenName
}

// numeral reads a number. A zero byte may stand where an "e" may, and where a sign may: C finds it in every text.
func (l *lexer) numeral() token {
	zero := func() bool { return l.at < len(l.text) && l.text[l.at] == 0 }
	for isDigit(l.current()) || l.current() == '.' {
		l.at++
	}
	if ch := l.current(); ch == 'e' || ch == 'E' || zero() {
		l.at++
		if sign := l.current(); sign == '+' || sign == '-' || zero() {
			l.at++
		}
	}
	for isLetter(l.current()) || isDigit(l.current()) {
		l.at++
	}
	l.raw = l.text[l.start:l.at]
	var ok bool
	if l.number, ok = parseNumber(l.raw); !ok {
		l.fail("malformed number", l.raw)
	}
	return tokenNumber
}

// quoted reads a string between quotes.
func (l *lexer) quoted(quote byte) token {
	out := []byte{quote}
	l.at++
	for l.current() != quote || l.at >= len(l.text) {
		if l.at >= len(l.text) {
			l.fail("unfinished string", "<eof>")
		}
		switch ch := l.current(); ch {
		case '\n', '\r':
			l.fail("unfinished string", string(out))
		case '\\':
			out = l.escape(out)
		default:
			out = append(out, ch)
			l.at++
		}
	}
	l.at++
	l.word = string(out[1:])
	l.raw = string(out) + string(quote)
	return tokenString
}

const (
	escapeLetters = "abfnrtv"
	escapeBytes   = "\a\b\f\n\r\t\v"
)

// escape reads what follows a backslash.
func (l *lexer) escape(out []byte) []byte {
	l.at++
	ch := l.current()
	switch i := strings.IndexByte(escapeLetters, ch); {
	case l.at >= len(l.text):
		return out
	case i >= 0:
		ch = escapeBytes[i]
	case ch == '\n' || ch == '\r':
		l.newLine()
		return append(out, '\n')
	case isDigit(ch):
		code := 0
		for i := 0; i < 3 && isDigit(l.current()); i++ {
			code = code*10 + int(l.current()-'0')
			l.at++
		}
		if code > 255 {
			l.fail("escape sequence too large", string(out))
		}
		return append(out, byte(code))
	}
	l.at++
	return append(out, ch)
}

// level reads "[==" and returns the number of signs, -1 if no second bracket follows.
func (l *lexer) level() int {
	i := l.at + 1
	for l.byteAt(i) == '=' {
		i++
	}
	if l.byteAt(i) == '[' {
		return i - l.at - 1
	}
	return -1
}

func (l *lexer) longString() token {
	level := l.level()
	if level < 0 {
		if l.byteAt(l.at+1) == '=' {
			for l.at++; l.current() == '='; l.at++ {
			}
			l.fail("invalid long string delimiter", l.text[l.start:l.at])
		}
		l.at++
		return '['
	}
	l.word = l.long(level, "unfinished long string")
	l.raw = l.text[l.start:l.at]
	return tokenString
}

// long reads up to the closing brackets, and makes all ends of lines alike.
func (l *lexer) long(level int, unfinished string) string {
	l.at += level + 2
	if ch := l.current(); ch == '\n' || ch == '\r' {
		l.newLine()
	}
	ending := "]" + strings.Repeat("=", level) + "]"
	var out []byte
	for {
		if l.at >= len(l.text) {
			l.fail(unfinished, "<eof>")
		}
		switch ch := l.current(); {
		case strings.HasPrefix(l.text[l.at:], ending):
			l.at += len(ending)
			return string(out)
		case ch == '\n' || ch == '\r':
			l.newLine()
			out = append(out, '\n')
		default:
			out = append(out, ch)
			l.at++
		}
	}
}

func (l *lexer) comment() {
	l.at += 2
	if l.current() == '[' {
		if level := l.level(); level >= 0 {
			l.long(level, "unfinished long comment")
			return
		}
	}
	for l.at < len(l.text) && l.current() != '\n' && l.current() != '\r' {
		l.at++
	}
}

func isDigit(ch byte) bool  { return ch >= '0' && ch <= '9' }
func isLetter(ch byte) bool { return ch == '_' || ch|0x20 >= 'a' && ch|0x20 <= 'z' }
func isSpace(ch byte) bool  { return ch == ' ' || ch >= '\t' && ch <= '\r' }

func isHex(ch byte) bool { return isDigit(ch) || ch|0x20 >= 'a' && ch|0x20 <= 'f' }

// parseNumber reads what C's strtod reads, with blanks around it; whole hexadecimal numbers too.
func parseNumber(s string) (float64, bool) {
	s = upToZero(s)
	for s != "" && isSpace(s[0]) {
		s = s[1:]
	}
	for s != "" && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	body := s
	if body != "" && (body[0] == '-' || body[0] == '+') {
		body = body[1:]
	}
	if body == "" || strings.IndexByte(s, '_') >= 0 {
		return 0, false
	}
	if len(body) > 2 && body[0] == '0' && body[1]|0x20 == 'x' && strings.IndexAny(body, ".pP") < 0 {
		n, ok := parseHex(body[2:])
		if s[0] == '-' {
			n = -n
		}
		return n, ok
	}
	if strings.EqualFold(body, "nan") {
		return quietNaN(s[0] == '-'), true
	}
	if len(body) > 2 && body[0] == '0' && body[1]|0x20 == 'x' && strings.IndexAny(body, "pP") < 0 {
		s += "p0" // which Go asks for, and C does not
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	return n, true
}

// quietNaN is what C and the processor make; Go's own has another bit.
func quietNaN(negative bool) float64 {
	bits := uint64(0x7ff8 << 48)
	if negative {
		bits |= 1 << 63
	}
	return math.Float64frombits(bits)
}

// asC turns the NaN with which Go's library answers what has no answer into the processor's, which is negative.
func asC(f float64) float64 {
	if bits := math.Float64bits(f); f != f && bits&1 != 0 {
		return quietNaN(bits>>63 == 0)
	}
	return f
}

func parseHex(digits string) (n float64, ok bool) {
	for i := 0; i < len(digits); i++ {
		if !isHex(digits[i]) {
			return 0, false
		}
		digit, _ := strconv.ParseUint(digits[i:i+1], 16, 8)
		n = n*16 + float64(digit)
	}
	return n, true
}
