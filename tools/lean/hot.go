package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"hash/crc32"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// hot are calls on the way of nearly every command that are compiled in line however large the callee is. In
// WebAssembly a call of Go's costs several times what it costs elsewhere, since the stack lies in memory and each
// function is entered through a table of the places where it may go on; the native server is built with the same
// list, where it brings a tenth. Names are the linker's, less "riffle/".
var hot = []struct {
	caller  string
	callees []string
}{
	{"engine/dict.(*Dict).Find", []string{
		"engine/dict.hashBytes", "engine/dict.(*segment).home", "engine/dict.(*Dict).segmentOf",
		"engine/dict.(*group).match", "engine/dict.(*Dict).holds",
	}},
	{"engine/dict.(*Dict).Warm", []string{
		"engine/dict.hashBytes", "engine/dict.(*segment).home", "engine/dict.(*group).match",
	}},
	{"engine/resp.(*Parser).Next", []string{"engine/resp.quickRequest"}},
	{"engine/resp.quickRequest", []string{"engine/resp.quickDigits"}},
	{"engine/resp.AppendBulk", []string{"engine/resp.appendHeader"}},
	{"engine.(*Engine).readAhead", []string{
		"engine/resp.(*Parser).Next", "engine.(*Engine).lookup", "engine.(*Engine).limitsOf",
	}},
	{"engine.(*Engine).warmAhead", []string{"engine.(*entry).keys", "engine.(*ahead).addKeys"}},
	{"engine.(*ahead).addKeys", []string{"engine.sameKey"}},
	{"engine.(*Engine).request", []string{
		"engine.(*Engine).held", "engine.(*Engine).context", "engine.(*Engine).admit", "engine.(*Engine).call",
		"engine.(*Engine).finishUnit", "engine.(*Engine).endRequest",
	}},
	{"engine.(*Engine).admit", []string{"engine.(*Engine).outOfMemory"}},
	{"engine.(*Engine).outOfMemory", []string{"engine.(*Engine).makeRoom"}},
	{"engine.(*Engine).makeRoom", []string{"engine.(*Engine).overMemory"}},
	{"engine.(*Engine).overMemory", []string{"engine.(*keyspace).size"}},
	{"engine.(*Engine).call", []string{"engine.(*Engine).run"}},
	{"engine.(*Engine).run", []string{"engine.(*Engine).isQuick", "engine.(*Engine).shareLap"}},
	{"engine.(*Ctx).find", []string{"engine.(*Ctx).glance", "engine.(*Ctx).touchAccess"}},
	{"engine.(*Ctx).glance", []string{"engine.(*Ctx).peek"}},
	{"engine.(*Ctx).findWrite", []string{"engine.(*Ctx).peek", "engine.(*Ctx).touchAccess"}},
	{"engine.(*Ctx).getString", []string{"engine.(*Ctx).find", "engine.(*keyspace).payload"}},
	{"engine.(*Reply).Bulk", []string{"engine/resp.AppendBulk"}},
	{"engine.(*Ctx).replyString", []string{"engine.(*Ctx).getString", "engine.(*Reply).Bulk"}},
	{"engine.(*Ctx).putString", []string{"engine.(*Ctx).putStringUntil"}},
	{"engine.(*Ctx).putStringUntil", []string{
		"engine.(*keyspace).overwrite", "engine.(*Engine).changed", "engine.(*Ctx).stringMeta",
	}},
	{"engine.(*Ctx).Propagate", []string{"engine.(*journal).echo"}},
	{"engine.(*journal).echo", []string{"engine/resp.IsCommand", "engine.(*journal).beginEffect"}},
}

// function is where a function begins and which names it calls where, by lines of its file.
type function struct {
	line  int
	calls []called
}

type called struct {
	name string
	line int
}

// writeHot writes the calls as a profile of a run, which the compiler decides by, and the flags to give it. The
// profile's name comes from what it holds: the go command knows by the flags alone whether to compile anew.
func writeHot(folder string, replaced map[string]string) error {
	profile, err := hotProfile(replaced)
	if err != nil {
		return err
	}
	path := filepath.Join(folder, fmt.Sprintf("hot-%08x", crc32.ChecksumIEEE(profile)))
	if err := os.WriteFile(path, profile, 0o644); err != nil {
		return err
	}
	flags := "'-pgoprofile=" + path + "' -d=pgoinlinecdfthreshold=100\n"
	return os.WriteFile(filepath.Join(folder, "gcflags"), []byte(flags), 0o644)
}

// hotProfile has the form of what Go's preprofile makes: for each call the caller, the callee, and the line
// within the caller with a weight. A call that has gone makes the engine no worse than a little slower, so that is
// only said; a test fails.
func hotProfile(replaced map[string]string) ([]byte, error) {
	functions := map[string]function{}
	for _, list := range hot {
		if err := readFunctions(functions, list.caller, replaced); err != nil {
			return nil, err
		}
	}
	out := bytes.NewBufferString("GO PREPROFILE V1\n")
	for _, list := range hot {
		writeCalls(out, functions, list.caller, list.caller)
	}
	return out.Bytes(), nil
}

// writeCalls writes the hot calls of a function whose text stands in outer, which may be itself, and those of what
// stands in line there then: the compiler knows them by their lines, counted from outer's even in another file.
func writeCalls(out *bytes.Buffer, functions map[string]function, outer, inner string) {
	for _, list := range hot {
		if list.caller != inner {
			continue
		}
		for _, callee := range list.callees {
			name, found := callee[strings.LastIndexByte(callee, '.')+1:], false
			for _, call := range functions[inner].calls {
				if call.name == name {
					found = true
					fmt.Fprintf(out, "riffle/%s\nriffle/%s\n%d 1\n", outer, callee, call.line-functions[outer].line)
				}
			}
			if !found {
				fmt.Fprintf(os.Stderr, "lean: %s does not call %s any more\n", inner, callee)
			}
			writeCalls(out, functions, outer, callee)
		}
	}
}

// readFunctions adds all functions of the package that one of them is in, as they will be compiled.
func readFunctions(functions map[string]function, symbol string, replaced map[string]string) error {
	if _, known := functions[symbol]; known {
		return nil
	}
	name, _, _ := strings.Cut(path.Base(symbol), ".")
	folder := path.Join(path.Dir(symbol), name)
	files, err := filepath.Glob(folder + "/*.go")
	if err != nil {
		return err
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		if full, err := filepath.Abs(file); err == nil && replaced[full] != "" {
			file = replaced[full]
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, declared := range tree.Decls {
			if f, ok := declared.(*ast.FuncDecl); ok {
				functions[folder+"."+nameOf(f)] = readFunction(set, f)
			}
		}
	}
	return nil
}

func readFunction(set *token.FileSet, f *ast.FuncDecl) function {
	found := function{line: set.Position(f.Pos()).Line}
	ast.Inspect(f, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			name := ""
			switch callee := call.Fun.(type) {
			case *ast.Ident:
				name = callee.Name
			case *ast.SelectorExpr:
				name = callee.Sel.Name
			}
			found.calls = append(found.calls, called{name, set.Position(call.Pos()).Line})
		}
		return true
	})
	return found
}

// nameOf is a function's name with its receiver, as the linker writes it.
func nameOf(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	switch receiver := f.Recv.List[0].Type.(type) {
	case *ast.StarExpr:
		if name, ok := receiver.X.(*ast.Ident); ok {
			return "(*" + name.Name + ")." + f.Name.Name
		}
	case *ast.Ident:
		return receiver.Name + "." + f.Name.Name
	}
	return f.Name.Name
}
