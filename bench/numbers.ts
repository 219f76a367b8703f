/** The middle of some numbers; the mean of the two in the middle where they are even in number. Throws on none. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new RangeError('the median of no numbers');
  return (low + high) / 2;
}

/** A time stamp of an engine (RFC 3339 with up to nine decimals) in milliseconds with fractions; null for one that never was. */
export function stampMs(stamp: string): number | null {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(stamp);
  if (parts === null) throw new RangeError(`not an engine's time stamp: ${stamp}`);
  // Docker tells year 1 of what has not happened yet.
  if (stamp.startsWith('0001-')) return null;
  return Date.parse(`${parts[1]}${parts[3]}`) + Number(`0${parts[2] ?? ''}`) * 1000;
}

/** The value that this share of some numbers does not exceed, by the nearest rank; `share` is above 0, up to 1. Throws on none. */
export function percentile(numbers: readonly number[], share: number): number {
  const value = numbers.toSorted((a, b) => a - b)[Math.ceil(numbers.length * share) - 1];
  if (value === undefined) throw new RangeError('a percentile of no numbers');
  return value;
}
