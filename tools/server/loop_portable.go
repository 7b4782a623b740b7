//go:build !linux

package main

import (
	"net"
	"time"

	"riffle/engine"
)

const multiplexing = "net"

// loop, where there is no epoll: Go's network poller, goroutines per connection, and one goroutine that
// owns the engine and is fed by them.
type loop struct {
	h         *host
	woken     chan struct{}
	listening []net.Listener
}

func newLoop(h *host) (*loop, error) { return &loop{h: h, woken: make(chan struct{}, 1)}, nil }

// wake ends the loop's sleep, from any goroutine.
func (l *loop) wake() {
	select {
	case l.woken <- struct{}{}:
	default:
	}
}

// listen opens the listeners that the parameters ask for, in the place of those there are.
func (l *loop) listen() error {
	for _, old := range l.listening {
		old.Close()
	}
	var err error
	l.listening, err = l.h.listeners()
	for _, listener := range l.listening {
		l.h.announce(listener)
		go l.accept(listener)
	}
	return err
}

// port is the TCP port listened on, 0 if none.
func (l *loop) port() int {
	for _, listener := range l.listening {
		if address, ok := listener.Addr().(*net.TCPAddr); ok {
			return address.Port
		}
	}
	return 0
}

func (l *loop) accept(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			if failed, ok := err.(net.Error); ok && failed.Timeout() {
				continue
			}
			return
		}
		peer := engine.Peer{Address: conn.RemoteAddr().String(), LocalAddress: conn.LocalAddr().String()}
		local := true
		if from, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
			local = from.IP.IsLoopback()
			var keepAlive time.Duration
			l.h.call(func() { keepAlive = time.Duration(l.h.limits.keepAlive) * time.Second })
			conn.(*net.TCPConn).SetKeepAliveConfig(net.KeepAliveConfig{Enable: keepAlive > 0, Idle: keepAlive})
		} else {
			peer.Unix = true
			peer.Address = listener.Addr().String() + ":0"
		}
		go l.h.serveLine(&netLine{conn: conn}, peer, local)
	}
}

// netLine is a line over a net.Conn.
type netLine struct {
	conn   net.Conn
	buffer [16 << 10]byte
}

func (n *netLine) Read() ([]byte, error) {
	got, err := n.conn.Read(n.buffer[:])
	return n.buffer[:got], err
}

func (n *netLine) Write(p []byte) error {
	_, err := n.conn.Write(p)
	return err
}

func (n *netLine) Close() { n.conn.Close() }

// run serves until the host stops.
func (l *loop) run() {
	h := l.h
	more := false
	timer := time.NewTimer(0)
	for !h.stopping {
		h.readClock()
		if !more {
			timer.Reset(h.pause())
			select {
			case <-l.woken:
			case <-timer.C:
			}
		}
		h.readClock()
		h.receive()
		h.pass()
		more = h.slice()
	}
}

// serveMeanwhile serves what is ready within a call of the engine.
func (l *loop) serveMeanwhile() { l.h.receive() }

func (l *loop) closeIdle() {}

// flushAll hands over what clients have for their far ends.
func (l *loop) flushAll(clients []*engine.Client) {
	for _, c := range clients {
		c.Host.(far).flush(c)
	}
}

// threads: every connection has goroutines of its own already.
func (l *loop) threads() threading { return threading{} }
