import { known, type Reading } from '../model/reading.ts';

/**
 * Counters of many groups as one set that only grows, whoever comes and goes: to the sum goes what each group gains
 * while it is among them. One that joins brings nothing of its past along, one that leaves takes nothing away.
 */
export class RunningSum<T> {
  readonly #countersOf: (value: T) => readonly number[];
  #sum: number[] = [];
  /** Where each group stood when it was last added. None before the first time, when what stands there is all. */
  #last: ReadonlyMap<string, readonly number[]> | null = null;
  #seen: { readonly names: readonly string[]; readonly readings: readonly (Reading<T> | null)[] } | null =
    null;
  #told: Reading<readonly number[]> = known([]);

  /** `countersOf` gives a group's counters, always as many. */
  constructor(countersOf: (value: T) => readonly number[]) {
    this.#countersOf = countersOf;
  }

  /**
   * The sum so far, of these groups and what was read of each; null for one that is not there. Unknown while one of them
   * is there and cannot be read, and nothing is lost by that. The very same readings as before are told the very same.
   */
  next(names: readonly string[], readings: readonly (Reading<T> | null)[]): Reading<readonly number[]> {
    const isSame = this.#seen?.names === names && areTheSame(this.#seen.readings, readings);
    if (!isSame) this.#told = this.#add(names, readings);
    this.#seen = { names, readings };
    return this.#told;
  }

  #add(names: readonly string[], readings: readonly (Reading<T> | null)[]): Reading<readonly number[]> {
    const hidden = readings.find((reading) => reading !== null && !reading.known);
    if (hidden !== null && hidden !== undefined && !hidden.known) return hidden;
    const now = new Map<string, readonly number[]>();
    readings.forEach((reading, index) => {
      // One that is not there yet has no past: what it has when it comes is new.
      const counters = reading?.known === true ? this.#countersOf(reading.value) : [];
      const name = names[index] ?? '';
      now.set(name, counters);
      this.#gain(counters, this.#last === null ? [] : (this.#last.get(name) ?? counters));
    });
    this.#last = now;
    return known([...this.#sum]);
  }

  #gain(counters: readonly number[], before: readonly number[]): void {
    // Counters that went back are those of a new group under an old name.
    const isNew = counters.some((value, index) => value < (before[index] ?? 0));
    this.#sum = counters.reduce((sum, value, index) => {
      sum[index] = (sum[index] ?? 0) + value - (isNew ? 0 : (before[index] ?? 0));
      return sum;
    }, this.#sum);
  }
}

function areTheSame(some: readonly unknown[], others: readonly unknown[]): boolean {
  return some.length === others.length && some.every((one, index) => one === others[index]);
}
