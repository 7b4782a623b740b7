package apps_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/go-redsync/redsync/v4"
	"github.com/go-redsync/redsync/v4/redis/goredis/v9"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/push"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRedisRateLetsThroughAsManyAsAllowed(t *testing.T) {
	t.Parallel()
	ctx, address := deadline(t), start(t)
	var allowed, remaining atomic.Int64
	remaining.Store(1 << 30)
	var crowd sync.WaitGroup
	for range 5 {
		limiter := redis_rate.NewLimiter(connect(t, address))
		for range 40 {
			crowd.Go(func() {
				result, err := limiter.Allow(ctx, "door", redis_rate.PerHour(30))
				assert.NoError(t, err)
				allowed.Add(int64(result.Allowed))
				if result.Allowed == 0 {
					assert.Greater(t, result.RetryAfter, time.Minute)
				}
			})
		}
	}
	crowd.Wait()
	assert.EqualValues(t, 30, allowed.Load())

	limiter := redis_rate.NewLimiter(connect(t, address))
	result, err := limiter.AllowAtMost(ctx, "other", redis_rate.PerMinute(10), 25)
	require.NoError(t, err)
	assert.Equal(t, 10, result.Allowed)
	require.NoError(t, limiter.Reset(ctx, "other"))
	result, err = limiter.AllowN(ctx, "other", redis_rate.PerMinute(10), 4)
	require.NoError(t, err)
	assert.Equal(t, [2]int{4, 6}, [2]int{result.Allowed, result.Remaining})
}

func TestRedsyncLetsInOneAtATime(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
	client := connect(t, start(t))
	locks := redsync.New(goredis.NewPool(client))
	var inside atomic.Int32
	var crowd sync.WaitGroup
	for range 20 {
		crowd.Go(func() {
			delay := redsync.WithRetryDelay(5 * time.Millisecond)
			mutex := locks.NewMutex("lock", redsync.WithTries(5000), delay, redsync.WithExpiry(time.Minute))
			if !assert.NoError(t, mutex.LockContext(ctx)) {
				return
			}
			assert.EqualValues(t, 1, inside.Add(1))
			value, err := client.Get(ctx, "counter").Int()
			assert.True(t, err == nil || err == redis.Nil, err)
			assert.NoError(t, client.Set(ctx, "counter", value+1, 0).Err())
			inside.Add(-1)
			ok, err := mutex.UnlockContext(ctx)
			assert.True(t, ok, err)
		})
	}
	crowd.Wait()
	assert.Equal(t, "20", client.Get(ctx, "counter").Val())
}

func TestRedsyncExtendsAndLoses(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
	address := start(t, "--notify-keyspace-events", "Ex")
	client := connect(t, address)
	locks := redsync.New(goredis.NewPool(client))
	mutex := locks.NewMutex("lock", redsync.WithExpiry(20*time.Second))
	require.NoError(t, mutex.LockContext(ctx))
	require.NoError(t, client.PExpire(ctx, "lock", 10*time.Second).Err())
	ok, err := mutex.ExtendContext(ctx)
	require.NoError(t, err)
	assert.True(t, ok)
	assert.Greater(t, client.PTTL(ctx, "lock").Val(), 15*time.Second)
	assert.Error(t, locks.NewMutex("lock", redsync.WithTries(1)).TryLockContext(ctx))

	expired := client.Subscribe(ctx, "__keyevent@0__:expired")
	defer expired.Close()
	_, err = expired.Receive(ctx)
	require.NoError(t, err)
	require.NoError(t, client.PExpire(ctx, "lock", 20*time.Millisecond).Err())
	message, err := expired.ReceiveMessage(ctx)
	require.NoError(t, err)
	assert.Equal(t, "lock", message.Payload)
	require.NoError(t, locks.NewMutex("lock").LockContext(ctx))
	ok, _ = mutex.ExtendContext(ctx)
	assert.False(t, ok)
	ok, _ = mutex.UnlockContext(ctx)
	assert.False(t, ok)
}

func TestGoRedisPipelinesAndTransactions(t *testing.T) {
	t.Parallel()
	for _, protocol := range []int{2, 3} {
		t.Run(fmt.Sprint("RESP", protocol), func(t *testing.T) {
			ctx := deadline(t)
			client := connect(t, start(t), func(options *redis.Options) { options.Protocol = protocol })
			pipeline := client.Pipeline()
			var counts []*redis.IntCmd
			for range 5000 {
				counts = append(counts, pipeline.Incr(ctx, "n"))
			}
			pipeline.HSet(ctx, "h", "f", "v")
			wrong := pipeline.LPush(ctx, "h", "x")
			all := pipeline.HGetAll(ctx, "h")
			_, err := pipeline.Exec(ctx)
			require.ErrorContains(t, err, "WRONGTYPE")
			assert.ErrorContains(t, wrong.Err(), "WRONGTYPE")
			assert.Equal(t, map[string]string{"f": "v"}, all.Val())
			for i, count := range counts {
				require.EqualValues(t, i+1, count.Val())
			}

			var crowd sync.WaitGroup
			for range 10 {
				crowd.Go(func() { assert.NoError(t, addWatched(ctx, client, "watched")) })
			}
			crowd.Wait()
			assert.Equal(t, "10", client.Get(ctx, "watched").Val())
		})
	}
}

// addWatched adds one to a number in the way of WATCH, until nobody came between.
func addWatched(ctx context.Context, client *redis.Client, key string) error {
	for {
		err := client.Watch(ctx, func(tx *redis.Tx) error {
			n, err := tx.Get(ctx, key).Int()
			if err != nil && err != redis.Nil {
				return err
			}
			_, err = tx.TxPipelined(ctx, func(pipe redis.Pipeliner) error { return pipe.Set(ctx, key, n+1, 0).Err() })
			return err
		}, key)
		if err != redis.TxFailedErr {
			return err
		}
	}
}

func TestGoRedisScriptsAndFunctions(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
	client := connect(t, start(t))
	script := redis.NewScript(`local t = {}
		for i, key in ipairs(KEYS) do t[i] = redis.call('INCRBY', key, ARGV[1]) end
		return {t, cjson.encode({sum = #t}), redis.sha1hex('x'), false, {ok = 'FINE'}}`)
	want := []any{[]any{int64(7), int64(7)}, `{"sum":2}`, "11f6ad8ec52a2984abaafd7c3b516503785c2072", nil, "FINE"}
	for range 2 {
		got, err := script.Run(ctx, client, []string{"a", "b"}, 7).Slice()
		require.NoError(t, err)
		assert.Equal(t, want, got)
		require.NoError(t, client.ScriptFlush(ctx).Err())
		require.NoError(t, client.Del(ctx, "a", "b").Err())
	}
	require.NoError(t, client.FunctionLoad(ctx, "#!lua name=lib\n"+
		"redis.register_function('twice', function(keys, args) return args[1] * 2 end)").Err())
	assert.EqualValues(t, 42, client.FCall(ctx, "twice", nil, 21).Val())
	libraries, err := client.FunctionList(ctx, redis.FunctionListQuery{WithCode: true}).Result()
	require.NoError(t, err)
	assert.Equal(t, "twice", libraries[0].Functions[0].Name)
}

func TestGoRedisStreamsWithAGroup(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
	client := connect(t, start(t))
	require.NoError(t, client.XGroupCreateMkStream(ctx, "s", "g", "$").Err())
	seen := make(chan string, 400)
	for i := range 4 {
		go consume(ctx, client, fmt.Sprint("c", i), seen)
	}
	pipeline := client.Pipeline()
	for _, n := range numbers(200) {
		pipeline.XAdd(ctx, &redis.XAddArgs{Stream: "s", MaxLen: 1000, Approx: true, Values: []string{"n", n}})
	}
	_, err := pipeline.Exec(ctx)
	require.NoError(t, err)
	assert.ElementsMatch(t, numbers(200), receive(t, seen, 200))
	require.NoError(t, client.XGroupCreate(ctx, "s", "second", "0").Err())
	taking := &redis.XReadGroupArgs{Group: "second", Consumer: "gone", Streams: []string{"s", ">"}, Count: 3}
	read, err := client.XReadGroup(ctx, taking).Result()
	require.NoError(t, err)
	claiming := &redis.XAutoClaimArgs{Stream: "s", Group: "second", Consumer: "here", Start: "0", Count: 2}
	claimed, next, err := client.XAutoClaim(ctx, claiming).Result()
	require.NoError(t, err)
	assert.Equal(t, read[0].Messages[:2], claimed)
	assert.Equal(t, read[0].Messages[2].ID, next)
	pending, err := client.XPending(ctx, "s", "second").Result()
	require.NoError(t, err)
	assert.Equal(t, map[string]int64{"gone": 1, "here": 2}, pending.Consumers)
	info, err := client.XInfoStreamFull(ctx, "s", 1).Result()
	require.NoError(t, err)
	assert.EqualValues(t, 200, info.Length)
	assert.Len(t, info.Groups, 2)
}

// consume reads and acknowledges until the connection is closed.
func consume(ctx context.Context, client *redis.Client, name string, seen chan<- string) {
	for {
		args := &redis.XReadGroupArgs{Group: "g", Consumer: name, Streams: []string{"s", ">"}, Count: 10}
		args.Block = patience
		streams, err := client.XReadGroup(ctx, args).Result()
		if err != nil {
			return
		}
		for _, message := range streams[0].Messages {
			if client.XAck(ctx, "s", "g", message.ID).Val() == 1 {
				seen <- message.Values["n"].(string)
			}
		}
	}
}

// invalidations hears of keys that are not what they were.
type invalidations struct{ keys []any }

func (i *invalidations) HandlePushNotification(
	_ context.Context, _ push.NotificationHandlerContext, words []any,
) error {
	i.keys = append(i.keys, words[1])
	return nil
}

func TestGoRedisHearsPushesOfTracking(t *testing.T) {
	t.Parallel()
	ctx, address := deadline(t), start(t)
	reader, writer := connect(t, address), connect(t, address)
	conn := reader.Conn()
	defer conn.Close()
	heard := &invalidations{}
	require.NoError(t, conn.RegisterPushNotificationHandler("invalidate", heard, false))
	require.NoError(t, conn.Do(ctx, "CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "user:").Err())
	require.NoError(t, writer.MSet(ctx, "user:1", "a", "other", "b").Err())
	require.NoError(t, writer.Eval(ctx, "return redis.call('DEL', KEYS[1])", []string{"user:1"}).Err())
	// What a write makes invalid was pushed before the writer had its answer, so it stands before this one's.
	require.NoError(t, conn.Ping(ctx).Err())
	assert.Equal(t, []any{[]any{"user:1"}, []any{"user:1"}}, heard.keys)
	require.NoError(t, writer.FlushAll(ctx).Err())
	require.NoError(t, conn.Ping(ctx).Err())
	assert.Equal(t, []any{[]any{"user:1"}, []any{"user:1"}, nil}, heard.keys)
}

func TestGoRedisCachesOnItsSide(t *testing.T) {
	t.Parallel()
	ctx, address := deadline(t), start(t)
	writer := connect(t, address)
	reader := connect(t, address, func(options *redis.Options) {
		options.Protocol = 3
		options.ClientSideCacheConfig = &redis.ClientSideCacheConfig{MaxEntries: 100}
	})
	require.NoError(t, writer.Set(ctx, "k", "old", 0).Err())
	for range 10 {
		require.Equal(t, "old", reader.Get(ctx, "k").Val())
	}
	stats := reader.CSCStats()
	assert.NotZero(t, stats.Hits)
	assert.EqualValues(t, 10, stats.Hits+stats.Misses)
	require.NoError(t, writer.Set(ctx, "k", "new", 0).Err())
	require.Eventually(t, func() bool { return reader.Get(ctx, "k").Val() == "new" }, patience, time.Millisecond)
}

func TestGoRedisSubscribers(t *testing.T) {
	t.Parallel()
	ctx := deadline(t)
	client := connect(t, start(t))
	subscriber := client.Subscribe(ctx, "a")
	defer subscriber.Close()
	require.NoError(t, subscriber.PSubscribe(ctx, "b*"))
	for range 2 {
		_, err := subscriber.Receive(ctx)
		require.NoError(t, err)
	}
	for _, n := range numbers(1000) {
		require.EqualValues(t, 1, client.Publish(ctx, "a", n).Val())
	}
	require.EqualValues(t, 1, client.Publish(ctx, "bc", "last").Val())
	for _, n := range append(numbers(1000), "last") {
		message, err := subscriber.ReceiveMessage(ctx)
		require.NoError(t, err)
		require.Equal(t, n, message.Payload)
	}
}
