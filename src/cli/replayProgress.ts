import { spanText } from '../decide/numbers.ts';

/** Terminals are told so often; the first estimate waits until it is worth something. */
const everyMs = 250;
const firstAfterMs = 1000;

/** Says on a terminal how far a replay is, and how long it will take; says nothing elsewhere. */
export class Progress {
  readonly #to: { readonly isTTY?: boolean; write(text: string): unknown };
  readonly #range: { readonly sinceMs: number; readonly untilMs: number };
  readonly #nowMs: () => number;
  readonly #sinceMs: number;
  #toldMs = Number.NEGATIVE_INFINITY;
  #isShown = false;

  constructor(
    to: { readonly isTTY?: boolean; write(text: string): unknown },
    range: { readonly sinceMs: number; readonly untilMs: number },
    nowMs: () => number,
  ) {
    this.#to = to;
    this.#range = range;
    this.#nowMs = nowMs;
    this.#sinceMs = nowMs();
  }

  /** The first (0) or second (1) run has reached this time of the recording. */
  reached(run: 0 | 1, wallMs: number): void {
    const nowMs = this.#nowMs();
    if (this.#to.isTTY !== true || nowMs - this.#sinceMs < firstAfterMs || nowMs - this.#toldMs < everyMs)
      return;
    this.#toldMs = nowMs;
    this.#isShown = true;
    const { sinceMs, untilMs } = this.#range;
    const part = Math.min(1, Math.max(0, (wallMs - sinceMs) / Math.max(1, untilMs - sinceMs)));
    const done = Math.max(1e-3, (run + part) / 2);
    const leftMs = ((nowMs - this.#sinceMs) * (1 - done)) / done;
    const what = run === 0 ? 'the configuration in force' : 'the other one';
    this.#to.write(`\r\u001b[K${Math.floor(100 * done)} % (${what}), ${spanText(leftMs)} left`);
  }

  /** Takes the line away. */
  end(): void {
    if (this.#isShown) this.#to.write('\r\u001b[K');
  }
}
