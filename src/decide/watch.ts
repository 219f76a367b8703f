import type { Pilot } from '../model/pilot.ts';
import { followBudget } from './budget.ts';
import { followKills } from './kill.ts';
import { isOnTrial } from './futility.ts';
import { followOrders, followRenewals } from './renewal.ts';
import { type Held, isHolding, released, stepDown, stepUp } from './ladder.ts';
import { isShort } from './memoryRelief.ts';
import { followHeld } from './postures.ts';
import { isToBeLetRun } from './proof.ts';
import { followSignal, type Pressing, rungsOf, type Sense, senses, stepDue, stepped } from './senses.ts';
import { signalOf } from './signs.ts';
import { judged } from './verdict.ts';
import type { Memory, Policy, Seen } from './types.ts';
import { leastLossFirst } from './victims.ts';

/** What one look at the node adds to the memory before anything is decided on it. */
export function takeNote(policy: Policy, memory: Memory, seen: Seen, elapsedMs: number): Memory {
  return {
    ...memory,
    leaving: followKills(memory.leaving, seen.sample),
    renewals: followRenewals(policy, memory, seen.sample),
    ordersTaken: followOrders(memory, seen.sample),
    budget: followBudget(policy, memory.budget, seen, elapsedMs),
  };
}

/**
 * Moves pilots down and up the ladders as each sense asks. Only who stays is moved: a pilot that was asked to leave
 * has nothing more to give. While memory is short nothing is given back, as what thaws wants more of it.
 */
export function climb(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  staying: readonly Pilot[],
  disowned: readonly Pilot[],
): Memory {
  const byName = byNameFor(memory, staying, disowned);
  const start = withoutRungs(followHeld(memory.held, seen.sample, byName), disowned);
  const ours = new Set(start.map((one) => one.pilot));
  // What somebody else has paused is his: it is not thawed after a pause of ours either.
  const isMovable = ({ name, state }: Pilot): boolean => state === 'running' || ours.has(name);
  let found: readonly Pilot[] | null = null;
  const movable = (): readonly Pilot[] => (found ??= staying.filter(isMovable));
  let ranked: readonly string[] | null = null;
  const rank = (): readonly string[] =>
    (ranked ??= leastLossFirst(policy, seen, memory, movable()).map((pilot) => pilot.name));
  // Who was asked to go is still there, and nobody to be moved: until then it cannot be seen how it is without pilots.
  const there = (): readonly string[] =>
    movable().length > 0 ? movable().map(({ name }) => name) : memory.leaving.map(({ pilot }) => pilot);
  let state: Rungs = withoutOverheld(policy, seen, { held: start, senses: memory.senses });
  for (const sense of senses) state = move(sense, policy, seen, { ...memory, ...state }, there, rank);
  return state.held === memory.held && state.senses === memory.senses ? memory : { ...memory, ...state };
}

/** These pilots by their names, where there is one that we laid hands on. */
export function byNameFor(
  { held }: Memory,
  staying: readonly Pilot[],
  disowned: readonly Pilot[],
): ReadonlyMap<string, Pilot> {
  return new Map(held.length === 0 ? [] : [...staying, ...disowned].map((pilot) => [pilot.name, pilot]));
}

/** Pilots that are not ours to manage any more have everything back, whatever the senses say. */
function withoutRungs(held: readonly Held[], disowned: readonly Pilot[]): readonly Held[] {
  if (disowned.length === 0) return held;
  const names = new Set(disowned.map((pilot) => pilot.name));
  const isDown = (one: Held): boolean => names.has(one.pilot) && Object.keys(one.rungs).length > 0;
  return held.some(isDown) ? held.map((one) => (isDown(one) ? { ...one, rungs: {} } : one)) : held;
}

/** Pilots that have been paused for `max_pause` without proof that it helps are let run: so it shows. */
function withoutOverheld(policy: Policy, seen: Seen, state: Rungs): Rungs {
  const { io } = state.senses;
  if (io === undefined || !state.held.some((one) => isToBeLetRun(policy, seen, state, one))) return state;
  const held = state.held.map((one) => {
    const { io: _io, ...rungs } = one.rungs;
    return isToBeLetRun(policy, seen, state, one) ? { ...one, rungs, pausedSinceMs: seen.sample.atMs } : one;
  });
  return { held, senses: { ...state.senses, io: stepped(io, 'up', seen.sample.atMs) } };
}

type Rungs = Pick<Memory, 'held' | 'senses'>;

function move(
  sense: Sense,
  policy: Policy,
  seen: Seen,
  memory: Memory,
  there: () => readonly string[],
  rank: () => readonly string[],
): Rungs {
  const nowMs = seen.sample.atMs;
  const signal = signalOf(sense, policy, seen, memory);
  const holding = isHolding(memory.held, sense);
  const before = memory.senses[sense];
  const followed = followSignal(sense, before, signal, nowMs, holding);
  if (signal.is === 'off') return withSense(memory, sense, followed, released(memory.held, sense));
  // Of a moment of our own work nothing is concluded: nothing more is taken, given back or judged.
  if (signal.is === 'unseen') return withSense(memory, sense, followed, memory.held);
  const verdict = judged(sense, policy, signal, before, followed, memory.held, there, nowMs);
  const { pressing } = verdict;
  if (verdict.isFutile) return withSense(memory, sense, pressing, released(memory.held, sense));
  const way = stepDue(sense, pressing, nowMs, holding);
  // Before more is taken it shows what has been taken is good for.
  if (way === 'down' && isOnTrial(pressing)) return withSense(memory, sense, pressing, memory.held);
  if (way === null || (way === 'up' && isShort(policy, seen)))
    return withSense(memory, sense, pressing, memory.held);
  const held = (way === 'down' ? stepDown : stepUp)(memory.held, sense, rungsOf(sense, policy.means), rank());
  // A ladder that is used up is no step: the time of the last one stays.
  const after = held === memory.held || pressing === undefined ? pressing : stepped(pressing, way, nowMs);
  return withSense(memory, sense, after, held);
}

function withSense(
  memory: Memory,
  sense: Sense,
  pressing: Pressing | undefined,
  held: readonly Held[],
): Rungs {
  if (memory.senses[sense] === pressing) return { held, senses: memory.senses };
  const { [sense]: _before, ...others } = memory.senses;
  return { held, senses: pressing === undefined ? others : { ...others, [sense]: pressing } };
}
