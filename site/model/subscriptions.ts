// The part of the protocol that is not request and reply: SUBSCRIBE and its family answer once per
// channel, and messages come by themselves. RESP3 marks both as pushes, RESP2 only by their words.

import { type Reply, replyText } from '../resp.ts';

const CONFIRMATIONS = ['subscribe', 'psubscribe', 'ssubscribe', 'unsubscribe', 'punsubscribe', 'sunsubscribe'];
const MESSAGES = ['message', 'pmessage', 'smessage'];

/** The channels, patterns and shard channels a connection listens to. */
export class Subscriptions {
  #names = { '': new Set<string>(), p: new Set<string>(), s: new Set<string>() };

  get size(): number {
    return this.#names[''].size + this.#names.p.size + this.#names.s.size;
  }

  /** Every channel and pattern, for people. */
  get names(): string[] {
    return Object.values(this.#names).flatMap((names) => [...names]);
  }

  /** The commands that end every subscription. */
  get endings(): string[] {
    const kinds = Object.entries(this.#names).filter(([, names]) => names.size > 0);
    return kinds.map(([kind]) => `${kind}unsubscribe`.toUpperCase());
  }

  clear(): void {
    for (const names of Object.values(this.#names)) names.clear();
  }

  /** How many confirmations a command of the family will get, 0 for any other command. */
  expected(args: readonly string[]): number {
    const name = (args[0] ?? '').toLowerCase();
    if (!CONFIRMATIONS.includes(name)) return 0;
    if (args.length > 1) return args.length - 1;
    return name.includes('un') ? Math.max(1, this.#names[kindOf(name)].size) : 0;
  }

  /** Notes a confirmation. Returns false if the reply is none. */
  confirm(reply: Reply): boolean {
    const name = firstWord(reply);
    if (!CONFIRMATIONS.includes(name)) return false;
    const channel = replyText((reply as { items: Reply[] }).items[1]);
    const names = this.#names[kindOf(name)];
    if (name.includes('un')) names.delete(channel);
    else names.add(channel);
    return true;
  }

  /** A message, or anything else that came without being asked for. */
  isMessage(reply: Reply): boolean {
    if (reply.kind === 'push') return !CONFIRMATIONS.includes(firstWord(reply));
    return this.size > 0 && reply.kind === 'array' && MESSAGES.includes(firstWord(reply));
  }
}

function kindOf(name: string): '' | 'p' | 's' {
  return name.startsWith('p') ? 'p' : name.startsWith('ss') || name.startsWith('sun') ? 's' : '';
}

function firstWord(reply: Reply): string {
  return 'items' in reply ? replyText(reply.items[0]) : '';
}
