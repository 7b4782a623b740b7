// The printer against redis-cli itself: a small server answers redis-cli with the bytes of a table
// row, and what redis-cli prints must be what formatReply prints, byte for byte.

import { execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatReply, quote } from '../format.ts';
import { type Reply, ReplyParser } from '../resp.ts';
import { splitArguments } from '../split.ts';

const nested = (depth: number): string => (depth ? `*1\r\n${nested(depth - 1)}` : ':1\r\n');
const bulk = (text: string): string => `$${Buffer.byteLength(text, 'latin1')}\r\n${text}\r\n`;
const repeat = (count: number, of: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => of(i)).join('');

/** Replies as they stand on the wire; a char is a byte. */
const REPLIES = [
  '+OK\r\n', '+\r\n', '+PONG\r\n', '+with "quotes" and \\ slash\r\n', '-ERR unknown\r\n',
  '-WRONGTYPE Operation against a key\r\n', ':0\r\n', ':1\r\n', ':-1\r\n',
  ':9223372036854775807\r\n', ':-9223372036854775808\r\n', '$-1\r\n', '*-1\r\n', '*0\r\n',
  bulk(''), bulk('a'), bulk('hello world'), bulk('a"b'), bulk("a'b"), bulk('a\\b'), bulk('a\nb'),
  bulk('a\r\nb'), bulk('\t'), bulk('\x07\b'), bulk('\0'), bulk('\x1b[31m'), bulk('\x7f'),
  bulk('\x80\xff'), bulk('\xec\x86\x8d\xeb\xb3\xb4'), bulk('caf\xc3\xa9'), bulk('x'.repeat(300)),
  '*1\r\n:1\r\n', `*1\r\n${bulk('a')}`, '*2\r\n:1\r\n:2\r\n', '*1\r\n$-1\r\n', '*1\r\n*-1\r\n',
  '*1\r\n*0\r\n', '*3\r\n:1\r\n*0\r\n:3\r\n', '*2\r\n*2\r\n:1\r\n:2\r\n*2\r\n:3\r\n:4\r\n',
  '*2\r\n*1\r\n*2\r\n:1\r\n:2\r\n*1\r\n:3\r\n', `*9\r\n${repeat(9, (i) => `:${i}\r\n`)}`,
  `*10\r\n${repeat(10, (i) => `:${i}\r\n`)}`, `*11\r\n${repeat(11, (i) => bulk(`v${i}`))}`,
  `*10\r\n${repeat(10, () => '*2\r\n:1\r\n:2\r\n')}`, `*100\r\n${repeat(100, (i) => `:${i}\r\n`)}`,
  `*2\r\n-ERR inside\r\n+OK\r\n`, nested(2), nested(5), nested(7),
  `*1\r\n*2\r\n${bulk('1-1')}*2\r\n${bulk('key1')}${bulk('val1')}`,
  `*1\r\n*2\r\n${bulk('s')}*1\r\n*2\r\n${bulk('1-1')}*2\r\n${bulk('f')}${bulk('v')}`,
  `*4\r\n:1\r\n${bulk('0-1')}${bulk('0-1')}*1\r\n*2\r\n${bulk('c')}${bulk('1')}`,
];

const REPLIES3 = [
  '_\r\n', '#t\r\n', '#f\r\n', ',3.14\r\n', ',inf\r\n', ',-inf\r\n', ',1e10\r\n', ',10\r\n',
  '=8\r\ntxt:text\r\n', '=10\r\ntxt:two\nli\r\n', '=4\r\ntxt:\r\n',
  '%0\r\n', '~0\r\n', `%1\r\n${bulk('a')}:1\r\n`, `%2\r\n${bulk('a')}:1\r\n${bulk('b')}${bulk('2')}`,
  `%1\r\n${bulk('a')}*0\r\n`, `%1\r\n${bulk('a')}*1\r\n:1\r\n`, `%1\r\n${bulk('a')}*2\r\n:1\r\n:2\r\n`,
  `%1\r\n${bulk('a')}~1\r\n:1\r\n`, `%1\r\n${bulk('a')}~2\r\n:1\r\n:2\r\n`,
  `%1\r\n${bulk('a')}%1\r\n${bulk('b')}:1\r\n`, `%1\r\n${bulk('a')}%0\r\n`,
  `%1\r\n${bulk('a')}%2\r\n${bulk('b')}:1\r\n${bulk('c')}:2\r\n`,
  `%1\r\n${bulk('a')}*1\r\n*2\r\n:1\r\n:2\r\n`, `%1\r\n${bulk('a')}*2\r\n%1\r\n+k\r\n+v\r\n+x\r\n`,
  `%1\r\n*2\r\n:1\r\n:2\r\n*2\r\n:3\r\n:4\r\n`, `%1\r\n*1\r\n:1\r\n:2\r\n`,
  '~2\r\n+a\r\n+b\r\n', '~2\r\n*2\r\n:1\r\n:2\r\n:3\r\n', `*2\r\n%1\r\n${bulk('a')}:1\r\n~1\r\n:2\r\n`,
  `%10\r\n${repeat(10, (i) => `+k${i}\r\n*2\r\n:1\r\n:2\r\n`)}`, '*2\r\n_\r\n#t\r\n',
  `%1\r\n${bulk('a')}*1\r\n*1\r\n:1\r\n`, `%1\r\n${bulk('a')}%1\r\n${bulk('b')}*1\r\n:1\r\n`,
  '%1\r\n+a\r\n=10\r\ntxt:two\nli\r\n', '%1\r\n+a\r\n*1\r\n=10\r\ntxt:two\nli\r\n',
  '%1\r\n+a\r\n*1\r\n%1\r\n+b\r\n:1\r\n', `%1\r\n+a\r\n${bulk('two\nlines')}`,
  `%1\r\n+a\r\n_\r\n`, `%1\r\n+a\r\n=8\r\ntxt:text\r\n`, `*1\r\n=10\r\ntxt:two\nli\r\n`,
  `~10\r\n${repeat(10, (i) => `,${i}.5\r\n`)}`, `*2\r\n*2\r\n+a\r\n,1.5\r\n*2\r\n+b\r\n,2\r\n`,
];

function parse(wire: string): Reply {
  const replies = new ReplyParser().feed(Buffer.from(wire, 'latin1'));
  expect(replies).toHaveLength(1);
  return replies[0]!;
}

function hasRedisCli(): boolean {
  try {
    return execFileSync('redis-cli', ['--version'], { encoding: 'utf8' }).startsWith('redis-cli 7.0');
  } catch {
    return false;
  }
}

const present = hasRedisCli();
const MARK = '+---8<---\r\n';

/** Runs one redis-cli against a server whose n-th answer is the n-th row. */
async function redisCliPrints(rows: string[], resp3: boolean): Promise<string[]> {
  const server = createServer((socket) => {
    const parser = new ReplyParser();
    socket.on('error', () => {});
    socket.on('data', (data) => {
      for (const request of parser.feed(data)) {
        const [name, row] = (request as { items: { bytes: Uint8Array }[] }).items.map(
          (item) => Buffer.from(item.bytes).toString());
        if (name === 'ROW') socket.write(Buffer.from(rows[Number(row)]!, 'latin1'));
        else socket.write(name === 'MARK' ? MARK : name === 'HELLO' ? '%0\r\n' : '+OK\r\n');
      }
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  const cli = spawn('redis-cli', ['--no-raw', ...(resp3 ? ['-3'] : []), '-p', String(port)]);
  cli.stdin.end(rows.map((_, i) => `ROW ${i}\nMARK\n`).join(''));
  const chunks: Buffer[] = [];
  for await (const chunk of cli.stdout) chunks.push(chunk as Buffer);
  server.close();
  return Buffer.concat(chunks).toString('latin1').split('---8<---\n').slice(0, -1);
}

test('redis-cli is here where it must be', () => {
  if (!present) console.warn('redis-cli 7.0 is not installed: the printer is not compared with it');
  expect(present || process.env.CI !== 'true').toBe(true);
});

describe.runIf(present)('prints as redis-cli prints', () => {
  const printed: Record<string, string[]> = {};
  beforeAll(async () => {
    printed.RESP2 = await redisCliPrints(REPLIES, false);
    printed.RESP3 = await redisCliPrints(REPLIES3, true);
  });
  afterAll(() => {
    expect(printed.RESP2).toHaveLength(REPLIES.length);
    expect(printed.RESP3).toHaveLength(REPLIES3.length);
  });
  const table: [string, number, string][] = [
    ...REPLIES.map((wire, i): [string, number, string] => ['RESP2', i, wire]),
    ...REPLIES3.map((wire, i): [string, number, string] => ['RESP3', i, wire]),
  ];
  test.each(table)('%s %i %j', (version, i, wire) => {
    const ours = Buffer.from(formatReply(parse(wire), { exact: true })).toString('latin1');
    expect(ours + '\n').toBe(printed[version]![i]);
  });
});

describe('readable text', () => {
  test.each([
    ['속보: Redis 출시', '"속보: Redis 출시"'],
    ['줄\n바꿈', '"줄\\n바꿈"'],
    ['👩‍👩‍👧', '"👩‍👩‍👧"'],
    ['\u202egnp.exe', '"\\xe2\\x80\\xaegnp.exe"'],
    ['\u0085', '"\\xc2\\x85"'],
    ['\ufeffbom', '"\ufeffbom"'],
  ])('%j', (text, printed) => {
    expect(quote(new TextEncoder().encode(text))).toBe(printed);
  });

  test('broken sequences are bytes, whole ones beside them are text', () => {
    expect(quote(Buffer.from('\xec\x86\x8d\xec\x86\xffa\xc3', 'latin1'))).toBe('"속\\xec\\x86\\xffa\\xc3"');
  });

  test('what is printed can be typed again', () => {
    for (let first = 0; first < 256; first++) {
      const bytes = Uint8Array.from([first, 0xec, 0x86, 0x8d, 255 - first, first ^ 0x5a]);
      expect(splitArguments(quote(bytes))).toEqual([bytes]);
      expect(splitArguments(quote(bytes, true))).toEqual([bytes]);
    }
  });
});
