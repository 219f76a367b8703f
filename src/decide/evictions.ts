import type { Pilot } from '../model/pilot.ts';
import type { Reason } from '../model/reason.ts';
import { closing } from './closing.ts';
import { freedBy } from './claims.ts';
import type { CpuJudgement } from './cpuRule.ts';
import { leavingBytes, memoryVictims, shortage } from './memoryRelief.ts';
import { overPaused, unpausable } from './pauses.ts';
import { cpuRelief } from './relieve.ts';
import type { Memory, Policy, Seen } from './types.ts';
import { leastLossFirst } from './victims.ts';

/** A pilot that is to go for the owner's sake, and why. */
export interface Eviction {
  readonly pilot: Pilot;
  readonly why: Reason;
}

/**
 * The pilots that are to go now, each once: all of them when the schedule ends; those that were paused for too long,
 * or cannot be paused for somebody who wants the node; then as many as memory is short of, and as many as the owner's
 * CPUs, where those on their way out for another reason are counted.
 */
export function evictions(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  staying: readonly Pilot[],
  managed: readonly Pilot[],
  judgement: CpuJudgement,
): readonly Eviction[] {
  const ends = closing(policy, seen);
  if (ends !== null) return staying.map((pilot) => ({ pilot, why: ends }));
  const named = [...overPaused(policy, seen, memory, staying), ...unpausable(policy, seen, memory, staying)];
  const chosen = new Map(named.map((eviction) => [eviction.pilot.name, eviction]));
  const left = (): readonly Pilot[] => staying.filter((pilot) => !chosen.has(pilot.name));

  const goingBytes =
    leavingBytes(policy, seen, managed, memory.leaving) +
    [...chosen.values()].reduce((sum, { pilot }) => sum + freedBy(policy, seen, pilot), 0);
  const short = shortage(policy, seen, goingBytes);
  if (short !== null) {
    for (const pilot of memoryVictims(policy, seen, left(), short.missingBytes))
      chosen.set(pilot.name, { pilot, why: short.why });
  }
  // Who is paused uses no CPU: for the owner's sake only those that run may go.
  const running = left().filter(({ state }) => state === 'running');
  const relief = policy.nodeIsEngines ? cpuRelief(policy, seen, judgement, running.length) : null;
  if (relief !== null) {
    for (const pilot of leastLossFirst(policy, seen, running).slice(0, relief.pilots))
      chosen.set(pilot.name, { pilot, why: relief.why });
  }
  return [...chosen.values()];
}
