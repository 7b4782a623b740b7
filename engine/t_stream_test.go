package engine

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"riffle/engine/rdb"
)

// referenceStream is the body of a DUMP by redis-server 7.0.15: entries 1-1, 1-2 (deleted), 5-0 with
// another field, 6-0; groups g with alice and bob, and h with nobody.
const referenceStream = "011000000000000000010000000000000001c34053405812580000001f0003010101020181610281" +
	"6202002009000020010901018374776f04050103600c08030184666f75720505200d130401dfff020101856f74686572" +
	"06f290eefe040620350005801620080101ff03060001010102040201670600040300000000000000010000000000000001" +
	"ead6a204a20100000100000000000000050000000000000000ead6a204a20100000100000000000000060000000000000000" +
	"f1d6a204a2010000010205616c696365ead6a204a20100000200000000000000010000000000000001000000000000000500" +
	"0000000000000003626f62f1d6a204a2010000010000000000000006000000000000000001680500" +
	"81ffffffffffffffff0000"

func unhex(t testing.TB, text string) []byte {
	raw, err := hex.DecodeString(text)
	require.NoError(t, err)
	return raw
}

func loadStream(body []byte, rdbType byte) (*Stream, error) {
	s := &Stream{}
	return s, s.Load(rdb.NewReader(body), rdbType)
}

// entriesOf spells out what a walk finds.
func entriesOf(w streamWalk) []string {
	var found []string
	for w.next() {
		text := string(w.id.text())
		w.each(func(field, value []byte) { text += " " + string(field) + "=" + string(value) })
		found = append(found, text)
	}
	return found
}

func TestStreamReadsAndWritesWhatTheReferenceDoes(t *testing.T) {
	body := unhex(t, referenceStream)
	s, err := loadStream(body, rdb.TypeStreamListpacks2)
	require.NoError(t, err)
	assert.Equal(t, []string{"1-1 a=1 b=two", "5-0 other=-70000", "6-0 a=1 b=2"},
		entriesOf(s.walk(streamID{}, maxStreamID, false)))
	assert.Equal(t, streamID{1, 2}, s.maxDeleted)
	assert.Equal(t, streamID{1, 1}, s.first)
	assert.EqualValues(t, 4, s.added)
	require.Len(t, s.groups, 2)
	assert.Equal(t, 2, s.group([]byte("g")).consumer([]byte("alice")).pending.length)
	assert.EqualValues(t, unknownRead, s.group([]byte("h")).read)

	saved, rdbType := s.Save(nil)
	assert.Equal(t, rdb.TypeStreamListpacks2, rdbType)
	again, err := loadStream(saved, rdbType)
	require.NoError(t, err)
	assert.Equal(t, s.nodes, again.nodes)
	assert.Equal(t, s.groups[0].pending.chunks, again.groups[0].pending.chunks)
	resaved, _ := again.Save(nil)
	assert.Equal(t, saved, resaved)
}

func TestStreamLoadsOldAndNewTypes(t *testing.T) {
	s, err := loadStream(unhex(t, referenceStream), rdb.TypeStreamListpacks2)
	require.NoError(t, err)
	body := rdb.AppendLen(nil, 1)
	body = rdb.AppendString(body, s.nodes[0].master.append16(nil), false)
	body = rdb.AppendString(body, s.folds().lp(s.nodes[0].lp), false)
	body = rdb.AppendLen(body, 3)
	body = s.last.save(body)
	known := rdb.AppendLen(s.maxDeleted.save(s.first.save(slices.Clone(body))), 4)
	group := func(body []byte, read, active bool) []byte {
		body = rdb.AppendString(rdb.AppendLen(body, 1), []byte("g"), false)
		body = s.last.save(body)
		if read {
			body = rdb.AppendLen(body, 4)
		}
		body = rdb.AppendLen(body, 0)
		body = rdb.AppendString(rdb.AppendLen(body, 1), []byte("ann"), false)
		body = rdb.AppendMillis(body, 1000)
		if active {
			body = rdb.AppendMillis(body, 2000)
		}
		return rdb.AppendLen(body, 0)
	}
	old, err := loadStream(group(body, false, false), rdb.TypeStreamListpacks)
	require.NoError(t, err)
	assert.EqualValues(t, 3, old.added)
	assert.EqualValues(t, 3, old.groups[0].read)
	assert.EqualValues(t, 1000, old.groups[0].consumers[0].active)
	young, err := loadStream(group(known, true, true), rdb.TypeStreamListpacks3)
	require.NoError(t, err)
	assert.EqualValues(t, 4, young.added)
	assert.EqualValues(t, 2000, young.groups[0].consumers[0].active)
}

// checkStream fails unless everything that can be derived about a stream is as it says.
func checkStream(t testing.TB, s *Stream) {
	forward := entriesOf(s.walk(streamID{}, maxStreamID, false))
	backward := entriesOf(s.walk(streamID{}, maxStreamID, true))
	slices.Reverse(backward)
	assert.Equal(t, forward, backward)
	assert.EqualValues(t, len(forward), s.length)
	memory := int64(0)
	for i := s.head; i < len(s.nodes); i++ {
		node := streamNode{s.nodes[i].master, s.folds().lp(s.nodes[i].lp)}
		live, _, ok := node.check(&[]int{})
		assert.True(t, ok)
		assert.Positive(t, live)
		memory += int64(cap(s.nodes[i].lp))
	}
	for _, g := range s.groups {
		memory += groupSize + int64(len(g.name)) + checkPending(t, &g.pending)
		owned := 0
		for _, k := range g.consumers {
			memory += consumerSize + int64(len(k.name)) + checkPending(t, &k.pending)
			owned += k.pending.length
		}
		assert.Equal(t, g.pending.length, owned+len(g.unowned()))
	}
	if s.messages != nil {
		for _, p := range s.messages.producers {
			for _, message := range p.queue {
				memory += int64(len(message.message)) + messageSize
			}
		}
	}
	assert.Equal(t, memory, s.memory, "the accounts")
}

// checkPending fails unless a list is in order, and returns its memory.
func checkPending(t testing.TB, l *pendingList) (bytes int64) {
	n, last := 0, streamID{}
	for i := range l.chunks {
		k := &l.chunks[i]
		assert.NotEmpty(t, k.ids)
		assert.LessOrEqual(t, len(k.ids), maxChunk)
		for _, id := range k.ids {
			assert.True(t, n == 0 || last.less(id))
			last = id
			n++
		}
		bytes += pendingChunkSize + k.size()
	}
	assert.Equal(t, l.length, n)
	assert.Equal(t, bytes, l.bytes)
	return bytes
}

func TestStreamAccountsSurviveEverything(t *testing.T) {
	limits := settings{streamMaxNodeBytes: 400, streamMaxNodeEntries: 8}
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		s := &Stream{}
		g := s.createGroup([]byte("g"), streamID{}, 0)
		for i := range 6 {
			g.createConsumer(fmt.Appendf(nil, "c%d", i), 0)
		}
		for i := range uint64(1500) {
			id := streamID{r.Uint64N(i + 1), 0}
			switch k := g.consumers[r.IntN(len(g.consumers))]; r.IntN(12) {
			case 0:
				s.remove(id)
			case 1:
				g.release(id)
			case 2:
				s.trim(&trimOptions{by: trimByID, minID: streamID{i / 2, 0}, approximate: r.IntN(2) == 0})
			case 3:
				s.trim(&trimOptions{by: trimByLength, maxLength: r.Int64N(900)})
			case 4:
				g.removeConsumer(k)
				g.createConsumer(fmt.Appendf(nil, "n%d", i), 0)
			case 5, 6, 7:
				g.assign(id, k, 1, 1)
			default:
				s.append(streamID{i + 1, 0}, [][]byte{[]byte("f"), make([]byte, r.IntN(90))}, &limits)
			}
		}
		checkStream(t, s)
		s.destroyGroup([]byte("g"))
		s.trim(&trimOptions{by: trimByLength})
		assert.Zero(t, s.memory, "nothing is left")
	}
}

func TestPendingListAgainstAModel(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	memory := int64(0)
	l := pendingList{noted: true, memory: &memory}
	model := map[streamID]int64{}
	for i := range int64(20_000) {
		id := streamID{r.Uint64N(3000), r.Uint64N(2)}
		_, had := model[id]
		if r.IntN(5) < 2 || i > 15_000 && r.IntN(3) > 0 {
			assert.Equal(t, had, l.remove(id))
			delete(model, id)
			continue
		}
		assert.Equal(t, !had, l.insert(id, delivery{at: i}))
		if !had {
			model[id] = i
		}
	}
	assert.Equal(t, len(model), l.length)
	for id, at := range model {
		d := l.find(id)
		require.NotNil(t, d)
		assert.Equal(t, at, d.at)
	}
	assert.Equal(t, checkPending(t, &l), memory)
}

func TestStreamNodesFillAsTheParametersSay(t *testing.T) {
	for _, test := range []struct {
		bytes, entries int64
		nodes          int
	}{{4096, 100, 10}, {4096, 10, 100}, {100, 100, 143}, {0, 0, 1}, {1, 0, 1000}} {
		s := &Stream{}
		limits := settings{streamMaxNodeBytes: test.bytes, streamMaxNodeEntries: test.entries}
		for i := range uint64(1000) {
			s.append(streamID{1, i + 1}, [][]byte{[]byte("f"), []byte("vv")}, &limits)
		}
		assert.Equal(t, test.nodes, len(s.nodes), "%d bytes, %d entries", test.bytes, test.entries)
		checkStream(t, s)
	}
}

func TestParseStreamID(t *testing.T) {
	for text, want := range map[string]string{
		"1-2": "1-2", "7": "7-9", "0-0": "0-0", "18446744073709551615-1": "18446744073709551615-1",
		"01-002": "1-2", " 1-+2": "1-2",
		"": "", "-": "", "+": "", "1-": "", "-1": "", "1-2-3": "", "a-1": "", "1-a": "", "1 -1": "",
		"18446744073709551616-1": "", "1--1": "", "1-*": "",
	} {
		id, ok := parseStreamID([]byte(text), 9)
		assert.Equal(t, want != "", ok, text)
		if ok {
			assert.Equal(t, want, string(id.text()), text)
		}
	}
}

func TestStreamRewriteRebuildsIt(t *testing.T) {
	s, err := loadStream(unhex(t, referenceStream), rdb.TypeStreamListpacks2)
	require.NoError(t, err)
	var commands []string
	s.Rewrite([]byte("s"), func(argv ...[]byte) {
		text := ""
		for _, arg := range argv {
			text += string(arg) + " "
		}
		commands = append(commands, text)
	})
	assert.Equal(t, []string{
		"XADD s 1-1 a 1 b two ", "XADD s 5-0 other -70000 ", "XADD s 6-0 a 1 b 2 ",
		"XSETID s 6-0 ENTRIESADDED 4 MAXDELETEDID 1-2 ",
		"XGROUP CREATE s g 6-0 ENTRIESREAD 4 ",
		"XGROUP CREATECONSUMER s g alice ", "XGROUP CREATECONSUMER s g bob ",
		"XCLAIM s g alice 0 1-1 5-0 TIME 1795374110442 RETRYCOUNT 1 FORCE JUSTID LASTID 6-0 ",
		"XCLAIM s g bob 0 6-0 TIME 1795374110449 RETRYCOUNT 1 FORCE JUSTID LASTID 6-0 ",
		"XGROUP CREATE s h 5-0 ENTRIESREAD -1 ",
	}, commands)
}

func FuzzStreamLoad(f *testing.F) {
	body := unhex(f, referenceStream)
	for rdbType := rdb.TypeStreamListpacks; rdbType <= rdb.TypeStreamListpacks5; rdbType++ {
		f.Add(body, rdbType)
	}
	for rdbType := rdb.TypeStreamListpacks4; rdbType <= rdb.TypeStreamListpacks5; rdbType++ {
		f.Add(newerStream(body, newerParts{}, rdbType), rdbType)
	}
	s, _ := loadStream(body, rdb.TypeStreamListpacks2)
	plain := rdb.AppendLen(nil, 1)
	plain = rdb.AppendString(plain, s.nodes[0].master.append16(nil), false)
	plain = rdb.AppendString(plain, s.folds().lp(s.nodes[0].lp), false)
	plain = append(plain, body[len(body)-230:]...)
	f.Add(plain, rdb.TypeStreamListpacks2)
	f.Fuzz(func(t *testing.T, body []byte, rdbType byte) {
		if kindOf(rdbType) != KindStream {
			return
		}
		s, err := loadStream(body, rdbType)
		if err != nil {
			return
		}
		checkStream(t, s)
		saved, savedType := s.Save(nil)
		again, err := loadStream(saved, savedType)
		require.NoError(t, err)
		resaved, _ := again.Save(nil)
		require.Equal(t, saved, resaved)
		s.Rewrite([]byte("k"), func(...[]byte) {})
		s.remove(s.first)
		s.trim(&trimOptions{by: trimByLength, maxLength: s.length / 2})
		s.findFirst()
		checkStream(t, s)
	})
}
