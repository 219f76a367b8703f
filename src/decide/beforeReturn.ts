import { readingOr } from '../model/reading.ts';
import type { Reason } from '../model/reason.ts';
import { newClaim } from './claims.ts';
import { mostOwnerCpus } from './cpuRule.ts';
import type { KindPolicy } from './kindPolicy.ts';
import { cpusOfSlot } from './shares.ts';
import { usualLifeMs } from './lives.ts';
import { counted, spanText } from './numbers.ts';
import { hardlyDoneBefore, type OwnerReturn, type OwnerRoom, ownerReturns } from './profileForecast.ts';
import { ttlWord } from './relieve.ts';
import { cpuReserve, memoryReserve } from './room.ts';
import type { Memory, Policy, Seen } from './types.ts';

/**
 * What the owner may take beside the pilots that there are and these more, or so many more of the first kind: when he
 * takes more than that, one goes.
 */
export function roomBeside(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  more: number | readonly KindPolicy[],
): OwnerRoom {
  const { cpuCount, pilotsMemoryBytes } = seen.sample.host;
  const others = memory.slots.filter((slot) => slot.pilot !== null).map((slot) => cpusOfSlot(policy, slot));
  const added =
    typeof more === 'number' ? policy.kinds.slice(0, 1).flatMap((one) => Array(more).fill(one)) : more;
  const total = [...others, ...added.map(({ cpus }) => cpus)].reduce((sum, cpus) => sum + cpus, 0);
  const cpus = mostOwnerCpus(policy, cpuCount - cpuReserve(policy, seen), total);
  const totalBytes = seen.memory.known ? seen.memory.value.totalBytes : Number.POSITIVE_INFINITY;
  const claims = added.reduce((sum: number, kind: KindPolicy) => sum + newClaim(policy, seen, kind), 0);
  return {
    cpuShare: Math.max(0, cpus) / cpuCount,
    memoryBytes: totalBytes - memoryReserve(policy, seen) - (readingOr(pilotsMemoryBytes, 0) + claims),
  };
}

/** The usual return of the owner that one of this kind, the last of `more`, would hardly be done before; null for none. */
export function returnTooSoon(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  kind: KindPolicy,
  more: readonly KindPolicy[],
): OwnerReturn | null {
  const { week } = seen.sample;
  const lifeMs = usualLifeMs(memory, kind.name);
  if (week === null || lifeMs === null || !policy.nodeIsEngines) return null;
  return hardlyDoneBefore(week.profile, week.now, lifeMs, roomBeside(policy, seen, memory, more));
}

/** Whether one of this kind, the last of `more`, is usually done before the owner usually returns: by its life, or its TTL. */
export function doneBeforeReturn(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  kind: KindPolicy,
  more: readonly KindPolicy[],
): boolean {
  const { week } = seen.sample;
  if (week === null || !policy.nodeIsEngines) return true;
  const lifeMs = usualLifeMs(memory, kind.name) ?? kind.ttlMs;
  const { inMs } = ownerReturns(week.profile, week.now, roomBeside(policy, seen, memory, more));
  // In an hour that is usually his, and he is not there, what is seen now decides.
  return inMs === 0 || lifeMs <= inMs;
}

/** Why a start of this kind now would be in vain, as the owner's week has it; null when it would not. */
export function returnBlocker(policy: Policy, seen: Seen, memory: Memory, kind: KindPolicy): Reason | null {
  const back = returnTooSoon(policy, seen, memory, kind, [kind]);
  if (back === null) return null;
  const text = `the owner usually needs the room of ${one(memory)} in ${spanText(back.inMs)}, pilots usually run for ${spanText(usualLifeMs(memory, kind.name) ?? 0)}: it would hardly be done (learn)`;
  return { rule: 'profile', text };
}

/** What the owner's week and the lives of this kind's pilots say of one more; null where nothing is known. */
export function returnText(policy: Policy, seen: Seen, memory: Memory, kind: KindPolicy): string | null {
  const { week } = seen.sample;
  if (week === null || !policy.nodeIsEngines) return null;
  const { inMs } = ownerReturns(week.profile, week.now, roomBeside(policy, seen, memory, [kind]));
  if (!Number.isFinite(inMs)) return null;
  const lifeMs = usualLifeMs(memory, kind.name);
  const isDone = (lifeMs ?? kind.ttlMs) <= inMs ? 'done by then' : 'not done by then';
  const those = policy.kinds.length === 1 ? 'pilots' : `pilots of kind ${kind.name}`;
  const lives =
    lifeMs === null
      ? `it may run for ${spanText(kind.ttlMs)} (${ttlWord(kind.name)}), ${isDone} if it does`
      : `${those} usually run for ${spanText(lifeMs)}, ${isDone}`;
  const when = inMs === 0 ? 'at this hour' : `in ${spanText(inMs)}`;
  return `profile: the owner usually needs the room of ${one(memory)} ${when}; ${lives}`;
}

function one({ slots }: Memory): string {
  const others = slots.filter((slot) => slot.pilot !== null).length;
  return others === 0 ? 'a pilot' : `one more beside ${counted(others, 'pilot')}`;
}
