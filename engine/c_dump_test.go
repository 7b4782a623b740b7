package engine_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"riffle/engine/enginetest"
	"riffle/engine/rdb"
)

// TestDumpIsTheReferences compares payloads with those that redis-server 7.0.15 wrote.
func TestDumpIsTheReferences(t *testing.T) {
	for _, test := range []struct{ do, want string }{
		{"SET k hello", `"\x00\x05hello\n\x00cr\xdfve4 \n"`},
		{"SET k 42", `"\x00\xc0*\n\x00\x81\xfb\\\xfa\x86cOP"`},
		{"SET k -129", "\"\\x00\\xc1\\x7f\\xff\\n\\x00\\x17`\\x82(T\\x80\\x84\\x80\""},
		{"SET k 70000", `"\x00\xc2p\x11\x01\x00\n\x00\x01\xa4\b\xfe\x950\x95\xa5"`},
		{"SET k 5000000000", `"\x00\n5000000000\n\x00i\xa9\x0f\xd5~\x0f\xf4%"`},
		{`SET k ""`, `"\x00\x00\n\x00]\x9b\\@\x0f\x7f\xa2\xda"`},
		{"SETRANGE k 0 123", `"\x00\xc0{\n\x00H\xe2S\xe1\x00zg\xb9"`},
		{"RPUSH k a 1 bcd", `"\x12\x01\x02\x11\x11\x00\x00\x00\x03\x00\x81a\x02\x01\x01\x83bcd\x04\xff\n\x00\x99X0\x8b\x15?\xf4\x8e"`},
		{"HSET k f v g 12", `"\x10\x12\x12\x00\x00\x00\x04\x00\x81f\x02\x81v\x02\x81g\x02\x0c\x01\xff\n\x00\xde\x139\x93\xf7\x83\x81~"`},
	} {
		h := enginetest.New(1)
		play(t, h, test.do)
		assert.Equal(t, test.want, play(t, h, "DUMP k"), test.do)
		before := h.Read()
		play(t, h, "COPY k saved", "DEL k", "RESTORE k 0 "+test.want, "DEL saved")
		assert.Equal(t, before, h.Read())
	}
}

// FuzzRestore gives RESTORE payloads with a right checksum and anything before it. What it takes must be
// a value like any other: the law holds for it.
func FuzzRestore(f *testing.F) {
	f.Add([]byte("\x00\x05hello"))
	f.Add([]byte("\x12\x01\x02\x11\x11\x00\x00\x00\x03\x00\x81a\x02\x01\x01\x83bcd\x04\xff"))
	f.Add([]byte("\x10\x12\x12\x00\x00\x00\x04\x00\x81f\x02\x81v\x02\x81g\x02\x0c\x01\xff"))
	f.Add([]byte("\x01\x02\x01a\x01b"))
	f.Add([]byte("\x02\x02\x01a\x01b"))
	f.Add([]byte("\x04\x01\x01f\x01v"))
	f.Add([]byte("\x05\x01\x01m\x00\x00\x00\x00\x00\x00\xf0?"))
	f.Add([]byte("\x0b\x0a\x02\x00\x00\x00\x01\x00\x00\x00\x07\x00"))
	f.Add([]byte("\x00\xc3\x05@d\x00a\xe0Z\x00"))
	f.Add([]byte("\x04\x00"))
	f.Add([]byte{})
	for _, body := range dumps(f) {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		h := enginetest.New(1)
		payload := rdb.AppendDumpFooter(append([]byte(nil), body...), 0)
		reply := h.Do("a", "RESTORE", "k", "0", string(payload))
		if reply.Kind == '-' {
			assert.Contains(t, []string{"ERR Bad data format", "ERR DUMP payload version or checksum are wrong"}, reply.Text)
			assert.Equal(t, "0", h.Do("a", "EXISTS", "k").Text)
			return
		}
		before := h.Read()
		h.Do("a", "RENAME", "k", "j")
		h.Do("a", "COPY", "j", "k")
		h.Do("a", "DEL", "j")
		assert.Equal(t, before, h.Read())
		assert.NoError(t, h.LawOfReplay())
	})
}

// dumps makes payloads of every type, small and large, without their footers.
func dumps(t enginetest.T) (bodies [][]byte) {
	long := strings.Repeat("x", 70)
	for _, commands := range []string{
		"SET k 12345", "SET k " + long + long, "SETRANGE k 3000 x", "RPUSH k a 1 " + long, "SADD k 1 2 70000", "SADD k a b " + long,
		"HSET k f v g " + long, "HSET k f v|HPEXPIRE k 100000 FIELDS 1 f", "ZADD k 1 a 2.5 b", "ZADD k inf a -inf " + long,
		"PFADD k a b c", "XADD k 1-1 f v|XADD k 2-1 f v g w|XDEL k 1-1", "GEOADD k 13 38 a",
		"XADD k 1-1 f v|XGROUP CREATE k g 0|XREADGROUP GROUP g c STREAMS k >|XGROUP CREATECONSUMER k g d|XADD k 3-1 a b",
	} {
		for _, large := range []bool{false, true} {
			h := enginetest.New(1)
			for command := range strings.SplitSeq(commands, "|") {
				h.Do("a", strings.Fields(command)...)
			}
			if large {
				growKey(h)
			}
			payload := h.Do("a", "DUMP", "k").Text
			if len(payload) < 10 {
				t.Fatalf("%s: no payload", commands)
			}
			bodies = append(bodies, []byte(payload[:len(payload)-10]))
		}
	}
	return bodies
}

// growKey adds so many elements to the key k that it is no longer packed.
func growKey(h *enginetest.Harness) {
	for i := range 600 {
		n := strconv.Itoa(i)
		switch h.Do("a", "TYPE", "k").Text {
		case "list":
			h.Do("a", "RPUSH", "k", "element that takes some room "+n)
		case "set":
			h.Do("a", "SADD", "k", n)
		case "hash":
			h.Do("a", "HSET", "k", n, n)
		case "zset":
			h.Do("a", "ZADD", "k", n, n)
		case "stream":
			h.Do("a", "XADD", "k", "9-"+strconv.Itoa(i+1), "f", n)
		}
	}
}
