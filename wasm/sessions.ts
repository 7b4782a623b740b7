import type { Machine, Output } from './machine.ts';

/** Bytes of replies that may be on their way to a page that has not acknowledged them. */
const WINDOW = 1 << 20;

/** Bytes fed to the engine before the clock is looked at again. */
const PIECE = 64 << 10;

/** Bytes of requests that may wait for an engine before a session counts as gone mad. */
const INPUT_LIMIT = 256 << 20;

/** Replies at least this long are moved to the page and not copied. */
const TRANSFER = 64 << 10;

/** One connection between a page and the engine. */
class Session {
  /** The engine's number for it; 0 while there is no engine. */
  client = 0;
  /** Chunks of requests, how far the first was fed, and how many bytes wait in all. */
  input: Uint8Array[] = [];
  position = 0;
  waiting = 0;
  /** Bytes sent or held that the page has not acknowledged. */
  unacknowledged = 0;
  /** The engine has output that did not fit into the window. */
  stuck = false;
  queued = false;
  /** The page is done and will read nothing more; what it sent before is still carried out. */
  leaving = false;

  constructor(
    readonly id: number,
    readonly name: string,
    readonly port: MessagePort,
  ) {}
}

/** Output that waits for the log to be stored; null ends the session. */
interface Held {
  session: Session;
  bytes: Uint8Array<ArrayBuffer> | null;
  offset: number;
}

/**
 * The sessions of a worker: their requests on the way in, their replies on the way out.
 *
 * A session's port carries Uint8Arrays of RESP both ways. The page also sends numbers (bytes of
 * replies it has read) and null (it is done); the worker sends null when the engine ended the
 * connection. A page that does not read stops being served when a window is full, as on a socket.
 */
export class Sessions {
  private readonly all = new Map<number, Session>();
  private readonly byClient = new Map<number, Session>();
  private ready: Session[] = [];
  private held: Held[] = [];
  private closing: number[] = [];
  private next = 1;

  /**
   * `wanted` is called when there is something for `feed` to do. `gate` returns the offset up to which
   * the log must be stored before replies may leave, 0 if they may leave at once.
   */
  constructor(
    private readonly wanted: () => void,
    private readonly gate: () => number,
  ) {}

  get busy(): boolean {
    return this.ready.length > 0 || this.closing.length > 0;
  }

  /** Adds a page's connection. */
  add(name: string, port: MessagePort): void {
    const session = new Session(this.next++, name, port);
    this.all.set(session.id, session);
    port.onmessage = (event: MessageEvent<Uint8Array | number | null>) => this.receive(session, event.data);
  }

  private receive(session: Session, message: Uint8Array | number | null): void {
    if (message === null) {
      session.leaving = true;
      if (session.stuck || session.input.length === 0) this.forget(session);
    } else if (typeof message === 'number') {
      session.unacknowledged -= message;
      if (session.stuck) this.enqueue(session);
    } else {
      session.input.push(message);
      session.waiting += message.length;
      if (session.waiting > INPUT_LIMIT) this.end(session);
      else if (!session.stuck) this.enqueue(session);
    }
  }

  private enqueue(session: Session): void {
    this.queue(session);
    this.wanted();
  }

  private queue(session: Session): void {
    if (session.queued) return;
    session.queued = true;
    this.ready.push(session);
  }

  /** Feeds the engine in turns until `deadline` (of performance.now()) or until nothing is left. */
  feed(machine: Machine, now: number, deadline: number): void {
    if (this.closing.length > 0) for (const client of this.closing.splice(0)) machine.close(now, client);
    do {
      const session = this.ready.shift();
      if (!session) return;
      session.queued = false;
      this.serve(machine, now, session);
    } while (this.ready.length > 0 && performance.now() < deadline);
  }

  private serve(machine: Machine, now: number, session: Session): void {
    if (session.client === 0) {
      session.client = machine.open(now, session.name);
      this.byClient.set(session.client, session);
    }
    if (session.stuck) {
      session.stuck = false;
      const output = machine.out(session.client);
      if (output) this.send(machine, session, output, this.gate());
    }
    const first = session.input[0];
    if (session.stuck || !first) return;
    const piece = first.subarray(session.position, session.position + PIECE);
    session.position += piece.length;
    session.waiting -= piece.length;
    if (session.position === first.length) {
      session.input.shift();
      session.position = 0;
    }
    machine.feed(now, session.client, piece);
    if (session.input.length > 0) this.queue(session);
    else if (session.leaving) this.forget(session);
  }

  /** Takes the engine's output, which leaves as soon as the gate lets it. */
  deliver(machine: Machine, outputs: Output[]): void {
    const offset = this.gate();
    for (const output of outputs) {
      const session = this.byClient.get(output.client);
      if (session) this.send(machine, session, output, offset);
    }
  }

  /** Moves output from the engine towards the page, as much as its window lets through. */
  private send(machine: Machine, session: Session, output: Output, offset: number): void {
    const length = Math.min(output.length, Math.max(0, WINDOW - session.unacknowledged));
    if (length > 0) {
      const bytes = machine.take(output.address, length);
      machine.sent(session.client, length);
      session.unacknowledged += length;
      this.emit({ session, bytes, offset });
    }
    session.stuck = length < output.length;
    if (session.stuck && session.leaving) this.forget(session);
    if (output.closing && !session.stuck) {
      this.closing.push(session.client);
      this.byClient.delete(session.client);
      session.client = 0;
      this.all.delete(session.id);
      this.emit({ session, bytes: null, offset });
    }
  }

  private emit(item: Held): void {
    if (item.offset > 0 || this.held.length > 0) this.held.push(item);
    else dispatch(item);
  }

  /** Lets go what waited for the log to be stored up to `offset`. */
  release(offset: number): void {
    let n = 0;
    while (n < this.held.length && this.held[n]!.offset <= offset) dispatch(this.held[n++]!);
    this.held.splice(0, n);
  }

  /**
   * Ends the sessions whose replies wait, without the replies: whether their writes will be kept is
   * not known, and a lost connection is how the field says so.
   */
  fail(): void {
    const affected = new Set(this.held.map((item) => item.session));
    this.held = [];
    for (const session of affected) this.end(session);
  }

  /** Ends the sessions that the engine knows, since the engine is no more; the others wait for the next. */
  endServed(): void {
    for (const session of [...this.byClient.values()]) this.end(session);
    this.closing = [];
    this.held = [];
  }

  /** Ends all sessions. */
  endAll(): void {
    for (const session of [...this.all.values()]) this.end(session);
  }

  private end(session: Session): void {
    this.forget(session);
    dispatch({ session, bytes: null, offset: 0 });
  }

  private forget(session: Session): void {
    this.all.delete(session.id);
    this.ready = this.ready.filter((other) => other !== session);
    if (session.client !== 0) {
      this.byClient.delete(session.client);
      this.closing.push(session.client);
      session.client = 0;
      this.wanted();
    }
    session.input = [];
    session.port.onmessage = null;
  }
}

function dispatch({ session, bytes }: Held): void {
  if (bytes === null) {
    session.port.postMessage(null);
    session.port.close();
  } else {
    session.port.postMessage(bytes, bytes.length >= TRANSFER ? [bytes.buffer] : []);
  }
}
