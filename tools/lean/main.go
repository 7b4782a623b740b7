// Command lean prepares the engine's build for the browser, where every byte has to travel. It writes into a
// folder, for go build -modfile=FOLDER/lean.mod -overlay=FOLDER/overlay.json -gcflags=riffle/...=FLAGS, the flags
// being those in FOLDER/gcflags:
//
//   - the rows of the commands that the core build leaves out, without their code (rows.go);
//   - copies of source files in which small functions with very many callers are kept out of line, which
//     the compiler has no flag for: a call costs a nanosecond where a reply is written anyway (outline.go);
//   - a profile by which calls on the way of nearly every command are compiled in line (hot.go),
//     for the native server, too;
//   - vert without package fmt, which it uses for three sentences that only a mistake of the host would
//     show; fmt weighs as much as a tenth of the core (vert.go);
//   - two files of Go's library without what leads to tables of characters (std.go).
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: lean FOLDER")
		os.Exit(2)
	}
	if err := prepare(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "lean:", err)
		os.Exit(1)
	}
}

// prepare writes everything into a folder, from the module in the working directory.
func prepare(folder string) error {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	replaced := map[string]string{}
	for path, source := range map[string]func() ([]byte, error){"engine/elsewhere_rows.go": laterRows} {
		if err := replace(replaced, folder, path, source); err != nil {
			return err
		}
	}
	for _, path := range outlinedFiles() {
		source := func() ([]byte, error) { return outline(path) }
		if err := replace(replaced, folder, path, source); err != nil {
			return err
		}
	}
	if err := replaceStandard(replaced, folder); err != nil {
		return err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replaced})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, "overlay.json"), overlay, 0o644); err != nil {
		return err
	}
	if err := writeHot(folder, replaced); err != nil {
		return err
	}
	return leanModule(folder)
}

// replace writes what is to be compiled instead of a file of this module.
func replace(replaced map[string]string, folder, path string, source func() ([]byte, error)) error {
	text, err := source()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	from, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	to := filepath.Join(folder, path)
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	replaced[from] = to
	return os.WriteFile(to, text, 0o644)
}

// command runs the go command and returns what it prints.
func command(args ...string) (string, error) {
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}
