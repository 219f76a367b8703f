import { memoryOfKind } from './kindMemory.ts';
import type { Memory } from './types.ts';

/** How many of the last pilots tell how long one usually runs, and how many it takes to say so. */
const livesKept = 15;
const leastLives = 5;

/** The lives of a kind's pilots with those that have ended now, the newest last. */
export function withLives(before: readonly number[], ended: readonly number[]): readonly number[] {
  return ended.length === 0 ? before : [...before, ...ended].slice(-livesKept);
}

/** How long a pilot of this kind usually runs: the median of the last ones; null while too few have ended. */
export function usualLifeMs({ kinds }: Pick<Memory, 'kinds'>, kind: string): number | null {
  const { lives } = memoryOfKind(kinds, kind);
  if (lives.length < leastLives) return null;
  return lives.toSorted((a, b) => a - b)[Math.floor((lives.length - 1) / 2)] ?? null;
}
