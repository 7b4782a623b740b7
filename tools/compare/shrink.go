package main

import (
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"riffle/engine/enginetest"
)

// shrinkingTime bounds the search for a shorter transcript.
const shrinkingTime = 30 * time.Second

// describe replays a failing case on servers that nothing else has used, shrinks it there, and returns it
// as a transcript that the transcript tests can run. again is false if the difference did not come back.
func (p *pair) describe(seed uint64, steps []step, first *difference) (transcript string, again bool) {
	fresh := &pair{ours: newSubject(), resp: p.resp}
	var err error
	if fresh.theirs, err = startOracle(); err != nil {
		return err.Error(), false
	}
	defer func() { fresh.theirs.stop() }()
	short, diff := steps[:first.step+1], first
	if fresh.fails(short) != nil {
		short = fresh.shrink(short)
		if last := fresh.fails(short); last != nil {
			diff, again = last, true
		}
	}
	text := strings.ReplaceAll(diff.text, "\n", "\n#   ")
	return fmt.Sprintf("# Seed %d, RESP%d: %s\n%s", seed, p.resp, text, transcribe(short)), again
}

// fails plays steps and returns the first difference. An oracle that died is one, and is replaced.
func (p *pair) fails(steps []step) *difference {
	diff, err := p.run(steps)
	if err == nil {
		return diff
	}
	p.theirs.stop()
	if p.theirs, err = startOracle(); err != nil {
		panic(err)
	}
	return &difference{len(steps) - 1, "the oracle died"}
}

// shrink looks for a short part of steps that still shows a difference: it drops ever smaller runs of steps,
// then single arguments and lines of arguments, as long as one remains.
func (p *pair) shrink(steps []step) []step {
	deadline := time.Now().Add(shrinkingTime)
	try := func(shorter []step) bool {
		if time.Now().Before(deadline) && p.fails(shorter) != nil {
			steps = shorter
			return true
		}
		return false
	}
	for size := len(steps) / 2; size > 0; size /= 2 {
		for i := 0; i+size <= len(steps); {
			if fixed(steps[i:i+size]) || !try(slices.Delete(slices.Clone(steps), i, i+size)) {
				i += size
			}
		}
	}
	if !slices.ContainsFunc(steps, func(s step) bool { return s.pause > 0 || len(s.args) > 0 && vast(s.args) }) {
		for i := len(steps) - 1; i >= 0; i-- {
			if steps[i].fixed {
				try(slices.Delete(slices.Clone(steps), i, i+1))
			}
		}
	}
	for i := range steps {
		for k := len(steps[i].args) - 1; k > 0 && !steps[i].fixed; k-- {
			if try(replaced(steps, i, slices.Delete(slices.Clone(steps[i].args), k, k+1))) {
				continue
			}
			for line := strings.Count(steps[i].args[k], "\n"); line >= 0; line-- {
				args := slices.Clone(steps[i].args)
				lines := strings.Split(args[k], "\n")
				args[k] = strings.Join(slices.Delete(lines, line, line+1), "\n")
				try(replaced(steps, i, args))
			}
		}
	}
	return steps
}

func fixed(steps []step) bool {
	return slices.ContainsFunc(steps, func(s step) bool { return s.fixed })
}

// replaced returns steps with other arguments in one place.
func replaced(steps []step, i int, args []string) []step {
	steps = slices.Clone(steps)
	steps[i].args = args
	return steps
}

// transcribe writes steps as a transcript.
func transcribe(steps []step) string {
	var out strings.Builder
	client := "a"
	for _, s := range steps {
		if s.client != client && !s.hang {
			client = s.client
			fmt.Fprintln(&out, "client", client)
		}
		switch {
		case s.hang:
			fmt.Fprintln(&out, "hang", s.client)
		case s.args == nil && s.raw == nil:
		case s.raw != nil:
			fmt.Fprintln(&out, "raw", enginetest.Quote([]string{string(s.raw)}))
		default:
			fmt.Fprintln(&out, enginetest.Quote(s.args))
		}
		if s.pause > 0 {
			fmt.Fprintln(&out, "pause", s.pause)
		}
	}
	return out.String()
}

// save writes a transcript where the transcript tests find it.
func save(dir, transcript string) error {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(transcript))
	return os.WriteFile(filepath.Join(dir, fmt.Sprintf("found_%08x.txt", hash.Sum32())), []byte(transcript), 0o644)
}
