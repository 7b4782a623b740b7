package main_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const endlessLibrary = "#!lua name=endless\nredis.register_function('run', function() while true do end end)"

// runEndlessly sends a request that does not end by itself, and returns its reply to come and another client,
// once the server says that it is busy.
func runEndlessly(p *process, words ...string) (reply <-chan string, other *client) {
	runner, ended := p.dial(), make(chan string, 1)
	go func() {
		text, err := runner.try(words...)
		if err != nil {
			text = err.Error()
		}
		ended <- text
	}()
	other = p.dial()
	busy := func() bool { return strings.HasPrefix(other.do("PING"), "BUSY ") }
	require.Eventually(p.t, busy, 20*time.Second, time.Millisecond)
	return ended, other
}

// TestBusyScripts: a script that does not end lets others in after a while, who may kill it.
func TestBusyScripts(t *testing.T) {
	p := start(t, t.TempDir(), "--busy-reply-threshold", "10")
	require.Equal(t, "endless", p.dial().do("FUNCTION", "LOAD", endlessLibrary))
	tests := []struct {
		name     string
		request  []string
		kill     string
		notKill  string
		stats    string // that FUNCTION STATS tells of: only functions
		lastWord string
	}{
		{"script", []string{"EVAL", "while true do end", "0"}, "SCRIPT", "FUNCTION", "BUSY ", "SCRIPT KILL"},
		{"guarded script", []string{"EVAL", "while true do pcall(function() while true do end end) end", "0"},
			"SCRIPT", "FUNCTION", "BUSY ", "SCRIPT KILL"},
		{"function", []string{"FCALL", "run", "0"}, "FUNCTION", "SCRIPT", "FCALL", "FUNCTION KILL"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			reply, other := runEndlessly(p, test.request...)
			late := p.dial()
			assert.Contains(t, late.do("SET", "k", "v"), test.kill+" KILL or SHUTDOWN NOSAVE")
			assert.Contains(t, late.do(test.notKill, "KILL"), "BUSY ")
			assert.Contains(t, other.do("FUNCTION", "STATS"), test.stats)
			assert.Equal(t, "OK", other.do(test.kill, "KILL"))
			assert.Contains(t, <-reply, test.lastWord)
			assert.Equal(t, "(nil)", late.do("GET", "k"))
			assert.Contains(t, other.do(test.kill, "KILL"), "NOTBUSY ")
		})
	}
}

// TestBusyScriptsThatHaveWritten: such a script cannot be taken back, so only the end of the server ends it.
func TestBusyScriptsThatHaveWritten(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir, "--busy-reply-threshold", "10", "--appendonly", "yes", "--appendfsync", "always")
	require.Equal(t, "OK", p.dial().do("SET", "before", "kept"))
	reply, other := runEndlessly(p, "EVAL", "redis.call('SET', 'k', 'v') while true do end", "0")
	assert.Contains(t, other.do("SCRIPT", "KILL"), "UNKILLABLE ")
	assert.Contains(t, other.do("GET", "k"), "BUSY ")
	_, err := other.conn.Write(request("SHUTDOWN", "NOSAVE"))
	require.NoError(t, err)
	select {
	case <-p.ended:
	case <-time.After(20 * time.Second):
		require.FailNow(t, "the server does not stop")
	}
	assert.NotEqual(t, "v", <-reply)
	// What the script wrote never became whole.
	again := start(t, dir, "--appendonly", "yes").dial()
	assert.Equal(t, "kept", again.do("GET", "before"))
	assert.Equal(t, "(nil)", again.do("GET", "k"))
}

// TestBusyScriptsAnswerACrowd: whoever calls in the moment when such a script begins is answered as well.
func TestBusyScriptsAnswerACrowd(t *testing.T) {
	for _, threads := range []string{"1", "4"} {
		t.Run("io-threads "+threads, func(t *testing.T) {
			p := start(t, t.TempDir(), "--busy-reply-threshold", "10", "--io-threads", threads, "--io-threads-do-reads", "yes")
			crowd := make([]*client, 64)
			for i := range crowd {
				crowd[i] = p.dial()
				require.Equal(t, "PONG", crowd[i].do("PING"))
			}
			for range 5 {
				ended := make(chan string, 1)
				runner := crowd[len(crowd)/2]
				for _, c := range crowd {
					c.conn.SetDeadline(time.Now().Add(20 * time.Second))
					words := []string{"PING"}
					if c == runner {
						words = []string{"EVAL", "while true do end", "0"}
					}
					_, err := c.conn.Write(request(words...))
					require.NoError(t, err)
				}
				for _, c := range crowd {
					if c == runner {
						go func() {
							reply, _ := readReply(c.in)
							ended <- reply
						}()
						continue
					}
					reply, err := readReply(c.in)
					require.NoError(t, err)
					assert.Regexp(t, "^(PONG$|BUSY )", reply)
				}
				for crowd[0].do("SCRIPT", "KILL") != "OK" {
				}
				assert.Contains(t, <-ended, "SCRIPT KILL")
			}
		})
	}
}
