package engine

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const second = int64(1e6)

// bench is an engine with a clock that the test holds.
type bench struct {
	*Engine
	t   *testing.T
	now int64
}

func newBench(t *testing.T, parameters ...string) *bench {
	b := &bench{Engine: New(Config{Seed: 1, Journal: true}), t: t, now: 1_700_000_000 * second}
	for i := 0; i < len(parameters); i += 2 {
		require.Empty(t, b.ConfigSet(parameters[i], parameters[i+1]))
	}
	return b
}

func (b *bench) open() *Client { return b.Open(b.now, Peer{Address: "127.0.0.1:1"}) }

// send feeds inline requests and returns what has become readable for the client.
func (b *bench) send(c *Client, lines ...string) string {
	b.Feed(b.now, c, []byte(strings.Join(lines, "\r\n")+"\r\n"))
	return b.read(c)
}

func (b *bench) read(c *Client) string {
	b.Engine.Ready()
	out := string(c.Out())
	c.Sent(len(c.Out()))
	return out
}

func TestReadyListsAClientOnceUntilItIsTaken(t *testing.T) {
	b := newBench(t)
	c := b.open()
	b.Feed(b.now, c, []byte("PING\r\nPING\r\n"))
	b.Feed(b.now, c, []byte("PING\r\n"))
	ready := b.Engine.Ready()
	require.Len(t, ready.Clients, 1)
	assert.Equal(t, "+PONG\r\n+PONG\r\n+PONG\r\n", string(c.Out()))
	c.Sent(7)
	assert.Equal(t, "+PONG\r\n+PONG\r\n", string(c.Out()))
	assert.Empty(t, b.Engine.Ready().Clients)
	b.Feed(b.now, c, []byte("PING\r\n"))
	assert.Len(t, b.Engine.Ready().Clients, 1)
}

func TestJournalWrapsUnitsOfSeveralEffects(t *testing.T) {
	b := newBench(t)
	c := b.open()
	b.Feed(b.now, c, []byte("MULTI\r\nSET a 1\r\nINCR a\r\nEXEC\r\n"))
	journal := string(b.Engine.Ready().Journal)
	assert.True(t, strings.HasPrefix(journal, multiText), journal)
	assert.True(t, strings.HasSuffix(journal, execText), journal)
	b.Feed(b.now, c, []byte("MULTI\r\nGET a\r\nEXEC\r\nSET a 5\r\n"))
	journal = string(b.Engine.Ready().Journal)
	assert.Equal(t, "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n5\r\n", journal, "reads leave no trace, one effect needs no MULTI")
}

func TestApplyStopsBeforeATornUnit(t *testing.T) {
	b := newBench(t)
	c := b.open()
	b.Feed(b.now, c, []byte("SET a 1\r\nMULTI\r\nINCR a\r\nINCR a\r\nEXEC\r\n"))
	journal := append([]byte(nil), b.Engine.Ready().Journal...)
	whole := strings.Index(string(journal), multiText)
	for cut := whole; cut < len(journal); cut++ {
		again := newBench(t)
		n, err := again.Apply(again.now, journal[:cut])
		require.NoError(t, err)
		require.Equal(t, whole, n)
		require.Equal(t, "$1\r\n1\r\n", again.send(again.open(), "GET a"))
	}
	again := newBench(t)
	n, err := again.Apply(again.now, journal)
	require.NoError(t, err)
	assert.Equal(t, len(journal), n)
	assert.Equal(t, "$1\r\n3\r\n", again.send(again.open(), "GET a"))
}

func TestApplySaysWhatItCannotRead(t *testing.T) {
	for _, log := range []string{"hello\r\n", "*1\r\n$4\r\nNOPE\r\n", "*2\r\n$3\r\nSET\r\n$1\r\na\r\n", "*1\r\n!3\r\n"} {
		b := newBench(t)
		n, err := b.Apply(b.now, []byte("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n"+log))
		assert.Equal(t, 27, n, "what came before stays applied")
		assert.Error(t, err, log)
	}
}

func TestRefusedWritesAnswerMisconfAndReadsGoOn(t *testing.T) {
	b := newBench(t)
	c := b.open()
	b.send(c, "SET a 1")
	b.Refuse("disk full")
	assert.Equal(t, "-MISCONF disk full\r\n$1\r\n1\r\n", b.send(c, "SET a 2", "GET a"))
	assert.Equal(t, "+OK\r\n+QUEUED\r\n*1\r\n$1\r\n1\r\n", b.send(c, "MULTI", "GET a", "EXEC"))
	b.Refuse("")
	assert.Equal(t, "+OK\r\n", b.send(c, "SET a 2"))
}

func TestOutputLimits(t *testing.T) {
	b := newBench(t, "client-output-buffer-limit", "normal 1000 0 0 pubsub 0 100 5")
	c := b.open()
	assert.Equal(t, "+PONG\r\n", b.send(c, "PING"), "no limit shuts clients out")
	b.Feed(b.now, c, []byte("ECHO "+strings.Repeat("x", 2000)+"\r\n"))
	b.Engine.Ready()
	assert.False(t, c.Closing(), "what fits into the reference's buffer does not count")
	b.Feed(b.now, c, []byte("ECHO "+strings.Repeat("x", 20_000)+"\r\n"))
	b.Engine.Ready()
	assert.True(t, c.Closing(), "over the hard limit")
	assert.Empty(t, c.Out())

	listener, speaker := b.open(), b.open()
	b.send(listener, "SUBSCRIBE news")
	publish := "PUBLISH news " + strings.Repeat("x", 20_000)
	b.send(speaker, publish)
	b.now += 4 * second
	b.send(speaker, publish)
	assert.False(t, listener.Closing(), "over the soft limit, but not for long enough")
	b.now += 2 * second
	b.send(speaker, publish)
	assert.True(t, listener.Closing())
}

func TestReplyOffAndSkip(t *testing.T) {
	b := newBench(t)
	c := b.open()
	assert.Equal(t, "+PONG\r\n", b.send(c, "CLIENT REPLY SKIP", "PING", "PING"))
	assert.Equal(t, "+OK\r\n", b.send(c, "CLIENT REPLY OFF", "PING", "NOPE", "CLIENT REPLY ON"))
}

func TestPauseKeepsInputUnread(t *testing.T) {
	b := newBench(t)
	operator, c := b.open(), b.open()
	b.send(operator, "CLIENT PAUSE 1000 WRITE")
	assert.Equal(t, "$-1\r\n", b.send(c, "GET a", "SET a 1", "GET a"), "reads pass until a write is held")
	assert.Equal(t, b.now+second, b.Engine.Ready().Wake)
	b.now += second
	b.Tick(b.now)
	assert.Equal(t, "+OK\r\n$1\r\n1\r\n", b.read(c))
	b.send(operator, "CLIENT PAUSE 100000")
	assert.Empty(t, b.send(c, "GET a"))
	b.send(operator, "CLIENT UNPAUSE")
	assert.Equal(t, "$1\r\n1\r\n", b.read(c))
}

func TestAuthenticationComesFirst(t *testing.T) {
	b := newBench(t, "requirepass", "secret")
	c := b.open()
	assert.Equal(t, "-NOAUTH Authentication required.\r\n", b.send(c, "GET a"))
	assert.Contains(t, b.send(c, "AUTH wrong"), "-WRONGPASS")
	assert.Equal(t, "+OK\r\n", b.send(c, "AUTH secret"))
	assert.Equal(t, "$-1\r\n", b.send(c, "GET a"))
	stranger := b.open()
	b.Feed(b.now, stranger, []byte("*100\r\n"))
	assert.Contains(t, b.read(stranger), "unauthenticated multibulk length")
	assert.True(t, stranger.Closing())
}

func TestPushesNeverLandInsideAReply(t *testing.T) {
	b := newBench(t)
	c := b.open()
	b.send(c, "HELLO 3", "SUBSCRIBE news")
	out := b.send(c, "MULTI", "PUBLISH news hi", "PING", "EXEC")
	assert.Equal(t, "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:1\r\n+PONG\r\n>3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n", out)
}

func TestClosedClientsAreForgotten(t *testing.T) {
	b := newBench(t)
	c, other := b.open(), b.open()
	b.send(c, "SUBSCRIBE news", "PSUBSCRIBE n*")
	b.send(other, "WATCH a")
	b.Close(b.now, c)
	b.Close(b.now, other)
	assert.Equal(t, ":0\r\n*0\r\n", b.send(b.open(), "PUBLISH news x", "PUBSUB CHANNELS"))
	assert.Zero(t, b.observers)
	assert.Len(t, b.clients, 1)
}

// picture loads what a snapshot wrote into a fresh bench.
func picture(t *testing.T, file []byte) *bench {
	again := newBench(t)
	rest := file
	size, err := again.Load(again.now, func() ([]byte, error) {
		n := min(7, len(rest)) // small chunks, so that every read crosses one
		chunk := rest[:n]
		rest = rest[n:]
		return chunk, nil
	})
	require.NoError(t, err)
	require.EqualValues(t, len(file), size)
	return again
}

func TestSnapshotIsOfOneMoment(t *testing.T) {
	b := newBench(t)
	c := b.open()
	for i := 0; i < 2000; i++ {
		b.send(c, "SET key:"+itoa(int64(i))+" before EX 1000")
	}
	b.send(c, "SELECT 3", "SET other before", "SELECT 0")
	moment := b.Snapshot(b.now)
	var file []byte
	for i, done := 0, false; !done; i++ {
		var chunk []byte
		chunk, done = moment.Next(500)
		file = append(file, chunk...)
		b.send(c, "SET key:"+itoa(int64(i*37%2000))+" after", "DEL key:"+itoa(int64(i*53%2000)), "SET new:"+itoa(int64(i))+" x")
		switch i {
		case 20:
			b.send(c, "SWAPDB 0 3", "SELECT 3")
		case 40:
			b.send(c, "FLUSHALL")
		}
	}
	again := picture(t, file)
	reader := again.open()
	assert.Equal(t, ":2000\r\n", again.send(reader, "DBSIZE"))
	for i := 0; i < 2000; i++ {
		require.Equal(t, "$6\r\nbefore\r\n", again.send(reader, "GET key:"+itoa(int64(i))))
	}
	assert.Equal(t, "+OK\r\n$6\r\nbefore\r\n", again.send(reader, "SELECT 3", "GET other"))
	assert.Empty(t, b.snapshots)
}

func TestLoadSaysWhereASnapshotIsBroken(t *testing.T) {
	b := newBench(t)
	b.send(b.open(), "SET a 1", "SET b 2")
	chunk, done := b.Snapshot(b.now).Next(1 << 20)
	require.True(t, done)
	file := append([]byte(nil), chunk...)
	load := func(file []byte) error {
		rest := file
		_, err := New(Config{}).Load(b.now, func() ([]byte, error) {
			chunk := rest
			rest = nil
			return chunk, nil
		})
		return err
	}
	require.NoError(t, load(file))
	for cut := range file {
		assert.Error(t, load(file[:cut]), "cut at %d", cut)
	}
	for i := range file[:len(file)-8] {
		broken := append([]byte(nil), file...)
		broken[i] ^= 0x10
		assert.Error(t, load(broken), "bit turned at %d", i)
	}
}

func TestConfigSetIsAllOrNothing(t *testing.T) {
	b := newBench(t)
	c := b.open()
	assert.Contains(t, b.send(c, "CONFIG SET maxmemory 100mb save nonsense"), "-ERR CONFIG SET failed")
	assert.Equal(t, "*2\r\n$9\r\nmaxmemory\r\n$1\r\n0\r\n", b.send(c, "CONFIG GET maxmemory"))
	assert.Equal(t, "+OK\r\n", b.send(c, "CONFIG SET notify-keyspace-events gxE$lshzetdK"))
	assert.Contains(t, b.send(c, "CONFIG GET notify-keyspace-events"), "AKE")
	assert.True(t, slicesSorted(parameters[:]), "parameters are sorted by name")
}

func slicesSorted(rows []parameter) bool {
	for i := 1; i < len(rows); i++ {
		if rows[i-1].name >= rows[i].name {
			return false
		}
	}
	return true
}

func TestConfigSetWaitsForTheHost(t *testing.T) {
	b := newBench(t)
	c := b.open()
	b.Feed(b.now, c, []byte("CONFIG SET port 1 timeout 5\r\nPING\r\n"))
	requests := append([]Request(nil), b.Engine.Ready().Requests...)
	require.Len(t, requests, 2)
	assert.Empty(t, c.Out())
	b.Finish(b.now, requests[0], "address already in use")
	b.Finish(b.now, requests[1], "")
	assert.Equal(t, "-ERR CONFIG SET failed (possibly related to argument 'port') - address already in use\r\n+PONG\r\n", b.read(c))
	assert.Equal(t, "+OK\r\n+QUEUED\r\n*1\r\n+OK\r\n", b.send(c, "MULTI", "CONFIG SET timeout 6", "EXEC"), "EXEC cannot wait")
	assert.Contains(t, b.send(c, "CONFIG SET dir /tmp"), "can't set protected config")
}
