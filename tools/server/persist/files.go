// Package persist keeps an engine's data in files that stock servers of the field read and write:
// a snapshot (dump.rdb) and the multi-part append-only log.
//
// The log is a directory with a manifest, at most one base (a snapshot), and increments (effects
// as RESP commands) that follow the base in order. A rewrite starts a new increment, writes a new base
// beside the old one, and switches by replacing the manifest in one rename: at every moment the manifest
// names files that together hold all data. Nothing here deletes a file that a manifest still needs.
//
// All file work goes through Files, so that tests can make any single call fail, or stop the world
// after it and look at what a disk would have kept.
package persist

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Files is the part of a file system that persistence uses. Paths are relative to one directory.
type Files interface {
	Open(path string) (File, error)     // for reading
	Create(path string) (File, error)   // for writing, emptied if it exists
	Append(path string) (File, error)   // an existing file, for writing at its end
	Rename(from, to string) error       // replaces to
	Remove(path string) error           //
	Mkdir(path string) error            // no error if it exists
	List(path string) ([]string, error) // names in a directory; none if it does not exist
	Size(path string) (bytes int64, err error)
	SyncDir(path string) error // makes creations, renames and removals in a directory durable
}

// File is an open file.
type File interface {
	io.ReadWriteCloser
	Truncate(bytes int64) error
	Sync() error // makes the content durable
}

// Directory is the real file system below a directory.
type Directory string

func (d Directory) at(path string) string {
	return filepath.Join(string(d), filepath.FromSlash(path))
}

const fileMode = 0o644

// Open opens a file for reading.
func (d Directory) Open(path string) (File, error) { return openDisk(d.at(path), os.O_RDONLY) }

// Create opens a file for writing from its start, emptying it if it exists.
func (d Directory) Create(path string) (File, error) {
	return openDisk(d.at(path), os.O_WRONLY|os.O_CREATE|os.O_TRUNC|os.O_APPEND)
}

// Append opens an existing file for writing at its end.
func (d Directory) Append(path string) (File, error) {
	return openDisk(d.at(path), os.O_WRONLY|os.O_APPEND)
}

func openDisk(path string, flags int) (File, error) {
	file, err := os.OpenFile(path, flags, fileMode)
	if err != nil {
		return nil, err
	}
	return diskFile{file}, nil
}

// Rename gives a file another name, replacing what has it.
func (d Directory) Rename(from, to string) error { return os.Rename(d.at(from), d.at(to)) }

// Remove deletes a file.
func (d Directory) Remove(path string) error { return os.Remove(d.at(path)) }

// Mkdir makes a directory unless it is there.
func (d Directory) Mkdir(path string) error { return os.MkdirAll(d.at(path), 0o755) }

// List returns the names in a directory, sorted; none if there is no such directory.
func (d Directory) List(path string) ([]string, error) {
	entries, err := os.ReadDir(d.at(path))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	return names, err
}

// Size returns a file's length.
func (d Directory) Size(path string) (bytes int64, err error) {
	info, err := os.Stat(d.at(path))
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// SyncDir makes the directory's own entries durable.
func (d Directory) SyncDir(path string) error {
	dir, err := os.Open(d.at(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

// exists treats a file that cannot be looked at as an error, never as absent: absence makes the
// server start with nothing.
func exists(files Files, path string) (bool, error) {
	_, err := files.Size(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// readAll reads a small file.
func readAll(files Files, path string) ([]byte, error) {
	file, err := files.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}

// replace writes a whole small file so that after a crash there is the old content or the new one.
func replace(files Files, dir, name, temporary string, content []byte) error {
	if err := writeDurably(files, join(dir, temporary), content); err != nil {
		return err
	}
	if err := files.Rename(join(dir, temporary), join(dir, name)); err != nil {
		return err
	}
	return files.SyncDir(dir)
}

func writeDurably(files Files, path string, content []byte) error {
	file, err := files.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err = file.Write(content); err != nil {
		return err
	}
	return file.Sync()
}

func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

// Replace writes a whole file so that after a crash there is the old content or the new one.
func Replace(path string, content []byte) error {
	dir, name := filepath.Split(filepath.Clean(path))
	return replace(Directory(dir), "", name, "temp-"+name, content)
}
