// Docs prints the command reference as Markdown, from the same rows that the engine runs.
//
//	go run ./tools/docs > commands.md
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"riffle/engine"
)

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	fmt.Fprintln(out, "# Commands")
	writeCounts(out)
	shown := ""
	engine.EachCommand(func(name, group string, row *engine.Command) {
		if group != shown {
			shown = group
			fmt.Fprintf(out, "\n## %s\n", group)
		}
		fmt.Fprintf(out, "\n### %s\n\n    %s\n\n%s\n", name, strings.TrimSpace(name+" "+row.Syntax), row.Summary)
		fmt.Fprintf(out, "\nSince %s. Complexity: %s\n", since(row), strings.TrimSuffix(row.Complexity, "."))
		if row.Deprecated != "" {
			fmt.Fprintf(out, "\nDeprecated since %s: use %s.\n", row.Deprecated, row.ReplacedBy)
		}
		if row.Example != "" {
			fmt.Fprintf(out, "\n```\n%s\n```\n", strings.TrimSpace(row.Example))
		}
	})
	writeMissing(out)
}

// since says from which version on a command exists, and for one that not every server has, of which.
func since(row *engine.Command) string {
	if row.Origin == "" {
		return row.Since
	}
	first, rest, _ := strings.Cut(row.Origin, ", ")
	if rest != "" {
		rest = ", " + rest
	}
	return first + " " + row.Since + rest
}
