package main

import (
	"fmt"
	"os"
	"time"

	"riffle/engine"
	"riffle/tools/server/persist"
)

// carryOut does, or begins, what the engine cannot do itself.
func (h *host) carryOut(r engine.Request) {
	switch r.Kind {
	case engine.RequestSave, engine.RequestBackgroundSave:
		h.begin(&work{request: r})
	case engine.RequestRewrite:
		h.begin(&work{request: r, isRewrite: true})
	case engine.RequestShutdown:
		if failure := h.shutdown(r.Argument); failure != "" {
			h.engine.Finish(h.now, r, failure)
		}
	case engine.RequestRewriteConfig:
		h.engine.Finish(h.now, r, h.rewriteConfiguration())
	case engine.RequestConfigure:
		h.configured(r.Argument)
		h.engine.Finish(h.now, r, "")
	case engine.RequestReloadLog:
		h.engine.Finish(h.now, r, h.reloadLog())
	}
}

// shutdown puts everything away and ends the loop; if that fails it says why, and the server goes on.
func (h *host) shutdown(how string) (failure string) {
	h.logger.log(warning, "User requested shutdown...")
	save := how == "save" || how == "" && h.parameter("save") != ""
	if w := h.saving.work; w != nil && w.job != nil {
		w.job.Abandon()
	}
	if save {
		h.logger.log(notice, "Saving the final RDB snapshot before exiting.")
		temporary := fmt.Sprintf("temp-%d-final.rdb", os.Getpid())
		_, err := persist.WriteSnapshot(h.files, temporary, h.engine.Snapshot(h.now))
		if err == nil {
			err = persist.Save(h.files, temporary, h.parameter("dbfilename"))
		}
		if err != nil {
			h.logger.log(warning, "Error trying to save the DB, can't exit: %v", err)
			return "Errors trying to SHUTDOWN. Check logs."
		}
		h.logger.log(notice, "DB saved on disk")
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
