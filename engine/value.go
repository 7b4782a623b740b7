package engine

import (
	"riffle/engine/dict"
	"riffle/engine/rdb"
)

// Kind is a value's type.
type Kind uint8

// The types a key may hold.
const (
	KindNone Kind = iota
	KindString
	KindList
	KindSet
	KindZSet
	KindHash
	KindStream
	kindCount
)

// Value is what a key holds. A type is complete when it implements Value; nothing else in the
// engine switches over types.
//
// A small value is packed: a blob (a listpack, an intset, the bytes of a string) inside the block
// that also holds its key, so that a million small keys are no work for the garbage collector. Open
// returns it as a view, whose slices lie in that block. A large value is an object of its own and the
// block holds only its number. The type decides which it is: Pack returns ok == false for an object.
type Value interface {
	Kind() Kind
	// Encoding is OBJECT ENCODING's answer.
	Encoding() string
	// Empty says that the key must go: aggregates without elements do not exist.
	Empty() bool
	// Size is the memory the value takes, in bytes, in O(1).
	Size() int64
	// Pack returns the value as form (1..3, the type's own tag, and formExpiring if fields of it
	// expire) and blob; ok == false for an object.
	Pack() (form uint8, blob []byte, ok bool)
	// Unpack makes the value a view of a packed one. Form 0 with a nil blob makes it empty. The blob's
	// cap is the room in its block, so appending may happen in place.
	Unpack(form uint8, blob []byte)
	// Save appends the value's RDB body, and says which RDB type it is written as.
	Save(dst []byte) (out []byte, rdbType byte)
	// Load reads the body of an RDB value of a type that the kind's row in kinds claims.
	Load(r *rdb.Reader, rdbType byte) error
	// Rewrite emits the shortest commands that rebuild the value under key.
	Rewrite(key []byte, emit func(argv ...[]byte))

	home() *place
}

// place says where a value lives; every Value embeds one.
type place struct {
	space *keyspace
	key   []byte
	ref   dict.Ref // 0: the key does not exist (yet)
	bytes int64    // Size of an object when it was last committed
	kept  bool     // the value is the key's object
	// portrait is the first of those that snapshots have of an object and have not saved to the end.
	portrait *portrait
}

func (p *place) home() *place { return p }

// Exists reports whether the value's key exists in the keyspace.
func (p *place) Exists() bool { return p.ref != 0 }

// kindRow is what the engine knows of a type before it has a value of it.
type kindRow struct {
	name     string
	make     func() Value
	rdbTypes []byte // the RDB types that Load understands
}

// views hands out Values for packed keys without allocating: a handler may hold several views
// of one kind (SINTER), and all are free again when the next command begins.
type views struct {
	any  bool // some were handed out since the last reset
	made [kindCount][]Value
	used [kindCount]int
}

func (v *views) next(kind Kind) Value {
	i := v.used[kind]
	v.used[kind]++
	v.any = true
	if i == len(v.made[kind]) {
		v.made[kind] = append(v.made[kind], kinds[kind].make())
	}
	if p := v.made[kind][i].home(); p.kept || p.portrait != nil {
		v.made[kind][i] = kinds[kind].make() // the view outgrew its block and is, or was, a key's object
	}
	return v.made[kind][i]
}

// maxSpareViews bounds what a command over very many keys leaves behind.
const maxSpareViews = 64

func (v *views) reset() {
	if !v.any {
		return
	}
	v.any = false
	for kind := range v.used {
		v.used[kind] = 0
		if len(v.made[kind]) > maxSpareViews {
			v.made[kind] = nil
		}
	}
}
