package engine

import "riffle/engine/glob"

// parameterKind says how a parameter's value is read and written.
type parameterKind uint8

const (
	textParameter   parameterKind = iota // any text
	boolParameter                        // yes or no
	intParameter                         // a number within low and high
	memoryParameter                      // bytes, with the field's units
	shareParameter                       // bytes, or a percentage
	choiceParameter                      // one of choices
)

// parameter is one row of CONFIG. Values are kept in their canonical text; apply, where there is
// one, puts the value where the engine reads it.
type parameter struct {
	name      string
	initial   string
	kind      parameterKind
	low, high int64
	choices   string // separated by blanks
	fixed     bool   // only at start-up
	host      bool   // the host must be told
	guarded   bool   // only for those whom enable-protected-configs trusts
	alias     string // an older name
	secret    bool   // not written to logs
	idle      string // why it changes nothing, see parameter_idle.go
	promise   bool   // an idle one that must keep its value
	apply     func(e *Engine, value string) (failure string)
	spell     func(s *settings) string // the canonical text, where apply has read more than one word
}

// parameters are those that mean something here, sorted by name.
var parameters = [...]parameter{
	{name: "acl-pubsub-default", initial: "resetchannels", kind: choiceParameter, choices: "allchannels resetchannels",
		apply: func(e *Engine, value string) string { e.acl.channelsAtOnce = value == "allchannels"; return "" }},
	{name: "aclfile", initial: "", fixed: true},
	{name: "acllog-max-len", initial: "128", kind: intParameter, high: maxInt64,
		apply: func(e *Engine, value string) string { e.acl.log.limit(number(value)); return "" }},
	{name: "active-expire-effort", initial: "1", kind: intParameter, low: 1, high: 10,
		apply: func(e *Engine, value string) string { e.settings.expireEffort = int(number(value)); return "" }},
	{name: "activerehashing", initial: "yes", kind: boolParameter},
	{name: "aof-load-truncated", initial: "yes", kind: boolParameter, host: true},
	{name: "aof-rewrite-incremental-fsync", initial: "yes", kind: boolParameter, host: true},
	{name: "aof-timestamp-enabled", initial: "no", kind: boolParameter, fixed: true},
	{name: "aof-use-rdb-preamble", initial: "yes", kind: boolParameter, fixed: true},
	{name: "appenddirname", initial: "appendonlydir", fixed: true},
	{name: "appendfilename", initial: "appendonly.aof", fixed: true},
	{name: "appendfsync", initial: "everysec", kind: choiceParameter, choices: "everysec always no", host: true},
	{name: "appendonly", initial: "no", kind: boolParameter, host: true},
	{name: "auto-aof-rewrite-min-size", initial: "67108864", kind: memoryParameter, host: true},
	{name: "auto-aof-rewrite-percentage", initial: "100", kind: intParameter, high: maxInt32, host: true},
	{name: "bind", initial: "127.0.0.1", host: true},
	{name: "busy-reply-threshold", initial: "5000", kind: intParameter, high: maxInt64, alias: "lua-time-limit",
		apply: func(e *Engine, value string) string { e.settings.busyAfter = number(value); return "" }},
	{name: "client-output-buffer-limit",
		initial: "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60", apply: applyOutputLimits,
		spell: func(s *settings) string { return outputText(&s.output) }},
	{name: "client-query-buffer-limit", initial: "1073741824", kind: memoryParameter, low: 1 << 20,
		apply: func(e *Engine, value string) string { e.settings.queryBufferLimit = number(value); return "" }},
	{name: "cluster-enabled", initial: "no", kind: choiceParameter, choices: "no", fixed: true},
	{name: "commandlog-large-reply-max-len", initial: "128", kind: intParameter, high: maxInt64,
		apply: func(e *Engine, value string) string { e.settings.largeReplyMax = int(number(value)); return "" }},
	{name: "commandlog-large-request-max-len", initial: "128", kind: intParameter, high: maxInt64,
		apply: func(e *Engine, value string) string { e.settings.largeRequestMax = int(number(value)); return "" }},
	{name: "commandlog-reply-larger-than", initial: "1048576", kind: intParameter, low: -1, high: maxInt64,
		apply: func(e *Engine, value string) string { e.settings.largeReply = largerThan(value); return "" }},
	{name: "commandlog-request-larger-than", initial: "1048576", kind: intParameter, low: -1, high: maxInt64,
		apply: func(e *Engine, value string) string { e.settings.largeRequest = largerThan(value); return "" }},
	{name: "daemonize", initial: "no", kind: boolParameter, fixed: true},
	{name: "databases", initial: "16", kind: intParameter, low: 1, high: 1 << 16, fixed: true,
		apply: func(e *Engine, value string) string { e.setDatabases(int(number(value))); return "" }},
	{name: "dbfilename", initial: "dump.rdb", host: true, guarded: true},
	{name: "dir", initial: ".", host: true, guarded: true},
	{name: "dynamic-hz", initial: "yes", kind: boolParameter},
	{name: "enable-debug-command", initial: "no", kind: choiceParameter, choices: "no yes local", fixed: true},
	{name: "enable-protected-configs", initial: "no", kind: choiceParameter, choices: "no yes local", fixed: true},
	{name: "hash-max-listpack-entries", initial: "512", kind: intParameter, high: maxInt64,
		alias: "hash-max-ziplist-entries",
		apply: func(e *Engine, value string) string { e.settings.hashMaxEntries = int(number(value)); return "" }},
	{name: "hash-max-listpack-value", initial: "64", kind: memoryParameter, alias: "hash-max-ziplist-value",
		apply: func(e *Engine, value string) string { e.settings.hashMaxValue = int(number(value)); return "" }},
	{name: "hll-sparse-max-bytes", initial: "3000", kind: memoryParameter,
		apply: func(e *Engine, value string) string { e.settings.hllMaxSparse = int(number(value)); return "" }},
	{name: "hz", initial: "10", kind: intParameter, low: 0, high: maxInt32,
		apply: func(e *Engine, value string) string { e.settings.hz = min(max(number(value), 1), 500); return "" },
		spell: func(s *settings) string { return itoa(s.hz) }},
	{name: "io-threads", initial: "1", kind: intParameter, low: 1, high: 128, fixed: true},
	{name: "io-threads-do-reads", initial: "yes", kind: boolParameter, fixed: true},
	{name: "latency-monitor-threshold", initial: "0", kind: intParameter, high: maxInt64,
		apply: func(e *Engine, value string) string { e.settings.latencyThreshold = number(value); return "" }},
	{name: "latency-tracking", initial: "yes", kind: boolParameter,
		apply: func(e *Engine, value string) string { e.settings.tracksLatency = value == "yes"; return "" }},
	{name: "latency-tracking-info-percentiles", initial: "50 99 99.9", apply: applyPercentiles,
		spell: func(s *settings) string { return percentilesText(s.percentiles) }},
	// Values are freed where they are deleted: what is packed lies in its key's block, and the garbage collector
	// does the rest beside. There is nothing that these could put off.
	{name: "lazyfree-lazy-eviction", initial: "no", kind: boolParameter},
	{name: "lazyfree-lazy-expire", initial: "no", kind: boolParameter},
	{name: "lazyfree-lazy-server-del", initial: "no", kind: boolParameter},
	{name: "lazyfree-lazy-user-del", initial: "no", kind: boolParameter},
	{name: "lazyfree-lazy-user-flush", initial: "no", kind: boolParameter},
	{name: "lfu-decay-time", initial: "1", kind: intParameter, high: maxInt32,
		apply: func(e *Engine, value string) string { e.settings.lfuDecay = number(value); return "" }},
	{name: "lfu-log-factor", initial: "10", kind: intParameter, high: maxInt32,
		apply: func(e *Engine, value string) string { e.settings.lfuLogFactor = number(value); return "" }},
	{name: "list-compress-depth", initial: "0", kind: intParameter, high: maxInt32,
		apply: func(e *Engine, value string) string { e.settings.listCompressDepth = int(number(value)); return "" }},
	{name: "list-max-listpack-size", initial: "-2", kind: intParameter, low: -maxInt32 - 1, high: maxInt32,
		alias: "list-max-ziplist-size",
		apply: func(e *Engine, value string) string { e.settings.listMaxListpack = int(number(value)); return "" }},
	{name: "logfile", initial: "", fixed: true},
	{name: "loglevel", initial: "notice", kind: choiceParameter, choices: "debug verbose notice warning", host: true},
	{name: "maxclients", initial: "10000", kind: intParameter, low: 1, high: 1<<32 - 1, host: true},
	{name: "maxmemory", initial: "0", kind: memoryParameter, apply: applyMaxMemory},
	{name: "maxmemory-clients", initial: "0", kind: shareParameter,
		apply: func(e *Engine, value string) string { e.settings.clientsMemory = share(value); return "" }},
	{name: "maxmemory-eviction-tenacity", initial: "10", kind: intParameter, high: 100,
		apply: func(e *Engine, value string) string { e.settings.evictionTenacity = number(value); return "" }},
	{name: "maxmemory-policy", initial: "noeviction", kind: choiceParameter, choices: evictionPolicies,
		apply: applyPolicy},
	{name: "maxmemory-samples", initial: "5", kind: intParameter, low: 1, high: maxInt32,
		apply: func(e *Engine, value string) string { e.settings.evictionSamples = number(value); return "" }},
	{name: "no-appendfsync-on-rewrite", initial: "no", kind: boolParameter, host: true},
	{name: "notify-keyspace-events", initial: "", apply: applyNotify,
		spell: func(s *settings) string { return notifyText(s.notify) }},
	{name: "pidfile", initial: "", fixed: true},
	{name: "port", initial: "6379", kind: intParameter, high: 65535, host: true},
	{name: "protected-mode", initial: "yes", kind: boolParameter, host: true},
	{name: "proto-max-bulk-len", initial: "536870912", kind: memoryParameter, low: 1 << 20,
		apply: func(e *Engine, value string) string {
			e.settings.maxBulk = number(value)
			e.settings.setLimits()
			return ""
		}},
	{name: "rdbchecksum", initial: "yes", kind: boolParameter, fixed: true},
	{name: "rdbcompression", initial: "yes", kind: boolParameter},
	{name: "requirepass", initial: "", secret: true,
		apply: func(e *Engine, value string) string { e.setDefaultPassword(value); return "" }},
	{name: "sanitize-dump-payload", initial: "yes", kind: choiceParameter, choices: "no yes clients"},
	{name: "save", initial: "", apply: applySave},
	{name: "set-max-intset-entries", initial: "512", kind: intParameter, high: maxInt64,
		apply: func(e *Engine, value string) string { e.settings.setMaxIntset = int(number(value)); return "" }},
	{name: "set-max-listpack-entries", initial: "128", kind: intParameter, high: maxInt64,
		apply: func(e *Engine, value string) string { e.settings.setMaxEntries = int(number(value)); return "" }},
	{name: "set-max-listpack-value", initial: "64", kind: memoryParameter,
		apply: func(e *Engine, value string) string { e.settings.setMaxValue = int(number(value)); return "" }},
	{name: "shutdown-on-sigint", initial: "default", host: true},
	{name: "shutdown-on-sigterm", initial: "default", host: true},
	{name: "shutdown-timeout", initial: "10", kind: intParameter, high: maxInt32, host: true},
	{name: "slowlog-log-slower-than", initial: "10000", kind: intParameter, low: -1, high: maxInt64,
		alias: "commandlog-execution-slower-than",
		apply: func(e *Engine, value string) string { e.settings.slowerThan = number(value); return "" }},
	{name: "slowlog-max-len", initial: "128", kind: intParameter, high: maxInt64,
		alias: "commandlog-slow-execution-max-len", apply: applySlowlogMax},
	{name: "stop-writes-on-bgsave-error", initial: "yes", kind: boolParameter},
	{name: "stream-idmp-duration", initial: "100", kind: intParameter, low: 1, high: maxIdempotenceSeconds,
		apply: func(e *Engine, value string) string { e.settings.streamIdempotenceSeconds = number(value); return "" }},
	{name: "stream-idmp-maxsize", initial: "100", kind: intParameter, low: 1, high: maxIdempotenceSize,
		apply: func(e *Engine, value string) string { e.settings.streamIdempotenceSize = number(value); return "" }},
	{name: "stream-node-max-bytes", initial: "4096", kind: memoryParameter,
		apply: func(e *Engine, value string) string { e.settings.streamMaxNodeBytes = number(value); return "" }},
	{name: "stream-node-max-entries", initial: "100", kind: intParameter, high: maxInt64,
		apply: func(e *Engine, value string) string { e.settings.streamMaxNodeEntries = number(value); return "" }},
	{name: "tcp-backlog", initial: "511", kind: intParameter, high: maxInt32, fixed: true},
	{name: "tcp-keepalive", initial: "300", kind: intParameter, high: maxInt32, host: true},
	{name: "timeout", initial: "0", kind: intParameter, high: maxInt32, host: true},
	{name: "tracking-table-max-keys", initial: "1000000", kind: intParameter, high: maxInt64,
		apply: func(e *Engine, value string) string { e.settings.trackingMost = number(value); return "" }},
	{name: "unixsocket", initial: "", fixed: true},
	{name: "unixsocketperm", initial: "0", fixed: true},
	{name: "zset-max-listpack-entries", initial: "128", kind: intParameter, high: maxInt64,
		alias: "zset-max-ziplist-entries",
		apply: func(e *Engine, value string) string { e.settings.zsetMaxEntries = int(number(value)); return "" }},
	{name: "zset-max-listpack-value", initial: "64", kind: memoryParameter, alias: "zset-max-ziplist-value",
		apply: func(e *Engine, value string) string { e.settings.zsetMaxValue = int(number(value)); return "" }},
}

const (
	maxInt32 = 1<<31 - 1
	maxInt64 = 1<<63 - 1
)

var configSubcommands = []Command{
	{
		Name: "GET", Syntax: "parameter [parameter ...]", Flags: clientAdmin, Since: "2.0.0",
		Complexity: "O(N) when N is the number of configuration parameters provided",
		Summary:    "Returns the effective values of configuration parameters.",
		Example: `
> CONFIG GET maxmemory
1) "maxmemory"
2) "0"`,
		Run: configGet,
	},
	{
		Name: "HELP", Flags: Loading | Stale, Since: "5.0.0", Complexity: "O(1)",
		Summary: "Returns helpful text about the different subcommands.",
		Example: `
> CONFIG HELP
 1) CONFIG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:
...`,
		Run: func(c *Ctx) { c.help(configHelp) },
	},
	{
		Name: "RESETSTAT", Flags: clientAdmin, Since: "2.0.0", Complexity: "O(1)",
		Summary: "Resets the server's statistics.",
		Example: `
> CONFIG RESETSTAT
OK`,
		Run: configResetStat,
	},
	{
		Name: "REWRITE", Flags: clientAdmin, Since: "2.8.0", Complexity: "O(1)",
		Summary: "Persists the effective configuration to file.",
		Example: `
> CONFIG REWRITE
OK`,
		Run: func(c *Ctx) { c.await(RequestRewriteConfig, "") },
	},
	{
		Name: "SET", Syntax: "parameter value [parameter value ...]", Flags: clientAdmin, Since: "2.0.0",
		Complexity: "O(N) when N is the number of configuration parameters provided",
		Summary:    "Sets configuration parameters in-flight.",
		Example: `
> CONFIG SET maxmemory 100mb
OK
> CONFIG GET maxmemory
1) "maxmemory"
2) "104857600"`,
		Run: configSet,
	},
}

var configHelp = []string{
	"GET <pattern>",
	"    Return parameters matching the glob-like <pattern> and their values.",
	"SET <directive> <value>",
	"    Set the configuration <directive> to <value>.",
	"RESETSTAT",
	"    Reset statistics reported by the INFO command.",
	"REWRITE",
	"    Rewrite the configuration file.",
}

// findParameter returns the number of a parameter by its name or older name, -1 if there is none.
func (e *Engine) findParameter(name string) int {
	name = lowerString(name)
	for i := range e.values {
		if p := e.row(i); p.name == name || p.alias == name && name != "" {
			return i
		}
	}
	return -1
}

// row returns a parameter by its number: those that mean something come first.
func (e *Engine) row(i int) *parameter {
	if i < len(parameters) {
		return &parameters[i]
	}
	return &e.idle[i-len(parameters)]
}

// setDefaults gives every parameter the value it starts with.
func (e *Engine) setDefaults() {
	e.idle = idleParameters()
	e.values = make([]string, len(parameters)+len(e.idle))
	for i := range e.values {
		e.values[i] = e.row(i).initial
	}
}

// ConfigGet returns a parameter's value.
func (e *Engine) ConfigGet(name string) (value string, ok bool) {
	i := e.findParameter(name)
	if i < 0 {
		return "", false
	}
	return e.values[i], true
}

// parameter returns the value of a parameter that there is.
func (e *Engine) parameter(name string) string { return e.values[e.findParameter(name)] }

// ConfigSet sets a parameter before clients come: also one that CONFIG SET may not change. It returns
// why the value is not possible, or "".
func (e *Engine) ConfigSet(name, value string) (failure string) {
	i := e.findParameter(name)
	if i < 0 {
		return "Bad directive or wrong number of arguments"
	}
	canonical, failure := e.row(i).read(value)
	switch {
	case failure != "" && e.row(i).idle != "":
		canonical = value // a file may say more than this server can judge
	case failure != "":
		return failure
	}
	return e.setParameter(i, canonical)
}

// ConfigEach visits every parameter with its value and the one it starts with.
func (e *Engine) ConfigEach(visit func(name, value, initial string)) {
	for i, value := range e.values {
		visit(e.row(i).name, value, e.row(i).initial)
	}
}

// setParameter puts a canonical value to work.
func (e *Engine) setParameter(i int, value string) (failure string) {
	if apply := e.row(i).apply; apply != nil {
		if failure = apply(e, value); failure != "" {
			return failure
		}
	}
	e.values[i] = value
	if spell := e.row(i).spell; spell != nil {
		e.values[i] = spell(&e.settings)
	}
	return ""
}

func configGet(c *Ctx) {
	mark, n := c.Reply.Later(), 0
	for i := range c.e.values {
		for _, name := range [...]string{c.e.row(i).name, c.e.row(i).alias} {
			asked := firstMatch(c.Argv[2:], name)
			if name == "" || asked == nil {
				continue
			}
			if lowerString(string(asked)) == name {
				c.Reply.Bulk(asked) // a name is told as it was asked for
			} else {
				c.Reply.BulkString(name)
			}
			c.Reply.BulkString(c.e.values[i])
			n++
		}
	}
	c.Reply.MapAt(mark, n)
}

func firstMatch(patterns [][]byte, name string) []byte {
	for _, pattern := range patterns {
		if glob.Match(pattern, []byte(name), true) {
			return pattern
		}
	}
	return nil
}

// configSet sets all the parameters named, or none.
func configSet(c *Ctx) {
	args := c.Argv[2:]
	if len(args)%2 != 0 {
		c.syntaxError()
		return
	}
	numbers := make([]int, 0, len(args)/2)
	values := make([]string, 0, len(args)/2)
	for i := 0; i < len(args); i += 2 {
		name := lowerString(string(args[i]))
		at := c.e.findParameter(name)
		if at < 0 {
			shown := clip(args[i], maxShownName)
			c.Reply.Error("ERR Unknown option or number of arguments for CONFIG SET - '" + shown + "'")
			return
		}
		row := c.e.row(at)
		value, failure := row.read(string(args[i+1]))
		switch {
		case row.fixed:
			failure = "can't set immutable config"
		case row.promise && failure == "" && value != row.initial:
			failure = row.idle
		case row.guarded && !c.e.trusts(c.Client, "enable-protected-configs"):
			failure = "can't set protected config"
		case containsInt(numbers, at):
			failure = "duplicate parameter"
		}
		if failure != "" {
			c.configFailure(name, failure)
			return
		}
		numbers, values = append(numbers, at), append(values, value)
	}
	c.applyParameters(numbers, values)
}

func (c *Ctx) configFailure(name, failure string) { c.Reply.Error(configError(name, failure)) }

func configError(name, failure string) string {
	return "ERR CONFIG SET failed (possibly related to argument '" + name + "') - " + failure
}

// applyParameters sets parameters one after the other, and takes them all back when one fails.
func (c *Ctx) applyParameters(numbers []int, values []string) {
	before := append([]string(nil), c.e.values...)
	for i, at := range numbers {
		failure := c.e.setParameter(at, values[i])
		if failure == "" {
			continue
		}
		for _, undo := range numbers[:i] {
			c.e.setParameter(undo, before[undo])
		}
		c.configFailure(c.e.row(at).name, failure)
		return
	}
	c.tellHost(numbers)
}

// tellHost lets the host act on its parameters; the client waits to hear whether it could.
func (c *Ctx) tellHost(numbers []int) {
	var names []string
	for _, at := range numbers {
		if c.e.row(at).host {
			names = append(names, c.e.row(at).name)
		}
	}
	if len(names) == 0 {
		c.Reply.OK()
		return
	}
	c.await(RequestConfigure, names...)
}

func configResetStat(c *Ctx) {
	c.e.resetStats()
	c.Reply.OK()
}

// trusts says whether a client may do what the parameter guards: nobody, everybody, or who connects
// from this machine.
func (e *Engine) trusts(c *Client, name string) bool {
	switch who, _ := e.ConfigGet(name); who {
	case "yes":
		return true
	case "local":
		return c.peer.Unix || hasPrefix(c.peer.Address, "127.") || hasPrefix(c.peer.Address, "[::1]")
	}
	return false
}

func hasPrefix(s, prefix string) bool { return len(s) >= len(prefix) && s[:len(prefix)] == prefix }

func containsInt(list []int, n int) bool {
	for _, other := range list {
		if other == n {
			return true
		}
	}
	return false
}
