package lua

import (
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/yuin/gopher-lua"
)

// The library struct is Roberto Ierusalimschy's, version 0.2.

func (in *Interpreter) structFunctions() []named {
	return []named{{"pack", in.structPack}, {"size", in.structSize}, {"unpack", in.structUnpack}}
}

const intMost = 32 // bytes of the largest integer

// layout reads a format.
type layout struct {
	in     *Interpreter
	L      *lua.LState
	format string
	at     int
	big    bool
	align  int
}

func (y *layout) number(missing int) int {
	if y.at >= len(y.format) || !isDigit(y.format[y.at]) {
		return missing
	}
	n := 0
	for ; y.at < len(y.format) && isDigit(y.format[y.at]); y.at++ {
		digit := int(y.format[y.at] - '0')
		if n > math.MaxInt32/10 || n*10 > math.MaxInt32-digit {
			y.in.fail(y.L, "integral size overflow")
		}
		n = n*10 + digit
	}
	return n
}

// next returns the next option and its size in bytes.
func (y *layout) next() (option byte, size int) {
	option = y.format[y.at]
	y.at++
	switch option {
	case 'B', 'b', 'x':
		return option, 1
	case 'H', 'h':
		return option, 2
	case 'L', 'l', 'T', 'd':
		return option, 8
	case 'f':
		return option, 4
	case 'c':
		return option, y.number(1)
	case 'i', 'I':
		if size = y.number(4); size > intMost {
			y.in.fail(y.L, "integral size "+strconv.Itoa(size)+" is larger than limit of "+strconv.Itoa(intMost))
		}
		return option, size
	}
	return option, 0
}

// padding returns how many bytes bring an offset to an option's alignment.
func (y *layout) padding(size int, option byte, offset int) int {
	if size == 0 || option == 'c' {
		return 0
	}
	size = min(size, y.align)
	if size > 1 {
		return (size - offset&(size-1)) & (size - 1)
	}
	return 0
}

// control carries out an option that describes no data.
func (y *layout) control(option byte) {
	switch option {
	case ' ':
	case '>':
		y.big = true
	case '<':
		y.big = false
	case '!':
		n := y.number(8)
		if n == 0 || bits.OnesCount(uint(n)) != 1 {
			y.in.fail(y.L, "alignment "+strconv.Itoa(n)+" is not a power of 2")
		}
		y.align = n
	default:
		y.in.argument(y.L, 1, "invalid format option '"+string([]byte{option})+"'")
	}
}

func (in *Interpreter) newLayout(L *lua.LState) *layout {
	return &layout{in: in, L: L, format: in.checkText(L, 1), align: 1}
}

// integer writes the lowest bytes of a number.
func (y *layout) integer(out []byte, n uint64, size int) []byte {
	mark := len(out)
	for i := range size {
		b := byte(0)
		if i < 8 {
			b = byte(n >> (8 * i))
		}
		out = append(out, b)
	}
	if y.big {
		reverse(out[mark:])
	}
	return out
}

func reverse(p []byte) {
	for i, k := 0, len(p)-1; i < k; i, k = i+1, k-1 {
		p[i], p[k] = p[k], p[i]
	}
}

func (in *Interpreter) structPack(L *lua.LState) int {
	y := in.newLayout(L)
	L.Push(lua.LNil) // what is missing is nil
	var out []byte
	argument := 2
	for y.at < len(y.format) {
		option, size := y.next()
		out = append(out, make([]byte, y.padding(size, option, len(out)))...)
		switch option {
		case 'b', 'B', 'h', 'H', 'l', 'L', 'T', 'i', 'I':
			f := in.structNumber(L, argument)
			n := uint64(toInt(f))
			if f >= 0 {
				n = unsignedOf(f)
			}
			out = y.integer(out, n, size)
			argument++
		case 'x':
			out = append(out, 0)
		case 'f':
			out = y.integer(out, uint64(math.Float32bits(float32(asC(in.structNumber(L, argument))))), 4)
			argument++
		case 'd':
			out = y.integer(out, math.Float64bits(asC(in.structNumber(L, argument))), 8)
			argument++
		case 'c', 's':
			s := in.checkText(L, argument)
			argument++
			if size == 0 {
				size = len(s)
			}
			if len(s) < size {
				in.argument(L, argument, "string too short")
			}
			out = append(out, s[:size]...)
			if option == 's' {
				out = append(out, 0)
			}
		default:
			y.control(option)
		}
		if len(out) > stringMost {
			memoryError(L)
		}
	}
	L.Push(lua.LString(out))
	return 1
}

func (in *Interpreter) structNumber(L *lua.LState, i int) float64 { return in.checkNumber(L, i) }

func (in *Interpreter) structSize(L *lua.LState) int {
	y := in.newLayout(L)
	total := 0
	for y.at < len(y.format) {
		option, size := y.next()
		total += y.padding(size, option, total)
		switch {
		case option == 's':
			in.argument(L, 1, "option 's' has no fixed size")
		case option == 'c' && size == 0:
			in.argument(L, 1, "option 'c0' has no fixed size")
		case strings.IndexByte("bBhHlLTiIxfdc", option) < 0:
			y.control(option)
		}
		total += size
	}
	L.Push(lua.LNumber(total))
	return 1
}

// load reads an integer of size bytes; what lies beyond 8 is dropped.
func (y *layout) load(p string, signed bool) float64 {
	bytes := []byte(p)
	if y.big {
		reverse(bytes)
	}
	n := uint64(0)
	for i := min(len(bytes), 8) - 1; i >= 0; i-- {
		n = n<<8 | uint64(bytes[i])
	}
	if !signed {
		return float64(n)
	}
	if len(bytes) < 8 {
		shift := 64 - 8*len(bytes)
		return float64(int64(n<<shift) >> shift)
	}
	return float64(int64(n))
}

func (in *Interpreter) structUnpack(L *lua.LState) int {
	y := in.newLayout(L)
	data := in.checkText(L, 2)
	at := in.optInt(L, 3, 1) - 1
	if at < 0 {
		in.argument(L, 2, "data string too short")
	}
	var values []lua.LValue
	for y.at < len(y.format) {
		option, size := y.next()
		at += y.padding(size, option, at)
		if at > len(data) || size > len(data)-at {
			in.argument(L, 2, "data string too short")
		}
		p := data[at : at+size]
		switch option {
		case 'b', 'B', 'h', 'H', 'l', 'L', 'T', 'i', 'I':
			values = append(values, lua.LNumber(y.load(p, option >= 'a')))
		case 'x':
		case 'f':
			bits := uint32(y.load(p, false))
			values = append(values, lua.LNumber(math.Float32frombits(bits)))
		case 'd':
			values = append(values, lua.LNumber(math.Float64frombits(y.raw(p))))
		case 'c':
			values, size = y.text(values, data, at, size)
		case 's':
			end := strings.IndexByte(data[at:], 0)
			if end < 0 {
				in.fail(L, "unfinished string in data")
			}
			values = append(values, lua.LString(data[at:at+end]))
			size = end + 1
		default:
			y.control(option)
		}
		at += size
		if len(values) >= unpackMost {
			in.fail(L, "too many results to unpack")
		}
	}
	for _, v := range values {
		L.Push(v)
	}
	L.Push(lua.LNumber(at + 1))
	return len(values) + 1
}

// raw reads eight bytes as they are.
func (y *layout) raw(p string) (n uint64) {
	for i := range 8 {
		k := 7 - i
		if y.big {
			k = i
		}
		n = n<<8 | uint64(p[k])
	}
	return n
}

// text reads the bytes of c: of size 0, as many as the number before them says, which they replace.
func (y *layout) text(values []lua.LValue, data string, at, size int) ([]lua.LValue, int) {
	if size == 0 {
		last, ok := lua.LNumber(0), false
		if len(values) > 0 {
			last, ok = values[len(values)-1].(lua.LNumber)
		}
		if !ok {
			y.in.fail(y.L, "format 'c0' needs a previous size")
		}
		values = values[:len(values)-1]
		if size = toInt(float64(last)); size < 0 || size > len(data)-at {
			y.in.argument(y.L, 2, "data string too short")
		}
	}
	return append(values, lua.LString(data[at:at+size])), size
}
