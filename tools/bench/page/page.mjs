// Measures the built page in Chromium and prints its figures as JSON:
//
//   node tools/bench/page/page.mjs dist/site [scale [starts|speed|memory|blocking]...]
//
// It serves the folder itself, with brotli as a good host does, and counts what it sends. A first reply
// is the reply to a SET sent as soon as the page has an engine, in milliseconds since navigation.
// Everything else is sent from the page's main thread through the worker, as the console does it;
// inpage.mjs is the part that runs there.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { inPage } from './inpage.mjs';

const { chromium } = createRequire(resolve('site/package.json'))('playwright-core');

const [, , folder = 'dist/site', scale = '1', ...chosen] = process.argv;
const rounds = Number(scale) < 1 ? 1 : 10;
const some = (count) => Math.max(10, Math.round(count * Number(scale)));
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.wasm': 'application/wasm' };

let sent = 0;

const host = createServer((request, response) => {
  const path = new URL(request.url, 'http://page').pathname;
  const file = join(folder, path.endsWith('/') ? `${path}index.html` : path);
  if (!existsSync(file)) return response.writeHead(404).end();
  const body = existsSync(`${file}.br`) ? readFileSync(`${file}.br`) : brotliCompressSync(readFileSync(file));
  sent += body.length;
  response.writeHead(200, {
    'content-type': types[extname(file)] ?? 'application/json',
    'content-encoding': 'br',
    // An isolated page may read a clock of 5 us; others get one of 100 us.
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'cache-control': path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
  response.end(body);
});

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function firstReply(page, origin) {
  await page.goto(origin);
  await page.waitForFunction(() => window.bench);
  return page.evaluate(() => window.bench.first);
}

async function starts(origin) {
  const browser = await chromium.launch(launch);
  const cold = [];
  const warm = [];
  let weight = 0;
  for (let round = 0; round < rounds; round++) {
    const context = await browser.newContext({ serviceWorkers: 'block' });
    await context.addInitScript(inPage);
    const page = await context.newPage();
    sent = 0;
    cold.push(await firstReply(page, origin));
    weight = sent;
    warm.push(await firstReply(page, origin));
    await context.close();
  }
  await browser.close();
  return {
    first_view_brotli_bytes: weight,
    cold_first_reply_ms: Math.round(median(cold)),
    warm_first_reply_ms: Math.round(median(warm)),
  };
}

/** Runs `work` on a page of its own whose storage is on disk: that of a private window is not. */
async function onDisk(origin, work) {
  const profile = mkdtempSync(join(tmpdir(), 'riffle-bench-'));
  const context = await chromium.launchPersistentContext(profile, { ...launch, serviceWorkers: 'block' });
  try {
    await context.addInitScript(inPage);
    const page = await context.newPage();
    await firstReply(page, origin);
    return await work(page);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

async function speed(page) {
  const run = (name, ...values) => page.evaluate(([name, values]) => window.bench[name](...values), [name, values]);
  const repeat = async (...call) => {
    const values = [];
    for (let round = 0; round < rounds; round++) values.push(await run(...call));
    return Math.round(median(values));
  };
  const figures = {};
  const latency = async (label, kind) => {
    const times = (await run('latencies', kind, some(3000))).sort((a, b) => a - b);
    figures[`${label}_median_ms`] = median(times);
    figures[`${label}_p99_ms`] = times[Math.floor(times.length * 0.99)];
  };
  await run('latencies', 'GET', some(2000)); // the compilers of both threads get warm
  await latency('get', 'GET');
  await latency('set_relaxed', 'SET');
  figures.single_commands_per_second = await repeat('rate', 'GET', 1, 1, some(1000));
  figures.batched_commands_per_second = await repeat('rate', 'GET', 100, 1, some(1000));
  figures.batched_get_in_flight_per_second = await repeat('rate', 'GET', 100, 16, some(2000));
  figures.batched_set_in_flight_per_second = await repeat('rate', 'SET', 100, 16, some(2000));
  figures.journaled_commands_per_second = await repeat('journaled', some(3000));
  await run('policy', 'always');
  await latency('set_strict', 'SET');
  return figures;
}

async function memory(page) {
  const keys = some(1_000_000);
  const [before, after] = await page.evaluate((count) => window.bench.fill(count), keys);
  return { memory_keys: keys, memory_before_bytes: before, memory_after_bytes: after };
}

const blocking = async (page) => ({
  console_commands: some(100_000),
  ...(await page.evaluate((count) => window.bench.console(count), some(100_000))),
});

const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => path && existsSync(path),
);
if (!executablePath) throw new Error('no Chromium found: install chromium, or name one in CHROMIUM');
const launch = { executablePath, args: ['--headless=new', '--no-sandbox', '--disable-gpu'] };
await new Promise((ready) => host.listen(0, '127.0.0.1', ready));
const origin = `http://127.0.0.1:${host.address().port}/`;
const parts = { starts: () => starts(origin), speed, memory, blocking };
try {
  const figures = {};
  for (const name of chosen.length ? chosen : Object.keys(parts)) {
    const part = parts[name];
    Object.assign(figures, await (name === 'starts' ? part() : onDisk(origin, part)));
  }
  console.log(JSON.stringify(figures));
} finally {
  host.close();
}
