package lua

import (
	"encoding/binary"
	"math"
	"strconv"

	"github.com/yuin/gopher-lua"
)

// The library cmsgpack is Salvatore Sanfilippo's lua-cmsgpack 0.4.0.

const packLevels = 16 // tables nested deeper are packed as nil

func (in *Interpreter) openMessagePack() *lua.LTable {
	t := in.module("cmsgpack", []named{
		{"pack", in.pack}, {"unpack", func(L *lua.LState) int { return in.unpackMessages(L, 0, 0) }},
		{"unpack_limit", in.unpackLimit}, {"unpack_one", in.unpackOne},
	})
	t.RawSetString("_NAME", lua.LString("cmsgpack"))
	t.RawSetString("_VERSION", lua.LString("lua-cmsgpack 0.4.0"))
	t.RawSetString("_COPYRIGHT", lua.LString("Copyright (C) 2012, Salvatore Sanfilippo"))
	t.RawSetString("_DESCRIPTION", lua.LString("MessagePack C implementation for Lua"))
	return t
}

func (in *Interpreter) pack(L *lua.LState) int {
	n := L.GetTop()
	if n == 0 {
		in.argument(L, 0, "MessagePack pack needs input.")
	}
	var out []byte
	for i := 1; i <= n; i++ {
		out = in.appendPacked(L, out, L.Get(i), 0)
	}
	L.Push(lua.LString(out))
	return 1
}

func (in *Interpreter) appendPacked(L *lua.LState, out []byte, v lua.LValue, level int) []byte {
	if len(out) > stringMost {
		memoryError(L)
	}
	switch x := v.(type) {
	case lua.LString:
		return append(appendTextHead(out, len(x)), x...)
	case lua.LBool:
		if x {
			return append(out, 0xc3)
		}
		return append(out, 0xc2)
	case lua.LNumber:
		return appendPackedNumber(out, float64(x))
	case *lua.LTable:
		if level == packLevels {
			return append(out, 0xc0)
		}
		if n := packedLength(x); n >= 0 {
			out = appendHead(out, n, 0x90, 0xdc)
			for i := 1; i <= n; i++ {
				out = in.appendPacked(L, out, x.RawGetInt(i), level+1)
			}
			return out
		}
		n := 0
		for k, _ := x.Next(lua.LNil); k != lua.LNil; k, _ = x.Next(k) {
			n++
		}
		out = appendHead(out, n, 0x80, 0xde)
		for k, v := x.Next(lua.LNil); k != lua.LNil; k, v = x.Next(k) {
			out = in.appendPacked(L, out, k, level+1)
			out = in.appendPacked(L, out, v, level+1)
		}
		return out
	}
	return append(out, 0xc0)
}

// packedLength returns how long a table is as an array, -1 if it is a map.
func packedLength(t *lua.LTable) int {
	most, count := 0, 0
	for k, _ := t.Next(lua.LNil); k != lua.LNil; k, _ = t.Next(k) {
		n, ok := k.(lua.LNumber)
		if !ok || n <= 0 || n != lua.LNumber(math.Floor(float64(n))) || n > math.MaxInt32 {
			return -1
		}
		most = max(most, int(n))
		count++
	}
	if most != count {
		return -1
	}
	return most
}

func appendTextHead(out []byte, n int) []byte {
	switch {
	case n < 32:
		return append(out, 0xa0|byte(n))
	case n <= 0xff:
		return append(out, 0xd9, byte(n))
	case n <= 0xffff:
		return binary.BigEndian.AppendUint16(append(out, 0xda), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(out, 0xdb), uint32(n))
}

// appendHead begins an array or a map: short is its code with up to 15 elements, long that with 16 bits.
func appendHead(out []byte, n int, short, long byte) []byte {
	switch {
	case n < 16:
		return append(out, short|byte(n))
	case n <= 0xffff:
		return binary.BigEndian.AppendUint16(append(out, long), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(out, long+1), uint32(n))
}

func appendPackedNumber(out []byte, f float64) []byte {
	if f == math.Trunc(f) && f >= -9223372036854775808 && f < 9223372036854775808 {
		return appendPackedInt(out, int64(f))
	}
	if single := float32(f); float64(single) == f {
		return binary.BigEndian.AppendUint32(append(out, 0xca), math.Float32bits(single))
	}
	return binary.BigEndian.AppendUint64(append(out, 0xcb), math.Float64bits(asC(f)))
}

func appendPackedInt(out []byte, n int64) []byte {
	switch {
	case n >= 0 && n <= 127, n < 0 && n >= -32:
		return append(out, byte(n))
	case n >= 0 && n <= 0xff:
		return append(out, 0xcc, byte(n))
	case n >= 0 && n <= 0xffff:
		return binary.BigEndian.AppendUint16(append(out, 0xcd), uint16(n))
	case n >= 0 && n <= 0xffffffff:
		return binary.BigEndian.AppendUint32(append(out, 0xce), uint32(n))
	case n >= 0:
		return binary.BigEndian.AppendUint64(append(out, 0xcf), uint64(n))
	case n >= -128:
		return append(out, 0xd0, byte(n))
	case n >= -32768:
		return binary.BigEndian.AppendUint16(append(out, 0xd1), uint16(n))
	case n >= -2147483648:
		return binary.BigEndian.AppendUint32(append(out, 0xd2), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(out, 0xd3), uint64(n))
}

func (in *Interpreter) unpackOne(L *lua.LState) int {
	return in.unpackMessages(L, 1, in.optInt(L, 2, 0))
}

func (in *Interpreter) unpackLimit(L *lua.LState) int {
	limit := in.checkInt(L, 2)
	return in.unpackMessages(L, limit, in.optInt(L, 3, 0))
}

// unpackMessages unpacks limit values from offset on, or all if both are 0.
func (in *Interpreter) unpackMessages(L *lua.LState, limit, offset int) int {
	s := in.checkText(L, 1)
	all := limit == 0 && offset == 0
	if offset < 0 || limit < 0 {
		in.fail(L, "Invalid request to unpack with offset of "+strconv.Itoa(offset)+" and limit of "+
			strconv.Itoa(len(s))+".")
	}
	if offset > len(s) {
		in.fail(L, "Start offset "+strconv.Itoa(offset)+" greater than input length "+strconv.Itoa(len(s))+".")
	}
	if all {
		limit = math.MaxInt
	}
	u := unpacker{in: in, L: L, s: s[offset:]}
	count := 0
	L.SetTop(0)
	var values []lua.LValue
	for ; u.at < len(u.s) && count < limit; count++ {
		values = append(values, u.value(0))
		if len(values) >= unpackMost {
			in.fail(L, "stack overflow (too many return values at once; use unpack_one or unpack_limit instead.)")
		}
	}
	if !all {
		at := -1
		if u.at < len(u.s) {
			at = offset + u.at
		}
		L.Push(lua.LNumber(at))
	}
	for _, v := range values {
		L.Push(v)
	}
	return L.GetTop()
}

type unpacker struct {
	in *Interpreter
	L  *lua.LState
	s  string
	at int
}

func (u *unpacker) take(n int) string {
	if n < 0 || n > len(u.s)-u.at {
		u.in.fail(u.L, "Missing bytes in input.")
	}
	p := u.s[u.at : u.at+n]
	u.at += n
	return p
}

// uint reads a big-endian number of n bytes.
func (u *unpacker) uint(n int) (x uint64) {
	p := u.take(n)
	for i := range n {
		x = x<<8 | uint64(p[i])
	}
	return x
}

const unpackLevels = 10000

func (u *unpacker) value(level int) lua.LValue {
	if level > unpackLevels {
		u.in.fail(u.L, "Bad data format in input.")
	}
	code := u.take(1)[0]
	switch {
	case code < 0x80 || code >= 0xe0:
		return lua.LNumber(int8(code))
	case code < 0x90:
		return u.pairs(uint64(code&15), level)
	case code < 0xa0:
		return u.items(uint64(code&15), level)
	case code < 0xc0:
		return lua.LString(u.take(int(code & 31)))
	}
	switch code {
	case 0xc0:
		return lua.LNil
	case 0xc2, 0xc3:
		return lua.LBool(code == 0xc3)
	case 0xca:
		return lua.LNumber(math.Float32frombits(uint32(u.uint(4))))
	case 0xcb:
		return lua.LNumber(math.Float64frombits(u.uint(8)))
	case 0xcc, 0xcd, 0xce, 0xcf:
		return lua.LNumber(u.uint(1 << (code - 0xcc)))
	case 0xd0:
		return lua.LNumber(int8(u.uint(1)))
	case 0xd1:
		return lua.LNumber(int16(u.uint(2)))
	case 0xd2:
		return lua.LNumber(int32(u.uint(4)))
	case 0xd3:
		return lua.LNumber(int64(u.uint(8)))
	case 0xd9, 0xda, 0xdb:
		return lua.LString(u.take(int(u.uint(1 << (code - 0xd9)))))
	case 0xdc, 0xdd:
		return u.items(u.uint(2<<(code-0xdc)), level)
	case 0xde, 0xdf:
		return u.pairs(u.uint(2<<(code-0xde)), level)
	}
	u.in.fail(u.L, "Bad data format in input.")
	return nil
}

func (u *unpacker) items(n uint64, level int) lua.LValue {
	t := u.L.NewTable()
	for i := range n {
		t.RawSetInt(int(i)+1, u.value(level+1))
	}
	return t
}

func (u *unpacker) pairs(n uint64, level int) lua.LValue {
	t := u.L.NewTable()
	for range n {
		k := u.value(level + 1)
		v := u.value(level + 1)
		if f, ok := k.(lua.LNumber); k == lua.LNil || ok && f != f {
			u.in.fail(u.L, "table index is nil")
		}
		t.RawSet(k, v)
	}
	return t
}
