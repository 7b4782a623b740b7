package engine_test

import (
	"flag"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"riffle/engine/enginetest"
)

var rewrite = flag.Bool("rewrite", false, "write the transcripts anew with what the engine prints")

// TestTranscripts plays every file of testdata, see enginetest.Transcript for what they say.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			enginetest.RunTranscript(t, file, *rewrite)
		})
	}
}
