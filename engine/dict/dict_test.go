package dict

import (
	"bytes"
	"fmt"
	"math/rand"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tiny returns a Dict whose segments split at 20 entries and whose pages grow to 512 bytes, so that few
// entries reach every path.
func tiny(seed uint64) *Dict {
	d := New(seed)
	d.splitAt, d.pageLimit = 20, 512
	return d
}

// needUsualSizes skips a test that counts on the sizes that users find.
func needUsualSizes(t *testing.T) {
	if usualPage != PageSize {
		t.Skip("this build's pages are tiny")
	}
}

func key(n int) []byte { return []byte("key:" + strconv.Itoa(n)) }

func put(d *Dict, key, value string) Ref {
	r := d.Insert([]byte(key), 0, len(value))
	copy(d.Value(r), value)
	return r
}

// check verifies what must hold between any two operations, from the index down to the pages.
func check(t *testing.T, d *Dict) {
	t.Helper()
	held, entries, deepest := int64(0), 0, uint8(0)
	live := map[uint32]int{}
	for i := 0; i < len(d.directory); {
		s := d.directory[i]
		require.LessOrEqual(t, s.depth, d.depth)
		span := 1 << (d.depth - s.depth)
		require.Zero(t, i%span)
		for j := range span {
			require.Same(t, s, d.directory[i+j])
		}
		i += span
		deepest = max(deepest, s.depth)
		held += segmentBytes + int64(len(s.groups))*groupBytes
		entries += int(s.entries)
		require.Equal(t, int(s.entries), checkSegment(t, d, s, live))
	}
	require.Equal(t, d.entries, entries)
	require.True(t, d.directory == nil || deepest == d.depth, "the directory is as small as it can be")
	classes := make([]class, len(d.classes))
	for i, p := range d.pages {
		require.Equal(t, live[uint32(i)], int(p.live))
		held += int64(len(p.data))
		if p.blocks > 0 && p.class != ownPage {
			classes[p.class].blocks += uint32(p.blocks)
			classes[p.class].live += uint32(p.live)
		}
	}
	for i, c := range d.classes {
		require.Equal(t, classes[i].blocks, c.blocks)
		require.Equal(t, classes[i].live, c.live)
		for at := c.open; at != 0; at = d.pages[at-1].next {
			require.Less(t, d.pages[at-1].live, d.pages[at-1].blocks)
		}
	}
	require.Equal(t, held, d.held)
}

func checkSegment(t *testing.T, d *Dict, s *segment, live map[uint32]int) (entries int) {
	passed := make([]uint32, len(s.groups))
	for at := range s.groups {
		for slot, r := range s.groups[at].refs {
			if r == 0 {
				continue
			}
			entries++
			live[uint32(r>>offsetBits)-1]++
			hash := d.hashOf(r)
			require.Same(t, s, d.segmentOf(hash))
			gotAt, gotSlot := s.slot(hash, r)
			require.Equal(t, [2]int{at, slot}, [2]int{gotAt, gotSlot})
			for i := s.home(hash); i != at; i = s.after(i) {
				passed[i]++
			}
		}
	}
	for at := range s.groups {
		require.Equal(t, passed[at], s.groups[at].passed)
	}
	return entries
}

// model is a Dict beside a map that must agree with it.
type model struct {
	t     *testing.T
	dict  *Dict
	refs  Refs
	want  map[string]string
	metas map[string]uint32
	keys  []string
}

func newModel(t *testing.T, d *Dict) *model {
	return &model{t: t, dict: d, want: map[string]string{}, metas: map[string]uint32{}}
}

func (m *model) insert(key, value string, meta uint32) {
	if _, ok := m.want[key]; ok {
		return
	}
	r := m.dict.Insert([]byte(key), meta, len(value))
	copy(m.dict.Value(r), value)
	m.refs.Add(r)
	m.want[key], m.metas[key] = value, meta
	m.keys = append(m.keys, key)
}

func (m *model) resize(key string, size int) {
	r := m.dict.Find([]byte(key))
	moved := m.dict.Resize(r, size)
	m.refs.Replace(r, moved)
	old := m.want[key]
	value := m.dict.Value(moved)
	require.Len(m.t, value, size)
	n := min(len(old), size)
	require.Equal(m.t, old[:n], string(value[:n]))
	for i := n; i < size; i++ {
		value[i] = byte('a' + i%26)
	}
	m.want[key] = string(value)
}

func (m *model) remove(i int) {
	key := m.keys[i]
	r := m.dict.Find([]byte(key))
	m.refs.Remove(r)
	m.dict.Remove(r)
	delete(m.want, key)
	m.keys[i] = m.keys[len(m.keys)-1]
	m.keys = m.keys[:len(m.keys)-1]
}

func (m *model) compact(budget int) bool {
	return m.dict.Compact(budget, func(old, moved Ref) { m.refs.Replace(old, moved) })
}

// agree compares all of the Dict with the map.
func (m *model) agree() {
	m.t.Helper()
	check(m.t, m.dict)
	require.Equal(m.t, len(m.want), m.dict.Len())
	require.Equal(m.t, len(m.want), m.refs.Len())
	for key, value := range m.want {
		r := m.dict.Find([]byte(key))
		require.NotZero(m.t, r, key)
		require.True(m.t, m.refs.Has(r))
		require.Equal(m.t, key, string(m.dict.Key(r)))
		require.Equal(m.t, value, string(m.dict.Value(r)))
		require.Equal(m.t, m.metas[key], m.dict.Meta(r))
	}
	seen := 0
	for it := m.dict.Iter(); it.Next() != 0; {
		seen++
	}
	require.Equal(m.t, len(m.want), seen)
}

func TestModel(t *testing.T) {
	for seed := range int64(6) {
		rnd := rand.New(rand.NewSource(seed))
		m := newModel(t, tiny(uint64(seed)))
		size := func() int { return rnd.Intn(1 << rnd.Intn(8+int(seed)*2)) }
		for step := range 12000 {
			// Growing and shrinking by turns passes through every size of the index several times.
			growing := step/1500%2 == 0
			switch n := rnd.Intn(10); {
			case n < 3 || growing && n < 6 || len(m.keys) == 0:
				m.insert(fmt.Sprint(rnd.Intn(1<<rnd.Intn(30))), string(make([]byte, size())), rnd.Uint32())
			case n < 7:
				m.remove(rnd.Intn(len(m.keys)))
			case n < 8:
				m.resize(m.keys[rnd.Intn(len(m.keys))], size())
			case n < 9:
				key := m.keys[rnd.Intn(len(m.keys))]
				m.metas[key] = rnd.Uint32()
				m.dict.SetMeta(m.dict.Find([]byte(key)), m.metas[key])
			default:
				m.compact(rnd.Intn(20))
			}
			require.Zero(t, m.dict.Find([]byte("absent")))
			if step%500 == 0 {
				m.agree()
			}
		}
		for len(m.keys) > 0 {
			m.remove(rnd.Intn(len(m.keys)))
		}
		m.agree()
		assert.Equal(t, New(0).Size(), m.dict.Size())
	}
}

func FuzzModel(f *testing.F) {
	f.Add([]byte("\x00\x01\x02\x03\x40\x41\x42\x80\x81\x82\xc0\xc1\xff"))
	f.Add(bytes.Repeat([]byte("\x00\x07\x13\x29\x33\x3f\x51\x66\x99"), 50))
	f.Fuzz(func(t *testing.T, program []byte) {
		m := newModel(t, tiny(1))
		for i, b := range program {
			argument := int(b&0x3f) + i%7*64
			switch {
			case b < 0x60 || len(m.keys) == 0:
				m.insert(strconv.Itoa(argument), string(program[:i]), uint32(i))
			case b < 0xa0:
				m.remove(argument % len(m.keys))
			case b < 0xe0:
				m.resize(m.keys[argument%len(m.keys)], argument*int(b&7))
			default:
				m.compact(argument)
			}
		}
		m.agree()
	})
}

// TestAppendedBytesMoveAlong appends to the end of the room in a block, for every size around those
// where the length takes a byte more: then the block is suddenly too small.
func TestAppendedBytesMoveAlong(t *testing.T) {
	for key := 1; key < 24; key++ {
		for size := 100; size < 128; size++ {
			d := New(1)
			r := d.Insert(bytes.Repeat([]byte("k"), key), 0, size)
			value := d.Value(r)
			value = value[:cap(value)]
			for i := range value {
				value[i] = byte(i)
			}
			want := bytes.Clone(value)
			require.Equal(t, want, d.Value(d.Resize(r, len(want))), "key of %d, %d grown to %d", key, size, len(want))
		}
	}
}

func TestEntryTellsTheThreePartsOfABlock(t *testing.T) {
	d := New(1)
	for _, keyBytes := range []int{0, 1, 127, 128, 20000} {
		for _, valueBytes := range []int{0, 1, 127, 128, 20000} {
			r := d.Insert(bytes.Repeat([]byte{'k'}, keyBytes), uint32(keyBytes), valueBytes)
			copy(d.Value(r), bytes.Repeat([]byte{'v'}, valueBytes))
			meta, key, value := d.Entry(r)
			assert.Equal(t, d.Meta(r), meta)
			assert.Equal(t, d.Key(r), key)
			assert.Equal(t, d.Value(r), value)
			assert.Equal(t, cap(d.Value(r)), cap(value))
			d.Remove(r)
		}
	}
}

// TestLentValuesStay: whatever becomes of an entry, a view of a value that was lent stays as it was.
func TestLentValuesStay(t *testing.T) {
	changes := map[string]func(d *Dict, r Ref){
		"removed": func(d *Dict, r Ref) { d.Remove(r) },
		"cut":     func(d *Dict, r Ref) { d.Resize(r, 100) },
		"renewed": func(d *Dict, r Ref) { clear(d.Value(d.Renew(r, 20_000))) },
		"grown where it lies, its length in more bytes": func(d *Dict, r Ref) {
			require.NotEqual(t, r, d.Resize(r, 16_400))
		},
	}
	for name, change := range changes {
		d := New(1)
		r := d.Insert([]byte("key"), 7, 16_380)
		value := d.Value(r)
		for i := range value {
			value[i] = byte(i)
		}
		want := bytes.Clone(value)
		require.False(t, d.Lent(r))
		d.Lend(r)
		require.True(t, d.Lent(r))
		change(d, r)
		require.Equal(t, want, value, name)
	}
}

// Find remembers the entry it found last, which must not outlive its block.
func TestFindForgetsWhatIsGone(t *testing.T) {
	a, b := []byte("a"), []byte("b")
	d := New(1)
	r := d.Insert(a, 0, 3)
	require.Equal(t, r, d.Find(a))
	d.Remove(r)
	require.Zero(t, d.Find(a))
	r = d.Insert(a, 0, 3)
	d.Insert(b, 0, 3) // so that removing a leaves its page
	require.Equal(t, r, d.Find(a))
	moved := d.Resize(r, 200)
	require.NotEqual(t, r, moved)
	require.Equal(t, moved, d.Find(a))
	large := d.Resize(moved, 100_000) // a page of its own
	require.Equal(t, large, d.Find(a))
	d.Remove(large)
	require.Zero(t, d.Find(a))
	require.NotZero(t, d.Find(b))
}

// What is asked for between two steps of compaction is found where it is.
func TestFindFollowsCompaction(t *testing.T) {
	d := New(1)
	var refs []Ref
	for i := range 10_000 {
		refs = append(refs, d.Insert(fmt.Append(nil, "key:", i), 0, 8))
	}
	asked := []byte("key:1")
	for i, r := range refs {
		if i%3 != 1 {
			d.Remove(r)
		}
	}
	at := d.Find(asked)
	for done := false; !done; {
		require.Equal(t, at, d.Find(asked))
		done = d.Compact(7, func(old, new Ref) {
			if old == at {
				at = new
			}
		})
		require.Equal(t, !done, d.Unfinished())
	}
	require.Equal(t, at, d.Find(asked))
	require.NotEqual(t, refs[1], at, "the entry asked for has moved")
}
