package hll

import "riffle/engine/num"

// The sparse layout is a sequence of runs of equal registers:
//
//	00nnnnnn           n+1 registers of zero, up to 64
//	01nnnnnn nnnnnnnn  n+1 registers of zero, up to 16,384, high bits first
//	1vvvvvnn           n+1 registers of v+1: up to 4 of at most 32
//
// A higher value does not fit, and makes the sketch dense.
const (
	maxShortZeros  = 64
	maxSparseValue = 32
	maxValueRun    = 4
	longZeros      = 0x40
	valueRun       = 0x80
	cutOff         = Registers + 1 // registers of an opcode whose second byte is missing: no run is so long
)

// run is one opcode: n registers of a value, written in size bytes.
type run struct {
	n, size int
	value   byte
}

// runAt reads the opcode at a position.
func runAt(sketch []byte, at int) run {
	op := sketch[at]
	switch {
	case op&valueRun != 0:
		return run{n: int(op&3) + 1, size: 1, value: op>>2&31 + 1}
	case op&longZeros == 0:
		return run{n: int(op) + 1, size: 1}
	case at+1 == len(sketch):
		return run{n: cutOff, size: 1}
	}
	return run{n: int(op&^longZeros)<<8 + int(sketch[at+1]) + 1, size: 2}
}

// eachRun visits the runs of a sparse sketch: the first register, their number and their value.
func eachRun(sketch []byte, visit func(first, n int, value byte)) error {
	first := 0
	for at := headerSize; at < len(sketch); {
		r := runAt(sketch, at)
		if first+r.n > Registers {
			return ErrCorrupt
		}
		visit(first, r.n, r.value)
		first += r.n
		at += r.size
	}
	if first != Registers {
		return ErrCorrupt
	}
	return nil
}

// appendZeros appends a run of n registers of zero.
func appendZeros(dst []byte, n int) []byte {
	if n > maxShortZeros {
		return append(dst, longZeros|byte((n-1)>>8), byte(n-1))
	}
	return append(dst, byte(n-1))
}

// appendRun appends a run of n registers, none if n is 0.
func appendRun(dst []byte, n int, value byte) []byte {
	switch {
	case n == 0:
		return dst
	case value == 0:
		return appendZeros(dst, n)
	}
	return append(dst, valueRun|(value-1)<<2|byte(n-1))
}

// setSparse raises a register of a sparse sketch: the run that holds it is split in up to three, then
// neighbours of equal value are joined. tooLong says that the sketch must become dense first; it is
// unchanged then.
func setSparse(sketch []byte, register int, value byte, limit int) (
	out []byte, changed, tooLong bool, err error) {

	if value > maxSparseValue {
		return sketch, false, true, nil
	}
	before, at, first, r := headerSize, headerSize, 0, run{}
	for {
		if at >= len(sketch) {
			return sketch, false, false, ErrCorrupt
		}
		r = runAt(sketch, at)
		if register < first+r.n {
			break
		}
		before, first, at = at, first+r.n, at+r.size
	}
	if r.n == cutOff {
		return sketch, false, false, ErrCorrupt
	}
	if r.value >= value {
		return sketch, false, false, nil
	}
	var room [5]byte
	split := appendRun(room[:0], register-first, r.value)
	split = appendRun(split, 1, value)
	split = appendRun(split, first+r.n-1-register, r.value)
	more := len(split) - r.size
	if more > 0 && len(sketch)+more > limit {
		return sketch, false, true, nil
	}
	out = replace(sketch, at, r.size, split)
	return joinRuns(out, before), true, false, nil
}

// replace puts text in the place of the size bytes at a position.
func replace(sketch []byte, at, size int, text []byte) []byte {
	end := len(sketch)
	if more := len(text) - size; more > 0 {
		sketch = append(sketch, text[:more]...)
	} else {
		end += more
	}
	copy(sketch[at+len(text):], sketch[at+size:end+max(0, size-len(text))])
	copy(sketch[at:], text)
	return sketch
}

// joinRuns joins neighbours of equal value in the five opcodes from a position on, as far as they fit in
// one.
func joinRuns(sketch []byte, at int) []byte {
	for left := 5; left > 0 && at < len(sketch); left-- {
		r := runAt(sketch, at)
		if r.value > 0 && at+1 < len(sketch) {
			next := runAt(sketch, at+1)
			if next.value == r.value && r.n+next.n <= maxValueRun {
				sketch = append(sketch[:at], sketch[at+1:]...)
				appendRun(sketch[:at], r.n+next.n, r.value)
				continue
			}
		}
		at += r.size
	}
	return sketch
}

// AppendRuns appends the runs of a sparse sketch as PFDEBUG DECODE prints them: "z:3" for zeros in the short
// form, "Z:300" in the long one, "v:5,2" for two registers of 5.
func AppendRuns(dst, sketch []byte) []byte {
	for at := headerSize; at < len(sketch); {
		r := runAt(sketch, at)
		if at > headerSize {
			dst = append(dst, ' ')
		}
		switch {
		case r.n == cutOff: // behind its end the reference finds a zero byte
			dst = append(dst, "Z:"...)
			r.n = int(sketch[at]&^longZeros)<<8 + 1
		case r.value > 0:
			dst = append(num.AppendInt(append(dst, "v:"...), int64(r.value)), ',')
		case r.size == 1:
			dst = append(dst, "z:"...)
		default:
			dst = append(dst, "Z:"...)
		}
		dst = num.AppendInt(dst, int64(r.n))
		at += r.size
	}
	return dst
}
