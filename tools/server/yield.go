package main

// yield serves what has arrived while a script runs too long, on the loop's thread and within a call of the
// engine: others are told that the engine is busy, and may kill the script. It returns false when the
// server is to stop, so that the script ends as well.
func (h *host) yield() bool {
	if h.loop == nil {
		return true // a library is loaded at the start
	}
	now, clock, wake := h.now, h.clock, h.wake
	flushing, requests := h.flushing, h.requests
	h.flushing, h.requests = nil, nil
	h.readClock()
	h.loop.serveMeanwhile()
	for h.settle() {
	}
	h.now, h.clock, h.wake = now, clock, wake
	h.flushing, h.requests = flushing, requests
	return !h.stopping
}

// logScript takes what scripts log.
func (h *host) logScript(at int, text string) {
	if h.logger != nil {
		h.logger.log(level(at), "%s", text)
	}
}
