// Builds the pages into dist/site. The engine (dist/gen/engine.wasm, complete.wasm and wasm_exec.js) is there
// before this runs; it becomes an asset with a hashed name like every other.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build, type Plugin, type Rolldown } from 'vite';
import { defineConfig } from 'vitest/config';

const top = fileURLToPath(new URL('..', import.meta.url));
const TARGET = 'es2022';

/** What a page may use, its inline script being known by its hash. */
const policy = (script: string) => [
  "default-src 'none'", `script-src 'self' 'wasm-unsafe-eval' 'sha256-${script}'`, "style-src 'self'",
  "img-src 'self'", "connect-src 'self'", "worker-src 'self'", "base-uri 'none'", "form-action 'none'",
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

/**
 * Writes site/early.ts into the head of every page, where it runs before anything else is fetched, and forbids
 * everything the pages do not need. Not in development, where Vite injects styles and the engine starts late.
 */
function early(): Plugin {
  return {
    name: 'riffle-early',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      async handler(html, { bundle = {} }) {
        const script = await bundled('site/early.ts', {
          WORKER: asset(bundle, 'worker', 'js'),
          WASM: asset(bundle, 'engine', 'wasm'),
          FULL: asset(bundle, 'complete', 'wasm'),
        });
        const hash = createHash('sha256').update(script).digest('base64');
        // Ahead of the style sheet, which it would have to wait for otherwise.
        const allowed = `<meta http-equiv="Content-Security-Policy" content="${policy(hash)}">`;
        const charset = '<meta charset="utf-8">';
        return html.replace(charset, () => `${charset}\n${allowed}\n<script>${script}</script>`);
      },
    },
  };
}

/** The address of a file with a hashed name. */
function asset(bundle: Rolldown.OutputBundle, name: string, extension: string): string {
  const file = Object.keys(bundle).find((path) => new RegExp(`assets/${name}-[^/]*\\.${extension}$`).test(path));
  if (!file) throw new Error(`the bundle has no ${name}.${extension}`);
  return `./${file}`;
}

/** A script and all it imports as one text, with constants filled in. */
async function bundled(entry: string, constants: Record<string, string>): Promise<string> {
  const define = Object.fromEntries(Object.entries(constants).map(([name, value]) => [name, JSON.stringify(value)]));
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    define,
    build: { write: false, target: TARGET, lib: { entry: top + entry, formats: ['iife'], name: 'early' } },
  });
  const [{ output }] = result as [Rolldown.RolldownOutput];
  return output[0].code.trim();
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
  plugins: [pages(), early(), precache(`${top}dist/site`)],
  worker: { format: 'es' },
  build: {
    outDir: 'dist/site',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: TARGET,
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
