import { type Held, isHolding } from './ladder.ts';
import type { Pressing, Rung, Sense, Signal } from './senses.ts';
import { faded, type Vain } from './vain.ts';

/** How far all pilots must be down, and for how long, before it shows whether that is of any use. */
export const longestTrialMs = 30_000;
const quarterTrialMs = 20_000;

/** What is written to a disk after its writer was paused: of so long after a step nothing is added up. */
const settlesMs = 10_000;

/** In waves, all of them together: pilots that are let run for less than that turn out to be the cause, if they are. */
const wavesTrialMs = 15_000;

/** What was taken helped when the owner waits for less than this share of what he waited for at the worst. */
const helpedShare = 0.5;

/** A mean creeps: what is hardly worse is not worth a new record, which is kept in a file. */
const worseBy = 1.05;

/** Heat is acted on all the same, and so is what the owner asked for: only what he waits for may be his own doing. */
const judgedSenses: ReadonlySet<Sense> = new Set<Sense>(['cpu', 'io']);

/** Of storage: it is waited for in waves, and pilots are all paused or have all that they want. */
const isAddedUp = (sense: Sense): boolean => sense === 'io';

/**
 * Takes note of whether what a sense took is of any use: what the owner waited for at the worst of this bout, and since
 * when all pilots have been down without its having fallen below half of that. For contention a quarter of their CPUs
 * is down enough where they are guests: if the owner waited on their account, he would wait for less. Where there are none
 * any more (`pilots` is empty), nothing of it is their doing.
 *
 * An owner who waits for storage in waves is seldom caught waiting for that long: for how long he waited with all pilots
 * down, and how long they were, is added up from bout to bout.
 */
export function followUse(
  sense: Sense,
  pressing: Pressing,
  signal: Signal,
  held: readonly Held[],
  rungs: readonly Rung[],
  pilots: readonly string[],
  areGuests: boolean,
  nowMs: number,
): Pressing {
  if (!judgedSenses.has(sense)) return pressing;
  const level = signal.is === 'over' || signal.is === 'between' ? signal.level : undefined;
  const isAnyThere = pilots.length > 0 || pressing.lastStep === null;
  const areDown = !isAnyThere || areAllDown(held, sense, trialRung(sense, rungs, areGuests), pilots);
  const seen = isAddedUp(sense) ? pressing : null;
  // A bout that is over and has left nothing down is no measure for the next.
  if (pressing.overSinceMs === null && isAnyThere && !isHolding(held, sense))
    return followVain(seen, withUse(pressing, null, null), areDown, nowMs);
  if (level === undefined)
    return followVain(seen, withUse(pressing, pressing.worst ?? null, null), areDown, nowMs);
  const before = pressing.worst ?? level;
  const worst = signal.is === 'over' && level > worseBy * before ? level : before;
  const isInVain = areDown && level >= helpedShare * worst;
  const used = withUse(pressing, worst, isInVain ? (pressing.uselessSinceMs ?? nowMs) : null);
  return followVain(seen, used, areDown, nowMs);
}

function withUse(pressing: Pressing, worst: number | null, uselessSinceMs: number | null): Pressing {
  if ((pressing.worst ?? null) === worst && (pressing.uselessSinceMs ?? null) === uselessSinceMs)
    return pressing;
  return { ...pressing, worst, uselessSinceMs };
}

/** Adds up when a wait with all pilots down is over, or they are not down any more; `before` is null where nothing is added up. */
function followVain(before: Pressing | null, after: Pressing, areDown: boolean, nowMs: number): Pressing {
  if (before === null) return after;
  const downSinceMs = before.downSinceMs ?? null;
  if (!areDown && downSinceMs === null) return after;
  if (downSinceMs === null) {
    const { lastStep } = before;
    const settledMs = lastStep?.way === 'down' ? lastStep.atMs + settlesMs : nowMs;
    return { ...after, downSinceMs: Math.max(nowMs, settledMs) };
  }
  const isWaitOver = (before.uselessSinceMs ?? null) !== null && (after.uselessSinceMs ?? null) === null;
  if (areDown && !isWaitOver) return after;
  const vain = vainOf(before, nowMs);
  return { ...after, vain, downSinceMs: areDown ? Math.max(nowMs, downSinceMs) : null };
}

/** The sums, with what goes on now. */
function vainOf({ vain, downSinceMs = null, uselessSinceMs = null }: Pressing, nowMs: number): Vain {
  const { waitedMs, ofMs, atMs } = faded(vain, nowMs);
  const downMs = downSinceMs ?? nowMs;
  const waitsMs = Math.max(downMs, uselessSinceMs ?? nowMs);
  return {
    waitedMs: waitedMs + Math.max(0, nowMs - waitsMs),
    ofMs: ofMs + Math.max(0, nowMs - downMs),
    atMs,
  };
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
  pilots: readonly string[],
): boolean {
  const records = new Map(held.map((one) => [one.pilot, one]));
  const postures = pilots.map((pilot) => postureOf(records.get(pilot), sense, least));
  if (postures.includes('up')) return false;
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

/** Whether what this sense took was of no use for long enough, at a stretch: it was not the pilots' doing. */
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

/** The share of the time in which the owner waited with all pilots down; null where that was not looked at. */
export function vainShare(pressing: Pressing, nowMs: number): number | null {
  const { waitedMs, ofMs } = vainOf(pressing, nowMs);
  return ofMs > 0 ? Math.min(1, waitedMs / ofMs) : null;
}

/**
 * Whether he waited with all pilots down for long enough in all. Where that has turned out not to say enough (`doubts`), it
 * must have been for twice as long each time.
 */
export function isFutileInAll(pressing: Pressing, doubts: number, nowMs: number): boolean {
  if ((pressing.uselessSinceMs ?? null) === null) return false;
  return vainOf(pressing, nowMs).waitedMs >= wavesTrialMs * 2 ** Math.min(doubts, 16);
}
