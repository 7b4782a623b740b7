package lua

import (
	"math"

	"github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
)

// The machine's arithmetic reads strings as Go does numbers, so that "017" is 15 and "0b1" is something; and when an
// operator cannot be applied it does not say to what. Both are asked of a value's metatable first. So all values but
// tables, which are left to the machine, have metatables that no script gets to see.

// arithmeticEvents are the machine's names of the binary operators, each with the operator.
var arithmeticEvents = [...]struct {
	name     string
	operator string
}{{"__add", "+"}, {"__sub", "-"}, {"__mul", "*"}, {"__div", "/"}, {"__mod", "%"}, {"__pow", "^"}}

// openOperators gives all values but tables their metatables; that of strings there is already.
func (in *Interpreter) openOperators(strings *lua.LTable) {
	for _, event := range arithmeticEvents {
		strings.RawSetString(event.name, in.newNamed(event.name, in.stringArithmetic))
	}
	minus, length := in.newNamed("__unm", in.minus), in.newNamed("__len", in.lengthless)
	call := in.newNamed("__call", in.uncallable)
	strings.RawSetString("__unm", minus)
	strings.RawSetString("__call", call)
	for _, v := range [...]lua.LValue{lua.LNil, lua.LTrue, lua.LNumber(0), in.concat, in.state, in.json.null} {
		t := in.state.CreateTable(0, 3)
		t.RawSetString("__unm", minus)
		t.RawSetString("__len", length)
		if v.Type() != lua.LTFunction {
			t.RawSetString("__call", call)
		}
		in.state.SetMetatable(v, t)
	}
}

// stringArithmetic is an operator of which one side at least is a string.
func (in *Interpreter) stringArithmetic(L *lua.LState) int {
	event := in.running(L)
	left, right := L.Get(1), L.Get(2)
	a, ok1 := number(left)
	b, ok2 := number(right)
	if ok1 && ok2 {
		L.Push(lua.LNumber(calculate(event, a, b)))
		return 1
	}
	for _, v := range [...]lua.LValue{left, right} {
		if f := L.GetMetaField(v, event); f != lua.LNil && v.Type() != lua.LTString {
			L.Push(f)
			L.Push(left)
			L.Push(right)
			L.Call(2, 1)
			return 1
		}
	}
	bad := left
	if ok1 {
		bad = right
	}
	in.failOperand(L, "attempt to perform arithmetic on ", bad, func(e ast.Expr) ast.Expr {
		x, ok := e.(*ast.ArithmeticOpExpr)
		if !ok || operatorOf(event) != x.Operator {
			return nil
		}
		if ok1 {
			return x.Rhs
		}
		return x.Lhs
	})
	return 0
}

func operatorOf(event string) string {
	for _, e := range arithmeticEvents {
		if e.name == event {
			return e.operator
		}
	}
	return ""
}

// calculate does what the machine does with two numbers.
func calculate(event string, a, b float64) float64 {
	switch event {
	case "__add":
		return a + b
	case "__sub":
		return a - b
	case "__mul":
		return a * b
	case "__div":
		return a / b
	case "__pow":
		return math.Pow(a, b)
	}
	rest := math.Mod(a, b)
	if b > 0 && rest < 0 || b < 0 && rest > 0 {
		rest += b
	}
	return rest
}

// minus is the sign before what is neither a number nor a table.
func (in *Interpreter) minus(L *lua.LState) int {
	if n, ok := number(L.Get(1)); ok {
		L.Push(lua.LNumber(-n))
		return 1
	}
	in.failOperand(L, "attempt to perform arithmetic on ", L.Get(1), minusOperand)
	return 0
}

// lengthless is "#" before what has no length.
func (in *Interpreter) lengthless(L *lua.LState) int {
	in.failOperand(L, "attempt to get length of ", L.Get(1), lengthOperand)
	return 0
}

// uncallable is called in place of what is neither a function nor a table.
func (in *Interpreter) uncallable(L *lua.LState) int {
	s := in.inquire(L)
	s.calling, s.kind = true, L.Get(1).Type().String()
	s.walk(s.matchCall)
	in.fail(L, s.phrase("attempt to call "))
	return 0
}

func minusOperand(e ast.Expr) ast.Expr {
	if x, ok := e.(*ast.UnaryMinusOpExpr); ok {
		return x.Expr
	}
	return nil
}

func lengthOperand(e ast.Expr) ast.Expr {
	if x, ok := e.(*ast.UnaryLenOpExpr); ok {
		return x.Expr
	}
	return nil
}

// failOperand raises the error that a value is no operand; operand finds what may have been it in an expression.
func (in *Interpreter) failOperand(L *lua.LState, attempt string, v lua.LValue, operand func(ast.Expr) ast.Expr) {
	s := in.inquire(L)
	s.kind = v.Type().String()
	s.walk(s.matchOperand(operand))
	in.fail(L, s.phrase(attempt))
}

// loopNumber makes a number of the string that a numeric for begins or ends with, or steps by. What is no number it
// leaves, for the machine to complain.
func (in *Interpreter) loopNumber(L *lua.LState) int {
	v := L.Get(1)
	if n, ok := number(v); ok {
		v = lua.LNumber(n)
	}
	L.Push(v)
	return 1
}
