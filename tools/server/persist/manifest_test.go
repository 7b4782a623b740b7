package persist

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestManifestText(t *testing.T) {
	m := Manifest{
		Base:       &Part{"appendonly.aof.2.base.rdb", 2},
		History:    []Part{{"appendonly.aof.1.base.rdb", 1}},
		Increments: []Part{{"a b.2.incr.aof", 2}, {"appendonly.aof.3.incr.aof", 3}},
	}
	want := "file appendonly.aof.2.base.rdb seq 2 type b\n" +
		"file appendonly.aof.1.base.rdb seq 1 type h\n" +
		"file \"a b.2.incr.aof\" seq 2 type i\n" +
		"file appendonly.aof.3.incr.aof seq 3 type i\n"
	assert.Equal(t, want, string(m.Text()))
	again, err := ParseManifest(m.Text())
	require.NoError(t, err)
	assert.Equal(t, m, again)
}

func TestManifestFaults(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", "empty"},
		{"file a seq 1\n", "not of the form"},
		{"file a seq x type b\n", "not a sequence number"},
		{"file a seq 0 type b\n", "missing"},
		{"file ../a seq 1 type b\n", "plain file name"},
		{"file a seq 1 type x\n", "no file type"},
		{"file a seq 1 type b\nfile b seq 2 type b\n", "line 2: there is a second base"},
		{"file a seq 2 type i\nfile b seq 2 type i\n", "do not rise"},
		{"file " + strings.Repeat("a", 1100) + " seq 1 type b\n", "too long"},
		{"\n", "not of the form"},
	}
	for _, test := range tests {
		_, err := ParseManifest([]byte(test.text))
		require.Error(t, err, test.text)
		assert.Contains(t, err.Error(), test.want)
	}
	_, err := ParseManifest([]byte("# note\nTYPE i seq 7 file x later 1\n"))
	assert.NoError(t, err)
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte("file a seq 1 type b\nfile b seq 1 type i\n"))
	f.Add([]byte("file \"a\\x20\" seq 1 type h"))
	f.Add([]byte("#\n\x00"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := ParseManifest(text)
		if err != nil || m.Base == nil && len(m.Increments)+len(m.History) == 0 {
			return
		}
		again, err := ParseManifest(m.Text())
		require.NoError(t, err)
		require.Equal(t, m, again)
	})
}
