// A session against a scripted engine: what it sends is text, what it gets is wire bytes.

import { describe, expect, test } from 'vitest';
import type { Engine, Session, Status } from '../../wasm/engine.ts';
import { formatReply } from '../format.ts';
import { ConsoleModel } from '../model/console.ts';
import { Lines } from '../model/lines.ts';
import type { SessionModel } from '../model/session.ts';

class Wire implements Session {
  sent = '';
  onreply: (bytes: Uint8Array) => void = () => {};
  onclose = (): void => {};
  send(bytes: Uint8Array): void {
    this.sent += Buffer.from(bytes).toString();
  }
  close(): void {}
  /** The engine answers. */
  answer(text: string): void {
    this.onreply(Buffer.from(text));
  }
}

class ScriptedEngine extends EventTarget implements Engine {
  status = { home: 'browser', state: 'running' } as Status;
  wires: Wire[] = [];
  open(): Session {
    const wire = new Wire();
    this.wires.push(wire);
    return wire;
  }
  setPolicy(): void {}
  takeOver(): void {}
}

function start(): { session: SessionModel; wire: Wire; control: Wire; engine: ScriptedEngine } {
  const engine = new ScriptedEngine();
  const session = new ConsoleModel(engine).open('one');
  const [control, wire] = engine.wires as [Wire, Wire];
  wire.answer(':7\r\n+OK\r\n');
  wire.sent = '';
  control.sent = '';
  return { session, wire, control, engine };
}

const shown = (session: SessionModel): string[] => session.entries.map((entry) =>
  [entry.typed?.line ?? '*', ...entry.replies.map((reply) => formatReply(reply)), ...entry.notes.map((note) => note.key)].join(' | '));
const message = (channel: string, text: string, mark = '*'): string =>
  `${mark}3\r\n$7\r\nmessage\r\n+${channel}\r\n+${text}\r\n`;
const confirmed = (kind: string, channel: string, count: number): string =>
  `*3\r\n$${kind.length}\r\n${kind}\r\n$${channel.length}\r\n${channel}\r\n:${count}\r\n`;

describe('replies', () => {
  test('belong to commands in order, however many are under way', () => {
    const { session, wire } = start();
    session.paste('SET a 1\nGET a\nGET');
    expect(wire.sent).toBe('*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n');
    expect(session.draft).toBe('GET');
    wire.answer('+OK\r\n$1\r\n1\r\n');
    expect(shown(session)).toEqual(['SET a 1 | OK', 'GET a | "1"']);
  });

  test('of SUBSCRIBE come once per channel, messages in between are no replies', () => {
    const { session, wire } = start();
    session.submit('SUBSCRIBE a b');
    wire.answer(confirmed('subscribe', 'a', 1) + message('a', 'x') + confirmed('subscribe', 'b', 2));
    session.submit('PING');
    wire.answer(message('b', 'y') + '*2\r\n$4\r\npong\r\n$0\r\n\r\n');
    expect(session.subscriptions.names).toEqual(['a', 'b']);
    expect(shown(session).map((line) => line.split(' | ')[0])).toEqual(['SUBSCRIBE a b', '*', 'PING', '*']);
    expect(session.entries[0]!.replies).toHaveLength(2);
    expect(session.running).toBeNull();
  });

  test('to UNSUBSCRIBE without arguments are as many as there are channels', () => {
    const { session, wire } = start();
    session.submit('SUBSCRIBE a b');
    wire.answer(confirmed('subscribe', 'a', 1) + confirmed('subscribe', 'b', 2));
    void session.cancel();
    expect(wire.sent.endsWith('*1\r\n$11\r\nUNSUBSCRIBE\r\n')).toBe(true);
    wire.answer(confirmed('unsubscribe', 'a', 1));
    expect(session.running).not.toBeNull();
    wire.answer(confirmed('unsubscribe', 'b', 0));
    expect(session.running).toBeNull();
    expect(session.occupied).toBe(false);
  });

  test('to SUBSCRIBE inside MULTI are one QUEUED', () => {
    const { session, wire } = start();
    session.paste('MULTI\nSUBSCRIBE a b\n');
    wire.answer('+OK\r\n+QUEUED\r\n');
    expect(session.running).toBeNull();
  });

  test('are not awaited after CLIENT REPLY OFF', () => {
    const { session, wire } = start();
    session.paste('CLIENT REPLY OFF\nPING\nCLIENT REPLY ON\nPING\n');
    wire.answer('+OK\r\n+PONG\r\n');
    expect(shown(session)).toEqual(['CLIENT REPLY OFF', 'PING', 'CLIENT REPLY ON | OK', 'PING | PONG']);
  });

  test('that are not RESP close the connection', () => {
    const { session, wire } = start();
    session.submit('PING');
    wire.answer('hello\r\n');
    expect(shown(session)).toEqual(['PING | session.unanswered', '* | error.protocol', '* | session.closed']);
  });
});

describe('the prompt', () => {
  test.each([
    [['SELECT 1'], ['+OK'], 'riffle[1]>'],
    [['SELECT 99'], ['-ERR DB index is out of range'], 'riffle>'],
    [['MULTI'], ['+OK'], 'riffle(TX)>'],
    [['MULTI', 'SELECT 2'], ['+OK', '+QUEUED'], 'riffle[2](TX)>'],
    [['MULTI', 'SELECT 2', 'EXEC'], ['+OK', '+QUEUED', '*1\r\n+OK'], 'riffle[2]>'],
    [['MULTI', 'SELECT 2', 'DISCARD'], ['+OK', '+QUEUED', '+OK'], 'riffle>'],
    [['MULTI', 'EXEC'], ['+OK', '-EXECABORT'], 'riffle>'],
    [['SELECT 1', 'RESET'], ['+OK', '+RESET'], 'riffle>'],
  ])('after %j', (lines, replies, prompt) => {
    const { session, wire } = start();
    for (const [i, line] of lines.entries()) {
      session.submit(line);
      wire.answer(replies[i]! + '\r\n');
    }
    expect(session.prompt).toBe(prompt);
  });
});

describe('waiting', () => {
  test.each([
    ['BLPOP a b 0', ['a', 'b']],
    ['blmove a b LEFT LEFT 0', ['a']],
    ['BLMPOP 0 2 a b LEFT', ['a', 'b']],
    ['XREAD COUNT 1 BLOCK 0 STREAMS a b $ $', ['a', 'b']],
    ['XREADGROUP GROUP g c BLOCK 0 STREAMS a >', ['a']],
    ['XREAD STREAMS a 0', null],
    ['WAIT 1 0', []],
    ['GET a', null],
  ])('%s', (line, keys) => {
    const { session } = start();
    session.submit(line);
    expect(session.waitingFor).toEqual(keys);
  });

  test('ends by CLIENT UNBLOCK from the page itself', () => {
    const { session, wire, control } = start();
    session.submit('BLPOP a 0');
    void session.cancel();
    expect(control.sent).toBe('*3\r\n$6\r\nCLIENT\r\n$7\r\nUNBLOCK\r\n$1\r\n7\r\n');
    wire.answer('*-1\r\n');
    expect(session.running).toBeNull();
  });
});

describe('lines', () => {
  test.each([
    ['SET a "b', 'SET a "b | error.arguments'],
    ['help', 'help | help.general'],
    ['help SET', 'help SET | help.unavailable'],
    ['exit', 'exit | session.closed'],
  ])('%s is answered here', (line, text) => {
    const { session, wire } = start();
    session.submit(line);
    expect(shown(session)).toEqual([text]);
    expect(wire.sent).toBe('');
  });

  test('after the connection ended open another one', () => {
    const { session, wire, engine } = start();
    session.submit('QUIT');
    wire.answer('+OK\r\n');
    wire.onclose();
    session.submit('PING');
    expect(shown(session)).toEqual(['QUIT | OK', '* | session.closed', 'PING']);
    expect(engine.wires).toHaveLength(3);
    expect(engine.wires[2]!.sent).toContain('PING');
  });

  test('are remembered once in a row', () => {
    const { session } = start();
    for (const line of ['PING', 'PING', 'GET a', 'PING']) session.submit(line);
    expect(session.history).toEqual(['PING', 'GET a', 'PING']);
  });

  test('rename the session when they name the client', () => {
    const { session, wire } = start();
    session.submit('CLIENT SETNAME worker');
    wire.answer('+OK\r\n');
    expect(session.title).toBe('worker');
  });
});

describe('lines that wait', () => {
  test.each([
    ['a\nb\n', ['a', 'b'], ''],
    ['a\r\nb\rc', ['a', 'b'], 'c'],
    ['\n\r\n\r', ['', '', ''], ''],
    ['no end', [], 'no end'],
    ['', [], ''],
  ])('%j', (text, want, rest) => {
    const lines = new Lines();
    expect(lines.addAll(text)).toBe(rest);
    const got: string[] = [];
    while (!lines.empty) got.push(lines.next());
    expect(got).toEqual(want);
  });

  test('come in order from several texts, and go at once', () => {
    const lines = new Lines();
    lines.addAll('a\nb\n');
    lines.add('c');
    lines.addAll('d\ne\nf');
    expect(lines.next()).toBe('a');
    expect(lines.drop(3)).toEqual(['b', 'c', 'd']);
    expect(lines.empty).toBe(true);
    lines.add('g');
    expect(lines.drop(9)).toEqual(['g']);
  });
});

describe('a long paste', () => {
  const lines = Array.from({ length: 2500 }, (_, i) => `SET k ${i}\n`).join('');
  const count = (wire: Wire): number => wire.sent.split('SET').length - 1;

  test('waits for replies, so that what is under way stays small', () => {
    const { session, wire } = start();
    session.paste(`${lines}PING`);
    expect(session.busy).toBe(true);
    expect(count(wire)).toBeLessThanOrEqual(1000);
    expect(session.draft).toBe('PING');
  });

  test('runs to its end in order, and what is typed meanwhile comes after it', async () => {
    const { session, wire } = start();
    session.paste(lines);
    session.submit('LAST');
    for (let answered = 0; answered < 2500; ) {
      const due = count(wire) - answered;
      answered += due;
      wire.answer('+OK\r\n'.repeat(due));
      await new Promise((resolve) => setTimeout(resolve));
    }
    wire.answer('+OK\r\n');
    expect(session.busy).toBe(false);
    expect(session.running).toBeNull();
    expect(wire.sent.indexOf('LAST')).toBeGreaterThan(wire.sent.indexOf('$4\r\n2499'));
    expect(session.entries).toHaveLength(1000);
    expect(session.entries.at(-1)!.typed!.line).toBe('LAST');
  });

  test('does not go on with another connection', () => {
    const { session, wire, engine } = start();
    session.paste(lines);
    wire.onclose();
    expect(session.busy).toBe(false);
    expect(engine.wires).toHaveLength(2);
    expect(shown(session).at(-2)).toMatch(/^SET k \d+ \| session\.unanswered$/);
  });
});
