package main

import (
	"bytes"
	"encoding/binary"
	"slices"
)

const magic = "\x00asm\x01\x00\x00\x00"

// Numbers of the sections that matter here.
const (
	typeSection     = 1
	importSection   = 2
	functionSection = 3
	startSection    = 8
	codeSection     = 10
	dataSection     = 11
)

// module is a WebAssembly program whose data lie as they will lie in memory.
type module struct {
	sections []section
	memory   []byte // from address 0 to the last byte that has a value
}

type section struct {
	number  byte
	content []byte // empty for the data, which are in memory
}

// reader takes values off the front of a section, and panics beyond its end.
type reader []byte

func (r *reader) take(n uint64) []byte {
	check(n <= uint64(len(*r)), "a section is cut short")
	taken := (*r)[:n:n]
	*r = (*r)[n:]
	return taken
}

func (r *reader) byte() byte { return r.take(1)[0] }

func (r *reader) unsigned() uint64 {
	value, n := binary.Uvarint(*r)
	check(n > 0, "a number is broken")
	r.take(uint64(n))
	return value
}

// signed reads a number of which bit 6 of the last byte is the sign.
func (r *reader) signed() int64 {
	var value int64
	for shift := 0; ; shift += 7 {
		b := r.byte()
		value |= int64(b&0x7f) << shift
		if b < 0x80 {
			unused := max(64-7-shift, 0)
			return value << unused >> unused
		}
	}
}

func appendSigned(p []byte, value int64) []byte {
	for {
		b := byte(value & 0x7f)
		value >>= 7
		if value == 0 && b&0x40 == 0 || value == -1 && b&0x40 != 0 {
			return append(p, b)
		}
		p = append(p, b|0x80)
	}
}

func parse(file []byte) *module {
	check(bytes.HasPrefix(file, []byte(magic)), "this is not a WebAssembly program")
	m := new(module)
	for r := reader(file[len(magic):]); len(r) > 0; {
		s := section{number: r.byte()}
		s.content = r.take(r.unsigned())
		if s.number == dataSection {
			m.layOut(s.content)
			s.content = nil
		}
		m.sections = append(m.sections, s)
	}
	return m
}

// The bytes in which a segment says that it goes to a constant address of the only memory.
const (
	intoMemory = 0
	i32Const   = 0x41
	end        = 0x0b
)

// mostMemory is far more than a program's data take, and little enough to allocate.
const mostMemory = 16 << 20

// layOut copies the segments to where they belong.
func (m *module) layOut(content []byte) {
	r := reader(content)
	for count := r.unsigned(); count > 0; count-- {
		check(r.byte() == intoMemory && r.byte() == i32Const, "a segment of an unknown kind")
		address := r.signed()
		check(r.byte() == end, "a segment of an unknown kind")
		segment := r.take(r.unsigned())
		check(address >= 0 && address < mostMemory, "a segment lies outside of memory")
		if missing := int(address) + len(segment) - len(m.memory); missing > 0 {
			m.memory = append(m.memory, make([]byte, missing)...)
		}
		copy(m.memory[address:], segment)
	}
}

// startWith adds a function without parameters, which runs when the program is instantiated.
func (m *module) startWith(body []byte) {
	nothing := []byte{0x60, 0, 0} // the type of a function that takes and returns nothing
	kind := m.section(typeSection).append(nothing)
	number := m.section(functionSection).append(binary.AppendUvarint(nil, kind))
	m.section(codeSection).append(append(binary.AppendUvarint(nil, uint64(len(body))), body...))
	number += m.section(importSection).count()
	at := slices.IndexFunc(m.sections, func(s section) bool { return s.number > startSection })
	check(m.sections[at-1].number < startSection, "the program has a start already")
	start := section{startSection, binary.AppendUvarint(nil, number)}
	m.sections = slices.Insert(m.sections, at, start)
}

func (m *module) section(number byte) *section {
	at := slices.IndexFunc(m.sections, func(s section) bool { return s.number == number })
	check(at >= 0, "a section is missing")
	return &m.sections[at]
}

// count is how many things a section holds. All imports of a Go program are functions.
func (s *section) count() uint64 {
	r := reader(s.content)
	return r.unsigned()
}

// append puts one more thing at the end of a section, and returns its number.
func (s *section) append(thing []byte) uint64 {
	r := reader(s.content)
	count := r.unsigned()
	s.content = append(append(binary.AppendUvarint(nil, count+1), r...), thing...)
	return count
}

// file writes the program. A section's length is as short as can be, where the linker pads it.
func (m *module) file() []byte {
	file := []byte(magic)
	for _, s := range m.sections {
		if s.number == dataSection {
			s.content = segments(m.memory)
		}
		file = append(file, s.number)
		file = binary.AppendUvarint(file, uint64(len(s.content)))
		file = append(file, s.content...)
	}
	return file
}

// gap is the length of the runs of zeros that are left out. Go's linker leaves out runs of eight, in
// tens of thousands of segments, each with an address that no compressor can guess.
const gap = 4 << 10

// segments is the data section for a memory.
func segments(memory []byte) []byte {
	var written []byte
	count := uint64(0)
	for at := zeros(memory); at < len(memory); count++ {
		length := segment(memory[at:])
		written = append(written, intoMemory, i32Const)
		written = append(appendSigned(written, int64(at)), end)
		written = binary.AppendUvarint(written, uint64(length))
		written = append(written, memory[at:at+length]...)
		at += length + zeros(memory[at+length:])
	}
	return append(binary.AppendUvarint(nil, count), written...)
}

// zeros counts the zeros at the front of p.
func zeros(p []byte) int { return len(p) - len(bytes.TrimLeft(p, "\x00")) }

// segment is the length of p up to a gap, or up to the zeros at its end.
func segment(p []byte) int {
	length := bytes.Index(p, make([]byte, gap))
	if length < 0 {
		length = len(p)
	}
	return len(bytes.TrimRight(p[:length], "\x00"))
}
