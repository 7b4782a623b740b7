package engine_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"riffle/engine/enginetest"
)

// info reads one field of INFO.
func info(t *testing.T, h *enginetest.Harness, field string) string {
	t.Helper()
	for line := range strings.SplitSeq(h.Do("info", "INFO", "everything").Text, "\r\n") {
		if name, value, ok := strings.Cut(line, ":"); ok && name == field {
			return value
		}
	}
	t.Fatalf("INFO has no %s", field)
	return ""
}

func infoNumber(t *testing.T, h *enginetest.Harness, field string) int {
	t.Helper()
	n, err := strconv.Atoi(info(t, h, field))
	require.NoError(t, err)
	return n
}

// fill sets keys of about 130 bytes, half of which expire if the policy wants such.
func fill(t *testing.T, h *enginetest.Harness, prefix string, count int, expiring bool) {
	t.Helper()
	value := strings.Repeat("v", 100)
	for i := range count {
		args := []string{"SET", prefix + strconv.Itoa(i), value}
		if expiring {
			args = append(args, "EX", strconv.Itoa(1000+i))
		}
		require.Equal(t, "OK", h.Do("a", args...).Text)
	}
}

func TestEvictionKeepsMemoryWithinItsLimit(t *testing.T) {
	for _, policy := range []string{
		"allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
	} {
		t.Run(policy, func(t *testing.T) {
			h := enginetest.New(1)
			play(t, h, "CONFIG SET maxmemory 400kb maxmemory-policy "+policy)
			fill(t, h, "k", 6000, strings.HasPrefix(policy, "volatile"))
			assert.Less(t, infoNumber(t, h, "used_memory"), 410<<10)
			assert.Greater(t, infoNumber(t, h, "evicted_keys"), 2000)
			kept := h.Do("a", "DBSIZE").Text
			n, _ := strconv.Atoi(kept)
			assert.Greater(t, n, 1000, "no more is evicted than must be")
			h.CheckLaw(t)
		})
	}
}

func TestVolatilePoliciesSpareKeysWithoutExpiry(t *testing.T) {
	for _, policy := range []string{"volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl"} {
		t.Run(policy, func(t *testing.T) {
			h := enginetest.New(1)
			fill(t, h, "stays", 1000, false)
			fill(t, h, "goes", 1000, true)
			play(t, h, "CONFIG SET maxmemory 100kb maxmemory-policy "+policy)
			h.Advance(time.Second)
			assert.Equal(t, "OOM command not allowed when used memory > 'maxmemory'.", h.Do("a", "SET", "more", "1").Text)
			assert.Equal(t, "(integer) 1000", play(t, h, "DBSIZE"))
			assert.Equal(t, "(integer) 1", play(t, h, "EXISTS stays0"), "reads go on")
			assert.Equal(t, "(integer) 1", play(t, h, "DEL stays0"), "as does what frees memory")
			assert.Equal(t, 1000, infoNumber(t, h, "evicted_keys"))
		})
	}
}

func TestEvictionTakesTheOldestAndTheRarest(t *testing.T) {
	for _, test := range []struct {
		policy string
		use    func(h *enginetest.Harness, key string)
	}{
		{"allkeys-lru", func(h *enginetest.Harness, key string) { h.Do("a", "GET", key) }},
		{"allkeys-lfu", func(h *enginetest.Harness, key string) {
			for range 20 {
				h.Do("a", "GET", key)
			}
		}},
		{"volatile-ttl", func(h *enginetest.Harness, key string) { h.Do("a", "EXPIRE", key, "1000000") }},
	} {
		t.Run(test.policy, func(t *testing.T) {
			h := enginetest.New(1)
			play(t, h, "CONFIG SET maxmemory-policy "+test.policy)
			fill(t, h, "k", 2000, true)
			h.Advance(time.Minute)
			for i := range 200 {
				test.use(h, "k"+strconv.Itoa(i*10))
			}
			used := infoNumber(t, h, "used_memory")
			play(t, h, "CONFIG SET maxmemory "+strconv.Itoa(used/2))
			h.Advance(time.Second)
			lost := 0
			for i := range 200 {
				lost += 1 - int(len(h.Do("a", "GET", "k"+strconv.Itoa(i*10)).Text)/100)
			}
			assert.Greater(t, infoNumber(t, h, "evicted_keys"), 800)
			assert.Less(t, lost, 10, "of 200 keys in use")
		})
	}
}

func TestEvictionIsAnEffectAndAnEvent(t *testing.T) {
	h := enginetest.New(1)
	play(t, h, "CONFIG SET notify-keyspace-events Ee maxmemory-policy allkeys-random", "SET k "+strings.Repeat("x", 1000))
	h.Do("s", "SUBSCRIBE", "__keyevent@0__:evicted")
	play(t, h, "CONFIG SET maxmemory 1")
	assert.Equal(t, "DEL k", effects(t, h, "GET k"), "a read makes room, too")
	messages := h.Take("s")
	require.Len(t, messages, 1)
	assert.Equal(t, "k", messages[0].Items[2].Text)
	assert.Contains(t, play(t, h, "SET a 1"), "OOM", "nothing is left to evict, and an empty server is too large")
	h.CheckLaw(t)
}

func TestAnExecOfWritesIsRefusedWithoutRoom(t *testing.T) {
	h := enginetest.New(1)
	play(t, h, "SET k 1", "MULTI", "APPEND k 2")
	h.Do("b", "CONFIG", "SET", "maxmemory", "1")
	assert.Equal(t, "(error) EXECABORT Transaction discarded because of: OOM command not allowed when used memory > 'maxmemory'.",
		play(t, h, "EXEC"))
}

func TestEvictionGoesOnInSteps(t *testing.T) {
	h := enginetest.New(1)
	fill(t, h, "k", 5000, false)
	play(t, h, "CONFIG SET maxmemory-policy allkeys-lru maxmemory-eviction-tenacity 0 maxmemory 200kb", "GET k")
	first := infoNumber(t, h, "evicted_keys")
	assert.Less(t, first, 100)
	h.Advance(time.Second)
	assert.Greater(t, infoNumber(t, h, "evicted_keys"), 3000)
	assert.LessOrEqual(t, infoNumber(t, h, "used_memory"), 200<<10)
}

func TestUseIsCountedUnderAnLFUPolicy(t *testing.T) {
	h := enginetest.New(1)
	assert.Contains(t, play(t, h, "SET k 1", "OBJECT FREQ k"), "An LFU maxmemory policy is not selected")
	play(t, h, "CONFIG SET maxmemory-policy allkeys-lfu", "DEL k", "SET k 1")
	assert.Equal(t, "(integer) 5", play(t, h, "OBJECT FREQ k"))
	assert.Equal(t, "(integer) 6", play(t, h, "GET k", "OBJECT FREQ k"), "the first use always counts")
	assert.Contains(t, play(t, h, "OBJECT IDLETIME k"), "An LFU maxmemory policy is selected")
	for range 1000 {
		play(t, h, "INCR k")
	}
	count := infoUse(t, h)
	assert.Greater(t, count, 12)
	assert.Less(t, count, 30)
	h.Advance(3 * time.Minute)
	assert.Equal(t, count-3, infoUse(t, h), "it sinks with time")
	play(t, h, "CONFIG SET lfu-decay-time 0")
	assert.Equal(t, count, infoUse(t, h))
	play(t, h, "CONFIG SET lfu-log-factor 0 lfu-decay-time 1")
	for range 300 {
		play(t, h, "GET k")
	}
	assert.Equal(t, 255, infoUse(t, h))
}

func infoUse(t *testing.T, h *enginetest.Harness) int {
	n, err := strconv.Atoi(h.Do("a", "OBJECT", "FREQ", "k").Text)
	require.NoError(t, err)
	return n
}

func TestSnapshotsTellOfUse(t *testing.T) {
	for policy, question := range map[string]string{"allkeys-lfu": "FREQ", "allkeys-lru": "IDLETIME"} {
		h := enginetest.New(1, "maxmemory-policy", policy)
		play(t, h, "SET k 1", "GET k", "HSET h a 1")
		h.Advance(20 * time.Second)
		before := play(t, h, "OBJECT "+question+" k")
		again := enginetest.New(2, "maxmemory-policy", policy)
		again.At(h.Now)
		require.NoError(t, enginetest.Load(again.Engine, h.Now, h.Snapshot(), 7))
		assert.Equal(t, before, play(t, again, "OBJECT "+question+" k"))
	}
}
