package enginetest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"regexp"

	"riffle/engine"
)

// CheckLaw fails t if replaying the journal, loading the snapshot or cutting the input otherwise
// would have made a difference. It may be called at any time and leaves the harness as it was.
func (h *Harness) CheckLaw(t T) {
	t.Helper()
	if err := h.Law(); err != nil {
		t.Errorf("the law: %v", err)
	}
}

// Law is CheckLaw for those who have no T.
func (h *Harness) Law() error {
	if err := h.LawOfReplay(); err != nil {
		return err
	}
	return h.LawOfCutting()
}

// LawOfReplay compares three engines: the harness's own, one that applied the journal and one that
// loaded the snapshot.
func (h *Harness) LawOfReplay() error {
	replayed, err := h.Replay()
	if err != nil {
		return err
	}
	loaded := h.fresh()
	image := h.Snapshot()
	if err := Load(loaded, h.Now, image, 1000); err != nil {
		return fmt.Errorf("loading the snapshot: %w", err)
	}
	own := h.Read()
	if diff := Difference(own, Read(loaded, h.Now)); diff != "" {
		return fmt.Errorf("the snapshot, loaded, holds other data: %s", diff)
	}
	if diff := Difference(own, Read(replayed, h.Now)); diff != "" {
		return fmt.Errorf("the journal, applied, gives other data: %s\n%s", diff, h.journalTail())
	}
	return nil
}

// journalTail shows the last effects, which are usually the ones to blame.
func (h *Harness) journalTail() string {
	commands, _ := Commands(h.Journal)
	var out bytes.Buffer
	for _, args := range commands[max(0, len(commands)-10):] {
		fmt.Fprintln(&out, Quote(args))
	}
	return out.String()
}

// LawOfCutting runs the harness's inputs again in fresh engines, once byte by byte and once in random
// pieces, and compares what every client was sent.
func (h *Harness) LawOfCutting() error {
	if h.resumed {
		return nil // the inputs do not lead from an empty engine to here
	}
	random := rand.New(rand.NewPCG(h.seed, uint64(len(h.inputs))))
	cuts := map[string]func(left int) int{
		"byte by byte":  func(int) int { return 1 },
		"in pieces":     func(left int) int { return 1 + random.IntN(left) },
		"as it was fed": func(left int) int { return left },
	}
	for _, name := range []string{"as it was fed", "in pieces", "byte by byte"} {
		if err := h.rerun(cuts[name]); err != nil {
			return fmt.Errorf("the input %s: %w", name, err)
		}
	}
	return nil
}

// rerun plays the inputs into a fresh engine, every Feed in pieces as long as cut says.
func (h *Harness) rerun(cut func(left int) int) error {
	again := New(h.seed)
	again.settings = h.settings[:h.initial:h.initial]
	again.Failure = h.Failure
	again.Engine = again.fresh()
	for _, in := range h.inputs {
		again.Now = in.now
		switch in.kind {
		case inputOpen:
			again.Forget(in.client)
			again.Client(in.client)
		case inputSet:
			again.Set(in.client, string(in.bytes))
		case inputRefuse:
			again.Refuse(string(in.bytes))
		case inputClose:
			again.Hang(in.client)
		case inputTick:
			again.tick()
		case inputFeed:
			for p := in.bytes; len(p) > 0; {
				n := cut(len(p))
				again.Feed(in.client, p[:n])
				p = p[n:]
			}
		}
	}
	for i, c := range h.history {
		was, is := steady(c.total), steady(again.history[i].total)
		if !bytes.Equal(was, is) {
			at := 0
			for at < min(len(was), len(is)) && was[at] == is[at] {
				at++
			}
			return fmt.Errorf("client %s got %q instead of %q", c.Name, around(is, at), around(was, at))
		}
	}
	return nil
}

// unsteady are the fields of CLIENT LIST and INFO that count bytes read so far.
var unsteady = regexp.MustCompile(`(qbuf|qbuf-free|argv-mem|multi-mem|rbs|rbp|obl|oll|omem|tot-mem|tot-net-in|` +
	`journal_offset|total_net_output_bytes|` +
	`total_net_input_bytes|used_memory\w*|mem_\w+|instantaneous_\w+|client_recent_max_\w+|` +
	`total_reads_processed)[=:][^ \r\n]*`)

// lengths are replaced where unsteady text makes a string's length unsteady too.
var lengths = regexp.MustCompile(`[$=]\d+\r\n((txt:)?(id=|# ))`)

func steady(p []byte) []byte {
	return lengths.ReplaceAll(unsteady.ReplaceAll(p, []byte("$1=?")), []byte("$$?\r\n$1"))
}

func around(p []byte, at int) []byte {
	return p[max(0, at-60):min(len(p), at+60)]
}

// Read returns all data of the harness's engine as text, see the function Read.
func (h *Harness) Read() string {
	const reader = "(reader)"
	h.Client(reader)
	defer h.Forget(reader)
	text, _ := read(func(args ...string) (Reply, bool) { return h.try(reader, args) }, true)
	return text
}

// try is Do for commands that may not be answered, to a paused client for example.
func (h *Harness) try(name string, args []string) (Reply, bool) {
	h.Send(name, args...)
	replies := h.Take(name)
	if len(replies) != 1 {
		return Reply{}, false
	}
	return replies[0], true
}

// Read returns all data of e as sorted text, one key a line.
func Read(e *engine.Engine, now int64) string {
	reader := New(0)
	reader.Engine, reader.Now = e, now
	return reader.Read()
}
