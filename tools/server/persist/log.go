package persist

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// Policy says when what was appended is made durable.
type Policy uint8

// The reference's values of appendfsync.
const (
	EverySecond Policy = iota // by a thread of its own, once a second
	Always                    // before Append returns
	Never                     // when the kernel likes
)

// ParsePolicy reads a value of appendfsync.
func ParsePolicy(value string) (Policy, bool) {
	switch value {
	case "always":
		return Always, true
	case "everysec":
		return EverySecond, true
	case "no":
		return Never, true
	}
	return EverySecond, false
}

// Names tells the files of a log: a directory and the prefix of all names in it.
type Names struct{ Directory, Prefix string }

func (n Names) manifest() string { return n.Prefix + ".manifest" }

func (n Names) base(seq int64) string { return fmt.Sprintf("%s.%d.base.rdb", n.Prefix, seq) }

func (n Names) increment(seq int64) string { return fmt.Sprintf("%s.%d.incr.aof", n.Prefix, seq) }

func (n Names) in(name string) string { return join(n.Directory, name) }

// Log is the append-only log being written. Its methods belong to the engine's thread; syncing in the
// background and the slow steps of a rewrite run elsewhere.
//
// A failed write is taken back from the file, so that it always ends at a whole unit, and its bytes wait
// in memory to be written again. A failed sync cannot be tried again, because the kernel may have
// dropped the pages and call the next sync a success: after one, the files are trusted again only when a
// rewrite has put everything into new ones.
type Log struct {
	Policy Policy
	Hold   bool // no background syncs for now: no-appendfsync-on-rewrite while a snapshot is written
	// Elsewhere counts the syncs and removals of other files that go on: a journaling file system makes a
	// write of this one wait for them too. Any thread.
	Elsewhere atomic.Int32
	Wake      func() // called from another thread when a background sync ends; may be nil
	// Took hears how long what clients wait for took, by the field's names of such events; may be nil.
	Took func(event string, d time.Duration)

	files    Files
	names    Names
	manifest Manifest
	file     File   // the increment that is appended to; nil while the log is off
	written  int64  // bytes of it that hold whole units
	pending  []byte // to be written, after a failure or while a sync goes on
	failure  error  // why pending could not be written
	suspect  error  // the sync that failed

	syncs       chan syncJob
	syncing     atomic.Int32 // jobs in flight
	syncFailure atomic.Pointer[error]
	asked       int64     // written when the last sync was asked for
	lastSync    time.Time // when it was
	postponed   time.Time // since when pending waits for a sync to end
	Delayed     int64     // how often a write could not wait any longer, for INFO

	older    int64 // bytes of the base and of the increments before the current one
	atStart  int64 // bytes of the whole log after the last rewrite, or when it was opened
	rewrites int64

	triedBase, triedIncrement int64 // the highest numbers that a rewrite has used
}

type syncJob struct {
	file  File
	close bool
}

// longestPostponement is how long a write waits for a background sync: on Linux it would block
// until the sync ends, and the loop with it. The reference's figure.
const longestPostponement = 2 * time.Second

// On says whether effects are being written.
func (l *Log) On() bool { return l.file != nil }

// Append writes whole units of effects, durably if the policy says so. An error means that they are not
// in the file yet, and that nobody may be told they are; Tick goes on trying.
func (l *Log) Append(now time.Time, units []byte) error {
	if l.file == nil || len(units) == 0 {
		return nil
	}
	if len(l.pending) > 0 || l.mustWait(now) {
		l.pending = append(l.pending, units...)
		if l.failure != nil || l.mustWait(now) {
			return nil
		}
		return l.flush()
	}
	n, err := l.write(units)
	if err != nil {
		l.pending = append(l.pending, units[n:]...)
		return err
	}
	return l.syncNow()
}

// mustWait: a sync is going on in the background, and not for too long.
func (l *Log) mustWait(now time.Time) bool {
	if l.Policy != EverySecond || l.syncing.Load()+l.Elsewhere.Load() == 0 {
		l.postponed = time.Time{}
		return false
	}
	if l.postponed.IsZero() {
		l.postponed = now
	}
	if now.Sub(l.postponed) < longestPostponement {
		return true
	}
	l.Delayed++
	return false
}

// flush writes what waits.
func (l *Log) flush() error {
	n, err := l.write(l.pending)
	if err != nil {
		l.pending = append(l.pending[:0], l.pending[n:]...)
		return err
	}
	l.pending = nil
	return l.syncNow()
}

// write returns how many bytes stay in the file: all, or none if the rest failed and the file
// could be cut back, or some.
func (l *Log) write(units []byte) (n int, err error) {
	defer l.time("aof-write", time.Now())
	n, err = l.file.Write(units)
	if err == nil {
		l.written += int64(n)
		l.failure = nil
		return n, nil
	}
	if n > 0 && l.file.Truncate(l.written) == nil {
		n = 0
	}
	l.written += int64(n)
	l.failure = err
	return n, err
}

func (l *Log) syncNow() error {
	if l.Policy != Always {
		return nil
	}
	defer l.time("aof-fsync-always", time.Now())
	if err := l.file.Sync(); err != nil {
		l.suspect = err
		return err
	}
	l.asked = l.written
	return nil
}

func (l *Log) time(event string, started time.Time) {
	if l.Took != nil {
		l.Took(event, time.Since(started))
	}
}

// Tick writes what waits and starts a background sync when one is due. Call it a few times a
// second while Busy, and after Wake.
func (l *Log) Tick(now time.Time) {
	if failed := l.syncFailure.Swap(nil); failed != nil {
		l.suspect = *failed
	}
	if l.file == nil {
		return
	}
	if len(l.pending) > 0 && !l.mustWait(now) {
		l.flush() // a failure is kept, see Failure
	}
	due := l.Policy == EverySecond && !l.Hold && l.asked < l.written && now.Sub(l.lastSync) >= time.Second
	if due && l.syncing.Load() == 0 {
		l.asked, l.lastSync = l.written, now
		l.background(syncJob{file: l.file})
	}
}

// Busy says that Tick has something to do soon.
func (l *Log) Busy() bool {
	return l.file != nil && (len(l.pending) > 0 || l.Policy == EverySecond && l.asked < l.written)
}

// Failure says why writes must be refused; empty when all is well.
func (l *Log) Failure() string {
	switch {
	case l.file == nil:
		return ""
	case l.failure != nil:
		return "the append only file cannot be written: " + l.failure.Error()
	case l.suspect != nil:
		return "the append only file cannot be made durable: " + l.suspect.Error()
	}
	return ""
}

// Suspect says that only a rewrite can mend the log.
func (l *Log) Suspect() bool { return l.suspect != nil && l.failure == nil }

// background hands a file to the thread that syncs.
func (l *Log) background(job syncJob) {
	if l.syncs == nil {
		l.syncs = make(chan syncJob, 64)
		go l.syncAll(l.syncs)
	}
	l.syncing.Add(1)
	l.syncs <- job
}

func (l *Log) syncAll(jobs <-chan syncJob) {
	for job := range jobs {
		err := job.file.Sync()
		if job.close {
			err = errors.Join(err, job.file.Close())
		}
		if err != nil {
			l.syncFailure.Store(&err)
		}
		l.syncing.Add(-1)
		if l.Wake != nil {
			l.Wake()
		}
	}
}

// Close makes everything durable and ends the log.
func (l *Log) Close() error {
	if l.file == nil {
		return nil
	}
	var err error
	if len(l.pending) > 0 {
		err = l.flush()
	}
	if l.syncs != nil {
		close(l.syncs)
		l.syncs = nil
	}
	err = errors.Join(err, l.file.Sync(), l.file.Close())
	l.file, l.pending, l.failure, l.suspect = nil, nil, nil, nil
	return err
}

// Bytes is the size of the whole log.
func (l *Log) Bytes() int64 { return l.older + l.written }

// BaseBytes is the size after the last rewrite, which growth is measured against.
func (l *Log) BaseBytes() int64 { return l.atStart }

// Pending is how many bytes wait to be written.
func (l *Log) Pending() int { return len(l.pending) }

// Syncing says whether a background sync goes on.
func (l *Log) Syncing() bool { return l.syncing.Load() > 0 }

// Rewrites is how many rewrites have succeeded.
func (l *Log) Rewrites() int64 { return l.rewrites }

// Grown says whether the log has outgrown its base by percent (0 = never) and is over minBytes.
func (l *Log) Grown(percent, minBytes int64) bool {
	if l.file == nil || percent == 0 || l.Bytes() <= minBytes {
		return false
	}
	return (l.Bytes()-l.atStart)*100/max(l.atStart, 1) >= percent
}
