package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"riffle/engine/enginetest"
)

// step is one thing done to both sides.
type step struct {
	client string
	args   []string  // a command, or
	raw    []byte    // bytes as they are, or
	hang   bool      // the connection goes away
	how    treatment // of the reply; only asked for when own is set
	own    bool
	line   int // in its transcript, for messages
}

func (s step) String() string {
	switch {
	case s.hang:
		return "hang " + s.client
	case s.raw != nil:
		return s.client + "> raw " + enginetest.Quote([]string{string(s.raw)})
	}
	return s.client + "> " + enginetest.Quote(s.args)
}

// pair is the two servers a comparison runs against.
type pair struct {
	ours   *subject
	theirs *oracle
	resp   int
}

// difference is where the two sides parted.
type difference struct {
	step int
	text string
}

// run plays steps on both sides, which start empty, and returns the first difference, or nil.
func (p *pair) run(steps []step) (*difference, error) {
	all, err := p.runOn(steps, 1)
	if len(all) == 0 {
		return nil, err
	}
	return &all[0], err
}

// runOn is run that goes on after a difference, until it has seen as many as most.
func (p *pair) runOn(steps []step, most int) (all []difference, err error) {
	if err := p.theirs.reset(); err != nil {
		return nil, err
	}
	if err := p.ours.reset(); err != nil {
		return nil, err
	}
	speakers := map[string]*speaker{}
	var names []string
	for i, s := range steps {
		if speakers[s.client] == nil {
			speakers[s.client] = &speaker{}
			names = append(names, s.client)
			if err := p.greet(s.client); err != nil {
				return nil, err
			}
		}
		if err := p.play(s, speakers[s.client]); err != nil {
			return nil, err
		}
		for _, name := range names {
			if text := p.judge(name, speakers[name]); text != "" {
				all = append(all, difference{i, "client " + name + "\n" + text})
				*speakers[name] = speaker{}
			}
		}
		if len(all) >= most {
			return all, nil
		}
		if s.hang {
			speakers[s.client] = &speaker{}
		}
	}
	if text := p.digests(); text != "" {
		all = append(all, difference{len(steps) - 1, text})
	}
	if diff := enginetest.Difference(p.theirs.data(), p.ours.data()); diff != "" {
		all = append(all, difference{len(steps) - 1, "data at the end: ours" + diff + " (theirs)"})
	}
	return all, nil
}

// digests compares what DEBUG DIGEST says of all data on both sides.
func (p *pair) digests() string {
	theirs, err := p.theirs.do("DEBUG", "DIGEST")
	if err != nil {
		return err.Error()
	}
	if ours := p.ours.harness.Do("(digest)", "DEBUG", "DIGEST"); ours.Text != theirs.Text {
		return "DEBUG DIGEST at the end: ours " + ours.Text + ", theirs " + theirs.Text
	}
	return ""
}

// greet brings a new connection to the protocol of this run.
func (p *pair) greet(name string) error {
	if p.resp != 3 {
		return nil
	}
	hello := enginetest.AppendCommand(nil, "HELLO", "3")
	if err := p.theirs.send(name, hello); err != nil {
		return err
	}
	p.theirs.take(name)
	_ = p.ours.send(name, hello)
	p.ours.take(name)
	return nil
}

func (p *pair) play(s step, speaker *speaker) error {
	if s.hang {
		p.ours.hang(s.client)
		p.theirs.hang(s.client)
		return nil
	}
	ours, theirs := s.raw, s.raw
	if s.raw == nil {
		how := s.how
		if !s.own {
			how = treatmentOf(s.args)
		}
		if !subscribing(s.args[0]) {
			speaker.waiting = append(speaker.waiting, how)
		}
		ours, theirs = command(p.ours, s.args), command(p.theirs, s.args)
	}
	_ = p.ours.send(s.client, ours)
	return p.theirs.send(s.client, theirs)
}

// command spells a command for one side. A word "@id:NAME" stands for what CLIENT ID says to that client.
func command(side server, args []string) []byte {
	words := slices.Clone(args)
	for i, word := range words {
		if name, ok := strings.CutPrefix(word, "@id:"); ok {
			_ = side.send(name, enginetest.AppendCommand(nil, "CLIENT", "ID"))
			reply, _ := side.take(name)
			words[i] = strings.Trim(string(reply), ":\r\n")
		}
	}
	return enginetest.AppendCommand(nil, words...)
}

// judge compares what both sides sent to one connection since it was last asked.
func (p *pair) judge(name string, speaker *speaker) string {
	ours, oursClosed := p.ours.take(name)
	theirs, theirsClosed := p.theirs.take(name)
	if text := speaker.judge(ours, theirs); text != "" {
		return text
	}
	if oursClosed != theirsClosed {
		return fmt.Sprintf("closed: ours %v, theirs %v", oursClosed, theirsClosed)
	}
	return ""
}

// parseScript reads a transcript for comparison: commands in redis-cli's quoting, one a line, and
//
//	client NAME    switch connections ("a" at first)
//	hang NAME      the connection goes away
//	resp3          HELLO 3 on this connection
//	raw "bytes"    bytes as they are
//	clear          FLUSHALL, and all other connections go away
//
// A word @id:NAME in a command is the id of that connection, which must be open and no subscriber, on
// either side its own.
//
// A command may end in #sorted, #pairs, #loose, #kind, #number ~N, #words or #skip-reply, which loosens its
// comparison, or in #ours REPLY: a later version's reply is meant, and this is it, as redis-cli prints it.
func parseScript(text string) ([]step, error) {
	var steps []step
	client := "a"
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		s := step{client: client, line: i + 1}
		verb, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
			continue
		case verb == "client":
			client = rest
			continue
		case verb == "hang":
			s.client, s.hang = rest, true
		case verb == "resp3":
			s.args = []string{"HELLO", "3"}
		default:
			if err := s.parseLine(line); err != nil {
				return nil, fmt.Errorf("line %d: %w", i+1, err)
			}
		}
		steps = append(steps, s)
	}
	return steps, nil
}

// parseLine reads a command or raw bytes, with the directive at its end.
func (s *step) parseLine(line string) error {
	if at := strings.LastIndex(line, " #"); at >= 0 {
		how, ok, err := parseTreatment(line[at+2:])
		if err != nil {
			return err
		}
		if ok {
			s.how, s.own = how, true
			line = line[:at]
		}
	}
	words, err := enginetest.Split(line)
	if err != nil {
		return err
	}
	if words[0] == "raw" {
		s.raw = []byte(strings.Join(words[1:], " "))
		return nil
	}
	s.args = words
	return nil
}

// parseTreatment reads a directive; ok is false if the word is none, but an argument with a hash sign.
func parseTreatment(text string) (how treatment, ok bool, err error) {
	word, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	kinds := map[string]treatmentKind{"sorted": treatSorted, "pairs": treatPairs, "loose": treatShape,
		"kind": treatKind, "number": treatNumber, "skip-reply": treatAny, "ours": treatOurs, "words": treatWords}
	how.kind, ok = kinds[word]
	how.ours = rest
	if word == "number" {
		how.within, err = strconv.ParseFloat(strings.TrimPrefix(rest, "~"), 64)
	}
	return how, ok, err
}
