// The JavaScript half of the boundary described in browser/main.go: one running instance of the
// engine, called over shared memory.

/** Functions that the Go program exports; times are microseconds since 1970. */
interface Exports {
  mem: WebAssembly.Memory;
  broken(): number;
  input(n: number): number;
  open(now: number, n: number): number;
  feed(now: number, client: number, n: number): void;
  close(now: number, client: number): void;
  tick(now: number): void;
  ready(): number;
  out(client: number): number;
  sent(client: number, n: number): void;
  finish(now: number, request: number, n: number): void;
  refuse(n: number): void;
  loadBegin(now: number): void;
  loadChunk(n: number): void;
  loadEnd(): void;
  loadState(): number;
  apply(now: number, n: number): number;
  snapshotBegin(now: number): number;
  snapshotNext(budget: number): number;
  snapshotEnd(): void;
  handOff(): number;
  lacks(): number;
  collect(): void;
  /** Missing from the core engine. */
  takeOver?(n: number): number;
}

/** One line of the configuration or of INFO. */
export interface Parameter {
  name: string;
  value: string;
}

/** The object through which structures cross; the Go program hangs its functions into it. */
export interface Door {
  options: Options;
  /** What the host adds to a section of INFO. */
  info(section: string): Parameter[];
  fault(): string;
  loadFault(): string;
  refused(): string[];
  status(): { keys: number; memory: number };
  config(name: string): string;
  configure(parameter: Parameter): string;
  changes(): Parameter[];
}

/** What an engine is made with. */
export interface Options {
  seedHigh: number;
  seedLow: number;
  journal: boolean;
  parameters: Parameter[];
}

/** The part of wasm_exec.js's Go that is used. */
export interface GoRuntime {
  importObject: WebAssembly.Imports;
  env: Record<string, string>;
  run(instance: WebAssembly.Instance): Promise<void>;
  /** The program has ended; only resuming it would say so otherwise. */
  exited: boolean;
  exit: (code: number) => void;
  _resume(): void;
}

/** The work that only a host can do; the numbers of engine.RequestKind. */
export const RequestKind = {
  save: 1,
  backgroundSave: 2,
  rewrite: 3,
  shutdown: 4,
  rewriteConfig: 5,
  configure: 6,
  reloadLog: 7,
  loadUsers: 8,
  saveUsers: 9,
  purge: 10,
  fullEngine: 11,
  cancelSave: 12,
} as const;

export interface Request {
  number: number;
  kind: number;
  argument: string;
}

/** Bytes that wait in the instance's memory for a client. */
export interface Output {
  client: number;
  closing: boolean;
  address: number;
  length: number;
}

/** What the engine owes the world. Outputs are good until the next call other than `sent`. */
export interface Ready {
  offset: number;
  wake: number;
  journal: Uint8Array | null;
  requests: Request[];
  outputs: Output[];
}

/** The engine stopped for a reason that no client should be able to cause. */
export class Crash extends Error {}

/**
 * The Go scheduler must get a turn after so many calls or bytes of input, or the garbage collector never
 * finishes: a call alone lets no other goroutine run. A turn costs as much as a few commands.
 */
const CALLS_PER_TURN = 64;
const BYTES_PER_TURN = 16 << 10;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** One running engine. Every method may throw when the engine has stopped. */
export class Machine {
  private memory: Uint8Array;
  /** The same memory as numbers, for frames. */
  private numbers: Float64Array;
  private calls = 0;
  private bytes = 0;
  private collecting = false;

  constructor(
    private readonly go: GoRuntime,
    private readonly exports: Exports,
    readonly door: Door,
    /** Resolves with the reason when the program has ended while its scheduler ran. */
    readonly dead: Promise<string>,
    /** The reason why it has ended, '' if it has not: an end inside a call goes by the promise. */
    readonly epitaph: () => string,
  ) {
    this.memory = new Uint8Array(exports.mem.buffer);
    this.numbers = new Float64Array(exports.mem.buffer);
    this.check();
  }

  /** Bytes of the instance's memory, which only grows. */
  get size(): number {
    return this.exports.mem.buffer.byteLength;
  }

  open(now: number, name: string): number {
    const client = this.exports.open(now, this.put(encoder.encode(name)));
    if (!client) throw new Crash(this.door.fault());
    return client;
  }

  feed(now: number, client: number, bytes: Uint8Array): void {
    this.exports.feed(now, client, this.put(bytes));
    this.count(bytes.length);
  }

  close(now: number, client: number): void {
    this.exports.close(now, client);
  }

  tick(now: number): void {
    this.exports.tick(now);
    this.count(0);
  }

  /** Takes what the engine owes. Throws Crash if the engine is broken. */
  ready(): Ready {
    if (this.go.exited) throw new Crash('the program has ended');
    const address = this.exports.ready();
    if (!address) throw new Crash(this.door.fault());
    const frame = this.frame();
    const at = address / 8;
    const journalBytes = frame[at + 3]!;
    const requests = frame[at + 4]!;
    const clients = frame[at + 5]!;
    return {
      offset: frame[at]!,
      wake: frame[at + 1]!,
      journal: journalBytes > 0 ? this.take(frame[at + 2]!, journalBytes) : null,
      requests: requests === 0 ? [] : rows(frame, at + 6, requests, (number, kind, argument, length) => ({
        number,
        kind,
        argument: decoder.decode(this.take(argument, length)),
      })),
      outputs: rows(frame, at + 6 + 4 * requests, clients, asOutput),
    };
  }

  /** What waits for one client, null if the client is gone. */
  out(client: number): Output | null {
    const address = this.exports.out(client);
    return address === 0 ? null : rows(this.frame(), address / 8, 1, asOutput)[0]!;
  }

  /** Copies bytes out of the instance's memory. */
  take(address: number, length: number): Uint8Array<ArrayBuffer> {
    return this.view().slice(address, address + length) as Uint8Array<ArrayBuffer>;
  }

  sent(client: number, n: number): void {
    this.exports.sent(client, n);
  }

  finish(now: number, request: number, failure: string): void {
    this.exports.finish(now, request, this.put(encoder.encode(failure)));
  }

  refuse(failure: string): void {
    this.exports.refuse(this.put(encoder.encode(failure)));
  }

  /** Reads a snapshot. Returns '' or what is wrong with it. */
  async load(now: number, chunks: AsyncIterable<Uint8Array>): Promise<string> {
    this.exports.loadBegin(now);
    this.rest();
    for await (const chunk of chunks) {
      if (this.exports.loadState() !== 0) break;
      if (chunk.length === 0) continue; // which for the engine would be the end
      this.exports.loadChunk(this.put(chunk));
      this.rest();
    }
    this.exports.loadEnd();
    this.rest();
    this.check();
    return this.exports.loadState() === 1 ? '' : this.door.loadFault();
  }

  /**
   * Replays log. `done` counts the bytes of whole units; `fault` says why it stopped before the end, `cut`
   * that it was only for the last unit, which is not whole.
   */
  apply(now: number, bytes: Uint8Array): { done: number; fault: string; cut: boolean } {
    const done = this.exports.apply(now, this.put(bytes));
    this.rest();
    this.check();
    if (done < 0) return { done: -1 - done, fault: this.door.loadFault(), cut: false };
    const cut = done < bytes.length;
    return { done, fault: cut ? 'the last unit is cut' : '', cut };
  }

  /** Takes a picture of the data and returns the journal's offset it stands at. */
  snapshotBegin(now: number): number {
    const offset = this.exports.snapshotBegin(now);
    this.check();
    return offset;
  }

  /** About `budget` bytes of the picture. */
  snapshotNext(budget: number): { chunk: Uint8Array; done: boolean } {
    const address = this.exports.snapshotNext(budget);
    this.check();
    if (address === 0) throw new Crash('there is no snapshot');
    const [at, length, done] = this.frame().subarray(address / 8, address / 8 + 3) as unknown as number[];
    const chunk = this.take(at!, length!);
    this.count(chunk.length);
    return { chunk, done: done === 1 };
  }

  snapshotEnd(): void {
    this.exports.snapshotEnd();
  }

  /** What another engine needs to go on with the connections of this one, which must not be used afterwards. */
  handOff(): Uint8Array {
    const address = this.exports.handOff();
    this.check();
    const [at, length] = this.frame().subarray(address / 8, address / 8 + 2) as unknown as number[];
    return this.take(at!, length!);
  }

  /** Continues another engine, whose data has to be loaded next. */
  takeOver(bytes: Uint8Array): void {
    const done = this.exports.takeOver?.(this.put(bytes));
    this.check();
    if (done !== 1) throw new Crash(this.door.loadFault());
  }

  /** Whether what was to be loaded needs the full engine. */
  get lacking(): boolean {
    return this.exports.lacks() !== 0;
  }

  /**
   * Gives the Go scheduler a turn. To be called when there is time, and soon after the last call. The first one
   * turns the garbage collector on: the engine has answered somebody, or much is about to be loaded.
   */
  rest(): void {
    this.calls = 0;
    this.bytes = 0;
    if (!this.collecting) {
      this.collecting = true;
      this.exports.collect();
    }
    this.go._resume();
  }

  private count(bytes: number): void {
    this.bytes += bytes;
    if (++this.calls >= CALLS_PER_TURN || this.bytes >= BYTES_PER_TURN) this.rest();
  }

  private check(): void {
    if (this.exports.broken() !== 0) throw new Crash(this.door.fault());
  }

  /** Writes bytes into the input and returns their number. */
  private put(bytes: Uint8Array): number {
    const address = this.exports.input(bytes.length);
    this.view().set(bytes, address);
    return bytes.length;
  }

  /** The memory; growing replaces the buffer underneath. */
  private view(): Uint8Array {
    const { buffer } = this.exports.mem;
    if (this.memory.buffer !== buffer) this.memory = new Uint8Array(buffer);
    return this.memory;
  }

  /** The memory as numbers; what stands at an address has the index address / 8. */
  private frame(): Float64Array {
    const { buffer } = this.exports.mem;
    if (this.numbers.buffer !== buffer) this.numbers = new Float64Array(buffer);
    return this.numbers;
  }
}

/** Reads `count` rows of four numbers from index `at` on. */
function rows<T>(
  frame: Float64Array,
  at: number,
  count: number,
  make: (a: number, b: number, c: number, d: number) => T,
): T[] {
  const result: T[] = [];
  for (let i = at; i < at + 4 * count; i += 4) {
    result.push(make(frame[i]!, frame[i + 1]!, frame[i + 2]!, frame[i + 3]!));
  }
  return result;
}

function asOutput(client: number, flags: number, address: number, length: number): Output {
  return { client, closing: (flags & 1) !== 0, address, length };
}

export type { Exports };
