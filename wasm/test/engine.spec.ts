import type { Server } from 'node:http';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Status } from '../engine.ts';
import type { Harness } from './page/main.ts';
import { Chromium, serve } from './harness.ts';

declare const harness: Harness;

let url: string;
let server: Server;
let chromium: Chromium;
let page: Page;

beforeAll(async () => {
  ({ url, server } = await serve());
});

afterAll(() => server.close());

/** A fresh browser with one page. */
async function fresh(): Promise<Page> {
  chromium = new Chromium(url);
  page = await chromium.page();
  return page;
}

afterEach(() => chromium.kill());

test('answers requests through the worker', async () => {
  await fresh();
  const replies = await page.evaluate(async () => {
    harness.start();
    const client = harness.client();
    return [await client.call('SET', 'k', 'v'), await client.call('GET', 'k'), await client.call('NOSUCH')];
  });
  expect(replies).toEqual(['+OK', '$1\r\nv', expect.stringMatching(/^-ERR unknown command 'NOSUCH'/)]);
});

test('answers messages that come one upon the other in order, and reads see the writes before them', async () => {
  await fresh();
  const [wrong, other] = await page.evaluate(async () => {
    harness.start();
    const [client, second] = [harness.client(), harness.client()];
    await client.call('PING');
    const expected: string[] = [];
    const replies: Promise<string>[] = [];
    const channel = new MessageChannel();
    let at = 0;
    // Each task of the page is a message of its own: some find the worker idle, some in a turn.
    await new Promise<void>((done) => {
      channel.port1.onmessage = () => {
        for (const value of [`${at}`, `${at}b`]) {
          replies.push(client.call('SET', 'k', value), client.call('GET', 'k'));
          expected.push('+OK', `$${value.length}\r\n${value}`);
        }
        if (++at === 3000) done();
        else channel.port2.postMessage(null);
      };
      channel.port2.postMessage(null);
    });
    const seen = await Promise.all(replies);
    return [expected.findIndex((reply, i) => reply !== seen[i]), await second.call('GET', 'k')] as const;
  });
  expect(wrong).toBe(-1);
  expect(other).toBe('$5\r\n2999b');
});

test('carries out what a session sent before it was closed, and lets it go then', async () => {
  await fresh();
  const [counted, left] = await page.evaluate(async () => {
    harness.start();
    const watcher = harness.client();
    const soon = harness.client(); // closed before there is an engine
    void soon.call('INCR', 'n');
    soon.session.close();
    await watcher.call('PING');
    const turn = new MessageChannel();
    for (let round = 0; round < 50; round++) {
      const client = harness.client();
      void client.call('INCR', 'n');
      await new Promise((done) => {
        turn.port1.onmessage = done;
        turn.port2.postMessage(null);
      });
      for (let i = 0; i < 3; i++) {
        void client.call('INCR', 'n');
        await null; // a message each
      }
      client.session.close();
    }
    // Sessions are served in any order, so that this one may look before the last of the others had its turn.
    const sessions = async () => (await watcher.call('CLIENT', 'LIST')).match(/ addr=/g)!.length;
    const deadline = performance.now() + 20_000;
    const done = async () => (await watcher.call('GET', 'n')) === '$3\r\n201' && (await sessions()) === 1;
    while (!(await done()) && performance.now() < deadline);
    return [await watcher.call('GET', 'n'), await sessions()] as const;
  });
  expect(counted).toBe('$3\r\n201');
  expect(left).toBe(1);
});

test('wakes a session from another one', async () => {
  await fresh();
  const woken = await page.evaluate(async () => {
    harness.start();
    const [waiter, other] = [harness.client(), harness.client()];
    const reply = waiter.call('BLPOP', 'list', '0');
    await other.call('RPUSH', 'list', 'item');
    return reply;
  });
  expect(woken).toBe('*2\r\n$4\r\nlist\r\n$4\r\nitem');
});

test('lets blocked clients time out by the engine\'s own timer', async () => {
  await fresh();
  const [reply, took] = await page.evaluate(async () => {
    harness.start();
    const client = harness.client();
    await client.call('PING');
    const began = performance.now();
    return [await client.call('BLPOP', 'nothing', '0.2'), performance.now() - began] as const;
  });
  expect(reply).toBe('*-1');
  expect(took).toBeGreaterThan(190);
  expect(took).toBeLessThan(1500);
});

test('ends a session after QUIT, with its last reply', async () => {
  await fresh();
  const seen = await page.evaluate(async () => {
    harness.start();
    const client = harness.client();
    const reply = await client.call('QUIT');
    await new Promise<void>((resolve) => {
      if (client.closed) resolve();
      client.session.onclose = resolve;
    });
    return reply;
  });
  expect(seen).toBe('+OK');
});

test.each(['always', 'everysec', 'no'] as const)('keeps data over a reload with the policy %s', async (policy) => {
  await fresh();
  await page.evaluate(async (policy) => {
    harness.start({ policy });
    const client = harness.client();
    await client.callAll([['SET', 'a', '1'], ['SELECT', '3'], ['SET', 'b', '2'], ['INCR', 'c']]);
    await harness.until(({ keys, persistence }) => keys === 3 && persistence === 'saved');
  }, policy);
  await page.reload();
  const found = await page.evaluate(async () => {
    harness.start();
    const client = harness.client();
    const replies = await client.callAll([['GET', 'a'], ['SELECT', '3'], ['GET', 'b'], ['GET', 'c']]);
    return [...replies, harness.engine.status.problem];
  });
  expect(found).toEqual(['$1\r\n1', '+OK', '$1\r\n2', '$1\r\n1', '']);
});

test('remembers the policy that was chosen', async () => {
  await fresh();
  const before = await page.evaluate(async () => {
    harness.start();
    const client = harness.client();
    await client.call('SET', 'k', 'v');
    harness.engine.setPolicy('always');
    await harness.until(({ policy }) => policy === 'always');
    return client.call('CONFIG', 'GET', 'appendfsync');
  });
  expect(before).toContain('always');
  await page.reload();
  const policy = await page.evaluate(async () => {
    harness.start();
    await harness.until(({ state }) => state === 'running');
    return harness.engine.status.policy;
  });
  expect(policy).toBe('always');
});

test('a change of the policy by CONFIG SET reaches the host', async () => {
  await fresh();
  const policy = await page.evaluate(async () => {
    harness.start();
    await harness.client().call('CONFIG', 'SET', 'appendfsync', 'always');
    return (await harness.until((status) => status.policy === 'always')).policy;
  });
  expect(policy).toBe('always');
});

test('loads a base and the log after it', async () => {
  await fresh();
  await page.evaluate(async () => {
    harness.start({ policy: 'always' });
    const client = harness.client();
    await client.call('SELECT', '5');
    // Digits without a pattern: a snapshot compresses the others.
    const value = () => Array.from({ length: 70 }, () => Math.random()).join('').slice(0, 1000);
    for (let i = 0; i < 2000; i++) void client.call('SET', `key:${i}`, value());
    if ((await client.call('SAVE')) !== '+OK') throw new Error('SAVE failed');
    // The log after the base must not lean on what the log before it had selected.
    await client.callAll([['SET', 'after', '1'], ['DEL', 'key:0']]);
  });
  expect(await stores()).toMatchObject({ log: 1, base: 2 });
  await page.reload();
  const found = await page.evaluate(async () => {
    harness.start();
    const client = harness.client();
    return client.callAll([['SELECT', '5'], ['DBSIZE'], ['GET', 'after'], ['EXISTS', 'key:0'], ['STRLEN', 'key:1999']]);
  });
  expect(found).toEqual(['+OK', ':2000', '$1\r\n1', ':0', ':1000']);
});

test('compacts a log that has outgrown its base, while it goes on serving', async () => {
  await fresh();
  const journal = await page.evaluate(async () => {
    harness.start();
    const client = harness.client();
    for (let round = 0; round < 40; round++) {
      const requests = Array.from({ length: 100 }, (_, i) => ['SET', `key:${i}`, `${round}`.padEnd(2000, 'x')]);
      await client.callAll(requests);
    }
    await client.call('SET', 'last', '');
    const done = (status: Status) => status.keys === 101 && status.persistence === 'saved' && status.journal < 5e6;
    return (await harness.until(done)).journal;
  });
  expect(journal).toBeLessThan(5e6);
  await page.reload();
  const value = await page.evaluate(async () => {
    harness.start();
    return harness.client().callAll([['DBSIZE'], ['GETRANGE', 'key:99', '0', '1']]);
  });
  expect(value).toEqual([':101', '$2\r\n39']);
});

test('a second tab waits, takes over, and the first one waits', async () => {
  await fresh();
  await page.evaluate(async () => {
    harness.start();
    await harness.client().call('SET', 'k', 'of the first');
  });
  const second = await chromium.page();
  await second.evaluate(async () => {
    harness.start();
    await harness.until(({ state }) => state === 'waiting');
  });
  const value = await second.evaluate(async () => {
    const reply = harness.client().call('GET', 'k'); // waits with the tab
    harness.engine.takeOver();
    return reply;
  });
  expect(value).toBe('$12\r\nof the first');
  await page.evaluate(() => harness.until(({ state }) => state === 'waiting'));
  await second.evaluate(async () => {
    await harness.client().call('MSET', 'k', 'of the second', 'another', '');
    // 'saved' alone may be the word of before; with two keys it is a later one.
    await harness.until(({ keys, persistence }) => keys === 2 && persistence === 'saved');
  });
  await second.close();
  expect(await page.evaluate(() => harness.client().call('GET', 'k'))).toBe('$13\r\nof the second');
});

test('a worker whose data has a new owner writes nothing between that one\'s records', async () => {
  await fresh();
  const result = await page.evaluate(async () => {
    harness.start({ policy: 'always' });
    const client = harness.client();
    await client.call('SET', 'k', 'before');
    await harness.putRecord('meta', 'owner', 'somebody else');
    const late = await client.call('SET', 'k', 'late');
    await harness.until(({ state }) => state === 'running');
    return { late, value: await harness.client().call('GET', 'k'), seen: harness.seen };
  });
  expect(result).toMatchObject({ late: 'CLOSED', value: '$6\r\nbefore' });
  expect(result.seen).toContain('waiting');
});

test('a tab whose lock is stolen stops, and goes on when the lock is free', async () => {
  await fresh();
  const result = await page.evaluate(async () => {
    harness.start({ policy: 'always' });
    const client = harness.client();
    await client.call('SET', 'k', 'v');
    const release = await new Promise<() => void>((stolen) => {
      void navigator.locks.request('riffle:riffle', { steal: true }, () => new Promise<void>(stolen));
    });
    await harness.until(({ state }) => state === 'waiting');
    const reply = harness.client().call('GET', 'k');
    release();
    return { closed: client.closed, value: await reply, ...harness.engine.status };
  });
  expect(result).toMatchObject({ closed: true, value: '$1\r\nv', state: 'running' });
});

test('sets a damaged record aside, says so, and hands it out', async () => {
  await fresh();
  await write(3);
  await damage('log', 1);
  await page.reload();
  const after = await page.evaluate(async () => {
    harness.start({ policy: 'always' });
    const client = harness.client();
    const found = await client.callAll([['GET', 'k0'], ['EXISTS', 'k1', 'k2'], ['SET', 'new', '1']]);
    const blob = await harness.engine.rescue();
    return { found, rescued: await blob!.text(), ...harness.engine.status };
  });
  expect(after.found).toEqual(['$2\r\nv0', ':0', '+OK']);
  expect(after.problem).toBe('recovered-partly');
  expect(after.detail).toMatch(/^2 records of the log \(\d+ bytes\) are set aside: a damaged record/);
  expect(after.rescued).toContain('k2\r\n$2\r\nv2');
  expect(await stores()).toMatchObject({ log: 2, quarantine: 2 });
  await page.reload();
  const later = await page.evaluate(async () => {
    harness.start();
    const found = await harness.client().callAll([['GET', 'k0'], ['GET', 'new']]);
    const { problem } = harness.engine.status;
    harness.engine.discard();
    await harness.until((status) => status.problem === '');
    return [...found, problem];
  });
  expect(later).toEqual(['$2\r\nv0', '$1\r\n1', 'recovered-partly']);
  expect(await stores()).toMatchObject({ quarantine: 0 });
});

test('keeps the whole units of a record that ends in a torn one', async () => {
  await fresh();
  await write(2);
  await tear();
  await page.reload();
  const after = await page.evaluate(async () => {
    harness.start();
    const found = await harness.client().callAll([['GET', 'k0'], ['GET', 'k1'], ['EXISTS', 'torn']]);
    return [...found, harness.engine.status.problem];
  });
  expect(after).toEqual(['$2\r\nv0', '$2\r\nv1', ':0', 'recovered-partly']);
  await page.reload();
  const later = await page.evaluate(async () => {
    harness.start();
    return harness.client().callAll([['GET', 'k0'], ['GET', 'k1'], ['EXISTS', 'torn']]);
  });
  expect(later).toEqual(['$2\r\nv0', '$2\r\nv1', ':0']);
});

test('does not start over a base that it cannot read', async () => {
  await fresh();
  await page.evaluate(async () => {
    harness.start({ policy: 'always' });
    await harness.client().callAll([['SET', 'k', 'v'], ['SAVE'], ['SET', 'l', 'w']]);
  });
  await damage('base', 0);
  const before = await stores();
  await page.reload();
  const after = await page.evaluate(async () => {
    harness.start({ policy: 'always' });
    const replies = await harness.client().callAll([['SET', 'new', '1'], ['GET', 'new']]);
    return { replies, rescued: (await harness.engine.rescue())!.size, ...harness.engine.status };
  });
  expect(after).toMatchObject({
    replies: ['+OK', '$1\r\n1'], problem: 'base-unreadable', persistence: 'memory', state: 'running',
  });
  expect(after.rescued).toBeGreaterThan(50);
  expect(await stores()).toEqual(before);
});

test.each(['panic', 'exit'])('loads itself again after a %s of the engine', async (how) => {
  await fresh();
  const after = await page.evaluate(async (how) => {
    harness.start();
    const client = harness.client();
    await client.call('SET', 'k', 'v');
    const last = await client.call('ECHO', `riffle-test-${how}`);
    await harness.until((status) => status.problem === 'restarted');
    const { seen } = harness;
    return { last, seen, again: await harness.client().call('GET', 'k'), ...harness.engine.status };
  }, how);
  expect(after).toMatchObject({ last: 'CLOSED', again: '$1\r\nv', state: 'running', persistence: 'saved' });
  expect(after.seen).toContain('restarting');
  expect(after.detail).toContain(how === 'panic' ? 'a test asked for a panic' : 'status 3');
});

test('stops when the same data brings the engine down again and again', async () => {
  await fresh();
  const status = await page.evaluate(async () => {
    harness.start();
    for (;;) {
      await harness.until(({ state }) => state === 'running' || state === 'lost');
      if (harness.engine.status.state === 'lost') return harness.engine.status;
      await harness.client().call('ECHO', 'riffle-test-panic');
      await harness.until(({ state }) => state !== 'running');
    }
  });
  expect(status.problem).toBe('crash-loop');
});

test('SHUTDOWN stores what waits and ends; the page may start it again', async () => {
  await fresh();
  const value = await page.evaluate(async () => {
    harness.start({ policy: 'no' });
    const client = harness.client();
    const replies = await client.callAll([['SET', 'k', 'v'], ['SHUTDOWN']]);
    await harness.until(({ state }) => state === 'lost');
    const { problem } = harness.engine.status;
    harness.engine.restart();
    return [...replies, problem, await harness.client().call('GET', 'k')];
  });
  expect(value).toEqual(['+OK', 'CLOSED', 'shutdown', '$1\r\nv']);
});

test('refuses writes while storage fails, reads on, and mends', async () => {
  await fresh();
  const result = await page.evaluate(async () => {
    harness.start({ policy: 'always' });
    const client = harness.client();
    await client.call('SET', 'k', 'v');
    // A record where the next one belongs makes the append fail until it is gone.
    await harness.until(({ journal }) => journal > 0);
    const end = harness.engine.status.journal;
    await harness.putRecord('log', end, new Uint8Array(1));
    const lost = await client.call('SET', 'k', 'uncertain');
    const failed = await harness.until(({ persistence }) => persistence === 'failed');
    const second = harness.client();
    const refused = await second.call('SET', 'k', 'w');
    const read = await second.call('GET', 'k');
    await harness.deleteRecord('log', end);
    await harness.until(({ persistence }) => persistence === 'saved');
    return { lost, failed: failed.detail, refused, read, mended: await second.call('SET', 'k', 'w') };
  });
  expect(result).toMatchObject({ lost: 'CLOSED', read: '$9\r\nuncertain', mended: '+OK' });
  expect(result.refused).toMatch(/^-MISCONF /);
  expect(result.failed).toContain('ConstraintError');
});

test('runs from memory where there is no storage', async () => {
  await fresh();
  const status = await page.evaluate(async () => {
    // A database of a later layout stands for every storage this program must leave alone.
    await new Promise<void>((resolve) => {
      const request = indexedDB.open('riffle', 7);
      request.onsuccess = () => (request.result.close(), resolve());
    });
    harness.start({ policy: 'always' });
    const reply = await harness.client().call('SET', 'k', 'v');
    return { reply, ...harness.engine.status };
  });
  expect(status).toMatchObject({ reply: '+OK', persistence: 'memory', problem: 'storage-unreadable' });
});

test('a flood keeps the page responsive and memory within bounds', async () => {
  await fresh();
  const result = await page.evaluate(async () => {
    harness.start({ policy: 'everysec' });
    const client = harness.client();
    await client.call('PING');
    const value = 'x'.repeat(32);
    const requests = Array.from({ length: 1000 }, (_, i) => ['SET', `key:${i}`, value]);
    const other = harness.client();
    harness.longTasks.length = 0;
    let slowest = 0;
    const count = 2000;
    for (let round = 0; round < count; round += 20) {
      const batch = Promise.all(Array.from({ length: 20 }, () => client.callAll(requests)));
      const began = performance.now();
      await other.call('PING');
      slowest = Math.max(slowest, performance.now() - began);
      await batch;
    }
    return { slowest, wasm: await wasmBytes(), saved: await harness.client().call('DBSIZE') };

    async function wasmBytes() {
      const info = await client.call('INFO', 'memory');
      return Number(/used_memory_rss:(\d+)/.exec(info)?.[1] ?? 0);
    }
  });
  expect(result.saved).toBe(':1000');
  expect(result.wasm).toBeLessThan(64 << 20);
  expect(result.slowest).toBeLessThan(2000);
}, 300_000);

test('the collector finishes under a load that only calls exports', async () => {
  await fresh();
  const bytes = await page.evaluate(async () => {
    harness.start({ policy: 'no' });
    const client = harness.client();
    await client.call('RPUSH', 'list', ...Array.from({ length: 300 }, (_, i) => `item:${i}`));
    // Every SORT leaves some 40 kB of garbage behind: 160 MB in all, were nothing collected.
    const requests = Array.from({ length: 100 }, () => ['SORT', 'list', 'ALPHA', 'STORE', 'sorted']);
    for (let round = 0; round < 40; round++) await client.callAll(requests);
    const info = await client.call('INFO', 'memory');
    return Number(/used_memory_rss:(\d+)/.exec(info)![1]);
  });
  expect(bytes).toBeLessThan(32 << 20);
}, 120_000);

test('100 000 requests at once do not hold the page up', async () => {
  await fresh();
  const result = await page.evaluate(async () => {
    harness.start({ policy: 'always' });
    const { session } = harness.client();
    const client = harness.client();
    await client.call('PING');
    harness.longTasks.length = 0;
    const one = new TextEncoder().encode('*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n');
    const many = new Uint8Array(one.length * 100_000);
    for (let i = 0; i < 100_000; i++) many.set(one, i * one.length);
    session.send(many);
    const began = performance.now();
    await client.call('PING');
    const ping = performance.now() - began;
    while ((await client.call('GET', 'n')) !== '$6\r\n100000') await new Promise((r) => setTimeout(r, 10));
    return { ping, longTasks: harness.longTasks };
  });
  expect(result.ping).toBeLessThan(500);
  expect(result.longTasks.filter((duration) => duration > 100)).toEqual([]);
});

test('a page that does not read its replies is not served without end', async () => {
  await fresh();
  const result = await page.evaluate(async () => {
    harness.start();
    const client = harness.client();
    await client.call('SET', 'big', 'x'.repeat(1 << 20));
    const got = await client.callAll(Array.from({ length: 64 }, () => ['GET', 'big']));
    return [client.bytes, got.length];
  });
  expect(result[0]).toBeGreaterThan(64 << 20);
});

test('every acknowledged write survives the death of the browser', async () => {
  await fresh();
  const kills = Number(process.env.KILLS ?? 3);
  let verified = 0;
  for (let round = 0; verified < kills; round++) {
    expect(round, 'rounds in which the browser dropped the whole origin').toBeLessThan(2 * kills);
    await leaveControl();
    const acknowledged = new Set<string>();
    await page.exposeFunction('acknowledge', (key: string) => acknowledged.add(key));
    await page.evaluate(async (round) => {
      harness.start({ policy: 'always' });
      await harness.until(({ state }) => state === 'running');
      for (let writer = 0; writer < 4; writer++) void write(writer);

      async function write(writer: number) {
        const client = harness.client();
        for (let i = 0; ; i++) {
          const key = `${round}:${writer}:${i}`;
          const reply = await client.call('SET', key, key);
          if (reply === '+OK') (globalThis as unknown as { acknowledge(key: string): void }).acknowledge(key);
        }
      }
    }, round);
    const wanted = 100 + Math.floor(Math.random() * 1000);
    await expect.poll(() => acknowledged.size, { timeout: 20_000, interval: 5 }).toBeGreaterThan(wanted);
    await chromium.kill();
    const keys = [...acknowledged];
    page = await chromium.page();
    if (!(await findControl())) continue;
    verified++;
    const missing = await page.evaluate(async (keys) => {
      harness.start({ policy: 'always' });
      const replies = await harness.client().callAll(keys.map((key) => ['GET', key]));
      return keys.filter((key, i) => replies[i] !== `$${key.length}\r\n${key}`);
    }, keys);
    expect(missing).toEqual([]);
    expect(await page.evaluate(() => harness.engine.status.problem)).toBe('');
    await page.reload();
  }
}, 600_000);

/**
 * Stores a record in a database that has nothing to do with the engine. Chromium commits what it knows
 * of an origin every half minute; killed before, it now and then starts with the origin's storage
 * gone, every database of it. The control tells that apart from a loss of ours.
 */
function leaveControl(): Promise<void> {
  return page.evaluate(() => new Promise<void>((done, failed) => {
    const opening = indexedDB.open('control', 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore('control');
    opening.onerror = () => failed(opening.error);
    opening.onsuccess = () => {
      const write = opening.result.transaction('control', 'readwrite', { durability: 'strict' });
      write.objectStore('control').put(true, 'here');
      write.oncomplete = () => {
        opening.result.close();
        done();
      };
    };
  }));
}

/** Whether the control is there; while the old browser's files are locked nobody can tell. */
async function findControl(): Promise<boolean> {
  const names = () => page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name));
  const found = await vi.waitUntil(() => names().catch(() => undefined), { timeout: 10_000, interval: 200 });
  return found.includes('control');
}

/** Writes k0..k(n-1), a record each. */
async function write(n: number): Promise<void> {
  await page.evaluate(async (n) => {
    harness.start({ policy: 'always' });
    const client = harness.client();
    for (let i = 0; i < n; i++) await client.call('SET', `k${i}`, `v${i}`);
  }, n);
}

/** How many records each store holds. */
function stores(): Promise<Record<string, number>> {
  return page.evaluate(() => harness.stores());
}

/** Flips a bit in the last byte of the record at `index` of a store. */
async function damage(store: string, index: number): Promise<void> {
  await page.evaluate(
    async ([store, index]) => {
      const { key, value } = await harness.record(store, index);
      value[value.length - 1]! ^= 1;
      await harness.putRecord(store, key, value);
    },
    [store, index] as const,
  );
}

/** Adds half a command to the second record of the log, with a sum that fits. */
async function tear(): Promise<void> {
  await page.evaluate(async () => {
    const { key, value } = await harness.record('log', 1);
    const torn = new TextEncoder().encode('*3\r\n$3\r\nSET\r\n$4\r\ntorn\r\n$5\r\nhal');
    await harness.putRecord('log', key, harness.seal([key as number], [harness.unwrap(value), torn]));
  });
}
