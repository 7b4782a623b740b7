// Package apps_test runs Go libraries that people use with Redis, unchanged, against the real riffle-server:
// a job queue (asynq), a rate limiter (redis_rate), a lock (redsync) and the client they all use (go-redis).
// The folder node does the same with libraries for Node.
//
// That it is the libraries' behaviour that is tested, and not ours, is seen by running the same tests
// against the reference:
//
//	APPS_SERVER=/usr/bin/redis-server go test ./tools/apps
package apps_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// program is the server that is tested: the one that TestMain builds, or another that is named.
var program = os.Getenv("APPS_SERVER")

func TestMain(m *testing.M) {
	if address := os.Getenv("APPS_VICTIM"); address != "" {
		workUntilKilled(address)
	}
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "riffle-apps")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if program == "" {
		program = filepath.Join(dir, "riffle-server")
		if out, err := exec.Command("go", "build", "-o", program, "../server").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%s", out)
			return 1
		}
	}
	return m.Run()
}

// start runs a server until the test ends and returns its address.
func start(t *testing.T, flags ...string) string {
	t.Helper()
	var lines []string
	// Somebody may take the free port before the server does: then there are others.
	for range 5 {
		address := freeAddress(t)
		ready, output := launch(t, address, flags)
		if ready {
			return address
		}
		lines = output
	}
	require.FailNow(t, "the server does not start", strings.Join(lines, "\n"))
	return ""
}

func freeAddress(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

// launch starts the server once and reads what it says until it is ready, or has ended.
func launch(t *testing.T, address string, flags []string) (ready bool, lines []string) {
	_, port, err := net.SplitHostPort(address)
	require.NoError(t, err)
	words := append([]string{"--port", port, "--dir", t.TempDir(), "--save", ""}, flags...)
	if strings.HasPrefix(filepath.Base(program), "riffle") {
		words = append(words, "--http-port", "0")
	}
	command := exec.Command(program, words...)
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		command.Process.Kill()
		command.Wait()
	})
	scanner := bufio.NewScanner(out)
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
		if strings.Contains(scanner.Text(), "Ready to accept connections") {
			go func() {
				for scanner.Scan() {
				}
			}()
			return true, lines
		}
	}
	return false, lines
}

// connect gives a client of a server, in RESP3 unless the options say otherwise.
func connect(t *testing.T, address string, change ...func(*redis.Options)) *redis.Client {
	options := &redis.Options{Addr: address}
	for _, f := range change {
		f(options)
	}
	client := redis.NewClient(options)
	t.Cleanup(func() { client.Close() })
	return client
}

// patience is how long a test waits for what has to happen before it fails; none waits as long on purpose.
const patience = 30 * time.Second

func deadline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// receive takes n values from a channel.
func receive[T any](t *testing.T, values <-chan T, n int) []T {
	t.Helper()
	all := make([]T, 0, n)
	for timeout := time.After(patience); len(all) < n; {
		select {
		case value := <-values:
			all = append(all, value)
		case <-timeout:
			require.FailNow(t, "nothing more arrives", "%d of %d: %v", len(all), n, all)
		}
	}
	return all
}

func numbers(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = strconv.Itoa(i)
	}
	return all
}
