package main

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
)

// Go's table of functions (runtime/symtab.go, cmd/link/internal/ld/pcln.go) is a header and six parts
// one after another: names, indices of files, files, values that change within a function, functions,
// and more about functions. Parts keep their places here, because pointers lead there; within a part,
// what stays moves to the front, and the rest becomes zeros.

// tables are the parts, each a piece of the program's memory.
type tables struct {
	names     []byte   // of functions, each ending with a zero
	files     [][]byte // indices and names of files
	values    []byte   // runs of (change, distance in code), each found by its offset
	index     []byte   // for each function: its number, its offset in functions
	functions []byte   // records, which begin with the fields below
	extras    []byte   // maps of pointers on the stack, trees of inlined calls and the like
}

// Fields of a function's record; the lists of offsets into values and into extras come after it.
const (
	fieldEntry      = 0
	fieldStack      = 16 // offset in values: how deep the stack is
	fieldFile       = 20 // offset in values
	fieldLine       = 24 // offset in values
	fieldValues     = 28 // length of the first list
	fieldFiles      = 32
	fieldStartLine  = 36
	fieldExtras     = 43 // length of the second list, one byte
	recordBytes     = 44
	recordAlignment = 8
)

// What the lists hold at these places is needed in a browser: which pointers are alive at a call, where
// they are in arguments, locals and objects on the stack, and which deferred calls are to be run.
// Not needed are points where signals may preempt (there are none), inlined calls and arguments in
// traces, arguments alive, and wrappers in execution traces.
const (
	valuePointers    = 1
	extraArguments   = 0
	extraLocals      = 1
	extraObjects     = 2
	extraDefers      = 4
	mostValues       = 5
	mostExtras       = 8
	noExtra          = ^uint32(0)
	bytesInIndex     = 8
	bytesOfLastIndex = 4
)

var little = binary.LittleEndian

// words of the header and of runtime.moduledata, which has a slice (three words) for each part.
func wordAt(p []byte, i int) uint64 { return little.Uint64(p[8*i:]) }

// findTables checks in passing that the module's own description agrees with the header.
func findTables(memory []byte) *tables {
	const unknown = "the tables of functions are laid out in an unknown way"
	start := []byte{0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8}
	at := bytes.Index(memory, start)
	check(at > 0 && !bytes.Contains(memory[at+1:], start), "no table of functions, or more than one")
	header := memory[at:]
	first := little.AppendUint64(little.AppendUint64(nil, uint64(at)), uint64(at)+wordAt(header, 4))
	describedAt := bytes.Index(memory, first)
	check(describedAt > 0, unknown)
	described := memory[describedAt:]
	part := func(word, offset int, size uint64) []byte {
		from, length := wordAt(described, word), wordAt(described, word+1)
		check(from == uint64(at)+wordAt(header, offset) && length < uint64(len(memory)), unknown)
		return memory[from:][: length*size : length*size]
	}
	t := &tables{
		names:     part(1, 4, 1),
		files:     [][]byte{part(4, 5, 4), part(7, 6, 1)},
		values:    part(10, 7, 1),
		functions: part(13, 8, 1),
		index:     part(16, 8, bytesInIndex),
	}
	check(uint64(len(t.index)) == bytesInIndex*(wordAt(header, 1)+1), unknown)
	from, to := wordAt(described, 40), wordAt(described, 41)
	behind := wordAt(described, 13) + uint64(len(t.functions))
	check(from >= behind && from < behind+64, unknown)
	t.extras = memory[from:min(to, uint64(len(memory)))]
	return t
}

// record is a function's, with what stays of it.
type record struct {
	head   [recordBytes]byte
	stack  string   // the run that its offset leads to
	values []string // runs
	extras []uint32 // offsets
}

// strip rewrites the parts.
func (t *tables) strip() {
	count := len(t.index)/bytesInIndex - 1
	records := make([]record, count)
	kept := map[uint32]bool{} // by offset in extras: whether it stays
	for i := range records {
		records[i] = t.read(i, kept)
	}
	offsets := t.writeValues(records)
	t.writeFunctions(records, offsets)
	t.clearExtras(kept)
	for _, part := range t.files {
		clear(part)
	}
}

// read takes a function's record apart and notes which extras it keeps.
func (t *tables) read(i int, kept map[uint32]bool) record {
	entry := t.index[bytesInIndex*i:]
	from := t.functions[little.Uint32(entry[4:]):]
	r := record{head: [recordBytes]byte(from)}
	values, extras := int(little.Uint32(from[fieldValues:])), int(from[fieldExtras])
	known := values <= mostValues && extras <= mostExtras
	check(known && little.Uint32(from[fieldEntry:]) == little.Uint32(entry), "a function's record is unknown")
	r.stack = t.run(little.Uint32(from[fieldStack:]))
	lists := from[recordBytes:][:4*(values+extras)]
	if values > valuePointers {
		if pointers := t.run(little.Uint32(lists[4*valuePointers:])); pointers != "" {
			r.values = []string{"", pointers}
		}
	}
	for kind := range extras {
		offset := little.Uint32(lists[4*(values+kind):])
		stays := kind == extraArguments || kind == extraLocals || kind == extraObjects || kind == extraDefers
		if offset != noExtra {
			check(offset < uint32(len(t.extras)), "a function's record is unknown")
			kept[offset] = kept[offset] || stays
		}
		if !stays {
			offset = noExtra
		}
		r.extras = append(r.extras, offset)
	}
	for len(r.extras) > 0 && r.extras[len(r.extras)-1] == noExtra {
		r.extras = r.extras[:len(r.extras)-1]
	}
	return r
}

// run is the one at an offset, up to a change of zero, which only a run's first may be.
func (t *tables) run(offset uint32) string {
	if offset == 0 {
		return ""
	}
	r := reader(t.values[offset:])
	for first := true; ; first = false {
		if change := r.unsigned(); change == 0 && !first {
			return string(t.values[offset : len(t.values)-len(r)])
		}
		r.unsigned()
	}
}

// writeValues writes each run once, those with the most uses first, since small numbers pack better.
func (t *tables) writeValues(records []record) map[string]uint32 {
	uses := map[string]int{}
	for _, r := range records {
		uses[r.stack]++
		for _, run := range r.values {
			uses[run]++
		}
	}
	delete(uses, "")
	runs := make([]string, 0, len(uses))
	for run := range uses {
		runs = append(runs, run)
	}
	slices.SortFunc(runs, func(a, b string) int {
		return cmp.Or(uses[b]-uses[a], strings.Compare(a, b))
	})
	clear(t.values)
	offsets := map[string]uint32{"": 0} // zero stands for no run
	at := 1
	for _, run := range runs {
		offsets[run] = uint32(at)
		at += copy(t.values[at:], run)
	}
	return offsets
}

// writeFunctions writes the records behind the index, whose last entry has no offset.
func (t *tables) writeFunctions(records []record, offsets map[string]uint32) {
	at := len(t.index) - bytesOfLastIndex
	clear(t.functions[at:])
	for i, r := range records {
		at = (at + recordAlignment - 1) &^ (recordAlignment - 1)
		little.PutUint32(t.index[bytesInIndex*i+4:], uint32(at))
		for _, field := range []int{fieldFile, fieldLine, fieldFiles, fieldStartLine} {
			little.PutUint32(r.head[field:], 0)
		}
		little.PutUint32(r.head[fieldStack:], offsets[r.stack])
		little.PutUint32(r.head[fieldValues:], uint32(len(r.values)))
		r.head[fieldExtras] = byte(len(r.extras))
		at += copy(t.functions[at:], r.head[:])
		for _, run := range r.values {
			at += copy(t.functions[at:], little.AppendUint32(nil, offsets[run]))
		}
		for _, offset := range r.extras {
			at += copy(t.functions[at:], little.AppendUint32(nil, offset))
		}
	}
}

// clearExtras empties what no record leads to any more. Each ends where the next begins; where the last
// one ends is not written down, so it stays.
func (t *tables) clearExtras(kept map[uint32]bool) {
	starts := make([]uint32, 0, len(kept))
	for start := range kept {
		starts = append(starts, start)
	}
	slices.Sort(starts)
	for i := range len(starts) - 1 {
		if !kept[starts[i]] {
			clear(t.extras[starts[i]:starts[i+1]])
		}
	}
}
