package engine_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"riffle/engine"
	"riffle/engine/enginetest"
	"riffle/engine/lua"
)

// slow is an engine whose clock goes on by a millisecond whenever it is read, with a host that acts
// while a script yields.
type slow struct {
	engine  *engine.Engine
	nanos   int64
	yields  int
	meeting func() bool
}

func newSlow() *slow {
	s := &slow{}
	s.engine = engine.New(engine.Config{
		Seed: 1, Journal: true, Scripts: lua.New(),
		Stopwatch: func() int64 { s.nanos += 1e6; return s.nanos },
		Yield:     func() bool { s.yields++; return s.meeting() },
	})
	return s
}

const slowStart = 1_700_000_000_000_000

// say sends a command and returns what the client has been answered so far, which is then gone.
func (s *slow) say(c *engine.Client, args ...string) string {
	s.engine.Feed(slowStart, c, enginetest.AppendCommand(nil, args...))
	s.engine.Ready()
	return s.take(c)
}

func (s *slow) take(c *engine.Client) string {
	out := string(c.Out())
	c.Sent(len(out))
	return out
}

func TestOthersAreToldOfABusyScriptAndMayKillIt(t *testing.T) {
	for _, function := range []bool{false, true} {
		s := newSlow()
		runner, other := s.engine.Open(slowStart, engine.Peer{}), s.engine.Open(slowStart, engine.Peer{})
		said := map[string]string{}
		s.meeting = func() bool {
			if s.yields > 1 {
				return true
			}
			said["get"] = s.say(other, "GET", "a")
			said["write"] = s.say(other, "SET", "a", "b")
			said["shutdown"] = s.say(other, "SHUTDOWN")
			said["stats"] = s.say(other, "FUNCTION", "STATS")
			said["script"] = s.say(other, "SCRIPT", "KILL")
			said["function"] = s.say(other, "FUNCTION", "KILL")
			said["runner"] = s.say(runner, "PING", "late")
			return true
		}
		kind, reply := "SCRIPT KILL", ""
		if function {
			kind = "FUNCTION KILL"
			s.say(runner, "FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function() while true do end end)")
			reply = s.say(runner, "FCALL", "f", "0")
		} else {
			reply = s.say(runner, "EVAL", "while true do pcall(function() while true do end end) end", "0")
		}
		busy := "-BUSY Redis is busy running a script. You can only call " + kind + " or SHUTDOWN NOSAVE.\r\n"
		assert.Equal(t, busy, said["get"])
		assert.Equal(t, busy, said["write"])
		assert.Equal(t, busy, said["shutdown"])
		assert.Empty(t, said["runner"])
		if function {
			assert.Contains(t, said["stats"], "duration_ms")
			assert.Equal(t, busy, said["script"])
			assert.Equal(t, "+OK\r\n", said["function"])
		} else {
			assert.Equal(t, busy, said["stats"], "which is about functions")
			assert.Equal(t, "+OK\r\n", said["script"])
			assert.Equal(t, busy, said["function"])
		}
		assert.Contains(t, reply, "killed by user with")
		assert.True(t, strings.HasSuffix(reply, "$4\r\nlate\r\n"), "what came late is answered afterwards: %q", reply)
		assert.Equal(t, "+PONG\r\n", s.say(other, "PING"))
	}
}

func TestAScriptThatHasWrittenIsNotKilledAndStaysOneUnit(t *testing.T) {
	s := newSlow()
	runner, other := s.engine.Open(slowStart, engine.Peer{}), s.engine.Open(slowStart, engine.Peer{})
	answer, journal := "", "?"
	s.meeting = func() bool {
		if s.yields == 1 {
			answer = s.say(other, "SCRIPT", "KILL")
			journal = string(s.engine.Ready().Journal)
		}
		return s.yields < 3
	}
	s.engine.Feed(slowStart, runner, enginetest.AppendCommand(nil, "EVAL",
		"redis.call('set','a',1) redis.call('set','b',1) while true do end", "0"))
	ready := s.engine.Ready()
	assert.True(t, strings.HasPrefix(answer, "-UNKILLABLE "), answer)
	assert.Empty(t, journal, "half a unit is not for the log")
	assert.True(t, strings.HasPrefix(string(ready.Journal), "*1\r\n$5\r\nMULTI"), "%q", ready.Journal)
	assert.True(t, strings.HasSuffix(string(ready.Journal), "EXEC\r\n"), "%q", ready.Journal)
}

func TestWithoutAHostThatYieldsAScriptEnds(t *testing.T) {
	nanos := int64(0)
	e := engine.New(engine.Config{Scripts: lua.New(), Stopwatch: func() int64 { nanos += 1e7; return nanos }})
	c := e.Open(slowStart, engine.Peer{})
	e.Feed(slowStart, c, enginetest.AppendCommand(nil, "EVAL", "local co = coroutine.wrap(function() while true do end end) co()", "0"))
	assert.Contains(t, string(c.Out()), "-ERR Script ended after 5000 milliseconds")
	assert.NotContains(t, string(c.Out()), "changed")
	c = e.Open(slowStart, engine.Peer{})
	e.Feed(slowStart, c, enginetest.AppendCommand(nil, "CONFIG", "SET", "busy-reply-threshold", "50"))
	e.Feed(slowStart, c, enginetest.AppendCommand(nil, "EVAL", "redis.call('set', 'k', 'v') while true do end", "0"))
	assert.Contains(t, string(c.Out()), "-ERR Script ended after 50 milliseconds")
	assert.Contains(t, string(c.Out()), "CONFIG SET busy-reply-threshold allows more. What it has changed so far stays.")
	steps := engine.New(engine.Config{Scripts: lua.New(), ScriptSteps: 100_000})
	c = steps.Open(slowStart, engine.Peer{})
	steps.Feed(slowStart, c, enginetest.AppendCommand(nil, "EVAL", "return string.find(string.rep('a', 5000), string.rep('.-', 50)..'b')", "0"))
	assert.Contains(t, string(c.Out()), "more steps")
}

func TestWithoutAnInterpreterLibrariesAreKept(t *testing.T) {
	with := engine.New(engine.Config{Scripts: lua.New(), Journal: true})
	c := with.Open(slowStart, engine.Peer{})
	with.Feed(slowStart, c, enginetest.AppendCommand(nil, "FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function() return 7 end)"))
	journal := append([]byte(nil), with.Ready().Journal...)

	without := engine.New(engine.Config{})
	_, err := without.Apply(slowStart, journal)
	assert.NoError(t, err)
	c = without.Open(slowStart, engine.Peer{})
	without.Feed(slowStart, c, enginetest.AppendCommand(nil, "FCALL", "f", "0"))
	assert.Equal(t, "-ERR Scripts are not part of this build\r\n", string(c.Out()))
	snapshot := without.Snapshot(slowStart)
	picture, _ := snapshot.Next(1 << 20)

	again := engine.New(engine.Config{Scripts: lua.New()})
	chunks := [][]byte{append([]byte(nil), picture...), nil}
	_, err = again.Load(slowStart, func() ([]byte, error) { chunk := chunks[0]; chunks = chunks[1:]; return chunk, nil })
	assert.NoError(t, err)
	c = again.Open(slowStart, engine.Peer{})
	again.Feed(slowStart, c, enginetest.AppendCommand(nil, "FCALL", "f", "0"))
	assert.Equal(t, ":7\r\n", string(c.Out()))
}

// TestAStackMayOverflowAnywhere: where the machine of the interpreter loses its place, it is given another.
func TestAStackMayOverflowAnywhere(t *testing.T) {
	e := engine.New(engine.Config{Scripts: lua.New()})
	c := e.Open(slowStart, engine.Peer{})
	wide := strings.Repeat("1, ", 120)
	for range 2 {
		e.Feed(slowStart, c, enginetest.AppendCommand(nil, "EVAL", "local function f(...) return f("+wide+"...) end return f()", "0"))
		assert.Contains(t, string(c.Out()), "stack overflow")
		e.Ready()
		c.Sent(len(c.Out()))
		e.Feed(slowStart, c, enginetest.AppendCommand(nil, "EVAL", "local co = coroutine.wrap(function() coroutine.yield(7) end) return co()", "0"))
		assert.Equal(t, ":7\r\n", string(c.Out()))
		e.Ready()
		c.Sent(len(c.Out()))
	}
}

// FuzzScript: no script crashes the engine, hangs it, or leaves it unable to answer.
func FuzzScript(f *testing.F) {
	for _, seed := range []string{
		"return 1", "return {1,{2},a=3}", "x = 1", "local t = {} t[1] = t return t", "return string.rep('x', 1e9)",
		"local function f() return f() + 1 end return f()", "local function f() return pcall(f) end return f()",
		"return cjson.decode(string.rep('[', 5000))", "local t = {} t[1] = t return cmsgpack.pack(t)",
		"return string.format('%99.99f', 1e308)", "return struct.unpack('c0', 'x')", "while true do end", "for i = 1, 1e9 do end",
		"return redis.call('set', 'a', string.rep('x', 100))", "return loadstring('return ' .. string.rep('(', 300))",
		"local s = setmetatable({}, {__index = function(t, k) return t[k] end}) return s.x", "return ('x'):rep(50):find(('.-'):rep(30) .. 'y')",
		"return table.concat({}, 'x', 1, 2^31)", "return unpack({}, -2^31, 2^31)", "return select(-1)", "error(setmetatable({}, {__tostring = error}))",
		"return coroutine.wrap(function() return coroutine.yield(1) end)()", "goto x ::x::", "return [[", "\x1bLua", "#!lua flags=no-writes\nreturn 1",
		"local t = setmetatable({}, {__call = function(self) return self() end}) return t()", "return cmsgpack.unpack('\\221\\255\\255\\255\\255')",
		"return string.rep(string.rep('x', 1e6), 1e6)", "return ('x'):rep(2^53)", "return string.format('%99999s', 'x')",
		"local t = {} for i = 1, 1e8 do t[i] = i end return #t", "local t = {} t[2^31] = 1 t[1e15] = 1 return #t",
		"local s = 'x' for i = 1, 24 do s = s .. s end return #s", "return table.concat({'x'}, string.rep(',', 1e6), 1, 1)",
		"local t = {} for i = 1, 500 do t = {t} end return cjson.encode(t)", "return cjson.decode(string.rep('[', 900)..string.rep(']', 900))",
		"local t = {} for i = 1, 5000 do t = {t} end return cmsgpack.unpack(cmsgpack.pack(t))", "return cmsgpack.unpack(string.rep('\\145', 100000))",
		"return cmsgpack.unpack('\\221\\127\\255\\255\\255')", "return cmsgpack.unpack('\\219\\127\\255\\255\\255x')",
		"return struct.pack('i2147483647', 1)", "return struct.unpack('c2147483647', 'x')", "return struct.size('c9999999999c9999999999')",
		"return struct.unpack('bbbb', 'xxxx', 2^31)", "return (string.rep('a', 40)):match(string.rep('a*', 40)..'b')",
		"return (string.rep('a', 9999)):gsub('.-b', 'x')", "return string.find(string.rep('(', 9999), '%b()')", "return ('x'):gsub('', string.rep('y', 1e6))",
		"local t = {} for i = 1, 1e4 do t[i] = string.rep('x', 1e4) end return table.concat(t)", "return loadstring(string.rep('a=', 9999))",
		"return loadstring('return '..string.rep('{', 9999)..string.rep('}', 9999))", "return unpack({}, 1, 1e7)", "return string.byte(string.rep('x', 1e6), 1, -1)",
		"local t = {} for i = 1, 1e5 do t = {t} end return t", "return table.sort({3, 2, 1}, function() return true end)", "return redis.sha1hex(string.rep('x', 1e7))",
		"return tonumber(string.rep('9', 1e5), 36)", "return string.dump(function() end)", "return pcall(pcall, pcall, error)",
		"return setmetatable({}, {__index = function(t, k) return t[k .. k] end}).x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e := engine.New(engine.Config{Scripts: lua.New(), ScriptSteps: 1 << 20})
		c := e.Open(slowStart, engine.Peer{})
		e.Feed(slowStart, c, enginetest.AppendCommand(nil, "EVAL", text, "1", "key", "argument"))
		e.Feed(slowStart, c, enginetest.AppendCommand(nil, "FUNCTION", "LOAD", "#!lua name=l\n"+text))
		e.Ready()
		replies, rest, err := enginetest.ParseReplies(c.Out())
		assert.NoError(t, err)
		assert.Empty(t, rest)
		assert.Len(t, replies, 2)
	})
}

// TestReplyThatHoldsItselfTwice returns a table whose reply would have no end.
func TestReplyThatHoldsItselfTwice(t *testing.T) {
	h := enginetest.New(1)
	h.Send("a", "EVAL", "local t = {} t[1] = t t[2] = t return t", "0")
	reply := h.TakeBytes("a")
	assert.Less(t, len(reply), 20<<20)
	_, rest, err := enginetest.ParseReplies(reply)
	assert.NoError(t, err)
	assert.Empty(t, rest)
	assert.Equal(t, "PONG", h.Do("a", "PING").Text)
}
