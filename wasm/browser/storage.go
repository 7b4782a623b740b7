//go:build js && wasm

package main

// Loading a snapshot is the one thing here that waits: the engine pulls chunks and the host fetches
// them from storage one after another. So it runs in a goroutine of its own, which the host wakes
// by resuming the scheduler after each chunk. No other call reaches the engine meanwhile.

// States of a load.
const (
	loadHungry   = 0 // wants the next chunk, or the end
	loadComplete = 1
	loadFailed   = 2 // the fault is in loading.failure
)

type loader struct {
	chunks  chan []byte // at most one chunk waits here
	state   int32
	failure string
}

// loadBegin starts to read a snapshot.
//
//go:wasmexport loadBegin
func loadBegin(now float64) {
	defer guard()
	if broken() {
		return
	}
	home.loading = loader{chunks: make(chan []byte, 1)}
	go load(int64(now))
}

// load reads the snapshot to its end or its first fault.
func load(now int64) {
	defer guard()
	chunks := home.loading.chunks
	_, err := home.engine.Load(now, func() ([]byte, error) { return <-chunks, nil })
	home.loading.state = loadComplete
	if err != nil {
		home.loading.state, home.loading.failure = loadFailed, err.Error()
	}
}

// loadChunk hands over n bytes of the snapshot from the input, which must not change before the
// scheduler was resumed.
//
//go:wasmexport loadChunk
func loadChunk(n int32) {
	defer guard()
	select {
	case home.loading.chunks <- home.input[:n]:
	default:
	}
}

// loadEnd says that the snapshot has no more chunks.
//
//go:wasmexport loadEnd
func loadEnd() {
	defer guard()
	close(home.loading.chunks)
}

// loadState tells how the load stands; a broken engine has failed.
//
//go:wasmexport loadState
func loadState() int32 {
	if broken() {
		return loadFailed
	}
	return home.loading.state
}

// apply replays n bytes of the log from the input. It returns how many of them were whole units,
// or, below zero, -1 minus that number if the next unit cannot be applied at all; the reason is in
// loading.failure then.
//
//go:wasmexport apply
func apply(now float64, n int32) float64 {
	defer guard()
	if broken() {
		return -1
	}
	done, err := home.engine.Apply(int64(now), home.input[:n])
	if err != nil {
		home.loading.failure = err.Error()
		return -1 - float64(done)
	}
	return float64(done)
}

// snapshotBegin takes a picture of all data and returns the offset of the journal it stands at.
//
//go:wasmexport snapshotBegin
func snapshotBegin(now float64) float64 {
	defer guard()
	if broken() {
		return -1
	}
	snapshotEnd()
	home.snapshot = home.engine.Snapshot(int64(now))
	return float64(home.snapshot.Offset())
}

// snapshotNext writes out about budget bytes of the picture. Its frame is: address, length, done
// (1 or 0). It returns zero if there is no picture.
//
//go:wasmexport snapshotNext
func snapshotNext(budget int32) uint32 {
	defer guard()
	if broken() || home.snapshot == nil {
		return 0
	}
	chunk, done := home.snapshot.Next(int(budget))
	home.frame = append(home.frame[:0], address(chunk), float64(len(chunk)), 0)
	if done {
		home.frame[2] = 1
	}
	return answer()
}

// snapshotEnd lets the picture go, finished or not.
//
//go:wasmexport snapshotEnd
func snapshotEnd() {
	defer guard()
	if home.snapshot != nil {
		home.snapshot.Close()
		home.snapshot = nil
	}
}
