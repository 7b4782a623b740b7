// Finds the engine of this page: the server that served it, or one in this browser.

import wasm from '../dist/gen/engine.wasm?url';
import loader from '../dist/gen/wasm_exec.js?url';
import { BrowserEngine } from '../wasm/browser.ts';
import type { Engine } from '../wasm/engine.ts';
import { RemoteEngine } from '../wasm/remote.ts';

/**
 * A native server answers engine/info with {"home":"server"}; a static build ships a file of that
 * name that says "browser". Anything else (no network, some other host) means the browser too.
 */
export async function connect(): Promise<Engine> {
  if ((await home()) === 'browser') return new BrowserEngine({ wasm, loader });
  const socket = new URL('engine', document.baseURI);
  socket.protocol = socket.protocol.replace('http', 'ws');
  return new RemoteEngine(socket.href);
}

async function home(): Promise<'browser' | 'server'> {
  try {
    const { home } = (await (await fetch('engine/info')).json()) as { home?: string };
    return home === 'server' ? 'server' : 'browser';
  } catch {
    return 'browser';
  }
}
