package engine

import "math/bits"

// latency keeps what took long, by kind of event, for LATENCY: the worst of each second in which an event
// took at least latency-monitor-threshold milliseconds.
type latency struct{ events []latencyEvent }

// latencyEvent is one kind of event: a command, a step of expiring, a write to the log.
type latencyEvent struct {
	name    string
	worst   int64 // milliseconds
	samples []latencySample
}

// latencySample is what an event took at most within a second.
type latencySample struct{ second, millis int64 }

// latencySamples is how many samples of an event are kept, the newest.
const latencySamples = 160

// Latency reports what a host's own work took that clients wait for, in nanoseconds: "aof-write",
// "aof-fsync-always", "rdb-unlink-temp-file" and such. LATENCY tells of it like of the engine's own.
func (e *Engine) Latency(event string, nanos int64) { e.latency.note(e, event, nanos) }

// note keeps a sample of an event if it took long enough.
func (l *latency) note(e *Engine, name string, nanos int64) {
	millis := nanos / 1e6
	if threshold := e.settings.latencyThreshold; threshold == 0 || millis < threshold {
		return
	}
	event := l.find(name)
	if event == nil {
		l.events = append(l.events, latencyEvent{name: name})
		event = &l.events[len(l.events)-1]
	}
	event.worst = max(event.worst, millis)
	now := e.now / 1e6
	if n := len(event.samples); n > 0 && event.samples[n-1].second == now {
		event.samples[n-1].millis = max(event.samples[n-1].millis, millis)
		return
	}
	if len(event.samples) == latencySamples {
		event.samples = append(event.samples[:0], event.samples[1:]...)
	}
	event.samples = append(event.samples, latencySample{now, millis})
}

func (l *latency) find(name string) *latencyEvent {
	for i := range l.events {
		if l.events[i].name == name {
			return &l.events[i]
		}
	}
	return nil
}

// reset forgets an event, and reports whether there was anything to forget.
func (l *latency) reset(name string) bool {
	for i := range l.events {
		if l.events[i].name == name {
			l.events = append(l.events[:i], l.events[i+1:]...)
			return true
		}
	}
	return false
}

// histogram counts how long the calls of a command took. Its buckets are a sixteenth of a power of two
// wide (HdrHistogram, Gil Tene), so that a percentile is exact to 6 %, and it reaches as far as the longest
// call: 1 to 4 KiB.
type histogram []int64

const (
	histogramBits  = 4 // of the value that tell buckets of one power of two apart
	histogramParts = 1 << histogramBits
)

// bucketOf returns the bucket of a number of nanoseconds.
func bucketOf(nanos int64) int {
	n := uint64(max(nanos, 0))
	if n < histogramParts {
		return int(n)
	}
	shift := bits.Len64(n) - histogramBits - 1
	return (shift+1)<<histogramBits + int(n>>shift)&(histogramParts-1)
}

// bucketEnd returns the largest number of nanoseconds that falls into a bucket.
func bucketEnd(bucket int) int64 {
	if bucket < histogramParts {
		return int64(bucket)
	}
	shift := bucket>>histogramBits - 1
	return int64(histogramParts+bucket&(histogramParts-1)+1)<<shift - 1
}

// longestCall is what longer calls are counted as, in nanoseconds: the reference's.
const longestCall = 1e9

// add counts calls that took nanos each.
func (h *histogram) add(nanos, calls int64) { h.put(bucketOf(min(nanos, longestCall)), calls) }

// put counts calls in a bucket.
func (h *histogram) put(bucket int, calls int64) {
	for len(*h) <= bucket {
		*h = append(*h, 0)
	}
	(*h)[bucket] += calls
}

func (h histogram) calls() (total int64) {
	for _, n := range h {
		total += n
	}
	return total
}

// percentile returns within how many nanoseconds so many percent of the calls ended.
func (h histogram) percentile(percent float64) int64 {
	want := max(int64(percent/100*float64(h.calls())+0.5), 1)
	for bucket, n := range h {
		if want -= n; want <= 0 {
			return bucketEnd(bucket)
		}
	}
	return 0
}

// below counts the calls that took less than nanos, a power of two.
func (h histogram) below(nanos int64) (calls int64) {
	return histogram(h[:min(bucketOf(nanos), len(h))]).calls()
}
