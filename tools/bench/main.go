// Bench measures the built programs beside a real redis-server: same commands, same settings, same
// machine, in turns. In every row less is better; the bar is what the ratio should not exceed, or, after
// "<=", what ours alone should not.
//
//	go run ./tools/bench              everything below, in this order
//	go run ./tools/bench memory       resident memory of the same data
//	go run ./tools/bench server       CPU, time and latency of each command, at pipelines of 1, 16 and 100
//	go run ./tools/bench persistence  what the log costs, snapshots' delays and memory, loading, files
//	go run ./tools/bench growth       cost of a command as data and clients grow, and the longest pauses
//	go run ./tools/bench threads      the same commands with 1, 2 and 4 I/O threads
//	go run ./tools/bench page         weight, start and speed of dist/site in Chromium
//
// -only NAME measures only rows whose name contains it, -quick takes a tenth of the data and of the
// commands, -json FILE keeps every round's figures and -svg FOLDER the curves. Nothing here judges: figures
// are for people, on a quiet machine.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// options are what the command line says.
type options struct {
	ours      string  // path of riffle-server
	theirs    string  // path of redis-server
	scale     float64 // of data sets and request counts; small for a smoke test
	only      string  // only rows whose name contains this
	rounds    int
	pipelines []int
	file      string // for JSON
	folder    string // for curves
}

func (o options) riffle() side { return side{name: "riffle", program: o.ours, ours: true} }
func (o options) redis() side  { return side{name: "redis", program: o.theirs} }

// wants says whether a row is to be measured.
func (o options) wants(name string) bool {
	return strings.Contains(strings.ToLower(name), strings.ToLower(o.only))
}

// scaled is a count at the run's scale, and at least as much as makes sense.
func (o options) scaled(count, least int) int { return max(int(float64(count)*o.scale), least) }

// group is one kind of measurement.
type group struct {
	name    string
	minutes float64 // at scale 1 with three rounds, on two cores
	run     func(options, *report) error
}

var groups = []group{
	{"memory", 8, memory},
	{"server", 14, server},
	{"persistence", 18, persistence},
	{"growth", 6, growth},
	{"threads", 5, threads},
}

func main() {
	var o options
	quick := flag.Bool("quick", false, "a tenth of the data sets and request counts")
	pipelines := flag.String("pipelines", "1,16,100", "pipelines of the server group")
	flag.StringVar(&o.ours, "ours", "dist/riffle-server", "the server measured")
	flag.StringVar(&o.theirs, "theirs", "redis-server", "the reference")
	flag.Float64Var(&o.scale, "scale", 1, "size of data sets and request counts")
	flag.StringVar(&o.only, "only", "", "only rows whose name contains this")
	flag.IntVar(&o.rounds, "rounds", 3, "paired rounds per figure")
	flag.StringVar(&o.file, "json", "", "file for the figures")
	flag.StringVar(&o.folder, "svg", "", "folder for the curves")
	name := ""
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		name = os.Args[1]
		os.Args = append(os.Args[:1], os.Args[2:]...)
	}
	flag.Parse()
	if *quick {
		o.scale /= 10
	}
	err := o.setPipelines(*pipelines)
	if err == nil {
		err = run(name, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (o *options) setPipelines(list string) error {
	o.pipelines = nil
	for text := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return fmt.Errorf("not a pipeline: %q", text)
		}
		o.pipelines = append(o.pipelines, n)
	}
	return nil
}

// run measures the group called name, or all of them.
func run(name string, o options) error {
	r := &report{out: os.Stdout}
	known := name == "" || name == "page"
	announce(name, o)
	for _, g := range groups {
		if name != "" && name != g.name {
			continue
		}
		known = true
		if err := g.run(o, r); err != nil {
			return err
		}
	}
	if !known {
		return fmt.Errorf("no bench called %q: go doc ./tools/bench lists them", name)
	}
	var figures any
	if name == "" || name == "page" {
		var err error
		if figures, err = page(o); err != nil {
			return err
		}
	}
	return r.keep(o, figures)
}

// announce says what is compared, and about how long it will take.
func announce(name string, o options) {
	minutes := 0.0
	for _, g := range groups {
		if name == "" || name == g.name {
			minutes += g.minutes
		}
	}
	if minutes == 0 {
		return
	}
	for _, program := range []string{o.ours, o.theirs} {
		version, _ := exec.Command(program, "--version").Output()
		fmt.Printf("%s: %s", program, version)
	}
	fmt.Printf("%s, about %.0f minutes if nothing is left out\n", time.Now().Format(time.DateTime),
		minutes*min(1, o.scale+0.05)*float64(o.rounds)/3)
}

// keep writes the files that were asked for.
func (r *report) keep(o options, pageFigures any) error {
	if o.folder != "" {
		if err := r.draw(o.folder); err != nil {
			return err
		}
	}
	if o.file == "" {
		return nil
	}
	text, err := json.MarshalIndent(struct {
		*report
		Page any `json:"page,omitempty"`
	}{r, pageFigures}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(o.file, append(text, '\n'), 0o644)
}
