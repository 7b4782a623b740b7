package lua

import (
	"strconv"
	"strings"

	"github.com/yuin/gopher-lua"
)

// failure is an error that has ended a script.
type failure struct {
	text   string // begins with its code
	source string
	line   int
	known  bool // a command has replied it
}

// handle runs where an error that nobody catches was raised, with the stack as it was then.
func (in *Interpreter) handle(L *lua.LState) int {
	value := L.Get(1)
	in.failure.source, in.failure.line = in.position(L)
	switch {
	case in.ticker.ending != "":
		in.failure.text = "ERR " + in.ticker.ending
	case value.Type() == lua.LTTable:
		message, ok := text(value.(*lua.LTable).RawGetString("err"))
		if !ok {
			message = "ERR unknown error"
		}
		in.failure.text, in.failure.known = message, isKnown(value)
	case value.Type() == lua.LTString:
		in.failure.text = "ERR " + in.explain(L, string(value.(lua.LString)))
	default:
		in.failure.text = "ERR " + in.toText(L, value)
	}
	L.Push(value)
	return 1
}

// settle describes an error that has left no room for its handler: the stack was full.
func (in *Interpreter) settle(err error) {
	if in.failure.text != "" {
		return
	}
	message, _ := text(caught(err))
	in.failure.text = "ERR " + strings.Replace(message, "registry overflow", "stack overflow", 1)
	if chunk, rest, ok := strings.Cut(message, ":"); ok {
		digits, _, _ := strings.Cut(rest, ":")
		in.failure.source = "@" + chunk
		in.failure.line, _ = strconv.Atoi(digits)
	}
}

// explainCaught puts the machine's words into Lua's for a script that catches them.
func (in *Interpreter) explainCaught(L *lua.LState) int {
	value := L.Get(1)
	if s, ok := value.(lua.LString); ok {
		value = lua.LString(in.explain(L, string(s)))
	}
	L.Push(value)
	return 1
}

// position is where the function above an error handler is, or its caller if it is not Lua's.
func (in *Interpreter) position(L *lua.LState) (source string, line int) {
	for level := 1; level <= 2; level++ {
		frame, ok := L.GetStack(level)
		if !ok {
			return "", 0
		}
		L.GetInfo("Sl", frame, lua.LNil)
		if frame.What != "Go" && frame.What != "G" {
			if source, ok := in.sources[frame.Source]; ok {
				return source, frame.CurrentLine
			}
			return "@" + frame.Source, frame.CurrentLine
		}
	}
	return "", 0
}

// where is what Lua puts in front of a message: the position at a level of the stack, if it is Lua's.
func where(L *lua.LState, level int) string {
	frame, ok := L.GetStack(level)
	if !ok {
		return ""
	}
	L.GetInfo("Sl", frame, lua.LNil)
	if frame.What == "Go" || frame.What == "G" || frame.CurrentLine <= 0 {
		return ""
	}
	return frame.Source + ":" + strconv.Itoa(frame.CurrentLine) + ": "
}

// fail raises an error at the place that has called a function of ours.
func (in *Interpreter) fail(L *lua.LState, message string) {
	L.Error(lua.LString(where(L, 1)+message), 0)
}

// failTable raises the error that redis.call raises: a table.
func (in *Interpreter) failTable(L *lua.LState, message string) {
	L.Error(errorTable(L, message), 0)
}

// errorTable makes {err = ...} of an error reply without its sign, or of a text of ours.
func errorTable(L *lua.LState, message string) *lua.LTable {
	t := L.CreateTable(0, 2)
	t.RawSetString("err", lua.LString(message))
	return t
}

// knownField marks the error replies of commands, as in the reference: whoever ends with one has not failed anew.
const knownField = "ignore_error_stats_update"

// isKnown says whether a value is the error reply of a command.
func isKnown(v lua.LValue) bool {
	t, ok := v.(*lua.LTable)
	return ok && t.RawGetString(knownField) == lua.LTrue
}

const readOnlyText = "Attempt to modify a readonly table"

func memoryError(L *lua.LState) { L.Error(lua.LString("not enough memory"), 0) }

// argument complains about an argument of the function that runs.
func (in *Interpreter) argument(L *lua.LState, i int, problem string) {
	name := in.running(L)
	if in.asMethod(L, name) {
		i--
	}
	in.fail(L, "bad argument #"+strconv.Itoa(i)+" to '"+name+"' ("+problem+")")
}

func (in *Interpreter) wrongType(L *lua.LState, i int, expected string) {
	in.argument(L, i, expected+" expected, got "+typeName(L, i))
}

func typeName(L *lua.LState, i int) string {
	if i > L.GetTop() {
		return "no value"
	}
	return L.Get(i).Type().String()
}

// checkText returns an argument that must be a string or a number.
func (in *Interpreter) checkText(L *lua.LState, i int) string {
	s, ok := text(L.Get(i))
	if !ok {
		in.wrongType(L, i, "string")
	}
	return s
}

// checkNumber returns an argument that must be a number, or a string that reads as one.
func (in *Interpreter) checkNumber(L *lua.LState, i int) float64 {
	n, ok := number(L.Get(i))
	if !ok {
		in.wrongType(L, i, "number")
	}
	return n
}

func (in *Interpreter) checkInt(L *lua.LState, i int) int { return toInt(in.checkNumber(L, i)) }

// checkShort is checkInt where the reference has 32 bits.
func (in *Interpreter) checkShort(L *lua.LState, i int) int { return int(int32(in.checkInt(L, i))) }

func (in *Interpreter) optInt(L *lua.LState, i, missing int) int {
	if L.Get(i) == lua.LNil {
		return missing
	}
	return in.checkInt(L, i)
}

func (in *Interpreter) checkTable(L *lua.LState, i int) *lua.LTable {
	t, ok := L.Get(i).(*lua.LTable)
	if !ok {
		in.wrongType(L, i, "table")
	}
	return t
}

func (in *Interpreter) checkFunction(L *lua.LState, i int) *lua.LFunction {
	f, ok := L.Get(i).(*lua.LFunction)
	if !ok {
		in.wrongType(L, i, "function")
	}
	return f
}

// checkAny makes sure that there is an argument.
func (in *Interpreter) checkAny(L *lua.LState, i int) lua.LValue {
	if i > L.GetTop() {
		in.argument(L, i, "value expected")
	}
	return L.Get(i)
}

// number returns what arithmetic makes of a value.
func number(v lua.LValue) (float64, bool) {
	switch x := v.(type) {
	case lua.LNumber:
		return float64(x), true
	case lua.LString:
		return parseNumber(string(x))
	}
	return 0, false
}
