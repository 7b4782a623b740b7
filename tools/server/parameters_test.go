package main_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stockConfiguration is what a distribution's redis.conf sets, without the comments.
const stockConfiguration = `
bind 127.0.0.1 -::1
protected-mode yes
tcp-backlog 511
timeout 0
tcp-keepalive 300
loglevel notice
databases 16
always-show-logo no
set-proc-title yes
proc-title-template "{title} {listen-addr} {server-mode}"
stop-writes-on-bgsave-error yes
rdbcompression yes
rdbchecksum yes
dbfilename dump.rdb
rdb-del-sync-files no
replica-serve-stale-data yes
replica-read-only yes
repl-diskless-sync yes
repl-diskless-sync-delay 5
repl-diskless-sync-max-replicas 0
repl-diskless-load disabled
repl-disable-tcp-nodelay no
replica-priority 100
acllog-max-len 128
lazyfree-lazy-eviction no
lazyfree-lazy-expire no
lazyfree-lazy-server-del no
replica-lazy-flush no
lazyfree-lazy-user-del no
lazyfree-lazy-user-flush no
oom-score-adj no
oom-score-adj-values 0 200 800
disable-thp yes
appendonly no
appendfilename "appendonly.aof"
appenddirname "appendonlydir"
appendfsync everysec
no-appendfsync-on-rewrite no
auto-aof-rewrite-percentage 100
auto-aof-rewrite-min-size 64mb
aof-load-truncated yes
aof-use-rdb-preamble yes
aof-timestamp-enabled no
slowlog-log-slower-than 10000
slowlog-max-len 128
latency-monitor-threshold 0
latency-tracking-info-percentiles 50 99 99.9
notify-keyspace-events ""
hash-max-listpack-entries 512
hash-max-listpack-value 64
list-max-listpack-size -2
list-compress-depth 0
set-max-intset-entries 512
zset-max-listpack-entries 128
zset-max-listpack-value 64
hll-sparse-max-bytes 3000
stream-node-max-bytes 4096
stream-node-max-entries 100
activerehashing yes
client-output-buffer-limit normal 0 0 0
client-output-buffer-limit replica 256mb 64mb 60
client-output-buffer-limit pubsub 32mb 8mb 60
hz 10
dynamic-hz yes
aof-rewrite-incremental-fsync yes
rdb-save-incremental-fsync yes
jemalloc-bg-thread yes
`

func TestStockConfigurationStarts(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "redis.conf")
	require.NoError(t, os.WriteFile(file, []byte(stockConfiguration), 0o600))
	p := launch(t, file, "--port", "any", "--http-port", "0", "--dir", dir, "--tls-port", "0")
	require.NotEmpty(t, p.address, p.output())
	for _, name := range []string{"oom-score-adj-values", "repl-diskless-sync", "tls-port"} {
		assert.Equal(t, 1, strings.Count(p.output(), "ignored: "+name+" "), name)
	}
	assert.NotContains(t, p.output(), "ignored: hash-max")
	c := p.dial()
	assert.Equal(t, "repl-diskless-sync yes", c.do("CONFIG", "GET", "repl-diskless-sync"), "kept all the same")
	assert.Equal(t, "dir "+dir, c.do("CONFIG", "GET", "dir"))
	_, port, _ := net.SplitHostPort(p.address)
	assert.Equal(t, "port "+port, c.do("CONFIG", "GET", "port"))
}

func TestPromisesThatCannotBeKeptAreRefused(t *testing.T) {
	tests := []struct{ line, want string }{
		{"repl-diskless-snc yes", "Bad directive or wrong number of arguments"},
		{`rename-command FLUSHALL ""`, "Commands cannot be renamed"},
		{"loadmodule /usr/lib/m.so a b", "Modules cannot be loaded"},
		{"replicaof 10.0.0.1 6379", "cannot be a replica"},
		{"cluster-enabled yes", "no cluster node"},
		{"tls-port 6380", "TLS is not spoken here"},
		{"shutdown-on-sigterm nosave later", "must be one of the following"},
		{"shutdown-on-sigint save nosave", "can't be used simultaneously"},
		{"include /nonexistent.conf", "can't open config file '/nonexistent.conf'"},
	}
	for _, test := range tests {
		file := filepath.Join(t.TempDir(), "redis.conf")
		require.NoError(t, os.WriteFile(file, []byte("timeout 0\n"+test.line+"\n"), 0o600))
		out, err := exec.Command(binary, file).CombinedOutput()
		require.Error(t, err, test.line)
		assert.Contains(t, string(out), test.want)
		if !strings.HasPrefix(test.line, "include") {
			assert.Contains(t, string(out), "at line 2\n>>> '"+test.line+"'\n")
		}
	}
}

func TestShutdownOnSignals(t *testing.T) {
	tests := []struct {
		save, how string
		signal    syscall.Signal
		saves     bool
	}{
		{"", "default", syscall.SIGTERM, false},
		{"3600 1", "default", syscall.SIGINT, true},
		{"3600 1", "nosave", syscall.SIGTERM, false},
		{"", "save now", syscall.SIGINT, true},
		{"3600 1", "NOSAVE FORCE", syscall.SIGINT, false},
	}
	for _, test := range tests {
		dir := t.TempDir()
		name := "--shutdown-on-sigterm"
		if test.signal == syscall.SIGINT {
			name = "--shutdown-on-sigint"
		}
		p := start(t, dir, append([]string{"--save", test.save, name}, strings.Fields(test.how)...)...)
		p.dial().do("SET", "a", "1")
		require.NoError(t, p.command.Process.Signal(test.signal))
		<-p.ended
		_, err := os.Stat(filepath.Join(dir, "dump.rdb"))
		assert.Equal(t, test.saves, err == nil, "%+v", test)
	}
}

// TestForcedShutdown: a directory stands where the snapshot should go.
func TestForcedShutdown(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "dump.rdb", "x"), 0o700))
	for _, how := range []string{"save", "save force"} {
		p := launch(t, "--port", "any", "--http-port", "0", "--dir", t.TempDir(), "--save", "",
			"--enable-protected-configs", "local")
		c := p.dial()
		assert.Equal(t, "OK", c.do("CONFIG", "SET", "dir", dir, "shutdown-on-sigterm", how))
		c.do("SET", "a", "1")
		require.NoError(t, p.command.Process.Signal(syscall.SIGTERM))
		if how == "save force" {
			<-p.ended
			continue
		}
		assert.Contains(t, c.do("SHUTDOWN", "SAVE"), "Errors trying to SHUTDOWN")
		assert.Equal(t, "1", c.do("GET", "a"))
		p.kill()
	}
}

func TestDirectoryMovesWholeOrNotAtAll(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	assert.Contains(t, start(t, t.TempDir()).dial().do("CONFIG", "SET", "dir", to), "can't set protected config")
	p := start(t, from, "--appendonly", "yes", "--enable-protected-configs", "yes")
	c := p.dial()
	c.do("SET", "a", "1")
	assert.Contains(t, c.do("CONFIG", "SET", "dir", to), "it cannot change while the append only file is on")
	assert.Equal(t, "dir "+from, c.do("CONFIG", "GET", "dir"), "the log is on")
	assert.Equal(t, "OK", c.do("CONFIG", "SET", "appendonly", "no"))
	assert.Contains(t, c.do("CONFIG", "SET", "dir", filepath.Join(to, "none")), "argument 'dir'")
	assert.Equal(t, "dir "+from, c.do("CONFIG", "GET", "dir"), "there is no such directory")
	assert.Equal(t, "OK", c.do("CONFIG", "SET", "dir", to))
	assert.Equal(t, "dir "+to, c.do("CONFIG", "GET", "dir"))
	start(t, from) // its lock is free
	assert.Equal(t, "OK", c.do("SAVE"))
	assert.FileExists(t, filepath.Join(to, "dump.rdb"))
	assert.Equal(t, "OK", c.do("CONFIG", "SET", "appendonly", "yes"))
	require.Eventually(t, func() bool {
		return strings.Contains(c.do("INFO", "persistence"), "aof_rewrites:1\r\n")
	}, 20*time.Second, 10*time.Millisecond)
	c.do("SET", "b", "2")
	p.stop()
	assert.Equal(t, "1 2", start(t, to, "--appendonly", "yes").dial().do("MGET", "a", "b"))
}

// TestSwitchedOffLogIsNotOverwritten: files that a damaged manifest hides are somebody's data.
func TestSwitchedOffLogIsNotOverwritten(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir, "--appendonly", "yes")
	p.dial().do("SET", "a", "1")
	p.stop()
	manifest := filepath.Join(dir, "appendonlydir", "appendonly.aof.manifest")
	require.NoError(t, os.WriteFile(manifest, []byte("rubbish\n"), 0o600))
	increment := filepath.Join(dir, "appendonlydir", "appendonly.aof.1.incr.aof")
	before, err := os.ReadFile(increment)
	require.NoError(t, err)
	c := start(t, dir).dial()
	assert.Equal(t, "OK", c.do("CONFIG", "SET", "appendonly", "yes"))
	require.Eventually(t, func() bool {
		return strings.Contains(c.do("INFO", "persistence"), "aof_last_bgrewrite_status:err\r\n")
	}, 20*time.Second, 10*time.Millisecond)
	after, err := os.ReadFile(increment)
	require.NoError(t, err)
	assert.Equal(t, before, after)
}

func TestAddressesChangeOrStay(t *testing.T) {
	p := start(t, t.TempDir())
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	_, old, _ := net.SplitHostPort(p.address)
	c := p.dial()
	assert.Contains(t, c.do("CONFIG", "SET", "port", port), "address already in use")
	assert.Equal(t, "port "+old, c.do("CONFIG", "GET", "port"))
	assert.Equal(t, "PONG", p.dial().do("PING"))
	assert.Contains(t, c.do("CONFIG", "SET", "bind", "192.0.2.1"), "argument 'bind'")
	assert.Equal(t, "bind 127.0.0.1", c.do("CONFIG", "GET", "bind"))
	assert.Equal(t, "PONG", p.dial().do("PING"))
	taken.Close()
	assert.Equal(t, "OK", c.do("CONFIG", "SET", "bind", "*", "port", port))
	assert.Equal(t, "bind * port "+port, c.do("CONFIG", "GET", "bind", "port"))
	assert.Equal(t, "PONG", dial(t, "tcp", "127.0.0.1:"+port).do("PING"))
	_, err = net.Dial("tcp", p.address)
	assert.Error(t, err)
	assert.Equal(t, "PONG", c.do("PING"), "connections outlive the listener they came through")
}

func TestUnfinishedFilesAreRemoved(t *testing.T) {
	dir := t.TempDir()
	gone := exec.Command("true")
	require.NoError(t, gone.Run())
	dead, living := gone.Process.Pid, os.Getpid()
	kept := []string{fmt.Sprintf("temp-%d.rdb", living), "temp-mine.rdb", "temp-1.rdb.bak"}
	removed := []string{fmt.Sprintf("temp-%d.rdb", dead), fmt.Sprintf("temp-%d-final.rdb", dead),
		fmt.Sprintf("temp-rewriteaof-bg-%d.aof", dead)}
	for _, name := range append(kept, removed...) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	p := start(t, dir)
	for _, name := range kept {
		assert.FileExists(t, filepath.Join(dir, name))
	}
	for _, name := range removed {
		assert.NoFileExists(t, filepath.Join(dir, name))
		assert.Contains(t, p.output(), "Removed "+name)
	}
}
