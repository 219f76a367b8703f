/**
 * How storage is with all pilots paused: for how long that was seen, and for how much of it the owner waited all the same.
 * Sums over bouts that are over, as of when they were added up.
 */
export interface Vain {
  readonly waitedMs: number;
  readonly ofMs: number;
  readonly atMs: number;
}

/** It counts for half of itself after so long. */
const fadesMs = 3_600_000;

/** What is left of it now. */
export function faded(vain: Vain | undefined, nowMs: number): Vain {
  if (vain === undefined) return { waitedMs: 0, ofMs: 0, atMs: nowMs };
  const left = 0.5 ** ((nowMs - vain.atMs) / fadesMs);
  return { waitedMs: left * vain.waitedMs, ofMs: left * vain.ofMs, atMs: nowMs };
}
