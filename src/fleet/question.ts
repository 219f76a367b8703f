/** What is to be known of a fleet. All times are Unix milliseconds. */
export interface FleetQuestion {
  readonly nowMs: number;
  /** When today began. */
  readonly todayMs: number;
  /** A node that said nothing for so long is no longer one of the fleet. */
  readonly forgetMs: number;
  /** Whether the last 24 hours are wanted too: they cost a large fleet's database more than all else. */
  readonly course: boolean;
  /** Days whose sums are wanted too, the oldest first. */
  readonly days: readonly { readonly fromMs: number; readonly toMs: number }[];
}

/** The fleet's course is told in so many steps of so long: the last 24 hours. */
export const courseSteps = 96;
export const courseStepMs = 900_000;

const leastSilenceMs = 120_000;
/** What is expected of a node whose pace nobody knows: the default `main_sleep`. */
const usualPaceMs = 30_000;
const missedPaces = 3;

/**
 * After how long a node counts as silent: three of its paces, which lets one report be lost and one be late, and two
 * minutes at least, as what it sends may wait for a minute before it is tried again.
 */
export function silentAfterMs(paceMs: number | null): number {
  return Math.max(leastSilenceMs, missedPaces * (paceMs ?? usualPaceMs));
}
