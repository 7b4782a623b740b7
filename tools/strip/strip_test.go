package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// probe is testdata/probe as the linker writes it.
func probe(t testing.TB) []byte {
	path := filepath.Join(t.TempDir(), "probe.wasm")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", path, "./testdata/probe")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	file, err := os.ReadFile(path)
	require.NoError(t, err)
	return file
}

// run is what a program prints under Node, on both of its outputs.
func run(t *testing.T, file []byte) string {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	path := filepath.Join(t.TempDir(), "program.wasm")
	require.NoError(t, os.WriteFile(path, file, 0o600))
	script := filepath.Join(runtime.GOROOT(), "lib/wasm/wasm_exec_node.js")
	out, _ := exec.Command(node, "--stack-size=8192", script, path).CombinedOutput()
	return string(out)
}

func TestStrippedProgramDoesTheSame(t *testing.T) {
	file := probe(t)
	smaller, names, err := strip(file, strings.HasPrefix(runtime.Version(), knownGo))
	require.NoError(t, err)
	want, got := run(t, file), run(t, smaller)
	results, _, found := strings.Cut(got, "panic: the last words")
	assert.True(t, found, got)
	wanted, _, _ := strings.Cut(want, "panic: the last words")
	assert.Equal(t, wanted, results)
	assert.Contains(t, results, "deep ")
	assert.Contains(t, results, "crowd 10000")
	_, trace, _ := strings.Cut(results, "trace [")
	innermost, _, _ := strings.Cut(trace, " ")
	assert.True(t, bytes.Contains(names, []byte("\n"+innermost+" main.explode\n")), innermost)
}

func TestStripBringsWhatItIsFor(t *testing.T) {
	file := probe(t)
	m, before := parse(file), 0
	for _, b := range m.memory {
		if b != 0 {
			before++
		}
	}
	smaller, _, err := strip(file, strings.HasPrefix(runtime.Version(), knownGo))
	require.NoError(t, err)
	after := 0
	for _, b := range parse(smaller).memory {
		if b != 0 {
			after++
		}
	}
	assert.Less(t, float64(after), 0.8*float64(before), "bytes of data that are not zero")
	assert.Less(t, countSegments(smaller), uint64(100))
	assert.Greater(t, countSegments(file), uint64(1000))
}

func countSegments(file []byte) uint64 {
	for r := reader(file[len(magic):]); len(r) > 0; {
		number := r.byte()
		content := reader(r.take(r.unsigned()))
		if number == dataSection {
			return content.unsigned()
		}
	}
	return 0
}

// What is not understood stays as it is.
func TestUnknownFilesAreKept(t *testing.T) {
	file := probe(t)
	twice := bytes.Clone(file)
	at := bytes.Index(twice, []byte{0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8})
	twice[at] = 0xf2
	for name, odd := range map[string][]byte{
		"empty": {}, "text": []byte("hello"), "cut": file[:len(file)/2], "another table": twice,
	} {
		kept, names := stripOrKeep(odd, knownGo+".1")
		assert.Equal(t, odd, kept, name)
		assert.Empty(t, names, name)
	}
	withTables, _ := stripOrKeep(file, knownGo)
	without, _ := stripOrKeep(file, "go9.99")
	assert.NotEqual(t, withTables, without)
	assert.NotEqual(t, file, without, "code and segments do not depend on the release")
}

func TestSignedNumbers(t *testing.T) {
	for _, value := range []int64{0, 1, -1, 63, 64, -64, -65, 1 << 31, -1 << 31, 1<<63 - 1, -1 << 63} {
		r := reader(appendSigned(nil, value))
		assert.Equal(t, value, r.signed())
		assert.Empty(t, r)
	}
}

func FuzzStripNeverEscapes(f *testing.F) {
	f.Add([]byte(magic))
	f.Add([]byte(magic + "\x0b\x07\x01\x00\x41\x05\x0b\x01x"))
	f.Add([]byte(magic + "\x0a\x06\x01\x04\x01\x01\x7f\x0b"))
	f.Fuzz(func(t *testing.T, file []byte) {
		_, _, _ = strip(file, true)
		_, _, _ = strip(file, false)
	})
}
