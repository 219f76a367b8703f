/** Ticks are a second apart; one that is due may come this much before its time, as timers are not exact. */
const earlyMs = 100;
const tickMs = 1000;

/**
 * Something that is to happen once in each span of time, and can happen at ticks only. It is due by a grid, so that it
 * keeps to the span on average: counted from the last time, a tick that comes a moment early would cost a whole tick.
 */
export class Pace {
  /** The last time that it was due, and the last time that it happened; null before the first. */
  #last: { readonly dueMs: number; readonly atMs: number } | null = null;
  readonly #phase: number;

  /**
   * The second time is half a span after the first and this part of one, 0 up to 1; half of one by default, so that it
   * comes after a whole span. A random part has many that began at one instant spread over the span.
   */
  constructor(phase = 0.5) {
    this.#phase = phase;
  }

  /** True at once, and then once in each `everyMs`: it happens now. */
  isDue(nowMs: number, everyMs: number): boolean {
    if (this.#last === null) {
      this.#last = { dueMs: nowMs + (this.#phase - 0.5) * everyMs, atMs: nowMs };
      return true;
    }
    const dueMs = this.#last.dueMs + everyMs;
    // What was late is not followed by the next right away.
    if (nowMs < dueMs - earlyMs || nowMs - this.#last.atMs < everyMs / 2) return false;
    this.#last = { dueMs: nowMs - dueMs < tickMs ? dueMs : nowMs, atMs: nowMs };
    return true;
  }

  /** The next time is at once. */
  restart(): void {
    this.#last = null;
  }
}
