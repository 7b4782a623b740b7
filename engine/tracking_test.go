package engine

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// checkTracking compares what the tracking table counts with what it holds.
func (b *bench) checkTracking() {
	b.t.Helper()
	t := &b.tracking
	if t.table == nil {
		assert.Zero(b.t, t.ids+t.bytes)
		return
	}
	ids, size := int64(0), int64(0)
	iter := t.table.Iter()
	for ref := iter.Next(); ref != 0; ref = iter.Next() {
		list := t.table.Value(ref)
		ids += int64(len(list) / idBytes)
		size += int64(len(t.table.Key(ref)) + len(list))
		for at := idBytes; at < len(list); at += idBytes {
			if idAt(list, at-idBytes) >= idAt(list, at) {
				b.t.Fatalf("ids do not ascend: %v", list)
			}
		}
	}
	assert.Equal(b.t, ids, t.ids)
	assert.Equal(b.t, size, t.bytes)
}

// tracker opens a client in RESP3 that tracks.
func (b *bench) tracker(options string) *Client {
	c := b.open()
	b.send(c, "HELLO 3")
	require.Equal(b.t, "+OK\r\n", b.send(c, "CLIENT TRACKING ON "+options))
	return c
}

func TestTrackingTableCountsWhatItHolds(t *testing.T) {
	b := newBench(t)
	random := rand.New(rand.NewPCG(1, 2))
	var readers []*Client
	for range 5000 {
		key := fmt.Sprint("key", random.IntN(40))
		switch n := random.IntN(20); {
		case len(readers) < 20 && n < 4:
			readers = append(readers, b.tracker(""))
		case len(readers) == 0:
		case n < 2:
			last := len(readers) - 1
			b.Close(b.now, readers[last])
			readers = readers[:last]
		case n < 15:
			b.send(readers[random.IntN(len(readers))], "MGET "+key+" x"+key)
		default:
			b.send(readers[random.IntN(len(readers))], "SET "+key+" 1")
		}
		b.checkTracking()
	}
	for _, c := range readers {
		b.Close(b.now, c)
	}
	assert.Zero(t, b.observers)
	assert.Equal(t, tracking{}, b.tracking, "the last one takes the table along")
}

func TestEntriesForgetTheDead(t *testing.T) {
	b := newBench(t)
	stays := b.tracker("")
	for range 1000 {
		c := b.tracker("")
		b.send(c, "GET hot")
		b.Close(b.now, c)
	}
	b.send(stays, "GET hot")
	assert.LessOrEqual(t, b.tracking.ids, int64(2*fewIDs))
	b.checkTracking()
	assert.Contains(t, b.send(stays, "SET hot 1"), "invalidate")
	assert.Zero(t, b.tracking.ids)
}

func TestTrackingTableIsBounded(t *testing.T) {
	b := newBench(t, "tracking-table-max-keys", "100")
	c := b.tracker("")
	told := 0
	for i := range 1000 {
		told += strings.Count(b.send(c, fmt.Sprint("MGET a", i, " b", i)), "invalidate")
		require.LessOrEqual(t, b.tracking.table.Len(), 100)
	}
	assert.Equal(t, 1900, told)
	long := strings.Repeat("x", 10*trackedBytes)
	for i := range 100 {
		b.send(c, fmt.Sprint("GET ", long, i))
		require.LessOrEqual(t, b.tracking.bytes, int64(101*trackedBytes), "long names do not make it large")
	}
	b.checkTracking()
	stats := b.send(c, "INFO stats clients")
	assert.Contains(t, stats, fmt.Sprint("tracking_total_keys:", b.tracking.table.Len(), "\r\n"))
	assert.Contains(t, stats, fmt.Sprint("tracking_total_items:", b.tracking.ids, "\r\n"))
	assert.Contains(t, stats, "tracking_total_prefixes:0\r\n")
	assert.Contains(t, stats, "tracking_clients:1\r\n")
}

// A smaller bound is reached step by step: no command pays for it all.
func TestShrunkTrackingTableShrinksByShares(t *testing.T) {
	b := newBench(t)
	c := b.tracker("")
	for i := range 1000 {
		b.send(c, fmt.Sprint("GET k", i))
	}
	b.send(c, "CONFIG SET tracking-table-max-keys 10")
	assert.Equal(t, evictionsMost, strings.Count(b.send(c, "GET k0"), "invalidate"))
	for range 9 {
		b.send(c, "GET k0")
	}
	assert.LessOrEqual(t, b.tracking.table.Len(), 11)
}

func TestManyPrefixesCostLittle(t *testing.T) {
	const count = 50_000
	b := newBench(t)
	a, c := b.tracker("BCAST PREFIX k15000: PREFIX l"), b.open()
	b.send(c, "HELLO 3")
	args := strings.Fields("CLIENT TRACKING ON BCAST")
	for i := range count {
		args = append(args, "PREFIX", fmt.Sprint("k", i, ":"))
	}
	var text strings.Builder
	fmt.Fprintf(&text, "*%d\r\n", len(args))
	for _, arg := range args {
		fmt.Fprintf(&text, "$%d\r\n%s\r\n", len(arg), arg)
	}
	b.Feed(b.now, c, []byte(text.String()))
	require.Equal(t, "+OK\r\n", b.read(c))
	assert.Len(t, b.tracking.prefixes, count+1)
	assert.Contains(t, b.send(b.open(), "SET k15000:x 1"), "+OK")
	assert.Equal(t, 1, strings.Count(b.read(c), "invalidate"))
	assert.Equal(t, 1, strings.Count(b.read(a), "invalidate"))
	b.Close(b.now, c)
	assert.Len(t, b.tracking.prefixes, 2)
	b.Feed(b.now, a, []byte(text.String()))
	assert.Contains(t, b.read(a), "overlaps with an existing prefix")
}

// One transaction that changes a key over and over holds it once.
func TestCollectedKeysAreHeldOnce(t *testing.T) {
	p := &prefix{}
	for i := range 100_000 {
		p.add([]byte(fmt.Sprint("key", i%100)), nil)
		require.Less(t, len(p.keys), 4*100)
	}
	p.sort()
	assert.Len(t, p.keys, 100)
	assert.Equal(t, "key0", p.keys[0].key)
	assert.Equal(t, "key99", p.keys[99].key)
}

func TestFirstOverlap(t *testing.T) {
	for _, test := range []struct {
		texts string
		want  int
	}{
		{"", -1}, {"a", -1}, {"a b c", -1}, {"b ba", 0}, {"ba b", 0}, {"x ab a", 1}, {"x y a z abc ab", 2}, {"a a", 0},
		{"abc q abd ab", 0}, {"b a ab abc", 1}, {"ab b ac a", 0},
	} {
		var texts [][]byte
		for _, word := range strings.Fields(test.texts) {
			texts = append(texts, []byte(word))
		}
		assert.Equal(t, test.want, firstOverlap(texts), test.texts)
	}
}

// TestCollectFindsEveryPrefix compares the search with trying each prefix.
func TestCollectFindsEveryPrefix(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	word := func() []byte {
		text := make([]byte, random.IntN(6))
		for i := range text {
			text[i] = "ab"[random.IntN(2)]
		}
		return text
	}
	for range 300 {
		var tr tracking
		c := &Client{id: 1, tracker: &tracker{}}
		for range random.IntN(12) {
			tr.join(c, [][]byte{word()})
		}
		require.Equal(t, len(tr.prefixes), len(c.tracker.prefixes))
		key := word()
		tr.collect(key, nil)
		touched := 0
		for i, p := range tr.prefixes {
			require.True(t, i == 0 || tr.prefixes[i-1].text < p.text)
			begins := strings.HasPrefix(string(key), p.text)
			require.Equal(t, begins, len(p.keys) == 1, "%q of %q", p.text, key)
			if begins {
				touched++
			}
		}
		require.Len(t, tr.touched, touched)
		tr.part(c)
		require.Empty(t, tr.prefixes)
	}
}
