import { expect, test, vi } from 'vitest';
import { Linger } from '../linger.ts';

test('keeps its thread awake for a moment after the last request, and no longer', async () => {
  let now = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  const linger = new Linger();
  const turns = vi.spyOn(MessagePort.prototype, 'postMessage');
  linger.extend();
  await vi.waitUntil(() => turns.mock.calls.length > 3);
  now = 0.9;
  linger.extend();
  now = 1.8;
  const before = turns.mock.calls.length;
  await vi.waitUntil(() => turns.mock.calls.length > before + 3);
  now = 2;
  await vi.waitUntil(() => !linger.awake);
  const total = turns.mock.calls.length;
  linger.extend();
  expect(linger.awake).toBe(true);
  expect(turns.mock.calls.length).toBe(total + 1);
  now = 4;
  await vi.waitUntil(() => !linger.awake);
  turns.mockRestore();
  clock.mockRestore();
});
