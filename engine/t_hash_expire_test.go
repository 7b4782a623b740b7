package engine_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"riffle/engine"
	"riffle/engine/enginetest"
)

func number(t *testing.T, h *enginetest.Harness, args ...string) int {
	t.Helper()
	n, err := strconv.Atoi(h.Do("a", args...).Text)
	require.NoError(t, err)
	return n
}

// TestFieldsExpireInSteps lets very many fields of few hashes, and one field of many, expire in one
// moment: a tick deletes some, and the next come soon until all are gone.
func TestFieldsExpireInSteps(t *testing.T) {
	h := enginetest.New(1)
	const n = 3000
	for i := range n {
		h.Do("a", "HSETEX", "large"+strconv.Itoa(i%2), "PX", "1000", "FIELDS", "1", strconv.Itoa(i), "v")
		h.Do("a", "HSETEX", "small"+strconv.Itoa(i), "PX", "1000", "FIELDS", "1", "f", "v")
	}
	h.Do("a", "HSET", "large0", "stays", "v")
	gone := func() int {
		info := h.Do("a", "INFO", "stats").Text
		_, rest, _ := strings.Cut(info, "expired_subkeys:")
		text, _, _ := strings.Cut(rest, "\r\n")
		n, err := strconv.Atoi(text)
		require.NoError(t, err)
		return n
	}
	require.Zero(t, gone())
	steps, before := 0, 0
	for h.Advance(time.Second); gone() < 2*n; steps++ {
		require.LessOrEqual(t, gone()-before, 2*512, "a step is short")
		before = gone()
		h.Advance(time.Millisecond)
		require.Greater(t, gone(), before, "the next step comes soon")
	}
	assert.Greater(t, steps, 4)
	assert.Equal(t, 1, number(t, h, "DBSIZE"))
	assert.Equal(t, 1, number(t, h, "HLEN", "large0"))
	require.NoError(t, h.LawOfReplay())
}

// TestFieldsExpireAtOnce asks for a large hash of which a part has expired before any step.
func TestFieldsExpireAtOnce(t *testing.T) {
	for _, ask := range [][]string{{"HLEN", "k"}, {"HGETALL", "k"}, {"DUMP", "k"}, {"COPY", "k", "c"}} {
		h := enginetest.New(1, "enable-debug-command", "yes")
		h.Do("a", "DEBUG", "SET-ACTIVE-EXPIRE", "0")
		for i := range 1000 {
			args := []string{"HSETEX", "k", "PX", strconv.Itoa(1 + i%10), "FIELDS", "1", strconv.Itoa(i), "v"}
			h.Do("a", args...)
		}
		h.Advance(4 * time.Millisecond)
		h.Do("a", ask...)
		require.Equal(t, 600, number(t, h, "HLEN", "k"), ask[0])
		h.Advance(10 * time.Millisecond)
		require.Equal(t, 0, number(t, h, "EXISTS", "k"), ask[0])
		h.Do("a", "DEBUG", "SET-ACTIVE-EXPIRE", "1")
		require.NoError(t, h.LawOfReplay())
	}
}

// TestFieldTimesFollowTheirKey moves keys with and without times between forms and places, in a small
// engine that is compacted and reloaded on the way.
func TestFieldTimesFollowTheirKey(t *testing.T) {
	h := enginetest.New(1, "hash-max-listpack-entries", "3")
	for i := range 600 {
		key, other := "k"+strconv.Itoa(i%7), "k"+strconv.Itoa(i%5)
		value := strings.Repeat("v", i*i%61)
		far := strconv.Itoa(1000 * (i + 100))
		switch i % 11 {
		case 0, 1, 2:
			h.Do("a", "HSETEX", key, "PX", far, "FIELDS", "2", strconv.Itoa(i%4), value, "x", value)
		case 3:
			h.Do("a", "HSET", key, "x", value, strconv.Itoa(i%6), value)
		case 4:
			h.Do("a", "RENAME", key, other)
		case 5:
			h.Do("a", "COPY", key, other, "REPLACE")
		case 6:
			h.Do("a", "PEXPIRE", key, far)
		case 7:
			h.Do("a", "PERSIST", key)
		case 8:
			h.Do("a", "HPERSIST", key, "FIELDS", "2", "x", "1")
		case 9:
			h.Do("a", "HDEL", key, "x", "1", "2")
		case 10:
			dump := h.Do("a", "DUMP", key).Text
			h.Do("a", "RESTORE", other, "0", dump, "REPLACE")
		}
		if i%50 == 0 {
			require.NoError(t, h.LawOfReplay())
		}
	}
	h.CheckLaw(t)
	for range 40 {
		h.Advance(50 * time.Second)
		require.NoError(t, h.LawOfReplay())
	}
	assert.NotContains(t, h.Do("a", "INFO", "keyspace").Text, "subexpiry=1")
}

// TestSnapshotOfFieldTimes changes a large hash whose fields expire while it is half written.
func TestSnapshotOfFieldTimes(t *testing.T) {
	for _, stride := range []int{1, 5, 20} {
		h := enginetest.New(1)
		for i := range 3000 {
			n := strconv.Itoa(i)
			h.Do("a", "HSET", "hash", "field"+n, strings.Repeat("v", i%40))
			if i%3 > 0 {
				h.Do("a", "HPEXPIREAT", "hash", fmt.Sprint(1_800_000_000_000+i*7919%3001), "FIELDS", "1", "field"+n)
			}
		}
		want := enginetest.Read(h.Engine, h.Now)
		picture := h.Engine.Snapshot(h.Now)
		var image []byte
		for i, done := 0, false; !done; i++ {
			var chunk []byte
			chunk, done = picture.Next(1000)
			image = append(image, chunk...)
			if i%stride == 0 {
				n := strconv.Itoa(i * 37 % 3000)
				h.Do("a", "HPEXPIREAT", "hash", "1700000000001", "FIELDS", "1", "field"+n)
				h.Do("a", "HPERSIST", "hash", "FIELDS", "2", "field"+n, "field7"+n)
				h.Do("a", "HSETEX", "hash", "KEEPTTL", "FIELDS", "2", "field1"+n, "longer than it was, by far", "new"+n, "v")
				h.Do("a", "HDEL", "hash", "field2"+n)
				h.Advance(2 * time.Millisecond)
			}
		}
		loaded := engine.New(engine.Config{Seed: 2})
		require.NoError(t, enginetest.Load(loaded, enginetest.Start, image, 700))
		require.Equal(t, "", enginetest.Difference(want, enginetest.Read(loaded, enginetest.Start)), "stride %d", stride)
	}
}

// TestLawsOfFieldTimes writes random commands about hashes, in both forms, while time goes on.
func TestLawsOfFieldTimes(t *testing.T) {
	for seed := range uint64(6) {
		h := enginetest.New(seed, "hash-max-listpack-entries", []string{"0", "4", "512"}[seed%3])
		random := rand.New(rand.NewPCG(seed, 3))
		grammar := enginetest.NewGrammar(func() int64 { return h.Now }, func(name string) bool {
			return name[0] == 'H' && name != "HELLO" || name == "COPY" || name == "RENAME" || name == "DEL"
		})
		for i := range 800 {
			h.Do("a", grammar.Command(random)...)
			if i%4 == 0 {
				soon := strconv.Itoa(1 + random.IntN(100))
				h.Do("a", "HPEXPIRE", "h:"+strconv.Itoa(1+i%3), soon, "FIELDS", "3", "a", "b", "c")
				h.Advance(time.Duration(random.IntN(80)) * time.Millisecond)
			}
			if i%200 == 0 {
				require.NoError(t, h.LawOfReplay(), "seed %d", seed)
			}
		}
		require.NoError(t, h.LawOfReplay(), "seed %d", seed)
	}
}
