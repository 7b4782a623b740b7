package engine

import (
	"encoding/binary"

	"riffle/engine/dict"
)

// A key is one block of the keyspace's dict:
//
//	meta (32 bits): kind 0-2, form 3-5, of which 5 says that fields expire, has an expiry 6, is an
//	                object 7, access clock 8-31
//	value:          [expiry, 8 bytes, if bit 6] [blob | object number, 4 bytes, if bit 7]
//
// so a string or a small collection costs its own bytes, its key, 4 to 8 bytes of header and about
// 7 bytes of index.
const (
	metaKind    = 0x07
	formShift   = 3
	metaForm    = 0x38
	metaFields  = 0x20
	metaExpiry  = 0x40
	metaObject  = 0x80
	accessShift = 8
	accessMask  = 1<<24 - 1 // the clock is counted modulo this + 1
	expiryBytes = 8
	noExpiry    = -1
)

// keyspace is the data of one database. FLUSHDB replaces it whole, SWAPDB exchanges two.
type keyspace struct {
	keys    *dict.Dict
	expires *dict.Refs // the keys that have an expiry
	fields  dict.Refs  // the hashes of which fields expire
	objects []Value    // values too large to be packed, by number
	free    []uint32   // numbers of objects that are gone
	bytes   int64      // Size of all objects
	lent    int        // portraits of long strings that are not written yet
	judged  uint32     // what keys.Frees said when it was last looked for holes
	folds   foldings   // of lists and streams
}

func newKeyspace(pages *dict.Pages, seed uint64) *keyspace {
	return &keyspace{keys: dict.NewIn(pages, seed), expires: &dict.Refs{}}
}

// DB is one numbered database: its data, and who waits for or watches its keys.
type DB struct {
	*keyspace
	id       int
	waiters  map[string]*waitQueue
	watchers map[string][]*watch
}

func (s *keyspace) kind(ref dict.Ref) Kind { return Kind(s.keys.Meta(ref) & metaKind) }

// payload is the packed value or the object's number, without the expiry.
func (s *keyspace) payload(ref dict.Ref) []byte {
	value := s.keys.Value(ref)
	if s.keys.Meta(ref)&metaExpiry != 0 {
		return value[expiryBytes:]
	}
	return value
}

// expiry returns when the key expires, in milliseconds since 1970, or noExpiry.
func (s *keyspace) expiry(ref dict.Ref) int64 {
	if s.keys.Meta(ref)&metaExpiry == 0 {
		return noExpiry
	}
	return int64(binary.LittleEndian.Uint64(s.keys.Value(ref)))
}

// setExpiry gives the key an expiry, or takes it away with noExpiry, and returns the key's new ref.
func (s *keyspace) setExpiry(ref dict.Ref, at int64) dict.Ref {
	meta := s.keys.Meta(ref)
	had, has := meta&metaExpiry != 0, at != noExpiry
	if had != has {
		ref = s.shiftExpiry(ref, meta, has)
	}
	if has {
		binary.LittleEndian.PutUint64(s.keys.Value(ref), uint64(at))
	}
	return ref
}

// shiftExpiry makes or removes the room for the expiry in front of the payload.
func (s *keyspace) shiftExpiry(ref dict.Ref, meta uint32, has bool) dict.Ref {
	n := len(s.keys.Value(ref))
	ref = s.renewed(ref, n)
	value := s.keys.Value(ref)
	if !has {
		s.expires.Remove(ref)
		copy(value, value[expiryBytes:])
		moved := s.keys.Resize(ref, n-expiryBytes)
		s.keys.SetMeta(moved, meta&^metaExpiry)
		s.fields.Replace(ref, moved)
		return moved
	}
	moved := s.keys.Resize(ref, n+expiryBytes)
	value = s.keys.Value(moved)
	copy(value[expiryBytes:], value[:n])
	s.keys.SetMeta(moved, meta|metaExpiry)
	s.expires.Add(moved)
	s.fields.Replace(ref, moved)
	return moved
}

// object returns the key's value if it is an object, else nil.
func (s *keyspace) object(ref dict.Ref) Value {
	if s.keys.Meta(ref)&metaObject == 0 {
		return nil
	}
	return s.objects[binary.LittleEndian.Uint32(s.payload(ref))]
}

// open returns the key's value: the object, or a view made of v.
func (s *keyspace) open(ref dict.Ref, v *views) Value {
	meta, key, payload := s.keys.Entry(ref)
	if meta&metaExpiry != 0 {
		payload = payload[expiryBytes:]
	}
	var value Value
	if meta&metaObject != 0 {
		value = s.objects[binary.LittleEndian.Uint32(payload)]
	} else {
		value = v.next(Kind(meta & metaKind))
		value.Unpack(uint8(meta&metaForm)>>formShift, payload)
	}
	p := value.home()
	p.space, p.key, p.ref = s, key, ref
	return value
}

// put stores a value under its place's key, keeping an expiry that the key has.
func (s *keyspace) put(value Value, access uint32) {
	p := value.home()
	form, blob, packed := value.Pack()
	meta := uint32(value.Kind()) | uint32(form)<<formShift | access<<accessShift
	if packed {
		s.dropObject(p.ref)
		if moved := s.putBlob(p.key, p.ref, meta, blob); moved != p.ref {
			p.ref, p.key = moved, s.keys.Key(moved) // the key was perhaps a view of the block that is gone
		}
		return
	}
	size := value.Size()
	s.bytes += size - p.bytes
	p.bytes = size
	if p.kept {
		if was := s.keys.Meta(p.ref); (was^meta)&metaFields != 0 {
			s.keys.SetMeta(p.ref, was^metaFields)
			s.noteFields(p.ref, p.ref, meta)
		}
		return
	}
	s.dropObject(p.ref)
	var number [4]byte
	binary.LittleEndian.PutUint32(number[:], s.addObject(value))
	p.ref = s.putBlob(p.key, p.ref, meta|metaObject, number[:])
	p.key = s.keys.Key(p.ref) // an object outlives the request that named its key
}

// putBlob writes meta and blob into the key's block; blob may be a view of that same block that
// was changed in place.
func (s *keyspace) putBlob(key []byte, ref dict.Ref, meta uint32, blob []byte) dict.Ref {
	if ref == 0 {
		ref = s.keys.Insert(key, meta, len(blob))
		copy(s.keys.Value(ref), blob)
		if meta&metaFields != 0 {
			s.fields.Add(ref)
		}
		return ref
	}
	if s.lent > 0 {
		ref = s.renewed(ref, len(blob)+expiryBytes)
	}
	start, was := 0, s.keys.Meta(ref)
	if was&metaExpiry != 0 {
		start, meta = expiryBytes, meta|metaExpiry
	}
	inPlace := sameStart(s.keys.Value(ref)[start:], blob)
	moved := s.keys.Resize(ref, start+len(blob))
	if !inPlace {
		copy(s.keys.Value(moved)[start:], blob)
	}
	s.keys.SetMeta(moved, meta)
	if moved != ref && start > 0 {
		s.expires.Replace(ref, moved)
	}
	if (was|meta)&metaFields != 0 {
		s.noteFields(ref, moved, meta)
	}
	return moved
}

// noteFields keeps the set of hashes of which fields expire when a key has got a new ref or meta.
func (s *keyspace) noteFields(old, moved dict.Ref, meta uint32) {
	if old != moved || meta&metaFields == 0 {
		s.fields.Remove(old)
	}
	if meta&metaFields != 0 {
		s.fields.Add(moved)
	}
}

// overwrite makes blob, which is no view of the key's own block, the key's packed value with an expiry
// or none. The block moves at most once and nothing in it is shifted; a value of the size it had
// stays where it is.
func (s *keyspace) overwrite(key []byte, ref dict.Ref, meta uint32, blob []byte, at int64) dict.Ref {
	if s.lent > 0 {
		ref = s.renewed(ref, len(blob))
	}
	if at == noExpiry && ref != 0 && (s.keys.Meta(ref)|meta)&(metaExpiry|metaObject|metaFields) == 0 {
		if value := s.keys.Value(ref); len(value) == len(blob) { // counters, flags: nothing moves
			copy(value, blob)
			s.keys.SetMeta(ref, meta)
			return ref
		}
	}
	start := 0
	if at != noExpiry {
		start, meta = expiryBytes, meta|metaExpiry
	}
	was := uint32(0)
	if ref != 0 {
		was = s.keys.Meta(ref)
	}
	had := was&metaExpiry != 0
	moved := ref
	if ref == 0 {
		moved = s.keys.Insert(key, meta, start+len(blob))
	} else {
		s.dropObject(ref)
		moved = s.keys.Resize(ref, start+len(blob))
		s.keys.SetMeta(moved, meta)
	}
	value := s.keys.Value(moved)
	if at != noExpiry {
		binary.LittleEndian.PutUint64(value, uint64(at))
	}
	copy(value[start:], blob)
	switch {
	case had && at == noExpiry:
		s.expires.Remove(ref)
	case had && moved != ref:
		s.expires.Replace(ref, moved)
	case !had && at != noExpiry:
		s.expires.Add(moved)
	}
	if (was|meta)&metaFields != 0 {
		s.noteFields(ref, moved, meta)
	}
	return moved
}

// resizePayload makes the packed value size bytes long where it lies, and returns it: its first bytes
// are those it had, what is new holds anything.
func (s *keyspace) resizePayload(ref dict.Ref, size int) (moved dict.Ref, payload []byte) {
	if s.keys.Meta(ref)&metaExpiry == 0 {
		moved = s.keys.Resize(ref, size)
		return moved, s.keys.Value(moved)
	}
	moved = s.keys.Resize(ref, expiryBytes+size)
	if moved != ref {
		s.expires.Replace(ref, moved)
	}
	return moved, s.keys.Value(moved)[expiryBytes:]
}

// transfer moves what a key holds, with its expiry and access clock, to a key that does not exist, of
// this keyspace or another. An object is handed over as it is, however large.
func (s *keyspace) transfer(ref dict.Ref, to *keyspace, key []byte, v *views) {
	at, access := s.expiry(ref), s.keys.Meta(ref)>>accessShift
	value := s.open(ref, v)
	isObject := s.object(ref) != nil
	if isObject {
		s.remove(ref) // before put, so that the object is never the content of two keys
	}
	p := value.home()
	p.space, p.key, p.ref, p.bytes = to, key, 0, 0
	to.put(value, access)
	if at != noExpiry {
		to.setExpiry(p.ref, at)
	}
	if !isObject {
		s.remove(ref) // after put, which copied the view out of the block
	}
}

// sameStart reports whether two slices begin at the same byte of memory.
func sameStart(a, b []byte) bool {
	return cap(a) > 0 && cap(b) > 0 && &a[:1][0] == &b[:1][0]
}

func (s *keyspace) addObject(value Value) uint32 {
	value.home().kept = true
	if n := len(s.free); n > 0 {
		number := s.free[n-1]
		s.free = s.free[:n-1]
		s.objects[number] = value
		return number
	}
	s.objects = append(s.objects, value)
	return uint32(len(s.objects) - 1)
}

// dropObject forgets the object of a key whose block is about to hold something else.
func (s *keyspace) dropObject(ref dict.Ref) {
	if ref == 0 || s.keys.Meta(ref)&metaObject == 0 {
		return
	}
	number := binary.LittleEndian.Uint32(s.payload(ref))
	p := s.objects[number].home()
	s.bytes -= p.bytes
	p.bytes, p.kept = 0, false
	s.objects[number] = nil
	s.free = append(s.free, number)
}

// remove deletes the key.
func (s *keyspace) remove(ref dict.Ref) {
	s.dropObject(ref)
	if s.keys.Meta(ref)&(metaExpiry|metaFields) != 0 {
		s.expires.Remove(ref)
		s.fields.Remove(ref)
	}
	s.keys.Remove(ref)
}

// inUse is the memory of the database in bytes, without the holes in its pages.
func (s *keyspace) inUse() int64 { return s.size() - s.keys.Idle() }

// size is the memory of the database in bytes.
func (s *keyspace) size() int64 {
	return s.keys.Size() + s.expires.Size() + s.fields.Size() + s.bytes + int64(cap(s.objects))*16
}
