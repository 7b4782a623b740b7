package main

import (
	"sync"

	"riffle/engine"
)

// session is a connection that goroutines serve: one reads and hands its bytes to the loop, one
// writes what the loop hands it. A WebSocket is one everywhere, a TCP connection where there is no epoll.
type session struct {
	h      *host
	client *engine.Client // the loop's
	line   line

	mu      sync.Mutex
	out     []byte // to be written
	stalled bool   // the client has more than out takes
	ended   bool   // close the line after out
	more    chan struct{}
}

// line carries bytes both ways. Each method is called by one goroutine at a time; Close may be
// called by any and ends the others.
type line interface {
	Read() ([]byte, error) // the slice is valid until the next Read
	Write(p []byte) error
	Close()
}

const sessionBuffer = 256 << 10 // bytes that may wait for a slow line besides what the engine bounds

// serveLine runs a connection until it ends. It returns when the line is closed.
func (h *host) serveLine(line line, peer engine.Peer, local bool) {
	s := &session{h: h, line: line, more: make(chan struct{}, 1)}
	refusal := ""
	h.call(func() {
		if refusal = h.admit(local); refusal == "" {
			s.client = h.open(peer, s)
			h.sessions[s] = struct{}{}
		}
	})
	if refusal != "" {
		line.Write([]byte(refusal))
		line.Close()
		return
	}
	var writing sync.WaitGroup
	writing.Go(s.write)
	for {
		p, err := line.Read()
		if err != nil {
			break
		}
		h.call(func() {
			if s.client != nil {
				h.engine.Feed(h.now, s.client, p)
			}
		})
	}
	h.call(func() { s.drop(nil) })
	writing.Wait()
}

// call runs a function on the loop's thread and waits for it.
func (h *host) call(f func()) {
	done := make(chan struct{})
	h.post(func() {
		f()
		close(done)
	})
	<-done
}

// flush moves output to the writing goroutine, on the loop's thread.
func (s *session) flush(c *engine.Client) {
	if s.client == nil {
		return
	}
	s.mu.Lock()
	s.stalled = len(s.out) >= sessionBuffer
	if !s.stalled {
		out := c.Out()
		s.out = append(s.out, out...)
		c.Sent(len(out))
	}
	s.mu.Unlock()
	if c.Closing() && len(c.Out()) == 0 {
		s.drop(c)
		return
	}
	s.signal()
}

// drop forgets the client; what was handed over already is still written.
func (s *session) drop(*engine.Client) {
	if s.client == nil {
		return
	}
	s.h.close(s.client)
	s.client = nil
	delete(s.h.sessions, s)
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	s.signal()
}

func (s *session) signal() {
	select {
	case s.more <- struct{}{}:
	default:
	}
}

// write runs until the connection ends.
func (s *session) write() {
	defer s.line.Close()
	var out []byte
	for range s.more {
		s.mu.Lock()
		out, s.out = s.out, out[:0]
		stalled, ended := s.stalled, s.ended
		s.stalled = false
		s.mu.Unlock()
		if len(out) > 0 {
			if err := s.line.Write(out); err != nil {
				s.h.call(func() { s.drop(nil) })
				return
			}
		}
		if ended {
			return
		}
		if stalled {
			s.h.post(func() {
				if s.client != nil {
					s.flush(s.client)
				}
			})
		}
	}
}

// closeIdleSessions is the sessions' part of the parameter timeout.
func (h *host) closeIdleSessions() {
	if h.limits.timeout == 0 {
		return
	}
	for s := range h.sessions {
		if idle, closable := s.client.Idle(h.now); closable && idle > h.limits.timeout {
			s.drop(nil)
		}
	}
}
