import { known, type Reading } from '../model/reading.ts';
import type { Seen } from './types.ts';

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
  /** His pressure over 5 s, whoever's doing it is: it shows whether taking from pilots is of any use. */
  readonly waits5?: number;
  /** `Clock.nowMs` of the last moment in which it could be told. */
  readonly readAtMs: number;
}

/** What the pilots had and what it cost, in CPU-milliseconds and in milliseconds of delay. Sums since `sinceMs`. */
export interface Account {
  /** `Clock.nowMs` of the first reading; null before it. */
  readonly sinceMs: number | null;
  /** CPU time that pilots used. */
  readonly harvestedMs: number;
  /** That part of it which evicted pilots had used: their work is lost. */
  readonly wastedMs: number;
  /** Time in which the owner's tasks waited for a CPU that a pilot had: a lower bound. */
  readonly ownerDelayMs: number;
}

/** Nothing is accounted yet. */
export const emptyAccount: Account = { sinceMs: null, harvestedMs: 0, wastedMs: 0, ownerDelayMs: 0 };

/**
 * Share of the last moment in which the owner waited for a CPU on a pilot's account: his pressure, and never more than
 * the CPU time that pilots had meanwhile. An owner whose own tasks wait for each other is not helped by taking from
 * pilots what they do not have. Unknown where the owner's pressure is.
 */
export function delayShare(seen: Seen): Reading<number> {
  const { cpu } = seen.ownerPressure;
  if (!cpu.known || !seen.pilotsCpus.known) return cpu;
  return known(Math.min(cpu.value, Math.max(0, seen.pilotsCpus.value)));
}

/** The means after a tick; an unknown moment leaves them as they were. */
export function followBudget(before: Budget | null, seen: Seen, elapsedMs: number): Budget | null {
  const share = delayShare(seen);
  if (!share.known || elapsedMs <= 0) return before;
  const start = before ?? { mean60: 0, mean5: 0 };
  const waits = seen.ownerPressure.cpu.known ? seen.ownerPressure.cpu.value : share.value;
  const towards = (mean: number, overMs: number, now = share.value): number =>
    mean + (1 - Math.exp(-elapsedMs / overMs)) * (now - mean);
  return {
    mean60: towards(start.mean60, budgetMs),
    mean5: towards(start.mean5, presentMs),
    // Until it is known from before, it is what it is now: a mean from nothing would seem to grow.
    waits5: towards(before?.waits5 ?? waits, presentMs, waits),
    readAtMs: seen.sample.atMs,
  };
}

/** Adds one tick to the account. `evictedCpuMs` is the CPU time of pilots that are evicted at it. */
export function followAccount(
  account: Account,
  seen: Seen,
  elapsedMs: number,
  evictedCpuMs: number,
): Account {
  const share = delayShare(seen);
  const ms = Math.max(0, elapsedMs);
  return {
    sinceMs: account.sinceMs ?? seen.sample.atMs,
    harvestedMs: account.harvestedMs + (seen.pilotsCpus.known ? seen.pilotsCpus.value * ms : 0),
    wastedMs: account.wastedMs + evictedCpuMs,
    ownerDelayMs: account.ownerDelayMs + (share.known ? share.value * ms : 0),
  };
}
