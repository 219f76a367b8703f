import type { Action } from '../model/action.ts';
import type { Pilot } from '../model/pilot.ts';
import { type Held, limitOf } from './ladder.ts';
import { followHeld } from './postures.ts';
import { isAlive, isInFlight } from './slots.ts';
import type { Memory, Sample, Seen } from './types.ts';

/** A pause or a limit that is on its way is waited for, this long at most: what undoes it must not overtake it. */
const patienceMs = 5000;

/** Whether something that we take from a pilot is under way still, so that giving it back has to wait. */
export function mustWait(seen: Seen): boolean {
  return seen.sample.inFlight.some(
    ({ action, sinceMs }) =>
      (action.do === 'pause' || action.do === 'shrink') && seen.sample.atMs - sinceMs < patienceMs,
  );
}

/**
 * Gives back everything that was taken, at the daemon's end, or at that of its work on this engine: nobody would do it
 * then. Pilots that were paused by somebody else stay as they are. What is not known to be given back stays in the
 * records, so that the next daemon goes on with it: this one does not live to see what comes of it.
 */
export function giveBack(seen: Seen, memory: Memory): { actions: readonly Action[]; memory: Memory } {
  const { sample } = seen;
  const alive = givable(memory.held, sample);
  const text = sample.terminating ? 'the daemon ends' : 'another engine is used from now on';
  const reason = { rule: 'pause', text } as const;
  const held = followHeld(memory.held, sample, alive).map((one) =>
    alive.has(one.pilot) ? toGiveBack(one) : one,
  );
  const actions = held.flatMap((one): Action[] => {
    const pilot = alive.get(one.pilot);
    if (pilot === undefined) return [];
    const target = { id: pilot.id, name: pilot.name, why: reason };
    const isFrozen = pilot.state === 'paused' && one.pausedSinceMs !== null;
    return [
      ...(one.cpusSet ? [] : [{ do: 'shrink', ...target, cpus: limitOf(one) } as const]),
      ...(isFrozen && !isInFlight(sample, 'thaw', pilot.name) ? [{ do: 'thaw', ...target } as const] : []),
    ];
  });
  return { actions, memory: { ...memory, held } };
}

/** Pilots that may be given back what was taken, by name: ours, and those that were ours when it was. */
export function givable(held: readonly Held[], { engine }: Sample): ReadonlyMap<string, Pilot> {
  const ids = new Set(held.flatMap((one) => one.id ?? []));
  const pilots = engine.pilots.filter((pilot) => isAlive(pilot) && (pilot.managed || ids.has(pilot.id)));
  return new Map(pilots.map((pilot) => [pilot.name, pilot]));
}

/** The record of a pilot that is to have everything back, whichever sense took it. */
function toGiveBack(one: Held): Held {
  return { ...one, rungs: {}, cpus: null, cpusSet: one.cpusSet && one.cpus === null };
}
