// Programs as people write them with ioredis and node-redis: pipelines, transactions, scripts, functions,
// streams with consumer groups, publish and subscribe, and caching on the client's side by RESP3's pushes.
// See server.js for running the same against the reference.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { Redis } from 'ioredis';
import { BasicClientSideCache, createClient, defineScript, ErrorReply, WatchError } from 'redis';
import { collector, pending, startServer } from './server.js';

let server;
before(async () => (server = await startServer()));
after(() => server.stop());

describe('ioredis', () => {
  let redis;
  before(() => (redis = new Redis(server.url)));
  after(() => redis.disconnect());

  test('a pipeline of ten thousand commands answers in order, faults in their places', async () => {
    const pipeline = redis.pipeline();
    for (let i = 0; i < 5000; i++) pipeline.set(`p:${i}`, i).incrby(`p:${i}`, 1);
    pipeline.lpush('p:1', 'x').get('p:4999');
    const answers = await pipeline.exec();
    assert.equal(answers.length, 10_002);
    for (let i = 0; i < 5000; i++) assert.deepEqual(answers.slice(2 * i, 2 * i + 2), [[null, 'OK'], [null, i + 1]]);
    assert.match(answers[10_000][0].message, /^WRONGTYPE/);
    assert.deepEqual(answers[10_001], [null, '5000']);
  });

  test('commands given at once travel together, each with its own answer', async () => {
    const auto = new Redis(server.url, { enableAutoPipelining: true });
    const fields = Array.from({ length: 1000 }, (_, i) => `${i}`);
    await Promise.all(fields.map((field) => auto.hset('auto', field, field)));
    assert.deepEqual(await Promise.all(fields.map((field) => auto.hget('auto', field))), fields);
    auto.disconnect();
  });

  test('a transaction that was watched in vain runs nothing', async () => {
    await redis.set('balance', 100);
    const other = redis.duplicate();
    await other.watch('balance');
    await redis.decrby('balance', 30);
    assert.equal(await other.multi().decrby('balance', 80).exec(), null);
    await other.watch('balance');
    assert.deepEqual(await other.multi().decrby('balance', 70).get('balance').exec(), [[null, 0], [null, '0']]);
    other.disconnect();
  });

  test('a script is a command of its own, also after the server forgot it', async () => {
    redis.defineCommand('take', {
      numberOfKeys: 2,
      lua: `local got = redis.call('LRANGE', KEYS[1], 0, ARGV[1] - 1)
            if #got == 0 then return redis.error_reply('EMPTY nothing to take') end
            redis.call('LTRIM', KEYS[1], #got, -1)
            redis.call('RPUSH', KEYS[2], unpack(got))
            return {#got, got, cjson.encode({left = redis.call('LLEN', KEYS[1])})}`,
    });
    await redis.rpush('from', 'a', 'b', 'c');
    assert.deepEqual(await redis.take('from', 'to', 2), [2, ['a', 'b'], '{"left":1}']);
    await redis.script('FLUSH');
    assert.deepEqual(await redis.take('from', 'to', 2), [1, ['c'], '{"left":0}']);
    await assert.rejects(redis.take('from', 'to', 2), /EMPTY nothing to take/);
    assert.deepEqual(await redis.lrange('to', 0, -1), ['a', 'b', 'c']);
    const bytes = Buffer.from([0, 255, 13, 10]);
    assert.deepEqual(await redis.evalBuffer('return ARGV[1]', 0, bytes), bytes);
  });

  test('two consumers of a group share a stream; what one leaves, the other claims', async () => {
    await redis.xgroup('CREATE', 'jobs', 'workers', '$', 'MKSTREAM');
    const consumers = [redis.duplicate(), redis.duplicate()];
    const read = (i, id) =>
      consumers[i].xreadgroup('GROUP', 'workers', `w${i}`, 'COUNT', 1, 'BLOCK', 20_000, 'STREAMS', 'jobs', id);
    const waiting = [read(0, '>'), read(1, '>')];
    const ids = [await redis.xadd('jobs', '*', 'n', 1), await redis.xadd('jobs', '*', 'n', 2)];
    const got = (await Promise.all(waiting)).map(([[key, entries]]) => (assert.equal(key, 'jobs'), entries[0]));
    assert.deepEqual(got.map(([id]) => id).sort(), ids);
    assert.equal(await redis.xack('jobs', 'workers', got[0][0]), 1);
    assert.deepEqual(await redis.xpending('jobs', 'workers'), [1, got[1][0], got[1][0], [['w1', '1']]]);
    const [next, claimed] = await consumers[0].xautoclaim('jobs', 'workers', 'w0', 0, '0');
    assert.deepEqual([next, claimed], ['0-0', [got[1]]]);
    assert.deepEqual(await read(0, '0'), [['jobs', [got[1]]]]);
    for (const consumer of consumers) consumer.disconnect();
  });

  test('scanning with a stream of keys sees each of many', async () => {
    await redis.mset(...Array.from({ length: 3000 }, (_, i) => [`scan:${i}`, i]).flat());
    const seen = new Set();
    for await (const keys of redis.scanStream({ match: 'scan:*', count: 100 })) keys.forEach((key) => seen.add(key));
    assert.equal(seen.size, 3000);
  });

  test('subscribers of channels and patterns hear what is published', async () => {
    const subscriber = redis.duplicate();
    const heard = collector();
    subscriber.on('message', (channel, text) => heard.add([channel, text]));
    subscriber.on('pmessage', (pattern, channel, text) => heard.add([pattern, channel, text]));
    await subscriber.subscribe('news.a', 'news.b');
    await subscriber.psubscribe('news.*');
    assert.equal(await redis.publish('news.a', 'one'), 2);
    assert.equal(await redis.publish('news.c', 'two'), 1);
    assert.deepEqual(await heard.until(3), [['news.a', 'one'], ['news.*', 'news.a', 'one'], ['news.*', 'news.c', 'two']]);
    await subscriber.unsubscribe('news.a');
    assert.equal(await redis.publish('news.a', 'three'), 1);
    subscriber.disconnect();
  });

  test('a monitor sees the commands of others', async () => {
    const monitor = await redis.monitor();
    const seen = collector();
    monitor.on('monitor', (time, words) => seen.add(words));
    await redis.set('watched', 'a b');
    assert.deepEqual(await seen.until(1), [['set', 'watched', 'a b']]);
    monitor.disconnect();
  });
});

describe('node-redis', () => {
  let client;
  before(async () => (client = await createClient({ url: server.url, RESP: 3 }).connect()));
  after(() => client.destroy());

  test('RESP3 answers have their types', async () => {
    await client.hSet('types', { a: '1', b: '2' });
    assert.deepEqual({ ...(await client.hGetAll('types')) }, { a: '1', b: '2' });
    const scores = [{ value: 'x', score: 1.5 }, { value: 'y', score: Infinity }];
    await client.zAdd('scores', scores);
    assert.deepEqual(await client.zRangeWithScores('scores', 0, -1), scores);
    assert.equal(await client.zScore('scores', 'nobody'), null);
    assert.deepEqual(await client.multi().sAdd('set', ['m', 'n']).sIsMember('set', 'm').exec(), [2, 1]);
    assert.equal(await client.eval("redis.setresp(3); return {double=3.25}"), 3.25);
    await assert.rejects(client.lPush('types', 'x'), (error) => error instanceof ErrorReply && /^WRONGTYPE/.test(error.message));
  });

  test('of two who watch the same key one wins', async () => {
    const pool = [1, 2].map(() => createClient({ url: server.url }));
    await Promise.all(pool.map((one) => one.connect()));
    await client.set('stock', '1');
    await Promise.all(pool.map((one) => one.watch('stock')));
    const results = await Promise.allSettled(pool.map((one) => one.multi().decr('stock').exec()));
    assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.ok(results.find(({ status }) => status === 'rejected').reason instanceof WatchError);
    assert.equal(await client.get('stock'), '0');
    pool.forEach((one) => one.destroy());
  });

  test('a client caches what it reads until another changes it', async () => {
    const cache = new BasicClientSideCache({ ttl: 0, maxEntries: 100 });
    const reader = await createClient({ url: server.url, RESP: 3, clientSideCache: cache }).connect();
    const invalidated = collector();
    cache.on('invalidate', (key) => invalidated.add(key?.toString() ?? null));
    await client.set('cached', 'old');
    for (let i = 0; i < 5; i++) assert.equal(await reader.get('cached'), 'old');
    assert.equal(cache.stats().missCount, 1);
    assert.equal(cache.stats().hitCount, 4);
    await client.set('cached', 'new');
    assert.deepEqual(await invalidated.until(1), ['cached']);
    assert.equal(await reader.get('cached'), 'new');

    await client.eval("redis.call('SET', KEYS[1], ARGV[1])", { keys: ['cached'], arguments: ['by script'] });
    await invalidated.until(2);
    assert.equal(await reader.get('cached'), 'by script');
    await client.rename('cached', 'moved');
    await invalidated.until(3);
    assert.equal(await reader.get('cached'), null);
    await client.flushAll();
    assert.equal((await invalidated.until(4)).at(-1), null);

    // What has a time to live is told when it is over, not when somebody asks.
    await client.set('brief', 'moment', { PX: 1500 });
    assert.equal(await reader.get('brief'), 'moment');
    assert.equal((await invalidated.until(5)).at(-1), 'brief');
    assert.equal(await reader.get('brief'), null);
    reader.destroy();
  });

  test('a function library is loaded, called, listed, and carried to another server', async () => {
    const code = `#!lua name=stock
      redis.register_function('reserve', function(keys, args)
        local left = tonumber(redis.call('GET', keys[1]) or 0)
        if left < tonumber(args[1]) then return redis.error_reply('SOLDOUT only ' .. left) end
        return redis.call('DECRBY', keys[1], args[1])
      end)
      redis.register_function{function_name='left', flags={'no-writes'},
        callback=function(keys) return tonumber(redis.call('GET', keys[1])) end}`;
    assert.equal(await client.functionLoad(code, { REPLACE: true }), 'stock');
    await client.set('apples', '5');
    assert.equal(await client.fCall('reserve', { keys: ['apples'], arguments: ['3'] }), 2);
    assert.equal(await client.fCallRo('left', { keys: ['apples'] }), 2);
    await assert.rejects(client.fCall('reserve', { keys: ['apples'], arguments: ['3'] }), /SOLDOUT only 2/);
    await assert.rejects(client.fCallRo('reserve', { keys: ['apples'], arguments: ['1'] }), /write flag/);
    const [library] = await client.functionList();
    assert.deepEqual([library.library_name, library.functions.length], ['stock', 2]);
    const binary = await client.withTypeMapping({ 36: Buffer }).functionDump();
    await client.functionFlush();
    await client.functionRestore(binary, { mode: 'APPEND' });
    assert.equal(await client.fCallRo('left', { keys: ['apples'] }), 2);
  });

  test('a script of the client is a method, sent by its hash', async () => {
    const bump = defineScript({
      NUMBER_OF_KEYS: 1,
      SCRIPT: "return redis.call('INCRBY', KEYS[1], ARGV[1]) + struct.unpack('b', string.char(1))",
      parseCommand: (parser, key, by) => (parser.pushKey(key), parser.push(`${by}`)),
      transformReply: (reply) => reply,
    });
    const scripted = await createClient({ url: server.url, scripts: { bump } }).connect();
    assert.deepEqual(await Promise.all([1, 2, 3].map((by) => scripted.bump('bumped', by))), [2, 4, 7]);
    scripted.destroy();
  });

  test('a consumer of a group gets entries that are pushed while it waits', async () => {
    await client.xGroupCreate('events', 'readers', '0', { MKSTREAM: true });
    const reader = await client.duplicate().connect();
    const waiting = reader.xReadGroup('readers', 'r', { key: 'events', id: '>' }, { BLOCK: 20_000, COUNT: 10 });
    const id = await client.xAdd('events', '*', { kind: 'opened' }, { TRIM: { strategy: 'MAXLEN', threshold: 100 } });
    const answer = JSON.stringify(await waiting);
    assert.ok(answer.includes(id) && answer.includes('opened'), answer);
    assert.equal((await client.xPending('events', 'readers')).pending, 1);
    assert.equal(await client.xAck('events', 'readers', id), 1);
    assert.equal((await client.xInfoGroups('events'))[0].lag, 0);
    reader.destroy();
  });

  test('sharded and plain channels reach a subscriber that also runs commands', async () => {
    const subscriber = await client.duplicate().connect();
    const heard = collector();
    await subscriber.subscribe('plain', (text) => heard.add(text));
    await subscriber.sSubscribe('sharded', (text) => heard.add(text));
    await client.publish('plain', 'p');
    await client.sPublish('sharded', 's');
    assert.deepEqual(await heard.until(2), ['p', 's']);
    await subscriber.unsubscribe('plain');
    assert.equal(await client.publish('plain', 'p'), 0);
    subscriber.destroy();
  });

  test('a client that is killed comes back by itself', async () => {
    const victim = await createClient({ url: server.url, name: 'victim' }).on('error', () => {}).connect();
    const back = pending();
    victim.on('ready', back.resolve);
    const id = await victim.clientId();
    assert.equal(await client.clientKill({ filter: 'ID', id }), 1);
    await back.promise;
    assert.notEqual(await victim.clientId(), id);
    victim.destroy();
  });
});
