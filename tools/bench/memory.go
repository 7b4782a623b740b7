package main

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// dataSet is data that both servers are given with the same commands.
type dataSet struct {
	name     string
	commands int     // at scale 1
	elements float64 // per command: what bytes are divided by
	bar      float64
	request  request
}

var dataSets = []dataSet{
	{"1 M strings, 16 bytes", 1_000_000, 1, 0.6, build(3, words("SET"), numbered(""), numbered("val:"))},
	{"1 M counters", 1_000_000, 1, 0.6, func(p []byte, i int, _ *rand.Rand) []byte {
		return appendBulk(appendNumbered(appendBulk(appendHead(p, 3), "SET"), "", i), strconv.Itoa(100_000+i))
	}},
	{"1 M strings with TTL", 1_000_000, 1, 0.6,
		build(5, words("SET"), numbered(""), numbered("val:"), words("EX", "100000"))},
	{"100 k hashes of 8 fields", 100_000, 8, 0.9, smallHash},
	{"100 k lists of 10", 100_000, 10, 0.9, manyOf("RPUSH", 10, func(p []byte, i, k int) []byte {
		return appendBulk(p, "element"+strconv.Itoa(i%1000+k))
	}, 1)},
	{"100 k sets of 10 strings", 100_000, 10, 0.3, manyOf("SADD", 10, func(p []byte, i, k int) []byte {
		return appendBulk(p, "member"+strconv.Itoa(i%1000+k))
	}, 1)},
	{"100 k intsets of 10", 100_000, 10, 0.9, manyOf("SADD", 10, func(p []byte, i, k int) []byte {
		return appendBulk(p, strconv.Itoa(1000*k+i%1000))
	}, 1)},
	{"100 k zsets of 10", 100_000, 10, 0.9, manyOf("ZADD", 10, func(p []byte, i, k int) []byte {
		return appendBulk(appendBulk(p, strconv.Itoa(i%1000+k)), "member"+strconv.Itoa(k))
	}, 2)},
	{"one zset of 1 M", 1_000_000, 1, 0.6, func(p []byte, i int, random *rand.Rand) []byte {
		score := strconv.Itoa(random.IntN(1_000_000_000))
		return appendNumbered(appendBulk(appendBulk(appendBulk(appendHead(p, 4), "ZADD"), "k"), score), "m", i)
	}},
	{"one hash of 1 M", 1_000_000, 1, 0.6, build(4, words("HSET", "k"), numbered("f"), numbered("v"))},
	{"one set of 1 M", 1_000_000, 1, 0.6, build(3, words("SADD", "k"), numbered("m"))},
	{"one list of 1 M", 1_000_000, 1, 0.9, func(p []byte, i int, _ *rand.Rand) []byte {
		return appendBulk(appendBulk(appendBulk(appendHead(p, 3), "RPUSH"), "k"), "item:"+strconv.Itoa(i))
	}},
	{"one stream of 1 M entries", 1_000_000, 1, 0.9, func(p []byte, i int, _ *rand.Rand) []byte {
		p = appendBulk(appendBulk(appendBulk(appendHead(p, 7), "XADD"), "k"), strconv.Itoa(i+1)+"-1")
		p = appendBulk(appendBulk(p, "name"), "n"+strconv.Itoa(i%1000))
		return appendBulk(appendBulk(p, "value"), strconv.Itoa(i))
	}},
}

// smallHash is HSET key:I with eight fields.
var smallHash = manyOf("HSET", 8, func(p []byte, i, k int) []byte {
	return appendBulk(appendBulk(p, "field"+strconv.Itoa(k)), "value"+strconv.Itoa(i%1000))
}, 2)

// memory loads every data set into a fresh process of each server.
func memory(o options, r *report) error {
	r.begin("memory", "resident above the empty server, after MEMORY PURGE")
	for _, set := range dataSets {
		l := load{count: o.scaled(set.commands, 1), connections: 1, pipeline: 200, request: set.request}
		elements := float64(l.count) * set.elements
		measures := []measure{{name: "MB", bar: set.bar}, {name: "bytes each", bar: set.bar}}
		err := r.measure(o, set.name, measures, func(s side) ([]float64, error) {
			megabytes, err := residents(s, l)
			if err != nil {
				return nil, err
			}
			return []float64{megabytes[0], megabytes[0] * 1e6 / elements}, nil
		})
		if err != nil {
			return err
		}
	}
	if err := churn(o, r); err != nil {
		return err
	}
	return idleConnections(o, r)
}

// residents plays loads into a fresh server and returns, after each of them, the megabytes above the
// empty server.
func residents(s side, loads ...load) ([]float64, error) {
	p, err := s.launch()
	if err != nil {
		return nil, err
	}
	defer p.stop()
	empty, err := p.settled()
	if err != nil {
		return nil, err
	}
	var megabytes []float64
	for _, l := range loads {
		if _, err := l.run(p.address); err != nil {
			return nil, err
		}
		full, err := p.settled()
		if err != nil {
			return nil, err
		}
		megabytes = append(megabytes, float64(full-empty)/1e6)
	}
	return megabytes, nil
}

// churn measures what the same history of writes leaves behind: every value overwritten five times with
// another size, then nine keys of ten deleted, then every other one of these written again.
func churn(o options, r *report) error {
	count := o.scaled(1_000_000, 100)
	measures := []measure{
		{name: "overwritten MB", bar: 0.8}, {name: "deleted MB"}, {name: "rewritten MB", bar: 0.8},
	}
	loads := []load{
		{count: 6 * count, request: churnSet(func(i int) int { return i % count * scatter % count })},
		{count: count * 9 / 10, request: func(p []byte, i int, _ *rand.Rand) []byte {
			return appendNumbered(appendBulk(appendHead(p, 2), "DEL"), "", deleted(i))
		}},
		{count: count * 9 / 20, request: churnSet(func(i int) int { return deleted(2 * i) })},
	}
	for i := range loads {
		loads[i].connections, loads[i].pipeline = 1, 200
	}
	return r.measure(o, "churn of 1 M keys", measures, func(s side) ([]float64, error) {
		return residents(s, loads...)
	})
}

// scatter is a prime, so that its multiples visit every key before they repeat.
const scatter = 611_953

// deleted is the number of the i-th key that churn deletes: all but every tenth.
func deleted(i int) int { return i/9*10 + i%9 }

// churnSet sets a key to a value of 10 to 1000 bytes.
func churnSet(key func(i int) int) request {
	text := strings.Repeat("0123456789", 100)
	return func(p []byte, i int, random *rand.Rand) []byte {
		p = appendNumbered(appendBulk(appendHead(p, 3), "SET"), "", key(i))
		return appendBulk(p, text[:10+random.IntN(991)])
	}
}

// idleConnections measures clients that have asked once and stay.
func idleConnections(o options, r *report) error {
	count := o.scaled(10_000, 10)
	megabytes := []measure{{name: "MB", bar: 1}}
	return r.measure(o, "10 k idle connections", megabytes, func(s side) ([]float64, error) {
		p, err := s.launch()
		if err != nil {
			return nil, err
		}
		defer p.stop()
		empty, err := p.settled()
		if err != nil {
			return nil, err
		}
		f, err := dial(p.address, count)
		if err != nil {
			return nil, err
		}
		defer f.close()
		_, err = f.play(load{count: count, connections: count, pipeline: 1, request: command("PING")})
		if err != nil {
			return nil, err
		}
		full, err := p.settled()
		return []float64{float64(full-empty) / 1e6}, err
	})
}
