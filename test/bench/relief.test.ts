import { describe, expect, it } from 'vitest';
import { below, withAtHand } from '../../bench/memoryLooks.ts';

const looks = (...available: number[]) =>
  available.map((availableBytes, index) => ({ atMs: index * 500, availableBytes }));

describe('the time below the reserve', () => {
  it('is from the first look that is to the first that is not any more', () => {
    expect(below(looks(12, 10, 9, 7, 9, 10, 11), 10)).toEqual({ seconds: 1.5, leastBytes: 7 });
  });

  it('lasts until it is over for good', () => {
    expect(below(looks(9, 12, 12, 9, 12), 10).seconds).toBe(2);
  });

  it('is none where there was always enough, and reaches to the end where it is not over', () => {
    expect(below(looks(12, 10, 12), 10)).toEqual({ seconds: 0, leastBytes: 10 });
    expect(below(looks(12, 9, 9), 10).seconds).toBe(0.5);
  });
});

describe('free memory that CPUs keep at hand', () => {
  it('counts as available as far as it came since the first look', () => {
    const seen = [
      { availableBytes: 10, atHandBytes: 3 },
      { availableBytes: 8, atHandBytes: 5 },
      { availableBytes: 9, atHandBytes: 1 },
    ];
    expect(withAtHand(seen).map(({ availableBytes }) => availableBytes)).toEqual([10, 10, 9]);
  });
});
