package apps_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// queue is an application on asynq: a client, an inspector and what its workers report.
type queue struct {
	t         *testing.T
	address   string
	option    asynq.RedisClientOpt
	client    *asynq.Client
	inspector *asynq.Inspector
}

func newQueue(t *testing.T) *queue {
	address := start(t)
	option := asynq.RedisClientOpt{Addr: address}
	q := &queue{t, address, option, asynq.NewClient(option), asynq.NewInspector(option)}
	t.Cleanup(func() {
		q.client.Close()
		q.inspector.Close()
	})
	return q
}

// silent keeps what asynq logs out of the tests' output.
type silent struct{}

func (silent) Debug(...any) {}
func (silent) Info(...any)  {}
func (silent) Warn(...any)  {}
func (silent) Error(...any) {}
func (silent) Fatal(words ...any) {
	panic(fmt.Sprint(words...))
}

// configuration looks for work often, since tests do not like to wait.
func configuration(change func(*asynq.Config)) asynq.Config {
	config := asynq.Config{
		Concurrency: 1, Logger: silent{},
		TaskCheckInterval: 10 * time.Millisecond, DelayedTaskCheckInterval: 20 * time.Millisecond,
		RetryDelayFunc: func(int, error, *asynq.Task) time.Duration { return 0 },
	}
	if change != nil {
		change(&config)
	}
	return config
}

// work runs workers until the test ends.
func (q *queue) work(handler asynq.HandlerFunc, change func(*asynq.Config)) {
	server := asynq.NewServer(q.option, configuration(change))
	require.NoError(q.t, server.Start(handler))
	q.t.Cleanup(server.Shutdown)
}

func (q *queue) enqueue(name, payload string, options ...asynq.Option) *asynq.TaskInfo {
	q.t.Helper()
	info, err := q.client.Enqueue(asynq.NewTask(name, []byte(payload)), options...)
	require.NoError(q.t, err)
	return info
}

// eventually asks the inspector until a task has come to a state: asynq tells nobody when it has.
func (q *queue) eventually(id string, state asynq.TaskState) *asynq.TaskInfo {
	q.t.Helper()
	var info *asynq.TaskInfo
	reached := func() bool {
		var err error
		info, err = q.inspector.GetTaskInfo("default", id)
		return err == nil && info.State == state
	}
	require.Eventually(q.t, reached, patience, 5*time.Millisecond)
	return info
}

// report is a handler that tells what it got.
func report(seen chan<- string) asynq.HandlerFunc {
	return func(_ context.Context, task *asynq.Task) error {
		seen <- string(task.Payload())
		return nil
	}
}

func TestAsynqRunsEachTaskOnce(t *testing.T) {
	t.Parallel()
	q := newQueue(t)
	want := numbers(300)
	for _, payload := range want {
		q.enqueue("one", payload)
	}
	seen := make(chan string, 2*len(want))
	for range 2 {
		q.work(report(seen), func(config *asynq.Config) { config.Concurrency = 10 })
	}
	got := receive(t, seen, len(want))
	assert.ElementsMatch(t, want, got)
	assert.Eventually(t, func() bool {
		info, err := q.inspector.GetQueueInfo("default")
		return err == nil && info.Size == 0 && info.Processed == len(want)
	}, patience, 5*time.Millisecond)
	assert.Empty(t, seen)
}

func TestAsynqTriesAgainAndArchives(t *testing.T) {
	t.Parallel()
	q := newQueue(t)
	tries := 0
	q.work(func(ctx context.Context, task *asynq.Task) error {
		if task.Type() == "hopeless" {
			return fmt.Errorf("no use: %w", asynq.SkipRetry)
		}
		tries++
		if retried, _ := asynq.GetRetryCount(ctx); retried < 3 || task.Type() == "failing" {
			return errors.New("not yet")
		}
		_, err := task.ResultWriter().Write([]byte("at last"))
		return err
	}, nil)

	kept := q.enqueue("stubborn", "", asynq.MaxRetry(3), asynq.Retention(time.Hour))
	stubborn := q.eventually(kept.ID, asynq.TaskStateCompleted)
	assert.Equal(t, "at last", string(stubborn.Result))
	assert.Equal(t, 4, tries)
	failing := q.eventually(q.enqueue("failing", "", asynq.MaxRetry(1)).ID, asynq.TaskStateArchived)
	assert.Equal(t, "not yet", failing.LastErr)
	assert.Equal(t, 1, failing.Retried)
	hopeless := q.eventually(q.enqueue("hopeless", "", asynq.MaxRetry(9)).ID, asynq.TaskStateArchived)
	assert.Equal(t, 0, hopeless.Retried)

	archived, err := q.inspector.ListArchivedTasks("default")
	require.NoError(t, err)
	assert.Len(t, archived, 2)
	n, err := q.inspector.DeleteAllArchivedTasks("default")
	require.NoError(t, err)
	assert.Equal(t, 2, n)
}

func TestAsynqRunsScheduledTasksInTime(t *testing.T) {
	t.Parallel()
	q := newQueue(t)
	begin := time.Now()
	later := q.enqueue("later", "later", asynq.ProcessIn(2*time.Second))
	assert.Equal(t, asynq.TaskStateScheduled, later.State)
	hour := q.enqueue("hour", "hour", asynq.ProcessIn(time.Hour))
	q.enqueue("now", "now")
	seen := make(chan string, 3)
	q.work(report(seen), nil)
	assert.Equal(t, []string{"now", "later"}, receive(t, seen, 2))
	// Times are whole seconds there: two may be one and a bit.
	assert.Greater(t, time.Since(begin), time.Second)
	require.NoError(t, q.inspector.RunTask("default", hour.ID))
	assert.Equal(t, []string{"hour"}, receive(t, seen, 1))
}

func TestAsynqKeepsTasksUnique(t *testing.T) {
	t.Parallel()
	q := newQueue(t)
	q.enqueue("once", "a", asynq.Unique(time.Hour))
	_, err := q.client.Enqueue(asynq.NewTask("once", []byte("a")), asynq.Unique(time.Hour))
	require.ErrorIs(t, err, asynq.ErrDuplicateTask)
	q.enqueue("once", "b", asynq.Unique(time.Hour), asynq.TaskID("named"))
	_, err = q.client.Enqueue(asynq.NewTask("other", nil), asynq.TaskID("named"))
	require.ErrorIs(t, err, asynq.ErrTaskIDConflict)

	seen := make(chan string, 3)
	q.work(report(seen), nil)
	assert.Equal(t, []string{"a", "b"}, receive(t, seen, 2))
	// A task that is done leaves its lock.
	require.Eventually(t, func() bool {
		_, err := q.client.Enqueue(asynq.NewTask("once", []byte("a")), asynq.Unique(time.Hour))
		return err == nil
	}, patience, 5*time.Millisecond)
	assert.Equal(t, []string{"a"}, receive(t, seen, 1))
}

func TestAsynqPrefersQueues(t *testing.T) {
	t.Parallel()
	q := newQueue(t)
	for i := range 3 {
		for _, name := range []string{"low", "critical", "default"} {
			q.enqueue("task", fmt.Sprint(name, i), asynq.Queue(name))
		}
	}
	require.NoError(t, q.inspector.PauseQueue("low"))
	seen := make(chan string, 9)
	q.work(report(seen), func(config *asynq.Config) {
		config.Queues = map[string]int{"critical": 3, "default": 2, "low": 1}
		config.StrictPriority = true
	})
	want := []string{"critical0", "critical1", "critical2", "default0", "default1", "default2"}
	assert.Equal(t, want, receive(t, seen, 6))
	require.NoError(t, q.inspector.UnpauseQueue("low"))
	assert.Equal(t, []string{"low0", "low1", "low2"}, receive(t, seen, 3))
}

func TestAsynqGathersGroups(t *testing.T) {
	t.Parallel()
	q := newQueue(t)
	for _, payload := range []string{"a", "b", "c", "d", "e"} {
		q.enqueue("part", payload, asynq.Group("g"))
	}
	seen := make(chan string, 2)
	q.work(report(seen), func(config *asynq.Config) {
		config.GroupMaxSize = 5
		config.GroupGracePeriod = time.Minute
		config.GroupAggregator = asynq.GroupAggregatorFunc(func(_ string, tasks []*asynq.Task) *asynq.Task {
			var parts []string
			for _, task := range tasks {
				parts = append(parts, string(task.Payload()))
			}
			slices.Sort(parts)
			return asynq.NewTask("whole", []byte(strings.Join(parts, "")))
		})
	})
	assert.Equal(t, []string{"abcde"}, receive(t, seen, 1))
}

func TestAsynqSchedulerRepeatsAndCancels(t *testing.T) {
	t.Parallel()
	q := newQueue(t)
	scheduler := asynq.NewScheduler(q.option, &asynq.SchedulerOpts{Logger: silent{}})
	_, err := scheduler.Register("@every 1s", asynq.NewTask("tick", []byte("tick")))
	require.NoError(t, err)
	require.NoError(t, scheduler.Start())
	t.Cleanup(scheduler.Shutdown)
	started, ended := make(chan string, 9), make(chan error, 9)
	q.work(func(ctx context.Context, task *asynq.Task) error {
		id, _ := asynq.GetTaskID(ctx)
		started <- id
		if task.Type() == "endless" {
			<-ctx.Done()
			ended <- ctx.Err()
		}
		return nil
	}, func(config *asynq.Config) { config.Concurrency = 2 })
	assert.Len(t, receive(t, started, 2), 2)

	endless := q.enqueue("endless", "")
	for receive(t, started, 1)[0] != endless.ID {
	}
	// The order to stop travels by PUBLISH.
	require.NoError(t, q.inspector.CancelProcessing(endless.ID))
	assert.ErrorIs(t, receive(t, ended, 1)[0], context.Canceled)
}

// workUntilKilled is the other process of the next test: it takes a task and never ends it.
func workUntilKilled(address string) {
	server := asynq.NewServer(asynq.RedisClientOpt{Addr: address}, configuration(nil))
	err := server.Run(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
		fmt.Println("working")
		select {}
	}))
	fmt.Println(err)
	os.Exit(1)
}

func TestAsynqRecoversTheTaskOfAKilledWorker(t *testing.T) {
	t.Parallel()
	q := newQueue(t)
	task := q.enqueue("precious", "precious")
	victim := exec.Command(os.Args[0])
	victim.Env = append(os.Environ(), "APPS_VICTIM="+q.address)
	out, err := victim.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, victim.Start())
	_, err = io.ReadFull(out, make([]byte, len("working")))
	require.NoError(t, err)
	q.eventually(task.ID, asynq.TaskStateActive)
	require.NoError(t, victim.Process.Kill())
	victim.Wait()

	// The dead worker's lease lasts half a minute, and as long again is waited: it is made older instead.
	ctx, client := deadline(t), connect(t, q.address)
	old := redis.Z{Score: float64(time.Now().Add(-2 * time.Minute).Unix()), Member: task.ID}
	change := redis.ZAddArgs{XX: true, Ch: true, Members: []redis.Z{old}}
	changed, err := client.ZAddArgs(ctx, "asynq:{default}:lease", change).Result()
	require.NoError(t, err)
	require.EqualValues(t, 1, changed)
	seen := make(chan string, 1)
	q.work(report(seen), nil)
	assert.Equal(t, []string{"precious"}, receive(t, seen, 1))
}
