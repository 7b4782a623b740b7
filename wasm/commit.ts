import { describe } from './idb.ts';
import { NotOwner, type Durability, type Journal } from './journal.ts';
import type { Policy } from './engine.ts';

/** What a group commit tells its host. */
export interface CommitEvents {
  /** The log is stored up to this offset. */
  stored(offset: number): void;
  /** A write failed; it will be tried again. */
  failed(reason: string): void;
  /** The write that failed has succeeded. */
  mended(): void;
  /** Somebody else owns the storage: nothing more will be written. */
  disowned(): void;
}

/** A run of effects that goes into one record. */
interface Group {
  start: number;
  end: number;
  parts: Uint8Array[];
}

/** Bytes after which a record is full, so that loading can go piece by piece. */
const FULL = 8 << 20;

/** How long a policy lets writes gather, since a transaction costs the same whatever it holds, in ms. */
const GATHER_MS: Record<Policy, number> = { always: 0, everysec: 50, no: 1000 };

/** The first and the longest pause after a failure, in ms. */
const PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Writes the journal to storage in groups: one transaction is in flight, and all that arrives
 * meanwhile goes into the next record. So the cost of a transaction is shared by as many commands
 * as storage is slow, and the delay is that of one or two transactions.
 */
export class GroupCommit {
  /** Everything before this offset is stored. */
  stored: number;
  /** Records written since the start, which loading will have to read one by one. */
  records = 0;
  failing = false;
  private groups: Group[] = [];
  private cut = false;
  private writing = false;
  private stopped = false;
  private pause = PAUSE_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private waiters: { offset: number; wake: () => void }[] = [];

  constructor(
    private readonly journal: Journal,
    private end: number,
    private policy: Policy,
    private readonly events: CommitEvents,
  ) {
    this.stored = end;
  }

  /** Bytes that are not stored yet. */
  get pending(): number {
    return this.end - this.stored;
  }

  /** Takes effects that end at offset `end`. */
  append(part: Uint8Array, end: number): void {
    const last = this.groups.at(-1);
    // The first group may be in flight and must stay as it is.
    const open = last && !this.cut && !(this.writing && this.groups.length === 1);
    if (open && last.end - last.start < FULL) {
      last.parts.push(part);
      last.end = end;
    } else {
      this.groups.push({ start: end - part.length, end, parts: [part] });
    }
    this.cut = false;
    this.end = end;
    this.schedule();
  }

  /** Makes a record end at the present offset, so that a base can start there. */
  barrier(): number {
    this.cut = true;
    return this.end;
  }

  setPolicy(policy: Policy): void {
    this.policy = policy;
    this.schedule();
  }

  /** Resolves when everything appended so far is stored, or false if that failed. */
  async flush(): Promise<boolean> {
    const offset = this.end;
    if (this.stored < offset && !this.stopped) {
      const settled = new Promise<void>((wake) => this.waiters.push({ offset, wake }));
      this.write();
      await settled;
    }
    return this.stored >= offset;
  }

  /** A base that covers the log up to `offset` is in force: what waits before it need not be written. */
  covered(offset: number): void {
    this.groups = this.groups.filter((group) => group.end > offset);
    this.advance(offset);
    this.mend();
    this.schedule();
  }

  /** Ends all writing. Whoever waits for a flush is told that it failed. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.wakeAll();
  }

  private schedule(): void {
    if (this.writing || this.failing || this.groups.length === 0) return;
    const delay = GATHER_MS[this.policy];
    if (delay === 0 || this.pending > FULL) this.write();
    else this.timer ??= setTimeout(() => this.write(), delay);
  }

  private write(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const group = this.groups[0];
    if (this.writing || this.stopped || !group) return;
    this.writing = true;
    const durability: Durability = this.policy === 'always' ? 'strict' : 'relaxed';
    this.journal.append(group.start, group.parts, durability).then(
      () => this.wrote(group),
      (error: unknown) => this.broke(error),
    );
  }

  private wrote(group: Group): void {
    this.writing = false;
    this.groups = this.groups.filter((other) => other !== group);
    this.records++;
    this.mend();
    this.advance(group.end);
    if (this.waiters.length > 0) this.write();
    this.schedule();
  }

  private mend(): void {
    this.pause = PAUSE_MS;
    if (this.failing) {
      this.failing = false;
      this.events.mended();
    }
  }

  private advance(offset: number): void {
    if (offset <= this.stored || this.stopped) return;
    this.stored = offset;
    this.events.stored(offset);
    const due = this.waiters.filter((waiter) => waiter.offset <= offset);
    this.waiters = this.waiters.filter((waiter) => waiter.offset > offset);
    for (const waiter of due) waiter.wake();
  }

  private broke(error: unknown): void {
    this.writing = false;
    if (this.stopped) return;
    if (error instanceof NotOwner) {
      this.stop();
      this.events.disowned();
      return;
    }
    this.failing = true;
    this.wakeAll();
    this.events.failed(describe(error));
    this.timer ??= setTimeout(() => this.write(), this.pause);
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
  }

  private wakeAll(): void {
    for (const waiter of this.waiters) waiter.wake();
    this.waiters = [];
  }
}
