package engine

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a command costs must not grow with what it does not concern. These tests count steps instead of
// measuring time, so they can fail on any machine.

// countRuns counts how often the parked requests of clients are run again.
func countRuns(clients []*Client, runs *int) {
	for _, c := range clients {
		run := c.wait.cmd.Run
		counting := *c.wait.cmd.Command
		counting.Run = func(ctx *Ctx) {
			*runs++
			run(ctx)
		}
		cmd := *c.wait.cmd
		cmd.Command = &counting
		c.wait.cmd = &cmd
	}
}

func TestWaitersAreTriedWhileThereIsSomething(t *testing.T) {
	const waiting = 500
	// One is tried in vain, and one more because being emptied touches a key, too.
	for _, test := range []struct {
		name, prepare, wait, give string
		runs, served              int
	}{
		{"list", "PING", "BLPOP l 0", "RPUSH l a b", 4, 2},
		{"move", "PING", "BLMOVE l other LEFT LEFT 0", "RPUSH l a", 3, 1},
		{"sorted set", "PING", "BZPOPMIN l 0", "ZADD l 1 a 2 b 3 c", 5, 3},
		{"group", "XGROUP CREATE l g $ MKSTREAM", "XREADGROUP GROUP g c BLOCK 0 STREAMS l >", "XADD l * f v", 2, 1},
		{"readers", "XADD l * f v", "XREAD BLOCK 0 STREAMS l $", "XADD l * f v", waiting, waiting},
		{"other kind", "PING", "BLPOP l 0", "ZADD l 1 a", 1, 0},
		{"deleted", "SET l x", "BLPOP other l 0", "DEL l", 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			giver := b.open()
			b.send(giver, test.prepare)
			var clients []*Client
			for range waiting {
				c := b.open()
				b.send(c, test.wait)
				if c.wait != nil {
					clients = append(clients, c)
				}
			}
			runs := 0
			countRuns(clients, &runs)
			b.send(giver, test.give)
			assert.Equal(t, test.runs, runs)
			assert.Equal(t, len(clients)-test.served, b.blocking.count)
		})
	}
}

func TestManyTimeoutsComeInSteps(t *testing.T) {
	b := newBench(t)
	for range 2*timeOuts + 1 {
		b.send(b.open(), "BLPOP l 1")
	}
	b.now += 2 * second
	for _, left := range []int{timeOuts + 1, 1, 0} {
		b.Tick(b.now)
		require.Equal(t, left, b.blocking.count)
		require.Equal(t, left > 0, b.wake() != 0 && b.wake() <= b.now)
	}
}

func TestLinesAreLeftWithoutATrace(t *testing.T) {
	b := newBench(t)
	var clients []*Client
	for i := range 60 {
		c := b.open()
		b.send(c, []string{"BLPOP a b a 0", "BZPOPMIN b a 0", "XREAD BLOCK 0 STREAMS a c $ $"}[i%3])
		clients = append(clients, c)
	}
	db := b.dbs[0]
	require.Len(t, db.waiters["a"].lines, 3)
	for i := range clients {
		c := clients[(i*37)%len(clients)]
		assert.NotNil(t, c.wait)
		b.Close(b.now, c)
		for _, q := range db.waiters {
			for _, line := range q.lines {
				n := 0
				for p := line.first; p != nil; p = p.next {
					assert.True(t, p.wait.client.wait == p.wait && (p.next == nil && line.last == p || p.next.prev == p))
					n++
				}
				assert.Positive(t, n)
			}
		}
	}
	assert.Empty(t, db.waiters)
}

func TestMessageIsSpelledOnceForAll(t *testing.T) {
	for _, listeners := range []int{10, 1000} {
		b := newBench(t)
		publisher := b.open()
		var clients []*Client
		for i := range listeners {
			c := b.open()
			b.send(c, "HELLO "+strconv.Itoa(2+i%2), "SUBSCRIBE news")
			clients = append(clients, c)
		}
		publish := func() {
			b.Feed(b.now, publisher, []byte("PUBLISH news hello\r\n"))
			b.Engine.Ready()
			for _, c := range append(clients, publisher) {
				c.Sent(len(c.Out()))
			}
		}
		publish()
		assert.Less(t, testing.AllocsPerRun(10, publish), float64(10), "%d listeners", listeners)
	}
}

func TestListenersKnowTheirSeats(t *testing.T) {
	b := newBench(t)
	var clients []*Client
	for range 20 {
		clients = append(clients, b.open())
	}
	for i := range 2000 {
		c := clients[i*7%20]
		name := "ch" + strconv.Itoa(i*i%13)
		if i%3 == 0 {
			b.send(c, "UNSUBSCRIBE "+name)
		} else {
			b.send(c, "SUBSCRIBE "+name+" "+name)
		}
	}
	listening := 0
	for _, c := range clients {
		for i, note := range c.subs.exact {
			assert.Equal(t, i, note.place)
			assert.Equal(t, seat{c, note}, note.audience.seats[note.seat])
			listening++
		}
	}
	seats := 0
	for i, a := range b.channels.exact.list {
		assert.Equal(t, i, a.slot)
		assert.True(t, b.channels.exact.byName[a.name] == a)
		seats += len(a.seats)
	}
	assert.Equal(t, listening, seats)
	require.Positive(t, seats)
	for _, c := range clients {
		b.Close(b.now, c)
	}
	assert.Empty(t, b.channels.exact.list)
	assert.Empty(t, b.channels.exact.byName)
}

func TestAWatchIsSpoiltOnce(t *testing.T) {
	b := newBench(t)
	writer := b.open()
	var clients []*Client
	for range 100 {
		c := b.open()
		b.send(c, "WATCH k other k")
		assert.Len(t, c.watches, 2)
		clients = append(clients, c)
	}
	assert.Len(t, b.dbs[0].watchers["k"], 100)
	b.send(writer, "SET k v")
	assert.NotContains(t, b.dbs[0].watchers, "k", "nothing is left to be visited by the next write")
	assert.Len(t, b.dbs[0].watchers["other"], 100)
	for i := range clients {
		c := clients[i*37%100]
		if i%2 == 0 {
			b.Close(b.now, c)
			continue
		}
		assert.Contains(t, b.send(c, "MULTI", "PING", "EXEC"), "*-1")
		assert.Contains(t, b.send(c, "WATCH k", "MULTI", "PING", "EXEC"), "+PONG")
	}
	assert.Zero(t, b.observers)
	assert.Empty(t, b.dbs[0].watchers)
}

// expireBench is an engine with n keys that expire a second from now.
func expireBench(t *testing.T, n int) *bench {
	b := newBench(t, "save", "")
	c := b.open()
	var p []byte
	for i := range n {
		p = fmt.Appendf(p, "SET key:%d v PX 1000\r\n", i)
	}
	b.Feed(b.now, c, p)
	c.Sent(len(c.Out()))
	b.Engine.Ready()
	return b
}

func TestExpiryComesInSteps(t *testing.T) {
	const keys = 20_000
	b := expireBench(t, keys)
	b.now += 2 * second
	for steps := 0; b.dbs[0].keys.Len() > 0; steps++ {
		require.LessOrEqual(t, steps, keys/expireDeletes)
		b.Tick(b.now)
		ready := b.Engine.Ready()
		deleted := bytes.Count(ready.Journal, []byte("DEL\r\n"))
		require.LessOrEqual(t, deleted, expireDeletes+63)
		if b.dbs[0].keys.Len() > 0 {
			require.GreaterOrEqual(t, deleted, expireDeletes, "a step does not stop early")
			require.Equal(t, b.now+expireSoon, ready.Wake, "the next is due soon, and not at once")
			b.now = ready.Wake
		}
	}
	assert.Zero(t, b.Engine.Ready().Wake)
}

func TestExpiryRestsWhenNothingIsDue(t *testing.T) {
	b := expireBench(t, 20_000)
	due := b.Engine.Ready().Wake
	b.Tick(due)
	for range 10 {
		ready := b.Engine.Ready()
		require.Equal(t, due+expireEvery, ready.Wake, "neither earlier, nor put off by what happens meanwhile")
		b.now += expireEvery / 20
		b.Tick(b.now)
	}
	assert.Equal(t, 20_000, b.dbs[0].keys.Len())
}

func TestSavePointsAreNotPutOff(t *testing.T) {
	b := newBench(t, "save", "1 1")
	c := b.open()
	for range 40 {
		b.send(c, "SET k v")
		b.now += second / 10
		if ready := b.Engine.Ready(); ready.Wake <= b.now {
			b.Tick(b.now)
		}
	}
	assert.NotZero(t, b.saves.began, "a second's silence is no condition")
}

func TestBookmarksLeadWhereAWalkWould(t *testing.T) {
	b := newBench(t, "stream-node-max-entries", "7")
	c := b.open()
	b.send(c, "XGROUP CREATE s g 0 MKSTREAM", "XGROUP CREATE s all 0")
	next, used := 1, 0
	add := func(n int) {
		for ; n > 0; n-- {
			b.send(c, fmt.Sprintf("XADD s %d-1 f%d %s", next, next%3/2, strings.Repeat("v", next%70)))
			next++
		}
	}
	add(3)
	for i := range 3000 {
		switch i * i % 11 {
		case 0, 1, 3, 5:
			add(i % 4)
		case 4:
			b.send(c, fmt.Sprintf("XDEL s %d-1", next-1-i%20))
		case 9:
			if i%7 == 0 {
				b.send(c, "XTRIM s MAXLEN "+strconv.Itoa(i%30), "XSETID s "+strconv.Itoa(next)+"-0")
			}
		}
		s := b.dbs[0].object(b.dbs[0].keys.Find([]byte("s"))).(*Stream)
		g := s.group([]byte("g"))
		above, _ := g.last.next()
		w := s.walk(above, maxStreamID, false)
		want := ""
		if w.next() {
			want = string(w.id.text())
		}
		if g.behind.after == g.last && g.behind.edits == s.edits && want != "" {
			used++
		}
		got := b.send(c, "XREADGROUP GROUP g c COUNT 1 STREAMS s >")
		if want == "" {
			require.Equal(t, "*-1\r\n", got)
		} else {
			require.Contains(t, got, "\r\n"+want+"\r\n", "step %d", i)
		}
	}
	assert.Greater(t, used, 500)
}

func TestABookmarkDoesNotOutliveItsNode(t *testing.T) {
	b := newBench(t)
	c := b.open()
	b.send(c, "XADD s 1-1 f "+strings.Repeat("long", 20), "XGROUP CREATE s g 0")
	assert.Contains(t, b.send(c, "XREADGROUP GROUP g c STREAMS s >"), "1-1")
	b.send(c, "XDEL s 1-1", "XSETID s 0-1", "XADD s 1-1 f v", "XADD s 1-2 f v")
	assert.Contains(t, b.send(c, "XREADGROUP GROUP g c STREAMS s >"), "1-2")
}
