package dict

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A Dict that was told how many entries come splits no segment while they do, and is a Dict like any other.
func TestReserve(t *testing.T) {
	for _, n := range []int{0, 10, 21, 500, 5000} {
		d := tiny(7)
		d.Reserve(n)
		depth := d.depth
		for i := range n {
			put(d, string(key(i)), "v")
		}
		assert.LessOrEqual(t, d.depth, depth+1, n)
		check(t, d)
		d.Reserve(10 * n) // too late
		check(t, d)
		for i := range n {
			d.Remove(d.Find(key(i)))
		}
		check(t, d)
		assert.Zero(t, d.Len())
	}
}
