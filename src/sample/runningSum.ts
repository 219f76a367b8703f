import { known, type Reading } from '../model/reading.ts';

/** What the counters of one group stand at; null for a group that is not there. */
export type Counters = readonly number[];

/**
 * Counters of many groups as one set that only grows, whoever comes and goes: to the sum goes what each group gains
 * while it is among them. One that joins brings nothing of its past along, one that leaves takes nothing away.
 */
export class RunningSum {
  readonly #sum: number[];
  /** Where each group stood when it was last added. None before the first time, when what stands there is all. */
  #last: ReadonlyMap<string, Counters> | null = null;

  /** `size` is how many counters a group has. */
  constructor(size: number) {
    this.#sum = Array.from({ length: size }, () => 0);
  }

  /** The sum so far; unknown while one of the groups is there and cannot be read, and nothing is lost by that. */
  next(groups: ReadonlyMap<string, Reading<Counters> | null>): Reading<Counters> {
    const now = new Map<string, Counters>();
    const none = this.#sum.map(() => 0);
    for (const [name, reading] of groups) {
      // One that is not there yet has no past: what it has when it comes is new.
      if (reading === null) now.set(name, none);
      else if (reading.known) now.set(name, reading.value);
      else return reading;
    }
    for (const [name, counters] of now) {
      const before = this.#last === null ? none : (this.#last.get(name) ?? counters);
      // Counters that went back are those of a new group under an old name.
      const isNew = counters.some((value, index) => value < (before[index] ?? 0));
      for (const [index, value] of counters.entries())
        this.#sum[index] = (this.#sum[index] ?? 0) + value - (isNew ? 0 : (before[index] ?? 0));
    }
    this.#last = now;
    return known([...this.#sum]);
  }
}
