package engine

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// slow makes a command take as many milliseconds as its argument says, by the stopwatch.
func slowBench(t *testing.T) (b *bench, c *Client, take func(millis int64, line string) string) {
	b = newBench(t, "latency-monitor-threshold", "5", "enable-debug-command", "yes")
	watch, step := int64(0), int64(0)
	b.config.Stopwatch = func() int64 { watch += step; return watch }
	c = b.open()
	return b, c, func(millis int64, line string) string {
		step = millis * 1e6
		out := b.send(c, line)
		step = 0
		return out
	}
}

func TestLatencyKeepsTheWorstOfEachSecond(t *testing.T) {
	b, c, take := slowBench(t)
	take(4, "SORT k")
	assert.Equal(t, "*0\r\n", b.send(c, "LATENCY LATEST"), "quicker than the threshold")
	take(7, "SORT k")
	take(9, "SORT k")
	take(6, "SORT k")
	b.now += second
	take(20, "SORT k")
	b.now += second
	take(8, "SORT k")
	assert.Equal(t, "*1\r\n*4\r\n$7\r\ncommand\r\n:1700000002\r\n:8\r\n:20\r\n", b.send(c, "LATENCY LATEST"))
	assert.Equal(t, "*3\r\n*2\r\n:1700000000\r\n:9\r\n*2\r\n:1700000001\r\n:20\r\n*2\r\n:1700000002\r\n:8\r\n",
		b.send(c, "LATENCY HISTORY command"))
	assert.Equal(t, ":1\r\n", b.send(c, "LATENCY RESET command nosuch"))
	assert.Equal(t, ":0\r\n", b.send(c, "LATENCY RESET"))
}

func TestLatencyGraphIsTheReferences(t *testing.T) {
	b, c, take := slowBench(t)
	for _, millis := range []int64{5, 15, 5} {
		take(millis, "SORT k")
		b.now += second
	}
	b.now += 61 * second
	out := b.send(c, "LATENCY GRAPH command")
	assert.Contains(t, out, "command - high 15 ms, low 5 ms (all time high 15 ms)\n"+strings.Repeat("-", 80)+
		"\n # \n | \n | \n_|_\n   \n111\nmmm\n")
}

func TestLatencySamplesAreBounded(t *testing.T) {
	b, c, _ := slowBench(t)
	for range 500 {
		b.now += second
		b.advance(b.now)
		b.Latency("aof-write", 6e6)
	}
	assert.Len(t, b.latency.find("aof-write").samples, latencySamples)
	assert.Equal(t, 2, strings.Count(b.send(c, "LATENCY GRAPH aof-write"), strings.Repeat("_", 80)+"\n"), "160 samples in rows of 80")
	assert.Contains(t, b.send(c, "LATENCY DOCTOR"), "aof-write: 160 latency spikes (average 6ms, mean deviation 0ms, period 0.99 sec)")
}

func TestLatencyDoctorSaysWhatIsMissing(t *testing.T) {
	b, c, take := slowBench(t)
	assert.Contains(t, b.send(c, "LATENCY DOCTOR"), "Nothing has taken 5 milliseconds or more")
	take(6, "SORT k")
	take(6, "GET k")
	assert.Contains(t, b.send(c, "LATENCY DOCTOR"), "2. fast-command: 1 latency spikes")
	b.send(c, "CONFIG SET latency-monitor-threshold 0")
	assert.Contains(t, b.send(c, "LATENCY DOCTOR"), "monitoring is off")
}

func TestHistogramBuckets(t *testing.T) {
	last := -1
	for _, n := range []int64{0, 1, 15, 16, 17, 31, 32, 33, 34, 1000, 1023, 1024, 1 << 40} {
		bucket := bucketOf(n)
		assert.GreaterOrEqual(t, bucket, last)
		assert.GreaterOrEqual(t, bucketEnd(bucket), n)
		assert.LessOrEqual(t, bucketEnd(bucket), n+n/16, n)
		assert.Equal(t, bucket, bucketOf(bucketEnd(bucket)))
		last = bucket
	}
	var h histogram
	h.add(1000, 90)
	h.add(1e6, 9)
	h.add(1e12, 1)
	assert.InEpsilon(t, 1000, h.percentile(50), 0.07)
	assert.InEpsilon(t, 1e6, h.percentile(99), 0.07)
	assert.InEpsilon(t, 1e9, h.percentile(100), 0.07, "the reference's longest")
	assert.EqualValues(t, 90, h.below(1024))
	assert.EqualValues(t, 0, histogram(nil).percentile(50))
}

func TestCommandsHaveHistograms(t *testing.T) {
	b, c, take := slowBench(t)
	take(1, "SORT k")
	take(3, "CONFIG GET nosuch")
	assert.Equal(t, "*8\r\n$4\r\nsort\r\n*4\r\n$5\r\ncalls\r\n:1\r\n$14\r\nhistogram_usec\r\n*2\r\n:1056\r\n:1\r\n"+
		"$10\r\nconfig|get\r\n*4\r\n$5\r\ncalls\r\n:1\r\n$14\r\nhistogram_usec\r\n*2\r\n:4227\r\n:1\r\n"+
		"$10\r\nconfig|get\r\n*4\r\n$5\r\ncalls\r\n:1\r\n$14\r\nhistogram_usec\r\n*2\r\n:4227\r\n:1\r\n",
		strings.Replace(b.send(c, "LATENCY HISTOGRAM SORT config nosuch config|get a|b"), "*6", "*8", 1))
	assert.Contains(t, b.send(c, "INFO latencystats"),
		"latency_percentiles_usec_sort:p50=1015.807,p99=1015.807,p99.9=1015.807\r\n")
	b.send(c, "CONFIG SET latency-tracking no latency-tracking-info-percentiles 50")
	take(2000, "SORT k")
	assert.Contains(t, b.send(c, "INFO latencystats"), "latency_percentiles_usec_sort:p50=1015.807\r\n")
	b.send(c, "CONFIG RESETSTAT")
	assert.NotContains(t, b.send(c, "INFO latencystats"), "sort")
}

func TestSleepsAreSlowCommands(t *testing.T) {
	b, c, _ := slowBench(t)
	other := b.open()
	assert.Empty(t, b.send(c, "DEBUG SLEEP 0.25", "PING"), "the answer comes when it is over")
	assert.Empty(t, b.send(other, "PING"))
	b.now += second / 5
	b.Tick(b.now)
	assert.Empty(t, b.read(c)+b.read(other))
	b.now += second / 20
	assert.Equal(t, b.now, b.wake())
	b.Tick(b.now)
	assert.Equal(t, "+OK\r\n+PONG\r\n", b.read(c))
	assert.Equal(t, "+PONG\r\n", b.read(other))
	assert.Equal(t, "*1\r\n*4\r\n$7\r\ncommand\r\n:1700000000\r\n:250\r\n:250\r\n", b.send(c, "LATENCY LATEST"))
	assert.Contains(t, b.send(c, "SLOWLOG GET"), ":250000\r\n*3\r\n$5\r\nDEBUG\r\n$5\r\nSLEEP\r\n$4\r\n0.25\r\n")
	assert.Contains(t, b.send(c, "INFO commandstats"), "cmdstat_debug:calls=1,usec=250000,usec_per_call=250000.00")

	out := b.send(c, "MULTI", "DEBUG SLEEP 0.5", "EXEC")
	assert.Equal(t, "+OK\r\n+QUEUED\r\n*1\r\n+OK\r\n", out, "a transaction does not wait")
	b.now += second / 2
	b.Tick(b.now)
	assert.Contains(t, b.send(c, "INFO commandstats"), "cmdstat_exec:calls=1,usec=500000,")
	assert.Equal(t, "+OK\r\n", b.send(c, "DEBUG SLEEP -1"))
}
