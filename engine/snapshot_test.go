package engine_test

import (
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
