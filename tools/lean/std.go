package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// standard are the places in Go's own library that lead to code the engine has no use for, by file, with what
// stands there instead. Quoting what may not be printed needs tables of all characters; an error about a
// number is not shown to anybody, and tags of fields in this program hold no escapes.
var standard = map[string][2]string{
	"strconv/number.go": {`Quote(e.Num)`, `e.Num`},
	"reflect/type.go":   {`strconv.Unquote(qvalue)`, `qvalue[1:len(qvalue)-1], error(nil)`},
}

// replaceStandard writes the files of Go's library that are compiled instead. A place that has gone makes the
// engine no worse than a little larger, so that is only said; a test fails.
func replaceStandard(replaced map[string]string, folder string) error {
	root, err := command("env", "GOROOT")
	if err != nil {
		return err
	}
	for name, change := range standard {
		from, to := filepath.Join(root, "src", name), filepath.Join(folder, "std", name)
		source, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if !bytes.Contains(source, []byte(change[0])) {
			fmt.Fprintf(os.Stderr, "lean: %s: %q is not there any more\n", name, change[0])
			continue
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		replaced[from] = to
		if err := os.WriteFile(to, bytes.ReplaceAll(source, []byte(change[0]), []byte(change[1])), 0o644); err != nil {
			return err
		}
	}
	return nil
}
