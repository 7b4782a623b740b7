//go:build !torture

package engine

// tidyEvery is how many blocks of a table inside a value are freed between two steps of compaction, so that
// a table that has shrunk gives its pages back; two parts in holesPart of the table must be idle then.
const (
	tidyEvery = 64
	holesPart = 3
)

// foldDepth is how many nodes at either end of a list are not folded: what is pushed, popped and read there
// is mostly in them.
const foldDepth = 4

func (e *Engine) shake() {}
