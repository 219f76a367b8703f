import { type KindPolicies, type KindPolicy, ruleFor } from './kindPolicy.ts';
import { type KindMemories, type KindUse, memoryOfKind } from './kindMemory.ts';
import type { Memory, Slot } from './types.ts';

/** What a kind had counts half after this time. */
const halfLifeMs = 3_600_000;
const ratePerMs = Math.LN2 / halfLifeMs;
/**
 * For the choice of the next start a pilot counts as if it had run for a minute at least: slots that fall empty together
 * are not all given to the kind that is behind by seconds.
 */
const advanceMs = 60_000;
/** A kind that comes back is at most so much of its part of the node behind the others, or ahead of them. */
const catchUpMs = 600_000;

/** What an amount of CPU time is worth later. */
export function decayed(amount: number, fromMs: number, nowMs: number): number {
  return amount === 0 ? 0 : amount * Math.exp(-ratePerMs * Math.max(0, nowMs - fromMs));
}

/** CPU-milliseconds allocated to a pilot that has had so many CPUs for so long, as they count at the end of that time. */
export function allocated(cpus: number, forMs: number): number {
  return (cpus / ratePerMs) * (1 - Math.exp(-ratePerMs * Math.max(0, forMs)));
}

/** CPUs that are allocated to what is in this slot. */
export function cpusOfSlot(policy: KindPolicies, slot: Slot): number {
  return slot.cpus ?? ruleFor(policy, slot.kind).cpus;
}

/** What the pilots in slots have had until now, by kind; each counts for at least `leastMs`. */
function claims(policy: KindPolicies, memory: Memory, nowMs: number, leastMs: number): Map<string, number> {
  const sums = new Map<string, number>();
  for (const slot of memory.slots) {
    if (slot.pilot === null || slot.kind === undefined) continue;
    const forMs = Math.max(leastMs, nowMs - (slot.sinceMs ?? nowMs));
    sums.set(slot.kind, (sums.get(slot.kind) ?? 0) + allocated(cpusOfSlot(policy, slot), forMs));
  }
  return sums;
}

/** CPU-milliseconds that each kind has had, decayed, those of its pilots of now included. */
export function usage(policy: KindPolicies, memory: Memory, nowMs: number): ReadonlyMap<string, number> {
  const running = claims(policy, memory, nowMs, 0);
  return new Map(
    policy.kinds.map(({ name }) => {
      const { cpuMs, atMs } = memoryOfKind(memory.kinds, name).use;
      return [name, decayed(cpuMs, atMs, nowMs) + (running.get(name) ?? 0)];
    }),
  );
}

/** What each kind is charged with when the next start is given away: its usage, advances and what it was credited with. */
export function charges(policy: KindPolicies, memory: Memory, nowMs: number): ReadonlyMap<string, number> {
  // One kind alone has nobody to be compared with.
  if (policy.kinds.length < 2) return new Map();
  const running = claims(policy, memory, nowMs, advanceMs);
  return new Map(
    policy.kinds.map(({ name }) => {
      const { cpuMs, creditMs, atMs } = memoryOfKind(memory.kinds, name).use;
      return [name, decayed(cpuMs + creditMs, atMs, nowMs) + (running.get(name) ?? 0)];
    }),
  );
}

/** What the start of one more pilot adds to the charge of its kind. */
export function advance({ cpus }: KindPolicy): number {
  return allocated(cpus, advanceMs);
}

/** What a kind may be behind or ahead of the others when it comes back: 10 min of its share of all CPUs. */
export function mostDebt({ kinds }: KindPolicies, kind: KindPolicy, cpuCount: number): number {
  const shares = kinds.filter(({ enabled }) => enabled).reduce((sum, { share }) => sum + share, 0);
  return catchUpMs * cpuCount * (kind.share / Math.max(kind.share, shares));
}

/**
 * The use of a kind that comes back. What it did not have while it could not have it is no claim on the others: it is as
 * far behind (or ahead) of what they have had by their shares as 10 min of its share are, so that it catches up soon, and
 * neither it nor they have to wait for long.
 */
export function returned(
  before: KindUse,
  chargedMs: number,
  levelMs: number | null,
  debtMs: number,
  nowMs: number,
): KindUse {
  if (levelMs === null) return before;
  const wantedMs = Math.min(Math.max(chargedMs, levelMs - debtMs), levelMs + debtMs);
  if (wantedMs === chargedMs) return before;
  return {
    cpuMs: decayed(before.cpuMs, before.atMs, nowMs),
    creditMs: decayed(before.creditMs, before.atMs, nowMs) + wantedMs - chargedMs,
    atMs: nowMs,
  };
}

/** Adds what a pilot had that left its slot at this time. */
function withUse(before: KindUse, cpuMs: number, nowMs: number): KindUse {
  return {
    cpuMs: decayed(before.cpuMs, before.atMs, nowMs) + cpuMs,
    creditMs: decayed(before.creditMs, before.atMs, nowMs),
    atMs: nowMs,
  };
}

/** Pilots that leave their slots now leave what they had to their kinds. `livedMs` is what the engine says of each. */
export function chargeKinds(
  policy: KindPolicies,
  kinds: KindMemories,
  left: readonly { readonly slot: Slot; readonly livedMs: number | null }[],
  nowMs: number,
): KindMemories {
  let after = kinds;
  for (const { slot, livedMs } of left) {
    if (slot.kind === undefined) continue;
    const hadMs = slot.sinceMs === undefined ? null : nowMs - slot.sinceMs;
    // The daemon may have been away for longer than the pilot lived.
    const forMs = Math.min(livedMs ?? hadMs ?? 0, hadMs ?? livedMs ?? 0);
    const before = memoryOfKind(after, slot.kind);
    const use = withUse(before.use, allocated(cpusOfSlot(policy, slot), forMs), nowMs);
    after = { ...after, [slot.kind]: { ...before, use } };
  }
  return after;
}
