package engine_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"riffle/engine/enginetest"
)

func TestSketchEffects(t *testing.T) {
	const corrupt = `SET k "HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x00"`
	for _, test := range []struct{ before, do, want string }{
		{"", "PFADD k", "PFADD k"},
		{"", "PFADD k a", "PFADD k a"},
		{"PFADD k a", "PFADD k a", ""},
		{"PFADD k a", "PFCOUNT k", "PFCOUNT k"},
		{"", "PFCOUNT k", ""},
		{"PFADD k a", "PFCOUNT k j", ""},
		{"PFADD k a", "PFMERGE j k", "PFMERGE j k"},
		{"PFADD k a", "PFDEBUG ENCODING k", ""},
		{"PFADD k a", "PFDEBUG GETREG k", "PFDEBUG GETREG k"},
		{"PFADD k a", "PFDEBUG TODENSE k", "PFDEBUG TODENSE k"},
		{corrupt, "PFADD k a", ""},
		{corrupt, "PFCOUNT k", ""},
		{corrupt, "PFDEBUG TODENSE k", ""},
	} {
		h := enginetest.New(1)
		if test.before != "" {
			play(t, h, test.before)
		}
		assert.Equal(t, test.want, effects(t, h, test.do), "%s; %s", test.before, test.do)
		h.CheckLaw(t)
	}
}

func TestCountIsRemembered(t *testing.T) {
	h := enginetest.New(1)
	play(t, h, "PFADD k a b c")
	assert.Equal(t, "PFCOUNT k", effects(t, h, "PFCOUNT k"))
	assert.Equal(t, "", effects(t, h, "PFCOUNT k"))
	assert.Equal(t, "\x03\x00\x00\x00\x00\x00\x00\x00", h.Do("a", "GETRANGE", "k", "8", "15").Text)
	h.CheckLaw(t)
}

// TestCountIsNotRememberedWhileWritesAreRefused: PFCOUNT is for reading, so it goes on.
func TestCountIsNotRememberedWhileWritesAreRefused(t *testing.T) {
	h := enginetest.New(1)
	play(t, h, "PFADD k a b c")
	h.Refuse("the disk is full")
	assert.Equal(t, "(integer) 3", play(t, h, "PFCOUNT k"))
	assert.Equal(t, "\x80", h.Do("a", "GETRANGE", "k", "15", "15").Text)
	assert.Contains(t, play(t, h, "PFADD k d"), "MISCONF")
}

// TestSketchesGrowInPlace lets sketches grow from nothing to dense among other keys, with and without an
// expiry, and compares their counts.
func TestSketchesGrowInPlace(t *testing.T) {
	h := enginetest.New(1)
	for i := range 3000 {
		element := strconv.Itoa(i)
		h.Do("a", "PFADD", "plain", element)
		h.Do("a", "PFADD", "volatile", element)
		if i == 0 {
			h.Do("a", "EXPIRE", "volatile", "1000")
		}
		if i%100 == 0 {
			h.Do("a", "SET", "k"+element, element)
			require.Equal(t, h.Do("a", "PFCOUNT", "plain"), h.Do("a", "PFCOUNT", "volatile", "none"))
		}
	}
	assert.Equal(t, "dense", play(t, h, "PFDEBUG ENCODING plain"))
	assert.Equal(t, h.Do("a", "GETRANGE", "plain", "16", "-1"), h.Do("a", "GETRANGE", "volatile", "16", "-1"))
	assert.Equal(t, "(integer) 1000", play(t, h, "TTL volatile"))
	assert.NoError(t, h.LawOfReplay())
}

// FuzzSketchCommands sets a sketch of any bytes and runs every command on it.
func FuzzSketchCommands(f *testing.F) {
	f.Add([]byte("\x7f\xff"), "a")
	f.Add([]byte("\x7f"), "b")
	f.Add([]byte("\x40\x10\x80\x81\x82\x83\x00\x7f\xf0"), "")
	f.Fuzz(func(t *testing.T, runs []byte, element string) {
		h := enginetest.New(1)
		h.Do("a", "SET", "k", "HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80"+string(runs))
		h.Do("a", "SET", "copy", "HYLL\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80"+string(runs))
		h.Do("a", "PFDEBUG", "DECODE", "k")
		h.Do("a", "PFADD", "k", element, "x", "y")
		h.Do("a", "PFCOUNT", "k")
		h.Do("a", "PFMERGE", "m", "k", "copy")
		h.Do("a", "PFDEBUG", "TODENSE", "copy")
		h.Do("a", "PFADD", "copy", element)
		assert.NoError(t, h.LawOfReplay())
	})
}
