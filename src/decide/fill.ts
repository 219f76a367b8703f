import type { Action } from '../model/action.ts';
import type { Reason } from '../model/reason.ts';
import { blockers, failingOf, growthBlockers } from './admit.ts';
import { afterStart, type Contest, nextKind, openContest } from './contest.ts';
import { followPresence } from './kindBlockers.ts';
import { type KindPolicy, ruleFor } from './kindPolicy.ts';
import { counted, spanText } from './numbers.ts';
import { cpuFitsMore } from './room.ts';
import { failingSlots, isAlive } from './slots.ts';
import { prepare, type ReadySpare, readySpares } from './spare.ts';
import type { Memory, Policy, Seen, Slot } from './types.ts';

/**
 * Starts under way at a time. A start is mostly the engine waiting for the kernel; beyond a handful the engine's own
 * locks make each one slower, and the node's owner pays for the engine's CPU time.
 */
const startsInFlight = 8;

/** How many pilots run, ours to manage, and how many containers only take room. */
interface Counts {
  readonly running: number;
  readonly unmanaged: number;
}

/** What has been given away in this tick, and what is left to give. */
interface Filling {
  readonly slots: readonly Slot[];
  readonly contest: Contest;
  readonly actions: readonly Action[];
  /** Starts that may still begin, and the containers and names for them. */
  readonly room: number;
  readonly spares: readonly ReadySpare[];
  readonly names: readonly string[];
}

/** Fills slots: first those whose pilot ended (refill), then new ones (growth) within the pace of growth. */
export function fill(
  policy: Policy,
  seen: Seen,
  before: Memory,
  counts: Counts,
): { memory: Memory; actions: readonly Action[]; refusals: readonly Reason[] } {
  const { sample } = seen;
  const memory = followPresence(policy, seen, before);
  const capacity = Math.max(0, policy.limit - counts.unmanaged);
  const always = blockers(policy, seen, memory);
  // While draining, a slot that empties is gone: after `resume` the node grows again at its pace.
  const kept = sample.control.drain ? memory.slots.filter((slot) => slot.pilot !== null) : memory.slots;
  const slots = withoutSurplus(kept, capacity);
  if (always.length > 0) {
    const full = counts.running >= capacity ? [limitReason(policy, counts, slots.length)] : [];
    return { memory: { ...memory, slots }, actions: [], refusals: [...always, ...full] };
  }
  // The usual case, and each second's: what it spares is a twelfth of a tick.
  if (slots.length >= capacity && slots.every((slot) => slot.pilot !== null)) {
    const full: Memory = { ...memory, slots };
    const next = prepare(policy, sample, full, (isBrisk) =>
      kindToPrepare(policy, seen, full, openContest(policy, seen, memory), isBrisk),
    );
    return { ...next, refusals: [limitReason(policy, counts, slots.length)] };
  }
  const start: Filling = {
    slots,
    contest: openContest(policy, seen, memory),
    actions: [],
    room: roomNow(seen, slots, capacity, counts),
    spares: readySpares(policy, sample, memory),
    names: sample.freshNames,
  };
  const filled = refill(policy, seen, memory, start);
  const grown = grow(policy, seen, memory, filled, capacity);
  const taken = withoutTaken(
    { ...memory, slots: grown.filling.slots, growth: grown.growth },
    grown.filling.actions,
    filled.actions.length > 0 ? sample.atMs : null,
  );
  const next =
    grown.filling.actions.length > 0
      ? { memory: taken, actions: [] }
      : prepare(policy, sample, taken, (isBrisk) =>
          kindToPrepare(policy, seen, taken, grown.filling.contest, isBrisk),
        );
  return {
    memory: next.memory,
    actions: [...grown.filling.actions, ...next.actions],
    refusals:
      grown.filling.slots.length >= capacity && !grown.isWaiting
        ? [limitReason(policy, counts, grown.filling.slots.length)]
        : grown.refusals,
  };
}

/** How many starts may begin now, memory and CPUs aside. */
function roomNow({ sample }: Seen, slots: readonly Slot[], capacity: number, { running }: Counts): number {
  const starting = sample.inFlight.filter(({ action }) => action.do === 'start').length;
  const alive = new Set(
    sample.engine.pilots.filter((pilot) => pilot.managed && isAlive(pilot)).map((one) => one.name),
  );
  const onTheirWay = slots.filter((slot) => slot.pilot !== null && !alive.has(slot.pilot)).length;
  return Math.min(capacity - running - onTheirWay, startsInFlight - starting, sample.freshNames.length);
}

/** Slots beyond the capacity: the empty ones go; pilots that run are left to finish. */
function withoutSurplus(slots: readonly Slot[], capacity: number): readonly Slot[] {
  let surplus = slots.length - capacity;
  return surplus <= 0 ? slots : slots.filter((slot) => slot.pilot !== null || surplus-- <= 0);
}

/** Fills the slots that are there and empty. */
function refill(policy: Policy, seen: Seen, memory: Memory, start: Filling): Filling {
  let filling = start;
  for (const [index, slot] of start.slots.entries()) {
    if (slot.pilot !== null || filling.room <= 0) continue;
    const { slots } = filling;
    const kind = nextKind(policy, seen, memory, filling.contest, (one) =>
      mayRefill(policy, seen, memory, slots, slot, one),
    );
    if (kind !== null) filling = filledWith(filling, kind, 'refill', seen.sample.atMs, index);
  }
  return filling;
}

/**
 * Whether a pilot of this kind may follow in a slot: not while it has failed there and waits. One that needs more CPUs
 * than the one before it is more than a refill, and has to fit like one more.
 */
function mayRefill(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  slots: readonly Slot[],
  slot: Slot,
  kind: KindPolicy,
): boolean {
  const isSame = slot.kind === undefined || slot.kind === kind.name;
  if (isSame) return slot.notBeforeMs <= seen.sample.atMs;
  if (kind.cpus <= ruleFor(policy, slot.kind).cpus) return true;
  const others = slots.filter((other) => other !== slot);
  return cpuFitsMore(policy, seen, memory, kind, others) > 0;
}

/** Puts the next pilot of a kind into the slot of this index, or into a new one. */
function filledWith(
  before: Filling,
  kind: KindPolicy,
  why: string,
  nowMs: number,
  index: number | null,
): Filling {
  const spare = before.spares.find((one) => one.kind === kind.name) ?? null;
  const name = spare?.name ?? before.names[0];
  if (name === undefined) return { ...before, room: 0 };
  const old = index === null ? undefined : before.slots[index];
  const isSame = old !== undefined && (old.kind ?? kind.name) === kind.name;
  const { failures, notBeforeMs } = isSame ? old : { failures: 0, notBeforeMs: nowMs };
  const slot: Slot = { pilot: name, kind: kind.name, sinceMs: nowMs, failures, notBeforeMs, cpus: kind.cpus };
  const prepared = spare === null ? {} : { prepared: spare.id };
  return {
    slots: index === null ? [...before.slots, slot] : before.slots.with(index, slot),
    contest: afterStart(before.contest, kind),
    actions: [...before.actions, { do: 'start', kind: kind.name, name, ...prepared, why }],
    room: before.room - 1,
    spares: before.spares.filter((one) => one !== spare),
    names: spare === null ? before.names.slice(1) : before.names,
  };
}

/** What came of growing. */
interface Grown {
  readonly filling: Filling;
  readonly growth: Memory['growth'];
  readonly refusals: readonly Reason[];
  /** A slot waits for its pilot. */
  readonly isWaiting: boolean;
}

/** New slots, when no slot that there is waits for a pilot now, and the owner leaves CPU for more. */
function grow(policy: Policy, seen: Seen, memory: Memory, filled: Filling, capacity: number): Grown {
  const nowMs = seen.sample.atMs;
  const now: Memory = { ...memory, slots: filled.slots };
  const isWaiting = filled.slots.some((slot) => slot.pilot === null);
  const refusals = growthBlockers(policy, seen, now);
  const window =
    memory.growth !== null && nowMs - memory.growth.sinceMs < policy.loopMs
      ? memory.growth
      : { sinceMs: nowMs, starts: 0 };
  if (policy.startsPerLoop - window.starts <= 0) {
    const text = `${counted(window.starts, 'slot')} newly filled (docks_per_loop), the next in ${spanText(window.sinceMs + policy.loopMs - nowMs)}`;
    refusals.push({ rule: 'growth', text });
  }
  const nothing = { filling: filled, growth: memory.growth, isWaiting };
  const isDue = filled.slots.some((slot) => slot.pilot === null && slot.notBeforeMs <= nowMs);
  if (refusals.length > 0 || isDue) return { ...nothing, refusals };

  let filling = filled;
  let { starts } = window;
  while (filling.room > 0 && starts < policy.startsPerLoop && filling.slots.length < capacity) {
    const { slots } = filling;
    const kind = nextKind(policy, seen, memory, filling.contest, (one) =>
      mayGrow(policy, seen, now, one, slots),
    );
    if (kind === null) break;
    filling = filledWith(filling, kind, 'growth', nowMs, null);
    starts += 1;
  }
  if (filling === filled) return { ...nothing, refusals: failingSlots(filled.slots, nowMs) };
  return { filling, growth: { sinceMs: window.sinceMs, starts }, refusals, isWaiting };
}

/** Whether one more of this kind may have a slot of its own beside these. */
function mayGrow(policy: Policy, seen: Seen, now: Memory, kind: KindPolicy, slots: readonly Slot[]): boolean {
  return failingOf(policy, seen, now, kind) === null && cpuFitsMore(policy, seen, now, kind, slots) > 0;
}

/** The kind that would have the next start, if the containers that are prepared were started already. */
function kindToPrepare(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  contest: Contest,
  isBrisk: (kind: KindPolicy) => boolean,
): KindPolicy | null {
  const after = memory.spares.pilots.reduce((all, spare) => {
    const kind = policy.kinds.find(({ name }) => name === spare.kind);
    return kind === undefined ? all : afterStart(all, kind);
  }, contest);
  const roomy: Contest = { ...after, roomBytes: Number.POSITIVE_INFINITY, given: [] };
  return nextKind(policy, seen, memory, roomy, isBrisk);
}

/** Prepared containers that are started now are pilots from now on. */
function withoutTaken(memory: Memory, started: readonly Action[], refilledAtMs: number | null): Memory {
  if (started.length === 0) return memory;
  const names = new Set(started.map((action) => (action.do === 'start' ? action.name : '')));
  const pilots = memory.spares.pilots.filter((spare) => !names.has(spare.pilot));
  const lastRefillMs = refilledAtMs ?? memory.spares.lastRefillMs;
  return { ...memory, spares: { ...memory.spares, pilots, lastRefillMs } };
}

/** The limit is reached by those that run, those that start or end, and what the original left. */
function limitReason(policy: Policy, counts: Counts, slots: number): Reason {
  const changing = slots - counts.running;
  const others =
    counts.unmanaged > 0 ? `, ${counted(counts.unmanaged, 'container')} without a proof of being ours` : '';
  const text = `the limit is ${counted(policy.limit, 'pilot')}: ${counts.running} running${changing > 0 ? `, ${changing} starting` : ''}${others}`;
  return { rule: 'limit', text };
}
