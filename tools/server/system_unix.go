//go:build unix

package main

import (
	"errors"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// reservedDescriptors are kept for files, listeners and the like; the reference's figure.
const reservedDescriptors = 32

// fitDescriptors raises the limit of open files to what maxclients needs, or lowers maxclients.
func (h *host) fitDescriptors() {
	need := uint64(h.number("maxclients")) + reservedDescriptors
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil || limit.Cur >= need {
		return
	}
	raised := syscall.Rlimit{Cur: need, Max: max(limit.Max, need)}
	if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &raised) == nil {
		return
	}
	raised = syscall.Rlimit{Cur: limit.Max, Max: limit.Max}
	if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &raised) == nil {
		limit = raised
	}
	if limit.Cur >= need {
		return
	}
	most := int64(limit.Cur) - reservedDescriptors
	h.logger.log(warning, "maxclients has been reduced to %d: the limit of open files is %d", most, limit.Cur)
	h.engine.ConfigSet("maxclients", formatInt(max(most, 1)))
	h.refresh()
}

// cpuTimes is the processor time of the process.
func cpuTimes() (system, user time.Duration) {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0, 0
	}
	return time.Duration(usage.Stime.Nano()), time.Duration(usage.Utime.Nano())
}

func reuseAddress(network, address string, raw syscall.RawConn) error {
	var failed error
	err := raw.Control(func(fd uintptr) {
		failed = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1)
	})
	if err != nil {
		return err
	}
	return failed
}

// setBacklog listens again with the parameter's length: Go always asks for the system's.
func setBacklog(l net.Listener, backlog int) {
	conn, ok := l.(syscall.Conn)
	if !ok {
		return
	}
	if raw, err := conn.SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) { syscall.Listen(int(fd), backlog) })
	}
}

// alive says whether there is such a process.
func alive(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

// stopOnSignals shuts down as SHUTDOWN does. A second signal while that fails tries again.
func (h *host) stopOnSignals() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	signal.Ignore(syscall.SIGHUP, syscall.SIGXFSZ) // a file that may not grow is an error of write, not an end
	go func() {
		for got := range signals {
			h.post(func() {
				h.logger.log(warning, "Received %v scheduling shutdown...", got)
				h.shutdown(h.onSignal(got))
			})
		}
	}()
}

// onSignal is how the parameters want a signal obeyed.
func (h *host) onSignal(got os.Signal) shutdown {
	name := "shutdown-on-sigterm"
	if got == syscall.SIGINT {
		name = "shutdown-on-sigint"
	}
	how, _ := parseShutdown(h.parameter(name)) // checked when it was set
	return how
}

const daemonMark = "RIFFLE_DAEMON" // set in the environment of the process that stays

// daemonize starts this program again without a terminal. Go programs cannot fork.
func daemonize() (parent bool, err error) {
	if os.Getenv(daemonMark) != "" {
		return false, nil
	}
	executable, err := os.Executable()
	if err != nil {
		return false, err
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return false, err
	}
	process, err := os.StartProcess(executable, os.Args, &os.ProcAttr{
		Env:   append(os.Environ(), daemonMark+"=1"),
		Files: []*os.File{null, null, null},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return false, err
	}
	return true, process.Release()
}
