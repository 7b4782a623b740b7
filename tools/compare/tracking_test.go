package main

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// trackingLines are what TestRandomTrackingAgainstTheOracle draws from. K is a key, P a prefix. A message that
// is redirected to whom a command runs for comes before its reply in 7.0 and inside an EXEC's; since 7.2 it
// comes after it. So whom others redirect to only listens.
var trackingLines = strings.Split(strings.TrimSpace(`
CLIENT TRACKING ON
CLIENT TRACKING ON
CLIENT TRACKING ON NOLOOP
CLIENT TRACKING ON OPTIN
CLIENT TRACKING ON OPTOUT NOLOOP
CLIENT TRACKING ON BCAST
CLIENT TRACKING ON BCAST PREFIX P
CLIENT TRACKING ON BCAST NOLOOP PREFIX P PREFIX P
CLIENT TRACKING ON REDIRECT @id:t
CLIENT TRACKING ON BCAST REDIRECT @id:t
CLIENT TRACKING OFF
CLIENT TRACKING OFF
CLIENT CACHING YES
CLIENT CACHING NO
CLIENT TRACKINGINFO #number ~1e9
GET K
GET K
GET K
MGET K K K
STRLEN K
EXISTS K
SET K 1
SET K 2
SETNX K 1
APPEND K x
GETDEL K
GETEX K EX 1000
PERSIST K
EXPIRE K -1
MSET K 1 K 2
DEL K
DEL K K
RENAME K K
COPY K K
MULTI
EXEC
DISCARD
WATCH K
RESET
FLUSHDB
nosuch
HELLO 2
HELLO 3
HELLO 3`), "\n")

// TestRandomTrackingAgainstTheOracle compares what clients are told that cache what they read.
func TestRandomTrackingAgainstTheOracle(t *testing.T) {
	p := oraclePair(t)
	keys, prefixes := []string{"a", "ab", "abc", "b", "bcd", "c"}, []string{"a", "ab", "abc", "b", "bc", "x"}
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 7))
		pick := func(from []string) string { return from[random.IntN(len(from))] }
		p.resp = 2 + int(seed)%2
		text := "client t\nPING\n"
		if seed%3 == 0 {
			text = "client t\nresp3\n"
		}
		for range 400 {
			words := strings.Fields(pick(trackingLines))
			for i, word := range words {
				switch word {
				case "K":
					words[i] = pick(keys)
				case "P":
					words[i] = pick(prefixes)
				}
			}
			text += "client " + pick([]string{"u", "v", "w"}) + "\n" + strings.Join(words, " ") + "\n"
		}
		steps, err := parseScript(text)
		require.NoError(t, err)
		diff, err := p.run(steps)
		require.NoError(t, err)
		if diff != nil {
			var lines []string
			for _, s := range steps[max(0, diff.step-60) : diff.step+1] {
				lines = append(lines, s.String())
			}
			t.Fatalf("seed %d\n%s\n%s", seed, strings.Join(lines, "\n"), diff.text)
		}
	}
}
