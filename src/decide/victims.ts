import type { Pilot } from '../model/pilot.ts';
import { cpuTimeOf, freedBy } from './claims.ts';
import type { Policy, Seen } from './types.ts';

/** Tells which of two pilots is to give way first: negative for `a`. */
export type Ranking = (a: Pilot, b: Pilot) => number;

/** A ranking that asks each of these in turn until one tells the two apart. */
export function inOrder(...rankings: readonly Ranking[]): Ranking {
  return (a, b) => {
    for (const ranking of rankings) {
      const order = ranking(a, b);
      if (order !== 0) return order;
    }
    return 0;
  };
}

/** Ages and amounts that differ by less than a factor of two are as good as equal: something else decides. */
function magnitude(value: number): number {
  return Math.floor(Math.log2(Math.max(1, value)));
}

/** Pilots of about half the age or less first: their end loses least. Those of unknown age last. */
export function youngerFirst(seen: Seen): Ranking {
  const order = (pilot: Pilot): number =>
    pilot.startedAtMs.known
      ? magnitude((seen.sample.atMs - pilot.startedAtMs.value) / 1000)
      : Number.MAX_VALUE;
  return (a, b) => order(a) - order(b);
}

/** Of equals, those that used less CPU time: they did less. What is not known counts as busy all along. */
export function idlerFirst(seen: Seen): Ranking {
  const order = (pilot: Pilot): number => {
    const time = cpuTimeOf(seen, pilot);
    return time.known ? magnitude(time.value / 1000) : Number.MAX_VALUE;
  };
  return (a, b) => order(a) - order(b);
}

/** Those that use less memory: what they hold is sooner there again. */
export function smallerFirst(policy: Policy, seen: Seen): Ranking {
  return (a, b) => magnitude(freedBy(policy, seen, a)) - magnitude(freedBy(policy, seen, b));
}

/** Those that free more memory, so that fewer must go. */
export function biggerFirst(policy: Policy, seen: Seen): Ranking {
  const smaller = smallerFirst(policy, seen);
  return (a, b) => smaller(b, a);
}

/** By the instant of their start, the latest first, and by name where that is the same: no two are equal. */
export const latestFirst: Ranking = (a, b) => {
  const start = (pilot: Pilot): number =>
    pilot.startedAtMs.known ? pilot.startedAtMs.value : -Number.MAX_VALUE;
  return start(b) - start(a) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
};

/** Pilots from the one whose end (or pause) loses least work. */
export function leastLossFirst(policy: Policy, seen: Seen, pilots: readonly Pilot[]): readonly Pilot[] {
  return pilots.toSorted(
    inOrder(youngerFirst(seen), idlerFirst(seen), smallerFirst(policy, seen), latestFirst),
  );
}

/** The same where memory is wanted: of those whose end loses about as much, the one that frees most. */
export function forMemory(policy: Policy, seen: Seen, pilots: readonly Pilot[]): readonly Pilot[] {
  return pilots.toSorted(
    inOrder(youngerFirst(seen), biggerFirst(policy, seen), idlerFirst(seen), latestFirst),
  );
}
