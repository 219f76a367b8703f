import type { Pilot } from '../model/pilot.ts';
import { cpuTimeOf, freedBy } from './claims.ts';
import { type KindPolicies, kindNameOf } from './kindPolicy.ts';
import { usage } from './shares.ts';
import type { Memory, Policy, Seen } from './types.ts';

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

/** Those that say that they do nothing first: nothing is lost with them. */
function sayingIdleFirst({ sample }: Seen): Ranking {
  const order = ({ id }: Pilot): number => (sample.activities.get(id)?.activity === 'idle' ? 0 : 1);
  return (a, b) => order(a) - order(b);
}

/** What is taken for done by a pilot that does not say how much is. */
const untoldProgress = 0.5;

/** Those that have done less of their work first, as they tell. */
function lessDoneFirst({ sample }: Seen): Ranking {
  const done = ({ id }: Pilot): number => sample.activities.get(id)?.progress ?? untoldProgress;
  return (a, b) => done(a) - done(b);
}

/** Those whose end loses least by what they say themselves. */
function byTheirWord(seen: Seen): Ranking {
  return inOrder(sayingIdleFirst(seen), lessDoneFirst(seen));
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

/** Those of the kind first that has had most beyond its share; what is of no kind any more has none. */
export function beyondShareFirst(policy: KindPolicies, seen: Seen, memory: Memory): Ranking {
  if (policy.kinds.length < 2) return () => 0;
  const excess = excesses(policy, memory, seen.sample.atMs);
  const order = ({ kind }: Pilot): number => excess.get(kindNameOf(policy, kind ?? null) ?? '') ?? 1;
  return (a, b) => order(b) - order(a);
}

/** What part of all that was allocated each kind has had beyond its share, -1 to 1. */
function excesses(policy: KindPolicies, memory: Memory, nowMs: number): ReadonlyMap<string, number> {
  const used = usage(policy, memory, nowMs);
  const total = [...used.values()].reduce((sum, one) => sum + one, 0);
  const shares = policy.kinds.reduce((sum, { share }) => sum + share, 0);
  return new Map(
    policy.kinds.map(({ name, share }) => {
      const part = total > 0 ? (used.get(name) ?? 0) / total : 0;
      return [name, part - share / shares];
    }),
  );
}

/** By the instant of their start, the latest first, and by name where that is the same: no two are equal. */
export const latestFirst: Ranking = (a, b) => {
  const start = (pilot: Pilot): number =>
    pilot.startedAtMs.known ? pilot.startedAtMs.value : -Number.MAX_VALUE;
  return start(b) - start(a) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
};

/** Pilots from the one whose end (or pause) loses least work. */
export function leastLossFirst(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  pilots: readonly Pilot[],
): readonly Pilot[] {
  const beyondShare = beyondShareFirst(policy, seen, memory);
  return pilots.toSorted(
    inOrder(
      byTheirWord(seen),
      youngerFirst(seen),
      idlerFirst(seen),
      beyondShare,
      smallerFirst(policy, seen),
      latestFirst,
    ),
  );
}

/** The same where memory is wanted: of those whose end loses about as much, the one that frees most. */
export function forMemory(
  policy: Policy,
  seen: Seen,
  memory: Memory,
  pilots: readonly Pilot[],
): readonly Pilot[] {
  const beyondShare = beyondShareFirst(policy, seen, memory);
  return pilots.toSorted(
    inOrder(
      byTheirWord(seen),
      youngerFirst(seen),
      biggerFirst(policy, seen),
      idlerFirst(seen),
      beyondShare,
      latestFirst,
    ),
  );
}
