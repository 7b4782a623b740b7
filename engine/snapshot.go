package engine

import (
	"riffle/engine/dict"
	"riffle/engine/rdb"
)

// Snapshot is a picture of all data at one moment, written out as RDB in slices while the engine
// goes on: there is no fork to lean on. The picture walks each keyspace in hash order. A key that is
// about to change and has not been passed yet is written first, as it was; a key that appears
// behind the picture's back is remembered and left out. Of a large value a portrait is made when its
// turn comes or it is about to change, and written a piece at a time. Several snapshots may be under way.
type Snapshot struct {
	e      *Engine
	spaces []section
	at     int         // the section being walked
	cursor uint64      // within its dict
	buf    []byte      // written, not yet taken
	handed []byte      // what Next returned last, reused
	crc    uint64      // of everything handed out
	offset int64       // journal offset of the moment
	now    int64       // milliseconds since 1970 of the moment
	db     int         // the database that the stream has selected
	later  []*portrait // of large values that were passed or are about to change
	open   *portrait   // of which a part is written
	aside  []byte      // keys written early while a value is open: they follow it
	views  views       // of its own: a handler may be at work when a key is written early
	done   bool
	spent  int // bytes of long strings that were looked at for this Next, and led to none yet
}

// section is one database of the picture.
type section struct {
	db    int
	space *keyspace
	early map[string]struct{} // keys written, or found absent, before their turn
	ended bool
	sized bool // the stream says how many keys it has
}

// Snapshot begins a picture of the data as it is now.
func (e *Engine) Snapshot(now int64) *Snapshot {
	e.advance(now)
	s := &Snapshot{e: e, offset: e.journal.position(), now: e.millis(), db: -1}
	e.journal.db = -1 // the log after the picture must not lean on what the log before it selected
	s.buf = rdb.AppendHeader(nil)
	s.buf = rdb.AppendAux(s.buf, "redis-ver", referenceVersion)
	s.buf = rdb.AppendAux(s.buf, "redis-bits", "64")
	s.buf = rdb.AppendAux(s.buf, "ctime", itoa(s.now/1000))
	s.buf = rdb.AppendAux(s.buf, "aof-base", "0")
	s.buf = e.appendLibraries(s.buf)
	for _, db := range e.dbs {
		if db.keys.Len() > 0 {
			s.spaces = append(s.spaces, section{db: db.id, space: db.keyspace, early: map[string]struct{}{}})
		}
	}
	e.snapshots = append(e.snapshots, s)
	return s
}

// Offset is where in the journal the picture stands: what follows it starts here.
func (s *Snapshot) Offset() int64 { return s.offset }

// progress is about how many keys of all the picture has passed; their order is that of their hashes.
func (s *Snapshot) progress() (passed, total int64) {
	const end = 1 << 48
	for i := range s.spaces {
		n := int64(s.spaces[i].space.keys.Len())
		total += n
		switch {
		case i < s.at:
			passed += n
		case i == s.at:
			passed += int64(float64(n) * float64(s.cursor) / end)
		}
	}
	return passed, total
}

// Next writes about budget more bytes and returns them, fewer if there is little left to write; done says
// that these are the last. The chunk is valid until the next call into the engine.
func (s *Snapshot) Next(budget int) (chunk []byte, done bool) {
	s.spent = 0
	for steps := budget/32 + 1; steps > 0 && len(s.buf)+s.spent < budget && !s.done; steps-- {
		s.step()
	}
	if s.done && s.e != nil {
		s.buf = rdb.AppendEOF(s.buf, 0, s.crc)
		s.Close()
	}
	s.crc = rdb.CRC64(s.crc, s.buf)
	s.buf, s.handed = s.handed[:0], s.buf
	return s.handed, s.done
}

// step writes a piece of a large value, begins with one, or walks one small group of keys.
func (s *Snapshot) step() {
	if s.open != nil {
		s.piece()
		return
	}
	if n := len(s.later); n > 0 {
		if !s.measure(s.later[n-1]) {
			return
		}
		s.open = s.later[n-1]
		s.later = s.later[:n-1]
		s.enter(s.open.section)
		s.buf = append(s.buf, s.open.head...)
		s.piece()
		return
	}
	if s.at == len(s.spaces) {
		s.done = true
		return
	}
	section := &s.spaces[s.at]
	space := section.space
	s.cursor = space.keys.Scan(s.cursor, func(ref dict.Ref) {
		if len(section.early) > 0 {
			if _, early := section.early[string(space.keys.Key(ref))]; early {
				return
			}
		}
		s.write(section, ref)
	})
	if s.cursor == 0 {
		section.ended = true
		s.at++
	}
}

// enter selects a section's database, unless it is selected.
func (s *Snapshot) enter(section *section) {
	if section.db == s.db {
		return
	}
	s.db = section.db
	s.buf = rdb.AppendSelectDB(s.buf, uint64(s.db))
	if !section.sized {
		section.sized = true
		space := section.space
		s.buf = rdb.AppendResizeDB(s.buf, uint64(space.keys.Len()), uint64(space.expires.Len()))
	}
}

// write appends one key with its expiry and value. A large value is portrayed, and follows later.
func (s *Snapshot) write(section *section, ref dict.Ref) {
	space := section.space
	if large, ok := space.object(ref).(sliced); ok && large.savedBytes() >= largeValue {
		s.postpone(newPortrait(section, ref, large), ref)
		return
	}
	if portrait := newTextPortrait(section, ref); portrait != nil {
		s.postpone(portrait, ref)
		return
	}
	s.enter(section)
	s.views.reset()
	s.buf = s.e.appendUse(s.buf, space, ref)
	s.buf = appendKey(s.buf, space, ref, &s.views)
}

// postpone has a portrait follow.
func (s *Snapshot) postpone(p *portrait, ref dict.Ref) {
	p.head = append(s.e.appendUse(nil, p.section.space, ref), p.head...)
	s.later = append(s.later, p)
}

// writeAside is write for a key that cannot wait while a large value is open. Behind that, the stream
// selects the key's database anew.
func (s *Snapshot) writeAside(section *section, ref dict.Ref) {
	main, db := s.buf, s.db
	s.buf, s.db = s.aside, -1
	s.write(section, ref)
	s.aside = s.buf
	s.buf, s.db = main, db
}

// piece writes on at the open value, and what waited for its end.
func (s *Snapshot) piece() {
	var more bool
	if s.buf, more = s.open.body.piece(s.buf); more {
		return
	}
	s.open.detach()
	s.open = nil
	if len(s.aside) > 0 {
		s.buf = append(s.buf, s.aside...)
		s.aside, s.db = nil, -1
	}
}

// appendHead appends what stands before a value: expiry, type, name. The type is to be filled in.
func appendHead(dst []byte, space *keyspace, ref dict.Ref) (out []byte, typeAt int) {
	if at := space.expiry(ref); at != noExpiry {
		dst = rdb.AppendExpire(dst, at)
	}
	typeAt = len(dst)
	dst = append(dst, 0)
	return rdb.AppendString(dst, space.keys.Key(ref), true), typeAt
}

// appendKey appends a key as RDB: expiry, type, name, body.
func appendKey(dst []byte, space *keyspace, ref dict.Ref, v *views) []byte {
	dst, typeAt := appendHead(dst, space, ref)
	var rdbType byte
	dst, rdbType = space.open(ref, v).Save(dst)
	dst[typeAt] = rdbType
	return dst
}

// before writes a key that is about to change, unless the picture has it already.
func (s *Snapshot) before(space *keyspace, key []byte) {
	for i := s.at; i < len(s.spaces); i++ {
		section := &s.spaces[i]
		if section.space != space || section.ended {
			continue
		}
		if i == s.at && space.keys.Scanned(s.cursor, key) {
			return
		}
		if _, early := section.early[string(key)]; early {
			return
		}
		section.early[string(key)] = struct{}{}
		ref := space.keys.Find(key)
		switch {
		case ref == 0:
		case s.open != nil:
			s.writeAside(section, ref)
		default:
			s.write(section, ref)
		}
	}
}

// Close ends the snapshot, finished or not.
func (s *Snapshot) Close() {
	if s.e == nil {
		return
	}
	for i, other := range s.e.snapshots {
		if other == s {
			s.e.snapshots = append(s.e.snapshots[:i], s.e.snapshots[i+1:]...)
			break
		}
	}
	for _, portrait := range s.later {
		portrait.detach()
	}
	if s.open != nil {
		s.open.detach()
	}
	s.e, s.spaces, s.later, s.open = nil, nil, nil, nil
	s.done = true
}

// beforeChange must be called before a key is created, changed or removed.
func (e *Engine) beforeChange(space *keyspace, key []byte) {
	for _, s := range e.snapshots {
		s.before(space, key)
	}
}
