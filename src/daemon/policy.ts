import { createHash } from 'node:crypto';
import type { Policy } from '../decide/types.ts';
import type { EngineInfo } from '../model/engine.ts';
import type { HostSample } from '../model/host.ts';
import type { Kind } from '../model/kind.ts';
import type { Log } from '../model/log.ts';
import type { KernelMeans } from '../model/means.ts';
import type { NodeFacts, Settings } from '../model/settings.ts';

/** What `max_docks` may speak of: the machine that the engine runs on, which is mostly this one. */
export function nodeFacts(settings: Settings, host: HostSample, info: EngineInfo | null): NodeFacts {
  const remote = info !== null && !info.local ? info : null;
  return {
    ncpus: remote?.cpuCount ?? host.cpuCount,
    ram_bytes: remote?.memoryBytes ?? (host.memory.known ? host.memory.value.totalBytes : 0),
    swap_bytes: remote === null && host.memory.known ? host.memory.value.swapTotalBytes : 0,
    max_dock_mem: settings.kind.memoryBytes,
    max_dock_swap: settings.kind.swapBytes,
  };
}

/** A configuration evaluated for a node. Throws what the limit's expression throws, such as a division by zero. */
export function policyOf(
  settings: Settings,
  host: HostSample,
  info: EngineInfo | null,
  means: KernelMeans,
): Policy {
  return {
    limit: settings.pilotLimit.evaluate(nodeFacts(settings, host, info)),
    cpusPerPilot: settings.kind.cpus,
    memoryPerPilotBytes: settings.kind.memoryBytes,
    startsPerLoop: settings.startsPerLoop,
    loopMs: settings.mainSleepMs,
    graceKillMs: settings.graceKillMs,
    graceSpawnMs: settings.graceSpawnMs,
    ttlMs: settings.kind.ttlMs,
    stopGraceMs: settings.kind.stopGraceMs,
    recipe: recipeOf(settings.kind),
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

/** A short name of a kind's content, which may hold secrets and is kept in a file; reckoned once for each. */
const recipes = new WeakMap<Kind, string>();

function recipeOf(kind: Kind): string {
  const before = recipes.get(kind);
  if (before !== undefined) return before;
  const recipe = createHash('sha256').update(JSON.stringify(kind)).digest('hex').slice(0, 16);
  recipes.set(kind, recipe);
  return recipe;
}

const noPilots = { text: '0', isDefault: false, evaluate: () => 0 };

/**
 * Evaluates settings at each tick. A limit that cannot be evaluated on this node alone (a division by its zero swap,
 * say) leaves in force what was; from the start, that is no pilot. It is told once.
 */
export function createPolicies(log: Log): typeof policyOf {
  let limit: number | null = null;
  let told = '';
  return (settings, host, info, means) => {
    try {
      const policy = policyOf(settings, host, info, means);
      limit = policy.limit;
      told = '';
      return policy;
    } catch (error) {
      const text = `max_docks cannot be evaluated on this node: ${(error as Error).message}; the limit stays ${limit ?? 0}`;
      if (text !== told) log.error(text);
      told = text;
      return { ...policyOf({ ...settings, pilotLimit: noPilots }, host, info, means), limit: limit ?? 0 };
    }
  };
}
