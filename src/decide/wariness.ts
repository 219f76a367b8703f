import type { Reason, Rule } from '../model/reason.ts';
import { counted, spanText } from './numbers.ts';
import type { Memory, Policy } from './types.ts';

/** After such an eviction nothing starts for at least this long, whatever `grace_spawn` says. */
const leastWaitMs = 10_000;
/** The wait doubles with each further bout of shortage, at most so often. */
const mostDoublings = 4;
/** After so long without one, a bout of shortage is the first again. */
const forgottenMs = 3_600_000;

/**
 * How careful the last evictions make us: those for memory's sake, and those on the account of signs where nothing can be
 * paused. Neither has a pace of its own, as evictions for CPUs (`grace_kill`) and after pauses (`max_pause`) have.
 */
export interface Wariness {
  /** Bouts of them in a row. */
  readonly bouts: number;
  readonly lastMs: number;
}

/** How long nothing starts after these: `grace_spawn` at first, then 2, 4, 8 and 16 times as long. */
export function waitAfter({ graceSpawnMs }: Policy, { bouts }: Wariness): number {
  return Math.max(leastWaitMs, graceSpawnMs) * 2 ** Math.min(bouts - 1, mostDoublings);
}

/** What an eviction at this instant makes of it; while one bout lasts it is one. */
export function waryOf(policy: Policy, before: Wariness | null, nowMs: number): Wariness {
  if (before === null || nowMs - before.lastMs > forgottenMs) return { bouts: 1, lastMs: nowMs };
  const isSameBout = nowMs - before.lastMs < waitAfter(policy, before);
  return { bouts: isSameBout ? before.bouts : before.bouts + 1, lastMs: nowMs };
}

const signs: ReadonlySet<Rule> = new Set<Rule>(['user', 'battery', 'program', 'temperature']);

/** What these evictions make of both; the window's are not among them: a clock strikes as often as its owner wrote. */
export function followWariness(
  policy: Policy,
  { wariness, signWariness }: Memory,
  evicted: readonly { readonly why: Reason }[],
  nowMs: number,
): Pick<Memory, 'wariness' | 'signWariness'> {
  const isFor = (belongs: (rule: Rule) => boolean): boolean => evicted.some(({ why }) => belongs(why.rule));
  return {
    wariness: isFor((rule) => rule === 'memory') ? waryOf(policy, wariness, nowMs) : wariness,
    signWariness: isFor((rule) => signs.has(rule)) ? waryOf(policy, signWariness, nowMs) : signWariness,
  };
}

/** Why nothing starts yet after memory ran short; null when the wait is over. */
export function waryBlocker(policy: Policy, { wariness }: Memory, nowMs: number): Reason | null {
  return blockerOf(policy, wariness, nowMs, 'memory', 'memory ran short');
}

/** The same after a sign of the owner had pilots evicted. */
export function signBlocker(policy: Policy, { signWariness }: Memory, nowMs: number): Reason | null {
  return blockerOf(policy, signWariness, nowMs, 'grace-spawn', 'pilots had to go, as they cannot be paused');
}

function blockerOf(
  policy: Policy,
  wariness: Wariness | null,
  nowMs: number,
  rule: Rule,
  what: string,
): Reason | null {
  if (wariness === null) return null;
  const leftMs = wariness.lastMs + waitAfter(policy, wariness) - nowMs;
  if (leftMs <= 0) return null;
  const text = `${what}, ${counted(wariness.bouts, 'time')} in a row: nothing starts for another ${spanText(leftMs)}`;
  return { rule, text };
}
