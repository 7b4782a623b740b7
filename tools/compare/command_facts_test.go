package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"riffle/engine/enginetest"
)

// factDifferences are what COMMAND INFO and COMMAND DOCS tell of a command differently here, and why. A fact
// is named as in differencesIn. Whatever is not listed is equal for every command that the oracle has.
var factDifferences = []struct{ commands, facts, reason string }{
	{"set xadd bitop hscan zrank zrevrank xinfo|stream client|kill bgsave", "arguments", "options from after 7.0"},
	{"migrate", "arguments", "an empty word is written \"\""},
	{"zrank zrevrank", "arity", "WITHSCORE since 7.2"},
	{"geohash geopos pfmerge", "arguments", "the last argument may be missing: newer documentation says so"},
	{"command|getkeys command|getkeysandflags debug", "arguments", "the reference tells none"},
	{"client|pause", "since", "2.9.50 was 3.0.0 before its release"},
	{"blmove blpop brpop brpoplpush", "flags", "noscript until 7.0: newer servers let scripts run them without blocking"},
	{"psetex setex setnx quit", "deprecated_since, doc_flags", "deprecated by newer documentation"},
	{"lcs xclaim xgroup|create xgroup|createconsumer xgroup|delconsumer xgroup|destroy xgroup|setid" +
		" xinfo|consumers xsetid xautoclaim zscan", "arguments", "names and types of arguments as newer documentation has them"},
	{"zcount zrangebyscore zremrangebyscore zrevrangebyscore", "arguments", "bounds are strings: (1 and inf are some"},
	{"zincrby zinter zinterstore zunion zunionstore", "arguments", "increments and weights need not be integers"},
	{"failover module|loadex client|list config|get psubscribe geosearch geosearchstore xread xreadgroup xtrim", "arguments",
		"the same requests, told without a block around one argument or with the token at its head"},
}

// asked is one side's answer to a command, in RESP3.
type asked func(args ...string) enginetest.Reply

// mapped returns a map reply's values by their keys.
func mapped(r enginetest.Reply) map[string]enginetest.Reply {
	values := map[string]enginetest.Reply{}
	for i := 0; i+1 < len(r.Items); i += 2 {
		values[r.Items[i].Text] = r.Items[i+1]
	}
	return values
}

// words returns the elements of a set in order.
func wordsOf(r enginetest.Reply) string {
	var all []string
	for _, item := range r.Items {
		all = append(all, item.Text)
	}
	slices.Sort(all)
	return string(r.Kind) + strings.Join(all, " ")
}

// infoFacts spells what COMMAND INFO says of a command and of its sub-commands, by "command fact".
func infoFacts(r enginetest.Reply, into map[string]string) {
	name := r.Items[0].Text
	put := func(fact, value string) { into[name+" "+fact] = value }
	put("arity", r.Items[1].Text)
	put("flags", wordsOf(r.Items[2]))
	put("range", fmt.Sprint(r.Items[3].Text, " ", r.Items[4].Text, " ", r.Items[5].Text))
	put("categories", wordsOf(r.Items[6]))
	put("order of categories", enginetest.Format(r.Items[6]))
	put("tips", enginetest.Format(r.Items[7]))
	put("keys", keyFacts(r.Items[8]))
	put("kind of subcommands", string(r.Items[9].Kind))
	for _, sub := range r.Items[9].Items {
		infoFacts(sub, into)
	}
}

// keyFacts spells key specifications without their notes, which are prose.
func keyFacts(specs enginetest.Reply) string {
	text := string(specs.Kind)
	for _, spec := range specs.Items {
		facts := mapped(spec)
		text += "\n" + wordsOf(facts["flags"]) + "\n" + enginetest.Format(facts["begin_search"]) + "\n" +
			enginetest.Format(facts["find_keys"])
	}
	return text
}

// docFacts spells what COMMAND DOCS says of a command and of its sub-commands, without what is prose.
func docFacts(name string, r enginetest.Reply, into map[string]string) {
	docs := mapped(r)
	for _, fact := range []string{"since", "group", "deprecated_since"} {
		into[name+" "+fact] = docs[fact].Text
	}
	into[name+" doc_flags"] = wordsOf(docs["doc_flags"])
	into[name+" arguments"] = argumentFacts(docs["arguments"], "")
	for sub, doc := range mapped(docs["subcommands"]) {
		docFacts(sub, doc, into)
	}
}

// argumentFacts draws the tree of arguments: names, types, tokens, flags.
func argumentFacts(r enginetest.Reply, indent string) string {
	text := ""
	for _, item := range r.Items {
		arg := mapped(item)
		name := arg["name"].Text
		if kind := arg["type"].Text; kind == "oneof" || kind == "block" || kind == "pure-token" {
			name = "" // of no use to anybody, and not in the syntax
		}
		text += fmt.Sprintf("%s%s %s token=%q %s key=%s\n", indent, name, arg["type"].Text, arg["token"].Text,
			wordsOf(arg["flags"]), arg["key_spec_index"].Text)
		text += argumentFacts(arg["arguments"], indent+"  ")
	}
	return text
}

// facts asks one side for everything about every command.
func facts(ask asked) map[string]string {
	all := map[string]string{}
	for _, row := range ask("COMMAND").Items {
		infoFacts(row, all)
	}
	for name, doc := range mapped(ask("COMMAND", "DOCS")) {
		docFacts(name, doc, all)
	}
	return all
}

// sides returns how to ask the two servers.
func (p *pair) sides(t *testing.T) (ours, theirs asked) {
	ours = func(args ...string) enginetest.Reply { return p.ours.harness.Do("facts", args...) }
	theirs = func(args ...string) enginetest.Reply {
		r, err := p.theirs.do(args...)
		require.NoError(t, err)
		return r
	}
	for _, ask := range []asked{ours, theirs} {
		ask("HELLO", "3")
	}
	return ours, theirs
}

func TestCommandFacts(t *testing.T) {
	p := oraclePair(t)
	ask, askOracle := p.sides(t)
	ours, theirs := facts(ask), facts(askOracle)
	used := make([]bool, len(factDifferences))
	missing := map[string]bool{}
	for fact, want := range theirs {
		command, kind, _ := strings.Cut(fact, " ")
		got, known := ours[fact]
		if !known {
			missing[command] = true
			continue
		}
		at := slices.IndexFunc(factDifferences, func(row struct{ commands, facts, reason string }) bool {
			return slices.Contains(strings.Fields(row.commands), command) && slices.Contains(strings.Split(row.facts, ", "), kind)
		})
		if at >= 0 && got != want {
			used[at] = true
			continue
		}
		assert.Equal(t, want, got, fact)
	}
	for i, row := range factDifferences {
		assert.True(t, used[i], "%s of %s do not differ", row.facts, row.commands)
		assert.NotEmpty(t, row.reason)
	}
	t.Logf("only the oracle has: %s", strings.Join(slices.Sorted(maps.Keys(missing)), " "))
}

// TestKeysOfRequests compares what COMMAND says of requests and of commands in general.
func TestKeysOfRequests(t *testing.T) {
	p := oraclePair(t)
	ask, askOracle := p.sides(t)
	for line := range strings.Lines(keyRequests) {
		words := strings.Fields(line)
		for _, how := range []string{"GETKEYS", "GETKEYSANDFLAGS"} {
			args := append([]string{"COMMAND", how}, words...)
			assert.Equal(t, enginetest.Format(askOracle(args...)), enginetest.Format(ask(args...)), args)
		}
	}
	for line := range strings.Lines(commandRequests) {
		args := strings.Fields(line)
		theirs, ours := askOracle(args...), ask(args...)
		assert.Equal(t, wordsOf(theirs)+theirs.Text, wordsOf(ours)+ours.Text, line)
	}
}

// keyRequests name keys in every way there is.
const keyRequests = `SET k v
SET k v GET
SET k v KEEPTTL
BITFIELD k GET u8 0
BITFIELD k SET u8 0 1
BITFIELD k
SORT k STORE d
SORT k
SORT k BY STORE STORE d STORE e
SORT k LIMIT STORE 2 GET STORE STORE d
SORT_RO k BY w_*
MIGRATE h 1 k 0 10
MIGRATE h 1 k 0 10 COPY AUTH KEYS
MIGRATE h 1 k 0 10 KEYS a b
MIGRATE h 1 k 0 10 FOO KEYS
LCS a b
MGET a b
MSET a 1 b 2
MSET a 1 b
ZUNIONSTORE d 2 a b
ZUNIONSTORE d 3 a b
ZUNIONSTORE d 0 a b
ZUNIONSTORE d x a b
ZINTER 2 a b
XREAD COUNT 1 STREAMS a b 0 0
XREAD STREAMS STREAMS a 0 0
XREAD STREAMS a b 0
XREAD COUNT 1 a 0
XREADGROUP GROUP g c STREAMS a 0
GEORADIUS k 1 1 1 m STORE d
GEORADIUS k 1 1 1 m STOREDIST d STORE e
GEORADIUS k 1 1 1 m
GEORADIUSBYMEMBER k m 1 m STORE d
GEORADIUS_RO k 1 1 1 m
GEOSEARCHSTORE d s FROMMEMBER m BYRADIUS 1 m
BLPOP a b 0
BLMOVE a b LEFT LEFT 0
LMOVE a b LEFT LEFT
LMPOP 2 a b LEFT
BLMPOP 0 2 a b LEFT
BZMPOP 0 1 a MIN
SINTERCARD 1 a
SINTERCARD 2 a
COPY a b
OBJECT ENCODING k
OBJECT HELP k
MEMORY USAGE k
MEMORY USAGE k SAMPLES 1
PUBLISH a b
SSUBSCRIBE a b
SUNSUBSCRIBE a
SPUBLISH a b
SUBSCRIBE a
PUBSUB SHARDNUMSUB a
nosuch a
GET a b
CONFIG GET a
CONFIG FOO
DEL a
UNLINK a b
EXISTS a
TOUCH a
SCAN 0
KEYS *
WATCH a b
XGROUP CREATE k g $
XGROUP DESTROY k g
XINFO STREAM k
XADD k * a b
PFCOUNT a b
PFMERGE a b
PFADD a b
BITOP AND d a b
SMOVE a b m
SDIFFSTORE d a b
SINTERSTORE d a b
ZRANGESTORE a b 0 1
ZDIFFSTORE d 1 a
RENAME a b
RENAMENX a b
RPOPLPUSH a b
RESTORE k 0 x
DUMP k
GETEX k
GETDEL k
APPEND k v
INCR k
EXPIRE k 1
HSET k f v
HDEL k f
ZADD k 1 m
ZPOPMIN k
SPOP k
PING a
SELECT 1
FLUSHALL ASYNC
`

// commandRequests are answered with names in no order, or with an error.
const commandRequests = `COMMAND COUNT x
COMMAND FOO
COMMAND GETKEYS
COMMAND GETKEYS GET
COMMAND GETKEYSANDFLAGS GET
COMMAND LIST FILTERBY ACLCAT transaction
COMMAND LIST FILTERBY ACLCAT HYPERLOGLOG
COMMAND LIST FILTERBY ACLCAT geo
COMMAND LIST FILTERBY ACLCAT bitmap
COMMAND LIST FILTERBY ACLCAT @read
COMMAND LIST FILTERBY ACLCAT nosuch
COMMAND LIST FILTERBY PATTERN se?
COMMAND LIST FILTERBY PATTERN CONFIG|*
COMMAND LIST FILTERBY MODULE x
COMMAND LIST FILTERBY PATTERN
COMMAND LIST FILTERBY X Y
COMMAND LIST X
COMMAND INFO nosuch get|x config|nosuch
COMMAND DOCS nosuch
`
