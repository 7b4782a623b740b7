package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"riffle/engine/enginetest"
)

func TestMemoryReports(t *testing.T) {
	h := enginetest.New(1)
	assert.Contains(t, play(t, h, "MEMORY DOCTOR"), "too little data")
	play(t, h, "SET expires 1 EX 100", "CONFIG SET maxmemory 100mb")
	h.Do("a", "SET", "big", strings.Repeat("x", 8<<20))
	stats := play(t, h, "MEMORY STATS")
	assert.Contains(t, stats, `"db.0"`)
	assert.Contains(t, stats, `"keys.count"`)
	assert.Equal(t, "Nothing is out of proportion.\n", h.Do("a", "MEMORY", "DOCTOR").Text)
	assert.Contains(t, play(t, h, "MEMORY MALLOC-STATS"), "db0: 2 keys")
	play(t, h, "CONFIG SET maxmemory 1mb")
	assert.Contains(t, play(t, h, "MEMORY DOCTOR"), "larger than maxmemory")
	h.Advance(time.Second)
	h.Do("a", "DEL", "big")
	h.Do("a", "SET", "less", strings.Repeat("x", 5<<20))
	assert.Equal(t, "OK", play(t, h, "MEMORY PURGE"))
}
