package engine

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"riffle/engine/dict"
)

// needUsualSizes skips a test of figures that users see, which the tag torture spoils on purpose.
func needUsualSizes(t *testing.T) {
	if tidyEvery == 1 {
		t.Skip("this build's tables are tiny")
	}
}

// recycledPages writes over every page it takes back and hands it out again, so that a view or a Ref that
// is used too long is seen.
func recycledPages(out *int) *dict.Pages {
	var free [][]byte
	return &dict.Pages{
		Get: func() []byte {
			*out++
			if n := len(free); n > 0 {
				page := free[n-1]
				free = free[:n-1]
				return page
			}
			return make([]byte, dict.PageSize)
		},
		Put: func(page []byte) {
			*out--
			copy(page, strings.Repeat("\xdb", len(page)))
			free = append(free, page)
		},
	}
}

// compacted is an engine with a clock and one client.
type compacted struct {
	t      *testing.T
	e      *Engine
	client *Client
	now    int64
}

func (c *compacted) do(words ...string) string {
	c.t.Helper()
	request := fmt.Sprintf("*%d\r\n", len(words))
	for _, word := range words {
		request += fmt.Sprintf("$%d\r\n%s\r\n", len(word), word)
	}
	c.e.Feed(c.now, c.client, []byte(request))
	out := string(c.client.Out())
	c.client.Sent(len(out))
	return out
}

// rest ticks until the engine wants nothing more within a second, and returns the steps it took.
func (c *compacted) rest() (steps int) {
	for wake := c.e.Ready().Wake; wake != 0 && wake < c.now+1e5; wake = c.e.Ready().Wake {
		c.now = max(c.now, wake)
		c.e.Tick(c.now)
		steps++
		require.Less(c.t, steps, 100_000)
	}
	return steps
}

func TestHolesAreClosed(t *testing.T) {
	out := 0
	c := &compacted{t: t, e: New(Config{Pages: recycledPages(&out)}), now: 1e15}
	c.client = c.e.Open(c.now, Peer{})
	c.e.expiring.off = true
	random := rand.New(rand.NewSource(4))
	model := map[string]string{}
	for i := range 60_000 {
		key, value := fmt.Sprint("key:", i%20_000), strings.Repeat("v", random.Intn(300))
		expiry := []string{"KEEPTTL"}
		if i%20_000%3 == 0 {
			expiry = []string{"EX", "1000"}
		}
		c.do(append([]string{"SET", key, value}, expiry...)...)
		model[key] = value
	}
	c.rest()
	for i := range 20_000 {
		if key := fmt.Sprint("key:", i); i%10 != 0 {
			c.do("DEL", key)
			delete(model, key)
		}
	}
	before := c.e.Memory()
	picture := c.e.Snapshot(c.now)
	_, done := picture.Next(1000)
	require.False(t, done)
	steps := c.rest()
	if tidyEvery > 1 {
		assert.Positive(t, steps)
		assert.Less(t, c.e.Memory(), before*2/5)
	}
	assert.Zero(t, c.rest(), "once closed, nothing is to be done")
	for key, value := range model {
		require.Equal(t, fmt.Sprintf("$%d\r\n%s\r\n", len(value), value), c.do("GET", key))
	}
	for !done {
		_, done = picture.Next(1 << 20)
	}
	c.e.expiring.off = false
	c.now += 2000e6
	for c.e.dbs[0].expires.Len() > 0 {
		c.now += expireEvery
		c.e.Tick(c.now)
	}
	for key := range model {
		var i int
		fmt.Sscanf(key, "key:%d", &i)
		require.Equal(t, i%3 == 0, c.do("EXISTS", key) == ":0\r\n", "keys that expire are known where they moved to")
	}
	c.do("FLUSHALL")
	c.rest()
	assert.Zero(t, out, "every page went back")
}

func TestFlushedPagesWaitForTheSnapshot(t *testing.T) {
	needUsualSizes(t)
	out := 0
	c := &compacted{t: t, e: New(Config{Pages: recycledPages(&out)}), now: 1e15}
	c.client = c.e.Open(c.now, Peer{})
	for i := range 30_000 {
		c.do("SET", fmt.Sprint("key:", i), "12345678901234567890")
	}
	picture := c.e.Snapshot(c.now)
	c.do("FLUSHALL")
	held := out
	for range 10 {
		c.now += compactPause
		c.e.Tick(c.now)
		c.e.Ready()
	}
	assert.Equal(t, held, out)
	picture.Close()
	c.rest()
	assert.Zero(t, out)
}

// A block that moves or goes takes the name of the key along: who watches the key is told nevertheless.
func TestWatchedWhileTheBlockGoes(t *testing.T) {
	out := 0
	c := &compacted{t: t, e: New(Config{Pages: recycledPages(&out)}), now: 1e15}
	c.client = c.e.Open(c.now, Peer{})
	other := c.e.Open(c.now, Peer{})
	for _, change := range [][]string{
		{"RPUSH", "list", strings.Repeat("x", 300)}, {"LPOP", "list"}, {"LPOP", "list"},
	} {
		c.do("RPUSH", "list", "a")
		c.do("LTRIM", "list", "0", "0")
		c.do("WATCH", "list")
		c.do("MULTI")
		mine := c.client
		c.client = other
		c.do(change...)
		c.client = mine
		assert.Equal(t, "*-1\r\n", c.do("EXEC"), change)
	}
}
