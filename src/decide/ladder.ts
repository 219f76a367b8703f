import { type Rung, type Sense, senseRules } from './senses.ts';

/** A pilot that we laid hands on. The record stays until everything taken from it is known to be given back. */
export interface Held {
  readonly pilot: string;
  /** Its container: what bears its name later is not it. Absent before anything was asked for. */
  readonly id?: string;
  /** How far down each sense has it; none: it is being given back what was taken. */
  readonly rungs: Readonly<Partial<Record<Sense, Rung>>>;
  /** Since when it has been paused, or was to be, without a break; null while it is not. */
  readonly pausedSinceMs: number | null;
  /** The CPU limit that was last asked for (null: its own), and whether the engine has said that it is set. */
  readonly cpus: number | null;
  /** The limit that it had of its own when it was first cut; absent where that is not known. */
  readonly ownCpus?: number;
  readonly cpusSet: boolean;
  /** When the kernel was last asked to move its memory to swap. */
  readonly reclaimedMs: number | null;
}

/** The limit that the engine is asked for; null: what its kind has now, where its own is not known. */
export function limitOf({ cpus, ownCpus }: Held): number | null {
  return cpus ?? ownCpus ?? null;
}

/** A pilot from which nothing was taken yet. */
export function untouched(pilot: string): Held {
  return { pilot, rungs: {}, pausedSinceMs: null, cpus: null, cpusSet: true, reclaimedMs: null };
}

/** Whether some sense wants it frozen. */
export function isToPause(held: Held): boolean {
  return Object.values(held.rungs).includes('paused');
}

/** Whether some sense has any pilot down. */
export function isHolding(held: readonly Held[], sense: Sense): boolean {
  return held.some((one) => one.rungs[sense] !== undefined);
}

/** Share of its CPUs that a pilot may use by the rungs it is on, the lowest counts; pausing takes nothing of that. */
export function cpuShareOf(held: Held): number {
  const rungs = Object.values(held.rungs);
  return rungs.includes('quarter') ? 0.25 : rungs.includes('half') ? 0.5 : 1;
}

/**
 * One step down: of the pilots that are least far down, the first few go one rung lower. So all are shrunk before any is
 * paused. `ranked` has those first whose rest loses least. The same records where the ladder has no rung left.
 */
export function stepDown(
  held: readonly Held[],
  sense: Sense,
  rungs: readonly Rung[],
  ranked: readonly string[],
): readonly Held[] {
  const depths = new Map(ranked.map((pilot) => [pilot, depthOf(held, sense, rungs, pilot)]));
  const least = Math.min(...depths.values());
  const rung = rungs[least];
  if (rung === undefined) return held;
  const chosen = ranked.filter((pilot) => depths.get(pilot) === least).slice(0, stepSize(sense, ranked));
  return chosen.reduce((all, pilot) => withRung(all, pilot, sense, rung), held);
}

/** One step up: of the pilots that are furthest down, those whose rest loses most come one rung higher. */
export function stepUp(
  held: readonly Held[],
  sense: Sense,
  rungs: readonly Rung[],
  ranked: readonly string[],
): readonly Held[] {
  const depths = new Map(ranked.map((pilot) => [pilot, depthOf(held, sense, rungs, pilot)]));
  const most = Math.max(0, ...depths.values());
  if (most === 0) return held;
  const chosen = ranked.filter((pilot) => depths.get(pilot) === most).slice(-stepSize(sense, ranked));
  return chosen.reduce((all, pilot) => withRung(all, pilot, sense, rungs[most - 2]), held);
}

/** Everything that this sense took is to be given back. */
export function released(held: readonly Held[], sense: Sense): readonly Held[] {
  return held
    .filter((one) => one.rungs[sense] !== undefined)
    .reduce((all, { pilot }) => withRung(all, pilot, sense, undefined), held);
}

function stepSize(sense: Sense, pilots: readonly string[]): number {
  return Math.max(1, Math.ceil(pilots.length * senseRules[sense].share));
}

/** 0 for a pilot that the sense has not taken anything from. A rung that the node has no more counts as the lowest. */
function depthOf(held: readonly Held[], sense: Sense, rungs: readonly Rung[], pilot: string): number {
  const rung = held.find((one) => one.pilot === pilot)?.rungs[sense];
  if (rung === undefined) return 0;
  const index = rungs.indexOf(rung);
  return index === -1 ? rungs.length : index + 1;
}

function withRung(
  all: readonly Held[],
  pilot: string,
  sense: Sense,
  rung: Rung | undefined,
): readonly Held[] {
  const before = all.find((one) => one.pilot === pilot) ?? untouched(pilot);
  const { [sense]: _left, ...others } = before.rungs;
  const after: Held = { ...before, rungs: rung === undefined ? others : { ...others, [sense]: rung } };
  return all.some((one) => one.pilot === pilot)
    ? all.map((one) => (one.pilot === pilot ? after : one))
    : [...all, after];
}
