package engine

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// newTimed makes an engine whose stopwatch advances by step nanoseconds with every look, and counts them.
func newTimed(step int64) (e *Engine, c *Client, looks *int) {
	looks = new(int)
	e = New(Config{Seed: 1, Stopwatch: func() int64 { *looks++; return int64(*looks) * step }})
	return e, e.Open(1e15, Peer{}), looks
}

func TestQuickCommandsShareTheirLap(t *testing.T) {
	e, c, looks := newTimed(1000)
	e.Feed(1e15, c, []byte(strings.Repeat("SET a 1\r\nGET a\r\nGET a\r\nGET a\r\n", 8)))
	assert.Equal(t, 2, *looks, "one at the start and one at the end")
	assert.EqualValues(t, 750, e.commands.findName([]byte("GET")).nanos)
	assert.EqualValues(t, 250, e.commands.findName([]byte("SET")).nanos)
	assert.EqualValues(t, 24, e.commands.findName([]byte("GET")).calls)
}

func TestWhatMayBeSlowHasALapOfItsOwn(t *testing.T) {
	for request, own := range map[string]bool{
		"GET a": false, "LPOP l": false, "LPOP l 1000000": true, "KEYS *": true, "SORT l": true,
		"SADD s 1 2 3": false, "SADD s 1 2 3 4 5 6 7 8 9": true, "SET a " + strings.Repeat("x", 2000): true,
		"PING": false, "EXISTS a": false, "DEL a": true,
	} {
		e, c, looks := newTimed(1000)
		e.Feed(1e15, c, []byte("SET b 1\r\n"+request+"\r\nSET b 1\r\n"))
		expected := 2 // at the start, at the end
		if own {
			expected = 4 // and before and after the command
		}
		assert.Equal(t, expected, *looks, request)
	}
}

func TestSlowlogOfShortTimesHasEveryCommandTimed(t *testing.T) {
	e, c, looks := newTimed(1000)
	e.settings.slowerThan = 0
	e.Feed(1e15, c, []byte("SET a 1\r\nGET a\r\n"))
	assert.Equal(t, 3, *looks)
	assert.Len(t, e.slowlog.entries, 2)
}

// TestAStallIsLogged: a lap of quick commands that took as long as a slow one was held up by something.
func TestAStallIsLogged(t *testing.T) {
	e, c, _ := newTimed(20e6)
	e.Feed(1e15, c, []byte("SET a 1\r\nGET a\r\n"))
	assert.Len(t, e.slowlog.entries, 1)
	assert.EqualValues(t, 20_000, e.slowlog.entries[0].took)
	assert.Equal(t, "GET", string(e.slowlog.entries[0].argv[0]))
}

// TestTimesOfATransactionAreItsCommandsTimes: each command of EXEC has its own time, EXEC that of all.
func TestTimesOfATransactionAreItsCommandsTimes(t *testing.T) {
	e, c, _ := newTimed(1000)
	e.Feed(1e15, c, []byte("MULTI\r\nSET a 1\r\nSET a 2\r\nEXEC\r\n"))
	assert.EqualValues(t, 2000, e.commands.findName([]byte("SET")).nanos)
	assert.EqualValues(t, 3000, e.commands.findName([]byte("EXEC")).nanos)
}
