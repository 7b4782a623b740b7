package engine

import (
	"math"

	"riffle/engine/num"
	"riffle/engine/resp"
)

// settings holds the parameters that the engine reads on hot paths, in the form it needs them.
// c_config.go has the table of all parameters: their names, defaults, bounds and how they are set.
type settings struct {
	notify           notifyClass
	queryBufferLimit int64
	maxBulk          int64 // proto-max-bulk-len: the longest string, in bytes
	limits           resp.Limits
	strangerLimits   resp.Limits // of clients that have not authenticated
	slowerThan       int64       // microseconds
	slowlogMax       int
	largeRequest     int64 // commandlog-request-larger-than, in bytes; maxInt64 = none is
	largeReply       int64 // commandlog-reply-larger-than
	largeRequestMax  int   // entries that COMMANDLOG keeps
	largeReplyMax    int
	hz               int64
	expireEffort     int       // active-expire-effort
	latencyThreshold int64     // milliseconds; 0 = LATENCY watches nothing
	tracksLatency    bool      // commands have histograms
	percentiles      []float64 // that INFO latencystats shows
	busyAfter        int64     // milliseconds
	maxMemory        int64
	policy           evictionPolicy
	countsUse        bool // the policy is an lfu one: keys count their uses
	evictionSamples  int64
	evictionTenacity int64
	lfuLogFactor     int64
	lfuDecay         int64 // minutes
	clientsMemory    int64 // maxmemory-clients: bytes, or a negative percentage of maxMemory
	trackingMost     int64 // tracking-table-max-keys; 0 = any number
	savePoints       []savePoint
	output           [outputClasses]outputLimit
	leastOutput      int64 // bytes of unread output that no class limits

	listMaxListpack      int   // list-max-listpack-size: elements, or -1..-5 for 4..64 KiB
	listCompressDepth    int   // kept for CONFIG; chunks are never compressed
	hashMaxEntries       int   // hash-max-listpack-entries
	hashMaxValue         int   // hash-max-listpack-value, bytes
	setMaxIntset         int   // set-max-intset-entries
	setMaxEntries        int   // set-max-listpack-entries
	setMaxValue          int   // set-max-listpack-value, bytes
	zsetMaxEntries       int   // zset-max-listpack-entries
	zsetMaxValue         int   // zset-max-listpack-value, bytes
	hllMaxSparse         int   // hll-sparse-max-bytes
	streamMaxNodeBytes   int64 // stream-node-max-bytes
	streamMaxNodeEntries int64 // stream-node-max-entries

	streamIdempotenceSeconds int64 // stream-idmp-duration
	streamIdempotenceSize    int64 // stream-idmp-maxsize

	seed uint64 // of the hash tables inside values, see tableSeed
}

// outputLimit bounds the output a client may leave unread: hard at once, soft for a while.
type outputLimit struct {
	hard, soft  int64 // bytes; 0 = none
	softSeconds int64
}

// The classes of client-output-buffer-limit.
const (
	outputNormal = iota
	outputReplica
	outputPubSub
	outputClasses
)

// reset sets what a fresh engine has before any parameter is applied.
func (s *settings) reset() {
	*s = settings{
		queryBufferLimit: 1 << 30, maxBulk: 512 << 20, slowerThan: 10000, slowlogMax: 128,
		largeRequest: 1 << 20, largeReply: 1 << 20, largeRequestMax: 128, largeReplyMax: 128,
		trackingMost: 1_000_000, busyAfter: 5000,
		listMaxListpack: -2, hashMaxEntries: 512, hashMaxValue: 64, setMaxIntset: 512,
		setMaxEntries: 128, setMaxValue: 64, zsetMaxEntries: 128, zsetMaxValue: 64,
		hz: 10, expireEffort: 1, evictionSamples: 5, evictionTenacity: 10, lfuLogFactor: 10, lfuDecay: 1,
		tracksLatency: true, percentiles: []float64{50, 99, 99.9},
		hllMaxSparse: 3000, streamMaxNodeBytes: 4096, streamMaxNodeEntries: 100,
		streamIdempotenceSeconds: 100, streamIdempotenceSize: 100,
	}
	s.output[outputReplica] = outputLimit{256 << 20, 64 << 20, 60}
	s.output[outputPubSub] = outputLimit{32 << 20, 8 << 20, 60}
	s.leastOutput = leastLimit(&s.output)
	s.setLimits()
}

// tableSeed returns the seed of one more hash table inside a value. No two are the same: a table
// filled in the order of another of the same seed would be filled from one end.
func (s *settings) tableSeed() uint64 {
	s.seed += 0x9e3779b97f4a7c15
	return s.seed
}

// setLimits derives the parser's limits.
func (s *settings) setLimits() {
	s.limits = resp.DefaultLimits
	s.limits.Bulk = s.maxBulk
	s.strangerLimits = s.limits
	s.strangerLimits.Auth = true
}

// memorySum is what all databases but one hold, added up a while ago: adding them up before every
// write would cost as much as the write.
type memorySum struct {
	db     *DB
	others int64
	checks int // since it was added up
}

// memoryChecks is how many checks one sum serves. Commands reach into other databases rarely.
const memoryChecks = 64

// overMemory compares what is held with maxmemory, closely; only an exact sum of what is used says that it
// is too much.
func (e *Engine) overMemory(db *DB) bool {
	sum := &e.memory
	if sum.checks++; sum.db != db || sum.checks >= memoryChecks {
		*sum = memorySum{db: db, others: e.Memory() - db.size()}
	}
	return sum.others+db.size() > e.settings.maxMemory && e.usedMemory() > e.settings.maxMemory
}

// usedMemory is the memory of all databases in bytes, without the holes in their pages: what maxmemory is
// compared with.
func (e *Engine) usedMemory() int64 {
	used := int64(0)
	for _, db := range e.dbs {
		used += db.inUse()
	}
	return used
}

// limitOutput ends the clients that leave too much output unread.
func (e *Engine) limitOutput() {
	for _, c := range e.written {
		if c.has(flagClosing) {
			continue
		}
		if e.overLimit(c) {
			c.dropOutput()
			e.finish(c)
		}
	}
}

// leastLimit returns the smallest of all limits, in bytes.
func leastLimit(limits *[outputClasses]outputLimit) int64 {
	least := int64(math.MaxInt64)
	for _, limit := range limits {
		for _, bytes := range [2]int64{limit.hard, limit.soft} {
			if bytes > 0 {
				least = min(least, bytes)
			}
		}
	}
	return least
}

// outputFree is the unread output in bytes that no limit counts: the reference has a buffer of this size for each
// client and counts what does not fit. Without it a low limit would shut out everybody, also who wants to raise it.
const outputFree = 16 << 10

// overLimit judges a client's unread output by the limits of its class.
func (e *Engine) overLimit(c *Client) bool {
	unread := int64(len(c.reply.buf) - c.sent)
	if unread <= outputFree {
		c.soft = 0
		return false
	}
	if unread <= e.settings.leastOutput && c.soft == 0 {
		return false
	}
	limit := &e.settings.output[outputNormal]
	if c.listening() {
		limit = &e.settings.output[outputPubSub]
	}
	if limit.hard > 0 && unread > limit.hard {
		return true
	}
	if limit.soft == 0 || unread <= limit.soft {
		c.soft = 0
		return false
	}
	if c.soft == 0 {
		c.soft = e.now
	}
	return e.now-c.soft > limit.softSeconds*1e6
}

// parseSavePoints reads "3600 1 300 100"; empty means none.
func parseSavePoints(value string) ([]savePoint, bool) {
	var points []savePoint
	words := fields(value)
	if len(words)%2 != 0 {
		return nil, false
	}
	for i := 0; i < len(words); i += 2 {
		seconds, ok := num.ParseInt([]byte(words[i]))
		changes, ok2 := num.ParseInt([]byte(words[i+1]))
		if !ok || !ok2 || seconds < 1 || changes < 0 {
			return nil, false
		}
		points = append(points, savePoint{seconds, changes})
	}
	return points, true
}

// fields splits a parameter's value at blanks.
func fields(s string) []string {
	var words []string
	start := -1
	for i := 0; i <= len(s); i++ {
		blank := i == len(s) || s[i] == ' ' || s[i] == '\t'
		if blank && start >= 0 {
			words = append(words, s[start:i])
			start = -1
		} else if !blank && start < 0 {
			start = i
		}
	}
	return words
}
