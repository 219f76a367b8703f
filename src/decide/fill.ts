import type { Action } from '../model/action.ts';
import type { Reason } from '../model/reason.ts';
import { blockers, cpuFits, growthBlockers, memoryFits } from './admit.ts';
import { counted, spanText } from './numbers.ts';
import { isAlive } from './slots.ts';
import type { Memory, Policy, Seen, Slot } from './types.ts';

/**
 * Starts under way at a time. A start is mostly the engine waiting for the kernel; beyond a handful the engine's own
 * locks make each one slower, and the node's owner pays for the engine's CPU time.
 */
const startsInFlight = 8;

/** Fills slots: first those whose pilot ended (refill), then new ones (growth) within the pace of growth. */
export function fill(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  counts: { running: number; unmanaged: number },
): { memory: Memory; actions: Action[]; refusals: readonly Reason[] } {
  const { sample } = seen;
  const capacity = Math.max(0, policy.limit - counts.unmanaged);
  const always = blockers(policy, seen, memory);
  // While draining, a slot that empties is gone: after `resume` the node grows again at its pace.
  const kept = sample.control.drain ? memory.slots.filter((slot) => slot.pilot !== null) : memory.slots;
  const slots = withoutSurplus(kept, capacity);
  if (always.length > 0) {
    const full = counts.running >= capacity ? [limitReason(policy, counts, slots.length)] : [];
    return { memory: { ...memory, slots }, actions: [], refusals: [...always, ...full] };
  }

  const starting = sample.inFlight.filter(({ action }) => action.do === 'start').length;
  const alive = new Set(
    sample.engine.pilots.filter((pilot) => pilot.managed && isAlive(pilot)).map((one) => one.name),
  );
  const onTheirWay = slots.filter((slot) => slot.pilot !== null && !alive.has(slot.pilot)).length;
  const room = Math.min(
    capacity - counts.running - onTheirWay,
    startsInFlight - starting,
    memoryFits(policy, seen),
    sample.freshNames.length,
  );
  const filled = refill(slots, room, sample.freshNames, sample.atMs);
  const growth = grow(
    policy,
    seen,
    { ...memory, slots: filled.slots },
    room - filled.names.length,
    filled.names.length,
    capacity,
  );
  const names = [
    ...filled.names.map((name) => ({ name, why: 'refill' })),
    ...growth.names.map((name) => ({ name, why: 'growth' })),
  ];
  return {
    memory: growth.memory,
    actions: names.map(({ name, why }): Action => ({ do: 'start', name, why })),
    refusals:
      growth.memory.slots.length >= capacity && growth.waiting === null
        ? [limitReason(policy, counts, growth.memory.slots.length)]
        : growth.refusals,
  };
}

/** The limit is reached by those that run, those that start or end, and what the original left. */
function limitReason(policy: Policy, counts: { running: number; unmanaged: number }, slots: number): Reason {
  const changing = slots - counts.running;
  const others =
    counts.unmanaged > 0 ? `, ${counted(counts.unmanaged, 'container')} of another Plancton` : '';
  const text = `the limit is ${counted(policy.limit, 'pilot')}: ${counts.running} running${changing > 0 ? `, ${changing} starting` : ''}${others}`;
  return { rule: 'limit', text };
}

/** Slots beyond the capacity: the empty ones go; pilots that run are left to finish. */
function withoutSurplus(slots: readonly Slot[], capacity: number): readonly Slot[] {
  let surplus = slots.length - capacity;
  return surplus <= 0 ? slots : slots.filter((slot) => slot.pilot !== null || surplus-- <= 0);
}

function refill(
  slots: readonly Slot[],
  room: number,
  freshNames: readonly string[],
  nowMs: number,
): { slots: readonly Slot[]; names: string[] } {
  const names: string[] = [];
  const filled = slots.map((slot) => {
    const name = freshNames[names.length];
    if (slot.pilot !== null || slot.notBeforeMs > nowMs || names.length >= room || name === undefined)
      return slot;
    names.push(name);
    return { ...slot, pilot: name };
  });
  return { slots: names.length > 0 ? filled : slots, names };
}

/** New slots, when every slot there is has its pilot and the owner leaves CPU for more. */
function grow(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  room: number,
  namesTaken: number,
  capacity: number,
): { memory: Memory; names: string[]; refusals: readonly Reason[]; waiting: Slot | null } {
  const { sample } = seen;
  const nowMs = sample.atMs;
  const waiting = memory.slots.find((slot) => slot.pilot === null) ?? null;
  const refusals = growthBlockers(policy, seen, memory.slots, memory.slots.length);
  const window =
    memory.growth !== null && nowMs - memory.growth.sinceMs < policy.loopMs
      ? memory.growth
      : { sinceMs: nowMs, starts: 0 };
  const paceLeft = policy.startsPerLoop - window.starts;
  if (paceLeft <= 0) {
    const text = `${counted(window.starts, 'slot')} newly filled (docks_per_loop), the next in ${spanText(window.sinceMs + policy.loopMs - nowMs)}`;
    refusals.push({ rule: 'growth', text });
  }
  if (refusals.length > 0 || waiting !== null) return { memory, names: [], refusals, waiting };
  const count = Math.max(
    0,
    Math.min(room, paceLeft, capacity - memory.slots.length, cpuFits(policy, seen) - memory.slots.length),
  );
  if (count === 0) return { memory, names: [], refusals, waiting };
  const names = sample.freshNames.slice(namesTaken, namesTaken + count);
  const slots = [...memory.slots, ...names.map((pilot) => ({ pilot, failures: 0, notBeforeMs: nowMs }))];
  return {
    memory: { ...memory, slots, growth: { sinceMs: window.sinceMs, starts: window.starts + names.length } },
    names,
    refusals,
    waiting,
  };
}
