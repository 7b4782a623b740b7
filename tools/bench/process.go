package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"riffle/engine/enginetest"
)

// process is a server under measurement, started fresh on a port of its own.
type process struct {
	name    string
	command *exec.Cmd
	address string
	dir     string
}

// launch starts a server without persistence and waits until it answers.
func launch(name, program string) (*process, error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	args := []string{"--port", strconv.Itoa(port), "--save", "", "--appendonly", "no", "--dir", dir}
	if filepath.Base(program) == "riffle-server" {
		args = append(args, "--http-port", "0")
	}
	p := &process{name: name, dir: dir, address: net.JoinHostPort("127.0.0.1", strconv.Itoa(port))}
	p.command = exec.Command(program, args...)
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	p.command.Stdout, p.command.Stderr = log, log
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", program, err)
	}
	for range 400 {
		if _, err := p.do("PING"); err == nil {
			return p, nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	text, _ := os.ReadFile(log.Name())
	p.stop()
	return nil, fmt.Errorf("%s does not answer: %s", program, text)
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func (p *process) stop() {
	_ = p.command.Process.Kill()
	_ = p.command.Wait()
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

// ticksPerSecond is the kernel's unit of CPU time, which is 100 on every Linux that Go runs on.
const ticksPerSecond = 100

// cpu returns the CPU time the process has used, user and system together.
func (p *process) cpu() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	// The second field is a name in parentheses, which may hold anything.
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	user, err1 := strconv.ParseInt(string(fields[11]), 10, 64)
	system, err2 := strconv.ParseInt(string(fields[12]), 10, 64)
	return time.Duration(user+system) * time.Second / ticksPerSecond, errors.Join(err1, err2)
}
