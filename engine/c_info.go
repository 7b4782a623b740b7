package engine

import "riffle/engine/dict"

// infoSection is one part of INFO's report.
type infoSection struct {
	name   string // as asked for, lower case
	title  string
	usual  bool // shown without being asked for
	report func(*infoText)
}

var infoSections = [...]infoSection{
	{"server", "Server", true, infoServer},
	{"clients", "Clients", true, infoClients},
	{"memory", "Memory", true, infoMemory},
	{"persistence", "Persistence", true, infoPersistence},
	{"stats", "Stats", true, infoStats},
	{"replication", "Replication", true, infoReplication},
	{"cpu", "CPU", true, nil},
	{"modules", "Modules", true, nil},
	{"commandstats", "Commandstats", false, infoCommandStats},
	{"errorstats", "Errorstats", true, infoErrorStats},
	{"latencystats", "Latencystats", false, infoLatencyStats},
	{"cluster", "Cluster", true, infoCluster},
	{"keyspace", "Keyspace", true, infoKeyspace},
}

// infoText is a report being written.
type infoText struct {
	e   *Engine
	c   *Client
	buf []byte
}

func (t *infoText) text(name, value string) {
	t.buf = append(append(append(t.buf, name...), ':'), value...)
	t.buf = append(t.buf, "\r\n"...)
}

func (t *infoText) int(name string, n int64) { t.text(name, itoa(n)) }

// bytes writes a size twice: exactly, and for people.
func (t *infoText) bytes(name string, n int64) {
	t.int(name, n)
	t.text(name+"_human", humanBytes(n))
}

func infoCommand(c *Ctx) {
	t := infoText{e: c.e, c: c.Client}
	for i := range infoSections {
		section := &infoSections[i]
		if !section.wanted(c.Argv[1:]) {
			continue
		}
		if len(t.buf) > 0 {
			t.buf = append(t.buf, "\r\n"...)
		}
		t.buf = append(append(append(t.buf, "# "...), section.title...), "\r\n"...)
		if section.report != nil {
			section.report(&t)
		}
		if c.e.config.HostInfo != nil {
			c.e.config.HostInfo(section.name, t.text)
		}
	}
	c.Reply.Verbatim("txt", string(t.buf))
}

// wanted reports whether a section was asked for, by name or as one of the usual ones.
func (s *infoSection) wanted(names [][]byte) bool {
	if len(names) == 0 {
		return s.usual
	}
	for _, name := range names {
		switch lowerString(string(name)) {
		case "all", "everything":
			return true
		case "default":
			if s.usual {
				return true
			}
		case s.name:
			return true
		}
	}
	return false
}

func infoServer(t *infoText) {
	e := t.e
	t.text("redis_version", referenceVersion)
	t.text("riffle_version", Version)
	t.text("server_name", "riffle")
	t.text("redis_git_sha1", "00000000")
	t.int("redis_git_dirty", 0)
	t.text("redis_build_id", Version)
	t.text("redis_mode", "standalone")
	t.text("run_id", e.runID)
	t.int("arch_bits", 64)
	t.int("server_time_usec", e.now)
	t.int("uptime_in_seconds", (e.now-e.started)/1e6)
	t.int("uptime_in_days", (e.now-e.started)/86400e6)
	hz := e.parameter("hz")
	t.text("hz", hz)
	t.text("configured_hz", hz)
	t.int("lru_clock", int64(e.access()))
}

func infoClients(t *infoText) {
	e := t.e
	largestIn, largestOut := 0, 0
	for _, c := range e.clients {
		largestIn = max(largestIn, len(c.in))
		largestOut = max(largestOut, len(c.Out()))
	}
	t.int("connected_clients", int64(len(e.clients)))
	t.int("cluster_connections", 0)
	t.text("maxclients", e.parameter("maxclients"))
	t.int("client_recent_max_input_buffer", int64(largestIn))
	t.int("client_recent_max_output_buffer", int64(largestOut))
	t.int("blocked_clients", int64(e.blocking.count))
	t.int("tracking_clients", int64(e.tracking.clients))
	t.int("clients_in_timeout_table", int64(len(e.blocking.timers)))
}

func infoMemory(t *infoText) {
	e := t.e
	m := e.memoryReport()
	t.bytes("used_memory", m.used)
	t.bytes("used_memory_peak", m.peak)
	t.text("used_memory_peak_perc", percent(m.used, m.peak))
	t.int("used_memory_overhead", m.overhead())
	t.int("used_memory_startup", 0)
	t.int("used_memory_dataset", m.dataset())
	t.text("used_memory_dataset_perc", percent(m.dataset(), m.used))
	t.int("allocator_allocated", m.used)
	t.int("allocator_active", m.held)
	t.int("allocator_resident", m.held)
	t.text("allocator_frag_ratio", quotient(m.held, m.used))
	t.int("allocator_frag_bytes", m.held-m.used)
	t.text("allocator_rss_ratio", quotient(m.held, m.held))
	t.int("allocator_rss_bytes", 0)
	t.infoScripts()
	t.bytes("maxmemory", e.settings.maxMemory)
	t.text("maxmemory_policy", e.parameter("maxmemory-policy"))
	t.int("mem_not_counted_for_evict", m.clients+m.journal)
	t.zeros("mem_replication_backlog", "mem_total_replication_buffers", "mem_clients_slaves")
	t.int("mem_clients_normal", m.clients)
	t.int("mem_cluster_links", 0)
	t.int("mem_aof_buffer", m.journal)
	t.text("mem_allocator", "riffle")
	t.int("active_defrag_running", boolInt(e.holes.space != nil))
	t.zeros("lazyfree_pending_objects", "lazyfreed_objects")
}

// infoScripts writes what scripts take: their texts. What the interpreter takes it does not tell, and shares
// with the rest of the program. Functions of a library that was just loaded from a file are counted when
// they are first asked for, since only then is it compiled.
func (t *infoText) infoScripts() {
	s := &t.e.scripting
	functions, code := 0, 0
	for _, lib := range s.libraries {
		functions += len(lib.functions)
		code += len(lib.code)
	}
	t.bytes("used_memory_lua", 0)
	t.int("used_memory_vm_eval", 0)
	t.int("used_memory_scripts_eval", int64(s.cachedBytes))
	t.int("number_of_cached_scripts", int64(len(s.cache)))
	t.int("number_of_functions", int64(functions))
	t.int("number_of_libraries", int64(len(s.libraries)))
	t.int("used_memory_vm_functions", 0)
	t.bytes("used_memory_vm_total", 0)
	t.int("used_memory_functions", int64(code))
	t.bytes("used_memory_scripts", int64(s.cachedBytes+code))
}

// zeros writes fields that clients look for, of what there is nothing of here.
func (t *infoText) zeros(names ...string) {
	for _, name := range names {
		t.int(name, 0)
	}
}

// percent writes a part of a whole in percent, with two decimals.
func percent(part, whole int64) string { return hundredths(int64(ratio(part, whole)*1e4)) + "%" }

// quotient writes a quotient with two decimals.
func quotient(part, whole int64) string { return hundredths(int64(ratio(part, whole) * 100)) }

func infoPersistence(t *infoText) {
	s := &t.e.saves
	status := "ok"
	if s.failed {
		status = "err"
	}
	t.zeros("loading", "async_loading", "current_cow_peak", "current_cow_size", "current_cow_size_age")
	t.text("current_fork_perc", "0.00")
	written, total := t.e.savedKeys()
	t.int("current_save_keys_processed", written)
	t.int("current_save_keys_total", total)
	t.int("rdb_changes_since_last_save", s.dirty)
	t.int("rdb_bgsave_in_progress", boolInt(s.began != 0))
	t.int("rdb_last_save_time", s.last)
	t.text("rdb_last_bgsave_status", status)
	t.int("rdb_saves", s.count)
	if s.began != 0 {
		t.int("rdb_current_bgsave_time_sec", t.e.now/1e6-s.began)
	} else {
		t.int("rdb_current_bgsave_time_sec", -1)
	}
	t.int("rdb_last_cow_size", 0)
	t.int("rdb_last_load_keys_expired", 0)
	t.int("rdb_last_load_keys_loaded", t.e.stats.loaded)
	t.int("aof_rewrite_in_progress", boolInt(s.rewrites))
	t.text("aof_last_write_status", writeStatus(t.e.refusal))
	t.zeros("aof_last_cow_size", "module_fork_in_progress", "module_fork_last_cow_size")
	t.int("journal_offset", t.e.journal.position())
}

// savedKeys is how far the snapshot that was begun last has come.
func (e *Engine) savedKeys() (written, total int64) {
	if n := len(e.snapshots); n > 0 {
		return e.snapshots[n-1].progress()
	}
	return 0, 0
}

func writeStatus(refusal string) string {
	if refusal != "" {
		return "err"
	}
	return "ok"
}

func infoStats(t *infoText) {
	e := t.e
	s := &e.stats
	netOut := s.netOut
	for _, c := range e.clients {
		netOut += c.netOut
	}
	s.look(e.now, netOut)
	t.int("total_connections_received", s.connections)
	t.int("total_commands_processed", s.commands)
	t.int("instantaneous_ops_per_sec", s.perSecond[0])
	t.int("total_net_input_bytes", s.netIn)
	t.int("total_net_output_bytes", netOut)
	t.zeros("total_net_repl_input_bytes", "total_net_repl_output_bytes")
	t.text("instantaneous_input_kbps", quotient(s.perSecond[1], 1024))
	t.text("instantaneous_output_kbps", quotient(s.perSecond[2], 1024))
	t.text("instantaneous_input_repl_kbps", "0.00")
	t.text("instantaneous_output_repl_kbps", "0.00")
	t.int("rejected_connections", s.turnedAway)
	t.zeros("sync_full", "sync_partial_ok", "sync_partial_err")
	t.int("expired_keys", s.expired)
	t.int("expired_subkeys", s.subkeys)
	t.text("expired_stale_perc", quotient(int64(e.expiring.stale)*100, int64(max(e.expiring.looked, 1))))
	t.int("expired_time_cap_reached_count", e.expiring.full)
	t.int("expire_cycle_cpu_milliseconds", e.expiring.nanos/1e6)
	t.int("evicted_keys", s.evicted)
	t.int("evicted_clients", s.dismissed)
	t.int("total_eviction_exceeded_time", (e.eviction.exceeded+e.eviction.current(e.now))/1000)
	t.int("current_eviction_exceeded_time", e.eviction.current(e.now)/1000)
	t.int("keyspace_hits", s.hits)
	t.int("keyspace_misses", s.misses)
	t.int("pubsub_channels", int64(len(e.channels.exact.list)))
	t.int("pubsub_patterns", int64(len(e.channels.patterns.list)))
	t.int("pubsubshard_channels", int64(len(e.channels.sharded.list)))
	t.infoQuietStats()
}

// infoQuietStats writes counters that clients look for, most of what never happens here.
func (t *infoText) infoQuietStats() {
	s := &t.e.stats
	t.zeros("latest_fork_usec", "total_forks", "migrate_cached_sockets", "slave_expires_tracked_keys",
		"active_defrag_hits", "active_defrag_misses", "active_defrag_key_hits", "active_defrag_key_misses",
		"total_active_defrag_time", "current_active_defrag_time", "unexpected_error_replies")
	t.trackingStats()
	errors := int64(0)
	for _, counted := range s.errors {
		errors += counted.count
	}
	t.int("total_error_replies", errors)
	t.int("dump_payload_sanitizations", s.restored)
	t.int("total_reads_processed", s.reads)
	t.int("total_writes_processed", s.writes)
	t.zeros("reply_buffer_shrinks", "reply_buffer_expands")
}

func (t *infoText) trackingStats() {
	tracked, keys := &t.e.tracking, 0
	if tracked.table != nil {
		keys = tracked.table.Len()
	}
	t.int("tracking_total_keys", int64(keys))
	t.int("tracking_total_items", tracked.ids)
	t.int("tracking_total_prefixes", int64(len(tracked.prefixes)))
}

func infoReplication(t *infoText) {
	t.text("role", "master")
	t.int("connected_slaves", 0)
	t.text("master_failover_state", "no-failover")
	t.text("master_replid", t.e.runID)
	t.text("master_replid2", "0000000000000000000000000000000000000000")
	t.int("master_repl_offset", 0)
	t.int("second_repl_offset", -1)
	t.int("repl_backlog_active", 0)
	t.text("repl_backlog_size", t.e.parameter("repl-backlog-size"))
	t.zeros("repl_backlog_first_byte_offset", "repl_backlog_histlen")
}

func infoCommandStats(t *infoText) { t.e.eachEntry(t.commandStats) }

func (t *infoText) commandStats(row *entry) {
	if row.calls == 0 && row.rejected == 0 && row.failed == 0 {
		return
	}
	perCall := "0.00"
	if row.calls > 0 {
		perCall = hundredths(row.nanos / 10 / row.calls)
	}
	t.text("cmdstat_"+row.full, "calls="+itoa(row.calls)+",usec="+itoa(row.nanos/1000)+",usec_per_call="+perCall+
		",rejected_calls="+itoa(row.rejected)+",failed_calls="+itoa(row.failed))
}

func infoErrorStats(t *infoText) {
	for _, counted := range t.e.stats.errors {
		t.text("errorstat_"+counted.code, "count="+itoa(counted.count))
	}
}

func infoCluster(t *infoText) { t.int("cluster_enabled", 0) }

func infoKeyspace(t *infoText) {
	for _, db := range t.e.dbs {
		if db.keys.Len() == 0 {
			continue
		}
		t.text("db"+itoa(int64(db.id)), "keys="+itoa(int64(db.keys.Len()))+",expires="+itoa(int64(db.expires.Len()))+
			",avg_ttl="+itoa(t.e.averageTTL(db))+",subexpiry="+itoa(int64(db.fields.Len())))
	}
}

// averageTTL estimates how long the keys with an expiry have to live, in milliseconds, from the first
// of them.
func (e *Engine) averageTTL(db *DB) int64 {
	const sample = 64
	sum, n, cursor := int64(0), int64(0), uint64(0)
	for n < sample {
		cursor = db.expires.Scan(cursor, func(ref dict.Ref) {
			sum += max(db.expiry(ref)-e.millis(), 0)
			n++
		})
		if cursor == 0 {
			break
		}
	}
	if n == 0 {
		return 0
	}
	return sum / n
}

// hundredths writes a number given in hundredths with two decimals.
func hundredths(n int64) string {
	rest := itoa(n%100 + 100)
	return itoa(n/100) + "." + rest[1:]
}

// humanBytes writes a size in the largest unit that keeps it above one.
func humanBytes(n int64) string {
	const units = "KMGTPE"
	if n < 1024 {
		return itoa(n) + "B"
	}
	unit := int64(1024)
	i := 0
	for i < len(units)-1 && n/unit >= 1024 {
		unit *= 1024
		i++
	}
	return hundredths(n/unit*100+n%unit*100/unit) + units[i:i+1]
}
