import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { known, type Reading, unknown } from '../../src/model/reading.ts';
import { RunningSum } from '../../src/sample/runningSum.ts';

/** The sums after each of these looks, at groups with one counter; null: not there. */
function sums(...looks: readonly Readonly<Record<string, number | null | 'hidden'>>[]): unknown[] {
  const sum = new RunningSum<number>((value) => [value]);
  return looks.map((look) => {
    const readings = Object.values(look).map((value): Reading<number> | null =>
      value === null ? null : value === 'hidden' ? unknown('hidden') : known(value),
    );
    const next = sum.next(Object.keys(look), readings);
    return next.known ? (next.value[0] ?? 0) : next.reason;
  });
}

describe('a running sum', () => {
  it('grows by what each gains', () => {
    expect(sums({ a: 10, b: 5 }, { a: 11, b: 5 }, { a: 11, b: 9 })).toEqual([15, 16, 20]);
  });

  it('takes no notice of the past of who joins, and keeps what who leaves has brought', () => {
    expect(sums({ a: 10 }, { a: 11, b: 9e9 }, { a: 11, b: 9e9 + 2 })).toEqual([10, 11, 13]);
    expect(sums({ a: 10, b: 9e9 }, { a: 11 }, { a: 12, b: 9e9 + 50 })).toEqual([
      9e9 + 10,
      9e9 + 11,
      9e9 + 12,
    ]);
    expect(sums({ a: 10 }, {}, {})).toEqual([10, 10, 10]);
  });

  it('counts all of one that was not there at the last look, and of one that was made anew', () => {
    expect(sums({ a: null }, { a: 4 }, { a: null }, { a: 3 })).toEqual([0, 4, 4, 7]);
    expect(sums({ a: 10 }, { a: 2 }, { a: 3 })).toEqual([10, 12, 13]);
  });

  it('is unknown while one is hidden, and has all of it afterwards', () => {
    expect(sums({ a: 10, b: 1 }, { a: 20, b: 'hidden' }, { a: 21, b: 2 })).toEqual([11, 'hidden', 23]);
    expect(sums({ a: 'hidden' }, { a: 5 })).toEqual(['hidden', 5]);
  });

  it('adds up each counter of a group for itself', () => {
    const sum = new RunningSum<readonly number[]>((counters) => counters);
    sum.next(['a'], [known([1, 10])]);
    expect(sum.next(['a'], [known([2, 30])])).toEqual(known([2, 30]));
    expect(sum.next(['a'], [known([1, 5])])).toEqual(known([3, 35]));
  });

  it('tells the very same of the very same readings, and counts nothing twice', () => {
    const sum = new RunningSum<number>((value) => [value]);
    const [names, first, second] = [['a'], [known(10)], [known(12)]];
    sum.next(names, first);
    const told = sum.next(names, second);
    expect(sum.next(names, [...second])).toBe(told);
    expect(sum.next(['a', 'b'], [...second, known(5)])).toEqual(known([12]));
  });

  it('never goes back, whatever happens to the groups', () => {
    const counter = fc.oneof(fc.nat(1000), fc.constant(null), fc.constant('hidden' as const));
    const look = fc.dictionary(fc.constantFrom('a', 'b', 'c'), counter, { noNullPrototype: true });
    fc.assert(
      fc.property(fc.array(look, { maxLength: 10 }), (looks) => {
        const told = sums(...looks).filter((value) => value !== 'hidden') as number[];
        expect(told).toEqual([...told].sort((a, b) => a - b));
      }),
    );
  });
});
