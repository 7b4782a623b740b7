//go:build !unix

package main

import (
	"errors"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func (h *host) fitDescriptors() {}

func cpuTimes() (system, user time.Duration) { return 0, 0 }

func reuseAddress(network, address string, raw syscall.RawConn) error { return nil }

func setBacklog(net.Listener, int) {}

// alive says whether there is such a process.
func alive(pid int) bool {
	process, err := os.FindProcess(pid) // fails on Windows if there is none
	if err != nil {
		return false
	}
	process.Release()
	return true
}

func (h *host) stopOnSignals() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	go func() {
		for range signals {
			h.post(func() {
				how, _ := parseShutdown(h.parameter("shutdown-on-sigint")) // checked when it was set
				h.shutdown(how)
			})
		}
	}()
}

func daemonize() (parent bool, err error) {
	return false, errors.New("daemonize is possible on Unix only")
}
