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
	"slices"
	"strings"
	"time"

	"riffle/engine"
)

func main() {
	commands := flag.Int("commands", 100_000, "how many random commands to compare")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "seed of the random commands")
	resp := flag.Int("resp", 0, "protocol: 2 or 3; 0 takes turns")
	most := flag.Int("differences", 20, "stop after so many differences")
	only := flag.String("only", "", "only commands whose group or name contains this")
	flag.Parse()
	failed, err := compare(*commands, *seed, *resp, *most, *only, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(2)
	}
	if failed {
		os.Exit(1)
	}
}

func compare(commands int, seed uint64, resp, most int, only string, files []string) (failed bool, err error) {
	theirs, err := startOracle()
	if err != nil {
		return false, err
	}
	defer theirs.stop()
	p := &pair{ours: newSubject(), theirs: theirs, resp: max(2, resp)}
	if len(files) > 0 {
		return compareFiles(p, resp, files)
	}
	fmt.Printf("seed %d\n", seed)
	r, err := p.compareStream(seed, commands, resp, most, only, func(text string) { fmt.Println(text) })
	fmt.Println(r)
	return r.differences > 0, err
}

// report counts what a run of random commands covered.
type report struct {
	distinct    map[string]bool
	commands    int
	cases       int
	differences int
}

func (r report) String() string {
	return fmt.Sprintf("%d commands (%d distinct) in %d cases, %d differences",
		r.commands, len(r.distinct), r.cases, r.differences)
}

// compareStream runs random cases and tells every difference as a short transcript.
func (p *pair) compareStream(seed uint64, commands, resp, most int, only string, tell func(string)) (report, error) {
	known, err := p.theirs.commands()
	if err != nil {
		return report{}, err
	}
	s := newStream(seed, func(name string) bool { return known[name] })
	s.keep(only)
	r := report{distinct: map[string]bool{}}
	for r.commands < commands && r.differences < most {
		steps := s.next()
		if resp == 0 {
			p.resp = 2 + r.cases%2
		}
		for _, step := range steps {
			r.distinct[strings.ToUpper(step.args[0])] = true
		}
		r.cases++
		r.commands += len(steps)
		diff, err := p.run(steps)
		if err != nil {
			return r, err
		}
		if diff != nil {
			r.differences++
			tell(p.describe(steps[:diff.step+1], diff))
		}
	}
	return r, nil
}

// describe shrinks a failing case and prints it.
func (p *pair) describe(steps []step, first *difference) string {
	short := p.shrink(steps)
	diff, _ := p.run(short)
	if diff == nil {
		short, diff = steps, first
	}
	var out strings.Builder
	fmt.Fprintf(&out, "--- a difference in RESP%d\n", p.resp)
	for _, s := range short {
		fmt.Fprintln(&out, s)
	}
	fmt.Fprint(&out, diff.text)
	return out.String()
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
const differencesShown = 10

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
