// Small things the page remembers: language, theme, session names, what was typed. Storage may be
// forbidden (private windows, policies), so failing to remember is normal and silent.

/** Reads a remembered value, or gives `fallback` if there is none that can be read. */
export function recall<T>(name: string, fallback: T): T {
  try {
    const text = localStorage.getItem(`riffle.${name}`);
    return text === null ? fallback : (JSON.parse(text) as T);
  } catch {
    return fallback;
  }
}

/** Remembers a value under a name, undefined forgets it. */
export function remember(name: string, value: unknown): void {
  try {
    if (value === undefined) localStorage.removeItem(`riffle.${name}`);
    else localStorage.setItem(`riffle.${name}`, JSON.stringify(value));
  } catch {
    // Nothing to do: the page works the same, it only forgets.
  }
}
