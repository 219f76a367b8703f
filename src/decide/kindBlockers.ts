import type { Reason } from '../model/reason.ts';
import { ownWindowBlocker, windowBlocker } from './closing.ts';
import { hastyReason, startsAllowed } from './hasty.ts';
import { imageBlocker } from './image.ts';
import { backOffBlocker } from './kindBackOff.ts';
import { memoryOfKind, withKind } from './kindMemory.ts';
import type { KindPolicy } from './kindPolicy.ts';
import { counted } from './numbers.ts';
import { charges, mostDebt, returned } from './shares.ts';
import { failingSlots, isAlive } from './slots.ts';
import type { Memory, Policy, Seen } from './types.ts';

/** Why none of this kind may start now, whatever room there is; the most fundamental first. Empty when one may. */
export function kindReasons(policy: Policy, seen: Seen, memory: Memory, kind: KindPolicy): readonly Reason[] {
  const { sample } = seen;
  const own = memoryOfKind(memory.kinds, kind.name);
  // Without a bound nobody has to count.
  const there = kind.max === Number.POSITIVE_INFINITY ? 0 : pilotsOfKind(seen, memory, kind);
  const reasons: (Reason | null)[] = [
    kind.enabled ? null : { rule: 'kind', text: 'it is disabled (enabled)' },
    imageBlocker(policy, kind, sample),
    ownWindowBlocker(kind),
    windowBlocker(seen, kind),
    own.backOff === null ? null : backOffBlocker(kind, own.backOff, memory.slots, sample.atMs),
    there < kind.max
      ? null
      : { rule: 'kind', text: `${counted(there, 'pilot')} of at most ${kind.max} (max)` },
    startsAllowed(policy, memory, kind, own, sample) > 0
      ? null
      : (failingNow(memory, kind, sample.atMs) ?? hastyReason(policy, own, sample.atMs)),
  ];
  return reasons.filter((reason) => reason !== null);
}

/** Where pilots fail at once, too, their slots wait for longer than the bound on start storms would have them. */
function failingNow({ slots }: Memory, { name }: KindPolicy, nowMs: number): Reason | null {
  const waiting = slots.filter(
    (slot) => slot.notBeforeMs > nowMs && (slot.kind === undefined || slot.kind === name),
  );
  return failingSlots(waiting, nowMs)[0] ?? null;
}

/** How many of this kind may be started in this tick, as far as the kind itself has it. */
export function kindMayStart(policy: Policy, seen: Seen, memory: Memory, kind: KindPolicy): number {
  if (kindReasons(policy, seen, memory, kind).length > 0) return 0;
  const own = memoryOfKind(memory.kinds, kind.name);
  // While it backs off, one at a time tries whether there is work again.
  const probes = own.backOff === null ? Number.POSITIVE_INFINITY : 1;
  const bound =
    kind.max === Number.POSITIVE_INFINITY ? kind.max : kind.max - pilotsOfKind(seen, memory, kind);
  return Math.min(probes, bound, startsAllowed(policy, memory, kind, own, seen.sample));
}

/** Pilots of this kind that run, are paused or are on their way; those that were asked to go count until they are gone. */
export function pilotsOfKind({ sample }: Seen, { slots }: Memory, { name }: KindPolicy): number {
  const inSlots = slots.flatMap(({ pilot, kind }) => (pilot !== null && kind === name ? [pilot] : []));
  const alive = sample.engine.pilots.filter(
    (pilot) => pilot.managed && pilot.kind === name && isAlive(pilot),
  );
  return new Set([...inSlots, ...alive.map((pilot) => pilot.name)]).size;
}

/**
 * Takes note of which kinds could have a start: one that could not has no claim for the time it was away. When it comes
 * back it is put on the level of those that were there meanwhile, give or take 10 min of its share.
 */
export function followPresence(policy: Policy, seen: Seen, memory: Memory): Memory {
  const present = policy.kinds.filter((kind) => kindReasons(policy, seen, memory, kind).length === 0);
  const isAway = (kind: KindPolicy): boolean => !present.includes(kind);
  const wasAway = ({ name }: KindPolicy): boolean => memoryOfKind(memory.kinds, name).isAway;
  const changed = policy.kinds.filter((kind) => isAway(kind) !== wasAway(kind));
  if (changed.length === 0) return memory;
  const nowMs = seen.sample.atMs;
  const charged = charges(policy, memory, nowMs);
  const stayed = present.filter((kind) => !wasAway(kind));
  const level = levelOf(stayed, charged);
  const kinds = changed.reduce((all, kind) => {
    const own = memoryOfKind(all, kind.name);
    if (isAway(kind)) return withKind(all, kind.name, { ...own, isAway: true });
    const debtMs = mostDebt(policy, kind, seen.sample.host.cpuCount);
    const levelMs = level === null ? null : level * kind.share;
    const use = returned(own.use, charged.get(kind.name) ?? 0, levelMs, debtMs, nowMs);
    return withKind(all, kind.name, { ...own, use, isAway: false });
  }, memory.kinds);
  return { ...memory, kinds };
}

/** What these are charged with for a share of 1, on the whole; null of none. */
function levelOf(kinds: readonly KindPolicy[], charged: ReadonlyMap<string, number>): number | null {
  if (kinds.length === 0) return null;
  const total = kinds.reduce((sum, { name }) => sum + (charged.get(name) ?? 0), 0);
  return total / kinds.reduce((sum, { share }) => sum + share, 0);
}
