//go:build linux

package main_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// counter reads a number of INFO.
func (c *client) counter(name string) int {
	found := regexp.MustCompile(name + `:(\d+)`).FindStringSubmatch(c.do("INFO", "everything"))
	require.NotNil(c.t, found, name)
	n, err := strconv.Atoi(found[1])
	require.NoError(c.t, err)
	return n
}

// burst pipelines counts and echoes of every size, and checks that the replies come in order.
func burst(address, key string, rounds int) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(60 * time.Second))
	for round := range rounds {
		var requests, replies bytes.Buffer
		for i := range 20 {
			requests.Write(request("INCR", key))
			fmt.Fprintf(&replies, ":%d\r\n", round*20+i+1)
			size := (i * i * round) % 9000
			if i == 7 && round%16 == 3 {
				size = 300_000 // more than a read takes
			}
			word := strings.Repeat(string(rune('a'+i)), size)
			requests.Write(request("ECHO", word))
			fmt.Fprintf(&replies, "$%d\r\n%s\r\n", len(word), word)
		}
		failed := make(chan error, 1)
		go func() {
			_, err := conn.Write(requests.Bytes())
			failed <- err
		}()
		got := make([]byte, replies.Len())
		if _, err := io.ReadFull(conn, got); err != nil {
			return fmt.Errorf("round %d: %w", round, err)
		}
		if !bytes.Equal(got, replies.Bytes()) {
			return fmt.Errorf("round %d: wrong replies", round)
		}
		if err := <-failed; err != nil {
			return err
		}
	}
	return nil
}

// Replies keep their order on every connection, whichever thread reads and writes.
func TestThreadsKeepOrder(t *testing.T) {
	for _, flags := range [][]string{{"1"}, {"2"}, {"4"}, {"3", "--io-threads-do-reads", "no"}} {
		t.Run(strings.Join(flags, " "), func(t *testing.T) {
			p := start(t, t.TempDir(), append([]string{"--io-threads"}, flags...)...)
			var group sync.WaitGroup
			failures := make(chan error, 64)
			for i := range cap(failures) {
				group.Go(func() { failures <- burst(p.address, fmt.Sprint("k", i), 15) })
			}
			group.Wait()
			close(failures)
			for err := range failures {
				require.NoError(t, err)
			}
			c := p.dial()
			for i := range cap(failures) {
				assert.Equal(t, "300", c.do("GET", fmt.Sprint("k", i)))
			}
			assert.Equal(t, flags[0] != "1", c.counter("io_threaded_writes_processed") > 0)
			assert.Equal(t, flags[0] != "1" && len(flags) == 1, c.counter("io_threaded_reads_processed") > 0)
		})
	}
}

// A message to many is written by all threads; among the receivers some have gone, and some do not read.
func TestThreadsWriteToSubscribers(t *testing.T) {
	p := start(t, t.TempDir(), "--io-threads", "4", "--client-output-buffer-limit", "pubsub 0 0 0")
	const receivers, messages = 60, 20
	var all []*client
	for range receivers {
		c := p.dial()
		c.do("SUBSCRIBE", "news")
		all = append(all, c)
	}
	sender := p.dial()
	body := strings.Repeat("x", 100_000) // so that those who do not read fill the kernel's buffers
	for i := range messages {
		sender.do("PUBLISH", "news", strconv.Itoa(i)+body)
		if i < receivers/10 {
			all[i].conn.Close()
		}
	}
	for _, c := range all[receivers/10:] {
		c.conn.SetDeadline(time.Now().Add(60 * time.Second))
		for i := range messages {
			message, err := readReply(c.in)
			require.NoError(t, err)
			require.Equal(t, "message news "+strconv.Itoa(i)+body, message)
		}
	}
	assert.Positive(t, sender.counter("io_threaded_writes_processed"))
}

// Clients that come, are killed, and leave while others are served disturb nobody.
func TestThreadsAndClientsThatLeave(t *testing.T) {
	p := start(t, t.TempDir(), "--io-threads", "4")
	stop := make(chan struct{})
	var leaving, staying sync.WaitGroup
	for range 16 {
		leaving.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				conn, err := net.Dial("tcp", p.address)
				if err != nil {
					return
				}
				conn.Write(bytes.Repeat(request("PING"), 100))
				conn.Write(request("CLIENT", "KILL", "TYPE", "pubsub"))
				conn.Write(request("SUBSCRIBE", "x"))
				conn.Close()
			}
		})
	}
	failures := make(chan error, 32)
	for i := range cap(failures) {
		staying.Go(func() { failures <- burst(p.address, fmt.Sprint("k", i), 10) })
	}
	staying.Wait()
	close(stop)
	leaving.Wait()
	close(failures)
	for err := range failures {
		require.NoError(t, err)
	}
}

// Who closes its side after the last request still gets every reply.
func TestHalfClosedConnection(t *testing.T) {
	for _, threads := range []string{"1", "2"} {
		p := start(t, t.TempDir(), "--io-threads", threads)
		const requests = 30_000
		conn := p.dial().conn.(*net.TCPConn)
		conn.SetDeadline(time.Now().Add(30 * time.Second))
		go func() {
			conn.Write(bytes.Repeat(request("PING"), requests))
			conn.CloseWrite()
		}()
		replies, err := io.ReadAll(conn)
		require.NoError(t, err)
		assert.Equal(t, requests*len("+PONG\r\n"), len(replies))
	}
}

func TestThreadOptions(t *testing.T) {
	for _, number := range []string{"0", "129", "-1", "two"} {
		out := launch(t, "--port", "any", "--http-port", "0", "--dir", t.TempDir(), "--io-threads", number)
		<-out.ended
		assert.Contains(t, out.output(), "io-threads", number)
		assert.NotContains(t, out.output(), "Ready")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "riffle.conf")
	require.NoError(t, os.WriteFile(file, []byte("# mine\nio-threads 2\n"), 0o644))
	p := launch(t, file, "--port", "any", "--http-port", "0", "--dir", dir, "--io-threads-do-reads", "no")
	c := p.dial()
	assert.Equal(t, "io-threads 2 io-threads-do-reads no", c.do("CONFIG", "GET", "io-threads*"))
	assert.Contains(t, c.do("CONFIG", "SET", "io-threads", "4"), "immutable")
	assert.Equal(t, "OK", c.do("CONFIG", "REWRITE"))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(text), "io-threads 2\n")
	assert.Contains(t, string(text), "io-threads-do-reads no\n")
}

// A server that nobody has told how many threads to use does not write down how many it chose.
func TestChosenThreadsAreNotWrittenDown(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "riffle.conf")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	p := launch(t, file, "--port", "any", "--http-port", "0", "--dir", dir)
	assert.Equal(t, "OK", p.dial().do("CONFIG", "REWRITE"))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.NotContains(t, string(text), "io-threads")
}
