package engine_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"riffle/engine"
	"riffle/engine/enginetest"
)

func TestGenericEffects(t *testing.T) {
	const hello = `"\x00\x05hello\n\x00cr\xdfve4 \n"`
	for _, test := range []struct{ before, do, want string }{
		{"SET k 1", "DEL k none", "DEL k none"},
		{"SET k 1", "DEL none", ""},
		{"SET k 1", "UNLINK k", "UNLINK k"},
		{"SET k 1", "EXPIRE k 10", "PEXPIREAT k 1700000010000"},
		{"SET k 1", "PEXPIRE k 10", "PEXPIREAT k 1700000000010"},
		{"SET k 1", "EXPIREAT k 1800000000", "PEXPIREAT k 1800000000000"},
		{"SET k 1", "PEXPIREAT k 1800000000000", "PEXPIREAT k 1800000000000"},
		{"SET k 1", "EXPIRE k 10 XX", ""},
		{"SET k 1", "EXPIRE k 0", "DEL k"},
		{"SET k 1", "PEXPIREAT k 1 GT", ""},
		{"SET k 1", "PERSIST k", ""},
		{"SET k 1 EX 5", "PERSIST k", "PERSIST k"},
		{"SET k 1", "RENAME k j", "RENAME k j"},
		{"SET k 1", "RENAME k k", ""},
		{"MSET k 1 j 2", "RENAMENX k j", ""},
		{"SET k 1", "COPY k j", "COPY k j"},
		{"MSET k 1 j 2", "COPY k j", ""},
		{"SET k 1", "MOVE k 1", "MOVE k 1"},
		{"", "RESTORE k 0 " + hello, "RESTORE k 0 " + hello},
		{"SET k 1", "RESTORE k 1000 " + hello + " REPLACE", "RESTORE k 1700000001000 " + hello + " REPLACE ABSTTL"},
		{"SET k 1", "RESTORE k 1000 " + hello + " REPLACE ABSTTL", "DEL k"},
		{"", "RESTORE k 1000 " + hello + " ABSTTL", ""},
		{"RPUSH l 2 1", "SORT l", ""},
		{"RPUSH l 2 1", "SORT l STORE d", "SORT l STORE d"},
		{"SET d 1", "SORT l STORE d", "SORT l STORE d"},
		{"", "SORT l STORE d", ""},
	} {
		h := enginetest.New(1)
		if test.before != "" {
			play(t, h, test.before)
		}
		assert.Equal(t, test.want, effects(t, h, test.do), "%s; %s", test.before, test.do)
		h.CheckLaw(t)
	}
}

// events runs lines and returns the keyspace events of the last one, in order, that are of the classes.
func events(t *testing.T, classes string, lines ...string) string {
	t.Helper()
	h := enginetest.New(1, "notify-keyspace-events", classes)
	h.Send("listener", "PSUBSCRIBE", "__keyevent@*")
	for _, line := range lines {
		h.Take("listener")
		play(t, h, line)
	}
	var out []string
	for _, message := range h.Take("listener") {
		channel := message.Items[2].Text
		out = append(out, channel[strings.LastIndexByte(channel, ':')+1:]+" "+message.Items[3].Text)
	}
	return strings.Join(out, ", ")
}

func TestEventsOfKeys(t *testing.T) {
	for _, test := range []struct{ do, want string }{
		{"SET k 1", "set k"},
		{"SET k 1 EX 5", "set k, expire k"},
		{"SET k 1;SET k 2 NX", ""},
		{"SET k 1;GETSET k 2", "set k"},
		{"SET k 1;GETDEL k", "del k"},
		{"SET k 1;GETEX k EX 5", "expire k"},
		{"SET k 1;GETEX k EXAT 5", "del k"},
		{"SET k 1 EX 5;GETEX k PERSIST", "persist k"},
		{"MSET a 1 b 2", "set a, set b"},
		{"DECRBY k 1", "incrby k"},
		{"INCRBYFLOAT k 1", "incrbyfloat k"},
		{"APPEND k x", "append k"},
		{"SETRANGE k 0 x", "setrange k"},
		{"SET k 1;EXPIRE k 10", "expire k"},
		{"SET k 1;EXPIRE k -10", "del k"},
		{"SET k 1;RENAME k j", "rename_from k, rename_to j"},
		{"SET k 1;RENAME k k", ""},
		{"SET k 1;COPY k j", "copy_to j"},
		{"SET k 1;MOVE k 1", "move_from k, move_to k"},
		{`RESTORE k 0 "\x00\x05hello\n\x00cr\xdfve4 \n"`, "restore k"},
		{"RPUSH l 1;SORT l STORE d", "sortstore d"},
		{"SET d 1;SORT l STORE d", "del d"},
		{"MSET a 1 b 2;DEL a none b", "del a, del b"},
	} {
		assert.Equal(t, test.want, events(t, "EA", strings.Split(test.do, ";")...), test.do)
	}
}

func TestEventsOfNewKeys(t *testing.T) {
	for _, test := range []struct{ do, want string }{
		{"SET k 1", "new k, set k"},
		{"SET k 1;SET k 2", "set k"},
		{"SETRANGE k 1 x", "new k, setrange k"},
		{"MSET a 1 b 2", "new a, set a, new b, set b"},
		{"SET k 1;RENAME k j", "new j, rename_from k, rename_to j"},
		{"MSET k 1 j 2;RENAME k j", "new j, rename_from k, rename_to j"},
		{"SET k 1;COPY k j", "new j, copy_to j"},
		{"SET k 1;MOVE k 1", "new k, move_from k, move_to k"},
		{"RPUSH l 1", "new l, rpush l"},
		{"RPUSH l 1;RPUSH l 1", "rpush l"},
		{"RPUSH l 1;SORT l STORE d", "new d, sortstore d"},
		{"RPUSH l 1;SET d 1;SORT l STORE d", "sortstore d"},
	} {
		assert.Equal(t, test.want, events(t, "EAn", strings.Split(test.do, ";")...), test.do)
	}
}

// TestMovedValuesWakeClients: whatever puts a list under a key serves those who wait there.
func TestMovedValuesWakeClients(t *testing.T) {
	for _, do := range []string{"RENAME l k", "RENAMENX l k", "COPY l k", "SORT l STORE k", "MOVE k 0"} {
		h := enginetest.New(1)
		h.Send("waiter", "BLPOP", "k", "0")
		if strings.HasPrefix(do, "MOVE") {
			play(t, h, "SELECT 1", "RPUSH k 1")
		} else {
			play(t, h, "RPUSH l 1")
		}
		require.Empty(t, h.Take("waiter"))
		play(t, h, do)
		served := h.Take("waiter")
		require.Len(t, served, 1, do)
		assert.Equal(t, "k", served[0].Items[0].Text)
	}
}

// TestLargeValuesMove hands an object from key to key and database to database: it must stay whole,
// keep its expiry and be counted once.
func TestLargeValuesMove(t *testing.T) {
	h := enginetest.New(1)
	for i := range 600 {
		h.Do("a", "HSET", "big", "field"+strconv.Itoa(i), strings.Repeat("v", 20))
	}
	play(t, h, "EXPIRE big 1000")
	want := play(t, h, "DEBUG DIGEST-VALUE big")
	for _, do := range []string{
		"RENAME big other", "SET small 1", "RENAME small big", "RENAME other big", "MOVE big 1", "SELECT 1",
		"COPY big second", "RENAME second third", "COPY big second", "RENAME second third", "DEL big",
		"COPY third big REPLACE", "COPY third big REPLACE", "SET third x", "MOVE big 0", "SELECT 0",
	} {
		play(t, h, do)
	}
	assert.Equal(t, want, play(t, h, "DEBUG DIGEST-VALUE big"))
	assert.Equal(t, "(integer) 1000", play(t, h, "TTL big"))
	assert.Equal(t, "(integer) 600", play(t, h, "HLEN big"))
	h.CheckLaw(t)
}

// TestSnapshotSeesKeysBeforeTheyMove renames keys while a snapshot is half written.
func TestSnapshotSeesKeysBeforeTheyMove(t *testing.T) {
	h := enginetest.New(1)
	for i := range 300 {
		h.Do("a", "SET", "k"+strconv.Itoa(i), strings.Repeat("v", i))
	}
	want := enginetest.Read(h.Engine, h.Now)
	picture := h.Engine.Snapshot(h.Now)
	var image []byte
	for i, done := 0, false; !done; i++ {
		chunk, last := picture.Next(64)
		image, done = append(image, chunk...), last
		h.Do("a", "RENAME", "k"+strconv.Itoa(i%300), "k"+strconv.Itoa(i*7%300))
		h.Do("a", "SET", "k"+strconv.Itoa(i*3%300), "changed", "EX", "100")
		h.Do("a", "MOVE", "k"+strconv.Itoa(i*5%300), "1")
	}
	e := engine.New(engine.Config{})
	require.NoError(t, enginetest.Load(e, h.Now, image, 100))
	assert.Equal(t, want, enginetest.Read(e, h.Now))
}

func TestIdleTime(t *testing.T) {
	h := enginetest.New(1)
	play(t, h, "SET k 1")
	h.Advance(70e9)
	assert.Equal(t, "(integer) 70", play(t, h, "TTL k", "TYPE k", "EXISTS k", "OBJECT IDLETIME k"))
	assert.Equal(t, "(integer) 0", play(t, h, "TOUCH k", "OBJECT IDLETIME k"))
	h.Advance(5e9)
	assert.Equal(t, "(integer) 5", play(t, h, "OBJECT IDLETIME k"))
	assert.Equal(t, "(integer) 0", play(t, h, "RENAME k j", "OBJECT IDLETIME j"))
	play(t, h, `RESTORE r 0 "\x00\x05hello\n\x00cr\xdfve4 \n" IDLETIME 90`)
	assert.Equal(t, "(integer) 90", play(t, h, "OBJECT IDLETIME r"))
}

// TestExpiredKeysAreNotListed looks at keys that are past their expiry and not deleted yet.
func TestExpiredKeysAreNotListed(t *testing.T) {
	h := enginetest.New(1)
	for i := range 50 {
		h.Do("a", "SET", "gone"+strconv.Itoa(i), "1", "PX", "1")
	}
	play(t, h, "SET here 1")
	h.Now += 1e6 // without the timer that would delete them
	assert.Equal(t, `1) "here"`, play(t, h, "KEYS *"))
	assert.Equal(t, "1) \"0\"\n2) 1) \"here\"", play(t, h, "SCAN 0 COUNT 1000"))
	for range 20 {
		assert.Equal(t, `"here"`, play(t, h, "RANDOMKEY"))
	}
	h.CheckLaw(t)
}

// TestScanSeesEveryKey scans while keys come and go: what stays is returned.
func TestScanSeesEveryKey(t *testing.T) {
	h := enginetest.New(1)
	for i := range 1000 {
		h.Do("a", "SET", "stays"+strconv.Itoa(i), "1")
	}
	seen, cursor := map[string]bool{}, "0"
	for i := 0; ; i++ {
		page := h.Do("a", "SCAN", cursor, "COUNT", "7")
		for _, key := range page.Items[1].Items {
			seen[key.Text] = true
		}
		for j := range 20 {
			h.Do("a", "SET", "passing"+strconv.Itoa(i*20+j), "1")
			h.Do("a", "DEL", "passing"+strconv.Itoa((i-3)*20+j))
		}
		if cursor = page.Items[0].Text; cursor == "0" {
			break
		}
	}
	for i := range 1000 {
		assert.True(t, seen["stays"+strconv.Itoa(i)])
	}
}
