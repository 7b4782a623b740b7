// Package settings reads configuration files and command lines in the reference's syntax.
//
// A file is lines of "name word word ...". A blank line and one that starts with # are skipped, and
// "include pattern" puts other files in its place. A command line is turned into the same lines
// ("--port 7000" becomes `port "7000"`), so that there is one reader and one kind of error.
package settings

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Directive is one line that sets something.
type Directive struct {
	Line int      // counted from 1 in the file or command line it comes from
	Text string   // the line as written
	Name string   // lower case
	Args []string // at least one
}

// Fault is a line that cannot be obeyed. Its Error is the block that the reference prints.
type Fault struct {
	Line   int
	Text   string
	Reason string
}

// Error is what a person sees before the server exits.
func (f *Fault) Error() string {
	return fmt.Sprintf("\n*** FATAL CONFIG FILE ERROR ***\n"+
		"Reading the configuration file, at line %d\n>>> '%s'\n%s\n",
		f.Line, f.Text, f.Reason)
}

// Refuse says that a directive was understood but not accepted.
func (d Directive) Refuse(reason string) error { return &Fault{d.Line, d.Text, reason} }

// Value is the directive's words as CONFIG SET would take them.
func (d Directive) Value() string { return strings.Join(d.Args, " ") }

// maxIncludes bounds how deep files may include each other: a file that includes itself must end.
const maxIncludes = 16

// Source is where configuration comes from: a file, standard input, a command line.
type Source struct {
	File  string    // path, or ""
	Stdin io.Reader // read after the file, or nil
	Lines string    // the command line as configuration lines; what comes last wins
}

// Read returns all directives of a source in order.
func (s Source) Read() ([]Directive, error) {
	var all []Directive
	if s.File != "" {
		read, err := readFile(s.File, 0)
		if err != nil {
			return nil, err
		}
		all = read
	}
	if s.Stdin != nil {
		text, err := io.ReadAll(s.Stdin)
		if err != nil {
			return nil, err
		}
		read, err := parse(string(text), 0)
		if err != nil {
			return nil, err
		}
		all = append(all, read...)
	}
	read, err := parse(s.Lines, 0)
	return append(all, read...), err
}

func readFile(path string, depth int) ([]Directive, error) {
	if depth > maxIncludes {
		return nil, fmt.Errorf("Fatal error, config file '%s' is included too deep", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("Fatal error, can't open config file '%s': %w", path, err)
	}
	return parse(string(text), depth)
}

func parse(text string, depth int) ([]Directive, error) {
	var all []Directive
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.Trim(line, " \t\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		words, ok := Words(line)
		if !ok {
			return nil, &Fault{number, line, "Unbalanced quotes in configuration line"}
		}
		d := Directive{Line: number, Text: line, Name: strings.ToLower(words[0]), Args: words[1:]}
		if len(d.Args) == 0 {
			return nil, d.Refuse("wrong number of arguments")
		}
		if d.Name != "include" {
			all = append(all, d)
			continue
		}
		included, err := include(d, depth)
		if err != nil {
			return nil, err
		}
		all = append(all, included...)
	}
	return all, nil
}

func include(d Directive, depth int) ([]Directive, error) {
	if len(d.Args) != 1 {
		return nil, d.Refuse("wrong number of arguments")
	}
	files := []string{d.Args[0]}
	if strings.ContainsAny(d.Args[0], "*?[") {
		found, err := filepath.Glob(d.Args[0])
		if err != nil {
			return nil, d.Refuse(err.Error())
		}
		slices.Sort(found)
		files = found
	}
	var all []Directive
	for _, file := range files {
		read, err := readFile(file, depth+1)
		if err != nil {
			return nil, err
		}
		all = append(all, read...)
	}
	return all, nil
}

// FromArguments reads a command line (without the program's name): first perhaps a file, then
// "--name word word" groups; a lone "-" stands for standard input.
func FromArguments(arguments []string, stdin io.Reader) Source {
	var source Source
	if len(arguments) > 0 && arguments[0] != "-" && !strings.HasPrefix(arguments[0], "--") {
		source.File, arguments = arguments[0], arguments[1:]
	}
	var lines strings.Builder
	for _, argument := range arguments {
		name, isName := strings.CutPrefix(argument, "--")
		switch {
		case argument == "-":
			source.Stdin = stdin
		case isName && name != "":
			if lines.Len() > 0 {
				lines.WriteByte('\n')
			}
			lines.WriteString(name)
		default:
			lines.WriteByte(' ')
			lines.WriteString(Quote(argument))
		}
	}
	source.Lines = lines.String()
	return source
}
