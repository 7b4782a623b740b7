package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"

	"riffle/engine/enginetest"
)

// request writes the i-th command of a load; random is the connection's own.
type request func(p []byte, i int, random *rand.Rand) []byte

// load sends count commands over connections, pipeline at a time, and checks every reply: an error
// fails the load, and so does a reply that does not begin as it should.
type load struct {
	count       int
	connections int
	pipeline    int
	request     request
	begins      string // what each reply must begin with; empty = anything but an error
}

// run plays the load. The requests are written beforehand in part: building them costs the
// generator's time, never the server's.
func (l load) run(address string) error {
	var group sync.WaitGroup
	failures := make(chan error, l.connections)
	each := l.count / l.connections
	for c := range l.connections {
		group.Go(func() { failures <- l.connection(address, c, each) })
	}
	group.Wait()
	close(failures)
	for err := range failures {
		if err != nil {
			return err
		}
	}
	return nil
}

func (l load) connection(address string, number, count int) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	random := rand.New(rand.NewPCG(uint64(number), 7))
	reader := bufio.NewReaderSize(conn, 64<<10)
	var batch []byte
	for sent := 0; sent < count; {
		n := min(l.pipeline, count-sent)
		batch = batch[:0]
		for i := range n {
			batch = l.request(batch, number*count+sent+i, random)
		}
		if _, err := conn.Write(batch); err != nil {
			return err
		}
		for range n {
			if err := l.skip(reader, true); err != nil {
				return err
			}
		}
		sent += n
	}
	return nil
}

// skip reads one reply without keeping it.
func (l load) skip(reader *bufio.Reader, outer bool) error {
	line, err := reader.ReadSlice('\n')
	if err != nil {
		return err
	}
	if line[0] == '-' || outer && !bytes.HasPrefix(line, []byte(l.begins)) {
		return fmt.Errorf("the server answered %q", line)
	}
	switch line[0] {
	case '$', '*':
		n, err := strconv.Atoi(string(line[1 : len(line)-2]))
		if err != nil || n < 0 {
			return err
		}
		if line[0] == '$' {
			_, err = io.CopyN(io.Discard, reader, int64(n)+2)
			return err
		}
		for range n {
			if err := l.skip(reader, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// command is a request that is always the same.
func command(args ...string) request {
	fixed := enginetest.AppendCommand(nil, args...)
	return func(p []byte, _ int, _ *rand.Rand) []byte { return append(p, fixed...) }
}

// keySpace is how many keys a load with random keys touches.
const keySpace = 100_000

// appendBulk appends one argument.
func appendBulk(p []byte, arg string) []byte {
	p = append(p, '$')
	p = strconv.AppendInt(p, int64(len(arg)), 10)
	p = append(p, "\r\n"...)
	p = append(p, arg...)
	return append(p, "\r\n"...)
}

// appendNumbered appends one argument: a prefix and a number of twelve digits.
func appendNumbered(p []byte, prefix string, number int) []byte {
	p = append(p, '$')
	p = strconv.AppendInt(p, int64(len(prefix))+12, 10)
	p = append(p, "\r\n"...)
	p = append(p, prefix...)
	digits := strconv.Itoa(number)
	p = append(p, "000000000000"[:12-len(digits)]...)
	p = append(p, digits...)
	return append(p, "\r\n"...)
}

func appendHead(p []byte, args int) []byte {
	p = append(p, '*')
	p = strconv.AppendInt(p, int64(args), 10)
	return append(p, "\r\n"...)
}
