package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"riffle/tools/server/persist"
)

// load brings back what was kept: the append-only files if the log is on, else the snapshot.
func (h *host) load() (err error) {
	names := persist.Names{Directory: h.parameter("appenddirname"), Prefix: h.parameter("appendfilename")}
	on := h.parameter("appendonly") == "yes"
	var found bool
	if h.log, found, err = persist.OpenLog(h.files, names); err != nil && on {
		return err
	}
	if h.log == nil { // off, and what is there is nobody's business until it is switched on
		h.log = persist.NewLog(h.files, names)
	}
	h.log.Took = func(event string, d time.Duration) { h.engine.Latency(event, d.Nanoseconds()) }
	h.log.Policy, _ = persist.ParsePolicy(h.parameter("appendfsync"))
	if !on {
		return h.loadSnapshot()
	}
	if !found {
		if found, err = h.log.Upgrade(); err != nil {
			return err
		}
	}
	h.engine.SetJournal(true)
	if !found {
		return h.beginLog()
	}
	if err := h.loadLog(); err != nil {
		return err
	}
	return h.log.Start()
}

// removeTemporaries cleans up after killed processes.
func (h *host) removeTemporaries() {
	removed, err := persist.RemoveTemporaries(h.files, func(pid int) bool {
		return pid != os.Getpid() && alive(pid)
	})
	for _, name := range removed {
		h.logger.log(notice, "Removed %s, which a process that is gone left unfinished", name)
	}
	if err != nil {
		h.logger.log(warning, "Unfinished files could not be removed: %v", err)
	}
}

// beginLog makes the first log. Its base is the snapshot, if there is one: switching the log on must
// not hide it.
func (h *host) beginLog() error {
	if err := h.loadSnapshot(); err != nil {
		return err
	}
	h.logger.log(notice, "Creating the append only files")
	return h.log.Create(h.engine.Snapshot(h.now), fmt.Sprintf("temp-rewriteaof-bg-%d.aof", os.Getpid()))
}

func (h *host) loadLog() error {
	started := time.Now()
	loaded, err := h.log.Load(h.engine, h.now, h.parameter("aof-load-truncated") == "yes")
	if err != nil {
		return err
	}
	if cut := loaded.Cut; cut != nil {
		h.logger.log(warning, "The append only file %s ended in the middle of a command: "+
			"its last %d bytes were cut off at byte %d and are kept in %s", cut.Name, cut.Bytes, cut.Offset, cut.Kept)
	}
	removed, err := h.log.RemoveHistory()
	if err != nil {
		h.logger.log(warning, "Old append only files could not be removed: %v", err)
	}
	for _, name := range removed {
		h.logger.log(notice, "Removed the history file %s", name)
	}
	h.tellLoaded(fmt.Sprintf("the append only files (%d)", loaded.Files), loaded.Bytes, started)
	return nil
}

func (h *host) loadSnapshot() error {
	name := h.parameter("dbfilename")
	started := time.Now()
	file, err := h.files.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	bytes, _, err := persist.LoadSnapshot(h.engine, h.now, file)
	if err != nil {
		return fmt.Errorf("the snapshot %s cannot be loaded: %w. Nothing was changed; "+
			"restore it from a copy, or move it away to start without it",
			filepath.Join(absolute(h.parameter("dir")), name), err)
	}
	h.tellLoaded(name, bytes, started)
	return nil
}

func (h *host) tellLoaded(what string, bytes int64, started time.Time) {
	h.logger.log(notice, "Loaded %d keys from %s: %d bytes, %.3f seconds",
		h.engine.Keys(), what, bytes, time.Since(started).Seconds())
}

func absolute(dir string) string {
	path, err := filepath.Abs(dir)
	if err != nil {
		return dir
	}
	return path
}
