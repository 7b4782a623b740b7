package engine

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLargeClientsAreDisconnected(t *testing.T) {
	b := newBench(t)
	small, stuck, kept := b.open(), b.open(), b.open()
	b.send(small, "SET big "+strings.Repeat("x", 60_000), "CONFIG SET maxmemory-clients 300kb")
	b.send(kept, "CLIENT NO-EVICT ON")
	for range 6 {
		b.Feed(b.now, stuck, []byte("GET big\r\n"))
		b.Feed(b.now, kept, []byte("GET big\r\n"))
		b.Engine.Ready()
	}
	assert.True(t, stuck.Closing())
	assert.Empty(t, stuck.Out(), "it will not read what it has left unread")
	assert.False(t, kept.Closing(), "it asked to be spared")
	assert.False(t, small.Closing())
	assert.Contains(t, b.send(small, "INFO stats"), "evicted_clients:1\r\n")
}

func TestClientsMayTakeAShareOfMaxmemory(t *testing.T) {
	b := newBench(t)
	c := b.open()
	b.send(c, "CONFIG SET maxmemory 100mb maxmemory-clients 5%")
	assert.EqualValues(t, 5<<20, b.clientsMemoryLimit())
	b.send(c, "CONFIG SET maxmemory 0")
	assert.Zero(t, b.clientsMemoryLimit(), "a share of no limit is no limit")
}

func TestMaxmemoryClientsShutsNobodyOut(t *testing.T) {
	b := newBench(t, "maxmemory", "1mb")
	c := b.open()
	for _, limit := range []string{"1", "1%"} {
		assert.Equal(t, "+OK\r\n", b.send(c, "CONFIG SET maxmemory-clients "+limit))
		assert.EqualValues(t, leastClientsMemory, b.clientsMemoryLimit())
	}
	assert.Equal(t, "+PONG\r\n", b.send(c, "PING"))
}
