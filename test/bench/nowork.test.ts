import { describe, expect, it } from 'vitest';
import { mostProbed } from '../../bench/nowork.ts';

const minuteMs = 60_000;
const backOff = { firstMs: minuteMs, mostMs: 60 * minuteMs };

describe('the most starts of a kind that never has work', () => {
  it('are one in each slot before it is known', () => {
    expect(mostProbed(4, backOff, minuteMs / 2 - 1)).toBe(4);
  });

  it('and a probe after each wait, at least half of which the jitter leaves', () => {
    expect(mostProbed(4, backOff, minuteMs / 2)).toBe(5);
    // 0.5 + 1 + 2 + 4 + 8 + 16 min
    expect(mostProbed(4, backOff, 31.5 * minuteMs)).toBe(10);
    expect(mostProbed(4, backOff, 60 * minuteMs)).toBe(10);
  });

  it('come no slower than the longest wait has them', () => {
    const most = { firstMs: minuteMs, mostMs: 2 * minuteMs };
    expect(mostProbed(1, most, 60 * minuteMs) - mostProbed(1, most, 50 * minuteMs)).toBe(10);
  });
});
