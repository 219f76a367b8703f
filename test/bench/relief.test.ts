import { describe, expect, it } from 'vitest';
import { below } from '../../bench/reliefRound.ts';

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
