package main

import (
	"bytes"
	"fmt"
	"os"
	"slices"
)

// outlined are the functions that are kept out of line, by file: the compiler would repeat each at tens to
// hundreds of places where speed is not decided. Together they are 43 kB of the packed core.
var outlined = map[string][]string{
	"engine/acl.go":        {"func (a *acl) user("},
	"engine/args.go":       {"func (c *Ctx) int(", "func (c *Ctx) is("},
	"engine/c_info.go":     {"func (t *infoText) text(", "func (t *infoText) int(", "func (t *infoText) zeros("},
	"engine/clientlist.go": {"func (f *clientFields) text(", "func (f *clientFields) int("},
	"engine/command.go":    {"func equalFold(", "func lowerString("},
	"engine/errors.go":     {"func (c *Ctx) syntaxError(", "func clip(", "func arityError("},
	"engine/handoff.go": {
		"func (w *handoffWriter) begin(", "func (w *handoffWriter) text(", "func (w *handoffWriter) int(",
		"func (w *handoffWriter) bool(", "func (w *handoffWriter) ints(", "func (w *handoffWriter) words(",
		"func (w *handoffWriter) end(",
	},
	"engine/journal.go":    {"func (c *Ctx) Effect("},
	"engine/notify.go":     {"func (c *Ctx) Notify("},
	"engine/parameter.go":  {"func number("},
	"engine/rdb/reader.go": {"func (r *Reader) Offset(", "func (r *Reader) Fail("},
	"engine/reply.go": {
		"func (r *Reply) Error(", "func (r *Reply) Array(", "func (r *Reply) Null(", "func (r *Reply) Later(",
		"func (r *Reply) OK(", "func (r *Reply) Simple(", "func boolInt(",
	},
	"engine/resp/append.go": {
		"func AppendNull3(", "func AppendNullBulk(", "func AppendArray(", "func AppendNullArray(",
		"func AppendSimple(",
	},
	"engine/settings.go":       {"func fields("},
	"engine/t_stream.go":       {"func (id streamID) append16("},
	"engine/t_stream_args.go":  {"func (c *Ctx) streamID(", "func (id streamID) text("},
	"engine/t_stream_group.go": {"func (s *Stream) group(", "func (g *streamGroup) consumer("},
	"engine/t_stream_rdb.go": {
		"func (l *streamLoader) fail(", "func (l *streamLoader) len(", "func (l *streamLoader) string(",
	},
}

func outlinedFiles() []string {
	var paths []string
	for path := range outlined {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	return paths
}

// outline returns a file's source with its outlined functions marked. One that has gone makes the engine
// no worse than a little larger, so that is only said; a test fails.
func outline(path string) ([]byte, error) {
	source, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	for _, function := range outlined[path] {
		head := []byte("\n" + function)
		if !bytes.Contains(source, head) {
			fmt.Fprintf(os.Stderr, "lean: %s: %q is not there any more\n", path, function)
		}
		source = bytes.Replace(source, head, []byte("\n//go:noinline"+string(head)), 1)
	}
	return source, nil
}
