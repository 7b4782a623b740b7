package main_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var binary string

// TestMain builds the real program: these tests start, kill and restart it.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "riffle-server")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "riffle-server")
	build := append([]string{"build", "-o", binary}, buildFlags...)
	if out, err := exec.Command("go", append(build, ".")...).CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%s", out)
		os.Exit(1)
	}
	races := filepath.Join(dir, "race")
	os.Setenv("GORACE", "halt_on_error=1 log_path="+races)
	code := m.Run()
	reports, _ := filepath.Glob(races + "*")
	for _, report := range reports {
		text, _ := os.ReadFile(report)
		fmt.Fprintf(os.Stderr, "%s", text)
		code = 1
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

// process is a running server.
type process struct {
	t       testing.TB
	command *exec.Cmd
	address string // of RESP
	console string // of HTTP
	lines   []string
	ended   chan struct{}
}

var (
	listening = regexp.MustCompile(`Listening on (127\.0\.0\.1:\d+)`)
	console   = regexp.MustCompile(`Console on http://([^/]+)/`)
)

// start runs a server on free ports and waits until it is ready.
func start(t testing.TB, dir string, flags ...string) *process {
	common := []string{"--port", "any", "--http-port", "any", "--dir", dir, "--save", ""}
	p := launch(t, append(common, flags...)...)
	require.NotEmpty(t, p.lines)
	require.Contains(t, p.lines[len(p.lines)-1], "Ready to accept connections", strings.Join(p.lines, "\n"))
	return p
}

func launch(t testing.TB, flags ...string) *process {
	p := &process{t: t, command: exec.Command(binary, flags...), ended: make(chan struct{})}
	out, err := p.command.StdoutPipe()
	require.NoError(t, err)
	p.command.Stderr = p.command.Stdout
	require.NoError(t, p.command.Start())
	t.Cleanup(p.kill)
	reader := bufio.NewScanner(out)
	for reader.Scan() {
		line := reader.Text()
		p.lines = append(p.lines, line)
		if found := listening.FindStringSubmatch(line); found != nil {
			p.address = found[1]
		}
		if found := console.FindStringSubmatch(line); found != nil {
			p.console = found[1]
		}
		if strings.Contains(line, "Ready to accept") {
			break
		}
	}
	go func() {
		io.Copy(io.Discard, out)
		p.command.Wait()
		close(p.ended)
	}()
	return p
}

func (p *process) output() string { return strings.Join(p.lines, "\n") }

func (p *process) kill() {
	p.command.Process.Kill()
	<-p.ended
}

func (p *process) stop() {
	require.NoError(p.t, p.command.Process.Signal(syscall.SIGTERM))
	select {
	case <-p.ended:
	case <-time.After(20 * time.Second):
		p.t.Fatal("the server does not stop")
	}
}

// client speaks RESP2.
type client struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
}

func (p *process) dial() *client { return dial(p.t, "tcp", p.address) }

func dial(t testing.TB, network, address string) *client {
	conn, err := net.Dial(network, address)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	return &client{t, conn, bufio.NewReader(conn)}
}

func request(words ...string) []byte {
	out := fmt.Appendf(nil, "*%d\r\n", len(words))
	for _, word := range words {
		out = fmt.Appendf(out, "$%d\r\n%s\r\n", len(word), word)
	}
	return out
}

// try sends a command and returns the reply's text; arrays are their elements joined by blanks.
func (c *client) try(words ...string) (string, error) {
	if _, err := c.conn.Write(request(words...)); err != nil {
		return "", err
	}
	return readReply(c.in)
}

func (c *client) do(words ...string) string {
	c.t.Helper()
	c.conn.SetDeadline(time.Now().Add(20 * time.Second))
	reply, err := c.try(words...)
	require.NoError(c.t, err)
	return reply
}

func readReply(in *bufio.Reader) (string, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return "", err
	}
	line = strings.TrimRight(line, "\r\n")
	n, _ := strconv.Atoi(line[1:])
	switch line[0] {
	case '$':
		if n < 0 {
			return "(nil)", nil
		}
		text := make([]byte, n+2)
		_, err = io.ReadFull(in, text)
		return string(text[:n]), err
	case '*':
		var all []string
		for range n {
			one, err := readReply(in)
			if err != nil {
				return "", err
			}
			all = append(all, one)
		}
		return strings.Join(all, " "), nil
	}
	return line[1:], nil
}

func TestVersionAndFatalErrors(t *testing.T) {
	out, err := exec.Command(binary, "--version").Output()
	require.NoError(t, err)
	assert.Contains(t, string(out), "Riffle server v=")
	out, err = exec.Command(binary, "--help").Output()
	require.NoError(t, err)
	assert.Contains(t, string(out), "--http-port")
	tests := []struct{ flags, want string }{
		{"--foo bar", ">>> 'foo \"bar\"'\nBad directive or wrong number of arguments"},
		{"--port abc", "argument couldn't be parsed into an integer"},
		{"--port", "wrong number of arguments"},
		{"/nonexistent.conf", "can't open config file"},
		{"--http-port 70000", "between 0 and 65535"},
	}
	for _, test := range tests {
		out, err := exec.Command(binary, strings.Fields(test.flags)...).CombinedOutput()
		var failed *exec.ExitError
		require.ErrorAs(t, err, &failed, test.flags)
		assert.Equal(t, 1, failed.ExitCode())
		assert.Contains(t, string(out), test.want)
	}
}

func TestConfigurationFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "riffle.conf")
	text := "# mine\nport 1\ntimeout 77\nrequirepass \"a b\"\n"
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	p := launch(t, file, "--port", "any", "--http-port", "0", "--dir", dir)
	require.NotEmpty(t, p.address, p.output())
	c := p.dial()
	assert.Contains(t, c.do("GET", "x"), "NOAUTH")
	assert.Equal(t, "OK", c.do("AUTH", "a b"))
	assert.Equal(t, "timeout 77", c.do("CONFIG", "GET", "timeout"))
	assert.Equal(t, "save 3600 1 300 100 60 10000", c.do("CONFIG", "GET", "save"))
	assert.Contains(t, c.do("INFO", "server"), "config_file:"+file)
	assert.Equal(t, "OK", c.do("CONFIG", "SET", "timeout", "78"))
	assert.Equal(t, "OK", c.do("CONFIG", "REWRITE"))
	after, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Contains(t, string(after), "# mine\n")
	assert.Contains(t, string(after), "timeout 78\nrequirepass \"a b\"\n")
}

// TestKill: every write that was acknowledged under "always" is there after SIGKILL, whatever
// RIFFLE_KILLS says (default 3) many times, with rewrites of the log going on.
func TestKill(t *testing.T) {
	kills := 3
	if n, err := strconv.Atoi(os.Getenv("RIFFLE_KILLS")); err == nil {
		kills = n
	}
	dir := t.TempDir()
	flags := []string{"--appendonly", "yes", "--appendfsync", "always", "--auto-aof-rewrite-min-size", "20000"}
	const writers = 8
	acknowledged := make([]int, writers)
	total := 0
	for round := range kills {
		p := start(t, dir, flags...)
		check := p.dial()
		for w, n := range acknowledged {
			got, _ := strconv.Atoi(check.do("HGET", "last", strconv.Itoa(w)))
			require.GreaterOrEqual(t, got, n, "round %d: writer %d was promised %d", round, w, n)
			require.Equal(t, strconv.Itoa(got), check.do("LLEN", fmt.Sprint("list", w)), "both or neither")
			acknowledged[w] = got
		}
		total += write(p, acknowledged, 30+round*7)
	}
	t.Logf("%d kills, %d acknowledged writes, none lost", kills, total)
	p := start(t, dir, flags...)
	for w, n := range acknowledged {
		got, _ := strconv.Atoi(p.dial().do("HGET", "last", strconv.Itoa(w)))
		require.GreaterOrEqual(t, got, n)
	}
}

// write lets all writers go until the server has acknowledged enough, then kills it in mid-flight. A
// write is a transaction of two, so that a torn one would show.
func write(p *process, acknowledged []int, enough int) (total int) {
	var all sync.WaitGroup
	var once sync.Once
	for w := range acknowledged {
		all.Go(func() {
			c := p.dial()
			for n := acknowledged[w] + 1; ; n++ {
				c.conn.Write(bytes.Join([][]byte{request("MULTI"),
					request("HSET", "last", strconv.Itoa(w), strconv.Itoa(n)),
					request("RPUSH", fmt.Sprint("list", w), strings.Repeat("x", 100)), request("EXEC")}, nil))
				for range 4 {
					if _, err := readReply(c.in); err != nil {
						return
					}
				}
				acknowledged[w] = n
				if w == 0 && n%enough == 0 {
					once.Do(func() { p.command.Process.Kill() })
				}
			}
		})
	}
	all.Wait()
	<-p.ended
	for _, n := range acknowledged {
		total += n
	}
	return total
}

func TestSnapshotSurvivesRestart(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir)
	c := p.dial()
	c.do("SET", "a", "1")
	c.do("RPUSH", "l", "x", "y")
	assert.Equal(t, "OK", c.do("SAVE"))
	c.do("SET", "late", "1")
	p.kill()
	p = start(t, dir, "--save", "3600 1")
	assert.Contains(t, p.output(), "Loaded 2 keys from dump.rdb")
	c = p.dial()
	assert.Equal(t, "x y", c.do("LRANGE", "l", "0", "-1"))
	assert.Equal(t, "(nil)", c.do("GET", "late"))
	c.do("SET", "b", "2")
	p.stop() // with save points, a signal saves
	c = start(t, dir).dial()
	assert.Equal(t, "2", c.do("GET", "b"))
	c.do("SET", "c", "3")
	_, err := c.try("SHUTDOWN", "NOSAVE")
	assert.Error(t, err)
	c = start(t, dir, "--appendonly", "yes").dial()
	assert.Equal(t, "2", c.do("GET", "b"), "switching the log on takes the snapshot in")
	assert.Equal(t, "(nil)", c.do("GET", "c"))
}

func TestTornTail(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir, "--appendonly", "yes")
	c := p.dial()
	c.do("SET", "a", "1")
	p.stop()
	path := filepath.Join(dir, "appendonlydir", "appendonly.aof.1.incr.aof")
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	tail := "*1\r\n$5\r\nMULTI\r\n*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$1\r\n2\r\n"
	file.WriteString(tail)
	file.Close()
	p = start(t, dir, "--appendonly", "yes")
	assert.Contains(t, p.output(), fmt.Sprintf("its last %d bytes were cut off", len(tail)))
	assert.Equal(t, "1 (nil)", p.dial().do("MGET", "a", "b"))
	p.stop()
	kept, err := filepath.Glob(path + ".cut-*")
	require.NoError(t, err)
	require.Len(t, kept, 1)
	text, err := os.ReadFile(kept[0])
	require.NoError(t, err)
	assert.Equal(t, tail, string(text))

	before, err := os.ReadFile(path)
	require.NoError(t, err)
	broken := append(append([]byte("#TS:1700000000\r\n"), before...), "*1\r\n$4\r\nNOPE\r\n"...)
	whole := len(broken) - len("*1\r\n$4\r\nNOPE\r\n")
	require.Greater(t, whole, 40, "a write stands before the fault")
	require.NoError(t, os.WriteFile(path, broken, 0o600))
	p = launch(t, "--port", "any", "--http-port", "0", "--dir", dir, "--appendonly", "yes")
	assert.Contains(t, p.output(), "cannot be replayed")
	assert.Contains(t, p.output(), fmt.Sprintf("Everything before byte %d of this file is whole", whole))
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, broken, after)
}

func TestSecondServerIsRefused(t *testing.T) {
	dir := t.TempDir()
	start(t, dir)
	second := launch(t, "--port", "any", "--http-port", "0", "--dir", dir)
	assert.Contains(t, second.output(), "another riffle-server is using the directory")
	<-second.ended
	assert.Equal(t, 1, second.command.ProcessState.ExitCode())
}

func TestMaxClients(t *testing.T) {
	p := start(t, t.TempDir(), "--maxclients", "2")
	a, b := p.dial(), p.dial()
	assert.Equal(t, "PONG", a.do("PING"))
	assert.Equal(t, "PONG", b.do("PING"))
	text, err := io.ReadAll(p.dial().conn)
	require.NoError(t, err)
	assert.Equal(t, "-ERR max number of clients reached\r\n", string(text))
	assert.Contains(t, a.do("INFO", "stats"), "rejected_connections:1\r\n")
	b.do("QUIT")
	_, err = io.ReadAll(b.conn)
	require.NoError(t, err)
	assert.Equal(t, "PONG", p.dial().do("PING"))
}

func TestIdleClientsAreClosed(t *testing.T) {
	p := start(t, t.TempDir(), "--timeout", "1")
	waiting, idle := p.dial(), p.dial()
	waiting.conn.Write(request("BLPOP", "never", "0"))
	idle.conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	_, err := io.ReadAll(idle.conn)
	require.NoError(t, err, "closed by the server")
	assert.Equal(t, "1", p.dial().do("LPUSH", "never", "x"))
	reply, err := readReply(waiting.in)
	require.NoError(t, err)
	assert.Equal(t, "never x", reply)
}

func TestUnixSocket(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "s")
	p := start(t, dir, "--unixsocket", path, "--unixsocketperm", "700")
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	assert.Equal(t, "PONG", dial(t, "unix", path).do("PING"))
	p.stop()
	_, err = os.Stat(path)
	assert.True(t, os.IsNotExist(err))
}

// TestLargeReplies needs the kernel's buffer to fill up and drain, many times.
func TestLargeReplies(t *testing.T) {
	p := start(t, t.TempDir())
	c := p.dial()
	value := strings.Repeat("0123456789", 300_000)
	assert.Equal(t, "OK", c.do("SET", "big", value))
	const times = 20
	c.conn.Write(bytes.Repeat(request("GET", "big"), times))
	for range times {
		reply, err := readReply(c.in)
		require.NoError(t, err)
		require.Equal(t, value, reply)
	}
	assert.Equal(t, "PONG", c.do("PING"))
}

func TestLogSwitchedOnAtRunTime(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir, "--enable-debug-command", "yes")
	c := p.dial()
	c.do("SELECT", "3")
	c.do("SET", "a", "1")
	assert.Equal(t, "OK", c.do("CONFIG", "SET", "appendonly", "yes", "appendfsync", "always"))
	c.do("SET", "b", "2")
	require.Eventually(t, func() bool {
		return strings.Contains(c.do("INFO", "persistence"), "aof_rewrites:1\r\n")
	}, 20*time.Second, 10*time.Millisecond)
	c.do("SET", "c", "3")
	assert.Equal(t, "OK", c.do("DEBUG", "LOADAOF"))
	assert.Equal(t, "1 2 3", c.do("MGET", "a", "b", "c"))
	p.kill()
	c = start(t, dir, "--appendonly", "yes").dial()
	c.do("SELECT", "3")
	assert.Equal(t, "1 2 3", c.do("MGET", "a", "b", "c"))
	assert.Equal(t, "OK", c.do("CONFIG", "SET", "appendonly", "no"))
	assert.Contains(t, c.do("INFO", "persistence"), "aof_enabled:0")
}

// TestRewriteBeginsWithSelect: the increment after a picture leans on nothing before it.
func TestRewriteBeginsWithSelect(t *testing.T) {
	dir := t.TempDir()
	c := start(t, dir, "--appendonly", "yes", "--appendfsync", "always").dial()
	c.do("SELECT", "3")
	c.do("SET", "a", "1")
	c.do("BGREWRITEAOF")
	require.Eventually(t, func() bool {
		return strings.Contains(c.do("INFO", "persistence"), "aof_rewrites:1\r\n")
	}, 20*time.Second, 10*time.Millisecond)
	c.do("SET", "b", "2")
	text, err := os.ReadFile(filepath.Join(dir, "appendonlydir", "appendonly.aof.2.incr.aof"))
	require.NoError(t, err)
	assert.Equal(t, string(request("SELECT", "3"))+string(request("SET", "b", "2")), string(text))
}

func TestBridge(t *testing.T) {
	p := start(t, t.TempDir())
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, "ws://"+p.console+"/engine", nil)
	require.NoError(t, err)
	defer conn.CloseNow()
	for _, c := range request("SET", "a", "속보") { // a byte at a time
		require.NoError(t, conn.Write(ctx, websocket.MessageBinary, []byte{c}))
	}
	kind, reply, err := conn.Read(ctx)
	require.NoError(t, err)
	assert.Equal(t, websocket.MessageBinary, kind)
	assert.Equal(t, "+OK\r\n", string(reply))
	assert.Equal(t, "속보", p.dial().do("GET", "a"))
	require.NoError(t, conn.Write(ctx, websocket.MessageBinary, request("SUBSCRIBE", "news")))
	conn.Read(ctx)
	assert.Equal(t, "1", p.dial().do("PUBLISH", "news", "hi"))
	_, reply, err = conn.Read(ctx)
	require.NoError(t, err)
	assert.Contains(t, string(reply), "$2\r\nhi\r\n")
	require.NoError(t, conn.Write(ctx, websocket.MessageBinary, request("QUIT")))
	conn.Read(ctx)
	_, _, err = conn.Read(ctx)
	assert.Equal(t, websocket.StatusNormalClosure, websocket.CloseStatus(err))
}

func TestOtherSitesAreTurnedAway(t *testing.T) {
	p := start(t, t.TempDir())
	tests := []struct {
		host, origin string
		want         int
	}{
		{p.console, "", 200},
		{p.console, "http://" + p.console, 200},
		{p.console, "https://evil.example", 403},
		{p.console, "null", 403},
		{"evil.example", "http://evil.example", 403},
		{"localhost:1", "http://localhost:1", 200},
	}
	for _, test := range tests {
		r, err := http.NewRequest("GET", "http://"+p.console+"/engine/info", nil)
		require.NoError(t, err)
		r.Host = test.host
		if test.origin != "" {
			r.Header.Set("Origin", test.origin)
		}
		reply, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		text, _ := io.ReadAll(reply.Body)
		reply.Body.Close()
		assert.Equal(t, test.want, reply.StatusCode, "%+v", test)
		if test.want == 200 {
			assert.Contains(t, string(text), `"home":"server"`)
		}
	}
}

func TestSite(t *testing.T) {
	site := t.TempDir()
	files := map[string]string{"index.html": "<p>", "app-0123abcd.js": "js",
		"e.wasm": "wasm", "e.wasm.br": "packed"}
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(site, name), []byte(text), 0o600))
	}
	p := start(t, t.TempDir(), "--site", site)
	get := func(path, encoding string) (*http.Response, string) {
		r, _ := http.NewRequest("GET", "http://"+p.console+path, nil)
		r.Header.Set("Accept-Encoding", encoding)
		reply, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer reply.Body.Close()
		text, _ := io.ReadAll(reply.Body)
		return reply, string(text)
	}
	reply, text := get("/", "identity")
	assert.Equal(t, "<p>", text)
	assert.Equal(t, "no-cache", reply.Header.Get("Cache-Control"))
	assert.NotEmpty(t, reply.Header.Get("ETag"))
	reply, _ = get("/app-0123abcd.js", "identity")
	assert.Contains(t, reply.Header.Get("Cache-Control"), "immutable")
	reply, text = get("/e.wasm", "br, gzip")
	assert.Equal(t, "packed", text)
	assert.Equal(t, "br", reply.Header.Get("Content-Encoding"))
	assert.Equal(t, "application/wasm", reply.Header.Get("Content-Type"))
	_, text = get("/e.wasm", "identity")
	assert.Equal(t, "wasm", text)
	reply, _ = get("/../server_test.go", "identity")
	assert.Equal(t, 404, reply.StatusCode)
}

// tool finds one of the reference's programs. In CI it must be there.
func tool(t testing.TB, name string) string {
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed", name)
	}
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	return path
}

func TestStockClients(t *testing.T) {
	p := start(t, t.TempDir())
	_, port, _ := net.SplitHostPort(p.address)
	out, err := exec.Command(tool(t, "redis-cli"), "-p", port, "SET", "a", "1").CombinedOutput()
	require.NoError(t, err)
	assert.Equal(t, "OK\n", string(out))
	out, err = exec.Command(tool(t, "redis-benchmark"), "-p", port, "-n", "2000", "-P", "16", "-q",
		"-t", "set,get,incr,lpush,lpop,sadd").CombinedOutput()
	require.NoError(t, err)
	assert.NotContains(t, string(out), "Error")
}

// stock runs the reference server on a directory and returns a client of it.
func stock(t testing.TB, dir string, appendonly string) (*client, func()) {
	command := exec.Command(tool(t, "redis-server"), "--port", "0", "--unixsocket", dir+"/stock.sock",
		"--dir", dir, "--appendonly", appendonly, "--save", "")
	require.NoError(t, command.Start())
	stop := func() {
		command.Process.Signal(syscall.SIGTERM)
		command.Wait()
	}
	require.Eventually(t, func() bool {
		conn, err := net.Dial("unix", dir+"/stock.sock")
		if err == nil {
			conn.Close()
		}
		return err == nil
	}, 20*time.Second, 10*time.Millisecond)
	c := dial(t, "unix", dir+"/stock.sock")
	require.Eventually(t, func() bool { return c.do("PING") == "PONG" }, 20*time.Second, 10*time.Millisecond)
	return c, stop
}

// fill makes a key of every type; digest reads them all back.
func fill(c *client) {
	c.do("SET", "string", "v")
	c.do("SET", "counter", "12345")
	c.do("SET", "mortal", "x", "EX", "100000")
	c.do("RPUSH", "list", "a", "b", "1")
	c.do("SADD", "set", "a", "b")
	c.do("SADD", "intset", "1", "2", "70000")
	c.do("HSET", "hash", "f", "v", "g", "2")
	c.do("ZADD", "zset", "1", "a", "2.5", "b")
	c.do("XADD", "stream", "1-1", "f", "v")
	c.do("XGROUP", "CREATE", "stream", "g", "0")
	for i := range 300 {
		c.do("ZADD", "bigzset", strconv.Itoa(i), fmt.Sprint("m", i))
		c.do("HSET", "bighash", fmt.Sprint("f", i), "v")
	}
	c.do("SELECT", "5")
	c.do("SET", "other", "db")
	c.do("SELECT", "0")
}

func digest(c *client) string {
	all := []string{
		c.do("MGET", "string", "counter", "mortal"), c.do("LRANGE", "list", "0", "-1"),
		c.do("SORT", "set", "ALPHA"), c.do("SMEMBERS", "intset"), c.do("HGETALL", "hash"),
		c.do("ZRANGE", "zset", "0", "-1", "WITHSCORES"), c.do("XRANGE", "stream", "-", "+"),
		c.do("XINFO", "GROUPS", "stream"), c.do("ZRANGE", "bigzset", "0", "-1"), c.do("HLEN", "bighash"),
		c.do("PEXPIRETIME", "mortal"), c.do("DBSIZE"),
		c.do("SELECT", "5"), c.do("GET", "other"), c.do("SELECT", "0"),
	}
	return strings.Join(all, "\n")
}

func TestFilesGoBothWays(t *testing.T) {
	tool(t, "redis-server")
	for _, appendonly := range []string{"yes", "no"} {
		dir := t.TempDir()
		p := start(t, dir, "--appendonly", appendonly)
		c := p.dial()
		fill(c)
		if appendonly == "yes" { // the first half in the base, the rest in the increment
			c.do("BGREWRITEAOF")
			require.Eventually(t, func() bool {
				return strings.Contains(c.do("INFO", "persistence"), "aof_rewrites:1\r\n")
			}, 20*time.Second, 10*time.Millisecond)
			c.do("RPUSH", "list", "later")
			c.do("SPOP", "set")
		}
		want := digest(c)
		c.try("SHUTDOWN", "SAVE")
		<-p.ended

		theirs, stop := stock(t, dir, appendonly)
		assert.Equal(t, want, digest(theirs), "the reference reads ours, appendonly %s", appendonly)
		theirs.do("RPUSH", "list", "theirs")
		theirs.do("SAVE")
		want = digest(theirs)
		stop()
		p = start(t, dir, "--appendonly", appendonly)
		assert.Equal(t, want, digest(p.dial()), "we read the reference's, appendonly %s", appendonly)
		p.kill()
	}
}

// TestBackgroundSavesMayBeGivenUp asks for a snapshot and takes it back before the first slice of it was taken.
func TestBackgroundSavesMayBeGivenUp(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir)
	c := p.dial()
	assert.Contains(t, c.do("BGSAVE", "CANCEL"), "ERR Background saving is currently not in progress or scheduled")
	c.do("SET", "k", "v")
	_, err := c.conn.Write(append(request("BGSAVE"), request("BGSAVE", "CANCEL")...))
	require.NoError(t, err)
	for _, want := range []string{"Background saving started", "Background saving cancelled"} {
		reply, err := readReply(c.in)
		require.NoError(t, err)
		assert.Equal(t, want, reply)
	}
	require.Eventually(t, func() bool {
		return strings.Contains(c.do("INFO", "persistence"), "rdb_bgsave_in_progress:0")
	}, 20*time.Second, time.Millisecond)
	assert.NoFileExists(t, filepath.Join(dir, "dump.rdb"))
	info := c.do("INFO", "persistence")
	assert.Contains(t, info, "rdb_last_bgsave_status:ok")
	assert.Contains(t, info, "rdb_changes_since_last_save:1")
	assert.Equal(t, "OK", c.do("SAVE"))
	assert.FileExists(t, filepath.Join(dir, "dump.rdb"))
}
