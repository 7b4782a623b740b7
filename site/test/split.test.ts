import { describe, expect, test } from 'vitest';
import { splitArguments } from '../split.ts';

const latin1 = (args: Uint8Array[] | null): string[] | null =>
  args && args.map((arg) => Buffer.from(arg).toString('latin1'));

describe('splits as redis-cli does', () => {
  test.each<[string, string[] | null]>([
    ['', []],
    ['  \t ', []],
    ['GET key', ['GET', 'key']],
    ['  SET   a\tb  ', ['SET', 'a', 'b']],
    ['SET a ""', ['SET', 'a', '']],
    ["SET a ''", ['SET', 'a', '']],
    ['SET a "b c"', ['SET', 'a', 'b c']],
    ['SET a "b\\"c"', ['SET', 'a', 'b"c']],
    ["SET a 'b\\'c'", ['SET', 'a', "b'c"]],
    ["SET a 'b\\nc'", ['SET', 'a', 'b\\nc']],
    ['SET a "\\n\\r\\t\\b\\a\\q\\\\"', ['SET', 'a', '\n\r\t\b\x07q\\']],
    ['SET a "\\x00\\xfF\\x1"', ['SET', 'a', '\x00\xffx1']],
    ['SET a "\\xzz"', ['SET', 'a', 'xzz']],
    ['SET a\\n b', ['SET', 'a\\n', 'b']],
    ['SET a b"c d"', ['SET', 'a', 'bc d']],
    ['SET a 속', ['SET', 'a', '\xec\x86\x8d']],
    ['SET a "b', null],
    ["SET a 'b", null],
    ['SET a "b"c', null],
    ["SET a 'b'c", null],
    ['SET a "b\\"', null],
    ['"', null],
    ['SET a "b\\', null],
  ])('%j', (line, args) => {
    expect(latin1(splitArguments(line))).toEqual(args);
  });
});
