import type { Action } from '../model/action.ts';
import type { Pilot } from '../model/pilot.ts';
import type { Reason } from '../model/reason.ts';
import { cpusOf, type CpuJudgement, mayStay } from './cpuRule.ts';
import { kindNameOf, rulesOf } from './kindPolicy.ts';
import { loudGraceMs } from './loudness.ts';
import { counted, cpusText, spanText } from './numbers.ts';
import { ttlOf } from './outcome.ts';
import { cpuReserve } from './room.ts';
import type { Policy, Seen } from './types.ts';

/** The pilots that must go, and why. */
export interface Relief {
  readonly pilots: readonly Pilot[];
  readonly why: Reason;
}

/**
 * Room that the owner needs on his CPUs, once he has been short for longer than `grace_kill`; null when he needs none.
 * `ranked` gives the pilots that run from the one whose end loses least.
 */
export function cpuRelief(
  policy: Policy,
  seen: Seen,
  judgement: CpuJudgement,
  ranked: () => readonly Pilot[],
): Relief | null {
  const { judged, shortSinceMs } = judgement;
  if (!judged.known || shortSinceMs === null) return null;
  const shortForMs = seen.sample.atMs - shortSinceMs;
  if (shortForMs < policy.graceKillMs) return null;
  const cpuCount = seen.sample.host.cpuCount;
  const kept = cpuReserve(policy, seen);
  const running = ranked();
  const surplus = surplusOf(policy, running, cpuCount - (judged.value + kept));
  if (surplus.length === 0) return null;
  const keeps = kept > 0 ? ` and keeps ${cpusText(kept)}` : '';
  const claims = `the owner uses ${cpusText(judged.value)}${keeps}, ${counted(running.length, 'pilot')} may use ${cpusText(cpusOf(policy, running))}`;
  const text = `${claims}, the node has ${cpuCount}; short for ${spanText(shortForMs)} (grace_kill ${spanText(policy.graceKillMs)})`;
  return { pilots: surplus, why: { rule: 'cpu', text } };
}

/** The first of these that must go for the others to stay on what the owner leaves. */
function surplusOf(policy: Policy, ranked: readonly Pilot[], leftCpus: number): readonly Pilot[] {
  let totalCpus = cpusOf(policy, ranked);
  const rest = ranked.findIndex((pilot) => {
    if (mayStay(policy, totalCpus, leftCpus)) return true;
    totalCpus -= cpusOf(policy, [pilot]);
    return false;
  });
  return rest === -1 ? ranked : ranked.slice(0, rest);
}

/** The stop of one pilot. The engine has no part in it where the owner waits for memory: he may wait for it, too. */
export function stopOf(policy: Policy, pilot: Pilot, outcome: 'evicted' | 'expired', why: Reason): Action {
  const { stopGraceMs, stopSignal } = rulesOf(policy, pilot);
  const { id, name } = pilot;
  const graceMs = why.rule === 'log' ? Math.min(stopGraceMs, loudGraceMs) : stopGraceMs;
  const stop = { do: 'stop', id, name, outcome, graceMs, why } as const;
  return why.rule === 'memory' && policy.means.ownKill ? { ...stop, byUs: { signal: stopSignal } } : stop;
}

/** Pilots that have run for longer than each of them may, and why each is to go. */
export function expired(
  policy: Policy,
  pilots: readonly Pilot[],
  nowMs: number,
): readonly { readonly pilot: Pilot; readonly why: Reason }[] {
  return pilots.flatMap((pilot) => {
    const rules = rulesOf(policy, pilot);
    const ttlMs = ttlOf(rules, pilot.name);
    if (!pilot.startedAtMs.known || nowMs - pilot.startedAtMs.value <= ttlMs) return [];
    const less =
      rules.ttlJitter > 0 ? ` (${Math.round(rules.ttlMs / 1000)} s less its part of the jitter)` : '';
    const word = ttlWord(kindNameOf(policy, pilot.kind));
    const text = `it has run for longer than ${word}, ${Math.round(ttlMs / 1000)} s${less}`;
    return [{ pilot, why: { rule: 'ttl', text } }];
  });
}

/** What the time to live of the kind of this name is called in the file. */
export function ttlWord(name: string | null): string {
  return name === 'default' ? 'max_ttl' : 'ttl';
}
