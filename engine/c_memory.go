package engine

import "riffle/engine/dict"

var memoryCommands = []Command{
	{
		Name: "MEMORY", Since: "4.0.0", Complexity: "Depends on subcommand.",
		Summary: "A container for memory diagnostics commands.",
		Subs:    memorySubcommands,
	},
}

var memorySubcommands = []Command{
	{
		Name: "DOCTOR", Since: "4.0.0", Complexity: "O(1)",
		Summary: "Outputs a memory problems report.",
		Example: `
> MEMORY DOCTOR
"There is too little data to judge: ..."`,
		Run: memoryDoctor,
	},
	{
		Name: "HELP", Flags: Loading | Stale, Since: "4.0.0", Complexity: "O(1)",
		Summary: "Returns helpful text about the different subcommands.",
		Example: `
> MEMORY HELP
 1) MEMORY <subcommand> [<arg> [value] [opt] ...]. Subcommands are:
...`,
		Run: func(c *Ctx) { c.help(memoryHelp) },
	},
	{
		Name: "MALLOC-STATS", Since: "4.0.0", Complexity: "Depends on how much memory is allocated, could be slow",
		Summary: "Returns the allocator statistics.",
		Example: `
> MEMORY MALLOC-STATS
"Keys lie in pages of up to 64 KiB, ..."`,
		Run: memoryMallocStats,
	},
	{
		Name: "PURGE", Since: "4.0.0", Complexity: "Depends on how much memory is allocated.",
		Summary: "Asks the allocator to release memory.",
		Example: `
> MEMORY PURGE
OK`,
		Run: func(c *Ctx) { c.await(RequestPurge, "") },
	},
	{
		Name: "STATS", Since: "4.0.0", Complexity: "O(1)",
		Summary: "Returns details about memory usage.",
		Example: `
> MEMORY STATS
 1) "peak.allocated"
 2) (integer) ...
...`,
		Run: memoryStats,
	},
	{
		Name: "USAGE", Syntax: "key [SAMPLES count]", Flags: ReadOnly, Since: "4.0.0",
		Complexity: "O(1): every value knows its size.",
		Summary:    "Estimates the memory usage of a key.",
		Example: `
> MEMORY USAGE nothing
(nil)`,
		Run: memoryUsage,
	},
}

var memoryHelp = []string{
	"DOCTOR",
	"    Return memory problems reports.",
	"MALLOC-STATS",
	"    Return internal statistics report from the memory allocator.",
	"PURGE",
	"    Attempt to purge dirty pages for reclamation by the allocator.",
	"STATS",
	"    Return information about the memory usage of the server.",
	"USAGE <key> [SAMPLES <count>]",
	"    Return memory in bytes used by <key> and its value. Nested values are",
	"    sampled up to <count> times (default: 5, 0 means sample all).",
}

// memoryUsage answers exactly: SAMPLES is read and not needed, since every value knows its size.
func memoryUsage(c *Ctx) {
	for i := 3; i < len(c.Argv); i += 2 {
		if !c.is(i, "SAMPLES") || i+1 == len(c.Argv) {
			c.syntaxError()
			return
		}
		samples, ok := c.int(i + 1)
		if !ok {
			return
		}
		if samples < 0 {
			c.syntaxError()
			return
		}
	}
	ref := c.DB.keys.Find(c.Argv[2]) // what has expired takes memory too
	if ref == 0 {
		c.Reply.Null()
		return
	}
	c.Reply.Int(c.DB.footprint(ref))
}

// footprint is the memory of one key in bytes: its block, its share of the index, its object.
func (s *keyspace) footprint(ref dict.Ref) int64 {
	n := int64(entryBytes + len(s.keys.Key(ref)) + cap(s.keys.Value(ref)))
	if object := s.object(ref); object != nil {
		n += object.Size()
	}
	return n
}

const (
	entryBytes = 14 // what a key costs beside its block's content: header, lengths, index
	indexBytes = 7  // of these, the index
)

// memoryReport is what INFO memory and MEMORY STATS tell. What is used is the data, with its index: what
// maxmemory is compared with. Clients and the journal's buffer come on top.
type memoryReport struct {
	used, held, peak int64
	keys             int64
	index            int64 // of used: the tables that lead to keys, those of keys that expire, the objects' list
	clients          int64
	journal          int64
}

func (e *Engine) memoryReport() (m memoryReport) {
	e.notePeak()
	m.used, m.held, m.peak = e.usedMemory(), e.Memory(), e.stats.peakMemory
	for _, db := range e.dbs {
		m.keys += int64(db.keys.Len())
		m.index += db.indexSize() + db.expires.Size() + int64(cap(db.objects))*16
	}
	for _, c := range e.clients {
		m.clients += c.memory()
	}
	m.journal = int64(cap(e.journal.buf) + cap(e.journal.taken))
	return m
}

// indexSize is about what the table takes that leads to keys, in bytes.
func (s *keyspace) indexSize() int64 { return int64(s.keys.Len()) * indexBytes }

func (m *memoryReport) overhead() int64 { return m.index + m.clients + m.journal }

// dataset is what the keys and values take themselves.
func (m *memoryReport) dataset() int64 { return m.used - m.index }

// notePeak keeps the most memory that was ever used, as far as anybody looked.
func (e *Engine) notePeak() { e.stats.peakMemory = max(e.stats.peakMemory, e.usedMemory()) }

// ratio is a quotient that is 0 where there is nothing to divide by.
func ratio(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

func memoryStats(c *Ctx) {
	m := c.e.memoryReport()
	mark, n := c.Reply.Later(), 0
	count := func(name string, value int64) {
		c.Reply.BulkString(name)
		c.Reply.Int(value)
		n++
	}
	share := func(name string, value float64) {
		c.Reply.BulkString(name)
		c.Reply.Double(value)
		n++
	}
	count("peak.allocated", m.peak)
	count("total.allocated", m.used)
	count("startup.allocated", 0)
	count("replication.backlog", 0)
	count("clients.slaves", 0)
	count("clients.normal", m.clients)
	count("cluster.links", 0)
	count("aof.buffer", m.journal)
	count("lua.caches", 0)
	count("functions.caches", 0)
	for _, db := range c.e.dbs {
		if db.keys.Len() > 0 {
			c.Reply.BulkString("db." + itoa(int64(db.id)))
			c.Reply.Map(3)
			c.Reply.BulkString("overhead.hashtable.main")
			c.Reply.Int(db.indexSize())
			c.Reply.BulkString("overhead.hashtable.expires")
			c.Reply.Int(db.expires.Size())
			c.Reply.BulkString("overhead.hashtable.slot-to-keys")
			c.Reply.Int(0)
			n++
		}
	}
	count("overhead.total", m.overhead())
	count("keys.count", m.keys)
	count("keys.bytes-per-key", m.used/max(m.keys, 1)*min(m.keys, 1))
	count("dataset.bytes", m.dataset())
	share("dataset.percentage", 100*ratio(m.dataset(), m.used))
	share("peak.percentage", 100*ratio(m.used, m.peak))
	count("allocator.allocated", m.used)
	count("allocator.active", m.held)
	count("allocator.resident", m.held)
	share("allocator-fragmentation.ratio", ratio(m.held, m.used))
	count("allocator-fragmentation.bytes", m.held-m.used)
	share("allocator-rss.ratio", ratio(m.held, m.held))
	count("allocator-rss.bytes", 0)
	resident := c.e.resident(m.held)
	share("rss-overhead.ratio", ratio(resident, m.held))
	count("rss-overhead.bytes", resident-m.held)
	share("fragmentation", ratio(resident, m.used))
	count("fragmentation.bytes", resident-m.used)
	c.Reply.MapAt(mark, n)
}

// resident is what the process takes, in bytes, as its host tells in INFO; otherwise what the engine holds.
func (e *Engine) resident(held int64) int64 {
	bytes := held
	if e.config.HostInfo != nil {
		e.config.HostInfo("memory", func(name, value string) {
			if name == "used_memory_rss" {
				bytes = number(value)
			}
		})
	}
	return bytes
}

// memoryMallocStats tells of the pages that keys lie in.
func memoryMallocStats(c *Ctx) {
	text := "Keys lie in pages of up to 64 KiB, each of blocks of one size. A database's bytes:\n\n"
	for _, db := range c.e.dbs {
		if db.keys.Len() == 0 {
			continue
		}
		text += "db" + itoa(int64(db.id)) + ": " + itoa(int64(db.keys.Len())) + " keys in " + itoa(db.keys.Size()) +
			" bytes, of which " + itoa(db.keys.Idle()) + " are free in pages; " + itoa(db.bytes) +
			" in values too large for a page\n"
	}
	c.Reply.Verbatim("txt", text)
}

// memoryDoctor looks for what is out of proportion.
func memoryDoctor(c *Ctx) {
	m := c.e.memoryReport()
	text := ""
	switch limit := c.e.settings.maxMemory; {
	case m.used < 5<<20:
		text = "There is too little data to judge: less than 5 MiB.\n"
	case limit > 0 && m.used > limit:
		text += "- The data is larger than maxmemory: writes are refused, or keys evicted, until it fits.\n"
	}
	if m.used >= 5<<20 {
		if m.peak > m.used/2*3 {
			text += "- At its peak the data was half as large again as now: the process may hold memory that " +
				"MEMORY PURGE gives back.\n"
		}
		if m.held > m.used/4*5 {
			text += "- A fifth of the pages' memory lies free in holes. They are closed while the server has " +
				"nothing to do, and filled by new keys.\n"
		}
		if m.clients > m.used/4 {
			text += "- Clients take a quarter as much as the data: CLIENT LIST shows who leaves output unread, and " +
				"maxmemory-clients bounds it.\n"
		}
		if text == "" {
			text = "Nothing is out of proportion.\n"
		}
	}
	c.Reply.Verbatim("txt", text)
}
