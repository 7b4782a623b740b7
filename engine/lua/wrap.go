package lua

import (
	"strings"

	"github.com/yuin/gopher-lua"
	"github.com/yuin/gopher-lua/ast"
)

// wrap makes a text's statements a function within one that has our ".." and loopNumber: they are local variables
// of the outer one, so that a script finds them wherever it goes, and whatever its environment is.
func wrap(statements []ast.Stmt) []ast.Stmt {
	body := &ast.FunctionExpr{ParList: &ast.ParList{HasVargs: true}, Stmts: statements}
	body.SetLine(0)
	body.SetLastLine(1)
	if n := len(statements); n > 0 {
		body.SetLastLine(statements[n-1].LastLine())
	}
	hidden := &ast.LocalAssignStmt{Names: []string{concatName, loopName}, Exprs: []ast.Expr{&ast.Comma3Expr{}}}
	return []ast.Stmt{hidden, &ast.ReturnStmt{Exprs: []ast.Expr{body}}}
}

// concatenate is "..", from the last two operands on to the first.
func (in *Interpreter) concatenate(L *lua.LState) int {
	n := L.GetTop()
	if s, ok := joined(L, n); ok {
		L.Push(lua.LString(s))
		return 1
	}
	right := L.Get(n)
	for i := n - 1; i >= 1; i-- {
		left := L.Get(i)
		a, ok1 := text(left)
		b, ok2 := text(right)
		if ok1 && ok2 {
			right = lua.LString(a + b)
			continue
		}
		f := L.GetMetaField(left, "__concat")
		if f == lua.LNil {
			f = L.GetMetaField(right, "__concat")
		}
		if f == lua.LNil {
			bad := left
			if ok1 {
				bad = right
			}
			in.fail(L, in.concatenationError(L, bad))
		}
		L.Push(f)
		L.Push(left)
		L.Push(right)
		L.Call(2, 1)
		right = L.Get(-1)
		L.Pop(1)
	}
	L.Push(right)
	return 1
}

// joined joins operands that are all strings and numbers.
func joined(L *lua.LState, n int) (string, bool) {
	size := 0
	var spare [8]string
	words := spare[:0]
	for i := 1; i <= n; i++ {
		s, ok := text(L.Get(i))
		if !ok {
			return "", false
		}
		size += len(s)
		words = append(words, s)
	}
	if size > stringMost {
		memoryError(L)
	}
	var out strings.Builder
	out.Grow(size)
	for _, word := range words {
		out.WriteString(word)
	}
	return out.String(), true
}

// text returns a string, or a number as Lua writes it.
func text(v lua.LValue) (string, bool) {
	switch x := v.(type) {
	case lua.LString:
		return string(x), true
	case lua.LNumber:
		return formatNumber(float64(x)), true
	}
	return "", false
}
