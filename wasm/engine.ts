// What a page may ask of an engine, wherever it runs: in this browser's worker (browser.ts) or
// behind a WebSocket on a native server (remote.ts). Pages import this file and nothing below it.

/** One connection to the engine: RESP bytes out, RESP bytes in, in order. */
export interface Session {
  /**
   * Sends bytes of one or more RESP requests, which must stay as they are until the caller's task ends. Never
   * blocks and never fails: a lost engine says so through `onclose`.
   */
  send(bytes: Uint8Array): void;
  /** Called with reply bytes as they come; a chunk may hold part of a reply or several. */
  onreply: (bytes: Uint8Array) => void;
  /** Called once when the engine ended the connection (QUIT, CLIENT KILL, a restart). */
  onclose: () => void;
  /** Ends the connection. */
  close(): void;
}

/** Where the data stands, always shown to the person. */
export type Persistence =
  | 'saved' // every acknowledged write is in storage
  | 'saving' // writes are on their way to storage
  | 'memory' // nothing is kept: storage is unavailable or the policy says so
  | 'failed'; // a write to storage failed: the engine refuses writes (MISCONF), reads go on

/** How soon a reply may leave: after the write is durable, after it was handed over, or regardless. */
export type Policy = 'always' | 'everysec' | 'no';

/** A snapshot of the engine's condition. */
export interface Status {
  home: 'browser' | 'server';
  state:
    | 'starting' // loading code and data
    | 'running'
    | 'waiting' // another tab of this origin owns the data
    | 'restarting' // the engine stopped unexpectedly and is being loaded from storage again
    | 'lost'; // no engine any more; `problem` says why
  persistence: Persistence;
  policy: Policy;
  /** Units for people: keys in all databases, bytes of memory in use, bytes of journal since the last snapshot. */
  keys: number;
  memory: number;
  journal: number;
  /** The engine serves, but a request waits for the rest of it, which is on its way. */
  loading?: boolean;
  /** A machine-readable name of what is wrong ('' if nothing), a catalogue key of the site's translations. */
  problem: string;
  /** The technical sentence behind `problem`, for the curious (English). */
  detail: string;
}

/** An engine and its sessions. Fires 'status' whenever `status` changed. */
export interface Engine extends EventTarget {
  readonly status: Status;
  /** Opens a connection; it works at once, requests wait until the engine is running. */
  open(name: string): Session;
  /** Changes when data is called safe. */
  setPolicy(policy: Policy): void;
  /** Takes the data over from the tab that owns it (state 'waiting'). */
  takeOver(): void;
}
