package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"riffle/engine/enginetest"
)

// side is one of the two programs under measurement.
type side struct {
	name    string
	program string
	ours    bool
	env     string // one variable more for its environment
}

// process is a server under measurement, started fresh on a port of its own.
type process struct {
	side
	command *exec.Cmd
	address string
	dir     string
	crowd   []*fleet // clients that stay until the server stops
}

// launch starts a server in a new folder and waits until it answers. Without flags it keeps nothing on disk.
func (s side) launch(flags ...string) (*process, error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	p, err := s.launchIn(dir, flags...)
	if err != nil {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	return p, err
}

// launchIn starts a server on the data of an earlier one.
func (s side) launchIn(dir string, flags ...string) (*process, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	args := []string{"--port", strconv.Itoa(port), "--dir", dir, "--save", "", "--appendonly", "no",
		"--maxclients", "10100"} // ten thousand, and those that load and look
	if s.ours {
		args = append(args, "--http-port", "0")
	}
	p := &process{side: s, dir: dir, address: net.JoinHostPort("127.0.0.1", strconv.Itoa(port))}
	p.command = exec.Command(s.program, append(args, flags...)...)
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p.command.Stdout, p.command.Stderr = log, log
	p.command.Env = append(os.Environ(), s.env)
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", s.program, err)
	}
	return p, p.awaitReady(time.Minute)
}

// awaitReady waits until the server answers PING; it does not while it loads.
func (p *process) awaitReady(limit time.Duration) error {
	for began := time.Now(); time.Since(began) < limit; time.Sleep(time.Millisecond) {
		if reply, err := p.do("PING"); err == nil && reply.Text == "PONG" {
			return nil
		}
	}
	text, _ := os.ReadFile(filepath.Join(p.dir, "log"))
	p.kill()
	return fmt.Errorf("%s does not answer: %s", p.program, text)
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// kill ends the server and leaves its folder.
func (p *process) kill() {
	_ = p.command.Process.Kill()
	_ = p.command.Wait()
}

func (p *process) stop() {
	p.kill()
	for _, f := range p.crowd {
		_ = f.close()
	}
	_ = os.RemoveAll(p.dir)
}

// do runs one command on a connection of its own.
func (p *process) do(args ...string) (enginetest.Reply, error) {
	conn, err := net.Dial("tcp", p.address)
	if err != nil {
		return enginetest.Reply{}, err
	}
	defer conn.Close()
	if _, err := conn.Write(enginetest.AppendCommand(nil, args...)); err != nil {
		return enginetest.Reply{}, err
	}
	var input []byte
	reader := bufio.NewReader(conn)
	for {
		line, err := reader.ReadBytes('\n')
		input = append(input, line...)
		r, _, short := enginetest.ParseReply(input)
		if short == nil {
			return r, nil
		}
		if !errors.Is(short, enginetest.ErrShort) || err != nil {
			return r, errors.Join(short, err)
		}
	}
}

// status returns a line of /proc/PID/status in bytes.
func (p *process) status(field string) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, field+":"); ok {
			kilobytes, err := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, fmt.Errorf("no %s", field)
}

// settled asks for the memory that can be given back, waits until no more comes, and returns what is
// resident.
func (p *process) settled() (int64, error) {
	if _, err := p.do("MEMORY", "PURGE"); err != nil {
		return 0, err
	}
	least, err := p.status("VmRSS")
	for polls, steady := 0, 0; err == nil && polls < 100 && steady < 4; polls++ {
		time.Sleep(100 * time.Millisecond)
		var now int64
		now, err = p.status("VmRSS")
		if steady++; now < least-least/200 {
			steady = 0
		}
		least = min(least, now)
	}
	return least, err
}

// cpu returns the CPU time that all threads of the process have used, and how much of it in the kernel,
// which is a matter of the number of system calls. The answer to a PING comes first, after which
// everything asked before is done.
func (p *process) cpu() (all, kernel time.Duration, err error) {
	if _, err := p.do("PING"); err != nil {
		return 0, 0, err
	}
	ticks, err1 := p.clock(0)
	user, err2 := p.clock(1)
	all, err3 := p.clock(2)
	return all, ticks - user, errors.Join(err1, err2, err3)
}

// clock reads one of the CPU clocks of the process, which Linux numbers ^PID and a kind: 0 for user and
// system time and 1 for user time, counted by ticks, and 2 for what the scheduler counts in nanoseconds.
func (p *process) clock(kind int) (time.Duration, error) {
	var t unix.Timespec
	err := unix.ClockGettime(int32(^p.command.Process.Pid<<3|kind), &t)
	return time.Duration(t.Nano()), err
}
