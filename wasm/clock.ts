/**
 * The time as the engine wants it: microseconds since 1970, never going back.
 *
 * `Date.now()` is right but coarse, `performance.now()` is fine but drifts from the wall and stands
 * still while a computer sleeps. So the fine one counts from an anchor on the wall, and the anchor is
 * set anew when the two disagree by more than a twentieth of a second.
 */
export class Clock {
  private anchor = Date.now() - performance.now();
  /** What `now` returned last. */
  last = 0;
  /** performance.now() as of then. */
  fine = 0;

  /** Microseconds since 1970. */
  now(): number {
    const wall = Date.now();
    const fine = (this.fine = performance.now());
    if (Math.abs(this.anchor + fine - wall) > 50) this.anchor = wall - fine;
    this.last = Math.max(this.last, Math.floor((this.anchor + fine) * 1000));
    return this.last;
  }
}
