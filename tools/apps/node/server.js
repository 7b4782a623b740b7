// The server under test, and small ways of waiting for it.
//
// These tests run libraries that people use with Redis, as they come from the registry, against the built
// riffle-server. That it is the libraries' behaviour that is tested, and not ours, is seen by running the
// same tests against the reference:
//
//     APPS_SERVER=/usr/bin/redis-server npm test
//
// Every test file starts a server of its own, on a free port and in a folder that is removed afterwards.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const built = fileURLToPath(new URL('../../../dist/riffle-server', import.meta.url));
const program = process.env.APPS_SERVER ?? built;

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

// A test that is stopped because it takes too long leaves no server behind.
const running = new Set();
process.once('SIGTERM', () => process.exit(1));
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** A running server: `host`, `port`, `url`, and `crash()`, `restart()` and `stop()`. */
class Server {
  host = '127.0.0.1';

  async start(flags) {
    this.folder = await mkdtemp(join(tmpdir(), 'riffle-apps-'));
    this.flags = [...flags, '--dir', this.folder, '--save', ''];
    if (basename(program).startsWith('riffle')) this.flags.push('--http-port', '0');
    // Somebody may take the free port before the server does: then there are others.
    for (let tries = 0; !(await this.launch(await freePort())); tries++) {
      if (tries === 5) throw new Error(`${program} does not start: ./build.sh build makes it\n${this.lines.join('\n')}`);
    }
    return this;
  }

  async launch(port) {
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.lines = [];
    this.process = spawn(program, ['--port', `${port}`, ...this.flags], { stdio: ['ignore', 'pipe', 'inherit'] });
    running.add(this.process);
    this.ended = new Promise((resolve) => this.process.once('close', resolve).once('error', resolve));
    const ready = new Promise((resolve) => {
      createInterface({ input: this.process.stdout }).on('line', (line) => {
        this.lines.push(line);
        if (line.includes('Ready to accept connections')) resolve(true);
      });
    });
    return Promise.race([ready, this.ended.then(() => false)]);
  }

  /** Ends the process without giving it a chance to save anything. */
  async crash() {
    this.process.kill('SIGKILL');
    await this.ended;
    running.delete(this.process);
  }

  /** Starts it again on the same port and folder. */
  async restart() {
    if (!(await this.launch(this.port))) throw new Error(this.lines.join('\n'));
  }

  async stop() {
    await this.crash();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Starts a server with further flags; the caller stops it. */
export const startServer = (...flags) => new Server().start(flags);

/** A promise that is settled from outside. */
export const pending = () => Promise.withResolvers?.() ?? withResolvers();

function withResolvers() {
  const all = {};
  all.promise = new Promise((resolve, reject) => Object.assign(all, { resolve, reject }));
  return all;
}

/** Collects what add() is called with; until(n) resolves with the first n of them. */
export function collector() {
  const items = [];
  const waiting = [];
  return {
    items,
    add(item) {
      items.push(item);
      for (const { n, resolve } of waiting) if (items.length >= n) resolve(items.slice(0, n));
    },
    until(n) {
      if (items.length >= n) return Promise.resolve(items.slice(0, n));
      return new Promise((resolve) => waiting.push({ n, resolve }));
    },
  };
}
