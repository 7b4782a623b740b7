package engine

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"riffle/engine/listpack"
	"riffle/engine/rdb"
)

// foldedList returns a list of nodes of fifty elements, and its elements.
func foldedList(elements int) (*List, []string) {
	l, model := newTestList(50), make([]string, elements)
	for i := range model {
		model[i] = fmt.Sprintf("item:%06d", i)
	}
	addTo(l, false, model...)
	return l, model
}

func foldedNodes(l *List) (folded int) {
	for i := range l.nodes {
		if l.node(i).folded {
			folded++
		}
	}
	return folded
}

// A long list is folded but for its ends, whichever way it has come about, and costs a third.
func TestLongListsAreFolded(t *testing.T) {
	l, model := foldedList(2000)
	assert.Equal(t, 40-2*foldDepth, foldedNodes(l))
	checkList(t, l, model)
	body, rdbType := l.Save(nil)
	loaded := newTestList(50)
	require.NoError(t, loaded.Load(rdb.NewReader(body), rdbType))
	assert.Positive(t, foldedNodes(loaded))
	checkList(t, loaded, model)
	again, _ := loaded.Save(nil)
	assert.Equal(t, body, again, "folding does not show")
	long := newTestList(-2)
	for i := range 100_000 {
		addTo(long, true, fmt.Sprintf("item:%06d", i))
	}
	assert.Less(t, long.Size()/100_000, int64(5))
}

// What happens in the middle of a folded list is what happens in any.
func TestFoldedListsChange(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 2))
		l, model := foldedList(1500)
		for range 60 {
			if len(model) < 700 {
				l, model = foldedList(1500)
			}
			likeness, _ := l.portray()
			want := elementsOf(l)
			likeness.before(nil)
			model = editList(l, model, byte(2+r.IntN(6)), r.IntN(60)+60*r.IntN(20), "x")
			if r.IntN(10) == 0 {
				checkLikeness(t, likeness, want)
				checkList(t, l, model)
			}
		}
		checkList(t, l, model)
	}
}

// checkLikeness fails unless a list's likeness saves these elements.
func checkLikeness(t *testing.T, saved likeness, want []string) {
	var body []byte
	for more := true; more; {
		body, more = saved.piece(body)
	}
	l := newTestList(50)
	require.NoError(t, l.Load(rdb.NewReader(body), rdb.TypeListQuicklist2))
	require.Equal(t, want, elementsOf(l))
}

// Nodes of a stream are folded once they are full; entries in them are found, deleted and saved as before.
func TestFoldedStreamsChange(t *testing.T) {
	limits := settings{streamMaxNodeBytes: 4096, streamMaxNodeEntries: 100}
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 3))
		s := &Stream{}
		add := func(i uint64) {
			s.append(streamID{i + 1, 0}, [][]byte{[]byte("name"), fmt.Appendf(nil, "n%d", i%1000),
				[]byte("value"), fmt.Append(nil, i)}, &limits)
		}
		for i := range uint64(2000) {
			add(i)
		}
		require.True(t, listpack.Folded(s.nodes[5].lp))
		assert.Less(t, s.Size()/2000, int64(10))
		checkStream(t, s)
		body, rdbType := s.Save(nil)
		loaded, err := loadStream(body, rdbType)
		require.NoError(t, err)
		require.True(t, listpack.Folded(loaded.nodes[5].lp))
		again, _ := loaded.Save(nil)
		require.Equal(t, body, again)
		s.remove(streamID{2000, 0}) // the tail's last
		for i := range uint64(700) {
			s.remove(streamID{1 + r.Uint64N(2000), 0})
			s.trim(&trimOptions{by: trimByID, minID: streamID{i, 0}, approximate: r.IntN(2) == 0})
			add(2000 + i)
		}
		checkStream(t, s)
	}
}

// A node that was folded is the last again once all behind it is deleted, and entries join it if it has room.
func TestFoldedNodeBecomesTheLast(t *testing.T) {
	limits := settings{streamMaxNodeBytes: 4096, streamMaxNodeEntries: 50}
	s := &Stream{}
	add := func(i uint64) { s.append(streamID{i, 0}, [][]byte{[]byte("f"), fmt.Append(nil, i)}, &limits) }
	for i := range uint64(51) {
		add(100 + i)
	}
	require.True(t, listpack.Folded(s.nodes[0].lp))
	require.True(t, s.remove(streamID{150, 0}))
	require.Len(t, s.nodes, 1)
	add(200)
	require.Len(t, s.nodes, 2, "it is full")
	require.True(t, s.remove(streamID{200, 0}))
	limits.streamMaxNodeEntries = 100
	add(300)
	require.Len(t, s.nodes, 1)
	checkStream(t, s)
}
