package main

import (
	"sync/atomic"
	"syscall"
	"unsafe"
)

// team is the I/O threads: they read from and write to sockets while the loop's thread does the same, and
// stand still while the engine runs. The loop hands them a batch, takes part in it, and goes on when the
// whole batch is done, so that execution stays single and in the order of the events. That is the
// reference's way (io-threads), but for two things. Whoever is free takes the next transfer, so that the loop
// never waits for a thread that is still waking up; and a thread that finds nothing for a while sleeps.
type team struct {
	// state is how many transfers the batch has, in the upper half, and how many are taken, in the
	// lower one: who adds 1 below the limit owns a transfer, and the batch cannot change before it is done.
	state    atomic.Uint64
	finished atomic.Int32
	batch    []transfer
	size     int       // threads, the loop's included
	counts   threading // the loop's
	landings []landing
	sleeping atomic.Int32
	bell     atomic.Uint32 // a futex: rung when there is work for sleepers
}

// transfer is one read or write, and what came of it.
type transfer struct {
	socket  *socket
	fd      int
	sending bool
	bytes   []byte // what to send, or what was read
	count   int    // bytes sent or read
	room    int    // bytes that the read had room for; 0 = it has not been tried
	errno   syscall.Errno
}

// landing is where one thread's reads of a batch lie, one behind the other.
type landing struct {
	bytes []byte
	used  int
	_     [32]byte // a cache line each
}

const (
	landingBytes = 512 << 10
	leastRoom    = 4 << 10 // a read with less room is left to the loop
	idleLooks    = 1 << 15 // looks for work before a thread sleeps: some 30 microseconds
	doneLooks    = 1 << 12 // looks at a batch that others finish, before the processor is given away
	perThread    = 2       // transfers for each thread that make a batch worth sharing

	futexWait = 0 | 128 // FUTEX_WAIT, private to the process
	futexWake = 1 | 128
)

// newTeam starts the threads besides the loop's own; nil if there are none.
func newTeam(size int) *team {
	if size < 2 {
		return nil
	}
	t := &team{size: size, landings: make([]landing, size)}
	for i := range t.landings {
		t.landings[i].bytes = make([]byte, landingBytes)
	}
	for i := 1; i < size; i++ {
		go t.serve(&t.landings[i])
	}
	return t
}

// worthwhile says whether a batch is large enough to be shared.
func (t *team) worthwhile(transfers int) bool { return t != nil && transfers >= perThread*t.size }

// threads is for INFO.
func (l *loop) threads() threading {
	if l.team == nil {
		return threading{}
	}
	counts := l.team.counts
	counts.active = int(l.team.sleeping.Load()) < l.team.size-1
	return counts
}

// run makes all the transfers of a batch, which is not empty. It is the loop's.
func (t *team) run(batch []transfer) {
	for i := range t.landings {
		t.landings[i].used = 0
	}
	t.batch = batch
	t.finished.Store(0)
	t.state.Store(uint64(len(batch)) << 32)
	if t.sleeping.Load() > 0 {
		t.bell.Add(1)
		syscall.RawSyscall(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(&t.bell)), futexWake, uintptr(t.size))
	}
	for t.takeOne(&t.landings[0]) {
	}
	for looks := 0; int(t.finished.Load()) < len(batch); looks++ {
		if looks > doneLooks {
			syscall.RawSyscall(syscall.SYS_SCHED_YIELD, 0, 0, 0)
		}
	}
}

// takeOne makes one transfer, if any is left.
func (t *team) takeOne(l *landing) bool {
	if !t.pending() {
		return false
	}
	state := t.state.Add(1)
	mine, limit := uint32(state)-1, uint32(state>>32)
	if mine >= limit {
		return false
	}
	t.batch[mine].make(l)
	t.finished.Add(1)
	return true
}

func (t *team) pending() bool {
	state := t.state.Load()
	return uint32(state) < uint32(state>>32)
}

// serve is a thread's life.
func (t *team) serve(l *landing) {
	for {
		for range idleLooks {
			for t.takeOne(l) {
			}
		}
		rung := t.bell.Load()
		t.sleeping.Add(1)
		if !t.pending() {
			syscall.Syscall6(syscall.SYS_FUTEX, uintptr(unsafe.Pointer(&t.bell)), futexWait, uintptr(rung), 0, 0, 0)
		}
		t.sleeping.Add(-1)
	}
}

// make carries a transfer out.
func (x *transfer) make(l *landing) {
	if x.sending {
		x.count, x.errno = send(x.fd, x.bytes)
		return
	}
	free := l.bytes[l.used:]
	free = free[:min(len(free), readBytes)]
	if len(free) < leastRoom {
		return
	}
	x.room = len(free)
	x.count, x.errno = receive(x.fd, free)
	x.bytes = free[:max(x.count, 0)]
	l.used += len(x.bytes)
}
