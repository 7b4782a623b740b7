// BullMQ, a job queue whose every step is a Lua script: what it promises of jobs, kept on this server.
// See server.js for running the same against the reference.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DelayedError, FlowProducer, Queue, QueueEvents, UnrecoverableError, WaitingChildrenError, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { collector, pending, startServer } from './server.js';

let server;
let names = 0;
const open = [];

before(async () => {
  server = await startServer('--appendonly', 'yes', '--appendfsync', 'always');
});

after(async () => {
  await Promise.all(open.map((one) => one.close()));
  await server.stop();
});

const connection = () => ({ host: server.host, port: server.port, maxRetriesPerRequest: null });

/** Remembers what has to be closed, and keeps its complaints about a closing server quiet. */
function keep(one) {
  one.on?.('error', () => {});
  open.push(one);
  return one;
}

const newQueue = (options) => keep(new Queue(`queue-${++names}`, { connection: connection(), ...options }));

const workOn = (queue, work, options) => keep(new Worker(queue.name, work, { connection: connection(), ...options }));

/** Resolves with the job of the n-th event of a kind that passes. */
async function events(worker, kind, n = 1) {
  const seen = collector();
  worker.on(kind, (job) => seen.add(job));
  return seen.until(n);
}

/** Events of a queue from its beginning, so that none is missed. */
async function listen(queue) {
  const queueEvents = keep(new QueueEvents(queue.name, { connection: connection(), lastEventId: '0-0' }));
  await queueEvents.waitUntilReady();
  return queueEvents;
}

test('jobs run in order, and their results come back', async () => {
  const queue = newQueue();
  const queueEvents = await listen(queue);
  const order = [];
  workOn(queue, async (job) => {
    order.push(job.data.n);
    await job.updateProgress(job.data.n * 10);
    await job.log(`number ${job.data.n}`);
    return { square: job.data.n ** 2 };
  });
  const progress = collector();
  queueEvents.on('progress', ({ data }) => progress.add(data));
  const jobs = await queue.addBulk([1, 2, 3, 4].map((n) => ({ name: 'square', data: { n } })));
  const results = await Promise.all(jobs.map((job) => job.waitUntilFinished(queueEvents)));
  assert.deepEqual(results, [{ square: 1 }, { square: 4 }, { square: 9 }, { square: 16 }]);
  assert.deepEqual(order, [1, 2, 3, 4]);
  assert.deepEqual(await progress.until(4), [10, 20, 30, 40]);
  assert.deepEqual((await queue.getJobLogs(jobs[2].id)).logs, ['number 3']);
  assert.deepEqual(await queue.getJobCounts('completed', 'failed', 'wait'), { completed: 4, failed: 0, wait: 0 });
});

test('five hundred jobs with twenty at a time in three workers run once each', async () => {
  const queue = newQueue();
  const runs = new Map();
  const done = collector();
  for (let i = 0; i < 3; i++) {
    const worker = workOn(queue, async (job) => void runs.set(job.data, (runs.get(job.data) ?? 0) + 1), { concurrency: 20 });
    worker.on('completed', (job) => done.add(job.id));
  }
  await queue.addBulk(Array.from({ length: 500 }, (_, i) => ({ name: 'one', data: i })));
  const ids = await done.until(500);
  assert.equal(new Set(ids).size, 500);
  assert.equal(runs.size, 500);
  assert.ok([...runs.values()].every((times) => times === 1));
});

test('a delayed job runs when its time has come, after those that need not wait', async () => {
  const queue = newQueue();
  const order = [];
  const worker = workOn(queue, async (job) => void order.push([job.name, Date.now() - job.timestamp]));
  const completed = events(worker, 'completed', 3);
  await queue.addBulk([
    { name: 'late', data: 0, opts: { delay: 600 } },
    { name: 'soon', data: 0, opts: { delay: 200 } },
    { name: 'now', data: 0 },
  ]);
  await completed;
  assert.deepEqual(order.map(([name]) => name), ['now', 'soon', 'late']);
  assert.ok(order[1][1] >= 200 && order[2][1] >= 600, `${order}`);
});

test('a job moves itself into the future, and a promoted one does not wait', async () => {
  const queue = newQueue();
  const times = [];
  const worker = workOn(queue, async (job, token) => {
    if (job.name === 'promoted') return;
    times.push(Date.now());
    if (times.length > 1) return;
    await job.moveToDelayed(Date.now() + 150, token);
    throw new DelayedError();
  });
  const completed = events(worker, 'completed', 2);
  const hour = await queue.add('promoted', 0, { delay: 3600_000 });
  await queue.add('again', 0);
  await hour.promote();
  await completed;
  assert.ok(times[1] - times[0] >= 150, `${times}`);
});

test('a failing job is tried again after growing delays, and stays among the failed ones', async () => {
  const queue = newQueue();
  const times = [];
  const worker = workOn(queue, async (job) => {
    times.push(Date.now());
    if (job.name === 'hopeless') throw new UnrecoverableError('no use');
    if (times.length < 4) throw new Error(`try ${times.length}`);
    return 'at last';
  });
  const queueEvents = await listen(queue);
  const job = await queue.add('stubborn', 0, { attempts: 4, backoff: { type: 'exponential', delay: 60 } });
  assert.equal(await job.waitUntilFinished(queueEvents), 'at last');
  const gaps = times.slice(1).map((time, i) => time - times[i]);
  assert.ok(gaps[0] >= 60 && gaps[1] >= 120 && gaps[2] >= 240, `${gaps}`);
  const stored = await queue.getJob(job.id);
  assert.equal(stored.attemptsMade, 4);
  assert.equal(stored.stacktrace.length, 3);

  const hopeless = await queue.add('hopeless', 0, { attempts: 9 });
  await assert.rejects(hopeless.waitUntilFinished(queueEvents), /no use/);
  assert.equal(await hopeless.getState(), 'failed');
  assert.deepEqual((await queue.getFailed()).map(({ id, attemptsMade }) => [id, attemptsMade]), [[hopeless.id, 1]]);
  const again = events(worker, 'failed');
  await hopeless.retry();
  await again;
});

test('priorities decide who is next, and lifo goes before', async () => {
  const queue = newQueue();
  await queue.pause();
  for (const [name, priority] of [['c', 10], ['b', 5], ['d', 10], ['a', 1]]) await queue.add(name, 0, { priority });
  await queue.add('plain', 0);
  await queue.add('last in', 0, { lifo: true });
  const changed = await queue.add('e', 0, { priority: 1 });
  await changed.changePriority({ priority: 99 });
  assert.deepEqual(await queue.getCountsPerPriority([1, 5, 10, 99]), { 1: 1, 5: 1, 10: 2, 99: 1 });
  const worker = workOn(queue, async () => {});
  const completed = events(worker, 'completed', 7);
  await queue.resume();
  assert.deepEqual((await completed).map((job) => job.name), ['last in', 'plain', 'a', 'b', 'c', 'd', 'e']);
});

test('a limiter lets so many jobs start in a span of time', async () => {
  const queue = newQueue();
  const starts = collector();
  workOn(queue, async () => starts.add(Date.now()), { limiter: { max: 3, duration: 300 }, concurrency: 10 });
  await queue.addBulk(Array.from({ length: 8 }, (_, i) => ({ name: 'one', data: i })));
  const times = await starts.until(8);
  // The server counts in spans that begin with a job; a job's start is seen a little after its count.
  for (let i = 3; i < times.length; i++) assert.ok(times[i] - times[i - 3] >= 200, `${times.map((t) => t - times[0])}`);
  assert.ok(times[7] - times[0] >= 550, `${times[7] - times[0]}`);
});

describe('flows', () => {
  const flow = (...roots) => keep(new FlowProducer({ connection: connection() })).addBulk(roots);

  test('a parent waits for its children of three generations, and has their results', async () => {
    const queue = newQueue();
    const leaves = newQueue();
    const queueEvents = await listen(queue);
    workOn(leaves, async (job) => job.data);
    workOn(queue, async (job) => {
      const values = Object.values(await job.getChildrenValues());
      return values.reduce((sum, value) => sum + value, 0);
    });
    const leaf = (data) => ({ name: 'leaf', queueName: leaves.name, data });
    const middle = (...children) => ({ name: 'middle', queueName: queue.name, data: 0, children });
    const children = [middle(leaf(1), leaf(2)), middle(leaf(3)), leaf(4)];
    const [{ job }] = await flow({ name: 'root', queueName: queue.name, data: 0, children });
    assert.equal(await job.waitUntilFinished(queueEvents), 10);
    assert.deepEqual(await job.getDependenciesCount(), { failed: 0, ignored: 0, processed: 3, unprocessed: 0 });
  });

  test('a child that fails fails its parent when it is to, and is passed over when it is to', async () => {
    const queue = newQueue();
    const queueEvents = await listen(queue);
    workOn(queue, async (job) => {
      if (job.name === 'bad') throw new Error('broken');
      return Object.values(await job.getIgnoredChildrenFailures());
    });
    const child = (opts) => ({ name: 'bad', queueName: queue.name, data: 0, opts });
    const [strict, lenient] = await flow(
      { name: 'strict', queueName: queue.name, data: 0, children: [child({ failParentOnFailure: true })] },
      { name: 'lenient', queueName: queue.name, data: 0, children: [child({ ignoreDependencyOnFailure: true })] },
    );
    await assert.rejects(strict.job.waitUntilFinished(queueEvents), /child .* failed/);
    assert.deepEqual(await lenient.job.waitUntilFinished(queueEvents), ['broken']);
  });

  test('a running job adds children and steps aside until they are done', async () => {
    const queue = newQueue();
    const queueEvents = await listen(queue);
    workOn(queue, async (job, token) => {
      if (job.name === 'child') return 'grown';
      if (job.data.step === 2) return Object.values(await job.getChildrenValues());
      await queue.add('child', 0, { parent: { id: job.id, queue: job.queueQualifiedName } });
      await job.updateData({ step: 2 });
      assert.ok(await job.moveToWaitingChildren(token));
      throw new WaitingChildrenError();
    });
    const job = await queue.add('parent', { step: 1 });
    assert.deepEqual(await job.waitUntilFinished(queueEvents), ['grown']);
  });
});

test('the job of a worker that was killed goes to another one', async () => {
  const queue = newQueue();
  const job = await queue.add('precious', 0);
  const program = fileURLToPath(new URL('bullmq-victim.js', import.meta.url));
  const victim = spawn(process.execPath, [program, queue.name, `${server.port}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(victim.stdout, 'data');
  assert.equal(await job.getState(), 'active');
  victim.kill('SIGKILL');
  await once(victim, 'exit');

  const worker = workOn(queue, async () => 'saved', { stalledInterval: 100, lockDuration: 400 });
  const stalled = pending();
  worker.on('stalled', stalled.resolve);
  const [completed] = await events(worker, 'completed');
  assert.equal(await stalled.promise, job.id);
  assert.equal(completed.returnvalue, 'saved');
});

test('a scheduler makes jobs at an interval until it is removed', async () => {
  const queue = newQueue();
  const worker = workOn(queue, async (job) => job.data.n);
  const ticks = events(worker, 'completed', 4);
  await queue.upsertJobScheduler('ticker', { every: 100 }, { name: 'tick', data: { n: 7 } });
  const jobs = await ticks;
  assert.deepEqual(jobs.map((job) => [job.name, job.returnvalue]), Array(4).fill(['tick', 7]));
  assert.ok(jobs[3].processedOn - jobs[1].processedOn >= 150);
  assert.equal((await queue.getJobScheduler('ticker')).every, 100);
  assert.equal(await queue.removeJobScheduler('ticker'), true);
  assert.deepEqual([await queue.getJobSchedulersCount(), await queue.getDelayedCount()], [0, 0]);

  await queue.upsertJobScheduler('daily', { pattern: '0 3 * * *', tz: 'UTC' }, { name: 'night' });
  const [night] = await queue.getDelayed();
  assert.equal(new Date(night.timestamp + night.delay).getUTCHours(), 3);
  await queue.upsertJobScheduler('daily', { pattern: '0 4 * * *', tz: 'UTC' }, { name: 'night' });
  const delayed = await queue.getDelayed();
  assert.deepEqual(delayed.map((job) => new Date(job.timestamp + job.delay).getUTCHours()), [4]);
});

test('jobs with the same deduplication id are one job while its time lasts', async () => {
  const queue = newQueue();
  const queueEvents = await listen(queue);
  const dropped = collector();
  queueEvents.on('deduplicated', ({ deduplicationId }) => dropped.add(deduplicationId));
  const first = await queue.add('once', 1, { deduplication: { id: 'same', ttl: 60_000 } });
  const second = await queue.add('once', 2, { deduplication: { id: 'same', ttl: 60_000 } });
  assert.equal(second.id, first.id);
  assert.deepEqual(await dropped.until(1), ['same']);
  await queue.removeDeduplicationKey('same');
  assert.notEqual((await queue.add('once', 3, { deduplication: { id: 'same' } })).id, first.id);
  assert.equal(await queue.getWaitingCount(), 2);
});

test('old jobs are cleaned, removed, drained and obliterated', async () => {
  const queue = newQueue();
  const worker = workOn(queue, async () => {}, { removeOnComplete: { count: 3 } });
  const completed = events(worker, 'completed', 10);
  await queue.addBulk(Array.from({ length: 10 }, (_, i) => ({ name: 'one', data: i })));
  await completed;
  await worker.close();
  assert.equal(await queue.getCompletedCount(), 3);
  assert.equal((await queue.clean(0, 2, 'completed')).length, 2);
  const extra = await queue.add('extra', 0);
  await queue.add('later', 0, { delay: 60_000 });
  await extra.remove();
  await queue.add('drained', 0);
  await queue.drain();
  assert.deepEqual(await queue.getJobCounts('completed', 'wait', 'delayed'), { completed: 1, wait: 0, delayed: 1 });
  await queue.obliterate();
  const client = new Redis(server.url);
  assert.deepEqual(await client.keys(`bull:${queue.name}:*`), []);
  client.disconnect();
});

test('queues also work over the other client, node-redis', async () => {
  const client = createClient({ url: server.url });
  await client.connect();
  const queue = newQueue({ connection: client });
  const worker = keep(new Worker(queue.name, async (job) => job.data * 2, { connection: client }));
  const completed = events(worker, 'completed', 2);
  await queue.add('double', 21);
  await queue.add('double', 4, { delay: 50, priority: 3 });
  assert.deepEqual((await completed).map((job) => job.returnvalue), [42, 8]);
  await worker.close();
  await queue.close();
  client.destroy();
});

test('after the server crashed and came back, workers go on with the jobs it had', async () => {
  const queue = newQueue();
  await queue.pause();
  await queue.addBulk(Array.from({ length: 20 }, (_, i) => ({ name: 'kept', data: i })));
  const late = await queue.add('kept', 20, { delay: 50 });
  const worker = workOn(queue, async (job) => job.data);
  await worker.waitUntilReady();
  await server.crash();
  await server.restart();
  const completed = events(worker, 'completed', 21);
  await queue.resume();
  const jobs = await completed;
  assert.deepEqual(jobs.map((job) => job.data).sort((a, b) => a - b), Array.from({ length: 21 }, (_, i) => i));
  assert.equal(await late.getState(), 'completed');
});
