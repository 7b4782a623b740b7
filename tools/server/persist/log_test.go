package persist

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"riffle/engine/rdb"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lines is an engine whose data is a list of lines: a unit is a line, "!" in one cannot be applied.
type lines struct{ all []string }

func (l *lines) Load(_ int64, next func() ([]byte, error)) (n int64, err error) {
	var text []byte
	for end := -1; end < 0 || len(text) < end+9; end = strings.IndexByte(string(text), 0xff) {
		chunk, err := next()
		if err != nil {
			return 0, err
		}
		if len(chunk) == 0 {
			return 0, errors.New("the snapshot has no end")
		}
		text = append(text, chunk...)
	}
	body, _, _ := strings.Cut(string(text), "\xff")
	l.all = strings.Split(strings.TrimPrefix(body, "REDIS"), "\n")
	l.all = l.all[:len(l.all)-1]
	return int64(len(body)) + 9, nil
}

func (l *lines) Apply(_ int64, p []byte) (n int, err error) {
	for line := range strings.Lines(string(p)) {
		if strings.Contains(line, "!") {
			return n, errors.New("unknown command")
		}
		if !strings.HasSuffix(line, "\n") {
			break
		}
		l.all = append(l.all, strings.TrimSuffix(line, "\n"))
		n += len(line)
	}
	return n, nil
}

// snapshot is the data as Load reads it.
func snapshot(all []string) string {
	text := "REDIS"
	for _, line := range all {
		text += line + "\n"
	}
	text += "\xff"
	return string(binary.LittleEndian.AppendUint64([]byte(text), rdb.CRC64(0, []byte(text))))
}

// picture hands out a snapshot a few bytes at a time, and nothing now and then, as an engine may.
type picture struct {
	text string
	idle bool
}

func (p *picture) Next(int) ([]byte, bool) {
	if p.idle = !p.idle; p.idle {
		return nil, false
	}
	n := min(7, len(p.text))
	chunk := p.text[:n]
	p.text = p.text[n:]
	return []byte(chunk), p.text == ""
}

func (p *picture) Close() {}

var names = Names{"appendonlydir", "appendonly.aof"}

// open loads what a disk holds and goes on with it, as a server starts.
func open(t testing.TB, disk Files, policy Policy) (*Log, *lines, Loaded) {
	l, data, loaded, err := tryOpen(disk, policy)
	require.NoError(t, err)
	return l, data, loaded
}

func tryOpen(disk Files, policy Policy) (*Log, *lines, Loaded, error) {
	data := &lines{}
	l, found, err := OpenLog(disk, names)
	if err != nil {
		return nil, nil, Loaded{}, err
	}
	l.Policy = policy
	if !found {
		if found, err = l.Upgrade(); err != nil {
			return nil, nil, Loaded{}, err
		}
	}
	if !found {
		return l, data, Loaded{}, l.Create(&picture{text: snapshot(nil)}, "temp.aof")
	}
	loaded, err := l.Load(data, 0, true)
	if err != nil {
		return nil, nil, loaded, err
	}
	if err = l.Start(); err == nil {
		_, err = l.RemoveHistory()
	}
	return l, data, loaded, err
}

// rewrite runs all steps of a rewrite, with writes landing in between.
func rewrite(l *Log, data []string, between func()) error {
	r := l.Rewrite(false)
	if err := r.Prepare(); err != nil {
		return err
	}
	if err := l.Switch(r); err != nil {
		return err
	}
	between()
	bytes, err := WriteSnapshot(l.files, "temp.aof", &picture{text: snapshot(data)})
	if err != nil {
		return err
	}
	if err := r.Finish("temp.aof", bytes); err != nil {
		return err
	}
	l.Adopt(r)
	return nil
}

func TestFirstStartAndReturn(t *testing.T) {
	disk := newMemory()
	l, _, _ := open(t, disk, Always)
	require.NoError(t, l.Append(time.Now(), []byte("a\nb\n")))
	require.NoError(t, l.Close())
	assert.Equal(t, []string{"appendonlydir/appendonly.aof.1.base.rdb",
		"appendonlydir/appendonly.aof.1.incr.aof",
		"appendonlydir/appendonly.aof.manifest"}, disk.list())
	l, data, loaded := open(t, disk.after(true), Always)
	assert.Equal(t, []string{"a", "b"}, data.all)
	assert.Equal(t, 2, loaded.Files)
	assert.Nil(t, loaded.Cut)
	assert.Equal(t, int64(4), l.written)
}

func TestRewriteSwitchesFiles(t *testing.T) {
	disk := newMemory()
	l, _, _ := open(t, disk, Always)
	require.NoError(t, l.Append(time.Now(), []byte("a\nb\n")))
	require.NoError(t, rewrite(l, []string{"ab"}, func() {
		require.NoError(t, l.Append(time.Now(), []byte("c\n")))
	}))
	assert.Equal(t, int64(len(snapshot([]string{"ab"}))+2), l.Bytes())
	require.NoError(t, l.Append(time.Now(), []byte("d\n")))
	require.NoError(t, l.Close())
	assert.Equal(t, "file appendonly.aof.2.base.rdb seq 2 type b\nfile appendonly.aof.2.incr.aof seq 2 type i\n",
		disk.get("appendonlydir/appendonly.aof.manifest"))
	assert.Len(t, disk.list(), 3, "old files are gone")
	_, data, _ := open(t, disk.after(true), Always)
	assert.Equal(t, []string{"ab", "c", "d"}, data.all)
}

// TestPowerFailsAtEveryCall runs a life with writes and two rewrites and stops the disk at its first
// call, its second, and so on. Whatever was acknowledged must be there afterwards, once and in order.
func TestPowerFailsAtEveryCall(t *testing.T) {
	for _, lossy := range []bool{true, false} {
		ended := false
		for stop := 1; !ended; stop++ {
			disk := newMemory()
			disk.fault = func(call int, _, _ string) error {
				if call >= stop {
					return errPower
				}
				return nil
			}
			disk.short = 1
			acknowledged, tried := life(disk)
			ended = disk.calls < stop
			l, data, _, err := tryOpen(disk.after(lossy), Always)
			require.NoError(t, err, "stopped at call %d, lossy %v", stop, lossy)
			require.GreaterOrEqual(t, len(data.all), acknowledged, "stopped at call %d, lossy %v", stop, lossy)
			require.LessOrEqual(t, len(data.all), tried)
			for i, line := range data.all {
				require.Equal(t, fmt.Sprint(i), line)
			}
			require.NoError(t, l.Append(time.Now(), []byte("later\n")))
		}
	}
}

// life writes 0, 1, 2, ... until the disk fails, and returns how many were acknowledged and tried.
func life(disk *memory) (acknowledged, tried int) {
	l, _, _, err := tryOpen(disk, Always)
	if err != nil {
		return 0, 0
	}
	var data []string
	write := func() {
		data = append(data, fmt.Sprint(tried))
		tried++
		if l.Append(time.Now(), []byte(fmt.Sprintf("%d\n", tried-1))) == nil && l.Failure() == "" {
			acknowledged = tried
		}
	}
	for range 2 {
		write()
		write()
		before := append([]string(nil), data...)
		if rewrite(l, before, write) != nil {
			write()
		}
	}
	write()
	return acknowledged, tried
}

func TestTornTailIsCutAndKept(t *testing.T) {
	disk := newMemory()
	l, _, _ := open(t, disk, Always)
	require.NoError(t, l.Append(time.Now(), []byte("a\nb\n")))
	require.NoError(t, l.Close())
	path := "appendonlydir/appendonly.aof.1.incr.aof"
	disk.put(path, disk.get(path)+"tor")
	l, data, loaded := open(t, disk, Always)
	assert.Equal(t, []string{"a", "b"}, data.all)
	assert.Equal(t, &Cut{path, 4, 3, path + ".cut-4"}, loaded.Cut)
	assert.Equal(t, "a\nb\n", disk.get(path))
	assert.Equal(t, "tor", disk.after(true).get(path+".cut-4"))
	require.NoError(t, l.Append(time.Now(), []byte("c\n")))
	assert.Equal(t, "a\nb\nc\n", disk.get(path))
	require.NoError(t, l.Close())

	disk.put(path, "a\nb\nxy") // the same place again: the first piece must stay
	_, _, loaded = open(t, disk, Always)
	assert.Equal(t, path+".cut-4.2", loaded.Cut.Kept)
	assert.Equal(t, "tor", disk.get(path+".cut-4"))
}

func TestRefusesWhatItCannotRead(t *testing.T) {
	dir := "appendonlydir/"
	manifest := "file b seq 1 type b\nfile i seq 1 type i\nfile j seq 2 type i\n"
	base := snapshot([]string{"x"})
	tests := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"middle", map[string]string{"b": base, "i": "a\n!\nb\n", "j": ""}, "Everything before byte 2"},
		{"torn inside", map[string]string{"b": base, "i": "a\nto", "j": "b\n"}, "later files follow"},
		{"base cut", map[string]string{"b": base[:6], "i": "", "j": ""}, "base appendonlydir/b cannot be loaded"},
		{"missing", map[string]string{"b": base, "i": ""}, "the manifest names cannot be opened"},
		{"manifest", map[string]string{"appendonly.aof.manifest": "what\n"},
			"manifest appendonlydir/appendonly.aof.manifest"},
		{"no manifest", map[string]string{"appendonly.aof.manifest": "-", "appendonly.aof.1.incr.aof": "a\n"},
			"would overwrite"},
	}
	for _, test := range tests {
		disk := newMemory()
		disk.put(dir+"appendonly.aof.manifest", manifest)
		for name, content := range test.files {
			disk.put(dir+name, content)
		}
		if test.files["appendonly.aof.manifest"] == "-" {
			require.NoError(t, disk.Remove(dir+"appendonly.aof.manifest"))
		}
		before := disk.after(false)
		_, _, _, err := tryOpen(disk, Always)
		require.Error(t, err, test.name)
		assert.Contains(t, err.Error(), test.want, test.name)
		assert.Equal(t, before.list(), disk.list(), test.name)
		for _, name := range disk.list() {
			assert.Equal(t, before.get(name), disk.get(name), test.name)
		}
	}
}

func TestTornTailRefusedWhenAsked(t *testing.T) {
	disk := newMemory()
	disk.put("appendonlydir/appendonly.aof.manifest", "file i seq 1 type i\n")
	disk.put("appendonlydir/i", "a\nto")
	l, _, err := OpenLog(disk, names)
	require.NoError(t, err)
	_, err = l.Load(&lines{}, 0, false)
	assert.ErrorContains(t, err, "aof-load-truncated is no")
}

func TestOldLogIsTakenIn(t *testing.T) {
	for _, old := range []string{"a\nb\n", snapshot([]string{"a"}) + "b\n"} {
		for stop := 1; stop < 20; stop++ { // stopped anywhere, the next start finishes
			disk := newMemory()
			disk.put("appendonly.aof", old)
			disk.fault = func(call int, _, _ string) error {
				if call >= stop {
					return errPower
				}
				return nil
			}
			tryOpen(disk, Always)
			_, data, _ := open(t, disk.after(false), Always)
			require.Equal(t, []string{"a", "b"}, data.all, "stopped at call %d", stop)
		}
	}
}

func TestLargeUnitAndManyChunks(t *testing.T) {
	disk := newMemory()
	l, _, _ := open(t, disk, Never)
	large := strings.Repeat("x", 3*loadChunk)
	for range 3 {
		require.NoError(t, l.Append(time.Now(), []byte(large+"\ny\n")))
	}
	require.NoError(t, l.Close())
	_, data, loaded := open(t, disk, Never)
	assert.Equal(t, []string{large, "y", large, "y", large, "y"}, data.all)
	assert.Equal(t, l.Bytes(), loaded.Bytes)
}

func TestFullDisk(t *testing.T) {
	tests := []struct {
		name        string
		truncatable bool
	}{{"cut back", true}, {"not cut back", false}}
	for _, test := range tests {
		disk := newMemory()
		l, _, _ := open(t, disk, Always)
		require.NoError(t, l.Append(time.Now(), []byte("a\n")))
		disk.short = 3
		disk.fault = func(_ int, operation, _ string) error {
			if operation == "write" || operation == "truncate" && !test.truncatable {
				return errFull
			}
			return nil
		}
		require.ErrorIs(t, l.Append(time.Now(), []byte("bbbb\n")), errFull, test.name)
		assert.Contains(t, l.Failure(), "no space left", test.name)
		require.NoError(t, l.Append(time.Now(), []byte("c\n")), "what comes meanwhile waits")
		l.Tick(time.Now())
		assert.NotEmpty(t, l.Failure())
		assert.True(t, l.Busy())
		disk.fault = nil
		l.Tick(time.Now())
		assert.Empty(t, l.Failure(), test.name)
		_, data, loaded := open(t, disk.after(true), Always)
		assert.Equal(t, []string{"a", "bbbb", "c"}, data.all, test.name)
		assert.Nil(t, loaded.Cut)
	}
}

func TestFailedSyncIsMendedByARewrite(t *testing.T) {
	disk := newMemory()
	l, _, _ := open(t, disk, Always)
	disk.fault = func(_ int, operation, _ string) error {
		if operation == "sync" {
			return errFull
		}
		return nil
	}
	require.Error(t, l.Append(time.Now(), []byte("a\n")))
	disk.fault = nil
	l.Tick(time.Now())
	assert.Contains(t, l.Failure(), "cannot be made durable", "another sync would prove nothing")
	assert.True(t, l.Suspect())
	require.NoError(t, rewrite(l, []string{"a"}, func() {}))
	assert.Empty(t, l.Failure())
	_, data, _ := open(t, disk.after(true), Always)
	assert.Equal(t, []string{"a"}, data.all)
}

func TestEverySecond(t *testing.T) {
	disk := newMemory()
	l, _, _ := open(t, disk, EverySecond)
	woken := make(chan struct{}, 10)
	l.Wake = func() { woken <- struct{}{} }
	release := make(chan struct{})
	path := "appendonlydir/appendonly.aof.1.incr.aof"
	now := time.Now()
	require.NoError(t, l.Append(now, []byte("a\n")))
	l.file = &slowSync{l.file, release}
	l.Tick(now)
	assert.True(t, l.Syncing())
	require.NoError(t, l.Append(now, []byte("b\n")))
	assert.Equal(t, "a\n", disk.get(path), "a write waits for the sync")
	require.NoError(t, l.Append(now.Add(longestPostponement), []byte("c\n")))
	assert.Equal(t, "a\nb\nc\n", disk.get(path), "but not for ever")
	assert.Equal(t, int64(1), l.Delayed)
	close(release)
	<-woken
	assert.Equal(t, "a\nb\nc\n", disk.after(true).get(path))
	require.NoError(t, l.Append(now, []byte("d\n")))
	l.Tick(now.Add(500 * time.Millisecond))
	assert.Empty(t, woken, "not twice in a second")
	l.Tick(now.Add(time.Second))
	<-woken
	assert.Equal(t, "a\nb\nc\nd\n", disk.after(true).get(path))
	assert.False(t, l.Busy())
}

func TestWritesWaitForSyncsElsewhere(t *testing.T) {
	disk := newMemory()
	path := "appendonlydir/appendonly.aof.1.incr.aof"
	now := time.Now()
	l, _, _ := open(t, disk, EverySecond)
	l.Elsewhere.Add(1)
	require.NoError(t, l.Append(now, []byte("a\n")))
	assert.Empty(t, disk.get(path))
	require.NoError(t, l.Append(now.Add(longestPostponement), []byte("b\n")))
	assert.Equal(t, "a\nb\n", disk.get(path), "but not for ever")
	l.Elsewhere.Add(-1)
	require.NoError(t, l.Append(now, []byte("c\n")))
	assert.Equal(t, "a\nb\nc\n", disk.get(path))
	l.Elsewhere.Add(1)
	l.Policy = Always
	require.NoError(t, l.Append(now, []byte("d\n")))
	assert.Equal(t, "a\nb\nc\nd\n", disk.after(true).get(path), "never before a promise")
	job, ended := snapshotFile{files: disk, syncing: &l.Elsewhere}, make(chan struct{})
	release := make(chan struct{})
	file, err := disk.Create("temp.rdb")
	require.NoError(t, err)
	job.file = &slowSync{file, release}
	go func() { job.sync(); close(ended) }()
	require.Eventually(t, func() bool { return l.Elsewhere.Load() == 2 }, 20*time.Second, time.Millisecond)
	close(release)
	<-ended
	assert.Equal(t, int32(1), l.Elsewhere.Load())
}

func TestHeldSyncs(t *testing.T) {
	disk := newMemory()
	l, _, _ := open(t, disk, EverySecond)
	woken := make(chan struct{}, 10)
	l.Wake = func() { woken <- struct{}{} }
	now := time.Now()
	l.Hold = true
	require.NoError(t, l.Append(now, []byte("a\n")))
	l.Tick(now.Add(time.Second))
	assert.False(t, l.Syncing())
	assert.True(t, l.Busy(), "the sync is still owed")
	l.Hold = false
	l.Tick(now.Add(2 * time.Second))
	<-woken
	assert.Equal(t, "a\n", disk.after(true).get("appendonlydir/appendonly.aof.1.incr.aof"))
}

func TestRereadFindsWhatOthersWrote(t *testing.T) {
	disk := newMemory()
	off := NewLog(disk, Names{"appendonlydir", "appendonly.aof"})
	l, _, _ := open(t, disk, Always)
	require.NoError(t, l.Append(time.Now(), []byte("a\n")))
	require.NoError(t, off.Reread(disk))
	r := off.Rewrite(true)
	assert.Equal(t, "appendonly.aof.2.incr.aof", r.increment.Name, "theirs is not overwritten")
	disk.put("appendonlydir/appendonly.aof.manifest", "rubbish\n")
	assert.ErrorContains(t, off.Reread(disk), "cannot be read")
	require.NoError(t, l.Reread(nil), "a log that is on knows better than the disk")
}

func TestRemoveTemporaries(t *testing.T) {
	disk := newMemory()
	unfinished := []string{"temp-7-final.rdb", "temp-7.rdb", "temp-rewriteaof-7.aof", "temp-rewriteaof-bg-7.aof"}
	kept := []string{"dump.rdb", "temp-8.rdb", "temp-7.rdb.old", "temp-x.rdb", "appendonlydir/temp-7.rdb"}
	for _, name := range append(kept, unfinished...) {
		disk.put(name, "x")
	}
	removed, err := RemoveTemporaries(disk, func(pid int) bool { return pid == 8 })
	require.NoError(t, err)
	assert.ElementsMatch(t, unfinished, removed)
	assert.ElementsMatch(t, kept, disk.list())
}

type slowSync struct {
	File
	release chan struct{}
}

func (s *slowSync) Sync() error {
	<-s.release
	return s.File.Sync()
}

func TestSwitchingOnAtRunTime(t *testing.T) {
	disk := newMemory()
	l, _, _ := open(t, disk, Always)
	require.NoError(t, l.Append(time.Now(), []byte("old\n")))
	require.NoError(t, l.Close())
	r := l.Rewrite(true)
	require.NoError(t, r.Prepare())
	require.NoError(t, l.Switch(r))
	require.NoError(t, l.Append(time.Now(), []byte("c\n")))
	_, data, _ := open(t, disk.after(true), Always)
	assert.Equal(t, []string{"old"}, data.all, "until it is finished, the old log is the log")
	bytes, err := WriteSnapshot(disk, "temp.aof", &picture{text: snapshot([]string{"new"})})
	require.NoError(t, err)
	require.NoError(t, r.Finish("temp.aof", bytes))
	l.Adopt(r)
	_, data, _ = open(t, disk.after(true), Always)
	assert.Equal(t, []string{"new", "c"}, data.all)
}

func TestGrown(t *testing.T) {
	l := &Log{file: &handle{}, atStart: 100, older: 100, written: 99}
	assert.False(t, l.Grown(100, 0))
	l.written = 100
	assert.True(t, l.Grown(100, 199))
	assert.False(t, l.Grown(100, 200))
	assert.False(t, l.Grown(0, 0))
}

func TestJob(t *testing.T) {
	disk := newMemory()
	woken, done := make(chan struct{}, 1000), make(chan error, 1)
	text := snapshot([]string{strings.Repeat("x", 10000)})
	job := StartJob(disk, "temp.rdb", &picture{text: text}, new(atomic.Int32), func() { woken <- struct{}{} },
		func(bytes int64, err error) { done <- err })
	for !job.Ended() {
		if !job.Step(func() bool { return false }) && !job.Ended() {
			<-woken
		}
	}
	require.NoError(t, <-done)
	assert.Equal(t, text, disk.get("temp.rdb"))

	disk.fault = func(_ int, operation, _ string) error {
		if operation == "write" {
			return errFull
		}
		return nil
	}
	job = StartJob(disk, "temp2.rdb", &picture{text: text}, new(atomic.Int32), func() {},
		func(_ int64, err error) { done <- err })
	for !job.Ended() {
		job.Step(func() bool { return false })
	}
	require.ErrorIs(t, <-done, errFull)
	assert.Equal(t, "(absent)", disk.get("temp2.rdb"))
}

func TestRealDirectory(t *testing.T) {
	dir := t.TempDir()
	release, err := Lock(dir)
	require.NoError(t, err)
	_, err = Lock(dir)
	assert.ErrorContains(t, err, "another riffle-server")
	release()
	release, err = Lock(dir)
	require.NoError(t, err)
	defer release()

	l, _, _ := open(t, Directory(dir), Always)
	require.NoError(t, l.Append(time.Now(), []byte("a\n")))
	require.NoError(t, rewrite(l, []string{"a"}, func() {}))
	require.NoError(t, l.Append(time.Now(), []byte("b\n")))
	require.NoError(t, l.Close())
	_, err = os.Stat(filepath.Join(dir, "appendonlydir", "appendonly.aof.2.base.rdb"))
	require.NoError(t, err)
	_, data, _ := open(t, Directory(dir), Always)
	assert.Equal(t, []string{"a", "b"}, data.all)
}

func TestTheLogTellsWhatItsCallersWaitFor(t *testing.T) {
	for policy, want := range map[Policy][]string{
		Always: {"aof-write", "aof-fsync-always"}, EverySecond: {"aof-write"},
	} {
		l, _, _ := open(t, newMemory(), policy)
		var heard []string
		l.Took = func(event string, _ time.Duration) { heard = append(heard, event) }
		require.NoError(t, l.Append(time.Now(), []byte("a\n")))
		assert.Equal(t, want, heard)
		require.NoError(t, l.Close())
	}
}
