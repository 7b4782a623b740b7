package persist

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"riffle/tools/server/settings"
)

// Part is one file of the log.
type Part struct {
	Name string // a plain file name in the log's directory
	Seq  int64  // counts bases and increments apart, from 1
}

// Manifest says which files hold the data: Base, then Increments in order. History lists files that are not
// needed any more and may still be there.
type Manifest struct {
	Base       *Part
	Increments []Part
	History    []Part
}

// The type letters of a manifest's lines.
const (
	typeBase      = "b"
	typeHistory   = "h"
	typeIncrement = "i"
)

// Text is the manifest in the reference's format: base, history, increments, one a line.
func (m Manifest) Text() []byte {
	var out strings.Builder
	line := func(part Part, kind string) {
		name := part.Name
		if strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\'' }) {
			name = settings.Quote(name)
		}
		fmt.Fprintf(&out, "file %s seq %d type %s\n", name, part.Seq, kind)
	}
	if m.Base != nil {
		line(*m.Base, typeBase)
	}
	for _, part := range m.History {
		line(part, typeHistory)
	}
	for _, part := range m.Increments {
		line(part, typeIncrement)
	}
	return []byte(out.String())
}

// maxManifestLine is the reference's bound on a line, in bytes.
const maxManifestLine = 1024

// ParseManifest reads what Text or a stock server wrote.
func ParseManifest(text []byte) (Manifest, error) {
	var m Manifest
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		if line[0] == '#' {
			continue
		}
		if err := m.addLine(line); err != nil {
			return Manifest{}, fmt.Errorf("line %d: %w", number, err)
		}
	}
	if number == 0 {
		return Manifest{}, errors.New("it is empty")
	}
	return m, nil
}

func (m *Manifest) addLine(line string) error {
	if len(line) > maxManifestLine {
		return errors.New("it is too long")
	}
	part, kind, err := parseLine(strings.TrimSpace(line))
	if err != nil {
		return err
	}
	switch kind {
	case typeBase:
		if m.Base != nil {
			return errors.New("there is a second base file")
		}
		m.Base = &part
	case typeHistory:
		m.History = append(m.History, part)
	case typeIncrement:
		if n := len(m.Increments); n > 0 && m.Increments[n-1].Seq >= part.Seq {
			return errors.New("the sequence numbers of increments do not rise")
		}
		m.Increments = append(m.Increments, part)
	default:
		return fmt.Errorf("there is no file type %q", kind)
	}
	return nil
}

// parseLine reads "key value" pairs in any order and skips keys that a later version may add.
func parseLine(line string) (part Part, kind string, err error) {
	words, ok := settings.Words(line)
	if !ok || len(words) < 6 || len(words)%2 != 0 {
		return part, "", errors.New(`it is not of the form "file NAME seq NUMBER type LETTER"`)
	}
	for i := 0; i < len(words); i += 2 {
		switch value := words[i+1]; strings.ToLower(words[i]) {
		case "file":
			part.Name = value
		case "seq":
			if part.Seq, err = strconv.ParseInt(value, 10, 64); err != nil {
				return part, "", fmt.Errorf("%q is not a sequence number", value)
			}
		case "type":
			kind = value
		}
	}
	if part.Name == "" || part.Name == "." || part.Name == ".." || strings.ContainsAny(part.Name, `/\`+"\x00") {
		return part, "", fmt.Errorf("%q is not a plain file name", part.Name)
	}
	if part.Seq < 1 || kind == "" {
		return part, "", errors.New("the sequence number or the type is missing")
	}
	return part, kind, nil
}

// parts are the files to load, in order.
func (m Manifest) parts() []Part {
	var all []Part
	if m.Base != nil {
		all = append(all, *m.Base)
	}
	return append(all, m.Increments...)
}

func (m Manifest) lastIncrement() int64 {
	if len(m.Increments) == 0 {
		return 0
	}
	return m.Increments[len(m.Increments)-1].Seq
}

func (m Manifest) baseSeq() int64 {
	if m.Base == nil {
		return 0
	}
	return m.Base.Seq
}

// withIncrement lists one more increment.
func (m Manifest) withIncrement(part Part) Manifest {
	m.Increments = append(m.Increments[:len(m.Increments):len(m.Increments)], part)
	return m
}

// rebased is the manifest after a rewrite: a new base and the increment begun with it stand for all the
// files before them, which become history.
func (m Manifest) rebased(base, increment *Part) Manifest {
	next := Manifest{Base: base, History: m.History[:len(m.History):len(m.History)]}
	for _, part := range m.parts() {
		switch {
		case increment != nil && part == *increment:
			next.Increments = append(next.Increments, part)
		case part.Name != base.Name:
			next.History = append(next.History, part)
		}
	}
	if increment != nil && len(next.Increments) == 0 {
		next.Increments = []Part{*increment}
	}
	return next
}
