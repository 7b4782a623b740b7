package engine

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// BenchmarkLoad reads snapshots of each kind of data, BenchmarkSnapshot writes them; an operation is all of
// the data. Compare two states of the code with benchstat.
//
//	go test ./engine -run - -bench 'Load|Snapshot' -count 6
func BenchmarkLoad(b *testing.B) {
	for _, bench := range loadBenches {
		b.Run(bench.name, func(b *testing.B) {
			image := bench.image()
			b.SetBytes(int64(len(image)))
			b.ReportAllocs()
			for b.Loop() {
				at := 0
				_, err := New(Config{Seed: 2}).Load(1e15, func() ([]byte, error) {
					piece := image[at:min(at+1<<20, len(image))]
					at += len(piece)
					return piece, nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSnapshot(b *testing.B) {
	for _, bench := range loadBenches {
		b.Run(bench.name, func(b *testing.B) {
			e := bench.filled()
			b.ReportAllocs()
			for b.Loop() {
				picture := e.Snapshot(1e15)
				for done := false; !done; {
					_, done = picture.Next(32 << 10)
				}
			}
		})
	}
}

// loadBench makes count requests, each by its number.
type loadBench struct {
	name    string
	count   int
	request func(i int) []string
}

var loadBenches = []loadBench{
	{"strings", 200_000, func(i int) []string {
		return []string{"SET", fmt.Sprintf("%012d", i), fmt.Sprintf("val:%012d", i)}
	}},
	{"strings with TTL", 200_000, func(i int) []string {
		return []string{"SET", fmt.Sprintf("%012d", i), fmt.Sprintf("val:%012d", i), "PXAT", "1600000000000"}
	}},
	{"hashes", 20_000, many("HSET", 8, func(i, k int) []string {
		return []string{"field" + strconv.Itoa(k), "value" + strconv.Itoa(i%1000)}
	})},
	{"lists", 20_000, many("RPUSH", 10, func(i, k int) []string {
		return []string{"element" + strconv.Itoa(i%1000+k)}
	})},
	{"sets", 20_000, many("SADD", 10, func(i, k int) []string {
		return []string{"member" + strconv.Itoa(i%1000+k)}
	})},
	{"intsets", 20_000, many("SADD", 10, func(i, k int) []string {
		return []string{strconv.Itoa(1000*k + i%1000)}
	})},
	{"zsets", 20_000, many("ZADD", 10, func(i, k int) []string {
		return []string{strconv.Itoa(i%1000 + k), "member" + strconv.Itoa(k)}
	})},
	{"full hashes", 2000, many("HSET", 128, func(i, k int) []string {
		return []string{"field" + strconv.Itoa(k), "value" + strconv.Itoa(i%1000)}
	})},
	{"one zset", 200_000, func(i int) []string {
		return []string{"ZADD", "k", strconv.Itoa(i * 7919 % 1_000_003), fmt.Sprintf("m%012d", i)}
	}},
	{"one hash", 200_000, func(i int) []string {
		return []string{"HSET", "k", fmt.Sprintf("f%012d", i), fmt.Sprintf("v%012d", i)}
	}},
	{"one set", 200_000, func(i int) []string { return []string{"SADD", "k", fmt.Sprintf("m%012d", i)} }},
	{"one list", 200_000, func(i int) []string { return []string{"RPUSH", "k", "item:" + strconv.Itoa(i)} }},
	{"one stream", 200_000, func(i int) []string {
		return []string{"XADD", "k", strconv.Itoa(i+1) + "-1", "name", "n" + strconv.Itoa(i%1000), "value",
			strconv.Itoa(i)}
	}},
}

// many is a request for count elements of a key of its own.
func many(name string, count int, element func(i, k int) []string) func(i int) []string {
	return func(i int) []string {
		argv := []string{name, fmt.Sprintf("%012d", i)}
		for k := range count {
			argv = append(argv, element(i, k)...)
		}
		return argv
	}
}

func (bench loadBench) filled() *Engine {
	e := New(Config{Seed: 1})
	c := e.Open(1e15, Peer{})
	for i := range bench.count {
		argv := bench.request(i)
		text := fmt.Appendf(nil, "*%d\r\n", len(argv))
		for _, word := range argv {
			text = fmt.Appendf(text, "$%d\r\n%s\r\n", len(word), word)
		}
		e.Feed(1e15, c, text)
		e.Ready()
		if out := string(c.Out()); strings.HasPrefix(out, "-") {
			panic(out)
		}
		c.Sent(len(c.Out()))
	}
	return e
}

func (bench loadBench) image() (image []byte) {
	picture := bench.filled().Snapshot(1e15)
	for done := false; !done; {
		var chunk []byte
		chunk, done = picture.Next(32 << 10)
		image = append(image, chunk...)
	}
	return image
}
