package main

import (
	"bytes"
	"encoding/xml"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// smoke are options so small that nothing is measured: the tests only ask whether everything runs.
func smoke(t *testing.T) options {
	reference, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("no redis-server found")
	}
	o := options{ours: "../../dist/riffle-server", theirs: reference, scale: 0.0005, rounds: 1}
	o.pipelines = []int{1, 16}
	if _, err := os.Stat(o.ours); err != nil {
		t.Skip("no built server found")
	}
	return o
}

func TestMemoryRuns(t *testing.T) {
	r := &report{out: io.Discard}
	o := smoke(t)
	o.only = "churn" // waiting for memory to settle takes its time
	require.NoError(t, memory(o, r))
	assert.Len(t, r.Figures, 3)
}

func TestServerRuns(t *testing.T) {
	r := &report{out: io.Discard}
	require.NoError(t, server(smoke(t), r))
	if len(r.Figures) != len(serverTests(options{}))*8 {
		t.Fatal(len(r.Figures), "figures")
	}
	for _, f := range r.Figures {
		assert.Len(t, f.Ours, 1, f.Name)
		if f.Measure != kernelTime { // of so few commands it may be less than a tick
			assert.Positive(t, f.Ratio, f.Name)
		}
	}
}

func TestFiguresAreKept(t *testing.T) {
	o := smoke(t)
	o.file = filepath.Join(t.TempDir(), "figures.json")
	o.only, o.pipelines = "PING_MBULK", []int{1}
	require.NoError(t, run("server", o))
	text, err := os.ReadFile(o.file)
	require.NoError(t, err)
	assert.Contains(t, string(text), `"measure": "p99.9 us"`)
	assert.ErrorContains(t, run("sever", o), "sever")
}

func TestWrongRepliesFailALoad(t *testing.T) {
	p, err := smoke(t).redis().launch()
	require.NoError(t, err)
	defer p.stop()
	l := load{count: 11, connections: 2, pipeline: 2, request: command("LPUSH", "k", "v"), begins: ":"}
	went, err := l.run(p.address)
	require.NoError(t, err)
	assert.EqualValues(t, 6, went.latency.total)
	length, err := p.do("LLEN", "k")
	require.NoError(t, err)
	assert.Equal(t, "11", length.Text)
	l.begins = "+OK"
	_, err = l.run(p.address)
	assert.Error(t, err)
	l.begins, l.request = "", command("INCR", "k")
	_, err = l.run(p.address)
	assert.ErrorContains(t, err, "WRONGTYPE")
}

func TestRepliesAreSkipped(t *testing.T) {
	const stream = "+OK\r\n+OK\r\n:12\r\n$-1\r\n*-1\r\n$4\r\n\r\nab\r\n*2\r\n*1\r\n$1\r\nx\r\n*0\r\n$0\r\n\r\n"
	for name, source := range map[string]io.Reader{
		"at once": strings.NewReader(stream), "in bytes": iotest.OneByteReader(strings.NewReader(stream)),
	} {
		s := skimmer{buffer: make([]byte, 4)}
		assert.NoError(t, s.replies(source, 8), name)
	}
	s := skimmer{buffer: make([]byte, 64)}
	assert.ErrorContains(t, s.replies(strings.NewReader("+OK\r\n+OK\r\n"), 1), "also")
	assert.ErrorContains(t, s.replies(strings.NewReader("*1\r\n-ERR no\r\n"), 1), "ERR no")
	assert.ErrorIs(t, s.replies(strings.NewReader("$4\r\nab"), 1), io.EOF)
}

func TestBatchesCoverTheLoad(t *testing.T) {
	l := load{pipeline: 3, request: func(p []byte, i int, _ *rand.Rand) []byte { return append(p, byte('a'+i)) }}
	var b batches
	b.prepare(l, 2, 7, nil)
	var texts []string
	for i := range b.ends {
		texts = append(texts, string(b.bytes(i)))
	}
	assert.Equal(t, []string{"cde", "fgh", "i"}, texts)
	assert.Equal(t, []int{3, 3, 1}, b.sizes)
}

func TestChurnDeletesNineOfTen(t *testing.T) {
	seen := map[int]bool{}
	for i := range 90 {
		seen[deleted(i)] = true
	}
	for key := range 100 {
		assert.Equal(t, key%10 != 9, seen[key], key)
	}
}

func TestHistogram(t *testing.T) {
	var h histogram
	assert.Zero(t, h.quantile(0.99))
	for i := range 1000 {
		h.record(time.Duration(i+1) * time.Microsecond)
	}
	for _, part := range []float64{0.01, 0.5, 0.99, 0.999} {
		exact := float64(time.Duration(part * float64(1000*time.Microsecond)))
		assert.InEpsilon(t, exact, float64(h.quantile(part)), 1.0/32, part)
		assert.GreaterOrEqual(t, float64(h.quantile(part)), exact, part)
	}
	assert.Equal(t, time.Millisecond, h.quantile(1))
	assert.Equal(t, time.Millisecond, h.worst)
}

func TestBucketsAreContiguous(t *testing.T) {
	for bucket := range len(histogram{}.counts) - 1 {
		highest := highestIn(bucket)
		require.Equal(t, bucket, bucketOf(highest))
		require.Equal(t, bucket+1, bucketOf(highest+1))
	}
	assert.Zero(t, bucketOf(-1))
}

func TestReport(t *testing.T) {
	var out bytes.Buffer
	r := &report{out: &out}
	r.begin("kinds", "things")
	values := map[bool][]float64{true: {1, 30}, false: {2, 10}}
	measures := []measure{{name: "CPU us", bar: 0.6}, {name: "worst ms", limit: 5}}
	o := options{rounds: 3}
	run := func(s side) ([]float64, error) { return values[s.ours], nil }
	require.NoError(t, r.measure(o, "SET", measures, run))
	o.only = "get"
	require.NoError(t, r.measure(o, "SET", measures, nil))
	assert.Equal(t, `
kinds: things
                                                          riffle      redis   ratio      bar
SET                                    CPU us               1.00       2.00    0.50     0.60
                                       worst ms             30.0       10.0    3.00  <= 5.00
`, out.String())
	assert.Len(t, r.Figures[0].Ours, 3)
}

func TestMedians(t *testing.T) {
	assert.Equal(t, 2.0, median([]float64{3, 1, 2}))
	assert.Zero(t, median[float64](nil))
	assert.Equal(t, 0.5, medianRatio([]float64{1, 2, 90}, []float64{2, 4, 100}))
	assert.Zero(t, medianRatio([]float64{1}, []float64{0}))
}

func TestThreeDigits(t *testing.T) {
	texts := map[float64]string{0: "0.00", 9.99: "9.99", 12.34: "12.3", 123.4: "123", 98765: "98765"}
	for value, text := range texts {
		assert.Equal(t, text, threeDigits(value))
	}
}

func TestPersistenceRuns(t *testing.T) {
	r := &report{out: io.Discard}
	require.NoError(t, persistence(smoke(t), r))
	assert.Len(t, r.Figures, 4+2+4*3+4+2*len(dataSets))
}

func TestGrowthRuns(t *testing.T) {
	r := &report{out: io.Discard}
	o := smoke(t)
	o.folder = t.TempDir()
	require.NoError(t, growth(o, r))
	require.Len(t, r.Curves, len(subjects(o)))
	for _, c := range r.Curves {
		assert.NotEmpty(t, c.Series, c.Name)
	}
	require.NoError(t, r.keep(o, nil))
	assert.FileExists(t, filepath.Join(o.folder, "sorted-set.svg"))
}

func TestThreadsRuns(t *testing.T) {
	var out bytes.Buffer
	r := &report{out: &out}
	o := smoke(t)
	o.only = "pipeline 1,"
	require.NoError(t, threads(o, r))
	if len(r.Figures) == 0 {
		assert.Contains(t, out.String(), "nothing is measured")
	}
}

func TestCurvesAreWellFormed(t *testing.T) {
	c := &curve{Name: "a < b", X: "things & more", Series: []series{
		{Name: "GET", Points: []point{{10, 0.5}, {1000, 1.7}}},
		{Name: "GET", Theirs: true, Points: []point{{10, 0.4}, {1000, 2.3}}},
	}}
	svg := c.svg()
	var words []string
	decoder := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		if text, ok := token.(xml.CharData); ok && strings.TrimSpace(string(text)) != "" {
			words = append(words, string(text))
		}
	}
	assert.Equal(t, []string{"a < b: server CPU per command in microseconds", "number of things & more",
		"10", "100", "1 k", "0.00", "0.75", "1.50", "2.25", "3.00", "GET", "redis"}, words)
	assert.Contains(t, svg, `d="M56.0 265.7L530.0 159.3"`, "the first line")
	assert.NotContains(t, (&curve{Series: []series{{Points: []point{{1, 0}}}}}).svg(), "NaN")
}

func TestCollections(t *testing.T) {
	const trace = `123:M 22 Nov 2026 * Ready
gc 1 @0.011s 2%: 0.018+0.50+0.003 ms clock, 0.5+0.1/0.2/0.3+0.4 ms cpu, 4->4->1 MB, 4 MB goal
gc 2 @0.5s 1%: 0.018+7.5+0.232 ms clock, 1+0/0/0+1 ms cpu, 4->4->1 MB, 4 MB goal, 2 P (forced)
`
	spent, stopped := collections([]byte(trace))
	assert.Equal(t, 3500*time.Microsecond, spent)
	assert.Equal(t, 250*time.Microsecond, stopped)
	spent, stopped = collections(nil)
	assert.Zero(t, spent+stopped)
}

func TestPowersOfTen(t *testing.T) {
	for power, text := range []string{"1", "10", "100", "1 k", "10 k", "100 k", "1 M", "10 M"} {
		assert.Equal(t, text, powerOfTen(power))
	}
}
