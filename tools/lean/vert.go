package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

const vertModule = "github.com/norunners/vert"

// sprintf is a call whose text can stand for itself: up to the first hole.
var sprintf = regexp.MustCompile(`fmt\.Sprintf\("([^"%]*)[^"]*", [^)]*\)`)

// leanModule writes lean.mod, which is go.mod with a vert that does without fmt.
func leanModule(folder string) error {
	// go list names no folder for a module that no build has needed yet, as on a fresh machine.
	if _, err := command("mod", "download", vertModule); err != nil {
		return err
	}
	from, err := command("list", "-m", "-f", "{{.Dir}}", vertModule)
	if err != nil {
		return err
	}
	to := filepath.Join(folder, "vert")
	if err := copyLean(from, to); err != nil {
		return err
	}
	for _, name := range []string{"mod", "sum"} {
		text, err := os.ReadFile("go." + name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, "lean."+name), text, 0o644); err != nil {
			return err
		}
	}
	_, err = command("mod", "edit", "-replace", vertModule+"="+to, filepath.Join(folder, "lean.mod"))
	return err
}

// copyLean copies a package without its tests and without fmt.
func copyLean(from, to string) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := entry.Name()
		isGo := strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go")
		if !isGo && name != "go.mod" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return err
		}
		text = sprintf.ReplaceAll(text, []byte(`"$1"`))
		text = bytes.Replace(text, []byte("\t\"fmt\"\n"), nil, 1)
		if bytes.Contains(text, []byte("fmt.")) {
			return errors.New(name + " of vert uses fmt in a way that was not foreseen")
		}
		if err := os.WriteFile(filepath.Join(to, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
