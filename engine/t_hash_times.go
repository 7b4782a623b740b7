package engine

import (
	"encoding/binary"

	"riffle/engine/dict"
	"riffle/engine/listpack"
	"riffle/engine/ordered"
	"riffle/engine/rdb"
)

// Fields of a hash that expire. The first one makes a small hash a listpack of triples: field, value and
// when it expires, in milliseconds since 1970 or 0 for never, as the reference's listpackex, in the order
// of these times, those that stay last. That is 2 bytes more for a field that stays and 10 for one that
// does not, and what expires next stands in front. In a table, the time stands before the value in the
// block of a field that expires, as in db.go, which also enters the table's tree of times (see ordered):
// 8 bytes in the block and 13 to 18 in the tree. Source: Redis 7.4's hash field expiration, with a B+-tree
// in the place of its ebuckets.
//
// A field past its time is gone for every command at once: whoever finds the key first deletes what is due
// (Engine.meet), each field as an effect of its own, so that no handler of a hash knows of time. That
// is constant for each field that was given a time. The keys of such hashes are marked by metaFields
// and stand in the keyspace's set of them, which Tick walks as it does the keys that expire.

const (
	formTriples    uint8 = 2 // the form of a listpack of field, value, time
	formExpiring   uint8 = metaFields >> formShift
	fieldTimed           = 1         // the meta of a table's entry whose value begins with its time
	never          int64 = 0         // the time of a field that stays
	maxFieldTime   int64 = 1<<48 - 1 // the latest time that the reference's files can hold
	tripleElements       = 3
)

// width is how many elements of the listpack a field takes.
func (h *Hash) width() int {
	if h.timed {
		return tripleElements
	}
	return 2
}

// valueAt returns the value of an entry of the table.
func (h *Hash) valueAt(ref dict.Ref) []byte {
	if h.table.Meta(ref) == fieldTimed {
		return h.table.Value(ref)[expiryBytes:]
	}
	return h.table.Value(ref)
}

// timeAt returns when an entry of the table expires.
func (h *Hash) timeAt(ref dict.Ref) int64 {
	if h.table.Meta(ref) == fieldTimed {
		return int64(binary.LittleEndian.Uint64(h.table.Value(ref)))
	}
	return never
}

// tripleTime returns when the field at pos of a listpack of triples expires.
func (h *Hash) tripleTime(pos int) int64 {
	_, at, _ := listpack.Value(h.pack, listpack.Next(h.pack, listpack.Next(h.pack, pos)))
	return at
}

// timeOf returns when a field expires, if there is one of that name.
func (h *Hash) timeOf(field []byte) (at int64, found bool) {
	if h.table != nil {
		ref := h.table.Find(field)
		if ref == 0 {
			return never, false
		}
		return h.timeAt(ref), true
	}
	pos := h.find(field)
	if pos < 0 || !h.timed {
		return never, pos >= 0
	}
	return h.tripleTime(pos), true
}

// earliest returns when the first field expires, never if none does.
func (h *Hash) earliest() int64 {
	switch {
	case h.times != nil:
		first := h.times.At(0)
		at, _ := first.Element()
		return int64(at)
	case h.timed && h.Len() > 0:
		return h.tripleTime(listpack.First(h.pack))
	}
	return never
}

// isDue reports whether a field is past its time.
func (h *Hash) isDue(now int64) bool {
	at := h.earliest()
	return at != never && at <= now
}

// isGone reports whether every field is past its time.
func (h *Hash) isGone(now int64) bool {
	last := never
	switch {
	case h.times != nil && h.times.Len() == h.table.Len():
		end := h.times.At(h.times.Len() - 1)
		at, _ := end.Element()
		last = int64(at)
	case h.timed && h.Len() > 0:
		_, last, _ = listpack.Value(h.pack, listpack.Last(h.pack))
	}
	return last != never && last <= now
}

// eachTime visits the fields that expire in the order of their times until visit returns false. A field
// holds during the visit; the hash must not change meanwhile.
func (h *Hash) eachTime(visit func(field []byte, at int64) bool) {
	if h.times != nil {
		for walk := h.times.At(0); walk.Valid(); walk.Next() {
			at, ref := walk.Element()
			if !visit(h.table.Key(dict.Ref(ref)), int64(at)) {
				return
			}
		}
		return
	}
	if !h.timed {
		return
	}
	for pos := listpack.First(h.pack); pos >= 0; pos = h.nextTriple(pos) {
		at := h.tripleTime(pos)
		if at == never || !visit(listpack.Bytes(h.pack, pos, &h.first), at) {
			return
		}
	}
}

// nextTriple returns the position of the field behind the one at pos, -1 if that is the last.
func (h *Hash) nextTriple(pos int) int {
	return listpack.Next(h.pack, listpack.Next(h.pack, listpack.Next(h.pack, pos)))
}

// soonest returns the first field to expire of a hash that has one, a view that lasts until the next
// change, and its entry in the table if it is one.
func (h *Hash) soonest() (field []byte, ref dict.Ref) {
	if h.times != nil {
		first := h.times.At(0)
		_, number := first.Element()
		return h.table.Key(dict.Ref(number)), dict.Ref(number)
	}
	return listpack.Bytes(h.pack, listpack.First(h.pack), &h.first), 0
}

// setTime makes a field that is there expire, or stay with never. The field must not be a view of this
// hash.
func (h *Hash) setTime(field []byte, at int64) {
	if h.table != nil {
		h.changing(field)
		h.timeTable(h.table.Find(field), at)
		return
	}
	if !h.timed {
		h.widen()
	}
	h.timePack(h.find(field), at)
}

// widen turns a listpack of pairs into one of triples.
func (h *Hash) widen() {
	triples := listpack.New()
	h.each(func(field, value []byte) bool {
		triples = listpack.AppendInt(listpack.Append(listpack.Append(triples, field), value), never)
		return true
	})
	h.pack, h.timed = triples, true
}

// timePack gives the field at pos of a listpack of triples a time, and moves it to where that belongs.
func (h *Hash) timePack(pos int, at int64) {
	if h.tripleTime(pos) == at {
		return
	}
	time := listpack.Next(h.pack, listpack.Next(h.pack, pos))
	h.pack = listpack.ReplaceInt(h.pack, time, at)
	behind := h.behind(time)
	goal := listpack.First(h.pack)
	for goal < len(h.pack)-1 && (goal == pos || !h.isLater(goal, at)) {
		goal = h.behind(listpack.Next(h.pack, listpack.Next(h.pack, goal)))
	}
	if goal <= pos {
		exchange(h.pack[goal:behind], pos-goal)
	} else {
		exchange(h.pack[pos:goal], behind-pos)
	}
}

// isLater reports whether the field at pos of a listpack of triples expires after a time.
func (h *Hash) isLater(pos int, at int64) bool {
	other := h.tripleTime(pos)
	return at != never && (other == never || other > at)
}

// behind returns where the element behind the one at pos begins, or the end mark stands.
func (h *Hash) behind(pos int) int {
	if next := listpack.Next(h.pack, pos); next >= 0 {
		return next
	}
	return len(h.pack) - 1
}

// exchange lets the bytes before middle and those from it on change places.
func exchange(p []byte, middle int) {
	first := append([]byte(nil), p[:middle]...)
	copy(p, p[middle:])
	copy(p[len(p)-middle:], first)
}

// setTimed gives a field of a table with times a value, for ever or as long as it had.
func (h *Hash) setTimed(ref dict.Ref, value []byte, keep bool) {
	at := h.timeAt(ref)
	h.forgetTime(ref)
	start := 0
	if at != never && keep {
		start = expiryBytes
	}
	moved := h.table.Resize(ref, start+len(value))
	copy(h.table.Value(moved)[start:], value)
	h.table.SetMeta(moved, 0)
	if start > 0 {
		h.enterTime(moved, at)
	}
	if moved != ref {
		h.tidy()
	}
}

// timeTable gives an entry of the table a time, or takes it away.
func (h *Hash) timeTable(ref dict.Ref, at int64) {
	had := h.timeAt(ref) != never
	h.forgetTime(ref)
	value := h.table.Value(ref)
	size := len(value)
	moved := ref
	switch {
	case had && at == never:
		copy(value, value[expiryBytes:])
		moved = h.table.Resize(ref, size-expiryBytes)
	case !had && at != never:
		moved = h.table.Resize(ref, size+expiryBytes)
		value = h.table.Value(moved)
		copy(value[expiryBytes:], value[:size])
	}
	if at != never {
		h.enterTime(moved, at)
	}
	if moved != ref {
		h.tidy()
	}
}

// enterTime writes the time of an entry of the table into the room before its value, and into the tree.
func (h *Hash) enterTime(ref dict.Ref, at int64) {
	if h.times == nil {
		h.times = ordered.New(nil)
	}
	h.table.SetMeta(ref, fieldTimed)
	binary.LittleEndian.PutUint64(h.table.Value(ref), uint64(at))
	h.times.Insert(float64(at), uint32(ref))
}

// forgetTime takes an entry of the table out of the tree, if it expires. Its block stays as it is but
// for the mark.
func (h *Hash) forgetTime(ref dict.Ref) {
	at := h.timeAt(ref)
	if at == never {
		return
	}
	h.table.SetMeta(ref, 0)
	h.times.Remove(float64(at), uint32(ref))
	if h.times.Len() == 0 {
		h.times = nil
	}
}

// retime keeps the tree when an entry of the table has been moved by Compact. Fields of one time stand in
// the order of their refs, which is that of the memory: so many that expire at once are found quickly.
func (h *Hash) retime(old, moved dict.Ref) {
	if at := h.timeAt(moved); at != never {
		h.times.Remove(float64(at), uint32(old))
		h.times.Insert(float64(at), uint32(moved))
	}
}

// timesLikeness saves a table of which fields expire. Their times are written as what they are beyond
// the earliest, and 1: 0 stands for never.
type timesLikeness struct {
	tableLikeness
	base int64
}

func (h *Hash) portrayTimes() likeness {
	base := h.earliest()
	save := func(dst []byte, table *dict.Dict, ref dict.Ref) []byte {
		source := Hash{table: table}
		left := uint64(0)
		if at := source.timeAt(ref); at != never {
			left = uint64(at-base) + 1
		}
		dst = rdb.AppendString(rdb.AppendLen(dst, left), table.Key(ref), true)
		return rdb.AppendString(dst, source.valueAt(ref), true)
	}
	return &timesLikeness{tableLikeness{table: h.table, length: h.table.Len(), save: save}, base}
}

// piece implements likeness.
func (p *timesLikeness) piece(dst []byte) (out []byte, more bool) {
	if !p.begun {
		dst = rdb.AppendMillis(dst, p.base)
	}
	return p.tableLikeness.piece(dst)
}

// loadTime gives a field that was just loaded the time that timesLikeness has written.
func (h *Hash) loadTime(r *rdb.Reader, field []byte, base int64, left uint64) error {
	if base < 0 || base > maxFieldTime || left-1 > uint64(maxFieldTime-base) || base+int64(left-1) == never {
		return r.Fail("a field that expires at no time")
	}
	h.setTime(field, base+int64(left-1))
	return nil
}

// loadTriples reads the listpack of a small hash of which fields expire, and before it the earliest of
// their times, which the listpack tells as well.
func (h *Hash) loadTriples(r *rdb.Reader) error {
	if _, err := r.Millis(); err != nil {
		return err
	}
	blob, err := r.String()
	if err != nil {
		return err
	}
	if !listpack.Valid(blob) || listpack.Len(blob)%tripleElements != 0 {
		return r.Fail("a damaged hash")
	}
	if h.pack, h.timed = blob, true; !h.areTimes() {
		return r.Fail("a damaged hash")
	}
	return h.check(r)
}

// loadTimed reads a number of fields and values, each before its time, -1 for none, as Valkey 9 writes them.
func (h *Hash) loadTimed(r *rdb.Reader) error {
	n, err := r.Len()
	var field []byte
	for ; n > 0 && err == nil; n-- {
		var at int64
		if field, err = h.loadField(r, field); err != nil {
			break
		}
		switch at, err = r.Millis(); {
		case err != nil || at == -1:
		case at < 0 || at > maxFieldTime || at == never:
			return r.Fail("a field that expires at no time")
		default:
			h.setTime(field, at)
		}
	}
	return err
}

// areTimes reports whether every third element of a listpack is a time, in the order that we rely on.
func (h *Hash) areTimes() bool {
	last := int64(1)
	for pos := listpack.First(h.pack); pos >= 0; pos = h.nextTriple(pos) {
		_, at, isInt := listpack.Value(h.pack, listpack.Next(h.pack, listpack.Next(h.pack, pos)))
		if !isInt || at < 0 || at > maxFieldTime || at != never && (at < last || last == never) {
			return false
		}
		last = at
	}
	return true
}

// rewriteTimes emits the commands that give the fields their times: one for those of one time.
func (h *Hash) rewriteTimes(key []byte, emit func(argv ...[]byte)) {
	var fields [][]byte
	var common int64
	flush := func() {
		if len(fields) > 0 {
			emit(expireFieldsCommand(key, common, fields)...)
		}
		fields = fields[:0]
	}
	h.eachTime(func(field []byte, at int64) bool {
		if at != common || len(fields) == maxRewriteElements {
			flush()
		}
		common = at
		fields = append(fields, append([]byte(nil), field...))
		return true
	})
	flush()
}

// expireFieldsCommand returns the command that makes fields expire, whenever it is run.
func expireFieldsCommand(key []byte, at int64, fields [][]byte) [][]byte {
	argv := [][]byte{wordHpexpireat, key, intBytes(at), wordFields, intBytes(int64(len(fields)))}
	return append(argv, fields...)
}

// expireFields deletes the fields of a hash that are past their times, or most of them at most, each as an
// effect of its own. It returns the key's ref, 0 if no field is left.
func (e *Engine) expireFields(db *DB, ref dict.Ref, most int) (left dict.Ref, gone int) {
	used := e.views.used[KindHash]
	h := db.open(ref, &e.views).(*Hash)
	if now := e.millis(); h.isDue(now) {
		e.beforeChange(db.keyspace, h.key)
		for ; gone < most && h.isDue(now); gone++ {
			field, entry := h.soonest()
			e.effect(db.id, wordHdel, h.key, field)
			if entry != 0 {
				h.removeEntry(field, entry)
			} else {
				h.remove(field)
			}
		}
		e.stats.subkeys += int64(gone)
		ref = e.keepRest(db, h)
	}
	e.views.used[KindHash] = used
	return ref, gone
}

// keepRest stores a hash of which fields have expired, and tells who listens. It returns the key's ref, 0
// if it had to go.
func (e *Engine) keepRest(db *DB, h *Hash) dict.Ref {
	e.notify(notifyHash, "hexpired", db.id, h.key)
	e.changed(db, h.key)
	if !h.Empty() {
		db.put(h, db.keys.Meta(h.ref)>>accessShift)
		return h.ref
	}
	e.notify(notifyGeneric, "del", db.id, h.key)
	db.remove(h.ref)
	return 0
}

// allFieldsExpired reports whether every field of a hash is past its time.
func (e *Engine) allFieldsExpired(db *DB, ref dict.Ref) bool {
	used := e.views.used[KindHash]
	gone := db.open(ref, &e.views).(*Hash).isGone(e.millis())
	e.views.used[KindHash] = used
	return gone
}

// expireSomeFields deletes the expired fields of the next few hashes that have fields with a time. A hash
// with more of them than a step may delete is met again by the next step.
func (e *Engine) expireSomeFields(db *DB) (looked, deleted int) {
	x := &e.expiring
	x.due = x.due[:0]
	next := db.fields.Scan(x.fields.cursor, func(ref dict.Ref) { x.due = append(x.due, ref) })
	for _, ref := range x.due {
		if deleted >= expireDeletes {
			return looked, deleted
		}
		_, gone := e.expireFields(db, ref, expireDeletes-deleted)
		deleted += gone
		looked++
	}
	if deleted < expireDeletes {
		x.fields.cursor = next
	}
	return looked, deleted
}
