package engine_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"riffle/engine/enginetest"
)

func TestDigestsAreOfTheDataAlone(t *testing.T) {
	data := []string{
		"SET s hello", "SET n 12345", "RPUSH l a b 3", "SADD i 1 2 3", "SADD m a b 7", "ZADD z 1.5 a -inf b 1e20 c 0.1 d",
		"HSET h f v g 17", "XADD x 1-1 a b c d", "XADD x 2-0 a 1", "SELECT 3", "SET e 1", "EXPIRE e 1000",
	}
	h := enginetest.New(1, "enable-debug-command", "yes")
	assert.Equal(t, "0000000000000000000000000000000000000000", play(t, h, "DEBUG DIGEST"))
	play(t, h, data...)
	first := play(t, h, "DEBUG DIGEST")
	large := enginetest.New(7, "enable-debug-command", "yes", "hash-max-listpack-entries", "0", "set-max-intset-entries", "0",
		"zset-max-listpack-entries", "0", "list-max-listpack-size", "1")
	play(t, large, data...)
	assert.Equal(t, first, play(t, large, "DEBUG DIGEST"), "whatever the encodings and the order")
	assert.Equal(t, "OK", play(t, large, "DEBUG RELOAD"))
	assert.Equal(t, first, play(t, large, "DEBUG DIGEST"))
	assert.NotEqual(t, first, play(t, large, "PERSIST e", "DEBUG DIGEST"))
	assert.Equal(t, "1) 0000000000000000000000000000000000000000", play(t, h, "DEBUG DIGEST-VALUE none"))
}

func TestDebugDescribesTables(t *testing.T) {
	h := enginetest.New(1, "enable-debug-command", "yes", "set-max-listpack-entries", "2")
	play(t, h, "SET k v EX 100", "HSET small a b", "SADD large a b c d e")
	assert.Contains(t, play(t, h, "DEBUG HTSTATS 0"), "keys: 3")
	assert.Equal(t, "(error) ERR Out of range database", play(t, h, "DEBUG HTSTATS 99"))
	assert.Equal(t, "(error) ERR value is not an integer or out of range", play(t, h, "DEBUG HTSTATS x"))
	assert.Contains(t, play(t, h, "DEBUG HTSTATS-KEY large"), "keys: 5")
	assert.Contains(t, play(t, h, "DEBUG HTSTATS-KEY small"), "not represented using an hash table")
	assert.Equal(t, "(error) ERR no such key", play(t, h, "DEBUG HTSTATS-KEY none"))
	assert.Contains(t, play(t, h, "DEBUG LISTPACK small"), "Listpack of ")
	assert.Equal(t, "(error) ERR Not a listpack encoded object.", play(t, h, "DEBUG LISTPACK k"))
	assert.Equal(t, "(error) ERR no such key", play(t, h, "DEBUG LISTPACK none"))
	assert.Equal(t, "OK", play(t, h, "DEBUG QUICKLIST-PACKED-THRESHOLD 100b"))
	assert.Contains(t, play(t, h, "DEBUG QUICKLIST-PACKED-THRESHOLD 5gb"), "smaller than 4gb")
	assert.Equal(t, "(error) ERR This server does not crash on request", play(t, h, "DEBUG SEGFAULT"))
}
