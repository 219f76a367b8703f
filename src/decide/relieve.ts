import type { Action } from '../model/action.ts';
import type { Pilot } from '../model/pilot.ts';
import type { Reason } from '../model/reason.ts';
import { type CpuJudgement, pilotsThatFit } from './cpuRule.ts';
import { bytesText, counted, cpusText, spanText } from './numbers.ts';
import type { Policy, Seen } from './types.ts';

/** The share of its memory limit that a pilot counts for while its real use is not known. */
export const memoryClaimShare = 0.25;

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
  const surplus = running - pilotsThatFit(policy, cpuCount, judged.value);
  if (surplus <= 0) return null;
  const claims = `the owner uses ${cpusText(judged.value)}, ${counted(running, 'pilot')} may use ${cpusText(running * policy.cpusPerPilot)}`;
  const text = `${claims}, the node has ${cpuCount}; short for ${spanText(shortForMs)} (grace_kill ${spanText(policy.graceKillMs)})`;
  return { pilots: surplus, why: { rule: 'cpu', text } };
}

/** Memory is short now, and only a pilot's end frees it: as many pilots as it takes, at once. */
export function memoryRelief(policy: Policy, seen: Seen, leaving: number): Relief | null {
  if (!policy.nodeIsEngines || !seen.memory.known) return null;
  const { availableBytes, totalBytes } = seen.memory.value;
  const reserveBytes = totalBytes * policy.memoryReserveFraction;
  const missingBytes = reserveBytes - availableBytes;
  if (missingBytes <= 0) return null;
  // Those who are leaving already will give back theirs: never more relief than is needed.
  const pilots = Math.ceil(missingBytes / (policy.memoryPerPilotBytes * memoryClaimShare)) - leaving;
  const text = `${bytesText(availableBytes)} of memory available, the owner's reserve is ${bytesText(reserveBytes)}`;
  return pilots <= 0 ? null : { pilots, why: { rule: 'memory', text } };
}

/** Pilots from the one whose end loses least work: the youngest first; those of unknown age last. */
export function youngestFirst(pilots: readonly Pilot[]): readonly Pilot[] {
  const start = (pilot: Pilot): number =>
    pilot.startedAtMs.known ? pilot.startedAtMs.value : Number.NEGATIVE_INFINITY;
  return [...pilots].sort((a, b) => start(b) - start(a) || (a.name < b.name ? -1 : 1));
}

/** The stop of one pilot. */
export function stopOf(policy: Policy, pilot: Pilot, outcome: 'evicted' | 'expired', why: Reason): Action {
  return { do: 'stop', id: pilot.id, name: pilot.name, outcome, graceMs: policy.stopGraceMs, why };
}

/** Pilots that have run for longer than `max_ttl`. */
export function expired(policy: Policy, pilots: readonly Pilot[], nowMs: number): readonly Pilot[] {
  return pilots.filter((pilot) => pilot.startedAtMs.known && nowMs - pilot.startedAtMs.value > policy.ttlMs);
}
