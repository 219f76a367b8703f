import type { PilotTrees } from '../act/pilotCgroup.ts';
import { raiseLoweredLimit } from '../act/pilotReclaim.ts';
import type { Log } from '../model/log.ts';
import type { Pilot } from '../model/pilot.ts';

/** What it takes to find the limits that a daemon of before has left. */
export interface LoweredLimitParts {
  readonly log: Log;
  /** Where the cgroup of a container of ours is; null where it is out of reach. */
  readonly treesOf: (id: string) => PilotTrees | null;
}

/**
 * Makes what is to be called with each listing. With the first one, pilots that run get back the memory that a daemon of
 * before was just asking the kernel to swap out when it was killed: a limit left so low would slow them down for good.
 * Later ones do nothing: a limit that is lowered then is our own, for a moment.
 */
export function createLimitRaiser({ log, treesOf }: LoweredLimitParts): (pilots: readonly Pilot[]) => void {
  let isDone = false;
  return (pilots) => {
    if (isDone) return;
    isDone = true;
    for (const { id, name } of pilots.filter(({ managed, state }) => managed && state !== 'ended')) {
      const trees = treesOf(id);
      const limit = trees === null ? null : raiseLoweredLimit(trees, id);
      if (limit !== null)
        log.info(
          `${name} may hold all of its memory again: a daemon of before had lowered memory.high to ${limit} bytes, and did not live to raise it`,
        );
    }
  };
}
