package engine

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"riffle/engine/listpack"
	"riffle/engine/rdb"
)

// defaults returns the parameters of a fresh engine.
func defaults() *settings {
	s := &settings{}
	s.reset()
	return s
}

func newTestHash() *Hash { return &Hash{limits: defaults()} }

func hashPairs(h *Hash) map[string]string {
	pairs := map[string]string{}
	h.each(func(field, value []byte) bool {
		pairs[string(field)] = string(value)
		return true
	})
	return pairs
}

func TestHashEncodings(t *testing.T) {
	long := []byte(strings.Repeat("x", 65))
	h := newTestHash()
	for i := range 512 {
		require.True(t, h.set(intBytes(int64(i)), []byte("v")))
	}
	require.Equal(t, "listpack", h.Encoding())
	require.False(t, h.set([]byte("511"), long[:64]), "a value of the limit's length")
	require.Equal(t, "listpack", h.Encoding())
	require.True(t, h.set([]byte("one more"), []byte("v")))
	require.Equal(t, "hashtable", h.Encoding())
	for i := range 500 {
		require.True(t, h.remove(intBytes(int64(i))))
	}
	require.Equal(t, "hashtable", h.Encoding(), "there is no way back")
	for name, pair := range map[string][2][]byte{"field": {long, nil}, "value": {[]byte("f"), long}} {
		h = newTestHash()
		h.set(pair[0], pair[1])
		require.Equal(t, "hashtable", h.Encoding(), name)
	}
}

func TestHashSavesWhatItLoads(t *testing.T) {
	for _, n := range []int{1, 512, 2000} {
		h := newTestHash()
		for i := range n {
			h.set([]byte("field"+strconv.Itoa(i)), intBytes(int64(i)*7))
		}
		h.set(nil, nil)
		body, rdbType := h.Save(nil)
		again := newTestHash()
		require.NoError(t, again.Load(rdb.NewReader(body), rdbType))
		require.Equal(t, hashPairs(h), hashPairs(again))
		require.Equal(t, h.Encoding(), again.Encoding())
		rebuilt := newTestHash()
		h.Rewrite([]byte("k"), func(argv ...[]byte) {
			require.LessOrEqual(t, len(argv), 2+2*maxRewriteElements)
			for i := 2; i < len(argv); i += 2 {
				rebuilt.set(argv[i], argv[i+1])
			}
		})
		require.Equal(t, hashPairs(h), hashPairs(rebuilt))
	}
}

// TestHashGivesMemoryBack fills a table and empties it but for a few fields.
func TestHashGivesMemoryBack(t *testing.T) {
	needUsualSizes(t)
	h := newTestHash()
	const n = 20_000
	for i := range n {
		h.set([]byte("field:"+strconv.Itoa(i)), []byte("value"))
	}
	full := h.Size()
	require.Less(t, float64(full)/n, 36.0, "bytes a field")
	for i := range n {
		if i%100 != 0 {
			h.remove([]byte("field:" + strconv.Itoa(i)))
		}
	}
	require.Less(t, h.Size(), full/8)
	require.Equal(t, n/100, h.Len())
}

func listpackOf(elements ...string) []byte {
	lp := listpack.New()
	for _, s := range elements {
		lp = listpack.Append(lp, []byte(s))
	}
	return lp
}

func TestHashRefusesDamage(t *testing.T) {
	blob := func(lp []byte) []byte { return rdb.AppendString(nil, lp, false) }
	long := strings.Repeat("x", 70)
	for name, c := range map[string]struct {
		rdbType byte
		body    []byte
	}{
		"odd listpack":     {rdb.TypeHashListpack, blob(listpackOf("a", "1", "b"))},
		"twins":            {rdb.TypeHashListpack, blob(listpackOf("a", "1", "b", "2", "a", "3"))},
		"twins in a table": {rdb.TypeHashListpack, blob(listpackOf("a", long, "b", "2", "a", "3"))},
		"no listpack":      {rdb.TypeHashListpack, blob([]byte("nonsense"))},
		"no ziplist":       {rdb.TypeHashZiplist, blob([]byte("nonsense"))},
		"no zipmap":        {rdb.TypeHashZipmap, blob([]byte("nonsense"))},
		"pairs with twins": {rdb.TypeHash, []byte("\x02\x01a\x011\x01a\x012")},
		"cut":              {rdb.TypeHash, []byte("\x02\x01a\x011\x01b")},
		"a claim":          {rdb.TypeHash, []byte("\x81\xff\xff\xff\xff\xff\xff\xff\xff\x01a\x011")},
	} {
		require.Error(t, newTestHash().Load(rdb.NewReader(c.body), c.rdbType), name)
	}
}

func FuzzHashLoad(f *testing.F) {
	for _, elements := range [][]string{{}, {"a", "1"}, {"a", "1", "b", strings.Repeat("y", 70)}} {
		f.Add(rdb.TypeHashListpack, rdb.AppendString(nil, listpackOf(elements...), false))
	}
	f.Add(rdb.TypeHash, []byte("\x02\x01a\x011\x01b\x012"))
	f.Add(rdb.TypeHashZipmap, []byte("\x0c\x01\x01a\x01\x00b\xff"))
	base := rdb.AppendMillis(nil, 1000)
	for _, elements := range [][]string{{"a", "1", "5"}, {"a", "1", "5", "b", strings.Repeat("y", 70), "0"}} {
		f.Add(rdb.TypeHashListpackEx, rdb.AppendString(base[:8:8], listpackOf(elements...), false))
	}
	f.Add(rdb.TypeHashMetadata, []byte(string(base)+"\x02\x01\x01a\x011\x00\x01b\x012"))
	f.Add(rdb.TypeHash2, []byte("\x02\x01a\x011"+string(base)+"\x01b\x012\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, rdbType byte, body []byte) {
		h := newTestHash()
		switch rdbType {
		case rdb.TypeHash, rdb.TypeHashListpack, rdb.TypeHashZiplist, rdb.TypeHashZipmap, rdb.TypeHashMetadata,
			rdb.TypeHashListpackEx, rdb.TypeHash2:
		default:
			return
		}
		if h.Load(rdb.NewReader(body), rdbType) != nil {
			return
		}
		pairs := timedFields(h)
		requireInOrder(t, h, pairs)
		saved, savedType := h.Save(nil)
		if h.Empty() {
			return
		}
		again := newTestHash()
		require.NoError(t, again.Load(rdb.NewReader(saved), savedType))
		require.Equal(t, pairs, timedFields(again))
	})
}
