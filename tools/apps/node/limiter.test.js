// rate-limiter-flexible: counts of points per key and time, kept by one script or one MULTI.
// See server.js for running the same against the reference.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Redis } from 'ioredis';
import { BurstyRateLimiter, RateLimiterQueue, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { createClient } from 'redis';
import { collector, startServer } from './server.js';

let server;
let ioredis;
let nodeRedis;
let listener;
const expired = collector();

before(async () => {
  server = await startServer('--notify-keyspace-events', 'Ex');
  ioredis = new Redis(server.url);
  nodeRedis = await createClient({ url: server.url }).connect();
  listener = await nodeRedis.duplicate().connect();
  await listener.subscribe('__keyevent@0__:expired', (key) => expired.add(key));
});

after(async () => {
  ioredis.disconnect();
  nodeRedis.destroy();
  listener.destroy();
  await server.stop();
});

/** Consumes n times at once; how many were let through, and the answers. */
async function crowd(limiter, key, n) {
  const answers = await Promise.allSettled(Array.from({ length: n }, () => limiter.consume(key)));
  for (const { status, reason } of answers) if (status === 'rejected') assert.ok(reason instanceof RateLimiterRes, `${reason}`);
  return { passed: answers.filter(({ status }) => status === 'fulfilled').length, answers };
}

/** The options of a limiter for each client that it can use. */
const stores = {
  ioredis: () => ({ storeClient: ioredis }),
  'node-redis': () => ({ storeClient: nodeRedis, useRedisPackage: true }),
};

for (const [name, client] of Object.entries(stores)) {
  test(`of a crowd at once exactly as many pass as there are points (${name})`, async () => {
    const limiters = [1, 2, 3].map(() => new RateLimiterRedis({ ...client(), keyPrefix: name, points: 25, duration: 60 }));
    const crowds = await Promise.all(limiters.map((limiter) => crowd(limiter, 'door', 40)));
    assert.equal(crowds.reduce((sum, { passed }) => sum + passed, 0), 25);
    const { value } = crowds[0].answers.find(({ status }) => status === 'fulfilled');
    assert.ok(value.msBeforeNext > 50_000 && value.msBeforeNext <= 60_000, `${value.msBeforeNext}`);
    assert.equal((await limiters[0].get('door')).consumedPoints, 120);
    assert.equal((await limiters[1].get('door')).remainingPoints, 0);
    assert.equal(await limiters[2].get('another'), null);
  });

  test(`points are given, taken and set (${name})`, async () => {
    const limiter = new RateLimiterRedis({ ...client(), keyPrefix: `points-${name}`, points: 5, duration: 60 });
    assert.equal((await limiter.consume('a', 3)).remainingPoints, 2);
    assert.equal((await limiter.penalty('a', 1)).consumedPoints, 4);
    assert.equal((await limiter.reward('a', 3)).consumedPoints, 1);
    assert.equal((await limiter.set('a', 5, 30)).consumedPoints, 5);
    const refused = await limiter.consume('a').catch((answer) => answer);
    assert.ok(refused.msBeforeNext <= 30_000 && refused.msBeforeNext > 20_000);
    assert.equal(await limiter.delete('a'), true);
    assert.equal((await limiter.consume('a')).remainingPoints, 4);
    await limiter.block('a', 20);
    assert.ok((await limiter.consume('a').catch((answer) => answer)).msBeforeNext > 10_000);
  });

  test(`points come back when the time is over (${name})`, async () => {
    const prefix = `short-${name}`;
    const limiter = new RateLimiterRedis({ ...client(), keyPrefix: prefix, points: 2, duration: 1 });
    assert.equal((await crowd(limiter, 'k', 4)).passed, 2);
    while (!expired.items.includes(`${prefix}:k`)) await expired.until(expired.items.length + 1);
    assert.equal((await crowd(limiter, 'k', 4)).passed, 2);
  });
}

test('who goes on too long is blocked for longer', async () => {
  const limiter = new RateLimiterRedis({ storeClient: ioredis, keyPrefix: 'block', points: 2, duration: 5, blockDuration: 40 });
  assert.equal((await crowd(limiter, 'k', 3)).passed, 2);
  const ttl = await ioredis.pttl('block:k');
  assert.ok(ttl > 30_000 && ttl <= 40_000, `${ttl}`);
});

test('a burst has points of its own', async () => {
  const steady = new RateLimiterRedis({ storeClient: ioredis, keyPrefix: 'steady', points: 2, duration: 60 });
  const burst = new RateLimiterRedis({ storeClient: ioredis, keyPrefix: 'burst', points: 3, duration: 60 });
  assert.equal((await crowd(new BurstyRateLimiter(steady, burst), 'k', 10)).passed, 5);
});

test('a queue lets everybody through, at the pace of the limit', async () => {
  const limiter = new RateLimiterRedis({ storeClient: ioredis, keyPrefix: 'queue', points: 2, duration: 1 });
  const queue = new RateLimiterQueue(limiter, { maxQueueSize: 10 });
  const start = Date.now();
  await Promise.all(Array.from({ length: 5 }, () => queue.removeTokens(1, 'k')));
  assert.ok(Date.now() - start >= 1500, `${Date.now() - start}`);
});
