import type { Server } from 'node:http';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
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

afterEach(() => chromium.kill());

/** A fresh browser with one page. */
async function fresh(): Promise<void> {
  chromium = new Chromium(url);
  page = await chromium.page();
}

test('the first command that the core lacks brings the full engine, and every session goes on', async () => {
  await fresh();
  const seen = await page.evaluate(async () => {
    harness.startCore();
    const [a, b, c, d, e] = [1, 2, 3, 4, 5].map((n) => harness.client(`session ${n}`)) as [
      ReturnType<typeof harness.client>, ReturnType<typeof harness.client>, ReturnType<typeof harness.client>,
      ReturnType<typeof harness.client>, ReturnType<typeof harness.client>,
    ];
    await a.callAll([['SET', 'k', 'v'], ['SELECT', '3'], ['WATCH', 'w'], ['MULTI'], ['SET', 'x', '1'], ['INCR', 'x']]);
    await b.call('SUBSCRIBE', 'news');
    const popped = c.call('BLPOP', 'queue', '0');
    await d.callAll([['WATCH', 'k'], ['MULTI'], ['GET', 'k']]);
    const before = harness.loaded;
    const geo = await e.callAll([
      ['SET', 'k', 'changed'], ['GEOADD', 'g', '126.97', '37.56', 'Seoul'], ['GEOPOS', 'g', 'Seoul'], ['GET', 'k'],
    ]);
    const message = b.next();
    return {
      before, geo, after: harness.loaded, loading: harness.engine.status.loading,
      exec: await a.call('EXEC'), watched: await d.call('EXEC'),
      published: await e.call('PUBLISH', 'news', 'hello'), message: await message,
      pushed: await e.call('RPUSH', 'queue', 'item'), popped: await popped,
      name: await a.call('CLIENT', 'LIST'), problem: harness.engine.status.problem,
    };
  });
  expect(seen).toMatchObject({
    before: false, after: true, loading: false, exec: '*2\r\n+OK\r\n:2', watched: '*-1', published: ':1',
    message: '*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$5\r\nhello', pushed: ':1',
    popped: '*2\r\n$5\r\nqueue\r\n$4\r\nitem', problem: '',
  });
  expect(seen.geo).toEqual(['+OK', ':1', expect.stringMatching(/^\*1\r\n\*2/), '$7\r\nchanged']);
  expect(seen.name).toContain('addr=session 1');
});

test('data that needs the full engine is loaded by it', async () => {
  await fresh();
  const script = await page.evaluate(async () => {
    harness.startCore({ policy: 'always' });
    await harness.client().callAll([['SET', 'k', 'v'], ['PFADD', 'h', 'a', 'b'], ['SET', 'l', 'w']]);
    return harness.client().call('EVAL', "return redis.call('get', KEYS[1])", '1', 'k');
  });
  expect(script).toBe('$1\r\nv');
  await page.reload();
  const found = await page.evaluate(async () => {
    harness.startCore();
    const replies = await harness.client().callAll([['GET', 'k'], ['PFCOUNT', 'h'], ['GET', 'l']]);
    return [...replies, harness.engine.status.problem, (await harness.stores()).quarantine];
  });
  expect(found).toEqual(['$1\r\nv', ':2', '$1\r\nw', '', 0]);
});

test('without the full engine the command fails, and the session goes on', async () => {
  await fresh();
  const replies = await page.evaluate(async () => {
    harness.startCore({ full: 'nowhere.wasm' });
    return harness.client().callAll([['SET', 'k', 'v'], ['PFADD', 'h', 'a'], ['GET', 'k'], ['PFADD', 'h', 'a']]);
  });
  const failure = expect.stringMatching(/^-ERR this command needs the full engine.*nowhere.wasm: HTTP status 404/);
  expect(replies).toEqual(['+OK', failure, '$1\r\nv', failure]);
});

test('a hundred thousand keys move, and writes meanwhile are kept', async () => {
  await fresh();
  const seen = await page.evaluate(async () => {
    harness.startCore();
    const [writer, other] = [harness.client(), harness.client()];
    const keys = (from: number, n: number) =>
      Array.from({ length: n }, (_, i) => ['SET', `key:${from + i}`, `value:${from + i}`]);
    await writer.callAll(keys(0, 100_000));
    const needing = other.call('BITCOUNT', 'key:5');
    const acknowledged = await writer.callAll(keys(100_000, 2000));
    return {
      ok: acknowledged.every((reply) => reply === '+OK'), bits: await needing, size: await other.call('DBSIZE'),
      last: await other.call('GET', 'key:101999'), longest: Math.max(0, ...harness.longTasks),
    };
  });
  expect(seen).toMatchObject({ ok: true, bits: expect.stringMatching(/^:\d+/), size: ':102000', last: '$12\r\nvalue:101999' });
});

test.each([0, 30, 100])('a browser killed %d ms into the exchange has lost nothing acknowledged', async (delay) => {
  await fresh();
  await page.evaluate(async () => {
    harness.startCore({ policy: 'always' });
    const client = harness.client();
    await client.callAll(Array.from({ length: 200 }, (_, i) => ['SET', `key:${i}`, 'v']));
    void client.call('BITCOUNT', 'key:1');
  });
  await page.waitForTimeout(delay);
  await chromium.kill();
  page = await chromium.page();
  const [size, problem] = await page.evaluate(async () => {
    harness.startCore();
    return [await harness.client().call('DBSIZE'), harness.engine.status.problem];
  });
  expect([size, problem]).toEqual([':200', '']);
});
