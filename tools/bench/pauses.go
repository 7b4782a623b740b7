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
		{name: "growing, ms", limit: 1}, {name: "grown, ms", limit: 1}, {name: "collector, %", limit: 5},
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
// it stays: the sender itself is the probe, so that no third thread competes for two cores. The last figure
// is the share of the server's CPU time that its garbage collector took, 0 for who has none.
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
	return []float64{milliseconds(growing.latency.worst), milliseconds(grown.latency.worst),
		100 * float64(collectorTime(trace)) / float64(all)}, errors.Join(err1, err2)
}

// traced is the part of a line of Go's collector trace that says what CPU time it took, in milliseconds:
// "..., 0.1+0.2/0.3/0.4+0.5 ms cpu, ...".
var traced = regexp.MustCompile(`(?m)^gc .* ms clock, ([0-9.+/]+) ms cpu`)

// collectorTime is the CPU time that all collections of a trace took.
func collectorTime(trace []byte) (sum time.Duration) {
	number := regexp.MustCompile(`[0-9.]+`)
	for _, line := range traced.FindAllSubmatch(trace, -1) {
		for _, text := range number.FindAll(line[1], -1) {
			value, _ := strconv.ParseFloat(string(text), 64) // the expression lets nothing else through
			sum += time.Duration(value * float64(time.Millisecond))
		}
	}
	return sum
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
