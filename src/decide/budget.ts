import { known, type Reading } from '../model/reading.ts';
import { crowdedShare } from './crowd.ts';
import type { Policy, Seen } from './types.ts';

/** The mean that `owner_slowdown` is about has the weights of the kernel's own `avg60`. */
const budgetMs = 60_000;
/** Shows whether the disturbance goes on: the long mean tells of one that is over for another minute. */
const presentMs = 5000;

/** How much of the time the owner's tasks waited for a CPU that a pilot had: shares, 0 to 1. */
export interface Budget {
  /** Exponential mean with a time constant of a minute: what `owner_slowdown` limits. */
  readonly mean60: number;
  /** The same over 5 s. */
  readonly mean5: number;
  /** His pressure over 5 s, whoever's doing it is, where it is told: shows whether taking from pilots is of any use. */
  readonly waits5?: number;
  /** `Clock.nowMs` of the last moment in which it could be told. */
  readonly readAtMs: number;
}

/** What the pilots had and what it cost, in CPU-milliseconds and in milliseconds of delay. Sums since `sinceMs`. */
export interface Account {
  /** `Clock.nowMs` of the first reading of CPU time that pilots used; null before it. */
  readonly sinceMs: number | null;
  /** CPU time that pilots used. */
  readonly harvestedMs: number;
  /** That part of it which pilots had used whose work is lost: they were evicted for the owner, or replaced at once. */
  readonly wastedMs: number;
  /** Time in which the owner's tasks waited for a CPU that a pilot had, as far as it could be told. */
  readonly ownerDelayMs: number;
  /** Time in which that could be told; absent in a memory that an earlier version left. */
  readonly toldMs?: number;
}

/** Nothing is accounted yet. */
export const emptyAccount: Account = {
  sinceMs: null,
  harvestedMs: 0,
  wastedMs: 0,
  ownerDelayMs: 0,
  toldMs: 0,
};

/** Share of the time in which the owner waited for CPUs that pilots had; null where that was never told. */
export function ownerDelayShare({ ownerDelayMs, toldMs = 0 }: Account): number | null {
  return toldMs > 0 ? Math.min(1, ownerDelayMs / toldMs) : null;
}

/**
 * Share of the last moment in which the owner waited for a CPU on a pilot's account: his pressure, and never more than
 * the CPU time that pilots had meanwhile. An owner whose own tasks wait for each other is not helped by taking from
 * pilots what they do not have. Where the kernel does not tell his pressure but pilots are his equals, it is whether he
 * was crowded out; where he goes first, nothing is made up.
 */
export function delayShare({ means }: Policy, seen: Seen): Reading<number> {
  const { cpu } = seen.ownerPressure;
  const waits = cpu.known || means.cpuClass !== 'normal' ? cpu : crowdedShare(seen);
  if (!waits.known || !seen.pilotsCpus.known) return waits;
  return known(Math.min(waits.value, Math.max(0, seen.pilotsCpus.value)));
}

/** The means after a tick; an unknown moment leaves them as they were. */
export function followBudget(
  policy: Policy,
  before: Budget | null,
  seen: Seen,
  elapsedMs: number,
): Budget | null {
  const share = delayShare(policy, seen);
  if (!share.known || elapsedMs <= 0) return before;
  const start = before ?? { mean60: 0, mean5: 0 };
  const towards = (mean: number, overMs: number, now: number): number =>
    mean + (1 - Math.exp(-elapsedMs / overMs)) * (now - mean);
  const means = {
    mean60: towards(start.mean60, budgetMs, share.value),
    mean5: towards(start.mean5, presentMs, share.value),
    readAtMs: seen.sample.atMs,
  };
  const { cpu } = seen.ownerPressure;
  if (!cpu.known) return means;
  // Until it is known from before, it is what it is now: a mean from nothing would seem to grow.
  return { ...means, waits5: towards(before?.waits5 ?? cpu.value, presentMs, cpu.value) };
}

/** Adds one tick to the account. `lostCpuMs` is the CPU time of pilots whose work is lost at it. */
export function followAccount(
  policy: Policy,
  account: Account,
  seen: Seen,
  elapsedMs: number,
  lostCpuMs: number,
): Account {
  const share = delayShare(policy, seen);
  const ms = Math.max(0, elapsedMs);
  const { pilotsCpus } = seen;
  // Until pilots have used something it may be that they are counted elsewhere: a zero that says nothing.
  const isBegun = pilotsCpus.known && pilotsCpus.value > 0;
  return {
    sinceMs: account.sinceMs ?? (isBegun ? seen.sample.atMs : null),
    harvestedMs: account.harvestedMs + (pilotsCpus.known ? pilotsCpus.value * ms : 0),
    wastedMs: account.wastedMs + lostCpuMs,
    ownerDelayMs: account.ownerDelayMs + (share.known ? share.value * ms : 0),
    toldMs: (account.toldMs ?? 0) + (share.known ? ms : 0),
  };
}
