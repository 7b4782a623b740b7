package engine_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"riffle/engine/enginetest"
)

// trackingLines are what TestLawOfTracking draws from; K is a key, P a prefix, and 2 is the id of client b.
var trackingLines = strings.Split(`CLIENT TRACKING ON
CLIENT TRACKING ON NOLOOP
CLIENT TRACKING ON OPTIN
CLIENT TRACKING ON OPTOUT
CLIENT TRACKING ON BCAST PREFIX P PREFIX P
CLIENT TRACKING ON BCAST NOLOOP
CLIENT TRACKING ON REDIRECT 2
CLIENT TRACKING OFF
CLIENT CACHING YES
CLIENT CACHING NO
CLIENT TRACKINGINFO
CLIENT GETREDIR
GET K
GET K
MGET K K
LRANGE lK 0 -1
SET K 1
SET K 1 PX 500
MSET K 1 K 2
DEL K lK
RPUSH lK x
BLPOP lK lK 1
XREAD BLOCK 500 STREAMS sK $
XADD sK * a b
MULTI
EXEC
RESET
FLUSHALL
SUBSCRIBE __redis__:invalidate
UNSUBSCRIBE
HELLO 2
HELLO 3
HELLO 3`, "\n")

// TestLawOfTracking sends clients through random caching, cut anyhow and handed over from engine to engine.
func TestLawOfTracking(t *testing.T) {
	keys := []string{"a", "ab", "abc", "b", "bcd"}
	for seed := range uint64(12) {
		random := rand.New(rand.NewPCG(seed, 5))
		h := enginetest.New(seed)
		for _, name := range []string{"a", "b", "c"} {
			h.Do(name, "HELLO", "3")
		}
		for range 200 {
			words := strings.Fields(trackingLines[random.IntN(len(trackingLines))])
			for i, word := range words {
				if end := word[len(word)-1]; end == 'K' && word != "BLOCK" || word == "P" {
					words[i] = word[:len(word)-1] + keys[random.IntN(len(keys))]
				}
			}
			h.Send(string(rune('a'+random.IntN(3))), words...)
			switch random.IntN(12) {
			case 0:
				require.NoError(t, h.HandOver(), "seed %d", seed)
			case 1:
				h.Advance(time.Duration(random.IntN(1000)) * time.Millisecond)
			}
		}
		require.NoError(t, h.LawOfCutting(), "seed %d", seed)
		require.NoError(t, h.LawOfReplay(), "seed %d", seed)
	}
}
