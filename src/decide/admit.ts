import type { Pilot } from '../model/pilot.ts';
import type { Reason } from '../model/reason.ts';
import { imageOf } from '../model/view.ts';
import { returnBlocker } from './beforeReturn.ts';
import { kindReasons } from './kindBlockers.ts';
import { kindNameOf, type KindPolicy, rulesOf } from './kindPolicy.ts';
import { spanText } from './numbers.ts';
import { atOnceMs, failedAtOnce } from './outcome.ts';
import { cpuBlocker, diskBlocker, memoryBlocker } from './room.ts';
import { senseBlockers, stirs } from './senseBlockers.ts';
import { backOffMs, failingSlots, isAlive } from './slots.ts';
import type { Memory, Policy, Sample, Seen, Slot } from './types.ts';
import { signBlocker, waryBlocker } from './wariness.ts';

/** What stands before every start, refill or not: the first is the most fundamental. */
export function blockers(policy: Policy, seen: Seen, memory: Memory): Reason[] {
  const { sample } = seen;
  const able = policy.kinds.filter((kind) => kindReasons(policy, seen, memory, kind).length === 0);
  const judged = able.length > 0 ? able : policy.kinds;
  const reasons: (Reason | null)[] = [
    engineBlocker(seen),
    sample.control.drain
      ? { rule: 'drain', text: 'draining: no new containers will be started until resume' }
      : null,
    ...(able.length > 0 ? [] : reasonsOfAll(policy, seen, memory)),
    ...senseBlockers(policy, seen, memory),
    afterEviction(policy, seen, memory),
    shortForLong(policy, seen, memory),
    cpuUnseen(policy, seen),
    ofAll(judged, (kind) => memoryBlocker(policy, seen, kind)),
    waryBlocker(policy, memory, sample.atMs),
    signBlocker(policy, memory, sample.atMs),
    diskBlocker(policy, seen),
    ofAll(judged, (kind) => returnBlocker(policy, seen, memory, kind)),
  ];
  return reasons.filter((reason) => reason !== null);
}

/** Why none of the kinds may start: all that is to be said of a single one, or the first reason of each. */
function reasonsOfAll(policy: Policy, seen: Seen, memory: Memory): readonly Reason[] {
  const [only, ...others] = policy.kinds;
  const isOnly = only !== undefined && others.length === 0;
  return policy.kinds.flatMap((kind) => {
    const reasons = kindReasons(policy, seen, memory, kind);
    // Of one kind alone its image and the time of day are the node's.
    const isOwn = ({ rule }: Reason): boolean => !isOnly || rule === 'kind' || rule === 'back-off';
    return (isOnly ? reasons : reasons.slice(0, 1)).map((reason) =>
      isOwn(reason) ? { ...reason, text: `kind ${kind.name}: ${reason.text}` } : reason,
    );
  });
}

/** A reason that stands before each of these kinds, the last one's words; null when it does not. */
function ofAll(kinds: readonly KindPolicy[], blocker: (kind: KindPolicy) => Reason | null): Reason | null {
  let last: Reason | null = null;
  for (const kind of kinds) {
    last = blocker(kind);
    if (last === null) return null;
  }
  return last;
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
  const able = policy.kinds.filter((kind) => kindReasons(policy, seen, memory, kind).length === 0);
  const failing = ofAll(able, (kind) => failingOf(policy, seen, memory, kind));
  const reasons: (Reason | null)[] = [
    failing,
    ofAll(able, (kind) => cpuBlocker(policy, seen, memory, kind)),
    ...stirs(policy, seen, memory),
  ];
  return reasons.filter((reason) => reason !== null);
}

/** Why this kind's slots that fail keep it from growing; null when none does, or another has shown since that it works. */
export function failingOf(policy: Policy, seen: Seen, memory: Memory, kind: KindPolicy): Reason | null {
  const slots = memory.slots.filter((slot) => slot.kind === undefined || slot.kind === kind.name);
  const failing = slots.filter(({ failures }) => failures > 0);
  if (failing.length === 0 || hasProvenSince(policy, kind, seen.sample, lastFailureMs(failing))) return null;
  return failingSlots(slots, seen.sample.atMs)[0] ?? null;
}

/** When a pilot last was fruitless, as the back-off of its slot tells. */
function lastFailureMs(failing: readonly Slot[]): number {
  return Math.max(...failing.map((slot) => slot.notBeforeMs - backOffMs(slot.failures)));
}

/** Whether a pilot of the image of now has shown, after this time, that it works: then one slot's failure is its own. */
function hasProvenSince(
  policy: Policy,
  kind: KindPolicy,
  { engine, atMs }: Sample,
  sinceMs: number,
): boolean {
  const { id } = imageOf(engine, kind.image);
  return engine.pilots.some((pilot) => {
    const isLike =
      pilot.managed && pilot.imageId === id && kindNameOf(policy, pilot.kind ?? null) === kind.name;
    return isLike && (provenAtMs(policy, pilot, atMs) ?? Number.NEGATIVE_INFINITY) > sinceMs;
  });
}

/** When a pilot had lived for a second, or had ended well before; null when it has done neither. */
function provenAtMs(policy: Policy, pilot: Pilot, nowMs: number): number | null {
  if (!pilot.startedAtMs.known) return null;
  if (pilot.end !== null)
    return failedAtOnce(rulesOf(policy, pilot), pilot)
      ? null
      : pilot.startedAtMs.value + Math.min(atOnceMs, pilot.end.livedMs);
  const provenAt = pilot.startedAtMs.value + atOnceMs;
  return isAlive(pilot) && provenAt <= nowMs ? provenAt : null;
}
