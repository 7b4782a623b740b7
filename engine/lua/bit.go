package lua

import (
	"math"
	"math/bits"

	"github.com/yuin/gopher-lua"
)

// The library bit is LuaBitOp: numbers are taken modulo 2^32 and come back signed.

func (in *Interpreter) bitFunctions() []named {
	return []named{
		{"arshift", in.shift(func(x uint32, n uint) uint32 { return uint32(int32(x) >> n) })},
		{"band", in.fold(func(x, y uint32) uint32 { return x & y })},
		{"bnot", func(L *lua.LState) int { return pushBits(L, ^in.bits(L, 1)) }},
		{"bor", in.fold(func(x, y uint32) uint32 { return x | y })},
		{"bswap", func(L *lua.LState) int { return pushBits(L, bits.ReverseBytes32(in.bits(L, 1))) }},
		{"bxor", in.fold(func(x, y uint32) uint32 { return x ^ y })},
		{"lshift", in.shift(func(x uint32, n uint) uint32 { return x << n })},
		{"rol", in.shift(func(x uint32, n uint) uint32 { return bits.RotateLeft32(x, int(n)) })},
		{"ror", in.shift(func(x uint32, n uint) uint32 { return bits.RotateLeft32(x, -int(n)) })},
		{"rshift", in.shift(func(x uint32, n uint) uint32 { return x >> n })},
		{"tobit", func(L *lua.LState) int { return pushBits(L, in.bits(L, 1)) }},
		{"tohex", in.toHex},
	}
}

// bits returns an argument's lowest 32 bits, rounded as the library's trick with 2^52 does.
func (in *Interpreter) bits(L *lua.LState, i int) uint32 {
	sum := in.checkNumber(L, i) + 6755399441055744.0
	return uint32(math.Float64bits(sum))
}

func pushBits(L *lua.LState, x uint32) int {
	L.Push(lua.LNumber(int32(x)))
	return 1
}

func (in *Interpreter) fold(f func(x, y uint32) uint32) lua.LGFunction {
	return func(L *lua.LState) int {
		x := in.bits(L, 1)
		for i := 2; i <= L.GetTop(); i++ {
			x = f(x, in.bits(L, i))
		}
		return pushBits(L, x)
	}
}

func (in *Interpreter) shift(f func(x uint32, n uint) uint32) lua.LGFunction {
	return func(L *lua.LState) int {
		x := in.bits(L, 1)
		return pushBits(L, f(x, uint(in.bits(L, 2)&31)))
	}
}

func (in *Interpreter) toHex(L *lua.LState) int {
	x := in.bits(L, 1)
	n := int32(8)
	if L.Get(2) != lua.LNil {
		n = int32(in.bits(L, 2))
	}
	digits := "0123456789abcdef"
	if n < 0 {
		n, digits = -n, "0123456789ABCDEF"
	}
	if n > 8 || n < 0 {
		n = 8
	}
	out := make([]byte, n)
	for i := int(n) - 1; i >= 0; i-- {
		out[i] = digits[x&15]
		x >>= 4
	}
	L.Push(lua.LString(out))
	return 1
}
