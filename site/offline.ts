// The service worker: after the first visit the page needs no network.
//
// The build writes VERSION and FILES below. A version is one cache, filled whole or not at all. Pages
// come from the newest version; a tab that is still open on the version before finds its files, too,
// because one older cache is kept.

const scope = self as unknown as ServiceWorkerGlobalScope;

declare const VERSION: string;
declare const FILES: string[];

const PREFIX = 'riffle-';
const NAME = PREFIX + VERSION;
const KEPT = 2;
/** Says whose engine the page uses, so the network is asked first. */
const INFO = new URL('engine/info', scope.registration.scope).href;

scope.addEventListener('install', (event) => event.waitUntil(install()));
scope.addEventListener('activate', (event) => event.waitUntil(activate()));
scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const own = request.url.startsWith(scope.registration.scope);
  if (own && request.method === 'GET') event.respondWith(answer(request));
});

async function install(): Promise<void> {
  await caches.delete(NAME);
  const cache = await caches.open(NAME);
  try {
    await Promise.all(FILES.map((file) => store(cache, file)));
  } catch (problem) {
    await caches.delete(NAME);
    throw problem;
  }
  await scope.skipWaiting();
}

/** A hashed name never changes its content, so the browser's own copy will do. */
async function store(cache: Cache, file: string): Promise<void> {
  const url = new URL(file, scope.registration.scope);
  const hashed = file.startsWith('assets/');
  const reply = await fetch(url, { cache: hashed ? 'default' : 'reload' });
  if (!reply.ok) throw new Error(`${file}: ${reply.status}`);
  await cache.put(url, reply);
}

async function activate(): Promise<void> {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX));
  await Promise.all(names.slice(0, -KEPT).map((name) => caches.delete(name)));
  await scope.clients.claim();
}

async function answer(request: Request): Promise<Response> {
  if (request.url === INFO) {
    return fetch(request).catch(async () => (await cached(request)) ?? Response.error());
  }
  return (await cached(request)) ?? fetch(request);
}

async function cached(request: Request): Promise<Response | undefined> {
  const cache = await caches.open(NAME);
  const options = { ignoreSearch: request.mode === 'navigate' };
  return (await cache.match(request, options)) ?? (await caches.match(request, options));
}
