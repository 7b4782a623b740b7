import type { Engine, Persistence, Policy, Session, Status } from './engine.ts';

/** How often the figures of a server are asked for, in ms. */
const POLL_MS = 2000;

/** The first and the longest pause before a lost server is tried again, in ms. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/** The end of a poll's replies: the policy, or the refusal to tell it. */
const POLLED = /\r\n(appendfsync\r\n\$\d+\r\n\w+|\*0|-[^\r]*)\r\n$/;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The engine of a native server, over WebSockets: each session is a socket of its own whose binary
 * frames are the bytes of a RESP connection. One more socket asks for the figures a status shows; as
 * long as it is open, the server is there.
 */
export class RemoteEngine extends EventTarget implements Engine {
  status: Status = {
    home: 'server', state: 'starting', persistence: 'saved', policy: 'everysec',
    keys: 0, memory: 0, journal: 0, problem: '', detail: '',
  };
  private control: WebSocket | undefined;
  private pause = FIRST_PAUSE_MS;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private reply = '';

  private readonly url: string;

  /** `url` is that of the server's endpoint, absolute or relative to the page. */
  constructor(url = 'engine') {
    super();
    this.url = new URL(url, document.baseURI).href.replace(/^http/, 'ws');
    this.connect();
  }

  private connect(): void {
    const socket = openSocket(this.url);
    this.control = socket;
    socket.onopen = () => {
      this.pause = FIRST_PAUSE_MS;
      this.poll();
    };
    socket.onmessage = (event: MessageEvent<ArrayBuffer>) => this.read(new Uint8Array(event.data));
    socket.onclose = (event) => this.lost(event);
  }

  private lost(event: CloseEvent): void {
    clearTimeout(this.timer);
    this.reply = '';
    const detail = event.reason || `the connection to ${this.url} was closed with code ${event.code}`;
    const state = this.status.state === 'starting' ? 'starting' : 'restarting';
    this.change({ state, problem: 'unreachable', detail });
    this.timer = setTimeout(() => this.connect(), this.pause);
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
  }

  private poll(): void {
    this.reply = '';
    this.control?.send(command('INFO', 'everything'));
    this.control?.send(command('CONFIG', 'GET', 'appendfsync'));
  }

  /** Gathers the two replies of a poll, or the error of a server that wants a password first. */
  private read(bytes: Uint8Array): void {
    this.reply += decoder.decode(bytes, { stream: true });
    if (this.reply.startsWith('-')) {
      this.schedule();
      this.change({ state: 'running', problem: '', detail: this.reply.slice(1).trim() });
    } else if (POLLED.test(this.reply)) {
      this.schedule();
      this.change({ state: 'running', problem: '', detail: '', ...readInfo(this.reply) });
    }
  }

  private schedule(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.poll(), POLL_MS);
  }

  private change(change: Partial<Status>): void {
    this.status = { ...this.status, ...change };
    this.dispatchEvent(new Event('status'));
  }

  open(_name: string): Session {
    return new SocketSession(this.url);
  }

  setPolicy(policy: Policy): void {
    this.control?.send(command('CONFIG', 'SET', 'appendfsync', policy));
    this.poll();
  }

  /** A server is shared by all who connect to it: there is nothing to take over. */
  takeOver(): void {}
}

/** What the replies of a poll say. */
function readInfo(text: string): Partial<Status> {
  const field = (name: string) => new RegExp(`^${name}:(.*)\\r$`, 'm').exec(text)?.[1] ?? '';
  const keys = [...text.matchAll(/^db\d+:keys=(\d+)/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
  const policy = /\r\nappendfsync\r\n\$\d+\r\n(always|everysec|no)\r\n$/.exec(text)?.[1];
  return {
    keys,
    memory: Number(field('used_memory')),
    journal: Math.max(0, Number(field('aof_current_size')) - Number(field('aof_base_size'))),
    persistence: persistence(field),
    ...(policy && { policy: policy as Policy }),
  };
}

function persistence(field: (name: string) => string): Persistence {
  if (field('aof_enabled') !== '1') return 'memory';
  if (field('aof_last_write_status') === 'err') return 'failed';
  const unwritten = Number(field('aof_buffer_length')) + Number(field('aof_pending_bio_fsync'));
  return unwritten > 0 ? 'saving' : 'saved';
}

function command(...words: string[]): Uint8Array<ArrayBuffer> {
  const bulks = words.map((word) => `$${encoder.encode(word).length}\r\n${word}\r\n`);
  return encoder.encode(`*${words.length}\r\n${bulks.join('')}`) as Uint8Array<ArrayBuffer>;
}

function openSocket(url: string): WebSocket {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  return socket;
}

/** A connection over a WebSocket. Until it is open for the first time it goes on trying. */
class SocketSession implements Session {
  onreply: (bytes: Uint8Array) => void = () => {};
  onclose: () => void = () => {};
  private socket!: WebSocket;
  private waiting: Uint8Array[] = [];
  private pause = FIRST_PAUSE_MS;
  private closed = false;

  constructor(private readonly url: string) {
    this.connect();
  }

  private connect(): void {
    if (this.closed) return;
    const socket = openSocket(this.url);
    let opened = false;
    this.socket = socket;
    socket.onopen = () => {
      opened = true;
      for (const bytes of this.waiting.splice(0)) this.send(bytes);
    };
    socket.onmessage = (event: MessageEvent<ArrayBuffer>) => this.onreply(new Uint8Array(event.data));
    socket.onclose = () => (opened ? this.end() : this.again());
  }

  private again(): void {
    setTimeout(() => this.connect(), this.pause);
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
  }

  private end(): void {
    if (this.closed) return;
    this.closed = true;
    this.onclose();
  }

  send(bytes: Uint8Array): void {
    if (this.closed) return;
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(bytes as Uint8Array<ArrayBuffer>);
    else this.waiting.push(bytes.slice());
  }

  close(): void {
    this.closed = true;
    this.socket.close();
  }
}
