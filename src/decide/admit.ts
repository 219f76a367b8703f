import type { Pilot } from '../model/pilot.ts';
import type { Reason } from '../model/reason.ts';
import { returnBlocker } from './beforeReturn.ts';
import { windowBlocker } from './closing.ts';
import { imageBlocker } from './image.ts';
import { counted, spanText } from './numbers.ts';
import { cpuBlocker, diskBlocker, memoryBlocker } from './room.ts';
import { senseBlockers, stirs } from './senseBlockers.ts';
import { backOffMs, fruitlessMs, isAlive, wasFruitless } from './slots.ts';
import type { Memory, Policy, Sample, Seen, Slot } from './types.ts';
import { waryBlocker } from './wariness.ts';

/** What stands before every start, refill or not: the first is the most fundamental. */
export function blockers(policy: Policy, seen: Seen, memory: Memory): Reason[] {
  const { sample } = seen;
  const reasons: (Reason | null)[] = [
    engineBlocker(seen),
    sample.control.drain
      ? { rule: 'drain', text: 'draining: no new containers will be started until resume' }
      : null,
    imageBlocker(policy, sample),
    windowBlocker(policy, seen),
    ...senseBlockers(policy, seen, memory),
    afterEviction(policy, seen, memory),
    shortForLong(policy, seen, memory),
    cpuUnseen(policy, seen),
    memoryBlocker(policy, seen),
    waryBlocker(policy, memory, sample.atMs),
    diskBlocker(policy, seen),
    returnBlocker(policy, seen, memory),
  ];
  return reasons.filter((reason) => reason !== null);
}

function engineBlocker(seen: Seen): Reason | null {
  const { state, reason, listed } = seen.sample.engine;
  if (state === 'answering' && listed) return null;
  if (reason === '') return { rule: 'starting-up', text: 'the engine has not yet listed its containers' };
  return { rule: 'engine', text: `the container engine does not answer: ${reason}` };
}

function afterEviction(policy: Policy, seen: Seen, memory: Memory): Reason | null {
  if (memory.lastEvictionMs === null) return null;
  const leftMs = memory.lastEvictionMs + policy.graceSpawnMs - seen.sample.atMs;
  if (leftMs <= 0) return null;
  return {
    rule: 'grace-spawn',
    text: `a pilot was evicted; nothing starts for another ${spanText(leftMs)} (grace_spawn)`,
  };
}

function shortForLong(policy: Policy, seen: Seen, memory: Memory): Reason | null {
  if (memory.shortSinceMs === null) return null;
  const shortForMs = seen.sample.atMs - memory.shortSinceMs;
  if (shortForMs < policy.graceKillMs) return null;
  return { rule: 'cpu', text: `the owner has been short of CPU for ${spanText(shortForMs)}` };
}

/** A node whose CPU cannot be read is not judged: nothing starts on it, not even a refill. */
function cpuUnseen(policy: Policy, seen: Seen): Reason | null {
  const { cpu } = seen.sample.host;
  if (!policy.nodeIsEngines || cpu.known) return null;
  return { rule: 'cpu', text: `CPU use cannot be seen: ${cpu.reason}` };
}

/** What stands before filling a slot that was empty, beyond what stands before any start. */
export function growthBlockers(policy: Policy, seen: Seen, memory: Memory): Reason[] {
  const { sample } = seen;
  const { slots } = memory;
  const reasons: (Reason | null)[] = [
    ...(hasProvenSince(sample, lastFailureMs(slots)) ? [] : failingSlots(slots, sample.atMs)),
    cpuBlocker(policy, seen, memory),
    ...stirs(policy, seen, memory),
  ];
  return reasons.filter((reason) => reason !== null);
}

/** What there is to say of slots whose pilots fail; nothing when none does. */
export function failingSlots(slots: readonly Slot[], nowMs: number): Reason[] {
  const failing = slots.filter((slot) => slot.failures > 0);
  if (failing.length === 0) return [];
  const worst = Math.max(...failing.map((slot) => slot.failures));
  const nextMs = Math.min(...failing.map((slot) => Math.max(0, slot.notBeforeMs - nowMs)));
  const text = `${counted(failing.length, 'slot')} failing (${counted(worst, 'start')} in a row), next try in ${spanText(nextMs)}`;
  return [{ rule: 'back-off', text }];
}

/** When a pilot last was fruitless, as the back-off of its slot tells. */
function lastFailureMs(slots: readonly Slot[]): number {
  const failing = slots.filter((slot) => slot.failures > 0);
  return Math.max(...failing.map((slot) => slot.notBeforeMs - backOffMs(slot.failures)));
}

/** Whether a pilot of the image of now has shown, after this time, that it works: then one slot's failure is its own. */
function hasProvenSince({ engine, atMs }: Sample, sinceMs: number): boolean {
  return engine.pilots.some((pilot) => {
    const isLike = pilot.managed && pilot.imageId === engine.image.id;
    return isLike && (provenAtMs(pilot, atMs) ?? Number.NEGATIVE_INFINITY) > sinceMs;
  });
}

/** When a pilot had lived for a second, or had ended well before; null when it has done neither. */
function provenAtMs(pilot: Pilot, nowMs: number): number | null {
  if (!pilot.startedAtMs.known) return null;
  if (pilot.end !== null)
    return wasFruitless(pilot) ? null : pilot.startedAtMs.value + Math.min(fruitlessMs, pilot.end.livedMs);
  const provenAt = pilot.startedAtMs.value + fruitlessMs;
  return isAlive(pilot) && provenAt <= nowMs ? provenAt : null;
}
