package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// listeners opens the sockets of the parameters bind, port and unixsocket.
func (h *host) listeners() ([]net.Listener, error) {
	var all []net.Listener
	closeAll := func() {
		for _, l := range all {
			l.Close()
		}
	}
	if port := h.parameter("port"); port != "0" || h.options.anyPort {
		if h.options.anyPort {
			port = "0"
		}
		for _, name := range strings.Fields(h.parameter("bind")) {
			address, optional := bindAddress(name)
			l, err := h.listenTCP(net.JoinHostPort(address, port))
			if err != nil {
				if optional {
					continue
				}
				closeAll()
				return nil, fmt.Errorf("Could not create server TCP listening socket %s:%s: %w", name, port, err)
			}
			all = append(all, l)
			port = strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
		}
	}
	if path := h.parameter("unixsocket"); path != "" {
		l, err := h.listenUnix(path)
		if err != nil {
			closeAll()
			return nil, fmt.Errorf("Failed opening Unix socket: %w", err)
		}
		all = append(all, l)
	}
	return all, nil
}

// bindAddress reads one word of bind: "-" before it forgives failure, "*" is every address.
func bindAddress(name string) (address string, optional bool) {
	address, optional = strings.CutPrefix(name, "-")
	switch address {
	case "*":
		return "0.0.0.0", optional
	case "::*":
		return "::", optional
	}
	return address, optional
}

func (h *host) listenTCP(address string) (net.Listener, error) {
	config := net.ListenConfig{Control: reuseAddress, KeepAlive: -1}
	network := "tcp4"
	if strings.HasPrefix(address, "[") {
		network = "tcp6"
	}
	l, err := config.Listen(context.Background(), network, address)
	if err != nil {
		return nil, err
	}
	setBacklog(l, int(h.number("tcp-backlog")))
	return l, nil
}

func (h *host) listenUnix(path string) (net.Listener, error) {
	os.Remove(path) // a socket left behind; as the reference does
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	if mode, err := strconv.ParseUint(h.parameter("unixsocketperm"), 8, 32); err == nil && mode != 0 {
		if err := os.Chmod(path, os.FileMode(mode)); err != nil {
			l.Close()
			return nil, err
		}
	}
	setBacklog(l, int(h.number("tcp-backlog")))
	return l, nil
}

// announce says where a listener listens.
func (h *host) announce(l net.Listener) {
	if l.Addr().Network() == "unix" {
		h.logger.log(notice, "Listening on unix socket %s", l.Addr())
		return
	}
	h.logger.log(notice, "Listening on %s", l.Addr())
}
