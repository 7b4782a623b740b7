package engine_test

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"riffle/engine"
	"riffle/engine/enginetest"
)

// unrepeatable are commands whose replies hang on chance, on the order of hashes or on how a value lies in
// memory, or which end what a test needs.
var unrepeatable = []string{
	"SPOP", "SRANDMEMBER", "HRANDFIELD", "ZRANDMEMBER", "RANDOMKEY", "SMEMBERS", "SINTER", "SUNION", "SDIFF", "HGETALL",
	"HKEYS", "KEYS", "SCAN", "HVALS", "HSCAN", "SSCAN", "ZSCAN", "SORT", "SORT_RO", "DUMP", "INFO", "SHUTDOWN", "DEBUG", "AUTH",
	"CONFIG", "SAVE", "BGSAVE", "BGREWRITEAOF", "LASTSAVE", "MEMORY", "LOLWUT", "OBJECT", "PFDEBUG", "HELLO", "LATENCY",
	"ACL", "MIGRATE", "REPLICAOF", "SLAVEOF", "FAILOVER", "PSYNC", "SYNC", "EVAL", "SCRIPT", "FUNCTION", "FCALL", "WAIT",
}

// TestHandOver cuts random transcripts at random points, where a fresh engine takes over. LawOfCutting runs
// the same inputs without that and compares what each client was sent.
func TestHandOver(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 1))
		h := enginetest.New(seed)
		grammar := enginetest.NewGrammar(func() int64 { return h.Now }, func(name string) bool {
			return !slices.ContainsFunc(unrepeatable, func(word string) bool { return hasWord(name, word) })
		})
		for range 120 {
			name := string(rune('a' + random.IntN(5)))
			args := grammar.Write(random, grammar.Rows[random.IntN(len(grammar.Rows))])
			p := enginetest.AppendCommand(nil, args...)
			cut := len(p)
			if random.IntN(4) == 0 {
				cut = random.IntN(len(p))
			}
			h.Feed(name, p[:cut])
			if random.IntN(10) == 0 {
				require.NoError(t, h.HandOver(), "seed %d", seed)
			}
			h.Feed(name, p[cut:])
			if random.IntN(6) == 0 {
				h.Advance(time.Duration(random.IntN(3000)) * time.Millisecond)
			}
			for _, c := range h.Clients() {
				if c.Closed {
					h.Forget(c.Name)
					break
				}
			}
		}
		require.NoError(t, h.LawOfCutting(), "seed %d", seed)
		require.NoError(t, h.LawOfReplay(), "seed %d", seed)
	}
}

func hasWord(name, word string) bool {
	return name == word || len(name) > len(word) && name[:len(word)+1] == word+" "
}

// handOver moves to a fresh engine.
func handOver(t *testing.T, h *enginetest.Harness) {
	t.Helper()
	require.NoError(t, h.HandOver())
}

func TestHandOverKeepsTransactions(t *testing.T) {
	h := enginetest.New(1)
	h.Do("a", "SET", "stock", "10")
	h.Do("a", "WATCH", "stock")
	h.Do("a", "MULTI")
	h.Do("a", "DECR", "stock")
	h.Do("b", "WATCH", "stock")
	h.Do("b", "MULTI")
	h.Do("b", "INCR", "stock")
	handOver(t, h)
	assert.Equal(t, "*1\r\n:9\r\n", answer(h, "a", "EXEC"))
	handOver(t, h)
	assert.Equal(t, "*-1\r\n", answer(h, "b", "EXEC"), "a watched key was changed")
}

func TestHandOverKeepsWhoWaits(t *testing.T) {
	h := enginetest.New(1)
	h.Send("b", "BLPOP", "queue", "0")
	h.Send("a", "BLPOP", "queue", "other", "5")
	h.Send("c", "BLPOP", "queue", "2")
	handOver(t, h)
	assert.Equal(t, ":2\r\n", answer(h, "d", "RPUSH", "queue", "1", "2"))
	assert.Equal(t, "*2\r\n$5\r\nqueue\r\n$1\r\n1\r\n", string(h.TakeBytes("b")), "who came first")
	assert.Equal(t, "*2\r\n$5\r\nqueue\r\n$1\r\n2\r\n", string(h.TakeBytes("a")))
	h.Advance(1900 * time.Millisecond)
	handOver(t, h)
	assert.Empty(t, h.TakeBytes("c"))
	h.Advance(200 * time.Millisecond)
	assert.Equal(t, "*-1\r\n", string(h.TakeBytes("c")))
}

func TestHandOverKeepsListeners(t *testing.T) {
	h := enginetest.New(1)
	h.Send("a", "SUBSCRIBE", "news")
	h.Send("a", "PSUBSCRIBE", "n*", "ne*")
	h.Send("m", "MONITOR")
	h.TakeBytes("a")
	h.TakeBytes("m")
	buffers := regexp.MustCompile(`(rbs|tot-mem)=\d+`)
	list := func() string { return buffers.ReplaceAllString(h.Do("b", "CLIENT", "LIST").Text, "") }
	before := list()
	handOver(t, h)
	assert.Equal(t, before, list())
	assert.Equal(t, ":3\r\n", answer(h, "b", "PUBLISH", "news", "x"))
	want := "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$1\r\nx\r\n*4\r\n$8\r\npmessage\r\n$2\r\nn*\r\n$4\r\nnews\r\n$1\r\nx\r\n" +
		"*4\r\n$8\r\npmessage\r\n$3\r\nne*\r\n$4\r\nnews\r\n$1\r\nx\r\n"
	assert.Equal(t, want, string(h.TakeBytes("a")))
	assert.Contains(t, string(h.TakeBytes("m")), `"PUBLISH" "news" "x"`)
}

func TestHandOverKeepsSettings(t *testing.T) {
	h := enginetest.New(1)
	h.Do("a", "CONFIG", "SET", "hash-max-listpack-entries", "3", "requirepass", "secret")
	h.Do("a", "HELLO", "3", "SETNAME", "me")
	h.Do("a", "SELECT", "4")
	h.Do("a", "CLIENT", "PAUSE", "1000")
	h.Send("a", "SET", "k", "v")
	handOver(t, h)
	assert.Empty(t, h.TakeBytes("a"))
	h.Advance(1100 * time.Millisecond)
	assert.Equal(t, "+OK\r\n", string(h.TakeBytes("a")))
	assert.Equal(t, "$2\r\nme\r\n", answer(h, "a", "CLIENT", "GETNAME"))
	assert.Contains(t, answer(h, "a", "CONFIG", "GET", "hash-max-listpack-entries"), "$1\r\n3\r\n")
	assert.Equal(t, "-NOAUTH Authentication required.\r\n", answer(h, "b", "GET", "k"))
	assert.Contains(t, answer(h, "a", "INFO", "commandstats"), "cmdstat_client|pause:calls=1,")
}

// TestHandOverKeepsScans: a SCAN that goes on in the other engine still finds every key.
func TestHandOverKeepsScans(t *testing.T) {
	h := enginetest.New(1)
	h.Do("a", "FLUSHALL")
	for i := range 500 {
		h.Do("a", "SET", "key:"+string(rune('a'+i%26))+string(rune('0'+i/26)), "v")
	}
	found := map[string]bool{}
	cursor := "0"
	for {
		reply := h.Do("a", "SCAN", cursor)
		for _, key := range reply.Items[1].Items {
			found[key.Text] = true
		}
		if cursor = reply.Items[0].Text; cursor == "0" {
			break
		}
		handOver(t, h)
	}
	assert.Len(t, found, 500)
}

func TestTakeOverRefusesWhatItCannotRead(t *testing.T) {
	for _, p := range []string{
		"NONSENSE\r\n", "*1\r\n$6\r\nCLIENT\r\n", "*2\r\n$4\r\nWAIT\r\n$1\r\n1\r\n", "*1\r\n$5\r\nPLACE\r\n", "*1\r\n$5\r\nWA",
		"*3\r\n$8\r\nDATABASE\r\n$2\r\n99\r\n$1\r\n1\r\n", "*3\r\n$8\r\nAUDIENCE\r\n$1\r\n7\r\n$1\r\nx\r\n",
		"*3\r\n$9\r\nPARAMETER\r\n$5\r\nnosuc\r\n$1\r\nx\r\n",
	} {
		_, err := freshEngine().TakeOver([]byte(p))
		assert.Error(t, err, "%q", p)
	}
}

func freshEngine() *engine.Engine { return engine.New(engine.Config{}) }

// answer sends a command and returns the bytes of its reply.
func answer(h *enginetest.Harness, client string, args ...string) string {
	h.Send(client, args...)
	return string(h.TakeBytes(client))
}
