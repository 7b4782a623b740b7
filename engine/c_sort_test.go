package engine_test

import (
	"math/rand/v2"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"riffle/engine/enginetest"
)

// TestSortAgainstGo sorts random numbers with random limits and compares with package sort.
func TestSortAgainstGo(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		h := enginetest.New(1)
		want := make([]int, 1+random.IntN(300))
		push := []string{"RPUSH", "l"}
		for i := range want {
			want[i] = random.IntN(200) - 100
			push = append(push, strconv.Itoa(want[i]))
		}
		h.Do("a", push...)
		sort.Ints(want)
		offset, count := random.IntN(len(want)), random.IntN(len(want))
		reply := h.Do("a", "SORT", "l", "LIMIT", strconv.Itoa(offset), strconv.Itoa(count))
		var got []string
		for _, item := range reply.Items {
			got = append(got, item.Text)
		}
		var text []string
		for _, n := range want[offset:min(offset+count, len(want))] {
			text = append(text, strconv.Itoa(n))
		}
		assert.Equal(t, text, got)
	}
}

// TestSortStoreOfSetsReplays: a set's own order is nobody's business, so a result that is kept may not
// depend on it.
func TestSortStoreOfSetsReplays(t *testing.T) {
	h := enginetest.New(1)
	for i := range 700 {
		h.Do("a", "SADD", "s", "member"+strconv.Itoa(i))
		h.Do("a", "SET", "weight_member"+strconv.Itoa(i), strconv.Itoa(i%3))
	}
	h.Compact() // so that the replay begins with tables of another history
	play(t, h, "SORT s BY nosort STORE one", "SORT s BY weight_* STORE two", "SORT s BY weight_* ALPHA STORE three",
		"SORT s BY nowhere_* ALPHA DESC LIMIT 5 20 GET # GET weight_* STORE four")
	assert.Equal(t, "(integer) 40", play(t, h, "LLEN four"))
	assert.True(t, strings.HasPrefix(play(t, h, "LRANGE one 0 1"), "1) \"member0\"\n2) \"member1\""))
	assert.NoError(t, h.LawOfReplay())
}
