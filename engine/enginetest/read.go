package enginetest

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// ReadData returns all data that do can reach as sorted text, one key a line, without the moments at
// which things expire or were delivered: two servers on the same clock are milliseconds apart.
func ReadData(do func(args ...string) Reply) string {
	text, _ := read(func(args ...string) (Reply, bool) { return do(args...), true }, false)
	return text
}

// databases is how many databases are read at most; a server with fewer answers SELECT with an error.
const databases = 16

// dataReader turns the data of a server into lines of text.
type dataReader struct {
	do    func(args ...string) (Reply, bool)
	exact bool // moments are compared too
	lines []string
}

// read returns all data; ok is false, and the text a description, if the server refuses to be read.
func read(do func(args ...string) (Reply, bool), exact bool) (text string, ok bool) {
	reader := dataReader{do: do, exact: exact}
	for db := range databases {
		r, ok := do("SELECT", strconv.Itoa(db))
		if !ok || strings.HasPrefix(r.Text, "NOAUTH") || strings.HasPrefix(r.Text, "NOPERM") {
			return "refused: " + r.Text, false
		}
		if r.Kind == '-' {
			break
		}
		keys, _ := do("KEYS", "*")
		sort.Slice(keys.Items, func(i, k int) bool { return keys.Items[i].Text < keys.Items[k].Text })
		for _, key := range keys.Items {
			reader.key(db, key.Text)
		}
	}
	if functions, _ := do("FUNCTION", "LIST", "WITHCODE"); functions.Kind != '-' && len(functions.Items) > 0 {
		reader.lines = append(reader.lines, "functions "+oneLine(sortedDeep(functions)))
	}
	return strings.Join(reader.lines, "\n"), true
}

func (d *dataReader) key(db int, key string) {
	kind, _ := d.do("TYPE", key)
	expiry, _ := d.do("PEXPIRETIME", key)
	if !d.exact && expiry.Text != "-1" {
		expiry.Text = "some time"
	}
	line := fmt.Sprintf("db %d %s %s expires %s: ", db, quoteWord(key), kind.Text, expiry.Text)
	d.lines = append(d.lines, line+d.value(kind.Text, key))
}

// value reads a whole value; what has no order is sorted.
func (d *dataReader) value(kind, key string) string {
	switch kind {
	case "string":
		r, _ := d.do("GET", key)
		return oneLine(r)
	case "list":
		r, _ := d.do("LRANGE", key, "0", "-1")
		return oneLine(r)
	case "set":
		r, _ := d.do("SMEMBERS", key)
		return oneLine(sorted(r))
	case "zset":
		r, _ := d.do("ZRANGE", key, "0", "-1", "WITHSCORES")
		for i := 1; i < len(r.Items); i += 2 {
			r.Items[i].Text = canonicalDouble(r.Items[i].Text)
		}
		return oneLine(r)
	case "hash":
		return d.hash(key)
	case "stream":
		return d.stream(key)
	}
	return "?"
}

func (d *dataReader) hash(key string) string {
	r, _ := d.do("HGETALL", key)
	pairs := make([]string, 0, len(r.Items)/2)
	for i := 0; i+1 < len(r.Items); i += 2 {
		pair := quoteString(r.Items[i].Text) + "=" + quoteString(r.Items[i+1].Text)
		if d.exact {
			ttl, _ := d.do("HPEXPIRETIME", key, "FIELDS", "1", r.Items[i].Text)
			if len(ttl.Items) == 1 && ttl.Items[0].Text != "-1" {
				pair += "@" + ttl.Items[0].Text
			}
		}
		pairs = append(pairs, pair)
	}
	sort.Strings(pairs)
	return strings.Join(pairs, " ")
}

func (d *dataReader) stream(key string) string {
	r, _ := d.do("XINFO", "STREAM", key, "FULL", "COUNT", "0")
	return oneLine(d.lasting(r))
}

// passing are the fields of XINFO STREAM that tell of the structure, or of visits that left no trace in the data,
// and those that only later servers have.
var passing = map[string]bool{
	"radix-tree-keys": true, "radix-tree-nodes": true, "seen-time": true, "active-time": true,
	"idmp-duration": true, "idmp-maxsize": true, "pids-tracked": true, "iids-tracked": true,
	"iids-added": true, "iids-duplicates": true, "nacked-count": true,
}

// lasting drops the passing fields of XINFO STREAM FULL, and moments unless they are compared.
func (d *dataReader) lasting(r Reply) Reply {
	if r.Items == nil {
		return r
	}
	items := make([]Reply, 0, len(r.Items))
	for i := 0; i < len(r.Items); i++ {
		item := r.Items[i]
		if passing[item.Text] {
			i++
			continue
		}
		if !d.exact && item.Kind == ':' && len(item.Text) == len("1700000000000") {
			item.Text = "some time"
		}
		items = append(items, d.lasting(item))
	}
	r.Items = items
	return r
}

// canonicalDouble prints a double the shortest way: servers before 7.2 print 17 digits. The two zeros
// are one: small sorted sets keep scores as text and large ones as numbers, and only these know -0.
func canonicalDouble(s string) string {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return s
	}
	return strconv.FormatFloat(f+0, 'g', -1, 64)
}

func sorted(r Reply) Reply {
	items := append([]Reply(nil), r.Items...)
	sort.Slice(items, func(i, k int) bool { return oneLine(items[i]) < oneLine(items[k]) })
	r.Items = items
	return r
}

// sortedDeep sorts a reply's elements, and theirs.
func sortedDeep(r Reply) Reply {
	items := make([]Reply, len(r.Items))
	for i, item := range r.Items {
		items[i] = sortedDeep(item)
	}
	if r.Items != nil {
		r.Items = items
	}
	return sorted(r)
}

// oneLine prints a reply without line breaks.
func oneLine(r Reply) string {
	switch {
	case r.Null:
		return "nil"
	case r.Items == nil && (r.Kind == '$' || r.Kind == '+'):
		return quoteString(r.Text)
	case r.Items == nil && (r.Kind == '*' || r.Kind == '%' || r.Kind == '~'):
		return "[]"
	case r.Items == nil:
		return r.Text
	}
	words := make([]string, len(r.Items))
	for i, item := range r.Items {
		words[i] = oneLine(item)
	}
	return "[" + strings.Join(words, " ") + "]"
}

// Difference describes the first lines in which two readings differ; empty if they are equal.
func Difference(a, b string) string {
	if a == b || strings.HasPrefix(a, "refused:") || strings.HasPrefix(b, "refused:") {
		return ""
	}
	left, right := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := 0; ; i++ {
		x, y := "(nothing more)", "(nothing more)"
		if i < len(left) {
			x = left[i]
		}
		if i < len(right) {
			y = right[i]
		}
		if x != y {
			return fmt.Sprintf("\n  %.2000s\ninstead of\n  %.2000s", y, x)
		}
	}
}
