import { counted } from '../decide/numbers.ts';
import type { Tick } from './tick.ts';
import type { Troubles } from './troubles.ts';

/** How long a force-stop waits for an engine that does not answer: longer than one takes to be restarted. */
export const engineAwayPatienceMs = 60_000;
/** How long a clean-up without a daemon waits for an engine that does not answer: somebody waits at a terminal. */
export const cleanUpPatienceMs = 10_000;
/** How long a force-stop tries to remove what cannot be removed: some five times. */
export const forceStopPatienceMs = 20_000;

/**
 * Makes the judge of a force-stop that was asked to end the daemon: when none of the pilots left can be removed, and
 * for this long not one has gone, it is given up; and when the engine has not told for so long what is left. Told at each tick; gives what to say then, null until then.
 */
export function createForceStopJudge(troubles: Troubles): (tick: Tick) => string | null {
  let awaySinceMs: number | null = null;
  let stuck: { readonly left: number; readonly sinceMs: number } | null = null;
  return ({ sample }) => {
    const left = sample.engine.pilots.filter((pilot) => pilot.managed).map(({ name }) => name);
    const isAsked = sample.control.forceStop && sample.terminating;
    awaySinceMs = isAsked && !sample.engine.listed ? (awaySinceMs ?? sample.atMs) : null;
    if (awaySinceMs !== null && sample.atMs - awaySinceMs >= engineAwayPatienceMs)
      return `force-stop is given up, the container engine has not answered for ${engineAwayPatienceMs / 1000} s (${sample.engine.reason}): pilots may be left, ${left.length} known`;
    const isStuck =
      isAsked && sample.engine.listed && left.length > 0 && left.every((name) => troubles.of(name) !== null);
    if (!isStuck) stuck = null;
    else if (stuck === null || left.length < stuck.left) stuck = { left: left.length, sinceMs: sample.atMs };
    if (stuck === null || sample.atMs - stuck.sinceMs < forceStopPatienceMs) return null;
    return `force-stop is given up, ${counted(left.length, 'pilot')} cannot be removed: ${left.join(', ')}`;
  };
}
