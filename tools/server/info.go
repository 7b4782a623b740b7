package main

import (
	"os"
	"strconv"
	"strings"
	"time"
)

// info adds the host's lines to a section of INFO.
func (h *host) info(section string, add func(name, value string)) {
	number := func(name string, n int64) { add(name, strconv.FormatInt(n, 10)) }
	switch section {
	case "server":
		number("process_id", int64(os.Getpid()))
		number("tcp_port", int64(h.loop.port()))
		number("http_port", int64(h.options.httpPort))
		add("multiplexing_api", multiplexing)
		executable, _ := os.Executable()
		add("executable", executable)
		add("config_file", h.options.configFile)
		number("io_threads_active", flag(h.loop.threads().active))
	case "stats":
		number("io_threaded_reads_processed", h.loop.threads().reads)
		number("io_threaded_writes_processed", h.loop.threads().writes)
	case "memory":
		number("used_memory_rss", residentBytes())
	case "persistence":
		h.infoPersistence(add, number)
	case "cpu":
		system, user := cpuTimes()
		add("used_cpu_sys", strconv.FormatFloat(system.Seconds(), 'f', 6, 64))
		add("used_cpu_user", strconv.FormatFloat(user.Seconds(), 'f', 6, 64))
	}
}

// threading is what INFO tells of the I/O threads.
type threading struct {
	active        bool // they are awake
	reads, writes int64
}

func (h *host) infoPersistence(add func(name, value string), number func(string, int64)) {
	s := &h.saving
	number("rdb_last_bgsave_time_sec", s.lastSave.time())
	number("aof_enabled", flag(h.log.On() || s.owed))
	scheduled := false
	for _, w := range s.waiting {
		scheduled = scheduled || w.isRewrite
	}
	number("aof_rewrite_scheduled", flag(scheduled))
	number("aof_last_rewrite_time_sec", s.lastRewrite.time())
	current := int64(-1)
	if s.work != nil && s.work.isRewrite {
		current = int64(h.clock.Sub(s.work.began) / time.Second)
	}
	number("aof_current_rewrite_time_sec", current)
	add("aof_last_bgrewrite_status", s.lastRewrite.status())
	number("aof_rewrites", h.log.Rewrites())
	number("aof_rewrites_consecutive_failures", int64(s.failures))
	if !h.log.On() {
		return
	}
	number("aof_current_size", h.log.Bytes())
	number("aof_base_size", h.log.BaseBytes())
	number("aof_pending_rewrite", 0)
	number("aof_buffer_length", int64(h.log.Pending()))
	number("aof_pending_bio_fsync", flag(h.log.Syncing()))
	number("aof_delayed_fsync", h.log.Delayed)
}

func flag(on bool) int64 {
	if on {
		return 1
	}
	return 0
}

// residentBytes is the process's memory as the kernel counts it; 0 where /proc does not tell.
func residentBytes() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}
