package engine

import (
	"unsafe"

	"riffle/engine/dict"
	"riffle/engine/listpack"
	"riffle/engine/ordered"
	"riffle/engine/rdb"
)

// Hash maps fields to values. A small one is a listpack of field, value, field, value, packed beside
// its key: an entry costs its bytes and 4 more, and finding it is a walk over at most 512 short
// fields. With more fields, or with a long one, it becomes a table of its own (see dict): 6 bytes and
// the rounding of a block, and 6 to 8.5 bytes of index. It never goes back, as in the reference.
// Fields may expire, see t_hash_times.go; a hash of which none ever did pays nothing for it.
type Hash struct {
	place
	pack   []byte        // the listpack; nil when the hash is empty or a table
	timed  bool          // the listpack is of triples: field, value, expiry
	table  *dict.Dict    // field to value
	times  *ordered.Tree // the table's fields that expire, by when; nil when none does
	limits *settings
	first  [20]byte // scratch of each, which would be allocated at every call
	second [20]byte
}

// formPack is the form of every packed listpack.
const formPack uint8 = 1

func makeHash() Value { return &Hash{} }

func (h *Hash) settle(limits *settings) { h.limits = limits }

// Kind implements Value.
func (h *Hash) Kind() Kind { return KindHash }

// Encoding implements Value.
func (h *Hash) Encoding() string {
	switch {
	case h.table != nil:
		return "hashtable"
	case h.timed:
		return "listpackex"
	}
	return "listpack"
}

// Empty implements Value.
func (h *Hash) Empty() bool { return h.Len() == 0 }

// Len returns the number of fields.
func (h *Hash) Len() int {
	switch {
	case h.table != nil:
		return h.table.Len()
	case h.pack != nil:
		return listpack.Len(h.pack) / h.width()
	}
	return 0
}

// Size implements Value.
func (h *Hash) Size() int64 {
	if h.table != nil {
		size := h.table.Size() + int64(unsafe.Sizeof(*h))
		if h.times != nil {
			size += h.times.Size()
		}
		return size
	}
	return int64(len(h.pack))
}

// Pack implements Value.
func (h *Hash) Pack() (form uint8, blob []byte, ok bool) {
	form = formPack
	if h.timed {
		form = formTriples
	}
	if h.earliest() != never {
		form |= formExpiring
	}
	return form, h.pack, h.table == nil
}

// Unpack implements Value.
func (h *Hash) Unpack(form uint8, blob []byte) {
	h.pack, h.timed, h.table, h.times = blob, form&^formExpiring == formTriples, nil, nil
}

// get returns the value of a field, nil if there is none: a view of the hash, or of scratch.
func (h *Hash) get(field []byte, scratch *[20]byte) []byte {
	if h.table != nil {
		if ref := h.table.Find(field); ref != 0 {
			return h.valueAt(ref)
		}
		return nil
	}
	if pos := h.find(field); pos >= 0 {
		return listpack.Bytes(h.pack, listpack.Next(h.pack, pos), scratch)
	}
	return nil
}

// has reports whether the hash has a field.
func (h *Hash) has(field []byte) bool {
	if h.table != nil {
		return h.table.Find(field) != 0
	}
	return h.find(field) >= 0
}

// find returns the position of a field in the listpack, -1 if there is none.
func (h *Hash) find(field []byte) int {
	if h.pack == nil {
		return -1
	}
	return listpack.Find(h.pack, listpack.First(h.pack), field, h.width()-1)
}

// set gives a field a value, for ever, and reports whether the field is new. Neither may be a view of this
// hash.
func (h *Hash) set(field, value []byte) (created bool) { return h.store(field, value, false) }

// store is set; a field that is there keeps its expiry if keep asks for that.
func (h *Hash) store(field, value []byte, keep bool) (created bool) {
	if h.table == nil && (len(field) > h.limits.hashMaxValue || len(value) > h.limits.hashMaxValue) {
		h.grow()
	}
	if h.table != nil {
		return h.setTable(field, value, keep)
	}
	if pos := h.find(field); pos >= 0 {
		h.pack = listpack.Replace(h.pack, listpack.Next(h.pack, pos), value)
		if h.timed && !keep {
			h.timePack(pos, never)
		}
		return false
	}
	if h.pack == nil {
		h.pack = listpack.New()
	}
	h.pack = listpack.Append(listpack.Append(h.pack, field), value)
	if h.timed {
		h.pack = listpack.AppendInt(h.pack, never)
	}
	if h.Len() > h.limits.hashMaxEntries {
		h.grow()
	}
	return true
}

func (h *Hash) setTable(field, value []byte, keep bool) (created bool) {
	h.changing(field)
	ref := h.table.Find(field)
	if ref == 0 {
		copy(h.table.Value(h.table.Insert(field, 0, len(value))), value)
		return true
	}
	if h.times != nil {
		h.setTimed(ref, value, keep)
		return false
	}
	moved := h.table.Resize(ref, len(value))
	copy(h.table.Value(moved), value)
	if moved != ref {
		h.tidy()
	}
	return false
}

// grow turns the listpack into a table.
func (h *Hash) grow() {
	source := Hash{pack: h.pack, timed: h.timed}
	table := dict.New(h.limits.tableSeed())
	source.each(func(field, value []byte) bool {
		copy(table.Value(table.Insert(field, 0, len(value))), value)
		return true
	})
	h.pack, h.timed, h.table = nil, false, table
	source.eachTime(func(field []byte, at int64) bool {
		h.setTime(field, at)
		return true
	})
}

// remove drops a field and reports whether there was one.
func (h *Hash) remove(field []byte) bool {
	if h.table == nil {
		pos := h.find(field)
		if pos >= 0 {
			h.pack = listpack.DeleteRange(h.pack, pos, h.width())
		}
		return pos >= 0
	}
	ref := h.table.Find(field)
	if ref == 0 {
		return false
	}
	h.removeEntry(field, ref)
	return true
}

// removeEntry drops an entry of the table.
func (h *Hash) removeEntry(field []byte, ref dict.Ref) {
	h.changing(field)
	if h.times != nil {
		h.forgetTime(ref)
	}
	h.table.Remove(ref)
	h.tidy()
}

// tidy compacts the table as the function tidy does.
func (h *Hash) tidy() {
	if h.times == nil {
		tidy(h.table)
		return
	}
	if holed(h.table) {
		h.table.Compact(2*tidyEvery, h.retime)
	}
}

// tidy compacts a table from which a block was freed, a little and not every time.
func tidy(table *dict.Dict) {
	if holed(table) {
		table.Compact(2*tidyEvery, func(_, _ dict.Ref) {})
	}
}

// holed says, now and then, that a step of compaction pays for a table in a value: two thirds of it are idle, or
// were when compaction began. One that begins at a half moves four members for five that are popped, and one that
// stops as soon as less is idle moves each of them several times; this one moves two for five.
func holed(table *dict.Dict) bool {
	return table.Frees()%tidyEvery == 0 && (table.Unfinished() || table.Idle()*holesPart > 2*table.Size())
}

// each visits the fields in the order of HGETALL until visit returns false. The slices are good until
// the next visit.
func (h *Hash) each(visit func(field, value []byte) bool) {
	if h.table != nil {
		walk := h.table.Iter()
		for ref := walk.Next(); ref != 0 && visit(h.table.Key(ref), h.valueAt(ref)); {
			ref = walk.Next()
		}
		return
	}
	if h.pack == nil {
		return
	}
	for pos := listpack.First(h.pack); pos >= 0; {
		behind := listpack.Next(h.pack, pos)
		if !visit(listpack.Bytes(h.pack, pos, &h.first), listpack.Bytes(h.pack, behind, &h.second)) {
			return
		}
		if h.timed {
			behind = listpack.Next(h.pack, behind)
		}
		pos = listpack.Next(h.pack, behind)
	}
}

// Save implements Value.
func (h *Hash) Save(dst []byte) (out []byte, rdbType byte) {
	switch {
	case h.table != nil:
		return saveWhole(h, dst)
	case h.timed:
		return rdb.AppendString(rdb.AppendMillis(dst, h.earliest()), h.pack, true), rdb.TypeHashListpackEx
	}
	return rdb.AppendString(dst, h.pack, true), rdb.TypeHashListpack
}

// portray implements sliced.
func (h *Hash) portray() (likeness, byte) {
	if h.times != nil {
		return h.portrayTimes(), rdb.TypeHashMetadata
	}
	return &tableLikeness{table: h.table, length: h.table.Len(), save: saveField}, rdb.TypeHash
}

func saveField(dst []byte, table *dict.Dict, ref dict.Ref) []byte {
	return rdb.AppendString(rdb.AppendString(dst, table.Key(ref), true), table.Value(ref), true)
}

// Load implements Value.
func (h *Hash) Load(r *rdb.Reader, rdbType byte) error {
	switch rdbType {
	case rdb.TypeHash:
		return h.loadPairs(r, false, never)
	case rdb.TypeHashMetadata:
		base, err := r.Millis()
		if err != nil {
			return err
		}
		return h.loadPairs(r, true, base)
	case rdb.TypeHashListpackEx:
		return h.loadTriples(r)
	case rdb.TypeHash2:
		return h.loadTimed(r)
	}
	blob, err := r.String()
	if err != nil {
		return err
	}
	pack, ok := loadPack(blob, rdbType)
	if !ok || listpack.Len(pack)%2 != 0 {
		return r.Fail("a damaged hash")
	}
	h.pack = pack
	return h.check(r)
}

// loadPack returns the listpack in a blob of one of the packed types, perhaps the blob itself; ok is false
// if the blob is damaged.
func loadPack(blob []byte, rdbType byte) (pack []byte, ok bool) {
	switch rdbType {
	case rdb.TypeHashZiplist, rdb.TypeZsetZiplist:
		return rdb.ZiplistToListpack(blob)
	case rdb.TypeHashZipmap:
		return rdb.ZipmapToListpack(blob)
	}
	return blob, listpack.Valid(blob)
}

// loadPairs reads a number of fields and values, each behind its time, as loadTime takes it, if timed.
func (h *Hash) loadPairs(r *rdb.Reader, timed bool, base int64) error {
	n, err := r.Len()
	if n > uint64(h.limits.hashMaxEntries) {
		h.grow()
		h.table.Reserve(r.AtMost(n, 2))
	}
	var field []byte
	for ; n > 0 && err == nil; n-- {
		var left uint64
		if timed {
			if left, err = r.Len(); err != nil {
				break
			}
		}
		if field, err = h.loadField(r, field); err == nil && left > 0 {
			err = h.loadTime(r, field, base, left)
		}
	}
	return err
}

// loadField reads a field and its value, and returns the field in the memory of an earlier one.
func (h *Hash) loadField(r *rdb.Reader, spare []byte) (field []byte, err error) {
	text, err := r.String()
	if err != nil {
		return nil, err
	}
	field = append(spare[:0], text...)
	if text, err = r.String(); err != nil {
		return nil, err
	}
	if !h.set(field, text) {
		return nil, r.Fail("a field that appears twice")
	}
	return field, nil
}

// check makes a table of a listpack that was read if it does not keep the limits.
func (h *Hash) check(r *rdb.Reader) error {
	if h.Len() <= h.limits.hashMaxEntries && listpack.Within(h.pack, h.limits.hashMaxValue) {
		if listpack.HasTwins(h.pack, h.width()) {
			return r.Fail("a field that appears twice")
		}
		return nil
	}
	source := Hash{pack: h.pack, timed: h.timed}
	h.pack, h.timed = nil, false
	h.grow()
	unique := true
	source.each(func(field, value []byte) bool {
		unique = h.set(field, value)
		return unique
	})
	if !unique {
		return r.Fail("a field that appears twice")
	}
	source.eachTime(func(field []byte, at int64) bool {
		h.setTime(field, at)
		return true
	})
	return nil
}

// maxRewriteElements is how many elements one command of a rewritten log adds at most.
const maxRewriteElements = 64

// Rewrite implements Value.
func (h *Hash) Rewrite(key []byte, emit func(argv ...[]byte)) {
	argv := [][]byte{[]byte("HSET"), key}
	h.each(func(field, value []byte) bool {
		// The slices of a listpack's integers do not outlive the visit.
		argv = append(argv, append([]byte(nil), field...), append([]byte(nil), value...))
		if len(argv) == 2+2*maxRewriteElements {
			emit(argv...)
			argv = argv[:2]
		}
		return true
	})
	if len(argv) > 2 {
		emit(argv...)
	}
	if h.timed || h.times != nil {
		h.rewriteTimes(key, emit)
	}
}

// hash returns a key's hash for reading.
func (c *Ctx) hash(key []byte) (*Hash, bool) {
	value, ok := c.read(key, KindHash)
	if !ok {
		return nil, false
	}
	return value.(*Hash), true
}

// hashForWrite returns a key's hash for a command that may change it.
func (c *Ctx) hashForWrite(key []byte) (*Hash, bool) {
	value, ok := c.write(key, KindHash)
	if !ok {
		return nil, false
	}
	h := value.(*Hash)
	h.settle(&c.e.settings)
	return h, c.hasRoom(h.table)
}

// hasRoom refuses a command that may enlarge a table inside a value when that is about to run out of Refs.
func (c *Ctx) hasRoom(table *dict.Dict) bool {
	if table != nil && table.Full() && c.cmd.Flags&DenyOOM != 0 && !c.Client.has(flagReplay) {
		c.Reply.Error(errOutOfMemory)
		return false
	}
	return true
}
