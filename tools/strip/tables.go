package main

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// Go's table of functions (runtime/symtab.go, cmd/link/internal/ld/pcln.go) is a header and six parts
// one after another: names, indices of files, files, values that change within a function, functions,
// and more about functions. Parts keep their places here, because pointers lead there; within a part,
// what stays moves to the front, and the rest becomes zeros.
//
// A function's name is asked for in two cases: those of the runtime do not count as the program's goroutines,
// and two functions of package reflect have arguments that only their callers know (runtime/stkframe.go). So
// all others share the empty name. A trace that shall be read lists program counters (wasm/browser/fault.go),
// which are the functions' numbers times 65,536 and a bit; listing says their names.

// tables are the parts, each a piece of the program's memory.
type tables struct {
	names     []byte   // of functions, each ending with a zero
	files     [][]byte // indices and names of files
	values    []byte   // runs of (change, distance in code), each found by its offset
	index     []byte   // for each function: its number, its offset in functions
	functions []byte   // records, which begin with the fields below
	extras    []byte   // maps of pointers on the stack, trees of inlined calls and the like
	lookup    []byte   // for each function, among much else: its place in the index

	namesAt, functionsAt, lookupAt int // addresses
}

// Fields of a function's record; the lists of offsets into values and into extras come after it.
const (
	fieldEntry      = 0
	fieldName       = 4
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
	bytesInLookup    = 16 * 20 // 16 pieces of code, each with four bytes for its first function and 16 for later ones
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
	t.namesAt, t.functionsAt = int(wordAt(described, 1)), int(wordAt(described, 13))
	check(uint64(len(t.index)) == bytesInIndex*(wordAt(header, 1)+1), unknown)
	from, lookup, to := wordAt(described, 40), wordAt(described, 19), wordAt(described, 41)
	behind := wordAt(described, 13) + uint64(len(t.functions))
	check(from >= behind && from < behind+64, unknown)
	t.extras, t.lookup, t.lookupAt = memory[from:lookup], memory[lookup:to], int(lookup)
	known := wordAt(described, 20) == firstFunction<<16 && len(t.lookup) > (t.count()-1)*bytesInLookup
	check(known && little.Uint32(t.index) == firstFunction, unknown)
	return t
}

// record is what stays of a function's.
type record struct {
	head     [recordBytes]byte
	name     string
	stack    string               // the run that says how deep the stack is
	pointers string               // the run that says which maps of pointers hold
	extras   [listedExtras]uint32 // offsets
}

var noExtras = [listedExtras]uint32{noExtra, noExtra, noExtra, noExtra, noExtra}

// strip rewrites the parts; the functions in replaced need no record, since nothing is called by them. It
// returns the code of a function that has to run before the program does.
func (t *tables) strip(replaced map[int64][]byte) []byte {
	records := make([]record, t.count())
	var starts []uint32 // of all extras
	for i := range records {
		records[i], starts = t.read(i, starts)
		if _, ok := replaced[int64(firstFunction+i)]; ok {
			records[i] = record{extras: noExtras}
		}
	}
	names, runs, extras := t.writeNames(), t.writeValues(records), t.packExtras(records, starts)
	table := make([][wordsInRecord]uint32, len(records))
	for i := range records {
		table[i] = records[i].words(names, runs, extras)
	}
	for _, part := range t.files {
		clear(part)
	}
	clear(t.lookup)
	return t.writeFunctions(table)
}

func (t *tables) count() int { return len(t.index)/bytesInIndex - 1 }

// functionName is the one that a function's record leads to.
func (t *tables) functionName(i int) string {
	record := t.functions[little.Uint32(t.index[bytesInIndex*i+4:]):]
	name := t.names[little.Uint32(record[fieldName:]):]
	return string(name[:bytes.IndexByte(name, 0)])
}

// read takes a function's record apart, and notes where the extras begin that it leads to.
func (t *tables) read(i int, starts []uint32) (record, []uint32) {
	entry := t.index[bytesInIndex*i:]
	from := t.functions[little.Uint32(entry[4:]):]
	r := record{head: [recordBytes]byte(from), name: t.functionName(i), extras: noExtras}
	number, values, extras := little.Uint32(entry), int(little.Uint32(from[fieldValues:])), int(from[fieldExtras])
	known := values <= mostValues && extras <= mostExtras && little.Uint32(from[fieldEntry:]) == number
	check(known && number == uint32(firstFunction+i), "a function's record is unknown")
	r.stack = t.run(little.Uint32(from[fieldStack:]))
	lists := from[recordBytes:][:4*(values+extras)]
	if values > valuePointers {
		r.pointers = t.run(little.Uint32(lists[4*valuePointers:]))
	}
	for kind := range extras {
		offset := little.Uint32(lists[4*(values+kind):])
		if offset == noExtra {
			continue
		}
		check(offset < uint32(len(t.extras)), "a function's record is unknown")
		starts = append(starts, offset)
		if kind == extraArguments || kind == extraLocals || kind == extraObjects || kind == extraDefers {
			r.extras[kind] = offset
		}
	}
	return r, starts
}

// words are the record as it will stand in the table. Lists have one length in all records; an offset of
// zero among the values is as good as none.
func (r *record) words(names, runs map[string]uint32, extras map[uint32]uint32) [wordsInRecord]uint32 {
	for _, field := range []int{fieldFile, fieldLine, fieldFiles, fieldStartLine} {
		little.PutUint32(r.head[field:], 0)
	}
	little.PutUint32(r.head[fieldName:], names[sharedName(r.name)])
	little.PutUint32(r.head[fieldStack:], runs[r.stack])
	little.PutUint32(r.head[fieldValues:], listedValues)
	r.head[fieldExtras] = listedExtras
	var words [wordsInRecord]uint32
	for i := range recordBytes / 4 {
		words[i] = little.Uint32(r.head[4*i:])
	}
	words[recordBytes/4+valuePointers] = runs[r.pointers]
	for i, offset := range r.extras {
		words[recordBytes/4+listedValues+i] = extras[offset]
	}
	return words
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

// sharedName is the name that stands for a function's.
func sharedName(name string) string {
	switch {
	case name == "reflect.makeFuncStub" || name == "reflect.methodValueCall":
		return name
	case strings.HasPrefix(name, "runtime."):
		return "runtime."
	}
	return ""
}

// listing says the name of every function, by the number that a program counter begins with.
func (t *tables) listing() []byte {
	var lines []byte
	for i := range t.count() {
		lines = fmt.Appendf(lines, "%d %s\n", firstFunction+i, t.functionName(i))
	}
	return lines
}

// writeNames returns where they begin.
func (t *tables) writeNames() map[string]uint32 {
	clear(t.names)
	offsets := map[string]uint32{}
	at := 0
	for _, name := range []string{"", "runtime.", "reflect.makeFuncStub", "reflect.methodValueCall"} {
		offsets[name] = uint32(at)
		at += copy(t.names[at:], name) + 1
	}
	return offsets
}

// writeValues writes each run once, those with the most uses first, since small numbers pack better.
func (t *tables) writeValues(records []record) map[string]uint32 {
	uses := map[string]int{}
	for _, r := range records {
		uses[r.stack]++
		uses[r.pointers]++
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

// writeFunctions leaves the last entry of the index, and the columns of all records where names were.
func (t *tables) writeFunctions(table [][wordsInRecord]uint32) []byte {
	distance := (len(t.index) - bytesOfLastIndex + recordAlignment - 1) &^ (recordAlignment - 1)
	check(distance+4*wordsInRecord*len(table) <= len(t.functions), "records do not have the room they had")
	u := unpacking{
		index: t.functionsAt, records: t.functionsAt + distance, lookup: t.lookupAt,
		distance: distance, count: len(table),
	}
	clear(t.functions[len(table)*bytesInIndex+bytesOfLastIndex:])
	clear(t.functions[:len(table)*bytesInIndex])
	packed := columns(table)
	place := len(t.names) - len(packed)
	check(place > 0 && len(bytes.Trim(t.names[place:], "\x00")) == 0, "columns do not have room")
	copy(t.names[place:], packed)
	u.columns = t.namesAt + place
	return u.code()
}

// packExtras moves what stays to the front, in the order in which records lead there. Each extra ends where
// the next one began. It returns where they begin now.
func (t *tables) packExtras(records []record, starts []uint32) map[uint32]uint32 {
	starts = append(starts, uint32(len(t.extras)))
	slices.Sort(starts)
	before := bytes.Clone(t.extras)
	clear(t.extras)
	offsets := map[uint32]uint32{noExtra: noExtra}
	at := uint32(0)
	for kind := range listedExtras {
		for i := range records {
			start := records[i].extras[kind]
			if _, done := offsets[start]; done {
				continue
			}
			offsets[start] = at
			next, _ := slices.BinarySearch(starts, start+1)
			at += uint32(copy(t.extras[at:], before[start:starts[next]]))
		}
	}
	return offsets
}
