import type { Policy } from '../decide/types.ts';
import type { EngineInfo } from '../model/engine.ts';
import type { HostSample } from '../model/host.ts';
import type { NodeFacts, Settings } from '../model/settings.ts';

/** The share of the node's memory that stays free for its owner. */
const memoryReserveFraction = 0.05;

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
export function policyOf(settings: Settings, host: HostSample, info: EngineInfo | null): Policy {
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
    imageExpirationMs: settings.imageExpirationMs,
    memoryReserveFraction,
    nodeIsEngines: info?.local ?? true,
  };
}
