package engine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestPipelineRunsAsIfReadOneByOne feeds pipelines whose requests change how the rest must be read or
// run, whole and byte by byte: the replies are the same.
func TestPipelineRunsAsIfReadOneByOne(t *testing.T) {
	for name, pipeline := range map[string]string{
		"an error in the middle":   "SET a 1\r\n*1\r\n+bad\r\nSET a 2\r\n",
		"an error behind an error": "SET a\r\nSET b 1\r\n*x\r\n",
		"limits that change":       "CONFIG SET proto-max-bulk-len 1048576\r\n*2\r\n$4\r\nECHO\r\n$1048577\r\n" + strings.Repeat("x", 1048577) + "\r\nPING\r\n",
		"a blocked request":        "RPUSH l a\r\nBLPOP l 0\r\nBLPOP l 0\r\nPING\r\n",
		"a pause":                  "SET a 1\r\nCLIENT PAUSE 1000 WRITE\r\nGET a\r\nSET a 2\r\nGET a\r\n",
		"a password":               "CONFIG SET requirepass x\r\nPING\r\nRESET\r\nPING\r\nAUTH x\r\nPING\r\n",
		"another protocol":         "HELLO 3\r\nHGETALL none\r\nHELLO 2\r\nHGETALL none\r\n",
		"another database":         "SET a 1\r\nSELECT 1\r\nGET a\r\nSELECT 0\r\nGET a\r\n",
		"an end":                   "PING\r\nQUIT\r\nPING\r\n",
		"empty requests":           "\r\n*0\r\nPING\r\n*-1\r\nPING\r\n",
		"more than is read ahead":  strings.Repeat("INCR n\r\n", 3*aheadMost+1) + "*2\r\n$3\r\nGET\r\n$1\r\nn",
	} {
		t.Run(name, func(t *testing.T) {
			whole, bytewise := answer([]byte(pipeline), len(pipeline)), answer([]byte(pipeline), 1)
			assert.Equal(t, bytewise, whole)
			assert.NotEmpty(t, whole)
		})
	}
}

// answer is what a fresh engine replies to input that comes in pieces of that size.
func answer(input []byte, size int) string {
	e := New(Config{Seed: 1})
	c := e.Open(1e15, Peer{})
	for len(input) > 0 {
		n := min(size, len(input))
		e.Feed(1e15, c, input[:n])
		input = input[n:]
	}
	return string(c.Out())
}

// TestWarmedKeysAreRead reads so many keys in pipelines that warming looks at all of them, present
// and absent.
func TestWarmedKeysAreRead(t *testing.T) {
	const keys = 20_000
	e := New(Config{Seed: 1})
	c := e.Open(1e15, Peer{})
	for i := 0; i < keys; i += 2 {
		e.Feed(1e15, c, fmt.Appendf(nil, "SET key:%d %d\r\nMSET a 1 b 2\r\n", i, i))
	}
	c.Sent(len(c.Out()))
	var request []byte
	expected := ""
	for i := range keys {
		request = fmt.Appendf(request, "*2\r\n$3\r\nGET\r\n$%d\r\nkey:%d\r\n", len(fmt.Sprint("key:", i)), i)
		if i%2 == 0 {
			expected += fmt.Sprintf("$%d\r\n%d\r\n", len(fmt.Sprint(i)), i)
		} else {
			expected += "$-1\r\n"
		}
	}
	e.Feed(1e15, c, request)
	assert.Equal(t, expected, string(c.Out()))
	assert.NotZero(t, e.ahead.warmth)
}

// TestMembersAreWhereTheRowsSay checks the word that is warmed in a value with a table.
func TestMembersAreWhereTheRowsSay(t *testing.T) {
	e := New(Config{Seed: 1})
	for name, member := range map[string]int{
		"SADD": 2, "SISMEMBER": 2, "HSET": 2, "HGET": 2, "HINCRBY": 2, "ZADD": 1, "ZSCORE": 2, "ZINCRBY": 1, "ZREM": 2,
		"GET": 0, "SET": 0, "LPUSH": 0, "SMOVE": 0, "ZRANGE": 0, "PING": 0, "XADD": 0, "SPOP": 0,
	} {
		row := e.commands.findName([]byte(name))
		row.keys()
		assert.Equal(t, member, row.member, name)
	}
}

// TestWarmedMembersAreFound looks members of large values up in pipelines.
func TestWarmedMembersAreFound(t *testing.T) {
	e := New(Config{Seed: 1})
	c := e.Open(1e15, Peer{})
	for i := range 10_000 {
		e.Feed(1e15, c, fmt.Appendf(nil, "SADD s m%d\r\nHSET h m%d %d\r\nZADD z %d m%d\r\n", i, i, i, i, i))
	}
	c.Sent(len(c.Out()))
	e.ahead.warmth = 0
	request, expected := []byte(nil), ""
	for i := range 64 {
		request = fmt.Appendf(request, "SISMEMBER s m%d\r\nSADD s m%d\r\n", i*200, i*200)
		request = fmt.Appendf(request, "HGET h m%d\r\nHGET h\r\nHGET h m%d\r\nZADD z %d m%d\r\n", i, i, i, i)
		was := min(1, i/50)
		expected += fmt.Sprintf(":%d\r\n:%d\r\n", 1-was, was)
		text := fmt.Sprint(i)
		bulk := fmt.Sprintf("$%d\r\n%s\r\n", len(text), text)
		expected += bulk + "-ERR wrong number of arguments for 'hget' command\r\n" + bulk + ":0\r\n"
	}
	e.Feed(1e15, c, request)
	assert.Equal(t, expected, string(c.Out()))
	assert.NotZero(t, e.ahead.warmth)
}
