package engine

// stats counts what INFO reports; CONFIG RESETSTAT clears it.
type stats struct {
	connections int64
	requests    int64 // requests read, queued ones included
	commands    int64 // commands run
	expired     int64
	subkeys     int64 // fields of hashes that expired
	evicted     int64 // keys
	dismissed   int64
	hits        int64
	misses      int64
	netIn       int64
	netOut      int64 // of clients that are gone
	turnedAway  int64 // connections beyond maxclients, as the host reports them
	peakMemory  int64
	loaded      int64    // keys read from a snapshot
	restored    int64    // payloads of RESTORE, each of which is checked
	reads       int64    // pieces of input
	writes      int64    // times a client had output for the host
	looked      [3]int64 // commands, bytes of input and of output at the last look
	lookedAt    int64    // microseconds
	perSecond   [3]int64 // of these, between the last two looks
	errors      []errorCount
}

// TurnedAway counts a connection that the host refused because there are maxclients already.
func (e *Engine) TurnedAway() { e.stats.turnedAway++ }

// look measures how much is done in a second: since the last look, if that was a second ago or longer.
func (s *stats) look(now, netOut int64) {
	elapsed := now - s.lookedAt
	if elapsed < 1e6 {
		return
	}
	for i, n := range [...]int64{s.commands, s.netIn, netOut} {
		s.perSecond[i] = (n - s.looked[i]) * 1e6 / elapsed
		s.looked[i] = n
	}
	s.lookedAt = now
}

// errorCount is how often one error code was replied, for INFO errorstats.
type errorCount struct {
	code  string
	count int64
}

// Scripts may reply any code, so that only so many are told apart; the others are counted under one name.
const (
	maxErrorCodes  = 128
	otherErrorCode = "ERRORSTATS_OVERFLOW"
)

// countError counts an error reply under its code. The codes stay in the order of their letters.
func (s *stats) countError(text string) {
	end := 0
	for end < len(text) && text[end] != ' ' {
		end++
	}
	i, found := s.findError(text[:end])
	if !found && len(s.errors) >= maxErrorCodes {
		text, end = otherErrorCode, len(otherErrorCode)
		i, found = s.findError(otherErrorCode)
	}
	if found {
		s.errors[i].count++
		return
	}
	s.errors = append(s.errors, errorCount{})
	copy(s.errors[i+1:], s.errors[i:])
	s.errors[i] = errorCount{text[:end], 1}
}

// findError returns where a code is, or belongs.
func (s *stats) findError(code string) (i int, found bool) {
	for i < len(s.errors) && s.errors[i].code < code {
		i++
	}
	return i, i < len(s.errors) && s.errors[i].code == code
}

// slowlog keeps the last commands that took long, or whose request or reply was large, newest first.
type slowlog struct {
	entries []slowEntry
	nextID  int64
}

type slowEntry struct {
	id, at, took int64 // at in seconds since 1970, took in microseconds; bytes of what was large
	argv         [][]byte
	peer, name   string
}

// note keeps a command that took at least slowlog-log-slower-than microseconds; took is in nanoseconds.
func (l *slowlog) note(e *Engine, c *Client, cmd *entry, argv [][]byte, took int64) {
	limit := e.settings.slowerThan
	took /= 1000
	if limit < 0 || took < limit || cmd.Flags&SkipSlowlog != 0 || c.has(flagReplay) {
		return
	}
	l.add(e.settings.slowlogMax, e.newSlowEntry(c, cmd, argv, took))
}

// newSlowEntry describes a request; those of a script are its caller's.
func (e *Engine) newSlowEntry(c *Client, cmd *entry, argv [][]byte, took int64) slowEntry {
	if c.has(flagScript) {
		c = e.scripting.current.caller
	}
	argv = slowArgs(cmd.redacted(argv))
	return slowEntry{at: e.now / 1e6, took: took, argv: argv, peer: c.peer.Address, name: c.name}
}

// add keeps an entry, and no more than most.
func (l *slowlog) add(most int, entry slowEntry) {
	entry.id = l.nextID
	l.nextID++
	l.entries = append([]slowEntry{entry}, l.entries...)
	l.trim(most)
}

const (
	maxSlowArgs     = 32
	maxSlowArgBytes = 128
)

// slowArgs copies a request within the reference's bounds for SLOWLOG entries.
func slowArgs(argv [][]byte) [][]byte {
	shown := argv
	if len(argv) > maxSlowArgs {
		shown = argv[:maxSlowArgs-1]
	}
	out := make([][]byte, 0, maxSlowArgs)
	for _, arg := range shown {
		if len(arg) > maxSlowArgBytes {
			more := "... (" + itoa(int64(len(arg)-maxSlowArgBytes)) + " more bytes)"
			out = append(out, append(append([]byte(nil), arg[:maxSlowArgBytes]...), more...))
			continue
		}
		out = append(out, append([]byte(nil), arg...))
	}
	if len(argv) > maxSlowArgs {
		out = append(out, []byte("... ("+itoa(int64(len(argv)-maxSlowArgs+1))+" more arguments)"))
	}
	return out
}

// trim forgets the oldest entries beyond a number.
func (l *slowlog) trim(n int) {
	if len(l.entries) > n {
		l.entries = l.entries[:n]
	}
}

// resetStats clears what INFO counts, as CONFIG RESETSTAT does.
func (e *Engine) resetStats() {
	e.stats = stats{}
	for _, row := range e.commands.entries {
		row.resetStats()
	}
}

func (en *entry) resetStats() {
	en.calls, en.nanos, en.rejected, en.failed, en.latency = 0, 0, 0, 0, nil
	for _, sub := range en.subs {
		sub.resetStats()
	}
}
