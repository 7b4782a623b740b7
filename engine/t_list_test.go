package engine

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"riffle/engine/listpack"
	"riffle/engine/rdb"
)

func newTestList(limit listLimit) *List {
	l := makeList().(*List)
	l.Unpack(0, nil)
	l.limit = limit
	return l
}

// addTo does what RPUSH or LPUSH does.
func addTo(l *List, front bool, elements ...string) {
	for _, s := range elements {
		l.prepare([]byte(s))
		l.push([]byte(s), front)
	}
}

func elementsOf(l *List) []string {
	out := []string{}
	l.Each(func(element []byte) bool {
		out = append(out, string(element))
		return true
	})
	return out
}

// checkList compares a list with a model, walks it both ways and counts what it says of itself.
func checkList(t *testing.T, l *List, model []string) {
	t.Helper()
	require.Equal(t, model, elementsOf(l))
	require.Equal(t, len(model), l.Len())
	back := []string{}
	var scratch [20]byte
	for p := l.seek(-1); p.valid(); p = l.previous(p) {
		back = append(back, string(l.text(p, &scratch)))
	}
	for i, s := range back {
		if model[len(model)-1-i] != s {
			require.Equal(t, model[len(model)-1-i], s)
		}
	}
	require.Len(t, back, len(model))
	held, count := int64(0), 0
	for i := range l.nodes {
		n := l.node(i)
		held += int64(cap(n.block))
		count += n.count
		if n.plain {
			require.Equal(t, 1, n.count)
			continue
		}
		require.True(t, listpack.Valid(l.lp(n)))
		require.Equal(t, n.count, listpack.Len(l.lp(n)))
		require.True(t, n.count > 0 || !l.large, "a large list has no empty nodes")
	}
	require.Equal(t, len(model), count)
	if l.large {
		require.Equal(t, l.held, held)
	} else {
		require.Equal(t, 1, l.nodes)
	}
}

func TestListEncodings(t *testing.T) {
	l := newTestList(-2)
	addTo(l, false, strings.Repeat("x", 8000))
	assert.Equal(t, "listpack", l.Encoding())
	addTo(l, false, strings.Repeat("y", 178))
	assert.Equal(t, "listpack", l.Encoding(), "8014 + 178 bytes are within 8192")
	addTo(l, false, "")
	assert.Equal(t, "quicklist", l.Encoding(), "the listpack itself has 8196 bytes now")
	l.drop(1, false)
	assert.Equal(t, "quicklist", l.Encoding(), "shrinking back needs to leave half free")
	l.drop(1, true)
	assert.Equal(t, "listpack", l.Encoding())

	counted := newTestList(4)
	addTo(counted, false, "a", "b", "c", "d")
	assert.Equal(t, "listpack", counted.Encoding())
	addTo(counted, true, "e")
	assert.Equal(t, "quicklist", counted.Encoding())
	assert.Equal(t, 2, counted.nodes)
	counted.drop(2, true)
	assert.Equal(t, "quicklist", counted.Encoding())
	counted.drop(1, true)
	assert.Equal(t, "listpack", counted.Encoding())
}

func TestLongElementsHaveNodesOfTheirOwn(t *testing.T) {
	long := strings.Repeat("long", 3000)
	l := newTestList(-2)
	addTo(l, false, "a", "b", long, "c")
	require.Equal(t, 3, l.nodes)
	assert.True(t, l.node(1).plain)
	checkList(t, l, []string{"a", "b", long, "c"})
	l.replaceAt(2, []byte("short"))
	checkList(t, l, []string{"a", "b", "short", "c"})
	l.replaceAt(0, []byte(long))
	checkList(t, l, []string{long, "b", "short", "c"})
	l.insert(2, []byte(long))
	checkList(t, l, []string{long, "b", long, "short", "c"})
}

// FuzzList runs a script of edits against a slice of strings, under limits that make short lists large.
func FuzzList(f *testing.F) {
	f.Add(int8(3), []byte("\x00\x01a\x01\x02bb\x02\x033333\x03\x01xyz\x04\x02\x05\x01\x06\x01a\x07\x00"))
	f.Add(int8(-2), bytes.Repeat([]byte("\x00\xffa\x01\xffb\x02\x05c\x03\x07d\x06\x01a\x04\x01\x05\x03\x08"), 9))
	f.Add(int8(1), bytes.Repeat([]byte("\x01\x09q\x02\x039\x03\x02zz\x06\x81q"), 7))
	f.Add(int8(-1), bytes.Repeat([]byte("\x00\xfe7\x02\xfd8\x08\x10q\x05\x01\x03\xfcx"), 20))
	f.Fuzz(func(t *testing.T, limit int8, script []byte) {
		l, model := newTestList(listLimit(max(-5, min(limit, 20)))), []string{}
		for step := 0; len(script) >= 3 && step < 60; step++ {
			model = editList(l, model, script[0]%9, int(script[1]), string(script[2:3]))
			script = script[3:]
			if step%8 == 0 {
				checkList(t, l, model)
			}
		}
		checkList(t, l, model)
		copied := newTestList(l.limit)
		if l.Empty() {
			return
		}
		body, rdbType := l.Save(nil)
		require.NoError(t, copied.Load(rdb.NewReader(body), rdbType))
		checkList(t, copied, model)
	})
}

// editList applies one step to both. Large n make long or many elements.
func editList(l *List, model []string, op byte, n int, s string) []string {
	element := strings.Repeat(s, max(1, n*n/5))
	front := op%2 == 0
	i := 0
	if len(model) > 0 {
		i = n % len(model)
	}
	switch {
	case op < 2 || len(model) == 0:
		addTo(l, front, element, s)
		if front {
			return append([]string{s, element}, model...)
		}
		return append(model, element, s)
	case op == 2:
		l.replaceAt(i, []byte(element))
		model[i] = element
	case op == 3:
		l.prepare([]byte(element))
		l.insert(i, []byte(element))
		return append(model[:i:i], append([]string{element}, model[i:]...)...)
	case op < 6:
		l.drop(i+1, front)
		if front {
			return model[i+1:]
		}
		return model[:len(model)-i-1]
	case op == 6:
		l.removeEqual([]byte(s), int64(int8(n)))
		return removeFrom(model, s, int(int8(n)))
	case op == 7:
		l.replaceAt(i-len(model), []byte(s))
		model[i] = s
	default:
		for j := range n {
			addTo(l, false, fmt.Sprint(j*j*j))
			model = append(model, fmt.Sprint(j*j*j))
		}
	}
	return model
}

// removeFrom is LREM on a slice.
func removeFrom(model []string, s string, count int) []string {
	reverse := func(in []string) []string {
		out := []string{}
		for i := len(in) - 1; i >= 0; i-- {
			out = append(out, in[i])
		}
		return out
	}
	if count < 0 {
		return reverse(removeFrom(reverse(model), s, -count))
	}
	out, removed := []string{}, 0
	for _, element := range model {
		if element == s && (count == 0 || removed < count) {
			removed++
			continue
		}
		out = append(out, element)
	}
	return out
}

// Removing from the middle leaves no crumbs: nodes that fit together are joined.
func TestRemovingJoinsNodes(t *testing.T) {
	l := newTestList(-1)
	for i := range 20000 {
		addTo(l, false, "crumb", fmt.Sprint(i))
	}
	before := l.nodes
	require.EqualValues(t, 20000, l.removeEqual([]byte("crumb"), 0))
	assert.Less(t, l.nodes, before*2/3)
	assert.Less(t, l.Size(), int64(20000*9))
	assert.EqualValues(t, "0", elementsOf(l)[0])
	assert.Len(t, elementsOf(l), 20000)
}

func TestListMemory(t *testing.T) {
	for _, front := range []bool{false, true} {
		l := newTestList(-2)
		for i := range 100000 {
			addTo(l, front, fmt.Sprintf("element:%08d", i))
		}
		assert.Less(t, l.Size()/100000, int64(19), "16 bytes of text, 2 of listpack")
		l.drop(99999, !front)
		assert.Equal(t, "listpack", l.Encoding())
	}
}

func TestListLoadsOldEncodings(t *testing.T) {
	ziplist := "\x10\x00\x00\x00\x0d\x00\x00\x00\x02\x00\x00\x01a\x03\xf8\xff"
	tests := map[byte]string{
		rdb.TypeList:          "\x02\x01a\x017",
		rdb.TypeListZiplist:   string(rdb.AppendString(nil, []byte(ziplist), false)),
		rdb.TypeListQuicklist: string(rdb.AppendString(rdb.AppendLen(nil, 1), []byte(ziplist), false)),
	}
	for rdbType, body := range tests {
		l := newTestList(-2)
		require.NoError(t, l.Load(rdb.NewReader([]byte(body)), rdbType), rdbType)
		checkList(t, l, []string{"a", "7"})
		assert.Equal(t, "listpack", l.Encoding())
	}
}

// FuzzListLoad hands hostile bytes to Load and uses what it accepts.
func FuzzListLoad(f *testing.F) {
	for _, limit := range []listLimit{-2, 2} {
		l := newTestList(limit)
		addTo(l, false, "a", "12", "-70000", "ccc", strings.Repeat("d", 9000))
		body, rdbType := l.Save(nil)
		f.Add(rdbType, body)
	}
	f.Add(rdb.TypeListQuicklist2, []byte("\x01\x01\x00"))
	f.Add(rdb.TypeListQuicklist2, []byte("\x01\x03\x00"))
	f.Add(rdb.TypeListQuicklist2, []byte("\x01\x02\x07\x07\x00\x00\x00\x00\x00\xff"))
	f.Add(rdb.TypeList, []byte("\x81\xff\xff\xff\xff\xff\xff\xff\xff\x01a"))
	f.Add(rdb.TypeListZiplist, []byte("\x0b\x0b\x00\x00\x00\x0a\x00\x00\x00\x00\x00\xff"))
	f.Add(rdb.TypeListQuicklist, []byte("\x02\x00\x00"))
	f.Fuzz(func(t *testing.T, rdbType byte, body []byte) {
		switch rdbType {
		case rdb.TypeList, rdb.TypeListZiplist, rdb.TypeListQuicklist, rdb.TypeListQuicklist2:
		default:
			return
		}
		l := newTestList(-2)
		if l.Load(rdb.NewReader(body), rdbType) != nil || l.Empty() {
			return
		}
		model := elementsOf(l)
		checkList(t, l, model)
		again, savedType := l.Save(nil)
		copied := newTestList(-2)
		require.NoError(t, copied.Load(rdb.NewReader(again), savedType))
		checkList(t, copied, model)
		addTo(l, true, "x")
		addTo(l, false, "y")
		l.drop(1, true)
		checkList(t, l, append(model, "y"))
	})
}

// A move that waited in vain gets a null array, though what it asked for is a bulk string.
func TestMoveThatWaitedInVain(t *testing.T) {
	b := newBench(t)
	c := b.open()
	for _, request := range []string{"BLMOVE a b LEFT LEFT 0.1", "BRPOPLPUSH a b 0.1", "BLPOP a 0.1"} {
		require.Empty(t, b.send(c, request))
		b.now += 100_000
		b.Tick(b.now)
		assert.Equal(t, "*-1\r\n", b.read(c), request)
	}
}

// benchmarkCommand measures a request from the bytes fed to the bytes replied.
func benchmarkCommand(b *testing.B, request string) {
	e := New(Config{Seed: 1})
	c := e.Open(0, Peer{})
	for i := range 200000 {
		e.Feed(0, c, fmt.Appendf(nil, "RPUSH list element:%d\r\nSADD set member:%d\r\n", i, i))
		c.Sent(len(c.Out()))
	}
	pipeline := bytes.Repeat([]byte(request), 16)
	for b.Loop() {
		e.Feed(0, c, pipeline)
		c.Sent(len(c.Out()))
		e.Ready()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(16*b.N), "ns/request")
}

func BenchmarkCommandLPUSH(b *testing.B) {
	benchmarkCommand(b, "*3\r\n$5\r\nLPUSH\r\n$4\r\nlist\r\n$14\r\nelement:123456\r\n")
}

func BenchmarkCommandRPOP(b *testing.B) {
	benchmarkCommand(b, "*3\r\n$5\r\nLPUSH\r\n$4\r\nlist\r\n$3\r\nabc\r\n*2\r\n$4\r\nRPOP\r\n$4\r\nlist\r\n")
}

func BenchmarkCommandLPOP(b *testing.B) {
	benchmarkCommand(b, "*3\r\n$5\r\nRPUSH\r\n$4\r\nlist\r\n$3\r\nabc\r\n*2\r\n$4\r\nLPOP\r\n$4\r\nlist\r\n")
}

func BenchmarkCommandLRANGE100(b *testing.B) {
	benchmarkCommand(b, "*4\r\n$6\r\nLRANGE\r\n$4\r\nlist\r\n$1\r\n0\r\n$2\r\n99\r\n")
}

func BenchmarkCommandSADDThenSPOP(b *testing.B) {
	benchmarkCommand(b, "*3\r\n$4\r\nSADD\r\n$3\r\nset\r\n$3\r\nabc\r\n*2\r\n$4\r\nSPOP\r\n$3\r\nset\r\n")
}

func benchmarkList(b *testing.B, use func(l *List, element []byte)) {
	l := newTestList(-2)
	for i := range 100000 {
		addTo(l, false, fmt.Sprint("element:", i))
	}
	element := []byte("element:123456")
	b.ReportAllocs()
	for b.Loop() {
		use(l, element)
	}
}

func BenchmarkListLeftPush(b *testing.B) {
	benchmarkList(b, func(l *List, element []byte) { l.push(element, true) })
}

func BenchmarkListRightPush(b *testing.B) {
	benchmarkList(b, func(l *List, element []byte) { l.push(element, false) })
}

// BenchmarkListQueue pushes at one end and pops at the other.
func BenchmarkListQueue(b *testing.B) {
	benchmarkList(b, func(l *List, element []byte) {
		l.push(element, false)
		l.drop(1, true)
	})
}

func BenchmarkListRange100(b *testing.B) {
	reply := Reply{proto: 2}
	benchmarkList(b, func(l *List, _ []byte) {
		reply.buf = reply.buf[:0]
		l.reply(&reply, 0, 100, false)
	})
}
