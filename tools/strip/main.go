// Command strip makes a Go program for the browser smaller: strip in.wasm out.wasm.
//
// What Go's linker writes is meant to be written fast, and to be debugged. This takes out what the
// program never reads in a browser, and says the same in a way that brotli can pack better:
//
//   - Tables about functions (tables.go): line numbers, file names, inlining, points for preemption
//     by signals. Unwinding, collecting garbage and recovering go on; a trace names functions alone.
//   - Functions that nothing calls in a browser (unused.go).
//   - Code (code.go): the same operations with fewer different bytes.
//   - Memory (module.go): a handful of segments where the linker makes tens of thousands.
//
// Every step checks that it finds what it knows. If it does not, the program is left as it was, which
// is said, and the budget in tools/size notices.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// knownGo is the release whose tables are understood: what a runtime reads is not written in the file.
const knownGo = "go1.26"

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "strip in.wasm out.wasm")
		os.Exit(2)
	}
	file, err := os.ReadFile(os.Args[1])
	if err == nil {
		err = os.WriteFile(os.Args[2], stripOrKeep(file, runtime.Version()), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "strip:", err)
		os.Exit(1)
	}
}

// stripOrKeep is the smaller program, or the same one when it is not understood.
func stripOrKeep(file []byte, version string) []byte {
	known := version == knownGo || strings.HasPrefix(version, knownGo+".")
	if !known {
		fmt.Fprintf(os.Stderr, "strip: tables stay as they are: they are known for %s, not %s\n", knownGo, version)
	}
	smaller, err := strip(file, known)
	if err != nil {
		fmt.Fprintln(os.Stderr, "strip: the program stays as it is:", err)
		return file
	}
	return smaller
}

// strip fails if anything in the file is not as Go's linker writes it. Whatever reads the file panics
// then, be it by a check or by an index out of range.
func strip(file []byte, withTables bool) (smaller []byte, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			smaller, err = nil, fmt.Errorf("%v", cause)
		}
	}()
	m := parse(file)
	var unused map[int64]bool
	if withTables {
		t := findTables(m.memory)
		unused = t.unused()
		t.strip()
	}
	for i := range m.sections {
		if m.sections[i].number == codeSection {
			m.sections[i].content = shrinkCode(m.sections[i].content, unused)
		}
	}
	return m.file(), nil
}

// check panics unless what a file says is as expected.
func check(holds bool, what string) {
	if !holds {
		panic(what)
	}
}
