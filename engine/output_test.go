package engine

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"riffle/engine/resp"
)

// drain takes all of a client's output as a host does.
func drain(c *Client) string {
	out := string(c.Out())
	c.Sent(len(out))
	return out
}

func TestDrainedBuffersAreReused(t *testing.T) {
	e := New(Config{Seed: 1})
	first, second := e.Open(1e15, Peer{}), e.Open(1e15, Peer{})
	big := strings.Repeat("x", 100_000)
	e.Feed(1e15, first, resp.AppendCommand(nil, []byte("SET"), []byte("big"), []byte(big)))
	drain(first)
	get := bytes.Repeat([]byte("GET big\r\n"), 3)
	expected := strings.Repeat(fmt.Sprintf("$%d\r\n%s\r\n", len(big), big), 3)
	e.Feed(1e15, first, get)
	assert.True(t, expected == drain(first))
	allocated := testing.AllocsPerRun(100, func() {
		for _, c := range []*Client{first, second} {
			e.Feed(1e15, c, get)
			e.Ready()
			c.Sent(len(c.Out()))
		}
	})
	assert.LessOrEqual(t, allocated, 1.0)
	assert.Zero(t, cap(first.reply.buf)+cap(second.reply.buf), "idle clients hold no large buffer")
}

func TestUnsentOutputStaysItsClients(t *testing.T) {
	e := New(Config{Seed: 1})
	slow, other := e.Open(1e15, Peer{}), e.Open(1e15, Peer{})
	text := strings.Repeat("a", 1000)
	e.Feed(1e15, slow, []byte("ECHO "+text+"\r\n"))
	slow.Sent(10)
	rest := string(slow.Out())
	e.Feed(1e15, other, []byte("ECHO "+strings.Repeat("b", 1000)+"\r\n"))
	drain(other)
	assert.Equal(t, rest, string(slow.Out()))
	e.Feed(1e15, slow, []byte("PING\r\n"))
	assert.Equal(t, rest+"+PONG\r\n", drain(slow))
}

func TestSpareBuffersAreBounded(t *testing.T) {
	e := New(Config{Seed: 1})
	var clients []*Client
	for range 20 {
		c := e.Open(1e15, Peer{})
		e.Feed(1e15, c, resp.AppendCommand(nil, []byte("ECHO"), bytes.Repeat([]byte("x"), 400_000)))
		clients = append(clients, c)
	}
	for _, c := range clients {
		drain(c)
	}
	assert.LessOrEqual(t, e.outputs.bytes, spareOutput)
	assert.NotEmpty(t, e.outputs.spare)
}
