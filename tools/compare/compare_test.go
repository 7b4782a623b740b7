package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// oraclePair starts both sides. Without a redis-server the test is skipped, except in CI, where one
// must be installed.
func oraclePair(t *testing.T) *pair {
	theirs, err := startOracle()
	if errors.Is(err, errNoOracle) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(theirs.stop)
	return &pair{ours: newSubject(), theirs: theirs}
}

func TestTranscriptsAgainstTheOracle(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			p := oraclePair(t)
			for _, p.resp = range []int{2, 3} {
				texts, err := p.compareFile(file)
				require.NoError(t, err)
				for _, text := range texts {
					t.Errorf("RESP%d, %s", p.resp, text)
				}
			}
		})
	}
}

// TestRandomCommandsAgainstTheOracle runs a slice of the random stream: the same one always, and one that is
// new every day. go run ./tools/compare runs more.
func TestRandomCommandsAgainstTheOracle(t *testing.T) {
	p := oraclePair(t)
	for _, seed := range []uint64{1, uint64(time.Now().Unix() / 86400)} {
		o := options{commands: 100_000, seed: seed, most: 3, until: time.Now().Add(18 * time.Second)}
		if testing.Short() {
			o.commands = 3_000
		}
		r, err := p.compareStream(o, func(text string) { t.Error(text) })
		require.NoError(t, err)
		t.Logf("seed %d: %v", seed, r)
	}
}

func TestSeventeenDigitsPrintAsTheOracleDoes(t *testing.T) {
	for x, want := range map[float64]string{
		0.1: "0.10000000000000001", 3: "3", 1e20: "1e+20", 2.5: "2.5", 1e-5: "1.0000000000000001e-05", 123456789: "123456789",
	} {
		assert.Equal(t, want, seventeen(x))
	}
}

func TestEveryRuleHasAReason(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rules {
		assert.NotEmpty(t, r.reason, r.command)
		assert.False(t, seen[r.command], "%s twice", r.command)
		seen[r.command] = true
	}
}

func TestSingleRulesHaveNoOrder(t *testing.T) {
	for _, row := range []struct {
		ours, theirs string
		alike        bool
	}{
		{"~a -@all +set +config|get", "~a -@all +config|get +set", true},
		{"+@all -config +config|get -get", "+@all -get -config +config|get", true},
		{"+@all +config|get -config", "+@all -config +config|get", false},
		{"+get -@all", "-@all +get", false},
		{"-@all +@read +get -set", "-@all +get +@read -set", false},
		{"~a ~b -@all", "~b ~a -@all", false},
	} {
		ours, theirs := reply{Kind: '$', Text: row.ours}, reply{Kind: '$', Text: row.theirs}
		assert.Equal(t, row.alike, alike(ours, theirs, treatment{kind: treatRules}), row.ours)
	}
}

func TestOverlapsThatTheOracleAnswersTwice(t *testing.T) {
	for line, want := range map[string]bool{
		"CLIENT TRACKING on BCAST PREFIX x PREFIX ab PREFIX a": true,
		"CLIENT tracking on PREFIX x prefix a PREFIX a BCAST":  true,
		"CLIENT TRACKING on BCAST PREFIX ab PREFIX a PREFIX x": false,
		"CLIENT TRACKING on BCAST PREFIX a PREFIX b PREFIX x":  false,
		"CLIENT": false,
	} {
		assert.Equal(t, want, answeredTwice(strings.Fields(line)), line)
	}
}

func TestDirectives(t *testing.T) {
	steps, err := parseScript("SMEMBERS s #sorted\nclient b\nSET k \"a #b\"\nGET x #number ~0.5\nraw \"*1\\r\\n\"\nhang b\n# comment\nGET y #ours (nil)")
	require.NoError(t, err)
	require.Len(t, steps, 6)
	assert.Equal(t, treatSorted, steps[0].how.kind)
	assert.Equal(t, []string{"SET", "k", "a #b"}, steps[1].args)
	assert.Equal(t, "b", steps[1].client)
	assert.Equal(t, 0.5, steps[2].how.within)
	assert.Equal(t, []byte("*1\r\n"), steps[3].raw)
	assert.True(t, steps[4].hang)
	assert.True(t, alike(reply{Kind: '$', Null: true}, reply{Kind: '-'}, steps[5].how))
	assert.False(t, alike(reply{Kind: '-', Text: "ERR"}, reply{Kind: '-', Text: "ERR"}, steps[5].how))
}
