//go:build !linux

package main

import "golang.org/x/sys/unix"

func (w wire) read(p []byte) (int, error)  { return unix.Read(int(w), p) }
func (w wire) write(p []byte) (int, error) { return unix.Write(int(w), p) }

// watcher says which wires have something to read.
type watcher struct {
	wires []unix.PollFd
	ready []int
}

func newWatcher() (*watcher, error) { return &watcher{}, nil }

// add watches a wire; numbers count from 0.
func (t *watcher) add(w wire, _ int) error {
	t.wires = append(t.wires, unix.PollFd{Fd: int32(w), Events: unix.POLLIN})
	return nil
}

// wait returns numbers of wires, at least one; they hold until the next call.
func (t *watcher) wait() ([]int, error) {
	n, err := unix.Poll(t.wires, -1)
	for err == unix.EINTR {
		n, err = unix.Poll(t.wires, -1)
	}
	t.ready = t.ready[:0]
	for i := range t.wires {
		if n > 0 && t.wires[i].Revents != 0 {
			t.ready = append(t.ready, i)
		}
	}
	return t.ready, err
}

func (t *watcher) close() error { return nil }
