package engine

import (
	"strings"

	"riffle/engine/num"
)

// keySpec says where a command's keys stand, in the terms of COMMAND INFO. Positions count the
// words of a request from 0, the name's. A row's Keys overrides what its Syntax says: "none", or
// "first last step".
type keySpec struct {
	search  keySearch
	first   int    // where the keys, or their number, begin; where to look for keyword, negative from the end
	keyword string // the word in front of the keys
	last    int    // of a range: the last key, negative from the end (-1); relative to first when positive
	step    int
	limit   int // of a keyword's range: 2 = the first half of what follows
	counted bool
	access  string // flags of COMMAND INFO
	maybe   bool   // the keyword may be missing
}

type keySearch uint8

const (
	searchIndex keySearch = iota
	searchKeyword
	searchUnknown // no rule finds them: SORT names keys by patterns, and STORE may stand anywhere
)

// keySpecs derives where the keys of a command are.
func (en *entry) keySpecs() []keySpec {
	switch {
	case en.Name == "MIGRATE":
		return migrateSpecs
	case en.Keys != "":
		return en.statedKeys()
	}
	at := 1
	if en.parent != nil {
		at = 2
	}
	var specs []keySpec
	args := en.arguments()
	for i := range args {
		arg := &args[i]
		specs = append(specs, en.keysOf(args, i, at)...)
		n, _ := arg.least()
		at += n
	}
	if en.Name == "SORT" || en.Name == "SORT_RO" {
		specs = append(specs[:1], keySpec{search: searchUnknown}, keySpec{search: searchUnknown})
	}
	for i := range specs {
		specs[i].access = en.keyAccess(args, i)
	}
	if en.Name == "SORT_RO" {
		specs = specs[:2]
	}
	return specs
}

// migrateSpecs are MIGRATE's: a key, or an empty word and any number of keys behind KEYS, which is looked for from the
// last word but one back to the front.
var migrateSpecs = []keySpec{
	{first: 3, step: 1, access: "RW access delete"},
	{search: searchKeyword, keyword: "KEYS", first: -2, last: -1, step: 1, access: "RW access delete incomplete"},
}

// statedKeys reads the row's Keys.
func (en *entry) statedKeys() []keySpec {
	words := fields(en.Keys)
	if len(words) != 3 {
		return nil
	}
	first, last, step := number(words[0]), number(words[1]), number(words[2])
	if last > 0 {
		last -= first
	}
	spec := keySpec{first: int(first), last: int(last), step: int(step)}
	spec.access = en.keyAccess(nil, 0)
	return []keySpec{spec}
}

// keysOf returns the specs of the argument at args[i], which begins at word at.
func (en *entry) keysOf(args []argument, i, at int) []keySpec {
	arg := &args[i]
	behind := 0
	for j := i + 1; j < len(args); j++ {
		n, _ := args[j].least()
		behind += n
	}
	switch {
	case arg.kind == keyArgument && arg.token == "STREAMS" || arg.kind == blockArgument && arg.token == "STREAMS":
		return []keySpec{{search: searchKeyword, keyword: "STREAMS", first: at, last: -1, step: 1, limit: 2}}
	case arg.kind == keyArgument && i > 0 && args[i-1].name == "numkeys":
		return []keySpec{{first: at - 1, step: 1, counted: true}}
	case arg.kind == blockArgument && arg.multiple && i > 0 && args[i-1].name == "numkeys":
		return []keySpec{{first: at - 1, step: len(arg.parts), counted: true}}
	case arg.kind == keyArgument && arg.optional && arg.token != "":
		return []keySpec{{search: searchKeyword, keyword: arg.token, first: at, step: 1, maybe: true}}
	case arg.kind == keyArgument && arg.multiple:
		return []keySpec{{first: at, last: -1 - behind, step: 1}}
	case arg.kind == keyArgument:
		return []keySpec{{first: at, step: 1}}
	case arg.kind == blockArgument && arg.multiple && len(arg.parts) > 0 && arg.parts[0].kind == keyArgument:
		return []keySpec{{first: at, last: -1 - behind, step: len(arg.parts)}}
	}
	return nil
}

// accesses are what commands do with their keys, one for each spec, where the flags do not tell: whether
// they read or overwrite (R, W), and whether data comes back (access), is put in or goes.
var accesses = [...]struct{ access, commands string }{
	{"OW insert", " msetnx setnx "},
	{"OW update", " mset msetex psetex restore restore-asking setex "},
	{"OW update;RO access", " bitop "},
	{"RM access delete", " delifeq "},
	{"RM delete", " del unlink "},
	{"RO", " exists hexists hlen hstrlen llen memory|usage object|encoding object|freq object|idletime" +
		" object|refcount scard sismember strlen touch type watch xlen zcard "},
	{"RO access", " xreadgroup "},
	{"RO access;OW update", " copy georadius georadiusbymember "},
	{"RO access;RO access;OW update", " sort "},
	{"RW access", " pfcount pfdebug "},
	{"RW access delete", " blmpop blpop brpop bzmpop bzpopmax bzpopmin getdel hgetdel lmpop lpop rpop spop zmpop" +
		" zpopmax zpopmin "},
	{"RW access delete;OW insert", " renamenx "},
	{"RW access delete;OW update", " rename "},
	{"RW access delete;RW insert", " blmove blmovem brpoplpush lmove lmovem rpoplpush smove "},
	{"RW access insert;RO access", " pfmerge "},
	{"RW access update variable_flags", " bitfield set "},
	{"RW delete", " hdel lrem ltrim srem xautoclaim xdel xdelex xgroup|delconsumer xgroup|destroy" +
		" xtrim zrem" +
		" zremrangebylex zremrangebyrank zremrangebyscore "},
	{"RW delete update", " xackdel "},
	{"RW delete variable_flags", " delex "},
	{"RW insert", " append hsetnx linsert lpush lpushx pfadd rpush rpushx sadd xgroup|create" +
		" xgroup|createconsumer "},
	{"RW update", " expire expireat geoadd hexpire hexpireat hmset hpersist hpexpire hpexpireat hset hsetex lset" +
		" persist pexpire pexpireat setrange xack xadd xcfgset xclaim xgroup|setid xidmprecord xnack xsetid" +
		" zadd "},
	{"RW update;RO access", " sinterstore "},
}

// keyAccess says what a command does with the keys of a spec, in the words of COMMAND INFO.
func (en *entry) keyAccess(args []argument, order int) string {
	for i := range accesses {
		if containsWord(accesses[i].commands, en.full) {
			return partOf(accesses[i].access, order)
		}
	}
	stores := len(args) > 0 && (containsWord(" destination destkey dst ", args[0].name))
	switch {
	case en.group == "pubsub":
		return "not_key"
	case en.Flags&ReadOnly != 0, stores && order > 0:
		return "RO access"
	case stores:
		return "OW update"
	}
	return "RW access update"
}

// partOf returns one of the parts of a list, the last one if there are fewer.
func partOf(list string, order int) string {
	for {
		first, rest, more := strings.Cut(list, ";")
		if order == 0 || !more {
			return first
		}
		list, order = rest, order-1
	}
}

// keyUse is a key of a request: which argument it is, and what is done with it, in the words of
// COMMAND INFO.
type keyUse struct {
	at   int
	does string
}

// access returns what may be read or written of the key's data; a command may ask about a key and do
// neither.
func (u keyUse) access() (access keyAccess) {
	for _, word := range fields(u.does) {
		switch word {
		case "access":
			access |= readKey
		case "insert", "delete", "update":
			access |= writeKey
		}
	}
	return access
}

// namesKeys reports whether the command's requests name keys. A channel of a shard has the place of a key
// and is none.
func (en *entry) namesKeys() bool {
	specs := en.keySpecs()
	return len(specs) > 0 && specs[0].access != "not_key"
}

// keysUsed finds the keys of a request; ok == false when the arguments make no sense, and then there are none.
func (en *entry) keysUsed(argv [][]byte) (uses []keyUse, ok bool) {
	if !en.namesKeys() {
		return nil, true
	}
	specs := en.keySpecs()
	if en.Name == "MIGRATE" {
		at, ok := migratedKeys(argv)
		for _, j := range at {
			uses = append(uses, keyUse{j, specs[0].access})
		}
		return uses, ok
	}
	for i := range specs {
		s := &specs[i]
		at, ok := s.positions(argv)
		if !ok {
			return nil, false
		}
		for _, j := range at {
			uses = append(uses, keyUse{j, en.actualAccess(s, argv)})
		}
	}
	return uses, true
}

// actualAccess is what a request does with the keys of a spec that depends on its options.
func (en *entry) actualAccess(s *keySpec, argv [][]byte) string {
	switch {
	case en.Name == "SET" && !hasOption(argv[min(3, len(argv)):], "GET"):
		return "OW update"
	case en.Name == "BITFIELD" && !hasOption(argv[1:], "SET") && !hasOption(argv[1:], "INCRBY"):
		return "RO access"
	case en.Name == "SET", en.Name == "BITFIELD":
		return "RW access update"
	}
	return s.access
}

func hasOption(args [][]byte, word string) bool {
	for _, arg := range args {
		if equalFold(arg, word) {
			return true
		}
	}
	return false
}

// storePosition returns where SORT is told to store its result: the last STORE counts. 0 if it is not.
func storePosition(argv [][]byte) (at int) {
	for i := 2; i < len(argv); i++ {
		switch {
		case equalFold(argv[i], "LIMIT"):
			i += 2
		case equalFold(argv[i], "GET"), equalFold(argv[i], "BY"):
			i++
		case equalFold(argv[i], "STORE") && i+1 < len(argv):
			at = i + 1
			i++
		}
	}
	return at
}

// positions returns the positions of the keys in a request; ok == false when they make no sense.
func (s *keySpec) positions(argv [][]byte) (at []int, ok bool) {
	first := s.first
	if s.search == searchUnknown {
		if store := storePosition(argv); store > 0 && s.access == "OW update" {
			at = append(at, store)
		}
		return at, true
	}
	if s.search == searchKeyword {
		first = s.findKeyword(argv)
		if first == 0 {
			return nil, s.maybe
		}
	}
	if s.counted {
		return s.counting(argv)
	}
	last := first + s.last
	if s.last < 0 {
		last = len(argv) + s.last
	}
	if s.limit > 0 {
		last = first + (len(argv)-first)/s.limit - 1
	}
	for i := first; i <= last; i += s.step {
		if i >= len(argv) {
			return at, false
		}
		at = append(at, i)
	}
	return at, len(at) > 0
}

// findKeyword returns the position behind the keyword, 0 if it is missing.
func (s *keySpec) findKeyword(argv [][]byte) int {
	if s.first < 0 {
		for i := len(argv) + s.first; i > 0; i-- {
			if equalFold(argv[i], s.keyword) {
				return i + 1
			}
		}
		return 0
	}
	for i := s.first; i < len(argv)-1; i++ {
		if equalFold(argv[i], s.keyword) {
			return i + 1
		}
	}
	return 0
}

func (s *keySpec) counting(argv [][]byte) (at []int, ok bool) {
	if s.first >= len(argv) {
		return nil, false
	}
	n, ok := num.ParseInt(argv[s.first])
	if !ok || n < 1 || n > int64(len(argv)-s.first-1)/int64(s.step) {
		return nil, false
	}
	for i := 0; i < int(n); i++ {
		at = append(at, s.first+1+i*s.step)
	}
	return at, true
}

// movable reports whether the range of the first spec does not tell the whole truth.
func movable(specs []keySpec) bool {
	for i := range specs {
		if specs[i].counted || specs[i].search != searchIndex {
			return true
		}
	}
	return false
}

// keyRange sums specs up in the three numbers of older clients: first key, last key, step.
func keyRange(specs []keySpec) (first, last, step int) {
	for i := range specs {
		s := &specs[i]
		if s.counted || s.search != searchIndex {
			continue
		}
		if first == 0 {
			first, step = s.first, s.step
		}
		if s.last < 0 {
			last = s.last
		} else if last >= 0 {
			last = s.first + s.last
		}
	}
	return first, last, step
}
