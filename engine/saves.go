package engine

// saves judges when a snapshot is due: the "save" parameter's points, and what has changed since
// the last one.
type saves struct {
	dirty    int64 // changes since the last snapshot
	atSave   int64 // dirty when the running snapshot was taken
	last     int64 // when the last snapshot was finished, in seconds since 1970
	count    int64 // snapshots finished
	failed   bool  // the last background snapshot failed
	began    int64 // when the running snapshot was asked for, in seconds since 1970; 0 = none
	behind   bool  // the running snapshot is a background one
	given    bool  // it was given up on request, so that its failure is none
	look     int64 // when the save points are to be looked at next, in microseconds since 1970
	tried    int64 // when the last background snapshot was tried, in seconds since 1970
	rewrites bool  // a rewrite of the log is running
}

// savePoint is one "seconds changes" pair of the save parameter.
type savePoint struct{ seconds, changes int64 }

const (
	savePointEvery = 1_000_000 // microseconds between looks at the save points
	saveRetry      = 5         // seconds to wait after a snapshot that failed
)

// checkSavePoints asks the host for a snapshot when a save point is reached.
func (e *Engine) checkSavePoints() {
	s := &e.saves
	if e.now < s.look || s.began != 0 || s.dirty == 0 {
		return
	}
	s.look = e.now + savePointEvery
	now := e.now / 1e6
	if s.failed && now-s.tried < saveRetry {
		return
	}
	for _, point := range e.settings.savePoints {
		if s.dirty >= point.changes && now-s.last > point.seconds {
			e.beginSave(RequestBackgroundSave)
			e.ask(RequestBackgroundSave, "", nil)
			return
		}
	}
}

// beginSave notes that a snapshot is being made.
func (e *Engine) beginSave(kind RequestKind) {
	e.saves.began = e.now / 1e6
	e.saves.tried = e.saves.began
	e.saves.atSave = e.saves.dirty
	e.saves.behind = kind == RequestBackgroundSave
}

// endSave notes how a snapshot ended.
func (e *Engine) endSave(failure string) {
	s := &e.saves
	given := s.given
	s.began, s.given = 0, false
	if failure != "" && given {
		return
	}
	s.failed = failure != ""
	if !s.failed {
		s.count++
		s.dirty -= s.atSave
		s.last = e.now / 1e6
	}
}

func (e *Engine) savePointWake() int64 {
	if e.saves.dirty == 0 || len(e.settings.savePoints) == 0 || e.saves.began != 0 {
		return 0
	}
	return max(e.saves.look, e.now)
}

// Finish says that the host has carried out a request; failure is empty, or a sentence that says
// what went wrong.
func (e *Engine) Finish(now int64, r Request, failure string) {
	e.advance(now)
	switch r.Kind {
	case RequestSave, RequestBackgroundSave:
		e.endSave(failure)
	case RequestCancelSave:
		e.saves.given = failure == "" && e.saves.began != 0
	case RequestRewrite:
		e.saves.rewrites = false
	case RequestFullEngine:
		e.endAbsence(failure)
	}
	c := r.client
	if c == nil || c.wait == nil || c.wait.request != r.Kind {
		return
	}
	w := c.wait
	if failure != "" && w.failure == "" {
		w.failure = requestError(r, failure)
	}
	if w.pending--; w.pending > 0 {
		return
	}
	switch {
	case w.failure != "":
		c.reply.Error(w.failure)
	case r.Kind == RequestCancelSave:
		c.reply.Simple(saveCancelled)
	default:
		c.reply.OK()
	}
	if c.user.gone {
		e.finish(c)
	}
	e.unblock(c)
	e.wrote(c)
	e.settle()
}

// requestError is what a client is told of a request that the host could not carry out.
func requestError(r Request, failure string) string {
	if r.Kind == RequestConfigure {
		return configError(r.Argument, failure)
	}
	return "ERR " + failure
}
