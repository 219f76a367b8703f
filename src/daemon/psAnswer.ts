import { rulesOf } from '../decide/kindPolicy.ts';
import { ttlOf } from '../decide/outcome.ts';
import { isToRenew } from '../decide/renewal.ts';
import { isoTime } from '../model/isoTime.ts';
import type { Pilot } from '../model/pilot.ts';
import type { StatusParts } from './statusOf.ts';
import type { Tick } from './tick.ts';
import type { UseRates } from './useRates.ts';

/** One pilot as `planctonctl ps` tells it; spans in seconds, null for what is not known. */
export interface PilotAnswer {
  readonly name: string;
  /** The engine's id of its container. */
  readonly id: string;
  /** Null for one of the original's, or of an earlier version. */
  readonly kind: string | null;
  /** `prepared` for one that was made ahead of time, else what the engine says. */
  readonly state: string;
  readonly ageSeconds: number | null;
  /** CPUs between the last two readings. */
  readonly cpus: number | null;
  /** CPU time since its start. */
  readonly cpuSeconds: number | null;
  readonly memoryBytes: number | null;
  /** What is left of its time to live, 0 when it is over. */
  readonly ttlLeftSeconds: number | null;
  /** False for a container that only takes room. */
  readonly managed: boolean;
  /** It began before a `renew` of its kind, and is to be replaced. */
  readonly toRenew: boolean;
  /** Why its end or removal failed when it was last tried; absent when nothing did. */
  readonly trouble?: string;
}

/** What `planctonctl ps` is told. */
export interface PsAnswer {
  /** ISO 8601. */
  readonly at: string;
  readonly pilots: readonly PilotAnswer[];
}

/** The pilots and what is known of each; null before the first tick. */
export function psAnswer(tick: Tick | null, rates: UseRates, parts: StatusParts): PsAnswer | null {
  if (tick === null) return null;
  const prepared = new Set(tick.decision.memory.spares.pilots.map((one) => one.pilot));
  return {
    at: isoTime(parts.clock.wallMs()),
    pilots: tick.sample.engine.pilots.map((pilot) => answerOf(pilot, tick, prepared, rates, parts)),
  };
}

function answerOf(
  pilot: Pilot,
  tick: Tick,
  prepared: ReadonlySet<string>,
  rates: UseRates,
  { clock, troubles }: StatusParts,
): PilotAnswer {
  const { id, name, kind, managed } = pilot;
  const isAlive = pilot.state === 'running' || pilot.state === 'paused';
  const ageMs = isAlive && pilot.startedAtMs.known ? clock.nowMs() - pilot.startedAtMs.value : null;
  const use = isAlive ? tick.sample.host.pilotUse.get(id) : undefined;
  const ttlMs = isAlive && managed ? ttlOf(rulesOf(tick.policy, pilot), name) : null;
  const left = ageMs === null || ttlMs === null || ttlMs === Number.POSITIVE_INFINITY ? null : ttlMs - ageMs;
  const trouble = troubles.of(name);
  return {
    name,
    id,
    kind,
    state: pilot.state === 'created' && prepared.has(name) ? 'prepared' : pilot.state,
    ageSeconds: ageMs === null ? null : Math.round(ageMs / 1000),
    cpus: isAlive ? rates.cpusOf(id) : null,
    cpuSeconds: use === undefined ? null : use.cpuMs / 1000,
    memoryBytes: use?.memoryBytes ?? null,
    ttlLeftSeconds: left === null ? null : Math.max(0, Math.round(left / 1000)),
    managed,
    toRenew: isToRenew(tick.decision.memory, tick.policy, pilot),
    ...(trouble === null ? {} : { trouble }),
  };
}
