package main

import (
	"math/bits"
	"time"
)

// histogram counts durations in buckets that are at most 1/32 wide of what they hold, as HdrHistogram
// does: exact below 64 ns, then 32 buckets for every doubling. Recording is two shifts and an increment,
// so that watching a load does not slow it.
type histogram struct {
	counts [(64 - histogramBits) << histogramBits]uint64
	total  uint64
	worst  time.Duration
}

const histogramBits = 5

func (h *histogram) record(d time.Duration) {
	h.counts[bucketOf(d)]++
	h.total++
	h.worst = max(h.worst, d)
}

// bucketOf keeps the leading six bits of a duration, and how far they were shifted.
func bucketOf(d time.Duration) int {
	n := uint64(max(d, 0))
	shift := max(bits.Len64(n)-histogramBits-1, 0)
	return shift<<histogramBits + int(n>>shift)
}

// highestIn is the longest duration that falls into a bucket.
func highestIn(bucket int) time.Duration {
	shift := max(bucket>>histogramBits-1, 0)
	return time.Duration((bucket-shift<<histogramBits+1)<<shift - 1)
}

// quantile is a duration that the given part of all recorded ones does not exceed; 0 if there are none.
func (h *histogram) quantile(part float64) time.Duration {
	left := uint64(part*float64(h.total) + 0.5)
	for bucket, count := range h.counts {
		if left <= count && count > 0 {
			return min(highestIn(bucket), h.worst)
		}
		left -= min(left, count)
	}
	return h.worst
}
