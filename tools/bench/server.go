package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"time"
)

// serverTest is one kind of command. Every measurement begins with a fresh server.
type serverTest struct {
	name        string
	prepare     func(count int) []load // what count commands need to be there
	request     request
	begins      string // of every reply
	weight      int    // how many times the cost of a simple command; so many times fewer are sent; 0 = 1
	subscribers int
}

// serverTests are redis-benchmark's own with their names, and those it lacks.
func serverTests(o options) []serverTest {
	space, many, crowd := o.scaled(100_000, 1000), o.scaled(1_000_000, 1000), o.scaled(10_000, 10)
	key, element := anyOf(space, "key:"), anyOf(space, "element:")
	keys, manyKeys := always(fill(space, setNumbered)), always(fill(many, setNumbered))
	publish := command("PUBLISH", "news", "xxx")
	lrange := func(last string) request { return command("LRANGE", "mylist", "0", last) }
	return []serverTest{
		{name: "PING_INLINE", request: inlinePing, begins: "+PONG"},
		{name: "PING_MBULK", request: command("PING"), begins: "+PONG"},
		{name: "SET", request: build(3, words("SET"), key, words("xxx")), begins: "+OK"},
		{name: "GET", prepare: keys, request: build(2, words("GET"), key), begins: "$3"},
		{name: "INCR", request: build(2, words("INCR"), anyOf(space, "counter:")), begins: ":"},
		{name: "LPUSH", request: command("LPUSH", "mylist", "xxx"), begins: ":"},
		{name: "RPUSH", request: command("RPUSH", "mylist", "xxx"), begins: ":"},
		{name: "LPOP", prepare: list, request: command("LPOP", "mylist"), begins: "$3"},
		{name: "RPOP", prepare: list, request: command("RPOP", "mylist"), begins: "$3"},
		{name: "SADD", request: build(3, words("SADD", "myset"), element), begins: ":"},
		{name: "HSET", request: build(4, words("HSET", "myhash"), element, words("xxx")), begins: ":"},
		{name: "SPOP", prepare: set, request: command("SPOP", "myset"), begins: "$20"},
		{name: "ZADD", request: build(4, words("ZADD", "myzset", "0"), element), begins: ":"},
		{name: "ZADD random scores", request: build(4, words("ZADD", "myzset"), anyScore, element), begins: ":"},
		{name: "ZPOPMIN", prepare: zset, request: command("ZPOPMIN", "myzset"), begins: "*2"},
		{name: "ZRANGE 10", prepare: zset, request: command("ZRANGE", "myzset", "500", "509"), begins: "*10",
			weight: 2},
		{name: "LRANGE_100", prepare: list, request: lrange("99"), begins: "*100", weight: 6},
		{name: "LRANGE_300", prepare: list, request: lrange("299"), begins: "*300", weight: 15},
		{name: "LRANGE_500", prepare: list, request: lrange("499"), begins: "*500", weight: 20},
		{name: "LRANGE_600", prepare: list, request: lrange("599"), begins: "*600", weight: 25},
		{name: "MSET 10 keys", request: build(21, words("MSET"), repeat(10, key, words("xxx"))), begins: "+OK",
			weight: 5},
		{name: "HGETALL 8 fields", prepare: always(fill(space, smallHash)), request: build(2, words("HGETALL"),
			anyOf(space, "")), begins: "*16", weight: 2},
		{name: "EXPIRE", prepare: keys, request: build(3, words("EXPIRE"), key, words("1000")), begins: ":1"},
		{name: "XADD", request: command("XADD", "mystream", "*", "myfield", "xxx"), begins: "$"},
		{name: "XREADGROUP and XACK", prepare: stream, request: alternate(
			command("XREADGROUP", "GROUP", "g", "c", "COUNT", "1", "STREAMS", "mystream", ">"), acknowledge)},
		{name: "PUBLISH to 1", request: publish, begins: ":1", subscribers: 1},
		{name: "PUBLISH to 100", request: publish, begins: ":100", weight: 50, subscribers: 100},
		{name: "PUBLISH to 10,000", request: publish, begins: ":" + strconv.Itoa(crowd), weight: 3000,
			subscribers: crowd},
		{name: "80/20 zipf over 1 M keys", prepare: manyKeys, request: mixed(many)},
	}
}

func inlinePing(p []byte, _ int, _ *rand.Rand) []byte { return append(p, "PING\r\n"...) }

// setNumbered sets the keys in order.
var setNumbered = build(3, words("SET"), numbered("key:"), words("xxx"))

// anyScore is a score that few members share.
var anyScore = anyOf(1_000_000_000, "")

// acknowledge lags behind the reading, whose order the connections share.
func acknowledge(p []byte, i int, _ *rand.Rand) []byte {
	p = appendBulk(appendBulk(appendBulk(appendHead(p, 4), "XACK"), "mystream"), "g")
	return appendBulk(p, fmt.Sprint(max(1, i-10*benchConnections), "-1"))
}

// fill is a load that only has to have happened.
func fill(count int, r request) load {
	return load{count: count, connections: 1, pipeline: 500, request: r}
}

// always is the same preparation for any number of commands.
func always(l load) func(int) []load { return func(int) []load { return []load{l} } }

func list(count int) []load {
	return []load{fill(max(count, 1000), command("RPUSH", "mylist", "xxx"))}
}

func set(count int) []load {
	return []load{fill(count, build(3, words("SADD", "myset"), numbered("element:")))}
}

func zset(count int) []load {
	return []load{fill(max(count, 1000), build(4, words("ZADD", "myzset"), anyScore, numbered("element:")))}
}

func stream(count int) []load {
	entry := func(p []byte, i int, _ *rand.Rand) []byte {
		p = appendBulk(appendBulk(appendBulk(appendHead(p, 5), "XADD"), "mystream"), fmt.Sprint(i+1, "-1"))
		return appendBulk(appendBulk(p, "myfield"), "xxx")
	}
	return []load{fill(count, entry), fill(1, command("XGROUP", "CREATE", "mystream", "g", "0"))}
}

const (
	benchConnections = 50
	commandsMeasured = 200_000 // simple ones at a pipeline of 1; deeper pipelines send more
)

func server(o options, r *report) error {
	r.begin("server", fmt.Sprintf("microseconds per command, %d connections, median of %d rounds",
		benchConnections, o.rounds))
	for _, pipeline := range o.pipelines {
		for _, test := range serverTests(o) {
			name := fmt.Sprintf("%s, pipeline %d", test.name, pipeline)
			bars := serverBars(pipeline)
			err := r.measure(o, name, bars, func(s side) ([]float64, error) {
				values, err := test.run(s, o, pipeline)
				return values[:len(bars)], err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

const kernelTime = "  in kernel us"

// serverBars are the measures at a pipeline: of a single request its latency too. What of the CPU time is
// the kernel's is no engine's to save: read beside the bar it says how much is left to gain.
func serverBars(pipeline int) []measure {
	if pipeline > 1 {
		return []measure{{name: "CPU us", bar: 0.5}, {name: kernelTime}, {name: "time us", bar: 1}}
	}
	return []measure{{name: "CPU us", bar: 1}, {name: kernelTime}, {name: "time us", bar: 1},
		{name: "p99 us", bar: 1}, {name: "p99.9 us", bar: 1}}
}

// run measures a test on a fresh server: CPU time per command, how much of it in the kernel, and time per
// command, the 99th and the 99.9th percentile of the latency of a batch, all in microseconds. A tenth of the
// commands runs before, to warm up.
func (t serverTest) run(s side, o options, pipeline int, flags ...string) ([]float64, error) {
	values := make([]float64, 5)
	p, err := s.launch(flags...)
	if err != nil {
		return values, err
	}
	defer p.stop()
	count := commandsMeasured / max(1, t.weight)
	if pipeline > 1 {
		count *= 3
	}
	l := load{count: o.scaled(count, 20), connections: benchConnections, pipeline: pipeline,
		request: t.request, begins: t.begins}
	if t.subscribers >= 100 {
		l.connections = 1 // so that no two messages share a system call
	}
	warm := l
	warm.count = l.count / 10
	if t.prepare != nil {
		for _, prepare := range t.prepare(l.count + warm.count) {
			if _, err := prepare.run(p.address); err != nil {
				return values, err
			}
		}
	}
	if err := p.subscribe(t.subscribers); err != nil {
		return values, err
	}
	if _, err := warm.run(p.address); err != nil {
		return values, err
	}
	l.first = warm.count
	cpu, kernel, went, err := p.cost(l)
	if err != nil {
		return values, err
	}
	return []float64{perCommand(cpu, l.count), perCommand(kernel, l.count), perCommand(went.elapsed, l.count),
		perCommand(went.latency.quantile(0.99), 1), perCommand(went.latency.quantile(0.999), 1)}, nil
}

// perCommand is microseconds per command.
func perCommand(d time.Duration, count int) float64 {
	return float64(d) / float64(time.Microsecond) / float64(count)
}

// cost plays a load and returns what CPU time the server spent on it, and how much of it in the kernel.
func (p *process) cost(l load) (cpu, kernel time.Duration, went *played, err error) {
	f, err := dial(p.address, l.connections)
	if err != nil {
		return 0, 0, nil, err
	}
	defer f.close()
	cpuBefore, kernelBefore, err := p.cpu()
	if err != nil {
		return 0, 0, nil, err
	}
	if went, err = f.play(l); err != nil {
		return 0, 0, nil, err
	}
	cpu, kernel, err = p.cpu()
	return cpu - cpuBefore, kernel - kernelBefore, went, err
}

// subscribe opens connections that listen to the channel "news" and throw away what they hear, until the
// server stops.
func (p *process) subscribe(count int) error {
	hello := command("SUBSCRIBE", "news")(nil, 0, nil)
	for range count {
		conn, err := net.Dial("tcp", p.address)
		if err != nil {
			return err
		}
		if _, err := conn.Write(hello); err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			_, _ = io.Copy(io.Discard, conn)
		}()
	}
	_, err := p.do("PING") // comes after them all
	return err
}
