import type { GroupCommit } from './commit.ts';
import type { Journal, Manifest } from './journal.ts';
import type { Machine } from './machine.ts';

/** A log shorter than this is left alone, and one of fewer records than that, in bytes and records. */
const SMALL_LOG = 4 << 20;
const MANY_RECORDS = 50_000;

/** Bytes that one step takes from a picture, and bytes of one chunk in storage. */
const STEP = 64 << 10;
const CHUNK = 1 << 20;

/** Says whether the log has outgrown its base. */
export function worthwhile(log: number, records: number, base: number): boolean {
  return log > Math.max(SMALL_LOG, 2 * base) || records > MANY_RECORDS;
}

/**
 * Replaces base and log by a new base: a picture of the data, taken at one moment and written out in
 * slices of `slice` milliseconds, while the engine goes on serving. `turn` lets other work of this
 * thread run and throws if the engine has been replaced meanwhile. Until the switch, one transaction
 * at the end, storage means what it meant before; an attempt that fails leaves nothing in force.
 */
export async function compact(
  machine: Machine,
  journal: Journal,
  commit: GroupCommit,
  picture: { offset: number; slice: number; turn: () => Promise<void> },
): Promise<Manifest> {
  const base = await journal.beginBase();
  const manifest: Manifest = { base, chunks: 0, bytes: 0, start: picture.offset };
  try {
    for (let done = false; !done; ) {
      const parts = new Chunk();
      while (!done && parts.bytes < CHUNK) {
        done = parts.fill(machine, performance.now() + picture.slice);
        machine.rest();
        await picture.turn();
      }
      await journal.writeBase(base, manifest.chunks, parts.all);
      await picture.turn();
      manifest.chunks++;
      manifest.bytes += parts.bytes;
    }
  } finally {
    machine.snapshotEnd();
  }
  // The log before the new base may only go once the log after it can stand on its own.
  if (!commit.failing) await commit.flush();
  await picture.turn();
  await journal.switchBase(manifest);
  commit.covered(picture.offset);
  return manifest;
}

/** A chunk of a base while it is being filled. */
class Chunk {
  all: Uint8Array[] = [];
  bytes = 0;

  /** Adds steps until the chunk is full, the time is up or the picture is complete, which it returns. */
  fill(machine: Machine, deadline: number): boolean {
    do {
      const { chunk, done } = machine.snapshotNext(STEP);
      this.all.push(chunk);
      this.bytes += chunk.length;
      if (done) return true;
    } while (this.bytes < CHUNK && performance.now() < deadline);
    return false;
  }
}
