package lua

import (
	"strings"

	"github.com/yuin/gopher-lua"
)

// Patterns are matched as PUC Lua's lstrlib.c does: a backtracking walk over the pattern, bounded in the
// depth of its captures and of its recursion.

const (
	capturesMost = 32
	matchLevels  = 200 // as MAXCCALLS bounds them
	openCapture  = -1
	positionMark = -2
)

type capture struct{ start, length int }

// matcher is one match of a pattern.
type matcher struct {
	in       *Interpreter
	L        *lua.LState
	src, pat string
	level    int // captures so far
	captures [capturesMost]capture
	depth    int
	steps    int
}

func (m *matcher) fail(problem string) { m.in.fail(m.L, problem) }

// classEnd returns where the single-character class at p ends.
func (m *matcher) classEnd(p int) int {
	if p >= len(m.pat) {
		return p
	}
	ch := m.pat[p]
	p++
	switch ch {
	case '%':
		if p >= len(m.pat) {
			m.fail("malformed pattern (ends with '%')")
		}
		return p + 1
	case '[':
		if p < len(m.pat) && m.pat[p] == '^' {
			p++
		}
		for first := true; first || p >= len(m.pat) || m.pat[p] != ']'; first = false {
			if p >= len(m.pat) {
				m.fail("malformed pattern (missing ']')")
			}
			ch := m.pat[p]
			p++
			if ch == '%' && p < len(m.pat) {
				p++
			}
		}
		return p + 1
	}
	return p
}

// inClass says whether a byte is of a class such as %a.
func inClass(ch, class byte) bool {
	var is bool
	switch class | 0x20 {
	case 'a':
		is = ch|0x20 >= 'a' && ch|0x20 <= 'z'
	case 'c':
		is = ch < 32 || ch == 127
	case 'd':
		is = isDigit(ch)
	case 'l':
		is = ch >= 'a' && ch <= 'z'
	case 'p':
		is = ch > 32 && ch < 127 && !isDigit(ch) && (ch|0x20 < 'a' || ch|0x20 > 'z')
	case 's':
		is = isSpace(ch)
	case 'u':
		is = ch >= 'A' && ch <= 'Z'
	case 'w':
		is = isDigit(ch) || ch|0x20 >= 'a' && ch|0x20 <= 'z'
	case 'x':
		is = isHex(ch)
	case 'z':
		is = ch == 0
	default:
		return class == ch
	}
	if class >= 'A' && class <= 'Z' {
		return !is
	}
	return is
}

// inSet says whether a byte is in the set whose bracket is at p and whose closing one is at end.
func (m *matcher) inSet(ch byte, p, end int) bool {
	found := true
	if p++; m.pat[p] == '^' {
		found = false
		p++
	}
	for ; p < end; p++ {
		switch {
		case m.pat[p] == '%' && p+1 <= end:
			p++
			if inClass(ch, m.pat[p]) {
				return found
			}
		case p+2 < end && m.pat[p+1] == '-':
			if m.pat[p] <= ch && ch <= m.pat[p+2] {
				return found
			}
			p += 2
		case m.pat[p] == ch:
			return found
		}
	}
	return !found
}

// single says whether the byte at s is of the class from p to end.
func (m *matcher) single(s, p, end int) bool {
	ch := m.src[s]
	switch m.pat[p] {
	case '.':
		return true
	case '%':
		return inClass(ch, m.pat[p+1])
	case '[':
		return m.inSet(ch, p, end-1)
	}
	return m.pat[p] == ch
}

// match returns where a match of the pattern from p on at s ends, -1 if there is none.
func (m *matcher) match(s, p int) int {
	if m.depth++; m.depth > matchLevels*50 {
		m.fail("pattern too complex")
	}
	defer func() { m.depth-- }()
	for p < len(m.pat) {
		switch m.pat[p] {
		case '(':
			if p+1 < len(m.pat) && m.pat[p+1] == ')' {
				return m.open(s, p+2, positionMark)
			}
			return m.open(s, p+1, openCapture)
		case ')':
			return m.shut(s, p+1)
		case '$':
			if p+1 == len(m.pat) {
				if s == len(m.src) {
					return s
				}
				return -1
			}
		case '%':
			if p+1 < len(m.pat) {
				if next, rest, special := m.special(s, p); special {
					if next < 0 {
						return -1
					}
					s, p = next, rest
					continue
				}
			}
		}
		end := m.classEnd(p)
		suffix := byte(0)
		if end < len(m.pat) {
			suffix = m.pat[end]
		}
		switch suffix {
		case '?':
			if s < len(m.src) && m.single(s, p, end) {
				if found := m.match(s+1, end+1); found >= 0 {
					return found
				}
			}
			p = end + 1
		case '*':
			return m.most(s, p, end)
		case '+':
			if s < len(m.src) && m.single(s, p, end) {
				return m.most(s+1, p, end)
			}
			return -1
		case '-':
			return m.least(s, p, end)
		default:
			if s >= len(m.src) || !m.single(s, p, end) {
				return -1
			}
			s, p = s+1, end
		}
	}
	return s
}

// special matches %b, %f and back references.
func (m *matcher) special(s, p int) (next, rest int, ok bool) {
	switch ch := m.pat[p+1]; {
	case ch == 'b':
		return m.balance(s, p+2), p + 4, true
	case ch == 'f':
		p += 2
		if p >= len(m.pat) || m.pat[p] != '[' {
			m.fail("missing '[' after '%f' in pattern")
		}
		end := m.classEnd(p)
		previous, current := byte(0), byte(0)
		if s > 0 {
			previous = m.src[s-1]
		}
		if s < len(m.src) {
			current = m.src[s]
		}
		if m.inSet(previous, p, end-1) || !m.inSet(current, p, end-1) {
			return -1, 0, true
		}
		return s, end, true
	case isDigit(ch):
		i := m.closed(ch)
		c := m.captures[i]
		text := m.src[c.start : c.start+max(c.length, 0)]
		if !strings.HasPrefix(m.src[s:], text) {
			return -1, 0, true
		}
		return s + len(text), p + 2, true
	}
	return 0, 0, false
}

// closed returns the capture that a digit names, which must be complete.
func (m *matcher) closed(digit byte) int {
	i := int(digit) - '1'
	if i < 0 || i >= m.level || m.captures[i].length == openCapture {
		m.fail("invalid capture index")
	}
	return i
}

func (m *matcher) balance(s, p int) int {
	if p+1 >= len(m.pat) {
		m.fail("unbalanced pattern")
	}
	if s >= len(m.src) || m.src[s] != m.pat[p] {
		return -1
	}
	opening, closing := m.pat[p], m.pat[p+1]
	open := 1
	for i := s + 1; i < len(m.src); i++ {
		switch m.src[i] {
		case closing:
			if open--; open == 0 {
				return i + 1
			}
		case opening:
			open++
		}
	}
	return -1
}

// most matches as many as possible of a class, least as few.
func (m *matcher) most(s, p, end int) int {
	i := 0
	for s+i < len(m.src) && m.single(s+i, p, end) {
		i++
	}
	for ; i >= 0; i-- {
		m.tick()
		if found := m.match(s+i, end+1); found >= 0 {
			return found
		}
	}
	return -1
}

func (m *matcher) least(s, p, end int) int {
	for {
		m.tick()
		if found := m.match(s, end+1); found >= 0 {
			return found
		}
		if s >= len(m.src) || !m.single(s, p, end) {
			return -1
		}
		s++
	}
}

// tick counts backtracking as steps of the script: a pattern can take for ever.
func (m *matcher) tick() {
	if m.steps++; m.steps&7 == 0 && m.in.ticker.Done() != nil {
		m.L.Error(lua.LString(m.in.ticker.ending), 0)
	}
}

func (m *matcher) open(s, p, what int) int {
	if m.level >= capturesMost {
		m.fail("too many captures")
	}
	m.captures[m.level] = capture{s, what}
	m.level++
	found := m.match(s, p)
	if found < 0 {
		m.level--
	}
	return found
}

func (m *matcher) shut(s, p int) int {
	i := m.level - 1
	for i >= 0 && m.captures[i].length != openCapture {
		i--
	}
	if i < 0 {
		m.fail("invalid pattern capture")
	}
	m.captures[i].length = s - m.captures[i].start
	found := m.match(s, p)
	if found < 0 {
		m.captures[i].length = openCapture
	}
	return found
}

// value returns capture i of a match from start to end; the whole match if there are no captures.
func (m *matcher) value(i, start, end int) lua.LValue {
	if i >= m.level {
		if i != 0 {
			m.fail("invalid capture index")
		}
		return lua.LString(m.src[start:end])
	}
	c := m.captures[i]
	switch c.length {
	case openCapture:
		m.fail("unfinished capture")
	case positionMark:
		return lua.LNumber(c.start + 1)
	}
	return lua.LString(m.src[c.start : c.start+c.length])
}

// push pushes the captures, or the whole match if there are none and whole is set.
func (m *matcher) push(start, end int, whole bool) int {
	n := m.level
	if n == 0 && whole {
		n = 1
	}
	for i := range n {
		m.L.Push(m.value(i, start, end))
	}
	return n
}

// newMatcher splits off a pattern's anchor.
func (in *Interpreter) newMatcher(L *lua.LState, src, pat string) (m *matcher, anchored bool) {
	anchored = strings.HasPrefix(pat, "^")
	return &matcher{in: in, L: L, src: src, pat: strings.TrimPrefix(pat, "^")}, anchored
}

// find looks for the next match from at on.
func (m *matcher) find(at int, anchored bool) (start, end int) {
	for start = at; start <= len(m.src); start++ {
		m.level, m.depth = 0, 0
		m.tick()
		if end = m.match(start, 0); end >= 0 || anchored {
			return start, end
		}
	}
	return start, -1
}

func (in *Interpreter) stringFind(L *lua.LState) int  { return in.search(L, true) }
func (in *Interpreter) stringMatch(L *lua.LState) int { return in.search(L, false) }

func (in *Interpreter) search(L *lua.LState, find bool) int {
	src, pat := in.checkText(L, 1), in.checkText(L, 2)
	at := max(fromEnd(in.optInt(L, 3, 1), len(src))-1, 0)
	at = min(at, len(src))
	if find && (lua.LVAsBool(L.Get(4)) || strings.IndexAny(pat, "^$*+?.([%-") < 0) {
		i := strings.Index(src[at:], pat)
		if i < 0 {
			L.Push(lua.LNil)
			return 1
		}
		L.Push(lua.LNumber(at + i + 1))
		L.Push(lua.LNumber(at + i + len(pat)))
		return 2
	}
	m, anchored := in.newMatcher(L, src, pat)
	start, end := m.find(at, anchored)
	if end < 0 {
		L.Push(lua.LNil)
		return 1
	}
	if !find {
		return m.push(start, end, true)
	}
	L.Push(lua.LNumber(start + 1))
	L.Push(lua.LNumber(end))
	return 2 + m.push(start, end, false)
}

func (in *Interpreter) stringGmatch(L *lua.LState) int {
	src, pat := in.checkText(L, 1), in.checkText(L, 2)
	at := 0
	L.Push(L.NewFunction(func(L *lua.LState) int {
		m := &matcher{in: in, L: L, src: src, pat: pat}
		start, end := m.find(at, false)
		if end < 0 {
			at = len(src) + 1
			return 0
		}
		if at = end; end == start {
			at++
		}
		return m.push(start, end, true)
	}))
	return 1
}

func (in *Interpreter) stringGsub(L *lua.LState) int {
	src, pat := in.checkText(L, 1), in.checkText(L, 2)
	most := in.optInt(L, 4, len(src)+1)
	switch L.Get(3).Type() {
	case lua.LTNumber, lua.LTString, lua.LTFunction, lua.LTTable:
	default:
		in.argument(L, 3, "string/function/table expected")
	}
	m, anchored := in.newMatcher(L, src, pat)
	var out strings.Builder
	at, n := 0, 0
	for n < most {
		m.level, m.depth = 0, 0
		m.tick()
		end := m.match(at, 0)
		if end >= 0 {
			n++
			m.replace(&out, at, end)
		}
		if end > at {
			at = end
		} else if at < len(src) {
			out.WriteByte(src[at])
			at++
		} else {
			at++
			break
		}
		if anchored {
			break
		}
		if out.Len() > stringMost {
			memoryError(L)
		}
	}
	if at < len(src) {
		out.WriteString(src[at:])
	}
	L.Push(lua.LString(out.String()))
	L.Push(lua.LNumber(n))
	return 2
}

// replace writes what stands for a match.
func (m *matcher) replace(out *strings.Builder, start, end int) {
	var value lua.LValue
	switch by := m.L.Get(3).(type) {
	case *lua.LFunction:
		m.L.Push(by)
		n := m.push(start, end, true)
		m.L.Call(n, 1)
		value = m.L.Get(-1)
		m.L.Pop(1)
	case *lua.LTable:
		value = m.L.GetTable(by, m.value(0, start, end))
	default:
		s, _ := text(by)
		m.expand(out, s, start, end)
		return
	}
	if lua.LVIsFalse(value) {
		out.WriteString(m.src[start:end])
		return
	}
	s, ok := text(value)
	if !ok {
		m.fail("invalid replacement value (a " + value.Type().String() + ")")
	}
	out.WriteString(s)
}

// expand writes a replacement text, with captures in the place of %1.
func (m *matcher) expand(out *strings.Builder, by string, start, end int) {
	for i := 0; i < len(by); i++ {
		if by[i] != '%' {
			out.WriteByte(by[i])
			continue
		}
		i++
		switch {
		case i == len(by):
			out.WriteByte(0)
		case !isDigit(by[i]):
			out.WriteByte(by[i])
		case by[i] == '0':
			out.WriteString(m.src[start:end])
		default:
			s, _ := text(m.value(int(by[i]-'1'), start, end))
			out.WriteString(s)
		}
	}
}
