// Measures the built page in Chromium and prints its figures as JSON:
//
//   node tools/bench/page/page.mjs dist/site [scale [starts|speed|memory|blocking]...]
//
// It serves the folder itself, with brotli as a good host does, and counts what it sends. A first reply
// is the reply to a SET sent as soon as the page has an engine, in milliseconds since navigation; the second
// visit comes when the page has been at rest for a second. The floor is what no page can be faster than:
// the same engine, fetched, compiled and started by a page with no interface, no storage and no sessions.
// Everything else is sent from the page's main thread through the worker, as the console does it;
// inpage.mjs is the part that runs there. The figures named echo are of a worker that answers without an engine: what
// two messages cost here and now, which changes with what else the machine does.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
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

/** The page that shows the floor of a start, and its worker: Go's loader and what starts an engine. And the echo. */
const engine = readdirSync(join(folder, 'assets')).find((name) => /^engine-.*\.wasm$/.test(name));
const floor = {
  '/floor.html': `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script>
    const worker = new Worker('floor.js');
    worker.onmessage = () => console.log('first reply ' + performance.now());
    WebAssembly.compileStreaming(fetch('assets/${engine}')).then((module) => worker.postMessage(module));
  </script>`,
  '/floor.js': `${readFileSync(join(folder, '../gen/wasm_exec.js'))}
    onmessage = async ({ data }) => {
      const go = Object.assign(new Go(), { env: { GOGC: 'off' } });
      go.importObject.riffle = { stopwatch: () => 0 };
      globalThis.riffle = { options: { seedHigh: 1, seedLow: 2, journal: false, parameters: [] }, info: () => [] };
      go.run(await WebAssembly.instantiate(data, go.importObject));
      postMessage('running');
    };`,
  '/echo.js': `onmessage = ({ data, ports: [port] }) => {
      port.onmessage = () => port.postMessage(new Uint8Array(data));
    };`,
};

let sent = 0;
let isolated = false;

/** What a path names, packed; null if there is nothing. */
function find(path) {
  if (floor[path]) return brotliCompressSync(floor[path]);
  const file = join(folder, path.endsWith('/') ? `${path}index.html` : path);
  if (!existsSync(file)) return null;
  return existsSync(`${file}.br`) ? readFileSync(`${file}.br`) : brotliCompressSync(readFileSync(file));
}

const host = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://page');
  const body = find(pathname);
  if (!body) return response.writeHead(404).end();
  const type = extname(pathname.replace(/\/$/, '/index.html'));
  sent += body.length;
  response.writeHead(200, {
    'content-type': types[type] ?? 'application/json',
    'content-encoding': 'br',
    // An isolated page may read a clock of 5 us; others get one of 100 us, which will do for starts.
    ...(isolated && {
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    }),
    'cache-control': pathname.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
  response.end(body);
});

/** How long a page is left alone before it is visited again. */
const REST_MS = 1000;
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** The page tells by itself: to be asked would cost it time. */
async function firstReply(page, address) {
  const told = page.waitForEvent('console', (message) => message.text().startsWith('first reply'));
  await page.goto(address, { waitUntil: 'commit' });
  return Number((await told).text().split(' ')[2]);
}

async function starts(origin) {
  const browser = await chromium.launch(launch);
  const cold = [];
  const warm = [];
  const floors = { cold: [], warm: [] };
  let weight = 0;
  const visit = async (address, first, second) => {
    const context = await browser.newContext({ serviceWorkers: 'block' });
    await context.addInitScript(inPage);
    const page = await context.newPage();
    sent = 0;
    first.push(await firstReply(page, address));
    const weight = sent;
    await pause(REST_MS);
    second.push(await firstReply(page, address));
    await context.close();
    return weight;
  };
  for (let round = 0; round < rounds; round++) {
    weight = await visit(origin, cold, warm);
    await visit(`${origin}floor.html`, floors.cold, floors.warm);
  }
  await browser.close();
  return {
    first_view_brotli_bytes: weight,
    cold_first_reply_ms: Math.round(median(cold)),
    warm_first_reply_ms: Math.round(median(warm)),
    cold_floor_ms: Math.round(median(floors.cold)),
    warm_floor_ms: Math.round(median(floors.warm)),
  };
}

/** Runs `work` on a page of its own whose storage is on disk: that of a private window is not. */
async function onDisk(origin, work) {
  isolated = true;
  const profile = mkdtempSync(join(tmpdir(), 'riffle-bench-'));
  const context = await chromium.launchPersistentContext(profile, { ...launch, serviceWorkers: 'block' });
  try {
    await context.addInitScript(inPage);
    const page = await context.newPage();
    await firstReply(page, origin);
    return await work(page);
  } finally {
    isolated = false;
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
  const latency = async (label, ...call) => {
    const times = (await run('latencies', ...call)).sort((a, b) => a - b);
    figures[`${label}_median_ms`] = median(times);
    figures[`${label}_p99_ms`] = times[Math.floor(times.length * 0.99)];
  };
  await run('latencies', 'GET', some(2000)); // the compilers of both threads get warm
  await run('latencies', 'GET', some(2000), true);
  await latency('echo', 'GET', some(3000), true);
  await latency('get', 'GET', some(3000));
  await latency('set_relaxed', 'SET', some(3000));
  figures.single_commands_per_second = await repeat('rate', 'GET', 1, 1, some(1000));
  figures.batched_commands_per_second = await repeat('rate', 'GET', 100, 1, some(1000));
  figures.batched_get_in_flight_per_second = await repeat('rate', 'GET', 100, 16, some(2000));
  figures.batched_set_in_flight_per_second = await repeat('rate', 'SET', 100, 16, some(2000));
  figures.journaled_commands_per_second = await repeat('journaled', some(3000));
  await run('policy', 'always');
  await latency('set_strict', 'SET', some(3000));
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
