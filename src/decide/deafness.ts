import type { Pressing } from './senses.ts';

/** A sense that was of no use is left alone for so long, and twice as long each time that it is again. */
const deafMs = 600_000;
const longestDeafMs = 7_200_000;
/** How often in a row that was so is forgotten so long after the last time was over. */
const deafTimesKeptMs = 6 * 3_600_000;
/** After so many patiences of calm the owner is trusted again as at first. */
export const forgiveness = 10;

/** Whether the sense is not acted on for a while. */
export function isDeaf({ deafUntilMs }: Pressing, nowMs: number): boolean {
  return deafUntilMs !== null && nowMs < deafUntilMs;
}

/** How often in a row the sense was of no use, as far as that is not too long ago. */
function deafTimesOf({ deafUntilMs, deafTimes = 0 }: Pressing, nowMs: number): number {
  return deafUntilMs !== null && nowMs - deafUntilMs < deafTimesKeptMs ? deafTimes : 0;
}

/** The sense after it was found to be of no use. */
export function deafened(pressing: Pressing, nowMs: number): Pressing {
  const deafTimes = deafTimesOf(pressing, nowMs) + 1;
  const forMs = Math.min(longestDeafMs, deafMs * 2 ** Math.min(deafTimes - 1, 16));
  return {
    ...pressing,
    lastStep: { way: 'up', atMs: nowMs },
    deafUntilMs: nowMs + forMs,
    deafTimes,
    worst: null,
    uselessSinceMs: null,
  };
}

/**
 * What outlasts the calm (or the loss) of a sense: that it was of no use, and the patience that was learned where the
 * calm was not seen. Undefined where there is no such thing: nothing is remembered of most senses at most times.
 */
export function dormant(
  before: Pressing | undefined,
  firstPatienceMs: number,
  nowMs: number,
): Pressing | undefined {
  if (before === undefined) return undefined;
  const sinceMs = before.dormantSinceMs ?? before.calmSinceMs ?? nowMs;
  const isForgiven = nowMs - sinceMs >= forgiveness * before.patienceMs;
  const patienceMs = isForgiven ? firstPatienceMs : before.patienceMs;
  const isWorth = deafTimesOf(before, nowMs) > 0 || patienceMs !== firstPatienceMs;
  if (!isWorth) return undefined;
  if (before.dormantSinceMs !== undefined && patienceMs === before.patienceMs) return before;
  const { deafUntilMs, deafTimes = 0, lastStep } = before;
  const quiet = { overSinceMs: null, calmSinceMs: null, worst: null, uselessSinceMs: null };
  return { ...quiet, lastStep, patienceMs, deafUntilMs, deafTimes, dormantSinceMs: sinceMs };
}

/** A record that is of use again: the owner is disturbed, or something is taken from pilots. */
export function awoken(before: Pressing): Pressing {
  if (before.dormantSinceMs === undefined) return before;
  const { dormantSinceMs: _since, ...rest } = before;
  return rest;
}
