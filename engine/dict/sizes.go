//go:build !torture

package dict

const (
	usualSplit = splitEntries
	usualPage  = PageSize
)

func scribble([]byte) {}
