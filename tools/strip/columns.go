package main

import "encoding/binary"

// Records of functions are a table of small numbers, four bytes each, that stand side by side. The file
// holds the table by columns, where alike stands next to alike, each number as short as can be; what can be
// computed it does not hold. A function that runs when the program is instantiated writes the table to where
// the runtime looks for it, in a fraction of a millisecond. That halves what the records weigh when packed.
//
// The runtime finds a record by program counter, in a table with 16 entries for each function, one for each
// 4 kB of the 64 kB that a function's number is worth. Only the first is ever used, and it is the function's
// place in the index. So of this megabyte nothing is in the file.

// wordsInRecord is the length of every record: the head and the longest lists.
const wordsInRecord = recordBytes/4 + listedValues + listedExtras

// Lists are no longer than the last place that is needed in a browser.
const (
	listedValues = valuePointers + 1
	listedExtras = extraDefers + 1
)

// wordEntry is the column that is computed: a function's number.
const wordEntry = fieldEntry / 4

// columns are the numbers of a table, each one higher than it is, so that noExtra is zero.
func columns(table [][wordsInRecord]uint32) []byte {
	var written []byte
	for column := range wordsInRecord {
		if column == wordEntry {
			continue
		}
		for i := range table {
			written = binary.AppendUvarint(written, uint64(table[i][column]+1))
		}
	}
	return written
}

// unpacking says where the table comes from and goes to, by addresses.
type unpacking struct {
	columns  int
	index    int
	records  int
	lookup   int
	distance int // of the first record from the start of the table of functions
	count    int
}

// Local variables of the function that unpacks.
const (
	source = iota // where the next number is read
	column        // address of the column in the first record
	target        // where in the column the next number goes
	value         // the number so far
	shift         // how far the next seven bits are shifted
	row
	unpackingLocals
)

// Operations on unsigned numbers of 32 bits.
const (
	opLoadByte = 0x2d
	opStore    = 0x36
	opLess     = 0x49
	opGreater  = 0x4b
	opAdd      = 0x6a
	opSub      = 0x6b
	opMul      = 0x6c
	opAnd      = 0x71
	opOr       = 0x72
	opShift    = 0x74
)

// assembler appends operations to a function.
type assembler []byte

func (a *assembler) do(codes ...byte) { *a = append(*a, codes...) }

func (a *assembler) get(local byte) { a.do(opLocalGet, local) }

func (a *assembler) set(local byte) { a.do(opLocalSet, local) }

func (a *assembler) number(n int) { *a = appendSigned(append(*a, opI32Const), int64(n)) }

// add increases a local variable.
func (a *assembler) add(local byte, n int) {
	a.get(local)
	a.number(n)
	a.do(opAdd)
	a.set(local)
}

// loop repeats what body appends while a local variable is less than a number.
func (a *assembler) loop(local byte, limit int, body func()) {
	a.do(opLoop, typeNone)
	body()
	a.get(local)
	a.number(limit)
	a.do(opLess, opBranchIf, 0, opEnd)
}

// store writes what stands on the stack to the address below it, and more bytes away.
func (a *assembler) store(away int) {
	a.do(opStore, 2)
	*a = binary.AppendUvarint(*a, uint64(away))
}

// code is the function's body.
func (u unpacking) code() []byte {
	a := assembler{1, unpackingLocals, typeI32}
	a.writeIndex(u)
	const recordLength = 4 * wordsInRecord
	a.number(u.columns)
	a.set(source)
	a.number(u.records + 4*(wordEntry+1))
	a.set(column)
	a.loop(column, u.records+recordLength, func() {
		a.get(column)
		a.set(target)
		a.number(0)
		a.set(row)
		a.loop(row, u.count, func() {
			a.readNumber()
			a.get(target)
			a.get(value)
			a.number(1)
			a.do(opSub)
			a.store(0)
			a.add(target, recordLength)
			a.add(row, 1)
		})
		a.add(column, 4)
	})
	a.do(opEnd)
	return a
}

// writeIndex numbers the functions in the index and in their records, and says where in the index they are.
func (a *assembler) writeIndex(u unpacking) {
	const recordLength = 4 * wordsInRecord
	a.loop(row, u.count, func() {
		a.place(row, bytesInIndex)
		a.functionNumber()
		a.store(u.index)
		a.place(row, bytesInIndex)
		a.place(row, recordLength)
		a.number(u.distance)
		a.do(opAdd)
		a.store(u.index + 4)
		a.place(row, recordLength)
		a.functionNumber()
		a.store(u.records + fieldEntry)
		a.place(row, bytesInLookup)
		a.get(row)
		a.store(u.lookup)
		a.add(row, 1)
	})
}

// place multiplies a local variable.
func (a *assembler) place(local byte, length int) {
	a.get(local)
	a.number(length)
	a.do(opMul)
}

func (a *assembler) functionNumber() {
	a.get(row)
	a.number(firstFunction)
	a.do(opAdd)
}

// readNumber reads a number from the source into value: seven bits a byte, the lowest first.
func (a *assembler) readNumber() {
	a.number(0)
	a.set(value)
	a.number(0)
	a.set(shift)
	a.do(opLoop, typeNone)
	a.get(value)
	a.loadSource()
	a.number(0x7f)
	a.do(opAnd)
	a.get(shift)
	a.do(opShift, opOr)
	a.set(value)
	a.add(shift, 7)
	a.loadSource()
	a.add(source, 1)
	a.number(0x7f)
	a.do(opGreater, opBranchIf, 0, opEnd)
}

func (a *assembler) loadSource() {
	a.get(source)
	a.do(opLoadByte, 0, 0)
}
