// Records in storage carry a CRC-32 (the polynomial of zlib and PNG), computed over the place the
// record belongs to and its bytes, so that neither a flipped bit nor a record in the wrong place
// passes for a good one. Eight tables let the loop take eight bytes at a time; they lie behind one another in one
// array, since an array of arrays would have every table looked up and checked anew.

const TABLES = 8;
const table = makeTable();

function makeTable(): Uint32Array {
  const result = new Uint32Array(TABLES * 256);
  for (let i = 0; i < 256; i++) {
    let c = i;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    result[i] = c;
  }
  for (let i = 256; i < result.length; i++) {
    const c = result[i - 256]!;
    result[i] = (c >>> 8) ^ result[c & 255]!;
  }
  return result;
}

/** Continues the CRC-32 `crc` (0 at the start) over `bytes`. */
export function crc32(bytes: Uint8Array, crc = 0): number {
  const t = table;
  let c = ~crc;
  let i = 0;
  for (const end = bytes.length - 7; i < end; i += 8) {
    c ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    c =
      t[0x700 + (c & 255)]! ^ t[0x600 + ((c >>> 8) & 255)]! ^ t[0x500 + ((c >>> 16) & 255)]! ^ t[0x400 + (c >>> 24)]! ^
      t[0x300 + bytes[i + 4]!]! ^ t[0x200 + bytes[i + 5]!]! ^ t[0x100 + bytes[i + 6]!]! ^ t[bytes[i + 7]!]!;
  }
  for (; i < bytes.length; i++) c = (c >>> 8) ^ t[(c ^ bytes[i]!) & 255]!;
  return ~c >>> 0;
}

/** Bytes that a sealed record is longer than what it holds. */
const HEAD = 4;

/** Joins `parts` into one record for `place` (an offset, or numbers that name a chunk). */
export function seal(place: number[], parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(parts.reduce((sum, part) => sum + part.length, HEAD));
  let at = HEAD;
  for (const part of parts) {
    record.set(part, at);
    at += part.length;
  }
  new DataView(record.buffer).setUint32(0, check(place, record), true);
  return record;
}

/** What a record holds, or null if it is not what was sealed for `place`. */
export function unseal(place: number[], record: unknown): Uint8Array | null {
  if (!(record instanceof Uint8Array) || record.length < HEAD) return null;
  const head = new DataView(record.buffer, record.byteOffset).getUint32(0, true);
  return head === check(place, record) ? record.subarray(HEAD) : null;
}

/** What a record seems to hold, whether it is right or not; for handing it to a person. */
export function unwrap(record: unknown): Uint8Array<ArrayBuffer> {
  return record instanceof Uint8Array ? new Uint8Array(record.subarray(HEAD)) : new Uint8Array();
}

function check(place: number[], record: Uint8Array): number {
  return crc32(record.subarray(HEAD), crc32(new Uint8Array(Float64Array.from(place).buffer)));
}
