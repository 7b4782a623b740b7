package engine

import (
	"math"

	"riffle/engine/num"
)

const latencyFlags = operator

var latencyCommands = []Command{
	{
		Name: "LATENCY", Since: "2.8.13", Complexity: "Depends on subcommand.",
		Summary: "A container for latency diagnostics commands.",
		Subs:    latencySubcommands,
	},
}

var latencySubcommands = []Command{
	{
		Name: "DOCTOR", Flags: latencyFlags, Since: "2.8.13", Complexity: "O(1)",
		Summary: "Returns a human-readable latency analysis report.",
		Example: `
> LATENCY DOCTOR
"Latency monitoring is off. ..."`,
		Run: latencyDoctor,
	},
	{
		Name: "GRAPH", Syntax: "event", Flags: latencyFlags, Since: "2.8.13", Complexity: "O(1)",
		Summary: "Returns a latency graph for an event.",
		Example: `
> LATENCY GRAPH command
(error) ERR No samples available for event 'command'`,
		Run: latencyGraph,
	},
	{
		Name: "HELP", Flags: Loading | Stale, Since: "2.8.13", Complexity: "O(1)",
		Summary: "Returns helpful text about the different subcommands.",
		Example: `
> LATENCY HELP
 1) LATENCY <subcommand> [<arg> [value] [opt] ...]. Subcommands are:
...`,
		Run: func(c *Ctx) { c.help(latencyHelp) },
	},
	{
		Name: "HISTOGRAM", Syntax: "[command [command ...]]", Flags: latencyFlags, Since: "7.0.0",
		Complexity: "O(N) where N is the number of commands with latency information being retrieved.",
		Summary:    "Returns the cumulative distribution of latencies of a subset or all commands.",
		Example: `
> LATENCY HISTOGRAM get
(empty array)`,
		Run: latencyHistogram,
	},
	{
		Name: "HISTORY", Syntax: "event", Flags: latencyFlags, Since: "2.8.13", Complexity: "O(1)",
		Summary: "Returns timestamp-latency samples for an event.",
		Example: `
> LATENCY HISTORY command
(empty array)`,
		Run: latencyHistory,
	},
	{
		Name: "LATEST", Flags: latencyFlags, Since: "2.8.13", Complexity: "O(1)",
		Summary: "Returns the latest latency samples for all events.",
		Example: `
> LATENCY LATEST
(empty array)`,
		Run: latencyLatest,
	},
	{
		Name: "RESET", Syntax: "[event [event ...]]", Flags: latencyFlags, Since: "2.8.13", Complexity: "O(1)",
		Summary: "Resets the latency data for one or more events.",
		Example: `
> LATENCY RESET
(integer) 0`,
		Run: latencyReset,
	},
}

var latencyHelp = []string{
	"DOCTOR",
	"    Return a human readable latency analysis report.",
	"GRAPH <event>",
	"    Return an ASCII latency graph for the <event> class.",
	"HISTORY <event>",
	"    Return time-latency samples for the <event> class.",
	"LATEST",
	"    Return the latest latency samples for all events.",
	"RESET [<event> ...]",
	"    Reset latency data of one or more <event> classes.",
	"    (default: reset all data for all event classes)",
	"HISTOGRAM [COMMAND ...]",
	"    Return a cumulative distribution of latencies in the format of a histogram for the specified command names.",
	"    If no commands are specified then all histograms are replied.",
}

func latencyLatest(c *Ctx) {
	events := c.e.latency.events
	c.Reply.Array(len(events))
	for i := range events {
		newest := events[i].samples[len(events[i].samples)-1]
		c.Reply.Array(4)
		c.Reply.BulkString(events[i].name)
		c.Reply.Int(newest.second)
		c.Reply.Int(newest.millis)
		c.Reply.Int(events[i].worst)
	}
}

func latencyHistory(c *Ctx) {
	event := c.e.latency.find(string(c.Argv[2]))
	if event == nil {
		c.Reply.Array(0)
		return
	}
	c.Reply.Array(len(event.samples))
	for _, sample := range event.samples {
		c.Reply.Array(2)
		c.Reply.Int(sample.second)
		c.Reply.Int(sample.millis)
	}
}

func latencyReset(c *Ctx) {
	if len(c.Argv) == 2 {
		c.Reply.Int(int64(len(c.e.latency.events)))
		c.e.latency.events = nil
		return
	}
	n := int64(0)
	for _, name := range c.Argv[2:] {
		n += boolInt(c.e.latency.reset(string(name)))
	}
	c.Reply.Int(n)
}

// latencyHistogram replies the histograms of the commands named, a container standing for its sub-commands,
// or of all.
func latencyHistogram(c *Ctx) {
	mark, n := c.Reply.Later(), 0
	reply := func(row *entry) {
		if len(row.latency) > 0 {
			c.replyHistogram(row)
			n++
		}
	}
	if len(c.Argv) == 2 {
		c.e.eachEntry(reply)
	}
	for _, name := range c.Argv[2:] {
		if row := c.e.commands.findFull(string(name)); row != nil {
			reply(row)
			for _, sub := range row.subs {
				reply(sub)
			}
		}
	}
	c.Reply.MapAt(mark, n)
}

// eachEntry visits all commands, a container before its sub-commands.
func (e *Engine) eachEntry(visit func(*entry)) {
	for _, row := range e.commands.entries {
		visit(row)
		for _, sub := range row.subs {
			visit(sub)
		}
	}
}

// findFull returns the row of a name such as "get" or "config|get", in any case.
func (ix *index) findFull(name string) *entry {
	name = lowerString(name)
	for i := range len(name) {
		if name[i] == '|' {
			row, _ := ix.find([][]byte{[]byte(name[:i]), []byte(name[i+1:])})
			return row
		}
	}
	return ix.findName([]byte(name))
}

// replyHistogram replies a command's calls that took up to 1, 2, 4 ... microseconds, without repetitions.
// The bounds are the reference's: powers of two in nanoseconds, and the width of a bucket of its own.
func (c *Ctx) replyHistogram(row *entry) {
	c.Reply.BulkString(row.full)
	c.Reply.Map(2)
	c.Reply.BulkString("calls")
	c.Reply.Int(row.latency.calls())
	c.Reply.BulkString("histogram_usec")
	mark, n := c.Reply.Later(), 0
	seen, all := int64(0), row.latency.calls()
	for bound := int64(1024); seen < all; bound *= 2 {
		if below := row.latency.below(bound); below > seen {
			seen = below
			c.Reply.Int((bound + bound/128 - 1) / 1000)
			c.Reply.Int(below)
			n++
		}
	}
	c.Reply.MapAt(mark, n)
}

func latencyGraph(c *Ctx) {
	event := c.e.latency.find(string(c.Argv[2]))
	if event == nil {
		c.Reply.Error("ERR No samples available for event '" + clip(c.Argv[2], maxShownName) + "'")
		return
	}
	low, high := event.extremes()
	text := event.name + " - high " + itoa(high) + " ms, low " + itoa(low) + " ms (all time high " +
		itoa(event.worst) + " ms)\n"
	for range graphColumns {
		text += "-"
	}
	text += "\n"
	for rest := event.samples; len(rest) > 0; {
		n := min(len(rest), graphColumns)
		if n < len(event.samples) && len(rest) < len(event.samples) {
			text += "\n"
		}
		text += drawSamples(rest[:n], low, high, c.e.now/1e6)
		rest = rest[n:]
	}
	c.Reply.Verbatim("txt", text)
}

// extremes is the least and the greatest of an event's samples, in milliseconds.
func (event *latencyEvent) extremes() (low, high int64) {
	low = math.MaxInt64
	for _, sample := range event.samples {
		low, high = min(low, sample.millis), max(high, sample.millis)
	}
	return low, high
}

const (
	graphColumns = 80
	graphRows    = 4
	graphMarks   = "_o#" // a third, two thirds, and all of a row's height
)

// drawSamples draws a column a sample, filled from below, with how long ago it was written downwards under
// it.
func drawSamples(samples []latencySample, low, high, now int64) string {
	const steps = graphRows * len(graphMarks)
	text := make([]byte, 0, (len(samples)+1)*(graphRows+5))
	for row := range graphRows {
		for _, sample := range samples {
			step := int(float64(sample.millis-low) / float64(max(high-low, 1)) * float64(steps))
			mark := min(step, steps-1) - (graphRows-row-1)*len(graphMarks)
			switch {
			case mark < 0:
				text = append(text, ' ')
			case mark < len(graphMarks):
				text = append(text, graphMarks[mark])
			default:
				text = append(text, '|')
			}
		}
		text = append(text, '\n')
	}
	for i := -1; i < 4; i++ { // an empty row, then the labels' letters
		line, written := make([]byte, 0, len(samples)+1), i < 0
		for _, sample := range samples {
			label := ago(now - sample.second)
			if i < 0 || i >= len(label) {
				line = append(line, ' ')
				continue
			}
			line, written = append(line, label[i]), true
		}
		if written {
			text = append(append(text, line...), '\n')
		}
	}
	return string(text)
}

// ago writes a time in its largest unit.
func ago(seconds int64) string {
	switch {
	case seconds < 60:
		return itoa(seconds) + "s"
	case seconds < 3600:
		return itoa(seconds/60) + "m"
	case seconds < 24*3600:
		return itoa(seconds/3600) + "h"
	}
	return itoa(seconds/(24*3600)) + "d"
}

// latencyDoctor describes what was slow, and where to look for the reason.
func latencyDoctor(c *Ctx) {
	l, threshold := &c.e.latency, c.e.settings.latencyThreshold
	switch {
	case threshold == 0:
		c.Reply.Verbatim("txt", "Latency monitoring is off. Switch it on with "+
			"CONFIG SET latency-monitor-threshold <milliseconds>, and ask again when something has been slow.\n")
		return
	case len(l.events) == 0:
		c.Reply.Verbatim("txt", "Nothing has taken "+itoa(threshold)+" milliseconds or more since latency was reset. "+
			"To see what is quicker than that, lower latency-monitor-threshold.\n")
		return
	}
	text := "These events took " + itoa(threshold) + " milliseconds or more:\n\n"
	for i := range l.events {
		text += itoa(int64(i)+1) + ". " + l.events[i].describe(c.e.now/1e6)
	}
	text += "\nWhat may help:\n\n"
	for i := range l.events {
		text += "- " + adviceFor(l.events[i].name, &c.e.settings) + "\n"
	}
	c.Reply.Verbatim("txt", text)
}

// describe sums an event's samples up in a line.
func (event *latencyEvent) describe(now int64) string {
	n, sum, deviation := int64(len(event.samples)), int64(0), int64(0)
	for _, sample := range event.samples {
		sum += sample.millis
	}
	for _, sample := range event.samples {
		deviation += max(sample.millis-sum/n, sum/n-sample.millis)
	}
	period := float64(now-event.samples[0].second) / float64(n)
	return event.name + ": " + itoa(n) + " latency spikes (average " + itoa(sum/n) + "ms, mean deviation " +
		itoa(deviation/n) + "ms, period " + hundredths(int64(period*100)) + " sec). Worst all time event " +
		itoa(event.worst) + "ms.\n"
}

// adviceFor says what makes an event of a kind slow.
func adviceFor(event string, s *settings) string {
	switch event {
	case "command":
		if s.slowerThan < 0 || s.slowerThan > s.latencyThreshold*1000 {
			return "SLOWLOG keeps only commands slower than these: CONFIG SET slowlog-log-slower-than " +
				itoa(s.latencyThreshold*1000) + ", then look at SLOWLOG GET for the commands that do much at once."
		}
		return "SLOWLOG GET shows the commands that do much at once. SCAN, ranges and batches of a bounded size " +
			"do the same in steps."
	case "fast-command":
		return "Quick commands were held up by the machine: too few processors, swapping, or a clock that jumped."
	case "expire-cycle":
		return "Many keys expire in the same moment. A little chance in their times to live spreads them."
	case "eviction-cycle":
		return "Memory is used up and keys are evicted. A lower maxmemory-eviction-tenacity does less of it at once."
	}
	if hasPrefix(event, "aof-") {
		return "The disk is slow for the append only file. appendfsync everysec waits for it least often."
	}
	return "The host was busy with " + event + "."
}

// infoLatencyStats writes how long commands take, by percentiles, in microseconds.
func infoLatencyStats(t *infoText) {
	t.e.eachEntry(func(row *entry) {
		if len(row.latency) == 0 || len(t.e.settings.percentiles) == 0 {
			return
		}
		text := ""
		for i, percent := range t.e.settings.percentiles {
			if i > 0 {
				text += ","
			}
			nanos := itoa(row.latency.percentile(percent)%1000 + 1000)
			text += "p" + string(num.AppendFloat(nil, percent)) + "=" +
				itoa(row.latency.percentile(percent)/1000) + "." + nanos[1:]
		}
		t.text("latency_percentiles_usec_"+row.full, text)
	})
}
