package main_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// TestDiskFull stands a limit of file size in for a full disk.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir, "--appendonly", "yes", "--appendfsync", "always")
	limit := func(bytes uint64) {
		require.NoError(t, unix.Prlimit(p.command.Process.Pid, unix.RLIMIT_FSIZE,
			&unix.Rlimit{Cur: bytes, Max: unix.RLIM_INFINITY}, nil))
	}
	limit(4096)
	writer, value := p.dial(), strings.Repeat("x", 100)
	acknowledged := 0
	for {
		reply, err := writer.try("SET", fmt.Sprint("k", acknowledged), value)
		if err != nil {
			break // the write that did not fit was not promised
		}
		require.Equal(t, "OK", reply)
		acknowledged++
	}
	require.Greater(t, acknowledged, 10)
	c := p.dial()
	assert.Contains(t, c.do("SET", "refused", "1"), "MISCONF")
	assert.Equal(t, value, c.do("GET", "k0"), "reads go on")
	assert.Contains(t, c.do("INFO", "persistence"), "aof_last_write_status:err")
	limit(1 << 30)
	mended := func() bool { return c.do("SET", "after", "1") == "OK" }
	require.Eventually(t, mended, 20*time.Second, 10*time.Millisecond)
	p.kill()
	c = start(t, dir, "--appendonly", "yes").dial()
	for i := range acknowledged {
		require.Equal(t, value, c.do("GET", fmt.Sprint("k", i)))
	}
	assert.Equal(t, "1", c.do("GET", "after"))
	assert.Equal(t, "(nil)", c.do("GET", "refused"))
}
