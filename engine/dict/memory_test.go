//go:build !torture

// Sizes and hosted pages are as users find them, not as the tag torture makes them.

package dict

import (
	"bytes"
	"math/rand"
	"runtime"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBytesPerEntry(t *testing.T) {
	for _, c := range []struct {
		what        string
		entries     int
		key, value  int
		bytesAtMost float64
	}{
		{"strings", 1_000_000, 12, 16, 50},
		{"sets", 300_000, 12, 0, 34},
		{"sorted sets", 300_000, 12, 8, 42},
		{"hashes", 1000, 8, 20, 62},
		{"strings, a thousand", 1000, 12, 16, 65},
		{"strings, just split", 480_000, 12, 16, 50},
	} {
		d := New(1)
		k := make([]byte, c.key)
		for i := range c.entries {
			copy(k, strconv.Itoa(i*7919%c.entries))
			d.Insert(k, 0, c.value)
		}
		each := float64(d.Size()) / float64(c.entries)
		t.Logf("%s: %.1f bytes an entry", c.what, each)
		assert.Less(t, each, c.bytesAtMost, c.what)
	}
}

// At no size on the way may the index be much worse than at the sizes above.
func TestBytesPerEntryWhileGrowing(t *testing.T) {
	d := New(1)
	worst := 0.0
	for i := range 400_000 {
		d.Insert(key(i), 0, 16)
		if i > 20_000 && i%1000 == 0 {
			worst = max(worst, float64(d.Size())/float64(i))
		}
	}
	assert.Less(t, worst, 54.0)
}

func TestSizeIsWhatTheHeapHolds(t *testing.T) {
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	for _, c := range []struct{ dicts, entries, value int }{
		{2000, 0, 0}, {2000, 3, 20}, {1, 200_000, 16}, {1, 200, 70_000},
	} {
		before := heap()
		dicts := make([]*Dict, c.dicts)
		size := int64(8 * c.dicts)
		for i := range dicts {
			dicts[i] = New(uint64(i))
			for j := range c.entries {
				dicts[i].Insert(key(j), 0, c.value)
			}
			size += dicts[i].Size()
		}
		held := heap() - before
		t.Logf("%+v: %d bytes each by Size, %d by the heap", c, size/int64(c.dicts), held/int64(c.dicts))
		assert.InEpsilon(t, held, size, 0.06, c)
		runtime.KeepAlive(dicts)
	}
}

func TestSmallDictsAreSmall(t *testing.T) {
	d := New(1)
	assert.Less(t, d.Size(), int64(200))
	for i := range 3 {
		d.Insert(key(i), 0, 100)
	}
	assert.Less(t, d.Size(), int64(1300))
}

func TestGrowingByAppending(t *testing.T) {
	d := New(1)
	r := d.Insert([]byte("log"), 7, 0)
	moves, copied := 0, 0
	const total = 3_000_000
	want := make([]byte, total)
	rand.New(rand.NewSource(1)).Read(want)
	for n := 0; n < total; {
		chunk := min(1+n%97, total-n)
		moved := d.Resize(r, n+chunk)
		if moved != r {
			moves++
			copied += n
		}
		r = moved
		n += copy(d.Value(r)[n:], want[n:n+chunk])
	}
	assert.True(t, bytes.Equal(want, d.Value(d.Find([]byte("log")))))
	assert.Equal(t, uint32(7), d.Meta(r))
	assert.Less(t, moves, 150)
	assert.Less(t, copied, 12*total, "appending must take linear time")
	assert.Less(t, d.Size(), int64(total*5/4))
	r = d.Resize(r, 10)
	assert.Equal(t, want[:10], d.Value(r))
	assert.Less(t, d.Size(), int64(2000))
}

func TestAppendWithinTheBlock(t *testing.T) {
	d := New(1)
	r := d.Insert(bytes.Repeat([]byte("k"), 140), 0, 120) // in a class with room
	value := d.Value(r)
	copy(value, bytes.Repeat([]byte("x"), 120))
	require.Greater(t, cap(value), 128)
	value = append(value, "0123456789"...) // the length's varint grows with this, so the value shifts
	require.Equal(t, r, d.Resize(r, len(value)))
	assert.Equal(t, string(bytes.Repeat([]byte("x"), 120))+"0123456789", string(d.Value(r)))
	require.Equal(t, r, d.Resize(r, 100))
	assert.Equal(t, bytes.Repeat([]byte("x"), 100), d.Value(r))
}

func TestEveryClassHoldsItsSizes(t *testing.T) {
	last := -1
	for n := 1; n <= maxClassBytes; n++ {
		number, size := classOf(n)
		require.GreaterOrEqual(t, size, n)
		require.LessOrEqual(t, size-n, max(8, n/3), n)
		require.True(t, number == last || number == last+1, n)
		same, whole := classOf(size)
		require.Equal(t, [2]int{number, size}, [2]int{same, whole})
		last = number
	}
	assert.Less(t, last, ownPage)
}

func TestKeysAndValuesOfEveryLength(t *testing.T) {
	d := New(1)
	lengths := []int{0, 1, 2, 127, 128, 129, 4090, 16383, 16384, 16385, 65530, 65536, 70000, 3_000_000}
	for _, k := range lengths {
		for _, v := range lengths {
			if k > 70000 && v > 70000 || k == 0 && v != 16384 {
				continue
			}
			name := bytes.Repeat([]byte{byte(v), byte(v >> 8), byte(v >> 16)}, k/3+1)[:k]
			if d.Find(name) != 0 {
				continue
			}
			r := d.Insert(name, uint32(v), v)
			require.Equal(t, r, d.Find(name))
			require.Len(t, d.Value(r), v)
			require.Equal(t, name, d.Key(r))
		}
	}
	check(t, d)
	for it := d.Iter(); ; {
		r := it.Next()
		if r == 0 {
			break
		}
		assert.Equal(t, uint32(len(d.Value(r))), d.Meta(r))
		d.Remove(r)
	}
	assert.Equal(t, New(1).Size(), d.Size())
}

func TestCompactGivesPagesBack(t *testing.T) {
	rnd := rand.New(rand.NewSource(2))
	m := newModel(t, New(3))
	for i := range 40_000 {
		m.insert(string(key(i)), string(key(rnd.Int())), uint32(i))
	}
	for len(m.keys) > 8000 {
		m.remove(rnd.Intn(len(m.keys)))
	}
	before := m.dict.Size()
	steps := 0
	for !m.compact(100) {
		steps++
		require.Less(t, steps, 2000)
	}
	m.agree()
	assert.Greater(t, steps, 20, "the budget bounds a step")
	assert.Less(t, m.dict.Size(), before*2/5)
	assert.Less(t, float64(m.dict.Size())/8000, 70.0)
	assert.True(t, m.compact(1<<30))
}

func TestFull(t *testing.T) {
	d := New(1)
	r := d.Insert([]byte("key"), 0, 0)
	assert.False(t, d.Full())
	d.pages = append(d.pages, make([]page, pagesMax-pagesReserved)...)
	assert.True(t, d.Full())
	d.Insert([]byte("large"), 0, 100_000)
	for range 500 { // give numbers back
		d.vacate(uint32(len(d.pages)) - 2 - d.vacancies)
	}
	assert.False(t, d.Full(), "numbers that were given back count as free")
	assert.Equal(t, "key", string(d.Key(r)))
}

func TestHostPages(t *testing.T) {
	out := map[*byte]bool{}
	pages := Pages{
		Get: func() []byte {
			page := bytes.Repeat([]byte{0xa5}, PageSize)
			out[&page[0]] = true
			return page
		},
		Put: func(page []byte) {
			require.True(t, out[&page[0]], "only pages that came from Get go back")
			delete(out, &page[0])
		},
	}
	m := newModel(t, NewIn(&pages, 1))
	m.insert("huge", string(make([]byte, PageSize-20)), 0)
	for i := range 20_000 {
		m.insert(string(key(i)), string(key(i)), 0)
	}
	m.agree()
	assert.Greater(t, len(out), 5)
	for len(m.keys) > 0 {
		m.remove(0)
	}
	assert.Empty(t, out)
	d := NewIn(&pages, 2)
	for i := range 20_000 {
		d.Insert(key(i), 0, 0)
	}
	held := len(out)
	assert.False(t, d.Discard(1))
	assert.Len(t, out, held-1)
	assert.True(t, d.Discard(1000))
	assert.Empty(t, out)
}

// Entries whose hashes agree in all the bits that tell segments apart must not double the directory
// without end.
func TestCollidingKeys(t *testing.T) {
	d := tiny(1)
	var keys [][]byte
	for i := 0; len(keys) < 300; i++ {
		if k := key(i); d.Hash(k)>>52 == 0x5a5 {
			keys = append(keys, k)
			d.Insert(k, 0, 0)
		}
	}
	check(t, d)
	assert.Less(t, len(d.directory), 1024)
	for _, k := range keys {
		require.NotZero(t, d.Find(k))
	}
	visits := scanAll(t, d, func(uint64) {})
	assert.Len(t, visits, 300)
	for _, k := range keys {
		d.Remove(d.Find(k))
	}
	assert.Equal(t, New(1).Size(), d.Size())
}

func TestRemovingAForeignRefPanics(t *testing.T) {
	d := New(1)
	r := d.Insert([]byte("key"), 0, 0)
	copy(d.Key(r), "kez")
	assert.Panics(t, func() { d.Remove(r) })
}
