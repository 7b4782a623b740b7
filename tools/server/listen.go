package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// addresses are the parameters that say where to listen, as they are in use.
type addresses struct{ bind, port string }

// listen opens the sockets and notes where. A port that the system chose becomes the parameter's value.
func (h *host) listen() error {
	if err := h.loop.listen(); err != nil {
		return err
	}
	if port := h.loop.port(); h.options.anyPort && port != 0 {
		h.options.anyPort = false
		h.engine.ConfigSet("port", strconv.Itoa(port))
	}
	h.listening = addresses{h.parameter("bind"), h.parameter("port")}
	return nil
}

// changeAddresses listens where bind and port say now, or stays where it was. The old sockets close
// first: one for all addresses could not open beside one for a single address.
func (h *host) changeAddresses() (failure string) {
	now := addresses{h.parameter("bind"), h.parameter("port")}
	if now == h.listening {
		return "" // the other one of the two parameters has come before
	}
	err := h.listen()
	if err == nil {
		return ""
	}
	h.logger.log(warning, "Failed listening on the new address, staying with the old one: %v", err)
	h.engine.ConfigSet("bind", h.listening.bind)
	h.engine.ConfigSet("port", h.listening.port)
	if err := h.listen(); err != nil {
		h.logger.log(warning, "The old address is lost too: %v", err)
	}
	return err.Error()
}

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
