package main

import (
	"bytes"
	"errors"
	"fmt"
	"golang.org/x/sys/unix"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"time"
)

// request appends the i-th command of a load; all of a load draw from one source of chance.
type request func(p []byte, i int, random *rand.Rand) []byte

// load is count commands from number first on, sent over connections, pipeline at a time. Every reply is
// checked: an error fails the load, and so does a reply that does not begin as it should.
type load struct {
	first       int
	count       int
	connections int
	pipeline    int
	request     request
	begins      string // what each reply must begin with; empty = anything but an error
}

// played is how a load went, as its sender saw it.
type played struct {
	elapsed time.Duration // without the time in which requests were prepared
	latency histogram     // of batches, from before the write to after the last reply
}

// fleet is connections driven by one thread, each with one batch in flight: it waits for replies on any of
// them, reads them, and sends that connection's next batch. So a batch's latency ends when its replies are
// there, whatever the others wait for. On a machine of two cores the other one is then the server's.
type fleet struct {
	wires []wire
	watch *watcher
	skim  skimmer
}

// wire is a connection's descriptor. Its reads and writes block.
type wire int

func (w wire) Read(p []byte) (int, error) {
	n, err := w.read(p)
	if n == 0 && err == nil {
		err = io.EOF
	}
	return max(n, 0), err
}

func (w wire) Write(p []byte) (int, error) {
	for done := 0; done < len(p); {
		n, err := w.write(p[done:])
		if err != nil {
			return done, err
		}
		done += n
	}
	return len(p), nil
}

// dial opens connections. They are reset when closed: ten thousand that linger would use up the ports.
func dial(address string, connections int) (*fleet, error) {
	watch, err := newWatcher()
	if err != nil {
		return nil, err
	}
	f := &fleet{watch: watch, skim: skimmer{buffer: make([]byte, 64<<10)}}
	for i := range connections {
		w, err := connect(address)
		if err != nil {
			return nil, errors.Join(err, f.close())
		}
		f.wires = append(f.wires, w)
		if err := watch.add(w, i); err != nil {
			return nil, errors.Join(err, f.close())
		}
	}
	return f, nil
}

// connect takes a connection out of the hands of Go's poller.
func connect(address string) (wire, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	tcp := conn.(*net.TCPConn)
	if err := tcp.SetLinger(0); err != nil {
		return 0, err
	}
	file, err := tcp.File()
	if err != nil {
		return 0, err
	}
	defer file.Close()
	fd, err := unix.FcntlInt(file.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	return wire(fd), unix.SetNonblock(fd, false)
}

func (f *fleet) close() error {
	err := f.watch.close()
	for _, w := range f.wires {
		err = errors.Join(err, unix.Close(int(w)))
	}
	return err
}

// run plays the load over connections of its own.
func (l load) run(address string) (*played, error) {
	f, err := dial(address, l.connections)
	if err != nil {
		return nil, err
	}
	p, err := f.play(l)
	return p, errors.Join(err, f.close())
}

// chunkRequests is how many requests are written down before they are sent.
const chunkRequests = 200_000

// play sends the load. Requests are prepared beforehand, a chunk at a time, since preparing them
// costs about as much as serving them.
func (f *fleet) play(l load) (*played, error) {
	p := &played{}
	random := rand.New(rand.NewPCG(uint64(l.first), 7))
	f.skim.begins, f.skim.previous = l.begins, nil
	var chunk batches
	for first := 0; first < l.count; first += chunkRequests {
		chunk.prepare(l, l.first+first, min(chunkRequests, l.count-first), random)
		if err := f.playChunk(&chunk, p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// patience is how long a chunk may take. A server that owes a reply ends the run instead of stopping it.
const patience = time.Minute

// hangUp ends reads that wait.
func (f *fleet) hangUp() {
	for _, w := range f.wires {
		_ = unix.Shutdown(int(w), unix.SHUT_RDWR)
	}
}

// flight is the batch that a connection waits for.
type flight struct {
	replies int
	sent    time.Duration
}

func (f *fleet) playChunk(chunk *batches, p *played) error {
	defer time.AfterFunc(patience, f.hangUp).Stop()
	flights, next := make([]flight, len(f.wires)), 0
	began, now := time.Now(), time.Duration(0)
	send := func(i int) error {
		if next == len(chunk.ends) {
			return nil
		}
		flights[i] = flight{chunk.sizes[next], now}
		_, err := f.wires[i].Write(chunk.bytes(next))
		next++
		return err
	}
	for i := range f.wires {
		now = time.Since(began)
		if err := send(i); err != nil {
			return err
		}
	}
	for answered := 0; answered < len(chunk.ends); {
		ready, err := f.watch.wait()
		if err != nil {
			return err
		}
		for _, i := range ready {
			if err := f.skim.replies(f.wires[i], flights[i].replies); err != nil {
				return err
			}
			now = time.Since(began)
			p.latency.record(now - flights[i].sent)
			answered++
			if err := send(i); err != nil {
				return err
			}
		}
	}
	p.elapsed += now
	return nil
}

// batches are requests ready to send.
type batches struct {
	text  []byte
	ends  []int // where each batch ends in text
	sizes []int // requests in each
}

func (b *batches) prepare(l load, first, count int, random *rand.Rand) {
	b.text, b.ends, b.sizes = b.text[:0], b.ends[:0], b.sizes[:0]
	for done := 0; done < count; {
		size := min(l.pipeline, count-done)
		for range size {
			b.text = l.request(b.text, first+done, random)
			done++
		}
		b.ends, b.sizes = append(b.ends, len(b.text)), append(b.sizes, size)
	}
}

func (b *batches) bytes(i int) []byte {
	if i == 0 {
		return b.text[:b.ends[0]]
	}
	return b.text[b.ends[i-1]:b.ends[i]]
}

// skimmer reads replies without keeping them. Most replies repeat the one before, and comparing is
// cheaper than parsing: no whole reply is the beginning of another.
type skimmer struct {
	buffer   []byte
	previous []byte
	begins   string
}

// replies reads exactly count replies from a connection that owes no more.
func (s *skimmer) replies(from io.Reader, count int) error {
	begin, end := 0, 0
	for {
		for count > 0 {
			n, err := s.next(s.buffer[begin:end])
			if err != nil {
				return err
			}
			if n == 0 {
				break
			}
			begin += n
			count--
		}
		if count == 0 && begin < end {
			return fmt.Errorf("the server also sent %q", s.buffer[begin:end])
		}
		if count == 0 {
			return nil
		}
		end = copy(s.buffer, s.buffer[begin:end])
		begin = 0
		if end == len(s.buffer) {
			s.buffer = append(s.buffer, make([]byte, end)...)
		}
		n, err := from.Read(s.buffer[end:])
		if err != nil {
			return err
		}
		end += n
	}
}

// next returns the length of the reply that p begins with, 0 if p does not hold all of it.
func (s *skimmer) next(p []byte) (int, error) {
	if len(s.previous) > 0 && bytes.HasPrefix(p, s.previous) {
		return len(s.previous), nil
	}
	n, err := replyLength(p)
	if n == 0 || err != nil {
		return 0, err
	}
	if !bytes.HasPrefix(p, []byte(s.begins)) {
		return 0, fmt.Errorf("the server answered %q", p[:n])
	}
	s.previous = append(s.previous[:0], p[:n]...)
	return n, nil
}

// replyLength is the length of the first reply in p, 0 if it is not whole; an error reply is an error.
func replyLength(p []byte) (int, error) {
	n := 0
	for pending := 1; pending > 0; pending-- {
		line := bytes.IndexByte(p[n:], '\n')
		if line < 0 {
			return 0, nil
		}
		if p[n] == '-' || line < 2 {
			return 0, fmt.Errorf("the server answered %q", p[n:n+line])
		}
		if p[n] == '$' || p[n] == '*' {
			size, err := strconv.Atoi(string(p[n+1 : n+line-1]))
			if err != nil {
				return 0, err
			}
			if p[n] == '*' {
				pending += max(size, 0)
			} else if size >= 0 {
				line += size + 2
			}
		}
		if n += line + 1; n > len(p) {
			return 0, nil
		}
	}
	return n, nil
}
