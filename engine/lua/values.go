package lua

import (
	"math"
	"strconv"
	"strings"

	"github.com/yuin/gopher-lua"

	"riffle/engine/num"
	"riffle/engine/resp"
)

// stringMost is the longest string a script may make, in bytes.
const stringMost = 512 << 20

// toInt converts as C does on x86: what does not fit is the least number.
func toInt(f float64) int {
	if f >= -9223372036854775808 && f < 9223372036854775808 {
		return int(f)
	}
	return math.MinInt64
}

// formatNumber writes a number as Lua does, with C's %.14g.
func formatNumber(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < 1e14 && (f != 0 || !math.Signbit(f)) {
		return strconv.FormatInt(int64(f), 10)
	}
	return formatG(f, 14, false)
}

// formatG is C's %.<precision>g; full keeps zeros at the end (the flag #).
func formatG(f float64, precision int, full bool) string {
	f = asC(f)
	switch {
	case math.IsNaN(f):
		if math.Signbit(f) {
			return "-nan"
		}
		return "nan"
	case math.IsInf(f, 0):
		if f < 0 {
			return "-inf"
		}
		return "inf"
	}
	if precision == 0 {
		precision = 1
	}
	s := strconv.FormatFloat(f, 'e', precision-1, 64)
	mark := strings.IndexByte(s, 'e')
	exponent, _ := strconv.Atoi(s[mark+1:])
	if exponent < -4 || exponent >= precision {
		mantissa := s[:mark]
		if !full {
			mantissa = trimZeros(mantissa)
		}
		return mantissa + s[mark:]
	}
	s = strconv.FormatFloat(f, 'f', precision-1-exponent, 64)
	if full {
		return s
	}
	return trimZeros(s)
}

func trimZeros(s string) string {
	if strings.IndexByte(s, '.') < 0 {
		return s
	}
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// writer turns what a script returns into a reply.
type writer struct {
	out   []byte
	start int // of the reply in out
	proto int // of the client
	inner int // of the script: in 3, truth values are replied as such
}

// failure writes the error that ended a script.
func (w *writer) failure(f *failure, name string) {
	message := upToZero(f.text)
	if f.source != "" && f.line > 0 {
		message += " script: " + name + ", on " + f.source + ":" + strconv.Itoa(f.line) + "."
	}
	w.error(message)
}

// error writes an error in one line.
func (w *writer) error(message string) {
	message = strings.TrimRight(upToZero(message), "\r\n")
	w.out = append(append(append(w.out, '-'), oneLine(message)...), '\r', '\n')
}

// upToZero is what C takes for the whole of a text that has a zero byte.
func upToZero(s string) string {
	s, _, _ = strings.Cut(s, "\x00")
	return s
}

func oneLine(s string) string {
	if strings.IndexByte(s, '\r') < 0 && strings.IndexByte(s, '\n') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r", " "), "\n", " ")
}

func (w *writer) null() {
	if w.proto == 3 {
		w.out = resp.AppendNull3(w.out)
		return
	}
	w.out = resp.AppendNullBulk(w.out)
}

const (
	replyStack = 7996      // values that the reference has room for on its way into nested tables
	replyFirst = 2         // the first one's place
	deepReply  = 16        // from here on tables in tables count as deep
	deepMost   = 16 << 20  // bytes of a reply after which nothing deep is written
	replyMost  = 512 << 20 // bytes of a reply after which nothing is
)

// full tells whether a value at a place of the reference's stack is replaced by an error. A table that holds itself
// twice would be written without end, as the reference does; here the length of the reply is bounded too.
func (w *writer) full(place int) bool {
	n := len(w.out) - w.start
	return place > replyStack || n > deepMost && place > deepReply || n > replyMost
}

// value writes a value that has a place on the stack of the reference, which tells how deep it is.
func (w *writer) value(v lua.LValue, place int) {
	if w.full(place) {
		w.error("ERR reached lua stack limit")
		return
	}
	switch x := v.(type) {
	case lua.LString:
		w.out = resp.AppendBulkString(w.out, string(x))
	case lua.LNumber:
		w.out = resp.AppendInt(w.out, int64(toInt(float64(x))))
	case lua.LBool:
		w.boolean(bool(x))
	case *lua.LTable:
		w.table(x, place)
	default:
		w.null()
	}
}

func (w *writer) boolean(b bool) {
	switch {
	case w.inner == 3 && w.proto == 3:
		w.out = resp.AppendBool3(w.out, b)
	case b:
		w.out = append(w.out, ":1\r\n"...)
	case w.inner == 3:
		w.out = append(w.out, ":0\r\n"...)
	default:
		w.null()
	}
}

// table writes what a table's special fields make of it, or an array up to the first nil.
func (w *writer) table(t *lua.LTable, place int) {
	if s, ok := t.RawGetString("err").(lua.LString); ok {
		w.error(string(s))
		return
	}
	if s, ok := t.RawGetString("ok").(lua.LString); ok {
		w.out = append(append(append(w.out, '+'), oneLine(upToZero(string(s)))...), '\r', '\n')
		return
	}
	if n, ok := t.RawGetString("double").(lua.LNumber); ok {
		w.double(float64(n))
		return
	}
	if m, ok := t.RawGetString("map").(*lua.LTable); ok {
		w.pairs(m, place, true)
		return
	}
	if m, ok := t.RawGetString("set").(*lua.LTable); ok {
		w.pairs(m, place, false)
		return
	}
	if s, ok := t.RawGetString("big_number").(lua.LString); ok {
		w.bigNumber(oneLine(string(s)))
		return
	}
	if v, ok := t.RawGetString("verbatim_string").(*lua.LTable); ok && w.verbatim(v) {
		return
	}
	n := 0
	for t.RawGetInt(n+1) != lua.LNil {
		n++
	}
	w.out = resp.AppendArray(w.out, n)
	for i := 1; i <= n; i++ {
		w.value(t.RawGetInt(i), place+1)
	}
}

func (w *writer) double(f float64) {
	b := num.AppendFloat(nil, f)
	if w.proto == 3 {
		w.out = resp.AppendDouble3(w.out, b)
		return
	}
	w.out = resp.AppendBulk(w.out, b)
}

func (w *writer) bigNumber(digits string) {
	if w.proto == 3 {
		w.out = resp.AppendBigNumber(w.out, []byte(digits))
		return
	}
	w.out = resp.AppendBulkString(w.out, digits)
}

func (w *writer) verbatim(t *lua.LTable) bool {
	format, ok1 := t.RawGetString("format").(lua.LString)
	s, ok2 := t.RawGetString("string").(lua.LString)
	if !ok1 || !ok2 {
		return false
	}
	if w.proto == 3 {
		w.out = resp.AppendVerbatim(w.out, string(format + "   ")[:3], []byte(s))
	} else {
		w.out = resp.AppendBulkString(w.out, string(s))
	}
	return true
}

// pairs writes a map, or the keys of a set. On the stack are the table, this one in it, a key and its value, and the
// key once more.
func (w *writer) pairs(t *lua.LTable, place int, both bool) {
	n := 0
	for k, _ := t.Next(lua.LNil); k != lua.LNil; k, _ = t.Next(k) {
		n++
	}
	switch {
	case both && w.proto == 3:
		w.out = resp.AppendMap(w.out, n)
	case both:
		w.out = resp.AppendArray(w.out, 2*n)
	case w.proto == 3:
		w.out = resp.AppendSet(w.out, n)
	default:
		w.out = resp.AppendArray(w.out, n)
	}
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		if both {
			w.value(k, place+4)
			w.value(v, place+3)
		} else {
			w.value(k, place+3)
		}
	}
}

// reader turns the reply to a command into what a script sees.
type reader struct {
	L   *lua.LState
	in  []byte
	at  int
	raw bool
}

func (r *reader) line() []byte {
	start := r.at
	for r.in[r.at] != '\r' {
		r.at++
	}
	line := r.in[start:r.at]
	r.at += 2
	return line
}

func (r *reader) bulk(n int) string {
	s := string(r.in[r.at : r.at+n])
	r.at += n + 2
	return s
}

// value reads one reply. The engine has written it, so that it is well formed.
func (r *reader) value() lua.LValue {
	kind := r.in[r.at]
	r.at++
	line := r.line()
	switch kind {
	case '+':
		return r.field("ok", lua.LString(line))
	case '-':
		t := errorTable(r.L, string(line))
		t.RawSetString(knownField, lua.LTrue)
		return t
	case ',':
		f, _ := strconv.ParseFloat(string(line), 64)
		return r.field("double", lua.LNumber(f))
	case '#':
		return lua.LBool(line[0] == 't')
	case '(':
		return r.field("big_number", lua.LString(line))
	case '_':
		return lua.LNil
	}
	n, _ := strconv.ParseInt(string(line), 10, 64)
	return r.sized(kind, n)
}

// sized reads a reply that begins with a number.
func (r *reader) sized(kind byte, n int64) lua.LValue {
	switch {
	case kind == ':':
		return lua.LNumber(n)
	case n < 0:
		return lua.LFalse
	case kind == '$':
		return lua.LString(r.bulk(int(n)))
	case kind == '=':
		s := r.bulk(int(n))
		t := r.L.CreateTable(0, 2)
		t.RawSetString("format", lua.LString(s[:3]))
		t.RawSetString("string", lua.LString(s[4:]))
		return r.field("verbatim_string", t)
	case kind == '%' || kind == '~':
		return r.collection(kind, int(n))
	case kind == '|':
		for range 2 * n {
			r.value()
		}
		return r.value()
	}
	t := r.L.CreateTable(int(n), 0)
	for i := range int(n) {
		t.RawSetInt(i+1, r.value())
	}
	return t
}

func (r *reader) collection(kind byte, n int) lua.LValue {
	t := r.L.CreateTable(0, n)
	for range n {
		k := r.value()
		v := lua.LValue(lua.LTrue)
		if kind == '%' {
			v = r.value()
		}
		if k != lua.LNil {
			t.RawSet(k, v)
		}
	}
	if kind == '%' {
		return r.field("map", t)
	}
	return r.field("set", t)
}

func (r *reader) field(name string, v lua.LValue) lua.LValue {
	t := r.L.CreateTable(0, 1)
	t.RawSetString(name, v)
	return t
}
