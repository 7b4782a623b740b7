package persist

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Target is what stored data is loaded into: an engine.
type Target interface {
	Load(now int64, next func() ([]byte, error)) (n int64, err error)
	Apply(now int64, p []byte) (n int, err error)
}

// Loaded reports what was read.
type Loaded struct {
	Files int
	Bytes int64 // applied, of all files
	Cut   *Cut  // the torn end that was taken off, or nil
}

// Cut says what was taken off the end of the log, and where it is kept.
type Cut struct {
	Name   string // the file that was cut
	Offset int64  // its new length
	Bytes  int64  // how many bytes were taken off
	Kept   string // the file that holds them now
}

const loadChunk = 1 << 20 // bytes read at a time

// Load brings the data back: the base, then the increments. A tail that is not a whole unit, as
// a crash leaves it, is kept in a file beside the log and cut off, if cut allows it. Anything else that
// cannot be read is an error, and no file is changed.
func (l *Log) Load(target Target, now int64, cut bool) (Loaded, error) {
	var loaded Loaded
	parts := l.manifest.parts()
	for i, part := range parts {
		if err := l.repairUpgrade(part); err != nil {
			return loaded, err
		}
		applied, size, err := l.loadPart(target, now, part)
		loaded.Files++
		loaded.Bytes += applied
		if err != nil {
			return loaded, err
		}
		if applied == size {
			continue
		}
		if !l.emptyAfter(parts[i+1:]) {
			return loaded, l.fault(part, applied, errTornInside)
		}
		if !cut {
			return loaded, l.fault(part, applied, errTorn)
		}
		if loaded.Cut, err = l.cut(part, applied, size); err != nil {
			return loaded, err
		}
	}
	return loaded, nil
}

var (
	errTorn       = errors.New("the file ends in the middle of a command, and aof-load-truncated is no")
	errTornInside = errors.New("the file ends in the middle of a command, and later files follow it")
)

// repairUpgrade finishes the taking in of an old log that was interrupted.
func (l *Log) repairUpgrade(part Part) error {
	if part.Name != l.names.Prefix {
		return nil
	}
	there, err := exists(l.files, l.names.in(part.Name))
	if err != nil || there {
		return err
	}
	return l.takeIn()
}

// emptyAfter: a crash just after a rewrite began leaves an empty increment behind the torn one.
func (l *Log) emptyAfter(parts []Part) bool {
	for _, part := range parts {
		if size, err := l.files.Size(l.names.in(part.Name)); err != nil || size > 0 {
			return false
		}
	}
	return true
}

// loadPart returns how many bytes were applied, and the file's size.
func (l *Log) loadPart(target Target, now int64, part Part) (applied, size int64, err error) {
	file, err := l.files.Open(l.names.in(part.Name))
	if err != nil {
		return 0, 0, fmt.Errorf("a file that the manifest names cannot be opened: %w. Nothing was changed; "+
			"restore the file, or the whole directory %s, from a copy", err, l.names.Directory)
	}
	defer file.Close()
	magic := make([]byte, 5)
	n, err := io.ReadFull(file, magic)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return 0, 0, err
	}
	if string(magic) == "REDIS" {
		return l.loadBase(target, now, part, io.MultiReader(bytes.NewReader(magic), file))
	}
	return l.replay(target, now, part, io.MultiReader(bytes.NewReader(magic[:n]), file), 0)
}

// loadBase loads a snapshot, and the commands behind it that logs of versions before 7 have in one file.
func (l *Log) loadBase(target Target, now int64, part Part, file io.Reader) (applied, size int64, err error) {
	used, rest, err := LoadSnapshot(target, now, file)
	if err != nil {
		return 0, used, fmt.Errorf("the base %s cannot be loaded: %w. "+
			"Nothing was changed; restore the file from a copy",
			l.names.in(part.Name), err)
	}
	applied, size, err = l.replay(target, now, part, rest, used)
	return applied, size, err
}

// replay applies a file of commands. The buffer grows when one unit is larger than it.
func (l *Log) replay(target Target, now int64, part Part, file io.Reader, start int64) (
	applied, size int64, err error) {
	applied, size = start, start
	buffer := make([]byte, 0, loadChunk)
	for {
		n, err := file.Read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+n]
		size += int64(n)
		if err != nil && err != io.EOF {
			return applied, size, err
		}
		ended := err == io.EOF
		if !ended && len(buffer) < cap(buffer) {
			continue
		}
		used, err := target.Apply(now, buffer)
		applied += int64(used)
		if err != nil {
			return applied, size, l.fault(part, applied, err)
		}
		if ended {
			return applied, size, nil
		}
		if used == 0 {
			buffer = append(make([]byte, 0, 2*cap(buffer)), buffer...)
			continue
		}
		buffer = buffer[:copy(buffer, buffer[used:])]
	}
}

// fault explains a file that cannot be replayed: what, where, and what a person can do.
func (l *Log) fault(part Part, at int64, reason error) error {
	path := l.names.in(part.Name)
	return fmt.Errorf("%s cannot be replayed: %w. Everything before byte %d of this file is whole. "+
		"Nothing was changed. To go on without what follows, make a copy of the directory %s, then cut the file "+
		"(truncate -s %d %s, or redis-check-aof --fix %s) and start again",
		path, reason, at, l.names.Directory, at, path, l.names.in(l.names.manifest()))
}

// cut takes the torn tail off a file once it is safe in another one.
func (l *Log) cut(part Part, keep, size int64) (*Cut, error) {
	name, err := l.spareName(fmt.Sprintf("%s.cut-%d", part.Name, keep))
	if err != nil {
		return nil, err
	}
	path := l.names.in(part.Name)
	if err := l.copyTail(path, l.names.in(name), keep); err != nil {
		return nil, err
	}
	file, err := l.files.Append(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if err := file.Truncate(keep); err != nil {
		return nil, err
	}
	return &Cut{path, keep, size - keep, l.names.in(name)}, file.Sync()
}

// spareName is the name, or the name with a number if a file has it already.
func (l *Log) spareName(name string) (string, error) {
	for n, spare := 2, name; ; n++ {
		taken, err := exists(l.files, l.names.in(spare))
		if err != nil || !taken {
			return spare, err
		}
		spare = fmt.Sprintf("%s.%d", name, n)
	}
}

func (l *Log) copyTail(from, to string, offset int64) error {
	source, err := l.files.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	if _, err := io.CopyN(io.Discard, source, offset); err != nil {
		return err
	}
	kept, err := l.files.Create(to)
	if err != nil {
		return err
	}
	defer kept.Close()
	if _, err := io.Copy(kept, source); err != nil {
		return err
	}
	if err := kept.Sync(); err != nil {
		return err
	}
	return l.files.SyncDir(l.names.Directory)
}
