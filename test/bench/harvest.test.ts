import { describe, expect, it } from 'vitest';
import { harvestedShare } from '../../bench/harvest.ts';
import { parseNodeTime } from '../../bench/nodeTime.ts';

describe('the node’s time', () => {
  it('counts waiting for storage as idle, and guests once', () => {
    const stat = 'cpu  100 10 50 800 40 3 2 5 60 7\ncpu0 1 1 1 1 1 1 1 1 1 1\n';
    expect(parseNodeTime(stat)).toEqual({ idleMs: 8400, totalMs: 10_100 });
  });

  it('is not made up', () => {
    expect(() => parseNodeTime('cpu0 1 2 3 4 5 6 7 8\n')).toThrow(RangeError);
    expect(() => parseNodeTime('cpu  1 2 x 4 5 6 7 8\n')).toThrow(RangeError);
  });
});

describe('the share of idle time that pilots had', () => {
  it.each([
    [950, 50, 0.95],
    [0, 50, 0],
    [10, 0, 1],
  ])('of %d with %d left over is %d', (pilotsMs, idleMs, share) => {
    expect(harvestedShare({ pilotsMs, idleMs })).toBeCloseTo(share, 9);
  });

  it('of nothing is no number', () => {
    expect(() => harvestedShare({ pilotsMs: 0, idleMs: 0 })).toThrow(RangeError);
  });
});
