package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
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
}

// link is a connection whose bytes are read without waiting.
type link struct {
	conn   *net.UnixConn
	input  []byte
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
		if o.control, err = dial(o.socket()); err == nil {
			return o, o.remember()
		}
		if time.Now().After(deadline) {
			o.stop()
			return nil, fmt.Errorf("redis-server does not answer: %w", err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (o *oracle) socket() string { return filepath.Join(o.dir, "s") }

func (o *oracle) stop() {
	_ = o.process.Process.Kill()
	_ = o.process.Wait()
	_ = os.RemoveAll(o.dir)
}

func dial(path string) (*link, error) {
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	return &link{conn: conn}, nil
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
	if _, err := l.conn.Write(p); err != nil {
		l.drain()
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
			l.drain()
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
	if _, err := o.control.conn.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	var pong [7]byte
	_, err := readFull(o.control.conn, pong[:])
	return err
}

func readFull(conn *net.UnixConn, p []byte) (int, error) {
	n := 0
	for n < len(p) {
		k, err := conn.Read(p[n:])
		if err != nil {
			return n, err
		}
		n += k
	}
	return n, nil
}

// drain takes what has arrived without waiting for more.
func (l *link) drain() {
	raw, err := l.conn.SyscallConn()
	if err != nil || l.closed {
		l.closed = true
		return
	}
	var buffer [64 << 10]byte
	for {
		var n int
		var failure error
		err := raw.Read(func(fd uintptr) bool {
			n, failure = syscall.Read(int(fd), buffer[:])
			return true
		})
		switch {
		case failure == syscall.EAGAIN || failure == syscall.EINTR:
			return
		case err != nil || failure != nil || n == 0:
			l.closed = true
			return
		}
		l.input = append(l.input, buffer[:n]...)
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
		_ = l.conn.Close()
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
	for name := range o.links {
		_ = o.links[name].conn.Close()
		delete(o.links, name)
	}
	return errors.Join(o.doAll([][]string{
		{"SELECT", "0"}, {"FLUSHALL"}, {"FUNCTION", "FLUSH"}, {"SCRIPT", "FLUSH"}, {"ACL", "LOG", "RESET"}, o.initial,
		{"DEBUG", "SET-ACTIVE-EXPIRE", "1"}, {"DEBUG", "QUICKLIST-PACKED-THRESHOLD", "1gb"},
	}), o.forgetUsers())
}

// doAll runs commands on the control connection, and does not look at what they answer.
func (o *oracle) doAll(commands [][]string) error {
	var request []byte
	for _, command := range commands {
		request = enginetest.AppendCommand(request, command...)
	}
	if _, err := o.control.conn.Write(request); err != nil {
		return err
	}
	var input []byte
	var buffer [16 << 10]byte
	for {
		n, err := o.control.conn.Read(buffer[:])
		if err != nil {
			return err
		}
		input = append(input, buffer[:n]...)
		if replies, _, err := enginetest.ParseReplies(input); err != nil || len(replies) == len(commands) {
			return err
		}
	}
}

// forgetUsers leaves only the default user. Its rules are left alone, since the control connection needs them.
func (o *oracle) forgetUsers() error {
	users, err := o.do("ACL", "USERS")
	for _, user := range users.Items {
		if user.Text != "default" {
			_, _ = o.do("ACL", "DELUSER", user.Text)
		}
	}
	return err
}

// do runs a command on the control connection.
func (o *oracle) do(args ...string) (enginetest.Reply, error) {
	if _, err := o.control.conn.Write(enginetest.AppendCommand(nil, args...)); err != nil {
		return enginetest.Reply{}, err
	}
	var input []byte
	var buffer [16 << 10]byte
	for {
		n, err := o.control.conn.Read(buffer[:])
		if err != nil {
			return enginetest.Reply{}, err
		}
		input = append(input, buffer[:n]...)
		r, _, err := enginetest.ParseReply(input)
		if !errors.Is(err, enginetest.ErrShort) {
			return r, err
		}
	}
}

// data reads everything the server holds.
func (o *oracle) data() string {
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

func (s *subject) data() string {
	s.harness.At(time.Now().UnixMicro())
	return enginetest.ReadData(func(args ...string) enginetest.Reply {
		return s.harness.Do("(reader)", args...)
	})
}
