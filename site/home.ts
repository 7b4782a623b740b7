// Whose engine a tab uses: the one in this browser, or the native server that served the page.

import type { Status } from '../wasm/engine.ts';

export type Home = Status['home'];

const KEY = 'riffle.home';

/** `?engine=server` in the address decides, then what was chosen in this tab; the browser otherwise. */
export function chosenHome(): Home {
  const asked = new URL(location.href).searchParams.get('engine');
  if (asked === 'server' || asked === 'browser') remember(asked);
  return asked === 'server' || (asked !== 'browser' && remembered() === 'server') ? 'server' : 'browser';
}

/** Changes the engine: the page starts again with the other one. */
export function chooseHome(home: Home): void {
  remember(home);
  const url = new URL(location.href);
  url.searchParams.delete('engine');
  if (url.href === location.href) location.reload();
  else location.replace(url);
}

function remember(home: Home): void {
  try {
    sessionStorage.setItem(KEY, home);
  } catch {
    // Without storage the choice lasts as long as the address says so.
  }
}

function remembered(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/**
 * A native server answers engine/info with {"home":"server"}; a static build ships a file of that
 * name that says "browser". Anything else (no network, some other host) means the browser too.
 */
export async function servedByServer(): Promise<boolean> {
  try {
    const { home } = (await (await fetch('engine/info')).json()) as { home?: string };
    return home === 'server';
  } catch {
    return false;
  }
}
