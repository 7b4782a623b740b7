package main

import (
	"runtime/debug"
	"runtime/metrics"
)

const (
	leastHeadroom = 8 << 20 // bytes of garbage that may always gather
	headroomPart  = 8       // and this part of the live heap
)

var liveHeap = []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
var pacedAt = 100

// paceCollector bounds the garbage by the live heap. Go's own setting lets it double the heap; here
// most of the heap holds no pointers, so that collecting is cheap and memory is what a person pays for.
func paceCollector() {
	metrics.Read(liveHeap)
	live := max(int64(liveHeap[0].Value.Uint64()), 1<<20)
	headroom := leastHeadroom + live/headroomPart
	percent := int(min(max(headroom*100/live, 10), 400))
	if percent*10 < pacedAt*9 || percent*9 > pacedAt*10 {
		pacedAt = percent
		debug.SetGCPercent(percent)
	}
}
