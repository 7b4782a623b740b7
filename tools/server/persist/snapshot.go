package persist

import (
	"bytes"
	"io"
	"sync/atomic"
)

// Picture is a point-in-time picture of the data that writes itself out in chunks: an
// engine.Snapshot. A chunk is valid until the next call into the engine.
type Picture interface {
	Next(budget int) (chunk []byte, done bool)
	Close()
}

const (
	sliceBytes  = 32 << 10 // asked of the picture at a time: well under a millisecond of work
	spareSlices = 64       // how many slices may wait for the disk
	syncBytes   = 4 << 20  // written between syncs, so that the last one is short; the reference's figure
)

// WriteSnapshot writes a whole picture into a new file, durably, and returns its size.
func WriteSnapshot(files Files, path string, picture Picture) (bytes int64, err error) {
	defer picture.Close()
	w, err := createSnapshot(files, path, new(atomic.Int32))
	if err != nil {
		return 0, err
	}
	for done := false; !done && err == nil; {
		var chunk []byte
		chunk, done = picture.Next(sliceBytes)
		err = w.write(chunk)
	}
	return w.end(err)
}

// snapshotFile is a snapshot being written.
type snapshotFile struct {
	files    Files
	path     string
	file     File
	bytes    int64
	unsynced int
	syncing  *atomic.Int32 // counts a sync while it goes on
}

func createSnapshot(files Files, path string, syncing *atomic.Int32) (*snapshotFile, error) {
	file, err := files.Create(path)
	return &snapshotFile{files: files, path: path, file: file, syncing: syncing}, err
}

func (w *snapshotFile) sync() error {
	w.syncing.Add(1)
	defer w.syncing.Add(-1)
	return w.file.Sync()
}

func (w *snapshotFile) write(chunk []byte) error {
	n, err := w.file.Write(chunk)
	w.bytes += int64(n)
	w.unsynced += n
	if err == nil && w.unsynced >= syncBytes {
		w.unsynced = 0
		err = w.sync()
	}
	return err
}

// end makes the file durable, or removes it if it did not come out whole.
func (w *snapshotFile) end(err error) (int64, error) {
	if err == nil {
		err = w.sync()
	}
	if closing := w.file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		w.files.Remove(w.path) // what is left of it is of no use; the first error is the one to tell
	}
	return w.bytes, err
}

// Job writes a picture in slices between the engine's other work; the file is written by a
// goroutine of its own, so that the disk never holds up the loop.
type Job struct {
	picture Picture
	full    chan []byte
	spare   chan []byte
	failed  atomic.Bool
	waiting atomic.Bool // Step found no empty slice
	ended   bool
}

// StartJob begins to write a picture to path. wake is called, from another goroutine, when Step can go on
// after it had to wait for the disk; done, from there too, when the file is durable or has failed. syncing
// counts the job's syncs while they go on.
func StartJob(files Files, path string, picture Picture, syncing *atomic.Int32,
	wake func(), done func(bytes int64, err error)) *Job {
	j := &Job{picture: picture, full: make(chan []byte, spareSlices), spare: make(chan []byte, spareSlices)}
	for range spareSlices {
		j.spare <- nil
	}
	go j.write(files, path, syncing, wake, done)
	return j
}

// Step takes slices from the picture until expired says that the loop has other work. more is false when
// it waits for the disk, or has nothing left to do.
func (j *Job) Step(expired func() bool) (more bool) {
	for !j.ended && !expired() {
		if j.failed.Load() {
			j.Abandon()
			return false
		}
		slice, ok := j.take()
		if !ok {
			return false
		}
		chunk, done := j.picture.Next(sliceBytes)
		if len(chunk) == 0 && !done { // it looks at a long string
			j.spare <- slice
			continue
		}
		j.full <- append(slice[:0], chunk...)
		if done {
			j.end()
		}
	}
	return !j.ended
}

// take gets an empty slice. Before it reports that there is none, it asks to be woken and looks again:
// a slice that came back in between would otherwise wake nobody.
func (j *Job) take() (slice []byte, ok bool) {
	for range 2 {
		select {
		case slice = <-j.spare:
			j.waiting.Store(false)
			return slice, true
		default:
			j.waiting.Store(true)
		}
	}
	return nil, false
}

// Abandon gives the picture up: done will be called with an error unless all slices were taken.
func (j *Job) Abandon() {
	if !j.ended {
		j.failed.Store(true)
		j.end()
	}
}

func (j *Job) end() {
	j.ended = true
	j.picture.Close()
	close(j.full)
}

// Ended says that the picture was taken to its end or given up.
func (j *Job) Ended() bool { return j.ended }

func (j *Job) write(files Files, path string, syncing *atomic.Int32,
	wake func(), done func(bytes int64, err error)) {
	w, err := createSnapshot(files, path, syncing)
	for slice := range j.full {
		if err == nil {
			if err = w.write(slice); err != nil {
				j.failed.Store(true)
			}
		}
		j.spare <- slice
		if j.waiting.Swap(false) {
			wake()
		}
	}
	if err == nil && j.failed.Load() {
		err = errAbandoned
	}
	if w.file == nil {
		done(0, err)
		return
	}
	done(w.end(err))
}

type abandoned struct{}

func (abandoned) Error() string { return "it was given up before its end" }

var errAbandoned abandoned

// snapshotChunk is the bytes of a snapshot that are read at a time: few enough that they are in the processor's cache
// when they are looked at.
const snapshotChunk = 128 << 10

// LoadSnapshot loads an RDB stream. It returns how many bytes the snapshot has, and what stands behind it.
func LoadSnapshot(target Target, now int64, file io.Reader) (size int64, rest io.Reader, err error) {
	chunk := make([]byte, snapshotChunk)
	read, last := int64(0), 0
	size, err = target.Load(now, func() (_ []byte, err error) {
		last, err = io.ReadFull(file, chunk)
		read += int64(last)
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			err = nil
		}
		return chunk[:last], err
	})
	if err != nil {
		return read, nil, err
	}
	behind := chunk[last-int(read-size) : last]
	return size, io.MultiReader(bytes.NewReader(behind), file), nil
}

// Save gives a finished temporary snapshot its name.
func Save(files Files, temporary, name string) error {
	if err := files.Rename(temporary, name); err != nil {
		return err
	}
	return files.SyncDir("")
}
