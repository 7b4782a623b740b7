// Finds the engine of this page: one in this browser, or the native server that served it.

import full from '../dist/gen/complete.wasm?url';
import wasm from '../dist/gen/engine.wasm?url';
import { BrowserEngine } from '../wasm/browser.ts';
import type { Engine } from '../wasm/engine.ts';
import { RemoteEngine } from '../wasm/remote.ts';
import type { Early } from './early.ts';
import { chosenHome, type Home, servedByServer } from './home.ts';

const { launch, server = servedByServer() } = (globalThis as { early?: Partial<Early> }).early ?? {};

export interface Connection {
  engine: Engine;
  /** The engines that this page could use. */
  homes: readonly Home[];
}

/**
 * Under way as soon as this module is evaluated. The engine in the browser is the usual one and has been
 * started already (early.ts), without waiting for the answer to who served the page.
 */
export const connection: Promise<Connection> = connect();

async function connect(): Promise<Connection> {
  const local = chosenHome() === 'browser' ? inBrowser() : null;
  const homes: readonly Home[] = (await server) ? ['browser', 'server'] : ['browser'];
  if (local) return { engine: local, homes };
  const remote = homes.includes('server');
  return { engine: remote ? new RemoteEngine(socket()) : inBrowser(), homes };
}

/** The engine that early.ts has started, or one that starts now. */
function inBrowser(): BrowserEngine {
  return new BrowserEngine({ wasm, full }, launch);
}

function socket(): string {
  const url = new URL('engine', document.baseURI);
  url.protocol = url.protocol.replace('http', 'ws');
  url.search = '';
  return url.href;
}
