import type { Action } from '../model/action.ts';
import type { Pilot } from '../model/pilot.ts';
import { rulesOf } from './kindPolicy.ts';
import { hasRun, lifeFactsOf, outcomeOf } from './outcome.ts';
import { neverStarted } from './slots.ts';
import type { Memory, Policy, Seen } from './types.ts';

/** An ended container makes way for starts for at most this long: removal and start contend within the engine. */
const patienceMs = 10_000;

/**
 * Containers of ours that have ended, or were made and never started, are read and removed. While starts are under way
 * the newest of them wait, one for each pilot of the limit: more would pile up behind pilots that end at once.
 */
export function reaping(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  managed: readonly Pilot[],
  startsNow: boolean,
): Action[] {
  const { sample } = seen;
  const starting = startsNow || sample.inFlight.some(({ action }) => action.do === 'start');
  // What was only made when the engine was last heard of may run by now.
  const isToday = sample.engine.listed && sample.engine.state === 'answering';
  const spares = new Set(memory.spares.pilots.map((one) => one.pilot));
  const leaving = new Map(memory.leaving.map((one) => [one.pilot, one]));
  return managed
    .filter(
      (pilot) =>
        pilot.state === 'ended' || (isToday && neverStarted(pilot, sample) && !spares.has(pilot.name)),
    )
    .toSorted((a, b) => b.stateSinceMs - a.stateSinceMs)
    .filter(
      (pilot, index) => !starting || index >= policy.limit || sample.atMs - pilot.stateSinceMs >= patienceMs,
    )
    .map((pilot) => ({
      do: 'reap',
      id: pilot.id,
      name: pilot.name,
      outcome:
        pilot.state === 'created' && !hasRun(pilot)
          ? 'never-started'
          : (leaving.get(pilot.name)?.outcome ?? outcomeOf(rulesOf(policy, pilot), pilot.end)),
      life: lifeFactsOf(pilot, leaving.get(pilot.name)),
    }));
}
