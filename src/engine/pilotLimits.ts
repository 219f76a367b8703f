import type { EngineInfo } from '../model/engine.ts';
import type { Ulimit } from '../model/kind.ts';
import type { WireUlimit } from './createBody.ts';

/** The kernel's default period of the CPU bandwidth controller, in microseconds. */
const cpuPeriodUs = 100_000;
/** The kernel refuses quotas below this, in microseconds. */
const leastCpuQuotaUs = 1000;

/** A CPU limit in the kernel's terms: microseconds of CPU time in each period. */
export function cpuLimitOf(cpus: number): { readonly periodUs: number; readonly quotaUs: number } {
  return { periodUs: cpuPeriodUs, quotaUs: Math.max(leastCpuQuotaUs, Math.round(cpus * cpuPeriodUs)) };
}

/**
 * What is added to a pilot's badness when the kernel must kill somebody for memory (proc(5), `oom_score_adj`): the most
 * there is, so that pilots go first. Null for a rootless engine: its runtime may not be let to write that file of a
 * process in another user namespace, and the start would fail.
 */
export function oomScoreAdjFor(info: EngineInfo): number | null {
  return info.rootless ? null : 1000;
}

/**
 * Bounds of a pilot's log, without which one that writes all the time fills the disk; they stand before those of the
 * site, which an engine does not tell. Null where the engine's driver would refuse them: Docker checks them. Podman takes
 * them with any driver, and knows one file only.
 */
export function logOptionsFor(info: EngineInfo): Readonly<Record<string, string>> | null {
  if (info.product === 'podman') return { 'max-size': '10m' };
  const isFile = info.loggingDriver === 'json-file' || info.loggingDriver === 'local';
  return isFile ? { 'max-size': '10m', 'max-file': '2' } : null;
}

/** Limits of a pilot's processes, as the API has them, and what had to be made otherwise. */
export interface WireUlimits {
  readonly ulimits: readonly WireUlimit[];
  readonly warnings: readonly string[];
}

/** The limits that a kind asks for, and those that this engine must be told (`most`), which none may be above. */
export function ulimitsFor(wanted: readonly Ulimit[], most: readonly WireUlimit[]): WireUlimits {
  const asked = wanted.map(({ name, soft, hard }): WireUlimit => ({ Name: name, Soft: soft, Hard: hard }));
  const given = asked.map((limit) => {
    const bound = most.find(({ Name }) => Name === limit.Name);
    return bound === undefined ? limit : { ...limit, ...lowered(limit, bound.Hard) };
  });
  const untouched = most.filter(({ Name }) => !asked.some((limit) => limit.Name === Name));
  const warnings = asked.flatMap((limit, index) => {
    const { Soft, Hard } = given[index] ?? limit;
    return Soft === limit.Soft && Hard === limit.Hard
      ? []
      : [
          `ulimit ${limit.Name} ${limit.Soft}:${limit.Hard} is lowered to ${Soft}:${Hard}: nobody may raise it above that on this node`,
        ];
  });
  return { ulimits: [...untouched, ...given], warnings };
}

function lowered(limit: WireUlimit, most: number): Pick<WireUlimit, 'Soft' | 'Hard'> {
  const atMost = (value: number): number => (value < 0 ? most : Math.min(value, most));
  return { Soft: atMost(limit.Soft), Hard: atMost(limit.Hard) };
}
