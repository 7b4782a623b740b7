package main

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"riffle/engine/enginetest"
)

// caseLength is how many commands a generated case has: long enough for data to build up, short enough
// to be shrunk.
const caseLength = 60

// stream writes cases from the grammar of the command table.
type stream struct {
	grammar *enginetest.Grammar
	random  *rand.Rand
}

// newStream makes a stream of those commands that the oracle knows too.
func newStream(seed uint64, known func(name string) bool) *stream {
	now := func() int64 { return time.Now().UnixMicro() }
	use := func(name string) bool { return generated(name) && known(name) }
	return &stream{enginetest.NewGrammar(now, use), rand.New(rand.NewPCG(seed, 1))}
}

// next writes one case. Most have one connection; some have three, which may block each other.
func (s *stream) next() []step {
	clients := []string{"a"}
	if s.random.IntN(3) == 0 {
		clients = []string{"a", "b", "c"}
	}
	rows := s.grammar.Family(s.random) // a case stays with one type and gets somewhere
	steps := make([]step, 0, caseLength)
	for len(steps) < caseLength {
		row := rows[s.random.IntN(len(rows))]
		if s.random.IntN(5) == 0 {
			row = s.grammar.Rows[s.random.IntN(len(s.grammar.Rows))]
		}
		args := explicit(s.random, s.grammar.Write(s.random, row))
		if newer(args, len(clients) == 1) || unsorted(args) || hasty(args) || inexact(args) {
			continue
		}
		steps = append(steps, step{client: clients[s.random.IntN(len(clients))], args: args})
	}
	return steps
}

// unsorted reports whether a command is a SORT that does not sort, and so shows the order of a set.
func unsorted(args []string) bool {
	by := slices.IndexFunc(args, func(arg string) bool { return strings.EqualFold(arg, "BY") })
	return strings.HasPrefix(args[0], "SORT") && by > 0 && by+1 < len(args) && !strings.Contains(args[by+1], "*")
}

// hasty reports whether a command sets an expiry so near that the two sides may see it come in
// different steps.
func hasty(args []string) bool {
	for i, arg := range args {
		if n, err := strconv.Atoi(arg); err != nil || n <= 0 || n > 99 || i < 2 {
			continue
		}
		switch args[0] {
		case "SETEX", "PSETEX", "EXPIRE", "PEXPIRE":
			return true
		case "SET", "GETEX":
			return strings.EqualFold(args[i-1], "EX") || strings.EqualFold(args[i-1], "PX")
		}
	}
	return false
}

// inexact reports whether a command stores distances, whose last digit depends on the C library's sine.
func inexact(args []string) bool {
	return slices.ContainsFunc(args, func(arg string) bool { return strings.EqualFold(arg, "STOREDIST") })
}

// explicit replaces what the two sides would choose differently: the automatic id of XADD.
func explicit(random *rand.Rand, args []string) []string {
	if len(args) > 2 && (args[0] == "XADD") {
		for i, arg := range args[2:] {
			if arg == "*" {
				args[i+2] = []string{"1-*", "5-*", "7-1", "9-*"}[random.IntN(4)]
			}
		}
	}
	return args
}

// shrink looks for a short part of steps that still shows a difference: it drops ever smaller runs
// of steps, and then single arguments, as long as one remains.
func (p *pair) shrink(steps []step) []step {
	deadline := time.Now().Add(20 * time.Second)
	fails := func(steps []step) bool {
		diff, err := p.run(steps)
		return err == nil && diff != nil
	}
	for size := len(steps) / 2; size > 0; size /= 2 {
		for i := 0; i+size <= len(steps) && time.Now().Before(deadline); {
			shorter := slices.Delete(slices.Clone(steps), i, i+size)
			if fails(shorter) {
				steps = shorter
			} else {
				i += size
			}
		}
	}
	for i := range steps {
		for k := len(steps[i].args) - 1; k > 0 && time.Now().Before(deadline); k-- {
			shorter := slices.Clone(steps)
			shorter[i].args = slices.Delete(slices.Clone(steps[i].args), k, k+1)
			if fails(shorter) {
				steps = shorter
			}
		}
	}
	return steps
}

// keep narrows the stream to the rows whose group or name contains the given text.
func (s *stream) keep(only string) {
	s.grammar.Rows = slices.DeleteFunc(s.grammar.Rows, func(row *enginetest.Row) bool {
		return !strings.Contains(row.Group, only) && !strings.Contains(row.Name, only)
	})
}
