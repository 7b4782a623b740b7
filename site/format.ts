// Prints replies as redis-cli 7.0 prints them on a terminal: numbering, indentation, type marks.
// One thing differs unless `exact` is asked for: text that is valid UTF-8 stays readable.

import { type Aggregate, type Reply } from './resp.ts';

export interface FormatOptions {
  /** Escapes every byte outside printable ASCII, as redis-cli does. */
  exact?: boolean;
}

const EMPTY: Record<Aggregate, string> = {
  array: '(empty array)', map: '(empty hash)', set: '(empty set)', push: '(empty push)',
};
const SEPARATOR: Record<Aggregate, string> = { array: ')', map: '#', set: '~', push: ')' };
const NAMED: Record<string, string> = {
  '\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\x07': '\\a', '\b': '\\b',
};

/** The text of a reply, lines separated by \n, without a newline at its end. */
export function formatReply(reply: Reply, options: FormatOptions = {}): string {
  return format(reply, '', options.exact ?? false);
}

function format(reply: Reply, prefix: string, exact: boolean): string {
  switch (reply.kind) {
    case 'error': return `(error) ${reply.text}`;
    case 'status': return reply.text;
    case 'integer': return `(integer) ${reply.text}`;
    case 'double': return `(double) ${reply.text}`;
    case 'big': return `(big number) ${reply.text}`;
    case 'boolean': return reply.value ? '(true)' : '(false)';
    case 'nil': return '(nil)';
    case 'bulk': return quote(reply.bytes, exact);
    case 'verbatim': return new TextDecoder('utf-8', { ignoreBOM: true }).decode(reply.bytes);
    default: return formatAggregate(reply.kind, reply.items, prefix, exact);
  }
}

function formatAggregate(kind: Aggregate, items: Reply[], prefix: string, exact: boolean): string {
  if (items.length === 0) return EMPTY[kind];
  const step = kind === 'map' ? 2 : 1;
  const width = String(items.length / step).length;
  const inner = prefix + ' '.repeat(width + 2);
  const lines: string[] = [];
  for (let i = 0; i < items.length; i += step) {
    const index = String(i / step + 1).padStart(width) + SEPARATOR[kind] + ' ';
    let line = (i === 0 ? '' : prefix) + index + format(items[i]!, inner, exact);
    if (kind === 'map') line += ' => ' + formatMapped(items[i + 1]!, inner, exact);
    lines.push(line);
  }
  return lines.join('\n');
}

/** A map's value begins on a line of its own if it is numbered over several. */
function formatMapped(value: Reply, inner: string, exact: boolean): string {
  return (isTall(value) ? '\n' + inner : '') + format(value, inner, exact);
}

function isTall(reply: Reply): boolean {
  if (!('items' in reply)) return false;
  return reply.items.length > (reply.kind === 'map' ? 2 : 1) || reply.items.some(isTall);
}

/** A bulk string in double quotes, with escapes that splitArguments reads back to the same bytes. */
export function quote(bytes: Uint8Array, exact = false): string {
  if (exact) return `"${escapeBytes(bytes)}"`;
  try {
    return `"${escapeText(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))}"`;
  } catch {
    return `"${escapeMixed(bytes)}"`;
  }
}

/** Keeps whole UTF-8 sequences readable between bytes that are not UTF-8. */
function escapeMixed(bytes: Uint8Array): string {
  let out = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes[at]!);
    const part = bytes.subarray(at, at + length);
    try {
      out += escapeText(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(part));
      at += length;
    } catch {
      out += escapeBytes(bytes.subarray(at, at + 1));
      at++;
    }
  }
  return out;
}

function sequenceLength(first: number): number {
  if (first < 0xc0) return 1;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

// Control characters, line separators, and marks that reverse the direction of text would let data
// rearrange the transcript: those are shown as bytes even when the rest of the text is readable.
const UNPRINTABLE = /[\\"\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

function escapeText(text: string): string {
  return text.replace(UNPRINTABLE, (char) => NAMED[char] ?? escapeBytes(new TextEncoder().encode(char)));
}

function escapeBytes(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    const printable = byte >= 0x20 && byte < 0x7f;
    out += NAMED[char] ?? (printable ? char : '\\x' + byte.toString(16).padStart(2, '0'));
  }
  return out;
}
