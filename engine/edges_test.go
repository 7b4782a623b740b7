package engine

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// edge is an engine with one client, for what no transcript can say.
type edge struct {
	t *testing.T
	e *Engine
	c *Client
}

func newEdge(t *testing.T, config Config) *edge {
	e := New(config)
	return &edge{t, e, e.Open(1e15, Peer{Address: "127.0.0.1:1"})}
}

// do sends one inline request and returns what came back.
func (g *edge) do(line string) string {
	g.e.Feed(1e15, g.c, []byte(line+"\r\n"))
	out := string(g.c.Out())
	g.c.Sent(len(out))
	return out
}

// requests takes what the host is asked for.
func (g *edge) requests() []Request { return append([]Request(nil), g.e.Ready().Requests...) }

func TestSnapshotsThatTheHostMakes(t *testing.T) {
	g := newEdge(t, Config{})
	assert.Empty(t, g.do("SAVE"), "the client waits")
	asked := g.requests()
	require.Len(t, asked, 1)
	assert.Equal(t, RequestSave, asked[0].Kind)

	other := g.e.Open(1e15, Peer{})
	for _, line := range []string{"SAVE", "BGSAVE"} {
		g.e.Feed(1e15, other, []byte(line+"\r\n"))
		assert.Equal(t, "-"+errSaveRuns+"\r\n", string(other.Out()))
		other.Sent(len(other.Out()))
	}
	g.e.Finish(1e15, asked[0], "the disk is full")
	assert.Equal(t, "-ERR the disk is full\r\n", string(g.c.Out()))
	g.c.Sent(len(g.c.Out()))
	assert.Contains(t, g.do("INFO persistence"), "rdb_last_bgsave_status:err")

	assert.Equal(t, "+Background saving started\r\n", g.do("BGSAVE"))
	assert.Contains(t, g.do("INFO persistence"), "rdb_bgsave_in_progress:1")
	asked = g.requests()
	require.Len(t, asked, 1)
	g.e.Finish(1e15+5e6, asked[0], "")
	g.e.Finish(1e15+5e6, asked[0], "") // nobody waits: nothing happens
	assert.Equal(t, ":1000000005\r\n", g.do("LASTSAVE"))
	assert.Contains(t, g.do("INFO persistence"), "rdb_last_bgsave_status:ok")

	assert.Equal(t, "+Background append only file rewriting started\r\n", g.do("BGREWRITEAOF"))
	assert.Equal(t, "-"+errRewriteRuns+"\r\n", g.do("BGREWRITEAOF"))
	g.e.Finish(1e15, g.requests()[0], "")
	assert.Equal(t, "+Background append only file rewriting started\r\n", g.do("BGREWRITEAOF"))
}

func TestASavePointThatFailedIsTriedAgainLater(t *testing.T) {
	g := newEdge(t, Config{})
	require.Empty(t, g.e.ConfigSet("save", "1 1"))
	g.do("SET k v")
	at := int64(1e15)
	tick := func(seconds int64) []Request {
		at += seconds * 1e6
		g.e.Tick(at)
		return g.requests()
	}
	asked := tick(3)
	require.Len(t, asked, 1)
	g.e.Finish(at, asked[0], "no")
	assert.Empty(t, tick(2), "not at once")
	require.Len(t, tick(5), 1)
}

func TestShutdownWaitsForTheHost(t *testing.T) {
	for line, argument := range map[string]string{
		"SHUTDOWN": "", "SHUTDOWN SAVE": "save", "SHUTDOWN NOSAVE NOW": "nosave", "SHUTDOWN FORCE SAVE": "save force",
	} {
		g := newEdge(t, Config{})
		assert.Empty(t, g.do(line))
		asked := g.requests()
		require.Len(t, asked, 1, line)
		assert.Equal(t, RequestShutdown, asked[0].Kind)
		assert.Equal(t, argument, asked[0].Argument, line)
	}
}

func TestAConfigurationIsRewrittenByTheHost(t *testing.T) {
	g := newEdge(t, Config{})
	assert.Empty(t, g.do("CONFIG REWRITE"))
	asked := g.requests()
	require.Len(t, asked, 1)
	g.e.Finish(1e15, asked[0], "")
	assert.Equal(t, "+OK\r\n", string(g.c.Out()))
}

func TestDebugMayBeForLocalClientsAlone(t *testing.T) {
	g := newEdge(t, Config{})
	require.Empty(t, g.e.ConfigSet("enable-debug-command", "local"))
	assert.Equal(t, "+OK\r\n", g.do("DEBUG JMAP"))
	for peer, answer := range map[Peer]string{
		{Address: "[::1]:5"}: "+OK\r\n", {Unix: true}: "+OK\r\n", {Address: "10.0.0.1:5"}: "-" + errDebugOff + "\r\n",
	} {
		c := g.e.Open(1e15, peer)
		g.e.Feed(1e15, c, []byte("DEBUG JMAP\r\n"))
		assert.Equal(t, answer, string(c.Out()))
	}
	assert.Empty(t, g.do("DEBUG LOADAOF"))
	assert.Equal(t, RequestReloadLog, g.requests()[0].Kind)
}

func TestParametersFromOutside(t *testing.T) {
	g := newEdge(t, Config{})
	_, ok := g.e.ConfigGet("nosuch")
	assert.False(t, ok)
	assert.NotEmpty(t, g.e.ConfigSet("nosuch", "1"))
	assert.NotEmpty(t, g.e.ConfigSet("hz", "often"))
	assert.Empty(t, g.e.ConfigSet("databases", "3"))
	assert.Equal(t, "-"+errDBIndex+"\r\n", g.do("SELECT 3"))
}

// lacking is an engine as the core build is one: SETBIT's code is elsewhere.
func lacking(t *testing.T) *edge {
	g := newEdge(t, Config{})
	en := g.e.commands.findName([]byte("SETBIT"))
	row := *en.Command
	row.Flags |= elsewhere
	row.Run = runElsewhere
	en.Command = &row
	return g
}

func TestACommandWhoseCodeIsElsewhereWaitsForIt(t *testing.T) {
	g := lacking(t)
	assert.Empty(t, g.do("SETBIT k 1 1"), "it waits with its bytes unread")
	asked := g.requests()
	require.Len(t, asked, 1)
	require.Equal(t, RequestFullEngine, asked[0].Kind)
	other := g.e.Open(1e15, Peer{})
	g.e.Feed(1e15, other, []byte("SETBIT k 1 1\r\n"))
	assert.Empty(t, g.requests(), "it is asked for once")
	g.e.Finish(1e15, asked[0], "no network")
	want := "-ERR this command needs the full engine, which could not be loaded: no network\r\n"
	assert.Equal(t, want, string(g.c.Out()))
	assert.Equal(t, want, string(other.Out()))
	assert.False(t, g.e.Lacks())
	g.c.Sent(len(g.c.Out()))
	assert.Empty(t, g.do("SETBIT k 1 1"))
	assert.Len(t, g.requests(), 1, "the next one asks again")
}

func TestAJournalWithCommandsFromElsewhereSaysSo(t *testing.T) {
	g := lacking(t)
	_, err := g.e.Apply(1e15, []byte("*4\r\n$6\r\nSETBIT\r\n$1\r\nk\r\n$1\r\n1\r\n$1\r\n1\r\n"))
	require.Error(t, err)
	assert.True(t, g.e.Lacks())
}

func TestErrorCodesAreToldApartUpToANumber(t *testing.T) {
	var s stats
	for i := range int64(maxErrorCodes + 50) {
		s.countError("C" + itoa(i) + " text")
	}
	require.Len(t, s.errors, maxErrorCodes+1)
	i, found := s.findError(otherErrorCode)
	require.True(t, found)
	assert.Equal(t, int64(50), s.errors[i].count)
	s.countError("C7 again")
	i, _ = s.findError("C7")
	assert.Equal(t, int64(2), s.errors[i].count)
}

func TestSlowlogShowsAPartOfALargeRequest(t *testing.T) {
	g := newEdge(t, Config{})
	g.do("CONFIG SET slowlog-log-slower-than 0 slowlog-max-len 2")
	g.do("SADD s " + strings.Repeat("member ", 40) + strings.Repeat("x", 200))
	assert.Contains(t, g.do("SLOWLOG GET 1"), "... (12 more arguments)")
	g.do("SET k " + strings.Repeat("x", 200))
	assert.Contains(t, g.do("SLOWLOG GET 1"), "... (72 more bytes)")
	assert.Equal(t, ":2\r\n", g.do("SLOWLOG LEN"))
	g.do("CONFIG SET slowlog-max-len 1")
	assert.Equal(t, ":1\r\n", g.do("SLOWLOG LEN"))
	g.do("CONFIG SET slowlog-log-slower-than -1")
	assert.Equal(t, ":1\r\n", g.do("SLOWLOG LEN"))
}

func TestMonitorsEndAndQuoteWhatIsNotText(t *testing.T) {
	g := newEdge(t, Config{})
	watcher := g.e.Open(1e15, Peer{})
	local := g.e.Open(1e15, Peer{Unix: true, LocalAddress: "/tmp/socket"})
	g.e.Feed(1e15, watcher, []byte("MONITOR\r\nMONITOR\r\n"))
	watcher.Sent(len(watcher.Out()))
	g.e.Feed(1e15, local, []byte("*2\r\n$4\r\nECHO\r\n$8\r\n\n\r\t\a\b\"\\\x00\r\n"))
	want := `+1000000000.000000 [0 unix:/tmp/socket] "ECHO" "\n\r\t\a\b\"\\\x00"` + "\r\n"
	assert.Equal(t, want, string(watcher.Out()))
	micros, closable := watcher.Idle(1e15 + 7)
	assert.Equal(t, int64(7), micros)
	assert.False(t, closable, "it listens")
	_, closable = local.Idle(1e15)
	assert.True(t, closable)
	g.e.Close(1e15, watcher)
	g.e.Close(1e15, watcher) // twice is once
	assert.Empty(t, g.e.monitors)
}

func TestCountsForTheHost(t *testing.T) {
	g := newEdge(t, Config{})
	g.do("MSET a 1 b 2")
	g.do("SELECT 1")
	g.do("SET c 3")
	assert.Equal(t, int64(3), g.e.Keys())
	assert.Positive(t, g.e.Memory())
	g.e.TurnedAway()
	assert.Contains(t, g.do("INFO stats"), "rejected_connections:1\r\n")
	later := 0
	EachLater(func(_ string, rows []Command) { later += len(rows) })
	assert.Positive(t, later)
}

func TestWithoutAnInterpreterThereAreNoScripts(t *testing.T) {
	g := newEdge(t, Config{})
	for _, line := range []string{`EVAL "return 1" 0`, `SCRIPT LOAD "return 1"`, `FUNCTION LOAD "#!lua name=l"`} {
		assert.Equal(t, "-"+errNoScripts+"\r\n", g.do(line), line)
	}
}

func TestWritesOfScriptsAreRefusedWithAllOthers(t *testing.T) {
	g := newEdge(t, Config{})
	g.e.Refuse("the disk is full")
	assert.Equal(t, "-MISCONF the disk is full\r\n", g.do("SET k v"))
	assert.Contains(t, g.do("INFO persistence"), "aof_last_write_status:err")
}

func TestAnUnreadReplyEndsItsClientAtTheSoftLimitToo(t *testing.T) {
	g := newEdge(t, Config{})
	require.Empty(t, g.e.ConfigSet("client-output-buffer-limit", "normal 0 10 5"))
	g.e.Feed(1e15, g.c, []byte("ECHO "+strings.Repeat("1234567890", 2000)+"\r\n"))
	g.e.Ready()
	assert.False(t, g.c.Closing())
	g.e.Feed(1e15+6e6, g.c, []byte("PING\r\n"))
	g.e.Ready()
	assert.True(t, g.c.Closing())
}

func TestHandOverKeepsWhatWasSlow(t *testing.T) {
	b, c, take := slowBench(t)
	take(7, "SORT k")
	take(3, "HGETALL k")
	b.now += second
	take(20, "SORT k")
	b.send(c, "CONFIG SET slowlog-log-slower-than -1")
	questions := []string{"LATENCY LATEST", "LATENCY HISTORY command", "LATENCY HISTOGRAM sort hgetall", "SLOWLOG GET -1"}
	var before []string
	for _, line := range questions {
		before = append(before, b.send(c, line))
	}
	assert.Contains(t, before[1], ":20\r\n")
	assert.Contains(t, before[2], "hgetall")
	assert.Contains(t, before[3], "SORT")
	next := New(Config{})
	clients, err := next.TakeOver(b.Handoff())
	require.NoError(t, err)
	require.Len(t, clients, 1)
	for i, line := range questions {
		next.Feed(b.now, clients[0], []byte(line+"\r\n"))
		out := clients[0].Out()
		assert.Equal(t, before[i], string(out), line)
		clients[0].Sent(len(out))
	}
}

func TestTakeOverRefusesLinesThatAreNotWhatTheyShouldBe(t *testing.T) {
	g := newEdge(t, Config{})
	good := g.e.Handoff()
	for _, words := range [][]string{
		{wordLatency, "event", "5"},
		{wordRow, "get", "1", "2", "3", "4", "999999", "1"},
		{wordRow, "get", "1", "x", "3", "4"},
		{wordQueued, "SET", "k", "v"},
		{wordTracked, "key", "1"},
		{wordListen, "9", "news"},
		{wordPlace, "1", "0", "", "key"},
		{wordWait, "77", "0", "0", "0", "0", "BLPOP", "k", "0"},
		{wordWait, itoa(g.c.id), "0", "0", "0", "0", "NOSUCH", "k"},
		{wordWait, itoa(g.c.id), "99", "0", "0", "0", "BLPOP", "k", "0"},
		{"ODD"},
	} {
		var w handoffWriter
		w.begin(words[0])
		for _, word := range words[1:] {
			w.text(word)
		}
		w.end()
		_, err := New(Config{}).TakeOver(append(append([]byte(nil), good...), w.buf...))
		assert.Error(t, err, "%q", words)
	}
	var w handoffWriter
	w.begin(wordMulti).bool(false).end()
	w.begin(wordQueued).text("NOSUCH").end()
	_, err := New(Config{}).TakeOver(append(append([]byte(nil), good...), w.buf...))
	assert.Error(t, err)
	var old handoffWriter
	old.begin(wordRow).text("a command of another version").text("1").end()
	_, err = New(Config{}).TakeOver(append(append([]byte(nil), good...), old.buf...))
	assert.NoError(t, err, "rows that are not known here are passed over")
}

func TestLatencyDoctorHasAWordForEveryKindOfEvent(t *testing.T) {
	g := newEdge(t, Config{})
	require.Empty(t, g.e.ConfigSet("latency-monitor-threshold", "100"))
	require.Empty(t, g.e.ConfigSet("slowlog-log-slower-than", "1000"))
	for event, advice := range map[string]string{
		"command": "SLOWLOG GET shows", "fast-command": "held up by the machine", "expire-cycle": "in the same moment",
		"eviction-cycle": "maxmemory-eviction-tenacity", "aof-write": "The disk is slow", "fork": "The host was busy with fork",
	} {
		g.do("LATENCY RESET")
		g.e.Latency(event, 200e6)
		assert.Contains(t, g.do("LATENCY DOCTOR"), advice)
		assert.Contains(t, g.do("LATENCY DOCTOR"), event+": 1 latency spikes")
	}
	for seconds, text := range map[int64]string{3: "3s", 130: "2m", 7300: "2h", 200_000: "2d"} {
		assert.Equal(t, text, ago(seconds))
	}
}

func TestReloadInTheWayOfItself(t *testing.T) {
	g := newEdge(t, Config{})
	require.Empty(t, g.e.ConfigSet("enable-debug-command", "yes"))
	assert.Equal(t, "+OK\r\n", g.do("DEBUG RELOAD NOFLUSH"), "there is nothing yet")
	g.do("SET k v")
	assert.Equal(t, "-ERR Error trying to load the RDB dump: a key that it holds is there\r\n", g.do("DEBUG RELOAD NOFLUSH"))
	assert.Equal(t, "+OK\r\n", g.do("DEBUG RELOAD NOFLUSH MERGE"))
	assert.Equal(t, "$1\r\nv\r\n", g.do("GET k"))
}

func TestInputThatIsNoRequestEndsItsClient(t *testing.T) {
	g := newEdge(t, Config{})
	require.Empty(t, g.e.ConfigSet("client-query-buffer-limit", "1mb"))
	g.e.Feed(1e15, g.c, []byte("*2\r\n$4\r\nECHO\r\n$3000000\r\n"+strings.Repeat("x", 1<<20)))
	assert.True(t, g.c.Closing())
}

func TestInfoHearsTheHost(t *testing.T) {
	g := newEdge(t, Config{HostInfo: func(section string, add func(name, value string)) { add("from_host", section) }})
	assert.Contains(t, g.do("INFO server"), "from_host:server\r\n")
	assert.Equal(t, "2.50M", humanBytes(2_621_440))
}

func TestKillByAddress(t *testing.T) {
	g := newEdge(t, Config{})
	other := g.e.Open(1e15, Peer{Address: "10.0.0.7:5"})
	assert.Equal(t, "+OK\r\n", g.do("CLIENT KILL 10.0.0.7:5"))
	assert.True(t, other.Closing())
	assert.Equal(t, "-ERR No such client\r\n", g.do("CLIENT KILL 10.0.0.7:5"))
}

func TestBackgroundSnapshotsMayBeGivenUp(t *testing.T) {
	g := newEdge(t, Config{})
	assert.Equal(t, "-"+errNoSaveRuns+"\r\n", g.do("BGSAVE CANCEL"))
	g.do("SET k v")
	g.do("BGSAVE")
	assert.Empty(t, g.do("BGSAVE CANCEL"), "the client waits")
	asked := g.requests()
	require.Len(t, asked, 2)
	assert.Equal(t, RequestCancelSave, asked[1].Kind)
	g.e.Finish(1e15, asked[1], "")
	assert.Equal(t, "+Background saving cancelled\r\n", string(g.c.Out()))
	g.c.Sent(len(g.c.Out()))
	g.e.Finish(1e15, asked[0], "given up")
	info := g.do("INFO persistence")
	assert.Contains(t, info, "rdb_last_bgsave_status:ok")
	assert.Contains(t, info, "rdb_saves:0")
	assert.Contains(t, info, "rdb_changes_since_last_save:1")

	g.do("BGSAVE")
	assert.Equal(t, "+OK\r\n+QUEUED\r\n*1\r\n+Background saving cancelled\r\n", g.do("MULTI\r\nBGSAVE CANCEL\r\nEXEC"))
	asked = g.requests()
	require.Len(t, asked, 2)
	g.e.Finish(1e15, asked[1], "this home cannot")
	g.e.Finish(1e15, asked[0], "no room")
	assert.Contains(t, g.do("INFO persistence"), "rdb_last_bgsave_status:err", "which was not asked for")

	g.do("SAVE")
	other := g.e.Open(1e15, Peer{})
	g.e.Feed(1e15, other, []byte("BGSAVE CANCEL\r\n"))
	assert.Equal(t, "-"+errNoSaveRuns+"\r\n", string(other.Out()), "who has asked for it waits for it")
}

func TestMemoryStatsTellWhatTheProcessTakes(t *testing.T) {
	pairs := func(config Config) string {
		g := newEdge(t, config)
		g.do("SET k v")
		return g.do("MEMORY STATS")
	}
	alone := pairs(Config{})
	assert.Contains(t, alone, "$18\r\nrss-overhead.bytes\r\n:0\r\n")
	assert.Contains(t, alone, "$31\r\noverhead.hashtable.slot-to-keys\r\n:0\r\n")
	hosted := pairs(Config{HostInfo: func(section string, add func(name, value string)) {
		if section == "memory" {
			add("used_memory_rss", "1000000000")
		}
	}})
	assert.Contains(t, hosted, "$18\r\nrss-overhead.bytes\r\n:99")
	assert.Contains(t, hosted, "$19\r\nfragmentation.bytes\r\n:99")
	assert.True(t, strings.HasPrefix(hosted, "*56\r\n"), "as many as the reference tells")
}

func TestDebugLogWritesToTheLog(t *testing.T) {
	var lines []string
	g := newEdge(t, Config{Log: func(level int, text string) { lines = append(lines, itoa(int64(level))+" "+text) }})
	require.Empty(t, g.e.ConfigSet("enable-debug-command", "yes"))
	assert.Equal(t, "+OK\r\n", g.do(`DEBUG LOG "here it began"`))
	assert.Equal(t, []string{"3 DEBUG LOG: here it began"}, lines)
}
