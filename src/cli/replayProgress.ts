import { spanText } from '../decide/numbers.ts';
import type { ProgressLine } from './progressLine.ts';

/** Says on a terminal how far a replay is, and how long it will take. */
export class Progress {
  readonly #line: ProgressLine;
  readonly #range: { readonly sinceMs: number; readonly untilMs: number };
  readonly #nowMs: () => number;
  readonly #sinceMs: number;

  constructor(
    line: ProgressLine,
    range: { readonly sinceMs: number; readonly untilMs: number },
    nowMs: () => number,
  ) {
    this.#line = line;
    this.#range = range;
    this.#nowMs = nowMs;
    this.#sinceMs = nowMs();
  }

  /** The first (0) or second (1) run has reached this time of the recording. */
  reached(run: 0 | 1, wallMs: number): void {
    this.#line.show(() => {
      const { sinceMs, untilMs } = this.#range;
      const part = Math.min(1, Math.max(0, (wallMs - sinceMs) / Math.max(1, untilMs - sinceMs)));
      const done = Math.max(1e-3, (run + part) / 2);
      const leftMs = ((this.#nowMs() - this.#sinceMs) * (1 - done)) / done;
      const what = run === 0 ? 'the configuration in force' : 'the other one';
      return `${Math.floor(100 * done)} % (${what}), ${spanText(leftMs)} left`;
    });
  }

  /** Takes the line away. */
  end(): void {
    this.#line.end();
  }
}
