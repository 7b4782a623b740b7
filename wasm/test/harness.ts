// Builds the harness page with the real worker and the real engine, serves it, and starts Chromium
// on it in a way that allows to kill it.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));
const top = fileURLToPath(new URL('../..', import.meta.url));

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

const FLAGS = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
  '--disable-background-networking', '--disable-component-update', '--remote-debugging-port=0',
];

const TYPES: Record<string, string> = {
  '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm',
};

const scratches: string[] = [];

process.once('exit', () => {
  for (const path of scratches) rmSync(path, { recursive: true, force: true });
});

/** A directory that is gone after the tests. */
export function scratch(): string {
  const path = mkdtempSync(join(tmpdir(), 'riffle-wasm-'));
  scratches.push(path);
  return path;
}

/** Builds page and engines (the full one and the core); RIFFLE_TEST_WASM names a directory with those already built. */
export async function buildPage(): Promise<string[]> {
  const out = scratch();
  await build({ configFile: false, root: join(here, 'page'), logLevel: 'error', build: { outDir: out } });
  const ready = process.env.RIFFLE_TEST_WASM;
  if (ready) return [out, ready];
  const root = execFileSync('go', ['env', 'GOROOT'], { encoding: 'utf8' }).trim();
  const lean = scratch();
  execFileSync('go', ['run', './tools/lean', lean], { cwd: top });
  const overlay = [
    '-modfile', join(lean, 'lean.mod'), '-overlay', join(lean, 'overlay.json'),
    `-gcflags=riffle/...=${readFileSync(join(lean, 'gcflags'), 'utf8').trim()}`,
  ];
  for (const [name, tags] of [['crashable', 'crashable'], ['core', 'core,crashable']] as const) {
    const go = ['build', '-tags', tags, ...overlay, '-trimpath', '-ldflags=-s -w'];
    execFileSync('go', [...go, '-o', join(out, `${name}.wasm`), './wasm/browser'], {
      cwd: top, env: { ...process.env, GOOS: 'js', GOARCH: 'wasm' },
    });
  }
  return [out, join(root, 'lib/wasm')];
}

/** Serves the harness page; the address ends in a slash. */
export async function serve(): Promise<{ url: string; server: Server }> {
  const roots = await buildPage();
  const server = createServer((request, response) => {
    const name = new URL(request.url!, 'http://localhost').pathname.replace(/\/$/, '/index.html');
    const path = roots.map((root) => join(root, name)).find(existsSync);
    response.writeHead(path ? 200 : 404, { 'content-type': TYPES[extname(name)] ?? 'text/plain' });
    response.end(path && readFileSync(path));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}

/** A browser on a profile of its own that may be killed and started again. */
export class Chromium {
  private process: ChildProcess | undefined;
  private browser: Browser | undefined;

  constructor(
    private readonly url: string,
    readonly profile = scratch(),
  ) {}

  async start(): Promise<void> {
    if (!CHROMIUM) throw new Error('these tests need Chromium');
    this.process = spawn(CHROMIUM, [...FLAGS, `--user-data-dir=${this.profile}`, 'about:blank'], {
      detached: true, stdio: ['ignore', 'ignore', 'pipe'],
    });
    for await (const line of createInterface({ input: this.process.stderr! })) {
      const address = /^DevTools listening on (ws:.*)$/.exec(line)?.[1];
      if (!address) continue;
      this.browser = await chromium.connectOverCDP(address);
      break;
    }
    this.process.stderr!.resume();
  }

  /** A page with the harness loaded; all pages of one browser share its storage. */
  async page(): Promise<Page> {
    if (!this.browser) await this.start();
    const page = await this.browser!.contexts()[0]!.newPage();
    await page.goto(this.url);
    await page.waitForFunction('globalThis.harness !== undefined');
    return page;
  }

  /** Ends every process of the browser as a power cut would. */
  async kill(): Promise<void> {
    const { process: victim } = this;
    if (!victim || victim.exitCode !== null || victim.signalCode !== null) return;
    const gone = once(victim, 'exit');
    process.kill(-victim.pid!, 'SIGKILL');
    await gone;
    await this.browser?.close().catch(() => {});
    this.browser = undefined;
    this.process = undefined;
  }
}
