// The journal on IndexedDB.
//
//   store       key                 value
//   meta        'manifest'          {format, base, chunks, bytes, start}
//               'owner'             the token of whoever opened the database last
//               'settings'          {policy, parameters}
//   base        [base, index]       one sealed chunk of a snapshot, about a mebibyte
//   log         offset              one sealed record: everything a group commit found waiting
//   quarantine  [time, offset]      records that could not be read, as they were
//
// A record per batch and not per command is what makes this fast: a transaction costs about a
// millisecond whatever it holds. Every transaction that writes first compares the owner, so that a
// tab whose lock was stolen cannot write between the new owner's records.

import { seal, unseal, unwrap } from './checksum.ts';
import {
  NotOwner,
  StorageError,
  type Durability,
  type Journal,
  type LogRecord,
  type Manifest,
  type Quarantine,
  type Settings,
} from './journal.ts';

/** The layout described above. A program that finds a greater number keeps its hands off. */
const FORMAT = 1;

type Store = 'meta' | 'base' | 'log' | 'quarantine';

/** Records that are read first, and bytes that later reads aim at. */
const FIRST_READ = 64;
const READ_TARGET = 8 << 20;

/** Some records of the log. */
interface Batch {
  keys: IDBValidKey[];
  values: unknown[];
}

export class IndexedDBJournal implements Journal {
  private database!: IDBDatabase;
  private manifest!: Manifest;
  private kept: Settings = {};
  /** The log's first records and what stands apart, read while the engine's code is still on its way. */
  private ahead: Promise<Batch> | null = null;
  private apart: Promise<IDBValidKey[]> | null = null;
  private readonly token = crypto.randomUUID();

  constructor(private readonly name: string) {}

  async open(): Promise<Manifest> {
    this.database = await openDatabase(this.name);
    this.database.onversionchange = () => this.close(); // somebody deletes the database, and may
    const tx = this.database.transaction('meta', 'readwrite', { durability: 'strict' });
    const done = completion(tx);
    done.catch(() => {});
    const meta = tx.objectStore('meta');
    const [found, settings] = await Promise.all([result(meta.get('manifest')), result(meta.get('settings'))]);
    this.manifest = readManifest(found);
    this.kept = (settings as Settings | undefined) ?? {};
    if (found === undefined) meta.put({ format: FORMAT, ...this.manifest }, 'manifest');
    meta.put(this.token, 'owner');
    // Whoever owned the data before writes to the log only in transactions that come before this one.
    this.ahead = this.batch(IDBKeyRange.lowerBound(this.manifest.start), FIRST_READ);
    this.apart = this.keys('quarantine');
    for (const read of [this.ahead, this.apart]) read.catch(() => {}); // told to whoever needs it
    await done;
    return this.manifest;
  }

  async *base(): AsyncIterable<Uint8Array> {
    const { base, chunks } = this.manifest;
    for (let index = 0; index < chunks; index++) {
      const record = await this.read('base', [base, index]).catch(() => undefined);
      const chunk = unseal([base, index], record);
      if (!chunk) throw new StorageError('base-unreadable', `chunk ${index} of ${chunks} is damaged`);
      yield chunk;
    }
  }

  async *records(): AsyncIterable<LogRecord> {
    // A write that was on its way when a base came into force may have left a record before the start.
    let range = IDBKeyRange.lowerBound(this.manifest.start);
    let next = this.ahead ?? this.batch(range, FIRST_READ);
    this.ahead = null;
    for (let count = FIRST_READ; ; next = this.batch(range, count)) {
      const { keys, values } = await next;
      let bytes = 0;
      for (const [i, start] of keys.entries()) {
        const payload = typeof start === 'number' ? unseal([start], values[i]) : null;
        bytes += payload?.length ?? 0;
        yield { start: Number(start), bytes: payload };
      }
      if (keys.length < count) return;
      range = IDBKeyRange.lowerBound(keys.at(-1), true);
      count = Math.max(1, Math.min(1024, Math.floor((READ_TARGET * keys.length) / (bytes + 1))));
    }
  }

  /** Reads up to `count` records of the log. */
  private async batch(range: IDBKeyRange, count: number): Promise<Batch> {
    const log = this.database.transaction('log').objectStore('log');
    try {
      const [keys, values] = await Promise.all([
        result(log.getAllKeys(range, count)),
        result<unknown[]>(log.getAll(range, count)),
      ]);
      return { keys, values };
    } catch (error) {
      throw new StorageError('storage-unreadable', describe(error));
    }
  }

  private async read(store: Store, key: IDBValidKey): Promise<unknown> {
    return result(this.database.transaction(store).objectStore(store).get(key));
  }

  async append(start: number, parts: Uint8Array[], durability: Durability): Promise<void> {
    const record = seal([start], parts);
    await this.write(['log'], durability, (store) => store('log').add(record, start));
  }

  async setAside(from: number, kept: Uint8Array): Promise<void> {
    const now = Date.now();
    this.apart = null;
    await this.write(['log', 'quarantine'], 'strict', (store) => {
      const walk = store('log').openCursor(IDBKeyRange.lowerBound(from));
      walk.onsuccess = () => {
        const cursor = walk.result;
        if (cursor) {
          store('quarantine').put(cursor.value, [now, cursor.key] as IDBValidKey);
          cursor.delete();
          cursor.continue();
        } else if (kept.length > 0) {
          store('log').add(seal([from], [kept]), from);
        }
      };
    });
  }

  async quarantine(): Promise<Quarantine> {
    const found: Quarantine = { records: 0, bytes: 0 };
    const keys = this.apart ?? this.keys('quarantine');
    this.apart = null;
    for await (const value of this.each('quarantine', keys)) {
      found.records++;
      found.bytes += unwrap(value).length;
    }
    return found;
  }

  async export(): Promise<Blob> {
    const parts: BlobPart[] = [];
    for await (const value of this.each('quarantine')) parts.push(unwrap(value));
    if (parts.length > 0) return new Blob(parts, { type: 'application/octet-stream' });
    for await (const value of this.each('base')) parts.push(unwrap(value));
    for await (const value of this.each('log')) parts.push(unwrap(value));
    return new Blob(parts, { type: 'application/octet-stream' });
  }

  /** Every value of a store, one at a time, so that one unreadable value hides only itself. */
  private async *each(store: Store, keys = this.keys(store)): AsyncIterable<unknown> {
    for (const key of await keys) yield await this.read(store, key).catch(() => undefined);
  }

  private keys(store: Store): Promise<IDBValidKey[]> {
    return result(this.database.transaction(store).objectStore(store).getAllKeys());
  }

  async discard(): Promise<void> {
    await this.write(['quarantine'], 'relaxed', (store) => store('quarantine').clear());
  }

  async beginBase(): Promise<number> {
    const next = this.manifest.base + 1;
    // What an interrupted attempt left was never in force.
    await this.write(['base'], 'relaxed', (store) => store('base').delete(IDBKeyRange.lowerBound([next])));
    return next;
  }

  async writeBase(base: number, index: number, parts: Uint8Array[]): Promise<void> {
    const chunk = seal([base, index], parts);
    await this.write(['base'], 'relaxed', (store) => store('base').add(chunk, [base, index]));
  }

  async switchBase(manifest: Manifest): Promise<void> {
    await this.write(['base', 'log'], 'strict', (store) => {
      store('meta').put({ format: FORMAT, ...manifest }, 'manifest');
      store('base').delete(IDBKeyRange.upperBound([manifest.base], true));
      store('log').delete(IDBKeyRange.upperBound(manifest.start, true));
    });
    this.manifest = manifest;
  }

  async settings(): Promise<Settings> {
    return this.kept;
  }

  async saveSettings(settings: Settings): Promise<void> {
    await this.write([], 'relaxed', (store) => store('meta').put(settings, 'settings'));
  }

  close(): void {
    this.database?.close();
  }

  /** One transaction that writes, if the database is still this journal's. */
  private async write(
    stores: Store[],
    durability: Durability,
    work: (store: (name: Store) => IDBObjectStore) => void,
  ): Promise<void> {
    const tx = this.database.transaction(['meta', ...stores], 'readwrite', { durability });
    let owned = true;
    const done = completion(tx).catch((error: unknown) => {
      throw owned ? error : new NotOwner();
    });
    const owner = tx.objectStore('meta').get('owner');
    owner.onsuccess = () => {
      owned = owner.result === this.token;
      if (!owned) tx.abort();
    };
    work((name) => tx.objectStore(name));
    await done;
  }
}

/** Milliseconds before each new attempt to open the database. */
const PATIENCE = [100, 400, 1500];

/**
 * Opens the database. Just after a crash a browser may not be able to ("Internal error opening
 * backing store") because what is left of the old one still holds the files: that passes.
 */
async function openDatabase(name: string): Promise<IDBDatabase> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await openOnce(name);
    } catch (error) {
      const internal = error instanceof DOMException && error.name === 'UnknownError';
      if (!internal || attempt === PATIENCE.length) {
        const newer = error instanceof DOMException && error.name === 'VersionError';
        throw new StorageError(newer ? 'storage-unreadable' : 'storage-unavailable', describe(error));
      }
      await new Promise((done) => setTimeout(done, PATIENCE[attempt]));
    }
  }
}

function openOnce(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1); // some browsers throw in private windows
    request.onupgradeneeded = () => {
      for (const store of ['meta', 'base', 'log', 'quarantine']) request.result.createObjectStore(store);
    };
    request.onerror = () => reject(request.error);
    request.onsuccess = () => resolve(request.result);
  });
}

/** Checks what the manifest says; nothing may be written next to one that makes no sense. */
function readManifest(found: unknown): Manifest {
  if (found === undefined) return { base: 0, chunks: 0, bytes: 0, start: 0 };
  const { format, base, chunks, bytes, start } = found as Record<string, unknown>;
  if (format !== FORMAT) {
    const detail = `the data has format ${format}, this program reads ${FORMAT}`;
    throw new StorageError('storage-unreadable', detail);
  }
  const numbers = [base, chunks, bytes, start];
  if (!numbers.every((n) => Number.isSafeInteger(n) && (n as number) >= 0)) {
    throw new StorageError('storage-unreadable', 'the manifest is damaged');
  }
  return { base, chunks, bytes, start } as Manifest;
}

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function completion(tx: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve();
    tx.onabort = () => reject(tx.error ?? new DOMException('the transaction was aborted', 'AbortError'));
  });
}

export function describe(error: unknown): string {
  return error instanceof Error || error instanceof DOMException
    ? `${error.name}: ${error.message}`
    : String(error);
}
