import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { GroupCommit } from '../commit.ts';
import type { Policy } from '../engine.ts';
import { type Durability, type Journal, NotOwner } from '../journal.ts';

/** A journal whose transactions end when the test says so. */
class SlowJournal {
  records: { start: number; text: string; durability: Durability }[] = [];
  private flights: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  append(start: number, parts: Uint8Array[], durability: Durability): Promise<void> {
    const text = parts.map((part) => new TextDecoder().decode(part)).join('');
    this.records.push({ start, text, durability });
    return new Promise((resolve, reject) => this.flights.push({ resolve, reject }));
  }

  get inFlight(): number {
    return this.flights.length;
  }

  async complete(): Promise<void> {
    this.flights.shift()!.resolve();
    await settled();
  }

  async fail(error: unknown): Promise<void> {
    this.flights.shift()!.reject(error);
    await settled();
  }

  get texts(): string[] {
    return this.records.map(({ text }) => text);
  }
}

/** Lets promises that are due run. */
async function settled(): Promise<void> {
  for (let i = 0; i < 5; i++) await Promise.resolve();
}

let journal: SlowJournal;
let events: string[];
let commit: GroupCommit;
let end: number;

function start(policy: Policy): void {
  commit = new GroupCommit(journal as unknown as Journal, 100, policy, {
    stored: (offset) => events.push(`stored ${offset}`),
    failed: (reason) => events.push(`failed ${reason}`),
    mended: () => events.push('mended'),
    disowned: () => events.push('disowned'),
  });
}

function append(text: string): void {
  end += text.length;
  commit.append(new TextEncoder().encode(text), end);
}

beforeEach(() => {
  vi.useFakeTimers();
  journal = new SlowJournal();
  events = [];
  end = 100;
});

afterEach(() => vi.useRealTimers());

test('what arrives during a transaction becomes the next record, one', async () => {
  start('always');
  for (const text of ['a', 'b', 'c', 'd']) append(text);
  expect(journal.inFlight).toBe(1);
  await journal.complete();
  expect(journal.records).toEqual([
    { start: 100, text: 'a', durability: 'strict' },
    { start: 101, text: 'bcd', durability: 'strict' },
  ]);
  expect(commit.stored).toBe(101);
  await journal.complete();
  expect(events).toEqual(['stored 101', 'stored 104']);
  expect(commit.pending).toBe(0);
});

test.each([['always', 'strict'], ['everysec', 'relaxed']] as const)('%s asks for %s', (policy, durability) => {
  start(policy);
  append('a');
  vi.advanceTimersByTime(50);
  expect(journal.records[0]!.durability).toBe(durability);
});

test('the policy "no" lets writes gather', async () => {
  start('no');
  append('a');
  append('b');
  expect(journal.inFlight).toBe(0);
  vi.advanceTimersByTime(1000);
  expect(journal.texts).toEqual(['ab']);
});

test('a barrier cuts a record', async () => {
  start('always');
  append('a');
  append('b');
  expect(commit.barrier()).toBe(102);
  append('c');
  await journal.complete();
  await journal.complete();
  expect(journal.texts).toEqual(['a', 'b', 'c']);
});

test('a flush waits for what was appended before it', async () => {
  start('no');
  append('a');
  const flushed = commit.flush();
  append('b');
  await journal.complete();
  expect(await flushed).toBe(true);
});

test('a failed write is tried again, with what came since', async () => {
  start('always');
  append('a');
  await journal.fail(new DOMException('full', 'QuotaExceededError'));
  append('b');
  expect(events).toEqual(['failed QuotaExceededError: full']);
  expect(commit.failing).toBe(true);
  expect(journal.inFlight).toBe(0);
  vi.advanceTimersByTime(1000);
  await journal.complete();
  expect(events.slice(1)).toEqual(['mended', 'stored 102']);
  expect(journal.texts).toEqual(['a', 'ab']);
});

test('pauses between attempts grow', async () => {
  start('always');
  append('a');
  for (const pause of [1000, 2000, 4000]) {
    await journal.fail(new Error('no'));
    vi.advanceTimersByTime(pause - 1);
    expect(journal.inFlight).toBe(0);
    vi.advanceTimersByTime(1);
    expect(journal.inFlight).toBe(1);
  }
});

test('a flush during failure says that it failed', async () => {
  start('always');
  append('a');
  const flushed = commit.flush();
  await journal.fail(new Error('no'));
  expect(await flushed).toBe(false);
});

test('a new base makes up for a log that cannot be written', async () => {
  start('always');
  append('a');
  await journal.fail(new Error('no'));
  const offset = commit.barrier();
  append('b');
  commit.covered(offset);
  await settled();
  expect(events.slice(1)).toEqual(['stored 101', 'mended']);
  expect(journal.texts.slice(1)).toEqual(['b']);
});

test('whoever lost the data writes nothing more', async () => {
  start('always');
  append('a');
  append('b');
  await journal.fail(new NotOwner());
  vi.advanceTimersByTime(100_000);
  append('c');
  expect(events).toEqual(['disowned']);
  expect(journal.texts).toEqual(['a']);
});
