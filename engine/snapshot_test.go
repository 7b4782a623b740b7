package engine_test

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"riffle/engine"
	"riffle/engine/enginetest"
)

// fillLarge makes a large value of every type in two databases, among small ones.
func fillLarge(h *enginetest.Harness) {
	for _, db := range []string{"0", "3"} {
		h.Do("a", "SELECT", db)
		for i := range 3000 {
			n := strconv.Itoa(i)
			h.Do("a", "HSET", "hash", "field"+n, strings.Repeat("v", i%40))
			h.Do("a", "SADD", "set", "a member that is "+n)
			h.Do("a", "ZADD", "zset", strconv.Itoa(i*7919%3001), "member"+n)
			h.Do("a", "RPUSH", "list", "an element that is long enough "+n)
			h.Do("a", "XADD", "stream", n+"-1", "field", "value"+n)
			if i%10 == 0 {
				h.Do("a", "SET", "small"+n, n)
			}
		}
	}
	h.Do("a", "SELECT", "0")
}

// TestSnapshotOfLargeValues changes, removes and moves large values and their neighbours while they are
// half written.
func TestSnapshotOfLargeValues(t *testing.T) {
	changes := map[string][][]string{
		"nothing": nil,
		"their content": {{"HSET", "hash", "field1", "x", "new", "y"}, {"SREM", "set", "a member that is 5"},
			{"ZADD", "zset", "-1", "member7"}, {"LPUSH", "list", "x"}, {"XADD", "stream", "*", "a", "b"}},
		"they go": {{"DEL", "hash"}, {"RENAME", "set", "small10"}, {"MOVE", "zset", "1"}, {"SET", "list", "x"},
			{"PEXPIREAT", "stream", "1"}},
		"others": {{"SET", "small20", "x"}, {"DEL", "small30"}, {"SET", "new", "x"}, {"SELECT", "3"},
			{"SET", "small40", "x", "EX", "100"}, {"SELECT", "0"}},
		"everything": {{"SWAPDB", "0", "3"}, {"HDEL", "hash", "field1"}, {"FLUSHALL"}},
	}
	for name, commands := range changes {
		for _, stride := range []int{1, 7, 50, 400} {
			h := enginetest.New(1)
			fillLarge(h)
			want := enginetest.Read(h.Engine, h.Now)
			picture := h.Engine.Snapshot(h.Now)
			var image []byte
			for i, done := 0, false; !done; i++ {
				var chunk []byte
				chunk, done = picture.Next(1000)
				image = append(image, chunk...)
				if i%stride == 0 && i/stride < len(commands) {
					h.Do("a", commands[i/stride]...)
				}
			}
			e := engine.New(engine.Config{})
			require.NoError(t, enginetest.Load(e, h.Now, image, 10000), name)
			require.Empty(t, enginetest.Difference(want, enginetest.Read(e, h.Now)), name)
		}
	}
}

// TestSnapshotPieces: no large value makes a chunk much larger than was asked for.
func TestSnapshotPieces(t *testing.T) {
	h := enginetest.New(1)
	fillLarge(h)
	picture := h.Engine.Snapshot(h.Now)
	longest := 0
	for done := false; !done; {
		var chunk []byte
		chunk, done = picture.Next(1000)
		longest = max(longest, len(chunk))
	}
	require.Less(t, longest, 12<<10) // a node of a list may have 8 KiB
}

// change writes somewhere into the values that fillLarge has made.
func change(r *rand.Rand) []string {
	n := strconv.Itoa(r.IntN(3100))
	long := strings.Repeat("x", r.IntN(3000))
	changes := [][]string{
		{"HSET", "hash", "field" + n, long}, {"HDEL", "hash", "field" + n}, {"HINCRBY", "hash", "n", "1"},
		{"SADD", "set", n}, {"SREM", "set", "a member that is " + n}, {"SPOP", "set"}, {"SPOP", "set", "100"},
		{"ZADD", "zset", strconv.Itoa(r.IntN(3000)), "member" + n}, {"ZREM", "zset", "member" + n},
		{"ZINCRBY", "zset", "-500", "member" + n}, {"ZPOPMAX", "zset", "20"}, {"ZADD", "zset", n, n},
		{"ZREMRANGEBYRANK", "zset", "100", "150"},
		{"LPUSH", "list", long, n}, {"RPUSH", "list", n, long}, {"LPOP", "list", "30"}, {"RPOP", "list", "30"},
		{"LSET", "list", n, long}, {"LREM", "list", "-2", n}, {"LTRIM", "list", "1", "-2"},
		{"LINSERT", "list", "BEFORE", "an element that is long enough " + n, long}, {"LPUSH", "list", long + long},
		{"LINSERT", "list", "AFTER", "an element that is long enough " + n, n},
		{"LMOVE", "list", "list", "LEFT", "RIGHT"},
		{"XADD", "stream", "*", "field", long}, {"XDEL", "stream", n + "-1"}, {"XTRIM", "stream", "MAXLEN", n},
		{"XADD", "stream", "MAXLEN", "=", "2500", "*", "a", "b"}, {"XREADGROUP", "GROUP", "g", "c", "COUNT", "9",
			"STREAMS", "stream", ">"}, {"XACK", "stream", "g", n + "-1"}, {"XGROUP", "CREATE", "stream", "g", "0"},
		{"DEL", "small" + n}, {"SET", "small" + n, n}, {"RENAME", "set", "set"},
		{"COPY", "hash", "small10", "REPLACE"},
	}
	rare := [][]string{
		{"SELECT", "3"}, {"SELECT", "0"}, {"RENAME", "hash", "small20"}, {"RENAME", "small20", "hash"},
		{"MOVE", "list", "3"}, {"DEL", "list"}, {"DEL", "zset"}, {"SWAPDB", "0", "3"}, {"DEL", "stream"},
		{"PEXPIREAT", "stream", "99999999999999"}, {"LTRIM", "list", "0", "5"}, {"SPOP", "set", "2990"},
		{"ZREMRANGEBYRANK", "zset", "1", "-2"}, {"RENAME", "zset", "other"}, {"SINTERSTORE", "set", "set", "set"},
	}
	if r.IntN(60) == 0 {
		return rare[r.IntN(len(rare))]
	}
	return changes[r.IntN(len(changes))]
}

// TestSnapshotAmongChanges takes overlapping snapshots while all that they have not written changes.
func TestSnapshotAmongChanges(t *testing.T) {
	type shot struct {
		picture *engine.Snapshot
		want    string
		image   []byte
	}
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 1))
		h := enginetest.New(seed)
		fillLarge(h)
		var open []*shot
		taken := 0
		for taken < 4 || len(open) > 0 {
			if taken < 4 && r.IntN(60) == 0 {
				taken++
				open = append(open, &shot{h.Engine.Snapshot(h.Now), enginetest.Read(h.Engine, h.Now), nil})
			}
			for range r.IntN(4) {
				h.Do("a", change(r)...)
			}
			for i, s := range open {
				chunk, done := s.picture.Next(1 + r.IntN(4000))
				s.image = append(s.image, chunk...)
				if done {
					open = append(open[:i], open[i+1:]...)
					e := engine.New(engine.Config{})
					require.NoError(t, enginetest.Load(e, h.Now, s.image, 10000), seed)
					require.Empty(t, enginetest.Difference(s.want, enginetest.Read(e, h.Now)), seed)
					break
				}
			}
		}
	}
}

// longString is half noise, half repetition, so that some pieces of it can be compressed.
func longString(r *rand.Rand, size int) string {
	text := make([]byte, size)
	for i := range text {
		if text[i] = byte(i / 100); i>>16&1 == 1 {
			text[i] = byte(r.Uint32())
		}
	}
	return string(text)
}

// changeLong changes one of three long strings, mostly where it lies.
func changeLong(r *rand.Rand) []string {
	key := "long" + strconv.Itoa(r.IntN(3))
	at := strconv.Itoa(r.IntN(1 << 20))
	changes := [][]string{
		{"SETBIT", key, at, "1"}, {"SETBIT", key, at + "0", "1"},
		{"SETRANGE", key, at, longString(r, r.IntN(90000))},
		{"SETRANGE", key, "0", "x"}, {"APPEND", key, "more"}, {"APPEND", key, longString(r, r.IntN(30000))},
		{"BITFIELD", key, "SET", "u32", at, "77", "INCRBY", "u8", "#99999", "3", "GET", "u8", "0"},
		{"EXPIRE", key, "10000"}, {"PERSIST", key}, {"SET", "small", at}, {"SETRANGE", key, at, at},
		{"SET", key, longString(r, 131072+r.IntN(3)*100_000)}, {"SET", key, longString(r, 250_000), "EX", "1000"},
		{"RENAME", key, "other"}, {"RENAME", "other", key}, {"COPY", key, "other", "REPLACE"}, {"DEL", "other"},
		{"GETDEL", key}, {"SET", key, "short"}, {"BITOP", "NOT", key, key}, {"SADD", "small set", at},
		{"SUNIONSTORE", key, "small set"}, {"MOVE", key, "1"}, {"SWAPDB", "0", "1"}, {"PEXPIREAT", key, "1"},
	}
	if r.IntN(100) == 0 {
		return []string{"FLUSHALL"}
	}
	return changes[r.IntN(len(changes))]
}

// TestSnapshotOfLongStrings takes overlapping snapshots of strings that change meanwhile.
func TestSnapshotOfLongStrings(t *testing.T) {
	type shot struct {
		picture *engine.Snapshot
		want    string
		image   []byte
	}
	for seed := range uint64(1) {
		r := rand.New(rand.NewPCG(seed, 2))
		h := enginetest.New(seed)
		var open []*shot
		for i := 0; i < 300 || len(open) > 0; i++ {
			h.Do("a", changeLong(r)...)
			if i < 300 && r.IntN(40) == 0 && len(open) < 3 {
				open = append(open, &shot{h.Engine.Snapshot(h.Now), enginetest.Read(h.Engine, h.Now), nil})
			}
			for at, s := range open {
				chunk, done := s.picture.Next(1 + r.IntN(40000))
				require.Less(t, len(chunk), 120_000)
				s.image = append(s.image, chunk...)
				if done {
					open = append(open[:at], open[at+1:]...)
					e := engine.New(engine.Config{})
					require.NoError(t, enginetest.Load(e, h.Now, s.image, 10000), seed)
					require.Empty(t, enginetest.Difference(s.want, enginetest.Read(e, h.Now)), seed)
					break
				}
			}
		}
	}
}

// TestLongStringIsSavedAsSmall: pieces compress about as well as the whole, and what does not compress is
// written as it is.
func TestLongStringIsSavedAsSmall(t *testing.T) {
	for text, most := range map[string]int{
		strings.Repeat("0123456789", 1<<20):                                                      200_000,
		longString(rand.New(rand.NewPCG(1, 1)), 10<<16):                                          360_000,
		longString(rand.New(rand.NewPCG(1, 1)), 4<<16)[1<<16:2<<16] + strings.Repeat("x", 1<<16): 80_000,
	} {
		h := enginetest.New(1)
		h.Do("a", "SET", "long", text)
		image := h.Snapshot()
		require.Less(t, len(image), most)
		e := engine.New(engine.Config{})
		require.NoError(t, enginetest.Load(e, h.Now, image, 1<<16))
		require.Equal(t, enginetest.Read(h.Engine, h.Now), enginetest.Read(e, h.Now))
	}
}
