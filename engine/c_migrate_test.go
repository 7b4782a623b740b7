package engine

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// migrationBench is an engine whose host answers every exchange with lines, and keeps what was asked.
func migrationBench(t *testing.T, lines string, failure ExchangeFailure) (b *bench, c *Client, asked *Exchange) {
	b = newBench(t)
	asked = &Exchange{}
	b.config.Exchange = func(ask Exchange) (replies [][]byte, _ ExchangeFailure) {
		*asked = ask
		for line := range strings.FieldsSeq(lines) {
			replies = append(replies, []byte(strings.ReplaceAll(line, "_", " ")))
		}
		return replies, failure
	}
	c = b.open()
	b.send(c, "SET a 1", "SET b 2 PX 5000", "SET c 3", "CONFIG SET notify-keyspace-events AK")
	b.Engine.Ready()
	return b, c, asked
}

func TestMigrateSendsWhatItWasTold(t *testing.T) {
	b, c, asked := migrationBench(t, "+OK +OK +OK +OK", Exchanged)
	b.now += second
	assert.Equal(t, "+OK\r\n", b.send(c, `MIGRATE far 6380 "" 3 0 REPLACE AUTH2 me secret KEYS a nokey b`))
	assert.Equal(t, "far", asked.Host)
	assert.Equal(t, "6380", asked.Port)
	assert.EqualValues(t, 1000, asked.Timeout, "0 stands for the default")
	assert.Equal(t, 4, asked.Replies)
	sent := string(asked.Requests)
	assert.True(t, strings.HasPrefix(sent, "*3\r\n$4\r\nAUTH\r\n$2\r\nme\r\n$6\r\nsecret\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n"+
		"*5\r\n$7\r\nRESTORE\r\n$1\r\na\r\n$1\r\n0\r\n"), "%q", sent)
	assert.Contains(t, sent, "RESTORE\r\n$1\r\nb\r\n$4\r\n4000\r\n", "what is left of its time")
	assert.Equal(t, ":1\r\n", b.send(c, "EXISTS a b c"))
}

func TestMigrateDeletesWhatHasArrived(t *testing.T) {
	const move = `MIGRATE h 1 "" 0 100 KEYS a b c`
	const refused = "-ERR Target instance replied with error: "
	tests := []struct {
		name, line, replies string
		failure             ExchangeFailure
		want                string
		left                string
	}{
		{"all", move, "+OK +OK +OK +OK", Exchanged, "+OK", ":0"},
		{"a copy", `MIGRATE h 1 "" 0 100 COPY KEYS a b c`, "+OK +OK +OK +OK", Exchanged, "+OK", ":3"},
		{"one is in the way", move, "+OK +OK -BUSYKEY_there +OK", Exchanged, refused + "BUSYKEY there", ":1"},
		{"no such database", move, "-ERR_index +OK +OK +OK", Exchanged, refused + "ERR index", ":3"},
		{"a wrong password", `MIGRATE h 1 "" 0 100 AUTH x KEYS a b c`, "-WRONGPASS_no +OK +OK +OK +OK", Exchanged,
			refused + "WRONGPASS no", ":3"},
		{"nobody", move, "", FailedConnecting, "-IOERR error or timeout connecting to the client", ":3"},
		{"a full pipe", move, "", FailedWriting, "-IOERR error or timeout writing to target instance", ":3"},
		{"silence", move, "-ERR_index", FailedReading, "-IOERR error or timeout reading from target instance", ":3"},
		{"the end half-way", move, "+OK +OK +OK", FailedReading, "-IOERR error or timeout reading from target instance", ":1"},
		{"an error, then the end", move, "+OK -BUSYKEY_there", FailedReading, refused + "BUSYKEY there", ":3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b, c, _ := migrationBench(t, test.replies, test.failure)
			assert.Equal(t, test.want+"\r\n", b.send(c, test.line))
			assert.Equal(t, test.left+"\r\n", b.send(c, "EXISTS a b c"))
		})
	}
}

func TestMigratedKeysAreGoneFromTheJournalToo(t *testing.T) {
	b, c, _ := migrationBench(t, "+OK +OK +OK", Exchanged)
	listener := b.open()
	b.send(listener, "PSUBSCRIBE *")
	b.Feed(b.now, c, []byte("MIGRATE h 1 \"\" 0 100 KEYS a b\r\n"))
	journal := string(b.Engine.Ready().Journal)
	assert.Contains(t, journal, "*2\r\n$3\r\nDEL\r\n$1\r\na\r\n*2\r\n$3\r\nDEL\r\n$1\r\nb\r\n")
	assert.NotContains(t, journal, "MIGRATE")
	assert.Equal(t, 2, strings.Count(string(listener.Out()), "del\r\n"))
}

func TestMigrateWithoutANetwork(t *testing.T) {
	g := newEdge(t, Config{})
	require.Equal(t, "+NOKEY\r\n", g.do("MIGRATE h 1 k 0 10"))
	g.do("SET k v")
	assert.Equal(t, "-IOERR error or timeout connecting to the client\r\n", g.do("MIGRATE h 1 k 0 10"))
}

func TestPasswordsOfMigrateAreHidden(t *testing.T) {
	b := newBench(t)
	watcher, c := b.open(), b.open()
	b.send(watcher, "MONITOR")
	b.send(c, "MIGRATE h 1 k 0 10 AUTH open COPY", "MIGRATE h 1 \"\" 0 10 AUTH2 me open KEYS AUTH k", "MIGRATE h 1 k 0 10 AUTH")
	out := b.read(watcher)
	assert.NotContains(t, out, "open")
	assert.Contains(t, out, `"AUTH" "(redacted)" "COPY"`)
	assert.Contains(t, out, `"AUTH2" "(redacted)" "(redacted)" "KEYS" "AUTH" "k"`)
}
