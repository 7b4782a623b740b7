package persist

import "errors"

// Rewrite puts a new base in the place of the log so far. Its steps, because the slow ones must not run on
// the engine's thread and the exact one must:
//
//	r := log.Rewrite()      engine's thread
//	r.Prepare()             any: a new increment exists and is listed
//	log.Switch(r)           engine's thread, between two Appends: a picture taken now is the new base
//	...                     the picture is written to a temporary file, see Job
//	r.Finish(temporary)     any: the manifest switches to the new base, old files go
//	log.Adopt(r)            engine's thread
//
// A rewrite that fails at any step leaves a log that is whole: the old base and all increments.
type Rewrite struct {
	files     Files
	names     Names
	manifest  Manifest // as on disk
	base      Part
	increment Part
	file      File
	listed    bool  // the increment belongs to the log already
	log       bool  // there is a log to write: it is on, or about to be
	bytes     int64 // of the new base
	Removed   []string
}

// Rewrite begins a rewrite. fresh starts a log that is off: what an older log of the same name holds is
// history, and the new one exists only from Finish on. A log that is off and not fresh gets a new
// base and no increment.
func (l *Log) Rewrite(fresh bool) *Rewrite {
	// A number is never tried twice: after a failure nobody knows which manifest the disk has.
	l.triedIncrement = max(l.triedIncrement, l.manifest.lastIncrement()) + 1
	l.triedBase = max(l.triedBase, l.manifest.baseSeq()) + 1
	return &Rewrite{files: l.files, names: l.names, manifest: l.manifest,
		increment: Part{l.names.increment(l.triedIncrement), l.triedIncrement},
		base:      Part{l.names.base(l.triedBase), l.triedBase},
		listed:    l.On() && !fresh, log: l.On() || fresh}
}

// Prepare makes the increment that follows the picture.
func (r *Rewrite) Prepare() (err error) {
	if err = r.files.Mkdir(r.names.Directory); err != nil || !r.log {
		return err
	}
	if r.file, err = r.files.Create(r.names.in(r.increment.Name)); err != nil {
		return err
	}
	if !r.listed {
		return nil
	}
	if err = r.files.SyncDir(r.names.Directory); err != nil {
		return errors.Join(err, r.file.Close())
	}
	next := r.manifest.withIncrement(r.increment)
	if err = storeManifest(r.files, r.names, next); err != nil {
		return errors.Join(err, r.file.Close())
	}
	r.manifest = next
	return nil
}

// Switch sends what is appended from now on to the new increment. It fails, and changes nothing, if
// earlier effects are not in the old one yet: the picture would have them and the old log would not.
func (l *Log) Switch(r *Rewrite) error {
	if !r.log {
		return nil
	}
	if l.On() && len(l.pending) > 0 {
		if err := l.flush(); err != nil {
			return errors.Join(err, r.file.Close())
		}
	}
	if l.On() {
		l.background(syncJob{l.file, true})
	}
	l.older += l.written
	l.file, l.written, l.asked = r.file, 0, 0
	l.manifest = r.manifest
	return nil
}

// Finish gives the temporary file its place as the base and deletes what it replaces.
func (r *Rewrite) Finish(temporary string, bytes int64) error {
	if err := r.files.Rename(temporary, r.names.in(r.base.Name)); err != nil {
		return err
	}
	if err := r.files.SyncDir(r.names.Directory); err != nil {
		return err
	}
	var increment *Part
	if r.log {
		increment = &r.increment
	}
	next := r.manifest.rebased(&r.base, increment)
	if err := storeManifest(r.files, r.names, next); err != nil {
		return err
	}
	r.manifest, r.bytes = next, bytes
	cleaned, removed, err := removeHistory(r.files, r.names, next)
	if err == nil {
		r.manifest, r.Removed = cleaned, removed
	}
	return nil // what could not be removed stays listed, and the next start tries again
}

// Adopt takes the finished rewrite over.
func (l *Log) Adopt(r *Rewrite) {
	l.manifest = r.manifest
	l.older, l.suspect = r.bytes, nil
	l.atStart = l.Bytes()
	l.rewrites++
}
