// What the running engine says about its commands (COMMAND DOCS), as completion, hints and help.
//
// The index knows no command by heart: an engine with one more command has one more completion.
// Matching words against a syntax follows redis-cli 7.2: required arguments stand in order, the
// optional ones between two required ones may come in any order.

import { type Reply, replyText } from './resp.ts';

/** One argument of a command, as COMMAND DOCS describes it. */
export interface Argument {
  name: string;
  type: string;
  token: string;
  optional: boolean;
  multiple: boolean;
  /** The token is repeated with each value. */
  multipleToken: boolean;
  parts: Argument[];
}

/** One command, or one sub-command of a container ("CLIENT UNBLOCK"). */
export interface CommandDoc {
  name: string;
  summary: string;
  since: string;
  group: string;
  complexity: string;
  /** A runnable example, '' where the engine gives none. */
  example: string;
  arguments: Argument[];
}

/** A piece of the syntax line: typed already, expected now, or later. */
export interface HintPart {
  text: string;
  state: 'done' | 'now' | 'later';
}

export interface Hint {
  doc: CommandDoc;
  parts: HintPart[];
}

/** Text that replaces the word being typed. */
export interface Completion {
  text: string;
  summary: string;
}

const MOST_COMPLETIONS = 40;

export class CommandIndex {
  #docs: CommandDoc[];
  #byName = new Map<string, CommandDoc>();

  constructor(docs: CommandDoc[]) {
    this.#docs = [...docs].sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const doc of this.#docs) this.#byName.set(doc.name, doc);
  }

  /** Reads the reply of COMMAND DOCS, as a map (RESP3) or as a flat array (RESP2). */
  static fromReply(reply: Reply): CommandIndex {
    const docs: CommandDoc[] = [];
    for (const [name, fields] of entries(reply)) readCommand(name, fields, docs);
    return new CommandIndex(docs);
  }

  get size(): number {
    return this.#docs.length;
  }

  /** The command that words begin with; a sub-command wins over its container. */
  find(words: readonly string[]): CommandDoc | undefined {
    const [first = '', second = ''] = words.map((word) => word.toUpperCase());
    return this.#byName.get(`${first} ${second}`) ?? this.#byName.get(first);
  }

  /** All commands of a group, in order; every command for ''. */
  group(name: string): CommandDoc[] {
    return this.#docs.filter((doc) => !name || doc.group === name.toLowerCase());
  }

  /** What may stand in place of the last word of a line. */
  complete(line: string): Completion[] {
    const { words, last } = typed(line);
    if (words.length > 0) {
      const subs = this.#subcommands(words, last);
      return subs.length ? subs : this.#tokens(words, last);
    }
    const wanted = last.toUpperCase();
    if (!wanted) return [];
    return this.#docs
      .filter((doc) => !doc.name.includes(' ') && doc.name.startsWith(wanted) && doc.name !== wanted)
      .slice(0, MOST_COMPLETIONS)
      .map((doc) => ({ text: doc.name, summary: doc.summary }));
  }

  #subcommands(words: string[], last: string): Completion[] {
    if (words.length !== 1) return [];
    const container = words[0]!.toUpperCase() + ' ';
    const wanted = container + last.toUpperCase();
    return this.#docs
      .filter((doc) => doc.name.startsWith(wanted) && doc.name !== wanted)
      .map((doc) => ({ text: doc.name.slice(container.length), summary: doc.summary }));
  }

  #tokens(words: string[], last: string): Completion[] {
    const doc = this.find(words);
    if (!doc || !last) return [];
    const { now } = match(doc.arguments, argumentWords(doc, words));
    const wanted = last.toUpperCase();
    const tokens = new Set(now.flatMap(openingTokens));
    return [...tokens]
      .filter((token) => token.startsWith(wanted) && token !== wanted)
      .map((token) => ({ text: token, summary: '' }));
  }

  /** The syntax of the command being typed, with what is expected next. */
  hint(line: string): Hint | null {
    const { words, last } = typed(line);
    const doc = this.find(words.length ? words : [last]);
    if (!doc) return null;
    const spoken = doc.name.split(' ').length;
    if (words.length < spoken) return { doc, parts: doc.arguments.map((arg) => part(arg, 'later')) };
    const { done, now } = match(doc.arguments, words.slice(spoken));
    const state = (arg: Argument): HintPart['state'] =>
      now.includes(arg) ? 'now' : done.has(arg) ? 'done' : 'later';
    return { doc, parts: doc.arguments.map((arg) => part(arg, state(arg))) };
  }
}

function part(arg: Argument, state: HintPart['state']): HintPart {
  return { text: syntaxOf(arg), state };
}

function argumentWords(doc: CommandDoc, words: string[]): string[] {
  return words.slice(doc.name.split(' ').length);
}

/** Splits a line into finished words and the one being typed ('' after a blank). */
function typed(line: string): { words: string[]; last: string } {
  const words = line.match(/"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|\S+/g) ?? [];
  const last = /(^|\s)$/.test(line) ? '' : (words.pop() ?? '');
  return { words, last };
}

/** The syntax of a whole command: `SET key value [NX | XX] [GET] ...`. */
export function syntax(doc: CommandDoc): string {
  return [doc.name, ...doc.arguments.map(syntaxOf)].join(' ');
}

function syntaxOf(arg: Argument): string {
  const value = valueSyntax(arg);
  const once = [arg.token, value].filter(Boolean).join(' ');
  const again = arg.multipleToken || !value ? once : value;
  const text = arg.multiple ? `${once} [${again} ...]` : once;
  return arg.optional ? `[${text}]` : text;
}

function valueSyntax(arg: Argument): string {
  if (arg.type === 'pure-token') return '';
  if (arg.type === 'block') return arg.parts.map(syntaxOf).join(' ');
  if (arg.type !== 'oneof') return arg.name;
  const choices = arg.parts.map(syntaxOf).join(' | ');
  return arg.optional && !arg.token ? choices : `<${choices}>`;
}

interface Match {
  done: Set<Argument>;
  /** What the next word may belong to. */
  now: Argument[];
}

function match(args: Argument[], words: string[]): Match {
  const done = new Set<Argument>();
  let at = 0;
  for (let i = 0; i < args.length; ) {
    const run = optionalRun(args, i);
    const candidates = run.length ? run : [args[i]!];
    for (;;) {
      const found = firstMatch(candidates.filter((arg) => !done.has(arg)), words, at);
      if (!found) break;
      at = found.end;
      if (found.unfinished) return { done, now: [found.arg] };
      done.add(found.arg);
      // The last word may still be continued: another value of the same list.
      if (at === words.length && found.arg.multiple) {
        return { done, now: [found.arg, ...comingNext(args, i, done)] };
      }
    }
    if (at === words.length) return { done, now: comingNext(args, i, done) };
    if (!run.length && !done.has(args[i]!)) return { done, now: [] };
    i += candidates.length;
  }
  return { done, now: [] };
}

/** What may follow: the optional arguments up to the next required one, and that one. */
function comingNext(args: Argument[], from: number, done: Set<Argument>): Argument[] {
  const open = args.slice(from).filter((arg) => !done.has(arg));
  const required = open.findIndex((arg) => !arg.optional);
  return required < 0 ? open : open.slice(0, required + 1);
}

function optionalRun(args: Argument[], start: number): Argument[] {
  let end = start;
  while (end < args.length && args[end]!.optional) end++;
  return args.slice(start, end);
}

interface Found {
  arg: Argument;
  end: number;
  /** The words ended inside this argument: its token stands there without its value. */
  unfinished: boolean;
}

function firstMatch(args: Argument[], words: string[], at: number): Found | null {
  if (at >= words.length) return null;
  for (const arg of args) {
    const end = matchMany(arg, words, at);
    if (end !== null) return { arg, end: Math.abs(end), unfinished: end < 0 };
  }
  return null;
}

/**
 * Matches an argument at a word. Returns the index behind it, minus that index if the words ended
 * before the argument did, null if it does not fit. (An argument takes a word at least, so 0 and -0
 * do not occur.)
 */
function matchMany(arg: Argument, words: string[], at: number): number | null {
  let end = matchOnce(arg, words, at, true);
  while (arg.multiple && end !== null && end > 0 && end < words.length) {
    const next = matchOnce(arg, words, end, arg.multipleToken);
    if (next === null) break;
    end = next;
  }
  return end;
}

function matchOnce(arg: Argument, words: string[], at: number, withToken: boolean): number | null {
  if (arg.token && withToken) {
    if (words[at]!.toUpperCase() !== arg.token.toUpperCase()) return null;
    at++;
    if (arg.type === 'pure-token') return at;
    if (at === words.length) return -at;
  }
  if (arg.type === 'oneof') return firstOf(arg.parts.map((choice) => matchMany(choice, words, at)));
  if (arg.type === 'block') return matchBlock(arg.parts, words, at);
  return fits(arg.type, words[at]!) ? at + 1 : null;
}

function firstOf(ends: (number | null)[]): number | null {
  return ends.find((end) => end !== null) ?? null;
}

function matchBlock(parts: Argument[], words: string[], at: number): number | null {
  for (const arg of parts) {
    if (at === words.length) return arg.optional ? at : -at;
    const end = matchMany(arg, words, at);
    if (end === null && arg.optional) continue;
    if (end === null || end < 0) return end;
    at = end;
  }
  return at;
}

function fits(type: string, word: string): boolean {
  if (type === 'integer' || type === 'unix-time') return /^[-+]?\d+$/.test(word);
  if (type === 'double') return /^[-+]?(\d|\.\d|inf)/i.test(word);
  return true;
}

function openingTokens(arg: Argument): string[] {
  if (arg.token) return [arg.token.toUpperCase()];
  if (arg.type === 'oneof') return arg.parts.flatMap(openingTokens);
  return arg.type === 'block' && arg.parts[0] ? openingTokens(arg.parts[0]) : [];
}

function readCommand(name: string, fields: Reply, docs: CommandDoc[]): void {
  const doc: CommandDoc = {
    name: name.replace('|', ' ').toUpperCase(),
    summary: '', since: '', group: '', complexity: '', example: '', arguments: [],
  };
  docs.push(doc);
  for (const [field, value] of entries(fields)) {
    if (field === 'subcommands') for (const [sub, inner] of entries(value)) readCommand(sub, inner, docs);
    else if (field === 'arguments') doc.arguments = items(value).map(readArgument);
    else if (field in doc) Object.assign(doc, { [field]: replyText(value) });
  }
}

function readArgument(reply: Reply): Argument {
  const fields = new Map(entries(reply));
  const text = (field: string): string => replyText(fields.get(field));
  const flags = items(fields.get('flags')).map(replyText);
  return {
    name: text('display_text') || text('name'),
    type: text('type'),
    token: text('token'),
    optional: flags.includes('optional'),
    multiple: flags.includes('multiple'),
    multipleToken: flags.includes('multiple_token'),
    parts: items(fields.get('arguments')).map(readArgument),
  };
}

function items(reply: Reply | undefined): Reply[] {
  return reply && 'items' in reply ? reply.items : [];
}

/** Pairs of a map, or of the flat array that stands for one in RESP2. */
function entries(reply: Reply): [string, Reply][] {
  const flat = items(reply);
  const pairs: [string, Reply][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) pairs.push([replyText(flat[i]), flat[i + 1]!]);
  return pairs;
}
