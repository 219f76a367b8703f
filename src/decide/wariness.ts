import type { Reason } from '../model/reason.ts';
import { counted, spanText } from './numbers.ts';
import type { Memory, Policy } from './types.ts';

/** After an eviction for memory's sake nothing starts for at least this long, whatever `grace_spawn` says. */
const leastWaitMs = 10_000;
/** The wait doubles with each further bout of shortage, at most so often. */
const mostDoublings = 4;
/** After so long without one, a bout of shortage is the first again. */
const forgottenMs = 3_600_000;

/** How careful the last evictions for memory's sake make us. */
export interface Wariness {
  /** Bouts of shortage in a row. */
  readonly bouts: number;
  readonly lastMs: number;
}

/** How long nothing starts after these: `grace_spawn` at first, then 2, 4, 8 and 16 times as long. */
export function waitAfter({ graceSpawnMs }: Policy, { bouts }: Wariness): number {
  return Math.max(leastWaitMs, graceSpawnMs) * 2 ** Math.min(bouts - 1, mostDoublings);
}

/** What an eviction for memory's sake at this instant makes of it; while one bout lasts it is one. */
export function waryOf(policy: Policy, before: Wariness | null, nowMs: number): Wariness {
  if (before === null || nowMs - before.lastMs > forgottenMs) return { bouts: 1, lastMs: nowMs };
  const isSameBout = nowMs - before.lastMs < waitAfter(policy, before);
  return { bouts: isSameBout ? before.bouts : before.bouts + 1, lastMs: nowMs };
}

/** Why nothing starts yet; null when the wait is over. */
export function waryBlocker(policy: Policy, { wariness }: Memory, nowMs: number): Reason | null {
  if (wariness === null) return null;
  const leftMs = wariness.lastMs + waitAfter(policy, wariness) - nowMs;
  if (leftMs <= 0) return null;
  const text = `memory ran short, ${counted(wariness.bouts, 'time')} in a row: nothing starts for another ${spanText(leftMs)}`;
  return { rule: 'memory', text };
}
