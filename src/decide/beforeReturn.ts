import { readingOr } from '../model/reading.ts';
import type { Reason } from '../model/reason.ts';
import { newClaim } from './claims.ts';
import { mostOwnerCpus } from './cpuRule.ts';
import { usualLifeMs } from './lives.ts';
import { counted, spanText } from './numbers.ts';
import { hardlyDoneBefore, type OwnerReturn, type OwnerRoom, ownerReturns } from './profileForecast.ts';
import { cpuReserve, memoryReserve } from './room.ts';
import type { Memory, Policy, Seen } from './types.ts';

/** What the owner may take beside the pilots that there are and `more` of them: when he takes more than that, one goes. */
export function roomBeside(policy: Policy, seen: Seen, memory: Memory, more: number): OwnerRoom {
  const { cpuCount, pilotsMemoryBytes } = seen.sample.host;
  const pilots = memory.slots.filter((slot) => slot.pilot !== null).length + more;
  const cpus = mostOwnerCpus(policy, cpuCount - cpuReserve(policy, seen), pilots);
  const totalBytes = seen.memory.known ? seen.memory.value.totalBytes : Number.POSITIVE_INFINITY;
  const heldBytes = readingOr(pilotsMemoryBytes, 0) + more * newClaim(policy, seen);
  return {
    cpuShare: Math.max(0, cpus) / cpuCount,
    memoryBytes: totalBytes - memoryReserve(policy, seen) - heldBytes,
  };
}

/** The usual return of the owner that so many more pilots would hardly be done before; null when there is none. */
function returnTooSoon(policy: Policy, seen: Seen, memory: Memory, more: number): OwnerReturn | null {
  const { week } = seen.sample;
  const lifeMs = usualLifeMs(memory);
  if (week === null || lifeMs === null || !policy.nodeIsEngines) return null;
  return hardlyDoneBefore(week.profile, week.now, lifeMs, roomBeside(policy, seen, memory, more));
}

/** How many of the `wanted` starts are not begun in vain, as the owner's week has it. */
export function fitBeforeReturn(policy: Policy, seen: Seen, memory: Memory, wanted: number): number {
  let more = 0;
  while (more < wanted && returnTooSoon(policy, seen, memory, more + 1) === null) more += 1;
  return more;
}

/** Why a start now would be in vain, as the owner's week has it; null when it would not. */
export function returnBlocker(policy: Policy, seen: Seen, memory: Memory): Reason | null {
  const back = returnTooSoon(policy, seen, memory, 1);
  if (back === null) return null;
  const text = `the owner usually needs the room of ${one(memory)} in ${spanText(back.inMs)}, pilots usually run for ${spanText(usualLifeMs(memory) ?? 0)}: it would hardly be done (learn)`;
  return { rule: 'profile', text };
}

/** What the owner's week and the lives of pilots say of one more; null where nothing is known. */
export function returnText(policy: Policy, seen: Seen, memory: Memory): string | null {
  const { week } = seen.sample;
  if (week === null || !policy.nodeIsEngines) return null;
  const { inMs } = ownerReturns(week.profile, week.now, roomBeside(policy, seen, memory, 1));
  if (!Number.isFinite(inMs)) return null;
  const lifeMs = usualLifeMs(memory);
  const isDone = (lifeMs ?? policy.ttlMs) <= inMs ? 'done by then' : 'not done by then';
  const lives =
    lifeMs === null
      ? `it may run for ${spanText(policy.ttlMs)} (max_ttl), ${isDone} if it does`
      : `pilots usually run for ${spanText(lifeMs)}, ${isDone}`;
  const when = inMs === 0 ? 'at this hour' : `in ${spanText(inMs)}`;
  return `profile: the owner usually needs the room of ${one(memory)} ${when}; ${lives}`;
}

function one({ slots }: Memory): string {
  const others = slots.filter((slot) => slot.pilot !== null).length;
  return others === 0 ? 'a pilot' : `one more beside ${counted(others, 'pilot')}`;
}
