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
//
// Connections are watched edge-triggered: with levels the kernel would look at every one of them twice. So
// a socket that was not read to its end is remembered and read again in the next pass.
type loop struct {
	h          *host
	epoll      int
	event      int // an eventfd: other threads wake the loop through it
	listening  []*listening
	sockets    []*socket // by descriptor
	events     [256]unix.EpollEvent
	buffer     []byte // reads of the loop itself land here; the engine keeps what it needs
	reading    []*socket
	at         int       // how many of them have been read in this pass
	unread     []*socket // may hold more than was read of them
	team       *team     // the I/O threads; nil if there are none
	shareReads bool      // io-threads-do-reads
	batch      []transfer
	served     int       // how many reads of the batch the engine has got
	busy       bool      // the last poll found something, so the next one may
	meanwhile  []*socket // unread since a script yielded
	spare      []byte    // in the place of buffer while a script yields
	deaf       bool      // no descriptors are left: listeners are out of the set until the next cron
}

// listening is a socket that takes connections.
type listening struct {
	fd      int
	unix    bool
	address string
}

// socket is one connection.
type socket struct {
	loop    *loop
	fd      int
	client  *engine.Client
	reading bool // is in loop.reading or loop.unread
	ending  bool // the far end has closed its side, or the connection is broken
	stuck   bool // the kernel's buffer was full: waits for EPOLLOUT
}

const (
	readBytes  = 64 << 10
	gatherRoom = readBytes / 4 // with less room than this, what was gathered is served first
)

func newLoop(h *host) (*loop, error) {
	threads := int(h.number("io-threads"))
	// The loop sleeps without telling the scheduler, and so do the threads: the rest needs room beside them.
	runtime.GOMAXPROCS(max(runtime.GOMAXPROCS(0), threads+1))
	l := &loop{h: h, buffer: make([]byte, readBytes), team: newTeam(threads)}
	l.shareReads = h.parameter("io-threads-do-reads") == "yes"
	var err error
	if l.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, err
	}
	if l.event, err = unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC); err != nil {
		return nil, err
	}
	return l, l.watch(l.event, unix.EPOLLIN)
}

// wake ends the loop's sleep, from any thread.
func (l *loop) wake() {
	one := [8]byte{1}
	syscall.Write(l.event, one[:]) // fails only when it is set already, which is as good
}

const edges = unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP | 1<<31 // EPOLLET, which unix has as a negative

func (l *loop) watch(fd int, events uint32) error {
	return unix.EpollCtl(l.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: events, Fd: int32(fd)})
}

// listen opens the listeners that the parameters ask for, in the place of those there are.
func (l *loop) listen() error {
	for _, old := range l.listening {
		unix.Close(old.fd)
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
		listener.Close() // or Go's poller would wake up for every connection, too
		if failed != nil {
			return failed
		}
		unix.SetNonblock(fd, true)
		address := listener.Addr()
		l.listening = append(l.listening, &listening{fd, address.Network() == "unix", address.String()})
		l.h.announce(listener)
		if failed := l.watch(fd, unix.EPOLLIN); failed != nil {
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
		events := l.poll(more || len(l.unread) > 0 || len(l.meanwhile) > 0)
		h.readClock()
		woken, calling := l.sort(events)
		l.readAll()
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

// poll returns what is ready. The first sleep after traffic is not announced to Go's scheduler: to
// give the processor up and to take it again costs more than a short sleep does. A longer one
// ends when the scheduler misses the thread, after some 10 ms, and then it is announced.
func (l *loop) poll(more bool) []unix.EpollEvent {
	if more {
		return l.wait(syscall.RawSyscall6, 0)
	}
	l.h.readClock()
	if l.busy {
		return l.wait(syscall.RawSyscall6, l.h.pause())
	}
	return l.wait(syscall.Syscall6, l.h.pause())
}

func (l *loop) wait(call func(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, errno syscall.Errno),
	most time.Duration) []unix.EpollEvent {
	milliseconds := (most + time.Millisecond - 1) / time.Millisecond
	n, _, errno := call(syscall.SYS_EPOLL_PWAIT, uintptr(l.epoll),
		uintptr(unsafe.Pointer(&l.events)), uintptr(len(l.events)), uintptr(milliseconds), 0, 0)
	l.busy = errno == 0 && n > 0
	if !l.busy {
		return nil
	}
	return l.events[:n]
}

// serveMeanwhile serves what is ready within a call of the engine. What lies in the loop's buffers belongs to
// that call, and so do its lists: this has its own.
func (l *loop) serveMeanwhile() {
	reading, unread, buffer, team := l.reading, l.unread, l.buffer, l.team
	if l.spare == nil {
		l.spare = make([]byte, readBytes)
	}
	l.unread, l.buffer, l.team = nil, l.spare, nil
	l.readOn()
	l.reading = nil
	woken, calling := l.sort(l.wait(syscall.RawSyscall6, 0))
	for _, s := range l.reading {
		l.read(s)
	}
	if woken {
		var count [8]byte
		unix.Read(l.event, count[:])
		l.h.receive()
	}
	if calling {
		l.acceptAll()
	}
	l.meanwhile = l.unread
	l.reading, l.unread, l.buffer, l.team = reading, unread, buffer, team
}

// sort turns events into a list of sockets to read, and sends what waited for room.
func (l *loop) sort(events []unix.EpollEvent) (woken, calling bool) {
	l.reading, l.unread = append(l.unread, l.meanwhile...), l.reading[:0]
	l.meanwhile = nil
	for i := range events {
		fd, what := int(events[i].Fd), events[i].Events
		switch {
		case fd == l.event:
			woken = true
		case fd < len(l.sockets) && l.sockets[fd] != nil:
			l.sockets[fd].notice(what)
		default:
			calling = true
		}
	}
	return woken, calling
}

// notice takes what the kernel says of a socket.
func (s *socket) notice(events uint32) {
	if events&unix.EPOLLOUT != 0 && s.stuck {
		s.flush(s.client)
	}
	if events&(unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0 {
		s.ending = true
	}
	if events&^unix.EPOLLOUT != 0 && !s.reading {
		s.reading = true
		s.loop.reading = append(s.loop.reading, s)
	}
}

// readAll reads once from every socket that has something, and lets the engine answer.
func (l *loop) readAll() {
	l.at, l.served, l.batch = 0, 0, l.batch[:0]
	if l.shareReads && l.team.worthwhile(len(l.reading)) {
		for _, s := range l.reading {
			if s.client != nil { // else its descriptor may be another's by now
				l.batch = append(l.batch, transfer{socket: s, fd: s.fd})
			}
		}
		l.reading = l.reading[:0]
		l.team.counts.reads += int64(len(l.batch))
		l.team.run(l.batch)
	}
	l.readOn()
	clear(l.batch)
	l.batch = l.batch[:0]
}

// readOn goes on where reading was left, which is in the middle when a script yields: the kernel tells of a
// socket once, so who has been told of together with the script's client is served from here.
func (l *loop) readOn() {
	for {
		for l.served < len(l.batch) {
			x := &l.batch[l.served]
			l.served++
			if x.room == 0 {
				l.read(x.socket)
			} else {
				x.socket.received(x.bytes, x.room, x.errno)
			}
		}
		if l.at == len(l.reading) {
			return
		}
		l.gather()
	}
}

// gather reads from as many sockets as the buffer has room for, before the engine gets any of it: the kernel and
// the engine each find their own code and data in the processor's caches then, and not the other's.
func (l *loop) gather() {
	l.batch, l.served = l.batch[:0], 0
	for free := l.buffer; l.at < len(l.reading) && len(free) >= gatherRoom; l.at++ {
		s := l.reading[l.at]
		if s.client == nil {
			continue
		}
		n, errno := receive(s.fd, free)
		n = max(n, 0)
		l.batch = append(l.batch, transfer{socket: s, bytes: free[:n:n], room: len(free), errno: errno})
		free = free[n:]
	}
}

func (l *loop) read(s *socket) {
	if s.client == nil {
		return
	}
	n, errno := receive(s.fd, l.buffer)
	s.received(l.buffer[:max(n, 0)], len(l.buffer), errno)
}

// receive and send are recv and send: without the file layer of read and write they cost a tenth less.
func receive(fd int, p []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_RECVFROM, uintptr(fd),
		uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), 0, 0, 0)
	return int(n), errno
}

func send(fd int, p []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_SENDTO, uintptr(fd),
		uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), unix.MSG_NOSIGNAL, 0, 0)
	return int(n), errno
}

// received takes what a read of at most room bytes brought.
func (s *socket) received(p []byte, room int, errno syscall.Errno) {
	s.reading = false
	switch {
	case s.client == nil: // closed since, by another client's command
		return
	case errno == syscall.EAGAIN:
		return
	case errno != 0 && errno != syscall.EINTR, errno == 0 && len(p) == 0:
		s.drop(s.client)
		return
	case errno == 0:
		s.loop.h.engine.Feed(s.loop.h.now, s.client, p)
	}
	if len(p) == room || s.ending || errno != 0 {
		s.reading = true
		s.loop.unread = append(s.loop.unread, s)
	}
}

// flushAll sends what clients have for their far ends.
func (l *loop) flushAll(clients []*engine.Client) {
	if !l.team.worthwhile(len(clients)) {
		for _, c := range clients {
			c.Host.(far).flush(c)
		}
		return
	}
	l.batch = l.batch[:0]
	for _, c := range clients {
		if s, ok := c.Host.(*socket); ok && s.client != nil && len(c.Out()) > 0 {
			l.batch = append(l.batch, transfer{socket: s, fd: s.fd, sending: true, bytes: c.Out()})
		} else {
			c.Host.(far).flush(c)
		}
	}
	l.team.counts.writes += int64(len(l.batch))
	l.team.run(l.batch)
	for i := range l.batch {
		l.batch[i].socket.sent(len(l.batch[i].bytes), l.batch[i].count, l.batch[i].errno)
	}
	clear(l.batch)
	l.batch = l.batch[:0]
}

// flush sends what the client has for its far end.
func (s *socket) flush(c *engine.Client) {
	if s.client == nil {
		return
	}
	out := c.Out()
	n, errno := 0, syscall.Errno(0)
	if len(out) > 0 {
		n, errno = send(s.fd, out)
	}
	s.sent(len(out), n, errno)
}

// sent takes what came of sending asked bytes.
func (s *socket) sent(asked, n int, errno syscall.Errno) {
	switch errno {
	case 0:
		s.client.Sent(n)
	case syscall.EAGAIN, syscall.EINTR:
	default:
		s.drop(s.client)
		return
	}
	s.stuck = errno != 0 || n < asked
	if !s.stuck && s.client.Closing() {
		s.drop(s.client)
	}
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
	if err := l.watch(fd, edges); err != nil {
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
			l.watch(listening.fd, unix.EPOLLIN)
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
