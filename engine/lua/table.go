package lua

import (
	"math"
	"strconv"
	"strings"

	"github.com/yuin/gopher-lua"
)

func (in *Interpreter) tableFunctions() []named {
	return []named{
		{"concat", in.tableConcat}, {"foreach", in.tableForEach}, {"foreachi", in.tableForEachIndex},
		{"getn", in.tableGetN}, {"insert", in.tableInsert}, {"maxn", in.tableMaxN}, {"remove", in.tableRemove},
		{"setn", in.tableSetN}, {"sort", in.tableSort},
	}
}

func (in *Interpreter) tableConcat(L *lua.LState) int {
	t := in.checkTable(L, 1)
	separator := ""
	if L.Get(2) != lua.LNil {
		separator = in.checkText(L, 2)
	}
	first := int(int32(in.optInt(L, 3, 1)))
	last := t.Len()
	if L.Get(4) != lua.LNil {
		last = in.checkShort(L, 4)
	}
	var out strings.Builder
	for i := first; i <= last; i++ {
		v := t.RawGetInt(i)
		s, ok := text(v)
		if !ok {
			in.fail(L, "invalid value ("+v.Type().String()+") at index "+strconv.Itoa(i)+" in table for 'concat'")
		}
		if out.Len()+len(s)+len(separator) > stringMost {
			memoryError(L)
		}
		out.WriteString(s)
		if i != last {
			out.WriteString(separator)
		}
	}
	L.Push(lua.LString(out.String()))
	return 1
}

// visit calls argument 2 with a key and a value; more is false if that returned something.
func (in *Interpreter) visit(L *lua.LState, key, value lua.LValue) (more bool) {
	L.Push(L.Get(2))
	L.Push(key)
	L.Push(value)
	L.Call(2, 1)
	if L.Get(-1) != lua.LNil {
		return false
	}
	L.Pop(1)
	return true
}

func (in *Interpreter) tableForEach(L *lua.LState) int {
	t := readable(in.checkTable(L, 1))
	in.checkFunction(L, 2)
	for k, v := t.Next(lua.LNil); k != lua.LNil; k, v = t.Next(k) {
		if !in.visit(L, k, v) {
			return 1
		}
	}
	return 0
}

func (in *Interpreter) tableForEachIndex(L *lua.LState) int {
	t := in.checkTable(L, 1)
	in.checkFunction(L, 2)
	for i, n := 1, t.Len(); i <= n; i++ {
		if !in.visit(L, lua.LNumber(i), t.RawGetInt(i)) {
			return 1
		}
	}
	return 0
}

func (in *Interpreter) tableGetN(L *lua.LState) int {
	L.Push(lua.LNumber(in.checkTable(L, 1).Len()))
	return 1
}

func (in *Interpreter) tableSetN(L *lua.LState) int {
	in.checkTable(L, 1)
	in.fail(L, "'setn' is obsolete")
	return 0
}

func (in *Interpreter) tableMaxN(L *lua.LState) int {
	t := in.checkTable(L, 1)
	most := lua.LNumber(0)
	for k, _ := t.Next(lua.LNil); k != lua.LNil; k, _ = t.Next(k) {
		if n, ok := k.(lua.LNumber); ok {
			most = max(most, n)
		}
	}
	L.Push(most)
	return 1
}

func (in *Interpreter) tableInsert(L *lua.LState) int {
	t := in.checkTable(L, 1)
	end := t.Len() + 1
	switch L.GetTop() {
	case 2:
		checkWritable(L, t)
		t.RawSetInt(end, L.Get(2))
	case 3:
		at := in.checkShort(L, 2)
		checkWritable(L, t)
		if at >= 1 && at < end {
			t.Insert(at, L.Get(3))
		} else {
			t.RawSet(lua.LNumber(at), L.Get(3))
		}
	default:
		in.fail(L, "wrong number of arguments to 'insert'")
	}
	return 0
}

func (in *Interpreter) tableRemove(L *lua.LState) int {
	t := in.checkTable(L, 1)
	n := t.Len()
	at := int(int32(in.optInt(L, 2, n)))
	if at < 1 || at > n {
		return 0
	}
	checkWritable(L, t)
	L.Push(t.Remove(at))
	return 1
}

// tableSort is PUC Lua's quicksort, so that calls of the comparison come in its order.
func (in *Interpreter) tableSort(L *lua.LState) int {
	t := in.checkTable(L, 1)
	s := sorter{in: in, L: L, t: t}
	if L.Get(2) != lua.LNil {
		s.less = in.checkFunction(L, 2)
	}
	s.sort(1, t.Len())
	return 0
}

type sorter struct {
	in   *Interpreter
	L    *lua.LState
	t    *lua.LTable
	less *lua.LFunction
}

func (s *sorter) get(i int) lua.LValue    { return s.t.RawGetInt(i) }
func (s *sorter) set(i int, v lua.LValue) { s.t.RawSetInt(i, v) }

func (s *sorter) swap(i, k int) {
	a, b := s.get(i), s.get(k)
	s.set(i, b)
	s.set(k, a)
}

func (s *sorter) before(a, b lua.LValue) bool {
	if s.less == nil {
		if x, ok := a.(lua.LString); ok {
			if y, ok := b.(lua.LString); ok {
				return x < y
			}
		}
		if x, ok := a.(lua.LNumber); ok {
			if y, ok := b.(lua.LNumber); ok {
				return x < y
			}
		}
		return s.compared(a, b)
	}
	s.L.Push(s.less)
	s.L.Push(a)
	s.L.Push(b)
	s.L.Call(2, 1)
	result := lua.LVAsBool(s.L.Get(-1))
	s.L.Pop(1)
	return result
}

// compared compares what only a metatable can.
func (s *sorter) compared(a, b lua.LValue) bool {
	if a.Type() == b.Type() && s.L.GetMetaField(a, "__lt") != lua.LNil {
		return s.L.LessThan(a, b)
	}
	words := "attempt to compare " + a.Type().String() + " with " + b.Type().String()
	if a.Type() == b.Type() {
		words = "attempt to compare two " + a.Type().String() + " values"
	}
	s.L.Error(lua.LString(words), 0)
	return false
}

func (s *sorter) sort(low, high int) {
	for low < high {
		if s.before(s.get(high), s.get(low)) {
			s.swap(low, high)
		}
		if high-low == 1 {
			return
		}
		middle := (low + high) / 2
		if s.before(s.get(middle), s.get(low)) {
			s.swap(middle, low)
		} else if s.before(s.get(high), s.get(middle)) {
			s.swap(middle, high)
		}
		if high-low == 2 {
			return
		}
		at := s.partition(low, high, middle)
		if at-low < high-at {
			s.sort(low, at-1)
			low = at + 1
		} else {
			s.sort(at+1, high)
			high = at - 1
		}
	}
}

// partition puts what is less than the pivot in front of it, and returns where that is.
func (s *sorter) partition(low, high, middle int) int {
	pivot := s.get(middle)
	s.swap(middle, high-1)
	i, k := low, high-1
	for {
		for i++; s.before(s.get(i), pivot); i++ {
			if i > high {
				s.in.fail(s.L, "invalid order function for sorting")
			}
		}
		for k--; s.before(pivot, s.get(k)); k-- {
			if k < low {
				s.in.fail(s.L, "invalid order function for sorting")
			}
		}
		if k < i {
			break
		}
		s.swap(i, k)
	}
	s.swap(high-1, i)
	return i
}

// random is the reference's own generator (that of drand48), so that scripts draw the same numbers.
type random struct{ x uint64 }

const (
	randomMost  = 1<<31 - 1
	randomStart = 0x1234abcd330e
)

func (r *random) seed(n int32) { r.x = uint64(uint32(n))<<16 | 0x330e }

func (r *random) next() int32 {
	r.x = (r.x*0x5deece66d + 0xb) & (1<<48 - 1)
	return int32(r.x >> 17)
}

func (in *Interpreter) addConstants(t *lua.LTable) {
	t.RawSetString("pi", lua.LNumber(math.Pi))
	t.RawSetString("huge", lua.LNumber(math.Inf(1)))
	t.RawSetString("mod", t.RawGetString("fmod"))
}

func (in *Interpreter) mathFunctions() []named {
	var list []named
	for _, f := range [...]struct {
		name string
		f    func(float64) float64
	}{
		{"abs", math.Abs}, {"acos", math.Acos}, {"asin", math.Asin}, {"atan", math.Atan}, {"ceil", math.Ceil},
		{"cos", math.Cos}, {"cosh", math.Cosh}, {"exp", math.Exp}, {"floor", math.Floor}, {"log", math.Log},
		{"log10", math.Log10}, {"sin", math.Sin}, {"sinh", math.Sinh}, {"sqrt", math.Sqrt}, {"tan", math.Tan},
		{"tanh", math.Tanh}, {"deg", func(x float64) float64 { return x / (math.Pi / 180) }},
		{"rad", func(x float64) float64 { return x * (math.Pi / 180) }},
	} {
		list = append(list, named{f.name, func(L *lua.LState) int {
			L.Push(lua.LNumber(f.f(in.checkNumber(L, 1))))
			return 1
		}})
	}
	for _, f := range [...]struct {
		name string
		f    func(x, y float64) float64
	}{{"atan2", math.Atan2}, {"fmod", math.Mod}, {"pow", math.Pow}} {
		list = append(list, named{f.name, func(L *lua.LState) int {
			L.Push(lua.LNumber(f.f(in.checkNumber(L, 1), in.checkNumber(L, 2))))
			return 1
		}})
	}
	return append(list, named{"frexp", in.mathFrexp}, named{"ldexp", in.mathLdexp}, named{"modf", in.mathModf},
		named{"max", in.mathMax}, named{"min", in.mathMin}, named{"random", in.mathRandom},
		named{"randomseed", in.mathRandomSeed})
}

func (in *Interpreter) mathFrexp(L *lua.LState) int {
	fraction, exponent := math.Frexp(in.checkNumber(L, 1))
	L.Push(lua.LNumber(fraction))
	L.Push(lua.LNumber(exponent))
	return 2
}

func (in *Interpreter) mathLdexp(L *lua.LState) int {
	L.Push(lua.LNumber(math.Ldexp(in.checkNumber(L, 1), int(int32(in.checkInt(L, 2))))))
	return 1
}

func (in *Interpreter) mathModf(L *lua.LState) int {
	x := in.checkNumber(L, 1)
	whole, fraction := math.Modf(x)
	if math.IsInf(x, 0) {
		whole, fraction = x, 0
	}
	L.Push(lua.LNumber(whole))
	L.Push(lua.LNumber(fraction))
	return 2
}

func (in *Interpreter) mathMax(L *lua.LState) int {
	most := in.checkNumber(L, 1)
	for i := 2; i <= L.GetTop(); i++ {
		if x := in.checkNumber(L, i); x > most {
			most = x
		}
	}
	L.Push(lua.LNumber(most))
	return 1
}

func (in *Interpreter) mathMin(L *lua.LState) int {
	least := in.checkNumber(L, 1)
	for i := 2; i <= L.GetTop(); i++ {
		if x := in.checkNumber(L, i); x < least {
			least = x
		}
	}
	L.Push(lua.LNumber(least))
	return 1
}

func (in *Interpreter) mathRandom(L *lua.LState) int {
	r := float64(in.random.next()%randomMost) / randomMost
	low, high := 1, 0
	switch L.GetTop() {
	case 0:
		L.Push(lua.LNumber(r))
		return 1
	case 1:
		high = in.checkShort(L, 1)
		if high < 1 {
			in.argument(L, 1, "interval is empty")
		}
	case 2:
		low, high = in.checkShort(L, 1), in.checkShort(L, 2)
		if low > high {
			in.argument(L, 2, "interval is empty")
		}
	default:
		in.fail(L, "wrong number of arguments")
	}
	L.Push(lua.LNumber(math.Floor(r*float64(high-low+1)) + float64(low)))
	return 1
}

func (in *Interpreter) mathRandomSeed(L *lua.LState) int {
	in.random.seed(int32(in.checkInt(L, 1)))
	return 0
}
