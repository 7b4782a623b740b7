package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// dataSet is data that both servers are given with the same commands.
type dataSet struct {
	name     string
	commands int     // at scale 1
	elements float64 // per command: what bytes are divided by
	request  request
}

var dataSets = []dataSet{
	{"1 M strings, 16 bytes", 1_000_000, 1, func(p []byte, i int, _ *rand.Rand) []byte {
		return appendNumbered(appendNumbered(appendBulk(appendHead(p, 3), "SET"), "", i), "val:", i)
	}},
	{"1 M counters", 1_000_000, 1, func(p []byte, i int, _ *rand.Rand) []byte {
		return appendBulk(appendNumbered(appendBulk(appendHead(p, 3), "SET"), "", i), strconv.Itoa(100_000+i))
	}},
	{"1 M strings with TTL", 1_000_000, 1, func(p []byte, i int, _ *rand.Rand) []byte {
		p = appendNumbered(appendNumbered(appendBulk(appendHead(p, 5), "SET"), "", i), "val:", i)
		return appendBulk(appendBulk(p, "EX"), "100000")
	}},
	{"100 k hashes of 8 fields", 100_000, 8, manyOf("HSET", 8, func(p []byte, i, k int) []byte {
		return appendBulk(appendBulk(p, "field"+strconv.Itoa(k)), "value"+strconv.Itoa(i%1000))
	}, 2)},
	{"100 k lists of 10", 100_000, 10, manyOf("RPUSH", 10, func(p []byte, i, k int) []byte {
		return appendBulk(p, "element"+strconv.Itoa(i%1000+k))
	}, 1)},
	{"100 k sets of 10 strings", 100_000, 10, manyOf("SADD", 10, func(p []byte, i, k int) []byte {
		return appendBulk(p, "member"+strconv.Itoa(i%1000+k))
	}, 1)},
	{"100 k intsets of 10", 100_000, 10, manyOf("SADD", 10, func(p []byte, i, k int) []byte {
		return appendBulk(p, strconv.Itoa(1000*k+i%1000))
	}, 1)},
	{"100 k zsets of 10", 100_000, 10, manyOf("ZADD", 10, func(p []byte, i, k int) []byte {
		return appendBulk(appendBulk(p, strconv.Itoa(i%1000+k)), "member"+strconv.Itoa(k))
	}, 2)},
	{"one zset of 1 M", 1_000_000, 1, func(p []byte, i int, random *rand.Rand) []byte {
		p = appendBulk(appendBulk(appendBulk(appendHead(p, 4), "ZADD"), "k"), strconv.Itoa(random.IntN(1_000_000_000)))
		return appendNumbered(p, "m", i)
	}},
	{"one hash of 1 M", 1_000_000, 1, func(p []byte, i int, _ *rand.Rand) []byte {
		return appendNumbered(appendNumbered(appendBulk(appendBulk(appendHead(p, 4), "HSET"), "k"), "f", i), "v", i)
	}},
	{"one set of 1 M", 1_000_000, 1, func(p []byte, i int, _ *rand.Rand) []byte {
		return appendNumbered(appendBulk(appendBulk(appendHead(p, 3), "SADD"), "k"), "m", i)
	}},
	{"one list of 1 M", 1_000_000, 1, func(p []byte, i int, _ *rand.Rand) []byte {
		return appendBulk(appendBulk(appendBulk(appendHead(p, 3), "RPUSH"), "k"), "item:"+strconv.Itoa(i))
	}},
	{"one stream of 1 M entries", 1_000_000, 1, func(p []byte, i int, _ *rand.Rand) []byte {
		p = appendBulk(appendBulk(appendBulk(appendHead(p, 7), "XADD"), "k"), strconv.Itoa(i+1)+"-1")
		p = appendBulk(appendBulk(p, "name"), "n"+strconv.Itoa(i%1000))
		return appendBulk(appendBulk(p, "value"), strconv.Itoa(i))
	}},
}

// manyOf writes NAME key:I and count elements of width arguments each.
func manyOf(name string, count int, element func(p []byte, i, k int) []byte, width int) request {
	return func(p []byte, i int, _ *rand.Rand) []byte {
		p = appendNumbered(appendBulk(appendHead(p, 2+count*width), name), "", i)
		for k := range count {
			p = element(p, i, k)
		}
		return p
	}
}

// memoryRow is one figure: resident bytes above those of the empty server.
type memoryRow struct {
	Name     string  `json:"name"`
	Elements int     `json:"elements"`
	Ours     int64   `json:"riffle_bytes"`
	Theirs   int64   `json:"redis_bytes"`
	Ratio    float64 `json:"ratio"`
}

// memory loads every data set into a fresh process of each server.
func memory(o options) (any, error) {
	fmt.Println("resident memory above the empty server, after MEMORY PURGE; bytes are per element")
	fmt.Printf("%-28s %10s %8s %10s %8s %6s\n", "", "riffle MB", "bytes", "redis MB", "bytes", "ratio")
	var rows []memoryRow
	for _, set := range dataSets {
		if !strings.Contains(set.name, o.only) {
			continue
		}
		row := memoryRow{Name: set.name, Elements: int(float64(set.commands) * o.scale * set.elements)}
		var err error
		if row.Ours, err = resident("riffle", o.ours, set, o.scale); err != nil {
			return nil, fmt.Errorf("%s: %w", set.name, err)
		}
		if row.Theirs, err = resident("redis", o.theirs, set, o.scale); err != nil {
			return nil, fmt.Errorf("%s: %w", set.name, err)
		}
		row.Ratio = float64(row.Ours) / float64(max(1, row.Theirs))
		rows = append(rows, row)
		per := func(bytes int64) float64 { return float64(bytes) / float64(row.Elements) }
		fmt.Printf("%-28s %10.1f %8.1f %10.1f %8.1f %6.2f\n", set.name, float64(row.Ours)/1e6, per(row.Ours),
			float64(row.Theirs)/1e6, per(row.Theirs), row.Ratio)
	}
	return rows, nil
}

func resident(name, program string, set dataSet, scale float64) (int64, error) {
	p, err := launch(name, program)
	if err != nil {
		return 0, err
	}
	defer p.stop()
	empty, err := p.status("VmRSS")
	if err != nil {
		return 0, err
	}
	l := load{count: int(float64(set.commands) * scale), connections: 1, pipeline: 200, request: set.request}
	if err := l.run(p.address); err != nil {
		return 0, err
	}
	if _, err := p.do("MEMORY", "PURGE"); err != nil {
		return 0, err
	}
	full, err := p.status("VmRSS")
	return full - empty, err
}
