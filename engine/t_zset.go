package engine

import (
	"bytes"
	"encoding/binary"
	"math"
	"unsafe"

	"riffle/engine/dict"
	"riffle/engine/listpack"
	"riffle/engine/ordered"
)

// ZSet is a sorted set: members with scores, in the order of (score, member). A small one is a listpack
// of member, score, member, score in that order, packed beside its key (t_zset_pack.go). With more
// members than zset-max-listpack-entries, or with a long one, it becomes a table from member to score
// (see dict) and a tree of the scores (see ordered), which names members by their Ref in the table: some
// 50 bytes for a member of 10, where the reference's dict and skiplist take 107. It never goes back.
//
// A position is a rank, counted from 0 in ascending order, in both forms: every range of every command is
// first turned into a range of ranks.
type ZSet struct {
	place
	pack   []byte     // the listpack; nil when the set is empty or a table
	table  *dict.Dict // member to score, 8 bytes little endian
	tree   *ordered.Tree
	limits *settings

	warm        int  // members that expectPops has warmed and nobody has popped yet
	warmHighest bool // at which end
	warmth      uint64
}

func makeZSet() Value { return &ZSet{} }

func (z *ZSet) settle(limits *settings) { z.limits = limits }

// Kind implements Value.
func (z *ZSet) Kind() Kind { return KindZSet }

// Encoding implements Value.
func (z *ZSet) Encoding() string {
	if z.table != nil {
		return "skiplist"
	}
	return "listpack"
}

// Empty implements Value.
func (z *ZSet) Empty() bool { return z.Len() == 0 }

// Len returns the number of members.
func (z *ZSet) Len() int {
	switch {
	case z.table != nil:
		return z.table.Len()
	case z.pack != nil:
		return listpack.Len(z.pack) / 2
	}
	return 0
}

// Size implements Value.
func (z *ZSet) Size() int64 {
	if z.table != nil {
		return z.table.Size() + z.tree.Size() + int64(unsafe.Sizeof(*z))
	}
	return int64(len(z.pack))
}

// Pack implements Value.
func (z *ZSet) Pack() (form uint8, blob []byte, ok bool) { return formPack, z.pack, z.table == nil }

// Unpack implements Value.
func (z *ZSet) Unpack(_ uint8, blob []byte) { z.pack, z.table, z.tree = blob, nil, nil }

// zslot is where a member was found. A change of the set makes it void.
type zslot struct {
	found bool
	score float64
	pos   int      // in the listpack
	ref   dict.Ref // in the table
}

// find looks a member up.
func (z *ZSet) find(member []byte) zslot {
	if z.table != nil {
		ref := z.table.Find(member)
		if ref == 0 {
			return zslot{}
		}
		return zslot{found: true, score: z.scoreAt(ref), ref: ref}
	}
	if z.pack == nil {
		return zslot{}
	}
	pos := listpack.Find(z.pack, listpack.First(z.pack), member, 1)
	if pos < 0 {
		return zslot{}
	}
	return zslot{found: true, score: packScore(z.pack, listpack.Next(z.pack, pos)), pos: pos}
}

// scoreAt returns the score of an entry of the table.
func (z *ZSet) scoreAt(ref dict.Ref) float64 {
	return math.Float64frombits(binary.LittleEndian.Uint64(z.table.Value(ref)))
}

// insert adds a member that find has not found. The member must not be a view of this set.
func (z *ZSet) insert(member []byte, score float64) {
	if z.table == nil && (z.Len() >= z.limits.zsetMaxEntries || len(member) > z.limits.zsetMaxValue) {
		z.grow()
	}
	if z.table == nil {
		z.insertPack(member, score)
		return
	}
	z.insertTable(member, score)
}

func (z *ZSet) insertTable(member []byte, score float64) {
	z.changing(member)
	ref := z.table.Insert(member, 0, 8)
	binary.LittleEndian.PutUint64(z.table.Value(ref), math.Float64bits(score))
	z.tree.Insert(score, uint32(ref))
}

// move gives a member that find has found another score.
func (z *ZSet) move(slot zslot, member []byte, score float64) {
	if z.table == nil {
		z.pack = listpack.DeleteRange(z.pack, slot.pos, 2)
		z.insertPack(member, score)
		return
	}
	z.changing(member)
	z.tree.Remove(slot.score, uint32(slot.ref))
	binary.LittleEndian.PutUint64(z.table.Value(slot.ref), math.Float64bits(score))
	z.tree.Insert(score, uint32(slot.ref))
}

// set gives a member a score and reports whether it is new. It is for callers that only add.
func (z *ZSet) set(member []byte, score float64) (created bool) {
	slot := z.find(member)
	switch {
	case !slot.found:
		z.insert(member, score)
	case slot.score != score:
		z.move(slot, member, score)
	}
	return !slot.found
}

// drop removes a member that find has found.
func (z *ZSet) drop(slot zslot) {
	if z.table == nil {
		z.pack = listpack.DeleteRange(z.pack, slot.pos, 2)
		return
	}
	z.changing(z.table.Key(slot.ref))
	z.tree.Remove(slot.score, uint32(slot.ref))
	z.forget(slot.ref)
}

// forget removes an entry of the table that the tree does not hold any more.
func (z *ZSet) forget(ref dict.Ref) {
	z.table.Remove(ref)
	if holed(z.table) {
		z.table.Compact(2*tidyEvery, func(old, moved dict.Ref) {
			z.tree.Replace(z.scoreAt(moved), uint32(old), uint32(moved))
		})
	}
}

// dropRange removes the members of ranks start to end, end excluded.
func (z *ZSet) dropRange(start, end int) {
	if z.table == nil {
		z.pack = listpack.DeleteRange(z.pack, listpack.Seek(z.pack, 2*start), 2*(end-start))
		return
	}
	for ; start < end; end-- {
		at := z.tree.At(start)
		_, number := at.Element()
		ref := dict.Ref(number)
		z.changing(z.table.Key(ref))
		z.tree.RemoveAt(start)
		z.forget(ref)
	}
}

// expectPops warms the members at an end of which one is about to be popped, since whoever pops will pop again:
// in the order of their scores they lie anywhere in memory.
func (z *ZSet) expectPops(highest bool) {
	if z.table == nil {
		return
	}
	if z.warm > 0 && z.warmHighest == highest {
		z.warm--
		return
	}
	rank := 0
	if highest {
		rank = z.Len() - 1
	}
	z.warmFrom(z.tree.At(rank), highest)
	z.warm, z.warmHighest = warmedPops-1, highest
}

const warmedPops = 16

// warmFrom warms the members that are to be popped from a place on.
func (z *ZSet) warmFrom(at ordered.Cursor, downwards bool) {
	var refs [warmedPops]dict.Ref
	found := 0
	for ; found < len(refs) && at.Valid(); found++ {
		_, number := at.Element()
		refs[found] = dict.Ref(number)
		at.Step(downwards)
	}
	z.warmth += z.table.WarmEntries(refs[:found])
}

// grow turns the listpack into a table and a tree.
func (z *ZSet) grow() {
	old := ZSet{pack: z.pack}
	z.pack = nil
	z.adoptTable(dict.New(z.limits.tableSeed()))
	old.walk(0, old.Len(), false, func(member []byte, score float64) bool {
		z.insertTable(member, score)
		return true
	})
}

// adoptTable makes a table from members to scores the content of an empty set.
func (z *ZSet) adoptTable(table *dict.Dict) {
	z.table = table
	z.tree = ordered.New(func(ref uint32) []byte { return table.Key(dict.Ref(ref)) })
	walk := table.Iter()
	for ref := walk.Next(); ref != 0; ref = walk.Next() {
		z.tree.Insert(z.scoreAt(ref), uint32(ref))
	}
}

// Each visits the members in the order of their scores until visit returns false. A member holds during
// the visit.
func (z *ZSet) Each(visit func(member []byte) bool) {
	z.walk(0, z.Len(), false, func(member []byte, _ float64) bool { return visit(member) })
}

// walk visits up to n members from a rank on, upwards or downwards, until visit returns false. The
// member is good until the next visit; the set must not change meanwhile.
func (z *ZSet) walk(rank, n int, downwards bool, visit func(member []byte, score float64) bool) {
	n = min(n, z.Len())
	if z.table == nil {
		z.walkPack(rank, n, downwards, visit)
		return
	}
	var scores [walkedAtOnce]float64
	var members [walkedAtOnce][]byte
	for at := z.tree.At(rank); n > 0 && at.Valid(); {
		// One look for all: the members lie anywhere in memory, which answers several questions as fast as one.
		found := 0
		for ; found < min(n, walkedAtOnce) && at.Valid(); found++ {
			score, ref := at.Element()
			scores[found], members[found] = score, z.table.Key(dict.Ref(ref))
			at.Step(downwards)
		}
		n -= found
		for i, member := range members[:found] {
			if !visit(member, scores[i]) {
				return
			}
		}
	}
}

// walkedAtOnce is how many members are looked up before the first of them is visited.
const walkedAtOnce = 16

// search returns the rank of the first member for which before is false. before must be true for some
// first members and false for all others.
func (z *ZSet) search(before func(member []byte, score float64) bool) (rank int) {
	if z.table != nil {
		return z.tree.Search(func(score float64, ref uint32) bool {
			return before(z.table.Key(dict.Ref(ref)), score)
		})
	}
	z.walkPack(0, z.Len(), false, func(member []byte, score float64) bool {
		isBefore := before(member, score)
		rank += int(boolInt(isBefore))
		return isBefore
	})
	return rank
}

// rank returns the rank of a member that find has found.
func (z *ZSet) rank(member []byte, score float64) int {
	return z.search(func(other []byte, s float64) bool {
		return s < score || s == score && bytes.Compare(other, member) < 0
	})
}

// zset returns a key's sorted set for reading.
func (c *Ctx) zset(key []byte) (*ZSet, bool) {
	value, ok := c.read(key, KindZSet)
	if !ok {
		return nil, false
	}
	return value.(*ZSet), true
}

// zsetForWrite returns a key's sorted set for a command that may change it.
func (c *Ctx) zsetForWrite(key []byte) (*ZSet, bool) {
	value, ok := c.write(key, KindZSet)
	if !ok {
		return nil, false
	}
	z := value.(*ZSet)
	z.settle(&c.e.settings)
	return z, c.hasRoom(z.table)
}

// newZSet returns an empty sorted set that belongs to no key yet; replace gives it one.
func (c *Ctx) newZSet() *ZSet {
	z := &ZSet{}
	z.settle(&c.e.settings)
	return z
}
