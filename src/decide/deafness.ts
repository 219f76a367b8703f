import type { Pressing } from './senses.ts';
import { probation } from './probation.ts';
import { faded } from './vain.ts';

/** A sense that was of no use is left alone for so long, and twice as long each time that it is again. */
const deafMs = 600_000;
const longestDeafMs = 7_200_000;
/** How often in a row that was so is forgotten so long after the last time was over. */
const deafTimesKeptMs = 6 * 3_600_000;
/** The wave in which pilots are let run is over after so long: one that lasts for longer is judged as a stretch. */
const waveMs = 30_000;
/** Less time than this in vain is not worth remembering. */
const leastVainMs = 1000;
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

/** How often in a row pilots that were let run on probation turned out to do harm, as far as that is not too long ago. */
export function doubtsOf({ deafUntilMs, doubts = 0 }: Pressing, nowMs: number): number {
  return deafUntilMs !== null && nowMs - deafUntilMs < deafTimesKeptMs ? doubts : 0;
}

/**
 * The sense after it was found to be of no use. `share` of the time the owner was seen to wait with all pilots down, null
 * where that is not known: they are on probation by it, from now on or, where he waited at a stretch, once that may be over.
 */
export function deafened(
  pressing: Pressing,
  share: number | null,
  atAStretch: boolean,
  nowMs: number,
): Pressing {
  const deafTimes = deafTimesOf(pressing, nowMs) + 1;
  const forMs = Math.min(longestDeafMs, deafMs * 2 ** Math.min(deafTimes - 1, 16));
  const { vain: _vain, downSinceMs: _down, probation: _probation, ...rest } = pressing;
  const doubts = doubtsOf(pressing, nowMs);
  return {
    ...rest,
    lastStep: { way: 'up', atMs: nowMs },
    deafUntilMs: nowMs + forMs,
    deafTimes,
    worst: null,
    uselessSinceMs: null,
    ...(share === null
      ? {}
      : { probation: probation(share, nowMs + (atAStretch ? deafMs : waveMs)), doubts }),
  };
}

/** The sense after pilots on probation were seen to do harm: it is acted on again. */
export function undeafened(pressing: Pressing, nowMs: number): Pressing {
  const { probation: _over, ...rest } = pressing;
  const deafTimes = Math.max(0, deafTimesOf(pressing, nowMs) - 1);
  return { ...rest, deafUntilMs: nowMs, deafTimes, doubts: doubtsOf(pressing, nowMs) + 1 };
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
  const { deafUntilMs, deafTimes = 0, lastStep, vain, probation } = before;
  const doubts = doubtsOf(before, nowMs);
  const isVain = faded(vain, nowMs).waitedMs >= leastVainMs;
  const isJudged = isDeaf(before, nowMs) || deafTimesOf(before, nowMs) > 0 || doubts > 0 || isVain;
  const isWorth = isJudged || patienceMs !== firstPatienceMs;
  if (!isWorth) return undefined;
  if (before.dormantSinceMs !== undefined && patienceMs === before.patienceMs) return before;
  const quiet = { overSinceMs: null, calmSinceMs: null, worst: null, uselessSinceMs: null };
  return {
    ...quiet,
    lastStep,
    patienceMs,
    deafUntilMs,
    deafTimes,
    dormantSinceMs: sinceMs,
    ...(vain !== undefined && isVain ? { vain } : {}),
    ...(doubts > 0 ? { doubts } : {}),
    ...(probation !== undefined && isDeaf(before, nowMs) ? { probation } : {}),
  };
}

/** A record that is of use again: the owner is disturbed, or something is taken from pilots. */
export function awoken(before: Pressing): Pressing {
  if (before.dormantSinceMs === undefined) return before;
  const { dormantSinceMs: _since, ...rest } = before;
  return rest;
}
