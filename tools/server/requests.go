package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"riffle/engine"
	"riffle/tools/server/persist"
)

// carryOut does, or begins, what the engine cannot do itself.
func (h *host) carryOut(r engine.Request) {
	switch r.Kind {
	case engine.RequestSave, engine.RequestBackgroundSave:
		h.begin(&work{request: r})
	case engine.RequestCancelSave:
		h.engine.Finish(h.now, r, h.cancelSave())
	case engine.RequestRewrite:
		h.begin(&work{request: r, isRewrite: true})
	case engine.RequestShutdown:
		how, _ := parseShutdown(r.Argument) // the command's words are among the parameters'
		if failure := h.shutdown(how); failure != "" {
			h.engine.Finish(h.now, r, failure)
		}
	case engine.RequestRewriteConfig:
		h.engine.Finish(h.now, r, h.rewriteConfiguration())
	case engine.RequestConfigure:
		h.engine.Finish(h.now, r, h.configured(r.Argument))
	case engine.RequestPurge:
		h.memory.purge()
		debug.FreeOSMemory()
		h.engine.Finish(h.now, r, "")
	case engine.RequestLoadUsers:
		h.engine.Finish(h.now, r, h.loadUsers())
	case engine.RequestSaveUsers:
		h.engine.Finish(h.now, r, h.saveUsers())
	case engine.RequestReloadLog:
		h.engine.Finish(h.now, r, h.reloadLog())
	}
}

// shutdown is how to end: with neither save nor discard, data is saved if there are save points.
type shutdown struct {
	save, discard bool
	force         bool // even if saving fails
}

// parseShutdown reads the values of shutdown-on-sigint and shutdown-on-sigterm. There are no replicas
// to wait for, so that every shutdown is one "now".
func parseShutdown(value string) (how shutdown, failure string) {
	words := strings.Fields(strings.ToLower(value))
	for _, word := range words {
		switch word {
		case "default", "now":
		case "save":
			how.save = true
		case "nosave":
			how.discard = true
		case "force":
			how.force = true
		default:
			return how, "argument(s) must be one of the following: default, save, nosave, now, force"
		}
	}
	if how.save && how.discard {
		return how, "shutdown options SAVE and NOSAVE can't be used simultaneously"
	}
	return how, ""
}

// shutdown puts everything away and ends the loop; if that fails it says why, and the server goes on.
func (h *host) shutdown(how shutdown) (failure string) {
	h.logger.log(warning, "User requested shutdown...")
	save := how.save || !how.discard && h.parameter("save") != ""
	if w := h.saving.work; w != nil && w.job != nil {
		w.job.Abandon()
	}
	if save {
		err := h.saveFinally()
		if err != nil && !how.force {
			h.logger.log(warning, "Error trying to save the DB, can't exit: %v", err)
			return "Errors trying to SHUTDOWN. Check logs."
		}
		h.report(err, "DB saved on disk", "Error trying to save the DB, exiting all the same: %v")
	}
	if h.log.On() {
		h.logger.log(notice, "Calling fsync() on the AOF file.")
		if err := h.log.Close(); err != nil {
			h.logger.log(warning, "Error writing the append only file: %v", err)
		}
	}
	h.logger.log(warning, "Riffle is now ready to exit, bye bye...")
	h.exit()
	return ""
}

func (h *host) saveFinally() error {
	h.logger.log(notice, "Saving the final RDB snapshot before exiting.")
	temporary := fmt.Sprintf("temp-%d-final.rdb", os.Getpid())
	if _, err := persist.WriteSnapshot(h.files, temporary, h.engine.Snapshot(h.now)); err != nil {
		return err
	}
	return persist.Save(h.files, temporary, h.parameter("dbfilename"))
}

// reloadLog is DEBUG LOADAOF: the data is dropped and read back from the log.
func (h *host) reloadLog() (failure string) {
	if !h.log.On() {
		return "the append only file is off"
	}
	h.log.Tick(h.clock.Add(time.Hour)) // nothing may wait for a sync
	if h.log.Pending() > 0 {
		return h.log.Failure()
	}
	if _, err := h.engine.Apply(h.now, []byte("*1\r\n$8\r\nFLUSHALL\r\n")); err != nil {
		return err.Error()
	}
	if _, err := h.log.Load(h.engine, h.now, false); err != nil {
		return err.Error()
	}
	return ""
}
