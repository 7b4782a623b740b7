// RESP2 and RESP3 as the page needs them: a request encoder and a streaming reply parser.
//
// The parser keeps a stack of open aggregates and never re-reads a byte: a chunk may end anywhere,
// and a long bulk string that arrives in many chunks costs one copy when its last byte is here.

/** A parsed reply. Bulk strings stay bytes; what the protocol defines as text is text. */
export type Reply =
  | { kind: 'status' | 'error' | 'integer' | 'double' | 'big'; text: string }
  | { kind: 'bulk' | 'verbatim'; bytes: Uint8Array }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'nil' }
  /** A map holds its keys and values alternately, as on the wire. */
  | { kind: Aggregate; items: Reply[] };

export type Aggregate = 'array' | 'set' | 'push' | 'map';

/** What the other end sent is not RESP; nothing after it can be understood. */
export class ProtocolError extends Error {}

interface Frame {
  kind: Aggregate | 'attribute';
  items: Reply[];
  left: number;
}

const CR = 13;
const LF = 10;
const DEEPEST = 512;
const NOTHING = new Uint8Array(0);
const encoder = new TextEncoder();
const decoder = new TextDecoder();

const AGGREGATES: Record<string, Frame['kind']> = {
  '*': 'array', '~': 'set', '>': 'push', '%': 'map', '|': 'attribute',
};

/** Encodes one command as RESP: an array of bulk strings. */
export function encodeCommand(args: readonly (string | Uint8Array)[]): Uint8Array {
  const values = args.map((arg) => (typeof arg === 'string' ? encoder.encode(arg) : arg));
  const heads = values.map((value) => `$${value.length}\r\n`);
  heads[0] = `*${args.length}\r\n${heads[0] ?? ''}`;
  const size = values.reduce((sum, value, i) => sum + heads[i]!.length + value.length + 2, 0);
  const wire = new Uint8Array(size || heads[0].length);
  let at = 0;
  for (const [i, head] of heads.entries()) {
    for (let j = 0; j < head.length; j++) wire[at++] = head.charCodeAt(j);
    const value = values[i];
    if (value === undefined) break;
    wire.set(value, at);
    at += value.length;
    wire[at++] = CR;
    wire[at++] = LF;
  }
  return wire;
}

/** Decodes bytes as UTF-8; what is not UTF-8 becomes U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** The text of a reply that carries one, '' otherwise. */
export function replyText(reply: Reply | undefined): string {
  if (reply === undefined) return '';
  if ('text' in reply) return reply.text;
  return 'bytes' in reply ? textOf(reply.bytes) : '';
}

/** Turns chunks of bytes into replies. */
export class ReplyParser {
  #chunks: Uint8Array[] = [];
  #size = 0;
  /** Bytes that must be here before another attempt can succeed. */
  #need = 1;
  #stack: Frame[] = [];

  /** Takes a chunk and returns the replies it completed. Throws ProtocolError. */
  feed(chunk: Uint8Array): Reply[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size < this.#need) return [];
    const bytes = concat(this.#chunks);
    const replies: Reply[] = [];
    const rest = bytes.subarray(this.#parse(bytes, replies));
    this.#chunks = rest.length ? [rest] : [];
    this.#size = rest.length;
    return replies;
  }

  /** Reads whole elements from bytes and returns how many bytes they took. */
  #parse(bytes: Uint8Array, replies: Reply[]): number {
    let position = 0;
    for (;;) {
      const end = bytes.indexOf(LF, position);
      if (end < 0) {
        this.#need = bytes.length - position + 1;
        return position;
      }
      if (end === position || bytes[end - 1] !== CR) throw new ProtocolError('a line without its CR');
      const mark = String.fromCharCode(bytes[position]!);
      const line = bytes.subarray(position + 1, end - 1);
      if (mark === '$' || mark === '=' || mark === '!') {
        const length = lengthOf(line);
        const next = end + 1 + Math.max(length, 0) + (length < 0 ? 0 : 2);
        if (next > bytes.length) {
          this.#need = next - position;
          return position;
        }
        this.#complete(bulk(mark, length < 0 ? null : bytes.slice(end + 1, next - 2)), replies);
        position = next;
      } else {
        this.#line(mark, line, replies);
        position = end + 1;
      }
      this.#need = 1;
    }
  }

  #line(mark: string, line: Uint8Array, replies: Reply[]): void {
    const kind = AGGREGATES[mark];
    if (kind === undefined) return this.#complete(simple(mark, textOf(line)), replies);
    const count = lengthOf(line);
    if (count < 0) return this.#complete({ kind: 'nil' }, replies);
    if (this.#stack.length === DEEPEST) throw new ProtocolError('nested too deeply');
    const pairs = kind === 'map' || kind === 'attribute';
    this.#stack.push({ kind, items: [], left: pairs ? count * 2 : count });
    if (count === 0) this.#close(replies);
  }

  /** Hands a finished element to the aggregate it belongs to, or out. */
  #complete(reply: Reply, replies: Reply[]): void {
    const frame = this.#stack.at(-1);
    if (frame === undefined) {
      replies.push(reply);
      return;
    }
    frame.items.push(reply);
    if (--frame.left === 0) this.#close(replies);
  }

  /** Attributes are remarks about the reply that follows; redis-cli does not show them either. */
  #close(replies: Reply[]): void {
    const { kind, items } = this.#stack.pop()!;
    if (kind !== 'attribute') this.#complete({ kind, items }, replies);
  }
}

function simple(mark: string, text: string): Reply {
  switch (mark) {
    case '+': return { kind: 'status', text };
    case '-': return { kind: 'error', text };
    case ':': return { kind: 'integer', text };
    case ',': return { kind: 'double', text };
    case '(': return { kind: 'big', text };
    case '#': return { kind: 'boolean', value: text === 't' };
    case '_': return { kind: 'nil' };
  }
  throw new ProtocolError(`unknown reply type ${JSON.stringify(mark)}`);
}

function bulk(mark: string, bytes: Uint8Array | null): Reply {
  if (bytes === null) return { kind: 'nil' };
  if (mark === '!') return { kind: 'error', text: textOf(bytes) };
  // A verbatim string begins with three letters that name its format, and a colon.
  return mark === '=' ? { kind: 'verbatim', bytes: bytes.subarray(4) } : { kind: 'bulk', bytes };
}

function lengthOf(line: Uint8Array): number {
  let length = 0;
  for (const byte of line) {
    const digit = byte - 48;
    if (digit < 0 || digit > 9) length = NaN;
    length = length * 10 + digit;
  }
  if (line.length > 0 && line.length <= 15 && !Number.isNaN(length)) return length;
  const text = textOf(line);
  if (text !== '-1') throw new ProtocolError(`bad length ${JSON.stringify(text)}`);
  return -1;
}

function concat(parts: Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return parts.length ? whole : NOTHING;
}
