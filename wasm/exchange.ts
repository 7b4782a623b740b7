import type { Machine } from './machine.ts';

/** Bytes of the picture that go over at once, and how long that may go on before messages get a turn, in ms. */
const STEP = 256 << 10;
const SLICE_MS = 16;

/**
 * Lets a fresh engine go on where another one is: what its connections are about, then its data. Nothing
 * may reach either meanwhile; the other one is not to be used afterwards, unless this fails. `turn` lets
 * messages of this thread in. Storage has no part in this: what the log holds is right before and after.
 */
export async function moveOver(
  from: Machine,
  to: Machine,
  now: () => number,
  turn: () => Promise<void>,
): Promise<void> {
  to.takeOver(from.handOff());
  const fault = await to.load(now(), picture(from, now(), turn));
  if (fault) throw new Error(fault);
  to.tick(now());
}

async function* picture(from: Machine, now: number, turn: () => Promise<void>): AsyncIterable<Uint8Array> {
  from.snapshotBegin(now);
  try {
    let pause = performance.now() + SLICE_MS;
    for (;;) {
      const { chunk, done } = from.snapshotNext(STEP);
      yield chunk;
      if (done) return;
      if (performance.now() < pause) continue;
      await turn();
      pause = performance.now() + SLICE_MS;
    }
  } finally {
    from.snapshotEnd();
  }
}
