// redlock: locks whose three scripts compare and set in one step.
// See server.js for running the same against the reference.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Redis } from 'ioredis';
import Redlock, { ExecutionError, ResourceLockedError } from 'redlock';
import { collector, startServer } from './server.js';

let servers;
let clients;

before(async () => {
  servers = await Promise.all([1, 2, 3].map(() => startServer('--notify-keyspace-events', 'Ex')));
  clients = servers.map(({ url }) => new Redis(url).on('error', () => {}));
});

after(async () => {
  for (const client of clients) client.disconnect();
  await Promise.all(servers.map((server) => server.stop()));
});

const patient = () => new Redlock(clients, { retryCount: 200, retryDelay: 20, retryJitter: 20 });
const hasty = () => new Redlock(clients, { retryCount: 0 });

/** Waits for those servers, too, that a majority of them need not wait for. */
const everywhere = async ({ attempts }) => Promise.all(attempts);

test('twenty who read, wait and write lose nothing under a lock', async () => {
  const [client] = clients;
  await client.set('counter', 0);
  let inside = 0;
  const increment = async () => {
    const lock = await patient().acquire(['counter-lock'], 5000);
    assert.equal(++inside, 1);
    const value = Number(await client.get('counter'));
    await client.ping();
    await client.set('counter', value + 1);
    inside--;
    await everywhere(await lock.release());
  };
  await Promise.all(Array.from({ length: 20 }, increment));
  assert.equal(await client.get('counter'), '20');
  assert.equal(await client.exists('counter-lock'), 0);
});

test('a lock on several things keeps others from each of them', async () => {
  const lock = await hasty().acquire(['{a}1', '{a}2'], 10_000);
  const error = await hasty().acquire(['{a}2', '{a}3'], 1000).catch((reason) => reason);
  assert.ok(error instanceof ExecutionError, `${error}`);
  const stats = await Promise.all(error.attempts);
  assert.ok([...stats[0].votesAgainst.values()].every((reason) => reason instanceof ResourceLockedError));
  await (await hasty().acquire(['{a}3'], 1000)).release();
  await lock.release();
  await (await hasty().acquire(['{a}2'], 1000)).release();
});

test('a lock is extended by its owner and by nobody else', async () => {
  const lock = await hasty().acquire(['extended'], 1000);
  const longer = await lock.extend(20_000);
  await everywhere(longer);
  for (const client of clients) assert.ok((await client.pttl('extended')) > 15_000);
  await assert.rejects(hasty().acquire(['extended'], 1000), ExecutionError);
  await clients[0].set('extended', 'stolen');
  await clients[1].set('extended', 'stolen');
  await assert.rejects(longer.extend(1000), ExecutionError);
  await assert.rejects(longer.release(), ExecutionError);
  assert.equal(await clients[0].get('extended'), 'stolen');
});

test('a lock that nobody extends ends, and then another may have it', async () => {
  const expired = collector();
  const listeners = servers.map(({ url }) => new Redis(url));
  for (const listener of listeners) {
    listener.on('message', (channel, key) => expired.add(key));
    await listener.subscribe('__keyevent@0__:expired');
  }
  const lock = await hasty().acquire(['ending'], 300);
  await expired.until(3);
  const next = await hasty().acquire(['ending'], 5000);
  await assert.rejects(lock.release(), ExecutionError);
  await next.release();
  for (const listener of listeners) listener.disconnect();
});

test('using() extends the lock while the work lasts', async () => {
  const locks = new Redlock(clients, { retryCount: 0, automaticExtensionThreshold: 200 });
  await locks.using(['used'], 500, async (signal) => {
    // By its blocking the server tells when 1.2 s are over, more than two lives of the lock.
    const waiting = clients[0].duplicate();
    await waiting.blpop('never', 1.2);
    waiting.disconnect();
    assert.equal(signal.aborted, false);
    await assert.rejects(hasty().acquire(['used'], 500), ExecutionError);
  });
  await (await hasty().acquire(['used'], 500)).release();
});

test('a majority of the servers is enough', async () => {
  const lock = await hasty().acquire(['majority'], 5000);
  await servers[2].crash();
  await assert.rejects(hasty().acquire(['majority'], 5000), ExecutionError);
  await (await lock.extend(5000)).release();
  await (await hasty().acquire(['majority'], 5000)).release();
});
