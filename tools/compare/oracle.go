package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"riffle/engine/enginetest"
)

// server is one side of the comparison: named connections that take bytes and give bytes.
type server interface {
	// send gives bytes to a connection, opening it on first use, and returns when all that they
	// cause has been written to every connection.
	send(name string, p []byte) error
	// take returns what a connection received since it was last asked, and whether it is closed.
	take(name string) (p []byte, closed bool)
	hang(name string)
	// reset closes all connections and empties all databases.
	reset() error
	// do runs a command on a connection of its own, in database 0 unless it has selected another.
	do(args ...string) (enginetest.Reply, error)
}

// oracle is a redis-server of its own, on a Unix socket in a temporary directory.
type oracle struct {
	process *exec.Cmd
	dir     string
	control *link
	links   map[string]*link
	initial []string // the CONFIG SET that undoes what cases set
	buffer  [64 << 10]byte
}

// link is a connection. It is a bare descriptor, since a comparison consists of short waits, for which the runtime's
// way through its poller takes longer than the server does.
type link struct {
	fd     int
	input  []byte // what drain has taken
	closed bool
}

var errNoOracle = errors.New("no redis-server found: install redis-server 7.0, or name it in REDIS_SERVER")

// startOracle starts redis-server and connects to it. The caller stops it.
func startOracle() (*oracle, error) {
	program := os.Getenv("REDIS_SERVER")
	if program == "" {
		found, err := exec.LookPath("redis-server")
		if err != nil {
			return nil, errNoOracle
		}
		program = found
	}
	dir, err := os.MkdirTemp("", "compare")
	if err != nil {
		return nil, err
	}
	o := &oracle{dir: dir, links: map[string]*link{}}
	o.process = exec.Command(program, "--port", "0", "--unixsocket", o.socket(), "--save", "",
		"--appendonly", "no", "--dir", dir, "--enable-debug-command", "yes")
	if err := o.process.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	for deadline := time.Now().Add(10 * time.Second); ; {
		if o.control, err = o.connect(); err == nil {
			return o, o.remember()
		}
		if time.Now().After(deadline) {
			o.stop()
			return nil, fmt.Errorf("redis-server does not answer: %w", err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// connect opens the control connection, which must not have one of the small ids that commands name either.
func (o *oracle) connect() (*link, error) {
	for range passedIDs {
		passed, err := dial(o.socket())
		if err != nil {
			return nil, err
		}
		passed.close()
	}
	return dial(o.socket())
}

func (o *oracle) socket() string { return filepath.Join(o.dir, "s") }

func (o *oracle) stop() {
	_ = o.process.Process.Kill()
	_ = o.process.Wait()
	_ = os.RemoveAll(o.dir)
}

func dial(path string) (*link, error) {
	fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		return nil, err
	}
	syscall.CloseOnExec(fd)
	if err := syscall.Connect(fd, &syscall.SockaddrUnix{Name: path}); err != nil {
		return nil, errors.Join(err, syscall.Close(fd))
	}
	return &link{fd: fd}, nil
}

func (l *link) close() { _ = syscall.Close(l.fd) }

func (l *link) Write(p []byte) (n int, err error) {
	for n < len(p) {
		k, err := syscall.Write(l.fd, p[n:])
		if err != nil && err != syscall.EINTR {
			return n, err
		}
		n += max(k, 0)
	}
	return n, nil
}

// Read waits for bytes.
func (l *link) Read(p []byte) (n int, err error) {
	for {
		n, err = syscall.Read(l.fd, p)
		switch {
		case err == syscall.EINTR:
		case err == nil && n == 0:
			return 0, io.EOF
		default:
			return max(n, 0), err
		}
	}
}

// readable is how many bytes redis-server reads from a connection at a time.
const readable = 16 << 10

func (o *oracle) send(name string, p []byte) error {
	l := o.links[name]
	if l == nil {
		var err error
		if l, err = dial(o.socket()); err != nil {
			return err
		}
		o.links[name] = l
		// Once this is answered the server has accepted the connection and reads from it.
		if err := errors.Join(o.ping(), o.ping()); err != nil {
			return err
		}
	}
	if l.closed {
		return nil
	}
	if _, err := l.Write(p); err != nil {
		o.drain(l)
		l.closed = true
	}
	return o.settle(l, len(p)/readable+2)
}

// settle waits until the server has run what was sent before. A reply to a later PING says that the
// server is past it; the second one says that what it wrote to others has left.
func (o *oracle) settle(sender *link, rounds int) error {
	for range 1000 {
		for range rounds {
			if err := o.ping(); err != nil {
				return err
			}
		}
		for _, l := range o.links {
			o.drain(l)
		}
		_, rest, _ := enginetest.ParseReplies(sender.input)
		if len(rest) == 0 || sender.closed {
			return nil
		}
		if _, _, err := enginetest.ParseReply(rest); !errors.Is(err, enginetest.ErrShort) {
			return nil
		}
	}
	return nil
}

func (o *oracle) ping() error {
	if _, err := o.control.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	_, err := io.ReadFull(o.control, o.buffer[:len("+PONG\r\n")])
	return err
}

// drain takes what has arrived without waiting for more.
func (o *oracle) drain(l *link) {
	for !l.closed {
		n, _, err := syscall.Recvfrom(l.fd, o.buffer[:], syscall.MSG_DONTWAIT)
		switch {
		case err == syscall.EAGAIN:
			return
		case err == syscall.EINTR:
		case err != nil || n == 0:
			l.closed = true
		default:
			l.input = append(l.input, o.buffer[:n]...)
		}
	}
}

func (o *oracle) take(name string) ([]byte, bool) {
	l := o.links[name]
	if l == nil {
		return nil, false
	}
	p := l.input
	l.input = nil
	return p, l.closed
}

func (o *oracle) hang(name string) {
	if l := o.links[name]; l != nil {
		l.close()
		delete(o.links, name)
		_ = o.ping()
		_ = o.ping()
	}
}

// remember notes the parameters that cases set.
func (o *oracle) remember() error {
	o.initial = []string{"CONFIG", "SET"}
	names := []string{"CONFIG", "GET", "requirepass", "acl-pubsub-default", "acllog-max-len", "proto-max-bulk-len",
		"notify-keyspace-events"}
	for _, row := range thresholds {
		names = append(names, row.name)
	}
	r, err := o.do(names...)
	for _, item := range r.Items {
		o.initial = append(o.initial, item.Text)
	}
	return err
}

func (o *oracle) reset() error {
	for name, l := range o.links {
		l.close()
		delete(o.links, name)
	}
	replies, err := o.doAll([][]string{
		{"SELECT", "0"}, {"FLUSHALL"}, {"FUNCTION", "FLUSH"}, {"SCRIPT", "FLUSH"}, {"ACL", "LOG", "RESET"}, o.initial,
		{"DEBUG", "SET-ACTIVE-EXPIRE", "1"}, {"DEBUG", "QUICKLIST-PACKED-THRESHOLD", "1gb"}, {"ACL", "USERS"},
	})
	if err != nil {
		return err
	}
	return o.forgetUsers(replies[len(replies)-1])
}

// doAll runs commands on the control connection, all of which are sent before the first reply is read.
func (o *oracle) doAll(commands [][]string) ([]reply, error) {
	var request []byte
	for _, command := range commands {
		request = enginetest.AppendCommand(request, command...)
	}
	if _, err := o.control.Write(request); err != nil {
		return nil, err
	}
	return o.read(len(commands))
}

// read waits for replies on the control connection.
func (o *oracle) read(count int) (replies []reply, err error) {
	var input []byte
	for {
		n, err := o.control.Read(o.buffer[:])
		if err != nil {
			return nil, err
		}
		input = append(input, o.buffer[:n]...)
		more, rest, err := enginetest.ParseReplies(input)
		replies, input = append(replies, more...), rest
		if err != nil || len(replies) == count {
			return replies, err
		}
	}
}

// forgetUsers leaves only the default user. Its rules are left alone, since the control connection needs them.
func (o *oracle) forgetUsers(users reply) error {
	for _, user := range users.Items {
		if user.Text != "default" {
			if _, err := o.do("ACL", "DELUSER", user.Text); err != nil {
				return err
			}
		}
	}
	return nil
}

// do runs a command on the control connection.
func (o *oracle) do(args ...string) (enginetest.Reply, error) {
	replies, err := o.doAll([][]string{args})
	if err != nil {
		return reply{}, err
	}
	return replies[0], nil
}

// data reads everything the server holds. Its commands are most likely those with which the other side was read, so
// that all of them are sent at once; if the data are not equal it is read again, step by step.
func (o *oracle) data(commands [][]string) string {
	replies, err := o.doAll(commands)
	if err != nil {
		return err.Error()
	}
	at, strayed := 0, false
	text := enginetest.ReadData(func(args ...string) enginetest.Reply {
		if at >= len(commands) || !slices.Equal(args, commands[at]) {
			strayed = true
			return reply{Kind: '-'}
		}
		at++
		return replies[at-1]
	})
	if !strayed {
		return text
	}
	return enginetest.ReadData(func(args ...string) enginetest.Reply {
		r, err := o.do(args...)
		if err != nil {
			return enginetest.Reply{Kind: '-', Text: err.Error()}
		}
		return r
	})
}

// subject is our engine, in this process, on the real clock.
type subject struct {
	harness *enginetest.Harness
	gone    map[string]bool
}

func newSubject() *subject {
	s := &subject{}
	_ = s.reset()
	return s
}

func (s *subject) send(name string, p []byte) error {
	s.harness.At(time.Now().UnixMicro())
	s.harness.Feed(name, p)
	return nil
}

func (s *subject) take(name string) ([]byte, bool) {
	p := s.harness.TakeBytes(name)
	return p, s.harness.Client(name).Closed
}

func (s *subject) do(args ...string) (enginetest.Reply, error) {
	s.harness.At(time.Now().UnixMicro())
	return s.harness.Do("(reader)", args...), nil
}

func (s *subject) hang(name string) { s.harness.Forget(name) }

func (s *subject) reset() error {
	s.harness = enginetest.New(1, "enable-debug-command", "yes")
	s.harness.At(time.Now().UnixMicro())
	for range passedIDs { // no client has one of the small ids that commands name, which the oracle gave away long ago
		s.harness.Client("(passed)")
		s.harness.Forget("(passed)")
	}
	return nil
}

const passedIDs = 10

// data reads everything the engine holds, and tells with which commands.
func (s *subject) data() (text string, commands [][]string) {
	s.harness.At(time.Now().UnixMicro())
	text = enginetest.ReadData(func(args ...string) enginetest.Reply {
		commands = append(commands, args)
		return s.harness.Do("(reader)", args...)
	})
	return text, commands
}
