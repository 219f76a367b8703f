import type { Action } from '../model/action.ts';
import type { Reason } from '../model/reason.ts';
import { blockers, failingSlots, growthBlockers } from './admit.ts';
import { fitBeforeReturn } from './beforeReturn.ts';
import { counted, spanText } from './numbers.ts';
import { cpuFits, memoryFits } from './room.ts';
import { isAlive } from './slots.ts';
import { prepare, readySpares } from './spare.ts';
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
  const useful = fitBeforeReturn(policy, seen, memory, room);
  const ready = new Map(readySpares(policy, sample, memory).map((pilot) => [pilot.name, pilot.id]));
  const offered = [...ready.keys(), ...sample.freshNames];
  const filled = refill(policy, slots, useful, offered, sample.atMs);
  const growth = grow(
    policy,
    seen,
    { ...memory, slots: filled.slots },
    useful - filled.names.length,
    offered.slice(filled.names.length),
    capacity,
  );
  const names = [
    ...filled.names.map((name) => ({ name, why: 'refill' })),
    ...growth.names.map((name) => ({ name, why: 'growth' })),
  ];
  const taken = withoutTaken(growth.memory, names, filled.names.length > 0 ? sample.atMs : null);
  const next = names.length > 0 ? { memory: taken, actions: [] } : prepare(policy, sample, taken);
  return {
    memory: next.memory,
    actions: [...names.map(({ name, why }) => startOf(name, ready.get(name), why)), ...next.actions],
    refusals:
      growth.memory.slots.length >= capacity && growth.waiting === null
        ? [limitReason(policy, counts, growth.memory.slots.length)]
        : growth.refusals,
  };
}

function startOf(name: string, prepared: string | undefined, why: string): Action {
  return prepared === undefined ? { do: 'start', name, why } : { do: 'start', name, prepared, why };
}

/** Prepared containers that are started now are pilots from now on. */
function withoutTaken(
  memory: Memory,
  started: readonly { readonly name: string }[],
  refilledAtMs: number | null,
): Memory {
  if (started.length === 0) return memory;
  const names = new Set(started.map(({ name }) => name));
  const pilots = memory.spares.pilots.filter((spare) => !names.has(spare.pilot));
  const lastRefillMs = refilledAtMs ?? memory.spares.lastRefillMs;
  return { ...memory, spares: { ...memory.spares, pilots, lastRefillMs } };
}

/** The limit is reached by those that run, those that start or end, and what the original left. */
function limitReason(policy: Policy, counts: { running: number; unmanaged: number }, slots: number): Reason {
  const changing = slots - counts.running;
  const others =
    counts.unmanaged > 0 ? `, ${counted(counts.unmanaged, 'container')} without a proof of being ours` : '';
  const text = `the limit is ${counted(policy.limit, 'pilot')}: ${counts.running} running${changing > 0 ? `, ${changing} starting` : ''}${others}`;
  return { rule: 'limit', text };
}

/** Slots beyond the capacity: the empty ones go; pilots that run are left to finish. */
function withoutSurplus(slots: readonly Slot[], capacity: number): readonly Slot[] {
  let surplus = slots.length - capacity;
  return surplus <= 0 ? slots : slots.filter((slot) => slot.pilot !== null || surplus-- <= 0);
}

function refill(
  policy: Policy,
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
    return { ...slot, pilot: name, cpus: policy.cpusPerPilot };
  });
  return { slots: names.length > 0 ? filled : slots, names };
}

/** New slots, when no slot that there is waits for a pilot now, and the owner leaves CPU for more. */
function grow(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  room: number,
  offered: readonly string[],
  capacity: number,
): { memory: Memory; names: string[]; refusals: readonly Reason[]; waiting: Slot | null } {
  const { sample } = seen;
  const nowMs = sample.atMs;
  const waiting = memory.slots.find((slot) => slot.pilot === null) ?? null;
  const refusals = growthBlockers(policy, seen, memory);
  const window =
    memory.growth !== null && nowMs - memory.growth.sinceMs < policy.loopMs
      ? memory.growth
      : { sinceMs: nowMs, starts: 0 };
  const paceLeft = policy.startsPerLoop - window.starts;
  if (paceLeft <= 0) {
    const text = `${counted(window.starts, 'slot')} newly filled (docks_per_loop), the next in ${spanText(window.sinceMs + policy.loopMs - nowMs)}`;
    refusals.push({ rule: 'growth', text });
  }
  const isDue = memory.slots.some((slot) => slot.pilot === null && slot.notBeforeMs <= nowMs);
  if (refusals.length > 0 || isDue) return { memory, names: [], refusals, waiting };
  const count = Math.max(
    0,
    Math.min(
      room,
      paceLeft,
      capacity - memory.slots.length,
      cpuFits(policy, seen, memory) - memory.slots.length,
    ),
  );
  if (count === 0) return { memory, names: [], refusals: failingSlots(memory.slots, nowMs), waiting };
  const names = offered.slice(0, count);
  const slots = [
    ...memory.slots,
    ...names.map((pilot) => ({ pilot, failures: 0, notBeforeMs: nowMs, cpus: policy.cpusPerPilot })),
  ];
  return {
    memory: { ...memory, slots, growth: { sinceMs: window.sinceMs, starts: window.starts + names.length } },
    names,
    refusals,
    waiting,
  };
}
