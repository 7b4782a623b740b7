// The model of a page: the engine, its sessions, and what the engine says of its commands.
// Every element gets this one object; elements never talk to each other.

import type { Engine, Policy, Status } from '../../wasm/engine.ts';
import { CommandIndex } from '../commands.ts';
import type { Home } from '../home.ts';
import { Control } from './control.ts';
import { SessionModel } from './session.ts';

/** What an engine with storage of its own offers when a part of it could not be read. */
interface Rescuer {
  /** That part as a file, null if there is none. */
  rescue(): Promise<Blob | null>;
  /** Deletes it. */
  discard(): void;
}

/** How long the page may be busy before the commands are asked about all the same, in ms. */
const IDLE_MS = 1000;

/** Fires 'change' when the list of sessions, the engine's status or the command index changed, and 'rename'. */
export class ConsoleModel extends EventTarget {
  readonly engine: Engine;
  /** The engines that the page could use, this one among them. */
  readonly homes: readonly Home[];
  readonly control: Control;
  readonly sessions: SessionModel[] = [];
  commands: CommandIndex | null = null;

  constructor(engine: Engine, homes: readonly Home[] = [engine.status.home]) {
    super();
    this.engine = engine;
    this.homes = homes;
    this.control = new Control(engine);
    engine.addEventListener('status', () => this.dispatchEvent(new Event('change')));
    void this.#learn();
  }

  get status(): Status {
    return this.engine.status;
  }

  /** Opens a session; without a name it gets the first free number. */
  open(title = this.#freeTitle()): SessionModel {
    const session = new SessionModel(this, title);
    this.sessions.push(session);
    this.dispatchEvent(new Event('change'));
    return session;
  }

  close(session: SessionModel): void {
    this.sessions.splice(this.sessions.indexOf(session), 1);
    session.close();
    this.dispatchEvent(new Event('change'));
  }

  setPolicy(policy: Policy): void {
    this.engine.setPolicy(policy);
  }

  /** The engine's way to hand out what it could not read, null if it has none. */
  get rescuer(): Rescuer | null {
    return 'rescue' in this.engine ? (this.engine as Engine & Rescuer) : null;
  }

  takeOver(): void {
    this.engine.takeOver();
  }

  #freeTitle(): string {
    const taken = new Set(this.sessions.map((session) => session.title));
    for (let number = 1; ; number++) if (!taken.has(`session-${number}`)) return `session-${number}`;
  }

  /** Asks about the commands once the engine answers and the page is idle: the first view can do without. */
  async #learn(): Promise<void> {
    await this.control.call('HELLO', '3');
    await idle();
    const docs = await this.control.call('COMMAND', 'DOCS');
    if (docs.kind !== 'map') return;
    this.commands = CommandIndex.fromReply(docs);
    this.dispatchEvent(new Event('change'));
  }
}

/** Resolves when the page has nothing to do, or soon after. */
function idle(): Promise<void> {
  return new Promise((resolve) => {
    if ('requestIdleCallback' in globalThis) requestIdleCallback(() => resolve(), { timeout: IDLE_MS });
    else setTimeout(resolve);
  });
}
