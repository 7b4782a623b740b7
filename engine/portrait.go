package engine

import (
	"riffle/engine/dict"
	"riffle/engine/rdb"
)

// portrait is a large value as it was when the portrait was begun, which a snapshot writes a piece at a
// time while the value changes, moves to another key or goes: it hangs on the value, not on a key. It costs
// what has changed meanwhile: elements of a table, nodes of a list or a stream.
type portrait struct {
	section *section
	value   Value     // nil of a long string
	next    *portrait // of the same value for another snapshot
	head    []byte    // what stands before the body: expiry, type, name
	body    likeness
}

// sliced is a Value that, once it is large, is saved a piece at a time.
type sliced interface {
	Value
	// savedBytes is about how many bytes Save would write, or more.
	savedBytes() int64
	// portray begins to save an object as it is now, and says as which RDB type.
	portray() (likeness, byte)
}

// likeness writes the RDB body of an object as it was at one moment.
type likeness interface {
	// piece appends the next few kilobytes. more is false at the end.
	piece(dst []byte) (out []byte, more bool)
	// before must be called before an element of a table changes, and with any element before a
	// command that may change a list or a stream.
	before(element []byte)
}

// largeValue is the size from which a value is saved in pieces, in bytes.
const largeValue = 32 << 10

// newPortrait begins the portrait of a key's value, which is an object.
func newPortrait(section *section, ref dict.Ref, value sliced) *portrait {
	home := value.home()
	p := &portrait{section: section, value: value, next: home.portrait}
	home.portrait = p
	var typeAt int
	p.head, typeAt = appendHead(nil, section.space, ref)
	p.body, p.head[typeAt] = value.portray()
	return p
}

// savedBytes implements sliced for values that are saved as they are.
func (p *place) savedBytes() int64 { return p.bytes }

// detach ends the portrait.
func (p *portrait) detach() {
	if p.value == nil {
		p.section.space.lent--
		return
	}
	at := &p.value.home().portrait
	for *at != p {
		at = &(*at).next
	}
	*at = p.next
}

// changing must be called as likeness.before says.
func (p *place) changing(element []byte) {
	if p.portrait != nil {
		p.tellPortraits(element)
	}
}

func (p *place) tellPortraits(element []byte) {
	for at := p.portrait; at != nil; at = at.next {
		at.body.before(element)
	}
}

// saveWhole saves an object at once.
func saveWhole(value sliced, dst []byte) (out []byte, rdbType byte) {
	body, rdbType := value.portray()
	for more := true; more; {
		dst, more = body.piece(dst)
	}
	return dst, rdbType
}

// elementsEarly are the elements of a table that have changed since its portrait was begun.
type elementsEarly struct {
	early map[string]struct{}
	saved []byte // as they were; not yet taken
}

// isFirst notes an element that is about to change, and reports whether it is for the first time.
func (p *elementsEarly) isFirst(element []byte) bool {
	if p.isEarly(element) {
		return false
	}
	if p.early == nil {
		p.early = map[string]struct{}{}
	}
	p.early[string(element)] = struct{}{}
	return true
}

func (p *elementsEarly) isEarly(element []byte) bool {
	_, early := p.early[string(element)]
	return early
}

func (p *elementsEarly) takeSaved(dst []byte) []byte {
	if len(p.saved) > 0 {
		dst = append(dst, p.saved...)
		p.saved = nil
	}
	return dst
}

// tableLikeness saves a table in the order of its hash, elements that change before they are passed first.
type tableLikeness struct {
	elementsEarly
	table  *dict.Dict
	length int
	begun  bool
	cursor uint64
	save   func(dst []byte, table *dict.Dict, ref dict.Ref) []byte
}

// before implements likeness.
func (p *tableLikeness) before(element []byte) {
	if p.table.Scanned(p.cursor, element) || !p.isFirst(element) {
		return
	}
	if ref := p.table.Find(element); ref != 0 {
		p.saved = p.save(p.saved, p.table, ref)
	}
}

// piece implements likeness.
func (p *tableLikeness) piece(dst []byte) (out []byte, more bool) {
	if !p.begun {
		p.begun = true
		dst = rdb.AppendLen(dst, uint64(p.length))
	}
	dst = p.takeSaved(dst)
	p.cursor = p.table.Scan(p.cursor, func(ref dict.Ref) {
		if len(p.early) == 0 || !p.isEarly(p.table.Key(ref)) {
			dst = p.save(dst, p.table, ref)
		}
	})
	return dst, p.cursor != 0
}
