package engine

import (
	"slices"
	"strconv"

	"riffle/engine/listpack"
	"riffle/engine/num"
	"riffle/engine/resp"
)

// Reply is the one writer of replies. It appends to a buffer and knows both protocols: a handler
// says what it means (Map, Set, Null, Double) and Reply spells it for RESP2 or RESP3.
type Reply struct {
	buf    []byte
	proto  int // 2 or 3
	errors int // error replies written so far
}

// OK writes +OK.
func (r *Reply) OK() { r.buf = append(r.buf, "+OK\r\n"...) }

// Simple writes a simple string, which must not contain CR or LF.
func (r *Reply) Simple(s string) { r.buf = resp.AppendSimple(r.buf, s) }

// Error writes an error; text begins with its code ("ERR ...", "WRONGTYPE ...").
func (r *Reply) Error(text string) {
	r.errors++
	r.buf = append(r.buf, '-')
	for len(text) > 0 && (text[len(text)-1] == '\n' || text[len(text)-1] == '\r') {
		text = text[:len(text)-1]
	}
	for i := 0; i < len(text); i++ {
		ch := text[i]
		if ch == '\r' || ch == '\n' {
			ch = ' '
		}
		r.buf = append(r.buf, ch)
	}
	r.buf = append(r.buf, "\r\n"...)
}

// Int writes an integer.
func (r *Reply) Int(n int64) {
	if uint64(n) < 10 {
		r.buf = append(r.buf, ':', '0'+byte(n), '\r', '\n')
		return
	}
	r.buf = append(num.AppendInt(append(r.buf, ':'), n), '\r', '\n')
}

// Bulk writes a bulk string.
func (r *Reply) Bulk(b []byte) { r.buf = resp.AppendBulk(r.buf, b) }

// BulkString writes a bulk string.
func (r *Reply) BulkString(s string) { r.buf = resp.AppendBulkString(r.buf, s) }

// BulkInt writes an integer as a bulk string.
func (r *Reply) BulkInt(n int64) {
	var text [20]byte
	r.Bulk(strconv.AppendInt(text[:0], n, 10))
}

// entryRoom is the most that a short element of a listpack takes as a bulk string, in bytes.
const entryRoom = 5 + 63 + 2

// Entries writes up to count elements of a listpack from pos on as bulk strings, and returns how many are
// left. Lists and hashes are read so by the hundred: a short string is written into room that is known
// to be there, in one go.
func (r *Reply) Entries(lp []byte, pos, count int) int {
	buf := r.buf
	for pos >= 0 && count > 0 {
		s, behind := listpack.Short(lp, pos)
		if behind == 0 {
			r.buf = buf
			r.entry(lp, pos)
			buf, pos = r.buf, listpack.Next(lp, pos)
			count--
			continue
		}
		if cap(buf)-len(buf) < entryRoom {
			buf = slices.Grow(buf, entryRoom)
		}
		room := buf[len(buf) : len(buf)+entryRoom]
		at := putBulkHead(room, len(s))
		at += copy(room[at:], s)
		room[at], room[at+1] = '\r', '\n'
		buf = buf[:len(buf)+at+2]
		count--
		if pos = behind; listpack.AtEnd(lp, pos) {
			break
		}
	}
	r.buf = buf
	return count
}

// putBulkHead writes the header of a bulk string of n < 100 bytes and returns its size.
func putBulkHead(room []byte, n int) int {
	_ = room[4]
	room[0] = '$'
	if n < 10 {
		room[1], room[2], room[3] = '0'+byte(n), '\r', '\n'
		return 4
	}
	room[1], room[2], room[3], room[4] = '0'+byte(n/10), '0'+byte(n%10), '\r', '\n'
	return 5
}

// entry writes one element of a listpack as a bulk string.
func (r *Reply) entry(lp []byte, pos int) {
	if s, n, isInt := listpack.Value(lp, pos); isInt {
		r.BulkInt(n)
	} else {
		r.Bulk(s)
	}
}

// Null writes the null that stands for a missing bulk string.
func (r *Reply) Null() {
	if r.proto == 3 {
		r.buf = resp.AppendNull3(r.buf)
		return
	}
	r.buf = resp.AppendNullBulk(r.buf)
}

// NullArray writes the null that stands for a missing array.
func (r *Reply) NullArray() {
	if r.proto == 3 {
		r.buf = resp.AppendNull3(r.buf)
		return
	}
	r.buf = resp.AppendNullArray(r.buf)
}

// Array opens an array of n replies.
func (r *Reply) Array(n int) { r.buf = resp.AppendArray(r.buf, n) }

// Map opens a map of n pairs; a flat array of 2n in RESP2.
func (r *Reply) Map(n int) {
	if r.proto == 3 {
		r.buf = resp.AppendMap(r.buf, n)
		return
	}
	r.buf = resp.AppendArray(r.buf, 2*n)
}

// Set opens a set of n replies; an array in RESP2.
func (r *Reply) Set(n int) {
	if r.proto == 3 {
		r.buf = resp.AppendSet(r.buf, n)
		return
	}
	r.buf = resp.AppendArray(r.buf, n)
}

// Push opens an out-of-band message of n replies; an array in RESP2.
func (r *Reply) Push(n int) {
	if r.proto == 3 {
		r.buf = resp.AppendPush(r.buf, n)
		return
	}
	r.buf = resp.AppendArray(r.buf, n)
}

// Double writes a floating point number; a bulk string in RESP2.
func (r *Reply) Double(f float64) {
	var text [40]byte
	b := num.AppendFloat(text[:0], f)
	if r.proto == 3 {
		r.buf = resp.AppendDouble3(r.buf, b)
		return
	}
	r.Bulk(b)
}

// doubleText writes a number that is spelled already as a double, or as a bulk string.
func (r *Reply) doubleText(text []byte) {
	if r.proto == 2 {
		r.Bulk(text)
		return
	}
	r.buf = append(append(append(r.buf, ','), text...), "\r\n"...)
}

// Bool writes a truth value; 1 or 0 in RESP2.
func (r *Reply) Bool(b bool) {
	if r.proto == 3 {
		r.buf = resp.AppendBool3(r.buf, b)
		return
	}
	r.buf = append(r.buf, ':', '0'+byte(boolInt(b)), '\r', '\n')
}

// Verbatim writes text meant for a person; format is "txt" or "mkd". A bulk string in RESP2.
func (r *Reply) Verbatim(format, text string) {
	if r.proto == 3 {
		r.buf = resp.AppendVerbatim(r.buf, format, []byte(text))
		return
	}
	r.BulkString(text)
}

// Later marks the place of an aggregate whose length is not known yet.
func (r *Reply) Later() int { return len(r.buf) }

// ArrayAt writes the header of an array of n replies at a place that Later marked.
func (r *Reply) ArrayAt(mark, n int) { r.headerAt(mark, func() { r.Array(n) }) }

// MapAt is ArrayAt for a map of n pairs.
func (r *Reply) MapAt(mark, n int) { r.headerAt(mark, func() { r.Map(n) }) }

// SetAt is ArrayAt for a set of n replies.
func (r *Reply) SetAt(mark, n int) { r.headerAt(mark, func() { r.Set(n) }) }

// headerAt writes a header at the end, then rotates it in front of the elements.
func (r *Reply) headerAt(mark int, write func()) {
	end := len(r.buf)
	write()
	var header [32]byte
	n := copy(header[:], r.buf[end:])
	copy(r.buf[mark+n:], r.buf[mark:end])
	copy(r.buf[mark:], header[:n])
}

func boolInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// BigNumber writes an integer of any size; a bulk string in RESP2.
func (r *Reply) BigNumber(digits string) {
	if r.proto == 3 {
		r.buf = resp.AppendBigNumber(r.buf, []byte(digits))
		return
	}
	r.BulkString(digits)
}

// Attribute opens an attribute of n pairs, which precedes the value it is about; RESP3 only.
func (r *Reply) Attribute(n int) { r.buf = resp.AppendAttribute(r.buf, n) }
