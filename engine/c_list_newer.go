package engine

// LMOVEM and BLMOVEM move several elements at once. All of them leave the source first; they arrive either
// as they stood (BULK), or in the order in which single moves would have left them (OBO), and are replied
// as they stand in the destination, from left to right.
//
// The journal has a push and a pop, which servers without these commands replay too. The push stands first:
// a list that is moved onto itself must not vanish half-way, and its expiry with it.

var newerListCommands = []Command{
	{
		Name: "BLMOVEM", Syntax: "source destination <LEFT | RIGHT> <LEFT | RIGHT> timeout" +
			" [<COUNT count | EXACTLY exactly:integer> <OBO | BULK>]",
		Flags: Write | DenyOOM | Blocking, Since: "8.10.0", Origin: "Redis",
		Complexity: "O(N) where N is the number of elements moved",
		Summary:    "Moves elements from one list to another, waiting for as many as are wanted.",
		Example: `
> RPUSH queue a b c
(integer) 3
> BLMOVEM queue working LEFT RIGHT 5 EXACTLY 2 BULK
1) "a"
2) "b"`,
		Run: blmovemCommand,
	},
	{
		Name: "LMOVEM", Syntax: "source destination <LEFT | RIGHT> <LEFT | RIGHT>" +
			" [<COUNT count | EXACTLY exactly:integer> <OBO | BULK>]",
		Flags: Write | DenyOOM, Since: "8.10.0", Origin: "Redis",
		Complexity: "O(N) where N is the number of elements moved",
		Summary:    "Moves elements from an end of one list to an end of another and returns them.",
		Example: `
> RPUSH queue a b c d
(integer) 4
> LMOVEM queue working LEFT LEFT COUNT 2 OBO
1) "b"
2) "a"
> LMOVEM queue working LEFT LEFT EXACTLY 3 BULK
(nil)`,
		Run: lmovemCommand,
	},
}

// listMoves is a request to move several elements.
type listMoves struct {
	listMove
	count   int64
	exactly bool // count or none
	oneWise bool // OBO
}

// listMoves reads a request whose optional part begins at argument i.
func (c *Ctx) listMoves(i int) (m listMoves, ok bool) {
	if m.listMove, ok = c.listMove(); !ok {
		return m, false
	}
	m.count = 1
	if len(c.Argv) == i {
		return m, true
	}
	m.exactly = c.is(i, "EXACTLY")
	m.oneWise = c.is(i+2, "OBO")
	if len(c.Argv) != i+3 || !m.exactly && !c.is(i, "COUNT") || !m.oneWise && !c.is(i+2, "BULK") {
		c.syntaxError()
		return m, false
	}
	m.count, ok = c.intAtLeast(i+1, 1, errCount)
	return m, ok
}

// enough says whether a source has what the request wants of it.
func (m *listMoves) enough(source *List) bool {
	return !source.Empty() && (!m.exactly || int64(source.Len()) >= m.count)
}

func lmovemCommand(c *Ctx) {
	m, ok := c.listMoves(5)
	if !ok {
		return
	}
	source, ok := c.listForWrite(m.source)
	switch {
	case !ok:
	case m.enough(source):
		c.moveElements(source, &m)
	default:
		c.Reply.NullArray()
	}
}

func blmovemCommand(c *Ctx) {
	m, ok := c.listMoves(6)
	if !ok {
		return
	}
	deadline, ok := c.deadline(5)
	if !ok {
		return
	}
	source, ok := c.listForWrite(m.source)
	switch {
	case !ok:
	case m.enough(source):
		c.moveElements(source, &m)
	default:
		// Who wants many may find too few where the next in line finds enough.
		c.block(demand{kind: KindList, shared: m.exactly && m.count > 1}, [][]byte{m.source}, deadline)
	}
}

// moveElements carries out a request that the source has enough for.
func (c *Ctx) moveElements(source *List, m *listMoves) {
	target, ok := c.moveTarget(source, &m.listMove)
	if !ok {
		return
	}
	n := int(min(m.count, int64(source.Len())))
	elements := source.copies(n, m.from)
	if m.from == m.to && m.oneWise {
		reverse(elements)
	}
	source.drop(n, m.from)
	target.prepare(elements...)
	for i := range elements {
		if m.to {
			i = n - 1 - i
		}
		target.push(elements[i], m.to)
	}
	c.Reply.Array(n)
	for _, element := range elements {
		c.Reply.Bulk(element)
	}
	c.endMove(source, target, &m.listMove)
	c.propagateMoves(m, elements, source == target)
}

// copies returns n elements at an end of the list, from left to right.
func (l *List) copies(n int, front bool) [][]byte {
	index := 0
	if !front {
		index = l.length - n
	}
	elements := make([][]byte, 0, n)
	var scratch [20]byte
	for p := l.seek(index); len(elements) < n; p = l.next(p) {
		elements = append(elements, append([]byte(nil), l.text(p, &scratch)...))
	}
	return elements
}

func reverse(elements [][]byte) {
	for i, j := 0, len(elements)-1; i < j; i, j = i+1, j-1 {
		elements[i], elements[j] = elements[j], elements[i]
	}
}

// propagateMoves journals a push and a pop. Elements that come back to the end they were taken from are
// written in place.
func (c *Ctx) propagateMoves(m *listMoves, elements [][]byte, same bool) {
	n := len(elements)
	if same && m.from == m.to {
		for i, element := range elements {
			if !m.from {
				i -= n
			}
			c.Effect([]byte("LSET"), m.source, intBytes(int64(i)), element)
		}
		return
	}
	push, pop := []byte("RPUSH"), []byte("RPOP")
	if m.to {
		push = []byte("LPUSH")
		elements = append([][]byte(nil), elements...)
		reverse(elements)
	}
	if m.from {
		pop = []byte("LPOP")
	}
	c.Effect(append([][]byte{push, m.target}, elements...)...)
	c.Effect(pop, m.source, intBytes(int64(n)))
}
