package engine

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"riffle/engine/listpack"
	"riffle/engine/rdb"
)

// timedField is what a hash should hold of a field.
type timedField struct {
	value string
	at    int64
}

// timedFields returns what a hash holds, as its own functions tell it one by one.
func timedFields(h *Hash) map[string]timedField {
	fields := map[string]timedField{}
	h.each(func(field, value []byte) bool {
		fields[string(field)] = timedField{value: string(value)}
		return true
	})
	for name, field := range fields {
		field.at, _ = h.timeOf([]byte(name))
		fields[name] = field
	}
	return fields
}

// requireInOrder checks the order of times, and what is derived from it, against the model.
func requireInOrder(t *testing.T, h *Hash, model map[string]timedField) {
	var want, got []int64
	for _, field := range model {
		if field.at != never {
			want = append(want, field.at)
		}
	}
	sort.Slice(want, func(i, k int) bool { return want[i] < want[k] })
	h.eachTime(func(field []byte, at int64) bool {
		require.Equal(t, model[string(field)].at, at)
		got = append(got, at)
		return true
	})
	require.Equal(t, want, got)
	require.Equal(t, len(model), h.Len())
	if len(want) == 0 {
		require.Equal(t, never, h.earliest())
		require.False(t, h.isDue(1<<60))
		require.False(t, h.isGone(1<<60))
		return
	}
	first, last := want[0], want[len(want)-1]
	require.Equal(t, first, h.earliest())
	soonest, _ := h.soonest()
	require.Equal(t, first, model[string(soonest)].at)
	require.False(t, h.isDue(first-1))
	require.True(t, h.isDue(first))
	require.False(t, h.isGone(last-1))
	require.Equal(t, len(want) == len(model), h.isGone(last))
}

// TestHashTimesAgainstModel changes hashes of both forms at random and compares them with a map.
func TestHashTimesAgainstModel(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 7))
		h, model := newTestHash(), map[string]timedField{}
		h.limits.hashMaxEntries = []int{0, 5, 512}[seed%3]
		for range 400 {
			name := strconv.Itoa(r.IntN(30) * 1000)
			field := model[name]
			_, exists := model[name]
			value := strings.Repeat("v", r.IntN(4)*r.IntN(20)) + strconv.Itoa(r.IntN(500))
			at := []int64{never, 1 + r.Int64N(10), 1 + r.Int64N(1<<40)}[r.IntN(3)]
			switch r.IntN(6) {
			case 0, 1:
				require.Equal(t, !exists, h.set([]byte(name), []byte(value)))
				model[name] = timedField{value, never}
			case 2:
				require.Equal(t, !exists, h.store([]byte(name), []byte(value), true))
				model[name] = timedField{value, field.at}
			case 3, 4:
				if exists {
					h.setTime([]byte(name), at)
					model[name] = timedField{field.value, at}
				}
			case 5:
				require.Equal(t, exists, h.remove([]byte(name)))
				delete(model, name)
			}
			require.Equal(t, model, timedFields(h))
			requireInOrder(t, h, model)
		}
		if len(model) > 0 {
			requireSame(t, h, model)
		}
	}
}

// requireSame saves a hash, loads it, packs it and rewrites it.
func requireSame(t *testing.T, h *Hash, model map[string]timedField) {
	body, rdbType := h.Save(nil)
	again := newTestHash()
	again.limits.hashMaxEntries = h.limits.hashMaxEntries
	require.NoError(t, again.Load(rdb.NewReader(body), rdbType))
	require.Equal(t, model, timedFields(again))
	requireInOrder(t, again, model)
	if form, blob, packed := h.Pack(); packed {
		view := newTestHash()
		view.Unpack(form, blob)
		require.Equal(t, model, timedFields(view))
		require.Equal(t, h.Encoding(), view.Encoding())
		require.Equal(t, h.earliest() != never, form&formExpiring != 0)
	}
	rebuilt := newTestHash()
	h.Rewrite([]byte("k"), func(argv ...[]byte) {
		if string(argv[0]) == "HSET" {
			for i := 2; i < len(argv); i += 2 {
				rebuilt.set(argv[i], argv[i+1])
			}
			return
		}
		require.Equal(t, "HPEXPIREAT k", string(argv[0])+" "+string(argv[1]))
		require.Equal(t, "FIELDS "+strconv.Itoa(len(argv)-5), string(argv[3])+" "+string(argv[4]))
		require.LessOrEqual(t, len(argv)-5, maxRewriteElements)
		at, err := strconv.ParseInt(string(argv[2]), 10, 64)
		require.NoError(t, err)
		for _, field := range argv[5:] {
			rebuilt.setTime(field, at)
		}
	})
	require.Equal(t, model, timedFields(rebuilt))
}

// TestHashTimesAsTheReferenceWrites pins the bytes of both types.
func TestHashTimesAsTheReferenceWrites(t *testing.T) {
	h := newTestHash()
	for i, name := range []string{"a", "b", "c"} {
		h.set([]byte(name), intBytes(int64(i)))
	}
	h.setTime([]byte("c"), 1000)
	h.setTime([]byte("b"), 1500)
	small, rdbType := h.Save(nil)
	require.Equal(t, rdb.TypeHashListpackEx, rdbType)
	triples := listpackOf("c", "2", "1000", "b", "1", "1500", "a", "0", "0")
	require.Equal(t, "\xe8\x03\x00\x00\x00\x00\x00\x00"+string(rdb.AppendString(nil, triples, true)), string(small))
	h.grow()
	large, rdbType := h.Save(nil)
	require.Equal(t, rdb.TypeHashMetadata, rdbType)
	require.Equal(t, "\xe8\x03\x00\x00\x00\x00\x00\x00\x03", string(large[:9]))
	for _, field := range []string{"\x00\x01a\xc0\x00", "\x41\xf5\x01b\xc0\x01", "\x01\x01c\xc0\x02"} {
		require.Contains(t, string(large[9:]), field)
	}
	require.Len(t, large, 9+5+6+5)
}

func TestHashTimesRefuseDamage(t *testing.T) {
	base := string(rdb.AppendMillis(nil, 1000))
	packed := func(elements ...string) string {
		return base + string(rdb.AppendString(nil, listpackOf(elements...), false))
	}
	long := strings.Repeat("x", 70)
	for name, c := range map[string]struct {
		rdbType byte
		body    string
	}{
		"pairs":               {rdb.TypeHashListpackEx, packed("a", "1")},
		"no number":           {rdb.TypeHashListpackEx, packed("a", "1", "soon")},
		"negative":            {rdb.TypeHashListpackEx, packed("a", "1", "-1")},
		"too late":            {rdb.TypeHashListpackEx, packed("a", "1", fmt.Sprint(maxFieldTime+1))},
		"out of order":        {rdb.TypeHashListpackEx, packed("a", "1", "7", "b", "1", "6")},
		"never first":         {rdb.TypeHashListpackEx, packed("a", "1", "0", "b", "1", "6")},
		"twins":               {rdb.TypeHashListpackEx, packed("a", "1", "6", "a", "1", "7")},
		"twins in a table":    {rdb.TypeHashListpackEx, packed("a", long, "6", "a", "1", "7")},
		"no listpack":         {rdb.TypeHashListpackEx, base + "\x03abc"},
		"no time":             {rdb.TypeHashListpackEx, "\x00\x00"},
		"nothing behind":      {rdb.TypeHashListpackEx, base},
		"a time too late":     {rdb.TypeHashMetadata, base + "\x01\x81\x00\x01\x00\x00\x00\x00\x00\x00\x01a\x011"},
		"a time beyond 64":    {rdb.TypeHashMetadata, base + "\x01\x81\xff\xff\xff\xff\xff\xff\xff\xff\x01a\x011"},
		"a base before 1970":  {rdb.TypeHashMetadata, strings.Repeat("\xff", 8) + "\x01\x01\x01a\x011"},
		"a time that is none": {rdb.TypeHashMetadata, strings.Repeat("\x00", 8) + "\x01\x01\x01a\x011"},
		"fields that repeat":  {rdb.TypeHashMetadata, base + "\x02\x01\x01a\x011\x02\x01a\x011"},
		"cut":                 {rdb.TypeHashMetadata, base + "\x01"},
		"cut in the base":     {rdb.TypeHashMetadata, base[:4]},
		"a time before 1970":  {rdb.TypeHash2, "\x01\x01a\x011\xfe" + strings.Repeat("\xff", 7)},
		"a time after all":    {rdb.TypeHash2, "\x01\x01a\x011" + strings.Repeat("\xff", 7) + "\x7f"},
		"time 0":              {rdb.TypeHash2, "\x01\x01a\x011" + strings.Repeat("\x00", 8)},
		"a field again":       {rdb.TypeHash2, "\x02\x01a\x011" + base + "\x01a\x012" + base},
		"cut before a time":   {rdb.TypeHash2, "\x01\x01a\x011"},
		"cut before a value":  {rdb.TypeHash2, "\x01\x01a"},
	} {
		require.Error(t, newTestHash().Load(rdb.NewReader([]byte(c.body)), c.rdbType), name)
	}
}

// TestHashesOfValkey reads what Valkey 9 writes of hashes whose fields expire, in a table and in a listpack.
func TestHashesOfValkey(t *testing.T) {
	for _, long := range []string{"", strings.Repeat("z", 100)} {
		body := rdb.AppendLen(nil, 3)
		for _, f := range []struct {
			name, value string
			at          int64
		}{{"a", "1", 2000}, {"b", "2" + long, -1}, {"c", "3", 1000}} {
			body = rdb.AppendString(rdb.AppendString(body, []byte(f.name), true), []byte(f.value), true)
			body = rdb.AppendMillis(body, f.at)
		}
		h := newTestHash()
		require.NoError(t, h.Load(rdb.NewReader(body), rdb.TypeHash2))
		require.Equal(t, 3, h.Len())
		for field, at := range map[string]int64{"a": 2000, "b": never, "c": 1000} {
			got, _ := h.timeOf([]byte(field))
			require.Equal(t, at, got, field)
		}
		require.EqualValues(t, 1000, h.earliest())
	}
	value, err := New(Config{}).loadValue(rdb.NewReader([]byte("\x01\x01f\x01v\xe8\x03\x00\x00\x00\x00\x00\x00")), rdb.TypeHash2)
	require.NoError(t, err)
	require.Equal(t, KindHash, value.Kind())
}

// TestHashTimesCostLittle fills a table with fields that expire at different moments, and empties it.
func TestHashTimesCostLittle(t *testing.T) {
	needUsualSizes(t)
	const n = 20_000
	h := newTestHash()
	for i := range n {
		h.set([]byte("field:"+strconv.Itoa(i)), []byte("value"))
	}
	plain := h.Size()
	for i := range n {
		h.setTime([]byte("field:"+strconv.Itoa(i)), int64(1e12)+int64(i*7919%n))
	}
	require.Less(t, float64(h.Size()-plain)/n, 32.0, "bytes for a field that expires")
	for i := range n {
		h.setTime([]byte("field:"+strconv.Itoa(i)), never)
	}
	require.Nil(t, h.times)
	require.Less(t, float64(h.Size()), 1.15*float64(plain))
	for h.Len() > 10 {
		h.setTime(h.table.Key(h.table.Random(h.limits.tableSeed)), 5)
		field, _ := h.soonest()
		h.remove(field)
	}
	require.Less(t, h.Size(), plain/8)
}

func TestTriplesStayListpacks(t *testing.T) {
	h := newTestHash()
	h.set([]byte("1"), nil)
	h.set([]byte("f"), []byte("12"))
	h.setTime([]byte("1"), maxFieldTime)
	require.True(t, listpack.Valid(h.pack))
	require.Equal(t, listpackOf("1", "", fmt.Sprint(maxFieldTime), "f", "12", "0"), h.pack)
	h.setTime([]byte("1"), never)
	require.Equal(t, listpackOf("f", "12", "0", "1", "", "0"), h.pack)
	require.Equal(t, "listpackex", h.Encoding())
}
