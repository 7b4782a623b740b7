//go:build !torture

package engine

// tidyEvery is how many blocks of a table inside a value are freed between two steps of compaction, so that
// a table that has shrunk gives its pages back.
const tidyEvery = 64

func (e *Engine) shake() {}
