import { describe, expect, it } from 'vitest';
import { filledShare, gapsMs, intoSlots, type Life, slotTime } from '../../bench/slots.ts';

const life = (startMs: number, endMs: number | null): Life => ({ startMs, endMs });

describe('slots', () => {
  it('give a start to the slot that emptied last', () => {
    const lives = [life(0, 50), life(10, 40), life(45, 90), life(55, null)];
    expect(intoSlots(lives, 2)).toEqual([
      [life(0, 50), life(55, null)],
      [life(10, 40), life(45, 90)],
    ]);
  });

  it('take events in any order', () => {
    expect(intoSlots([life(20, 30), life(0, 10)], 1)).toEqual([[life(0, 10), life(20, 30)]]);
  });

  it('refuse more containers at a time than there are slots', () => {
    expect(() => intoSlots([life(0, null), life(1, null), life(2, null)], 2)).toThrow('more than 2');
    expect(() => intoSlots([life(0, 10), life(9, 20)], 1)).toThrow('more than 1');
  });
});

describe('filled slot time', () => {
  it('is measured from each slot’s first start to its last', () => {
    // Before the first start: nobody's. Of the last run nothing counts, its gap is not seen.
    const lives = [life(1000, 6000), life(6500, 11_500), life(12_000, null)];
    expect(slotTime(lives, 1, 0, 14_000)).toEqual({ filledMs: 10_000, spanMs: 11_000 });
  });

  it('does not depend on where in a run the second mark falls', () => {
    const lives = [life(0, 5000), life(5500, 10_500), life(11_000, 16_000), life(16_500, null)];
    const share = (toMs: number): number => filledShare(slotTime(lives, 1, 0, toMs));
    expect(share(11_001)).toBeCloseTo(share(15_999), 12);
    expect(share(12_000)).toBeCloseTo(10 / 11, 12);
  });

  it('counts a slot that stays empty up to the second mark', () => {
    expect(slotTime([life(0, 5000)], 1, 0, 50_000)).toEqual({ filledMs: 5000, spanMs: 50_000 });
  });

  it('counts a slot that was never filled from mark to mark', () => {
    const lives = [life(100, 5100), life(5200, null)];
    expect(slotTime(lives, 2, 100, 10_100)).toEqual({ filledMs: 5000, spanMs: 15_100 });
  });

  it('counts a slot that is left empty while the other goes on', () => {
    const lives = [
      life(0, 5000),
      life(0, 5000),
      life(5500, 10_500),
      life(11_000, 16_000),
      life(16_500, null),
    ];
    expect(slotTime(lives, 2, 0, 20_000)).toEqual({ filledMs: 20_000, spanMs: 36_500 });
  });

  it('does not see what came after the second mark', () => {
    const lives = [life(0, 5000), life(6000, 11_000), life(12_000, 17_000)];
    expect(slotTime(lives, 1, 0, 8000)).toEqual({ filledMs: 5000, spanMs: 6000 });
    expect(slotTime(lives, 1, 0, 5500)).toEqual({ filledMs: 5000, spanMs: 5500 });
  });

  it('adds the slots up', () => {
    const lives = [life(0, 5000), life(100, 5100), life(6000, null), life(7100, null)];
    expect(slotTime(lives, 2, 100, 9000)).toEqual({ filledMs: 10_000, spanMs: 13_000 });
  });

  it('is not told of a window too short for one turn', () => {
    expect(() => filledShare(slotTime([life(0, null)], 1, 0, 4000))).toThrow('too short');
  });
});

describe('gaps', () => {
  it('lie between an end and the next start, in whatever order the ends were read', () => {
    expect(gapsMs([life(1300, 2300), life(0, 1000), life(2650, 3650)])).toEqual([300, 350]);
  });

  it('are not told of containers that overlap', () => {
    expect(() => gapsMs([life(0, 1000), life(900, 2000)])).toThrow('more than 1');
  });
});
