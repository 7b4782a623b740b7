package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"riffle/engine/enginetest"
)

// caseLength is how many commands a generated case has: long enough for data to build up, short enough
// to be shrunk.
const caseLength = 60

// stream writes cases from the grammar of the command table.
type stream struct {
	grammar *enginetest.Grammar
	random  *rand.Rand
	groups  map[string][]*enginetest.Row
	drawn   []string // groups, each as often as it is likely to be drawn

	// The case being written:
	resp       int
	clients    []string
	listener   bool            // a client n only listens
	limited    bool            // strings have a small limit, so that the largest offsets are cheap
	fading     bool            // keys expire now and then
	lexical    bool            // members of sorted sets are told apart by name alone
	reformed   bool            // a command may have changed a value's form, though nothing else
	watching   bool            // keys are watched
	inMulti    map[string]bool // clients that queue commands
	subscribed map[string]bool // clients that may hear what they publish
	scripts    []string        // what EVALSHA may ask for
}

// newStream makes a stream of those commands that the oracle knows too.
func newStream(seed uint64, known func(name string) bool) *stream {
	now := func() int64 { return time.Now().UnixMicro() }
	use := func(name string) bool { return generated(name) && known(name) }
	s := &stream{grammar: enginetest.NewGrammar(now, use), random: rand.New(rand.NewPCG(seed, 1))}
	s.grammar.Invent = s.invent
	s.keep("")
	return s
}

// keep narrows the stream to the rows whose group or name contains the given text.
func (s *stream) keep(only string) {
	s.grammar.Rows = slices.DeleteFunc(s.grammar.Rows, func(row *enginetest.Row) bool {
		return !strings.Contains(row.Group, only) && !strings.Contains(row.Name, only)
	})
	s.groups, s.drawn = map[string][]*enginetest.Row{}, nil
	for _, row := range s.grammar.Rows {
		s.groups[row.Group] = append(s.groups[row.Group], row)
		if len(s.groups[row.Group]) > 1 {
			continue
		}
		weight := 6
		if w, ok := groupWeights[row.Group]; ok {
			weight = w
		}
		for range weight {
			s.drawn = append(s.drawn, row.Group)
		}
	}
}

// groupWeights makes groups likelier that have much to get wrong, and those rarer that have not.
var groupWeights = map[string]int{"cluster": 1, "server": 2, "connection": 2, "pubsub": 2,
	"generic": 12, "transactions": 4, "scripting": 8, "stream": 12, "sorted-set": 10, "list": 8, "hash": 8}

// rare are rows of which most drawings are passed over: they undo what a case has built up.
var rare = map[string]int{"FLUSHALL": 20, "FLUSHDB": 20, "SWAPDB": 6, "SELECT": 6, "QUIT": 30, "RESET": 6,
	"FUNCTION FLUSH": 6, "SCRIPT FLUSH": 6, "SAVE": 20, "FAILOVER": 6, "AUTH": 6, "HELLO": 4, "DEBUG": 2,
	"MOVE": 3, "DEL": 2, "UNLINK": 2, "DISCARD": 2, "WATCH": 1, "INFO": 10, "COMMAND DOCS": 30, "COMMAND INFO": 30,
	"COMMAND LIST": 30, "COMMAND": 30, "LOLWUT": 10, "ACL SETUSER": 1, "MEMORY DOCTOR": 10, "CONFIG SET": 1}

// row draws a row of the given group, or of any.
func (s *stream) row(group string) *enginetest.Row {
	if group == "" {
		group = s.drawn[s.random.IntN(len(s.drawn))]
	}
	rows := s.groups[group]
	for {
		row := rows[s.random.IntN(len(rows))]
		if n := rare[row.Name]; n < 2 || s.random.IntN(n) == 0 || len(rows) == 1 {
			return row
		}
	}
}

// next writes one case. Most have one connection; some have three, which may block each other.
func (s *stream) next(resp int) []step {
	s.resp, s.clients, s.inMulti = resp, []string{"a"}, map[string]bool{}
	s.subscribed = map[string]bool{}
	s.scripts, s.reformed, s.watching = nil, false, false
	if s.random.IntN(3) == 0 {
		s.clients = []string{"a", "b", "c"}
	}
	steps := s.scene()
	group := s.drawn[s.random.IntN(len(s.drawn))] // a case stays with one type and gets somewhere
	for length := len(steps) + caseLength; len(steps) < length; {
		steps = append(steps, s.steps(group)...)
	}
	return steps
}

// steps writes a step of the given group or of any, or a few that belong together.
func (s *stream) steps(group string) []step {
	client := s.clients[s.random.IntN(len(s.clients))]
	switch {
	case s.fading && s.random.IntN(15) == 0:
		return s.passingAway()
	case s.random.IntN(30) == 0:
		return []step{{client: client, args: s.exchange()}}
	case s.random.IntN(5) == 0:
		group = ""
	}
	args := s.command(s.row(group), client)
	if args == nil {
		return nil
	}
	s.follow(client, args)
	return []step{{client: client, args: args}}
}

// command writes a command of a row, or nil if what came out cannot be compared.
func (s *stream) command(row *enginetest.Row, client string) []string {
	args := s.mend(row, s.grammar.Write(s.random, row))
	if len(args) > 1 && s.random.IntN(40) == 0 && !guarded[row.Name] {
		i := 1 + s.random.IntN(len(args)-1)
		args[i] = s.garbled(args[i])
	}
	if args == nil || s.unfit(args) || subscribing(args[0]) && !s.maySubscribe(client) ||
		s.inMulti[client] && s.subscribed[client] && publishing(row) {
		return nil // the oracle puts a message to the client itself into the reply to EXEC
	}
	s.reformed = s.reformed || reforming[row.Name] != ""
	if s.reformed && row.Name == "OBJECT ENCODING" {
		return nil
	}
	return args
}

// guarded are the commands that may do harm with another argument: stop the oracle, or have it follow a server.
var guarded = map[string]bool{"REPLICAOF": true, "SLAVEOF": true, "DEBUG": true, "CLIENT KILL": true}

// garbled is a word with something wrong: what its reader may overlook or stumble over. It has no zero byte, where C
// takes an option to end: here that is another word.
func (s *stream) garbled(word string) string {
	if strings.HasPrefix(word, "@") {
		return word
	}
	at := s.random.IntN(len(word) + 1)
	switch s.random.IntN(6) {
	case 1:
		return word[:at] + " " + word[at:]
	case 2:
		return word + word
	case 3:
		return word[:at]
	case 4:
		return strings.ToUpper(word)
	case 5:
		return word[:at] + []string{"-", "+", ".", "0", "\n", "\xff", "|", "*", "(", "%"}[s.random.IntN(10)] + word[at:]
	}
	return word[at:] + word[:at]
}

// publishing reports whether a command may publish something.
func publishing(row *enginetest.Row) bool {
	return strings.HasSuffix(row.Name, "PUBLISH") || row.Group == "scripting"
}

// follow keeps in mind what later commands of the case depend on.
func (s *stream) follow(client string, args []string) {
	s.subscribed[client] = s.subscribed[client] || subscribing(args[0])
	switch args[0] {
	case "WATCH":
		s.watching = true
	case "MULTI":
		s.inMulti[client] = len(args) == 1
	case "EXEC", "DISCARD", "RESET":
		s.inMulti[client] = false
	}
}

// maySubscribe reports whether a client may listen: in RESP2 it can do little else from then on, and in a
// transaction its messages would be counted as replies.
func (s *stream) maySubscribe(client string) bool {
	return !s.inMulti[client] && (s.resp == 3 || client == "c")
}

// scene writes what comes before a case's commands: parameters and listeners.
func (s *stream) scene() []step {
	steps := []step{{client: "a", fixed: true, args: []string{"DEBUG", "SET-ACTIVE-EXPIRE", "0"}}}
	s.listener = len(s.clients) > 1
	s.limited = s.random.IntN(3) == 0
	s.fading = !s.listener && s.random.IntN(2) == 0 // which command meets the end of a key first is not laid down
	if s.limited {
		steps = append(steps, step{client: "a", fixed: true, args: []string{"CONFIG", "SET",
			"proto-max-bulk-len", "1048576"}})
	}
	if s.random.IntN(3) == 0 {
		args := []string{"CONFIG", "SET"}
		for _, row := range thresholds {
			if s.random.IntN(2) == 0 {
				args = append(args, row.name, row.values[s.random.IntN(len(row.values))])
			}
		}
		if len(args) > 2 {
			steps = append(steps, step{client: "a", args: args})
		}
	}
	s.lexical = s.random.IntN(5) == 0
	if s.listener {
		steps = append(steps, s.listening()...)
	}
	return steps
}

// thresholds are parameters that both sides have and that decide when a value changes its form.
var thresholds = []struct {
	name   string
	values []string
}{
	{"hash-max-listpack-entries", []string{"0", "2", "4", "128"}},
	{"hash-max-listpack-value", []string{"0", "4", "64"}},
	{"list-max-listpack-size", []string{"1", "3", "-1", "-2"}},
	{"list-compress-depth", []string{"0", "1", "2"}},
	{"set-max-intset-entries", []string{"0", "2", "4", "512"}},
	{"zset-max-listpack-entries", []string{"0", "2", "4", "128"}},
	{"zset-max-listpack-value", []string{"0", "4", "64"}},
	{"stream-node-max-entries", []string{"1", "2", "3", "100"}},
	{"stream-node-max-bytes", []string{"16", "64", "4096"}},
	{"hll-sparse-max-bytes", []string{"0", "20", "3000"}},
}

// listening writes how a client n hears of what others do: key space notifications, or what others
// who cache are told through it.
func (s *stream) listening() []step {
	steps := []step{{client: "n", args: []string{"PING"}}}
	switch s.random.IntN(3) {
	case 0:
		return append(steps, step{client: "a", args: []string{"CONFIG", "SET", "notify-keyspace-events",
			"KEA"}},
			step{client: "n", args: []string{"PSUBSCRIBE", "__key*__:*"}})
	case 1:
		steps = append(steps, step{client: "n", args: []string{"SUBSCRIBE", "__redis__:invalidate"}})
		for _, client := range s.clients {
			args := []string{"CLIENT", "TRACKING", "ON"}
			if s.resp == 2 || s.random.IntN(3) == 0 {
				args = append(args, "REDIRECT", "@id:n")
			}
			for _, option := range []string{"BCAST", "OPTIN", "OPTOUT", "PREFIX s:",
				"PREFIX l:"} {
				if s.random.IntN(5) == 0 {
					args = append(args, strings.Fields(option)...)
				}
			}
			steps = append(steps, step{client: client, args: args})
		}
	}
	return steps
}

// passing is a client of its own, which neither waits nor queues.
const passing = "x"

// passingAway lets a key expire: no command comes between the setting of its near end and a pause that
// is long enough for both sides' clocks.
func (s *stream) passingAway() []step {
	key := s.key()
	soon := strconv.FormatInt(time.Now().UnixMilli()+1, 10)
	args := [][]string{
		{"PEXPIRE", key, "1"}, {"PEXPIRE", key, "1", "NX"}, {"SET", key, "v", "PX", "1"}, {"GETEX",
			key, "PX", "1"},
		{"PSETEX", key, "1", "v"}, {"PEXPIREAT", key, soon}, {"SET", key, "v", "PXAT", soon},
	}[s.random.IntN(7)]
	return []step{{client: passing, args: args, pause: 3 * time.Millisecond}}
}

// exchange writes a RESTORE of what the other side has dumped.
func (s *stream) exchange() []string {
	args := []string{"RESTORE", s.key(), "0", "@dump:" + s.key()}
	if s.random.IntN(2) == 0 {
		args = append(args, "REPLACE")
	}
	return args
}

// key is one of those that the grammar uses.
func (s *stream) key() string {
	return []string{"s:1", "s:2", "b:1", "p:1", "l:1", "l:2", "t:1", "t:2", "h:1", "h:2", "z:1", "z:2",
		"g:1", "x:1", "x:2", "none"}[s.random.IntN(16)]
}

// unfit reports whether a command's outcome is not laid down, or meant to be another since a later version. All
// channels at once, for one, are left in the order of a hash table.
func (s *stream) unfit(args []string) bool {
	return newer(args, len(s.clients) == 1) || !s.lexical && lexical(args) || unsorted(args) || hasty(args) ||
		inexact(args) || endless(args) || !s.limited && vast(args) ||
		len(args) == 1 && strings.HasSuffix(args[0], "UNSUBSCRIBE")
}

// unsorted reports whether a command is a SORT that shows the order of a set: it does not sort, or it
// compares texts that may all be missing.
func unsorted(args []string) bool {
	by := slices.IndexFunc(args, func(arg string) bool { return strings.EqualFold(arg, "BY") })
	alpha := slices.ContainsFunc(args, func(arg string) bool { return strings.EqualFold(arg, "ALPHA") })
	return strings.HasPrefix(args[0], "SORT") && by > 0 && by+1 < len(args) &&
		(alpha || !strings.Contains(args[by+1], "*"))
}

// hasty reports whether a command sets an expiry so near that the two sides may see it come in
// different steps, or waits so briefly that they may end its waiting in different steps.
func hasty(args []string) bool {
	if waitsBriefly(args) {
		return true
	}
	for i, arg := range args {
		if n, err := strconv.Atoi(arg); err != nil || n <= 0 || n > 99 || i < 2 {
			continue
		}
		switch args[0] {
		case "SETEX", "PSETEX", "EXPIRE", "PEXPIRE", "RESTORE", "RESTORE-ASKING":
			return true
		case "SET", "GETEX":
			return strings.EqualFold(args[i-1], "EX") || strings.EqualFold(args[i-1], "PX")
		}
	}
	return false
}

// waitsBriefly reports whether a command blocks for less than ten seconds.
func waitsBriefly(args []string) bool {
	var wait string // in seconds
	switch args[0] {
	case "BLPOP", "BRPOP", "BZPOPMIN", "BZPOPMAX", "BLMOVE", "BRPOPLPUSH":
		wait = args[len(args)-1]
	case "BLMPOP", "BZMPOP":
		wait = args[min(1, len(args)-1)]
	case "XREAD", "XREADGROUP":
		at := slices.IndexFunc(args, func(arg string) bool { return strings.EqualFold(arg, "BLOCK") })
		wait = args[min(at+1, len(args)-1)] + "e-3"
	}
	seconds, err := strconv.ParseFloat(wait, 64)
	return err == nil && seconds > 0 && seconds < 10
}

// inexact reports whether a command stores distances, whose last digit depends on the C library's sine.
func inexact(args []string) bool {
	return slices.ContainsFunc(args, func(arg string) bool { return strings.EqualFold(arg, "STOREDIST") })
}

// endless reports whether a command asks for so many random elements, with repetition, that the oracle would
// be busy with it for hours, or for random ones to be removed.
func endless(args []string) bool {
	switch args[0] {
	case "SRANDMEMBER", "HRANDFIELD", "ZRANDMEMBER":
		return slices.ContainsFunc(args[1:], func(arg string) bool {
			n, err := strconv.ParseInt(arg, 10, 64)
			return err == nil && n < -1000 && n > -1<<63
		})
	case "SPOP":
		return len(args) < 3 || slices.Contains([]string{"1", "2", "3", "4", "7"}, args[2])
	}
	return false
}

// vast reports whether a command may make a string of hundreds of megabytes.
func vast(args []string) bool {
	switch args[0] {
	case "SETBIT", "SETRANGE", "BITFIELD":
		return slices.ContainsFunc(args, func(arg string) bool {
			n, err := strconv.ParseInt(strings.TrimPrefix(arg, "#"), 10, 64)
			return err == nil && n > 1<<20
		})
	}
	return false
}

// lexical reports whether a command orders members by name, which is only laid down if no score tells them apart.
func lexical(args []string) bool {
	return strings.Contains(args[0], "LEX") ||
		slices.ContainsFunc(args, func(arg string) bool { return strings.EqualFold(arg, "BYLEX") })
}

// mend turns what the grammar cannot know of into what both sides do alike; nil if that is impossible.
func (s *stream) mend(row *enginetest.Row, args []string) []string {
	pick := func(from ...string) string { return from[s.random.IntN(len(from))] }
	switch row.Name {
	case "XADD":
		for i := 2; i < len(args); i++ {
			if args[i] == "*" {
				args[i] = pick("1-*", "5-*", "7-1", "9-*")
			}
		}
	case "DEBUG":
		line := pick(debugLines...)
		if s.fading && line == "DEBUG RELOAD" {
			return nil // the oracle loads no keys that have expired, ours does and lets them expire then
		}
		return strings.Fields(strings.ReplaceAll(line, "KEY", s.key()))
	case "SCAN":
		cursor := args[min(1, len(args)-1)]
		if n, err := strconv.Atoi(cursor); err == nil && n != 0 {
			return nil // a page of its own on either side, whose expired keys go
		}
		args = append(args, "COUNT", "1000")
	case "RANDOMKEY":
		if s.fading {
			return nil // it may meet any expired key, which DBSIZE counts no longer
		}
	case "BITFIELD":
		if s.listener || s.resp == 3 {
			for i, arg := range args { // 7.0 does not tell that the string has grown for a part that failed
				if strings.EqualFold(arg, "FAIL") {
					args[i] = "SAT"
				}
			}
		}
	case "WAIT":
		// No replica will ever come: where the oracle waits for one, ours says so at once.
		args = append([]string{"WAIT", "0"}, args[min(2, len(args)):]...)
	case "PFDEBUG":
		verbs := []string{"DECODE", "ENCODING", "NOSUCH"}
		if !s.listener && s.resp == 2 && !s.watching { // nobody must be told of the change in form
			verbs = append(verbs, "GETREG", "TODENSE")
		}
		return []string{"PFDEBUG", pick(verbs...), pick("p:1", "p:2", "s:3", "l:1")}
	case "REPLICAOF", "SLAVEOF":
		return []string{row.Name, "NO", "ONE"}
	case "CLIENT KILL":
		return append([]string{"CLIENT", "KILL"}, strings.Fields(pick("ID 999999", "ID abc", "1.2.3.4:5",
			"ID", "USER nobody",
			"LADDR 1.2.3.4:5", "ADDR 1.2.3.4:5 ID 3", "TYPE nosuch", "TYPE replica", "SKIPME maybe",
			"ID @id:n USER nobody"))...)
	case "CONFIG SET":
		row := thresholds[s.random.IntN(len(thresholds))]
		return []string{"CONFIG", "SET", row.name, pick(append([]string{"-1", "abc",
			""}, row.values...)...)}
	case "CONFIG GET":
		args = []string{"CONFIG", "GET", thresholds[s.random.IntN(len(thresholds))].name, "nosuch"}
	case "COMMAND GETKEYS", "COMMAND GETKEYSANDFLAGS":
		other := s.grammar.Write(s.random, s.row(""))
		if s.unfit(other) || slices.ContainsFunc(other[1:min(4, len(other))], roughCount) {
			return nil
		}
		return append(strings.Fields(row.Name), other...)
	}
	return args
}

// debugLines are the parts of DEBUG that both sides have.
var debugLines = []string{
	"DEBUG OBJECT KEY", "DEBUG SET-ACTIVE-EXPIRE 0",
	"DEBUG PROTOCOL string", "DEBUG PROTOCOL integer", "DEBUG PROTOCOL double", "DEBUG PROTOCOL bignum",
	"DEBUG PROTOCOL null", "DEBUG PROTOCOL array", "DEBUG PROTOCOL set", "DEBUG PROTOCOL map",
	"DEBUG PROTOCOL verbatim",
	"DEBUG PROTOCOL true", "DEBUG PROTOCOL false", "DEBUG PROTOCOL nosuch",
	"DEBUG QUICKLIST-PACKED-THRESHOLD 100b",
	"DEBUG DIGEST", "DEBUG DIGEST-VALUE KEY KEY", "DEBUG DIGEST-VALUE", "DEBUG SLEEP 0", "DEBUG NOSUCH",
	"DEBUG ERROR oops", "DEBUG RELOAD", "DEBUG RELOAD", "DEBUG CHANGE-REPL-ID",
}

// invent writes what the grammar has no values for, and now and then a number on the edge of the possible.
func (s *stream) invent(r *rand.Rand, row *enginetest.Row, name string) (string, bool) {
	if values := invented[name]; values != nil {
		return values[r.IntN(len(values))], true
	}
	switch name {
	case "script":
		return s.script(), true
	case "sha1":
		return s.sha1(), true
	case "function-code":
		return s.library(), true
	case "function":
		return fmt.Sprintf("l%d_f%d", 1+r.IntN(3), 1+r.IntN(3)), true
	case "serialized-value":
		if row.Group == "scripting" {
			return []string{"@functions", "", "abc"}[r.IntN(3)], true
		}
		return "@dump:" + s.key(), true
	case "client-id":
		if s.listener {
			return []string{"@id:n", "@id:n", "0", "999999", "-1", "abc"}[r.IntN(6)], true
		}
		return []string{"0", "999999", "-1", "abc"}[r.IntN(4)], true
	case "score", "weight", "increment":
		if s.lexical && (row.Group == "sorted-set" || row.Group == "geo") {
			return "0", true
		}
	case "count", "start", "end", "stop", "index", "rank", "maxlen", "len", "threshold", "limit",
		"offset", "cursor",
		"min-match-len", "num-matches", "increment:integer":
		if r.IntN(12) == 0 {
			return hostile[r.IntN(len(hostile))], true
		}
	}
	return "", false
}

// hostile are numbers where arithmetic overflows and readers of numbers disagree.
var hostile = []string{"9223372036854775807", "-9223372036854775808", "-9223372036854775807",
	"9223372036854775806",
	"4611686018427387904", "-4611686018427387905", "2147483647", "2147483648", "-2147483648",
	"-2147483649", "4294967295",
	"4294967296", "536870911", "536870912", "1048575", "1048576", "8388607", "8388608",
	"18446744073709551615",
	"18446744073709551616", "99999999999999999999", "1e3", "0x10", "1 ", "00", "-0", "nan", "inf"}

// invented are the values of arguments that only this stream knows.
var invented = map[string][]string{
	"ttl":       {"0", "1000000", "100000", "-1", "abc", "9223372036854775807"},
	"frequency": {"0", "1", "255", "256", "-1", "abc"},
	"username":  {"alice", "bob"},
	"password":  {"pw", "x", ""},
	"rule": {"on", "off", ">pw", "<pw", "nopass", "resetpass", "~*", "~s:*", "%R~x:*",
		"%W~l:*", "%RW~h:*", "+@all", "-@all", "-@write", "+get", "+set", "-get", "+config|get",
		"-config|set", "&c*", "&*", "allkeys", "resetkeys", "allcommands", "nocommands", "allchannels",
		"resetchannels", "(+get ~x*)", "clearselectors", "reset", "junk", "+nosuch", "+@nosuch", "#abc"},
	"categoryname":         {"read", "write", "nosuch", "@read"},
	"library-name":         {"l1", "l2", "l3"},
	"library-name-pattern": {"*", "l1", "l?"},
	"section":              {"server", "memory", "all", "everything", "nosuch", "keyspace"},
	"event":                {"command", "nosuch"},
	"parameter":            {"hash-max-listpack-entries", "nosuch"},
	"command-name":         {"get", "SET", "config|get", "nosuch"},
	"command":              {"get", "SET", "config|get", "nosuch"},
	"module-name":          {"m"},
	"username-pattern":     {"*"},
	"version":              {"5", "6", "7"},
	"channel":              {"c:1", "c:2"},
	"slot":                 {"0", "1", "16383", "16384", "-1", "abc"},
}
