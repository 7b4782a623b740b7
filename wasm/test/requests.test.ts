import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RequestKind } from '../machine.ts';

test('requests have the numbers that the engine gives them', () => {
  const source = readFileSync(new URL('../../engine/engine.go', import.meta.url), 'utf8');
  const block = /\n(\tRequestSave .*?)\n\)/s.exec(source)![1]!;
  const names = [...block.matchAll(/^\tRequest(\w)(\w+)/gm)].map(([, first, rest]) => first!.toLowerCase() + rest);
  expect(Object.entries(RequestKind)).toEqual(names.map((name, i) => [name, i + 1]));
});
