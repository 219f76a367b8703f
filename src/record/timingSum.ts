import { type Timings, timingBoundsMs } from './nodeFacts.ts';

/** Adds up durations. */
export class TimingSum {
  #count = 0;
  #sumMs = 0;
  readonly #atMost: number[] = timingBoundsMs.map(() => 0);

  add(ms: number): void {
    this.#count += 1;
    this.#sumMs += ms;
    for (let index = timingBoundsMs.length - 1; index >= 0 && ms <= (timingBoundsMs[index] ?? 0); index -= 1)
      this.#atMost[index] = (this.#atMost[index] ?? 0) + 1;
  }

  /** What they are up to now. */
  read(): Timings {
    return { count: this.#count, sumMs: this.#sumMs, atMost: [...this.#atMost] };
  }
}
