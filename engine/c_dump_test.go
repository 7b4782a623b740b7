package engine_test

import (
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
