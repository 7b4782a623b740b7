import type { Engine, Policy, Session, Status } from './engine.ts';
import type { FromWorker, ToWorker } from './worker.ts';

/** What a page decides about the engine in its browser. */
export interface BrowserOptions {
  /**
   * Where the engine and Go's loader for it are, absolute or relative to the page. `full` is the engine with all
   * commands, where the one to start with lacks some.
   */
  wasm?: string;
  full?: string;
  loader?: string;
  /** The name of the IndexedDB database; each has an engine of its own. */
  database?: string;
  /** When data is called safe, until the person chooses otherwise. */
  policy?: Policy;
  /** Parameters as in a configuration file. */
  parameters?: Record<string, string>;
}

/** What a tab can hold without harm unless told otherwise; beyond it, writes answer OOM. */
const DEFAULT_PARAMETERS = { maxmemory: '1gb', save: '' };

/** Bytes of replies after which the worker is told that they were read. */
const ACKNOWLEDGE = 128 << 10;

/** Requests that a task sends one by one travel together, up to this many bytes. */
const TOGETHER = 32 << 10;

/** The engine in this browser: it runs in a worker and keeps its data in IndexedDB. */
export class BrowserEngine extends EventTarget implements Engine {
  status: Status;
  private worker!: Worker;
  private rescues = new Map<number, (blob: Blob | null) => void>();
  private nextRescue = 1;

  constructor(private readonly options: BrowserOptions = {}) {
    super();
    this.status = starting(options.policy ?? 'everysec');
    this.start();
    // Asked once; a browser that says no may throw the data away when space runs out.
    void navigator.storage?.persist?.().catch(() => false);
    addEventListener('pagehide', () => this.post({ type: 'flush' }));
  }

  private start(): void {
    this.worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    this.worker.onmessage = (event: MessageEvent<FromWorker>) => this.receive(event.data);
    this.worker.onerror = (event) => this.fail(event.message || 'the worker could not be loaded');
    const { wasm = 'engine.wasm', loader = 'wasm_exec.js', database = 'riffle' } = this.options;
    const { full = wasm, policy = 'everysec', parameters } = this.options;
    this.post({
      type: 'init',
      wasm: new URL(wasm, document.baseURI).href,
      full: new URL(full, document.baseURI).href,
      loader: new URL(loader, document.baseURI).href,
      database,
      policy,
      parameters: { ...DEFAULT_PARAMETERS, ...parameters },
    });
  }

  private post(message: ToWorker, transfer: Transferable[] = []): void {
    this.worker.postMessage(message, transfer);
  }

  private receive(message: FromWorker): void {
    if (message.type === 'status') {
      this.change(message.status);
    } else {
      this.rescues.get(message.id)?.(message.blob);
      this.rescues.delete(message.id);
    }
  }

  private fail(detail: string): void {
    this.change({ ...this.status, state: 'lost', problem: 'load-failed', detail });
  }

  private change(status: Status): void {
    this.status = status;
    this.dispatchEvent(new Event('status'));
  }

  open(name: string): Session {
    const { port1, port2 } = new MessageChannel();
    this.post({ type: 'open', name, port: port2 }, [port2]);
    return new PortSession(port1);
  }

  setPolicy(policy: Policy): void {
    this.post({ type: 'policy', policy });
  }

  takeOver(): void {
    this.post({ type: 'takeover' });
  }

  /** Starts the engine again after it was lost. Sessions have to be opened anew. */
  restart(): void {
    this.worker.terminate();
    this.change(starting(this.status.policy));
    this.start();
  }

  /** What could not be read from storage, as a file for the person to keep; null if there is no storage. */
  rescue(): Promise<Blob | null> {
    const id = this.nextRescue++;
    this.post({ type: 'rescue', id });
    return new Promise((resolve) => this.rescues.set(id, resolve));
  }

  /** Deletes what could not be read and was set aside. */
  discard(): void {
    this.post({ type: 'discard' });
  }
}

function starting(policy: Policy): Status {
  return {
    home: 'browser', state: 'starting', persistence: 'saved', policy,
    keys: 0, memory: 0, journal: 0, problem: '', detail: '',
  };
}

/** A connection over a MessagePort, with the protocol of sessions.ts. */
class PortSession implements Session {
  onreply: (bytes: Uint8Array) => void = () => {};
  onclose: () => void = () => {};
  private unacknowledged = 0;
  private closed = false;
  /** Requests of this task and how many bytes of them there are. A message costs as much as ten commands. */
  private gathered: Uint8Array[] = [];
  private gatheredBytes = 0;

  constructor(private readonly port: MessagePort) {
    port.onmessage = (event: MessageEvent<Uint8Array | null>) => this.receive(event.data);
  }

  private receive(bytes: Uint8Array | null): void {
    if (this.closed) return;
    if (bytes === null) {
      this.end();
      this.onclose();
      return;
    }
    this.unacknowledged += bytes.length;
    if (this.unacknowledged >= ACKNOWLEDGE) {
      this.port.postMessage(this.unacknowledged);
      this.unacknowledged = 0;
    }
    this.onreply(bytes);
  }

  send(bytes: Uint8Array): void {
    if (this.closed || bytes.length === 0) return;
    if (this.gatheredBytes === 0) queueMicrotask(() => this.flush());
    this.gathered.push(bytes);
    this.gatheredBytes += bytes.length;
    if (this.gatheredBytes >= TOGETHER) this.flush();
  }

  private flush(): void {
    const bytes = this.gatheredBytes;
    if (bytes === 0 || this.closed) return;
    const message = this.gathered.length === 1 ? this.gathered[0]! : join(this.gathered, bytes);
    this.gathered = [];
    this.gatheredBytes = 0;
    this.port.postMessage(message);
  }

  close(): void {
    if (this.closed) return;
    this.flush();
    this.port.postMessage(null);
    this.end();
  }

  private end(): void {
    this.closed = true;
    this.port.close();
  }
}

function join(parts: Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
