import type { Pilot } from '../model/pilot.ts';
import type { Reason } from '../model/reason.ts';
import { censusOf } from './census.ts';
import { type KindPolicies, kindNameOf, rulesOf } from './kindPolicy.ts';
import { counted, spanText } from './numbers.ts';
import { atOnceMs, failedAtOnce } from './outcome.ts';
import type { Memory, Sample, Slot } from './types.ts';

const firstBackOffMs = 1000;
const longestBackOffMs = 60_000;
/** Whether a pilot takes room now. */
export function isAlive(pilot: Pilot): boolean {
  return pilot.state === 'running' || pilot.state === 'paused';
}

/** Waiting time after this many fruitless starts in a row: 1 s doubling to 60 s. */
export function backOffMs(failures: number): number {
  return failures <= 0 ? 0 : Math.min(longestBackOffMs, firstBackOffMs * 2 ** Math.min(failures - 1, 16));
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

/** What may be under way on a pilot; reaping and discarding are removing. */
export type Verb = 'start' | 'prepare' | 'stop' | 'remove' | 'pause' | 'thaw' | 'shrink' | 'kill';

/** Whether an action of this kind on this pilot is under way. */
export function isInFlight(sample: Sample, what: Verb, name: string): boolean {
  return sample.inFlight.some(({ action }) => {
    if (action.do === 'reap' || action.do === 'remove' || action.do === 'discard')
      return what === 'remove' && action.name === name;
    return action.do === what && action.name === name;
  });
}

/** Whether this pilot is being ended right now. */
export function isEnding(sample: Sample, name: string): boolean {
  return isInFlight(sample, 'stop', name) || isInFlight(sample, 'kill', name);
}

/** A container that is made and not started is given this long: its start may be on its way from a daemon of before. */
const madeMs = 10_000;

/** Whether the start of this pilot is known to have failed just now. */
export function startFailed(sample: Sample, name: string): boolean {
  return sample.results.some(({ action, ok }) => !ok && action.do === 'start' && action.name === name);
}

/** Whether a container was made and will not start any more. */
export function neverStarted(pilot: Pilot, sample: Sample): boolean {
  if (pilot.state !== 'created' || isInFlight(sample, 'start', pilot.name)) return false;
  return startFailed(sample, pilot.name) || sample.atMs - pilot.stateSinceMs >= madeMs;
}

/** Frees a slot, remembering how it went. */
function emptied({ kind, cpus, failures: before }: Slot, fruitless: boolean, nowMs: number): Slot {
  const failures = fruitless ? before + 1 : 0;
  const notBeforeMs = fruitless ? nowMs + backOffMs(failures) : nowMs;
  const last = { ...(kind === undefined ? {} : { kind }), ...(cpus === undefined ? {} : { cpus }) };
  return { pilot: null, ...last, failures, notBeforeMs };
}

/** A slot as it is known: one that an earlier version left does not tell the kind of its pilot, nor since when it has it. */
function completed(policy: KindPolicies, slot: Slot, pilot: Pilot, nowMs: number): Slot {
  const kind = slot.kind ?? kindNameOf(policy, pilot.kind ?? null);
  const sinceMs = slot.sinceMs ?? (pilot.startedAtMs.known ? pilot.startedAtMs.value : nowMs);
  if (slot.sinceMs === sinceMs && (kind === null || slot.kind === kind)) return slot;
  return { ...slot, sinceMs, ...(kind === null ? {} : { kind }) };
}

/** What has become of the pilot of one slot. */
function followed(policy: KindPolicies, slot: Slot, pilot: Pilot | undefined, sample: Sample): Slot {
  if (slot.pilot === null || isInFlight(sample, 'start', slot.pilot)) return slot;
  if (pilot === undefined) {
    return emptied(slot, startFailed(sample, slot.pilot), sample.atMs);
  }
  if (neverStarted(pilot, sample)) return emptied(slot, true, sample.atMs);
  const now = completed(policy, slot, pilot, sample.atMs);
  if (pilot.state === 'ended')
    return emptied(
      now,
      failedAtOnce(rulesOf(policy, { ...pilot, kind: now.kind ?? null }), pilot),
      sample.atMs,
    );
  const livesWell = pilot.startedAtMs.known && sample.atMs - pilot.startedAtMs.value >= atOnceMs;
  return livesWell && now.failures > 0 ? { ...now, failures: 0 } : now;
}

/** Slots in which time alone changes nothing, by the list of pilots and of those that were asked to go at which they were so. */
const settled = new WeakMap<
  readonly Slot[],
  { readonly pilots: readonly Pilot[]; readonly leaving: Memory['leaving'] }
>();

/**
 * The slots as the engine's word has them now: those whose pilot ended are free, pilots in no slot (found at a start,
 * adopted) get one. To be called only when the engine's word is complete; otherwise nothing is concluded from a gap.
 */
export function followSlots(policy: KindPolicies, memory: Memory, sample: Sample): readonly Slot[] {
  const { pilots } = sample.engine;
  const before = settled.get(memory.slots);
  if (before?.pilots === pilots && before.leaving === memory.leaving) return memory.slots;
  const managed = censusOf(pilots).byName;
  const slots = memory.slots.map((slot) => followed(policy, slot, managed.get(slot.pilot ?? ''), sample));
  const placed = new Set([...slots.map((slot) => slot.pilot), ...memory.leaving.map((one) => one.pilot)]);
  for (const pilot of managed.values()) {
    if (!isAlive(pilot) || placed.has(pilot.name)) continue;
    const found = { pilot: pilot.name, failures: 0, notBeforeMs: sample.atMs };
    slots.push(completed(policy, found, pilot, sample.atMs));
  }
  const unchanged =
    slots.length === memory.slots.length && slots.every((slot, index) => slot === memory.slots[index]);
  if (!unchanged) return slots;
  if (slots.every((slot) => isSettled(slot, managed)))
    settled.set(memory.slots, { pilots, leaving: memory.leaving });
  return memory.slots;
}

/** Its pilot runs, and had nothing to make good for: time alone changes nothing of it. */
function isSettled({ pilot, kind, failures }: Slot, managed: ReadonlyMap<string, Pilot>): boolean {
  const one = managed.get(pilot ?? '');
  return failures === 0 && kind !== undefined && one !== undefined && isAlive(one);
}
