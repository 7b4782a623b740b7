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
	t.text("redis_mode", "standalone")
	t.text("run_id", e.runID)
	t.int("arch_bits", 64)
	t.int("server_time_usec", e.now)
	t.int("uptime_in_seconds", (e.now-e.started)/1e6)
	t.int("uptime_in_days", (e.now-e.started)/86400e6)
	hz, _ := e.ConfigGet("hz")
	t.text("hz", hz)
	t.text("configured_hz", hz)
	t.int("lru_clock", int64(e.access()))
}

func infoClients(t *infoText) {
	e := t.e
	maxClients, _ := e.ConfigGet("maxclients")
	largestIn, largestOut := 0, 0
	for _, c := range e.clients {
		largestIn = max(largestIn, len(c.in))
		largestOut = max(largestOut, len(c.Out()))
	}
	t.int("connected_clients", int64(len(e.clients)))
	t.int("cluster_connections", 0)
	t.text("maxclients", maxClients)
	t.int("client_recent_max_input_buffer", int64(largestIn))
	t.int("client_recent_max_output_buffer", int64(largestOut))
	t.int("blocked_clients", int64(e.blocking.count))
	t.int("tracking_clients", int64(e.tracking.clients))
	t.int("clients_in_timeout_table", int64(len(e.blocking.timers)))
}

func infoMemory(t *infoText) {
	e := t.e
	used := e.usedMemory()
	e.stats.peakMemory = max(e.stats.peakMemory, used)
	t.bytes("used_memory", used)
	t.bytes("used_memory_peak", e.stats.peakMemory)
	t.int("used_memory_dataset", used)
	t.bytes("maxmemory", e.settings.maxMemory)
	policy, _ := e.ConfigGet("maxmemory-policy")
	t.text("maxmemory_policy", policy)
	t.text("mem_allocator", "riffle")
}

func infoPersistence(t *infoText) {
	s := &t.e.saves
	status := "ok"
	if s.failed {
		status = "err"
	}
	t.int("loading", 0)
	t.int("async_loading", 0)
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
	t.int("aof_rewrite_in_progress", boolInt(s.rewrites))
	t.text("aof_last_write_status", writeStatus(t.e.refusal))
	t.int("journal_offset", t.e.journal.position())
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
	t.int("total_connections_received", s.connections)
	t.int("total_commands_processed", s.commands)
	t.int("instantaneous_ops_per_sec", s.rate(e.now))
	t.int("total_net_input_bytes", s.netIn)
	t.int("total_net_output_bytes", netOut)
	t.int("rejected_connections", s.turnedAway)
	t.int("expired_keys", s.expired)
	t.int("expired_subkeys", s.subkeys)
	t.int("evicted_keys", s.evicted)
	t.int("evicted_clients", s.dismissed)
	t.int("total_eviction_exceeded_time", e.eviction.exceeded/1000)
	t.int("current_eviction_exceeded_time", e.eviction.current(e.now)/1000)
	t.int("keyspace_hits", s.hits)
	t.int("keyspace_misses", s.misses)
	t.int("pubsub_channels", int64(len(e.channels.exact.list)))
	t.int("pubsub_patterns", int64(len(e.channels.patterns.list)))
	t.int("pubsubshard_channels", int64(len(e.channels.sharded.list)))
	t.int("latest_fork_usec", 0)
	t.int("total_forks", 0)
	t.trackingStats()
	errors := int64(0)
	for _, counted := range s.errors {
		errors += counted.count
	}
	t.int("total_error_replies", errors)
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
	t.text("master_replid", t.e.runID)
	t.int("master_repl_offset", 0)
}

func infoCommandStats(t *infoText) {
	for _, row := range t.e.commands.entries {
		t.commandStats(row)
		for _, sub := range row.subs {
			t.commandStats(sub)
		}
	}
}

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
