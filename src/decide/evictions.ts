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
 * The pilots that are to go now, each once: those whose grace ends with the schedule; those that were paused for too long,
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
  const isAsked = seen.sample.host.signs.window !== null;
  const closed = (isAsked ? staying : []).flatMap((pilot) => {
    const why = closing(policy, seen, pilot);
    return why === null ? [] : [{ pilot, why }];
  });
  const open =
    closed.length === 0 ? staying : staying.filter((pilot) => !closed.some((one) => one.pilot === pilot));
  const named = [
    ...closed,
    ...overPaused(policy, seen, memory, open),
    ...unpausable(policy, seen, memory, open),
  ];
  const chosen = new Map(named.map((eviction) => [eviction.pilot.name, eviction]));
  const left = (): readonly Pilot[] => staying.filter((pilot) => !chosen.has(pilot.name));

  const goingBytes =
    leavingBytes(policy, seen, managed, memory.leaving) +
    [...chosen.values()].reduce((sum, { pilot }) => sum + freedBy(policy, seen, pilot), 0);
  const short = shortage(policy, seen, goingBytes, left());
  if (short !== null) {
    for (const pilot of memoryVictims(policy, seen, memory, left(), short.missingBytes, short.ahead))
      chosen.set(pilot.name, { pilot, why: short.why });
  }
  // Who is paused uses no CPU: for the owner's sake only those that run may go.
  const ranked = (): readonly Pilot[] =>
    leastLossFirst(
      policy,
      seen,
      memory,
      left().filter(({ state }) => state === 'running'),
    );
  const relief = policy.nodeIsEngines ? cpuRelief(policy, seen, judgement, ranked) : null;
  if (relief !== null) {
    for (const pilot of relief.pilots) chosen.set(pilot.name, { pilot, why: relief.why });
  }
  return [...chosen.values()];
}
