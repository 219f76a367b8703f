import { deafened, doubtsOf, isDeaf, undeafened } from './deafness.ts';
import { followUse, isFutile, isFutileInAll, vainShare } from './futility.ts';
import type { Held } from './ladder.ts';
import { followProbation, isBroken } from './probation.ts';
import { type Pressing, rungsOf, type Sense, type Signal } from './senses.ts';
import type { Policy } from './types.ts';

/** What is concluded of a sense: what is remembered of it, and whether pilots are given back all that it took. */
export interface Verdict {
  readonly pressing: Pressing | undefined;
  readonly isFutile: boolean;
}

/**
 * Whether the pilots are the cause of what the owner waits for. As long as that is not known it is looked at what taking
 * from them is good for; while the sense is not acted on, whether they do harm after all. `before` is what was remembered
 * of the sense, `followed` that after its signal of now.
 */
export function judged(
  sense: Sense,
  { means }: Policy,
  signal: Signal,
  before: Pressing | undefined,
  followed: Pressing | undefined,
  held: readonly Held[],
  there: () => readonly string[],
  nowMs: number,
): Verdict {
  if (followed === undefined) return { pressing: undefined, isFutile: false };
  if (isDeaf(followed, nowMs)) {
    const pressing = followProbation(before, followed, nowMs);
    return { pressing: isBroken(pressing, nowMs) ? undeafened(pressing, nowMs) : pressing, isFutile: false };
  }
  if (followed.dormantSinceMs !== undefined) return { pressing: followed, isFutile: false };
  const rungs = rungsOf(sense, means);
  const areGuests = means.cpuClass !== 'normal';
  const pressing = followUse(sense, followed, signal, held, rungs, there(), areGuests, nowMs);
  const share = vainShare(pressing, nowMs);
  const atAStretch = isFutile(sense, pressing, rungs, areGuests, nowMs);
  if (!atAStretch && (share === null || !isFutileInAll(pressing, doubtsOf(pressing, nowMs), nowMs)))
    return { pressing, isFutile: false };
  return { pressing: deafened(pressing, share, atAStretch, nowMs), isFutile: true };
}
