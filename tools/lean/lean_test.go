package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"riffle/engine"
)

// TestPrepare looks at what a build for the browser would be made with.
func TestPrepare(t *testing.T) {
	t.Chdir("../..")
	folder := t.TempDir()
	require.NoError(t, prepare(folder))
	text, err := os.ReadFile(filepath.Join(folder, "overlay.json"))
	require.NoError(t, err)
	var overlay struct{ Replace map[string]string }
	require.NoError(t, json.Unmarshal(text, &overlay))
	assert.Len(t, overlay.Replace, 1+len(outlined)+len(standard))
	for path, functions := range outlined {
		source, err := os.ReadFile(filepath.Join(folder, path))
		require.NoError(t, err)
		for _, function := range functions {
			assert.Equal(t, 1, strings.Count(string(source), "\n//go:noinline\n"+function), "%s: %s", path, function)
		}
	}
}

// TestHotProfile: every call that is to be compiled in line is there, and so is what it calls.
func TestHotProfile(t *testing.T) {
	t.Chdir("../..")
	profile, err := hotProfile(nil)
	require.NoError(t, err)
	functions := map[string]function{}
	for _, list := range hot {
		for _, callee := range list.callees {
			assert.Contains(t, string(profile), "\nriffle/"+list.caller+"\nriffle/"+callee+"\n")
			require.NoError(t, readFunctions(functions, callee, nil))
			assert.Contains(t, functions, callee)
		}
	}
	// What stands in line in glance by way of find has lines that count from the beginning of find.
	find, glance := functions["engine.(*Ctx).find"], functions["engine.(*Ctx).glance"]
	for _, call := range glance.calls {
		if call.name == "peek" {
			line := fmt.Sprintf("\nriffle/engine.(*Ctx).find\nriffle/engine.(*Ctx).peek\n%d 1\n", call.line-find.line)
			assert.Contains(t, string(profile), line)
		}
	}
}

// TestHotInline: the compiler does as the profile says.
func TestHotInline(t *testing.T) {
	t.Chdir("../..")
	folder := t.TempDir()
	require.NoError(t, writeHot(folder, nil))
	flags, err := os.ReadFile(filepath.Join(folder, "gcflags"))
	require.NoError(t, err)
	build := exec.Command("go", "build", "-gcflags=riffle/...="+strings.TrimSpace(string(flags))+" -m", "./engine/dict")
	said, err := build.CombinedOutput()
	require.NoError(t, err, "%s", said)
	assert.Regexp(t, `dict\.go:\d+:\d+: inlining call to hashBytes`, string(said))
}

// TestLaterRows: the core knows every row of the full engine, and runs none of those whose code it lacks.
func TestLaterRows(t *testing.T) {
	rows, err := laterRows()
	require.NoError(t, err)
	leaves := 0
	engine.EachLater(func(_ string, list []engine.Command) {
		for i := range list {
			assert.Contains(t, string(rows), `"`+list[i].Name+`"`)
			leaves += max(1, len(list[i].Subs))
		}
	})
	assert.Equal(t, leaves, strings.Count(string(rows), "runElsewhere"))
	assert.NotContains(t, string(rows), "Commands,")
}

// On a fresh machine this is the first that asks for vert.
func TestLeanModuleFetches(t *testing.T) {
	fetched, err := command("env", "GOMODCACHE")
	require.NoError(t, err)
	_, err = command("mod", "download", vertModule)
	require.NoError(t, err)
	t.Chdir("../..")
	t.Setenv("GOMODCACHE", t.TempDir())
	t.Setenv("GOPROXY", "file://"+filepath.ToSlash(fetched)+"/cache/download")
	t.Setenv("GOFLAGS", "-modcacherw") // so that the folder can be removed
	folder := t.TempDir()
	require.NoError(t, leanModule(folder))
	assert.FileExists(t, filepath.Join(folder, "vert", "value.go"))
}

func TestCopyLean(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "vert")
	write := func(text string) {
		require.NoError(t, os.WriteFile(filepath.Join(from, "a.go"), []byte(text), 0o644))
	}
	write("import (\n\t\"fmt\"\n\t\"reflect\"\n)\nreturn fmt.Sprintf(\"wrong type: %v\", e)\n")
	require.NoError(t, copyLean(from, to))
	text, err := os.ReadFile(filepath.Join(to, "a.go"))
	require.NoError(t, err)
	assert.Equal(t, "import (\n\t\"reflect\"\n)\nreturn \"wrong type: \"\n", string(text))
	write("fmt.Println()\n")
	assert.Error(t, copyLean(from, to))
}
