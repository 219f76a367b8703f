import type { Rule } from '../model/reason.ts';
import type { KernelMeans } from '../model/means.ts';
import { awoken, dormant, forgiveness, isDeaf } from './deafness.ts';
import { relapsesOf } from './proof.ts';
import type { Probation } from './probation.ts';
import { resumed, stilled } from './unseen.ts';
import type { Vain } from './vain.ts';

/** The senses that have a ladder of their own. Memory has none: only a pilot's end frees it. */
export type Sense = Extract<Rule, 'cpu' | 'io' | 'temperature' | 'user' | 'battery' | 'program'>;

/** How far down the ladder a pilot is: half of its CPUs, a quarter of them, frozen. */
export type Rung = 'half' | 'quarter' | 'paused';

/**
 * What one sense says now. `between` is neither disturbed nor calm enough to give anything back; `unseen` is a moment of
 * which nothing is concluded: no step is taken, a calm goes on, and a disturbance is neither longer nor over for it.
 */
export type Signal =
  | { readonly is: 'off' }
  | {
      readonly is: 'over' | 'between' | 'under' | 'unknown' | 'unseen';
      readonly text: string;
      /** How much the owner waits, 0 to 1, whoever's doing it is; only where that can be told. */
      readonly level?: number;
    };

/** How one sense goes down the ladder and up again. */
export interface SenseRule {
  readonly rungs: readonly Rung[];
  /** Share of the pilots that one step takes; at least one. */
  readonly share: number;
  /** How long the owner must be disturbed without a break before the first step, and the time between steps. */
  readonly riseMs: number;
  readonly stepMs: number;
  /** How long it must be calm before anything is given back: the least; it doubles when that was too soon. */
  readonly patienceMs: number;
  /**
   * He need not be calm, where he has not been disturbed for so long, and twice as long as he must be calm; null: he must.
   * What is a little slow by itself never is calm.
   */
  readonly easesMs: number | null;
  /** The owner asked for it, so that it matters when it cannot be seen. */
  readonly isAskedFor: boolean;
}

const gradually = {
  share: 0.25,
  riseMs: 3000,
  stepMs: 5000,
  patienceMs: 15_000,
  easesMs: null,
  isAskedFor: false,
};
const atOnce = {
  share: 1,
  riseMs: 0,
  stepMs: 0,
  rungs: ['paused'],
  easesMs: null,
  isAskedFor: true,
} as const;

/**
 * The ladders. What grows by degrees (contention, storage, heat) is answered by a quarter of the pilots at a time; a
 * person, a battery or an exclusive program by all of them at once.
 */
export const senseRules: Readonly<Record<Sense, SenseRule>> = {
  cpu: { ...gradually, rungs: ['half', 'quarter', 'paused'] },
  io: { ...gradually, easesMs: 30_000, rungs: ['paused'] },
  temperature: {
    ...gradually,
    stepMs: 10_000,
    patienceMs: 30_000,
    isAskedFor: true,
    rungs: ['half', 'quarter', 'paused'],
  },
  user: { ...atOnce, patienceMs: 5000 },
  battery: { ...atOnce, riseMs: 3000, patienceMs: 30_000 },
  program: { ...atOnce, patienceMs: 10_000 },
};

/** The senses in the order in which they are told. */
export const senses = ['user', 'program', 'battery', 'temperature', 'io', 'cpu'] as const satisfies Sense[];

/** The rungs of a sense that this node has. */
export function rungsOf(sense: Sense, means: KernelMeans): readonly Rung[] {
  return senseRules[sense].rungs.filter((rung) => (rung === 'paused' ? means.canPause : means.canThrottle));
}

const longestPatienceMs = 600_000;

/** What is remembered of a sense that is or was disturbed. Times are `Clock.nowMs`. */
export interface Pressing {
  /** Since when the owner has been disturbed, and since when not, each without a break; null while it is not so. */
  readonly overSinceMs: number | null;
  readonly calmSinceMs: number | null;
  readonly lastStep: { readonly way: 'down' | 'up'; readonly atMs: number } | null;
  readonly patienceMs: number;
  /** All pilots were down and it did not help, so it is not their doing: until then the sense is not acted on. */
  readonly deafUntilMs: number | null;
  /** How often in a row that was so. */
  readonly deafTimes?: number;
  /** The most that the owner waited in this bout, 0 to 1; and since when all have been down to no avail. */
  readonly worst?: number | null;
  readonly uselessSinceMs?: number | null;
  /** How it was with all of them down in the bouts before, and since when they have been. */
  readonly vain?: Vain;
  readonly downSinceMs?: number | null;
  /** They are let run for what that has shown; and how often in a row it turned out to show nothing. */
  readonly probation?: Probation;
  readonly doubts?: number;
  /** How often in a row the owner waited at once when pilots were let run. */
  readonly relapses?: number;
  /** Since when he has not been disturbed while pilots are down, be it calm or not. */
  readonly easedSinceMs?: number;
  /** Since when nothing can be concluded: that time is not counted. */
  readonly unseenSinceMs?: number;
  /** Since when the owner has not counted as disturbed any more: what was learned of the sense is all that is left. */
  readonly dormantSinceMs?: number;
}

const unpressed = { overSinceMs: null, calmSinceMs: null, lastStep: null, deafUntilMs: null };

/**
 * A sense after its signal of now; undefined where nothing is to be remembered. Giving back too soon, so that the owner
 * is disturbed again within two patiences, doubles the patience, to 10 min at most: the rules find by themselves how
 * often they may try. What cannot be seen changes nothing, and is no calm. What was learned outlasts the rest.
 */
export function followSignal(
  sense: Sense,
  remembered: Pressing | undefined,
  signal: Signal,
  nowMs: number,
  isHolding: boolean,
): Pressing | undefined {
  const rule = senseRules[sense];
  const rests = remembered !== undefined && mayRest(remembered, nowMs) && !isHolding && signal.is !== 'over';
  if (signal.is === 'off' || rests) return dormant(remembered, rule.patienceMs, nowMs);
  if (signal.is === 'unseen') return stilled(remembered, nowMs);
  // A pilot that is down has its reason, even where that was forgotten: it comes up by the same calm.
  const before =
    remembered === undefined
      ? isHolding
        ? { ...unpressed, patienceMs: rule.patienceMs }
        : undefined
      : resumed(awoken(remembered), nowMs);
  switch (signal.is) {
    case 'over': {
      if (before === undefined) return { ...unpressed, overSinceMs: nowMs, patienceMs: rule.patienceMs };
      if (before.overSinceMs !== null) return before;
      const { easedSinceMs: _eased, ...rest } = relapsed(sense, before, nowMs);
      return { ...rest, overSinceMs: nowMs, calmSinceMs: null };
    }
    case 'unknown':
    case 'between':
      // What nobody asked for and cannot be seen any more is no reason to be careful.
      if (signal.is === 'unknown' && !rule.isAskedFor && !isHolding)
        return dormant(before, rule.patienceMs, nowMs);
      if (before === undefined) return before;
      return eased({ ...before, overSinceMs: null, calmSinceMs: null }, before, rule, signal.is, nowMs);
    case 'under': {
      if (before === undefined) return undefined;
      const calmSinceMs = before.calmSinceMs ?? nowMs;
      if (!isHolding && nowMs - calmSinceMs >= forgiveness * before.patienceMs)
        return dormant(before, rule.patienceMs, nowMs);
      return eased({ ...before, overSinceMs: null, calmSinceMs }, before, rule, signal.is, nowMs);
    }
  }
}

/** The sense while he is not disturbed: since when, where that gives something back; the same record where nothing changed. */
function eased(
  after: Pressing,
  before: Pressing,
  { easesMs }: SenseRule,
  is: 'between' | 'unknown' | 'under',
  nowMs: number,
): Pressing {
  const { easedSinceMs: since, ...rest } = after;
  const easedSinceMs = easesMs === null || is === 'unknown' ? undefined : (since ?? nowMs);
  const isSame =
    before.overSinceMs === after.overSinceMs &&
    before.calmSinceMs === after.calmSinceMs &&
    before.easedSinceMs === easedSinceMs;
  if (isSame) return before;
  return easedSinceMs === undefined ? rest : { ...rest, easedSinceMs };
}

/** Whether a sense has nothing to calm down from: it has been calm, or is not acted on. */
function mayRest(remembered: Pressing, nowMs: number): boolean {
  return remembered.dormantSinceMs !== undefined || isDeaf(remembered, nowMs);
}

/** What the sense learns when the owner is disturbed anew: whether it gave back too soon. */
function relapsed(sense: Sense, pressing: Pressing, nowMs: number): Pressing {
  const before = sense === 'io' ? { ...pressing, relapses: relapsesOf(pressing, nowMs) } : pressing;
  const { lastStep, patienceMs, deafUntilMs } = before;
  if (lastStep?.way !== 'up') return before;
  // What was given back because it was not the pilots' doing was not given back too soon.
  if (deafUntilMs !== null && lastStep.atMs < deafUntilMs) return before;
  const tooSoon = nowMs - lastStep.atMs < 2 * patienceMs;
  return tooSoon ? { ...before, patienceMs: Math.min(longestPatienceMs, 2 * patienceMs) } : before;
}

/** Whether a step is due, and which way. `isHolding`: some pilot is down on this sense's account. */
export function stepDue(
  sense: Sense,
  pressing: Pressing | undefined,
  nowMs: number,
  isHolding: boolean,
): 'down' | 'up' | null {
  if (pressing === undefined) return null;
  const { overSinceMs, calmSinceMs, lastStep, patienceMs, unseenSinceMs } = pressing;
  const rule = senseRules[sense];
  if (unseenSinceMs !== undefined || isDeaf(pressing, nowMs)) return null;
  if (overSinceMs !== null) {
    const rested = lastStep === null || nowMs - lastStep.atMs >= rule.stepMs;
    return rested && nowMs - overSinceMs >= rule.riseMs ? 'down' : null;
  }
  if (!isHolding) return null;
  if (calmSinceMs === null || rule.easesMs !== null) {
    const sinceMs = Math.max(pressing.easedSinceMs ?? nowMs, lastStep?.atMs ?? 0);
    if (nowMs - sinceMs >= Math.max(rule.easesMs ?? Number.POSITIVE_INFINITY, 2 * patienceMs)) return 'up';
    if (calmSinceMs === null) return null;
  }
  // The first step up shows whether calm was ours to give; those after it need not wait as long.
  const waitMs = lastStep?.way === 'up' ? Math.max(rule.stepMs, patienceMs / 4) : patienceMs;
  return nowMs - Math.max(calmSinceMs, lastStep?.atMs ?? calmSinceMs) >= waitMs ? 'up' : null;
}

/** The sense after a step that was taken. */
export function stepped(pressing: Pressing, way: 'down' | 'up', nowMs: number): Pressing {
  return { ...pressing, lastStep: { way, atMs: nowMs } };
}

/** Whether the owner counts as disturbed in this sense still: until it has been calm for its patience. */
export function isPressing(pressing: Pressing | undefined, nowMs: number): boolean {
  if (pressing === undefined || pressing.dormantSinceMs !== undefined) return false;
  return pressing.calmSinceMs === null || nowMs - pressing.calmSinceMs < pressing.patienceMs;
}
