// One session of the console: a connection to the engine, what was typed, what came back.
//
// Commands are sent as they are typed and replies are matched to them in order, so several may be
// under way (a paste, or typing while BLPOP waits). What the prompt shows is derived from commands
// and their replies, as redis-cli derives it.

import type { Session } from '../../wasm/engine.ts';
import type { CommandDoc } from '../commands.ts';
import { encodeCommand, type Reply, ReplyParser, replyText, textOf } from '../resp.ts';
import { splitArguments } from '../split.ts';
import { blockingKeys } from './blocking.ts';
import type { ConsoleModel } from './console.ts';
import { Lines } from './lines.ts';
import { recall, remember } from './storage.ts';
import { Subscriptions } from './subscriptions.ts';

/** A sentence from the catalogue. */
export interface Note {
  key: string;
  values?: Record<string, string>;
}

/** One block of a transcript: a command with what it led to, or something that came by itself. */
export interface Entry {
  readonly id: number;
  /** The prompt and the line as typed; null for messages and notes that came by themselves. */
  readonly typed: { prompt: string; line: string } | null;
  readonly args: string[];
  replies: Reply[];
  help: CommandDoc[];
  notes: Note[];
  /** Whether replies are still to come. */
  pending: boolean;
  /** When it was sent, milliseconds since the epoch. */
  readonly since: number;
}

/** What replies are awaited for; entry is null where the page itself asked. */
interface Request {
  args: string[];
  entry: Entry | null;
  left: number;
  take(reply: Reply): void;
}

const MOST_ENTRIES = 1000;
const MOST_HISTORY = 500;

/** Commands that may wait for replies before more pasted lines are sent. */
const MOST_UNDER_WAY = 1000;

/** How long pasted lines may hold the page before others get their turn, in ms. */
const SLICE_MS = 8;

/** How often a session that works off a paste tells that it changed, in ms. */
const TELL_MS = 50;

let lastId = 0;

export class SessionModel extends EventTarget {
  readonly entries: Entry[] = [];
  readonly subscriptions = new Subscriptions();
  /** What stands in the input line. */
  draft = '';
  db = 0;
  inTransaction = false;
  monitoring = false;
  connected = false;
  #title: string;
  #model: ConsoleModel;
  #connection: Session | null = null;
  #parser = new ReplyParser();
  #pending: Request[] = [];
  #clientId = '';
  #dbBeforeMulti = 0;
  #silent: 'no' | 'next' | 'yes' = 'no';
  #history: string[];
  #unsaved = false;
  #lines = new Lines();
  #turn: ReturnType<typeof setTimeout> | undefined;
  #telling: ReturnType<typeof setTimeout> | undefined;

  constructor(model: ConsoleModel, title: string) {
    super();
    this.#model = model;
    this.#title = title;
    this.#history = recall(this.#historyName, []);
    this.#connect();
  }

  get title(): string {
    return this.#title;
  }

  /** Lines typed before, oldest first. */
  get history(): readonly string[] {
    return this.#history;
  }

  get prompt(): string {
    return `riffle${this.db ? `[${this.db}]` : ''}${this.inTransaction ? '(TX)' : ''}>`;
  }

  /** The command whose reply is awaited now. */
  get running(): Entry | null {
    return this.#pending.find((request) => request.entry)?.entry ?? null;
  }

  /** Whether an earlier command left the connection in a state that refuses or defers others. */
  get occupied(): boolean {
    return this.subscriptions.size > 0 || this.monitoring || this.inTransaction || this.db !== 0;
  }

  /** The keys the running command waits for, null if it is not one that waits. */
  get waitingFor(): string[] | null {
    return this.running ? blockingKeys(this.running.args) : null;
  }

  setDraft(text: string): void {
    this.draft = text;
    this.dispatchEvent(new Event('draft'));
  }

  /** Whether lines of a paste wait to be sent. */
  get busy(): boolean {
    return !this.#lines.empty;
  }

  /** Runs a typed line after those that wait, empties the input and remembers the line. */
  submit(line: string): void {
    this.setDraft('');
    this.#lines.add(line);
    this.#work();
  }

  /** Runs every whole line of a pasted text; the last one stays in the input if it has no newline. */
  paste(text: string): void {
    const rest = this.#lines.addAll(text);
    this.#work();
    this.setDraft(rest);
  }

  /**
   * Runs lines that wait. A hundred thousand of them must not hold the page, nor what is under way grow
   * without end: the rest follows in the next turn, or when replies have come.
   */
  #work(): void {
    clearTimeout(this.#turn);
    this.#turn = undefined;
    const deadline = performance.now() + SLICE_MS;
    while (!this.#lines.empty && this.#pending.length < MOST_UNDER_WAY) {
      if (performance.now() > deadline) {
        this.#turn = setTimeout(() => this.#work());
        break;
      }
      this.#runLine(this.#lines.next());
    }
    this.#changed();
  }

  #dropLines(most = 0): string[] {
    clearTimeout(this.#turn);
    return this.#lines.drop(most);
  }

  #runLine(line: string): void {
    if (!line.trim()) return;
    this.#remember(line);
    const args = splitArguments(line);
    const words = args?.map(textOf);
    if (!args || !words) this.#answer(line, { key: 'error.arguments' });
    else if (!this.#runHere(line, words)) this.#send(line, args, words);
  }

  /** Ends whatever holds this session: a blocked command, subscriptions, MONITOR. */
  async cancel(): Promise<void> {
    const { running } = this;
    if (running && this.waitingFor) {
      await this.#model.control.call('CLIENT', 'UNBLOCK', this.#clientId);
      running.notes.push({ key: 'session.cancelled' });
      this.#changed();
    } else if (this.monitoring) {
      this.submit('RESET');
    } else {
      for (const line of this.subscriptions.endings) this.submit(line);
    }
  }

  /** Resolves when no command is under way, or the one that is waits for others to act. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if ((this.running || this.busy) && !this.waitingFor) return;
        this.removeEventListener('change', look);
        resolve();
      };
      this.addEventListener('change', look);
      look();
    });
  }

  clear(): void {
    this.entries.splice(0);
    this.#changed();
  }

  rename(title: string): void {
    const name = title.trim();
    if (!name || name === this.#title) return;
    this.#save();
    this.#title = name;
    this.#history = recall(this.#historyName, this.#history);
    if (this.#connection) this.#name();
    this.#changed();
    this.#model.dispatchEvent(new Event('rename'));
  }

  close(): void {
    const connection = this.#connection;
    this.#save();
    this.#dropLines();
    this.#forget();
    connection?.close();
  }

  #connect(): void {
    const connection = this.#model.engine.open(this.#title);
    this.#connection = connection;
    this.connected = true;
    connection.onreply = (bytes) => this.#receive(bytes);
    connection.onclose = () => {
      if (this.#connection === connection) this.#closed();
    };
    this.#hidden((reply) => (this.#clientId = replyText(reply)), 'CLIENT', 'ID');
    this.#name();
  }

  /** The engine knows a session by the name on its tab, as far as CLIENT SETNAME allows it. */
  #name(): void {
    const name = this.#title.replace(/\s+/g, '-');
    if (/^[!-~]+$/.test(name)) this.#hidden(() => {}, 'CLIENT', 'SETNAME', name);
  }

  #hidden(take: (reply: Reply) => void, ...args: string[]): void {
    this.#pending.push({ args, entry: null, left: 1, take });
    this.#connection!.send(encodeCommand(args));
  }

  #send(line: string, bytes: Uint8Array[], args: string[]): void {
    if (!this.#connection) this.#connect();
    const entry = this.#add(blank({ prompt: this.prompt, line }, args));
    const left = this.#expected(args);
    entry.pending = left > 0;
    if (left) this.#pending.push({ args, entry, left, take: (reply) => entry.replies.push(reply) });
    this.#connection!.send(encodeCommand(bytes));
  }

  /** How many replies a command will get; CLIENT REPLY is how a client asks for none. */
  #expected(words: string[]): number {
    const [name, sub, mode] = words.map((word) => word.toUpperCase());
    if (name === 'CLIENT' && sub === 'REPLY') {
      this.#silent = mode === 'OFF' ? 'yes' : mode === 'SKIP' ? 'next' : 'no';
      return mode === 'OFF' || mode === 'SKIP' ? 0 : 1;
    }
    if (this.#silent === 'next') this.#silent = 'no';
    else if (this.#silent === 'no') return this.subscriptions.expected(words) || 1;
    return 0;
  }

  #receive(bytes: Uint8Array): void {
    try {
      for (const reply of this.#parser.feed(bytes)) this.#route(reply);
    } catch (problem) {
      this.#answer(null, { key: 'error.protocol', values: { detail: String(problem) } });
      const connection = this.#connection;
      this.#closed();
      connection?.close();
    }
    if (this.busy) this.#work();
    else this.#changed();
  }

  #route(reply: Reply): void {
    const request = this.#pending[0];
    if (!request || this.subscriptions.isMessage(reply) || (this.monitoring && isMonitorLine(reply))) {
      this.#add(blank(null, [])).replies.push(reply);
      return;
    }
    request.take(reply);
    // An error, or QUEUED inside MULTI, is the only reply to a SUBSCRIBE of several channels.
    request.left = this.subscriptions.confirm(reply) ? request.left - 1 : 0;
    if (request.left > 0) return;
    this.#pending.shift();
    if (!request.entry) return;
    request.entry.pending = false;
    this.#follow(request.args, reply);
  }

  /** Keeps what the prompt shows in step with what the engine accepted. */
  #follow(args: string[], reply: Reply): void {
    if (reply.kind === 'error' && args[0]!.toUpperCase() !== 'EXEC') return;
    switch (args[0]!.toUpperCase()) {
      case 'SELECT':
        this.db = Number(args[1]);
        break;
      case 'MULTI':
        this.inTransaction = true;
        this.#dbBeforeMulti = this.db;
        break;
      case 'EXEC':
      case 'DISCARD':
        if (this.inTransaction && reply.kind !== 'array') this.db = this.#dbBeforeMulti;
        this.inTransaction = false;
        break;
      case 'MONITOR':
        this.monitoring = true;
        break;
      case 'RESET':
        this.#reset();
        this.#name();
        break;
      case 'CLIENT':
        if (args[1]?.toUpperCase() === 'SETNAME' && args[2]) this.#title = args[2];
        this.#model.dispatchEvent(new Event('rename'));
        break;
    }
  }

  #reset(): void {
    this.db = 0;
    this.inTransaction = false;
    this.monitoring = false;
    this.#silent = 'no';
    this.subscriptions.clear();
  }

  /** Lets go of a connection: replies that have not come will not come any more. */
  #forget(): Entry[] {
    this.#connection = null;
    this.connected = false;
    this.#parser = new ReplyParser();
    this.#reset();
    return this.#pending.splice(0).flatMap((request) => request.entry ?? []);
  }

  #closed(): void {
    for (const entry of this.#forget()) {
      entry.pending = false;
      entry.notes.push({ key: 'session.unanswered' });
    }
    // What had not been sent must not go to another connection, which knows nothing of what went before.
    for (const line of this.#dropLines(MOST_ENTRIES)) this.#answer(line, { key: 'session.unanswered' });
    this.#answer(null, { key: 'session.closed' });
    this.#changed();
  }

  /** Runs what redis-cli runs by itself: help, clear, exit. */
  #runHere(line: string, args: string[]): boolean {
    const name = (args[0] ?? '').toLowerCase();
    if (name === 'clear' && args.length === 1) this.clear();
    else if (name === 'help' || name === '?') this.#help(line, args.slice(1));
    else if (name === 'exit' && args.length === 1) this.#exit(line);
    else return false;
    return true;
  }

  #exit(line: string): void {
    this.#answer(line, { key: 'session.closed' });
    this.close();
  }

  #help(line: string, topic: string[]): void {
    if (!topic.length) {
      this.#answer(line, { key: 'help.general' });
      return;
    }
    const entry = this.#add(blank({ prompt: this.prompt, line }, []));
    if (this.#describe(entry, topic)) return;
    entry.notes.push({ key: 'help.unavailable' });
    const learned = (): void => {
      if (!this.#describe(entry, topic)) return;
      this.#model.removeEventListener('change', learned);
      this.#changed();
    };
    this.#model.addEventListener('change', learned); // whoever asks early is answered a little later
  }

  /** Fills in the help about a topic, once the engine has described its commands. */
  #describe(entry: Entry, topic: string[]): boolean {
    const { commands } = this.#model;
    if (!commands) return false;
    const group = topic[0]!.startsWith('@') ? commands.group(topic[0]!.slice(1)) : null;
    const found = commands.find(topic);
    entry.help = group ?? (found ? [found] : []);
    entry.notes = entry.help.length ? [] : [{ key: 'help.unknown', values: { topic: topic.join(' ') } }];
    return true;
  }

  #answer(line: string | null, note: Note): void {
    this.#add(blank(line === null ? null : { prompt: this.prompt, line }, [])).notes.push(note);
  }

  #add(entry: Entry): Entry {
    this.entries.push(entry);
    if (this.entries.length > 2 * MOST_ENTRIES) this.#trim();
    return entry;
  }

  /** Lets the oldest entries go: many at a time, since all that stay have to be moved. */
  #trim(): void {
    if (this.entries.length > MOST_ENTRIES) this.entries.splice(0, this.entries.length - MOST_ENTRIES);
  }

  get #historyName(): string {
    return `history.${this.#title}`;
  }

  /** Storage takes the history whole, so it is written only when a change is told. */
  #remember(line: string): void {
    if (this.#history.at(-1) === line) return;
    this.#history.push(line);
    if (this.#history.length > MOST_HISTORY) this.#history.splice(0, this.#history.length - MOST_HISTORY);
    this.#unsaved = true;
  }

  #save(): void {
    if (this.#unsaved) remember(this.#historyName, this.#history);
    this.#unsaved = false;
  }

  /** Tells that something changed: at once, or now and then while there is a flood. */
  #changed(): void {
    if (this.busy) {
      this.#telling ??= setTimeout(() => this.#tell(), TELL_MS);
    } else {
      this.#tell();
    }
  }

  #tell(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    this.#trim();
    this.#save();
    this.dispatchEvent(new Event('change'));
  }
}

function blank(typed: Entry['typed'], args: string[]): Entry {
  return { id: ++lastId, typed, args, replies: [], help: [], notes: [], pending: false, since: Date.now() };
}

function isMonitorLine(reply: Reply): boolean {
  return reply.kind === 'status' && /^\d+\.\d+ \[/.test(reply.text);
}
