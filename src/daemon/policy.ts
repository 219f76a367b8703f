import { createHash } from 'node:crypto';
import { hashShare } from '../decide/hash.ts';
import type { KindPolicy, Policy } from '../decide/types.ts';
import type { EngineInfo } from '../model/engine.ts';
import type { HostSample } from '../model/host.ts';
import type { Kind } from '../model/kind.ts';
import type { Log } from '../model/log.ts';
import type { KernelMeans } from '../model/means.ts';
import type { NodeFacts, Settings } from '../model/settings.ts';
import type { Zones } from '../model/zone.ts';
import { scheduleAt } from '../sample/schedule.ts';

/** Which daemon evaluates its settings, and when. */
export interface Evaluation {
  /** Of the daemon's instance: what is jittered differs from node to node. */
  readonly seed: number;
  /** Unix milliseconds: schedules go by the clock on a wall. */
  readonly wallMs: number;
}

/** A seed of an instance's name. */
export function seedOf(instance: string): number {
  return Math.floor(hashShare(instance) * 2 ** 32);
}

/**
 * What `max_docks` may speak of: the machine that the engine runs on, which is mostly this one, and the limits of a pilot;
 * of several kinds the largest.
 */
export function nodeFacts(settings: Settings, host: HostSample, info: EngineInfo | null): NodeFacts {
  const remote = info !== null && !info.local ? info : null;
  return {
    ncpus: remote?.cpuCount ?? host.cpuCount,
    ram_bytes: remote?.memoryBytes ?? (host.memory.known ? host.memory.value.totalBytes : 0),
    swap_bytes: remote === null && host.memory.known ? host.memory.value.swapTotalBytes : 0,
    max_dock_mem: Math.max(...settings.kinds.map(({ memoryBytes }) => memoryBytes)),
    max_dock_swap: Math.max(...settings.kinds.map(({ swapBytes }) => swapBytes)),
  };
}

/** A configuration evaluated for a node. Throws what the limit's expression throws, such as a division by zero. */
export function policyOf(
  settings: Settings,
  host: HostSample,
  info: EngineInfo | null,
  means: KernelMeans,
  { seed, wallMs }: Evaluation,
): Policy {
  return {
    kinds: settings.kinds.map((kind) => kindPolicyOf(kind, settings.signs.zones, wallMs)),
    seed,
    limit: settings.pilotLimit.evaluate(nodeFacts(settings, host, info)),
    startsPerLoop: settings.startsPerLoop,
    loopMs: settings.mainSleepMs,
    graceKillMs: settings.graceKillMs,
    graceSpawnMs: settings.graceSpawnMs,
    imageExpirationMs: settings.imageExpirationMs,
    reserve: settings.reserve,
    ownerSlowdown: settings.ownerSlowdown,
    maxPauseMs: settings.maxPauseMs,
    dryRun: settings.dryRun,
    userAwayMs: settings.signs.userAwayMs,
    maxTemperatureC: settings.signs.maxTemperatureC ?? Number.POSITIVE_INFINITY,
    means,
    nodeIsEngines: info?.local ?? true,
  };
}

/** What the rules need of a kind, at an instant of the clock on the wall. */
export function kindPolicyOf(kind: Kind, zones: Zones, wallMs: number): KindPolicy {
  const { open, changesInMs } = windowAt(kind, zones, wallMs);
  return {
    name: kind.name,
    image: kind.image,
    recipe: recipeOf(kind),
    cpus: kind.cpus,
    memoryBytes: kind.memoryBytes,
    swapBytes: kind.swapBytes,
    ttlMs: kind.ttlMs,
    ttlReachesRunning: kind.ttlReachesRunning,
    ttlJitter: kind.ttlJitter,
    stopGraceMs: kind.stopGraceMs,
    stopSignal: kind.stopSignal,
    share: kind.share,
    max: kind.max ?? Number.POSITIVE_INFINITY,
    enabled: kind.enabled,
    open,
    opensInMs: open ? 0 : changesInMs,
    closesInMs: open ? changesInMs : 0,
    pull: kind.pull,
    fizzleMs: kind.fizzleMs,
    logRateBytes: kind.logRateBytes ?? Number.POSITIVE_INFINITY,
    outcomes: kind.outcomes,
    backOff: kind.backOff,
    mayPrepare: kind.envFile === null,
  };
}

/** Its own schedule; none is always open. One whose clock cannot be told (no table of its zone) is closed: it was asked for. */
function windowAt({ schedule }: Kind, zones: Zones, wallMs: number): { open: boolean; changesInMs: number } {
  if (schedule.length === 0) return { open: true, changesInMs: Number.POSITIVE_INFINITY };
  const isTold = schedule.every(({ zone }) => zone === null || zones.named[zone] !== undefined);
  return isTold
    ? scheduleAt(schedule, zones, wallMs)
    : { open: false, changesInMs: Number.POSITIVE_INFINITY };
}

/** A short name of what a kind's containers are made of, which may hold secrets and is kept in a file; reckoned once for each. */
const recipes = new WeakMap<Kind, string>();

/** How often it starts is no part of a container. */
const aside: ReadonlySet<string> = new Set([
  'share',
  'max',
  'enabled',
  'schedule',
  'pull',
  'backOff',
] satisfies (keyof Kind)[]);

function recipeOf(kind: Kind): string {
  const before = recipes.get(kind);
  if (before !== undefined) return before;
  const made = Object.entries(kind).filter(([key]) => !aside.has(key));
  const recipe = createHash('sha256').update(JSON.stringify(made)).digest('hex').slice(0, 16);
  recipes.set(kind, recipe);
  return recipe;
}

const noPilots = { text: '0', isDefault: false, evaluate: () => 0 };

/**
 * Evaluates settings at each tick. A limit that cannot be evaluated on this node alone (a division by its zero swap,
 * say) leaves in force what was; from the start, that is no pilot. It is told once.
 */
export function createPolicies(
  log: Log,
  evaluation: () => Evaluation,
): (settings: Settings, host: HostSample, info: EngineInfo | null, means: KernelMeans) => Policy {
  let limit: number | null = null;
  let told = '';
  return (settings, host, info, means) => {
    try {
      const policy = policyOf(settings, host, info, means, evaluation());
      limit = policy.limit;
      told = '';
      return policy;
    } catch (error) {
      const text = `max_docks cannot be evaluated on this node: ${(error as Error).message}; the limit stays ${limit ?? 0}`;
      if (text !== told) log.error(text);
      told = text;
      const others = policyOf({ ...settings, pilotLimit: noPilots }, host, info, means, evaluation());
      return { ...others, limit: limit ?? 0 };
    }
  };
}
