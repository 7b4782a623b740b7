package main

import (
	"runtime/debug"
	"runtime/metrics"
)

const (
	leastHeadroom = 4 << 20 // bytes of garbage that may always gather
	headroomPart  = 8       // and this part of the live heap
	idleAllocated = 1 << 20 // a server that allocates fewer bytes between two looks is idle
	worthRelease  = 2 << 20 // bytes allocated since the last release that make another one worthwhile
)

// collector bounds the garbage by the live heap. Go's own setting lets it double the heap; here most of
// the heap holds no pointers, so that collecting is cheap and memory is what a person pays for. Keyspaces
// are not in the heap at all (pages_unix.go), only their indexes and large values. A server that has
// become idle gives its garbage back to the system.
type collector struct {
	percent  int    // what SetGCPercent was told last
	seen     uint64 // bytes allocated at the last look
	released uint64 // bytes allocated at the last release
}

// look is called about once a second. It takes the loop some 30 microseconds, of which the world stands
// still for one, however many keys there are.
func (c *collector) look() {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(samples)
	c.pace(max(int64(samples[0].Value.Uint64()), 1<<20))
	allocated := samples[1].Value.Uint64()
	idle := allocated-c.seen < idleAllocated
	c.seen = allocated
	if idle && allocated-c.released > worthRelease {
		c.released = allocated
		go debug.FreeOSMemory()
	}
}

func (c *collector) pace(live int64) {
	headroom := leastHeadroom + live/headroomPart
	percent := int(min(max(headroom*100/live, 10), 400))
	if percent*10 < c.percent*9 || percent*9 > c.percent*10 {
		c.percent = percent
		debug.SetGCPercent(percent)
	}
}
