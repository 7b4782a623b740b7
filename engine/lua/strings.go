package lua

import (
	"math"
	"strconv"
	"strings"

	"github.com/yuin/gopher-lua"
)

func (in *Interpreter) stringFunctions() []named {
	return []named{
		{"byte", in.stringByte}, {"char", in.stringChar}, {"dump", in.stringDump}, {"find", in.stringFind},
		{"format", in.stringFormat}, {"gmatch", in.stringGmatch}, {"gsub", in.stringGsub}, {"len", in.stringLen},
		{"lower", in.stringLower}, {"match", in.stringMatch}, {"rep", in.stringRep},
		{"reverse", in.stringReverse}, {"sub", in.stringSub}, {"upper", in.stringUpper},
	}
}

// fromEnd makes a position that counts from the end, when negative, one that counts from the start.
func fromEnd(at, length int) int {
	if at < 0 {
		at = max(at+length+1, 0)
	}
	return at
}

func (in *Interpreter) stringByte(L *lua.LState) int {
	s := in.checkText(L, 1)
	first := fromEnd(in.optInt(L, 2, 1), len(s))
	last := min(fromEnd(in.optInt(L, 3, first), len(s)), len(s))
	first = max(first, 1)
	if first > last {
		return 0
	}
	if last-first >= unpackMost {
		in.fail(L, "string slice too long")
	}
	for i := first; i <= last; i++ {
		L.Push(lua.LNumber(s[i-1]))
	}
	return last - first + 1
}

func (in *Interpreter) stringChar(L *lua.LState) int {
	out := make([]byte, L.GetTop())
	for i := range out {
		ch := in.checkInt(L, i+1)
		if ch < 0 || ch > 255 {
			in.argument(L, i+1, "invalid value")
		}
		out[i] = byte(ch)
	}
	L.Push(lua.LString(out))
	return 1
}

func (in *Interpreter) stringDump(L *lua.LState) int {
	in.checkFunction(L, 1)
	in.fail(L, "unable to dump given function")
	return 0
}

func (in *Interpreter) stringLen(L *lua.LState) int {
	L.Push(lua.LNumber(len(in.checkText(L, 1))))
	return 1
}

// lower folds ASCII only, as C does in the locale of a server.
func lower(s string) string {
	out := []byte(s)
	for i, ch := range out {
		if ch >= 'A' && ch <= 'Z' {
			out[i] = ch + 'a' - 'A'
		}
	}
	return string(out)
}

func (in *Interpreter) stringLower(L *lua.LState) int {
	L.Push(lua.LString(lower(in.checkText(L, 1))))
	return 1
}

func (in *Interpreter) stringUpper(L *lua.LState) int {
	out := []byte(in.checkText(L, 1))
	for i, ch := range out {
		if ch >= 'a' && ch <= 'z' {
			out[i] = ch - ('a' - 'A')
		}
	}
	L.Push(lua.LString(out))
	return 1
}

func (in *Interpreter) stringRep(L *lua.LState) int {
	s, n := in.checkText(L, 1), max(in.checkShort(L, 2), 0)
	if len(s) > 0 && n > stringMost/len(s) {
		memoryError(L)
	}
	if len(s) == 0 {
		n = 0
	}
	L.Push(lua.LString(strings.Repeat(s, n)))
	return 1
}

func (in *Interpreter) stringReverse(L *lua.LState) int {
	s := in.checkText(L, 1)
	out := make([]byte, len(s))
	for i := range out {
		out[i] = s[len(s)-1-i]
	}
	L.Push(lua.LString(out))
	return 1
}

func (in *Interpreter) stringSub(L *lua.LState) int {
	s := in.checkText(L, 1)
	first := max(fromEnd(in.checkInt(L, 2), len(s)), 1)
	last := min(fromEnd(in.optInt(L, 3, -1), len(s)), len(s))
	if first > last {
		L.Push(lua.LString(""))
		return 1
	}
	L.Push(lua.LString(s[first-1 : last]))
	return 1
}

// directive is one conversion of a format.
type directive struct {
	left, plus, blank, sharp, zero bool
	width, precision               int // precision -1: none
	verb                           byte
}

const formatFlags = "-+ #0"

// readDirective reads what follows a per cent sign.
func (in *Interpreter) readDirective(L *lua.LState, s string) (d directive, size int) {
	i := 0
	for i < len(s) && strings.IndexByte(formatFlags, s[i]) >= 0 {
		d.left = d.left || s[i] == '-'
		d.plus = d.plus || s[i] == '+'
		d.blank = d.blank || s[i] == ' '
		d.sharp = d.sharp || s[i] == '#'
		d.zero = d.zero || s[i] == '0'
		i++
	}
	if i > len(formatFlags) {
		in.fail(L, "invalid format (repeated flags)")
	}
	digits := func() (n int) {
		for k := 0; k < 2 && i < len(s) && isDigit(s[i]); k++ {
			n = n*10 + int(s[i]-'0')
			i++
		}
		return n
	}
	d.precision = -1
	d.width = digits()
	if i < len(s) && s[i] == '.' {
		i++
		d.precision = digits()
	}
	if i < len(s) && isDigit(s[i]) {
		in.fail(L, "invalid format (width or precision too long)")
	}
	if i < len(s) {
		d.verb = s[i]
		i++
	}
	return d, i
}

func (in *Interpreter) stringFormat(L *lua.LState) int {
	format := in.checkText(L, 1)
	var out []byte
	argument := 1
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			out = append(out, format[i])
			continue
		}
		if i++; i < len(format) && format[i] == '%' {
			out = append(out, '%')
			continue
		}
		d, size := in.readDirective(L, format[min(i, len(format)):])
		argument++
		out = in.conversion(L, out, d, argument)
		i += size - 1
		if len(out) > stringMost {
			memoryError(L)
		}
	}
	L.Push(lua.LString(out))
	return 1
}

func (in *Interpreter) conversion(L *lua.LState, out []byte, d directive, i int) []byte {
	if i > L.GetTop() {
		in.argument(L, i, "no value")
	}
	switch d.verb {
	case 'c':
		c := []byte{byte(in.formatNumber(L, i))}
		switch { // a zero byte ends what C has written
		case c[0] != 0:
			return d.pad(out, "", string(c), false)
		case d.left:
			return out
		}
		return append(out, strings.Repeat(" ", max(d.width-1, 0))...)
	case 'd', 'i':
		return d.integer(out, int64(toInt(in.formatNumber(L, i))))
	case 'o', 'u', 'x', 'X':
		return d.unsigned(out, uint64(unsignedOf(in.formatNumber(L, i))))
	case 'e', 'E', 'f', 'g', 'G':
		return d.float(out, in.formatNumber(L, i))
	case 'q':
		return appendQuoted(out, in.formatText(L, i))
	case 's':
		s := in.formatText(L, i)
		if len(s) < 100 || d.precision >= 0 { // a longer one is not given to C's printf
			s = upToZero(s)
		}
		if d.precision >= 0 && d.precision < len(s) {
			s = s[:d.precision]
		}
		return d.pad(out, "", s, false)
	}
	verb := ""
	if d.verb != 0 {
		verb = string([]byte{d.verb})
	}
	in.fail(L, "invalid option '%"+verb+"' to 'format'")
	return nil
}

func (in *Interpreter) formatNumber(L *lua.LState, i int) float64 { return in.checkNumber(L, i) }
func (in *Interpreter) formatText(L *lua.LState, i int) string    { return in.checkText(L, i) }

// unsignedOf converts as C on x86 does: negative numbers wrap around.
func unsignedOf(f float64) uint64 {
	if f >= 9223372036854775808 && f < 18446744073709551616 {
		return uint64(f-9223372036854775808) | 1<<63
	}
	return uint64(toInt(f))
}

// pad brings a number's sign and digits, or a text, to the width.
func (d *directive) pad(out []byte, sign, s string, zeros bool) []byte {
	fill := max(d.width-len(sign)-len(s), 0)
	switch {
	case d.left:
		out = append(append(out, sign...), s...)
		return append(out, strings.Repeat(" ", fill)...)
	case zeros:
		out = append(append(out, sign...), strings.Repeat("0", fill)...)
		return append(out, s...)
	}
	out = append(out, strings.Repeat(" ", fill)...)
	return append(append(out, sign...), s...)
}

func (d *directive) sign(negative bool) string {
	switch {
	case negative:
		return "-"
	case d.plus:
		return "+"
	case d.blank:
		return " "
	}
	return ""
}

// digits applies a precision to the digits of a whole number.
func (d *directive) digits(s string) string {
	if d.precision == 0 && s == "0" {
		return ""
	}
	if n := d.precision - len(s); n > 0 {
		s = strings.Repeat("0", n) + s
	}
	return s
}

func (d *directive) integer(out []byte, n int64) []byte {
	s := strconv.FormatInt(n, 10)
	s = d.digits(strings.TrimPrefix(s, "-"))
	return d.pad(out, d.sign(n < 0), s, d.zero && d.precision < 0)
}

func (d *directive) unsigned(out []byte, n uint64) []byte {
	base, prefix := 10, ""
	switch d.verb {
	case 'o':
		base = 8
	case 'x', 'X':
		base = 16
		if d.sharp && n != 0 {
			prefix = "0" + string([]byte{d.verb})
		}
	}
	s := d.digits(strconv.FormatUint(n, base))
	if d.verb == 'X' {
		s = strings.ToUpper(s)
	}
	if d.verb == 'o' && d.sharp && !strings.HasPrefix(s, "0") {
		s = "0" + s
	}
	return d.pad(out, prefix, s, d.zero && d.precision < 0)
}

func (d *directive) float(out []byte, f float64) []byte {
	precision := d.precision
	if precision < 0 {
		precision = 6
	}
	var s string
	zeros := d.zero
	f = asC(f)
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		s, zeros = strings.TrimPrefix(formatG(f, 6, false), "-"), false
	case d.verb|0x20 == 'g':
		s = formatG(math.Abs(f), precision, d.sharp)
	default:
		s = strconv.FormatFloat(math.Abs(f), d.verb|0x20, precision, 64)
	}
	if d.verb < 'a' {
		s = strings.ToUpper(s)
	}
	return d.pad(out, d.sign(math.Signbit(f)), s, zeros)
}

// appendQuoted writes a string as Lua would read it.
func appendQuoted(out []byte, s string) []byte {
	out = append(out, '"')
	for i := 0; i < len(s); i++ {
		switch ch := s[i]; ch {
		case '"', '\\', '\n':
			out = append(out, '\\', ch)
		case '\r':
			out = append(out, `\r`...)
		case 0:
			out = append(out, `\000`...)
		default:
			out = append(out, ch)
		}
	}
	return append(out, '"')
}
