package engine

// maxmemory-clients bounds what all clients take together: their unread input, unsent output and queued
// requests. When it is exceeded the largest are disconnected, save those that asked with CLIENT NO-EVICT
// not to be. Like the limits of output it is looked at once a batch.

// memory is about what a client takes, in bytes.
func (c *Client) memory() int64 {
	return clientBytes + int64(cap(c.in)+cap(c.reply.buf)+cap(c.pushes)) + c.multi.bytes() +
		int64(cap(c.watches))*8 + c.subs.bytes() + c.tracker.bytes()
}

// bytes is about what the names take that a client listens to.
func (s *subscription) bytes() int64 {
	const each = 64
	if s == nil {
		return 0
	}
	return int64(s.count()) * each
}

// leastClientsMemory is as low as maxmemory-clients goes: below it nobody could connect any more, not even to
// raise it again.
const leastClientsMemory = 128 << 10

// clientsMemoryLimit is maxmemory-clients in bytes, 0 if there is none.
func (e *Engine) clientsMemoryLimit() int64 {
	limit := e.settings.clientsMemory
	if limit < 0 {
		limit = e.settings.maxMemory / 100 * -limit
	}
	if limit == 0 {
		return 0
	}
	return max(limit, leastClientsMemory)
}

// evictable reports whether a client's memory is bounded by maxmemory-clients.
func (c *Client) evictable() bool { return !c.has(flagNoEvict | flagClosing | flagReplay) }

// evictClients disconnects the largest clients until the rest are within the limit.
func (e *Engine) evictClients() {
	limit := e.clientsMemoryLimit()
	if limit == 0 {
		return
	}
	total := int64(0)
	for _, c := range e.clients {
		if c.evictable() {
			total += c.memory()
		}
	}
	for total > limit {
		largest := e.largestClient()
		total -= largest.memory()
		largest.dropOutput()
		e.finish(largest)
		e.stats.dismissed++
	}
}

// largestClient is the evictable client that takes most, the oldest of equals; there is one.
func (e *Engine) largestClient() (largest *Client) {
	for _, c := range e.clients {
		if c.evictable() && (largest == nil || c.memory() > largest.memory()) {
			largest = c
		}
	}
	return largest
}
