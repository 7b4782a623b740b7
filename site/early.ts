// Starts the engine before anything else of a page is fetched. The build bundles this file by itself and writes
// it into the head of every page (vite.config.ts); in development the engine starts with the rest.

import { launch, type Launch } from '../wasm/launch.ts';
import { chosenHome } from './home.ts';

/** Where the build has put the engine's worker, the core engine and the full one, relative to the page. */
declare const WORKER: string;
declare const WASM: string;
declare const FULL: string;

if (chosenHome() === 'browser') {
  const worker = new Worker(WORKER, { type: 'module' });
  (globalThis as { early?: Launch }).early = launch(worker, { wasm: WASM, full: FULL });
}
