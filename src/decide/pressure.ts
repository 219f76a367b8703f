import type { HostSample, Pressures, StallCounters } from '../model/host.ts';
import { known, type Reading, unknown } from '../model/reading.ts';
import type { OwnerPressure } from './types.ts';

type PressureOf = HostSample['pressure'];
type Resource = keyof Pressures;

/** Pressure of which nothing is known, for this reason. */
export function noPressure(why: Reading<never>): OwnerPressure {
  return { cpu: why, memory: why, memoryFull: why, io: why };
}

/**
 * The owner's pressures between two samples, each a lower bound. Where groups of his alone are known, the one that
 * waited most: their union waited at least as long. Elsewhere the node less the pilots: root pressure is the union of
 * everybody's stalls, from which the pilots' cannot be subtracted exactly. Without either it is unknown.
 */
export function ownerPressure(before: PressureOf, now: PressureOf, elapsedMs: number): OwnerPressure {
  const of = (resource: Resource, counter: keyof StallCounters): Reading<number> =>
    lowerBound(before, now, elapsedMs, resource, counter);
  return {
    cpu: of('cpu', 'someMs'),
    memory: of('memory', 'someMs'),
    memoryFull: of('memory', 'fullMs'),
    io: of('io', 'someMs'),
  };
}

function lowerBound(
  before: PressureOf,
  now: PressureOf,
  elapsedMs: number,
  resource: Resource,
  counter: keyof StallCounters,
): Reading<number> {
  const share = (a: Pressures | undefined, b: Pressures): Reading<number> =>
    a === undefined
      ? unknown('the group was not there before')
      : stallShare(a[resource], b[resource], counter, elapsedMs);
  // Groups come and go with the users: unless they are the same ones as before, nothing can be compared.
  const groups =
    before.owner.length === now.owner.length
      ? now.owner.map((group, index) => share(before.owner[index], group))
      : [];
  const seen = groups.flatMap((group) => (group.known ? [group.value] : []));
  if (seen.length > 0) return known(Math.max(...seen));
  const node = share(before.node, now.node);
  if (!node.known) return node;
  const pilots = share(before.pilots, now.pilots);
  return pilots.known ? known(Math.max(0, node.value - pilots.value)) : pilots;
}

function stallShare(
  a: Reading<StallCounters>,
  b: Reading<StallCounters>,
  counter: keyof StallCounters,
  elapsedMs: number,
): Reading<number> {
  if (!a.known) return a;
  if (!b.known) return b;
  if (elapsedMs <= 0) return unknown('no time has passed');
  return known(Math.min(1, Math.max(0, (b.value[counter] - a.value[counter]) / elapsedMs)));
}
