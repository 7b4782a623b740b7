package main_test

import (
	"bytes"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// freePort returns a port that nobody listens on.
func freePort(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	return port
}

// stockOnPort runs the reference server and returns its port.
func stockOnPort(t *testing.T) string {
	port := freePort(t)
	command := exec.Command(tool(t, "redis-server"), "--port", port, "--bind", "127.0.0.1", "--save", "",
		"--dir", t.TempDir())
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		command.Process.Kill()
		command.Wait()
	})
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			conn.Close()
		}
		return err == nil
	}, 20*time.Second, 10*time.Millisecond)
	return port
}

// TestMigrateGoesBothWays moves a key of every type to the reference and back.
func TestMigrateGoesBothWays(t *testing.T) {
	theirPort := stockOnPort(t)
	p := start(t, t.TempDir())
	_, ourPort, err := net.SplitHostPort(p.address)
	require.NoError(t, err)
	ours, theirs := p.dial(), dial(t, "tcp", "127.0.0.1:"+theirPort)
	fill(ours)
	want := digest(ours)
	keys := []string{"string", "counter", "mortal", "list", "set", "intset", "hash", "zset", "stream", "bigzset", "bighash"}
	move := func(c *client, port string, words ...string) string {
		request := append([]string{"MIGRATE", "127.0.0.1", port, "", "0", "5000"}, words...)
		return c.do(append(append(request, "KEYS"), keys...)...)
	}
	require.Equal(t, "OK", move(ours, theirPort))
	assert.Equal(t, "0", ours.do("DBSIZE"))
	theirs.do("SELECT", "5")
	theirs.do("SET", "other", "db")
	theirs.do("SELECT", "0")
	assert.Equal(t, withoutTime(want), withoutTime(digest(theirs)))
	require.Equal(t, "OK", move(theirs, ourPort))
	assert.Equal(t, "0", theirs.do("DBSIZE"))
	assert.Equal(t, withoutTime(want), withoutTime(digest(ours)))

	require.Equal(t, "OK", move(ours, theirPort, "COPY"))
	assert.Contains(t, move(ours, theirPort), "ERR Target instance replied with error: BUSYKEY ")
	require.Equal(t, "OK", move(ours, theirPort, "REPLACE"))
	theirs.do("CONFIG", "SET", "requirepass", "sesame")
	ours.do("SET", "string", "again")
	const refused = "ERR Target instance replied with error: "
	assert.Contains(t, move(ours, theirPort), refused+"NOAUTH ")
	assert.Contains(t, move(ours, theirPort, "AUTH", "wrong"), refused+"WRONGPASS ")
	assert.Equal(t, "OK", move(ours, theirPort, "REPLACE", "AUTH2", "default", "sesame"))
}

// withoutTime drops the line of a digest that tells when a key expires: MIGRATE sends what is left, and the clock goes on.
func withoutTime(digest string) string {
	lines := strings.Split(digest, "\n")
	for i, line := range lines {
		if len(line) == 13 && strings.Trim(line, "0123456789") == "" {
			lines[i] = "a time"
		}
	}
	return strings.Join(lines, "\n")
}

func TestMigrateToNobody(t *testing.T) {
	c := start(t, t.TempDir()).dial()
	c.do("SET", "k", "v")
	assert.Equal(t, "IOERR error or timeout writing to target instance", c.do("MIGRATE", "127.0.0.1", freePort(t), "k", "0", "5000"))
	assert.Equal(t, "IOERR error or timeout connecting to the client", c.do("MIGRATE", "no.such.host.invalid", "1", "k", "0", "5000"))
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer mute.Close()
	_, port, err := net.SplitHostPort(mute.Addr().String())
	require.NoError(t, err)
	assert.Equal(t, "IOERR error or timeout reading from target instance", c.do("MIGRATE", "127.0.0.1", port, "k", "0", "20"))
	assert.Equal(t, "v", c.do("GET", "k"))
}

// A server that replies a line without end is given up long before it fills our memory.
func TestMigrateToAChatterbox(t *testing.T) {
	c := start(t, t.TempDir()).dial()
	c.do("SET", "k", "v")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	hungUp := make(chan bool, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		chatter := bytes.Repeat([]byte("x"), 64<<10)
		for range 16_384 { // a gigabyte
			if _, err := conn.Write(chatter); err != nil {
				hungUp <- true
				return
			}
		}
		hungUp <- false
	}()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	assert.Equal(t, "IOERR error or timeout reading from target instance",
		c.do("MIGRATE", "127.0.0.1", port, "k", "0", "60000"))
	assert.True(t, <-hungUp)
	assert.Equal(t, "v", c.do("GET", "k"))
}
