import type { Pilot } from '../model/pilot.ts';

/** What is asked of the engine's pilots at each tick, however little has changed. */
export interface Census {
  /** Those that are ours to manage, and the same by name. */
  readonly managed: readonly Pilot[];
  readonly byName: ReadonlyMap<string, Pilot>;
  /** Those of them that run or are paused. */
  readonly alive: readonly Pilot[];
  readonly running: number;
  /** The same of what only takes room. */
  readonly unmanaged: number;
}

/** A list of pilots never changes, and is the same from tick to tick while nothing happens. */
const taken = new WeakMap<readonly Pilot[], Census>();

/** Counts these pilots; of the same list it is reckoned once. */
export function censusOf(pilots: readonly Pilot[]): Census {
  const before = taken.get(pilots);
  if (before !== undefined) return before;
  const managed = pilots.filter((pilot) => pilot.managed);
  const alive = managed.filter(takesRoom);
  const census: Census = {
    managed,
    byName: new Map(managed.map((pilot) => [pilot.name, pilot])),
    alive,
    running: alive.length,
    unmanaged: pilots.filter(takesRoom).length - alive.length,
  };
  taken.set(pilots, census);
  return census;
}

function takesRoom({ state }: Pilot): boolean {
  return state === 'running' || state === 'paused';
}
