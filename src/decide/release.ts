import type { Action } from '../model/action.ts';
import type { Pilot } from '../model/pilot.ts';
import { isInFlight } from './slots.ts';
import type { Memory, Seen } from './types.ts';

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
 * Gives back everything that was taken, at the daemon's end: nobody would do it then. Pilots that were paused by somebody
 * else stay as they are.
 */
export function giveBack(
  seen: Seen,
  memory: Memory,
  managed: readonly Pilot[],
): { actions: readonly Action[]; memory: Memory } {
  const reason = { rule: 'pause', text: 'the daemon ends' } as const;
  const actions = memory.held.flatMap((one): Action[] => {
    const pilot = managed.find(({ name }) => name === one.pilot);
    if (pilot === undefined) return [];
    const target = { id: pilot.id, name: pilot.name, why: reason };
    const isCut = one.cpus !== null || !one.cpusSet;
    const isFrozen = pilot.state === 'paused' && one.pausedSinceMs !== null;
    return [
      ...(isCut ? [{ do: 'shrink', ...target, cpus: null } as const] : []),
      ...(isFrozen && !isInFlight(seen.sample, 'thaw', pilot.name)
        ? [{ do: 'thaw', ...target } as const]
        : []),
    ];
  });
  return { actions, memory: memory.held.length === 0 ? memory : { ...memory, held: [] } };
}
