// Starts a page: language and theme first, then the engine, then every element gets the model.

import { connection } from './connect.ts'; // first: it asks who served the page
import './elements/riffle-console.ts';
import './elements/riffle-language.ts';
import './elements/riffle-notice.ts';
import './elements/riffle-snippet.ts';
import './elements/riffle-status.ts';
import { applyTheme } from './elements/riffle-theme.ts';
import { language } from './i18n.ts';
import { ConsoleModel } from './model/console.ts';

const MODELLED = 'riffle-console, riffle-notice, riffle-snippet, riffle-status';

applyTheme();
language.apply();
keepAboveKeyboard();
const { engine, homes } = await connection;
const model = new ConsoleModel(engine, homes);
for (const element of document.querySelectorAll(MODELLED)) Object.assign(element, { model });
if (import.meta.env.PROD) workOffline();

/**
 * Fills the offline copy once the engine runs and the page is idle: until then the first visit needs the network
 * for itself. The copy holds the full engine too, so that it is at hand when a command needs it.
 */
function workOffline(): void {
  if (model.status.state === 'starting') return model.addEventListener('change', workOffline, { once: true });
  const register = (): void => void navigator.serviceWorker?.register('offline.js').catch(() => {});
  if ('requestIdleCallback' in globalThis) requestIdleCallback(register, { timeout: 5000 });
  else register();
}

/** The height that a software keyboard leaves, for the style sheet. */
function keepAboveKeyboard(): void {
  const viewport = window.visualViewport;
  const measure = (): void =>
    document.documentElement.style.setProperty('--visible', `${viewport!.height}px`);
  viewport?.addEventListener('resize', measure);
  if (viewport) measure();
}
