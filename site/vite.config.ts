// Builds the pages into dist/site. The engine (dist/gen/engine.wasm, complete.wasm and wasm_exec.js) is there
// before this runs; it becomes an asset with a hashed name like every other.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const top = fileURLToPath(new URL('..', import.meta.url));

const POLICY = [
  "default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'", "img-src 'self'",
  "connect-src 'self'", "worker-src 'self'", "base-uri 'none'", "form-action 'none'",
].join('; ');

/** Pages live in site/ and are served from the top: site/three-ways.html as /three-ways.html. */
function pages(): Plugin {
  return {
    name: 'riffle-pages',
    enforce: 'post',
    configureServer(server) {
      server.middlewares.use((request, _, next) => {
        request.url = request.url!.replace(/^\/([\w-]+\.html)/, (path, name: string) =>
          name === 'index.html' ? path : `/site/${name}`);
        next();
      });
    },
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== 'asset' || !/^site\/.*\.html$/.test(file.fileName)) continue;
        file.fileName = file.fileName.slice('site/'.length);
        file.source = String(file.source).replaceAll('"../assets/', '"./assets/');
      }
    },
  };
}

/** Forbids everything the pages do not need. Not in development, where Vite injects styles. */
function contentSecurity(): Plugin {
  return {
    name: 'riffle-content-security',
    apply: 'build',
    transformIndexHtml: () => [{
      tag: 'meta',
      attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY },
      injectTo: 'head-prepend',
    }],
  };
}

/**
 * Has the browser fetch what the engine's worker will ask for while the page's own script is on its
 * way; the worker then finds it in the browser's cache instead of starting one round trip after another.
 */
function preloads(): Plugin {
  return {
    name: 'riffle-preloads',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (_, { bundle = {} }) => Object.keys(bundle)
        .filter((file) => /assets\/(engine-.*\.wasm|wasm_exec-.*\.js|worker-.*\.js)$/.test(file))
        .map((file) => ({
          tag: 'link',
          attrs: { rel: 'preload', as: 'fetch', crossorigin: '', href: `./${file}` },
          injectTo: 'head' as const,
        })),
    },
  };
}

/** Writes the list of files into the service worker, and a version made from their contents. */
function precache(folder: string): Plugin {
  return {
    name: 'riffle-precache',
    apply: 'build',
    writeBundle() {
      const worker = `${folder}/offline.js`;
      const files = listFiles(folder).filter((file) => file !== 'offline.js');
      const hash = createHash('sha256');
      for (const file of files) hash.update(file).update(readFileSync(`${folder}/${file}`));
      const version = hash.update(readFileSync(worker)).digest('hex').slice(0, 12);
      const names = files.map((file) => (file === 'index.html' ? './' : file));
      writeFileSync(worker, `const VERSION = ${JSON.stringify(version)};\nconst FILES = ${
        JSON.stringify(names)};\n${readFileSync(worker, 'utf8')}`);
      compress(folder);
    },
  };
}

/** Leaves .br and .gz next to every file that gets smaller, for hosts that serve them. */
function compress(folder: string): void {
  for (const file of listFiles(folder)) {
    const bytes = readFileSync(`${folder}/${file}`);
    if (bytes.length < 1024) continue;
    const params = {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS, // every browser takes 24
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    };
    writeFileSync(`${folder}/${file}.br`, brotliCompressSync(bytes, { params }));
    writeFileSync(`${folder}/${file}.gz`, gzipSync(bytes, { level: 9 }));
  }
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length + 1))
    .sort();
}

/** The tests of wasm/ use packages that are installed here. */
function borrowed(names: string[]) {
  return names.map((name) => ({ find: new RegExp(`^${name}$`), replacement: `${top}site/node_modules/${name}` }));
}

export default defineConfig({
  root: top,
  base: './',
  publicDir: 'site/public',
  cacheDir: 'site/node_modules/.vite',
  plugins: [pages(), contentSecurity(), preloads(), precache(`${top}dist/site`)],
  worker: { format: 'es' },
  build: {
    outDir: 'dist/site',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    rollupOptions: {
      input: {
        index: `${top}index.html`,
        'three-ways': `${top}site/three-ways.html`,
        offline: `${top}site/offline.ts`,
      },
      output: {
        entryFileNames: (chunk) => (chunk.name === 'offline' ? 'offline.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  test: {
    projects: [
      { extends: true, test: { name: 'unit', include: ['site/test/*.test.ts', 'wasm/test/*.test.ts'] } },
      {
        extends: true,
        resolve: { alias: borrowed(['playwright-core', 'vite']) },
        test: {
          name: 'browser',
          include: ['site/test/*.spec.ts', 'wasm/test/*.spec.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
