package main

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"riffle/engine"
	"riffle/engine/enginetest"
)

// simulation is one run. All chance comes from random, all time from the harness.
type simulation struct {
	seed     uint64
	random   *rand.Rand
	harness  *enginetest.Harness
	grammar  *enginetest.Grammar
	settings []string
	recent   []string // the last steps, told when something breaks
	step     int
	opened   int
	clients  []string
	family   []*enginetest.Row // most commands are of one group for a while, so that data builds up
	refusing bool
	counts   map[string]int // trials by name
	digest   uint64         // of everything the engine sent and wrote
	seen     int            // journal bytes already checked and digested
}

// clientsMax is how many connections are open at most.
const clientsMax = 5

// leftOut are commands that would end the run, hide the data from it, or need another server, and one that
// tells how large buffers have grown, which hangs on how the bytes came in.
var leftOut = []string{"SHUTDOWN", "DEBUG", "ACL", "AUTH", "CONFIG", "CLIENT PAUSE", "CLIENT KILL", "MIGRATE",
	"REPLICAOF", "SLAVEOF", "FAILOVER", "PSYNC", "SYNC", "MONITOR", "LOLWUT", "RESTORE-ASKING", "PFSELFTEST", "PFDEBUG",
	"MEMORY STATS"}

// thresholds are the parameters that decide when a value changes its encoding. Tiny ones make every
// conversion happen within a few commands.
var thresholds = map[string][]string{
	"hash-max-listpack-entries": {"0", "1", "2", "3", "128"},
	"hash-max-listpack-value":   {"0", "4", "64"},
	"list-max-listpack-size":    {"1", "2", "3", "-2"},
	"set-max-intset-entries":    {"0", "1", "2", "4", "512"},
	"set-max-listpack-entries":  {"0", "1", "2", "3", "128"},
	"set-max-listpack-value":    {"0", "4", "64"},
	"zset-max-listpack-entries": {"0", "1", "2", "3", "128"},
	"zset-max-listpack-value":   {"0", "4", "64"},
	"stream-node-max-entries":   {"1", "2", "3", "100"},
	"stream-node-max-bytes":     {"16", "64", "4096"},
	"hll-sparse-max-bytes":      {"0", "20", "3000"},
	"active-expire-effort":      {"1", "10"},
	"notify-keyspace-events":    {"", "KEA"},
}

func newSimulation(seed uint64) *simulation {
	s := &simulation{seed: seed, random: rand.New(rand.NewPCG(seed, 2)), counts: map[string]int{}}
	known := engine.New(engine.Config{})
	names := make([]string, 0, len(thresholds))
	for name := range thresholds {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		values := thresholds[name]
		value := values[s.random.IntN(len(values))]
		if _, ok := known.ConfigGet(name); ok {
			s.settings = append(s.settings, name, value)
		}
	}
	s.harness = enginetest.New(seed, s.settings...)
	s.grammar = enginetest.NewGrammar(func() int64 { return s.harness.Now }, func(name string) bool {
		word, _, _ := strings.Cut(name, " ")
		return !slices.Contains(leftOut, word) && !slices.Contains(leftOut, name)
	})
	return s
}

func (s *simulation) options() string { return strings.Join(s.settings, " ") }

// trial is something that may happen in a step, as often as its weight says.
type trial struct {
	name   string
	weight int
	run    func(*simulation) error
}

var trials = []trial{
	{"commands", 900, (*simulation).commands},
	{"time", 60, (*simulation).passTime},
	{"clock back", 5, (*simulation).clockBack},
	{"hang", 15, (*simulation).hang},
	{"replay", 40, (*simulation).replay},
	{"snapshot", 6, (*simulation).snapshot},
	{"torn journal", 6, (*simulation).tornJournal},
	{"crash", 2, (*simulation).crash},
	{"compact", 2, (*simulation).compact},
	{"refuse", 4, (*simulation).refuse},
	{"hand over", 3, (*simulation).handOver},
}

// run plays steps until one breaks a law. Panics are reported like broken laws.
func (s *simulation) run(steps int) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = s.broken(fmt.Errorf("panic: %v\n%s", fault, stack()))
		}
	}()
	total := 0
	for _, t := range trials {
		total += t.weight
	}
	for s.step = range steps {
		at := s.random.IntN(total)
		for _, t := range trials {
			if at -= t.weight; at < 0 {
				s.counts[t.name]++
				if err := t.run(s); err != nil {
					return s.broken(fmt.Errorf("%s: %w", t.name, err))
				}
				break
			}
		}
		if err := s.observe(); err != nil {
			return s.broken(err)
		}
	}
	if err := s.harness.Law(); err != nil {
		return s.broken(err)
	}
	return nil
}

// broken adds to an error what led to it.
func (s *simulation) broken(err error) error {
	return fmt.Errorf("step %d: %w\nthe last steps:\n%s", s.step, err, strings.Join(s.recent, "\n"))
}

// recentSteps is how many steps are told when something breaks.
const recentSteps = 40

func (s *simulation) note(format string, args ...any) {
	s.recent = append(s.recent, fmt.Sprintf(format, args...))
	if len(s.recent) > recentSteps {
		s.recent = s.recent[1:]
	}
}

func (s *simulation) summary() string {
	words := make([]string, 0, len(trials))
	for _, t := range trials {
		words = append(words, fmt.Sprintf("%d %s", s.counts[t.name], t.name))
	}
	return fmt.Sprintf("all laws held: %s; digest %016x", strings.Join(words, ", "), s.digest)
}

// client picks a connection, sometimes a new one.
func (s *simulation) client() string {
	if len(s.clients) == 0 || len(s.clients) < clientsMax && s.random.IntN(50) == 0 {
		s.opened++
		name := fmt.Sprintf("c%d", s.opened)
		s.harness.Client(name)
		s.clients = append(s.clients, name)
		return name
	}
	return s.clients[s.random.IntN(len(s.clients))]
}

// commands sends a few commands of one connection, cut anywhere.
func (s *simulation) commands() error {
	name := s.client()
	var p []byte
	for range 1 + s.random.IntN(3) {
		args := s.grammar.Write(s.random, s.row())
		s.note("%s> %s", name, enginetest.Quote(args))
		p = enginetest.AppendCommand(p, args...)
	}
	for len(p) > 0 {
		n := len(p)
		if s.random.IntN(4) == 0 {
			n = 1 + s.random.IntN(len(p))
		}
		s.harness.Feed(name, p[:n])
		p = p[n:]
	}
	return nil
}

// rare are commands that would keep the data small if they came as often as others.
var rare = []string{"FLUSHALL", "FLUSHDB", "SWAPDB", "SELECT", "MOVE", "MULTI", "DISCARD", "RESET", "QUIT", "SUBSCRIBE"}

// row picks the next command's row.
func (s *simulation) row() *enginetest.Row {
	if s.family == nil || s.random.IntN(40) == 0 {
		s.family = s.grammar.Family(s.random)
	}
	row := s.family[s.random.IntN(len(s.family))]
	if s.random.IntN(4) == 0 {
		row = s.grammar.Rows[s.random.IntN(len(s.grammar.Rows))]
	}
	if slices.Contains(rare, row.Name) && s.random.IntN(10) != 0 {
		return s.row()
	}
	return row
}

// passTime lets a moment, a while or a day pass.
func (s *simulation) passTime() error {
	longest := []time.Duration{time.Millisecond, time.Second, 2 * time.Minute, 24 * time.Hour}
	d := time.Duration(s.random.Int64N(int64(longest[s.random.IntN(len(longest))])))
	s.note("tick %v", d)
	s.harness.Advance(d)
	return nil
}

// clockBack sets the host's clock back, as time servers do. The engine must not mind.
func (s *simulation) clockBack() error {
	d := time.Duration(s.random.Int64N(int64(time.Hour)))
	s.note("tick -%v", d)
	s.harness.At(s.harness.Now - d.Microseconds())
	s.harness.Feed(s.client(), enginetest.AppendCommand(nil, "PING"))
	s.harness.At(s.harness.Now + d.Microseconds())
	return nil
}

func (s *simulation) hang() error {
	if len(s.clients) > 0 {
		i := s.random.IntN(len(s.clients))
		s.note("hang %s", s.clients[i])
		s.harness.Forget(s.clients[i])
		s.clients = slices.Delete(s.clients, i, i+1)
	}
	return nil
}

// observe checks what every step must leave behind: replies that are whole RESP, a journal that ends
// with a whole unit.
func (s *simulation) observe() error {
	digest := fnv.New64a()
	fmt.Fprint(digest, s.digest)
	for _, name := range slices.Clone(s.clients) {
		p := s.harness.TakeBytes(name)
		digest.Write(p)
		_, rest, err := enginetest.ParseReplies(p)
		if err != nil || len(rest) > 0 {
			return fmt.Errorf("client %s was sent %q, which is not whole RESP: %v", name, p, err)
		}
		if s.harness.Client(name).Closed {
			s.harness.Forget(name)
			s.clients = slices.DeleteFunc(s.clients, func(other string) bool { return other == name })
		}
	}
	fresh := s.harness.Journal[s.seen:]
	digest.Write(fresh)
	ends, err := unitEnds(fresh)
	if err != nil {
		return err
	}
	if len(fresh) > 0 && (len(ends) == 0 || ends[len(ends)-1] != len(fresh)) {
		return fmt.Errorf("the journal ends within a unit: %q", fresh)
	}
	if s.refusing {
		if err := onlyExpiries(fresh); err != nil {
			return err
		}
	}
	s.seen = len(s.harness.Journal)
	s.digest = digest.Sum64()
	return nil
}
