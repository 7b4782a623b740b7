package main

import (
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sort"
	"strings"

	"riffle/engine"
	"riffle/engine/enginetest"
)

// unitEnds returns where the units of a journal end: after each command, but a MULTI and what follows
// up to its EXEC are one unit. It knows nothing of how the engine reads its log.
func unitEnds(journal []byte) (ends []int, err error) {
	at, within := 0, false
	for at < len(journal) {
		r, n, err := enginetest.ParseReply(journal[at:])
		if errors.Is(err, enginetest.ErrShort) {
			return ends, nil
		}
		if err != nil || r.Kind != '*' || len(r.Items) == 0 {
			return nil, fmt.Errorf("the journal is no commands at byte %d: %v", at, err)
		}
		at += n
		switch strings.ToUpper(r.Items[0].Text) {
		case "MULTI":
			within = true
		case "EXEC":
			within = false
		}
		if !within {
			ends = append(ends, at)
		}
	}
	return ends, nil
}

// replay asks whether journal and snapshot give the data that the engine holds.
func (s *simulation) replay() error {
	s.note("replay")
	return s.harness.LawOfReplay()
}

// tornJournal cuts the journal anywhere: what is applied must be the whole units before the cut.
func (s *simulation) tornJournal() error {
	journal := s.harness.Journal
	cut := s.random.IntN(len(journal) + 1)
	s.note("torn at %d of %d", cut, len(journal))
	ends, err := unitEnds(journal)
	if err != nil {
		return err
	}
	whole := 0
	if i := sort.SearchInts(ends, cut+1); i > 0 {
		whole = ends[i-1]
	}
	torn, n, err := s.apply(journal[:cut])
	if err != nil {
		return err
	}
	if n != whole {
		return fmt.Errorf("of %d bytes %d were applied, but %d are whole units", cut, n, whole)
	}
	clean, _, err := s.apply(journal[:whole])
	if err != nil {
		return err
	}
	if diff := enginetest.Difference(clean, torn); diff != "" {
		return fmt.Errorf("half a unit left a trace: %s", diff)
	}
	return nil
}

// apply gives the data of a fresh engine with the base and the given journal.
func (s *simulation) apply(journal []byte) (data string, n int, err error) {
	e, err := s.based(s.harness.Base)
	if err != nil {
		return "", 0, err
	}
	if n, err = e.Apply(s.harness.Now, journal); err != nil {
		commands, _ := enginetest.Commands(journal[:min(len(journal), n+1000)])
		for _, args := range commands {
			s.note("journal: %s", enginetest.Quote(args))
		}
	}
	return enginetest.Read(e, s.harness.Now), n, err
}

// based makes an engine like the harness's own, loaded with an image.
func (s *simulation) based(image []byte) (*engine.Engine, error) {
	e := enginetest.New(s.seed, s.settings...).Engine
	if image == nil {
		return e, nil
	}
	return e, enginetest.Load(e, s.harness.Now, image, 1+s.random.IntN(5000))
}

// snapshot writes a snapshot in slices while commands go on. The snapshot and the journal after it
// must give the data as it is in the end.
func (s *simulation) snapshot() error {
	h := s.harness
	before := h.Read()
	picture := h.Engine.Snapshot(h.Now)
	start := h.Now
	from := len(h.Journal)
	s.note("snapshot begins at journal byte %d", from)
	if picture.Offset() != h.Offset {
		return fmt.Errorf("the snapshot stands at offset %d, the journal at %d", picture.Offset(), h.Offset)
	}
	var image []byte
	for done := false; !done; {
		var chunk []byte
		chunk, done = picture.Next(1 + s.random.IntN(400))
		image = append(image, chunk...)
		for range s.random.IntN(8) {
			if err := s.commands(); err != nil {
				return err
			}
		}
	}
	picture.Close()
	s.note("snapshot ends, %d bytes", len(image))
	e, err := s.based(image)
	if err != nil {
		return fmt.Errorf("loading it: %w", err)
	}
	// Keys that expired while it was written hide now; they did not when it was begun.
	if h.Now == start {
		if diff := enginetest.Difference(before, enginetest.Read(e, h.Now)); diff != "" {
			return fmt.Errorf("it holds other data than when it was begun: %s", diff)
		}
	}
	if _, err := e.Apply(h.Now, h.Journal[from:]); err != nil {
		return fmt.Errorf("applying the journal after it: %w", err)
	}
	if diff := enginetest.Difference(h.Read(), enginetest.Read(e, h.Now)); diff != "" {
		return fmt.Errorf("with the journal after it, other data: %s", diff)
	}
	return nil
}

// crash loses the engine, its connections and perhaps the journal's last bytes.
func (s *simulation) crash() error {
	h := s.harness
	lost := min(len(h.Journal), s.random.IntN(100))
	whole, err := func() (int, error) {
		h.Journal = h.Journal[:len(h.Journal)-lost]
		return h.WholeUnits()
	}()
	if err != nil {
		return err
	}
	s.note("crash, %d bytes lost", lost)
	h.Journal = h.Journal[:whole]
	s.seen = whole
	s.clients = nil
	s.refusing = false
	return h.Restart()
}

// compact replaces the journal by a snapshot.
func (s *simulation) compact() error {
	s.note("compact")
	s.harness.Compact()
	s.seen = 0
	return nil
}

// refuse lets persistence break for a while, or mends it.
func (s *simulation) refuse() error {
	s.refusing = !s.refusing
	s.note("refuse %v", s.refusing)
	failure := ""
	if s.refusing {
		failure = "the disk is full"
	}
	s.harness.Refuse(failure)
	return nil
}

// onlyExpiries checks what is written while writes are refused: keys and fields still run out.
func onlyExpiries(journal []byte) error {
	commands, err := enginetest.Commands(journal)
	if err != nil {
		return err
	}
	for _, args := range commands {
		if !slices.Contains([]string{"SELECT", "MULTI", "EXEC", "DEL", "UNLINK", "HDEL"}, args[0]) {
			return fmt.Errorf("written while writes were refused: %s", enginetest.Quote(args))
		}
	}
	return nil
}

func stack() string {
	lines := strings.Split(string(debug.Stack()), "\n")
	return strings.Join(lines[:min(len(lines), 40)], "\n")
}

// handOver lets a fresh engine go on where this one is.
func (s *simulation) handOver() error {
	s.note("hand over")
	before := s.harness.Read()
	if err := s.harness.HandOver(); err != nil {
		return err
	}
	if diff := enginetest.Difference(before, s.harness.Read()); diff != "" {
		return fmt.Errorf("the other engine holds other data: %s", diff)
	}
	return nil
}
