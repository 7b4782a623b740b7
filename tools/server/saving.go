package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"riffle/engine"
	"riffle/tools/server/persist"
)

// saving is the state of snapshots and rewrites. One is made at a time; what is asked for meanwhile
// waits its turn.
type saving struct {
	work    *work
	waiting []*work
	refused string // why writes are refused now

	owed         bool      // the log was switched on and has no base yet
	retryRewrite time.Time // not before, after a rewrite that failed

	lastSave    outcome // of snapshots
	lastRewrite outcome
	failures    int // rewrites failed in a row
}

// outcome is how the last one went, for INFO.
type outcome struct {
	done    bool
	failed  bool
	seconds int64
}

func (o outcome) status() string {
	if o.failed {
		return "err"
	}
	return "ok"
}

func (o outcome) time() int64 {
	if !o.done {
		return -1
	}
	return o.seconds
}

// work is a snapshot being written, for dump.rdb or as the base of a new log.
type work struct {
	request   engine.Request // zero if the host itself wants it
	rewrite   *persist.Rewrite
	job       *persist.Job
	isRewrite bool
	cancelled bool // by BGSAVE CANCEL
	fresh     bool // a rewrite that begins the log
	logged    bool // the log was on, or about to be, when the rewrite began
	temporary string
	began     time.Time
	stepped   time.Time // when the last slice was taken
}

const rewriteRetry = 10 * time.Second

func (h *host) begin(w *work) {
	if h.saving.work != nil {
		h.saving.waiting = append(h.saving.waiting, w)
		return
	}
	w.began, w.stepped = h.clock, h.clock
	h.saving.work = w
	h.nextCron = h.clock
	if w.isRewrite {
		h.beginRewrite(w)
		return
	}
	w.temporary = fmt.Sprintf("temp-%d.rdb", os.Getpid())
	h.logger.log(notice, "Background saving started")
	files, name := h.files, h.parameter("dbfilename")
	h.picture(w, func(int64) error { return persist.Save(files, w.temporary, name) })
}

// cancelSave gives up the background snapshot that is being written, or waits for its turn.
func (h *host) cancelSave() (failure string) {
	if w := h.saving.work; w != nil && w.request.Kind == engine.RequestBackgroundSave && !w.job.Ended() {
		w.cancelled = true
		w.job.Abandon()
		return ""
	}
	for i, w := range h.saving.waiting {
		if w.request.Kind == engine.RequestBackgroundSave {
			h.saving.waiting = slices.Delete(h.saving.waiting, i, i+1)
			h.post(func() { h.engine.Finish(h.now, w.request, "cancelled") })
			return ""
		}
	}
	return "Background saving is currently not in progress or scheduled"
}

// picture starts the job that writes the data as it is now. place runs on the job's goroutine, when
// the temporary file is durable.
func (h *host) picture(w *work, place func(bytes int64) error) {
	elsewhere := &h.log.Elsewhere
	w.job = persist.StartJob(h.files, w.temporary, h.engine.Snapshot(h.now), elsewhere,
		func() { h.post(func() {}) },
		func(bytes int64, err error) {
			elsewhere.Add(1)
			if err == nil {
				err = place(bytes)
			}
			elsewhere.Add(-1)
			h.post(func() { h.end(w, err) })
		})
}

func (h *host) beginRewrite(w *work) {
	w.temporary = fmt.Sprintf("temp-rewriteaof-bg-%d.aof", os.Getpid())
	w.fresh, w.logged = h.saving.owed, h.log.On() || h.saving.owed
	if err := h.log.Reread(h.files); err != nil {
		h.post(func() { h.end(w, err) })
		return
	}
	w.rewrite = h.log.Rewrite(w.fresh)
	go func() {
		err := w.rewrite.Prepare()
		h.post(func() { h.switchIncrement(w, err) })
	}()
}

// switchIncrement runs between two batches, so that the picture stands exactly between two increments.
func (h *host) switchIncrement(w *work, err error) {
	h.flushEngine()
	if err == nil && w.logged != (h.log.On() || h.saving.owed) {
		err = errors.New("appendonly was changed meanwhile")
	}
	if err == nil {
		err = h.log.Switch(w.rewrite)
	}
	if err != nil {
		h.end(w, err)
		return
	}
	h.logger.log(notice, "Background append only file rewriting started")
	h.picture(w, func(bytes int64) error { return w.rewrite.Finish(w.temporary, bytes) })
}

// flushEngine gets effects that are not in the log yet there: what other posted calls have fed.
func (h *host) flushEngine() {
	for h.settle() {
	}
}

// end is told how a job went.
func (h *host) end(w *work, err error) {
	seconds := int64(h.clock.Sub(w.began) / time.Second)
	result := outcome{true, err != nil, seconds}
	failure := ""
	if err != nil {
		failure = err.Error()
	}
	switch {
	case w.isRewrite:
		h.endRewrite(w, err)
		h.saving.lastRewrite = result
	case w.cancelled:
		h.logger.log(notice, "Background saving cancelled")
	default:
		h.saving.lastSave = result
		h.report(err, "Background saving terminated with success", "Background saving error: %v")
	}
	h.saving.work = nil
	if w.request.Kind != 0 {
		h.engine.Finish(h.now, w.request, failure)
	}
	if waiting := h.saving.waiting; len(waiting) > 0 {
		h.saving.waiting = waiting[1:]
		h.begin(waiting[0])
	}
}

func (h *host) endRewrite(w *work, err error) {
	h.report(err, "Background AOF rewrite finished successfully", "Background AOF rewrite failed: %v")
	if err != nil {
		h.saving.failures++
		h.saving.retryRewrite = h.clock.Add(rewriteRetry)
		return
	}
	h.saving.failures = 0
	h.saving.owed = h.saving.owed && !w.fresh
	h.log.Adopt(w.rewrite)
	for _, name := range w.rewrite.Removed {
		h.logger.log(notice, "Removed the history file %s", name)
	}
	h.judge()
}

func (h *host) report(err error, success, failure string) {
	if err != nil {
		h.logger.log(warning, failure, err)
		return
	}
	h.logger.log(notice, "%s", success)
}

const (
	shortestSlice = 200 * time.Microsecond
	longestSlice  = time.Millisecond
)

// slice gives the running job a share of the loop's time: as much as clients have had since its last
// slice, within bounds, so that a busy server gives it half. It says whether the job could go on at once.
func (h *host) slice() (more bool) {
	w := h.saving.work
	if w == nil || w.job == nil || w.job.Ended() {
		return false
	}
	start := time.Now()
	budget := min(max(start.Sub(w.stepped), shortestSlice), longestSlice)
	more = w.job.Step(func() bool { return time.Since(start) >= budget })
	w.stepped = time.Now()
	return more
}

// rewriteIfDue begins a rewrite when the log has outgrown its base, or when one must mend it.
func (h *host) rewriteIfDue() {
	if h.saving.work != nil || h.clock.Before(h.saving.retryRewrite) {
		return
	}
	grown := h.log.Grown(h.limits.growPercent, h.limits.growBytes)
	if !grown && !h.saving.owed && !h.log.Suspect() {
		return
	}
	if grown {
		h.logger.log(notice, "Starting automatic rewriting of AOF on growth to %d bytes", h.log.Bytes())
	}
	h.begin(&work{isRewrite: true})
}

// switchLog obeys CONFIG SET appendonly.
func (h *host) switchLog(on bool) {
	if on == (h.log.On() || h.saving.owed) {
		return
	}
	h.engine.SetJournal(on)
	if on {
		h.saving.owed = true
		h.begin(&work{isRewrite: true})
		return
	}
	if w := h.saving.work; w != nil && w.isRewrite && w.job != nil {
		w.job.Abandon()
	}
	h.saving.owed = false
	if err := h.log.Close(); err != nil {
		h.logger.log(warning, "Closing the append only file: %v", err)
	}
	h.judge()
}
