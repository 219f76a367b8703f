import type { Pressing } from './senses.ts';

/**
 * Pilots that are let run because the owner waited without them as well, in waves: whether he waits no more with them than
 * he did is seen only now.
 */
export interface Probation {
  /** Share of the time, 0 to 1, in which he waited while they were paused. */
  readonly share: number;
  /** Since when it counts how he fares with them, and for how long he has waited in waves that are over. */
  readonly sinceMs: number;
  readonly waitedMs: number;
}

/** Of less waiting than this nothing is concluded. */
const leastWaitedMs = 60_000;
/** They do harm when he waits so many times as long with them. */
const harmfulTimes = 2;

/** The beginning of it. */
export function probation(share: number, sinceMs: number): Probation {
  return { share, sinceMs, waitedMs: 0 };
}

/** What is known of it after a signal; a wave that is over is added up. */
export function followProbation(before: Pressing | undefined, pressing: Pressing, nowMs: number): Pressing {
  const { probation: running } = pressing;
  const overSinceMs = before?.overSinceMs ?? null;
  if (running === undefined || overSinceMs === null || pressing.overSinceMs !== null) return pressing;
  const waitedMs = running.waitedMs + waitedFor(running, overSinceMs, nowMs);
  return waitedMs === running.waitedMs ? pressing : { ...pressing, probation: { ...running, waitedMs } };
}

/** Whether he waits so much more with them than without that it is their doing after all. */
export function isBroken({ probation: running, overSinceMs }: Pressing, nowMs: number): boolean {
  if (running === undefined || overSinceMs === null) return false;
  const waitedMs = running.waitedMs + waitedFor(running, overSinceMs, nowMs);
  return waitedMs >= leastWaitedMs && waitedMs >= harmfulTimes * running.share * (nowMs - running.sinceMs);
}

function waitedFor({ sinceMs }: Probation, overSinceMs: number, nowMs: number): number {
  return Math.max(0, nowMs - Math.max(sinceMs, overSinceMs));
}
