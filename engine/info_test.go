package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"riffle/engine"
	"riffle/engine/enginetest"
)

func sections(h *enginetest.Harness, words ...string) string {
	var titles []string
	for line := range strings.SplitSeq(h.Do("a", append([]string{"INFO"}, words...)...).Text, "\r\n") {
		if title, ok := strings.CutPrefix(line, "# "); ok {
			titles = append(titles, title)
		}
	}
	return strings.Join(titles, " ")
}

func TestInfoShowsTheSectionsAskedFor(t *testing.T) {
	const usual = "Server Clients Memory Persistence Stats Replication CPU Modules Errorstats Cluster Keyspace"
	const all = "Server Clients Memory Persistence Stats Replication CPU Modules Commandstats Errorstats " +
		"Latencystats Cluster Keyspace"
	h := enginetest.New(1)
	for asked, want := range map[string]string{
		"": usual, "default": usual, "all": all, "EVERYTHING": all, "nosuch": "", "server nosuch": "Server",
		"keyspace server": "Server Keyspace", "commandstats default": strings.Replace(usual, "Errorstats", "Commandstats Errorstats", 1),
	} {
		assert.Equal(t, want, sections(h, strings.Fields(asked)...), asked)
	}
}

func TestInfoMeasuresRates(t *testing.T) {
	h := enginetest.New(1)
	info(t, h, "instantaneous_ops_per_sec")
	for range 300 {
		play(t, h, "SET k v", "GET k")
	}
	h.Advance(2 * time.Second)
	assert.Equal(t, 300, infoNumber(t, h, "instantaneous_ops_per_sec"))
	assert.NotEqual(t, "0.00", info(t, h, "instantaneous_input_kbps"))
	assert.Greater(t, infoNumber(t, h, "total_reads_processed"), 600)
	assert.Greater(t, infoNumber(t, h, "total_writes_processed"), 600)
}

func TestInfoTellsHowFarASnapshotIs(t *testing.T) {
	h := enginetest.New(1)
	fill(t, h, "k", 2000, false)
	picture := h.Engine.Snapshot(h.Now)
	picture.Next(15_000)
	assert.Equal(t, 2000, infoNumber(t, h, "current_save_keys_total"))
	passed := infoNumber(t, h, "current_save_keys_processed")
	assert.Greater(t, passed, 100)
	assert.Less(t, passed, 1999)
	picture.Close()
	assert.Zero(t, infoNumber(t, h, "current_save_keys_total"))
}

func TestIdleParametersAreKept(t *testing.T) {
	h := enginetest.New(1)
	assert.Equal(t, "OK", play(t, h, "CONFIG SET activedefrag YES slave-lazy-flush yes repl-backlog-size 2mb"))
	assert.Equal(t, "yes", h.Do("a", "CONFIG", "GET", "activedefrag").Items[1].Text)
	assert.Equal(t, "yes", h.Do("a", "CONFIG", "GET", "replica-lazy-flush").Items[1].Text)
	assert.Equal(t, "2097152", info(t, h, "repl_backlog_size"))
	assert.Equal(t, "", h.Set("tls-port", "0"))
	assert.Equal(t, "(error) ERR CONFIG SET failed (possibly related to argument 'tls-port') - TLS is not spoken",
		play(t, h, "CONFIG SET tls-port 6380"))
	assert.Equal(t, "(error) ERR CONFIG SET failed (possibly related to argument 'min-slaves-to-write') - there are no replicas",
		play(t, h, "CONFIG SET min-slaves-to-write 1"))
	assert.Equal(t, "(error) ERR CONFIG SET failed (possibly related to argument 'replicaof') - can't set immutable config",
		play(t, h, `CONFIG SET replicaof ""`))
	const failed = "(error) ERR CONFIG SET failed (possibly related to argument '"
	for line, want := range map[string]string{
		"oom-score-adj relative":        "OK",
		"oom-score-adj perhaps":         failed + "oom-score-adj') - argument(s) must be one of the following: no, yes, relative, absolute",
		"repl-diskless-load swapdb":     "OK",
		"repl-timeout 0":                failed + "repl-timeout') - argument must be between 1 and 2147483647 inclusive",
		"repl-backlog-size 0":           failed + "repl-backlog-size') - argument must be between 1 and 9223372036854775807 inclusive",
		"cluster-node-timeout 1gb":      failed + "cluster-node-timeout') - argument couldn't be parsed into an integer",
		"cluster-announce-port 65536":   failed + "cluster-announce-port') - argument must be between 0 and 65535 inclusive",
		"cluster-link-sendbuf-limit 1k": "OK",
		"replica-priority -1":           failed + "replica-priority') - argument must be between 0 and 2147483647 inclusive",
	} {
		assert.Equal(t, want, play(t, h, "CONFIG SET "+line), line)
	}
	assert.Equal(t, "there are no replicas", engine.Idle("SLAVE-lazy-flush"))
	assert.Empty(t, engine.Idle("maxmemory"))
	assert.Empty(t, engine.Idle("nosuch"))
}

func TestNoParameterIsBothIdleAndNot(t *testing.T) {
	h := enginetest.New(1)
	seen := map[string]bool{}
	h.Engine.ConfigEach(func(name, _, _ string) {
		assert.False(t, seen[name], "%s is in both tables", name)
		seen[name] = true
	})
}

func TestInfoCountsScriptsAndFunctions(t *testing.T) {
	h := enginetest.New(1)
	figures := func() string {
		var found []string
		for line := range strings.SplitSeq(h.Do("a", "INFO", "memory").Text, "\r\n") {
			name, value, _ := strings.Cut(line, ":")
			switch name {
			case "number_of_cached_scripts", "used_memory_scripts_eval", "number_of_libraries", "number_of_functions",
				"used_memory_functions", "used_memory_scripts":
				found = append(found, value)
			}
		}
		return strings.Join(found, " ")
	}
	const library = "#!lua name=l\nredis.register_function('f', function() end) redis.register_function('g', function() end)"
	assert.Equal(t, "0 0 0 0 0 0", figures())
	h.Do("a", "EVAL", "return 1", "0")
	h.Do("a", "EVAL", "return 1", "0")
	h.Do("a", "SCRIPT", "LOAD", "return 22")
	assert.Equal(t, "17 2 0 0 0 17", figures())
	h.Do("a", "FUNCTION", "LOAD", library)
	assert.Equal(t, "17 2 2 1 102 119", figures())
	h.Do("a", "SCRIPT", "FLUSH")
	h.Do("a", "FUNCTION", "DELETE", "l")
	assert.Equal(t, "0 0 0 0 0 0", figures())
}

func TestLookupsAreCountedAsTheReferenceCounts(t *testing.T) {
	for line, want := range map[string]string{
		"OBJECT ENCODING s": "1 0", "OBJECT ENCODING no": "0 1", "OBJECT FREQ no": "0 1", "OBJECT IDLETIME s": "1 0",
		"OBJECT REFCOUNT no": "0 1", "XACK x g 1-1": "1 0", "XACK no g 1-1": "0 1", "XCLAIM no g c 0 1-1": "0 1",
		"XAUTOCLAIM x g c 0 0": "1 0", "XREADGROUP GROUP g c STREAMS no >": "0 1", "XREAD STREAMS x 0": "1 0", "TTL no": "0 1",
		"SET s 2": "0 0", "EXISTS s no": "1 1", "XADD x 5-1 a b": "0 0", "XPENDING x g": "1 0", "DUMP s": "1 0",
	} {
		h := enginetest.New(1)
		play(t, h, "SET s 1", "XADD x 1-1 a b", "XGROUP CREATE x g 0", "CONFIG RESETSTAT", line)
		assert.Equal(t, want, info(t, h, "keyspace_hits")+" "+info(t, h, "keyspace_misses"), line)
	}
}
