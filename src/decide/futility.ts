import { type Held, isHolding } from './ladder.ts';
import type { Pressing, Rung, Sense, Signal } from './senses.ts';

/** How far all pilots must be down, and for how long, before it shows whether that is of any use. */
const longestTrialMs = 30_000;
const quarterTrialMs = 20_000;

/** What was taken helped when the owner waits for less than this share of what he waited for at the worst. */
const helpedShare = 0.5;

/** A mean creeps: what is hardly worse is not worth a new record, which is kept in a file. */
const worseBy = 1.05;

/** Heat is acted on all the same, and so is what the owner asked for: only what he waits for may be his own doing. */
const judgedSenses: ReadonlySet<Sense> = new Set<Sense>(['cpu', 'io']);

/**
 * Takes note of whether what a sense took is of any use: what the owner waited for at the worst of this bout, and since
 * when all pilots have been down without its having fallen below half of that. For contention a quarter of their CPUs
 * is down enough where they are guests: if the owner waited on their account, he would wait for less.
 */
export function followUse(
  sense: Sense,
  pressing: Pressing,
  signal: Signal,
  held: readonly Held[],
  rungs: readonly Rung[],
  ranked: readonly string[],
  areGuests: boolean,
  nowMs: number,
): Pressing {
  const level = signal.is === 'over' || signal.is === 'between' ? signal.level : undefined;
  if (!judgedSenses.has(sense)) return pressing;
  // A bout that is over and has left nothing down is no measure for the next.
  if (pressing.overSinceMs === null && !isHolding(held, sense)) return withUse(pressing, null, null);
  if (level === undefined) return withUse(pressing, pressing.worst ?? null, null);
  const before = pressing.worst ?? level;
  const worst = signal.is === 'over' && level > worseBy * before ? level : before;
  const isOnTrial =
    areAllDown(held, sense, trialRung(sense, rungs, areGuests), ranked) && level >= helpedShare * worst;
  return withUse(pressing, worst, isOnTrial ? (pressing.uselessSinceMs ?? nowMs) : null);
}

function withUse(pressing: Pressing, worst: number | null, uselessSinceMs: number | null): Pressing {
  if ((pressing.worst ?? null) === worst && (pressing.uselessSinceMs ?? null) === uselessSinceMs)
    return pressing;
  return { ...pressing, worst, uselessSinceMs };
}

/**
 * The rung on which all pilots must be. Where they are guests of the kernel a quarter shows it; equals of the owner may
 * hold him up with a quarter, too.
 */
function trialRung(sense: Sense, rungs: readonly Rung[], areGuests: boolean): Rung | undefined {
  if (sense !== 'cpu') return rungs.at(-1);
  return areGuests && rungs.includes('quarter') ? 'quarter' : 'paused';
}

/**
 * Whether all pilots are as far down as shows what that is good for. One whose own limit is not known (it was found) has
 * nothing to be cut of: what the others have less must show it; where there are no others, only a pause of all does.
 */
function areAllDown(
  held: readonly Held[],
  sense: Sense,
  least: Rung | undefined,
  ranked: readonly string[],
): boolean {
  const records = new Map(held.map((one) => [one.pilot, one]));
  const postures = ranked.map((pilot) => postureOf(records.get(pilot), sense, least));
  if (postures.length === 0 || postures.includes('up')) return false;
  return !postures.includes('uncut') || postures.includes('cut');
}

type Posture = 'up' | 'uncut' | 'cut' | 'paused';

/** Where a pilot is on the way to a rung. */
function postureOf(one: Held | undefined, sense: Sense, least: Rung | undefined): Posture {
  const rung = one?.rungs[sense];
  if (one === undefined || rung === undefined) return 'up';
  if (rung === 'paused') return 'paused';
  if (rung !== least) return 'up';
  if (one.cpus === null) return 'uncut';
  // A limit that is not set has taken nothing yet.
  return one.cpusSet ? 'cut' : 'up';
}

/** Whether it is being tried just now what the steps until now are good for: none is added meanwhile. */
export function isOnTrial(pressing: Pressing | undefined): boolean {
  return (pressing?.uselessSinceMs ?? null) !== null;
}

/** Whether what this sense took was of no use for long enough: it was not the pilots' doing. */
export function isFutile(
  sense: Sense,
  pressing: Pressing,
  rungs: readonly Rung[],
  areGuests: boolean,
  nowMs: number,
): boolean {
  const sinceMs = pressing.uselessSinceMs ?? null;
  const trialMs = trialRung(sense, rungs, areGuests) === 'quarter' ? quarterTrialMs : longestTrialMs;
  return sinceMs !== null && nowMs - sinceMs >= trialMs;
}
