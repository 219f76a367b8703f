import type { Pilot } from '../model/pilot.ts';
import type { Reason } from '../model/reason.ts';
import type { Eviction } from './evictions.ts';
import { isOnTrial, longestTrialMs } from './futility.ts';
import { type Held, isToPause } from './ladder.ts';
import { isOverheld } from './proof.ts';
import { spanText } from './numbers.ts';
import { rungsOf, type Sense, senseRules, senses } from './senses.ts';
import { signalOf } from './signs.ts';
import type { Memory, Policy, Seen } from './types.ts';
import { leastLossFirst } from './victims.ts';

/**
 * Since when a pilot has been paused, or was to be; null when it is not. One that nobody remembers pausing was paused
 * by hand, or in a time that was forgotten: as long as nobody thaws it, the owner may want it so. It is not thawed, and
 * is evicted after `max_pause` like any other, counted from when we first saw it.
 */
export function pausedSince(memory: Memory, pilot: Pilot): number | null {
  const ours = memory.held.find((one) => one.pilot === pilot.name)?.pausedSinceMs ?? null;
  if (pilot.state !== 'paused') return ours;
  return ours === null ? pilot.stateSinceMs : Math.min(ours, pilot.stateSinceMs);
}

/** A thaw that takes longer has failed. */
const longestThawMs = 10_000;

/**
 * Pilots that have been paused for longer than `max_pause`: they hold memory and a slot, and do nothing. Those that were
 * paused for storage are let run instead, unless it has been shown that they are what it is waited for. While it is tried
 * whether their pause is of any use they stay: they may be paused for what is not their doing.
 */
export function overPaused(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  staying: readonly Pilot[],
): readonly Eviction[] {
  return staying.flatMap((pilot) => {
    const sinceMs = pausedSince(memory, pilot);
    if (sinceMs === null) return [];
    const pausedMs = seen.sample.atMs - sinceMs;
    const ours = memory.held.find((one) => one.pilot === pilot.name);
    if (isOverheld(policy, seen, memory, ours) || isThawing(ours, seen.sample.atMs)) return [];
    const mayBeInVain = areCausesOnTrial(memory, pilot);
    if (pausedMs < policy.maxPauseMs + (mayBeInVain ? longestTrialMs : 0)) return [];
    return [{ pilot, why: pauseReason(policy, seen, memory, pilot, pausedMs) }];
  });
}

/** Whether a pilot was let run just now: it takes the engine a moment to thaw it, and to tell. */
function isThawing(held: Held | undefined, nowMs: number): boolean {
  if (held === undefined || held.pausedSinceMs === null || isToPause(held)) return false;
  return nowMs - held.pausedSinceMs < longestThawMs;
}

/** Whether it is being tried of all the senses that have this pilot paused what that is good for. */
function areCausesOnTrial(memory: Memory, pilot: Pilot): boolean {
  const causes = causesOf(memory, pilot);
  return causes.length > 0 && causes.every((sense) => isOnTrial(memory.senses[sense]));
}

/** The senses that have this pilot paused. */
function causesOf(memory: Memory, pilot: Pilot): readonly Sense[] {
  const held = memory.held.find((one) => one.pilot === pilot.name);
  return senses.filter((sense) => held?.rungs[sense] === 'paused');
}

function pauseReason(policy: Policy, seen: Seen, memory: Memory, pilot: Pilot, pausedMs: number): Reason {
  const held = memory.held.find((one) => one.pilot === pilot.name);
  const texts = causesOf(memory, pilot).flatMap((sense) => {
    const signal = signalOf(sense, policy, seen, memory);
    return signal.is === 'off' ? [] : [signal.text];
  });
  const because =
    texts.length > 0 ? texts.join('; ') : held === undefined ? 'not by Plancton' : 'it did not thaw';
  const text = `paused for ${spanText(pausedMs)} (max_pause ${spanText(policy.maxPauseMs)}): ${because}`;
  return { rule: 'pause', text };
}

/**
 * Where pilots can be neither paused nor cut, what the owner asked to yield to has them evicted: there is nothing gentler.
 * A person, a battery or a program all of them at once, heat a step of its ladder at a time.
 */
export function unpausable(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  staying: readonly Pilot[],
): readonly Eviction[] {
  const nowMs = seen.sample.atMs;
  const sense = senses.find((one) => {
    const overSinceMs = memory.senses[one]?.overSinceMs ?? null;
    const { isAskedFor, riseMs } = senseRules[one];
    const isDue = isAskedFor && overSinceMs !== null && nowMs - overSinceMs >= riseMs;
    return isDue && rungsOf(one, policy.means).length === 0;
  });
  if (sense === undefined) return [];
  const { share, stepMs } = senseRules[sense];
  const restedMs = memory.lastEvictionMs === null ? stepMs : nowMs - memory.lastEvictionMs;
  if (share < 1 && restedMs < stepMs) return [];
  const first =
    share === 1
      ? staying
      : leastLossFirst(policy, seen, memory, staying).slice(0, Math.ceil(staying.length * share));
  const signal = signalOf(sense, policy, seen, memory);
  const what = signal.is === 'off' ? '' : signal.text;
  const why: Reason = { rule: sense, text: `${what}; pilots cannot be paused here` };
  return first.map((pilot) => ({ pilot, why }));
}

/** Pilots that are paused, or about to be, on anybody's account. */
export function pausedCount(memory: Memory, alive: readonly Pilot[]): number {
  const ours = new Set(memory.held.filter(isToPause).map((one) => one.pilot));
  return alive.filter((pilot) => pilot.state === 'paused' || ours.has(pilot.name)).length;
}
