package engine

import (
	"bytes"
	"cmp"
	"math"
	"math/rand"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"riffle/engine/rdb"
)

func newTestZSet() *ZSet { return &ZSet{limits: defaults()} }

// scored is a member of the model: a sorted slice.
type scored struct {
	member string
	score  float64
}

func compareScored(a, b scored) int {
	return cmp.Or(cmp.Compare(a.score, b.score), cmp.Compare(a.member, b.member))
}

func scoredOf(z *ZSet) (all []scored) {
	z.walk(0, z.Len(), false, func(member []byte, score float64) bool {
		all = append(all, scored{string(member), score})
		return true
	})
	return all
}

func TestZSetEncodings(t *testing.T) {
	z := newTestZSet()
	for i := range 128 {
		require.True(t, z.set(intBytes(int64(i)), float64(i)))
	}
	require.Equal(t, "listpack", z.Encoding())
	require.True(t, z.set([]byte("one more"), 1))
	require.Equal(t, "skiplist", z.Encoding())
	z = newTestZSet()
	z.set([]byte(strings.Repeat("x", 64)), 1)
	require.Equal(t, "listpack", z.Encoding())
	z.set([]byte(strings.Repeat("x", 65)), 1)
	require.Equal(t, "skiplist", z.Encoding())
}

// TestZSetAgainstAModel changes a small and a large set at random and compares order, ranks and ranges.
func TestZSetAgainstAModel(t *testing.T) {
	for _, members := range []int{60, 3000} {
		r := rand.New(rand.NewSource(int64(members)))
		z := newTestZSet()
		model := map[string]float64{}
		for step := range 4 * members {
			member := "m" + strconv.Itoa(r.Intn(members))
			if step%3 == 2 {
				slot := z.find([]byte(member))
				_, has := model[member]
				require.Equal(t, has, slot.found)
				if has {
					z.drop(slot)
					delete(model, member)
				}
				continue
			}
			model[member] = float64(r.Intn(50)) / 4
			z.set([]byte(member), model[member])
		}
		var want []scored
		for member, score := range model {
			want = append(want, scored{member, score})
		}
		slices.SortFunc(want, compareScored)
		require.Equal(t, want, scoredOf(z))
		for rank, m := range want {
			require.Equal(t, rank, z.rank([]byte(m.member), m.score))
		}
		start, end := scoreRange{min: scoreBound{3, true}, max: scoreBound{score: 7}}.within(z)
		for rank, m := range want {
			require.Equal(t, m.score > 3 && m.score <= 7, rank >= start && rank < end)
		}
		z.dropRange(start, end)
		require.Equal(t, slices.Delete(want, start, end), scoredOf(z))
	}
}

func TestZSetSavesWhatItLoads(t *testing.T) {
	for _, n := range []int{1, 120, 2000} {
		z := newTestZSet()
		for i := range n {
			z.set([]byte("m"+strconv.Itoa(i)), math.Sqrt(float64(i)))
		}
		z.set([]byte("first"), math.Inf(-1))
		z.set([]byte("17"), math.Inf(1))
		body, rdbType := z.Save(nil)
		again := newTestZSet()
		require.NoError(t, again.Load(rdb.NewReader(body), rdbType))
		require.Equal(t, scoredOf(z), scoredOf(again))
		require.Equal(t, z.Encoding(), again.Encoding())
	}
}

func TestZSetLoadsWhatIsOutOfOrder(t *testing.T) {
	z := newTestZSet()
	body := rdb.AppendString(nil, listpackOf("b", "2", "c", "1.5", "a", "2"), false)
	require.NoError(t, z.Load(rdb.NewReader(body), rdb.TypeZsetListpack))
	require.Equal(t, []scored{{"c", 1.5}, {"a", 2}, {"b", 2}}, scoredOf(z))
}

func TestZSetRefusesDamage(t *testing.T) {
	blob := func(elements ...string) []byte { return rdb.AppendString(nil, listpackOf(elements...), false) }
	nan := rdb.AppendBinaryDouble([]byte("\x01\x01a"), math.NaN())
	for name, c := range map[string]struct {
		rdbType byte
		body    []byte
	}{
		"odd listpack":      {rdb.TypeZsetListpack, blob("a", "1", "b")},
		"twins":             {rdb.TypeZsetListpack, blob("a", "1", "a", "2")},
		"twins, disordered": {rdb.TypeZsetListpack, blob("a", "2", "a", "1")},
		"no score":          {rdb.TypeZsetListpack, blob("a", "one")},
		"not a number":      {rdb.TypeZsetListpack, blob("a", "nan")},
		"no ziplist":        {rdb.TypeZsetZiplist, rdb.AppendString(nil, []byte("nonsense"), false)},
		"NaN":               {rdb.TypeZset2, nan},
		"old NaN":           {rdb.TypeZset, []byte("\x01\x01a\xfd")},
		"cut":               {rdb.TypeZset2, nan[:6]},
	} {
		require.Error(t, newTestZSet().Load(rdb.NewReader(c.body), c.rdbType), name)
	}
}

func FuzzZSetLoad(f *testing.F) {
	for _, elements := range [][]string{{}, {"a", "1"}, {"b", "1.5", "a", "-inf"}, {"a", "0", "b", "0"}} {
		f.Add(rdb.TypeZsetListpack, rdb.AppendString(nil, listpackOf(elements...), false))
	}
	f.Add(rdb.TypeZset, []byte("\x02\x01a\x011\x01b\xff"))
	f.Add(rdb.TypeZset2, rdb.AppendBinaryDouble([]byte("\x01\x01a"), 1.5))
	f.Fuzz(func(t *testing.T, rdbType byte, body []byte) {
		switch rdbType {
		case rdb.TypeZset, rdb.TypeZset2, rdb.TypeZsetListpack, rdb.TypeZsetZiplist:
		default:
			return
		}
		z := newTestZSet()
		if z.Load(rdb.NewReader(body), rdbType) != nil || z.Empty() {
			return
		}
		all := scoredOf(z)
		require.Len(t, all, z.Len())
		require.True(t, slices.IsSortedFunc(all, compareScored))
		saved, savedType := z.Save(nil)
		again := newTestZSet()
		require.NoError(t, again.Load(rdb.NewReader(saved), savedType))
		require.Equal(t, all, scoredOf(again))
	})
}

// TestZSetMemory holds the promise of t_zset.go, and that a set which shrinks gives memory back.
func TestZSetMemory(t *testing.T) {
	needUsualSizes(t)
	const n = 100_000
	z, r := newTestZSet(), rand.New(rand.NewSource(1))
	for i := range n {
		z.set([]byte("m"+strconv.Itoa(100_000_000+i)), r.Float64())
	}
	full := z.Size()
	require.Less(t, float64(full)/n, 55.0, "bytes a member")
	for i := range n {
		if i%100 != 0 {
			z.drop(z.find([]byte("m" + strconv.Itoa(100_000_000+i))))
		}
	}
	require.Less(t, z.Size(), full/8)
	all := scoredOf(z)
	require.Len(t, all, n/100)
	require.True(t, slices.IsSortedFunc(all, compareScored))
}

func TestParseScoreBound(t *testing.T) {
	for text, want := range map[string]scoreBound{
		"5": {5, false}, "(5": {5, true}, "-inf": {math.Inf(-1), false}, "(+inf": {math.Inf(1), true},
		"": {}, "(": {0, true}, " 1": {1, false}, "1e999": {math.Inf(1), false}, "0x10": {16, false},
	} {
		got, ok := parseScoreBound([]byte(text))
		require.True(t, ok, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"nan", "((1", "1 ", "x", "[1"} {
		_, ok := parseScoreBound([]byte(text))
		require.False(t, ok, text)
	}
}

func benchmarkZSet(b *testing.B, use func(z *ZSet, r *rand.Rand, member []byte)) {
	const n = 1_000_000
	z, r := newTestZSet(), rand.New(rand.NewSource(1))
	var member []byte
	for i := range n {
		member = strconv.AppendInt(append(member[:0], "usr"...), int64(1_000_000+i), 10)
		z.insert(member, r.Float64())
	}
	b.ReportMetric(float64(z.Size())/n, "B/member")
	b.ResetTimer()
	for range b.N {
		use(z, r, strconv.AppendInt(append(member[:0], "usr"...), int64(1_000_000+r.Intn(n)), 10))
	}
}

func BenchmarkZSetMove(b *testing.B) {
	benchmarkZSet(b, func(z *ZSet, r *rand.Rand, member []byte) { z.set(member, r.Float64()) })
}

func BenchmarkZSetRank(b *testing.B) {
	benchmarkZSet(b, func(z *ZSet, _ *rand.Rand, member []byte) { z.rank(member, z.find(member).score) })
}

func BenchmarkZSetInsert(b *testing.B) {
	z, r := newTestZSet(), rand.New(rand.NewSource(1))
	members := make([][]byte, b.N)
	for i := range members {
		members[i] = bytes.Clone(strconv.AppendInt([]byte("usr"), int64(1_000_000+i), 10))
	}
	r.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
	b.ResetTimer()
	for i := range members {
		z.set(members[i], r.Float64())
	}
	b.ReportMetric(float64(z.Size())/float64(b.N), "B/member")
}
