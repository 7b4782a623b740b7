package engine

import (
	"bytes"

	"riffle/engine/dict"
	"riffle/engine/glob"
	"riffle/engine/num"
	"riffle/engine/prng"
)

// What SCAN, HSCAN, SSCAN and ZSCAN share, and how random members of a table are drawn.
//
// A cursor is a position in the order of the hash (see dict/scan.go), so the engine keeps nothing
// between two calls. A small encoding answers with everything at once and the cursor 0, whatever COUNT
// says. MATCH and the like are applied to what COUNT has chosen, so a page may be empty.

// scanOptions are the options of a scan.
type scanOptions struct {
	count    int64
	pattern  []byte // nil takes all
	kind     []byte // TYPE's word; nil takes all
	noValues bool   // HSCAN: fields only; ZSCAN: members only
}

// scanWords says which options one of the commands has beyond MATCH and COUNT.
type scanWords uint8

const (
	scanType scanWords = 1 << iota
	scanNoValues
	scanNoScores
)

// scanCursor reads argument i as a cursor.
func (c *Ctx) scanCursor(i int) (cursor uint64, ok bool) {
	text := cString(c.Argv[i])
	negative := len(text) > 0 && text[0] == '-'
	if negative || len(text) > 0 && text[0] == '+' {
		text = text[1:]
	}
	for _, digit := range text {
		if digit < '0' || digit > '9' || cursor > (1<<64-1-uint64(digit-'0'))/10 {
			c.Reply.Error("ERR invalid cursor")
			return 0, false
		}
		cursor = cursor*10 + uint64(digit-'0')
	}
	if negative {
		cursor = -cursor // as C reads unsigned numbers
	}
	return cursor, true
}

// cString returns text up to the first zero byte, where C's number readers end.
func cString(text []byte) []byte {
	if end := bytes.IndexByte(text, 0); end >= 0 {
		return text[:end]
	}
	return text
}

// scanOptions reads the options from argument i on.
func (c *Ctx) scanOptions(i int, words scanWords) (o scanOptions, ok bool) {
	o.count = 10
	for ; i < len(c.Argv); i++ {
		hasValue := i+1 < len(c.Argv)
		switch {
		case hasValue && c.is(i, "COUNT"):
			i++
			if o.count, ok = c.int(i); !ok {
				return o, false
			}
			if o.count < 1 {
				c.syntaxError()
				return o, false
			}
		case hasValue && c.is(i, "MATCH"):
			i++
			if o.pattern = c.Argv[i]; string(o.pattern) == "*" {
				o.pattern = nil
			}
		case hasValue && words&scanType != 0 && c.is(i, "TYPE"):
			i++
			o.kind = c.Argv[i]
		case words&scanNoValues != 0 && c.is(i, "NOVALUES"), words&scanNoScores != 0 && c.is(i, "NOSCORES"):
			o.noValues = true
		default:
			c.syntaxError()
			return o, false
		}
	}
	return o, true
}

// wants reports whether MATCH lets an element through.
func (o *scanOptions) wants(element []byte) bool {
	return o.pattern == nil || glob.Match(o.pattern, element, false)
}

// page returns the next COUNT entries of a table, or a few more, and the cursor to go on with.
func (o *scanOptions) page(table *dict.Dict, cursor uint64) (refs []dict.Ref, next uint64) {
	next = cursor
	for groups := int64(0); groups/10 < o.count; groups++ {
		next = table.Scan(next, func(ref dict.Ref) { refs = append(refs, ref) })
		if next == 0 || int64(len(refs)) >= o.count {
			break
		}
	}
	return refs, next
}

// scanReply begins a scan's reply and returns the mark at which Reply.ArrayAt puts the number of
// elements that follow.
func (c *Ctx) scanReply(next uint64) (mark int) {
	c.Reply.Array(2)
	var text [20]byte
	c.Reply.Bulk(appendUint(text[:0], next))
	return c.Reply.Later()
}

// appendUint appends the decimal form of an unsigned number.
func appendUint(dst []byte, n uint64) []byte {
	if n >= 10 {
		dst = num.AppendInt(dst, int64(n/10))
	}
	return append(dst, '0'+byte(n%10))
}

// maxRepeats bounds how often a negative count may pick: the reply has to fit in memory.
const maxRepeats = 1 << 24

// drawIndexes returns count different numbers of [0, n) in ascending order, every choice as likely as
// any other: Knuth's Algorithm S (The Art of Computer Programming, 3.4.2), O(n).
func drawIndexes(random *prng.Rand, n, count int) []int {
	drawn := make([]int, 0, count)
	for i := 0; i < n && len(drawn) < count; i++ {
		if random.Intn(int64(n-i)) < int64(count-len(drawn)) {
			drawn = append(drawn, i)
		}
	}
	return drawn
}

// drawRefs returns count different entries of a table. A small share is drawn one by one, drawing
// again what came up before; of a large share the walk over the table decides entry by entry.
func drawRefs(random *prng.Rand, table *dict.Dict, count int) []dict.Ref {
	n := table.Len()
	drawn := make([]dict.Ref, 0, min(count, n))
	if count <= n/3 {
		seen := make(map[dict.Ref]struct{}, count)
		for len(drawn) < count {
			ref := table.Random(random.Uint64)
			if _, again := seen[ref]; !again {
				seen[ref] = struct{}{}
				drawn = append(drawn, ref)
			}
		}
		return drawn
	}
	walk := table.Iter()
	for left := n; left > 0 && len(drawn) < count; left-- {
		ref := walk.Next()
		if random.Intn(int64(left)) < int64(count-len(drawn)) {
			drawn = append(drawn, ref)
		}
	}
	return drawn
}
