// Starts the engine before anything else of a page is fetched. The build bundles this file by itself and
// writes it into the head of every page (vite.config.ts); in development the engine starts with the rest.

import { launch, type Launch } from '../wasm/launch.ts';
import { chosenHome, servedByServer } from './home.ts';

/** What other scripts of the page find under way. */
export interface Early {
  launch: Launch | undefined;
  server: Promise<boolean>;
}

/** Where the build has put the engine's worker, the core engine and the full one, relative to the page. */
declare const WORKER: string;
declare const WASM: string;
declare const FULL: string;

const worker = chosenHome() === 'browser' ? new Worker(WORKER, { type: 'module' }) : undefined;
const early: Early = {
  launch: worker && launch(worker, { wasm: WASM, full: FULL }),
  server: servedByServer(),
};
Object.assign(globalThis, { early });
