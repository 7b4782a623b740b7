import { StorageError, type Journal, type LogRecord, type Manifest } from './journal.ts';
import type { Machine } from './machine.ts';

/** Bytes of log that are handed over at once: the engine's memory never shrinks again. */
const PIECE = 512 << 10;

/** The data needs the full engine; nothing in storage was touched. */
export class Lacking extends Error {}

/** How a load from storage went. */
export interface Recovery {
  /** The offset at which the log goes on. */
  end: number;
  /** Records of log since the base. */
  records: number;
  /** Why part of the log had to be set aside; '' if all of it was read. */
  fault: string;
}

/**
 * Loads the base, then the log record by record. A record that is damaged, misplaced or does not
 * hold whole units ends the load there: replaying what came after a hole would build data that never
 * was. That rest is set aside, never deleted. Throws StorageError if the base cannot be read, and Lacking if
 * this engine lacks what the data needs.
 */
export async function recover(
  machine: Machine,
  journal: Journal,
  manifest: Manifest,
  now: () => number,
): Promise<Recovery> {
  if (manifest.base > 0) {
    const fault = await machine.load(now(), journal.base());
    if (machine.lacking) throw new Lacking(fault);
    if (fault) throw new StorageError('base-unreadable', fault);
  }
  const recovery: Recovery = { end: manifest.start, records: 0, fault: '' };
  for await (const record of journal.records()) {
    const { fault, whole } = replay(machine, record, recovery.end, now());
    if (machine.lacking) throw new Lacking(fault);
    recovery.end += whole.length;
    recovery.records++;
    if (fault) {
      recovery.fault = `${fault}, at offset ${record.start}`;
      await journal.setAside(Math.min(record.start, recovery.end - whole.length), whole);
      break;
    }
  }
  return recovery;
}

/** Replays one record. `whole` is the part of it that is now in the engine. */
function replay(machine: Machine, record: LogRecord, expected: number, now: number) {
  const nothing = new Uint8Array();
  if (record.start !== expected) return { fault: `a gap of the log before ${record.start}`, whole: nothing };
  const { bytes } = record;
  if (!bytes) return { fault: 'a damaged record', whole: nothing };
  let done = 0;
  for (let size = PIECE; done < bytes.length; ) {
    const piece = bytes.subarray(done, done + size);
    const last = done + piece.length === bytes.length;
    const step = machine.apply(now, piece);
    done += step.done;
    if (step.fault && (last || !step.cut)) return { fault: step.fault, whole: bytes.subarray(0, done) };
    // A piece ends inside a unit as a rule; one that does not hold even one is too small.
    size = step.done > 0 ? PIECE : 2 * size;
  }
  return { fault: '', whole: bytes };
}
