import type { Memory, Sample } from './types.ts';
import { isInFlight, wasFruitless } from './slots.ts';

/** How many of the last pilots tell how long one usually runs, and how many it takes to say so. */
const livesKept = 15;
const leastLives = 5;

/**
 * How long the last pilots ran that ended by themselves or had their time, the newest last. Those that were evicted or
 * never did anything say nothing of it. To be called with the slots of before the engine's word was taken, once for
 * each tick: a pilot leaves its slot as it ends, and is counted then.
 */
export function followLives({ lives, slots }: Memory, sample: Sample): readonly number[] {
  const inSlots = new Set(slots.map((slot) => slot.pilot));
  const ended = sample.engine.pilots.flatMap((pilot) => {
    const isOver = pilot.managed && pilot.state === 'ended' && inSlots.has(pilot.name);
    if (!isOver || pilot.end === null || wasFruitless(pilot)) return [];
    return isInFlight(sample, 'start', pilot.name) ? [] : [pilot.end.livedMs];
  });
  return ended.length === 0 ? lives : [...lives, ...ended].slice(-livesKept);
}

/** How long a pilot usually runs: the median of the last ones; null while too few have ended. */
export function usualLifeMs({ lives }: Memory): number | null {
  if (lives.length < leastLives) return null;
  return lives.toSorted((a, b) => a - b)[Math.floor((lives.length - 1) / 2)] ?? null;
}
