package engine

// Reading a clock costs as much as a small command, and three times as much in a browser. So commands that
// cannot be slow are timed together: they share their time evenly, which is what commandstats averages
// anyway. A command that can be slow has a lap of its own.

const (
	lapMost      = 64        // quick commands in one lap
	quickArgs    = 8         // a request with more arguments is not quick,
	quickBytes   = 1 << 10   // nor one whose last argument is longer
	quickSlowlog = 1_000_000 // nanoseconds: a SLOWLOG that wants shorter ones needs every command timed
)

// timing is where the clock stands.
type timing struct {
	lap   int64    // the stopwatch at the end of the last lap, in nanoseconds
	quick int64    // quick commands since then
	rows  []*entry // theirs, each once

	client  *Client // the last of them
	row     *entry
	request [][]byte

	asleep int64 // nanoseconds that DEBUG SLEEP adds to what its command takes
}

// quickest returns how many arguments a request of this row may have to be quick; 0 = it never is.
func quickest(row *Command) int {
	switch {
	case row.Flags&(Fast|Admin|Blocking) != Fast && row.Complexity != "O(1)":
		return 0
	case row.Syntax == "key [count]":
		return 2
	}
	return quickArgs
}

// isQuick says whether the request may share a lap.
func (e *Engine) isQuick(cmd *entry, argv [][]byte) bool {
	return len(argv) <= cmd.quickest && len(argv[len(argv)-1]) <= quickBytes && e.inside == 0 &&
		uint64(e.settings.slowerThan) >= quickSlowlog/1000 // or negative: there is no log
}

// startLap begins to measure.
func (e *Engine) startLap() { e.timing.lap = e.stopwatch() }

// run runs a command in a lap that it shares, or in one of its own.
func (e *Engine) run(c *Ctx) {
	client, row, argv := c.Client, c.cmd, c.Argv
	quick := e.isQuick(row, argv)
	if !quick {
		e.endLap()
	}
	start, asleep := e.timing.lap, e.timing.asleep
	e.inside++
	row.Run(c)
	e.inside--
	if quick {
		e.shareLap(client, row, argv)
		return
	}
	e.startLap()
	took := e.timing.lap - start + e.timing.asleep - asleep
	if e.inside == 0 {
		e.timing.asleep = 0
	}
	row.nanos += took
	if e.settings.tracksLatency {
		row.latency.add(took, 1)
	}
	e.judgeTime(client, row, argv, took)
}

// shareLap counts a quick command; its time is measured with that of its neighbours.
func (e *Engine) shareLap(client *Client, row *entry, argv [][]byte) {
	t := &e.timing
	if row.sharing == 0 {
		t.rows = append(t.rows, row)
	}
	row.sharing++
	t.client, t.row, t.request = client, row, argv
	if t.quick++; t.quick == lapMost {
		e.endLap()
	}
}

// endLap divides the time among the quick commands that ran. If they were held up, which none of them can
// do by itself, the last one stands for all in SLOWLOG.
func (e *Engine) endLap() {
	t := &e.timing
	if t.quick == 0 {
		return
	}
	lap := e.stopwatch()
	took := lap - t.lap
	for _, row := range t.rows {
		row.nanos += took * row.sharing / t.quick
		if e.settings.tracksLatency {
			row.latency.add(took/t.quick, row.sharing)
		}
		row.sharing = 0
	}
	e.judgeTime(t.client, t.row, t.request, took)
	*t = timing{lap: lap, rows: t.rows[:0], asleep: t.asleep}
}

// judgeTime keeps a command for SLOWLOG and LATENCY if it took long; nanos is what it took.
func (e *Engine) judgeTime(client *Client, row *entry, argv [][]byte, nanos int64) {
	e.slowlog.note(e, client, row, argv, nanos)
	if e.settings.latencyThreshold > 0 {
		event := "command"
		if row.Flags&Fast != 0 {
			event = "fast-command"
		}
		e.latency.note(e, event, nanos)
	}
}
