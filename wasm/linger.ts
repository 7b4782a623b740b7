/** How long a thread is kept awake after it has served somebody, in ms. */
const LINGER_MS = 1;

/**
 * Keeps a worker's thread awake for a moment after a request. Who asks one thing after another asks again as
 * soon as the answer is there, and waking a thread that sleeps costs both sides more than the request itself.
 */
export class Linger {
  private readonly turns = new MessageChannel();
  private until = 0;
  /** Whether the thread is kept awake now. */
  awake = false;

  constructor() {
    this.turns.port1.onmessage = () => this.turn();
  }

  /** Somebody was served just now. */
  extend(): void {
    this.until = performance.now() + LINGER_MS;
    if (this.awake) return;
    this.awake = true;
    this.turns.port2.postMessage(null);
  }

  private turn(): void {
    this.awake = performance.now() < this.until;
    if (this.awake) this.turns.port2.postMessage(null);
  }
}
