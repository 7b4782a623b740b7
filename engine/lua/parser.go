package lua

import (
	"strconv"

	"github.com/yuin/gopher-lua/ast"
)

// The interpreter brings a parser, but that one's messages are its own, it knows words that Lua 5.1 does
// not, and it follows brackets as deep as they go. This one is the reference's: recursive descent with
// a bound, from the text to the interpreter's tree.

const (
	syntaxLevels = 200 // nested constructs
	localsMost   = 200 // local variables of a function at a time
)

// concatName is the local variable that holds our own "..": see concatenate. No script can say it.
const concatName = "(concat)"

// loopName is the one that holds loopNumber.
const loopName = "(loop)"

// parser is the state of one compilation.
type parser struct {
	lexer
	depth int
	f     *functionState
}

// functionState is what the parser knows of the function it is in.
type functionState struct {
	outer   *functionState
	line    int // 0 = the main chunk
	varargs bool
	loops   int
	locals  int
}

// parse returns the statements of a text, or the complaint about it.
func parse(chunk, text string) (statements []ast.Stmt, problem string) {
	p := &parser{lexer: lexer{chunk: chunk, text: text, line: 1}, f: &functionState{varargs: true}}
	defer func() {
		if caught := recover(); caught != nil {
			failure, ok := caught.(syntaxError)
			if !ok {
				panic(caught)
			}
			statements, problem = nil, failure.text
		}
	}()
	p.advance()
	statements = p.block()
	p.check(tokenEnding)
	return statements, ""
}

func (p *parser) enter() {
	if p.depth++; p.depth > syntaxLevels {
		p.fail("chunk has too many syntax levels", "")
	}
}

func (p *parser) leave() { p.depth-- }

// accept steps over a token if it is the current one.
func (p *parser) accept(t token) bool {
	if p.token != t {
		return false
	}
	p.advance()
	return true
}

func (p *parser) check(t token) {
	if p.token != t {
		p.failHere("'" + t.String() + "' expected")
	}
}

func (p *parser) expect(t token) {
	p.check(t)
	p.advance()
}

// close expects the end of what was opened in a line.
func (p *parser) close(what, who token, line int) {
	if p.accept(what) {
		return
	}
	if line == p.line {
		p.failHere("'" + what.String() + "' expected")
	}
	p.failHere("'" + what.String() + "' expected (to close '" + who.String() + "' at line " + strconv.Itoa(line) + ")")
}

func (p *parser) name() string {
	p.check(tokenName)
	word := p.word
	p.advance()
	return word
}

// declare counts local variables.
func (p *parser) declare(n int) {
	if p.f.locals += n; p.f.locals > localsMost {
		where := "main function"
		if p.f.line > 0 {
			where = "function at line " + strconv.Itoa(p.f.line)
		}
		p.fail(where+" has more than "+strconv.Itoa(localsMost)+" local variables", "")
	}
}

func (p *parser) blockEnds() bool {
	switch p.token {
	case tokenElse, tokenElseif, tokenEnd, tokenUntil, tokenEnding:
		return true
	}
	return false
}

// block reads statements up to the end of the block; its variables end with it.
func (p *parser) block() []ast.Stmt {
	locals := p.f.locals
	statements := []ast.Stmt{}
	p.enter()
	for last := false; !last && !p.blockEnds(); {
		last = p.token == tokenReturn || p.token == tokenBreak
		line := p.line
		statement := p.statement(line)
		statement.SetLine(line)
		statement.SetLastLine(p.lastLine)
		statements = append(statements, statement)
		p.accept(';')
	}
	p.leave()
	p.f.locals = locals
	return statements
}

func (p *parser) statement(line int) ast.Stmt {
	switch p.token {
	case tokenIf:
		return p.ifStatement(line)
	case tokenWhile:
		return p.whileStatement(line)
	case tokenDo:
		p.advance()
		body := p.block()
		p.close(tokenEnd, tokenDo, line)
		return &ast.DoBlockStmt{Stmts: body}
	case tokenFor:
		return p.forStatement(line)
	case tokenRepeat:
		return p.repeatStatement(line)
	case tokenFunction:
		return p.functionStatement(line)
	case tokenLocal:
		p.advance()
		if p.accept(tokenFunction) {
			return p.localFunction()
		}
		return p.localStatement()
	case tokenReturn:
		return p.returnStatement()
	case tokenBreak:
		p.advance()
		if p.f.loops == 0 {
			p.failHere("no loop to break")
		}
		return &ast.BreakStmt{}
	}
	return p.expressionStatement()
}

// ifStatement reads from "if" or "elseif" on.
func (p *parser) ifStatement(line int) ast.Stmt {
	p.advance()
	s := &ast.IfStmt{Condition: p.expression()}
	p.expect(tokenThen)
	s.Then = p.block()
	switch p.token {
	case tokenElseif:
		inner := p.ifStatement(line)
		inner.SetLine(p.lastLine)
		s.Else = []ast.Stmt{inner}
		return s
	case tokenElse:
		p.advance()
		s.Else = p.block()
	}
	p.close(tokenEnd, tokenIf, line)
	return s
}

func (p *parser) whileStatement(line int) ast.Stmt {
	p.advance()
	condition := p.expression()
	p.expect(tokenDo)
	body := p.loop()
	p.close(tokenEnd, tokenWhile, line)
	return &ast.WhileStmt{Condition: condition, Stmts: body}
}

func (p *parser) loop() []ast.Stmt {
	p.f.loops++
	body := p.block()
	p.f.loops--
	return body
}

func (p *parser) repeatStatement(line int) ast.Stmt {
	p.advance()
	body := p.loop()
	p.close(tokenUntil, tokenRepeat, line)
	return &ast.RepeatStmt{Condition: p.expression(), Stmts: body}
}

func (p *parser) forStatement(line int) ast.Stmt {
	p.advance()
	locals := p.f.locals
	defer func() { p.f.locals = locals }()
	first := p.name()
	switch p.token {
	case '=':
		return p.numericFor(first, line)
	case ',', tokenIn:
		return p.genericFor(first, line)
	}
	p.failHere("'=' or 'in' expected")
	return nil
}

// loopNumber reads what a numeric for begins or ends with, or steps by. It may be a string.
func (p *parser) loopNumber() ast.Expr {
	e := p.expression()
	switch e.(type) {
	case *ast.NumberExpr, *ast.UnaryMinusOpExpr, *ast.UnaryLenOpExpr, *ast.ArithmeticOpExpr:
		return e
	}
	return p.at(&ast.FuncCallExpr{Func: p.ident(loopName), Args: []ast.Expr{single(e)}, AdjustRet: true}, p.lastLine)
}

func (p *parser) numericFor(name string, line int) ast.Stmt {
	p.advance()
	s := &ast.NumberForStmt{Name: name, Init: p.loopNumber()}
	p.expect(',')
	s.Limit = p.loopNumber()
	if p.accept(',') {
		s.Step = p.loopNumber()
	}
	p.declare(4)
	p.expect(tokenDo)
	s.Stmts = p.loop()
	p.close(tokenEnd, tokenFor, line)
	return s
}

func (p *parser) genericFor(name string, line int) ast.Stmt {
	s := &ast.GenericForStmt{Names: []string{name}}
	for p.accept(',') {
		s.Names = append(s.Names, p.name())
	}
	p.expect(tokenIn)
	s.Exprs = p.expressions()
	p.declare(3 + len(s.Names))
	p.expect(tokenDo)
	s.Stmts = p.loop()
	p.close(tokenEnd, tokenFor, line)
	return s
}

func (p *parser) functionStatement(line int) ast.Stmt {
	p.advance()
	var target ast.Expr = p.ident(p.name())
	name := &ast.FuncName{}
	for p.token == '.' {
		p.advance()
		target = p.attribute(target, p.constant(p.name()))
	}
	if p.accept(':') {
		name.Receiver, name.Method = target, p.name()
	} else {
		name.Func = target
	}
	return &ast.FuncDefStmt{Name: name, Func: p.function(name.Method != "", line)}
}

func (p *parser) localFunction() ast.Stmt {
	name := p.name()
	p.declare(1)
	return &ast.LocalAssignStmt{Names: []string{name}, Exprs: []ast.Expr{p.function(false, p.line)}}
}

func (p *parser) localStatement() ast.Stmt {
	s := &ast.LocalAssignStmt{Names: []string{p.name()}}
	for p.accept(',') {
		s.Names = append(s.Names, p.name())
	}
	if p.accept('=') {
		s.Exprs = p.expressions()
		if _, function := s.Exprs[0].(*ast.FunctionExpr); function && len(s.Exprs) == 1 && len(s.Names) == 1 {
			// Unlike "local function", the function does not see the variable; the interpreter looks at the
			// number of expressions to tell the two apart.
			s.Exprs = append(s.Exprs, &ast.NilExpr{})
		}
	}
	p.declare(len(s.Names))
	return s
}

func (p *parser) returnStatement() ast.Stmt {
	p.advance()
	s := &ast.ReturnStmt{}
	if !p.blockEnds() && p.token != ';' {
		s.Exprs = p.expressions()
	}
	return s
}

// kind says what an expression may be used for besides its value.
type kind uint8

const (
	plain kind = iota
	variable
	call
)

func (p *parser) expressionStatement() ast.Stmt {
	target, kind := p.primary()
	if kind == call {
		return &ast.FuncCallStmt{Expr: target}
	}
	targets := []ast.Expr{}
	for {
		if kind != variable {
			p.failHere("syntax error")
		}
		targets = append(targets, target)
		if !p.accept(',') {
			break
		}
		if target, kind = p.primary(); len(targets) > syntaxLevels {
			p.fail("function at line "+strconv.Itoa(p.f.line)+" has more than 200 variables in assignment", "")
		}
	}
	p.expect('=')
	return &ast.AssignStmt{Lhs: targets, Rhs: p.expressions()}
}

func (p *parser) expressions() []ast.Expr {
	list := []ast.Expr{p.expression()}
	for p.accept(',') {
		list = append(list, p.expression())
	}
	return list
}

func (p *parser) at(e ast.Expr, line int) ast.Expr {
	e.SetLine(line)
	e.SetLastLine(p.lastLine)
	return e
}

func (p *parser) ident(name string) ast.Expr { return p.at(&ast.IdentExpr{Value: name}, p.lastLine) }

func (p *parser) constant(text string) ast.Expr {
	return p.at(&ast.StringExpr{Value: text}, p.lastLine)
}

func (p *parser) attribute(object, key ast.Expr) ast.Expr {
	return p.at(&ast.AttrGetExpr{Object: object, Key: key}, p.lastLine)
}

// primary reads a name or a parenthesis and what is applied to it.
func (p *parser) primary() (e ast.Expr, k kind) {
	e, k = p.prefix()
	for {
		switch p.token {
		case '.':
			p.advance()
			e, k = p.attribute(e, p.constant(p.name())), variable
		case '[':
			p.advance()
			key := p.expression()
			p.expect(']')
			e, k = p.attribute(e, key), variable
		case ':':
			p.advance()
			method, line := p.name(), p.line
			e, k = p.at(&ast.FuncCallExpr{Receiver: e, Method: method, Args: p.arguments()}, line), call
		case '(', tokenString, '{':
			line := p.line
			e, k = p.at(&ast.FuncCallExpr{Func: e, Args: p.arguments()}, line), call
		default:
			return e, k
		}
	}
}

func (p *parser) prefix() (ast.Expr, kind) {
	switch p.token {
	case tokenName:
		return p.ident(p.name()), variable
	case '(':
		line := p.line
		p.advance()
		e := p.expression()
		p.close(')', '(', line)
		return single(e), plain
	}
	p.failHere("unexpected symbol")
	return nil, plain
}

// single cuts what may be several values down to one.
func single(e ast.Expr) ast.Expr {
	switch x := e.(type) {
	case *ast.FuncCallExpr:
		x.AdjustRet = true
	case *ast.Comma3Expr:
		x.AdjustRet = true
	}
	return e
}

func (p *parser) arguments() []ast.Expr {
	line := p.line
	switch p.token {
	case '(':
		if line != p.lastLine {
			p.failHere("ambiguous syntax (function call x new statement)")
		}
		p.advance()
		var args []ast.Expr
		if p.token != ')' {
			args = p.expressions()
		}
		p.close(')', '(', line)
		return args
	case '{':
		return []ast.Expr{p.table()}
	case tokenString:
		text := p.word
		p.advance()
		return []ast.Expr{p.constant(text)}
	}
	p.failHere("function arguments expected")
	return nil
}

func (p *parser) table() ast.Expr {
	line := p.line
	p.expect('{')
	t := &ast.TableExpr{}
	for p.token != '}' {
		field := &ast.Field{}
		switch {
		case p.token == tokenName && p.peek() == '=':
			field.Key = p.constant(p.name())
			p.expect('=')
		case p.token == '[':
			p.advance()
			field.Key = p.expression()
			p.expect(']')
			p.expect('=')
		}
		field.Value = p.expression()
		t.Fields = append(t.Fields, field)
		if !p.accept(',') && !p.accept(';') {
			break
		}
	}
	p.close('}', '{', line)
	return p.at(t, line)
}

// function reads parameters and body; method adds self.
func (p *parser) function(method bool, line int) *ast.FunctionExpr {
	p.f = &functionState{outer: p.f, line: line}
	list := &ast.ParList{}
	if method {
		list.Names = append(list.Names, "self")
	}
	p.expect('(')
	for p.token != ')' {
		if p.token == tokenDots {
			p.advance()
			list.HasVargs = true
			break
		}
		if p.token != tokenName {
			p.failHere("<name> or '...' expected")
		}
		list.Names = append(list.Names, p.name())
		if !p.accept(',') {
			break
		}
		if p.token == ')' {
			p.failHere("<name> or '...' expected")
		}
	}
	p.declare(len(list.Names))
	p.f.varargs = list.HasVargs
	p.expect(')')
	f := &ast.FunctionExpr{ParList: list, Stmts: p.block()}
	f.SetLine(line)
	f.SetLastLine(p.line)
	p.close(tokenEnd, tokenFunction, line)
	p.f = p.f.outer
	return f
}

// priority is how tightly an operator binds to what is on its left and on its right.
func (t token) priority() (left, right int) {
	switch t {
	case '+', '-':
		return 6, 6
	case '*', '/', '%':
		return 7, 7
	case '^':
		return 10, 9
	case tokenConcat:
		return 5, 4
	case tokenUnequal, tokenEqual, '<', tokenLessEqual, '>', tokenGreaterEqual:
		return 3, 3
	case tokenAnd:
		return 2, 2
	case tokenOr:
		return 1, 1
	}
	return 0, 0
}

const unaryPriority = 8

func (p *parser) expression() ast.Expr { return p.operation(0) }

// operation reads operands and the operators between them that bind tighter than limit.
func (p *parser) operation(limit int) ast.Expr {
	p.enter()
	var e ast.Expr
	switch operator := p.token; operator {
	case '-', '#', tokenNot:
		p.advance()
		e = p.unary(operator, p.operation(unaryPriority))
	default:
		e = p.simple()
	}
	for {
		operator := p.token
		left, right := operator.priority()
		if left <= limit {
			break
		}
		p.advance()
		e = p.binary(operator, e, p.operation(right))
	}
	p.leave()
	return e
}

func (p *parser) unary(operator token, operand ast.Expr) ast.Expr {
	switch operator {
	case '-':
		return p.at(&ast.UnaryMinusOpExpr{Expr: operand}, p.lastLine)
	case '#':
		return p.at(&ast.UnaryLenOpExpr{Expr: operand}, p.lastLine)
	}
	return p.at(&ast.UnaryNotOpExpr{Expr: operand}, p.lastLine)
}

func (p *parser) binary(operator token, left, right ast.Expr) ast.Expr {
	var e ast.Expr
	switch name := operator.String(); operator {
	case tokenAnd, tokenOr:
		e = &ast.LogicalOpExpr{Operator: name, Lhs: left, Rhs: right}
	case tokenConcat:
		e = p.concatenation(left, right)
	case tokenUnequal, tokenEqual, '<', tokenLessEqual, '>', tokenGreaterEqual:
		e = &ast.RelationalOpExpr{Operator: name, Lhs: left, Rhs: right}
	default:
		e = &ast.ArithmeticOpExpr{Operator: name, Lhs: left, Rhs: right}
	}
	return p.at(e, p.lastLine)
}

// concatenation makes a chain of ".." one call of our own function: the interpreter's would write numbers
// as Go does.
func (p *parser) concatenation(left, right ast.Expr) ast.Expr {
	args := []ast.Expr{single(left)}
	if more, ok := right.(*ast.FuncCallExpr); ok && isConcat(more) {
		args = append(args, more.Args...)
	} else {
		args = append(args, single(right))
	}
	return &ast.FuncCallExpr{Func: p.ident(concatName), Args: args, AdjustRet: true}
}

func isConcat(call *ast.FuncCallExpr) bool {
	f, ok := call.Func.(*ast.IdentExpr)
	return ok && f.Value == concatName
}

// isHidden tells whether a call is none of the script's.
func isHidden(call *ast.FuncCallExpr) bool {
	f, ok := call.Func.(*ast.IdentExpr)
	return ok && (f.Value == concatName || f.Value == loopName)
}

func (p *parser) simple() ast.Expr {
	var e ast.Expr
	switch p.token {
	case tokenNumber:
		e = &ast.NumberExpr{Value: strconv.FormatFloat(p.number, 'g', -1, 64)}
	case tokenString:
		e = &ast.StringExpr{Value: p.word}
	case tokenNil:
		e = &ast.NilExpr{}
	case tokenTrue:
		e = &ast.TrueExpr{}
	case tokenFalse:
		e = &ast.FalseExpr{}
	case tokenDots:
		if !p.f.varargs {
			p.failHere("cannot use '...' outside a vararg function")
		}
		e = &ast.Comma3Expr{}
	case '{':
		return p.table()
	case tokenFunction:
		line := p.line
		p.advance()
		return p.function(false, line)
	default:
		e, _ = p.primary()
		return e
	}
	p.advance()
	return p.at(e, p.lastLine)
}
