import type { Reason } from '../model/reason.ts';
import { claimsBeyondUse, newClaim } from './claims.ts';
import { pilotsThatFit, pilotsThatMayStay } from './cpuRule.ts';
import { bytesText, counted, cpusText } from './numbers.ts';
import { reservedOf } from './reserve.ts';
import type { Memory, Policy, Seen } from './types.ts';

/** Growth wants this share of a pilot's CPUs more than staying does: an owner at the edge must not make pilots flap. */
export const growthMargin = 0.1;

/** Bytes of the node's memory that are kept for the owner; unknown memory keeps nothing, and lets nothing start. */
export function memoryReserve(policy: Policy, seen: Seen): number {
  return seen.memory.known ? reservedOf(policy.reserve.memory, seen.memory.value.totalBytes) : 0;
}

/** CPUs of the node that are kept for the owner beyond those that he uses. */
export function cpuReserve(policy: Policy, seen: Seen): number {
  return reservedOf(policy.reserve.cpus, seen.sample.host.cpuCount);
}

/**
 * Bytes that the owner's reserve and what pilots claim leave for more of them; null where this node's memory says
 * nothing. Starts under way claim as much as a new pilot.
 */
export function memoryRoom(policy: Policy, seen: Seen): number | null {
  if (!policy.nodeIsEngines || !seen.memory.known) return null;
  const starting = seen.sample.inFlight.filter(({ action }) => action.do === 'start').length;
  const claims = claimsBeyondUse(policy, seen) + starting * newClaim(policy, seen);
  return seen.memory.value.availableBytes - memoryReserve(policy, seen) - claims;
}

/** How many more pilots memory has room for now. */
export function memoryFits(policy: Policy, seen: Seen): number {
  const room = memoryRoom(policy, seen);
  if (room === null) return policy.nodeIsEngines ? 0 : Number.POSITIVE_INFINITY;
  return Math.max(0, Math.floor(room / newClaim(policy, seen)));
}

/** Why memory has no room for one more pilot; null when it has. */
export function memoryBlocker(policy: Policy, seen: Seen): Reason | null {
  if (memoryFits(policy, seen) > 0) return null;
  if (!seen.memory.known) return { rule: 'memory', text: `memory cannot be seen: ${seen.memory.reason}` };
  const room = bytesText(Math.max(0, memoryRoom(policy, seen) ?? 0));
  const needs = bytesText(newClaim(policy, seen));
  return {
    rule: 'memory',
    text: `${room} of memory to spare beyond the owner's reserve, a new pilot needs ${needs}`,
  };
}

/** Why the engine's disk has no room for one more pilot; null when it has, or when nothing of it is kept. */
export function diskBlocker(policy: Policy, seen: Seen): Reason | null {
  const { disk } = seen.sample.host;
  const { share, atMost } = policy.reserve.disk;
  if (!policy.nodeIsEngines || share === 0 || atMost === 0) return null;
  if (!disk.known) {
    const text = `the engine's disk cannot be seen: ${disk.reason} (reserve: {disk: 0} does without)`;
    return { rule: 'disk', text };
  }
  const reserve = reservedOf(policy.reserve.disk, disk.value.totalBytes);
  if (disk.value.freeBytes >= reserve) return null;
  const text = `${bytesText(disk.value.freeBytes)} free on the engine's disk, ${bytesText(reserve)} are kept for the owner`;
  return { rule: 'disk', text };
}

/**
 * How many pilots there may be by the owner's CPU use when one is to be added: those that fit beside what he uses now,
 * and no more than could stay beside what he was last judged to use on average. One that is started in a lull of his
 * would only be evicted in the end. In the idle class it also may be as many as the last window had unused CPUs for.
 */
export function cpuFits(policy: Policy, seen: Seen, memory: Memory): number {
  if (!policy.nodeIsEngines) return Number.POSITIVE_INFINITY;
  if (!seen.ownerCpus.known) return 0;
  const { cpuCount } = seen.sample.host;
  const margin = cpuReserve(policy, seen) + growthMargin * policy.cpusPerPilot;
  const fits = pilotsThatFit(policy, cpuCount, seen.ownerCpus.value + margin);
  const judged = memory.cpu?.judgedCpus ?? null;
  const guests =
    policy.means.cpuClass === 'normal'
      ? 0
      : Math.min(memory.cpu?.guests ?? 0, pilotsThatFit(policy, cpuCount, margin));
  const room = Math.max(fits, guests);
  return judged === null ? room : Math.min(room, pilotsThatMayStay(policy, cpuCount, judged + margin));
}

/** Why the owner's CPU use leaves no room for one more than there are slots; null when it does. */
export function cpuBlocker(policy: Policy, seen: Seen, memory: Memory): Reason | null {
  const fits = cpuFits(policy, seen, memory);
  if (fits > memory.slots.length) return null;
  if (!seen.ownerCpus.known) return { rule: 'cpu', text: `CPU use cannot be seen: ${seen.ownerCpus.reason}` };
  return {
    rule: 'cpu',
    text: `${ownerText(policy, seen, memory)}, which leaves room for ${counted(fits, 'pilot')}`,
  };
}

/** What the owner uses and keeps, for a reader; and on average, where that is more. */
export function ownerText(policy: Policy, seen: Seen, memory: Memory): string {
  const uses = seen.ownerCpus.known ? seen.ownerCpus.value : 0;
  const kept = cpuReserve(policy, seen);
  const judged = memory.cpu?.judgedCpus ?? 0;
  const mean = judged > uses ? ` (${cpusText(judged)} on average)` : '';
  const keeps = kept > 0 ? ` and keeps ${cpusText(kept)}` : '';
  return `the owner uses ${cpusText(uses)}${mean} of ${seen.sample.host.cpuCount}${keeps}`;
}
