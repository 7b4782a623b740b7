package engine

import (
	"bytes"
	"encoding/binary"
	"math"

	"riffle/engine/dict"
	"riffle/engine/listpack"
	"riffle/engine/num"
	"riffle/engine/rdb"
)

// The small form of a sorted set, and how both forms are kept. A score is stored as the reference
// stores it: an integer as one (so that -0 becomes 0), anything else as text of 17 digits.

// packScore returns the score at a position of a listpack.
func packScore(pack []byte, pos int) float64 {
	text, n, isInt := listpack.Value(pack, pos)
	if isInt {
		return float64(n)
	}
	score, _ := num.ParseFloat(text)
	return score
}

// appendPackScore appends the text of a score, which the listpack turns into an integer if it is one.
func appendPackScore(dst []byte, score float64) []byte {
	if score >= -1<<62 && score <= 1<<62 && score == math.Trunc(score) {
		return num.AppendInt(dst, int64(score))
	}
	return num.AppendFloat17(dst, score)
}

// insertPack adds a member to the listpack.
func (z *ZSet) insertPack(member []byte, score float64) {
	if z.pack == nil {
		z.pack = listpack.New()
	}
	var room [32]byte
	text := appendPackScore(room[:0], score)
	pos := z.seekPack(member, score)
	if pos < 0 {
		z.pack = listpack.Append(listpack.Append(z.pack, member), text)
		return
	}
	z.pack = listpack.InsertBefore(listpack.InsertBefore(z.pack, pos, text), pos, member)
}

// seekPack returns the position of the first member behind (score, member), -1 if there is none.
func (z *ZSet) seekPack(member []byte, score float64) int {
	var scratch [20]byte
	for pos := listpack.First(z.pack); pos >= 0; {
		behind := listpack.Next(z.pack, pos)
		s := packScore(z.pack, behind)
		if s > score || s == score && bytes.Compare(listpack.Bytes(z.pack, pos, &scratch), member) > 0 {
			return pos
		}
		pos = listpack.Next(z.pack, behind)
	}
	return -1
}

// walkPack is walk for the listpack.
func (z *ZSet) walkPack(rank, n int, downwards bool, visit func(member []byte, score float64) bool) {
	if n <= 0 || rank < 0 || rank >= z.Len() {
		return
	}
	var scratch [20]byte
	for pos := listpack.Seek(z.pack, 2*rank); n > 0 && pos >= 0; n-- {
		behind := listpack.Next(z.pack, pos)
		if !visit(listpack.Bytes(z.pack, pos, &scratch), packScore(z.pack, behind)) {
			return
		}
		if !downwards {
			pos = listpack.Next(z.pack, behind)
		} else if pos = listpack.Prev(z.pack, pos); pos >= 0 {
			pos = listpack.Prev(z.pack, pos)
		}
	}
}

// Save implements Value.
func (z *ZSet) Save(dst []byte) (out []byte, rdbType byte) {
	if z.table == nil {
		return rdb.AppendString(dst, z.pack, true), rdb.TypeZsetListpack
	}
	return saveWhole(z, dst)
}

// portray implements sliced.
func (z *ZSet) portray() (likeness, byte) {
	return &zsetLikeness{zset: z, length: z.Len()}, rdb.TypeZset2
}

// zsetLikeness saves a table from its end, as the reference does, which loads at its head in constant time.
type zsetLikeness struct {
	elementsEarly
	zset   *ZSet
	length int
	begun  bool
	score  float64 // of the member that was passed last
	member []byte
}

// before implements likeness. A member that has been passed is noted, too: it may move to where it has not.
func (p *zsetLikeness) before(member []byte) {
	if !p.isFirst(member) {
		return
	}
	if slot := p.zset.find(member); slot.found && !(p.begun && !p.ahead(member, slot.score)) {
		p.saved = saveScored(p.saved, member, slot.score)
	}
}

// ahead reports whether a place in the order has not been passed.
func (p *zsetLikeness) ahead(member []byte, score float64) bool {
	return score < p.score || score == p.score && bytes.Compare(member, p.member) < 0
}

// piece implements likeness.
func (p *zsetLikeness) piece(dst []byte) (out []byte, more bool) {
	const members = 64
	z, rank := p.zset, p.zset.Len()
	if p.begun {
		rank = z.search(p.ahead)
	} else {
		p.begun = true
		dst = rdb.AppendLen(dst, uint64(p.length))
	}
	dst = p.takeSaved(dst)
	if rank > 0 {
		z.walk(rank-1, members, true, func(member []byte, score float64) bool {
			if len(p.early) == 0 || !p.isEarly(member) {
				dst = saveScored(dst, member, score)
			}
			p.score, p.member = score, append(p.member[:0], member...)
			return true
		})
	}
	return dst, rank > members
}

func saveScored(dst, member []byte, score float64) []byte {
	return rdb.AppendBinaryDouble(rdb.AppendString(dst, member, true), score)
}

// Load implements Value.
func (z *ZSet) Load(r *rdb.Reader, rdbType byte) error {
	if rdbType == rdb.TypeZset || rdbType == rdb.TypeZset2 {
		return z.loadPairs(r, rdbType)
	}
	blob, err := r.String()
	if err != nil {
		return err
	}
	pack, ok := loadPack(blob, rdbType)
	if !ok || listpack.Len(pack)%2 != 0 {
		return r.Fail("a damaged sorted set")
	}
	return z.adopt(r, pack)
}

// loadPairs reads a number of members and scores.
func (z *ZSet) loadPairs(r *rdb.Reader, rdbType byte) error {
	n, err := r.Len()
	if n > uint64(z.limits.zsetMaxEntries) {
		z.grow()
		z.table.Reserve(r.AtMost(n, 2))
	}
	var member []byte
	for ; n > 0 && err == nil; n-- {
		var text []byte
		if text, err = r.String(); err != nil {
			break
		}
		member = append(member[:0], text...)
		var score float64
		if rdbType == rdb.TypeZset2 {
			score, err = r.BinaryDouble()
		} else {
			score, err = r.Double()
		}
		if err == nil {
			err = z.loadMember(r, member, score)
		}
	}
	return err
}

// loadMember adds a member that must be new, with a score that must be a number.
func (z *ZSet) loadMember(r *rdb.Reader, member []byte, score float64) error {
	if math.IsNaN(score) {
		return r.Fail("a score that is no number")
	}
	if !z.set(member, score) {
		return r.Fail("a member that appears twice")
	}
	return nil
}

// adopt takes over a listpack of members and scores: as it is, if it keeps the limits and the order.
func (z *ZSet) adopt(r *rdb.Reader, pack []byte) error {
	ok, inOrder := inspectScores(pack, z.limits.zsetMaxValue)
	if !ok {
		return r.Fail("a score that is no number")
	}
	source := ZSet{pack: pack}
	if source.Len() <= z.limits.zsetMaxEntries && inOrder {
		if listpack.HasTwins(pack, 2) {
			return r.Fail("a member that appears twice")
		}
		z.pack = pack
		return nil
	}
	if source.Len() > z.limits.zsetMaxEntries {
		z.grow()
	}
	var err error
	source.walk(0, source.Len(), false, func(member []byte, score float64) bool {
		err = z.loadMember(r, member, score)
		return err == nil
	})
	return err
}

// inspectScores tells of a listpack of members and scores whether the scores are numbers, and whether the
// members ascend and none is longer than longest.
func inspectScores(pack []byte, longest int) (ok, inOrder bool) {
	var rooms [2][20]byte
	var last []byte
	lastScore := math.Inf(-1)
	inOrder = true
	for pos, i := listpack.Start, 0; !listpack.AtEnd(pack, pos); i++ {
		member, behind := listpack.Short(pack, pos)
		if behind == 0 {
			member, behind = listpack.Bytes(pack, pos, &rooms[i&1]), listpack.Behind(pack, pos)
		}
		var score float64
		if n, after := listpack.Small(pack, behind); after != 0 {
			score, pos = float64(n), after
		} else {
			text, n, isInt := listpack.Value(pack, behind)
			if score = float64(n); !isInt {
				if score, ok = num.ParseFloat(text); !ok {
					return false, false
				}
			}
			pos = listpack.Behind(pack, behind)
		}
		inOrder = inOrder && len(member) <= longest && (i == 0 || score > lastScore ||
			score == lastScore && bytes.Compare(member, last) > 0)
		last, lastScore = member, score
	}
	return true, inOrder
}

// Rewrite implements Value.
func (z *ZSet) Rewrite(key []byte, emit func(argv ...[]byte)) {
	argv := [][]byte{[]byte("ZADD"), key}
	z.walk(0, z.Len(), false, func(member []byte, score float64) bool {
		argv = append(argv, num.AppendFloat(nil, score), append([]byte(nil), member...))
		if len(argv) == 2+2*maxRewriteElements {
			emit(argv...)
			argv = argv[:2]
		}
		return true
	})
	if len(argv) > 2 {
		emit(argv...)
	}
}

// adoptScores makes a table from members to scores the content of an empty set: as it is, or as a
// listpack if it is small. longest is the length of its longest member.
func (z *ZSet) adoptScores(scores *dict.Dict, longest int) {
	if scores.Len() > z.limits.zsetMaxEntries || longest > z.limits.zsetMaxValue {
		z.adoptTable(scores)
		return
	}
	walk := scores.Iter()
	for ref := walk.Next(); ref != 0; ref = walk.Next() {
		bits := binary.LittleEndian.Uint64(scores.Value(ref))
		z.insertPack(scores.Key(ref), math.Float64frombits(bits))
	}
}
