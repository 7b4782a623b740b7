package main

import (
	"net"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"riffle/engine"
)

const multiplexing = "epoll"

// loop waits for events on an epoll set of its own. Go's network poller would cost a goroutine switch or two
// for every request; here one locked thread polls, reads, runs and writes. Reads and writes never
// block, so they are raw system calls that the scheduler does not hear of; only the sleep of an idle
// server is announced to it.
type loop struct {
	h         *host
	epoll     int
	event     int // an eventfd: other threads wake the loop through it
	listening []*listening
	sockets   []*socket // by descriptor
	events    [256]unix.EpollEvent
	buffer    []byte // every read lands here; the engine keeps what it needs
	busy      bool   // the last poll found something, so the next one may
	deaf      bool   // no descriptors are left: listeners are out of the set until the next cron
}

// listening is a socket that takes connections.
type listening struct {
	fd      int
	unix    bool
	address string
	file    interface{ Close() error }
}

// socket is one connection.
type socket struct {
	loop   *loop
	fd     int
	client *engine.Client
	armed  bool // waits for EPOLLOUT: the kernel's buffer is full
}

const readBytes = 64 << 10

func newLoop(h *host) (*loop, error) {
	l := &loop{h: h, buffer: make([]byte, readBytes)}
	var err error
	if l.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, err
	}
	if l.event, err = unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC); err != nil {
		return nil, err
	}
	return l, l.watch(l.event)
}

// wake ends the loop's sleep, from any thread.
func (l *loop) wake() {
	one := [8]byte{1}
	syscall.Write(l.event, one[:]) // fails only when it is set already, which is as good
}

func (l *loop) watch(fd int) error {
	return unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
}

// listen opens the listeners that the parameters ask for, in the place of those there are.
func (l *loop) listen() error {
	for _, old := range l.listening {
		unix.Close(old.fd)
		old.file.Close()
	}
	l.listening = nil
	opened, err := l.h.listeners()
	for _, listener := range opened {
		file, failed := listener.(interface{ File() (*os.File, error) }).File()
		if failed != nil {
			return failed
		}
		fd, failed := unix.FcntlInt(file.Fd(), unix.F_DUPFD_CLOEXEC, 0)
		file.Close()
		if failed != nil {
			return failed
		}
		unix.SetNonblock(fd, true)
		address := listener.Addr()
		l.listening = append(l.listening, &listening{fd, address.Network() == "unix", address.String(), listener})
		l.h.announce(listener)
		if failed := l.watch(fd); failed != nil {
			return failed
		}
	}
	return err
}

// port is the TCP port listened on, 0 if none.
func (l *loop) port() int {
	for _, listening := range l.listening {
		if _, port, err := net.SplitHostPort(listening.address); err == nil && !listening.unix {
			n, _ := strconv.Atoi(port)
			return n
		}
	}
	return 0
}

// run serves until the host stops.
func (l *loop) run() {
	runtime.LockOSThread()
	h := l.h
	more := false
	for !h.stopping {
		events := l.poll(more)
		h.readClock()
		woken, calling := false, false
		for i := range events {
			fd := int(events[i].Fd)
			switch {
			case fd == l.event:
				woken = true
			case fd < len(l.sockets) && l.sockets[fd] != nil:
				l.serve(l.sockets[fd], events[i].Events)
			default:
				calling = true
			}
		}
		if woken {
			var count [8]byte
			unix.Read(l.event, count[:])
			h.receive()
		}
		if calling { // last, so that a new descriptor is not taken for one that was closed in this pass
			l.acceptAll()
		}
		h.pass()
		more = h.slice()
	}
}

// poll returns what is ready. While there is traffic it looks without sleeping first.
func (l *loop) poll(more bool) []unix.EpollEvent {
	if l.busy || more {
		n, _, _ := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, uintptr(l.epoll),
			uintptr(unsafe.Pointer(&l.events)), uintptr(len(l.events)), 0, 0, 0)
		if n := int(n); n > 0 {
			return l.events[:n]
		}
		l.busy = false
		if more {
			return nil
		}
	}
	l.h.readClock()
	milliseconds := (l.h.pause() + time.Millisecond - 1) / time.Millisecond
	n, _, _ := syscall.Syscall6(syscall.SYS_EPOLL_PWAIT, uintptr(l.epoll),
		uintptr(unsafe.Pointer(&l.events)), uintptr(len(l.events)), uintptr(milliseconds), 0, 0)
	if int(n) <= 0 {
		return nil
	}
	l.busy = true
	return l.events[:n]
}

// serve reads once and lets the engine answer; what is left in the socket is announced again.
func (l *loop) serve(s *socket, events uint32) {
	if events&unix.EPOLLOUT != 0 {
		s.flush(s.client)
		if s.client == nil {
			return
		}
	}
	if events&^unix.EPOLLOUT == 0 {
		return
	}
	n, _, errno := syscall.RawSyscall(syscall.SYS_READ, uintptr(s.fd),
		uintptr(unsafe.Pointer(&l.buffer[0])), readBytes)
	switch {
	case errno == syscall.EAGAIN || errno == syscall.EINTR:
	case errno != 0 || n == 0:
		s.drop(s.client)
	default:
		l.h.engine.Feed(l.h.now, s.client, l.buffer[:n])
	}
}

// flush writes what the client has for its far end.
func (s *socket) flush(c *engine.Client) {
	if s.client == nil {
		return
	}
	out := c.Out()
	if len(out) > 0 {
		n, _, errno := syscall.RawSyscall(syscall.SYS_WRITE, uintptr(s.fd),
			uintptr(unsafe.Pointer(&out[0])), uintptr(len(out)))
		switch {
		case errno == 0:
			c.Sent(int(n))
		case errno != syscall.EAGAIN && errno != syscall.EINTR:
			s.drop(c)
			return
		}
		if errno != 0 || int(n) < len(out) {
			s.arm(true)
			return
		}
	}
	if s.armed {
		s.arm(false)
	}
	if c.Closing() {
		s.drop(c)
	}
}

// arm asks to be told when the socket takes output again, or not any more.
func (s *socket) arm(on bool) {
	if s.armed == on {
		return
	}
	s.armed = on
	event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(s.fd)}
	if on {
		event.Events |= unix.EPOLLOUT
	}
	unix.EpollCtl(s.loop.epoll, unix.EPOLL_CTL_MOD, s.fd, &event)
}

// drop closes the connection and tells the engine.
func (s *socket) drop(*engine.Client) {
	if s.client == nil {
		return
	}
	s.loop.h.close(s.client)
	s.client = nil
	s.loop.sockets[s.fd] = nil
	unix.Close(s.fd)
}

const acceptBatch = 1000 // connections taken from one listener in a pass

func (l *loop) acceptAll() {
	for _, listening := range l.listening {
		for range acceptBatch {
			fd, peer, err := unix.Accept4(listening.fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
			if err == unix.ECONNABORTED || err == unix.EINTR {
				continue
			}
			if err == unix.EMFILE || err == unix.ENFILE {
				l.deafen()
				return
			}
			if err != nil {
				break
			}
			l.admit(listening, fd, peer)
		}
	}
}

// deafen takes the listeners out of the set: a connection that cannot be accepted would be
// announced again and again.
func (l *loop) deafen() {
	l.h.logger.log(warning, "Accepting client connection: no file descriptors are left")
	l.deaf = true
	for _, listening := range l.listening {
		unix.EpollCtl(l.epoll, unix.EPOLL_CTL_DEL, listening.fd, nil)
	}
}

func (l *loop) admit(listening *listening, fd int, from unix.Sockaddr) {
	h := l.h
	peer := engine.Peer{FD: fd, Unix: listening.unix}
	local := listening.unix
	if listening.unix {
		peer.Address, peer.LocalAddress = listening.address+":0", listening.address+":0"
	} else {
		var ip net.IP
		ip, peer.Address = socketAddress(from)
		local = ip.IsLoopback()
		if own, err := unix.Getsockname(fd); err == nil {
			_, peer.LocalAddress = socketAddress(own)
		}
	}
	if refusal := h.admit(local); refusal != "" {
		unix.Write(fd, []byte(refusal))
		unix.Close(fd)
		return
	}
	if !listening.unix {
		setTCPOptions(fd, h.limits.keepAlive)
	}
	if err := l.watch(fd); err != nil {
		unix.Close(fd)
		return
	}
	for fd >= len(l.sockets) {
		l.sockets = append(l.sockets, make([]*socket, len(l.sockets)+64)...)
	}
	s := &socket{loop: l, fd: fd}
	s.client = h.open(peer, s)
	l.sockets[fd] = s
}

// closeIdle ends the clients that have asked nothing for the parameter timeout, once a second.
func (l *loop) closeIdle() {
	if l.deaf {
		l.deaf = false
		for _, listening := range l.listening {
			l.watch(listening.fd)
		}
	}
	if l.h.limits.timeout == 0 {
		return
	}
	for _, s := range l.sockets {
		if s == nil {
			continue
		}
		if idle, closable := s.client.Idle(l.h.now); closable && idle > l.h.limits.timeout {
			l.h.logger.log(verbose, "Closing idle client")
			s.drop(s.client)
		}
	}
}

func socketAddress(from unix.Sockaddr) (net.IP, string) {
	switch a := from.(type) {
	case *unix.SockaddrInet4:
		return a.Addr[:], net.JoinHostPort(net.IP(a.Addr[:]).String(), strconv.Itoa(a.Port))
	case *unix.SockaddrInet6:
		return a.Addr[:], net.JoinHostPort(net.IP(a.Addr[:]).String(), strconv.Itoa(a.Port))
	}
	return nil, "?:0"
}

// setTCPOptions: answers leave at once, and a peer that has vanished is noticed after about keepAlive
// seconds.
func setTCPOptions(fd, keepAlive int) {
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	if keepAlive == 0 {
		return
	}
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1)
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, keepAlive)
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, max(keepAlive/3, 1))
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_KEEPCNT, 3)
}
