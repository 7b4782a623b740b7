// Where a host keeps an engine's data: a base (a snapshot, in chunks) and the log after it. Offsets
// count bytes of log since the data was first kept; they go on growing when a new base replaces old
// log, and a record's name is the offset it starts at.
//
// The law behind every method: what cannot be read is never deleted or written over.

/** How long an append may take to be safe from a power cut. */
export type Durability = 'strict' | 'relaxed';

/** What is kept and where it continues. */
export interface Manifest {
  /** The number of the base in force, 0 before the first. */
  base: number;
  /** Chunks the base consists of, and bytes in them. */
  chunks: number;
  bytes: number;
  /** The offset at which the log after the base begins. */
  start: number;
}

/** What a person chose and what CONFIG REWRITE wrote. */
export interface Settings {
  policy?: string;
  parameters?: Record<string, string>;
}

/** A piece of the log. `bytes` is null if the record is not what was once written. */
export interface LogRecord {
  start: number;
  bytes: Uint8Array | null;
}

/** What stands apart because it could not be read. */
export interface Quarantine {
  records: number;
  bytes: number;
}

/** The storage itself fails or holds something this program must not touch; `problem` says which. */
export class StorageError extends Error {
  constructor(
    readonly problem: 'storage-unavailable' | 'storage-unreadable' | 'base-unreadable',
    message: string,
  ) {
    super(message);
  }
}

/** Somebody else owns the data now; whoever gets this must stop writing. */
export class NotOwner extends Error {
  constructor() {
    super('another tab has taken the data over');
  }
}

/** Storage for one engine. Methods that write throw NotOwner once another owner has opened it. */
export interface Journal {
  /** Becomes the owner and says what is there. Throws StorageError. */
  open(): Promise<Manifest>;
  /** The base's chunks in order. Throws StorageError at the first that is missing or wrong. */
  base(): AsyncIterable<Uint8Array>;
  /** The log's records in order, from the manifest's start. */
  records(): AsyncIterable<LogRecord>;
  /** Adds one record at offset `start`; when it resolves, the record is as safe as `durability` says. */
  append(start: number, parts: Uint8Array[], durability: Durability): Promise<void>;
  /** Sets everything from offset `from` aside, except `kept`, which is whole: it stays in the log. */
  setAside(from: number, kept: Uint8Array): Promise<void>;
  /** What stands apart, from now or earlier. */
  quarantine(): Promise<Quarantine>;
  /** What stands apart as a file; if the base cannot be read, everything there is. */
  export(): Promise<Blob>;
  /** Deletes what stands apart, at a person's request. */
  discard(): Promise<void>;
  /** Starts the writing of a new base and returns its number. */
  beginBase(): Promise<number>;
  /** Writes chunk `index` of base `base`. */
  writeBase(base: number, index: number, parts: Uint8Array[]): Promise<void>;
  /** Puts a base in force and drops the one before and the log up to the base's start, at once. */
  switchBase(manifest: Manifest): Promise<void>;
  settings(): Promise<Settings>;
  saveSettings(settings: Settings): Promise<void>;
  close(): void;
}
