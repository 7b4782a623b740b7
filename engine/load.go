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

// Load reads an RDB stream into the empty engine. next returns its chunks, nil at the end. What was
// read before a fault stays loaded; the error says where the fault is.
func (e *Engine) Load(now int64, next func() ([]byte, error)) error {
	e.advance(now)
	e.replaying = true
	defer func() { e.replaying = false }()
	r := rdb.NewStreamReader(next)
	if err := e.loadRDB(r); err != nil {
		return &loadError{r.Offset(), "snapshot: " + err.Error()}
	}
	return nil
}

// loadRDB reads opcodes and keys until the end mark, and checks the sum behind it.
func (e *Engine) loadRDB(r *rdb.Reader) error {
	version, err := r.Header()
	if err != nil {
		return err
	}
	db := e.dbs[0]
	expiry := int64(noExpiry)
	for {
		op, err := r.Byte()
		if err != nil {
			return err
		}
		switch op {
		case rdb.OpcodeEOF:
			return r.CheckEnd(version)
		case rdb.OpcodeSelectDB:
			db, err = e.loadSelect(r)
		case rdb.OpcodeExpireMillis:
			expiry, err = r.Millis()
		case rdb.OpcodeExpireSeconds:
			expiry, err = r.Seconds()
			expiry *= 1000
		case rdb.OpcodeAux, rdb.OpcodeResizeDB, rdb.OpcodeIdle, rdb.OpcodeFreq, rdb.OpcodeSlotInfo,
			rdb.OpcodeModuleAux, rdb.OpcodeFunction2:
			err = skipOpcode(r, op)
		default:
			err = e.loadKey(r, db, op, expiry)
			expiry = noExpiry
		}
		if err != nil {
			return err
		}
	}
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
	case rdb.OpcodeFunction2:
		_, err = r.String()
	case rdb.OpcodeFreq:
		_, err = r.Byte()
	case rdb.OpcodeModuleAux:
		_, err = r.Len()
		if err == nil {
			err = r.SkipModule()
		}
	case rdb.OpcodeIdle:
		lengths = 1
	case rdb.OpcodeResizeDB:
		lengths = 2
	case rdb.OpcodeSlotInfo:
		lengths = 3
	}
	for ; lengths > 0 && err == nil; lengths-- {
		_, err = r.Len()
	}
	return err
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

// loadKey reads one key. It keeps even a key that has expired meanwhile, hidden until the next Tick:
// the log that follows was written while the key was there, and may rename or claim from it.
func (e *Engine) loadKey(r *rdb.Reader, db *DB, rdbType byte, expiry int64) error {
	name, err := r.String()
	if err != nil {
		return err
	}
	key := append([]byte(nil), name...)
	value, err := e.loadValue(r, rdbType)
	if err != nil {
		return err
	}
	if value.Empty() {
		return nil
	}
	if db.keys.Find(key) != 0 {
		return errors.New("the key '" + clip(key, maxShownName) + "' appears twice")
	}
	e.adopt(db, key, value, expiry)
	return nil
}

// adopt puts a value made outside any command under a key that does not exist.
func (e *Engine) adopt(db *DB, key []byte, value Value, expiry int64) {
	p := value.home()
	p.space, p.key, p.ref, p.bytes = db.keyspace, key, 0, 0
	db.put(value, e.access())
	if expiry != noExpiry {
		db.setExpiry(p.ref, expiry)
	}
}

// loadValue reads the body of a value of the given RDB type.
func (e *Engine) loadValue(r *rdb.Reader, rdbType byte) (Value, error) {
	for kind := range kinds {
		for _, t := range kinds[kind].rdbTypes {
			if t != rdbType {
				continue
			}
			value := kinds[kind].make()
			value.Unpack(0, nil)
			if s, ok := value.(settled); ok {
				s.settle(&e.settings)
			}
			return value, value.Load(r, rdbType)
		}
	}
	if problem := rdb.CheckType(rdbType); problem != "" {
		return nil, errors.New(problem)
	}
	return nil, errors.New("unknown value type " + itoa(int64(rdbType)))
}

// settled is a Value whose form depends on parameters (hash-max-listpack-entries and the like).
type settled interface{ settle(*settings) }

// Apply replays a log: RESP commands, those between MULTI and EXEC as one unit. It returns how many
// bytes of whole units were applied: a torn tail begins at p[n:], and what the error is about too.
func (e *Engine) Apply(now int64, p []byte) (n int, err error) {
	e.advance(now)
	if e.journal.replay == nil {
		e.journal.replay = &Client{user: "default", flags: flagAuthenticated | flagReplay}
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
	row, container := e.lookup(c, argv)
	e.request(c, argv, row, container)
	if c.reply.errors > failed {
		failure = clip(c.reply.buf, 512)
	}
	c.reply.buf, c.sent = c.reply.buf[:0], 0
	return size, failure
}
