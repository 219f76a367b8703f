import type { HostSample, OwnerGroup, Pressures, StallCounters } from '../model/host.ts';
import { known, type Reading, unknown } from '../model/reading.ts';
import type { OwnerPressure } from './types.ts';

type PressureOf = HostSample['pressure'];
type Resource = keyof Pressures;

/** Pressure of which nothing is known, for this reason. */
export function noPressure(why: Reading<never>): OwnerPressure {
  return { cpu: why, memory: why, memoryFull: why, io: why };
}

/**
 * The owner's pressures between two samples. Where groups of his alone are known, that of the one that waited most.
 *
 * Elsewhere his waiting for CPUs is unknown. The node's stalls less the pilots' is no lower bound of it: the kernel
 * takes a mean over the CPUs, weighted for each group with the time in which it was there (kernel/sched/psi.c), so that
 * pilots who wait for the owner count for more among all tasks than among pilots. With nobody of the owner's waiting
 * the two differ by up to 9 % (1/g⁵, g the golden ratio), and by more where the kernel sums them up at other times;
 * `owner_slowdown` is 1 %. For storage and memory, which are acted on from 40 % and 10 % on, the difference will do.
 */
export function ownerPressure(before: PressureOf, now: PressureOf, elapsedMs: number): OwnerPressure {
  const ofGroups = (resource: Resource, counter: keyof StallCounters): Reading<number> =>
    worstGroup(before, now, elapsedMs, resource, counter);
  const ofAny = (resource: Resource, counter: keyof StallCounters): Reading<number> => {
    const groups = ofGroups(resource, counter);
    return groups.known ? groups : nodeLessPilots(before, now, elapsedMs, resource, counter);
  };
  return {
    cpu: ofGroups('cpu', 'someMs'),
    memory: ofAny('memory', 'someMs'),
    memoryFull: ofAny('memory', 'fullMs'),
    io: ofAny('io', 'someMs'),
  };
}

function worstGroup(
  before: PressureOf,
  now: PressureOf,
  elapsedMs: number,
  resource: Resource,
  counter: keyof StallCounters,
): Reading<number> {
  if (now.owner.length === 0) return unknown('the kernel counts nothing of the owner alone here');
  // Groups come and go with the users: each is compared with itself.
  const earlier = (group: OwnerGroup, index: number): OwnerGroup | undefined =>
    group.group === undefined ? before.owner[index] : before.owner.find((one) => one.group === group.group);
  const groups = now.owner.map((group, index) =>
    stallShare(earlier(group, index)?.[resource], group[resource], counter, elapsedMs),
  );
  const shares = groups.flatMap((group) => (group.known ? [group.value] : []));
  return shares.length > 0 ? known(Math.max(...shares)) : (groups[0] ?? unknown('he has none'));
}

function nodeLessPilots(
  before: PressureOf,
  now: PressureOf,
  elapsedMs: number,
  resource: Resource,
  counter: keyof StallCounters,
): Reading<number> {
  const node = stallShare(before.node[resource], now.node[resource], counter, elapsedMs);
  const pilots = stallShare(before.pilots[resource], now.pilots[resource], counter, elapsedMs);
  if (!node.known) return node;
  return pilots.known ? known(Math.max(0, node.value - pilots.value)) : pilots;
}

function stallShare(
  a: Reading<StallCounters> | undefined,
  b: Reading<StallCounters>,
  counter: keyof StallCounters,
  elapsedMs: number,
): Reading<number> {
  if (a === undefined) return unknown('the group was not there before');
  if (!a.known) return a;
  if (!b.known) return b;
  if (elapsedMs <= 0) return unknown('no time has passed');
  return known(Math.min(1, Math.max(0, (b.value[counter] - a.value[counter]) / elapsedMs)));
}
