// Package resp speaks RESP, the protocol of Redis, in both directions and without input or output:
// requests are found inside bytes that a caller owns, replies are appended to bytes that a caller owns.
//
// # Requests
//
// A request is a multibulk ("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n") or, when its first byte is no '*', an
// inline line ("GET k\r\n"). Next finds one at the start of a buffer and returns its arguments as
// slices of that buffer: a request costs no allocation and no copy, and its time is the number of its
// header bytes, since bulks are stepped over. Only inline arguments that hold quotes are rebuilt.
//
// A request that arrives in pieces is not scanned again. Lengths have one spelling each (no sign, no
// leading zero), so the lengths of the arguments found so far tell where each of them starts: eight
// bytes per argument are remembered, on the heap, and only while the request is unfinished. An idle
// client keeps one nil pointer.
//
// How the bytes are cut never changes the outcome. Where the reference server's own limits depend on
// the size of its reads (a line of 70,000 bytes passes if its end arrives with it), the answer here is
// the one for bytes that arrive one by one.
package resp

import (
	"bytes"

	"riffle/engine/num"
)

// ProtocolError is the text of the error reply for bytes that are no request, without the leading
// "-ERR ". The client must be sent it and then be closed: where its next request begins is unknown.
type ProtocolError string

// Error returns the text.
func (e ProtocolError) Error() string { return string(e) }

// The protocol errors of requests, worded as the reference server words them.
const (
	ErrInlineTooBig             ProtocolError = "Protocol error: too big inline request"
	ErrUnbalancedQuotes         ProtocolError = "Protocol error: unbalanced quotes in request"
	ErrMultibulkCountTooBig     ProtocolError = "Protocol error: too big mbulk count string"
	ErrMultibulkLength          ProtocolError = "Protocol error: invalid multibulk length"
	ErrUnauthenticatedMultibulk ProtocolError = "Protocol error: unauthenticated multibulk length"
	ErrBulkCountTooBig          ProtocolError = "Protocol error: too big bulk count string"
	ErrBulkLength               ProtocolError = "Protocol error: invalid bulk length"
	ErrUnauthenticatedBulk      ProtocolError = "Protocol error: unauthenticated bulk length"
)

// A client that has not authenticated may say little: enough for AUTH and HELLO, too little to make the
// server hold a lot for a stranger.
const (
	unauthenticatedMultibulk = 10
	unauthenticatedBulk      = 16384
)

// absurd is more than any memory holds: no limit a user sets can make sums of lengths overflow.
const absurd = 1 << 48

// Limits bounds what a client may send. The zero value forbids everything: start from DefaultLimits.
type Limits struct {
	Bulk      int64 // bytes in one argument ("proto-max-bulk-len")
	Multibulk int64 // arguments in one request
	Inline    int   // bytes in an inline line, and in the line that holds a length
	Auth      bool  // the client must still authenticate: 10 arguments of 16,384 bytes
}

// DefaultLimits are the reference server's: 512 MiB bulks, 2,147,483,647 arguments, 64 KiB lines.
var DefaultLimits = Limits{Bulk: 512 << 20, Multibulk: 1<<31 - 1, Inline: 64 << 10}

// Parser remembers how far an unfinished request got. Each client has its own; the zero value is ready.
type Parser struct {
	partial *partial // nil between requests
}

// partial is the part of a request that has been understood. Offsets count from the request's start.
type partial struct {
	count   int   // arguments in the request; 0 = its first line has not ended
	lengths []int // of the arguments that are complete
	at      int   // where the unfinished line, or the unfinished bulk's content, starts
	scanned int   // the unfinished line does not end before this
	bulk    int   // 1 + the length of the unfinished bulk; 0 = its header has not ended
	missing int   // bytes of the unfinished bulk that had not arrived
}

// Next finds the request at the start of buf.
//
// A whole request of n > 0 bytes is returned as args: argv with its arguments appended, each a slice
// of buf (or, rarely, of memory of its own: the name, if a line ends in other bytes than it should). An empty request
// ("*0", "*-1", a blank line) has n > 0 and adds none. An unfinished request has n == 0 and no error: call again
// with the same bytes followed by more, in the same buffer or another. An error is a ProtocolError.
func (p *Parser) Next(buf []byte, argv [][]byte, limits *Limits) (args [][]byte, n int, err error) {
	if len(buf) == 0 {
		return argv, 0, nil
	}
	if p.partial == nil {
		if args, n := quickRequest(buf, argv, limits); n > 0 {
			return args, n, nil
		}
	}
	own := argv[len(argv):]
	if buf[0] == '*' {
		own, n, err = p.multibulk(buf, own, limits)
	} else {
		own, n, err = p.inline(buf, own, limits)
	}
	return append(argv, own...), n, err
}

// Wanted returns how many bytes of a bulk and its line end had not arrived at the last Next, or 0 when
// that is unknown. A host may size its next read with it, though the bytes are only promised.
func (p *Parser) Wanted() int {
	if p.partial == nil {
		return 0
	}
	return p.partial.missing
}

// Reset forgets an unfinished request.
func (p *Parser) Reset() { p.partial = nil }

func (p *Parser) multibulk(buf []byte, args [][]byte, limits *Limits) ([][]byte, int, error) {
	var state partial
	if p.partial != nil {
		state = *p.partial
	}
	if state.count == 0 {
		if next, err := state.head(buf, limits); next == 0 {
			return args, 0, p.pause(&state, err)
		}
		if state.count < 0 {
			p.partial = nil
			return args, state.at, nil
		}
	}
	for earlier := len(state.lengths); earlier+len(args) < state.count; {
		if state.bulk == 0 {
			if next, err := state.bulkHead(buf, limits); next == 0 {
				state.keep(args)
				return args[:0], 0, p.pause(&state, err)
			}
		}
		length := state.bulk - 1
		if have := len(buf) - state.at; have < length+2 {
			state.missing = length + 2 - have
			state.keep(args)
			return args[:0], 0, p.pause(&state, nil)
		}
		// The two bytes after a bulk are taken for its line end, whatever they are, as the reference does.
		args = append(args, buf[state.at:state.at+length:state.at+length])
		state.at += length + 2
		state.bulk, state.missing = 0, 0
	}
	if len(state.lengths) > 0 {
		state.keep(args)
		args = state.slice(buf, args[:0])
	}
	p.partial = nil
	if !linesEnd(buf[:state.at], args) {
		args[0] = bytes.Clone(args[0])
	}
	return args, state.at, nil
}

// pause stores the state of an unfinished request, or drops it if err ends the conversation.
func (p *Parser) pause(state *partial, err error) error {
	switch {
	case err != nil:
		p.partial = nil
	case p.partial != nil:
		*p.partial = *state
	default:
		kept := *state // a copy, so that state itself stays off the heap for requests that come whole
		p.partial = &kept
	}
	return err
}

// keep remembers arguments by their lengths, before buf may move.
func (s *partial) keep(args [][]byte) {
	for _, arg := range args {
		s.lengths = append(s.lengths, len(arg))
	}
}

// slice appends every remembered argument to args, as a slice of buf.
func (s *partial) slice(buf []byte, args [][]byte) [][]byte {
	at := headerSize(s.count)
	for _, length := range s.lengths {
		at += headerSize(length)
		args = append(args, buf[at:at+length:at+length])
		at += length + 2
	}
	return args
}

// head reads the line that counts the arguments; next is 0 while its end is missing. A count below one
// becomes -1, so that it is told from a count not yet known.
func (s *partial) head(buf []byte, limits *Limits) (next int, err error) {
	count, next := quickHeader(buf, s.at, '*')
	if next == 0 {
		count, next, err = s.header(buf, limits, '*', ErrMultibulkCountTooBig, ErrMultibulkLength)
	}
	switch {
	case next == 0 || err != nil:
		return 0, err
	case count > min(limits.Multibulk, absurd):
		return 0, ErrMultibulkLength
	case limits.Auth && count > unauthenticatedMultibulk:
		return 0, ErrUnauthenticatedMultibulk
	}
	s.at, s.scanned, s.count = next, next, int(count)
	if count <= 0 {
		s.count = -1
	}
	return next, nil
}

// bulkHead reads the line before a bulk's content; next is 0 while its end is missing.
func (s *partial) bulkHead(buf []byte, limits *Limits) (next int, err error) {
	length, next := quickHeader(buf, s.at, '$')
	if next == 0 {
		length, next, err = s.header(buf, limits, '$', ErrBulkCountTooBig, ErrBulkLength)
	}
	switch {
	case next == 0 || err != nil:
		return 0, err
	case length < 0 || length > min(limits.Bulk, absurd):
		return 0, ErrBulkLength
	case limits.Auth && length > unauthenticatedBulk:
		return 0, ErrUnauthenticatedBulk
	}
	s.at, s.scanned, s.bulk = next, next, int(length)+1
	return next, nil
}

// header reads the line at s.at, a kind and a number, whatever it looks like and however much of it is there.
// next is the offset behind it, 0 while its end is missing. A line ends with a carriage return and one more
// byte, which the reference does not look at either.
func (s *partial) header(
	buf []byte, limits *Limits, kind byte, tooBig, invalid ProtocolError,
) (number int64, next int, err error) {
	end := s.lineEnd(buf, '\r')
	switch {
	case end-s.at > limits.Inline:
		return 0, 0, tooBig
	case end+1 >= len(buf):
		return 0, 0, nil
	case buf[s.at] != kind:
		return 0, 0, unexpected(buf[s.at])
	}
	number, ok := num.ParseInt(buf[s.at+1 : end])
	if !ok {
		return 0, 0, invalid
	}
	return number, end + 2, nil
}

// lineEnd returns the offset of the byte that ends the line at s.at, or len(buf) when it has not arrived.
func (s *partial) lineEnd(buf []byte, ending byte) int {
	from := min(max(s.at, s.scanned), len(buf))
	if i := bytes.IndexByte(buf[from:], ending); i >= 0 {
		s.scanned = from + i
		return from + i
	}
	s.scanned = len(buf)
	return len(buf)
}

func unexpected(got byte) ProtocolError {
	if got == '\r' || got == '\n' {
		got = ' ' // an error reply is one line
	}
	return ProtocolError("Protocol error: expected '$', got '" + string([]byte{got}) + "'")
}
