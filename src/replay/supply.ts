import type { TapeFrame } from '../model/tape.ts';

/** Less of the node's CPUs than this is idle: it was full, and pilots may have wanted more than they had. */
const idleShare = 0.03;
const leastIdleCpus = 0.2;
/** So many moments of a life tell what there was for it in all of it. */
const mostMoments = 300;
const halvings = 24;
/** What had nearly all that there was would use more. */
const nearlyAll = 0.9;

/** Whether all CPUs were in use. */
export function isFull({ cpuCount, ownerCpus, pilotsCpus }: TapeFrame): boolean {
  return cpuCount - (ownerCpus ?? 0) - (pilotsCpus ?? 0) < Math.max(leastIdleCpus, idleShare * cpuCount);
}

/** What there was for one pilot, moment by moment, of a recording: tells what pilots wanted from what they got. */
export class Supply {
  readonly #wallMs: number[] = [];
  /** CPUs that one of the pilots could have: `Infinity` while some were idle. */
  readonly #cpus: number[] = [];
  /** CPUs that each had been made to do without. */
  readonly #taken: number[] = [];

  constructor(frames: Iterable<TapeFrame>) {
    for (const frame of frames) {
      this.#wallMs.push(frame.wallMs);
      const running = Math.max(1, frame.running);
      this.#cpus.push(isFull(frame) ? (frame.pilotsCpus ?? 0) / running : Number.POSITIVE_INFINITY);
      this.#taken.push(frame.takenCpus / running);
    }
  }

  /** When the recording ends and how much there is of it: null where there is none. */
  get range(): { readonly sinceMs: number; readonly untilMs: number } | null {
    const [first, last] = [this.#wallMs[0], this.#wallMs.at(-1)];
    return first === undefined || last === undefined ? null : { sinceMs: first, untilMs: last };
  }

  /**
   * CPUs that a pilot wanted which lived from and to these times and had `meanCpus` while it ran: so many that, had it
   * taken them whenever they were there, it would have had just that. `Infinity` for all of the `mostCpus` that it might
   * use: what had nearly all that there was for it would use more.
   */
  wantedBy(fromWallMs: number, toWallMs: number, meanCpus: number, mostCpus: number): number {
    const there = this.#between(fromWallMs, toWallMs, mostCpus);
    const had = (cpus: number): number =>
      there.length === 0 ? cpus : there.reduce((sum, most) => sum + Math.min(cpus, most), 0) / there.length;
    if (meanCpus >= nearlyAll * had(mostCpus)) return Number.POSITIVE_INFINITY;
    let [less, more] = [0, mostCpus];
    for (let halving = 0; halving < halvings; halving += 1) {
      const middle = (less + more) / 2;
      if (had(middle) < meanCpus) less = middle;
      else more = middle;
    }
    return more;
  }

  /** CPUs that one could have, at moments of a time. */
  #between(fromWallMs: number, toWallMs: number, mostCpus: number): readonly number[] {
    const from = this.#firstAfter(fromWallMs);
    const to = this.#firstAfter(toWallMs);
    const stride = Math.max(1, (to - from) / mostMoments);
    const there: number[] = [];
    for (let at = from; at < to; at += stride) {
      const index = Math.floor(at);
      there.push(Math.min(this.#cpus[index] ?? 0, mostCpus - (this.#taken[index] ?? 0)));
    }
    return there;
  }

  /** By halving: times ascend, but where somebody put the clock back. */
  #firstAfter(wallMs: number): number {
    let [from, to] = [0, this.#wallMs.length];
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      if ((this.#wallMs[middle] ?? 0) > wallMs) to = middle;
      else from = middle + 1;
    }
    return from;
  }
}
