package engine

import (
	"unsafe"

	"riffle/engine/dict"
	"riffle/engine/intset"
	"riffle/engine/listpack"
	"riffle/engine/num"
	"riffle/engine/rdb"
)

// Set is a set's value, in one of three forms:
//
//   - up to 512 integers: an intset packed beside the key, 2, 4 or 8 bytes each, found in O(log n);
//   - up to 128 short members: a listpack packed beside the key, each its bytes and 2 more, found by a walk;
//   - else an object with a table (see dict) of keys without values: 6 bytes and the rounding of a block,
//     and 6 to 8.5 bytes of index, found in O(1).
//
// A set changes from one form to the next as the reference does since 7.2, and never back.
type Set struct {
	place
	form   uint8 // of blob; 0 while the set has had no member
	blob   []byte
	table  *dict.Dict
	limits *settings
}

// The packed forms of a set.
const (
	formIntset uint8 = iota + 1
	formSetPack
)

func makeSet() Value { return &Set{} }

func (s *Set) settle(limits *settings) { s.limits = limits }

// Kind implements Value.
func (s *Set) Kind() Kind { return KindSet }

// Encoding implements Value.
func (s *Set) Encoding() string {
	switch {
	case s.table != nil:
		return "hashtable"
	case s.form == formIntset:
		return "intset"
	}
	return "listpack"
}

// Empty implements Value.
func (s *Set) Empty() bool { return s.Len() == 0 }

// Len returns the number of members, in O(1).
func (s *Set) Len() int {
	switch {
	case s.table != nil:
		return s.table.Len()
	case s.form == formIntset:
		return intset.Len(s.blob)
	case s.form == formSetPack:
		return listpack.Len(s.blob)
	}
	return 0
}

// Size implements Value.
func (s *Set) Size() int64 {
	if s.table != nil {
		return s.table.Size() + int64(unsafe.Sizeof(*s))
	}
	return int64(len(s.blob))
}

// Pack implements Value.
func (s *Set) Pack() (form uint8, blob []byte, ok bool) { return s.form, s.blob, s.table == nil }

// Unpack implements Value.
func (s *Set) Unpack(form uint8, blob []byte) { s.form, s.blob, s.table = form, blob, nil }

// Has reports whether the set has a member.
func (s *Set) Has(member []byte) bool {
	switch {
	case s.table != nil:
		return s.table.Find(member) != 0
	case s.form == formIntset:
		n, isInt := num.ParseInt(member)
		if !isInt {
			return false
		}
		_, found := intset.Find(s.blob, n)
		return found
	case s.form == formSetPack:
		return listpack.Find(s.blob, listpack.First(s.blob), member, 0) >= 0
	}
	return false
}

// expect prepares the set for n members, of which first is one: there is no point in a form that it
// would outgrow.
func (s *Set) expect(n int, first []byte) {
	_, isInt := num.ParseInt(first)
	fits := n <= s.limits.setMaxEntries
	if s.form == formIntset || s.form == 0 && isInt {
		fits = n <= s.limits.setMaxIntset || s.form == 0 && fits
	}
	if s.table == nil && !fits {
		s.grow()
	}
}

// add makes member one of the set and reports whether it was none before. It must not be a view of the set.
func (s *Set) add(member []byte) bool {
	if s.table == nil && s.form == 0 {
		s.begin(member)
	}
	switch {
	case s.table != nil:
		return s.addTable(member)
	case s.form == formIntset:
		return s.addInt(member)
	}
	return s.addPack(member)
}

// begin chooses the form for the first member.
func (s *Set) begin(member []byte) {
	if _, isInt := num.ParseInt(member); isInt && s.limits.setMaxIntset > 0 {
		s.form, s.blob = formIntset, intset.New()
		return
	}
	s.form, s.blob = formSetPack, listpack.New()
}

func (s *Set) addTable(member []byte) bool {
	if s.table.Find(member) != 0 {
		return false
	}
	s.changing(member)
	s.table.Insert(member, 0, 0)
	return true
}

// addInt adds to an intset, which a member that is no integer makes a listpack, or a table at once.
func (s *Set) addInt(member []byte) (added bool) {
	n, isInt := num.ParseInt(member)
	if !isInt {
		if !s.intsFitPack() {
			s.grow()
			return s.addTable(member)
		}
		s.intsToPack()
		return s.addPack(member)
	}
	if s.blob, added = intset.Add(s.blob, n); added && intset.Len(s.blob) > s.limits.setMaxIntset {
		s.grow()
	}
	return added
}

func (s *Set) addPack(member []byte) bool {
	if listpack.Find(s.blob, listpack.First(s.blob), member, 0) >= 0 {
		return false
	}
	if listpack.Len(s.blob) >= s.limits.setMaxEntries || len(member) > s.limits.setMaxValue {
		s.grow()
		return s.addTable(member)
	}
	s.blob = listpack.Append(s.blob, member)
	return true
}

// intsFitPack reports whether the integers of an intset and one more member make a listpack.
func (s *Set) intsFitPack() bool {
	n := intset.Len(s.blob)
	if n == 0 {
		return s.limits.setMaxEntries > 0
	}
	var text [20]byte
	longest := max(len(appendInt(text[:0], intset.At(s.blob, 0))), len(appendInt(text[:0], intset.At(s.blob, n-1))))
	return n < s.limits.setMaxEntries && longest <= s.limits.setMaxValue
}

// intsToPack turns an intset into a listpack.
func (s *Set) intsToPack() {
	pack := listpack.New()
	for i := range intset.Len(s.blob) {
		pack = listpack.AppendInt(pack, intset.At(s.blob, i))
	}
	s.form, s.blob = formSetPack, pack
}

// grow turns a packed set into a table.
func (s *Set) grow() {
	table := dict.New(s.limits.tableSeed())
	s.Each(func(member []byte) bool {
		table.Insert(member, 0, 0)
		return true
	})
	s.form, s.blob, s.table = 0, nil, table
}

// remove drops a member and reports whether it was one.
func (s *Set) remove(member []byte) (removed bool) {
	switch {
	case s.table != nil:
		ref := s.table.Find(member)
		if ref != 0 {
			s.removeRef(ref)
		}
		return ref != 0
	case s.form == formIntset:
		n, isInt := num.ParseInt(member)
		if isInt {
			s.blob, removed = intset.Remove(s.blob, n)
		}
		return removed
	case s.form == formSetPack:
		pos := listpack.Find(s.blob, listpack.First(s.blob), member, 0)
		if pos >= 0 {
			s.blob = listpack.Delete(s.blob, pos)
		}
		return pos >= 0
	}
	return false
}

// removeRef drops a member of a table, which gives its pages back as it shrinks.
func (s *Set) removeRef(ref dict.Ref) {
	s.changing(s.table.Key(ref))
	s.table.Remove(ref)
	tidy(s.table)
}

// Each visits the members in the order of SMEMBERS until visit returns false. A member holds during the
// visit only, and the set must not change meanwhile.
func (s *Set) Each(visit func(member []byte) bool) {
	if s.table != nil {
		walk := s.table.Iter()
		for ref := walk.Next(); ref != 0 && visit(s.table.Key(ref)); {
			ref = walk.Next()
		}
		return
	}
	var scratch [20]byte
	switch s.form {
	case formIntset:
		for i := range intset.Len(s.blob) {
			if !visit(appendInt(scratch[:0], intset.At(s.blob, i))) {
				return
			}
		}
	case formSetPack:
		for pos := listpack.First(s.blob); pos >= 0; pos = listpack.Next(s.blob, pos) {
			if !visit(listpack.Bytes(s.blob, pos, &scratch)) {
				return
			}
		}
	}
}

// random returns a member of a set that has one, each about as likely as another: a view of the set or
// of scratch. ref is its entry if the set is a table.
func (s *Set) random(c *Ctx, scratch *[20]byte) (member []byte, ref dict.Ref) {
	if s.table != nil {
		ref = s.table.Random(c.e.random.Uint64)
		return s.table.Key(ref), ref
	}
	at := int(c.e.random.Intn(int64(s.Len())))
	if s.form == formIntset {
		return appendInt(scratch[:0], intset.At(s.blob, at)), 0
	}
	return listpack.Bytes(s.blob, listpack.Seek(s.blob, at), scratch), 0
}

// draw visits count different members of a set that has at least as many.
func (s *Set) draw(c *Ctx, count int, visit func(member []byte)) {
	if s.table != nil {
		for _, ref := range drawRefs(c.e.random, s.table, count) {
			visit(s.table.Key(ref))
		}
		return
	}
	drawn := drawIndexes(c.e.random, s.Len(), count)
	at := 0
	s.Each(func(member []byte) bool {
		if len(drawn) > 0 && drawn[0] == at {
			drawn = drawn[1:]
			visit(member)
		}
		at++
		return len(drawn) > 0
	})
}

// Save implements Value. Listpacks of sets came with RDB version 11, so they are written member by member.
func (s *Set) Save(dst []byte) (out []byte, rdbType byte) {
	if s.table == nil && s.form == formIntset {
		return rdb.AppendString(dst, s.blob, true), rdb.TypeSetIntset
	}
	if s.table != nil {
		return saveWhole(s, dst)
	}
	dst = rdb.AppendLen(dst, uint64(s.Len()))
	s.Each(func(member []byte) bool {
		dst = rdb.AppendString(dst, member, true)
		return true
	})
	return dst, rdb.TypeSet
}

// portray implements sliced.
func (s *Set) portray() (likeness, byte) {
	return &tableLikeness{table: s.table, length: s.table.Len(), save: saveMember}, rdb.TypeSet
}

func saveMember(dst []byte, table *dict.Dict, ref dict.Ref) []byte {
	return rdb.AppendString(dst, table.Key(ref), true)
}

// Load implements Value.
func (s *Set) Load(r *rdb.Reader, rdbType byte) error {
	if rdbType == rdb.TypeSet {
		return s.loadMembers(r)
	}
	blob, err := r.String()
	if err != nil {
		return err
	}
	source := Set{form: formSetPack, blob: blob, limits: s.limits}
	valid := listpack.Valid
	if rdbType == rdb.TypeSetIntset {
		source.form, valid = formIntset, intset.Valid
	}
	if !valid(source.blob) {
		return r.Fail("a damaged set")
	}
	return s.adopt(r, &source)
}

// loadMembers reads a number of members. A listpack of them grows in the reader's scratch.
func (s *Set) loadMembers(r *rdb.Reader) error {
	n, err := r.Len()
	for first := true; n > 0 && err == nil; n-- {
		var member []byte
		if member, err = r.String(); err != nil {
			break
		}
		if first {
			s.expect(int(min(n, 1<<30)), member)
			if s.table != nil {
				s.table.Reserve(r.AtMost(n, 1))
			} else if s.begin(member); s.form == formSetPack {
				s.blob = append(r.Scratch[:0], s.blob...)
			}
			first = false
		}
		if !s.loadMember(member) {
			return r.Fail("a member that appears twice")
		}
	}
	if s.table == nil && s.form == formSetPack {
		if r.Scratch = s.blob; listpack.HasTwins(s.blob, 1) {
			return r.Fail("a member that appears twice")
		}
	}
	return err
}

// loadMember is add for a member that is expected to be new: in a listpack twins are looked for at the end.
func (s *Set) loadMember(member []byte) bool {
	if s.table != nil || s.form != formSetPack {
		return s.add(member)
	}
	if listpack.Len(s.blob) < s.limits.setMaxEntries && len(member) <= s.limits.setMaxValue {
		s.blob = listpack.Append(s.blob, member)
		return true
	}
	if listpack.HasTwins(s.blob, 1) {
		return false
	}
	s.grow()
	return s.addTable(member)
}

// adopt takes over a packed set: as it is if it keeps the limits.
func (s *Set) adopt(r *rdb.Reader, source *Set) error {
	if source.form == formIntset && source.Len() <= s.limits.setMaxIntset {
		s.form, s.blob = source.form, source.blob
		return nil
	}
	unique := true
	source.Each(func(member []byte) bool {
		if s.form == 0 && s.table == nil && source.form == formSetPack {
			s.form, s.blob = formSetPack, listpack.New() // integers in a listpack stay in one
		}
		unique = s.add(member)
		return unique
	})
	if !unique {
		return r.Fail("a member that appears twice")
	}
	return nil
}

// Rewrite implements Value.
func (s *Set) Rewrite(key []byte, emit func(argv ...[]byte)) {
	argv := [][]byte{[]byte("SADD"), key}
	s.Each(func(member []byte) bool {
		argv = append(argv, append([]byte(nil), member...))
		if len(argv) == 2+maxRewriteElements {
			emit(argv...)
			argv = argv[:2]
		}
		return true
	})
	if len(argv) > 2 {
		emit(argv...)
	}
}

// set returns a key's set for reading.
func (c *Ctx) set(key []byte) (*Set, bool) {
	value, ok := c.read(key, KindSet)
	if !ok {
		return nil, false
	}
	return value.(*Set), true
}

// setForWrite returns a key's set for a command that may change it.
func (c *Ctx) setForWrite(key []byte) (*Set, bool) {
	value, ok := c.write(key, KindSet)
	if !ok {
		return nil, false
	}
	s := value.(*Set)
	s.settle(&c.e.settings)
	return s, c.hasRoom(s.table)
}
