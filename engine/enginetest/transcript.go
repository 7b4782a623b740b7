package enginetest

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// A transcript is a text in redis-cli's look that is documentation and test at once:
//
//	# A comment.
//	client a
//	> BLPOP q 0
//	(blocked)
//
//	client b
//	> RPUSH q x
//	(integer) 1
//	a< 1) "q"
//	a< 2) "x"
//
//	journal
//	----
//	RPUSH q x
//	LPOP q
//
// Its verbs:
//
//	> COMMAND ...     send a command as the current client ("a" at first), in redis-cli's quoting
//	client NAME       make NAME the current client, opening it on first use
//	hang NAME         NAME's connection is gone
//	raw "bytes"       send bytes as they are; the answer is shown as bytes
//	resp3             HELLO 3 for the current client, answer not shown
//	set NAME VALUE    give the engine a parameter, as a configuration file does
//	tick DURATION     let time pass (5s, 100ms)
//	journal           show the effects written since the last "journal"
//	save              make the data the base of an empty journal
//	restart           a fresh engine loads the base and applies the journal; connections are gone
//	cut BYTES         take so many bytes off the journal's end; the next restart finds it torn
//	nolaw             the law is not checked at the end (say why in a comment)
//
// What stands below a verb, up to an empty line or the next verb, is what it must print. "..." in it
// stands for any text, also over several lines.
type transcript struct {
	h       *Harness
	current string
	shown   int // journal bytes already shown
	nolaw   bool
}

var verbs = map[string]func(x *transcript, rest string) []string{
	">":       (*transcript).command,
	"client":  (*transcript).client,
	"hang":    (*transcript).hang,
	"raw":     (*transcript).raw,
	"resp3":   (*transcript).resp3,
	"set":     (*transcript).set,
	"tick":    (*transcript).tick,
	"journal": (*transcript).journal,
	"save":    (*transcript).save,
	"restart": (*transcript).restart,
	"cut":     (*transcript).cut,
	"nolaw":   (*transcript).noLaw,
}

// Transcript plays a transcript's text and returns it with what the engine really printed; text that
// matches through "..." stays as it is. law reports whether the law may be checked afterwards.
func Transcript(h *Harness, text string) (played string, law bool) {
	x := transcript{h: h, current: "a"}
	var out []string
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i := 0; i < len(lines); {
		line := lines[i]
		i++
		out = append(out, line)
		verb, rest, _ := strings.Cut(line, " ")
		run := verbs[verb]
		if run == nil {
			continue
		}
		start := i
		for i < len(lines) && lines[i] != "" && !isVerb(lines[i]) && !strings.HasPrefix(lines[i], "#") {
			i++
		}
		printed := append(run(&x, rest), x.others()...)
		out = append(out, keep(lines[start:i], printed)...)
	}
	return strings.Join(out, "\n") + "\n", !x.nolaw
}

func isVerb(line string) bool {
	verb, _, _ := strings.Cut(line, " ")
	return verbs[verb] != nil
}

// keep returns the expected lines if the printed ones match them, otherwise the printed ones.
func keep(expected, printed []string) []string {
	if Match(strings.Join(expected, "\n"), strings.Join(printed, "\n")) {
		return expected
	}
	return printed
}

// Match reports whether text is what pattern says, in which "..." stands for any text.
func Match(pattern, text string) bool {
	parts := strings.Split(pattern, "...")
	if len(parts) == 1 {
		return pattern == text
	}
	rest, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		at := strings.Index(rest, part)
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return strings.HasSuffix(rest, parts[last])
}

// RunTranscript plays the file at path and fails t if it prints something else; with rewrite the file
// is written anew instead. The law is checked afterwards.
func RunTranscript(t T, path string, rewrite bool) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v", err)
	}
	h := New(1)
	played, law := Transcript(h, string(text))
	if played != string(text) {
		if rewrite {
			err = os.WriteFile(path, []byte(played), 0o644)
		} else {
			t.Errorf("%s (run with -rewrite, read the difference, keep it only if it is meant):%s",
				path, Difference(string(text), played))
		}
	}
	if err != nil {
		t.Fatalf("%v", err)
	}
	if law {
		h.CheckLaw(t)
	}
}

func (x *transcript) command(rest string) []string {
	args, err := Split(rest)
	if err != nil {
		return []string{"(" + err.Error() + ")"}
	}
	x.h.Send(x.current, args...)
	return x.answers()
}

// answers prints what the current client received.
func (x *transcript) answers() []string {
	c := x.h.Client(x.current)
	lines := formatAll(x.h.Take(x.current))
	if c.Closed {
		x.h.Forget(x.current)
		return append(lines, "(closed)")
	}
	if len(lines) == 0 {
		return []string{"(blocked)"}
	}
	return lines
}

// others prints what other clients received meanwhile, in the order they were opened.
func (x *transcript) others() []string {
	var lines []string
	for _, c := range append([]*Client(nil), x.h.Clients()...) {
		for _, line := range formatAll(x.h.Take(c.Name)) {
			lines = append(lines, c.Name+"< "+line)
		}
		if c.Closed {
			lines = append(lines, c.Name+"< (closed)")
			x.h.Forget(c.Name)
		}
	}
	return lines
}

func formatAll(replies []Reply) []string {
	var lines []string
	for _, r := range replies {
		lines = append(lines, strings.Split(Format(r), "\n")...)
	}
	return lines
}

func (x *transcript) client(name string) []string {
	x.current = name
	x.h.Client(name)
	return nil
}

func (x *transcript) hang(name string) []string {
	x.h.Forget(name)
	return nil
}

func (x *transcript) raw(rest string) []string {
	words, err := Split(rest)
	if err != nil {
		return []string{"(" + err.Error() + ")"}
	}
	x.h.Feed(x.current, []byte(strings.Join(words, " ")))
	out := x.h.TakeBytes(x.current)
	var lines []string
	if len(out) > 0 {
		lines = append(lines, quoteString(string(out)))
	}
	if x.h.Client(x.current).Closed {
		x.h.Forget(x.current)
		lines = append(lines, "(closed)")
	}
	return lines
}

func (x *transcript) resp3(string) []string {
	x.h.Send(x.current, "HELLO", "3")
	x.h.Take(x.current)
	return nil
}

func (x *transcript) set(rest string) []string {
	name, value, _ := strings.Cut(rest, " ")
	if failure := x.h.Set(name, value); failure != "" {
		return []string{"(" + failure + ")"}
	}
	return nil
}

func (x *transcript) tick(rest string) []string {
	d, err := time.ParseDuration(rest)
	if err != nil {
		return []string{"(" + err.Error() + ")"}
	}
	x.h.Advance(d)
	return nil
}

func (x *transcript) journal(string) []string {
	commands, err := Commands(x.h.Journal[x.shown:])
	lines := []string{"----"}
	for _, args := range commands {
		lines = append(lines, Quote(args))
	}
	if err != nil {
		lines = append(lines, "("+err.Error()+")")
	}
	x.shown = len(x.h.Journal)
	return lines
}

func (x *transcript) save(string) []string {
	x.h.Compact()
	x.shown = 0
	return nil
}

// restart brings the engine up again; a torn journal is cut back to its last whole unit.
func (x *transcript) restart(string) []string {
	whole, err := x.h.WholeUnits()
	lines := []string(nil)
	if torn := len(x.h.Journal) - whole; torn > 0 {
		lines = append(lines, fmt.Sprintf("(%d torn bytes dropped)", torn))
		x.h.Journal = x.h.Journal[:whole]
	}
	if err == nil {
		err = x.h.Restart()
	}
	if err != nil {
		lines = append(lines, "("+err.Error()+")")
	}
	x.shown = len(x.h.Journal)
	return lines
}

func (x *transcript) cut(rest string) []string {
	var n int
	if _, err := fmt.Sscan(rest, &n); err != nil || n < 0 || n > len(x.h.Journal) {
		return []string{fmt.Sprintf("(the journal has %d bytes)", len(x.h.Journal))}
	}
	x.h.Journal = x.h.Journal[:len(x.h.Journal)-n]
	x.nolaw = true
	return nil
}

func (x *transcript) noLaw(string) []string {
	x.nolaw = true
	return nil
}
