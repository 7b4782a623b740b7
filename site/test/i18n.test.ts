import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import en from '../i18n/en.json';
import ko from '../i18n/ko.json';
import { EXAMPLES } from '../examples.ts';

const site = new URL('..', import.meta.url);
const places = (sentence: string): string[] => (sentence.match(/\{\w+\}/g) ?? []).sort();
const keys = Object.keys(en).sort();

/** Keys as they stand in sources and pages; `${}` inside a key stands for anything. */
function usedKeys(): string[] {
  const files = ['', 'elements/', 'model/'].flatMap((folder) =>
    readdirSync(new URL(folder, site)).filter((file) => /\.(ts|html)$/.test(file)).map((file) => folder + file));
  return [...files, '../index.html'].flatMap((file) => {
    const text = readFileSync(new URL(file, site), 'utf8');
    const found = text.matchAll(/\bt\(\s*(['`])(.+?)\1|data-text="(.+?)"|\bkey: '(.+?)'|[?:] (['`])([a-z]+\.[a-zA-Z.${}]+)\5/g);
    return [...found].map((match) => (match[2] ?? match[3] ?? match[4] ?? match[6])!);
  });
}

const pattern = (key: string): RegExp =>
  new RegExp(`^${key.replaceAll('.', '\\.').replace(/\$\{[^}]*\}/g, '[\\w-]+')}$`);

describe('catalogues', () => {
  test('have the same keys', () => {
    expect(Object.keys(ko).sort()).toEqual(keys);
  });

  test.each(Object.keys(en) as (keyof typeof en)[])('%s has the same places', (key) => {
    expect(places(ko[key])).toEqual(places(en[key]));
    expect(ko[key].trim()).not.toBe('');
  });

  test('have every key that is used', () => {
    const used = usedKeys();
    expect(used.length).toBeGreaterThan(50);
    const missing = used.filter((key) => !key.endsWith('.js') && !keys.some((known) => pattern(key).test(known)));
    expect(missing).toEqual([]);
  });

  test('have no key that nothing uses', () => {
    const used = [...usedKeys(), 'problem.${}', 'wait.cancel', 'wait.stop', 'wait.keys', 'wait.running',
      'help.unavailable', 'help.general', 'status.${}', 'status.${}.browser', 'status.${}.server'].map(pattern);
    expect(keys.filter((key) => !used.some((known) => known.test(key)))).toEqual([]);
  });

  test('explain every example', () => {
    for (const { id } of EXAMPLES) expect(keys).toEqual(expect.arrayContaining([`example.${id}.name`, `example.${id}.text`]));
  });
});
