// The page's languages. A catalogue is a plain JSON file of sentences with {places} for values.

import en from './i18n/en.json';
import ko from './i18n/ko.json';
import { recall, remember } from './model/storage.ts';

export type Key = keyof typeof en;

const CATALOGUES: Record<string, Record<string, string>> = { en, ko };

/** The languages a person may choose, by their own names. */
export const LANGUAGES: Record<string, string> = { en: 'English', ko: '한국어' };

class Language extends EventTarget {
  /** A key of LANGUAGES. */
  current = startLanguage();

  /** Switches the page and remembers the choice. */
  choose(language: string): void {
    this.current = language;
    remember('language', language);
    this.apply();
  }

  /** Writes the language into the document: its lang attribute and every [data-text]. */
  apply(): void {
    document.documentElement.lang = this.current;
    for (const element of document.querySelectorAll<HTMLElement>('[data-text]')) {
      element.textContent = t(element.dataset.text as Key);
    }
    this.dispatchEvent(new Event('change'));
  }
}

function startLanguage(): string {
  const wanted = [recall('language', ''), ...(globalThis.navigator?.languages ?? [])];
  return wanted.map((tag) => tag.split('-')[0]!).find((tag) => tag in CATALOGUES) ?? 'en';
}

export const language = new Language();

/** A sentence in the current language, with its {places} filled. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  const sentence = CATALOGUES[language.current]![key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

/** Whether the catalogues have a sentence for a key made at run time. */
export function isKey(key: string): key is Key {
  return key in en;
}
