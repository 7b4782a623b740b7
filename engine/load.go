package engine

import (
	"bytes"
	"errors"

	"riffle/engine/rdb"
)

// loadError says where a snapshot or a log could not be read, and why.
type loadError struct {
	offset int64
	reason string
}

func (err *loadError) Error() string {
	return err.reason + " at byte " + itoa(err.offset)
}

// Load reads an RDB stream into the empty engine. next returns its chunks, nil at the end; a chunk is left
// alone until the next call. Load returns how many bytes the snapshot has: it stops behind it, perhaps in a
// chunk. What was read before a fault stays loaded; the error says where the fault is.
func (e *Engine) Load(now int64, next func() ([]byte, error)) (n int64, err error) {
	e.advance(now)
	e.replaying = true
	defer func() { e.replaying = false }()
	r := rdb.NewStreamReader(next)
	if err := e.loadRDB(r); err != nil {
		return r.Offset(), &loadError{r.Offset(), "snapshot: " + err.Error()}
	}
	return r.Offset(), nil
}

// loader is what Load keeps from one key to the next.
type loader struct {
	e      *Engine
	r      *rdb.Reader
	db     *DB
	expiry int64
	idle   int64  // seconds since the key was used, -1 if the file does not say
	uses   int64  // 0 to 255, -1 likewise
	name   []byte // of the key being read
	views  views  // packed values are read into the same few objects
	credit uint64 // how many more keys are believed to come before they have
}

// reserveMost bounds what is spent on what a file merely claims, in keys of 8 bytes each.
const reserveMost = 4 << 20

// loadRDB reads opcodes and keys until the end mark, and checks the sum behind it.
func (e *Engine) loadRDB(r *rdb.Reader) error {
	version, err := r.Header()
	if err != nil {
		return err
	}
	l := loader{e: e, r: r, db: e.dbs[0], expiry: noExpiry, idle: -1, uses: -1, credit: reserveMost}
	for {
		var idle uint64
		var count byte
		op, err := r.Byte()
		if err != nil {
			return err
		}
		switch op {
		case rdb.OpcodeEOF:
			return r.CheckEnd(version)
		case rdb.OpcodeSelectDB:
			l.db, err = e.loadSelect(r)
		case rdb.OpcodeResizeDB:
			err = l.reserve()
		case rdb.OpcodeExpireMillis:
			l.expiry, err = r.Millis()
		case rdb.OpcodeExpireSeconds:
			l.expiry, err = r.Seconds()
			l.expiry *= 1000
		case rdb.OpcodeIdle:
			idle, err = r.Len()
			l.idle = int64(min(idle, accessMask))
		case rdb.OpcodeFreq:
			count, err = r.Byte()
			l.uses = int64(count)
		case rdb.OpcodeAux, rdb.OpcodeSlotInfo,
			rdb.OpcodeModuleAux:
			err = skipOpcode(r, op)
		case rdb.OpcodeFunction2:
			err = l.library()
		default:
			err = l.key(op)
			l.expiry, l.idle, l.uses = noExpiry, -1, -1
		}
		if err != nil {
			return err
		}
	}
}

// reserve makes room for as many keys as the file says will come.
func (l *loader) reserve() error {
	keys, err := l.r.Len()
	if err != nil {
		return err
	}
	keys = min(keys, l.credit)
	l.credit -= keys
	l.db.keys.Reserve(int(keys))
	_, err = l.r.Len() // how many of them expire
	return err
}

// skipOpcode reads over what other servers note beside the keys.
func skipOpcode(r *rdb.Reader, op byte) (err error) {
	lengths := 0
	switch op {
	case rdb.OpcodeAux:
		_, err = r.String()
		if err == nil {
			_, err = r.String()
		}
	case rdb.OpcodeModuleAux:
		_, err = r.Len()
		if err == nil {
			err = r.SkipModule()
		}
	case rdb.OpcodeSlotInfo:
		lengths = 3
	}
	for ; lengths > 0 && err == nil; lengths-- {
		_, err = r.Len()
	}
	return err
}

// library reads the text of a library.
func (l *loader) library() error {
	code, err := l.r.String()
	if err != nil {
		return err
	}
	if problem := l.e.loadLibrary(code); problem != "" {
		l.e.absence.met = l.e.config.Scripts == nil
		return errors.New(problem)
	}
	return nil
}

func (e *Engine) loadSelect(r *rdb.Reader) (*DB, error) {
	n, err := r.Len()
	if err != nil {
		return nil, err
	}
	if n >= uint64(len(e.dbs)) {
		return nil, errors.New("database number out of range; raise the parameter databases")
	}
	return e.dbs[n], nil
}

// key reads one key. It keeps even a key that has expired meanwhile, hidden until the next Tick: the log
// that follows was written while the key was there, and may rename or claim from it.
func (l *loader) key(rdbType byte) error {
	name, err := l.r.String()
	if err != nil {
		return err
	}
	l.name = append(l.name[:0], name...)
	l.views.reset()
	kind := kindOf(rdbType)
	if kind == KindNone {
		return unknownType(rdbType)
	}
	value := l.views.next(kind)
	if err := l.e.loadInto(value, l.r, rdbType); err != nil {
		return err
	}
	if value.Empty() {
		return nil
	}
	if l.db.keys.Find(l.name) != 0 {
		return errors.New("the key '" + clip(l.name, maxShownName) + "' appears twice")
	}
	l.e.stats.loaded++
	l.e.adopt(l.db, l.name, value, l.expiry)
	if l.idle >= 0 || l.uses >= 0 {
		l.e.setUse(l.db.keyspace, l.db.keys.Find(l.name), l.idle, l.uses)
	}
	return nil
}

// adopt puts a value made outside any command under a key that does not exist. A packed one is copied.
func (e *Engine) adopt(db *DB, key []byte, value Value, expiry int64) {
	if form, blob, packed := value.Pack(); packed {
		meta := uint32(value.Kind()) | uint32(form)<<formShift | e.accessOf(db.keyspace, 0)<<accessShift
		db.overwrite(key, 0, meta, blob, expiry)
		return
	}
	p := value.home()
	p.space, p.key, p.ref, p.bytes = db.keyspace, key, 0, 0
	db.put(value, e.accessOf(db.keyspace, 0))
	if expiry != noExpiry {
		db.setExpiry(p.ref, expiry)
	}
}

// kindOf returns the kind of the values that are written as an RDB type, KindNone if there is none.
func kindOf(rdbType byte) Kind {
	for kind := range kinds {
		for _, t := range kinds[kind].rdbTypes {
			if t == rdbType {
				return Kind(kind)
			}
		}
	}
	return KindNone
}

// loadValue reads the body of a value of the given RDB type. A packed value is a view of what was read, good
// until the reader goes on.
func (e *Engine) loadValue(r *rdb.Reader, rdbType byte) (Value, error) {
	kind := kindOf(rdbType)
	if kind == KindNone {
		return nil, unknownType(rdbType)
	}
	value := kinds[kind].make()
	return value, e.loadInto(value, r, rdbType)
}

func (e *Engine) loadInto(value Value, r *rdb.Reader, rdbType byte) error {
	value.Unpack(0, nil)
	if s, ok := value.(settled); ok {
		s.settle(&e.settings)
	}
	return value.Load(r, rdbType)
}

func unknownType(rdbType byte) error {
	if problem := rdb.CheckType(rdbType); problem != "" {
		return errors.New(problem)
	}
	return errors.New("unknown value type " + itoa(int64(rdbType)))
}

// settled is a Value whose form depends on parameters (hash-max-listpack-entries and the like).
type settled interface{ settle(*settings) }

// Apply replays a log: RESP commands, those between MULTI and EXEC as one unit. It returns how many
// bytes of whole units were applied: a torn tail begins at p[n:], and what the error is about too.
func (e *Engine) Apply(now int64, p []byte) (n int, err error) {
	e.advance(now)
	if e.journal.replay == nil {
		e.journal.replay = &Client{user: e.acl.everyone, flags: flagAuthenticated | flagReplay}
		e.journal.replay.reply.proto = 2
	}
	e.replaying = true
	defer func() { e.replaying = false }()
	c := e.journal.replay
	defer func() { c.multi = nil }()
	for at := 0; at < len(p); {
		size, failure := e.applyOne(c, p[at:])
		if failure != "" {
			return n, errors.New("log: " + failure)
		}
		if size == 0 {
			break
		}
		at += size
		if c.multi == nil {
			n = at
		}
	}
	return n, nil
}

// applyOne runs one command of a log and returns how many bytes it took, 0 if it is not whole, and
// why it could not be applied. The reference annotates logs with lines that begin with #.
func (e *Engine) applyOne(c *Client, p []byte) (size int, failure string) {
	if p[0] == '#' {
		return bytes.IndexByte(p, '\n') + 1, ""
	}
	argv, size, err := c.parser.Next(p, e.argv[:0], &e.settings.limits)
	switch {
	case err != nil:
		return 0, err.Error()
	case size == 0:
		c.parser.Reset()
		return 0, ""
	case len(argv) == 0:
		return size, ""
	case p[0] != '*':
		return 0, "not a command"
	}
	e.argv = argv
	failed := c.reply.errors
	row, container := e.lookup(argv)
	e.request(c, argv, row, container)
	if c.reply.errors > failed {
		failure = clip(c.reply.buf, 512)
	}
	c.reply.buf, c.sent = c.reply.buf[:0], 0
	return size, failure
}
