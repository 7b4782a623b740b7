// What the specs drive: an engine as a page has it, and a client that counts replies.

import { BrowserEngine, type BrowserOptions } from '../../browser.ts';
import { seal, unwrap } from '../../checksum.ts';
import { RemoteEngine } from '../../remote.ts';
import type { Engine, Session, Status } from '../../engine.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('latin1');

/** A request in RESP. */
function request(words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
}

/** The length of the reply at `at`, 0 if it is not complete. Knows RESP2. */
function replyLength(text: string, at: number): number {
  const end = text.indexOf('\r\n', at);
  if (end < 0) return 0;
  const n = Number(text.slice(at + 1, end));
  let next = end + 2;
  if (text[at] === '$' && n >= 0) next += n + 2;
  if (text[at] === '*') {
    for (let i = 0; i < n; i++) {
      const length = replyLength(text, next);
      if (length === 0) return 0;
      next += length;
    }
  }
  return next <= text.length ? next - at : 0;
}

class Client {
  readonly session: Session;
  closed = false;
  bytes = 0;
  private text = '';
  private waiting: ((reply: string) => void)[] = [];

  constructor(engine: Engine, name: string) {
    this.session = engine.open(name);
    this.session.onreply = (bytes) => this.receive(bytes);
    this.session.onclose = () => {
      this.closed = true;
      for (const resolve of this.waiting.splice(0)) resolve('CLOSED');
    };
  }

  private receive(bytes: Uint8Array): void {
    this.bytes += bytes.length;
    this.text += decoder.decode(bytes);
    let at = 0;
    for (;;) {
      const length = at < this.text.length ? replyLength(this.text, at) : 0;
      if (length === 0) break;
      this.waiting.shift()?.(this.text.slice(at, at + length).trimEnd());
      at += length;
    }
    this.text = this.text.slice(at);
  }

  /** Sends a request; the reply comes as text without its last line end, 'CLOSED' if there is none. */
  call(...words: string[]): Promise<string> {
    return this.callAll([words]).then((replies) => replies[0]!);
  }

  /** Sends requests in one piece. */
  callAll(requests: string[][]): Promise<string[]> {
    if (this.closed) return Promise.resolve(requests.map(() => 'CLOSED'));
    const replies = requests.map(() => new Promise<string>((resolve) => this.waiting.push(resolve)));
    this.session.send(encoder.encode(requests.map(request).join('')));
    return Promise.all(replies);
  }

  /** The next message that comes by itself. */
  next(): Promise<string> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}

/** Runs `work` in a transaction on the engine's database. */
async function access<T>(store: string, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open('riffle');
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const tx = database.transaction(store, 'readwrite');
  const request = work(tx.objectStore(store));
  await new Promise((resolve) => (tx.oncomplete = resolve));
  database.close();
  return request.result;
}

const harness = {
  seal,
  unwrap,
  engine: null as unknown as BrowserEngine,
  remote: null as unknown as RemoteEngine,
  seen: [] as string[],
  longTasks: [] as number[],
  /** Whether the full engine was ever on its way. */
  loaded: false,

  start(options: BrowserOptions = {}): void {
    this.engine = new BrowserEngine({ wasm: 'crashable.wasm', ...options });
    this.watch(this.engine);
  },

  /** Starts with the engine that lacks commands. */
  startCore(options: BrowserOptions = {}): void {
    this.start({ wasm: 'core.wasm', full: 'crashable.wasm', ...options });
  },

  connect(url: string): void {
    this.remote = new RemoteEngine(url);
    this.watch(this.remote);
  },

  watch(engine: Engine): void {
    engine.addEventListener('status', () => {
      this.seen.push(engine.status.state);
      this.loaded ||= engine.status.loading === true;
    });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) this.longTasks.push(entry.duration);
    }).observe({ entryTypes: ['longtask'] });
  },

  client(name = 'test', engine?: Engine): Client {
    return new Client(engine ?? this.engine, name);
  },

  /** How many records each store of the database holds. */
  async stores(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const store of ['log', 'base', 'quarantine']) counts[store] = await access(store, (s) => s.count());
    return counts;
  },

  /** The record at `index` of a store. */
  async record(store: string, index: number): Promise<{ key: IDBValidKey; value: Uint8Array<ArrayBuffer> }> {
    const key = (await access(store, (s) => s.getAllKeys()))[index]!;
    return { key, value: await access(store, (s) => s.get(key)) };
  },

  async putRecord(store: string, key: IDBValidKey, value: unknown): Promise<void> {
    await access(store, (s) => s.put(value, key));
  },

  async deleteRecord(store: string, key: IDBValidKey): Promise<void> {
    await access(store, (s) => s.delete(key));
  },

  /** Resolves once the engine's status satisfies `test`. */
  until(test: (status: Status) => boolean, other?: Engine): Promise<Status> {
    const engine = other ?? this.engine;
    return new Promise((resolve) => {
      const look = () => test(engine.status) && resolve(engine.status);
      engine.addEventListener('status', look);
      look();
    });
  },
};

export type Harness = typeof harness;

(globalThis as unknown as { harness: Harness }).harness = harness;
