package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// smoke are options so small that nothing is measured: the tests only ask whether everything runs.
func smoke(t *testing.T) options {
	reference, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("no redis-server found")
	}
	o := options{ours: "../../dist/riffle-server", theirs: reference, scale: 0.001, rounds: 1}
	if _, err := os.Stat(o.ours); err != nil {
		o.ours = reference // the programs under measurement do not matter here
	}
	return o
}

func TestMemoryRuns(t *testing.T) {
	rows, err := memory(smoke(t))
	require.NoError(t, err)
	assert.Len(t, rows, len(dataSets))
}

func TestServerRuns(t *testing.T) {
	o := smoke(t)
	o.file = filepath.Join(t.TempDir(), "figures.json")
	require.NoError(t, run("server", o))
	text, err := os.ReadFile(o.file)
	require.NoError(t, err)
	assert.Contains(t, string(text), "LRANGE_100")
}

func TestWrongRepliesFailALoad(t *testing.T) {
	o := smoke(t)
	p, err := launch("redis", o.theirs)
	require.NoError(t, err)
	defer p.stop()
	l := load{count: 10, connections: 2, pipeline: 2, request: command("LPUSH", "k", "v"), begins: ":"}
	require.NoError(t, l.run(p.address))
	l.begins = "+OK"
	assert.Error(t, l.run(p.address))
	l.begins, l.request = "", command("INCR", "k")
	assert.Error(t, l.run(p.address))
}

func TestMedian(t *testing.T) {
	assert.Equal(t, 2.0, median([]float64{3, 1, 2}))
	assert.Equal(t, 2.5, median([]float64{4, 1, 2, 3}))
	assert.Zero(t, median(nil))
}
