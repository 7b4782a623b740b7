package engine

// Flags say how a command may be run; COMMAND INFO lists them and ACL categories follow from them.
type Flags uint32

// The field's command flags.
const (
	Write           Flags = 1 << iota // may change data
	ReadOnly                          // reads data, changes none
	DenyOOM                           // refused when memory is used up
	Admin                             // for operators
	PubSub                            // part of publish/subscribe
	NoScript                          // not allowed in scripts
	Blocking                          // may park its client
	Loading                           // allowed while data is being loaded
	Stale                             // allowed on a replica that lost its primary
	SkipMonitor                       // shows itself to MONITOR: before it runs
	SkipSlowlog                       // not kept by SLOWLOG
	Asking                            // allowed after ASKING
	Fast                              // O(1) or O(log N)
	NoAuth                            // allowed before AUTH
	MayReplicate                      // may produce effects without being a write
	NoMulti                           // not allowed inside MULTI
	NoMandatoryKeys                   // may be called without its keys
	NoAsyncLoading                    // not allowed during asynchronous loading
	AllowBusy                         // allowed while a script runs too long
	MovableKeys                       // key positions depend on the arguments
)

// Command is one row of the command table. From it come arity, key positions, ACL categories,
// COMMAND INFO / DOCS / GETKEYS, the console's completion and hints, the reference page, the tested
// example and the grammar of the fuzzers. A new command touches the file of its family and no other.
type Command struct {
	Name       string // upper case; a sub-command has its own word only
	Syntax     string // arguments in the field's notation, see syntax.go
	Flags      Flags
	Since      string // the first version of the reference that had it
	Origin     string // for a command from after 7.0: the servers that have it; Since counts in the first
	Complexity string
	Summary    string // one sentence, with its full stop
	Example    string // a transcript as redis-cli prints it; TestExamples plays it
	Deprecated string // the version since which it is, or empty
	ReplacedBy string // what to use instead of a deprecated command
	Arity      int    // overrides what Syntax says; negative = at least
	Keys       string // overrides the key positions that Syntax says, see keys.go
	Categories string // ACL categories beyond those that group and flags imply, space separated
	Group      string // overrides the family's group
	Subs       []Command
	Run        func(*Ctx)
}

// family is a group of commands that share a file.
type family struct {
	group    string
	commands []Command
}

// entry is a row at work in one engine: looked up, counted, and with its syntax parsed on demand.
type entry struct {
	*Command
	group    string
	full     string // lower case; a sub-command is "config|get"
	parent   *entry
	id       int         // counts rows and sub-commands
	within   categorySet // made by the first use
	subs     []*entry
	arity    int // made by the first use if the table does not say; 0 until then, which fits no request
	calls    int64
	nanos    int64 // time spent running
	quickest int   // arguments up to which a request may share a lap, see timing.go
	sharing  int64 // calls in the lap that is not measured yet
	latency  histogram
	rejected int64
	failed   int64
	grammar  []argument // parsed Syntax, made by the first use
	keyRange [3]int     // first key, last key, step; made by the first use, as is member
	keyKnown bool
	member   int // where a member of the value under the key at 1 stands, see memberAt
}

// keys returns where a request's first keys are: the first and the last one's position, negative
// from the end, and the step; 0 if the row has none at a place that is always the same.
func (en *entry) keys() (first, last, step int) {
	if !en.keyKnown {
		en.keyRange[0], en.keyRange[1], en.keyRange[2] = keyRange(en.keySpecs())
		en.member = en.memberAt()
		en.keyKnown = true
	}
	return en.keyRange[0], en.keyRange[1], en.keyRange[2]
}

// isSubcommandOf reports whether the row, nil for an unknown command, belongs to a container.
func (en *entry) isSubcommandOf(container string) bool {
	return en != nil && en.parent != nil && en.parent.Name == container
}

// memberAt returns which word of a request names a field or member of the value under its only key: 2, 1
// for the last one, 0 for none.
func (en *entry) memberAt() int {
	args := en.arguments()
	if en.keyRange != [3]int{1, 1, 1} || len(args) < 2 {
		return 0
	}
	isMember := func(arg *argument) bool { return arg.name == "member" || arg.name == "field" }
	second, last := &args[1], &args[len(args)-1]
	if second.kind == blockArgument {
		second = &second.parts[0]
	}
	if last.kind == blockArgument {
		last = &last.parts[len(last.parts)-1]
	}
	switch {
	case isMember(second):
		return 2
	case isMember(last):
		return 1
	}
	return 0
}

// index finds rows by name, folding case: open addressing, twice as many slots as names.
type index struct {
	slots   []*entry
	entries []*entry // top-level rows in table order
	count   int      // of rows, sub-commands included
}

const indexSlots = 1024

func newIndex() *index {
	ix := &index{slots: make([]*entry, indexSlots)}
	for _, list := range [...][]family{families[:], more[:]} {
		for i := range list {
			for j := range list[i].commands {
				ix.add(newEntry(&list[i].commands[j], list[i].group, nil))
			}
		}
	}
	return ix
}

func newEntry(row *Command, group string, parent *entry) *entry {
	en := &entry{Command: row, group: group, parent: parent, full: lowerString(row.Name), arity: row.Arity}
	en.quickest = quickest(row)
	if row.Group != "" {
		en.group = row.Group
	}
	if parent != nil {
		en.full = parent.full + "|" + en.full
	}
	for i := range row.Subs {
		en.subs = append(en.subs, newEntry(&row.Subs[i], en.group, en))
	}
	return en
}

func (ix *index) add(en *entry) {
	i := foldHash(en.Name) % indexSlots
	for ix.slots[i] != nil {
		i = (i + 1) % indexSlots
	}
	ix.slots[i] = en
	en.id = ix.nextID()
	for _, sub := range en.subs {
		sub.id = ix.nextID()
	}
	ix.entries = append(ix.entries, en)
}

// nextID numbers one more row.
func (ix *index) nextID() int {
	ix.count++
	return ix.count - 1
}

// find returns the row named by the first argument, and below it the sub-command named by the
// second; nil if there is none.
func (ix *index) find(argv [][]byte) (row *entry, container *entry) {
	row = ix.findName(argv[0])
	if row == nil || row.subs == nil || len(argv) == 1 {
		return row, nil
	}
	for _, sub := range row.subs {
		if equalFold(argv[1], sub.Name) {
			return sub, row
		}
	}
	return nil, row
}

func (ix *index) findName(name []byte) *entry {
	for i := foldHash(name) % indexSlots; ix.slots[i] != nil; i = (i + 1) % indexSlots {
		if equalFold(name, ix.slots[i].Name) {
			return ix.slots[i]
		}
	}
	return nil
}

func foldHash[T string | []byte](name T) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(name); i++ {
		h = (h ^ uint32(name[i]|0x20)) * 16777619
	}
	return h ^ h>>15
}

// equalFold compares a client's word with an upper-case word of ours, ASCII only.
func equalFold(word []byte, upper string) bool {
	if len(word) != len(upper) {
		return false
	}
	for i, ch := range word {
		if ch >= 'a' && ch <= 'z' {
			ch -= 'a' - 'A'
		}
		if ch != upper[i] {
			return false
		}
	}
	return true
}

func lowerString(s string) string {
	b := []byte(s)
	for i, ch := range b {
		if ch >= 'A' && ch <= 'Z' {
			b[i] = ch + 'a' - 'A'
		}
	}
	return string(b)
}
