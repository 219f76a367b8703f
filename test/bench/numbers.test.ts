import { describe, expect, it } from 'vitest';
import { median, percentile, stampMs } from '../../bench/numbers.ts';

describe('median', () => {
  it.each([
    [[3], 3],
    [[10, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[100, 9, 20], 20],
  ])('of %j is %d', (numbers, middle) => {
    expect(median(numbers)).toBe(middle);
  });

  it('of nothing is no number', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it.each([
    [hundred, 0.99, 99],
    [hundred, 0.5, 50],
    [hundred, 1, 100],
    [[7], 0.01, 7],
    [[10, 9, 100], 0.99, 100],
  ])('of %j by %d is %d', (numbers, share, value) => {
    expect(percentile(numbers, share)).toBe(value);
  });

  it('of nothing is no number', () => {
    expect(() => percentile([], 0.99)).toThrow(RangeError);
  });
});

describe('an engine’s time stamp', () => {
  it('keeps what is below a millisecond', () => {
    const second = Date.UTC(2024, 1, 29, 12, 0, 7);
    expect(stampMs('2024-02-29T12:00:07.123456789Z')).toBeCloseTo(second + 123.456789, 3);
    expect(stampMs('2024-02-29T12:00:07Z')).toBe(second);
    expect(stampMs('2024-02-29T13:00:07.5+01:00')).toBe(second + 500);
  });

  it('of year 1 never was', () => {
    expect(stampMs('0001-01-01T00:00:00Z')).toBeNull();
  });

  it('is refused when it is something else', () => {
    expect(() => stampMs('yesterday')).toThrow(RangeError);
  });
});
