import type { Engine, Policy, Session, Status } from './engine.ts';
import { type BrowserOptions, failureOf, type Launch, launch } from './launch.ts';
import type { FromWorker, ToWorker } from './worker.ts';

export type { BrowserOptions } from './launch.ts';

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

  /** `launched` is a worker with these options that is on its way already. */
  constructor(
    private readonly options: BrowserOptions = {},
    launched = start(options),
  ) {
    super();
    this.status = starting(options.policy ?? 'everysec');
    this.adopt(launched);
    // Asked once; a browser that says no may throw the data away when space runs out.
    void navigator.storage?.persist?.().catch(() => false);
    addEventListener('pagehide', () => this.post({ type: 'flush' }));
  }

  private adopt({ worker, status, failure }: Launch): void {
    this.worker = worker;
    worker.onmessage = (event: MessageEvent<FromWorker>) => this.receive(event.data);
    worker.onerror = (event) => this.fail(failureOf(event));
    if (status) this.status = status;
    if (failure) this.fail(failure);
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
    this.adopt(start(this.options));
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

function start(options: BrowserOptions): Launch {
  return launch(new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }), options);
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
