package engine

import (
	"fmt"
	"math"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"riffle/engine/intset"
	"riffle/engine/listpack"
	"riffle/engine/prng"
	"riffle/engine/rdb"
)

func newTestSet() *Set {
	limits := &settings{}
	limits.reset()
	s := &Set{}
	s.settle(limits)
	return s
}

func membersOf(s *Set) []string {
	out := []string{}
	s.Each(func(member []byte) bool {
		out = append(out, string(member))
		return true
	})
	sort.Strings(out)
	return out
}

func addAll(s *Set, members ...string) *Set {
	for _, member := range members {
		s.add([]byte(member))
	}
	return s
}

func TestSetEncodings(t *testing.T) {
	s := newTestSet()
	for i := range 512 {
		addAll(s, fmt.Sprint(i))
	}
	assert.Equal(t, "intset", s.Encoding())
	addAll(s, "512")
	assert.Equal(t, "hashtable", s.Encoding())

	s = addAll(newTestSet(), "1", "2", "a")
	assert.Equal(t, "listpack", s.Encoding())
	for i := range 125 {
		addAll(s, fmt.Sprint("member:", i))
	}
	assert.Equal(t, 128, s.Len())
	assert.Equal(t, "listpack", s.Encoding())
	addAll(s, "a", "1")
	assert.Equal(t, "listpack", s.Encoding(), "nothing was new")
	addAll(s, "b")
	assert.Equal(t, "hashtable", s.Encoding())
	for i := range 125 {
		require.True(t, s.remove(fmt.Appendf(nil, "member:%d", i)))
	}
	assert.Equal(t, "hashtable", s.Encoding(), "a table stays one")
	assert.Equal(t, []string{"1", "2", "a", "b"}, membersOf(s))

	assert.Equal(t, "listpack", addAll(newTestSet(), strings.Repeat("x", 64)).Encoding())
	assert.Equal(t, "hashtable", addAll(newTestSet(), strings.Repeat("x", 65)).Encoding())

	s = newTestSet()
	for i := range 128 {
		addAll(s, fmt.Sprint(i))
	}
	assert.Equal(t, "hashtable", addAll(s, "a").Encoding(), "an intset too long for a listpack")
}

func TestExpectedMembersChooseTheForm(t *testing.T) {
	tests := []struct {
		n     int
		first string
		want  string
	}{
		{1, "1", "intset"}, {512, "1", "intset"}, {513, "1", "hashtable"},
		{1, "a", "listpack"}, {128, "a", "listpack"}, {129, "a", "hashtable"},
	}
	for _, test := range tests {
		s := newTestSet()
		s.expect(test.n, []byte(test.first))
		assert.Equal(t, test.want, addAll(s, test.first).Encoding(), test)
	}
}

func TestSetRoundTrips(t *testing.T) {
	sets := map[byte]*Set{
		rdb.TypeSetIntset: addAll(newTestSet(), "1", "-5", fmt.Sprint(math.MinInt64), fmt.Sprint(math.MaxInt64)),
		rdb.TypeSet:       addAll(newTestSet(), "1", "a", "007", ""),
	}
	for rdbType, s := range sets {
		body, saved := s.Save(nil)
		assert.Equal(t, rdbType, saved)
		loaded := newTestSet()
		require.NoError(t, loaded.Load(rdb.NewReader(body), saved))
		assert.Equal(t, membersOf(s), membersOf(loaded))
		assert.Equal(t, s.Encoding(), loaded.Encoding())
	}
	large := newTestSet()
	for i := range 10000 {
		addAll(large, fmt.Sprint("member:", i))
	}
	body, saved := large.Save(nil)
	loaded := newTestSet()
	require.NoError(t, loaded.Load(rdb.NewReader(body), saved))
	assert.Equal(t, membersOf(large), membersOf(loaded))
	assert.Less(t, large.Size()/10000, int64(40), "11 bytes of text, 6 of header, 7 of index and the rounding")
}

func TestSetLoadKeepsTheLimits(t *testing.T) {
	ints, pack := intset.New(), listpack.New()
	for i := range 600 {
		ints, _ = intset.Add(ints, int64(i))
		pack = listpack.AppendInt(pack, int64(i))
	}
	tests := []struct {
		rdbType byte
		blob    []byte
		want    string
	}{
		{rdb.TypeSetIntset, ints, "hashtable"},
		{rdb.TypeSetListpack, pack, "hashtable"},
		{rdb.TypeSetListpack, listpack.Append(listpack.Append(listpack.New(), []byte("1")), []byte("a")), "listpack"},
		{rdb.TypeSetListpack, listpack.AppendInt(listpack.New(), 1), "listpack"},
	}
	for _, test := range tests {
		s := newTestSet()
		require.NoError(t, s.Load(rdb.NewReader(rdb.AppendString(nil, test.blob, true)), test.rdbType))
		assert.Equal(t, test.want, s.Encoding())
	}
	twins := listpack.Append(listpack.Append(listpack.New(), []byte("a")), []byte("a"))
	assert.Error(t, newTestSet().Load(rdb.NewReader(rdb.AppendString(nil, twins, false)), rdb.TypeSetListpack))
}

// FuzzSetLoad hands hostile bytes to Load and uses what it accepts.
func FuzzSetLoad(f *testing.F) {
	for _, s := range []*Set{addAll(newTestSet(), "1", "70000"), addAll(newTestSet(), "1", "b", "ccc")} {
		body, rdbType := s.Save(nil)
		f.Add(rdbType, body)
		f.Add(rdb.TypeSetListpack, rdb.AppendString(nil, addAll(newTestSet(), "a", "3").blob, false))
	}
	f.Add(rdb.TypeSet, []byte("\x81\xff\xff\xff\xff\xff\xff\xff\xff\x01a"))
	f.Add(rdb.TypeSetIntset, []byte("\x08\x02\x00\x00\x00\x00\x00\x00\x00"))
	f.Add(rdb.TypeSetIntset, []byte("\x0c\x02\x00\x00\x00\x02\x00\x00\x00\x05\x00\x04\x00"))
	f.Fuzz(func(t *testing.T, rdbType byte, body []byte) {
		if rdbType != rdb.TypeSet && rdbType != rdb.TypeSetIntset && rdbType != rdb.TypeSetListpack {
			return
		}
		s := newTestSet()
		if s.Load(rdb.NewReader(body), rdbType) != nil || s.Empty() {
			return
		}
		members := membersOf(s)
		require.Len(t, members, s.Len())
		again, savedType := s.Save(nil)
		copied := newTestSet()
		require.NoError(t, copied.Load(rdb.NewReader(again), savedType))
		require.Equal(t, members, membersOf(copied))
		for i, member := range members {
			require.True(t, s.Has([]byte(member)))
			require.True(t, i == 0 || members[i-1] != member)
			require.False(t, s.add([]byte(member)))
			require.True(t, s.remove([]byte(member)))
		}
		require.True(t, s.Empty())
	})
}

// FuzzSet runs a script of additions and removals against a Go map.
func FuzzSet(f *testing.F) {
	f.Add([]byte("\x00\x01\x01\x02\x02\x03\x80\x05\x00\x07\x81\x01\x01\x01"))
	f.Add([]byte(strings.Repeat("\x00\xff\x01\x20\x40\x07\x03\x99\xc0\x10", 90)))
	f.Fuzz(func(t *testing.T, script []byte) {
		s, model := newTestSet(), map[string]bool{}
		for ; len(script) >= 2; script = script[2:] {
			member := fmt.Sprint(int64(script[1]) << (script[0] & 31))
			if script[0]&0x40 != 0 {
				member = strings.Repeat("m", int(script[1])/3)
			}
			if script[0]&0x80 == 0 {
				require.Equal(t, !model[member], s.add([]byte(member)))
				model[member] = true
			} else {
				require.Equal(t, model[member], s.remove([]byte(member)))
				delete(model, member)
			}
			require.Equal(t, len(model), s.Len())
		}
		for _, member := range membersOf(s) {
			require.True(t, model[member])
			require.True(t, s.Has([]byte(member)))
		}
	})
}

// Both ways of a difference, and set operations on all forms, agree with what a map says.
func TestSetOperations(t *testing.T) {
	e := New(Config{Seed: 1})
	c := &Ctx{e: e, DB: e.dbs[0]}
	random := prng.New(7)
	for round := range 300 {
		sets, counts := make([]*Set, 1+random.Intn(5)), map[string]int{}
		for i := range sets {
			sets[i] = newTestSet()
			for range random.Intn(1 << (1 + random.Intn(10))) {
				n := random.Intn(1000)
				member := fmt.Sprint(n)
				if round%2 == 0 {
					member = fmt.Sprint("m", n)
				}
				if sets[i].add([]byte(member)) {
					counts[member]++
				}
			}
		}
		inter, all, rest := []string{}, []string{}, []string{}
		for member, n := range counts {
			all = append(all, member)
			if n == len(sets) {
				inter = append(inter, member)
			}
			if n == 1 && sets[0].Has([]byte(member)) {
				rest = append(rest, member)
			}
		}
		walks := map[*[]string]setOperation{&inter: intersection, &all: union, &rest: difference}
		for want, walk := range walks {
			require.ElementsMatch(t, *want, walkAll(c, walk, sets))
		}
		require.ElementsMatch(t, rest, walkAll(c, subtract, sets))
	}
}

func walkAll(c *Ctx, walk setOperation, sets []*Set) []string {
	out := []string{}
	walk(c, sets, func(member []byte) bool {
		out = append(out, string(member))
		return true
	})
	return out
}

// Every member has about the same chance, in every form, alone and in a sample.
func TestRandomMembersAreFair(t *testing.T) {
	needUsualSizes(t)
	e := New(Config{Seed: 3})
	c := &Ctx{e: e}
	sets := map[string]*Set{"intset": newTestSet(), "listpack": newTestSet(), "hashtable": newTestSet()}
	for i := range 100 {
		addAll(sets["intset"], fmt.Sprint(i))
		addAll(sets["listpack"], fmt.Sprint("m", i))
	}
	sets["hashtable"].grow()
	for i := range 100 {
		addAll(sets["hashtable"], fmt.Sprint("m", i))
	}
	for encoding, s := range sets {
		require.Equal(t, encoding, s.Encoding())
		for _, count := range []int{1, 5, 90} {
			seen := map[string]int{}
			const rounds = 4000
			for range rounds {
				if count == 1 {
					var scratch [20]byte
					member, _ := s.random(c, &scratch)
					seen[string(member)]++
					continue
				}
				drawn := map[string]bool{}
				s.draw(c, count, func(member []byte) {
					drawn[string(member)] = true
					seen[string(member)]++
				})
				require.Len(t, drawn, count)
			}
			require.Len(t, seen, 100)
			expected := float64(rounds * count / 100)
			for member, n := range seen {
				require.InDelta(t, expected, n, 6*math.Sqrt(expected), "%s %d %s", encoding, count, member)
			}
		}
	}
}
