import type { Action } from '../model/action.ts';
import type { Pilot } from '../model/pilot.ts';
import type { Reason } from '../model/reason.ts';
import { type CpuJudgement, pilotsThatMayStay } from './cpuRule.ts';
import { counted, cpusText, spanText } from './numbers.ts';
import { cpuReserve } from './room.ts';
import type { Policy, Seen } from './types.ts';

/** How many pilots must go, and why; null when none must. */
export interface Relief {
  readonly pilots: number;
  readonly why: Reason;
}

/** Room that the owner needs on his CPUs, once he has been short for longer than `grace_kill`. */
export function cpuRelief(
  policy: Policy,
  seen: Seen,
  judgement: CpuJudgement,
  running: number,
): Relief | null {
  const { judged, shortSinceMs } = judgement;
  if (!judged.known || shortSinceMs === null) return null;
  const shortForMs = seen.sample.atMs - shortSinceMs;
  if (shortForMs < policy.graceKillMs) return null;
  const cpuCount = seen.sample.host.cpuCount;
  const kept = cpuReserve(policy, seen);
  const surplus = running - pilotsThatMayStay(policy, cpuCount, judged.value + kept);
  if (surplus <= 0) return null;
  const keeps = kept > 0 ? ` and keeps ${cpusText(kept)}` : '';
  const claims = `the owner uses ${cpusText(judged.value)}${keeps}, ${counted(running, 'pilot')} may use ${cpusText(running * policy.cpusPerPilot)}`;
  const text = `${claims}, the node has ${cpuCount}; short for ${spanText(shortForMs)} (grace_kill ${spanText(policy.graceKillMs)})`;
  return { pilots: surplus, why: { rule: 'cpu', text } };
}

/** The stop of one pilot. The engine has no part in it where the owner waits for memory: he may wait for it, too. */
export function stopOf(policy: Policy, pilot: Pilot, outcome: 'evicted' | 'expired', why: Reason): Action {
  const stop = {
    do: 'stop',
    id: pilot.id,
    name: pilot.name,
    outcome,
    graceMs: policy.stopGraceMs,
    why,
  } as const;
  return why.rule === 'memory' && policy.means.ownKill ? { ...stop, byUs: true } : stop;
}

/** Pilots that have run for longer than `max_ttl`. */
export function expired(policy: Policy, pilots: readonly Pilot[], nowMs: number): readonly Pilot[] {
  return pilots.filter((pilot) => pilot.startedAtMs.known && nowMs - pilot.startedAtMs.value > policy.ttlMs);
}
