// Compare sends the same bytes to a real redis-server and to the engine, and compares the replies.
//
//	go run ./tools/compare -commands 1000000 -seed 7 -resp 3   random commands from the command table
//	go run ./tools/compare testdata/string.txt                 a transcript
//
// The oracle is redis-server 7.0, found in PATH or named by REDIS_SERVER. Where later versions behave
// differently on purpose the engine follows them; differences.go lists every such case with its reason.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"riffle/engine"
)

func main() {
	var o options
	flag.IntVar(&o.commands, "commands", 100_000, "how many random commands to compare")
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "seed of the random commands")
	length := flag.Duration("for", 24*time.Hour, "stop after so long")
	flag.IntVar(&o.resp, "resp", 0, "protocol: 2 or 3; 0 takes turns")
	flag.IntVar(&o.most, "differences", 20, "stop after so many differences")
	flag.StringVar(&o.only, "only", "", "only commands whose group or name contains this")
	flag.StringVar(&o.save, "save", "",
		"directory that gets a transcript of every difference, such as testdata")
	gaps := flag.Bool("gaps", false, "list the commands and options that never ran or never succeeded")
	flag.Parse()
	o.until = time.Now().Add(*length)
	debug.SetGCPercent(400) // every case makes an engine anew
	failed, err := compare(o, *gaps, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(2)
	}
	if failed {
		os.Exit(1)
	}
}

// options say what a run of random commands is.
type options struct {
	commands int
	until    time.Time // the run ends then if it is set, even before it has run so many commands
	seed     uint64
	resp     int
	most     int
	only     string
	save     string
}

func compare(o options, gaps bool, files []string) (failed bool, err error) {
	theirs, err := startOracle()
	if err != nil {
		return false, err
	}
	p := &pair{ours: newSubject(), theirs: theirs, resp: max(2, o.resp)}
	defer func() { p.theirs.stop() }()
	if len(files) > 0 {
		return compareFiles(p, o.resp, files)
	}
	fmt.Printf("seed %d\n", o.seed)
	r, err := p.compareStream(o, func(text string) { fmt.Println(text) })
	fmt.Println(r)
	if gaps && r.coverage != nil {
		fmt.Println(r.coverage.gaps())
	}
	return r.differences > 0, err
}

// report counts what a run of random commands covered.
type report struct {
	coverage    *coverage
	commands    int
	cases       int
	differences int
	slow        int // cases that were played step by step
	passing     int // differences that did not come back
	died        int // cases that the oracle did not survive
}

func (r report) String() string {
	const text = "%d commands in %d cases (%d step by step), %d differences, %d that did not come back, " +
		"%d deaths of the oracle; %v"
	return fmt.Sprintf(text, r.commands, r.cases, r.slow, r.differences, r.passing, r.died, r.coverage)
}

// compareStream runs random cases and tells every difference as a short transcript.
func (p *pair) compareStream(o options, tell func(string)) (r report, err error) {
	known, err := p.theirs.commands()
	if err != nil {
		return r, err
	}
	s := newStream(o.seed, func(name string) bool { return known[name] })
	s.keep(o.only)
	r.coverage = newCoverage(s.grammar.Rows)
	for r.commands < o.commands && r.differences+r.passing+r.died < o.most {
		if !o.until.IsZero() && time.Now().After(o.until) {
			break
		}
		p.resp = o.resp
		if o.resp == 0 {
			p.resp = 2 + r.cases%2
		}
		if err := p.compareCase(o, s.next(p.resp), &r, tell); err != nil {
			return r, err
		}
	}
	return r, nil
}

// compareCase runs one case and tells of a difference.
func (p *pair) compareCase(o options, steps []step, r *report, tell func(string)) (err error) {
	r.cases++
	r.commands += len(steps)
	p.tally = r.coverage.add
	agreed, err := p.agree(steps)
	if agreed && err == nil {
		return nil
	}
	var diff *difference
	if err == nil {
		r.slow++
		diff, err = p.run(steps)
	}
	p.tally = nil
	if err != nil {
		r.died++
		p.theirs.stop()
		if p.theirs, err = startOracle(); err != nil {
			return err
		}
		diff = &difference{len(steps) - 1, "the oracle died"}
	}
	if diff == nil {
		return nil
	}
	transcript, again := p.describe(o.seed, steps, diff)
	if !again {
		r.passing++
		tell("--- it did not come back\n" + shortened(transcript))
		return nil
	}
	r.differences++
	tell("---\n" + transcript)
	if o.save != "" {
		return save(o.save, transcript)
	}
	return nil
}

// shortened leaves the beginning and the end of a long transcript.
func shortened(transcript string) string {
	const ends = 1000
	if len(transcript) <= 2*ends {
		return transcript
	}
	return transcript[:ends] + "\n...\n" + transcript[len(transcript)-ends:]
}

// commands lists the oracle's commands by their full names.
func (o *oracle) commands() (map[string]bool, error) {
	r, err := o.do("COMMAND", "LIST")
	known := map[string]bool{}
	for _, item := range r.Items {
		known[strings.ToUpper(strings.ReplaceAll(item.Text, "|", " "))] = true
	}
	return known, err
}

// compareFiles plays transcripts, in both protocols unless one is asked for.
func compareFiles(p *pair, resp int, files []string) (failed bool, err error) {
	for _, file := range files {
		for _, version := range []int{2, 3} {
			if resp != 0 && resp != version {
				continue
			}
			p.resp = version
			texts, err := p.compareFile(file)
			if err != nil {
				return true, fmt.Errorf("%s: %w", file, err)
			}
			for _, text := range texts {
				failed = true
				fmt.Printf("%s, RESP%d, %s\n", file, version, text)
			}
		}
	}
	return failed, nil
}

// compareFile plays one transcript and returns its differences. Its parts, parted by "clear" lines, start
// from empty servers.
func (p *pair) compareFile(file string) (texts []string, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	steps, err := parseScript(string(text))
	if err != nil {
		return nil, err
	}
	for _, part := range parts(slices.DeleteFunc(steps, unserved)) {
		all, err := p.runOn(part, differencesShown)
		if err != nil {
			return nil, err
		}
		for _, diff := range all {
			s := part[diff.step]
			texts = append(texts, fmt.Sprintf("line %d: %s\n%s", s.line, s, diff.text))
		}
	}
	return texts, nil
}

// unserved reports whether a step is a command that the engine does not have: the transcripts cover
// more of the field than is built, and both sides leave such lines out.
func unserved(s step) bool {
	if len(s.args) == 0 || s.args[0] == "clear" {
		return false
	}
	served, container := false, false
	engine.EachCommand(func(name, _ string, row *engine.Command) {
		word, sub, isSub := strings.Cut(name, " ")
		switch {
		case !strings.EqualFold(word, s.args[0]):
		case !isSub:
			served, container = true, len(row.Subs) > 0 && len(s.args) > 1
		case container && strings.EqualFold(sub, s.args[1]):
			served, container = true, false
		}
	})
	return !served || container
}

// differencesShown bounds what one broken part of a transcript prints.
const differencesShown = 100

func parts(steps []step) [][]step {
	var all [][]step
	var part []step
	for _, s := range steps {
		if len(s.args) == 1 && s.args[0] == "clear" {
			all = append(all, part)
			part = nil
			continue
		}
		part = append(part, s)
	}
	if len(part) == 0 {
		return all
	}
	return append(all, part)
}
