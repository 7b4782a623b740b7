// Bench measures the built programs beside a real redis-server, same commands, same machine, same minute.
//
//	go run ./tools/bench memory            resident memory of the same data
//	go run ./tools/bench server [-full]    server CPU per command, pipelines of 1 and 16 (and 100)
//	go run ./tools/bench page              weight, start and speed of dist/site in Chromium
//
// -json FILE keeps the figures. Nothing here judges: figures are for people, on a quiet machine.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
)

// options are what the command line says.
type options struct {
	ours   string  // path of riffle-server
	theirs string  // path of redis-server
	scale  float64 // of data sets and request counts; small for a smoke test
	only   string  // only rows whose name contains this
	full   bool
	rounds int
	file   string // for JSON
}

func main() {
	var o options
	flag.StringVar(&o.ours, "ours", "dist/riffle-server", "the server measured")
	flag.StringVar(&o.theirs, "theirs", "redis-server", "the reference")
	flag.Float64Var(&o.scale, "scale", 1, "size of data sets and request counts")
	flag.StringVar(&o.only, "only", "", "only rows whose name contains this")
	flag.BoolVar(&o.full, "full", false, "pipelines of 100 too")
	flag.IntVar(&o.rounds, "rounds", 5, "paired rounds per figure")
	flag.StringVar(&o.file, "json", "", "file for the figures")
	name := "memory"
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		name = os.Args[1]
		os.Args = append(os.Args[:1], os.Args[2:]...)
	}
	flag.Parse()
	if err := run(name, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(name string, o options) error {
	benches := map[string]func(options) (any, error){"memory": memory, "server": server, "page": page}
	bench := benches[name]
	if bench == nil {
		return fmt.Errorf("no bench called %q: memory, server or page", name)
	}
	rows, err := bench(o)
	if err != nil || o.file == "" {
		return err
	}
	text, err := json.MarshalIndent(rows, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(o.file, append(text, '\n'), 0o644)
}
