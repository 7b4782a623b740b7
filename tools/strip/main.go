// Command strip makes a Go program for the browser smaller: strip in.wasm out.wasm names.
//
// What Go's linker writes is meant to be written fast, and to be debugged. This takes out what the
// program never reads in a browser, and says the same in a way that brotli can pack better:
//
//   - Tables about functions (tables.go, columns.go): names, line numbers, file names, inlining, points
//     for preemption by signals. Unwinding, collecting garbage and recovering go on; a trace shows numbers
//     of functions, whose names are written into a file of their own.
//   - Functions that nothing calls in a browser, or whose work nobody sees there (unused.go), and all that
//     only they call (reach.go).
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
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "strip in.wasm out.wasm names")
		os.Exit(2)
	}
	if err := stripFile(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "strip:", err)
		os.Exit(1)
	}
}

func stripFile(from, to, names string) error {
	file, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	smaller, listing := stripOrKeep(file, runtime.Version())
	if err := os.WriteFile(to, smaller, 0o644); err != nil {
		return err
	}
	return os.WriteFile(names, listing, 0o644)
}

// stripOrKeep is the smaller program, or the same one when it is not understood, and the names that it lost.
func stripOrKeep(file []byte, version string) (smaller, names []byte) {
	known := version == knownGo || strings.HasPrefix(version, knownGo+".")
	if !known {
		fmt.Fprintf(os.Stderr, "strip: tables stay as they are: they are known for %s, not %s\n", knownGo, version)
	}
	smaller, names, err := strip(file, known)
	if err != nil {
		fmt.Fprintln(os.Stderr, "strip: the program stays as it is:", err)
		return file, nil
	}
	return smaller, names
}

// strip fails if anything in the file is not as Go's linker writes it. Whatever reads the file panics
// then, be it by a check or by an index out of range.
func strip(file []byte, withTables bool) (smaller, names []byte, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			smaller, names, err = nil, nil, fmt.Errorf("%v", cause)
		}
	}()
	m := parse(file)
	code := m.section(codeSection)
	if !withTables {
		code.content = shrinkCode(code.content, nil)
		return m.file(), nil, nil
	}
	t := findTables(m.memory)
	names = t.listing()
	replaced := t.replaced()
	for _, number := range m.useless(t, replaced) {
		replaced[number] = trapBody
	}
	code.content = shrinkCode(code.content, replaced)
	m.startWith(t.strip(replaced))
	return m.file(), names, nil
}

// check panics unless what a file says is as expected.
func check(holds bool, what string) {
	if !holds {
		panic(what)
	}
}
