package persist

import (
	"regexp"
	"strconv"
)

// temporary is the name of a snapshot or a base that is not finished, here and in the reference: with the
// process that writes it. A finished one has another name, so none is ever the only copy of anything.
var temporary = regexp.MustCompile(`^temp-(?:rewriteaof-bg-|rewriteaof-)?(\d+)(?:-final)?\.(?:rdb|aof)$`)

// RemoveTemporaries deletes what killed processes left half written in the data directory, and returns the
// names. writes says whether a process may still be at work: a stock server takes no notice of our lock.
func RemoveTemporaries(files Files, writes func(pid int) bool) (removed []string, err error) {
	names, err := files.List("")
	for _, name := range names {
		found := temporary.FindStringSubmatch(name)
		if found == nil {
			continue
		}
		if pid, _ := strconv.Atoi(found[1]); writes(pid) {
			continue
		}
		if failed := files.Remove(name); failed != nil {
			err = failed
			continue
		}
		removed = append(removed, name)
	}
	return removed, err
}
