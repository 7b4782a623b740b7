package engine

import "encoding/binary"

// BITOP: one bitmap made of others, bit by bit. The sources stay where they lie and are read eight bytes at
// a time; only the result is allocated.

// bitOperation is how BITOP combines its sources.
type bitOperation uint8

const (
	bitAnd bitOperation = iota
	bitOr
	bitXor
	bitNot
	bitDiff  // in the first source and in no other
	bitDiff1 // not in the first source, but in another
	bitAndOr // in the first source and in another
	bitOne   // in exactly one source
)

// bitOperationNames are the operations' words in a request, by their numbers.
var bitOperationNames = [...]string{"AND", "OR", "XOR", "NOT", "DIFF", "DIFF1", "ANDOR", "ONE"}

// bitOperation reads argument 1.
func (c *Ctx) bitOperation() (op bitOperation, ok bool) {
	for i, name := range bitOperationNames {
		if c.is(1, name) {
			return bitOperation(i), c.bitopSources(bitOperation(i))
		}
	}
	c.syntaxError()
	return 0, false
}

// bitopSources checks the number of sources.
func (c *Ctx) bitopSources(op bitOperation) bool {
	switch {
	case op == bitNot && len(c.Argv) != 4:
		c.Reply.Error("ERR BITOP NOT must be called with a single source key.")
	case op >= bitDiff && op <= bitAndOr && len(c.Argv) < 5:
		c.Reply.Error("ERR BITOP " + bitOperationNames[op] + " must be called with at least two source keys.")
	default:
		return true
	}
	return false
}

func bitopCommand(c *Ctx) {
	op, ok := c.bitOperation()
	if !ok {
		return
	}
	sources := make([][]byte, len(c.Argv)-3)
	longest := 0
	for i, key := range c.Argv[3:] {
		if sources[i], ok = c.getString(key); !ok {
			return
		}
		longest = max(longest, len(sources[i]))
	}
	c.storeBits(c.Argv[2], op.combine(sources, longest))
	c.Reply.Int(int64(longest))
}

// storeBits makes a bitmap the content of a key; one without bytes deletes it.
func (c *Ctx) storeBits(key, text []byte) {
	if len(text) > 0 {
		c.putString(key, c.findWrite(key), text, formRaw, false)
		c.Propagate()
		c.Notify(notifyString, "set", key)
		return
	}
	c.storeNothing(key)
}

// combine returns the combined bitmap, which is as long as the longest source.
func (op bitOperation) combine(sources [][]byte, longest int) []byte {
	result := make([]byte, longest)
	for at := 0; at < longest; at += 8 {
		var word [8]byte
		binary.LittleEndian.PutUint64(word[:], op.word(sources, at))
		copy(result[at:], word[:])
	}
	return result
}

// word combines eight bytes of all sources.
func (op bitOperation) word(sources [][]byte, at int) uint64 {
	first, any, twice := wordAt(sources[0], at), uint64(0), uint64(0)
	all := first
	for _, source := range sources[1:] {
		other := wordAt(source, at)
		all &= other
		twice |= (first | any) & other
		switch op {
		case bitXor:
			any ^= other
		default:
			any |= other
		}
	}
	switch op {
	case bitAnd:
		return all
	case bitOr:
		return first | any
	case bitXor:
		return first ^ any
	case bitNot:
		return ^first
	case bitDiff:
		return first &^ any
	case bitDiff1:
		return any &^ first
	case bitAndOr:
		return first & any
	}
	return (first | any) &^ twice
}

// wordAt returns eight bytes of a text; those behind its end are 0.
func wordAt(text []byte, at int) uint64 {
	if at+8 <= len(text) {
		return binary.LittleEndian.Uint64(text[at:])
	}
	var word [8]byte
	if at < len(text) {
		copy(word[:], text[at:])
	}
	return binary.LittleEndian.Uint64(word[:])
}
