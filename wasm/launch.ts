// Starts an engine's worker. It is apart from browser.ts because a page does this before anything else, in
// a script of its own (site/early.ts), while the rest of its code is still on its way.

import type { Policy, Status } from './engine.ts';
import type { FromWorker, ToWorker } from './worker.ts';

/** What a page decides about the engine in its browser. */
export interface BrowserOptions {
  /**
   * Where the engine is, absolute or relative to the page. `full` is the engine with all commands, where
   * the one to start with lacks some.
   */
  wasm?: string;
  full?: string;
  /** The name of the IndexedDB database; each has an engine of its own. */
  database?: string;
  /** When data is called safe, until the person chooses otherwise. */
  policy?: Policy;
  /** Parameters as in a configuration file. */
  parameters?: Record<string, string>;
}

/** A worker that was started, and what it has told before anybody listened. */
export interface Launch {
  worker: Worker;
  status: Status | null;
  /** Why it could not be loaded, '' if nothing is known. */
  failure: string;
}

/** What a tab can hold without harm unless told otherwise; beyond it, writes answer OOM. */
const DEFAULT_PARAMETERS = { maxmemory: '1gb', save: '' };

/**
 * Gives a worker its work. The engine is fetched and compiled here, side by side with the start of the worker's
 * thread and its opening of storage; what compiles is handed over without being copied.
 */
export function launch(worker: Worker, options: BrowserOptions): Launch {
  const { wasm = 'engine.wasm', full = wasm, database = 'riffle', policy = 'everysec', parameters } = options;
  const post = (message: ToWorker): void => worker.postMessage(message);
  const started: Launch = { worker, status: null, failure: '' };
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (data.type === 'status') started.status = data.status;
  };
  worker.onerror = (event) => (started.failure = failureOf(event));
  post({
    type: 'init',
    wasm: new URL(wasm, document.baseURI).href,
    full: new URL(full, document.baseURI).href,
    database,
    policy,
    parameters: { ...DEFAULT_PARAMETERS, ...parameters },
  });
  // Whatever is wrong here, the worker tries for itself and says what it meets.
  WebAssembly.compileStreaming(fetch(wasm)).then(
    (module) => post({ type: 'program', module }),
    () => post({ type: 'program', module: null }),
  );
  return started;
}

export function failureOf(event: ErrorEvent): string {
  return event.message || 'the worker could not be loaded';
}
