import type { Pilot } from '../model/pilot.ts';
import type { Reason } from '../model/reason.ts';
import type { KindMemory } from './kindMemory.ts';
import type { KindPolicy } from './kindPolicy.ts';
import { spanText } from './numbers.ts';
import { atOnceMs } from './outcome.ts';
import { isAlive } from './slots.ts';
import type { Memory, Policy, Sample } from './types.ts';

/*
 * The bound on start storms. Whatever a pilot's outcome is, one that lived for less than a second is a debt of one to its
 * kind, which time forgives: one a second for the node, divided among its kinds. A kind has as much credit as there may be
 * pilots; its debt and its pilots that have not lived for a second yet stay within that. So at most 60 such pilots a
 * minute are started, and one more for each slot and kind. Who lives for a second owes nothing, and his kind can always
 * fill every slot at once.
 */

/** How much is forgiven in this time, in pilots. */
function forgiven({ kinds }: Policy, ms: number): number {
  return Math.max(0, ms) / 1000 / Math.max(1, kinds.length);
}

/** What a kind owes for pilots that ended within a second. */
function debtOf(policy: Policy, { hasty }: KindMemory, nowMs: number): number {
  return hasty === null ? 0 : Math.max(0, hasty.count - forgiven(policy, nowMs - hasty.atMs));
}

/** Whether this end is one of them. */
export function isHasty({ end }: Pilot): boolean {
  return end !== null && end.livedMs < atOnceMs;
}

/** What is owed after so many more of them. */
export function withHasty(
  policy: Policy,
  before: KindMemory,
  more: number,
  nowMs: number,
): KindMemory['hasty'] {
  return more === 0 ? before.hasty : { count: debtOf(policy, before, nowMs) + more, atMs: nowMs };
}

/** Pilots of a kind that have not shown yet that they live for a second. */
function unsettled({ name }: KindPolicy, memory: Memory, sample: Sample): number {
  const mine = memory.slots.filter(({ pilot, kind }) => pilot !== null && kind === name);
  const settled = new Set(
    sample.engine.pilots
      .filter((pilot) => pilot.managed && isAlive(pilot))
      .filter(({ startedAtMs: at }) => !at.known || sample.atMs - at.value >= atOnceMs)
      .map((pilot) => pilot.name),
  );
  return mine.filter(({ pilot }) => pilot !== null && !settled.has(pilot)).length;
}

/** A sum of fractions may be short of a whole by this. */
const tinyCount = 1e-9;

/** How many pilots of a kind may be started now, by the bound on start storms. */
export function startsAllowed(
  policy: Policy,
  memory: Memory,
  kind: KindPolicy,
  own: KindMemory,
  sample: Sample,
): number {
  if (own.hasty === null) return Number.POSITIVE_INFINITY;
  const owed = debtOf(policy, own, sample.atMs) + unsettled(kind, memory, sample);
  return Math.max(0, Math.floor(Math.max(1, policy.limit) - owed + tinyCount));
}

/** Why a kind whose pilots end at once has no start now. */
export function hastyReason(policy: Policy, own: KindMemory, nowMs: number): Reason {
  const owed = debtOf(policy, own, nowMs);
  const perMs = forgiven(policy, 1);
  const leftMs = Math.max(0, owed - Math.max(1, policy.limit) + 1) / perMs;
  const text = `its pilots end within a second: the next may start in ${spanText(Math.max(1, leftMs))}`;
  return { rule: 'back-off', text };
}
