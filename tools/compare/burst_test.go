package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestBurstsSeeWhatStepsSee plays cases both ways. Sorting a sorted set gives it another form in the oracle alone.
func TestBurstsSeeWhatStepsSee(t *testing.T) {
	p := oraclePair(t)
	for text, agree := range map[string]bool{
		"SET k v\nGET k\nnosuch":                               true,
		"ZADD z 1 a 2 b\nSORT z ALPHA\nOBJECT ENCODING z":      false,
		"MULTI\nINCR n\nZADD z 1 a\nEXEC\nBLPOP none 0\nGET n": true,
		"SET k v\nQUIT\nGET k":                                 true,
		"SADD s a b c d\nSMEMBERS s\nSRANDMEMBER s":            true,
	} {
		for _, p.resp = range []int{2, 3} {
			steps, err := parseScript(text)
			require.NoError(t, err)
			agreed, err := p.agree(steps)
			require.NoError(t, err)
			assert.Equal(t, agree, agreed, text)
			diff, err := p.run(steps)
			require.NoError(t, err)
			assert.Equal(t, agree, diff == nil, text)
		}
	}
}

func TestBurstsEndWhereASideMustBeAsked(t *testing.T) {
	long := strings.Repeat("GET k\n", burstMost+1)
	for text, want := range map[string]int{
		"GET k\nGET k":                         2,
		"RESTORE k 0 @dump:h\nGET k":           2,
		"GET k\nRESTORE k 0 @dump:h":           1,
		"GET k\nFUNCTION RESTORE @functions":   1,
		"GET k\npause 1ms\nGET k":              2,
		"GET k\nclient x\nSET k v PX 1\nGET k": 1,
		long:                                   burstMost,
	} {
		steps, err := parseScript(text)
		require.NoError(t, err)
		assert.Equal(t, want, burst(steps), text)
	}
	assert.True(t, alone([]step{{client: "a", args: []string{"GET"}}, {client: passing, args: []string{"SET"}}}))
	assert.False(t, alone([]step{{client: "a", args: []string{"GET"}}, {client: "b", args: []string{"SET"}}}))
	assert.False(t, alone([]step{{client: "a", pause: time.Second}}))
}
