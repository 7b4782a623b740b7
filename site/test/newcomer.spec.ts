// The newcomer's walk: every example of the first view does what its text says.

import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { input, openPage, PATIENCE, profile, run, sees, session, status, transcript, useBrowser } from './browser.ts';

useBrowser();
let page: Page;
beforeEach(async () => {
  page = await openPage(await profile());
});

const play = (id: string): Promise<void> => page.locator(`[data-example=${id}]`).click();

test('the first view has two sessions, an introduction and examples', async () => {
  expect(await page.locator('riffle-session').count()).toBe(2);
  expect(await page.locator('riffle-console h1').innerText()).toContain('Redis');
  expect(await page.locator('[data-example]').count()).toBe(7);
  expect(await page.title()).toBe('Riffle console');
});

describe('examples', () => {
  test('publish and subscribe', async () => {
    await play('pubsub');
    await sees(page, 1, '1) "message"\n2) "news"\n3) "속보: Redis 출시"');
    await sees(page, 2, 'PUBLISH news "속보: Redis 출시"\n(integer) 1');
    expect(await session(page, 1).locator('.wait').innerText()).toContain('Listening to news');
    await session(page, 1).locator('.wait button').click();
    await sees(page, 1, '1) "unsubscribe"\n2) "news"\n3) (integer) 0');
    await expect.poll(() => session(page, 1).locator('.wait').count(), PATIENCE).toBe(0);
  });

  test('a list as a queue', async () => {
    await run(page, 1, 'DEL myqueue');
    await play('queue');
    await sees(page, 1, /LPUSH myqueue "작업1"\n\(integer\) 1\n+riffle> LPUSH myqueue "작업2"\n\(integer\) 2/);
    await sees(page, 2, 'RPOP myqueue\n"작업1"');
  });

  test('waiting for work', async () => {
    await play('blocking');
    await sees(page, 1, 'BLPOP inbox 30\n1) "inbox"\n2) "작업3"');
    await sees(page, 2, '(integer) 1');
  });

  test('a stream', async () => {
    await run(page, 1, 'DEL mystream');
    await play('stream');
    await sees(page, 1, /XADD mystream \* key1 val1\n"\d+-0"/);
    await sees(page, 2, /1\) 1\) "mystream"\n {3}2\) 1\) 1\) "\d+-0"\n {9}2\) 1\) "key1"\n {12}2\) "val1"/);
  });

  test('a consumer group whose member never acknowledges', async () => {
    await play('group');
    await sees(page, 1, /XREADGROUP[^]+"커피"/);
    await sees(page, 2, /XPENDING orders shop\n[^]+"alice"[^]+XAUTOCLAIM[^]+"커피"[^]+XPENDING orders shop\n[^]+"bob"/);
  });

  test('a transaction that WATCH stops', async () => {
    await play('transaction');
    await sees(page, 1, /riffle\(TX\)> DECR stock\nQUEUED\n+riffle\(TX\)> EXEC\n\(nil\)\n+riffle> GET stock\n"3"/);
  });

  test('a session that expires', async () => {
    await play('expiry');
    await sees(page, 2, /TTL session:42\n\(integer\) (30|29|28)\n+riffle> GET session:42\n"김하늘"/);
  });

  test('one after the other, whatever state the one before left', async () => {
    await run(page, 1, 'BLPOP nothing 0');
    await expect.poll(() => session(page, 1).locator('.wait').innerText(), PATIENCE).toContain('nothing');
    await play('pubsub');
    await sees(page, 1, '"message"');
    await play('transaction');
    await sees(page, 1, /EXEC\n\(nil\)[^]+"3"/);
  });
});

describe('a session that waits', () => {
  test('says for what, and Cancel ends it', async () => {
    await run(page, 1, 'BLPOP slow:queue 0');
    await expect.poll(() => session(page, 1).locator('.wait').innerText(), PATIENCE)
      .toMatch(/Waiting for slow:queue, [1-9] s/);
    await session(page, 1).getByRole('button', { name: 'Cancel' }).click();
    await sees(page, 1, 'BLPOP slow:queue 0\n(nil)\nCancelled.');
    await expect.poll(() => session(page, 1).locator('.wait').count(), PATIENCE).toBe(0);
    expect(await input(page, 1).evaluate((field) => field.matches(':focus'))).toBe(true);
  });

  test('MONITOR shows what others do until it is stopped', async () => {
    await run(page, 1, 'MONITOR');
    await sees(page, 1, 'OK');
    await run(page, 2, 'SET watched 1');
    await sees(page, 1, '"SET" "watched" "1"');
    await session(page, 1).getByRole('button', { name: 'Stop' }).click();
    await sees(page, 1, 'RESET');
    await expect.poll(() => session(page, 1).locator('.wait').count(), PATIENCE).toBe(0);
  });
});

describe('the input line', () => {
  test('Enter that ends a composition does not submit', async () => {
    const devtools = await page.context().newCDPSession(page);
    await input(page, 1).fill('SET news ');
    await devtools.send('Input.imeSetComposition', { text: '속보', selectionStart: 2, selectionEnd: 2 });
    await page.keyboard.press('Enter');
    expect(await transcript(page, 1)).toBe('');
    await devtools.send('Input.insertText', { text: '속보' });
    await page.keyboard.press('Enter');
    await sees(page, 1, 'SET news 속보\nOK');
  });

  test('keyCode 229 never submits', async () => {
    await input(page, 1).fill('PING');
    await input(page, 1).evaluate((field) =>
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true })));
    expect(await transcript(page, 1)).toBe('');
    expect(await input(page, 1).inputValue()).toBe('PING');
  });

  test('history comes back with the arrows, also after a reload', async () => {
    await run(page, 1, 'SET a 1');
    await run(page, 1, 'GET a');
    await input(page, 1).fill('half');
    await input(page, 1).press('ArrowUp');
    await input(page, 1).press('ArrowUp');
    expect(await input(page, 1).inputValue()).toBe('SET a 1');
    for (let i = 0; i < 3; i++) await input(page, 1).press('ArrowDown');
    expect(await input(page, 1).inputValue()).toBe('half');
    await page.reload();
    await input(page, 1).press('ArrowUp');
    expect(await input(page, 1).inputValue()).toBe('GET a');
  });

  test('completion and hints come from the engine', async () => {
    await run(page, 1, 'help SET');
    await sees(page, 1, 'SET key value [NX | XX');
    await input(page, 1).pressSequentially('xrea');
    await expect.poll(() => session(page, 1).locator('[role=option] b').allInnerTexts(), PATIENCE)
      .toEqual(['XREAD', 'XREADGROUP']);
    await input(page, 1).press('Tab');
    expect(await input(page, 1).inputValue()).toBe('xread ');
    expect(await session(page, 1).locator('riffle-hint summary').innerText()).toContain('STREAMS key');
    await input(page, 1).press('Escape');
    expect(await session(page, 1).locator('[role=option]').count()).toBe(0);
    await input(page, 1).press('Tab');
    expect(await input(page, 1).evaluate((field) => field.matches(':focus'))).toBe(false);
  });

  test('a paste of several lines runs line by line', async () => {
    await input(page, 1).focus();
    await input(page, 1).evaluate((field) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text', 'SET p 1\r\nINCR p\nGET');
      field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    });
    await sees(page, 1, /SET p 1\nOK\n+riffle> INCR p\n\(integer\) 2/);
    expect(await input(page, 1).inputValue()).toBe('GET');
  });

  test('a quote left open is said, not sent', async () => {
    await run(page, 1, 'SET a "b');
    await sees(page, 1, 'Invalid argument(s)');
  });
});

describe('sessions', () => {
  test('are added, renamed and closed, and the layout is remembered', async () => {
    await page.getByRole('button', { name: 'Add a session' }).click();
    expect(await page.locator('riffle-session').count()).toBe(3);
    await session(page, 3).getByLabel('Session name').fill('worker');
    await session(page, 3).getByLabel('Session name').press('Enter');
    await run(page, 3, 'CLIENT GETNAME');
    await sees(page, 3, '"worker"');
    await session(page, 1).getByRole('button', { name: 'Close session-1' }).click();
    await page.reload();
    await expect.poll(() => page.locator('riffle-session').count(), PATIENCE).toBe(2);
    expect(await session(page, 2).getByLabel('Session name').inputValue()).toBe('worker');
  });

  test('show where the data stands', async () => {
    await run(page, 1, 'SET kept 1');
    await sees(page, 1, 'OK');
    await page.locator('riffle-status button').click();
    expect(await status(page)).not.toBe('');
    await expect.poll(() => page.locator('riffle-status dd').first().innerText(), PATIENCE).toMatch(/[1-9]/);
    await page.locator('riffle-status input[value=always]').check();
    await expect.poll(() => page.locator('riffle-status input[value=always]').isChecked(), PATIENCE).toBe(true);
  });

  test('show RESP3 as redis-cli does', async () => {
    await run(page, 1, 'HELLO 3');
    await run(page, 1, 'DEL h');
    await run(page, 1, 'HSET h field 값');
    await run(page, 1, 'HGETALL h');
    await sees(page, 1, '1# "field" => "값"');
  });
});
