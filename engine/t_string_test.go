package engine_test

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"riffle/engine"
	"riffle/engine/enginetest"
)

// play runs lines for one client and returns the last reply as redis-cli prints it.
func play(t *testing.T, h *enginetest.Harness, lines ...string) (last string) {
	t.Helper()
	for _, line := range lines {
		args, err := enginetest.Split(line)
		require.NoError(t, err)
		last = enginetest.Format(h.Do("a", args...))
	}
	return last
}

// effects runs a line and returns what the journal got for it, a command a line.
func effects(t *testing.T, h *enginetest.Harness, line string) string {
	t.Helper()
	mark := len(h.Journal)
	play(t, h, line)
	commands, err := enginetest.Commands(h.Journal[mark:])
	require.NoError(t, err)
	var out []string
	for _, args := range commands {
		if args[0] != "SELECT" {
			out = append(out, enginetest.Quote(args))
		}
	}
	return strings.Join(out, "\n")
}

func TestStringEncodings(t *testing.T) {
	for _, test := range []struct{ do, want string }{
		{"SET k 12", "int"},
		{"SET k -9223372036854775808", "int"},
		{"SET k 9223372036854775808", "embstr"},
		{"SET k 012", "embstr"},
		{"SET k " + strings.Repeat("x", 44), "embstr"},
		{"SET k " + strings.Repeat("x", 45), "raw"},
		{`SET k ""`, "embstr"},
		{"APPEND k 1", "int"},
		{"SETRANGE k 0 1", "raw"},
		{"INCRBYFLOAT k 1", "embstr"},
		{"SET k 1;APPEND k 2", "raw"},
		{"SET k 12;SETRANGE k 0 3", "raw"},
		{"SET k 1;APPEND k 2;INCR k", "int"},
		{"SET k 1;APPEND k 2;GETSET k 5", "int"},
		{"SET j 1;APPEND j 2;RENAME j k", "raw"},
		{"SET j 1;APPEND j 2;COPY j k", "raw"},
		{"SET j 1 EX 100;APPEND j 2;COPY j k", "raw"},
	} {
		h := enginetest.New(1)
		play(t, h, strings.Split(test.do, ";")...)
		assert.Equal(t, `"`+test.want+`"`, play(t, h, "OBJECT ENCODING k"), test.do)
		h.CheckLaw(t)
	}
}

// The times of effects are absolute; the harness begins at 1,700,000,000 seconds.
func TestStringEffects(t *testing.T) {
	for _, test := range []struct{ before, do, want string }{
		{"", "SET k v", "SET k v"},
		{"", "SET k v EX 10", "SET k v PXAT 1700000010000"},
		{"", "SET k v PX 10", "SET k v PXAT 1700000000010"},
		{"", "SET k v EXAT 1800000000", "SET k v PXAT 1800000000000"},
		{"", "SET k v GET KEEPTTL", "SET k v KEEPTTL"},
		{"SET k 1", "SET k v NX", ""},
		{"", "SET k v NX GET", "SET k v"},
		{"", "SET k v XX", ""},
		{"", "SETNX k v", "SET k v"},
		{"", "SETEX k 10 v", "SET k v PXAT 1700000010000"},
		{"", "PSETEX k 10 v", "SET k v PXAT 1700000000010"},
		{"SET k 1", "GETSET k v", "SET k v"},
		{"SET k 1", "GETDEL k", "DEL k"},
		{"", "GETDEL k", ""},
		{"SET k 1", "GETEX k", ""},
		{"SET k 1", "GETEX k EX 10", "PEXPIREAT k 1700000010000"},
		{"SET k 1", "GETEX k PXAT 5", "DEL k"},
		{"SET k 1", "GETEX k PERSIST", ""},
		{"SET k 1 EX 5", "GETEX k PERSIST", "PERSIST k"},
		{"", "INCR k", "INCR k"},
		{"SET k x", "INCR k", ""},
		{"SET k 1", "INCRBYFLOAT k 0.5", "SET k 1.5 KEEPTTL"},
		{"", "MSET a 1 b 2", "MSET a 1 b 2"},
		{"SET b 1", "MSETNX a 1 b 2", ""},
		{"", "APPEND k v", "APPEND k v"},
		{"", "SETRANGE k 1 v", "SETRANGE k 1 v"},
		{"", `SETRANGE k 1 ""`, ""},
		{"SET a 1 PX 1", "GET a", ""},
	} {
		h := enginetest.New(1)
		if test.before != "" {
			play(t, h, test.before)
		}
		assert.Equal(t, test.want, effects(t, h, test.do), "%s; %s", test.before, test.do)
		h.CheckLaw(t)
	}
}

// TestStringsGrowInPlace grows strings by every command that does, with and without an expiry, and
// compares with what Go's own slices say.
func TestStringsGrowInPlace(t *testing.T) {
	for _, before := range []string{"SET k x", "SET k x EX 1000"} {
		h := enginetest.New(1)
		play(t, h, before)
		want := []byte("x")
		for i := range 150 {
			text := strings.Repeat(strconv.Itoa(i%10), i*i%47+1)
			if i%3 == 0 {
				offset := max(0, len(want)+i%13-5)
				want = append(want, make([]byte, max(0, offset+len(text)-len(want)))...)
				copy(want[offset:], text)
				play(t, h, "SETRANGE k "+strconv.Itoa(offset)+" "+text)
			} else {
				want = append(want, text...)
				play(t, h, "APPEND k "+text)
			}
			require.Equal(t, string(want), h.Do("a", "GET", "k").Text)
		}
		assert.Equal(t, strings.Contains(before, "EX"), play(t, h, "TTL k") == "(integer) 1000")
		assert.NoError(t, h.LawOfReplay())
	}
}

// TestSetKeepsExpiriesInStep changes keys between having an expiry and having none, through values
// of all sizes, and looks whether each still expires when it should.
func TestSetKeepsExpiriesInStep(t *testing.T) {
	h := enginetest.New(1)
	for i := range 400 {
		key := "k" + strconv.Itoa(i%7)
		value := strings.Repeat("v", i*i%301)
		switch i % 5 {
		case 0:
			h.Do("a", "SET", key, value, "EX", strconv.Itoa(i+1))
		case 1:
			h.Do("a", "SET", key, value)
		case 2:
			h.Do("a", "SET", key, value, "KEEPTTL")
		case 3:
			h.Do("a", "EXPIRE", key, "100")
		case 4:
			h.Do("a", "RENAME", key, "k"+strconv.Itoa(i%6))
		}
	}
	h.CheckLaw(t)
	left, err := strconv.Atoi(strings.TrimPrefix(play(t, h, "DBSIZE"), "(integer) "))
	require.NoError(t, err)
	for i := range 7 {
		if ttl := h.Do("a", "TTL", "k"+strconv.Itoa(i)).Text; ttl != "-1" && ttl != "-2" {
			left--
		}
	}
	h.Advance(1000e9)
	assert.Equal(t, "(integer) "+strconv.Itoa(left), play(t, h, "DBSIZE"))
}

func TestHotPathsAllocateNothing(t *testing.T) {
	e := engine.New(engine.Config{Seed: 1, Journal: true})
	c := e.Open(1, engine.Peer{})
	var requests []byte
	for _, args := range [][]string{
		{"SET", "key:000000000001", "value-of-16-bytes"}, {"GET", "key:000000000001"}, {"INCR", "counter"},
		{"MSET", "a", "1", "b", "2"}, {"SET", "volatile", "1", "EX", "100"}, {"EXPIRE", "volatile", "50"}, {"EXISTS", "a"},
	} {
		requests = enginetest.AppendCommand(requests, args...)
	}
	run := func() {
		e.Feed(1, c, requests)
		c.Sent(len(c.Out()))
		e.Ready()
	}
	run()
	assert.Zero(t, testing.AllocsPerRun(1000, run))
}

func TestLongStringsAreRefused(t *testing.T) {
	h := enginetest.New(1, "proto-max-bulk-len", "1048576")
	const refusal = "(error) ERR string exceeds maximum allowed size (proto-max-bulk-len)"
	assert.Equal(t, "(integer) 1048576", play(t, h, "SETRANGE k 1048575 x"))
	assert.Equal(t, refusal, play(t, h, "SETRANGE k 1048576 x"))
	assert.Equal(t, refusal, play(t, h, "APPEND k x"))
	assert.Equal(t, refusal, play(t, h, "SETRANGE new 9223372036854775807 x"))
	assert.Equal(t, "(integer) 0", play(t, h, "EXISTS new"))
	play(t, h, "SETRANGE a 1024 x", "SETRANGE b 1024 x")
	assert.Contains(t, play(t, h, "LCS a b"), "transient memory for LCS exceeds proto-max-bulk-len")
}

// lcsLength is the textbook's table.
func lcsLength(a, b []byte) int {
	table := make([][]int, len(a)+1)
	for i := range table {
		table[i] = make([]int, len(b)+1)
	}
	for i := range a {
		for j := range b {
			if a[i] == b[j] {
				table[i+1][j+1] = table[i][j] + 1
			} else {
				table[i+1][j+1] = max(table[i][j+1], table[i+1][j])
			}
		}
	}
	return table[len(a)][len(b)]
}

func FuzzLCS(f *testing.F) {
	f.Add([]byte("ohmytext"), []byte("mynewtext"))
	f.Add([]byte("abcbdab"), []byte("bdcaba"))
	f.Add([]byte(""), []byte("x"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		a, b = a[:min(len(a), 200)], b[:min(len(b), 200)]
		h := enginetest.New(1)
		h.Do("a", "SET", "a", string(a))
		h.Do("a", "SET", "b", string(b))
		text := h.Do("a", "LCS", "a", "b").Text
		assert.Len(t, text, lcsLength(a, b))
		assert.Equal(t, strconv.Itoa(len(text)), h.Do("a", "LCS", "a", "b", "LEN").Text)
		for _, whole := range [][]byte{a, b} {
			at := 0
			for i := range len(text) {
				next := bytes.IndexByte(whole[at:], text[i])
				require.GreaterOrEqual(t, next, 0, "%q is no subsequence of %q", text, whole)
				at += next + 1
			}
		}
	})
}
