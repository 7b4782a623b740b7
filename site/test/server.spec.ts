// The page as the native server hands it out: its own engine first, the server's when asked for.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PATIENCE, profile, run, sees, status, useBrowser } from './browser.ts';

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

let server: ChildProcess;
let dir: string;
let resp: number;
let http: number;

useBrowser();

beforeAll(async () => {
  if (!existsSync(`${DIST}/riffle-server`)) throw new Error('dist/riffle-server is missing: run ./build.sh build first');
  dir = mkdtempSync(join(tmpdir(), 'riffle-'));
  [resp, http] = [await freePort(), await freePort()];
  const options = ['--port', `${resp}`, '--http-port', `${http}`, '--site', `${DIST}/site`, '--dir', dir, '--appendonly', 'yes'];
  server = spawn(`${DIST}/riffle-server`, options, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const text of server.stdout!) if ((said += text).includes('Ready to accept connections')) break;
  server.stdout!.resume();
});

afterAll(async () => {
  const gone = once(server, 'exit');
  server.kill('SIGKILL');
  await gone;
  rmSync(dir, { recursive: true });
});

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}

/** What another client of the server is answered, whole. */
async function ask(line: string): Promise<string> {
  const socket = connect(resp, '127.0.0.1');
  socket.write(`${line}\r\nQUIT\r\n`);
  let text = '';
  for await (const chunk of socket) text += chunk;
  return text.replace(/\+OK\r\n$/, '');
}

test('the page keeps its own data until it is told to use the server', async () => {
  const page = await (await profile()).newPage();
  await page.goto(`http://127.0.0.1:${http}/`);
  await expect.poll(() => status(page), PATIENCE).toContain('Saved');
  await run(page, 1, 'SET where page');
  await sees(page, 1, 'OK');
  expect(await ask('EXISTS where')).toBe(':0\r\n');

  await page.locator('riffle-status button').click();
  await page.getByRole('radio', { name: 'On the server' }).click();
  await expect.poll(() => page.locator('riffle-status input[value="server"]').isChecked(), PATIENCE).toBe(true);
  await run(page, 1, 'SET where server');
  await sees(page, 1, 'SET where server\nOK');
  expect(await ask('GET where')).toBe('$6\r\nserver\r\n');

  await page.reload();
  await run(page, 1, 'GET where');
  await sees(page, 1, 'GET where\n"server"');
  await page.goto(`http://127.0.0.1:${http}/?engine=browser`);
  await run(page, 1, 'GET where');
  await sees(page, 1, 'GET where\n"page"');
});

test('an address can ask for the server', async () => {
  const page = await (await profile()).newPage();
  await page.goto(`http://127.0.0.1:${http}/?engine=server`);
  await run(page, 1, 'INFO server');
  await sees(page, 1, `tcp_port:${resp}`);
});
