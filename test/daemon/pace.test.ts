import { describe, expect, it } from 'vitest';
import { Pace } from '../../src/daemon/pace.ts';

/** At which of these ticks it happens. */
function happens(ticks: readonly number[], everyMs: number): number[] {
  const pace = new Pace();
  return ticks.filter((atMs) => pace.isDue(atMs, everyMs));
}

/** A minute of ticks, each of which comes so much later than a second after the one before. */
const ticks = (lateMs: number) =>
  Array.from({ length: 60 }, (_, index) => 5_000_000 + index * (1000 + lateMs));

describe('what happens once in a span, at ticks', () => {
  it.each([
    [-0.4, 1000, 60],
    [0, 1000, 60],
    [3, 1000, 60],
    [15, 1000, 60],
    [-0.4, 2000, 30],
    [3, 2000, 30],
    [-0.4, 3000, 20],
    [3, 30_000, 2],
    [0, 1500, 40],
  ])('ticks that come %d ms late, each %d ms: %i times a minute', (lateMs, everyMs, times) => {
    expect(happens(ticks(lateMs), everyMs)).toHaveLength(times);
  });

  it('happens at once, and no sooner again for ticks between', () => {
    expect(happens([0, 100, 400, 800, 1000, 1300, 1999, 2000, 2950], 1000)).toEqual([0, 1000, 1999, 2950]);
  });

  it('is not made up for after a long while', () => {
    expect(happens([0, 10_000, 10_100, 11_000, 12_000, 12_100], 2000)).toEqual([0, 10_000, 12_000]);
  });

  it('follows another span at once, and begins again when told', () => {
    const pace = new Pace();
    expect([pace.isDue(0, 60_000), pace.isDue(3000, 60_000), pace.isDue(3100, 2000)]).toEqual([
      true,
      false,
      true,
    ]);
    pace.restart();
    expect(pace.isDue(3200, 2000)).toBe(true);
  });
});
