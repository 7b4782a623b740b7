package engine

import (
	"fmt"
	"runtime"
	"testing"

	"riffle/engine/resp"
)

// BenchmarkStreamAdd feeds XADD with two fields, a batch at a time, and reports the memory of an entry.
func BenchmarkStreamAdd(b *testing.B) {
	e := New(Config{Seed: 1, Journal: true})
	c := e.Open(1, Peer{})
	const batch = 100
	var request []byte
	for i := range batch {
		request = resp.AppendCommand(request, []byte("XADD"), []byte("s"), []byte("*"),
			[]byte("sensor"), []byte("t-"+fmt.Sprint(i%7)), []byte("value"), []byte(fmt.Sprint(i)))
	}
	b.ReportAllocs()
	b.ResetTimer()
	n := 0
	for ; n < b.N; n += batch {
		e.Feed(1_700_000_000_000_000+int64(n)*100, c, request)
		e.Ready()
		c.Sent(len(c.Out()))
	}
	b.StopTimer()
	s := e.dbs[0].objects[0].(*Stream)
	b.ReportMetric(float64(s.Size())/float64(s.length), "B/entry")
}

// BenchmarkPendingList inserts and acknowledges in random order at 100,000 entries and 1,000 consumers.
func BenchmarkPendingList(b *testing.B) {
	const entries, consumers = 100_000, 1_000
	s := &Stream{}
	g := s.createGroup([]byte("g"), streamID{}, 0)
	for i := range consumers {
		g.createConsumer([]byte(fmt.Sprint("consumer", i)), 0)
	}
	id := func(i int) streamID { return streamID{uint64(i) * 7919 % entries, 0} }
	for i := range entries {
		g.assign(id(i), g.numbers[i%consumers], 1, 1)
	}
	b.ResetTimer()
	for i := range b.N {
		g.release(id(i))
		g.assign(id(i), g.numbers[(i+1)%consumers], 1, 1)
	}
	b.StopTimer()
	b.ReportMetric(float64(s.memory)/entries, "B/pending")
	runtime.KeepAlive(g)
}
