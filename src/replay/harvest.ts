import type { Outcome } from '../model/pilot.ts';
import type { Rule } from '../model/reason.ts';

/** What became of a node over a time, by a policy or in reality. Null: it cannot be told. */
export interface Harvest {
  /** The time that is known, in hours; what lies between recordings is not in it. */
  readonly hours: number;
  /** CPU hours that the owner left, that pilots had of them, and those that evicted or lost pilots had had. */
  readonly leftCpuHours: number;
  readonly harvestedCpuHours: number;
  readonly wastedCpuHours: number;
  /** Mean number of pilots that ran. */
  readonly running: number;
  readonly started: number;
  /** Pilots that ended, by how it went. */
  readonly ends: Readonly<Partial<Record<Outcome, number>>>;
  /** Those that were evicted, by the rule that did it. */
  readonly evictedBy: Readonly<Partial<Record<Rule, number>>>;
  /** Share of the time in which one more pilot was refused, by the most fundamental rule that did. */
  readonly refusedBy: Readonly<Partial<Record<Rule, number>>>;
  /** Share of time in which the owner waited for CPUs that pilots had, as the daemon reckons it. */
  readonly ownerDelayShare: number | null;
  /** The most memory that was missing of the owner's reserve while pilots held some; 0 for none. */
  readonly worstShortBytes: number;
  /** When that was, Unix milliseconds; null when none was missing. */
  readonly worstShortWallMs: number | null;
  /** Pilots that the kernel killed because memory was out. */
  readonly outOfMemory: number;
  /** By kind; of those without a name, under an empty one. */
  readonly kinds: Readonly<Record<string, KindHarvest>>;
}

/** What became of the pilots of one kind. */
export interface KindHarvest {
  readonly started: number;
  readonly cpuHours: number;
}

/** How many of each. */
export class Counts<Key extends string> {
  readonly #counts = new Map<Key, number>();

  add(key: Key, amount = 1): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + amount);
  }

  get(key: Key): number {
    return this.#counts.get(key) ?? 0;
  }

  /** Each over `whole`. */
  over(whole: number): Partial<Record<Key, number>> {
    const parts = [...this.#counts].map(([key, count]) => [key, whole === 0 ? 0 : count / whole]);
    return Object.fromEntries(parts) as Partial<Record<Key, number>>;
  }

  all(): Partial<Record<Key, number>> {
    return this.over(1);
  }
}
