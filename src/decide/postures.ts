import type { Action } from '../model/action.ts';
import type { Pilot } from '../model/pilot.ts';
import type { Reason } from '../model/reason.ts';
import { cpuShareOf, type Held, isToPause, limitOf } from './ladder.ts';
import { senses } from './senses.ts';
import { signalOf } from './signs.ts';
import { isInFlight } from './slots.ts';
import type { Memory, Policy, Sample, Seen } from './types.ts';

/** What brings pilots to where the ladder has them, and the records after it. */
export interface Postures {
  readonly actions: readonly Action[];
  readonly held: readonly Held[];
}

/**
 * Takes note of what the engine says of pilots that we laid hands on: limits that are set, pilots that go on. Records of
 * pilots that are gone, or that have everything back, are dropped.
 */
export function followHeld(
  held: readonly Held[],
  sample: Sample,
  staying: ReadonlyMap<string, Pilot>,
): readonly Held[] {
  if (held.length === 0) return held;
  const { listed, state } = sample.engine;
  const isComplete = listed && state === 'answering';
  const after = held.flatMap((one) => {
    const pilot = staying.get(one.pilot);
    // Without a listing nothing is concluded from a gap: at a start the pilots of before are not yet known.
    if (pilot === undefined) return isComplete ? [] : [one];
    const cpusSet = one.cpusSet || wasSet(one, sample);
    const pausing = pilot.state === 'paused' || isInFlight(sample, 'pause', one.pilot);
    const pausedSinceMs = isToPause(one) || pausing ? one.pausedSinceMs : null;
    const isDone = Object.keys(one.rungs).length === 0 && one.cpus === null && cpusSet && !pausing;
    if (isDone) return [];
    const isSame = cpusSet === one.cpusSet && pausedSinceMs === one.pausedSinceMs;
    return [isSame ? one : { ...one, cpusSet, pausedSinceMs }];
  });
  const unchanged = after.length === held.length && after.every((one, index) => one === held[index]);
  return unchanged ? held : after;
}

function wasSet(one: Held, sample: Sample): boolean {
  return sample.results.some(
    ({ action, ok }) =>
      ok && action.do === 'shrink' && action.name === one.pilot && action.cpus === limitOf(one),
  );
}

/** What has to be done so that each pilot is where the ladder has it. What is under way is not asked for again. */
export function takePostures(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  staying: ReadonlyMap<string, Pilot>,
): Postures {
  const actions: Action[] = [];
  const held = memory.held.map((before) => {
    const pilot = staying.get(before.pilot);
    if (pilot === undefined) return before;
    const one = withWishes(withIdentity(before, pilot, memory), seen.sample.atMs);
    actions.push(...postureActions(policy, seen, memory, pilot, one));
    return one;
  });
  const unchanged = held.every((one, index) => one === memory.held[index]);
  return { actions, held: unchanged ? memory.held : held };
}

/**
 * The record with the pilot's container and the limit that it was started with, before anything is cut of it: the
 * configuration may say another one since. One of which that is not known (it was found, not started) is never cut: it
 * might get more.
 */
function withIdentity(before: Held, { id }: Pilot, { slots }: Memory): Held {
  const one = before.id === id ? before : { ...before, id };
  if (one.ownCpus !== undefined) return one;
  const ownCpus = slots.find((slot) => slot.pilot === one.pilot)?.cpus;
  return ownCpus === undefined ? one : { ...one, ownCpus };
}

/** The record with what is to be asked for now. A paused pilot's limit stays: it would be the first to be set again. */
function withWishes(one: Held, nowMs: number): Held {
  const paused = isToPause(one);
  const share = cpuShareOf(one);
  const isCut = share < 1 && one.ownCpus !== undefined;
  const cpus = paused ? one.cpus : isCut ? share * (one.ownCpus ?? 0) : null;
  const pausedSinceMs = paused ? (one.pausedSinceMs ?? nowMs) : one.pausedSinceMs;
  if (cpus === one.cpus && pausedSinceMs === one.pausedSinceMs) return one;
  return { ...one, cpus, cpusSet: cpus === one.cpus && one.cpusSet, pausedSinceMs };
}

function postureActions(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  pilot: Pilot,
  one: Held,
): readonly Action[] {
  const { sample } = seen;
  const target = { id: pilot.id, name: pilot.name };
  const actions: Action[] = [];
  if (!one.cpusSet && !isInFlight(sample, 'shrink', pilot.name)) {
    actions.push({ do: 'shrink', ...target, cpus: limitOf(one), why: reasonOf(policy, seen, memory, one) });
  }
  if (isInFlight(sample, 'pause', pilot.name) || isInFlight(sample, 'thaw', pilot.name)) return actions;
  if (isToPause(one) && pilot.state === 'running') {
    actions.push({ do: 'pause', ...target, why: reasonOf(policy, seen, memory, one) });
  }
  if (!isToPause(one) && pilot.state === 'paused' && one.pausedSinceMs !== null) {
    actions.push({ do: 'thaw', ...target, why: reasonOf(policy, seen, memory, one) });
  }
  return actions;
}

/** Why a pilot is where it is: the first sense that has it down, or the calm that gives it back what was taken. */
function reasonOf(policy: Policy, seen: Seen, memory: Memory, one: Held): Reason {
  const sense = senses.find((name) => one.rungs[name] !== undefined);
  if (sense === undefined) return { rule: 'pause', text: 'the owner does not need it any more' };
  const signal = signalOf(sense, policy, seen, memory);
  return { rule: sense, text: signal.is === 'off' ? 'it is not asked for any more' : signal.text };
}
