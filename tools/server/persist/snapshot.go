package persist

import (
	"bytes"
	"encoding/binary"
	"io"
	"sync/atomic"

	"riffle/engine/rdb"
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

// LoadSnapshot loads an RDB stream. It returns how many bytes the snapshot has, and what stands behind it.
func LoadSnapshot(target Target, now int64, file io.Reader) (size int64, rest io.Reader, err error) {
	stream := snapshotStream{file: file}
	if err = target.Load(now, stream.next); err != nil {
		return stream.read, nil, err
	}
	end := stream.end()
	behind := append([]byte(nil), stream.window[end:]...)
	return stream.read - int64(len(behind)), io.MultiReader(bytes.NewReader(behind), file), nil
}

// snapshotStream hands out a file in chunks and can tell afterwards where the snapshot ended in the
// last one: at the byte 255 that is followed by the sum of everything up to it.
type snapshotStream struct {
	file   io.Reader
	buffer []byte
	window []byte // the end of the chunk before, long enough for a mark that was cut, then the last chunk
	crc    uint64 // of everything before window
	read   int64
}

const endMark = 9 // bytes: 255 and the sum

func (s *snapshotStream) next() ([]byte, error) {
	if s.buffer == nil {
		s.buffer = make([]byte, endMark+loadChunk)
	}
	keep := min(len(s.window), endMark)
	passed := len(s.window) - keep
	s.crc = rdb.CRC64(s.crc, s.window[:passed])
	copy(s.buffer, s.window[passed:])
	n, err := io.ReadFull(s.file, s.buffer[keep:keep+loadChunk])
	s.read += int64(n)
	s.window = s.buffer[:keep+n]
	switch {
	case err == io.EOF:
		return nil, nil
	case err == io.ErrUnexpectedEOF:
		err = nil
	}
	return s.buffer[keep : keep+n], err
}

// end is where in window the snapshot ends. Without a sum (rdbchecksum no) it ends with the file.
func (s *snapshotStream) end() int {
	crc, summed := s.crc, 0
	for i := 0; i+endMark <= len(s.window); i++ {
		if s.window[i] != rdb.OpcodeEOF {
			continue
		}
		crc, summed = rdb.CRC64(crc, s.window[summed:i+1]), i+1
		if binary.LittleEndian.Uint64(s.window[i+1:]) == crc {
			return i + endMark
		}
	}
	return len(s.window)
}

// Save gives a finished temporary snapshot its name.
func Save(files Files, temporary, name string) error {
	if err := files.Rename(temporary, name); err != nil {
		return err
	}
	return files.SyncDir("")
}
