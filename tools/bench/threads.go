package main

import (
	"fmt"
	"runtime"
	"strconv"
)

// threads measures the same commands with more and more I/O threads on both sides.
func threads(o options, r *report) error {
	r.begin("threads", "microseconds per command with I/O threads that read and write")
	p, err := o.riffle().launch("--io-threads", "2")
	if err != nil {
		r.say("the server refuses --io-threads: nothing is measured")
		return nil
	}
	known, err := p.do("CONFIG", "GET", "io-threads")
	p.stop()
	if err != nil {
		return err
	}
	if len(known.Items) < 2 || known.Items[1].Text != "2" {
		r.say("the server does not obey --io-threads: nothing is measured")
		return nil
	}
	// The reference's threads wait in a loop: where they are more than the processors, a command takes it milliseconds.
	for count := 1; count <= min(8, runtime.NumCPU()); count *= 2 {
		for _, test := range serverTests(o) {
			if test.name != "SET" && test.name != "GET" && test.name != "LRANGE_100" {
				continue
			}
			for _, pipeline := range o.pipelines {
				if err := withThreads(o, r, test, pipeline, count); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func withThreads(o options, r *report, test serverTest, pipeline, count int) error {
	name := fmt.Sprintf("%s, pipeline %d, threads %d", test.name, pipeline, count)
	measures := []measure{{name: "CPU us"}, {name: kernelTime}, {name: "time us"}, {name: "p99 us"}, {name: "p99.9 us"}}
	return r.measure(o, name, measures, func(s side) ([]float64, error) {
		flags := []string{"--io-threads", strconv.Itoa(count)}
		if !s.ours {
			flags = append(flags, "--io-threads-do-reads", "yes")
		}
		return test.run(s, o, pipeline, flags...)
	})
}
