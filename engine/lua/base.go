package lua

import (
	"math"
	"math/bits"
	"strings"

	"github.com/yuin/gopher-lua"
)

// realKey is where a protected table's metatable has the table that is meant.
const realKey = "(real)"

// named is a function of a library; messages call it by its name.
type named struct {
	name string
	run  lua.LGFunction
}

// module makes a table of functions.
func (in *Interpreter) module(name string, functions []named) *lua.LTable {
	t := in.state.CreateTable(0, len(functions)+8)
	for _, f := range functions {
		t.RawSetString(f.name, in.newNamed(f.name, f.run))
	}
	return t
}

// newNamed makes a function that knows its name, for the messages about its arguments.
func (in *Interpreter) newNamed(name string, run lua.LGFunction) *lua.LFunction {
	return in.state.NewClosure(run, lua.LString(name))
}

// running is the name of the function that runs.
func (in *Interpreter) running(L *lua.LState) string {
	if name, ok := L.Get(lua.UpvalueIndex(1)).(lua.LString); ok {
		return string(name)
	}
	return "?"
}

// protect returns a table that reads as t and cannot be written. What t lacks is asked of missing, unless
// that is nil.
func (in *Interpreter) protect(t *lua.LTable, missing lua.LValue) *lua.LTable {
	if missing != lua.LNil {
		beyond := in.state.CreateTable(0, 1)
		beyond.RawSetString("__index", missing)
		t.Metatable = beyond
	}
	top := in.state.CreateTable(0, 4)
	top.RawSetString("__index", t)
	top.RawSetString("__newindex", in.state.NewFunction(in.refuseWrite))
	top.RawSetString(realKey, t)
	proxy := in.state.NewTable()
	proxy.Metatable = top
	return proxy
}

// meant returns the table that a protected one stands for, or nil.
func meant(t *lua.LTable) *lua.LTable {
	if top, ok := t.Metatable.(*lua.LTable); ok {
		t, _ := top.RawGetString(realKey).(*lua.LTable)
		return t
	}
	return nil
}

// readable returns the table whose elements t has.
func readable(t *lua.LTable) *lua.LTable {
	if behind := meant(t); behind != nil {
		return behind
	}
	return t
}

// checkWritable refuses to change a protected table.
func checkWritable(L *lua.LState, t *lua.LTable) {
	if meant(t) != nil {
		L.Error(lua.LString(readOnlyText), 0)
	}
}

func (in *Interpreter) refuseWrite(L *lua.LState) int {
	in.fail(L, readOnlyText)
	return 0
}

// missing is asked for globals that there are not.
func (in *Interpreter) missing(L *lua.LState) int {
	name, ok := text(L.Get(2))
	if !ok {
		in.fail(L, "Second argument to luaProtectedTableError must be a string or number")
	}
	in.fail(L, "Script attempted to access nonexistent global variable '"+name+"'")
	return 0
}

// open makes all libraries and environments.
func (in *Interpreter) open() {
	in.globals = in.module("_G", []named{
		{"assert", in.assert}, {"collectgarbage", in.collectGarbage}, {"error", in.raise}, {"gcinfo", in.gcInfo},
		{"getmetatable", in.getMetatable}, {"ipairs", in.ipairs}, {"load", in.load},
		{"loadstring", in.loadString}, {"next", in.next}, {"pairs", in.pairs}, {"pcall", in.pcall},
		{"rawequal", in.rawEqual}, {"rawget", in.rawGet}, {"rawset", in.rawSet}, {"select", in.selectArgs},
		{"setmetatable", in.setMetatable}, {"tonumber", in.toNumber}, {"tostring", in.toString},
		{"type", in.typeOf}, {"unpack", in.unpack}, {"xpcall", in.xpcall},
	})
	in.globals.RawSetString("_VERSION", lua.LString("Lua 5.1"))
	in.globals.RawSetString("__redis__err__handler", in.handler)
	texts := in.module("string", in.stringFunctions())
	texts.RawSetString("gfind", texts.RawGetString("gmatch"))
	maths := in.module("math", in.mathFunctions())
	in.addConstants(maths)
	for _, library := range [...]struct {
		name  string
		table *lua.LTable
	}{
		{"string", texts}, {"math", maths}, {"table", in.module("table", in.tableFunctions())},
		{"bit", in.module("bit", in.bitFunctions())}, {"struct", in.module("struct", in.structFunctions())},
		{"cjson", in.openJSON()}, {"cmsgpack", in.openMessagePack()}, {"coroutine", in.openCoroutines()},
	} {
		in.globals.RawSetString(library.name, in.protect(library.table, lua.LNil))
	}
	strings := in.state.CreateTable(0, 1)
	strings.RawSetString("__index", texts)
	seen := in.state.CreateTable(0, 1) // what scripts are shown in its place, lest they change it for others
	seen.RawSetString("__index", in.globals.RawGetString("string"))
	strings.RawSetString("__metatable", in.protect(seen, lua.LNil))
	in.state.SetMetatable(lua.LString(""), strings)
	in.openOperators(strings)
	in.openEnvironments()
}

// openEnvironments makes what scripts, functions and libraries see as their globals.
func (in *Interpreter) openEnvironments() {
	missing := in.state.NewFunction(in.missing)
	in.shared, in.loading = in.state.NewTable(), in.state.NewTable()
	for k, v := in.globals.Next(lua.LNil); k != lua.LNil; k, v = in.globals.Next(k) {
		in.shared.RawSet(k, v)
	}
	in.openRedis()
	in.scriptEnv = in.protect(in.globals, missing)
	in.sharedEnv = in.protect(in.shared, missing)
	in.sharedTop = in.sharedEnv.Metatable.(*lua.LTable)
	in.loading.Metatable = in.shared.Metatable
	in.globals.RawSetString("_G", in.scriptEnv)
	in.shared.RawSetString("_G", in.sharedEnv)
}

func (in *Interpreter) assert(L *lua.LState) int {
	if lua.LVIsFalse(in.checkAny(L, 1)) {
		message := "assertion failed!"
		if L.Get(2) != lua.LNil {
			message = in.checkText(L, 2)
		}
		in.fail(L, message)
	}
	return L.GetTop()
}

func (in *Interpreter) collectGarbage(L *lua.LState) int {
	option := "collect"
	if L.Get(1) != lua.LNil {
		option = in.checkText(L, 1)
	}
	setting := in.optInt(L, 2, 0)
	result := lua.LValue(lua.LNumber(0))
	switch option {
	case "collect", "stop", "restart":
	case "step":
		result = lua.LTrue
	case "count":
		result = lua.LNumber(float64(in.memory(L)) / 1024)
	case "setpause":
		result = lua.LNumber(in.collector.pause)
		in.collector.pause = setting
	case "setstepmul":
		result = lua.LNumber(in.collector.stepMul)
		in.collector.stepMul = setting
	default:
		in.argument(L, 1, "invalid option '"+option+"'")
	}
	L.Push(result)
	return 1
}

// gcInfo is the older way to ask for what collectgarbage("count") says, without its fraction.
func (in *Interpreter) gcInfo(L *lua.LState) int {
	L.Push(lua.LNumber(in.memory(L) / 1024))
	return 1
}

// raise is error.
func (in *Interpreter) raise(L *lua.LState) int {
	level := in.optInt(L, 2, 1)
	value := L.Get(1)
	if s, ok := text(value); ok && level > 0 {
		value = lua.LString(where(L, level) + s)
	}
	L.Error(value, 0)
	return 0
}

func (in *Interpreter) getMetatable(L *lua.LState) int {
	value := in.checkAny(L, 1)
	meta := lua.LValue(lua.LNil)
	if kind := value.Type(); kind == lua.LTTable || kind == lua.LTString {
		meta = L.GetMetatable(value)
	}
	if t, ok := value.(*lua.LTable); ok && meant(t) != nil {
		if t != in.scriptEnv && t != in.sharedEnv {
			meta = lua.LNil
		} else {
			meta = in.protect(L.NewTable(), lua.LNil)
		}
	}
	if t, ok := meta.(*lua.LTable); ok {
		if shown := t.RawGetString("__metatable"); shown != lua.LNil {
			meta = shown
		}
	}
	L.Push(meta)
	return 1
}

func (in *Interpreter) setMetatable(L *lua.LState) int {
	t := in.checkTable(L, 1)
	meta := L.Get(2)
	if kind := meta.Type(); kind != lua.LTTable && (kind != lua.LTNil || L.GetTop() < 2) {
		in.argument(L, 2, "nil or table expected")
	}
	checkWritable(L, t)
	if old, ok := t.Metatable.(*lua.LTable); ok && old.RawGetString("__metatable") != lua.LNil {
		in.fail(L, "cannot change a protected metatable")
	}
	t.Metatable = meta
	L.Push(t)
	return 1
}

func (in *Interpreter) next(L *lua.LState) int {
	t := readable(in.checkTable(L, 1))
	key, value := t.Next(L.Get(2))
	L.Push(key)
	if key == lua.LNil {
		return 1
	}
	L.Push(value)
	return 2
}

func (in *Interpreter) pairs(L *lua.LState) int {
	t := in.checkTable(L, 1)
	L.Push(in.globals.RawGetString("next"))
	L.Push(t)
	L.Push(lua.LNil)
	return 3
}

func (in *Interpreter) ipairs(L *lua.LState) int {
	t := in.checkTable(L, 1)
	if in.stepper == nil {
		in.stepper = L.NewFunction(ipairsStep)
	}
	L.Push(in.stepper)
	L.Push(t)
	L.Push(lua.LNumber(0))
	return 3
}

func ipairsStep(L *lua.LState) int {
	t, _ := L.Get(1).(*lua.LTable)
	i, _ := L.Get(2).(lua.LNumber)
	if t == nil {
		return 0
	}
	v := readable(t).RawGetInt(int(i) + 1)
	if v == lua.LNil {
		return 0
	}
	L.Push(i + 1)
	L.Push(v)
	return 2
}

// load reads a chunk from a function that returns pieces of it.
func (in *Interpreter) load(L *lua.LState) int {
	f := in.checkFunction(L, 1)
	name := "=(load)"
	if L.Get(2) != lua.LNil {
		name = in.checkText(L, 2)
	}
	var all strings.Builder
	for {
		L.Push(f)
		L.Call(0, 1)
		piece := L.Get(-1)
		L.Pop(1)
		s, ok := text(piece)
		if piece != lua.LNil && !ok {
			in.fail(L, "reader function must return a string")
		}
		if s == "" {
			return in.loaded(L, all.String(), name)
		}
		if all.Len()+len(s) > stringMost {
			memoryError(L)
		}
		all.WriteString(s)
	}
}

func (in *Interpreter) loadString(L *lua.LState) int {
	s := in.checkText(L, 1)
	name := s
	if L.Get(2) != lua.LNil {
		name = in.checkText(L, 2)
	}
	return in.loaded(L, s, name)
}

const sourcesMost = 100 // names of chunks that are remembered

func (in *Interpreter) loaded(L *lua.LState, body, name string) int {
	chunk := chunkName(name)
	if strings.HasPrefix(body, "\x1b") {
		L.Push(lua.LNil)
		L.Push(lua.LString(chunk + ": bad code in precompiled chunk"))
		return 2
	}
	f, problem := in.newFunction(chunk, body, in.environment(L))
	if problem != "" {
		L.Push(lua.LNil)
		L.Push(lua.LString(problem))
		return 2
	}
	if len(in.sources) >= sourcesMost {
		in.sources = map[string]string{}
	}
	in.sources[chunk] = name
	L.Push(f)
	return 1
}

// environment is what a chunk that is loaded now finds as its globals.
func (in *Interpreter) environment(L *lua.LState) *lua.LTable {
	frame, ok := L.GetStack(1)
	if ok {
		if f, _ := L.GetInfo("f", frame, lua.LNil); f != lua.LNil {
			if f, ok := f.(*lua.LFunction); ok && f.Env == in.sharedEnv {
				return in.sharedEnv
			}
		}
	}
	return in.scriptEnv
}

const chunkNameMost = 80 // LUA_IDSIZE

// chunkName is how messages call a chunk.
func chunkName(source string) string {
	switch {
	case source == "":
		return `[string ""]`
	case source[0] == '=':
		return source[1:min(len(source), chunkNameMost)]
	case source[0] == '@':
		if source = source[1:]; len(source) > chunkNameMost-8 {
			source = "..." + source[len(source)-(chunkNameMost-8):]
		}
		return source
	}
	most := chunkNameMost - len(` [string "..."] `) - 1
	end := strings.IndexAny(source, "\n\r")
	if end < 0 {
		end = len(source)
	}
	end = min(end, most)
	if end < len(source) {
		return `[string "` + source[:end] + `..."]`
	}
	return `[string "` + source + `"]`
}

// guarded runs what the call stack has ready, and catches its error. It lets no script go on that must end.
func (in *Interpreter) guarded(L *lua.LState, params int, handler *lua.LFunction) error {
	if in.depth >= depthMost {
		in.fail(L, "C stack overflow")
	}
	in.depth++
	depth := in.depth
	err := L.PCall(params, lua.MultRet, handler)
	in.depth = depth - 1
	if err != nil && in.ticker.ending != "" {
		L.Error(lua.LString(in.ticker.ending), 0)
	}
	return err
}

func callable(L *lua.LState, v lua.LValue) bool {
	return v.Type() == lua.LTFunction || v.Type() == lua.LTTable && L.GetMetaField(v, "__call").Type() == lua.LTFunction
}

// pcall gives a script the text of an error that is a table, as scripts expect who know errors as texts.
func (in *Interpreter) pcall(L *lua.LState) int {
	n := L.GetTop()
	if n == 0 {
		L.Push(lua.LFalse)
		return 1
	}
	if f := L.Get(1); !callable(L, f) {
		L.Push(lua.LFalse)
		L.Push(lua.LString("attempt to call a " + f.Type().String() + " value"))
		return 2
	}
	if err := in.guarded(L, n-1, in.explainer); err != nil {
		value := caught(err)
		if t, ok := value.(*lua.LTable); ok {
			if _, ok := text(t.RawGetString("err")); ok {
				value = t.RawGetString("err")
			}
		}
		L.Push(lua.LFalse)
		L.Push(value)
		return 2
	}
	L.Insert(lua.LTrue, 1)
	return L.GetTop()
}

// caught is the value that an error carries. Where the stack was too full for a handler nothing is left of the
// position, and looking at thousands of frames for it would take longer than filling them.
func caught(err error) lua.LValue {
	failure, ok := err.(*lua.ApiError)
	if !ok || failure.Object == nil {
		return lua.LString(err.Error())
	}
	if failure.Type == lua.ApiErrorPanic {
		return lua.LString("user_script:1: stack overflow")
	}
	return failure.Object
}

func (in *Interpreter) xpcall(L *lua.LState) int {
	in.checkAny(L, 2)
	f, handler := L.Get(1), L.Get(2)
	L.SetTop(0)
	L.Push(f)
	wrapped := L.NewFunction(func(L *lua.LState) int {
		value := L.Get(1)
		if s, ok := value.(lua.LString); ok {
			value = lua.LString(in.explain(L, string(s)))
		}
		L.Push(handler)
		L.Push(value)
		L.Call(1, 1)
		return 1
	})
	if err := in.guarded(L, 0, wrapped); err != nil {
		L.Push(lua.LFalse)
		L.Push(caught(err))
		return 2
	}
	L.Insert(lua.LTrue, 1)
	return L.GetTop()
}

func (in *Interpreter) rawEqual(L *lua.LState) int {
	L.Push(lua.LBool(in.checkAny(L, 1) == in.checkAny(L, 2)))
	return 1
}

func (in *Interpreter) rawGet(L *lua.LState) int {
	t := readable(in.checkTable(L, 1))
	L.Push(t.RawGet(in.checkAny(L, 2)))
	return 1
}

func (in *Interpreter) rawSet(L *lua.LState) int {
	t := in.checkTable(L, 1)
	key, value := in.checkAny(L, 2), in.checkAny(L, 3)
	checkWritable(L, t)
	if n, ok := key.(lua.LNumber); key == lua.LNil || ok && n != n {
		what := "nil"
		if ok {
			what = "NaN"
		}
		L.Error(lua.LString("table index is "+what), 0)
	}
	t.RawSet(key, value)
	L.Push(t)
	return 1
}

func (in *Interpreter) selectArgs(L *lua.LState) int {
	n := L.GetTop()
	if L.Get(1) == lua.LString("#") {
		L.Push(lua.LNumber(n - 1))
		return 1
	}
	i := in.checkInt(L, 1)
	switch {
	case i < 0:
		i += n
	case i > n:
		i = n
	}
	if i < 1 {
		in.argument(L, 1, "index out of range")
	}
	return n - i
}

func (in *Interpreter) toNumber(L *lua.LState) int {
	base := in.optInt(L, 2, 10)
	if base == 10 {
		if n, ok := number(in.checkAny(L, 1)); ok {
			L.Push(lua.LNumber(n))
			return 1
		}
		L.Push(lua.LNil)
		return 1
	}
	s := strings.TrimFunc(upToZero(in.checkText(L, 1)), func(r rune) bool { return r < 128 && isSpace(byte(r)) })
	if base < 2 || base > 36 {
		in.argument(L, 2, "base out of range")
	}
	L.Push(inBase(s, base))
	return 1
}

// inBase reads a number as C's strtoul does.
func inBase(s string, base int) lua.LValue {
	s, negative := strings.CutPrefix(s, "-")
	if !negative {
		s = strings.TrimPrefix(s, "+")
	}
	if base == 16 && len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' {
		s = s[2:]
	}
	if s == "" {
		return lua.LNil
	}
	n, full := uint64(0), false
	for i := range len(s) {
		digit := digitOf(s[i])
		if digit >= base {
			return lua.LNil
		}
		high, low := bits.Mul64(n, uint64(base))
		sum, carry := bits.Add64(low, uint64(digit), 0)
		n, full = sum, full || high|carry != 0
	}
	switch {
	case full: // the largest number, whatever its sign
		n = math.MaxUint64
	case negative:
		n = -n
	}
	return lua.LNumber(n)
}

// digitOf is what a digit or letter counts, 36 if it is none.
func digitOf(ch byte) int {
	switch {
	case isDigit(ch):
		return int(ch - '0')
	case ch|0x20 >= 'a' && ch|0x20 <= 'z':
		return int(ch|0x20-'a') + 10
	}
	return 36
}

// toText is tostring.
func (in *Interpreter) toText(L *lua.LState, v lua.LValue) string {
	if f := L.GetMetaField(v, "__tostring"); f != lua.LNil {
		L.Push(f)
		L.Push(v)
		L.Call(1, 1)
		s := L.Get(-1)
		L.Pop(1)
		if s, ok := text(s); ok {
			return s
		}
		in.fail(L, "'tostring' must return a string to 'print'")
	}
	if s, ok := text(v); ok {
		return s
	}
	return v.String()
}

func (in *Interpreter) toString(L *lua.LState) int {
	v := in.checkAny(L, 1)
	if f := L.GetMetaField(v, "__tostring"); f != lua.LNil {
		L.Push(f)
		L.Push(v)
		L.Call(1, 1)
		return 1
	}
	L.Push(lua.LString(in.toText(L, v)))
	return 1
}

func (in *Interpreter) typeOf(L *lua.LState) int {
	L.Push(lua.LString(in.checkAny(L, 1).Type().String()))
	return 1
}

const unpackMost = 7990 // LUAI_MAXCSTACK, less what is in use

func (in *Interpreter) unpack(L *lua.LState) int {
	t := in.checkTable(L, 1)
	first := int(int32(in.optInt(L, 2, 1)))
	last := t.Len()
	if L.Get(3) != lua.LNil {
		last = in.checkShort(L, 3)
	}
	if first > last {
		return 0
	}
	n := last - first + 1
	if n <= 0 || n >= unpackMost {
		in.fail(L, "too many results to unpack")
	}
	L.SetTop(0)
	for i := first; i <= last; i++ {
		L.Push(t.RawGetInt(i))
	}
	return n
}

func (in *Interpreter) openCoroutines() *lua.LTable {
	lua.OpenCoroutine(in.state)
	library := in.state.Get(-1).(*lua.LTable)
	in.state.Pop(1)
	create, wrap := library.RawGetString("create"), library.RawGetString("wrap")
	library.RawSetString("create", in.newNamed("create", func(L *lua.LState) int {
		in.ticked(L, create).Get(-1).(*lua.LState).SetContext(&in.ticker)
		return 1
	}))
	library.RawSetString("wrap", in.newNamed("wrap", func(L *lua.LState) int {
		f := in.ticked(L, wrap).Get(-1).(*lua.LFunction)
		f.Upvalues[0].Value().(*lua.LState).SetContext(&in.ticker)
		return 1
	}))
	return library
}

// ticked calls a function that makes a coroutine, whose steps must be counted like all others.
func (in *Interpreter) ticked(L *lua.LState, create lua.LValue) *lua.LState {
	f, ok := L.Get(1).(*lua.LFunction)
	if !ok || f.IsG {
		in.argument(L, 1, "Lua function expected")
	}
	L.Push(create)
	L.Push(f)
	L.Call(1, 1)
	return L
}
