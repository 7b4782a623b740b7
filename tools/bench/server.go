package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// serverTest is one kind of command; before each measurement all data is dropped and prepare runs.
type serverTest struct {
	name    string
	prepare *load
	request request
	begins  string
}

var serverTests = []serverTest{
	{"SET", nil, keyed("SET", "key:", "xxx"), "+OK"},
	{"GET", fill(keySpace, numbered("SET", "key:", "xxx")), keyed("GET", "key:"), "$3"},
	{"INCR", nil, keyed("INCR", "counter:"), ":"},
	{"LPUSH", nil, command("LPUSH", "mylist", "xxx"), ":"},
	{"LPOP", fill(1_000_000, command("LPUSH", "mylist", "xxx")), command("LPOP", "mylist"), "$"},
	{"SADD", nil, memberOf("SADD", "myset"), ":"},
	{"HSET", nil, fieldOf("HSET", "myhash", "xxx"), ":"},
	{"SPOP", fill(1_000_000, numberedMember("SADD", "myset")), command("SPOP", "myset"), "$"},
	{"ZADD", nil, scored, ":"},
	{"XADD", nil, command("XADD", "mystream", "*", "myfield", "xxx"), "$"},
	{"LRANGE_100", fill(100, command("RPUSH", "mylist", "xxx")), command("LRANGE", "mylist", "0", "99"), "*100"},
	{"MSET", nil, tenKeys, "+OK"},
}

// keyed writes NAME prefix:RANDOM args.
func keyed(name, prefix string, args ...string) request {
	return func(p []byte, _ int, random *rand.Rand) []byte {
		p = appendBulk(appendHead(p, 2+len(args)), name)
		p = appendNumbered(p, prefix, random.IntN(keySpace))
		for _, arg := range args {
			p = appendBulk(p, arg)
		}
		return p
	}
}

// numbered writes NAME prefix:I args.
func numbered(name, prefix string, args ...string) request {
	return func(p []byte, i int, _ *rand.Rand) []byte {
		p = appendNumbered(appendBulk(appendHead(p, 2+len(args)), name), prefix, i)
		for _, arg := range args {
			p = appendBulk(p, arg)
		}
		return p
	}
}

func memberOf(name, key string) request {
	return func(p []byte, _ int, random *rand.Rand) []byte {
		p = appendBulk(appendBulk(appendHead(p, 3), name), key)
		return appendNumbered(p, "element:", random.IntN(keySpace))
	}
}

func numberedMember(name, key string) request {
	return func(p []byte, i int, _ *rand.Rand) []byte {
		return appendNumbered(appendBulk(appendBulk(appendHead(p, 3), name), key), "element:", i)
	}
}

func fieldOf(name, key, value string) request {
	return func(p []byte, _ int, random *rand.Rand) []byte {
		p = appendBulk(appendBulk(appendHead(p, 4), name), key)
		return appendBulk(appendNumbered(p, "field:", random.IntN(keySpace)), value)
	}
}

func scored(p []byte, _ int, random *rand.Rand) []byte {
	number := random.IntN(keySpace)
	p = appendBulk(appendBulk(appendHead(p, 4), "ZADD"), "myzset")
	return appendNumbered(appendNumbered(p, "", number), "element:", number)
}

func tenKeys(p []byte, _ int, random *rand.Rand) []byte {
	p = appendBulk(appendHead(p, 21), "MSET")
	for range 10 {
		p = appendBulk(appendNumbered(p, "key:", random.IntN(keySpace)), "xxx")
	}
	return p
}

func fill(count int, r request) *load {
	return &load{count: count, connections: 1, pipeline: 500, request: r}
}

// serverRow is one figure: CPU per command of both, in microseconds.
type serverRow struct {
	Test     string    `json:"test"`
	Pipeline int       `json:"pipeline"`
	Ours     []float64 `json:"riffle_us"`
	Theirs   []float64 `json:"redis_us"`
	Ratio    float64   `json:"ratio_of_medians"`
}

const (
	benchConnections = 50
	commandsMeasured = 300_000 // at a pipeline of 1; deeper pipelines send more
)

// server measures CPU, not time: what a server costs is what it takes from the machine, and the load
// generator shares the machine.
func server(o options) (any, error) {
	ours, err := launch("riffle", o.ours)
	if err != nil {
		return nil, err
	}
	defer ours.stop()
	theirs, err := launch("redis", o.theirs)
	if err != nil {
		return nil, err
	}
	defer theirs.stop()
	pipelines := []int{1, 16}
	if o.full {
		pipelines = append(pipelines, 100)
	}
	var rows []serverRow
	fmt.Printf("server CPU per command in microseconds, median of %d paired rounds, %d connections\n",
		o.rounds, benchConnections)
	fmt.Printf("%-12s %4s %8s %8s %6s\n", "", "P", "riffle", "redis", "ratio")
	for _, pipeline := range pipelines {
		for _, test := range serverTests {
			if !strings.Contains(strings.ToLower(test.name), strings.ToLower(o.only)) {
				continue
			}
			row, err := pairedRounds(test, pipeline, o, ours, theirs)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", test.name, err)
			}
			rows = append(rows, row)
			fmt.Printf("%-12s %4d %8.2f %8.2f %6.2f\n",
				row.Test, pipeline, median(row.Ours), median(row.Theirs), row.Ratio)
		}
	}
	return rows, nil
}

// pairedRounds measures both servers in turns, the order swapped every round.
func pairedRounds(test serverTest, pipeline int, o options, ours, theirs *process) (serverRow, error) {
	row := serverRow{Test: test.name, Pipeline: pipeline}
	for round := range o.rounds {
		pair := []*process{ours, theirs}
		if round%2 == 1 {
			slices.Reverse(pair)
		}
		for _, p := range pair {
			micros, err := measure(test, pipeline, o, p)
			if err != nil {
				return row, fmt.Errorf("%s: %w", p.name, err)
			}
			if p == ours {
				row.Ours = append(row.Ours, micros)
			} else {
				row.Theirs = append(row.Theirs, micros)
			}
		}
	}
	if theirs := median(row.Theirs); theirs > 0 {
		row.Ratio = median(row.Ours) / theirs
	}
	return row, nil
}

// measure runs one test once and returns the server's CPU per command in microseconds.
func measure(test serverTest, pipeline int, o options, p *process) (float64, error) {
	if _, err := p.do("FLUSHALL"); err != nil {
		return 0, err
	}
	if test.prepare != nil {
		prepare := *test.prepare
		prepare.count = min(prepare.count, max(keySpace, int(float64(prepare.count)*o.scale)))
		if err := prepare.run(p.address); err != nil {
			return 0, err
		}
	}
	count := commandsMeasured
	if pipeline > 1 {
		count *= 3
	}
	count = max(benchConnections*pipeline, int(float64(count)*o.scale))
	before, err := p.cpu()
	if err != nil {
		return 0, err
	}
	l := load{count, benchConnections, pipeline, test.request, test.begins}
	if err := l.run(p.address); err != nil {
		return 0, err
	}
	after, err := p.cpu()
	return float64(after-before) / float64(time.Microsecond) / float64(count), err
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	if len(sorted) == 0 {
		return 0
	}
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}
