import { type Action, actionKey } from '../../src/model/action.ts';
import { isThere } from '../../src/replay/body.ts';
import { type Instant, type Plan, simulation } from './simulation.ts';

/** What became of a node over a simulated time. */
export interface Measures {
  readonly hours: number;
  /** Verbs begun, by what they do; one that is repeated while it is under way counts once. */
  readonly verbs: Readonly<Record<Action['do'], number>>;
  /** CPU time of pilots over what the owner left of the node. */
  readonly harvest: number;
  /** CPU time that the owner wanted and pilots had instead, over what he wanted. */
  readonly ownerLoss: number;
  /** CPU time of pilots that were evicted before they were done, over that of all. */
  readonly wasted: number;
  /** The longest time in which memory was below the reserve while pilots held any. */
  readonly belowReserveMs: number;
  readonly outOfMemoryKills: number;
  /** Mean number of pilots that run. */
  readonly running: number;
  /** Share of the time in which the owner waited for storage, whoever's doing it was. */
  readonly ownerDiskWaits: number;
}

const noVerbs: Record<Action['do'], number> = {
  start: 0,
  prepare: 0,
  discard: 0,
  stop: 0,
  reap: 0,
  shrink: 0,
  pause: 0,
  thaw: 0,
  reclaim: 0,
  kill: 0,
  remove: 0,
  pull: 0,
  'remove-image': 0,
};

/** Lives through a plan and measures it. `reserveBytes`: what is the owner's in any case. */
export function measure(plan: Omit<Plan, 'watch'>, reserveBytes: number): Measures {
  const verbs = { ...noVerbs };
  const evicted = new Set<string>();
  const used = new Map<string, number>();
  let [belowMs, longestBelowMs, runningTicks, ticks] = [0, 0, 0, 0];
  let [last, wantedMs]: [Instant | null, number] = [null, 0];
  simulation({
    ...plan,
    watch(instant) {
      const { decision, bodies, counters, seen } = instant;
      const elapsedMs = instant.ms - (last?.ms ?? 0);
      const underWay = new Set(seen.sample.inFlight.map(({ action }) => actionKey(action)));
      for (const action of decision.actions) {
        if (!underWay.has(actionKey(action))) verbs[action.do] += 1;
        if (isEviction(action)) evicted.add(action.name);
      }
      let [there, running] = [0, 0];
      for (const body of bodies.values()) {
        if (!body.managed) continue;
        used.set(body.name, body.cpuMs);
        if (isThere(body)) there += 1;
        if (body.state === 'running') running += 1;
      }
      const isBelow = there > 0 && counters.availableBytes < reserveBytes;
      belowMs = isBelow ? belowMs + elapsedMs : 0;
      longestBelowMs = Math.max(longestBelowMs, belowMs);
      runningTicks += running;
      ticks += 1;
      wantedMs += instant.world.ownerCpus * elapsedMs;
      last = instant;
    },
  });
  // TypeScript does not see that the callback assigned it.
  const end = last as Instant | null;
  if (end === null) throw new Error('nothing was simulated');
  const { pilotsCpuMs, leftCpuMs, takenCpuMs, outOfMemoryKills } = end.counters;
  const total = [...used.values()].reduce((sum, ms) => sum + ms, 0);
  const lost = [...evicted].reduce((sum, name) => sum + (used.get(name) ?? 0), 0);
  return {
    hours: end.ms / 3_600_000,
    verbs,
    harvest: leftCpuMs === 0 ? 1 : pilotsCpuMs / leftCpuMs,
    ownerLoss: wantedMs === 0 ? 0 : takenCpuMs / wantedMs,
    wasted: total === 0 ? 0 : lost / total,
    belowReserveMs: longestBelowMs,
    outOfMemoryKills,
    running: runningTicks / ticks,
    ownerDiskWaits: end.counters.owner.diskMs / end.ms,
  };
}

function isEviction(action: Action): action is Extract<Action, { do: 'stop' | 'kill' }> {
  return action.do === 'kill' || (action.do === 'stop' && action.outcome === 'evicted');
}

/** Changes of pilots in an hour: starts and stops (or kills), and those that pause, thaw or shrink them. */
export function changesPerHour({ verbs, hours }: Measures): { lives: number; states: number } {
  return {
    lives: (verbs.start + verbs.stop + verbs.kill) / hours,
    states: (verbs.pause + verbs.thaw + verbs.shrink) / hours,
  };
}
