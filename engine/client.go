package engine

import "riffle/engine/resp"

// Client is one connection: unread input, unsent output, and what the connection has asked for.
type Client struct {
	// Host is the host's own: the engine never looks at it.
	Host any

	id      int64
	peer    Peer
	name    string
	library string // CLIENT SETINFO lib-name
	version string // CLIENT SETINFO lib-ver
	user    *user  // whom it acts as
	db      int
	created int64 // microseconds
	active  int64 // microseconds of the last request
	last    *entry

	in      []byte      // input that is not a whole request yet, or that waits behind a blocked one
	parser  resp.Parser // remembers how far an incomplete request was read
	reply   Reply
	sent    int      // bytes of reply.buf that the host has taken
	outputs *outputs // where drained buffers go
	pushes  []byte   // messages for this client that must not land inside a reply being written

	flags   clientFlags
	multi   *multiState
	watches []*watch
	wait    *wait         // set while blocked
	subs    *subscription // set once the client has subscribed to anything
	tracker *tracker      // set once the client has tracked what it reads
	soft    int64         // microseconds since when output is over the soft limit
	netIn   int64
	netOut  int64
}

type clientFlags uint32

const (
	flagAuthenticated clientFlags = 1 << iota
	flagClosing                   // to be closed when its output is sent
	flagQueued                    // already among Ready.Clients
	flagReplyOff                  // CLIENT REPLY OFF
	flagReplySkip                 // the next reply is to be dropped
	flagReplySkipNext             // CLIENT REPLY SKIP came with this command
	flagMonitor
	flagNoEvict
	flagNoTouch
	flagStalled    // input waits for CLIENT UNPAUSE
	flagResumable  // among Engine.resumed
	flagGone       // the host has closed it
	flagReplay     // feeds Apply: no expiry, no journal, no pushes
	flagDirty      // a watched key has changed: EXEC will fail
	flagBusy       // a command of this client runs now, so pushes to it wait
	flagRestricted // its user may not do everything
	flagTracking   // CLIENT TRACKING ON
	flagCaching    // CLIENT CACHING came before this command
	flagScript     // runs the commands of scripts
	flagRunning    // its script yields: input waits
	flagRedirects  // CLIENT CAPA REDIRECT
)

func (c *Client) has(f clientFlags) bool { return c.flags&f != 0 }

func (c *Client) set(f clientFlags, on bool) {
	if on {
		c.flags |= f
		return
	}
	c.flags &^= f
}

// ID is the number that CLIENT ID and CLIENT LIST show; never used twice by one engine.
func (c *Client) ID() int64 { return c.id }

// Closing says that the connection is to be closed once Out is empty.
func (c *Client) Closing() bool { return c.has(flagClosing) }

// Idle returns how many microseconds ago the client last asked for something, and whether the
// "timeout" parameter may close it: clients that wait or listen are not idle.
func (c *Client) Idle(now int64) (micros int64, closable bool) {
	closable = c.wait == nil && !c.has(flagMonitor) && (c.subs == nil || c.subs.count() == 0)
	return now - c.active, closable
}
