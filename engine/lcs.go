package engine

// The longest common subsequence of two strings (LCS command), by dynamic programming: the length for
// two prefixes is one more than for both without their last byte if those are equal, and else the
// larger of the two with one of them shortened.
//
// The lengths are wanted row by row only, so one row of them is kept. To walk back from the end, a bit
// per pair of prefixes says which of the two it was: n*m/8 bytes, where a table of lengths would take
// 4*n*m. Time is O(n*m).

// lcsTable finds the way back through the pairs of prefixes.
type lcsTable struct {
	a, b   []byte
	length int      // of the longest common subsequence
	up     []uint64 // bit i*len(b)+j: leaving out a[i] gives more than leaving out b[j]
}

// newLCS computes the length, and with walk the way back.
func newLCS(a, b []byte, walk bool) *lcsTable {
	t := &lcsTable{a: a, b: b}
	if walk {
		t.up = make([]uint64, (len(a)*len(b)+63)/64)
	}
	row := make([]uint32, len(b)+1)
	for i := range a {
		t.fillRow(row, i)
	}
	t.length = int(row[len(b)])
	return t
}

// fillRow turns the lengths for a[:i] into those for a[:i+1].
func (t *lcsTable) fillRow(row []uint32, i int) {
	diagonal := uint32(0)
	for j, ch := range t.b {
		above := row[j+1]
		switch {
		case t.a[i] == ch:
			row[j+1] = diagonal + 1
		case above > row[j]:
			if t.up != nil {
				bit := i*len(t.b) + j
				t.up[bit/64] |= 1 << (bit % 64)
			}
		default:
			row[j+1] = row[j]
		}
		diagonal = above
	}
}

// lcsMatch is a run of bytes that both strings have: a[a:a+length] == b[b:b+length].
type lcsMatch struct{ a, b, length int }

// matches visits the runs of the subsequence, the last one first.
func (t *lcsTable) matches(visit func(lcsMatch)) {
	run := lcsMatch{}
	for i, j := len(t.a), len(t.b); i > 0 && j > 0; {
		if t.a[i-1] == t.b[j-1] {
			i, j = i-1, j-1
			run = lcsMatch{i, j, run.length + 1}
			continue
		}
		if run.length > 0 {
			visit(run)
			run.length = 0
		}
		bit := (i-1)*len(t.b) + j - 1
		if t.up[bit/64]>>(bit%64)&1 != 0 {
			i--
		} else {
			j--
		}
	}
	if run.length > 0 {
		visit(run)
	}
}

// text returns the subsequence itself.
func (t *lcsTable) text() []byte {
	out := make([]byte, t.length)
	end := t.length
	t.matches(func(m lcsMatch) {
		end -= m.length
		copy(out[end:], t.a[m.a:m.a+m.length])
	})
	return out
}

// lcsOptions are the options of LCS.
type lcsOptions struct {
	ranges, length, withLengths bool
	least                       int64 // matches shorter than this are left out
}

var lcsCommands = []Command{
	{
		Name: "LCS", Syntax: "key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]",
		Keys: "1 2 1", Flags: ReadOnly, Since: "7.0.0",
		Complexity: "O(N*M) where N and M are the lengths of the two strings",
		Summary:    "Finds the longest common substring.",
		Example: `
> MSET key1 ohmytext key2 mynewtext
OK
> LCS key1 key2
"mytext"
> LCS key1 key2 LEN
(integer) 6`,
		Run: lcsCommand,
	},
}

func lcsCommand(c *Ctx) {
	a, okA := c.lcsString(c.Argv[1])
	b, okB := c.lcsString(c.Argv[2])
	if !okA || !okB {
		c.Reply.Error("ERR The specified keys must contain string values")
		return
	}
	o, ok := c.lcsOptions()
	if !ok {
		return
	}
	if o.ranges && o.length {
		c.Reply.Error("ERR If you want both the length and indexes, please just use IDX.")
		return
	}
	// The reference's bound, on the table that it would make, keeps the time bounded here.
	if int64(len(a)+1) > c.e.settings.maxBulk/4/int64(len(b)+1) {
		c.Reply.Error("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len")
		return
	}
	t := newLCS(a, b, o.ranges || !o.length)
	switch {
	case o.ranges:
		c.replyRanges(t, &o)
	case o.length:
		c.Reply.Int(int64(t.length))
	default:
		c.Reply.Bulk(t.text())
	}
}

// lcsString returns the string under a key, which may be missing; it replies nothing.
func (c *Ctx) lcsString(key []byte) (text []byte, ok bool) {
	ref := c.find(key)
	if ref == 0 {
		return nil, true
	}
	if c.DB.kind(ref) != KindString {
		return nil, false
	}
	return c.DB.payload(ref), true
}

func (c *Ctx) lcsOptions() (o lcsOptions, ok bool) {
	for i := 3; i < len(c.Argv); i++ {
		switch {
		case c.is(i, "IDX"):
			o.ranges = true
		case c.is(i, "LEN"):
			o.length = true
		case c.is(i, "WITHMATCHLEN"):
			o.withLengths = true
		case c.is(i, "MINMATCHLEN") && i+1 < len(c.Argv):
			i++
			if o.least, ok = c.int(i); !ok {
				return o, false
			}
		default:
			c.syntaxError()
			return o, false
		}
	}
	return o, true
}

func (c *Ctx) replyRanges(t *lcsTable, o *lcsOptions) {
	r := c.Reply
	r.Map(2)
	r.BulkString("matches")
	mark, count := r.Later(), 0
	t.matches(func(m lcsMatch) {
		if int64(m.length) < o.least {
			return
		}
		count++
		r.Array(2 + int(boolInt(o.withLengths)))
		for _, start := range [2]int{m.a, m.b} {
			r.Array(2)
			r.Int(int64(start))
			r.Int(int64(start + m.length - 1))
		}
		if o.withLengths {
			r.Int(int64(m.length))
		}
	})
	r.ArrayAt(mark, count)
	r.BulkString("len")
	r.Int(int64(t.length))
}
