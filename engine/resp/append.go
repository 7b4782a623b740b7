package resp

import "riffle/engine/num"

// The encoders append one reply, or the head of an aggregate whose elements the caller appends next.
// Those whose names end in 3, and Map, Set, Push, Attribute, Verbatim and BigNumber, are RESP3.

// AppendSimple appends a status such as "OK". Line ends inside text become blanks.
func AppendSimple(dst []byte, text string) []byte { return appendLine(dst, '+', text) }

// AppendError appends an error; text starts with its code, as in "ERR syntax error". Line ends inside
// text, which may quote what a client sent, become blanks.
func AppendError(dst []byte, text string) []byte { return appendLine(dst, '-', text) }

// AppendInt appends an integer.
func AppendInt(dst []byte, number int64) []byte { return appendHeader(dst, ':', number) }

// AppendBulk appends a string of any bytes; nil is the empty string.
func AppendBulk(dst, text []byte) []byte {
	dst = appendHeader(dst, '$', int64(len(text)))
	dst = append(dst, text...)
	return append(dst, '\r', '\n')
}

// AppendBulkString is AppendBulk for a string.
func AppendBulkString(dst []byte, text string) []byte {
	dst = appendHeader(dst, '$', int64(len(text)))
	dst = append(dst, text...)
	return append(dst, '\r', '\n')
}

// AppendNullBulk appends RESP2's missing string.
func AppendNullBulk(dst []byte) []byte { return append(dst, "$-1\r\n"...) }

// AppendNullArray appends RESP2's missing array.
func AppendNullArray(dst []byte) []byte { return append(dst, "*-1\r\n"...) }

// AppendNull3 appends RESP3's only null.
func AppendNull3(dst []byte) []byte { return append(dst, "_\r\n"...) }

// AppendArray starts an array of n elements.
func AppendArray(dst []byte, n int) []byte { return appendHeader(dst, '*', int64(n)) }

// AppendMap starts a map of n pairs: 2n elements follow.
func AppendMap(dst []byte, n int) []byte { return appendHeader(dst, '%', int64(n)) }

// AppendSet starts a set of n elements.
func AppendSet(dst []byte, n int) []byte { return appendHeader(dst, '~', int64(n)) }

// AppendPush starts a push, which is no reply to anything, of n elements.
func AppendPush(dst []byte, n int) []byte { return appendHeader(dst, '>', int64(n)) }

// AppendAttribute starts n pairs of attributes; the reply that they describe follows them.
func AppendAttribute(dst []byte, n int) []byte { return appendHeader(dst, '|', int64(n)) }

// AppendDouble3 appends a double from its text: "1.5", "inf", "-inf" or "nan".
func AppendDouble3(dst, text []byte) []byte {
	dst = append(dst, ',')
	dst = append(dst, text...)
	return append(dst, '\r', '\n')
}

// AppendBool3 appends a boolean.
func AppendBool3(dst []byte, value bool) []byte {
	if value {
		return append(dst, "#t\r\n"...)
	}
	return append(dst, "#f\r\n"...)
}

// AppendBigNumber appends an integer of any size from its decimal digits.
func AppendBigNumber(dst, digits []byte) []byte {
	return appendLine(dst, '(', string(digits))
}

// AppendVerbatim appends text that is meant to be shown as it is. extension names its format in three
// bytes: "txt" or "mkd".
func AppendVerbatim(dst []byte, extension string, text []byte) []byte {
	dst = appendHeader(dst, '=', int64(len(extension)+1+len(text)))
	dst = append(dst, extension...)
	dst = append(dst, ':')
	dst = append(dst, text...)
	return append(dst, '\r', '\n')
}

// AppendCommand appends a request: an array of bulks.
func AppendCommand(dst []byte, args ...[]byte) []byte {
	dst = AppendArray(dst, len(args))
	for _, arg := range args {
		dst = AppendBulk(dst, arg)
	}
	return dst
}

// IsCommand reports whether p, a request that was parsed, is what AppendCommand makes of args because they
// are its arguments where they lie. An inline request is none; an argument put in the place of another lies elsewhere,
// and so does the name of a request that is spelt otherwise (see Parser.Next).
func IsCommand(p []byte, args [][]byte) bool {
	at := headerSize(len(args))
	if len(p) == 0 || p[0] != '*' || len(args) == 0 || len(args[0]) == 0 {
		return false
	}
	for _, arg := range args {
		size := len(arg)
		at += headerSize(size)
		if size > 0 && (at >= len(p) || &p[at] != &arg[0]) {
			return false
		}
		at += size + 2
	}
	return at == len(p)
}

// linesEnd reports whether all lines of a request end as they should, if its headers are as long as they should be.
func linesEnd(p []byte, args [][]byte) bool {
	at := headerSize(len(args))
	if at > len(p) || !endsLine(p, at) {
		return false
	}
	for _, arg := range args {
		at += headerSize(len(arg))
		end := at + len(arg) + 2
		if end > len(p) || !endsLine(p, at) || !endsLine(p, end) {
			return false
		}
		at = end
	}
	return true
}

// endsLine reports whether a line of p ends before at.
func endsLine(p []byte, at int) bool { return p[at-2] == '\r' && p[at-1] == '\n' }

func appendHeader(dst []byte, kind byte, number int64) []byte {
	switch { // most lengths and counts have one digit or two
	case uint64(number) < 10:
		return append(dst, kind, byte('0'+number), '\r', '\n')
	case uint64(number) < 100:
		return append(dst, kind, byte('0'+number/10), byte('0'+number%10), '\r', '\n')
	}
	dst = append(dst, kind)
	dst = num.AppendInt(dst, number)
	return append(dst, '\r', '\n')
}

// appendLine keeps text on one line: a line end inside it would let it forge the replies that follow.
func appendLine(dst []byte, kind byte, text string) []byte {
	dst = append(dst, kind)
	start := len(dst)
	dst = append(dst, text...)
	for i := start; i < len(dst); i++ {
		if dst[i] == '\r' || dst[i] == '\n' {
			dst[i] = ' '
		}
	}
	return append(dst, '\r', '\n')
}
