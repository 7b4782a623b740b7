// The page's own connection: it asks the engine about itself and ends other sessions' waits.
// It is never shown, and it sends nothing unless the page needs an answer.

import type { Engine, Session } from '../../wasm/engine.ts';
import { encodeCommand, type Reply, ReplyParser } from '../resp.ts';

/** A request and its reply as a promise; replies come in the order of requests. */
export class Control {
  #engine: Engine;
  #session: Session | null = null;
  #waiting: ((reply: Reply) => void)[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Sends a command. If the engine ends the connection first, the reply is an error. */
  call(...args: string[]): Promise<Reply> {
    this.#session ??= this.#open();
    const session = this.#session;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      session.send(encodeCommand(args));
    });
  }

  #open(): Session {
    const parser = new ReplyParser();
    const session = this.#engine.open('console');
    session.onreply = (bytes) => {
      for (const reply of parser.feed(bytes)) this.#waiting.shift()?.(reply);
    };
    session.onclose = () => {
      this.#session = null;
      for (const resolve of this.#waiting.splice(0)) resolve({ kind: 'error', text: 'ERR connection closed' });
    };
    return session;
  }
}
