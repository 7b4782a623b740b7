package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"riffle/engine/enginetest"
)

// What INFO and CONFIG GET tell is compared by its names, and each name that only one side has needs a reason
// here.

// reasons says why one side alone has a name; "*" at the end of a name stands for any rest.
type reasons map[string]string

// names makes reasons of one reason for several names.
func (r reasons) names(reason string, names string) reasons {
	for name := range strings.FieldsSeq(names) {
		r[name] = reason
	}
	return r
}

func (r reasons) explain(name string) bool {
	for pattern := range r {
		if rest, ok := strings.CutSuffix(pattern, "*"); name == pattern || ok && strings.HasPrefix(name, rest) {
			return true
		}
	}
	return false
}

// checkNames compares what both sides have.
func checkNames(t *testing.T, ours, theirs []string, missing, extra reasons) {
	t.Helper()
	for _, name := range theirs {
		if !slices.Contains(ours, name) {
			assert.True(t, missing.explain(name), "%s is missing", name)
		} else {
			assert.NotContains(t, missing, name, "is there")
		}
	}
	for _, name := range ours {
		if !slices.Contains(theirs, name) {
			assert.True(t, extra.explain(name), "%s is ours alone", name)
		}
	}
	for name := range extra {
		if !strings.HasSuffix(name, "*") {
			assert.Contains(t, ours, name, "is not there")
		}
	}
}

// fields reads the names of INFO's fields, with their sections in front.
func fields(info string) (names []string) {
	section := ""
	for line := range strings.SplitSeq(info, "\r\n") {
		if title, ok := strings.CutPrefix(line, "# "); ok {
			section = strings.ToLower(title)
			names = append(names, section)
		} else if name, _, ok := strings.Cut(line, ":"); ok {
			names = append(names, section+"."+name)
		}
	}
	return names
}

func TestInfoHasTheOraclesFields(t *testing.T) {
	const host = "the host adds it: it is about the process"
	p := oraclePair(t)
	commands := [][]string{{"SET", "k", "1"}, {"GET", "k"}, {"nosuch"}}
	for _, command := range commands {
		_, err := p.theirs.do(command...)
		require.NoError(t, err)
		p.ours.harness.Do("a", command...)
	}
	theirs, err := p.theirs.do("INFO", "EVERYTHING")
	require.NoError(t, err)
	ours := p.ours.harness.Do("a", "INFO", "EVERYTHING")
	missing := reasons{
		"server.monotonic_clock":    "the clock is the host's",
		"server.atomicvar_api":      "nothing is shared between threads",
		"server.gcc_version":        "no C compiler",
		"memory.rss_overhead_ratio": "depends on the process's memory, which the host knows",
		"memory.rss_overhead_bytes": "as rss_overhead_ratio",
		"commandstats.*":            "other commands were run",
		"latencystats.*":            "other commands were run",
	}.names(host, `server.os server.multiplexing_api server.process_id server.process_supervised server.tcp_port
		server.executable server.config_file server.io_threads_active
		memory.used_memory_rss memory.used_memory_rss_human memory.total_system_memory memory.total_system_memory_human
		memory.mem_fragmentation_ratio memory.mem_fragmentation_bytes
		persistence.aof_enabled persistence.aof_rewrite_scheduled persistence.aof_last_rewrite_time_sec
		persistence.aof_current_rewrite_time_sec persistence.aof_last_bgrewrite_status persistence.aof_rewrites
		persistence.aof_rewrites_consecutive_failures persistence.rdb_last_bgsave_time_sec
		stats.io_threaded_reads_processed stats.io_threaded_writes_processed
		cpu.used_cpu_sys cpu.used_cpu_user cpu.used_cpu_sys_children cpu.used_cpu_user_children`).names(
		"no thread is the main one", "cpu.used_cpu_sys_main_thread cpu.used_cpu_user_main_thread")
	extra := reasons{
		"server.riffle_version":      "our own version, beside the one that clients look for",
		"server.server_name":         "Valkey has it",
		"persistence.journal_offset": "where the journal stands",
		"stats.expired_subkeys":      "fields of hashes expire since 7.4",
		"commandstats.*":             "other commands were run",
		"latencystats.*":             "other commands were run",
	}
	checkNames(t, fields(ours.Text), fields(theirs.Text), missing, extra)
}

func TestConfigHasTheOraclesParameters(t *testing.T) {
	p := oraclePair(t)
	read := func(r enginetest.Reply) map[string]string {
		values := map[string]string{}
		for i := 0; i+1 < len(r.Items); i += 2 {
			values[r.Items[i].Text] = r.Items[i+1].Text
		}
		return values
	}
	reply, err := p.theirs.do("CONFIG", "GET", "*")
	require.NoError(t, err)
	theirs, ours := read(reply), read(p.ours.harness.Do("a", "CONFIG", "GET", "*"))
	extra := reasons{
		"set-max-listpack-entries": "sets are listpacks since 7.2",
		"set-max-listpack-value":   "as set-max-listpack-entries",
		"commandlog-*":             "Valkey 8.1 has logs of large requests and replies",
		"stream-idmp-*":            "streams know messages by their ids since 8.6",
	}
	checkNames(t, slices.Collect(maps.Keys(ours)), slices.Collect(maps.Keys(theirs)), reasons{}, extra)

	values := reasons{
		"io-threads-do-reads":   "reads are spread over the threads, too",
		"sanitize-dump-payload": "payloads are always checked",
	}.names("the host's, or set by the test", `bind dir port unixsocket unixsocketperm pidfile logfile save enable-debug-command`)
	for name, value := range theirs {
		if !values.explain(name) {
			assert.Equal(t, value, ours[name], "the value that %s starts with", name)
		}
	}
}
