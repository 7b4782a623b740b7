// A hand-made COMMAND DOCS in the shape the engine sends, small enough to read.

import { describe, expect, test } from 'vitest';
import { CommandIndex, syntax } from '../commands.ts';
import { type Reply } from '../resp.ts';

type Node = string | number | Node[] | { [key: string]: Node };

function reply(node: Node): Reply {
  if (typeof node === 'string') return { kind: 'bulk', bytes: new TextEncoder().encode(node) };
  if (typeof node === 'number') return { kind: 'integer', text: String(node) };
  if (Array.isArray(node)) return { kind: 'array', items: node.map(reply) };
  return { kind: 'map', items: Object.entries(node).flatMap(([key, value]) => [reply(key), reply(value)]) };
}

const arg = (name: string, type: string, more: { [key: string]: Node } = {}): Node => ({ name, type, ...more });
const token = (name: string, more: { [key: string]: Node } = {}): Node =>
  arg(name.toLowerCase(), 'pure-token', { token: name, ...more });
const optional = { flags: ['optional'] };
const command = (group: string, args: Node[], more: { [key: string]: Node } = {}): Node =>
  ({ summary: `about ${group}`, since: '1.0.0', group, complexity: 'O(1)', arguments: args, ...more });

const docs = reply({
  set: command('string', [
    arg('key', 'key'), arg('value', 'string'),
    arg('condition', 'oneof', { ...optional, arguments: [token('NX'), token('XX')] }),
    token('GET', optional),
    arg('expiration', 'oneof', {
      ...optional,
      arguments: [arg('seconds', 'integer', { token: 'EX' }), arg('milliseconds', 'integer', { token: 'PX' })],
    }),
  ]),
  setnx: command('string', [arg('key', 'key'), arg('value', 'string')]),
  del: command('generic', [arg('key', 'key', { flags: ['multiple'] })]),
  blpop: command('list', [arg('key', 'key', { flags: ['multiple'] }), arg('timeout', 'double')]),
  lmove: command('list', [
    arg('source', 'key'), arg('destination', 'key'),
    arg('wherefrom', 'oneof', { arguments: [token('LEFT'), token('RIGHT')] }),
  ]),
  xread: command('stream', [
    arg('count', 'integer', { token: 'COUNT', ...optional }),
    arg('milliseconds', 'integer', { token: 'BLOCK', ...optional }),
    arg('streams', 'block', {
      token: 'STREAMS',
      arguments: [arg('key', 'key', { flags: ['multiple'] }), arg('id', 'string', { flags: ['multiple'] })],
    }),
  ]),
  sort: command('generic', [
    arg('key', 'key'),
    arg('pattern', 'pattern', { token: 'GET', flags: ['optional', 'multiple', 'multiple_token'] }),
  ]),
  client: command('connection', [], {
    subcommands: {
      'client|unblock': command('connection', [
        arg('client-id', 'integer'),
        arg('unblock-type', 'oneof', { ...optional, arguments: [token('TIMEOUT'), token('ERROR')] }),
      ]),
      'client|id': command('connection', []),
    },
  }),
});
const index = CommandIndex.fromReply(docs);

describe('syntax', () => {
  test.each([
    ['set', 'SET key value [NX | XX] [GET] [EX seconds | PX milliseconds]'],
    ['del', 'DEL key [key ...]'],
    ['lmove', 'LMOVE source destination <LEFT | RIGHT>'],
    ['xread', 'XREAD [COUNT count] [BLOCK milliseconds] STREAMS key [key ...] id [id ...]'],
    ['sort', 'SORT key [GET pattern [GET pattern ...]]'],
    ['client unblock', 'CLIENT UNBLOCK client-id [TIMEOUT | ERROR]'],
  ])('%s', (name, text) => {
    expect(syntax(index.find(name.split(' '))!)).toBe(text);
  });
});

describe('completes', () => {
  test.each([
    ['se', ['SET', 'SETNX']],
    ['SET', ['SETNX']],
    ['', []],
    ['nothing', []],
    ['client ', ['ID', 'UNBLOCK']],
    ['client un', ['UNBLOCK']],
    ['set k v n', ['NX']],
    ['set k v nx e', ['EX']],
    ['set k v ex 5 n', ['NX']],
    ['set k v', []],
    ['set k n', []],
    ['xread s', ['STREAMS']],
    ['xread count 5 b', ['BLOCK']],
    ['lmove a b l', ['LEFT']],
    ['client unblock 5 e', ['ERROR']],
  ])('%j', (line, texts) => {
    expect(index.complete(line).map((completion) => completion.text)).toEqual(texts);
  });
});

describe('hints', () => {
  const marked = (line: string): string =>
    (index.hint(line)?.parts ?? [])
      .map(({ text, state }) => (state === 'now' ? `>${text}<` : state === 'done' ? `(${text})` : text))
      .join(' ');
  test.each([
    ['set', 'key value [NX | XX] [GET] [EX seconds | PX milliseconds]'],
    ['set ', '>key< value [NX | XX] [GET] [EX seconds | PX milliseconds]'],
    ['set k', '>key< value [NX | XX] [GET] [EX seconds | PX milliseconds]'],
    ['set k ', '(key) >value< [NX | XX] [GET] [EX seconds | PX milliseconds]'],
    ['set "k 1" ', '(key) >value< [NX | XX] [GET] [EX seconds | PX milliseconds]'],
    ['set k v ', '(key) (value) >[NX | XX]< >[GET]< >[EX seconds | PX milliseconds]<'],
    ['set k v nx ', '(key) (value) ([NX | XX]) >[GET]< >[EX seconds | PX milliseconds]<'],
    ['set k v get ', '(key) (value) >[NX | XX]< ([GET]) >[EX seconds | PX milliseconds]<'],
    ['set k v ex ', '(key) (value) [NX | XX] [GET] >[EX seconds | PX milliseconds]<'],
    ['blpop a ', '>key [key ...]< >timeout<'],
    ['xread ', '>[COUNT count]< >[BLOCK milliseconds]< >STREAMS key [key ...] id [id ...]<'],
    ['xread count ', '>[COUNT count]< [BLOCK milliseconds] STREAMS key [key ...] id [id ...]'],
    ['del a ', '>key [key ...]<'],
    ['client id ', ''],
    ['client unblock ', '>client-id< [TIMEOUT | ERROR]'],
    ['nothing ', ''],
  ])('%j', (line, text) => {
    expect(marked(line)).toBe(text);
  });

  test('unknown commands have none', () => {
    expect(index.hint('nothing')).toBeNull();
  });
});

test('a flat RESP2 reply gives the same index', () => {
  const flatten = (node: Reply): Reply =>
    'items' in node ? { kind: 'array', items: node.items.map(flatten) } : node;
  const flat = CommandIndex.fromReply(flatten(docs));
  expect(flat.group('')).toEqual(index.group(''));
  expect(flat.group('list').map((doc) => doc.name)).toEqual(['BLPOP', 'LMOVE']);
});
