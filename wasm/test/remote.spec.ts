// The same page against the native server, which serves it.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Harness } from './page/main.ts';
import { buildPage, Chromium, scratch } from './harness.ts';

declare const harness: Harness;

const top = fileURLToPath(new URL('../..', import.meta.url));

let site: string;
let program: string;
let ports: [number, number];
let server: ChildProcess;
let chromium: Chromium;

beforeAll(async () => {
  [site] = (await buildPage()) as [string];
  program = join(scratch(), 'riffle-server');
  execFileSync('go', ['build', '-o', program, './tools/server'], { cwd: top });
  ports = [await freePort(), await freePort()];
  chromium = new Chromium(`http://127.0.0.1:${ports[1]}/`);
});

afterAll(() => chromium.kill());
afterEach(() => stop());

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}

async function start(dir: string): Promise<void> {
  const options = { port: ports[0], 'http-port': ports[1], site, dir, appendonly: 'yes', save: '' };
  const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  server = spawn(program, words, { stdio: 'ignore' });
  for (;;) {
    const up = await fetch(`http://127.0.0.1:${ports[1]}/engine/info`).then(() => true, () => false);
    if (up) return;
    if (server.exitCode !== null) throw new Error('the server has ended');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function stop(): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = once(server, 'exit');
  server.kill('SIGKILL');
  await gone;
}

test('speaks to a server, shows where its data stands, and finds it again', async () => {
  const dir = scratch();
  await start(dir);
  const page = await chromium.page();
  const before = await page.evaluate(async () => {
    harness.connect('engine');
    const client = harness.client('test', harness.remote);
    const reply = await client.call('SET', 'k', 'v');
    harness.remote.setPolicy('always');
    const status = await harness.until((s) => s.keys === 1 && s.policy === 'always', harness.remote);
    return { reply, ...status };
  });
  expect(before).toMatchObject({ reply: '+OK', home: 'server', state: 'running', persistence: 'saved', problem: '' });
  await stop();
  const lost = await page.evaluate(() => harness.until((s) => s.problem === 'unreachable', harness.remote));
  expect(lost.state).toBe('restarting');
  const value = page.evaluate(() => harness.client('test', harness.remote).call('GET', 'k')); // waits
  await start(dir);
  expect(await value).toBe('$1\r\nv');
  await page.evaluate(() => harness.until((s) => s.state === 'running' && s.problem === '', harness.remote));
});
