package engine_test

import (
	"bytes"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"riffle/engine"
)

// The house's laws that a machine can check. The deterministic core is package engine and its leaves;
// enginetest is test support, and may do what hosts do.

// functionLines and the others are the limits of the house style, for every Go file of the project.
const (
	functionLines = 70
	fileLines     = 1200
	lineColumns   = 120
)

// coreImports are the only packages of the standard library that the core may use.
var coreImports = []string{
	"bytes", "cmp", "encoding/binary", "errors", "iter", "math", "math/bits", "slices", "strconv", "strings",
	"unicode/utf8", "unsafe",
}

// scriptImports are what the Lua interpreter, which a build may leave out, brings along.
var scriptImports = []string{"context", "github.com/yuin/gopher-lua", "github.com/yuin/gopher-lua/ast"}

// source is one parsed Go file of the project.
type source struct {
	path   string // from the project's top
	folder string
	text   []byte
	file   *ast.File
	test   bool
}

var files = token.NewFileSet()

// sources parses every Go file below the given folders.
func sources(t *testing.T, folders ...string) []source {
	t.Helper()
	var all []source
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join("..", folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() && entry.Name() == "node_modules" {
				return fs.SkipDir
			}
			if entry.IsDir() || !strings.HasSuffix(path, ".go") {
				return nil
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			file, err := parser.ParseFile(files, path, text, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			name := strings.TrimPrefix(filepath.ToSlash(path), "../")
			all = append(all, source{name, filepath.ToSlash(filepath.Dir(name)), text, file, strings.HasSuffix(name, "_test.go")})
			return nil
		})
		require.NoError(t, err)
	}
	require.NotEmpty(t, all)
	return all
}

// core returns the files that make up the deterministic core.
func core(t *testing.T) []source {
	return slices.DeleteFunc(sources(t, "engine"), func(s source) bool {
		return s.test || strings.HasPrefix(s.folder, "engine/enginetest")
	})
}

// at names a place for messages.
func at(node ast.Node) string {
	position := files.Position(node.Pos())
	return strings.TrimPrefix(position.String(), "../")
}

func imports(s source) []string {
	var paths []string
	for _, spec := range s.file.Imports {
		paths = append(paths, strings.Trim(spec.Path.Value, `"`))
	}
	return paths
}

// TestImports checks the direction leaves <- engine <- wasm and tools, and the core's short list of
// standard packages: without net, os, time or sync it cannot perform anything.
func TestImports(t *testing.T) {
	for _, s := range core(t) {
		for _, path := range imports(s) {
			own := strings.HasPrefix(path, "riffle/")
			switch {
			case own && s.folder == "engine":
				assert.True(t, strings.HasPrefix(path, "riffle/engine/"), "%s imports %s", s.path, path)
			case own:
				assert.True(t, leaf(path), "%s is a leaf and imports %s", s.path, path)
			case s.folder == "engine/lua" && !own:
				assert.Contains(t, slices.Concat(coreImports, scriptImports), path, s.path)
			default:
				assert.Contains(t, coreImports, path, s.path)
			}
		}
	}
	for _, s := range sources(t, "wasm", "tools") {
		for _, path := range imports(s) {
			crossing := strings.HasPrefix(path, "riffle/tools") && strings.HasPrefix(s.folder, "wasm") ||
				strings.HasPrefix(path, "riffle/wasm") && strings.HasPrefix(s.folder, "tools")
			assert.False(t, crossing, "%s imports %s", s.path, path)
		}
	}
}

// leaf reports whether a package is one that knows nothing of the engine.
func leaf(path string) bool {
	return strings.HasPrefix(path, "riffle/engine/") && path != "riffle/engine/enginetest"
}

// TestCoreStartsNothing checks that the core has no goroutines, channels or init code, whose cost
// every page load would pay and whose order nobody sees.
func TestCoreStartsNothing(t *testing.T) {
	for _, s := range core(t) {
		ast.Inspect(s.file, func(node ast.Node) bool {
			if _, is := node.(*ast.ChanType); is && s.folder == "engine/lua" {
				return true // a context is asked by its channel; this one is never waited for
			}
			switch node.(type) {
			case *ast.GoStmt, *ast.SelectStmt, *ast.ChanType, *ast.SendStmt:
				t.Errorf("%s: goroutines and channels are for hosts", at(node))
			}
			return true
		})
		for _, declaration := range s.file.Decls {
			if f, ok := declaration.(*ast.FuncDecl); ok && f.Recv == nil {
				assert.NotEqual(t, "init", f.Name.Name, "%s: init code", at(f))
			}
			checkStatic(t, declaration)
		}
	}
}

// checkStatic reports package-level variables whose initial value must be computed at start.
func checkStatic(t *testing.T, declaration ast.Decl) {
	general, ok := declaration.(*ast.GenDecl)
	if !ok || general.Tok != token.VAR {
		return
	}
	ast.Inspect(general, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			if !static(n) {
				t.Errorf("%s: a package-level variable is computed at start", at(n))
			}
		case *ast.CompositeLit:
			if _, isMap := n.Type.(*ast.MapType); isMap {
				t.Errorf("%s: a map at package level is built at start", at(n))
			}
		}
		return true
	})
}

// static reports whether the compiler turns a call into data: conversions, sizes and plain errors.
func static(call *ast.CallExpr) bool {
	switch f := call.Fun.(type) {
	case *ast.ArrayType, *ast.ParenExpr:
		return true
	case *ast.Ident:
		return types.Universe.Lookup(f.Name) != nil && f.Name != "make" && f.Name != "append" && f.Name != "new"
	case *ast.SelectorExpr:
		pkg, _ := f.X.(*ast.Ident)
		return pkg != nil && (pkg.Name == "errors" && f.Sel.Name == "New" || pkg.Name == "unsafe")
	}
	return false
}

// TestCoreNeverRangesOverMaps: Go's map order is random, and a random order of effects, replies or
// snapshots would break replay.
func TestCoreNeverRangesOverMaps(t *testing.T) {
	folders := map[string][]*ast.File{}
	for _, s := range core(t) {
		folders[s.folder] = append(folders[s.folder], s.file)
	}
	checked := 0
	standard := importer.ForCompiler(files, "source", nil)
	for folder, parsed := range folders {
		info := types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
		// A build tag may part files of one package; what does not type-check is left to the compiler.
		config := types.Config{Importer: standard, Error: func(error) {}}
		_, _ = config.Check(folder, files, parsed, &info)
		for _, file := range parsed {
			ast.Inspect(file, func(node ast.Node) bool {
				loop, ok := node.(*ast.RangeStmt)
				if !ok {
					return true
				}
				if info.Types[loop.X].Type == nil {
					t.Errorf("%s: the type of what is ranged over is unknown", at(loop))
					return true
				}
				checked++
				if _, isMap := info.Types[loop.X].Type.Underlying().(*types.Map); isMap {
					t.Errorf("%s: ranges over a map", at(loop))
				}
				return true
			})
		}
	}
	assert.Greater(t, checked, 100, "loops whose type is known")
}

// TestSizes keeps functions, files and lines short enough to be read.
func TestSizes(t *testing.T) {
	for _, s := range sources(t, "engine", "wasm", "tools") {
		lines := bytes.Split(s.text, []byte("\n"))
		assert.LessOrEqual(t, len(lines), fileLines, "%s is long", s.path)
		for i, line := range lines {
			columns := utf8.RuneCount(line) + 3*bytes.Count(line, []byte("\t"))
			if columns > lineColumns && !s.test {
				t.Errorf("%s:%d: %d columns", s.path, i+1, columns)
			}
		}
		for _, declaration := range s.file.Decls {
			f, ok := declaration.(*ast.FuncDecl)
			if !ok || s.test {
				continue
			}
			long := files.Position(f.End()).Line - files.Position(f.Pos()).Line + 1
			assert.LessOrEqual(t, long, functionLines, "%s: %s is long", at(f), f.Name.Name)
		}
	}
}

// TestNothingIsLeftForLater looks for the marks of unfinished work.
func TestNothingIsLeftForLater(t *testing.T) {
	for _, s := range sources(t, "engine", "wasm", "tools") {
		for _, mark := range []string{"TO" + "DO", "FIX" + "ME", "XX" + "X:", "not impl" + "emented"} {
			assert.NotContains(t, string(s.text), mark, s.path)
		}
	}
}

// TestExportedNamesAreDocumented: every exported name has a sentence.
func TestExportedNamesAreDocumented(t *testing.T) {
	for _, s := range sources(t, "engine", "wasm", "tools") {
		if s.test || s.file.Name.Name == "main" {
			continue
		}
		for _, declaration := range s.file.Decls {
			switch d := declaration.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && receiverIsExported(d) {
					assert.NotNil(t, d.Doc, "%s: %s has no sentence", at(d), d.Name.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					checkSpec(t, d, spec)
				}
			}
		}
	}
}

// checkSpec accepts a sentence above a declaration, above its group, or beside it.
func checkSpec(t *testing.T, group *ast.GenDecl, spec ast.Spec) {
	switch x := spec.(type) {
	case *ast.TypeSpec:
		if x.Name.IsExported() && x.Doc == nil && group.Doc == nil {
			t.Errorf("%s: %s has no sentence", at(x), x.Name.Name)
		}
	case *ast.ValueSpec:
		for _, name := range x.Names {
			if name.IsExported() && x.Doc == nil && x.Comment == nil && group.Doc == nil {
				t.Errorf("%s: %s has no sentence", at(x), name.Name)
			}
		}
	}
}

func receiverIsExported(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return true
	}
	kind := f.Recv.List[0].Type
	if star, ok := kind.(*ast.StarExpr); ok {
		kind = star.X
	}
	if index, ok := kind.(*ast.IndexExpr); ok {
		kind = index.X
	}
	name, ok := kind.(*ast.Ident)
	return ok && name.IsExported()
}

// TestRows checks the command table: sorted families, whole sentences, versions, brackets that match.
func TestRows(t *testing.T) {
	last := map[string]string{}
	before := ""
	engine.EachCommand(func(name, group string, row *engine.Command) {
		family, _, sub := strings.Cut(name, " ")
		if !sub {
			if group != before {
				delete(last, group) // another list of the group's
			}
			family, before = group, group
		}
		assert.Less(t, last[family], row.Name, "%s: the rows of a family are sorted", name)
		last[family] = row.Name
		assert.Equal(t, strings.ToUpper(row.Name), row.Name)
		assert.True(t, strings.HasSuffix(row.Summary, "."), "%s: the summary ends with a stop", name)
		assert.Regexp(t, `^\d+\.\d+\.\d+$`, row.Since, "%s: since", name)
		assert.NoError(t, checkSyntax(row.Syntax), name)
		if len(row.Subs) == 0 {
			assert.NotNil(t, row.Run, "%s has no handler", name)
			assert.NotEmpty(t, row.Complexity, "%s: complexity", name)
		}
	})
}

// checkSyntax finds brackets that do not match, and dots that repeat nothing.
func checkSyntax(syntax string) error {
	var open []rune
	for _, c := range syntax {
		switch c {
		case '[', '<':
			open = append(open, c)
		case ']', '>':
			want := map[rune]rune{']': '[', '>': '<'}[c]
			if len(open) == 0 || open[len(open)-1] != want {
				return &syntaxError{syntax}
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 || strings.HasPrefix(syntax, "...") || syntax != strings.Join(strings.Fields(syntax), " ") {
		return &syntaxError{syntax}
	}
	return nil
}

type syntaxError struct{ syntax string }

func (e *syntaxError) Error() string { return "bad syntax: " + e.syntax }

// TestBrowserBuildHasNoNetwork keeps net/http, which is as large as all the rest, out of the page.
func TestBrowserBuildHasNoNetwork(t *testing.T) {
	list := exec.Command("go", "list", "-deps", "riffle/wasm/browser")
	list.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	out, err := list.CombinedOutput()
	require.NoError(t, err, string(out))
	packages := strings.Fields(string(out))
	sort.Strings(packages)
	for _, heavy := range []string{"net", "net/http", "encoding/json", "text/template", "regexp"} {
		_, found := slices.BinarySearch(packages, heavy)
		assert.False(t, found, "the page's engine depends on %s", heavy)
	}
}
