import { isOnTrial, longestTrialMs } from './futility.ts';
import { type Held, isToPause } from './ladder.ts';
import { isShort } from './memoryRelief.ts';
import type { Pressing } from './senses.ts';
import type { Memory, Policy, Seen } from './types.ts';

/*
 * Who waits for storage may wait for himself. That he waits no more when pilots are paused says little, as his bursts end
 * by themselves; that he waits at once when they are let run, time after time, says that it is their doing. Without that
 * nobody is evicted for having been paused for long: he is let run again.
 */

/** He waits at once when he does so within this time. */
const promptMs = 5000;
/** So often in a row it is no chance: bursts of his own that come once in a minute do it one time in two thousand. */
const provenTimes = 3;

/** How often in a row he has waited at once when pilots were let run, when he begins to wait now. */
export function relapsesOf({ lastStep, relapses = 0 }: Pressing, nowMs: number): number {
  if (lastStep?.way !== 'up') return relapses;
  return nowMs - lastStep.atMs <= promptMs ? relapses + 1 : 0;
}

/** Whether pilots are known to be what he waits for. */
function isProven(pressing: Pressing | undefined): boolean {
  return (pressing?.relapses ?? 0) >= provenTimes;
}

/** Whether a pilot has been paused for `max_pause` for storage alone, and it has not been shown that it does any harm. */
export function isOverheld(
  policy: Policy,
  seen: Seen,
  { senses }: Pick<Memory, 'senses'>,
  held: Held | undefined,
): boolean {
  if (!isUnproven(senses.io, held) || isShort(policy, seen)) return false;
  const sinceMs = held?.pausedSinceMs ?? null;
  return sinceMs !== null && seen.sample.atMs - sinceMs >= policy.maxPauseMs;
}

/** Whether it is paused for storage alone, and it has not been shown that it does any harm. */
export function isUnproven(io: Pressing | undefined, held: Held | undefined): boolean {
  if (held?.rungs.io !== 'paused' || isProven(io)) return false;
  const { io: _io, ...others } = held.rungs;
  return !isToPause({ ...held, rungs: others });
}

/** Whether it is to be let run for that now: while it is tried whether its pause is of any use, that is waited for. */
export function isToBeLetRun(
  policy: Policy,
  seen: Seen,
  memory: Pick<Memory, 'senses'>,
  held: Held,
): boolean {
  if (!isOverheld(policy, seen, memory, held)) return false;
  const pausedMs = seen.sample.atMs - (held.pausedSinceMs ?? seen.sample.atMs);
  return !isOnTrial(memory.senses.io) || pausedMs >= policy.maxPauseMs + longestTrialMs;
}
