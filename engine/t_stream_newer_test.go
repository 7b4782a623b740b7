package engine

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"riffle/engine/rdb"
)

// newerParts is what a test changes of newerStream.
type newerParts struct {
	duration, most uint64 // of messages; 0 = 100
	producer       string // the second producer's name; "" = "q"
	again          string // the first producer's second message; "" = "two"
	nobodys        uint64 // ms of the entry that is pending for nobody; 0 = 5
}

// newerStream spells the reference's stream as Redis 8.6 (type 26) and 8.8 (type 27) do: one group, which ann
// reads in, with 5-0 given back in type 27, and two producers.
func newerStream(body []byte, p newerParts, rdbType byte) []byte {
	or := func(n, usual uint64) uint64 {
		if n == 0 {
			return usual
		}
		return n
	}
	id := func(dst []byte, ms uint64) []byte { return streamID{ms, 0}.append16(dst) }
	text := func(dst []byte, s string) []byte { return rdb.AppendString(dst, []byte(s), false) }
	numbers := func(dst []byte, all ...uint64) []byte {
		for _, n := range all {
			dst = rdb.AppendLen(dst, n)
		}
		return dst
	}
	out := bytes.Clone(body[:bytes.Index(body, []byte("\x02\x01g"))])
	out = numbers(text(numbers(out, 1), "g"), 6, 0, 4)
	pending := []uint64{6}
	if rdbType == rdb.TypeStreamListpacks5 {
		pending = []uint64{5, 6}
	}
	out = numbers(out, uint64(len(pending)))
	for _, ms := range pending {
		out = numbers(rdb.AppendMillis(id(out, ms), 1000), 3)
	}
	out = text(numbers(out, 1), "ann")
	out = id(numbers(rdb.AppendMillis(rdb.AppendMillis(out, 1000), 2000), 1), 6)
	if rdbType == rdb.TypeStreamListpacks5 {
		out = id(numbers(out, 1), or(p.nobodys, 5))
	}
	if p.producer == "" {
		p.producer = "q"
	}
	if p.again == "" {
		p.again = "two"
	}
	out = numbers(out, or(p.duration, 100), or(p.most, 100), 2)
	out = numbers(text(numbers(text(out, "p"), 2), "one"), 1, 1)
	out = numbers(text(out, p.again), 5, 0)
	out = numbers(text(numbers(text(out, p.producer), 1), "one"), 6, 0)
	return numbers(out, 7, 2)
}

func TestStreamsOfNewerServersAreRead(t *testing.T) {
	body := unhex(t, referenceStream)
	for rdbType := rdb.TypeStreamListpacks4; rdbType <= rdb.TypeStreamListpacks5; rdbType++ {
		s, err := loadStream(newerStream(body, newerParts{}, rdbType), rdbType)
		require.NoError(t, err, rdbType)
		checkStream(t, s)
		require.Len(t, s.groups, 1)
		assert.EqualValues(t, 2000, s.groups[0].consumers[0].active)
		free := 0
		if rdbType == rdb.TypeStreamListpacks5 {
			free = 1
		}
		assert.Len(t, s.groups[0].unowned(), free)
		require.Len(t, s.messages.producers, 2)
		assert.EqualValues(t, 7, s.messages.added)
		assert.EqualValues(t, 2, s.messages.duplicates)
		assert.Equal(t, streamID{5, 0}, s.messages.producer([]byte("p")).ids["two"])

		saved, savedType := s.Save(nil)
		again, err := loadStream(saved, savedType)
		require.NoError(t, err)
		assert.Equal(t, s.messages.producers[0].queue, again.messages.producers[0].queue)
		assert.Len(t, again.groups[0].unowned(), free)
	}
}

func TestStreamsOfNewerServersThatMakeNoSenseAreRefused(t *testing.T) {
	body := unhex(t, referenceStream)
	for _, p := range []newerParts{
		{duration: maxIdempotenceSeconds + 1}, {most: maxIdempotenceSize + 1}, {most: 1 << 63}, {producer: "p"},
		{again: "one"}, {nobodys: 6}, {nobodys: 99},
	} {
		_, err := loadStream(newerStream(body, p, rdb.TypeStreamListpacks5), rdb.TypeStreamListpacks5)
		assert.Error(t, err, "%+v", p)
	}
	whole := newerStream(body, newerParts{}, rdb.TypeStreamListpacks5)
	for n := range whole {
		_, err := loadStream(whole[:n], rdb.TypeStreamListpacks5)
		assert.Error(t, err, "cut at %d", n)
	}
}
