// Command riffle-server is Riffle behind TCP, a Unix socket and WebSockets: the native host.
//
// One thread owns the engine (see host.go and loop_linux.go). It reads what has arrived, lets the engine
// answer, writes the effects to the log, and only then sends the answers. Slow work (snapshots,
// syncing, HTTP) runs on other threads, which hand results back through host.post.
package main

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"riffle/engine"
	"riffle/engine/lua"
	"riffle/tools/server/persist"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) == 1 {
		switch arguments[0] {
		case "-v", "--version":
			fmt.Println(version())
			return nil
		case "-h", "--help":
			fmt.Print(usage)
			return nil
		}
	}
	h, err := newHost(arguments, os.Stdin)
	if err != nil {
		return err
	}
	if h.parameter("daemonize") == "yes" {
		if parent, err := daemonize(); err != nil || parent {
			return err
		}
	}
	if err := h.start(); err != nil {
		h.logger.log(warning, "%v", err)
		return err
	}
	h.loop.run()
	return nil
}

// newHost makes a host that is configured and does nothing yet.
func newHost(arguments []string, stdin io.Reader) (*host, error) {
	h := &host{started: time.Now(), sessions: map[*session]struct{}{}, memory: newPagePool()}
	began := h.started
	h.engine = engine.New(engine.Config{
		Seed:      seed(),
		Stopwatch: func() int64 { return int64(time.Since(began)) },
		HostInfo:  h.info,
		Pages:     h.memory.pages(),
		Scripts:   lua.New(),
		Yield:     h.yield,
		Log:       h.logScript,
		Exchange:  exchange,
	})
	var err error
	if h.options, err = configure(h.engine, arguments, stdin); err != nil {
		return nil, err
	}
	h.logger, err = newLogger(h.parameter("logfile"), h.parameter("loglevel"))
	return h, err
}

// seed is secret: it guards the hash tables against chosen keys.
func seed() uint64 {
	var bytes [8]byte
	rand.Read(bytes[:])
	return binary.LittleEndian.Uint64(bytes[:])
}

// start loads the data and opens the doors.
func (h *host) start() (err error) {
	h.readClock()
	h.logger.log(notice, "Riffle version=%s, pid=%d, just started", engine.Version, os.Getpid())
	for _, name := range h.options.ignored {
		h.logger.log(warning, "ignored: %s has no meaning here, since %s", name, engine.Idle(name))
	}
	h.directory = h.parameter("dir")
	if h.release, err = persist.Lock(h.directory); err != nil {
		return err
	}
	h.files = persist.Directory(h.directory)
	h.logger.log(notice, "Data directory %s", absolute(h.directory))
	h.removeTemporaries()
	if err := h.startUsers(); err != nil {
		return err
	}
	if err := h.load(); err != nil {
		return err
	}
	h.refresh()
	h.fitDescriptors()
	if h.loop, err = newLoop(h); err != nil {
		return err
	}
	h.log.Wake = func() { h.post(func() { h.nextCron = h.clock }) }
	if err := h.listen(); err != nil {
		return err
	}
	if err := h.serveHTTP(); err != nil {
		return err
	}
	h.stopOnSignals()
	if path := h.parameter("pidfile"); path != "" {
		if err := os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o644); err != nil {
			h.logger.log(warning, "Failed to write PID file: %v", err)
		}
	}
	h.logger.log(notice, "Ready to accept connections")
	return nil
}

func formatInt(n int64) string { return strconv.FormatInt(n, 10) }
