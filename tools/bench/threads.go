package main

import "fmt"

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
	for _, count := range []string{"1", "2", "4"} {
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

func withThreads(o options, r *report, test serverTest, pipeline int, count string) error {
	name := fmt.Sprintf("%s, pipeline %d, threads %s", test.name, pipeline, count)
	measures := []measure{{name: "CPU us"}, {name: kernelTime}, {name: "time us"}, {name: "p99 us"}, {name: "p99.9 us"}}
	return r.measure(o, name, measures, func(s side) ([]float64, error) {
		flags := []string{"--io-threads", count}
		if !s.ours {
			flags = append(flags, "--io-threads-do-reads", "yes")
		}
		return test.run(s, o, pipeline, flags...)
	})
}
