package main

import (
	"slices"
	"strconv"
	"strings"
)

// rule loosens the comparison for one command, and says why.
type rule struct {
	command string
	how     treatment
	reason  string
}

// rules are all the commands whose replies need not be equal byte for byte. What is not here is.
var rules = []rule{
	{"MULTI", treatment{kind: treatBegin}, "starts a queue, whose replies EXEC brings"},
	{"EXEC", treatment{kind: treatExec}, "its elements are treated as the queued commands"},

	{"KEYS", treatment{kind: treatSorted}, "order of a hash table"},
	{"SMEMBERS", treatment{kind: treatSorted}, "order of a set; listpack sets since 7.2"},
	{"SUNION", treatment{kind: treatSorted}, "order of a set"},
	{"SINTER", treatment{kind: treatSorted}, "order of a set"},
	{"SDIFF", treatment{kind: treatSorted}, "order of a set"},
	{"HGETALL", treatment{kind: treatPairs}, "order of a hash table"},
	{"HKEYS", treatment{kind: treatSorted}, "order of a hash table"},
	{"HVALS", treatment{kind: treatSorted}, "order of a hash table"},
	{"CONFIG GET", treatment{kind: treatPairs}, "order of a table"},
	{"PUBSUB CHANNELS", treatment{kind: treatSorted}, "order of a hash table"},
	{"PUBSUB SHARDCHANNELS", treatment{kind: treatSorted}, "order of a hash table"},
	{"FUNCTION LIST", treatment{kind: treatDeep}, "order of a hash table"},

	{"SCAN", treatment{kind: treatPage}, "pages follow the hash table"},
	{"SSCAN", treatment{kind: treatPage}, "pages follow the hash table; listpack sets since 7.2"},
	{"HSCAN", treatment{kind: treatPage}, "pages follow the hash table"},
	{"ZSCAN", treatment{kind: treatPage}, "pages follow the hash table"},

	{"RANDOMKEY", treatment{kind: treatShape}, "random"},
	{"SRANDMEMBER", treatment{kind: treatShape}, "random"},
	{"HRANDFIELD", treatment{kind: treatShape}, "random"},
	{"ZRANDMEMBER", treatment{kind: treatShape}, "random"},
	{"SPOP", treatment{kind: treatShape}, "random; only told on sets of one member"},
	{"ACL GENPASS", treatment{kind: treatShape}, "random"},

	{"TTL", treatment{kind: treatNumber, within: 1}, "two clocks"},
	{"PTTL", treatment{kind: treatNumber, within: 5000}, "two clocks"},
	{"EXPIRETIME", treatment{kind: treatNumber, within: 1}, "two clocks"},
	{"PEXPIRETIME", treatment{kind: treatNumber, within: 5000}, "two clocks"},
	{"OBJECT IDLETIME", treatment{kind: treatNumber, within: 10}, "two clocks"},
	{"OBJECT FREQ", treatment{kind: treatShape}, "the counter is random"},
	{"TIME", treatment{kind: treatShape}, "two clocks"},
	{"LASTSAVE", treatment{kind: treatShape}, "two clocks"},
	{"XPENDING", treatment{kind: treatNumber, within: 5000}, "idle times"},
	{"XINFO CONSUMERS", treatment{kind: treatKind}, "idle times; inactive since 7.2"},
	{"XINFO STREAM", treatment{kind: treatKind}, "times and sizes of a radix tree; active-time since 7.2"},
	{"SLOWLOG GET", treatment{kind: treatKind}, "times"},

	{"OBJECT ENCODING", treatment{kind: treatEncoding}, "list and set listpacks since 7.2; engine/testdata pins them"},
	{"OBJECT REFCOUNT", treatment{kind: treatShape}, "shared integers are not shared here"},
	{"MEMORY USAGE", treatment{kind: treatShape}, "another allocator"},
	{"MEMORY DOCTOR", treatment{kind: treatKind}, "another allocator"},
	{"MEMORY MALLOC-STATS", treatment{kind: treatKind}, "another allocator"},
	{"MEMORY STATS", treatment{kind: treatKind}, "another allocator"},
	{"DEBUG OBJECT", treatment{kind: treatKind}, "addresses and encodings"},
	{"DUMP", treatment{kind: treatShape}, "encodings and the RDB version differ; the data is compared by RESTORE"},
	{"INFO", treatment{kind: treatKind}, "facts about another program"},
	{"HELLO", treatment{kind: treatKind}, "version and client id"},
	{"CLIENT ID", treatment{kind: treatShape}, "counts connections"},
	{"CLIENT GETREDIR", treatment{kind: treatNumber, within: 1e9}, "the id of a connection"},
	{"CLIENT TRACKINGINFO", treatment{kind: treatNumber, within: 1e9}, "the id of a connection"},
	{"CLIENT LIST", treatment{kind: treatKind}, "facts about another program"},
	{"CLIENT INFO", treatment{kind: treatKind}, "facts about another program"},
	{"COMMAND", treatment{kind: treatKind}, "more commands here"},
	{"COMMAND COUNT", treatment{kind: treatShape}, "more commands here"},
	{"COMMAND LIST", treatment{kind: treatKind}, "more commands here"},
	{"COMMAND DOCS", treatment{kind: treatKind}, "prose"},
	{"COMMAND INFO", treatment{kind: treatKind}, "order of flags"},
	{"ACL GETUSER", treatment{kind: treatRules}, "single commands in the order of a hash table"},
	{"ACL LIST", treatment{kind: treatRules}, "single commands in the order of a hash table"},
	{"ACL LOG", treatment{kind: treatKind}, "ages and client facts"},
	{"ACL CAT", treatment{kind: treatKind}, "more commands here"},
	{"LOLWUT", treatment{kind: treatKind}, "art"},
	{"LATENCY DOCTOR", treatment{kind: treatKind}, "prose"},
	{"LATENCY HISTOGRAM", treatment{kind: treatKind}, "times"},
	{"FUNCTION RESTORE", treatment{kind: treatKind}, "which library is in the way first follows a hash table"},
	{"FUNCTION DUMP", treatment{kind: treatShape}, "compressed a little otherwise"},
	{"FUNCTION STATS", treatment{kind: treatShape}, "engines differ"},
	{"DEBUG DIGEST", treatment{}, "the reference's algorithm"},
	{"DEBUG DIGEST-VALUE", treatment{}, "the reference's algorithm"},
	{"DEBUG", treatment{kind: treatKind}, "sub-commands of another program"},
}

// newerTexts are error texts that later versions changed: the oracle's, and how ours begins.
var newerTexts = []struct{ theirs, ours, reason string }{
	{"ERR timeout is negative", "ERR timeout is out of range", "7.0 overflows before it looks at the sign"},
	{"NOGROUP the consumer group this client was blocked on no longer exists", "NOGROUP No such key '", wokenReader},
	{"UNBLOCKED the stream key no longer exists", "NOGROUP No such key '", wokenReader},
}

const wokenReader = "since 7.2 a reader whose group is gone runs its command again"

// newerWords are options that the oracle does not know yet; the random stream leaves them out.
var newerWords = []struct{ command, word, since string }{
	{"HSCAN", "NOVALUES", "7.4.0"},
	{"ZRANK", "WITHSCORE", "7.2.0"},
	{"ZREVRANK", "WITHSCORE", "7.2.0"},
	{"SCAN", "NOVALUES", "7.4.0"},
	{"ZSCAN", "NOSCORES", "8.0.0 of Valkey"},
	{"ZUNION", "COUNT", "8.8.0"},
	{"ZUNIONSTORE", "COUNT", "8.8.0"},
	{"ZINTER", "COUNT", "8.8.0"},
	{"ZINTERSTORE", "COUNT", "8.8.0"},
	{"SET", "IFEQ", "8.4.0"},
	{"SET", "IFNE", "8.4.0"},
	{"SET", "IFDEQ", "8.4.0"},
	{"SET", "IFDNE", "8.4.0"},
	{"XADD", "KEEPREF", "8.2.0"},
	{"XADD", "DELREF", "8.2.0"},
	{"XADD", "ACKED", "8.2.0"},
	{"XADD", "IDMP", "8.6.0"},
	{"XADD", "IDMPAUTO", "8.6.0"},
	{"XTRIM", "KEEPREF", "8.2.0"},
	{"XTRIM", "DELREF", "8.2.0"},
	{"XTRIM", "ACKED", "8.2.0"},
	{"XREADGROUP", "CLAIM", "8.4.0"},
	{"XREAD", "MAXCOUNT", "8.10.0"},
	{"XREAD", "MAXSIZE", "8.10.0"},
	{"XREADGROUP", "MAXCOUNT", "8.10.0"},
	{"XREADGROUP", "MAXSIZE", "8.10.0"},
	{"BITOP", "DIFF", "8.2.0"},
	{"BITOP", "DIFF1", "8.2.0"},
	{"BITOP", "ANDOR", "8.2.0"},
	{"BITOP", "ONE", "8.2.0"},
}

// newer reports whether a command asks for something that came after the oracle. With several clients
// that is also a blocking command over several keys: since 7.2 a woken client runs its command again, so
// the order of its keys decides, and no longer which key was written first.
func newer(args []string, alone bool) bool {
	for _, row := range newerWords {
		named := func(arg string) bool { return strings.EqualFold(arg, row.word) }
		if row.command == args[0] && slices.ContainsFunc(args, named) {
			return true
		}
	}
	if strings.HasSuffix(args[0], "RANK") && args[0] != "ZREMRANGEBYRANK" && len(args) > 3 {
		return true // 7.2 takes a fourth argument, so that its arity is another
	}
	if args[0] == "CLIENT" && len(args) > 4 && strings.EqualFold(args[1], "LIST") {
		return true // since 8.0 it takes several filters
	}
	if args[0] == "HELLO" {
		at := slices.IndexFunc(args, func(arg string) bool { return strings.EqualFold(arg, "SETNAME") })
		return at >= 0 && at+2 != len(args) // since 7.2 nothing is set if a later option is wrong
	}
	if answeredTwice(args) {
		return true
	}
	if alone || len(args) < 3 {
		return false
	}
	switch args[0] {
	case "BLPOP", "BRPOP", "BZPOPMIN", "BZPOPMAX":
		return len(args) > 3
	case "BLMPOP", "BZMPOP":
		return args[2] != "1"
	case "CLIENT": // 7.0 does not count what a waiting client takes as its own change
		return slices.ContainsFunc(args, func(arg string) bool { return strings.EqualFold(arg, "NOLOOP") })
	case "XADD": // 7.0 wakes readers for an entry that is trimmed at once, with nothing
		return slices.ContainsFunc(args, func(arg string) bool {
			return strings.EqualFold(arg, "MAXLEN") || strings.EqualFold(arg, "MINID")
		})
	case "XGROUP":
		return strings.EqualFold(args[1], "DESTROY") // 7.0 wakes readers without a group too, with nothing
	case "XREAD", "XREADGROUP":
		at := slices.IndexFunc(args, func(arg string) bool { return strings.EqualFold(arg, "STREAMS") })
		return at >= 0 && len(args)-at > 3
	}
	return false
}

// roughCount reports whether a text is no number but begins with one. The oracle's COMMAND GETKEYS counts keys by it,
// as C's atoi does; here nothing has keys whose count the command itself would refuse.
func roughCount(text string) bool {
	number := strings.TrimPrefix(strings.TrimLeft(text, " \t\n\v\f\r"), "+")
	end := strings.IndexFunc(number, func(r rune) bool { return r < '0' || r > '9' })
	if end >= 0 {
		number = number[:end]
	}
	n, err := strconv.Atoi(number)
	return number != "" && (err != nil || strconv.Itoa(n) != text)
}

// reforming are commands that give a value another form in the oracle where they change nothing else, so that the
// random stream does not ask for forms after them.
var reforming = map[string]string{
	"SETBIT":   "a string becomes raw even if no bit changes; here it stays as it is",
	"BITFIELD": "as SETBIT",
	"PFADD":    "a sketch that was restored becomes raw even if no register changes",
	"PFDEBUG":  "as PFADD",
	"SORT":     "a sorted set that is sorted becomes a skiplist; here a listpack is read as it is",
	"SORT_RO":  "as SORT",
}

// answeredTwice reports whether a CLIENT TRACKING gives prefixes of which two overlap, and neither is the first. The
// oracle then complains, and goes on to do what it was asked for and to say OK: a second reply.
func answeredTwice(args []string) bool {
	if args[0] != "CLIENT" || !strings.EqualFold(args[min(1, len(args)-1)], "TRACKING") {
		return false
	}
	var prefixes []string
	for i := range len(args) - 1 {
		if strings.EqualFold(args[i], "PREFIX") {
			prefixes = append(prefixes, args[i+1])
		}
	}
	for i, a := range prefixes {
		if i > 0 && slices.ContainsFunc(prefixes[i+1:], func(b string) bool {
			return strings.HasPrefix(a, b) || strings.HasPrefix(b, a)
		}) {
			return true
		}
	}
	return false
}

// helpWord loosens HELP of every container: its text is prose.
const helpWord = "HELP"

// notGenerated are the commands the random stream leaves out, by their first word or whole name.
var notGenerated = map[string]string{
	"SHUTDOWN":         "ends the server",
	"MONITOR":          "tells the time",
	"SYNC":             "makes the connection a replica",
	"PSYNC":            "makes the connection a replica",
	"REPLCONF":         "makes the connection a replica",
	"MIGRATE":          "needs another server",
	"WAITAOF":          "needs a log",
	"MODULE LOADEX":    "reads files",
	"MODULE LOAD":      "reads files",
	"MODULE UNLOAD":    "in a transaction it is refused when it is queued there, when it runs here",
	"CONFIG REWRITE":   "writes files",
	"CONFIG RESETSTAT": "own transcripts",
	"ACL LOAD":         "reads files",
	"ACL SAVE":         "writes files",
	"BGSAVE":           "goes on beside other commands",
	"BGREWRITEAOF":     "goes on beside other commands",
	"CLIENT PAUSE":     "stops the reader too",
	"CLIENT UNPAUSE":   "as CLIENT PAUSE",
	"CLIENT REPLY":     "replies could not be told apart; tools/compare/testdata has it",
	"PFSELFTEST":       "slow",
	"SLOWLOG LEN":      "times",
	"LATENCY RESET":    "times",
	"SCRIPT DEBUG":     "the debugger is left out",
	"ACL GENPASS":      "random",
}

// generated reports whether the random stream may write a command: the oracle must know it too.
func generated(name string) bool {
	word, _, _ := strings.Cut(name, " ")
	return notGenerated[word] == "" && notGenerated[name] == ""
}

// treatmentOf finds how the replies to a command are compared.
func treatmentOf(args []string) treatment {
	if len(args) == 0 {
		return treatment{}
	}
	first := strings.ToUpper(args[0])
	if len(args) > 1 {
		second := strings.ToUpper(args[1])
		if second == helpWord {
			return treatment{kind: treatKind}
		}
		for _, r := range rules {
			if r.command == first+" "+second {
				return r.how
			}
		}
	}
	for _, r := range rules {
		if r.command == first {
			return pageTreatment(first, args, r.how)
		}
	}
	return treatment{}
}

// pageTreatment lets pages differ that begin in the middle of a hash table.
func pageTreatment(command string, args []string, how treatment) treatment {
	cursor := 2
	if command == "SCAN" {
		cursor = 1
	}
	if how.kind == treatPage && len(args) > cursor && args[cursor] != "0" {
		return treatment{kind: treatKind}
	}
	return how
}

// subscribing reports whether a command is answered by messages, one for each channel, which RESP3 pushes.
func subscribing(command string) bool {
	return strings.HasSuffix(strings.ToUpper(command), "SUBSCRIBE")
}
