import { crc32 as reference } from 'node:zlib';
import { expect, test } from 'vitest';
import { crc32, seal, unseal, unwrap } from '../checksum.ts';

const bytes = (n: number) => Uint8Array.from({ length: n }, (_, i) => (i * 73) ^ (i >> 3));

test.each([0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 64, 1000, 4099])('is the CRC-32 of zlib over %i bytes', (n) => {
  expect(crc32(bytes(n))).toBe(reference(bytes(n)));
  expect(crc32(bytes(n).subarray(n >> 1), crc32(bytes(n).subarray(0, n >> 1)))).toBe(reference(bytes(n)));
});

test('a record gives back what was sealed, whole', () => {
  const record = seal([7], [bytes(3), bytes(0), bytes(5)]);
  expect(unseal([7], record)).toEqual(Uint8Array.of(...bytes(3), ...bytes(5)));
});

test('every flipped bit, every cut and every other place is noticed', () => {
  const record = seal([7, 1], [bytes(20)]);
  for (let bit = 0; bit < record.length * 8; bit++) {
    const flipped = record.slice();
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    expect(unseal([7, 1], flipped)).toBeNull();
  }
  for (let n = 0; n < record.length; n++) expect(unseal([7, 1], record.slice(0, n))).toBeNull();
  expect(unseal([7, 2], record)).toBeNull();
});

test.each([undefined, null, 'text', {}, new ArrayBuffer(9)])('%s is no record', (value) => {
  expect(unseal([0], value)).toBeNull();
  expect(unwrap(value)).toEqual(new Uint8Array());
});
