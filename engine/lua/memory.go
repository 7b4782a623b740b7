package lua

import "github.com/yuin/gopher-lua"

// measure adds up the memory of all that a script can reach, in the sizes that Lua's own structures have: Go does not
// tell what belongs to whom.
type measure struct {
	L     *lua.LState
	seen  map[lua.LValue]bool
	todo  []lua.LValue
	bytes int
}

// Sizes in bytes.
const (
	tableSize    = 64
	nodeSize     = 40
	stringSize   = 25
	functionSize = 40
	threadSize   = 1200
)

// memory is what collectgarbage("count") counts, in bytes.
func (in *Interpreter) memory(L *lua.LState) int {
	m := measure{L: L, seen: map[lua.LValue]bool{}}
	m.reach(in.scriptEnv)
	m.reach(in.sharedEnv)
	for level := 0; ; level++ {
		frame, ok := L.GetStack(level)
		if !ok {
			break
		}
		for i := 1; ; i++ {
			name, v := L.GetLocal(frame, i)
			if name == "" {
				break
			}
			m.reach(v)
		}
	}
	for len(m.todo) > 0 {
		v := m.todo[len(m.todo)-1]
		m.todo = m.todo[:len(m.todo)-1]
		m.add(v)
	}
	return m.bytes
}

func (m *measure) reach(v lua.LValue) {
	switch v.Type() {
	case lua.LTString, lua.LTTable, lua.LTFunction, lua.LTThread:
		if !m.seen[v] {
			m.seen[v] = true
			m.todo = append(m.todo, v)
		}
	}
}

func (m *measure) add(v lua.LValue) {
	switch x := v.(type) {
	case lua.LString:
		m.bytes += stringSize + len(x)
	case *lua.LTable:
		m.bytes += tableSize
		m.reach(x.Metatable)
		for k, v := x.Next(lua.LNil); k != lua.LNil; k, v = x.Next(k) {
			m.bytes += nodeSize
			m.reach(k)
			m.reach(v)
		}
	case *lua.LFunction:
		m.bytes += functionSize
		if x.Proto != nil {
			m.bytes += 4 * len(x.Proto.Code)
		}
		for i := range x.Upvalues {
			_, v := m.L.GetUpvalue(x, i+1)
			m.reach(v)
		}
	case *lua.LState:
		m.bytes += threadSize
	}
}
