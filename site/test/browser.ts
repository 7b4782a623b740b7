// What the browser tests share: a static host for dist/site, a Chromium, and a page seen as a person
// sees it: sessions by number, transcripts as text.

import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Locator, type Page,
} from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';

const SITE = fileURLToPath(new URL('../../dist/site', import.meta.url));
const BROWSERS = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const ARGUMENTS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css',
  '.svg': 'image/svg+xml', '.wasm': 'application/wasm',
};
/** How long a page may take to show something, in ms. */
export const PATIENCE = { timeout: Number(process.env.RIFFLE_PATIENCE_MS ?? 15_000) };

let browser: Browser;
let host: Server | undefined;
let origin = process.env.RIFFLE_PAGE ?? '';
const contexts: BrowserContext[] = [];
/** Errors in a page's console, which no test expects. */
const complaints: string[] = [];

/** Hosts the page and starts a browser for the tests of a file. RIFFLE_PAGE names a page hosted elsewhere. */
export function useBrowser(): void {
  beforeAll(async () => {
    if (!origin) await serve();
    const executablePath = BROWSERS.find((path) => path && existsSync(path));
    if (!executablePath) throw new Error('no Chromium found: install chromium, or name one in CHROMIUM');
    browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
    expect(complaints.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    host?.close();
  });
}

async function serve(): Promise<void> {
  if (!existsSync(`${SITE}/index.html`)) throw new Error('dist/site is missing: run ./build.sh build first');
  host = createServer((request, response) => {
    const path = new URL(request.url!, 'http://page').pathname;
    const file = `${SITE}${path.endsWith('/') ? `${path}index.html` : path}`;
    if (path.includes('..') || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    const type = TYPES[extname(file)] ?? 'application/json';
    response.writeHead(200, { 'content-type': type }).end(readFileSync(file));
  });
  await new Promise<void>((done) => host!.listen(0, '127.0.0.1', done));
  origin = `http://127.0.0.1:${(host.address() as { port: number }).port}/`;
}

/** A browser profile of its own, with empty storage. */
export async function profile(options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const context = await browser.newContext({ locale: 'en-US', reducedMotion: 'reduce', ...options });
  contexts.push(context);
  context.setDefaultTimeout(PATIENCE.timeout);
  context.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
  return context;
}

/** Opens a page and waits until its engine runs. */
export async function openPage(context: BrowserContext, path = ''): Promise<Page> {
  const page = await context.newPage();
  await page.goto(origin + path);
  await expect.poll(() => status(page), PATIENCE).not.toMatch(/Starting|시작/);
  return page;
}

export async function status(page: Page): Promise<string> {
  return page.locator('riffle-status button').innerText();
}

export function session(page: Page, number: number): Locator {
  return page.locator('riffle-session').nth(number - 1);
}

export function input(page: Page, number: number): Locator {
  return session(page, number).locator('#line');
}

/** The transcript of a session, lines separated by \n. */
export async function transcript(page: Page, number: number): Promise<string> {
  return transcriptText(session(page, number));
}

/** innerText does not look into shadow roots, so the blocks of a transcript are put together here. */
export async function transcriptText(shown: Locator): Promise<string> {
  return shown.locator('.transcript').evaluate((log) =>
    [...log.querySelectorAll<HTMLElement>('.typed, riffle-reply, .note, .help')]
      .map((block) => (block.shadowRoot?.querySelector('pre') ?? block).innerText).join('\n'));
}

/** Types a line and presses Enter. */
export async function run(page: Page, number: number, line: string): Promise<void> {
  await input(page, number).fill(line);
  await input(page, number).press('Enter');
}

/** Waits until a transcript contains a text, or matches. */
export async function sees(page: Page, number: number, text: string | RegExp): Promise<void> {
  const expected = typeof text === 'string' ? expect.stringContaining(text) : expect.stringMatching(text);
  await expect.poll(() => transcript(page, number), PATIENCE).toEqual(expected);
}
