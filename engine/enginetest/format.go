package enginetest

import (
	"fmt"
	"strconv"
	"strings"
)

// Format prints a reply as redis-cli does on a terminal, without the last line break.
func Format(r Reply) string {
	return strings.TrimSuffix(formatReply(r, ""), "\n")
}

// formatReply prints r; prefix is what its second and later lines are indented by.
func formatReply(r Reply, prefix string) string {
	if r.Null {
		return "(nil)\n"
	}
	switch r.Kind {
	case '-', '!':
		return "(error) " + r.Text + "\n"
	case ':':
		return "(integer) " + r.Text + "\n"
	case ',':
		return "(double) " + r.Text + "\n"
	case '#':
		return map[string]string{"t": "(true)\n", "f": "(false)\n"}[r.Text]
	case '$':
		return quoteString(r.Text) + "\n"
	case '*', '~', '>', '%', '|':
		return formatItems(r, prefix)
	}
	return r.Text + "\n"
}

var emptyNames = map[byte]string{'*': "array", '~': "set", '>': "push", '%': "hash", '|': "attribute"}

func formatItems(r Reply, prefix string) string {
	if len(r.Items) == 0 {
		return "(empty " + emptyNames[r.Kind] + ")\n"
	}
	step, mark := 1, ")"
	switch r.Kind {
	case '%', '|':
		step, mark = 2, "#"
	case '~':
		mark = "~"
	}
	width := len(strconv.Itoa(len(r.Items) / step))
	inner := prefix + strings.Repeat(" ", width+2)
	var out strings.Builder
	for i := 0; i < len(r.Items); i += step {
		if i > 0 {
			out.WriteString(prefix)
		}
		fmt.Fprintf(&out, "%*d%s ", width, i/step+1, mark)
		text := formatReply(r.Items[i], inner)
		if step == 2 {
			text = strings.TrimSuffix(text, "\n") + " => " + formatReply(r.Items[i+1], inner)
		}
		out.WriteString(text)
	}
	return out.String()
}
