package engine

import (
	"math"
	"strconv"
)

const errStreamID = "ERR Invalid stream ID specified as stream command argument"

// maxIDText is the longest text that is looked at as an id, in bytes.
const maxIDText = 127

// parseStreamID reads "ms-seq" or "ms", which leaves seq at missing.
func parseStreamID(text []byte, missing uint64) (id streamID, ok bool) {
	if len(text) > maxIDText {
		return id, false
	}
	ms, seq := text, []byte(nil)
	for i, ch := range text {
		if ch == '-' {
			ms, seq = text[:i], text[i+1:]
			break
		}
	}
	if id.ms, ok = parseUint(ms); !ok {
		return id, false
	}
	if len(ms) == len(text) {
		id.seq = missing
		return id, true
	}
	id.seq, ok = parseUint(seq)
	return id, ok
}

// parseUint reads an unsigned number the way C's strtoull does, which the reference falls back on:
// blanks and a sign in front, and leading zeros, are let pass. A minus goes around zero, except before a plain number:
// that is read another way, and refused.
func parseUint(text []byte) (n uint64, ok bool) {
	negative, plain := false, len(text) > 1 && text[0] == '-' && text[1] != '0'
	for len(text) > 0 && (text[0] == ' ' || text[0] >= '\t' && text[0] <= '\r') {
		text = text[1:]
	}
	if len(text) > 0 && (text[0] == '+' || text[0] == '-') {
		negative = text[0] == '-'
		text = text[1:]
	}
	for _, ch := range text {
		digit := uint64(ch - '0')
		if digit > 9 || n > math.MaxUint64/10 || n*10 > math.MaxUint64-digit {
			return 0, false
		}
		n = n*10 + digit
	}
	if negative {
		if plain && n <= 1<<63 {
			return 0, false
		}
		n = -n
	}
	return n, len(text) > 0
}

// streamID reads argument i as an id; "ms" alone stands for ms-missing.
func (c *Ctx) streamID(i int, missing uint64) (streamID, bool) {
	return c.strictID(c.Argv[i], missing)
}

func (c *Ctx) strictID(text []byte, missing uint64) (streamID, bool) {
	id, ok := parseStreamID(text, missing)
	if !ok {
		c.Reply.Error(errStreamID)
	}
	return id, ok
}

// rangeID is strictID where "-" and "+" stand for the least and the greatest id.
func (c *Ctx) rangeID(text []byte, missing uint64) (streamID, bool) {
	switch string(text) {
	case "-":
		return streamID{}, true
	case "+":
		return maxStreamID, true
	}
	return c.strictID(text, missing)
}

// rangeStart reads the lower end of a range; "(" in front leaves the id itself out.
func (c *Ctx) rangeStart(text []byte) (streamID, bool) {
	if len(text) < 2 || text[0] != '(' {
		return c.rangeID(text, 0)
	}
	id, ok := c.strictID(text[1:], 0)
	if !ok {
		return id, false
	}
	if id, ok = id.next(); !ok {
		c.Reply.Error("ERR invalid start ID for the interval")
	}
	return id, ok
}

// rangeEnd reads the upper end of a range; "(" in front leaves the id itself out.
func (c *Ctx) rangeEnd(text []byte) (streamID, bool) {
	if len(text) < 2 || text[0] != '(' {
		return c.rangeID(text, math.MaxUint64)
	}
	id, ok := c.strictID(text[1:], math.MaxUint64)
	if !ok {
		return id, false
	}
	if id, ok = id.previous(); !ok {
		c.Reply.Error("ERR invalid end ID for the interval")
	}
	return id, ok
}

// streamIDs reads all arguments from i on as ids.
func (c *Ctx) streamIDs(i int) ([]streamID, bool) {
	ids := make([]streamID, 0, len(c.Argv)-i)
	for ; i < len(c.Argv); i++ {
		id, ok := c.streamID(i, 0)
		if !ok {
			return nil, false
		}
		ids = append(ids, id)
	}
	return ids, true
}

// appendText appends id as "ms-seq".
func (id streamID) appendText(dst []byte) []byte {
	dst = strconv.AppendUint(dst, id.ms, 10)
	dst = append(dst, '-')
	return strconv.AppendUint(dst, id.seq, 10)
}

// text returns id as "ms-seq", for effects.
func (id streamID) text() []byte { return id.appendText(nil) }

// streamID writes an id as a bulk string and returns its text, which lies in the output buffer and is
// valid until more is written.
func (r *Reply) streamID(id streamID) (text []byte) {
	var buf [41]byte
	digits := id.appendText(buf[:0])
	r.Bulk(digits)
	end := len(r.buf) - 2
	return r.buf[end-len(digits) : end]
}

// streamEntry writes the entry that a walk has found: its id, then fields and values in turn.
func (r *Reply) streamEntry(w *streamWalk) {
	r.Array(2)
	r.streamParts(w)
}

// streamParts writes the two parts of an entry.
func (r *Reply) streamParts(w *streamWalk) {
	r.streamID(w.id)
	r.Array(int(2 * w.fields))
	w.each(func(field, value []byte) {
		r.Bulk(field)
		r.Bulk(value)
	})
}

// streamEntries writes an array of the entries of a walk, at most count if that is not 0.
func (r *Reply) streamEntries(w streamWalk, count int64) {
	mark, n := r.Later(), 0
	for (count == 0 || int64(n) < count) && w.next() {
		r.streamEntry(&w)
		n++
	}
	r.ArrayAt(mark, n)
}
