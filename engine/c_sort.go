package engine

import (
	"bytes"
	"slices"

	"riffle/engine/dict"
	"riffle/engine/num"
	"riffle/engine/rdb"
)

// SORT: the elements of a list, set or sorted set, by themselves or by weights that stand under other
// keys. The elements are copied, then sorted by a stable merge in O(N log N), so that equal elements
// of a list keep their order; what has no order of its own is told apart by its bytes. The result
// therefore depends on the data alone, and SORT ... STORE may stand in the journal as it is.

// collection is a value that SORT reads: *List, *Set (in any order) or *ZSet (in the order of scores).
type collection interface {
	Value
	Len() int
	Each(visit func(element []byte) bool)
}

// sortItem is an element and what it is compared by.
type sortItem struct {
	element []byte
	score   float64
	weight  []byte // nil if BY led nowhere
}

// sorting is one SORT at work.
type sorting struct {
	by            []byte   // pattern of the weights, nil to compare the elements
	gets          [][]byte // patterns of what is replied for an element
	destination   []byte   // STORE
	offset, count int64    // LIMIT
	descending    bool
	alpha         bool
	unsorted      bool // BY something without a star
	items         []sortItem
	texts         copies
}

var sortCommands = []Command{
	{
		Name: "SORT", Syntax: "key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC]" +
			" [ALPHA] [STORE destination]",
		Flags: Write | DenyOOM | MovableKeys, Since: "1.0.0", Categories: "set sortedset list dangerous -keyspace",
		Complexity: "O(N+M*log(N)) where N is the number of elements in the collection to sort, and M the number" +
			" of returned elements",
		Summary: "Sorts the elements in a list, a set, or a sorted set, optionally storing the result.",
		Example: `
> RPUSH cost 30 1.5 10 8
(integer) 4
> SORT cost
1) "1.5"
2) "8"
3) "10"
4) "30"
> SORT cost DESC LIMIT 0 2
1) "30"
2) "10"`,
		Run: sortCommand,
	},
	{
		Name: "SORT_RO", Syntax: "key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC]" +
			" [ALPHA]",
		Flags: ReadOnly | MovableKeys, Since: "7.0.0", Categories: "set sortedset list dangerous -keyspace",
		Complexity: "O(N+M*log(N)) where N is the number of elements in the collection to sort, and M the number" +
			" of returned elements",
		Summary: "Returns the sorted elements of a list, a set, or a sorted set.",
		Example: `
> RPUSH names carol ann bob
(integer) 3
> SORT_RO names ALPHA
1) "ann"
2) "bob"
3) "carol"`,
		Run: sortroCommand,
	},
}

func sortCommand(c *Ctx) { c.sort(true) }

func sortroCommand(c *Ctx) { c.sort(false) }

func (c *Ctx) sort(mayStore bool) {
	s := &sorting{count: -1}
	if !c.sortOptions(s, mayStore) {
		return
	}
	source, ok := c.sortSource(c.Argv[1])
	if !ok {
		return
	}
	if source != nil {
		start, end := s.prepare(source)
		s.collect(source, start, end)
		if !s.unsorted {
			if !c.weigh(s) {
				c.Reply.Error("ERR One or more scores can't be converted into double")
				return
			}
			slices.SortStableFunc(s.items, s.comparison(source.Kind() == KindList))
			s.items = s.items[start:end]
		}
	}
	if s.destination != nil {
		c.storeSorted(s)
		return
	}
	c.replySorted(s)
}

// sortOptions reads what follows the key.
func (c *Ctx) sortOptions(s *sorting, mayStore bool) bool {
	for i := 2; i < len(c.Argv); i++ {
		left := len(c.Argv) - 1 - i
		switch {
		case c.is(i, "ASC"):
			s.descending = false
		case c.is(i, "DESC"):
			s.descending = true
		case c.is(i, "ALPHA"):
			s.alpha = true
		case c.is(i, "LIMIT") && left >= 2:
			var ok, ok2 bool
			if s.offset, ok = c.int(i + 1); !ok {
				return false
			}
			if s.count, ok2 = c.int(i + 2); !ok2 {
				return false
			}
			i += 2
		case mayStore && c.is(i, "STORE") && left >= 1:
			i++
			s.destination = c.Argv[i]
		case c.is(i, "BY") && left >= 1:
			i++
			s.by = c.Argv[i]
			s.unsorted = s.unsorted || bytes.IndexByte(s.by, '*') < 0
			if bytes.IndexByte(s.by, '*') >= 0 && !c.readsAll() {
				c.Reply.Error("ERR BY option of SORT denied due to insufficient ACL permissions.")
				return false
			}
		case c.is(i, "GET") && left >= 1:
			i++
			s.gets = append(s.gets, c.Argv[i])
			if !c.readsAll() {
				c.Reply.Error("ERR GET option of SORT denied due to insufficient ACL permissions.")
				return false
			}
		default:
			c.syntaxError()
			return false
		}
	}
	return true
}

// sortSource returns the collection under a key, nil if there is none.
func (c *Ctx) sortSource(key []byte) (source collection, ok bool) {
	ref := c.find(key)
	if ref == 0 {
		return nil, true
	}
	source, ok = c.DB.open(ref, &c.e.views).(collection)
	if !ok || source.Kind() > KindZSet {
		c.wrongType()
		return nil, false
	}
	return source, true
}

// prepare settles how the source is sorted and returns the part of the result that LIMIT asks for.
func (s *sorting) prepare(source collection) (start, end int) {
	if s.unsorted && source.Kind() == KindSet && s.destination != nil {
		// A set has no order that a replay would find again, so it gets one.
		s.unsorted, s.alpha, s.by = false, true, nil
	}
	length := int64(source.Len())
	first := min(max(s.offset, 0), length)
	last := length
	if s.count >= 0 {
		last = first + min(s.count, length-first)
	}
	return int(first), int(last)
}

// collect copies the elements; if they will not be sorted, only those from start to end.
func (s *sorting) collect(source collection, start, end int) {
	backwards := s.unsorted && s.descending && source.Kind() == KindZSet
	length := source.Len()
	switch {
	case !s.unsorted:
		start, end = 0, length
	case backwards:
		start, end = length-end, length-start
	}
	s.items = make([]sortItem, 0, end-start)
	i := 0
	source.Each(func(element []byte) bool {
		if i >= start && i < end {
			s.items = append(s.items, sortItem{element: s.texts.keep(element)})
		}
		i++
		return i < end
	})
	if backwards {
		slices.Reverse(s.items)
	}
}

// weigh finds what each element is compared by. It returns false if that must be a number and is none.
func (c *Ctx) weigh(s *sorting) bool {
	if s.alpha && s.by == nil {
		return true
	}
	for i := range s.items {
		item := &s.items[i]
		weight := item.element
		if s.by != nil {
			var scratch [20]byte
			if weight = c.lookup(s.by, item.element, &scratch); weight == nil {
				continue
			}
		}
		if s.alpha {
			item.weight = s.texts.keep(weight)
			continue
		}
		var ok bool
		if item.score, ok = sortScore(weight); !ok {
			return false
		}
	}
	return true
}

// sortScore reads a number as C's strtod does: blanks may stand before it, and nothing is zero.
func sortScore(text []byte) (score float64, ok bool) {
	if len(text) == 0 {
		return 0, true
	}
	for len(text) > 0 && (text[0] == ' ' || text[0] >= '\t' && text[0] <= '\r') {
		text = text[1:]
	}
	return num.ParseFloat(text)
}

// comparison returns the order of the items. Equal items of a list keep the order they have there.
func (s *sorting) comparison(isList bool) func(a, b sortItem) int {
	return func(a, b sortItem) int {
		order := s.compare(&a, &b)
		if order == 0 && !isList {
			order = bytes.Compare(a.element, b.element)
		}
		if s.descending {
			return -order
		}
		return order
	}
}

func (s *sorting) compare(a, b *sortItem) int {
	switch {
	case !s.alpha && a.score < b.score:
		return -1
	case !s.alpha && a.score > b.score:
		return 1
	case !s.alpha || s.by == nil:
		return bytes.Compare(a.element, b.element)
	case a.weight == nil || b.weight == nil: // what has no weight comes first
		return int(boolInt(a.weight != nil) - boolInt(b.weight != nil))
	}
	return bytes.Compare(a.weight, b.weight)
}

// lookup returns what a pattern leads to for an element, nil if that is nothing: the element itself
// for "#", and else the string under the key that results when the element takes the place of the
// first star, or with "->field" behind the star a field of the hash there. It is valid until the
// next call with the same scratch.
func (c *Ctx) lookup(pattern, element []byte, scratch *[20]byte) []byte {
	if string(pattern) == "#" {
		return element
	}
	star := bytes.IndexByte(pattern, '*')
	if star < 0 {
		return nil
	}
	behind, field := pattern[star+1:], []byte(nil)
	if arrow := bytes.Index(behind, []byte("->")); arrow >= 0 && arrow+2 < len(behind) {
		behind, field = behind[:arrow], behind[arrow+2:]
	}
	key := make([]byte, 0, len(pattern)+len(element))
	key = append(append(append(key, pattern[:star]...), element...), behind...)
	ref := c.find(key)
	switch {
	case ref == 0:
		return nil
	case field != nil && c.DB.kind(ref) == KindHash:
		return c.peekField(ref, field, scratch)
	case field == nil && c.DB.kind(ref) == KindString:
		return c.DB.payload(ref)
	}
	return nil
}

// peekField returns a hash's field with the view given back: a SORT looks at any number of hashes.
func (c *Ctx) peekField(ref dict.Ref, field []byte, scratch *[20]byte) []byte {
	used := c.e.views.used[KindHash]
	value := c.DB.open(ref, &c.e.views).(*Hash).get(field, scratch)
	c.e.views.used[KindHash] = used
	return value
}

// eachResult visits what is replied; a nil text stands for a pattern that led nowhere.
func (c *Ctx) eachResult(s *sorting, visit func(text []byte)) {
	var scratch [20]byte
	for i := range s.items {
		if s.gets == nil {
			visit(s.items[i].element)
		}
		for _, pattern := range s.gets {
			visit(c.lookup(pattern, s.items[i].element, &scratch))
		}
	}
}

func (c *Ctx) replySorted(s *sorting) {
	c.Reply.Array(s.results())
	c.eachResult(s, func(text []byte) {
		if text == nil {
			c.Reply.Null()
			return
		}
		c.Reply.Bulk(text)
	})
}

// results is how many texts the result has.
func (s *sorting) results() int { return len(s.items) * max(1, len(s.gets)) }

// storeSorted makes the result a list under the destination, or deletes that if there is no result.
func (c *Ctx) storeSorted(s *sorting) {
	c.Reply.Int(int64(s.results()))
	if len(s.items) == 0 {
		c.storeNothing(s.destination)
		return
	}
	list, err := c.e.loadValue(rdb.NewReader(c.plainList(s)), rdb.TypeList)
	if err != nil {
		panic("engine: a list of SORT's making does not load: " + err.Error())
	}
	c.replace(s.destination, list)
	c.Propagate()
	c.Notify(notifyList, "sortstore", s.destination)
}

// plainList spells the result as a list in RDB's plainest form, which the type knows how to read.
func (c *Ctx) plainList(s *sorting) []byte {
	body := rdb.AppendLen(nil, uint64(s.results()))
	c.eachResult(s, func(text []byte) { body = rdb.AppendString(body, text, false) })
	return body
}

// copies keeps copies of small texts in few large pieces of memory.
type copies struct{ piece []byte }

// A piece is twice as large as the one before, within these bounds, in bytes.
const (
	copiesFirst = 512
	copiesMost  = 64 << 10
)

// keep returns a copy of text that stays where it is and is not nil.
func (p *copies) keep(text []byte) []byte {
	if p.piece == nil || cap(p.piece)-len(p.piece) < len(text) {
		size := min(max(2*cap(p.piece), copiesFirst), copiesMost)
		p.piece = make([]byte, 0, max(size, len(text)))
	}
	start := len(p.piece)
	p.piece = append(p.piece, text...)
	return p.piece[start:len(p.piece):len(p.piece)]
}
