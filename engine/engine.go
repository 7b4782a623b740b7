package engine

import (
	"riffle/engine/prng"
)

// Config is what a host decides once, before the engine exists.
type Config struct {
	// Seed makes every random choice (hash order, SPOP, SRANDMEMBER, ids) reproducible. A host that
	// faces strangers keeps it secret, since it also guards the hash tables against chosen keys.
	Seed uint64
	// Journal says whether effects are written down at all. Without it Ready.Journal stays empty.
	Journal bool
	// Stopwatch returns a monotonic time in microseconds. It feeds SLOWLOG and the statistics and
	// never the data; nil reads as a watch that stands still.
	Stopwatch func() int64
	// HostInfo adds the host's own lines (process id, resident memory, files) to a section of INFO.
	// section is lower case; nil adds nothing.
	HostInfo func(section string, add func(name, value string))
}

// Peer describes the far end of a connection, as CLIENT LIST shows it.
type Peer struct {
	Address      string // "127.0.0.1:5000", a socket path, or a session's name
	LocalAddress string // the address it connected to
	Unix         bool   // came through a Unix socket
	FD           int    // the host's own number for the connection
}

// Ready is what the host owes the world before it feeds the engine again.
type Ready struct {
	Journal  []byte    // whole units of effects in order: append before sending Clients if the policy is "always"
	Offset   int64     // the journal's offset after Journal, in bytes since the engine was made
	Clients  []*Client // have bytes in Out, or are Closing; in the order first written
	Requests []Request // work that only a host can do
	Wake     int64     // call Tick at this time at the latest (microseconds since 1970); 0 = no timer
}

// RequestKind says what a Request asks of the host.
type RequestKind uint8

// The work that only a host can do.
const (
	RequestSave           RequestKind = iota + 1 // write a snapshot to storage, then Finish (SAVE)
	RequestBackgroundSave                        // write a snapshot in slices (BGSAVE)
	RequestRewrite                               // start a new log from a snapshot (BGREWRITEAOF)
	RequestShutdown                              // stop; Argument is "", "save" or "nosave"
	RequestRewriteConfig                         // write the parameters back to the configuration file
	RequestConfigure                             // the parameter named by Argument has a new value
	RequestReloadLog                             // replace all data by what the log holds (DEBUG LOADAOF)
)

// Request asks the host for something the core cannot do. The client that asked waits (unless the
// command answered at once) until the host calls Finish.
type Request struct {
	Kind     RequestKind
	Argument string
	client   *Client
}

// Engine is the whole state of one server. It must be used by one goroutine at a time.
type Engine struct {
	config Config
	random *prng.Rand
	now    int64 // microseconds since 1970, never goes back
	started int64
}
