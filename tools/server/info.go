package main

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// info adds the host's lines to a section of INFO.
func (h *host) info(section string, add func(name, value string)) {
	number := func(name string, n int64) { add(name, strconv.FormatInt(n, 10)) }
	switch section {
	case "server":
		add("os", runtime.GOOS+" "+runtime.GOARCH)
		number("process_id", int64(os.Getpid()))
		add("process_supervised", "no")
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
		h.infoMemory(add, number)
	case "persistence":
		h.infoPersistence(add, number)
	case "cpu":
		system, user := cpuTimes()
		add("used_cpu_sys", strconv.FormatFloat(system.Seconds(), 'f', 6, 64))
		add("used_cpu_user", strconv.FormatFloat(user.Seconds(), 'f', 6, 64))
		add("used_cpu_sys_children", "0.000000")
		add("used_cpu_user_children", "0.000000")
	}
}

// infoMemory tells what the process takes, beside the data that the engine tells of.
func (h *host) infoMemory(add func(name, value string), number func(string, int64)) {
	resident, data := residentBytes(), h.engine.Memory()
	number("used_memory_rss", resident)
	add("used_memory_rss_human", human(resident))
	total := systemBytes()
	number("total_system_memory", total)
	add("total_system_memory_human", human(total))
	add("rss_overhead_ratio", strconv.FormatFloat(float64(resident)/float64(max(data, 1)), 'f', 2, 64))
	number("rss_overhead_bytes", resident-data)
	add("mem_fragmentation_ratio", strconv.FormatFloat(float64(resident)/float64(max(data, 1)), 'f', 2, 64))
	number("mem_fragmentation_bytes", resident-data)
}

// human writes a number of bytes in the largest unit that keeps it above one, as the reference does.
func human(bytes int64) string {
	const units = "BKMGTP"
	size, unit := float64(bytes), 0
	for ; size >= 1024 && unit < len(units)-1; unit++ {
		size /= 1024
	}
	if unit == 0 {
		return strconv.FormatInt(bytes, 10) + "B"
	}
	return strconv.FormatFloat(size, 'f', 2, 64) + units[unit:unit+1]
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

// systemBytes is the machine's memory; 0 where /proc does not tell.
func systemBytes() int64 {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "MemTotal:" {
			kilobytes, _ := strconv.ParseInt(fields[1], 10, 64)
			return kilobytes << 10
		}
	}
	return 0
}
