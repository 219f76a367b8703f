import type { Reason } from '../model/reason.ts';
import { claimsBeyondUse, newClaim } from './claims.ts';
import { fitting, staying, worth } from './cpuRule.ts';
import { type KindPolicy, ruleFor } from './kindPolicy.ts';
import { bytesText, counted, cpusText } from './numbers.ts';
import { reservedOf } from './reserve.ts';
import { cpusOfSlot } from './shares.ts';
import type { Memory, Policy, Seen, Slot } from './types.ts';

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
  const starting = seen.sample.inFlight.flatMap(({ action }) =>
    action.do === 'start' ? [newClaim(policy, seen, ruleFor(policy, action.kind))] : [],
  );
  const claims = claimsBeyondUse(policy, seen) + starting.reduce((sum, bytes) => sum + bytes, 0);
  return seen.memory.value.availableBytes - memoryReserve(policy, seen) - claims;
}

/** How many more pilots of this kind memory has room for now. */
export function memoryFits(policy: Policy, seen: Seen, kind: KindPolicy): number {
  const room = memoryRoom(policy, seen);
  if (room === null) return policy.nodeIsEngines ? 0 : Number.POSITIVE_INFINITY;
  return Math.max(0, Math.floor(room / newClaim(policy, seen, kind)));
}

/** Why memory has no room for one more pilot of this kind; null when it has. */
export function memoryBlocker(policy: Policy, seen: Seen, kind: KindPolicy): Reason | null {
  if (memoryFits(policy, seen, kind) > 0) return null;
  if (!seen.memory.known) return { rule: 'memory', text: `memory cannot be seen: ${seen.memory.reason}` };
  const room = bytesText(Math.max(0, memoryRoom(policy, seen) ?? 0));
  const needs = bytesText(newClaim(policy, seen, kind));
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
 * How many pilots of this kind's size there may be by the owner's CPU use when one is to be added, with fractions: those
 * that fit beside what he uses now, and no more than could stay beside what he was last judged to use on average. One that
 * is started in a lull of his would only be evicted in the end. In the idle class it also may be as many as the last
 * window had unused CPUs for.
 */
export function cpuRoom(policy: Policy, seen: Seen, memory: Memory, { cpus }: KindPolicy): number {
  if (!policy.nodeIsEngines) return Number.POSITIVE_INFINITY;
  if (!seen.ownerCpus.known) return 0;
  const { cpuCount } = seen.sample.host;
  const { cpuClass } = policy.means;
  const margin = cpuReserve(policy, seen) + growthMargin * cpus;
  const fits = fitting(cpus, cpuCount - (seen.ownerCpus.value + margin));
  const judged = memory.cpu?.judgedCpus ?? null;
  const guests =
    cpuClass === 'normal'
      ? 0
      : Math.min(worth(memory.cpu?.guestCpus ?? 0, cpus), fitting(cpus, cpuCount - margin));
  const room = Math.max(fits, guests);
  return judged === null ? room : Math.min(room, staying(cpuClass, cpus, cpuCount - (judged + margin)));
}

/** The same as a whole number of pilots. */
export function cpuFits(policy: Policy, seen: Seen, memory: Memory, kind: KindPolicy): number {
  return Math.max(0, Math.floor(cpuRoom(policy, seen, memory, kind)));
}

/** An empty slot has what its kind has now, and not what its last pilot had. */
function cpusInSlot(policy: Policy, slot: Slot): number {
  return slot.pilot === null ? ruleFor(policy, slot.kind).cpus : cpusOfSlot(policy, slot);
}

/** How many more pilots of this kind the owner's CPU use leaves room for beside these slots, filled or not. */
export function cpuFitsMore(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  kind: KindPolicy,
  slots: readonly Slot[],
): number {
  const total = slots.reduce((sum, slot) => sum + cpusInSlot(policy, slot), 0);
  return Math.max(0, Math.floor(cpuRoom(policy, seen, memory, kind) - worth(total, kind.cpus)));
}

/** Why the owner's CPU use leaves no room for one more of this kind than there are slots; null when it does. */
export function cpuBlocker(policy: Policy, seen: Seen, memory: Memory, kind: KindPolicy): Reason | null {
  if (cpuFitsMore(policy, seen, memory, kind, memory.slots) > 0) return null;
  if (!seen.ownerCpus.known) return { rule: 'cpu', text: `CPU use cannot be seen: ${seen.ownerCpus.reason}` };
  return {
    rule: 'cpu',
    text: `${ownerText(policy, seen, memory)}, which leaves room for ${counted(cpuFits(policy, seen, memory, kind), 'pilot')}`,
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
