package dict

import (
	"math/rand"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// scanAll scans from the beginning, calling between after each step, and returns how often each key was
// visited.
func scanAll(t *testing.T, d *Dict, between func(cursor uint64)) map[string]int {
	visits := map[string]int{}
	for cursor, steps := uint64(0), 0; ; steps++ {
		require.Less(t, steps, 1_000_000, "a scan must end")
		next := d.Scan(cursor, func(r Ref) { visits[string(d.Key(r))]++ })
		if next == 0 {
			return visits
		}
		require.Greater(t, next, cursor)
		cursor = next
		between(cursor)
	}
}

func TestScanVisitsOnceWhileTheDictChanges(t *testing.T) {
	// From so many entries to so many, while the scan runs: growing, shrinking, both far.
	for _, c := range []struct{ stay, removed, added int }{
		{0, 0, 0}, {1, 0, 0}, {50, 0, 0}, {500, 0, 5000}, {30, 0, 3000},
		{100, 4000, 0}, {3, 900, 0}, {200, 2000, 2000},
	} {
		d := tiny(7)
		for i := range c.stay {
			put(d, "stay:"+strconv.Itoa(i), "")
		}
		for i := range c.removed {
			put(d, "removed:"+strconv.Itoa(i), "")
		}
		added, removed := 0, 0
		visits := scanAll(t, d, func(uint64) {
			for range 20 {
				if added < c.added {
					put(d, "added:"+strconv.Itoa(added), "")
					added++
				}
				if removed < c.removed {
					d.Remove(d.Find([]byte("removed:" + strconv.Itoa(removed))))
					removed++
				}
			}
		})
		check(t, d)
		for i := range c.stay {
			assert.Equal(t, 1, visits["stay:"+strconv.Itoa(i)], "%+v %d", c, i)
		}
		for key, n := range visits {
			assert.Equal(t, 1, n, key)
		}
	}
}

// A snapshot saves what the scan reaches, and entries the scan has not reached before they change.
// Together, that must be exactly what there was when it began.
func TestScannedIsExact(t *testing.T) {
	rnd := rand.New(rand.NewSource(3))
	d := tiny(9)
	before := map[string]bool{}
	for i := range 700 {
		put(d, string(key(i)), "")
		before[string(key(i))] = true
	}
	visits := map[string]int{}
	save := func(key string) {
		if before[key] {
			visits[key]++
		}
	}
	fresh := map[string]bool{}
	cursor := uint64(0)
	for {
		cursor = d.Scan(cursor, func(r Ref) {
			if !fresh[string(d.Key(r))] {
				save(string(d.Key(r)))
			}
		})
		if cursor == 0 {
			break
		}
		for range 30 {
			k := key(rnd.Intn(5000))
			r := d.Find(k)
			if r == 0 {
				d.Insert(k, 0, 0)
				fresh[string(k)] = !d.Scanned(cursor, k)
				continue
			}
			if rnd.Intn(3) == 0 {
				if !d.Scanned(cursor, k) && !fresh[string(k)] {
					save(string(k))
				}
				d.Remove(r)
				delete(fresh, string(k))
			}
		}
	}
	require.Len(t, visits, len(before))
	for key, n := range visits {
		assert.Equal(t, 1, n, key)
	}
}

func TestScannedAtTheEdge(t *testing.T) {
	d := New(1)
	at := position(d.Hash([]byte("key")))
	assert.False(t, d.Scanned(0, []byte("key")))
	assert.False(t, d.Scanned(at, []byte("key")), "the scan begins with this position")
	assert.True(t, d.Scanned(at+1, []byte("key")))
}

func TestScanGroupsAreSmall(t *testing.T) {
	d := New(5)
	for i := range 100_000 {
		d.Insert(key(i), 0, 0)
	}
	most, steps := 0, 0
	for cursor := uint64(0); ; steps++ {
		n := 0
		cursor = d.Scan(cursor, func(Ref) { n++ })
		most = max(most, n)
		if cursor == 0 {
			break
		}
	}
	assert.Less(t, most, 40)
	assert.Less(t, steps, 100_000/7)
}

func TestScanTakesAnyCursor(t *testing.T) {
	d := tiny(1)
	for i := range 300 {
		d.Insert(key(i), 0, 0)
	}
	rnd := rand.New(rand.NewSource(1))
	cursors := []uint64{1, 1<<48 - 1, 1 << 48, 1<<63 + 5, 1<<64 - 1}
	for range 2000 {
		cursors = append(cursors, rnd.Uint64()>>rnd.Intn(64))
	}
	for _, cursor := range cursors {
		next := d.Scan(cursor, func(r Ref) { assert.NotZero(t, r) })
		assert.True(t, next == 0 || next > cursor)
		assert.Zero(t, New(1).Scan(cursor, func(Ref) { t.Error("nothing to visit") }))
	}
}

func TestIterSurvivesRemovingAndResizingTheCurrent(t *testing.T) {
	d := tiny(2)
	for i := range 1000 {
		d.Insert(key(i), 0, 10)
	}
	seen := map[string]bool{}
	it := d.Iter()
	for r := it.Next(); r != 0; r = it.Next() {
		k := string(d.Key(r))
		require.False(t, seen[k])
		seen[k] = true
		switch len(seen) % 3 {
		case 0:
			d.Resize(r, 200)
		case 1:
			d.Remove(r)
		}
	}
	assert.Len(t, seen, 1000)
	check(t, d)
	for it := d.Iter(); ; {
		r := it.Next()
		if r == 0 {
			break
		}
		d.Remove(r)
	}
	assert.Zero(t, d.Len())
}

func TestSameSeedSameOrder(t *testing.T) {
	order := func(seed uint64) (keys []string) {
		d := New(seed)
		rnd := rand.New(rand.NewSource(4))
		for range 5000 {
			k := key(rnd.Intn(3000))
			if r := d.Find(k); r == 0 {
				d.Insert(k, 0, rnd.Intn(300))
			} else if rnd.Intn(2) == 0 {
				d.Remove(r)
			}
		}
		for it := d.Iter(); ; {
			r := it.Next()
			if r == 0 {
				break
			}
			keys = append(keys, strconv.Itoa(int(r))+string(d.Key(r)))
		}
		return append(keys, string(d.Key(d.Random(rnd.Uint64))))
	}
	assert.Equal(t, order(1), order(1))
	assert.NotEqual(t, order(1), order(2))
}

// The hash decides the order in files and transcripts, so its values are part of the contract.
func TestHashValues(t *testing.T) {
	text := []byte("the quick brown fox jumps over the lazy dog 0123456789")
	seen := map[uint64]int{}
	for n := range text {
		h := New(42).Hash(text[:n])
		assert.NotContains(t, seen, h)
		seen[h] = n
		assert.NotEqual(t, h, New(43).Hash(text[:n]))
	}
	for _, c := range []struct {
		length int
		want   uint64
	}{
		{0, 0x839d319bad53924f}, {1, 0x91a3c36c00599457}, {3, 0x25294f1e2325e7a9},
		{4, 0x667a5f815f448d2}, {7, 0x894623e8981f6784},
		{8, 0x8a3794348f492ba9}, {16, 0xdf4ded34cc063f7c},
		{17, 0xae3fbc374bb7e558}, {33, 0x7e2c86962741e991},
		{54, 0x2b654abe59436bc},
	} {
		assert.Equal(t, c.want, New(42).Hash(text[:c.length]), c.length)
	}
}

// Keys as clients write them must fill segments evenly: the fullest differs from the mean by luck only.
func TestHashSpreadsKeys(t *testing.T) {
	patterns := map[string]func(int) []byte{
		"decimal": func(i int) []byte { return []byte(strconv.Itoa(i)) },
		"prefix":  func(i int) []byte { return []byte("user:" + strconv.Itoa(i) + ":session") },
		"word":    func(i int) []byte { return []byte{byte(i), byte(i >> 8), byte(i >> 16), 0} },
		"zeros":   func(i int) []byte { return make([]byte, i) },
		"long":    func(i int) []byte { return append(make([]byte, 40), byte(i), byte(i>>8)) },
	}
	for name, pattern := range patterns {
		d := New(11)
		const n = 1 << 12
		var top, middle, low [64]int
		for i := range n {
			h := d.Hash(pattern(i))
			top[h>>58]++
			middle[h>>34&63]++
			low[h&63]++
		}
		for i := range 64 {
			for _, count := range []int{top[i], middle[i], low[i]} {
				assert.InDelta(t, n/64, count, 45, name)
			}
		}
	}
}

func TestRandom(t *testing.T) {
	needUsualSizes(t)
	rnd := rand.New(rand.NewSource(8))
	assert.Zero(t, New(1).Random(rnd.Uint64))
	d := New(1)
	for i := range 4000 {
		d.Insert(key(i), 0, 0)
	}
	draw := func(draws int) map[string]int {
		counts := map[string]int{}
		for range draws {
			counts[string(d.Key(d.Random(rnd.Uint64)))]++
		}
		return counts
	}
	counts := draw(400_000)
	assert.Len(t, counts, 4000)
	for k, n := range counts {
		assert.InDelta(t, 100, n, 60, k)
	}
	for i := range 3990 {
		d.Remove(d.Find(key(i)))
	}
	assert.Len(t, draw(1000), 10)
	constant := func() uint64 { return 1 << 63 }
	assert.NotZero(t, d.Random(constant), "a poor generator must not hang")
}
