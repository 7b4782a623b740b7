//go:build torture

package dict

// With the build tag torture every Dict is like those of this package's own tests: a few entries split a
// segment and fill a page. And what is freed is written over, so that a view or a Ref that is used after
// its time reads nonsense instead of what luckily still stands there.
const (
	usualSplit = 20
	usualPage  = 512
)

func scribble(p []byte) {
	for i := range p {
		p[i] = 0xdb
	}
}
