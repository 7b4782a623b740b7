package engine

import (
	"bytes"
	"math"

	"riffle/engine/dict"
	"riffle/engine/rdb"
)

// RENAME and MOVE hand a value over as it is, so they cost the same for any size; COPY writes an
// object out and reads it back, as a snapshot does.

func renameCommand(c *Ctx) {
	if done, ok := c.rename(false); ok && done {
		c.Reply.OK()
	}
}

func renamenxCommand(c *Ctx) {
	if done, ok := c.rename(true); ok {
		c.Reply.Int(boolInt(done))
	}
}

// rename gives a key another name, unless that is taken and keep asks to respect it.
func (c *Ctx) rename(keep bool) (done, ok bool) {
	from, to := c.Argv[1], c.Argv[2]
	ref := c.findWrite(from)
	if ref == 0 {
		c.Reply.Error(errNoSuchKey)
		return false, false
	}
	if bytes.Equal(from, to) {
		return !keep, true
	}
	if old := c.findWrite(to); old != 0 {
		if keep {
			return false, true
		}
		c.DB.remove(old)
	}
	c.DB.transfer(ref, c.DB.keyspace, to, &c.e.views)
	c.e.changed(c.DB, from)
	c.e.changed(c.DB, to)
	c.Propagate()
	c.Notify(notifyNew, "new", to)
	c.Notify(notifyGeneric, "rename_from", from)
	c.Notify(notifyGeneric, "rename_to", to)
	return true, true
}

const errDBNumber = "ERR value is out of range, value must between -2147483648 and 2147483647"

// otherDB reads argument i as the number of a database.
func (c *Ctx) otherDB(i int) (db *DB, ok bool) {
	n, ok := c.intBetween(i, math.MinInt32, math.MaxInt32, errDBNumber)
	if !ok {
		return nil, false
	}
	if n < 0 || n >= int64(len(c.e.dbs)) {
		c.Reply.Error(errDBIndex)
		return nil, false
	}
	return c.e.dbs[n], true
}

func moveCommand(c *Ctx) {
	key := c.Argv[1]
	db, ok := c.otherDB(2)
	if !ok {
		return
	}
	if db == c.DB {
		c.Reply.Error(errSameObject)
		return
	}
	ref := c.findWrite(key)
	if ref == 0 || c.findWriteIn(db, key) != 0 {
		c.Reply.Int(0)
		return
	}
	c.DB.transfer(ref, db.keyspace, key, &c.e.views)
	c.e.changed(c.DB, key)
	c.e.changed(db, key)
	c.Propagate()
	c.e.notify(notifyNew, "new", db.id, key)
	c.Notify(notifyGeneric, "move_from", key)
	c.e.notify(notifyGeneric, "move_to", db.id, key)
	c.Reply.Int(1)
}

// copyOptions reads COPY's database and REPLACE.
func (c *Ctx) copyOptions() (db *DB, replace, ok bool) {
	db = c.DB
	for i := 3; i < len(c.Argv); i++ {
		switch {
		case c.is(i, "REPLACE"):
			replace = true
		case c.is(i, "DB") && i+1 < len(c.Argv):
			i++
			if db, ok = c.otherDB(i); !ok {
				return nil, false, false
			}
		default:
			c.syntaxError()
			return nil, false, false
		}
	}
	return db, replace, true
}

func copyCommand(c *Ctx) {
	from, to := c.Argv[1], c.Argv[2]
	db, replace, ok := c.copyOptions()
	if !ok {
		return
	}
	if db == c.DB && bytes.Equal(from, to) {
		c.Reply.Error(errSameObject)
		return
	}
	ref := c.find(from)
	if ref == 0 {
		c.Reply.Int(0)
		return
	}
	old := c.findWriteIn(db, to)
	if old != 0 && !replace {
		c.Reply.Int(0)
		return
	}
	value, err := c.duplicate(ref)
	if err != nil {
		c.Reply.Error("ERR " + err.Error())
		return
	}
	if old != 0 {
		db.remove(old)
	}
	c.e.adopt(db, to, value, c.DB.expiry(ref))
	c.e.changed(db, to)
	c.Propagate()
	c.e.notify(notifyNew, "new", db.id, to)
	c.e.notify(notifyGeneric, "copy_to", db.id, to)
	c.Reply.Int(1)
}

// duplicate returns what a key holds for putting it under another: the view of a packed value, which
// putting copies, or a second object.
func (c *Ctx) duplicate(ref dict.Ref) (Value, error) {
	value := c.DB.open(ref, &c.e.views)
	if c.DB.object(ref) == nil {
		return value, nil
	}
	body, rdbType := value.Save(nil)
	return c.e.loadValue(rdb.NewReader(body), rdbType)
}
