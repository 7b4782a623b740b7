package engine_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"riffle/engine/enginetest"
)

// texts returns the texts of a reply's elements.
func texts(r enginetest.Reply) []string {
	var all []string
	for _, item := range r.Items {
		all = append(all, item.Text)
	}
	return all
}

// refusals reads ACL LOG: one map of texts for each entry.
func refusals(h *enginetest.Harness) []map[string]string {
	var all []map[string]string
	for _, entry := range h.Do("a", "ACL", "LOG").Items {
		fields := map[string]string{}
		for i := 0; i+1 < len(entry.Items); i += 2 {
			fields[entry.Items[i].Text] = entry.Items[i+1].Text
		}
		all = append(all, fields)
	}
	return all
}

func TestRefusalsOfAMinuteAreOneEntry(t *testing.T) {
	h := enginetest.New(1)
	h.Do("a", "ACL", "SETUSER", "u", "on", "nopass", "+get", "~k")
	h.Do("b", "AUTH", "u", "x")
	start := h.Now
	for range 3 {
		h.Do("b", "GET", "other")
	}
	h.At(start + 59_999_000)
	h.Do("b", "GET", "other")
	h.At(start + 61_500_000)
	log := refusals(h)
	require.Len(t, log, 1)
	assert.Equal(t, "4", log[0]["count"])
	assert.Equal(t, "key", log[0]["reason"])
	assert.Equal(t, "toplevel", log[0]["context"])
	assert.Equal(t, "other", log[0]["object"])
	assert.Equal(t, "u", log[0]["username"])
	assert.Equal(t, "1.501", log[0]["age-seconds"])
	assert.Contains(t, log[0]["client-info"], "user=u")
	assert.Equal(t, "0", log[0]["entry-id"])

	h.At(start + 59_999_000 + 60_001_000)
	h.Do("b", "GET", "other")
	log = refusals(h)
	require.Len(t, log, 2, "a minute after the last one a new entry begins")
	assert.Equal(t, "1", log[0]["entry-id"])
}

func TestRefusalsFarBackAreNotJoined(t *testing.T) {
	h := enginetest.New(1)
	h.Do("a", "ACL", "SETUSER", "u", "on", "nopass", "+get", "~k")
	h.Do("b", "AUTH", "u", "x")
	h.Do("b", "GET", "first")
	for _, key := range strings.Fields("1 2 3 4 5 6 7 8 9 10") {
		h.Do("b", "GET", key)
	}
	h.Do("b", "GET", "first")
	assert.Equal(t, "1", refusals(h)[0]["count"], "only ten entries are looked at")
	h.Do("b", "GET", "9")
	assert.Equal(t, "2", refusals(h)[0]["count"], "an entry that happens again comes to the front")
	h.Do("a", "CONFIG", "SET", "acllog-max-len", "3")
	assert.Len(t, refusals(h), 3)
}

func TestRulesSurviveTheirOwnSpelling(t *testing.T) {
	for _, rules := range []string{
		"on >pw ~a %R~b %W~c &ch +@read -get (+set ~x) (%R~* +@hash -hget &*)",
		"off nopass skip-sanitize-payload allkeys allchannels +@all -@dangerous +config|get",
		"reset +select|1 +SELECT|two +debug",
		"+@all -acl +acl|whoami",
		"-@all +@write -@list +lpush +@connection",
	} {
		h := enginetest.New(1)
		h.Do("a", append([]string{"ACL", "SETUSER", "u"}, strings.Fields(rules)...)...)
		lines := h.Engine.UserLines()
		require.Len(t, lines, 2, rules)

		again := enginetest.New(2)
		require.Empty(t, again.Engine.LoadUsers("users.acl", strings.Join(lines, "\n")), rules)
		assert.Equal(t, lines, again.Engine.UserLines(), rules)

		configured := enginetest.New(3)
		for _, line := range lines {
			require.Empty(t, configured.Engine.DefineUser(strings.Fields(line)[1:]))
		}
		assert.Equal(t, lines[1], configured.Engine.UserLines()[1], rules)
	}
}

func TestLoadUsersTellsAllThatIsWrong(t *testing.T) {
	const end = "WARNING: ACL errors detected, no change to the previously active ACL rules was performed"
	for text, want := range map[string]string{
		"foo\n":                    "f:1 should start with user keyword followed by the username. ",
		"\n\nuser\n":               "f:3 should start with user keyword followed by the username. ",
		"user a on\nuser a off\n":  "WARNING: Duplicate user 'a' found on line 2. ",
		"user a (+get\n":           "f:1: Unmatched parenthesis in selector definition.",
		"user a (+get +set) (~x\n": "f:1: Unmatched parenthesis in selector definition.",
		"user a bad bad2\n":        "f:1: Syntax error. ",
		"user \x0bb on\n":          "'f:1: username '\x0bb' contains invalid characters. ",
		"# comment\nuser a on\n":   "f:1 should start with user keyword followed by the username. ",
		"user a \"on\"\n":          "f:1: Syntax error. ",
		"user a +foo bad +bar bad\n": "f:1: Error in applying operation '+foo': Unknown command or category name in ACL. " +
			"f:1: Syntax error. f:1: Error in applying operation '+bar': Unknown command or category name in ACL. ",
	} {
		h := enginetest.New(1)
		h.Do("a", "ACL", "SETUSER", "kept", "on")
		assert.Equal(t, want+end, h.Engine.LoadUsers("f", text), text)
		assert.Equal(t, []string{"default", "kept"}, texts(h.Do("a", "ACL", "USERS")))
	}
}

func TestLoadUsersEndsClientsOfOthers(t *testing.T) {
	h := enginetest.New(1, "aclfile", "users.acl")
	h.Do("a", "ACL", "SETUSER", "u", "on", "nopass", "+@all", "~*")
	for _, name := range []string{"b", "c"} {
		h.Do(name, "AUTH", "u", "x")
	}
	h.Users = "user x\nuser x"
	assert.Contains(t, h.Do("c", "ACL", "LOAD").Text, "Duplicate user")
	h.Users = "user default on nopass ~k:* +@all\n  user v on  >pw\t\n"
	assert.Equal(t, "OK", h.Do("c", "ACL", "LOAD").Text, "who asked is answered")
	for _, name := range []string{"b", "c"} {
		assert.True(t, h.Client(name).Closed, name)
	}
	assert.Equal(t, []string{"default", "v"}, texts(h.Do("a", "ACL", "USERS")))
	assert.Contains(t, h.Do("a", "GET", "x").Text, "NOPERM", "the new rules hold for clients of the default user")
	assert.Equal(t, "OK", h.Do("d", "AUTH", "v", "pw").Text)
	h.Do("c2", "ACL", "SETUSER", "saved", "on")
	assert.Contains(t, h.Do("a", "ACL", "SAVE").Text, "OK")
	assert.Contains(t, h.Users, "\nuser saved on resetchannels -@all\nuser v on #")
	assert.Empty(t, h.Engine.LoadUsers("users.acl", ""))
	assert.Equal(t, []string{"user default on nopass ~* &* +@all"}, h.Engine.UserLines())
	assert.True(t, h.Do("a", "GET", "x").Null)
}

func TestDefineUser(t *testing.T) {
	e := enginetest.New(1).Engine
	for words, want := range map[string]string{
		"a +foo":    "Error in user declaration '+foo': Unknown command or category name in ACL",
		"a (+get x": "Error in user declaration '(+get': Unmatched parenthesis in selector definition.",
		"\x0b on":   "Error in user declaration '\x0b': Wrong format",
	} {
		assert.Equal(t, want, e.DefineUser(strings.Split(words, " ")))
	}
	require.Empty(t, e.DefineUser([]string{"a", "on"}))
	assert.Equal(t, "Error in user declaration 'a': Duplicate user found. A user can only be defined once in config files",
		e.DefineUser([]string{"a", "off"}))
	require.Empty(t, e.DefineUser([]string{"default", "off", "+get"}))
	assert.False(t, e.OpenToStrangers())
}

// TestStrangersLimitsFollowTheDefaultUser: a connection that was let in before there was a password stays in, one
// that was shut out comes in when the password goes.
func TestStrangersFollowTheDefaultUser(t *testing.T) {
	h := enginetest.New(1)
	h.Do("a", "CONFIG", "SET", "requirepass", "x")
	assert.Contains(t, h.Do("b", "GET", "k").Text, "NOAUTH")
	h.Do("a", "ACL", "SETUSER", "default", "nopass")
	assert.True(t, h.Do("b", "GET", "k").Null)
	h.Do("a", "ACL", "SETUSER", "default", "off")
	assert.Contains(t, h.Do("b", "GET", "k").Text, "NOAUTH")
	assert.True(t, h.Do("a", "GET", "k").Null)
}

// TestUsersAreNeitherJournaledNorSaved: as in the reference, whose rules are in files of their own.
func TestUsersAreNotJournaled(t *testing.T) {
	h := enginetest.New(1)
	h.Do("a", "ACL", "SETUSER", "u", "on", "nopass", "+@all", "~*")
	h.Do("a", "ACL", "DELUSER", "u")
	assert.Empty(t, h.Engine.Ready().Journal)
}

func TestUsersGoOverToAnotherEngine(t *testing.T) {
	h := enginetest.New(1)
	h.Do("a", "ACL", "SETUSER", "u", "on", ">pw", "+@read", "~k", "&c", "(+set ~s)", "(+select|1)")
	h.Do("a", "ACL", "SETUSER", "default", "-flushall")
	h.Do("b", "AUTH", "u", "pw")
	h.Do("b", "GET", "other")
	lines, log := h.Engine.UserLines(), refusals(h)
	require.NoError(t, h.HandOver())
	assert.Equal(t, lines, h.Engine.UserLines())
	assert.Equal(t, log, refusals(h))
	assert.Contains(t, h.Do("b", "GET", "other").Text, "NOPERM")
	assert.True(t, h.Do("b", "GET", "k").Null)
	assert.Contains(t, h.Do("a", "FLUSHALL").Text, "NOPERM")
}

func TestPasswordsAreNotShown(t *testing.T) {
	h := enginetest.New(1, "slowlog-log-slower-than", "0")
	h.Do("m", "MONITOR")
	h.Do("a", "ACL", "SETUSER", "u", "on", ">pw")
	h.Do("a", "AUTH", "u", "pw")
	h.Do("b", "HELLO", "2", "AUTH", "u", "pw", "SETNAME", "x")
	h.Do("d", "CONFIG", "SET", "timeout", "1", "requirepass", "pw")
	h.Do("c", "AUTH", "pw")
	var slow []string
	for _, entry := range h.Do("c", "SLOWLOG", "GET").Items {
		slow = append(slow, strings.Join(texts(entry.Items[3]), " "))
	}
	assert.Equal(t, []string{
		"AUTH (redacted)", "CONFIG SET timeout 1 requirepass (redacted)", "HELLO 2 AUTH (redacted) (redacted) SETNAME x", "AUTH (redacted) (redacted)",
		"ACL SETUSER (redacted) (redacted) (redacted)", "MONITOR",
	}, slow)
	var shown []string
	for _, line := range h.Take("m") {
		_, request, _ := strings.Cut(line.Text, "] ")
		shown = append(shown, request)
	}
	assert.Equal(t, []string{
		`"AUTH" "(redacted)" "(redacted)"`, `"HELLO" "2" "AUTH" "(redacted)" "(redacted)" "SETNAME" "x"`,
		`"AUTH" "(redacted)"`,
	}, shown)
}

func FuzzRules(f *testing.F) {
	for _, seed := range []string{"on >a ~b", "(+get ~x) (", "%RW~", "+@", "+config|get|x -", "#", "!", "( \"a )"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h := enginetest.New(1)
		words := append([]string{"ACL", "SETUSER", "u"}, strings.Split(text, " ")...)
		if h.Do("a", words...).Kind == '-' {
			return
		}
		lines := h.Engine.UserLines()
		if strings.ContainsAny(text, "\r\n\t\"'()") || len(lines) != 2 {
			return // a file's words cannot hold these
		}
		require.Empty(t, h.Engine.LoadUsers("f", strings.Join(lines, "\n")))
		require.Equal(t, lines, h.Engine.UserLines())
	})
}

func TestRefusalsOfScriptsAreTheirCallers(t *testing.T) {
	h := enginetest.New(1)
	h.Do("a", "ACL", "SETUSER", "u", "on", "nopass", "+@all", "-set", "~*")
	h.Do("b", "CLIENT", "SETNAME", "caller")
	h.Do("b", "AUTH", "u", "x")
	h.Do("b", "EVAL", "return redis.pcall('SET', 'k', 'v')", "1", "k")
	log := refusals(h)
	require.Len(t, log, 1)
	assert.Equal(t, "lua", log[0]["context"])
	assert.Contains(t, log[0]["client-info"], "name=caller")
	assert.Contains(t, log[0]["client-info"], "cmd=eval")
}
