//go:build torture

package engine

// With the build tag torture every request is followed by compaction, and tables inside values are
// compacted whenever something is removed from them; see engine/dict for what else the tag does. All that
// clients see must stay as it is.

const (
	tidyEvery = 1
	holesPart = 1 << 30
	foldDepth = 1
)

// shake moves blocks of every keyspace.
func (e *Engine) shake() {
	for _, db := range e.dbs {
		db.compact()
	}
}
