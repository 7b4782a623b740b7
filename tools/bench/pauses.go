package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// pauses looks for the longest wait of a single client.
func pauses(o options, r *report) error {
	keys := o.scaled(5_000_000, 1000)
	measures := []measure{
		{name: "growing, ms", limit: 1}, {name: "grown, ms", limit: 1},
		{name: "collector stops, ms", limit: 1}, {name: "collector, %", limit: 5},
	}
	err := r.measure(o, "Worst wait, 0 to 5 M keys", measures, func(s side) ([]float64, error) {
		return growthPauses(s, keys)
	})
	if err != nil {
		return err
	}
	expiring := o.scaled(1_000_000, 1000)
	worst := []measure{{name: "worst ms", limit: 5}}
	return r.measure(o, "Worst wait, 1 M keys expire in 1 s", worst, func(s side) ([]float64, error) {
		return expiryPause(s, expiring)
	})
}

// growthPauses sends one batch of 16 after another while a table grows, and then single commands while
// it stays: the sender itself is the probe, so that no third thread competes for two cores. A wait is also the
// machine's, whose worst may be longer than the bar. The last two figures are by the collector's own account: the
// longest that one collection had the whole server stand still, and its share of the CPU time; 0 for who has none.
func growthPauses(s side, keys int) ([]float64, error) {
	s.env = "GODEBUG=gctrace=1"
	p, err := s.launch()
	if err != nil {
		return nil, err
	}
	defer p.stop()
	set := build(3, words("SET"), numbered("key:"), numbered("val:"))
	growing, err := load{count: keys, connections: 1, pipeline: 16, request: set}.run(p.address)
	if err != nil {
		return nil, err
	}
	requests := alternate(build(2, words("GET"), anyOf(keys, "key:")), randomSet(keys))
	grown, err := load{count: keys / 25, connections: 1, pipeline: 1, request: requests}.run(p.address)
	if err != nil {
		return nil, err
	}
	all, _, err1 := p.cpu()
	trace, err2 := os.ReadFile(filepath.Join(p.dir, "log"))
	spent, stopped := collections(trace)
	return []float64{milliseconds(growing.latency.worst), milliseconds(grown.latency.worst), milliseconds(stopped),
		100 * float64(spent) / float64(all)}, errors.Join(err1, err2)
}

// traced is the part of a line of Go's collector trace that says how long its three phases took, of which the first
// and the last stop the program, and what CPU time, in milliseconds:
// "... 0.1+2+0.3 ms clock, 0.1+0.2/0.3/0.4+0.5 ms cpu, ...".
var traced = regexp.MustCompile(`(?m)^gc .* ([0-9.]+)\+[0-9.]+\+([0-9.]+) ms clock, ([0-9.+/]+) ms cpu`)

var decimal = regexp.MustCompile(`[0-9.]+`)

// collections sums up a trace: the CPU time that all collections took, and the longest that one of them stopped the
// program.
func collections(trace []byte) (spent, stopped time.Duration) {
	duration := func(text []byte) time.Duration {
		value, _ := strconv.ParseFloat(string(text), 64) // the expressions let nothing else through
		return time.Duration(value * float64(time.Millisecond))
	}
	for _, line := range traced.FindAllSubmatch(trace, -1) {
		stopped = max(stopped, duration(line[1])+duration(line[2]))
		for _, text := range decimal.FindAll(line[3], -1) {
			spent += duration(text)
		}
	}
	return spent, stopped
}

// expiryPause lets keys expire within one second, and asks from shortly before until all are gone.
func expiryPause(s side, keys int) ([]float64, error) {
	p, err := s.launch()
	if err != nil {
		return nil, err
	}
	defer p.stop()
	lead := 500*time.Millisecond + time.Duration(keys)*5*time.Microsecond // to write them all
	due := time.Now().Add(lead)
	expiring := func(b []byte, i int, _ *rand.Rand) []byte {
		b = appendNumbered(appendBulk(appendHead(b, 5), "SET"), "expiring:", i)
		at := strconv.FormatInt(due.UnixMilli()+int64(i%1000), 10)
		return appendBulk(appendBulk(appendBulk(b, "xxx"), "PXAT"), at)
	}
	if err := by(expiring)(p, 0, keys); err != nil {
		return nil, err
	}
	time.Sleep(time.Until(due.Add(-100 * time.Millisecond)))
	latency, err := p.probe(1, func() (bool, error) {
		if time.Since(due) > time.Minute {
			return false, fmt.Errorf("keys that should have expired a minute ago are still there")
		}
		size, err := p.do("DBSIZE")
		return time.Since(due) > time.Second && len(size.Text) == 1, err // the probe has a key of its own
	})
	if err != nil {
		return nil, err
	}
	return []float64{milliseconds(latency.worst)}, nil
}
