import { describe, expect, it } from 'vitest';
import { placeInLanes } from '../../src/page/lanes.ts';
import {
  drawn,
  endedCounts,
  harvestedHours,
  type Line,
  meanAndMost,
  momentsOf,
  spread,
  stretches,
} from '../../src/page/shape.ts';
import type { RingSeries, Rule } from '../../src/page/told.ts';
import { ringNumbers } from '../../src/record/ringRecord.ts';
import { wholeFacts } from '../support/nodeFacts.ts';

/** A series of one-minute steps; null is a step without a record. */
function seriesOf(rules: readonly (Rule | 'none' | 'away' | 'drain' | null)[]): RingSeries {
  const isKnown = rules.map((rule) => rule !== null);
  const numbers = ringNumbers.map((name) => [
    name,
    isKnown.map((known, index) => (known ? index + 1 : null)),
  ]);
  return {
    fromSeconds: 6000,
    stepSeconds: 60,
    numbers: Object.fromEntries(numbers) as RingSeries['numbers'],
    refusal: rules.map((rule) => (rule === null || rule === 'none' || rule === 'away' ? null : rule)),
    away: rules.map((rule) => (rule === null ? null : rule === 'away')),
    draining: rules.map((rule) => (rule === null ? null : rule === 'drain')),
  };
}

describe('moments', () => {
  it('lie at the ends of their steps, unknown ones included', () => {
    const { seconds, moments } = momentsOf(seriesOf(['cpu', null, 'cpu']), null);
    expect(seconds).toEqual([6060, 6120, 6180]);
    expect(moments.map(({ ownerCpus }) => ownerCpus)).toEqual([1, null, 3]);
  });

  it('end with this one, which follows what is not kept yet without a gap', () => {
    const facts = wholeFacts({ atWallMs: 6_190_000 });
    const { seconds, moments } = momentsOf(seriesOf(['cpu', 'cpu', null]), facts);
    expect(seconds).toEqual([6060, 6120, 6190]);
    expect(moments.at(-1)).toMatchObject({ ownerCpus: 1.5, running: 3, paused: 1, limit: 6, waitIo: 0.03 });
  });

  it('have a gap where much is missing before this one, and never go back in time', () => {
    const late = momentsOf(seriesOf(['cpu', null, null, null]), wholeFacts({ atWallMs: 6_240_000 }));
    expect(late.moments.map(({ ownerCpus }) => ownerCpus)).toEqual([1, null, null, null, 1.5]);
    const { seconds } = momentsOf(seriesOf(['cpu', 'cpu']), wholeFacts({ atWallMs: 6_100_000 }));
    expect(seconds).toEqual([6060, 6099, 6100]);
  });
});

describe('what is drawn', () => {
  const line = (as: 'area' | 'line'): Line<unknown> => ({ label: '', colour: '', as, at: () => null });

  it('has areas on each other, lines by themselves, and a gap above what is unknown', () => {
    const of = [
      [1, 1, null],
      [2, null, 2],
      [4, 4, 4],
      [9, 9, 9],
    ];
    expect(
      drawn([line('area'), line('area'), line('area'), line('line')], { seconds: [1, 2, 3], of }),
    ).toEqual([
      [1, 1, null],
      [3, null, null],
      [7, null, null],
      [9, 9, 9],
    ]);
  });

  it('is summed up by what is known', () => {
    expect(meanAndMost([1, null, 3])).toEqual({ mean: 2, most: 3 });
    expect(meanAndMost([null])).toBeNull();
    expect(harvestedHours(seriesOf(['cpu', null, 'cpu']))).toBeCloseTo(4 / 60);
    expect(harvestedHours(seriesOf([null]))).toBeNull();
    expect(endedCounts(seriesOf(['cpu', null, 'cpu']))).toMatchObject({ finished: 4, 'no-work': 4, lost: 4 });
  });

  it('is told in so many rows at most, the last one among them', () => {
    expect(spread(5, 24)).toEqual([0, 1, 2, 3, 4]);
    expect(spread(0, 24)).toEqual([]);
    for (const length of [24, 25, 240, 481]) {
      const rows = spread(length, 24);
      expect([rows.length <= 24, rows.at(-1), rows.every((row) => row >= 0)]).toEqual([
        true,
        length - 1,
        true,
      ]);
    }
  });
});

it('what kept one more from starting is told in stretches, what is unknown left out', () => {
  expect(stretches(seriesOf(['cpu', 'cpu', null, 'cpu', 'away', 'drain', 'none', 'none']))).toEqual([
    { fromSeconds: 6000, untilSeconds: 6120, rule: 'cpu' },
    { fromSeconds: 6180, untilSeconds: 6240, rule: 'cpu' },
    { fromSeconds: 6240, untilSeconds: 6300, rule: 'away' },
    { fromSeconds: 6300, untilSeconds: 6360, rule: 'drain' },
    { fromSeconds: 6360, untilSeconds: 6480, rule: null },
  ]);
});

describe('lanes', () => {
  const life = (what: string, fromMs: number, untilMs: number) => ({ what, fromMs, untilMs });

  it('hold what follows each other, in any order of telling', () => {
    const { placed, lanes } = placeInLanes([
      life('c', 20, 30),
      life('a', 0, 10),
      life('b', 10, 20),
      life('d', 5, 25),
    ]);
    expect(lanes).toBe(2);
    expect(Object.fromEntries(placed.map(({ what, lane }) => [what, lane]))).toEqual({
      a: 0,
      b: 0,
      c: 0,
      d: 1,
    });
  });

  it('are as many as run at a time', () => {
    const many = Array.from({ length: 2000 }, (_, index) => life(String(index), index, index + 200));
    const { placed, lanes } = placeInLanes(many);
    expect(lanes).toBe(200);
    const last = new Map<number, number>();
    for (const { lane, fromMs, untilMs } of placed) {
      expect(last.get(lane) ?? 0).toBeLessThanOrEqual(fromMs);
      last.set(lane, untilMs);
    }
    expect(placeInLanes([]).lanes).toBe(0);
  });
});
