package main

import (
	"encoding/binary"
	"slices"
)

// Two things that Go's compiler writes at every call, and that are hard to pack because they differ
// from call to call, are said here in another way. Both mean what they meant, whatever they are for.
//
// The return address is a constant: the function's number times 65,536, plus the number of the call in
// the function. The first part moves into a local that is set when the function starts, so that calls
// differ by the second part alone. (An optimising engine folds the two into the same constant again.)
//
// After a call, the caller looks whether the stack is being unwound, and if so branches out of all its
// blocks, to the end, where it returns 1. Their number differs, so "return 1" stands there itself.
//
// Together they take 8 % off what brotli makes of a program.

// firstFunction is the number of the first function in the code section.
const firstFunction = 0x1000

// Operations that are looked at or written.
const (
	opBlock     = 0x02
	opLoop      = 0x03
	opIf        = 0x04
	opEnd       = 0x0b
	opBranchIf  = 0x0d
	opReturn    = 0x0f
	opLocalGet  = 0x20
	opLocalSet  = 0x21
	opLocalTee  = 0x22
	opGlobal    = 0x23
	opGlobalSet = 0x24
	opI32Const  = 0x41
	opI64Const  = 0x42
	opI64Or     = 0x84
)

// Types of values, and of a block without any.
const (
	typeI32  = 0x7f
	typeI64  = 0x7e
	typeNone = 0x40
)

// operation is one of a function's.
type operation struct {
	code  byte
	value int64  // of a constant; the index of a local, a global, a label or a function
	bytes []byte // all of it
}

// operation reads one. The set is what Go's assembler writes (cmd/internal/obj/wasm).
func (r *reader) operation() operation {
	start := *r
	o := operation{code: r.byte()}
	switch code := o.code; {
	case code == opBlock, code == opLoop, code == opIf, code == 0x3f, code == 0x40: // memory.size, memory.grow
		r.byte()
	case code == 0x0c, code == opBranchIf, code == 0x10, code >= opLocalGet && code <= 0x24: // br, call
		o.value = int64(r.unsigned())
	case code == 0x0e: // br_table
		for labels := r.unsigned() + 1; labels > 0; labels-- {
			r.unsigned()
		}
	case code == 0x11, code >= 0x28 && code <= 0x3e: // call_indirect, loads and stores
		r.unsigned()
		r.unsigned()
	case code == opI32Const, code == opI64Const:
		o.value = r.signed()
	case code == 0x43: // f32.const
		r.take(4)
	case code == 0x44: // f64.const
		r.take(8)
	case code == 0xfc:
		r.extended()
	default: // unreachable, nop, else, return, drop, select, arithmetic
		plain := code < opBlock || code == 0x05 || code == opEnd || code == opReturn || code == 0x1a || code == 0x1b
		check(plain || code >= 0x45 && code <= 0xc4, "an unknown operation")
	}
	o.bytes = start[:len(start)-len(*r)]
	return o
}

// extended reads what follows the prefix: a conversion, memory.copy or memory.fill.
func (r *reader) extended() {
	switch kind := r.unsigned(); kind {
	case 10:
		r.take(2)
	case 11:
		r.take(1)
	default:
		check(kind < 8, "an unknown operation")
	}
}

// shrinkCode rewrites the code section; replaced are bodies by the number of the function.
func shrinkCode(content []byte, replaced map[int64][]byte) []byte {
	r := reader(content)
	count := r.unsigned()
	written := binary.AppendUvarint(nil, count)
	for i := range count {
		number := int64(firstFunction + i)
		body := r.take(r.unsigned())
		if short, ok := replaced[number]; ok {
			body = short
		} else {
			body = shrinkBody(body, number)
		}
		written = binary.AppendUvarint(written, uint64(len(body)))
		written = append(written, body...)
	}
	return written
}

// function is one that keeps Go's calling convention: its parameter, local 0, says where to go on, and
// local 1 is the stack pointer.
type function struct {
	locals     []locals // without the stack pointer
	operations []operation
}

// locals are so many variables of one type.
type locals struct {
	count uint64
	kind  byte
}

// shrinkBody leaves a function as it is that does not begin like one of Go's.
func shrinkBody(body []byte, number int64) []byte {
	f, ok := readFunction(body)
	if !ok {
		return body
	}
	if slices.ContainsFunc(f.operations, func(o operation) bool { return isAddress(o, number) }) {
		f.shareNumber(number)
	}
	if f.endsWithOne() {
		f.returnAtOnce()
	}
	return f.bytes()
}

func readFunction(body []byte) (f function, ok bool) {
	r := reader(body)
	for groups := r.unsigned(); groups > 0; groups-- {
		f.locals = append(f.locals, locals{r.unsigned(), r.byte()})
	}
	for len(r) > 0 {
		f.operations = append(f.operations, r.operation())
	}
	if len(f.locals) == 0 || f.locals[0] != (locals{1, typeI32}) || len(f.operations) < 6 {
		return f, false
	}
	f.locals = f.locals[1:]
	load, store := f.operations[0], f.operations[1]
	ok = load.code == opGlobal && load.value == 0 && store.code == opLocalSet && store.value == 1
	return f, ok
}

func (f *function) bytes() []byte {
	body := binary.AppendUvarint(nil, uint64(1+len(f.locals)))
	body = append(body, 1, typeI32)
	for _, group := range f.locals {
		body = append(binary.AppendUvarint(body, group.count), group.kind)
	}
	for _, o := range f.operations {
		body = append(body, o.bytes...)
	}
	return body
}

// isAddress tells constants that can be made from the function's number.
func isAddress(o operation, number int64) bool { return o.code == opI64Const && o.value>>16 == number }

// shareNumber keeps the function's number in local 2, the same in every function; other locals move up.
func (f *function) shareNumber(number int64) {
	if len(f.locals) > 0 && f.locals[0].kind == typeI64 {
		f.locals[0].count++
	} else {
		f.locals = slices.Insert(f.locals, 0, locals{1, typeI64})
	}
	for i := range f.operations {
		o := &f.operations[i]
		switch {
		case o.code >= opLocalGet && o.code <= opLocalTee && o.value >= 2:
			o.value++
			o.bytes = binary.AppendUvarint([]byte{o.code}, uint64(o.value))
		case isAddress(*o, number):
			o.bytes = append(appendSigned([]byte{opLocalGet, 2, opI64Const}, o.value&0xffff), opI64Or)
		}
	}
	set := operation{bytes: append(appendSigned([]byte{opI64Const}, number<<16), opLocalSet, 2)}
	f.operations = slices.Insert(f.operations, 2, set)
}

// depths calls visit with every operation and the number of blocks around it.
func (f *function) depths(visit func(o *operation, depth int)) {
	depth := 0
	for i := range f.operations {
		o := &f.operations[i]
		switch o.code {
		case opBlock, opLoop, opIf:
			depth++
		case opEnd:
			depth--
		}
		visit(o, depth)
	}
}

// endsWithOne says whether one block holds all that the function does, with "return 1" after it.
func (f *function) endsWithOne() bool {
	last := len(f.operations) - 1
	closing, one := &f.operations[last-2], f.operations[last-1]
	outermost, blocks := false, 0
	f.depths(func(o *operation, depth int) {
		switch {
		case depth == 1 && (o.code == opLoop || o.code == opIf || o.code == opBlock):
			blocks++
			outermost = o.code == opBlock
		case o == closing:
			outermost = outermost && depth == 0 && o.code == opEnd
		}
	})
	return blocks == 1 && outermost && one.code == opI32Const && one.value == 1
}

// returnAtOnce replaces conditional branches to the end of the outermost block.
func (f *function) returnAtOnce() {
	f.depths(func(o *operation, depth int) {
		if o.code == opBranchIf && o.value == int64(depth-1) {
			o.bytes = []byte{opIf, typeNone, opI32Const, 1, opReturn, opEnd}
		}
	})
}
