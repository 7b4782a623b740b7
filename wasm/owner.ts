/** What ownership tells its host. */
export interface OwnerEvents {
  /** This worker owns the data now. */
  granted(): void;
  /** Another worker owns it; `granted` follows when that one lets go. */
  waiting(): void;
  /** Another worker wants it: flush, stop, and call `release`. */
  asked(): void;
  /** It was taken away: stop writing at once. */
  stolen(): void;
}

/** How long an owner may take to answer a request to let go, in ms, before it counts as dead. */
const PATIENCE_MS = 3000;

/**
 * One owner per origin and database, by a Web Lock: the browser releases it when its holder dies,
 * however it dies. Tabs talk over a BroadcastChannel when a person moves the data from one to
 * another. A lock can be stolen from a tab that sleeps, which is why storage checks the owner again
 * with every write.
 */
export class Ownership {
  private readonly channel: BroadcastChannel;
  private letGo: (() => void) | undefined;
  private queued: AbortController | undefined;

  constructor(
    private readonly name: string,
    private readonly events: OwnerEvents,
  ) {
    this.channel = new BroadcastChannel(name);
    this.channel.onmessage = () => this.hear();
  }

  /** Asks for the data; `granted` or `waiting` answers. */
  async acquire(): Promise<void> {
    if (!navigator.locks) return this.events.granted(); // storage's own check is all there is
    if (await this.request({ ifAvailable: true })) return;
    this.events.waiting();
    await this.queue();
  }

  /** Lets the data go and lines up behind the others for it. */
  async handOver(): Promise<void> {
    this.release();
    this.events.waiting();
    await this.queue();
  }

  /** Lets the data go for good. */
  release(): void {
    this.letGo?.();
    this.letGo = undefined;
  }

  /** Asks whoever owns the data to let go, and takes it from one that does not answer. */
  async takeOver(): Promise<void> {
    if (this.letGo || !navigator.locks) return;
    this.channel.postMessage('let go');
    await pause(PATIENCE_MS);
    if (this.letGo) return;
    this.queued?.abort();
    await this.request({ steal: true });
  }

  /** Another tab asks for the data. */
  private hear(): void {
    if (this.letGo) {
      this.events.asked();
    } else if (this.queued) {
      // Somebody was asked for by name: step back and line up again behind.
      this.queued.abort();
      void pause(PATIENCE_MS).then(() => this.queue());
    }
  }

  private async queue(): Promise<void> {
    if (this.letGo || this.queued?.signal.aborted === false) return;
    this.queued = new AbortController();
    await this.request({ signal: this.queued.signal });
  }

  /** Resolves to true when the lock is granted, to false when it is not to be had this way. */
  private request(options: LockOptions): Promise<boolean> {
    return new Promise((resolve) => {
      navigator.locks
        .request(this.name, options, (lock) => {
          resolve(lock !== null);
          return lock && this.hold();
        })
        .catch(() => {
          resolve(false);
          if (options.signal?.aborted || !this.letGo) return;
          this.letGo = undefined;
          this.events.stolen();
        });
    });
  }

  /** Keeps the lock until `release`. */
  private hold(): Promise<void> {
    const held = new Promise<void>((resolve) => (this.letGo = resolve));
    this.queued = undefined;
    this.events.granted();
    return held;
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
