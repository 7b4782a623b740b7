// Measures the built page in Chromium and prints its figures as JSON:
//
//   node tools/bench/page/page.mjs dist/site [scale]
//
// It serves the folder itself, with brotli as a good host does, and counts what it sends. A first reply
// is the reply to a SET sent as soon as the page has an engine, in milliseconds since navigation.
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join, resolve } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

const { chromium } = createRequire(resolve('site/package.json'))('playwright-core');

const [, , folder = 'dist/site', scale = '1'] = process.argv;
const rounds = Number(scale) < 1 ? 1 : 5;
const singles = Math.max(10, Math.round(3000 * Number(scale)));
const batches = Math.max(2, Math.round(100 * Number(scale)));
const batchSize = 1000;
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
    'cache-control': path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
  response.end(body);
});

// inPage waits for the engine and answers with the moment of the first reply and a way to send.
function inPage() {
  const encoder = new TextEncoder();
  const command = (...words) => encoder.encode(`*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`);
  const timer = setInterval(() => {
    const engine = document.querySelector('riffle-console')?.model?.engine;
    if (!engine) return;
    clearInterval(timer);
    const session = engine.open('bench');
    let due = 0;
    let done;
    const decoder = new TextDecoder();
    session.onreply = (bytes) => {
      const text = decoder.decode(bytes);
      if (text.includes('-')) throw new Error(text);
      due -= text.split('+OK\r\n').length - 1;
      if (due === 0) done();
    };
    const send = (count) =>
      new Promise((resolve) => {
        due = count;
        done = resolve;
        const one = command('SET', 'bench', 'value');
        const all = new Uint8Array(one.length * count);
        for (let i = 0; i < count; i++) all.set(one, i * one.length);
        session.send(all);
      });
    window.bench = {
      first: send(1).then(() => performance.now()),
      async rate(requests, size) {
        const start = performance.now();
        for (let i = 0; i < requests; i++) await send(size);
        return Math.round((requests * size * 1000) / (performance.now() - start));
      },
    };
  }, 1);
}

const median = (values) => Math.round(values.sort((a, b) => a - b)[Math.floor(values.length / 2)]);

async function firstReply(page, origin) {
  await page.goto(origin);
  await page.waitForFunction(() => window.bench);
  return page.evaluate(() => window.bench.first);
}

async function measure(browser, origin) {
  const cold = [];
  const warm = [];
  let weight = 0;
  let single = 0;
  let batched = 0;
  for (let round = 0; round < rounds; round++) {
    const context = await browser.newContext({ serviceWorkers: 'block' });
    await context.addInitScript(inPage);
    const page = await context.newPage();
    sent = 0;
    cold.push(await firstReply(page, origin));
    weight = sent;
    warm.push(await firstReply(page, origin));
    if (round === rounds - 1) {
      single = await page.evaluate((count) => window.bench.rate(count, 1), singles);
      batched = await page.evaluate(([count, size]) => window.bench.rate(count, size), [batches, batchSize]);
    }
    await context.close();
  }
  return {
    first_view_brotli_bytes: weight,
    cold_first_reply_ms: median(cold),
    warm_first_reply_ms: median(warm),
    single_commands_per_second: single,
    batched_commands_per_second: batched,
  };
}

const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => path && existsSync(path),
);
if (!executablePath) throw new Error('no Chromium found: install chromium, or name one in CHROMIUM');
await new Promise((ready) => host.listen(0, '127.0.0.1', ready));
const browser = await chromium.launch({ executablePath, args: ['--headless', '--no-sandbox', '--disable-gpu'] });
try {
  console.log(JSON.stringify(await measure(browser, `http://127.0.0.1:${host.address().port}/`)));
} finally {
  await browser.close();
  host.close();
}
