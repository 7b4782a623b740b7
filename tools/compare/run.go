package main

import (
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"riffle/engine/enginetest"
)

// step is one thing done to both sides.
type step struct {
	client string
	args   []string      // a command, or
	raw    []byte        // bytes as they are, or
	hang   bool          // the connection goes away
	pause  time.Duration // after it both sides are left alone for so long
	how    treatment     // of the reply; only asked for when own is set
	own    bool
	line   int  // in its transcript, for messages
	fixed  bool // not to be dropped in search of a shorter transcript
}

func (s step) String() string {
	switch {
	case s.hang:
		return "hang " + s.client
	case s.args == nil && s.raw == nil:
		return "pause " + s.pause.String()
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
	tally  func(args []string, failed bool) // hears of every command's outcome, if set
	named  map[string]bool                  // connections whose ids the present run asks for
	ids    map[string][2]string             // ours and theirs
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
	if err := p.reset(steps); err != nil {
		return nil, err
	}
	at := 0
	defer func() {
		if failure := recover(); failure != nil {
			text := fmt.Sprintf("ours panics: %v\n%s", failure, debug.Stack())
			all = append(all, difference{at, text})
		}
	}()
	speakers := map[string]*speaker{}
	var names []string
	for i, s := range steps {
		at = i
		if speakers[s.client] == nil {
			speakers[s.client] = &speaker{tally: p.tally}
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
				*speakers[name] = speaker{tally: p.tally}
			}
		}
		if len(all) >= most {
			return all, nil
		}
		if s.hang {
			speakers[s.client] = &speaker{tally: p.tally}
		}
	}
	if text := p.digests(); text != "" {
		all = append(all, difference{len(steps) - 1, text})
	}
	if text := p.differentData(); text != "" {
		all = append(all, difference{len(steps) - 1, text})
	}
	return all, nil
}

// differentData compares all data.
func (p *pair) differentData() string {
	ours, commands := p.ours.data()
	if diff := enginetest.Difference(p.theirs.data(commands), ours); diff != "" {
		return "data at the end: ours" + diff + " (theirs)"
	}
	return ""
}

// reset empties both sides and opens the connections whose ids steps ask for.
func (p *pair) reset(steps []step) error {
	if err := errors.Join(p.theirs.reset(), p.ours.reset()); err != nil {
		return err
	}
	p.named, p.ids = map[string]bool{}, map[string][2]string{}
	for _, s := range steps {
		for _, word := range s.args {
			if name, ok := strings.CutPrefix(word, "@id:"); ok {
				p.named[name] = true
			}
		}
	}
	return nil
}

// digests compares what DEBUG DIGEST says of all data on both sides. One of them may have found already that
// a key has expired; so in doubt both are made to look at every key, and compared again.
func (p *pair) digests() string {
	for again := false; ; again = true {
		theirs, err := p.theirs.do("DEBUG", "DIGEST")
		if err != nil {
			return err.Error()
		}
		ours, _ := p.ours.do("DEBUG", "DIGEST")
		if ours.Text == theirs.Text || theirs.Kind == '-' {
			return ""
		}
		if again {
			return "DEBUG DIGEST at the end: ours " + ours.Text + ", theirs " + theirs.Text
		}
		for db := range 16 {
			for _, side := range []server{p.ours, p.theirs} {
				_, _ = side.do("SELECT", strconv.Itoa(db))
				_, _ = side.do("SCAN", "0", "COUNT", "1000000")
			}
		}
	}
}

// greet brings a new connection to the protocol of this run, and asks for its id if that is needed.
func (p *pair) greet(name string) error {
	if p.resp == 3 {
		if _, err := p.ask(name, "HELLO", "3"); err != nil {
			return err
		}
	}
	if !p.named[name] {
		return nil
	}
	ids, err := p.ask(name, "CLIENT", "ID")
	p.ids[name] = [2]string{strings.Trim(ids[0], ":\r\n"), strings.Trim(ids[1], ":\r\n")}
	return err
}

// ask sends a command to both sides and returns what they say, ours first.
func (p *pair) ask(name string, args ...string) (said [2]string, err error) {
	for i, side := range []server{p.ours, p.theirs} {
		if err := side.send(name, enginetest.AppendCommand(nil, args...)); err != nil {
			return said, err
		}
		reply, _ := side.take(name)
		said[i] = string(reply)
	}
	return said, nil
}

func (p *pair) play(s step, speaker *speaker) error {
	switch {
	case s.hang:
		p.ours.hang(s.client)
		p.theirs.hang(s.client)
		return nil
	case s.pause > 0:
		defer time.Sleep(s.pause)
	}
	if s.args == nil && s.raw == nil {
		return nil
	}
	ours, theirs := p.spell(s, speaker, nil, nil)
	return errors.Join(p.ours.send(s.client, ours), p.theirs.send(s.client, theirs))
}

// spell appends a step's bytes for both sides, and has the speaker expect the reply.
func (p *pair) spell(s step, speaker *speaker, ours, theirs []byte) (moreOurs, moreTheirs []byte) {
	if s.raw != nil {
		return append(ours, s.raw...), append(theirs, s.raw...)
	}
	how := s.how
	if !s.own {
		how = treatmentOf(s.args)
	}
	if !subscribing(s.args[0]) {
		speaker.waiting = append(speaker.waiting, expected{how, s.args})
	} else if p.tally != nil {
		p.tally(s.args, false)
	}
	return append(ours, p.command(0, s.args)...), append(theirs, p.command(1, s.args)...)
}

// command spells a command for a side: 0 is ours, 1 is theirs. A word "@id:NAME" stands for what CLIENT ID says
// to that client, "@dump:KEY" for what DUMP says of a key of database 0 on the other side, and "@functions" for
// the other side's FUNCTION DUMP.
func (p *pair) command(side int, args []string) []byte {
	words := slices.Clone(args)
	other := []server{p.theirs, p.ours}[side]
	for i, word := range words {
		if name, ok := strings.CutPrefix(word, "@id:"); ok {
			words[i] = p.ids[name][side]
		}
		if key, ok := strings.CutPrefix(word, "@dump:"); ok {
			reply, _ := other.do("DUMP", key)
			words[i] = reply.Text
		}
		if word == "@functions" {
			reply, _ := other.do("FUNCTION", "DUMP")
			words[i] = reply.Text
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
//	pause 3ms      nothing happens for so long, except that time passes
//
// A word @id:NAME in a command is the id of that connection, on either side its own; @dump:KEY is the other
// side's DUMP of a key, and @functions its FUNCTION DUMP.
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
		case verb == "pause":
			pause, err := time.ParseDuration(rest)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", i+1, err)
			}
			s.pause = pause
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
		"encoding": treatEncoding,
		"kind":     treatKind, "number": treatNumber, "skip-reply": treatAny, "ours": treatOurs, "words": treatWords}
	how.kind, ok = kinds[word]
	how.ours = rest
	if word == "number" {
		how.within, err = strconv.ParseFloat(strings.TrimPrefix(rest, "~"), 64)
	}
	return how, ok, err
}
