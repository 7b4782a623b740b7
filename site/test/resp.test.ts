// The h11 way: every input whole, byte by byte, and with another reply right behind it.

import { describe, expect, test } from 'vitest';
import { encodeCommand, ProtocolError, type Reply, ReplyParser } from '../resp.ts';

const bytes = (wire: string): Uint8Array => Uint8Array.from(Buffer.from(wire, 'latin1'));
const bulk = (text: string): Reply => ({ kind: 'bulk', bytes: Uint8Array.from(bytes(text)) });
const integer = (value: number): Reply => ({ kind: 'integer', text: String(value) });

const TABLE: [string, Reply][] = [
  ['+OK\r\n', { kind: 'status', text: 'OK' }],
  ['-ERR no\r\n', { kind: 'error', text: 'ERR no' }],
  [':-5\r\n', integer(-5)],
  ['$-1\r\n', { kind: 'nil' }],
  ['*-1\r\n', { kind: 'nil' }],
  ['_\r\n', { kind: 'nil' }],
  ['$0\r\n\r\n', bulk('')],
  ['$4\r\na\r\nb\r\n', bulk('a\r\nb')],
  ['$3\r\n\x00\xff\n\r\n', bulk('\x00\xff\n')],
  ['*0\r\n', { kind: 'array', items: [] }],
  ['*2\r\n:1\r\n*1\r\n$1\r\na\r\n', {
    kind: 'array', items: [integer(1), { kind: 'array', items: [bulk('a')] }],
  }],
  ['*2\r\n*0\r\n*0\r\n', { kind: 'array', items: [{ kind: 'array', items: [] }, { kind: 'array', items: [] }] }],
  ['%1\r\n+a\r\n:1\r\n', { kind: 'map', items: [{ kind: 'status', text: 'a' }, integer(1)] }],
  ['~1\r\n:1\r\n', { kind: 'set', items: [integer(1)] }],
  ['>2\r\n+a\r\n:1\r\n', { kind: 'push', items: [{ kind: 'status', text: 'a' }, integer(1)] }],
  ['#t\r\n', { kind: 'boolean', value: true }],
  [',1.5\r\n', { kind: 'double', text: '1.5' }],
  ['(12345678901234567890\r\n', { kind: 'big', text: '12345678901234567890' }],
  ['=7\r\ntxt:abc\r\n', { kind: 'verbatim', bytes: Uint8Array.from(bytes('abc')) }],
  ['!5\r\nERR x\r\n', { kind: 'error', text: 'ERR x' }],
  ['|1\r\n+ttl\r\n:9\r\n:1\r\n', integer(1)],
];

describe('parses', () => {
  test.each(TABLE)('%j whole', (wire, reply) => {
    expect(new ReplyParser().feed(bytes(wire))).toEqual([reply]);
  });

  test.each(TABLE)('%j byte by byte', (wire, reply) => {
    const parser = new ReplyParser();
    const replies = [...bytes(wire)].map((byte) => parser.feed(Uint8Array.of(byte)));
    expect(replies.pop()).toEqual([reply]);
    expect(replies.flat()).toEqual([]);
  });

  test.each(TABLE)('%j with neighbours, cut anywhere', (wire, reply) => {
    const all = bytes(`:7\r\n${wire}:8\r\n`);
    for (let cut = 0; cut <= all.length; cut++) {
      const parser = new ReplyParser();
      const replies = [...parser.feed(all.subarray(0, cut)), ...parser.feed(all.subarray(cut))];
      expect(replies).toEqual([integer(7), reply, integer(8)]);
    }
  });
});

test.each(['hello\r\n', '$x\r\n', '$-2\r\n', '*1e9\r\n', '+OK\n', '\n', '?\r\n', '*1\r\n'.repeat(600)])(
  'refuses %j', (wire) => {
    expect(() => new ReplyParser().feed(bytes(wire))).toThrow(ProtocolError);
  });

test('a huge count takes no memory', () => {
  expect(new ReplyParser().feed(bytes('*999999999999999\r\n:1\r\n'))).toEqual([]);
});

test('a long string in many chunks is put together once', () => {
  const parser = new ReplyParser();
  const chunk = new Uint8Array(1000).fill(97);
  expect(parser.feed(bytes('$1000000\r\n'))).toEqual([]);
  for (let i = 0; i < 1000; i++) expect(parser.feed(chunk)).toEqual([]);
  expect((parser.feed(bytes('\r\n'))[0] as { bytes: Uint8Array }).bytes).toHaveLength(1_000_000);
});

test('encodes text and bytes', () => {
  const wire = encodeCommand(['SET', '속', Uint8Array.of(0, 255)]);
  expect(Buffer.from(wire).toString('latin1')).toBe(
    '*3\r\n$3\r\nSET\r\n$3\r\n\xec\x86\x8d\r\n$2\r\n\x00\xff\r\n');
});
