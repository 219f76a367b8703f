import { readFileSync } from 'node:fs';
import type { EngineInfo } from '../model/engine.ts';
import type { Bind } from '../model/kind.ts';
import { readPropagation } from './mountinfo.ts';
import type { NodeTraits } from './pilotSpec.ts';

/** The number of CAP_SYS_RESOURCE (capabilities(7)): who lacks it may not raise a hard limit. */
const capSysResource = 24n;

/** Reads what of this node bears on making pilots with these binds; nothing is known of a node that is not this one. */
export function readTraits(binds: readonly Bind[], info: EngineInfo): NodeTraits {
  const needsMounts = info.local && binds.some((bind) => bind.mode === null);
  return {
    propagationOf: needsMounts ? readPropagation() : () => 'unknown',
    ulimits: info.product === 'podman' && info.local ? readUlimits() : [],
  };
}

/** What of a process's own files bears on the limits it may give to others. */
export interface LimitFacts {
  /** `/proc/self/limits` (proc(5)). */
  readonly limits: string;
  /** `/proc/self/status` (proc(5)). */
  readonly status: string;
  /** `/proc/sys/kernel/pid_max`. */
  readonly pidMax: string;
}

/**
 * Limits to be told to Podman. By itself it asks for more open files and processes than the hard limits here, and where
 * not even root may raise those (no CAP_SYS_RESOURCE in the bounding set) every start fails. Podman lowers its own limit
 * of processes to `pid_max`. None where hard limits may be raised.
 */
export function ulimitsOf(facts: LimitFacts): NodeTraits['ulimits'] {
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(facts.status)?.[1];
  if (bounding === undefined || ((BigInt(`0x${bounding}`) >> capSysResource) & 1n) === 1n) {
    return [];
  }
  const hard = (name: string): number =>
    Number(new RegExp(`^${name} +\\S+ +(\\d+)`, 'm').exec(facts.limits)?.[1] ?? Number.NaN);
  return [
    { Name: 'nofile', Hard: hard('Max open files') },
    { Name: 'nproc', Hard: Math.min(hard('Max processes'), Number(facts.pidMax)) },
  ]
    .filter((limit) => Number.isSafeInteger(limit.Hard))
    .map((limit) => ({ ...limit, Soft: limit.Hard }));
}

function readUlimits(): NodeTraits['ulimits'] {
  try {
    return ulimitsOf({
      limits: readFileSync('/proc/self/limits', 'utf8'),
      status: readFileSync('/proc/self/status', 'utf8'),
      pidMax: readFileSync('/proc/sys/kernel/pid_max', 'utf8'),
    });
  } catch {
    return [];
  }
}
