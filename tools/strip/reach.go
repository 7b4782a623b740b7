package main

// Go's linker keeps what something refers to. What only replaced functions refer to has become useless with
// them, which this finds as a collector of garbage would: from the functions that the host may call and those
// whose numbers stand in memory, along calls and constants.

const exportSection = 7

const opCall = 0x10

// reach is what is known so far.
type reach struct {
	bodies   [][]byte // of functions, in their order
	imports  int64    // how many there are, which come first in the numbering of calls
	replaced map[int64][]byte
	found    []bool
	left     []int64 // places of those found that were not looked into yet
}

// useless returns the numbers of functions that nothing leads to.
func (m *module) useless(t *tables, replaced map[int64][]byte) []int64 {
	w := reach{imports: int64(m.section(importSection).count()), replaced: replaced}
	r := reader(m.section(codeSection).content)
	for count := r.unsigned(); count > 0; count-- {
		w.bodies = append(w.bodies, r.take(r.unsigned()))
	}
	w.found = make([]bool, len(w.bodies))
	w.exports(m.section(exportSection).content)
	w.memory(m.memory[:t.namesAt])
	w.memory(m.memory[(t.lookupAt+len(t.lookup)+3)&^3:])
	for len(w.left) > 0 {
		at := w.left[len(w.left)-1]
		w.left = w.left[:len(w.left)-1]
		w.function(at)
	}
	var useless []int64
	for at, found := range w.found {
		if !found {
			useless = append(useless, int64(firstFunction+at))
		}
	}
	return useless
}

// exports finds what the host may call.
func (w *reach) exports(content []byte) {
	r := reader(content)
	for count := r.unsigned(); count > 0; count-- {
		r.take(r.unsigned())
		kind, index := r.byte(), int64(r.unsigned())
		if kind == 0 {
			w.find(index - w.imports)
		}
	}
}

// memory finds numbers of functions: as they are in tables of methods, as program counters elsewhere. Other
// numbers may look the same, which does no harm. The part begins at a multiple of four.
func (w *reach) memory(part []byte) {
	for ; len(part) >= 4; part = part[4:] {
		word := int64(little.Uint32(part))
		w.find(word - firstFunction)
		w.find(word>>16 - firstFunction)
	}
}

// function finds what one refers to.
func (w *reach) function(at int64) {
	if _, ok := w.replaced[firstFunction+at]; ok {
		return
	}
	r := reader(w.bodies[at])
	for groups := r.unsigned(); groups > 0; groups-- {
		r.unsigned()
		r.byte()
	}
	for len(r) > 0 {
		switch o := r.operation(); o.code {
		case opCall:
			w.find(o.value - w.imports)
		case opI32Const, opI64Const:
			w.find(o.value>>16 - firstFunction)
		}
	}
}

func (w *reach) find(at int64) {
	if at >= 0 && at < int64(len(w.found)) && !w.found[at] {
		w.found[at] = true
		w.left = append(w.left, at)
	}
}
