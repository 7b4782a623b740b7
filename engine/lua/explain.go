package lua

import (
	"strings"

	"github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
)

// The machine says that something was no table; Lua says which variable it was. To say it too, the script is
// parsed once more when such an error occurs, and the expressions in its line are looked at.

// program is what Call.Program holds.
type program struct {
	f    *lua.LFunction
	text string
}

// explain puts a message of the machine into Lua's words. It is called with the stack as it was, below an error
// handler.
func (in *Interpreter) explain(L *lua.LState, message string) string {
	prefix := where(L, 1)
	rest, ok := strings.CutPrefix(message, prefix)
	if !ok || prefix == "" {
		return message
	}
	s := in.inquire(L)
	if words := s.explain(rest); words != "" {
		return prefix + words
	}
	return message
}

// inquire begins to look for what the function below the one that runs was doing.
func (in *Interpreter) inquire(L *lua.LState) *inquiry {
	s := &inquiry{in: in, L: L}
	var ok bool
	if s.frame, ok = L.GetStack(1); !ok {
		return s
	}
	L.GetInfo("Sl", s.frame, lua.LNil)
	s.line = s.frame.CurrentLine
	if in.program != nil && (s.frame.Source == "user_script" || s.frame.Source == "user_function") {
		s.statements, _ = parse(s.frame.Source, in.program.text)
	}
	return s
}

// plainWords are messages that need no names.
var plainWords = [...]struct{ ours, lua string }{
	{"for statement init must be a number", "'for' initial value must be a number"},
	{"for statement limit must be a number", "'for' limit must be a number"},
	{"for statement step must be a number", "'for' step must be a number"},
	{"registry overflow", "stack overflow"},
	{"too many recursions in gettable", "loop in gettable"},
	{"too many recursions in settable", "loop in settable"},
}

func (s *inquiry) explain(rest string) string {
	for _, words := range plainWords {
		if rest == words.ours {
			return words.lua
		}
	}
	if what, ok := strings.CutPrefix(rest, "attempt to index a non-table object("); ok {
		kind, key, _ := strings.Cut(what, ") with key '")
		s.walk(matchIndex(strings.TrimSuffix(key, "'")))
		s.kind = kind
		return s.phrase("attempt to index ")
	}
	if what, ok := strings.CutPrefix(rest, "cannot perform "); ok {
		operator, kinds, _ := strings.Cut(what, " operation between ")
		left, right, _ := strings.Cut(kinds, " and ")
		s.walk(matchArithmetic(operator, left))
		s.kind = left
		if left == "number" {
			s.kind = right
		}
		return s.phrase("attempt to perform arithmetic on ")
	}
	if what, ok := strings.CutPrefix(rest, "attempt to compare "); ok {
		if left, right, _ := strings.Cut(what, " with "); left == right {
			return "attempt to compare two " + left + " values"
		}
		return ""
	}
	switch rest {
	case "attempt to call a non-function object":
		s.calling, s.kind = true, "table" // all else has a metatable of ours: see openOperators
		s.walk(s.matchCall)
		return s.phrase("attempt to call ")
	case "__unm undefined":
		s.kind = "table"
		s.walk(s.matchOperand(minusOperand))
		return s.phrase("attempt to perform arithmetic on ")
	}
	return ""
}

// inquiry looks through a script for the expression that an error is about.
type inquiry struct {
	in         *Interpreter
	L          *lua.LState
	frame      *lua.Debug
	line       int
	statements []ast.Stmt
	scopes     []scope
	match      matching
	found      bool
	calling    bool   // what is called is looked for: a loop calls its iterator
	name       string // of the operand, "local 'x'"; empty if it has none
	kind       string // the operand's type
}

// scope is a function's local variables, innermost last.
type scope struct{ names []string }

// matching returns the operand that is to be named, nil if e is not what is looked for.
type matching func(s *inquiry, e ast.Expr) ast.Expr

// walk looks for the first expression that matches, and names its operand.
func (s *inquiry) walk(match matching) {
	s.match = match
	s.scopes = []scope{{}}
	s.block(s.statements)
}

// matchIndex finds what is indexed with a key.
func matchIndex(key string) matching {
	return func(s *inquiry, e ast.Expr) ast.Expr {
		switch x := e.(type) {
		case *ast.AttrGetExpr:
			if constant, ok := x.Key.(*ast.StringExpr); !ok || constant.Value == key {
				return x.Object
			}
		case *ast.FuncCallExpr:
			if x.Receiver != nil && x.Method == key {
				return x.Receiver
			}
		}
		return nil
	}
}

// operators are the machine's names of events.
const operators = "add+sub-mul*div/mod%pow^"

func matchArithmetic(operator, left string) matching {
	return func(s *inquiry, e ast.Expr) ast.Expr {
		x, ok := e.(*ast.ArithmeticOpExpr)
		if !ok || !strings.Contains(operators, operator+x.Operator) {
			return nil
		}
		if left == "number" {
			return x.Rhs
		}
		return x.Lhs
	}
}

// matchCall finds the call of what is no function.
func (s *inquiry) matchCall(_ *inquiry, e ast.Expr) ast.Expr {
	call, ok := e.(*ast.FuncCallExpr)
	if !ok || isHidden(call) {
		return nil
	}
	called := call.Func
	if call.Receiver != nil {
		called = &ast.AttrGetExpr{Object: call.Receiver, Key: &ast.StringExpr{Value: call.Method}}
	}
	v, known := s.value(called)
	if known && v.Type().String() != s.kind {
		return nil
	}
	if call.Receiver != nil {
		s.settle("method '" + call.Method + "'")
		return nil
	}
	return called
}

func (s *inquiry) matchOperand(operand func(ast.Expr) ast.Expr) matching {
	return func(_ *inquiry, e ast.Expr) ast.Expr {
		inner := operand(e)
		if inner == nil {
			return nil
		}
		if v, known := s.value(inner); known && v.Type().String() != s.kind {
			return nil
		}
		return inner
	}
}

// settle ends the search.
func (s *inquiry) settle(name string) { s.found, s.name = true, name }

// phrase says what was tried on what.
func (s *inquiry) phrase(attempt string) string {
	if s.name == "" {
		return attempt + "a " + s.kind + " value"
	}
	return attempt + s.name + " (a " + s.kind + " value)"
}

// describe names an expression as Lua does.
func (s *inquiry) describe(e ast.Expr) string {
	switch x := e.(type) {
	case *ast.IdentExpr:
		return s.variable(x.Value) + " '" + x.Value + "'"
	case *ast.AttrGetExpr:
		if key, ok := x.Key.(*ast.StringExpr); ok {
			return "field '" + key.Value + "'"
		}
		return "field '?'"
	}
	return ""
}

func (s *inquiry) variable(name string) string {
	for i := len(s.scopes) - 1; i >= 0; i-- {
		for _, known := range s.scopes[i].names {
			if known == name && i == len(s.scopes)-1 {
				return "local"
			}
			if known == name {
				return "upvalue"
			}
		}
	}
	return "global"
}

// value evaluates what has no effects: variables, and fields of tables.
func (s *inquiry) value(e ast.Expr) (lua.LValue, bool) {
	switch x := e.(type) {
	case *ast.IdentExpr:
		return s.variableValue(x.Value)
	case *ast.AttrGetExpr:
		object, ok := s.value(x.Object)
		key, constant := x.Key.(*ast.StringExpr)
		if !ok || !constant {
			return lua.LNil, false
		}
		if t, ok := object.(*lua.LTable); ok {
			return readable(t).RawGetString(key.Value), true
		}
		if object.Type() == lua.LTString {
			library := s.in.globals.RawGetString("string").(*lua.LTable)
			return readable(library).RawGetString(key.Value), true
		}
	case *ast.StringExpr:
		return lua.LString(x.Value), true
	case *ast.TableExpr:
		return s.L.NewTable(), true
	case *ast.NumberExpr:
		return lua.LNumber(0), true
	case *ast.TrueExpr, *ast.FalseExpr:
		return lua.LTrue, true
	case *ast.NilExpr:
		return lua.LNil, true
	}
	return lua.LNil, false
}

func (s *inquiry) variableValue(name string) (lua.LValue, bool) {
	f, _ := s.L.GetInfo("f", s.frame, lua.LNil)
	function, _ := f.(*lua.LFunction)
	switch s.variable(name) {
	case "local":
		found, ok := lua.LValue(lua.LNil), false
		for i := 1; ; i++ {
			local, v := s.L.GetLocal(s.frame, i)
			if local == "" {
				return found, ok
			}
			if local == name {
				found, ok = v, true
			}
		}
	case "upvalue":
		for i := 1; function != nil && !function.IsG && i <= len(function.Upvalues); i++ {
			if upvalue, v := s.L.GetUpvalue(function, i); upvalue == name {
				return v, true
			}
		}
		return lua.LNil, false
	}
	if v := s.in.globals.RawGetString(name); v != lua.LNil {
		return v, true
	}
	return lua.LNil, true
}

func (s *inquiry) declare(names ...string) {
	top := &s.scopes[len(s.scopes)-1]
	top.names = append(top.names, names...)
}

func (s *inquiry) block(statements []ast.Stmt) {
	top := len(s.scopes) - 1
	locals := len(s.scopes[top].names)
	for _, statement := range statements {
		if !s.found {
			s.statement(statement)
		}
	}
	if !s.found {
		s.scopes[top].names = s.scopes[top].names[:locals]
	}
}

func (s *inquiry) statement(statement ast.Stmt) {
	switch x := statement.(type) {
	case *ast.AssignStmt:
		s.expressions(x.Rhs)
		s.expressions(x.Lhs)
	case *ast.LocalAssignStmt:
		if len(x.Exprs) == 1 {
			if f, ok := x.Exprs[0].(*ast.FunctionExpr); ok && len(x.Names) == 1 {
				s.declare(x.Names...)
				s.expression(f)
				return
			}
		}
		s.expressions(x.Exprs)
		s.declare(x.Names...)
	case *ast.FuncCallStmt:
		s.expression(x.Expr)
	case *ast.DoBlockStmt:
		s.block(x.Stmts)
	case *ast.WhileStmt:
		s.expression(x.Condition)
		s.block(x.Stmts)
	case *ast.RepeatStmt:
		s.block(x.Stmts)
		s.expression(x.Condition)
	case *ast.IfStmt:
		s.expression(x.Condition)
		s.block(x.Then)
		s.block(x.Else)
	case *ast.NumberForStmt:
		s.expressions([]ast.Expr{x.Init, x.Limit, x.Step})
		s.loop(x.Stmts, x.Name)
	case *ast.GenericForStmt:
		s.expressions(x.Exprs)
		if v, known := s.value(x.Exprs[0]); known && s.calling && x.Line() == s.line && v.Type().String() == s.kind {
			s.settle("")
		}
		s.loop(x.Stmts, x.Names...)
	case *ast.FuncDefStmt:
		s.expressions([]ast.Expr{x.Name.Func, x.Name.Receiver, x.Func})
	case *ast.ReturnStmt:
		s.expressions(x.Exprs)
	}
}

func (s *inquiry) loop(statements []ast.Stmt, names ...string) {
	s.declare(names...)
	s.block(statements)
	if top := &s.scopes[len(s.scopes)-1]; !s.found {
		top.names = top.names[:len(top.names)-len(names)]
	}
}

func (s *inquiry) expressions(list []ast.Expr) {
	for _, e := range list {
		s.expression(e)
	}
}

// expression looks at the parts of an expression, then at the whole: inner ones are evaluated first.
func (s *inquiry) expression(e ast.Expr) {
	if s.found || e == nil {
		return
	}
	switch x := e.(type) {
	case *ast.AttrGetExpr:
		s.expressions([]ast.Expr{x.Object, x.Key})
	case *ast.TableExpr:
		for _, field := range x.Fields {
			s.expressions([]ast.Expr{field.Key, field.Value})
		}
	case *ast.FuncCallExpr:
		s.expressions([]ast.Expr{x.Func, x.Receiver})
		s.expressions(x.Args)
	case *ast.LogicalOpExpr:
		s.expressions([]ast.Expr{x.Lhs, x.Rhs})
	case *ast.RelationalOpExpr:
		s.expressions([]ast.Expr{x.Lhs, x.Rhs})
	case *ast.ArithmeticOpExpr:
		s.expressions([]ast.Expr{x.Lhs, x.Rhs})
	case *ast.UnaryMinusOpExpr:
		s.expression(x.Expr)
	case *ast.UnaryNotOpExpr:
		s.expression(x.Expr)
	case *ast.UnaryLenOpExpr:
		s.expression(x.Expr)
	case *ast.FunctionExpr:
		s.function(x)
	}
	if s.found || e.Line() != s.line {
		return
	}
	if operand := s.match(s, e); operand != nil && !s.found {
		s.settle(s.describe(operand))
	}
}

func (s *inquiry) function(f *ast.FunctionExpr) {
	s.scopes = append(s.scopes, scope{names: f.ParList.Names})
	s.block(f.Stmts)
	if !s.found {
		s.scopes = s.scopes[:len(s.scopes)-1]
	}
}

// asMethod says whether the function that runs was called as a method: its first argument is not counted then.
func (in *Interpreter) asMethod(L *lua.LState, name string) bool {
	s := in.inquire(L)
	s.walk(func(s *inquiry, e ast.Expr) ast.Expr {
		if call, ok := e.(*ast.FuncCallExpr); ok && call.Method == name {
			return call.Receiver
		}
		return nil
	})
	return s.found
}

// concatenationError names the operand of ".." that cannot be one.
func (in *Interpreter) concatenationError(L *lua.LState, bad lua.LValue) string {
	s := in.inquire(L)
	s.kind = bad.Type().String()
	s.walk(func(s *inquiry, e ast.Expr) ast.Expr {
		call, ok := e.(*ast.FuncCallExpr)
		if !ok || !isConcat(call) {
			return nil
		}
		for _, operand := range call.Args {
			if v, known := s.value(operand); known && v == bad && s.describe(operand) != "" {
				return operand
			}
		}
		return nil
	})
	return s.phrase("attempt to concatenate ")
}
