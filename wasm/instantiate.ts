// Go's own loader, from the Go release that the engine is built with: a classic script that leaves `Go` in the
// global scope.
import '../dist/gen/wasm_exec.js';
import { Machine, type Door, type Exports, type GoRuntime, type Options } from './machine.ts';

/** Fetches and compiles an engine. */
export async function fetchProgram(url: string): Promise<WebAssembly.Module> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP status ${response.status}`);
  const streams = response.headers.get('content-type')?.startsWith('application/wasm');
  // A server that does not know the type of .wasm must not keep the engine from starting.
  return streams
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

/** Starts a fresh engine; `info` is asked for the host's lines of INFO. */
export async function instantiate(
  program: WebAssembly.Module,
  options: Options,
  info: Door['info'],
): Promise<Machine> {
  const go = new (globalThis as unknown as { Go: new () => GoRuntime }).Go();
  go.env = { GOGC: 'off' }; // until Machine turns it on
  let end = '';
  go.exit = (code) => (end = `the program ended with status ${code}`);
  go.importObject.riffle = { stopwatch: () => performance.now() * 1000 };
  const instance = await WebAssembly.instantiate(program, go.importObject);
  const door = { options, info } as Door;
  const scope = globalThis as unknown as { riffle?: Door };
  scope.riffle = door;
  const words = listen();
  const epitaph = () => words() || end;
  // The program ends only by accident: main waits for ever.
  const dead = go.run(instance).then(epitaph, (error: unknown) => epitaph() || String(error));
  delete scope.riffle;
  return new Machine(go, instance.exports as unknown as Exports, door, dead, epitaph);
}

/** Collects what the program writes to its standard error; returns a function that tells it. */
function listen(): () => string {
  const fs = (globalThis as unknown as { fs: { writeSync(fd: number, bytes: Uint8Array): number } }).fs;
  const decoder = new TextDecoder();
  let text = '';
  fs.writeSync = (_, bytes) => {
    text = (text + decoder.decode(bytes, { stream: true })).slice(0, 8192);
    return bytes.length;
  };
  return () => text.trim();
}
