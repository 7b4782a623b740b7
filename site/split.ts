// Splits a typed line into arguments exactly as redis-cli does (sdssplitargs): blanks separate,
// "double quotes" know \n \r \t \b \a \xHH and \any, 'single quotes' know only \'.

const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const BACKSLASH = 0x5c;
const encoder = new TextEncoder();
const ESCAPES: Record<string, number> = { n: 10, r: 13, t: 9, b: 8, a: 7 };

/** The arguments of a line as bytes, or null where redis-cli says "Invalid argument(s)". */
export function splitArguments(line: string): Uint8Array[] | null {
  const bytes = encoder.encode(line);
  const args: Uint8Array[] = [];
  let at = 0;
  for (;;) {
    while (isBlank(bytes[at])) at++;
    if (at >= bytes.length) return args;
    const end = plainEnd(bytes, at);
    if (end > 0) {
      args.push(bytes.subarray(at, end));
      at = end;
      continue;
    }
    const arg: number[] = [];
    while (at < bytes.length && !isBlank(bytes[at])) {
      const byte = bytes[at]!;
      if (byte === QUOTE || byte === APOSTROPHE) {
        at = quoted(bytes, at, arg);
        if (at < 0) return null;
      } else {
        arg.push(byte);
        at++;
      }
    }
    args.push(Uint8Array.from(arg));
  }
}

/** Where the argument at `at` ends; 0 if there is a quote in it, so that it is not what stands there. */
function plainEnd(bytes: Uint8Array, at: number): number {
  for (; at < bytes.length && !isBlank(bytes[at]); at++) {
    if (bytes[at] === QUOTE || bytes[at] === APOSTROPHE) return 0;
  }
  return at;
}

/** Reads a quoted part that starts at `at`; returns where it ended, -1 if it is unbalanced. */
function quoted(bytes: Uint8Array, at: number, arg: number[]): number {
  const quote = bytes[at++]!;
  while (at < bytes.length) {
    const byte = bytes[at]!;
    if (byte === quote) {
      // A closing quote must be followed by a blank or by nothing at all.
      return at + 1 < bytes.length && !isBlank(bytes[at + 1]) ? -1 : at + 1;
    }
    if (byte === BACKSLASH && at + 1 < bytes.length) {
      at = quote === QUOTE ? escape(bytes, at, arg) : apostrophe(bytes, at, arg);
    } else {
      arg.push(byte);
      at++;
    }
  }
  return -1;
}

function escape(bytes: Uint8Array, at: number, arg: number[]): number {
  const letter = String.fromCharCode(bytes[at + 1]!);
  const hex = String.fromCharCode(...bytes.subarray(at + 2, at + 4));
  if (letter === 'x' && /^[0-9a-f]{2}$/i.test(hex)) {
    arg.push(parseInt(hex, 16));
    return at + 4;
  }
  arg.push(ESCAPES[letter] ?? bytes[at + 1]!);
  return at + 2;
}

function apostrophe(bytes: Uint8Array, at: number, arg: number[]): number {
  const escaped = bytes[at + 1] === APOSTROPHE;
  arg.push(bytes[escaped ? at + 1 : at]!);
  return at + (escaped ? 2 : 1);
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || (byte !== undefined && byte >= 9 && byte <= 13);
}
