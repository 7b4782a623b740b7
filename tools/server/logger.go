package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// level is how much a line of the server's log matters.
type level uint8

const (
	debugging level = iota
	verbose
	notice
	warning
)

var levelNames = map[string]level{
	"debug": debugging, "verbose": verbose, "notice": notice, "warning": warning,
}

// logger writes lines like the reference's: "pid:M 22 Nov 2026 18:15:00.892 * message".
type logger struct {
	mu    sync.Mutex
	out   io.Writer
	least level
}

func newLogger(path, least string) (*logger, error) {
	l := &logger{out: os.Stdout, least: levelNames[least]}
	if path == "" {
		return l, nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("Can't open the log file: %w", err)
	}
	l.out = file
	return l, nil
}

func (l *logger) log(at level, format string, arguments ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at < l.least {
		return
	}
	when := time.Now().Format("02 Jan 2006 15:04:05.000")
	fmt.Fprintf(l.out, "%d:M %s %c %s\n", os.Getpid(), when, ".-*#"[at], fmt.Sprintf(format, arguments...))
}

func (l *logger) setLevel(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.least = levelNames[name]
}
