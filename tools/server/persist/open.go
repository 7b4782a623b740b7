package persist

import (
	"errors"
	"fmt"
	"os"
)

// NewLog is a log that is off and knows of no older one.
func NewLog(files Files, names Names) *Log { return &Log{files: files, names: names} }

// OpenLog reads the manifest. found is false if there is no log yet: load the snapshot instead and call
// Create. A log of the old kind, one file named as the prefix, is taken in as the base.
func OpenLog(files Files, names Names) (l *Log, found bool, err error) {
	l = NewLog(files, names)
	found, err = exists(files, names.in(names.manifest()))
	if err != nil {
		return nil, false, err
	}
	if !found {
		return l, false, l.refuseOrphans()
	}
	text, err := readAll(files, names.in(names.manifest()))
	if err != nil {
		return nil, false, err
	}
	if l.manifest, err = ParseManifest(text); err != nil {
		return nil, false, fmt.Errorf("the manifest %s cannot be read: %w. Nothing was changed; "+
			"restore the manifest, or move the directory %s away to start without it",
			names.in(names.manifest()), err, names.Directory)
	}
	return l, true, nil
}

// Reread looks again at what a log that is off would replace: others may have written there, and
// files may stand for another directory than before. It does nothing to a log that is on.
func (l *Log) Reread(files Files) error {
	if l.On() {
		return nil
	}
	there, _, err := OpenLog(files, l.names)
	if err == nil {
		l.files, l.manifest = files, there.manifest
	}
	return err
}

// refuseOrphans: files of a log without a manifest are data that somebody must decide about; a new log
// would overwrite them.
func (l *Log) refuseOrphans() error {
	listed, err := l.files.List(l.names.Directory)
	if err != nil {
		return err
	}
	for _, name := range []string{l.names.base(1), l.names.increment(1)} {
		for _, there := range listed {
			if there != name {
				continue
			}
			if size, err := l.files.Size(l.names.in(name)); err == nil && size == 0 {
				continue // a first start that was cut short
			}
			return l.orphan(name)
		}
	}
	return nil
}

// orphan tolerates the base of a first start that ended before the manifest was written: its
// increment does not exist yet, so nothing was ever acknowledged.
func (l *Log) orphan(name string) error {
	if name == l.names.base(1) {
		written, err := exists(l.files, l.names.in(l.names.increment(1)))
		if err != nil || !written {
			return err
		}
		if size, err := l.files.Size(l.names.in(l.names.increment(1))); err == nil && size == 0 {
			return nil
		}
	}
	return fmt.Errorf("%s is there but its manifest %s is not, and a new log would overwrite it: "+
		"restore the manifest or move the directory %s away", l.names.in(name),
		l.names.in(l.names.manifest()), l.names.Directory)
}

// Upgrade takes in a log of the old kind (one file beside the directory) and says whether there was one.
func (l *Log) Upgrade() (bool, error) {
	there, err := exists(l.files, l.names.Prefix)
	if err != nil || !there {
		return false, err
	}
	if err := l.files.Mkdir(l.names.Directory); err != nil {
		return false, err
	}
	l.manifest = Manifest{Base: &Part{Name: l.names.Prefix, Seq: 1}}
	// The manifest comes first: a crash between the two steps leaves one whose base is missing, which
	// Load repairs.
	if err := l.store(l.manifest); err != nil {
		return false, err
	}
	return true, l.takeIn()
}

// takeIn moves the old file to where the manifest has it.
func (l *Log) takeIn() error {
	if err := l.files.Rename(l.names.Prefix, l.names.in(l.names.Prefix)); err != nil {
		return err
	}
	if err := l.files.SyncDir(l.names.Directory); err != nil {
		return err
	}
	return l.files.SyncDir("")
}

// Create starts a log whose base is a picture of the data: until it returns, there is none.
func (l *Log) Create(picture Picture, temporary string) error {
	if err := l.files.Mkdir(l.names.Directory); err != nil {
		return err
	}
	if err := l.files.SyncDir(""); err != nil {
		return err
	}
	bytes, err := WriteSnapshot(l.files, temporary, picture)
	if err != nil {
		return err
	}
	base := Part{l.names.base(1), 1}
	if err := l.files.Rename(temporary, l.names.in(base.Name)); err != nil {
		return err
	}
	increment := Part{l.names.increment(1), 1}
	file, err := l.files.Create(l.names.in(increment.Name))
	if err != nil {
		return err
	}
	next := Manifest{Base: &base, Increments: []Part{increment}}
	if err := l.begin(file, next); err != nil {
		return err
	}
	l.older, l.atStart = bytes, bytes
	return nil
}

// Start goes on with a log that was loaded: it appends to the last increment, or to a new one.
func (l *Log) Start() error {
	for _, part := range l.manifest.parts() {
		size, err := l.files.Size(l.names.in(part.Name))
		if err != nil {
			return err
		}
		l.older += size
	}
	l.atStart = l.older
	if n := len(l.manifest.Increments); n > 0 {
		return l.reopen(l.manifest.Increments[n-1])
	}
	part := Part{l.names.increment(1), 1}
	file, err := l.files.Create(l.names.in(part.Name))
	if err != nil {
		return err
	}
	return l.begin(file, l.manifest.withIncrement(part))
}

// begin appends to a new increment once a durable manifest names it.
func (l *Log) begin(file File, next Manifest) error {
	err := l.files.SyncDir(l.names.Directory)
	if err == nil {
		err = l.store(next)
	}
	if err != nil {
		return errors.Join(err, file.Close())
	}
	l.manifest, l.file = next, file
	return nil
}

func (l *Log) reopen(part Part) error {
	size, err := l.files.Size(l.names.in(part.Name))
	if err != nil {
		return err
	}
	if l.file, err = l.files.Append(l.names.in(part.Name)); err != nil {
		return err
	}
	l.older -= size
	l.written, l.asked = size, size
	return nil
}

// store makes a manifest the current one.
func (l *Log) store(m Manifest) error { return storeManifest(l.files, l.names, m) }

func storeManifest(files Files, names Names, m Manifest) error {
	return replace(files, names.Directory, names.manifest(), "temp-"+names.manifest(), m.Text())
}

// RemoveHistory deletes the files that the manifest lists as not needed any more and returns their names.
func (l *Log) RemoveHistory() ([]string, error) {
	if len(l.manifest.History) == 0 {
		return nil, nil
	}
	cleaned, removed, err := removeHistory(l.files, l.names, l.manifest)
	l.manifest = cleaned
	return removed, err
}

// removeHistory deletes first and forgets then, so that a crash leaves nothing unlisted behind.
func removeHistory(files Files, names Names, m Manifest) (Manifest, []string, error) {
	var removed []string
	for _, part := range m.History {
		if err := files.Remove(names.in(part.Name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return m, removed, err
		}
		removed = append(removed, part.Name)
	}
	m.History = nil
	return m, removed, storeManifest(files, names, m)
}
