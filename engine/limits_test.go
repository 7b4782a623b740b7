package engine_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"riffle/engine/enginetest"
)

// TestHugeCountsTakeNoMemory: what a request asks for and does not exist takes no room. That the replies are the
// reference's is for tools/compare/testdata/limits.txt.
func TestHugeCountsTakeNoMemory(t *testing.T) {
	h := enginetest.New(1)
	play(t, h, "SET s hello", "RPUSH l a b c", "SADD t a b c", "HSET h f v", "ZADD z 1 a 2 b", "XADD x 1-1 a b",
		"GEOADD g 15 37 here", "XGROUP CREATE x grp 0")
	counts := []string{"9223372036854775807", "-9223372036854775807", "-9223372036854775808", "4294967295", "2147483648"}
	for _, form := range strings.Split(`GETRANGE s 0 N|SETRANGE s N x|GETBIT s N|BITCOUNT s 0 N|BITPOS s 1 N|BITFIELD s GET u8 N
LRANGE l 0 N|LINDEX l N|LPOS l a COUNT N MAXLEN N|LREM l N x|LMPOP N l LEFT|LMPOP 1 none LEFT COUNT N|LPOP none N
SRANDMEMBER t N|SPOP none N|SINTERCARD N t|HRANDFIELD h N|HRANDFIELD h N WITHVALUES|ZRANDMEMBER z N|ZRANGE z 0 N
ZRANGE z 0 9 BYSCORE LIMIT 0 N|ZPOPMIN none N|ZMPOP N z MIN|ZUNION N z|ZUNIONSTORE d N z|SCAN 0 COUNT N|SSCAN t 0 COUNT N
HSCAN h 0 COUNT N|ZSCAN z 0 COUNT N|XRANGE x - + COUNT N|XREAD COUNT N STREAMS x 0|XREADGROUP GROUP grp c COUNT N STREAMS x >
XAUTOCLAIM x grp c 0 0 COUNT N|XPENDING x grp - + N|XTRIM x MAXLEN ~ N LIMIT N|XINFO STREAM x FULL COUNT N|SORT l LIMIT 0 N ALPHA
GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 9 km COUNT N ASC|EVAL "return 1" N|FCALL f N|SLOWLOG GET N|ACL LOG N
LMOVEM l d LEFT RIGHT N|XDELEX x IDS N 1-1|HTTL h FIELDS N f|MSETEX N k v`, "|") {
		for _, count := range counts {
			for line := range strings.SplitSeq(strings.ReplaceAll(form, "N\n", "N|"), "|") {
				line = strings.TrimSpace(line)
				words, err := enginetest.Split(strings.ReplaceAll(line, " N", " "+count))
				assert.NoError(t, err)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				h.Send("a", words...)
				runtime.ReadMemStats(&after)
				assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20), "%s", words)
				assert.Len(t, h.Take("a"), 1, "%s", words)
			}
		}
	}
}

// FuzzFeed gives the engine any bytes: it never panics, and where the host has cut them makes no difference.
func FuzzFeed(f *testing.F) {
	for _, seed := range []string{
		"PING\r\n", "*1\r\n$4\r\nPING\r\n", "*-1\r\n", "*0\r\n\r\n", "*1\r\n$-1\r\n", "*2147483648\r\n", "*1\r\n$536870913\r\n",
		"SET a \"\\x00\\\"b\"\r\nGET a\r\n", "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$5\r\nhello\r\nGET a\n", "POST / HTTP/1.1\r\nHost: x\r\n",
		"MULTI\r\nINCR a\r\nnosuch\r\nEXEC\r\n", "HELLO 3\r\nHGETALL h\r\n", "SUBSCRIBE c\r\nGET a\r\nPING\r\n", "*1\r\n+PING\r\n",
		"EVAL \"return {1,{2}}\" 0\r\n", "ZADD z nan a\r\nZADD z inf a\r\nZINCRBY z -inf a\r\n", "XADD x * a b\r\nXRANGE x - +\r\n",
		"BITFIELD b SET u8 #1 255 OVERFLOW FAIL INCRBY i64 0 9223372036854775807\r\n", "PFADD p a\r\nGETRANGE p 0 -1\r\n",
		"CLIENT TRACKING ON BCAST\r\nSET a b\r\n", "BLPOP l 0\r\nLPUSH l a\r\n", "COMMAND GETKEYS EVAL x 9 a\r\n", "QUIT\r\nPING\r\n",
	} {
		f.Add([]byte(seed), uint8(len(seed)/2))
	}
	f.Fuzz(func(t *testing.T, input []byte, cut uint8) {
		at := min(int(cut), len(input))
		outputs := [2]string{}
		for i, parts := range [][][]byte{{input}, {input[:at], input[at:]}} {
			h := enginetest.New(1, "proto-max-bulk-len", "1048576")
			for _, part := range parts {
				h.Feed("a", part)
			}
			outputs[i] = fmt.Sprintf("%q", h.TakeBytes("a"))
			h.Do("b", "PING")
		}
		assert.Equal(t, outputs[0], outputs[1])
	})
}
