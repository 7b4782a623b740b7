package main

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Reads and writes are made past Go's scheduler, as is waiting: its attention costs more than the calls themselves.

func (w wire) read(p []byte) (int, error) {
	return raw(unix.SYS_RECVFROM, uintptr(w), unsafe.Pointer(unsafe.SliceData(p)), len(p), 0)
}

func (w wire) write(p []byte) (int, error) {
	return raw(unix.SYS_SENDTO, uintptr(w), unsafe.Pointer(unsafe.SliceData(p)), len(p), 0)
}

// raw makes a system call until no signal disturbs it.
func raw(call, fd uintptr, address unsafe.Pointer, size, option int) (int, error) {
	for {
		n, _, errno := unix.RawSyscall6(call, fd, uintptr(address), uintptr(size), uintptr(option), 0, 0)
		if errno == 0 {
			return int(n), nil
		}
		if errno != unix.EINTR {
			return 0, errno
		}
	}
}

// watcher says which wires have something to read.
type watcher struct {
	epoll  int
	events [64]unix.EpollEvent
	ready  []int
}

func newWatcher() (*watcher, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	return &watcher{epoll: epoll}, err
}

// add watches a wire, which is called by its number from then on.
func (t *watcher) add(w wire, number int) error {
	return unix.EpollCtl(t.epoll, unix.EPOLL_CTL_ADD, int(w), &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(number)})
}

// wait returns numbers of wires, at least one; they hold until the next call.
func (t *watcher) wait() ([]int, error) {
	const forever = -1
	n, err := raw(unix.SYS_EPOLL_PWAIT, uintptr(t.epoll), unsafe.Pointer(&t.events), len(t.events), forever)
	t.ready = t.ready[:0]
	for _, event := range t.events[:n] {
		t.ready = append(t.ready, int(event.Fd))
	}
	return t.ready, err
}

func (t *watcher) close() error { return unix.Close(t.epoll) }
