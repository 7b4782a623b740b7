package lua

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/yuin/gopher-lua"
)

// The library cjson is Mark Pulford's Lua CJSON 2.1.0 as the reference has it.

// jsonOptions are what cjson.encode_max_depth and the like set; they hold for all scripts.
type jsonOptions struct {
	encodeDepth, decodeDepth     int
	convert                      bool // sparse arrays to objects
	ratio, safe                  int
	precision                    int
	keepBuffer                   bool
	encodeInvalid, decodeInvalid bool
	encodeNullForInvalid         bool
	null                         *lua.LUserData
}

func (o *jsonOptions) reset() {
	*o = jsonOptions{encodeDepth: 1000, decodeDepth: 1000, ratio: 2, safe: 10, precision: 14, keepBuffer: true,
		decodeInvalid: true, null: o.null}
}

func (in *Interpreter) openJSON() *lua.LTable {
	in.json.null = in.state.NewUserData()
	t := in.module("cjson", []named{
		{"decode", in.jsonDecode}, {"encode", in.jsonEncode}, {"new", in.jsonNew},
		{"encode_sparse_array", in.jsonSparse}, {"encode_keep_buffer", in.jsonKeepBuffer},
		{"encode_max_depth", func(L *lua.LState) int { return in.jsonInt(L, &in.json.encodeDepth, math.MaxInt32) }},
		{"decode_max_depth", func(L *lua.LState) int { return in.jsonInt(L, &in.json.decodeDepth, math.MaxInt32) }},
		{"encode_number_precision", func(L *lua.LState) int { return in.jsonInt(L, &in.json.precision, 14) }},
		{"encode_invalid_numbers", in.jsonEncodeInvalid}, {"decode_invalid_numbers", in.jsonDecodeInvalid},
	})
	t.RawSetString("_NAME", lua.LString("cjson"))
	t.RawSetString("_VERSION", lua.LString("2.1.0"))
	t.RawSetString("null", in.json.null)
	return t
}

// jsonNew returns the library again: its options are shared here.
func (in *Interpreter) jsonNew(L *lua.LState) int {
	L.Push(in.globals.RawGetString("cjson"))
	return 1
}

// jsonArguments checks how many arguments an option was given.
func (in *Interpreter) jsonArguments(L *lua.LState, most int) {
	if L.GetTop() > most {
		in.argument(L, most+1, "found too many arguments")
	}
}

func (in *Interpreter) jsonInt(L *lua.LState, option *int, most int) int {
	in.jsonArguments(L, 1)
	in.setJSONInt(L, 1, option, 1, most)
	return 1
}

func (in *Interpreter) setJSONInt(L *lua.LState, i int, option *int, least, most int) {
	if L.Get(i) != lua.LNil {
		n := in.checkInt(L, i)
		if n < least || n > most {
			in.argument(L, i, "expected integer between "+strconv.Itoa(least)+" and "+strconv.Itoa(most))
		}
		*option = n
	}
	L.Push(lua.LNumber(*option))
}

// jsonChoice reads a truth value or one of the words given; it returns -1 if there is no argument.
func (in *Interpreter) jsonChoice(L *lua.LState, words ...string) int {
	switch v := L.Get(1).(type) {
	case *lua.LNilType:
		return -1
	case lua.LBool:
		if v {
			return 1
		}
		return 0
	}
	s := in.checkText(L, 1)
	for i, word := range words {
		if s == word {
			return i
		}
	}
	in.argument(L, 1, "invalid option '"+s+"'")
	return 0
}

func (in *Interpreter) jsonSparse(L *lua.LState) int {
	in.jsonArguments(L, 3)
	L.SetTop(3)
	if choice := in.jsonChoice(L, "off", "on"); choice >= 0 {
		in.json.convert = choice == 1
	}
	L.Push(lua.LBool(in.json.convert))
	in.setJSONInt(L, 2, &in.json.ratio, 0, math.MaxInt32)
	in.setJSONInt(L, 3, &in.json.safe, 0, math.MaxInt32)
	return 3
}

func (in *Interpreter) jsonKeepBuffer(L *lua.LState) int {
	in.jsonArguments(L, 1)
	if choice := in.jsonChoice(L, "off", "on"); choice >= 0 {
		in.json.keepBuffer = choice == 1
	}
	L.Push(lua.LBool(in.json.keepBuffer))
	return 1
}

func (in *Interpreter) jsonEncodeInvalid(L *lua.LState) int {
	in.jsonArguments(L, 1)
	if choice := in.jsonChoice(L, "off", "on", "null"); choice >= 0 {
		in.json.encodeInvalid, in.json.encodeNullForInvalid = choice == 1, choice == 2
	}
	if in.json.encodeNullForInvalid {
		L.Push(lua.LString("null"))
	} else {
		L.Push(lua.LBool(in.json.encodeInvalid))
	}
	return 1
}

func (in *Interpreter) jsonDecodeInvalid(L *lua.LState) int {
	in.jsonArguments(L, 1)
	if choice := in.jsonChoice(L, "off", "on"); choice >= 0 {
		in.json.decodeInvalid = choice == 1
	}
	L.Push(lua.LBool(in.json.decodeInvalid))
	return 1
}

func (in *Interpreter) jsonEncode(L *lua.LState) int {
	if L.GetTop() != 1 {
		in.argument(L, 1, "expected 1 argument")
	}
	e := jsonEncoder{in: in, L: L}
	e.value(L.Get(1), 0)
	L.Push(lua.LString(e.out))
	return 1
}

type jsonEncoder struct {
	in  *Interpreter
	L   *lua.LState
	out []byte
}

func (e *jsonEncoder) cannot(kind, reason string) {
	e.in.fail(e.L, "Cannot serialise "+kind+": "+reason)
}

func (e *jsonEncoder) value(v lua.LValue, depth int) {
	if len(e.out) > stringMost {
		memoryError(e.L)
	}
	switch x := v.(type) {
	case lua.LString:
		e.text(string(x))
	case lua.LNumber:
		e.number(float64(x), "number")
	case lua.LBool:
		e.out = strconv.AppendBool(e.out, bool(x))
	case *lua.LNilType:
		e.out = append(e.out, "null"...)
	case *lua.LTable:
		e.table(readable(x), depth+1)
	default:
		if v == e.in.json.null {
			e.out = append(e.out, "null"...)
			return
		}
		e.cannot(v.Type().String(), "type not supported")
	}
}

func (e *jsonEncoder) number(f float64, kind string) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		switch {
		case e.in.json.encodeNullForInvalid:
			e.out = append(e.out, "null"...)
			return
		case !e.in.json.encodeInvalid:
			e.cannot(kind, "must not be NaN or Inf")
		}
		if math.IsNaN(f) {
			e.out = append(e.out, "nan"...)
			return
		}
	}
	e.out = append(e.out, formatG(f, e.in.json.precision, false)...)
}

func (e *jsonEncoder) text(s string) {
	const hex = "0123456789abcdef"
	e.out = append(e.out, '"')
	for i := 0; i < len(s); i++ {
		switch ch := s[i]; {
		case ch == '"' || ch == '\\' || ch == '/':
			e.out = append(e.out, '\\', ch)
		case ch == '\b':
			e.out = append(e.out, `\b`...)
		case ch == '\t':
			e.out = append(e.out, `\t`...)
		case ch == '\n':
			e.out = append(e.out, `\n`...)
		case ch == '\f':
			e.out = append(e.out, `\f`...)
		case ch == '\r':
			e.out = append(e.out, `\r`...)
		case ch < ' ' || ch == 127:
			e.out = append(e.out, '\\', 'u', '0', '0', hex[ch>>4], hex[ch&15])
		default:
			e.out = append(e.out, ch)
		}
	}
	e.out = append(e.out, '"')
}

// arrayLength returns how long a table is as an array, -1 if it is an object.
func (e *jsonEncoder) arrayLength(t *lua.LTable) int {
	most, items := 0, 0
	for k, _ := t.Next(lua.LNil); k != lua.LNil; k, _ = t.Next(k) {
		n, ok := k.(lua.LNumber)
		if !ok || n < 1 || n != lua.LNumber(math.Floor(float64(n))) || n > math.MaxInt32 {
			return -1
		}
		most = max(most, int(n))
		items++
	}
	o := &e.in.json
	if o.ratio > 0 && most > items*o.ratio && most > o.safe {
		if !o.convert {
			e.cannot("table", "excessively sparse array")
		}
		return -1
	}
	return most
}

func (e *jsonEncoder) table(t *lua.LTable, depth int) {
	if depth > e.in.json.encodeDepth {
		e.in.fail(e.L, "Cannot serialise, excessive nesting ("+strconv.Itoa(depth)+")")
	}
	n := e.arrayLength(t)
	if n <= 0 {
		e.object(t, depth)
		return
	}
	e.out = append(e.out, '[')
	for i := 1; i <= n; i++ {
		if i > 1 {
			e.out = append(e.out, ',')
		}
		e.value(t.RawGetInt(i), depth)
	}
	e.out = append(e.out, ']')
}

func (e *jsonEncoder) object(t *lua.LTable, depth int) {
	e.out = append(e.out, '{')
	first := true
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		if !first {
			e.out = append(e.out, ',')
		}
		first = false
		switch key := k.(type) {
		case lua.LNumber:
			e.out = append(e.out, '"')
			e.number(float64(key), "number")
			e.out = append(e.out, '"', ':')
		case lua.LString:
			e.text(string(key))
			e.out = append(e.out, ':')
		default:
			e.cannot(k.Type().String(), "table key must be a number or string")
		}
		e.value(v, depth)
	}
	e.out = append(e.out, '}')
}

// jsonToken is a lexical element of JSON, by its first byte; 'e' ends the text and '?' is a fault.
type jsonToken byte

// jsonNames are what messages call tokens.
func (k jsonToken) String() string {
	switch k {
	case '{':
		return "T_OBJ_BEGIN"
	case '}':
		return "T_OBJ_END"
	case '[':
		return "T_ARR_BEGIN"
	case ']':
		return "T_ARR_END"
	case '"':
		return "T_STRING"
	case '0':
		return "T_NUMBER"
	case 't':
		return "T_BOOLEAN"
	case 'n':
		return "T_NULL"
	case ':':
		return "T_COLON"
	case ',':
		return "T_COMMA"
	}
	return "T_END"
}

type jsonDecoder struct {
	in     *Interpreter
	L      *lua.LState
	s      string
	at     int
	start  int // of the current token
	token  jsonToken
	value  lua.LValue
	fault  string
	depth  int
	buffer []byte
}

func (in *Interpreter) jsonDecode(L *lua.LState) int {
	if L.GetTop() != 1 {
		in.argument(L, 1, "expected 1 argument")
	}
	s := in.checkText(L, 1)
	if len(s) >= 2 && (s[0] == 0 || s[1] == 0) {
		in.fail(L, "JSON parser does not support UTF-16 or UTF-32")
	}
	d := jsonDecoder{in: in, L: L, s: s}
	d.next()
	v := d.parse()
	if d.next(); d.token != 'e' {
		d.unexpected("the end")
	}
	L.Push(v)
	return 1
}

func (d *jsonDecoder) unexpected(expected string) {
	found := d.token.String()
	if d.token == '?' {
		found = d.fault
	}
	d.in.fail(d.L, "Expected "+expected+" but found "+found+" at character "+strconv.Itoa(d.start+1))
}

func (d *jsonDecoder) wrong(fault string, at int) { d.token, d.fault, d.start = '?', fault, at }

func (d *jsonDecoder) next() {
	for d.at < len(d.s) && (d.s[d.at] == ' ' || d.s[d.at] == '\t' || d.s[d.at] == '\n' || d.s[d.at] == '\r') {
		d.at++
	}
	d.start = d.at
	if d.at == len(d.s) || d.s[d.at] == 0 { // C's strings end there
		d.token = 'e'
		return
	}
	switch ch := d.s[d.at]; ch {
	case '{', '}', '[', ']', ':', ',':
		d.token = jsonToken(ch)
		d.at++
	case '"':
		d.text()
	default:
		d.word(ch)
	}
}

func (d *jsonDecoder) word(ch byte) {
	rest := d.s[d.at:]
	switch {
	case strings.HasPrefix(rest, "true"):
		d.token, d.value = 't', lua.LTrue
		d.at += 4
	case strings.HasPrefix(rest, "false"):
		d.token, d.value = 't', lua.LFalse
		d.at += 5
	case strings.HasPrefix(rest, "null"):
		d.token, d.value = 'n', d.in.json.null
		d.at += 4
	case ch == '-' || isDigit(ch):
		if !d.in.json.decodeInvalid && d.invalidNumber(rest) {
			d.wrong("invalid number", d.at)
			return
		}
		d.number(rest)
	case d.in.json.decodeInvalid && (ch|0x20 == 'n' || ch|0x20 == 'i' || ch == '+') && d.invalidNumber(rest):
		d.number(rest)
	default:
		d.wrong("invalid token", d.at)
	}
}

// invalidNumber recognises what strtod reads and JSON does not have.
func (d *jsonDecoder) invalidNumber(s string) bool {
	if s[0] == '+' {
		return true
	}
	s = strings.TrimPrefix(s, "-")
	if s == "" {
		return false
	}
	if s[0] == '0' {
		return len(s) > 1 && (s[1]|0x20 == 'x' || isDigit(s[1]))
	}
	if isDigit(s[0]) {
		return false
	}
	folded := lower(s[:min(len(s), 3)])
	return folded == "inf" || folded == "nan"
}

func (d *jsonDecoder) number(s string) {
	size := numberSize(s)
	f, ok := parseNumber(s[:size])
	if size == 0 || !ok {
		d.wrong("invalid number", d.at)
		return
	}
	d.token, d.value = '0', lua.LNumber(f)
	d.at += size
}

// numberSize returns how much of a text strtod reads.
func numberSize(s string) int {
	i := 0
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	rest := lower(s[i:min(len(s), i+8)])
	for _, word := range [...]string{"infinity", "inf", "nan"} {
		if strings.HasPrefix(rest, word) {
			return i + len(word)
		}
	}
	if strings.HasPrefix(rest, "0x") && i+2 < len(s) && isHex(s[i+2]) {
		for i += 2; i < len(s) && isHex(s[i]); i++ {
		}
		return i
	}
	digits := 0
	for ; i < len(s) && isDigit(s[i]); i++ {
		digits++
	}
	if i < len(s) && s[i] == '.' {
		for i++; i < len(s) && isDigit(s[i]); i++ {
			digits++
		}
	}
	if digits == 0 {
		return 0
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		k := i + 1
		if k < len(s) && (s[k] == '-' || s[k] == '+') {
			k++
		}
		if k < len(s) && isDigit(s[k]) {
			for i = k; i < len(s) && isDigit(s[i]); i++ {
			}
		}
	}
	return i
}

func (d *jsonDecoder) text() {
	d.buffer = d.buffer[:0]
	i := d.at + 1
	for i < len(d.s) && d.s[i] != '"' {
		ch := d.s[i]
		if ch != '\\' {
			d.buffer = append(d.buffer, ch)
			i++
			continue
		}
		size := d.escape(d.s[i:])
		if size == 0 {
			d.wrong("invalid escape code", i)
			return
		}
		if size < 0 {
			d.wrong("invalid unicode escape code", i)
			return
		}
		i += size
	}
	if i == len(d.s) {
		d.wrong("unexpected end of string", i)
		return
	}
	d.at = i + 1
	d.token, d.value = '"', lua.LString(d.buffer)
}

// escape decodes what begins with a backslash and returns its size: 0 or -1 if there is no such escape.
func (d *jsonDecoder) escape(s string) int {
	if len(s) < 2 {
		return 0
	}
	if s[1] == 'u' {
		return d.unicode(s)
	}
	i := strings.IndexByte(`"\/bfnrt`, s[1])
	if i < 0 {
		return 0
	}
	d.buffer = append(d.buffer, "\"\\/\b\f\n\r\t"[i])
	return 2
}

func fourHex(s string) rune {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return -1
	}
	n, ok := parseHex(s[2:6])
	if !ok {
		return -1
	}
	return rune(n)
}

func (d *jsonDecoder) unicode(s string) int {
	r, size := fourHex(s), 6
	switch {
	case r < 0 || r&0xfc00 == 0xdc00:
		return -1
	case r&0xf800 == 0xd800:
		second := fourHex(s[6:])
		if second < 0 || second&0xfc00 != 0xdc00 {
			return -1
		}
		r, size = (r&0x3ff)<<10+second&0x3ff+0x10000, 12
	}
	d.buffer = utf8.AppendRune(d.buffer, r)
	return size
}

// parse reads the value that begins with the current token.
func (d *jsonDecoder) parse() lua.LValue {
	switch d.token {
	case '"', '0', 't', 'n':
		return d.value
	case '{', '[':
		if d.depth++; d.depth > d.in.json.decodeDepth {
			d.in.fail(d.L, "Found too many nested data structures ("+strconv.Itoa(d.depth)+") at character "+
				strconv.Itoa(d.at))
		}
		t := d.L.NewTable()
		if d.token == '{' {
			d.object(t)
		} else {
			d.array(t)
		}
		d.depth--
		return t
	}
	d.unexpected("value")
	return nil
}

func (d *jsonDecoder) array(t *lua.LTable) {
	d.next()
	if d.token == ']' {
		return
	}
	for i := 1; ; i++ {
		t.RawSetInt(i, d.parse())
		switch d.next(); d.token {
		case ']':
			return
		case ',':
		default:
			d.unexpected("comma or array end")
		}
		d.next()
	}
}

func (d *jsonDecoder) object(t *lua.LTable) {
	d.next()
	if d.token == '}' {
		return
	}
	for {
		if d.token != '"' {
			d.unexpected("object key string")
		}
		key := d.value.(lua.LString)
		if d.next(); d.token != ':' {
			d.unexpected("colon")
		}
		d.next()
		t.RawSetString(string(key), d.parse())
		switch d.next(); d.token {
		case '}':
			return
		case ',':
		default:
			d.unexpected("comma or object end")
		}
		d.next()
	}
}
