// Both pages for everybody: accessible in every theme and language, on a phone, and without a network.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { input, openPage, PATIENCE, profile, run, sees, session, status, transcript, transcriptText, useBrowser } from './browser.ts';

useBrowser();
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PAGES = ['', 'three-ways.html'];
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

interface Axe {
  run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
}

/** Runs in the page: flips one bit of the youngest record of the engine's log. */
async function damageLastRecord(): Promise<void> {
  const done = <T>(request: IDBRequest<T>): Promise<T> =>
    new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
  const database = await done(indexedDB.open('riffle'));
  const log = database.transaction('log', 'readwrite').objectStore('log');
  const cursor = (await done(log.openCursor(null, 'prev')))!;
  const bytes = new Uint8Array(cursor.value as ArrayBuffer);
  bytes[bytes.length - 1]! ^= 1;
  await done(log.put(bytes, cursor.key));
  database.close();
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const result = await page.evaluate(() => (globalThis as unknown as { axe: Axe }).axe.run());
  return result.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
}

describe('axe finds nothing', () => {
  const table = PAGES.flatMap((path) => (['light', 'dark'] as const).flatMap((colorScheme) =>
    ['en-US', 'ko-KR'].map((locale) => ({ path, colorScheme, locale }))));
  test.each(table)('$path $colorScheme $locale', async ({ path, colorScheme, locale }) => {
    const page = await openPage(await profile({ colorScheme, locale }), path);
    if (path) await page.locator('riffle-snippet button.main').first().click();
    else await page.locator('[data-example=pubsub]').click();
    await sees(page, path ? 2 : 1, '"message"');
    if (!path) await input(page, 2).fill('xre');
    expect(await violations(page)).toEqual([]);
  });

  test('in the open status panel', async () => {
    const page = await openPage(await profile());
    await page.locator('riffle-status button').click();
    expect(await violations(page)).toEqual([]);
  });
});

describe('on a phone', () => {
  test.each(PAGES)('%s does not scroll sideways', async (path) => {
    const page = await openPage(await profile({ ...PHONE, locale: 'ko-KR' }), path);
    const start = path ? page.locator('riffle-snippet button.main').first() : page.locator('[data-example=pubsub]');
    await start.tap();
    await sees(page, path ? 2 : 1, '"message"');
    const { scroll, width } = await page.evaluate(() => ({
      scroll: document.documentElement.scrollWidth, width: document.documentElement.clientWidth,
    }));
    expect(scroll).toBe(width);
  });

  test('the input is large enough not to be zoomed', async () => {
    const page = await openPage(await profile(PHONE));
    const size = await input(page, 1).evaluate((field) => parseFloat(getComputedStyle(field).fontSize));
    expect(size).toBeGreaterThanOrEqual(16);
  });
});

test('the page follows the language and the theme that a person chooses', async () => {
  const page = await openPage(await profile());
  await page.getByLabel('Language').selectOption('ko');
  expect(await page.locator('html').getAttribute('lang')).toBe('ko');
  expect(await page.getByRole('button', { name: '세션 추가' }).count()).toBe(1);
  await page.getByLabel('화면 색').selectOption('dark');
  await page.reload();
  expect(await page.title()).toBe('Riffle 콘솔');
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
});

describe('three ways to pass a message', () => {
  test('every block runs as its text says, and Reset forgets it', async () => {
    const page = await openPage(await profile(), 'three-ways.html');
    const block = (number: number) => page.locator('riffle-snippet').nth(number);
    const shows = (number: number, panel: number, text: RegExp) =>
      expect.poll(() => transcriptText(block(number).locator('riffle-session').nth(panel)), PATIENCE).toMatch(text);
    for (let number = 0; number < 4; number++) await block(number).locator('button.main').click();
    await shows(0, 0, /PUBLISH news "hello\?"\n\(integer\) 0[^]+속보: Redis 출시"\n\(integer\) 2/);
    await shows(0, 1, /"message"\n2\) "news"\n3\) "속보: Redis 출시"/);
    await shows(0, 2, /"message"/);
    await shows(1, 1, /"작업1"[^]+"작업2"/);
    await shows(1, 2, /BRPOP myqueue 60\n1\) "myqueue"\n2\) "작업3"/);
    await shows(2, 1, /COUNT 1[^]+"key1"\n +2\) "val1"$/);
    await shows(2, 2, /"key1"[^]+"key2"/);
    await shows(3, 0, /"alice"[^]+XPENDING orders kitchen\n1\) \(integer\) 0/);
    await shows(3, 2, /"녹차"[^]+XAUTOCLAIM[^]+"커피"/);
    await block(2).getByRole('button', { name: 'Reset' }).click();
    expect(await block(2).locator('riffle-session').count()).toBe(0);
    await block(2).locator('li button').last().click();
    await expect.poll(() => transcriptText(block(2).locator('riffle-session').first()), PATIENCE).toContain('(integer) 0');
  });
});

describe.skipIf(process.env.RIFFLE_PAGE)('the engine in this browser', () => {
  test('works without a network after the first visit, with the data of before', async () => {
    const context = await profile();
    const page = await openPage(context);
    await run(page, 1, 'SET kept "그대로"');
    await sees(page, 1, 'OK');
    await expect.poll(() => status(page), PATIENCE).toContain('Saved');
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      if (!navigator.serviceWorker.controller) {
        await new Promise((done) => navigator.serviceWorker.addEventListener('controllerchange', done, { once: true }));
      }
    });
    await context.setOffline(true);
    await page.reload();
    await run(page, 1, 'GET kept');
    await sees(page, 1, 'GET kept\n"그대로"');
    await run(page, 1, 'BITCOUNT kept'); // the full engine is kept as well
    await sees(page, 1, /BITCOUNT kept\n\(integer\) \d+/);
    await page.goto(new URL('three-ways.html', page.url()).href);
    expect(await page.locator('h1').innerText()).toBe('Three ways to pass a message');
  });

  test('takes commands before it has started', async () => {
    const context = await profile();
    let start = (): void => {};
    const started = new Promise<void>((resolve) => (start = resolve));
    await context.route('**/*.wasm', async (route) => {
      await started;
      await route.continue();
    });
    const page = await context.newPage();
    await page.goto((await openPage(await profile())).url());
    await run(page, 1, 'PING');
    expect(await transcript(page, 1)).toBe('riffle> PING');
    start();
    await sees(page, 1, 'PING\nPONG');
  });

  test('says which part of its storage is damaged, hands it out, and deletes it when told', async () => {
    const page = await openPage(await profile());
    await page.locator('riffle-status button').click();
    await page.locator('riffle-status input[value=always]').check();
    for (const line of ['SET a 1', 'SET b 2']) {
      await run(page, 1, line);
      await sees(page, 1, `${line}\nOK`);
    }
    await page.evaluate(damageLastRecord);
    await page.reload();
    await expect.poll(() => page.locator('riffle-notice p').innerText(), PATIENCE).toContain('set aside');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download' }).click();
    expect((await download).suggestedFilename()).toBe('riffle-unread.bin');
    await page.getByRole('button', { name: 'Delete it' }).click();
    await expect.poll(() => page.locator('riffle-notice p').count(), PATIENCE).toBe(0);
    await run(page, 1, 'EXISTS a b');
    await sees(page, 1, '(integer) 1');
  });

  test('is moved from one tab to another', async () => {
    const context = await profile();
    const first = await openPage(context);
    await run(first, 1, 'SET moved 1');
    await sees(first, 1, 'OK');
    const second = await openPage(context);
    await expect.poll(() => second.locator('riffle-notice p').innerText(), PATIENCE).toContain('another tab');
    await run(second, 1, 'GET moved');
    await second.getByRole('button', { name: 'Use it here' }).click();
    await sees(second, 1, 'GET moved\n"1"');
    await expect.poll(() => first.locator('riffle-notice p').innerText(), PATIENCE).toContain('another tab');
    expect(await session(second, 1).locator('.wait').count()).toBe(0);
  });
});

describe('starting', () => {
  test.each(['index.html', 'three-ways.html'])('%s starts the engine before anything else is asked for', (name) => {
    const folder = new URL('../../dist/site/', import.meta.url);
    const html = readFileSync(new URL(name, folder), 'utf8');
    const script = /<script>(.*?)<\/script>/s.exec(html)![1]!;
    const before = html.slice(0, html.indexOf(script));
    expect(before).not.toMatch(/<link|src=/);
    expect(before).toContain(`'sha256-${createHash('sha256').update(script).digest('base64')}'`);
    const paths = [...script.matchAll(/\.\/(assets\/[\w.-]+)/g)].map(([, path]) => path!);
    expect(paths.map((path) => path.replace(/-[\w-]{8}\./, '.')).sort())
      .toEqual(['assets/complete.wasm', 'assets/engine.wasm', 'assets/worker.js']);
    for (const path of paths) expect(readFileSync(new URL(path, folder)).length).toBeGreaterThan(0);
  });
});
