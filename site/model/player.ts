// Plays lines into sessions as if somebody typed them, one after the other.

import type { Step } from '../examples.ts';
import type { SessionModel } from './session.ts';

const LETTER_MS = 18;
const READ_MS = 450;

/** Types steps into sessions. A second call stops the first. */
export class Player {
  #turn = 0;

  /** Resolves when the last line was answered, or is waiting, or another example took over. */
  async play(steps: readonly Step[], sessions: readonly SessionModel[]): Promise<void> {
    const turn = ++this.#turn;
    for (const session of sessions) await this.#free(session);
    for (const { session: number, line } of steps) {
      const session = sessions[number]!;
      for (let length = 1; length <= line.length; length++) {
        if (turn !== this.#turn) return;
        session.setDraft(line.slice(0, length));
        await pause(LETTER_MS);
      }
      if (turn !== this.#turn) return;
      session.submit(line);
      await session.settled();
      await pause(READ_MS);
    }
  }

  /** A session still waiting, subscribed or in a transaction could not take the first line. */
  async #free(session: SessionModel): Promise<void> {
    if (session.waitingFor) await session.cancel();
    await session.settled();
    if (session.occupied) session.submit('RESET');
    await session.settled();
  }
}

/** People who asked for less motion get the lines at once. */
function pause(milliseconds: number): Promise<void> {
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  return new Promise((resolve) => setTimeout(resolve, still ? 0 : milliseconds));
}
