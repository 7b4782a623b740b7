package resp

import (
	"bytes"

	"riffle/engine/num"
)

// The protocol errors of replies.
const (
	ErrReplyKind   ProtocolError = "Protocol error: unknown reply type"
	ErrReplyLength ProtocolError = "Protocol error: invalid reply length"
	ErrReplyText   ProtocolError = "Protocol error: invalid reply text"
	ErrReplyDepth  ProtocolError = "Protocol error: replies nested too deep"
)

// maxDepth bounds how deep ReadValue follows nested replies, since each level is a level of its stack.
const maxDepth = 128

// maxReplyLength bounds lengths and counts so that their sums cannot overflow.
const maxReplyLength = 1 << 40

// Value is one reply.
type Value struct {
	Kind  byte    // the reply's first byte, one of "+-:$*_,#!=(%~>"
	Null  bool    // "$-1", "*-1" and "_"
	Str   []byte  // "+-$!,(" the text; "=" the text with its "txt:"; a slice of the buffer read
	Int   int64   // ":" the number, "#" 1 or 0
	Elems []Value // "*~>" the elements; "%" keys and values in turn
	Attrs []Value // attributes sent before the reply, keys and values in turn
}

// ReadValue reads the reply at the start of buf, which takes n bytes; n is 0, without an error, while it
// is incomplete. It is for tests, tools and hosts: it allocates, and starts anew at every call.
func ReadValue(buf []byte) (v Value, n int, err error) {
	r := reader{buf: buf}
	v, err = r.value(maxDepth)
	if err != nil || r.short {
		return Value{}, 0, err
	}
	return v, r.at, nil
}

// SkipValue returns the size of the reply at the start of buf, 0 while it is incomplete and -1 if it is no
// reply. It allocates nothing and uses no stack: a count of the elements still to come stands for the
// nesting, which may therefore be of any depth.
func SkipValue(buf []byte) (n int) {
	r := reader{buf: buf}
	for pending := int64(1); pending > 0; pending-- {
		kind, number, _, err := r.item()
		if err != nil || pending > maxReplyLength {
			return -1
		}
		if r.short {
			return 0
		}
		switch {
		case kind == '|':
			pending += 2*number + 1 // the reply that it describes comes as well
		case kind == '%':
			pending += 2 * number
		case isAggregate(kind) && number > 0:
			pending += number
		}
	}
	return r.at
}

// reader walks over replies; short says that the buffer ended before the reply did.
type reader struct {
	buf   []byte
	at    int
	short bool
}

func (r *reader) value(depth int) (v Value, err error) {
	if depth == 0 {
		return v, ErrReplyDepth
	}
	kind, number, text, err := r.item()
	if err != nil || r.short {
		return v, err
	}
	if kind == '|' {
		attributes, err := r.values(2*number, depth)
		if err != nil || r.short {
			return v, err
		}
		v, err = r.value(depth - 1)
		v.Attrs = append(attributes, v.Attrs...)
		return v, err
	}
	v = Value{Kind: kind, Str: text, Int: number}
	if isAggregate(kind) || kind == '$' {
		v.Int, v.Null = 0, number < 0
	}
	if isAggregate(kind) && !v.Null {
		if kind == '%' {
			number *= 2
		}
		v.Elems, err = r.values(number, depth)
	}
	v.Null = v.Null || kind == '_'
	return v, err
}

// values reads count values. Room is made as they come: a count is only a claim.
func (r *reader) values(count int64, depth int) (values []Value, err error) {
	values = []Value{}
	for ; count > 0; count-- {
		v, err := r.value(depth - 1)
		if err != nil || r.short {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

// item reads a reply without its elements. number is an integer, a boolean, or the count of elements of
// an aggregate, -1 for null; text is what a string or a line holds.
func (r *reader) item() (kind byte, number int64, text []byte, err error) {
	if r.at >= len(r.buf) {
		r.short = true
		return 0, 0, nil, nil
	}
	kind = r.buf[r.at]
	if !isReply(kind) {
		return 0, 0, nil, ErrReplyKind
	}
	line, err := r.line()
	if err != nil || r.short {
		return 0, 0, nil, err
	}
	switch kind {
	case ':':
		number, ok := num.ParseInt(line)
		if !ok {
			return 0, 0, nil, ErrReplyText
		}
		return kind, number, nil, nil
	case '#', '_':
		number, err = word(kind, line)
		return kind, number, nil, err
	case '+', '-', ',', '(':
		return kind, 0, line, nil
	}
	number, ok := num.ParseInt(line)
	nullable := kind == '$' || kind == '*'
	if !ok || number > maxReplyLength || number < -1 || number == -1 && !nullable {
		return 0, 0, nil, ErrReplyLength
	}
	if isAggregate(kind) || kind == '|' || number < 0 {
		return kind, number, nil, nil
	}
	text, err = r.text(int(number))
	return kind, 0, text, err
}

// word checks the lines that have only a few spellings: booleans and null.
func word(kind byte, line []byte) (number int64, err error) {
	switch {
	case kind == '_' && len(line) == 0, kind == '#' && string(line) == "f":
		return 0, nil
	case kind == '#' && string(line) == "t":
		return 1, nil
	}
	return 0, ErrReplyText
}

// line returns what stands between the kind at r.at and the line's end, and moves behind it.
func (r *reader) line() (line []byte, err error) {
	end := bytes.IndexByte(r.buf[r.at:], '\n')
	if end < 0 {
		r.short = true
		return nil, nil
	}
	if end < 2 || r.buf[r.at+end-1] != '\r' {
		return nil, ErrReplyText
	}
	line = r.buf[r.at+1 : r.at+end-1]
	r.at += end + 1
	return line, nil
}

// text returns length bytes and moves behind their line end.
func (r *reader) text(length int) (text []byte, err error) {
	if len(r.buf)-r.at < length+2 {
		r.short = true
		return nil, nil
	}
	text = r.buf[r.at : r.at+length : r.at+length]
	if r.buf[r.at+length] != '\r' || r.buf[r.at+length+1] != '\n' {
		return nil, ErrReplyText
	}
	r.at += length + 2
	return text, nil
}

func isAggregate(kind byte) bool {
	return kind == '*' || kind == '%' || kind == '~' || kind == '>'
}

func isReply(kind byte) bool {
	return bytes.IndexByte([]byte("+-:$*_,#!=(%~>|"), kind) >= 0
}
