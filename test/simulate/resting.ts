import { isDeepStrictEqual } from 'node:util';
import { decide } from '../../src/decide/decide.ts';
import { restingAfter } from '../../src/decide/rest.ts';
import type { Decision, Seen } from '../../src/decide/types.ts';
import type { Decider } from './simulation.ts';

/** A look that was left at the decision before, and what would have been decided on it. */
export interface RestingLook {
  readonly seen: Seen;
  readonly wouldBe: Decision;
}

/** Decides as the daemon's tick does: not at all where nothing has moved. `onRest` is told of each such look. */
export function restingDecider(onRest: (look: RestingLook) => void = () => undefined): Decider {
  let last: { seen: Seen; decision: Decision; mayRest: (now: Seen) => boolean } | null = null;
  return (policy, read, memory, previousMs) => {
    // A daemon that began anew has decided nothing yet.
    if (last !== null && last.seen.sinceMs !== read.sinceMs) last = null;
    const seen = last === null ? read : withKept(last.seen, read);
    const decidedMs = last?.seen.sample.atMs ?? previousMs;
    const decision = decide(policy, seen, memory, decidedMs);
    if (last?.mayRest(seen) === true) {
      onRest({ seen, wouldBe: decision });
      return { ...last.decision, memory };
    }
    last = { seen, decision, mayRest: restingAfter({ policy, seen, decision }) };
    return decision;
  };
}

/** The engine's lists are the same objects while they say the same, as they are in the daemon. */
function withKept({ sample: before }: Seen, now: Seen): Seen {
  const { engine, activities } = now.sample;
  const kept = <T>(was: T, is: T): T => (isDeepStrictEqual(was, is) ? was : is);
  return {
    ...now,
    sample: {
      ...now.sample,
      activities: kept(before.activities, activities),
      engine: {
        ...engine,
        pilots: kept(before.engine.pilots, engine.pilots),
        images: kept(before.engine.images, engine.images),
      },
    },
  };
}
