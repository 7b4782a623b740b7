package settings

import "strings"

// manyWords are the parameters whose value is several words; all others take exactly one.
var manyWords = map[string]bool{
	"bind": true, "save": true, "client-output-buffer-limit": true, "oom-score-adj-values": true,
	"user": true, "rename-command": true, "loadmodule": true, "replicaof": true, "slaveof": true,
	"shutdown-on-sigint": true, "shutdown-on-sigterm": true, "latency-tracking-info-percentiles": true,
}

// Merge joins directives that add up (save, client-output-buffer-limit) into one each and keeps of
// every other name the last, in the order in which the names first appear.
func Merge(all []Directive) ([]Directive, error) {
	at := map[string]int{}
	var merged []Directive
	for _, d := range all {
		if len(d.Args) != 1 && !manyWords[d.Name] {
			return nil, d.Refuse("wrong number of arguments")
		}
		i, seen := at[d.Name]
		switch {
		case d.Name == "user":
			merged = append(merged, d) // each line is a user of its own
		case !seen:
			at[d.Name] = len(merged)
			merged = append(merged, d)
		case addsUp(d) && !(len(merged[i].Args) == 1 && merged[i].Args[0] == ""):
			d.Args = append(merged[i].Args[:len(merged[i].Args):len(merged[i].Args)], d.Args...)
			merged[i] = d
		default:
			merged[i] = d
		}
	}
	return merged, nil
}

// addsUp: `save ""` takes back all save points before it, every other save adds one.
func addsUp(d Directive) bool {
	switch d.Name {
	case "save", "client-output-buffer-limit", "rename-command":
		return !(len(d.Args) == 1 && strings.TrimSpace(d.Args[0]) == "")
	}
	return false
}
