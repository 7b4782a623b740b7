package main

import (
	"fmt"
	"slices"
	"strings"

	"riffle/engine/enginetest"
)

// coverage counts which commands, sub-commands and options were exercised, and how they ended.
type coverage struct {
	options map[string][]string // of each row, by its full name
	ends    map[string]*ends    // of rows by their names, and of options as "SET / EX"
}

// ends counts how often something succeeded and how often it was refused.
type ends struct{ succeeded, failed int }

func newCoverage(rows []*enginetest.Row) *coverage {
	c := &coverage{map[string][]string{}, map[string]*ends{}}
	for _, row := range rows {
		tokens := row.Tokens()
		slices.Sort(tokens)
		c.options[row.Name] = slices.Compact(tokens)
		c.ends[row.Name] = &ends{}
		for _, option := range c.options[row.Name] {
			c.ends[row.Name+" / "+option] = &ends{}
		}
	}
	return c
}

// add counts a command and its outcome.
func (c *coverage) add(args []string, failed bool) {
	name := strings.ToUpper(args[0])
	if len(args) > 1 && c.ends[name+" "+strings.ToUpper(args[1])] != nil {
		name += " " + strings.ToUpper(args[1])
	}
	if c.ends[name] == nil {
		return // a sub-command that is none
	}
	c.count(name, failed)
	for _, option := range c.options[name] {
		if slices.ContainsFunc(args, func(arg string) bool { return strings.EqualFold(arg, option) }) {
			c.count(name+" / "+option, failed)
		}
	}
}

func (c *coverage) count(name string, failed bool) {
	if failed {
		c.ends[name].failed++
	} else {
		c.ends[name].succeeded++
	}
}

// String tells how much of the grammar was exercised.
func (c *coverage) String() string {
	var words [2]string
	for i, what := range []string{"commands and sub-commands", "options"} {
		all, succeeded, failed := 0, 0, 0
		for name, e := range c.ends {
			if strings.Contains(name, " / ") != (i == 1) {
				continue
			}
			all++
			succeeded += min(1, e.succeeded)
			failed += min(1, e.failed)
		}
		words[i] = fmt.Sprintf("of %d %s %d succeeded and %d failed at least once", all, what, succeeded, failed)
	}
	return strings.Join(words[:], ", ")
}

// gaps lists what was never exercised, and what never succeeded.
func (c *coverage) gaps() string {
	var never, always []string
	for name, e := range c.ends {
		switch {
		case e.succeeded+e.failed == 0:
			never = append(never, name)
		case e.succeeded == 0:
			always = append(always, name)
		}
	}
	slices.Sort(never)
	slices.Sort(always)
	return "never exercised: " + strings.Join(never, ", ") + "\nnever successful: " + strings.Join(always, ", ")
}
