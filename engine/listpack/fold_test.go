package listpack

import (
	"fmt"
	"math/rand"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pack returns a listpack of the elements.
func pack(elements ...string) []byte {
	lp := New()
	for _, s := range elements {
		lp = Append(lp, []byte(s))
	}
	return lp
}

func numberedTexts(format string, n int) []string {
	elements := make([]string, n)
	for i := range elements {
		elements[i] = fmt.Sprintf(format, i)
	}
	return elements
}

// streamLike returns elements as those of a stream node's entries.
func streamLike(n int) []string {
	elements := []string{strconv.Itoa(n), "0", "2", "name", "value", "0"}
	for i := range n {
		elements = append(elements, "2", strconv.Itoa(i), "0", "n"+strconv.Itoa(9990+i),
			strconv.Itoa(100000+i), "5")
	}
	return elements
}

func TestFoldSavesWhatElementsShare(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	noise := make([]string, 200)
	for i := range noise {
		noise[i] = strconv.FormatUint(random.Uint64(), 36)
	}
	tests := map[string]struct {
		elements []string
		stride   int
		most     int // bytes
	}{
		"numbered":             {numberedTexts("item:%06d", 600), 4, 1900},
		"equal":                {slices.Repeat([]string{"xxx"}, 1600), 4, 1100},
		"a stream":             {streamLike(100), 6, 650},
		"numbers":              {numberedTexts("%d", 5000), 4, 15000},
		"long heads":           {numberedTexts(strings.Repeat("https://example.com/", 3)+"%d", 100), 4, 1500},
		"very long heads":      {numberedTexts(strings.Repeat("https://example.com/", 30)+"%d", 100), 4, 36000},
		"long and of one size": {numberedTexts(strings.Repeat("long", 50)+"%03d", 100), 4, 4000},
		"in the middle":        {numberedTexts("a%03d"+strings.Repeat("z", 100), 100), 4, 2000},
		"noise":                {noise, 4, 0},
		"too few":              {[]string{"a", "a"}, 4, 0},
		"none":                 {nil, 4, 0},
	}
	for name, test := range tests {
		lp := pack(test.elements...)
		folded, ok := Fold(make([]byte, 3000), lp, test.stride)
		assert.Equal(t, test.most > 0, ok, name)
		if !ok {
			continue
		}
		assert.Less(t, len(folded), test.most, name)
		assert.True(t, Folded(folded), name)
		assert.False(t, Folded(lp), name)
		assert.Equal(t, len(lp), UnfoldedSize(folded), name)
		assert.Equal(t, len(test.elements), Len(folded), name)
		require.Equal(t, lp, Unfold(folded), name)
	}
}

// Whatever a listpack holds, and however a foreign encoder has spelled it, it comes back byte for byte.
func FuzzFold(f *testing.F) {
	for _, elements := range [][]string{streamLike(20), numberedTexts("item:%d", 30), numberedTexts("%d", 140),
		numberedTexts(strings.Repeat("x", 60)+"%d", 120), {"", "a", "", "-1", "70000", "", "a", "007"}} {
		f.Add(pack(elements...), byte(4))
		f.Add(pack(elements...), byte(6))
	}
	f.Fuzz(func(t *testing.T, lp []byte, stride byte) {
		if stride < MinStride || !Valid(lp) {
			return
		}
		folded, ok := Fold(nil, lp, int(stride))
		if ok {
			require.Equal(t, lp, Unfold(folded))
		}
		again, okAgain := FoldRecords(nil, lp, int(stride), recordEnds(lp, int(stride)))
		require.Equal(t, ok, okAgain)
		require.Equal(t, folded, again, "where records end is known, or found")
	})
}

// recordEnds returns where the records of a listpack end, from the second on.
func recordEnds(lp []byte, stride int) (ends []int) {
	for pos, n := headerSize, 1; pos < len(lp)-1; n++ {
		if pos = skip(lp, pos); n > stride && (n%stride == 0 || pos == len(lp)-1) {
			ends = append(ends, pos)
		}
	}
	return ends
}

func BenchmarkFold(b *testing.B) {
	shapes := map[string]struct {
		lp     []byte
		stride int
	}{
		"list": {pack(numberedTexts("item:%06d", 600)...), 4}, "stream": {pack(streamLike(100)...), 6},
		"equal": {pack(slices.Repeat([]string{"xxx"}, 1600)...), 4},
	}
	for name, shape := range shapes {
		b.Run(name, func(b *testing.B) {
			var folded []byte
			for b.Loop() {
				folded, _ = Fold(folded[:0], shape.lp, shape.stride)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*Len(shape.lp)), "ns/element")
		})
		b.Run(name+"/undo", func(b *testing.B) {
			folded, _ := Fold(nil, shape.lp, shape.stride)
			for b.Loop() {
				Unfold(folded)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*Len(shape.lp)), "ns/element")
		})
	}
}
