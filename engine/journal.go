package engine

import "riffle/engine/resp"

// journal collects what execution units did to the data, as RESP commands that any server of the
// field can replay. A unit is what must never be cut: a command, an EXEC, a script. The effects of a
// unit that has more than one are wrapped in MULTI / EXEC, which is known only at its end: the
// effects are written straight away and the MULTI is slipped in front when it proves necessary.
type journal struct {
	on      bool
	buf     []byte  // whole units, then the open unit
	taken   []byte  // what the host was given last, reused
	offset  int64   // bytes handed out so far
	start   int     // where in buf the open unit begins
	effects int     // effects of the open unit
	request []byte  // the bytes of the request that runs, or of another
	db      int     // the database that replay has selected; -1 when not known
	replay  *Client // runs the commands of a log that is being applied
}

const (
	multiText = "*1\r\n$5\r\nMULTI\r\n"
	execText  = "*1\r\n$4\r\nEXEC\r\n"
)

// effect writes one command that db must run to have the same data.
func (j *journal) effect(db int, argv ...[]byte) {
	j.beginEffect(db)
	j.buf = resp.AppendCommand(j.buf, argv...)
}

// echo is effect for the arguments of the running request, which nearly always lie in bytes that are fit to
// be written as they came.
func (j *journal) echo(db int, argv [][]byte) {
	j.beginEffect(db)
	if resp.IsCommand(j.request, argv) {
		j.buf = append(j.buf, j.request...)
		return
	}
	j.buf = resp.AppendCommand(j.buf, argv...)
}

func (j *journal) beginEffect(db int) {
	if j.db != db {
		j.db = db
		j.buf = append(j.buf, "*2\r\n$6\r\nSELECT\r\n"...)
		var text [4]byte
		j.buf = resp.AppendBulk(j.buf, appendInt(text[:0], int64(db)))
	}
	j.effects++
}

// commit ends the unit.
func (j *journal) commit() {
	if j.effects > 1 {
		end := len(j.buf)
		j.buf = append(j.buf, multiText...)
		copy(j.buf[j.start+len(multiText):], j.buf[j.start:end])
		copy(j.buf[j.start:], multiText)
		j.buf = append(j.buf, execText...)
	}
	j.effects = 0
	j.start = len(j.buf)
}

// take hands out the whole units written since the last call, and the offset after them.
func (j *journal) take() ([]byte, int64) {
	if cap(j.taken) > maxSpareJournal {
		j.taken = nil
	}
	open := j.buf[j.start:] // the unit of a script that yields: it is not whole yet
	j.buf, j.taken = append(j.taken[:0], open...), j.buf[:j.start]
	j.start = 0
	j.offset += int64(len(j.taken))
	return j.taken, j.offset
}

// position is the offset after everything written so far.
func (j *journal) position() int64 { return j.offset + int64(len(j.buf)) }

// maxSpareJournal is the largest buffer kept from one batch to the next, in bytes.
const maxSpareJournal = 1 << 20

// Effect records a change of the data in the database of the running command, in terms that
// are absolute: no relative time, no random choice, no "*" id.
func (c *Ctx) Effect(argv ...[]byte) { c.effectIn(c.DB.id, argv...) }

// effectIn is Effect for another database.
func (c *Ctx) effectIn(db int, argv ...[]byte) { c.e.effect(db, argv...) }

// Propagate records the running command itself as its effect.
func (c *Ctx) Propagate() {
	e := c.e
	e.saves.dirty++
	if e.journal.on && !e.replaying {
		e.journal.echo(c.DB.id, c.Argv)
	}
}

func (e *Engine) effect(db int, argv ...[]byte) {
	e.saves.dirty++
	if e.journal.on && !e.replaying {
		e.journal.effect(db, argv...)
	}
}

// SetJournal switches the writing of effects on or off.
func (e *Engine) SetJournal(on bool) {
	e.journal.on = on
	e.journal.db = -1
}
