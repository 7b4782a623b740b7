// Prints what the page weighs: the engine raw, gzipped and under brotli, the files that a first view
// fetches, and the largest symbols of the engine, which say where the bytes are. `size.mjs budget` looks
// at the weights that have a limit alone, and fails if one is over it.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const symbolsShown = 40;

// What may travel, in bytes under brotli: the core engine, all that a first visit to the console fetches, and
// the engine with all commands, which is fetched when one of them is needed. Limits only ever go down.
const budgets = { engine: 700_000, 'first view': 800_000, 'full engine': 1_200_000 };

const brotli = (bytes) =>
  brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;

function row(name, bytes) {
  const cells = [bytes.length, gzipSync(bytes, { level: 9 }).length, brotli(bytes)];
  console.log(name.padEnd(44), ...cells.map((n) => String(n).padStart(10)));
  return cells;
}

function* files(folder) {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else yield path;
  }
}

function folderTable(folder) {
  console.log(`\n${folder}`.padEnd(45), ...['raw', 'gzip', 'brotli'].map((word) => word.padStart(10)));
  const total = [0, 0, 0];
  for (const path of files(folder)) {
    if (path.endsWith('.map') || path.endsWith('.br') || path.endsWith('.gz')) continue;
    row(path.slice(folder.length + 1), readFileSync(path)).forEach((n, i) => (total[i] += n));
  }
  console.log('all files'.padEnd(44), ...total.map((n) => String(n).padStart(10)));
}

// symbols builds the core engine once more with its names, which the shipped one leaves out, and prints the
// largest functions and what each package's functions take together. (go tool nm does not read wasm.)
function symbols() {
  const folder = mkdtempSync(join(tmpdir(), 'size-'));
  try {
    const path = join(folder, 'engine.wasm');
    const env = { ...process.env, GOOS: 'js', GOARCH: 'wasm' };
    execFileSync('go', ['run', './tools/lean', join(folder, 'lean')], { stdio: 'inherit' });
    const lean = [`-modfile=${folder}/lean/lean.mod`, `-overlay=${folder}/lean/overlay.json`, '-tags=core'];
    execFileSync('go', ['build', ...lean, '-trimpath', '-ldflags=-w', '-o', path, './wasm/browser'], { env, stdio: 'inherit' });
    const { functions, data } = measure(readFileSync(path));
    console.log(`\ndata ${data} bytes, ${functions.length} functions, the largest:`);
    print(functions, symbolsShown);
    const packages = new Map();
    for (const [name, size] of functions) {
      const owner = name.match(/^(.*\/)?[^./]+/)?.[0] ?? '?';
      packages.set(owner, (packages.get(owner) ?? 0) + size);
    }
    console.log('\nby package:');
    print([...packages], symbolsShown / 2);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function print(sizes, count) {
  sizes.sort((a, b) => b[1] - a[1]);
  for (const [name, size] of sizes.slice(0, count)) console.log(String(size).padStart(10), name);
}

// measure reads a WebAssembly module: its functions with their sizes, and the size of its data.
function measure(bytes) {
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  const text = () => {
    const length = number();
    at += length;
    return bytes.toString('utf8', at - length, at);
  };
  const sizes = [];
  const names = new Map();
  let imported = 0;
  let data = 0;
  while (at < bytes.length) {
    const section = bytes[at++];
    const end = number() + at;
    if (section === importSection) imported = importedFunctions(number, text, () => bytes[at++]);
    if (section === dataSection) data = end - at;
    if (section === codeSection) {
      for (let left = number(); left > 0; left--) {
        const size = number();
        sizes.push(size);
        at += size;
      }
    }
    if (section === customSection && text() === 'name') {
      while (at < end) {
        const kind = bytes[at++];
        const stop = number() + at;
        if (kind === functionNames) for (let left = number(); left > 0; left--) names.set(number(), text());
        at = stop;
      }
    }
    at = end;
  }
  return { functions: sizes.map((size, i) => [names.get(i + imported) ?? `function ${i}`, size]), data };
}

// The numbers of sections, and of the part of the name section that names functions.
const customSection = 0;
const importSection = 2;
const codeSection = 10;
const dataSection = 11;
const functionNames = 1;

// importedFunctions counts the imports, which come first in the numbering; Go's are all functions.
function importedFunctions(number, text, byte) {
  const count = number();
  for (let left = count; left > 0; left--) {
    text();
    text();
    if (byte() !== 0) throw new Error('an import that is no function');
    number();
  }
  return count;
}

// firstView is what index.html and the files it leads to weigh, as the build packed them. Every asset but the
// full engine is one of those.
function firstView(site) {
  const packed = (path) => statSync(existsSync(`${path}.br`) ? `${path}.br` : path).size;
  const weights = { engine: 0, 'first view': packed(join(site, 'index.html')), 'full engine': 0 };
  for (const path of files(join(site, 'assets'))) {
    if (['.br', '.gz', '.map'].includes(extname(path))) continue;
    if (basename(path).startsWith('complete-')) {
      weights['full engine'] += packed(path);
      continue;
    }
    weights['first view'] += packed(path);
    if (path.endsWith('.wasm')) weights.engine += packed(path);
  }
  return weights;
}

function checkBudgets() {
  for (const [name, weight] of Object.entries(firstView('dist/site'))) {
    const over = weight === 0 || weight > budgets[name];
    console.log(`${name.padEnd(12)} ${weight} bytes of ${budgets[name]}${over ? ': OVER THE BUDGET' : ''}`);
    if (over) process.exitCode = 1;
  }
}

checkBudgets();
if (process.argv[2] !== 'budget') {
  folderTable('dist/gen');
  folderTable('dist/site');
  symbols();
}
