package engine

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// Benchmarks of the six hops: pipelines of random keys, fed and taken as a host does. Compare two
// states of the code with benchstat.
//
//	go test ./engine -run - -bench Feed -count 6

const benchKeys = 100_000

// feedBench is one kind of request; %012d in it stands for a random number.
type feedBench struct {
	name    string
	fill    string // run once for every number; empty = nothing
	request []string
}

var feedBenches = []feedBench{
	{"PING", "", []string{"PING"}},
	{"SET", "", []string{"SET", "key:%012d", "xxx"}},
	{"GET", "SET key:%012d xxx\r\n", []string{"GET", "key:%012d"}},
	{"INCR", "", []string{"INCR", "counter:%012d"}},
	{"EXPIRE", "SET key:%012d xxx\r\n", []string{"EXPIRE", "key:%012d", "1000"}},
	{"LPUSH", "", []string{"LPUSH", "mylist", "xxx"}},
	{"SADD", "", []string{"SADD", "myset", "element:%012d"}},
	{"HSET", "", []string{"HSET", "myhash", "field:%012d", "xxx"}},
	{"ZADD", "", []string{"ZADD", "myzset", "%012d", "element:%012d"}},
	{"HGETALL8", "HSET h:%012d a 1 b 2 c 3 d 4 e 5 f 6 g 7 h 8\r\n", []string{"HGETALL", "h:%012d"}},
	{"XADD", "", []string{"XADD", "mystream", "*", "myfield", "xxx"}},
}

func BenchmarkFeed(b *testing.B) {
	for _, bench := range feedBenches {
		for _, pipeline := range []int{1, 16, 100} {
			b.Run(fmt.Sprintf("%s/%d", bench.name, pipeline), func(b *testing.B) { bench.run(b, pipeline) })
		}
	}
}

func (bench feedBench) run(b *testing.B, pipeline int) {
	started := time.Now()
	e := New(Config{Seed: 1, Stopwatch: func() int64 { return int64(time.Since(started)) }})
	c := e.Open(1e15, Peer{})
	feed := func(p []byte) {
		e.Feed(1e15, c, p)
		e.Ready()
		c.Sent(len(c.Out()))
	}
	for i := range benchKeys {
		if bench.fill != "" {
			feed(fmt.Appendf(nil, bench.fill, i))
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	batches := make([][]byte, 200_000/pipeline)
	for i := range batches {
		for range pipeline {
			batches[i] = bench.appendRequest(batches[i], random)
		}
	}
	at := 0
	b.ReportAllocs()
	for b.Loop() {
		feed(batches[at])
		at = (at + 1) % len(batches)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(pipeline*b.N), "ns/request")
}

func (bench feedBench) appendRequest(p []byte, random *rand.Rand) []byte {
	p = fmt.Appendf(p, "*%d\r\n", len(bench.request))
	for _, word := range bench.request {
		if len(word) > 4 && word[len(word)-5:] == "%012d" {
			word = fmt.Sprintf(word, random.IntN(benchKeys))
		}
		p = fmt.Appendf(p, "$%d\r\n%s\r\n", len(word), word)
	}
	return p
}
