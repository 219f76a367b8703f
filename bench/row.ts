import { median } from './numbers.ts';

/** What a number must reach. */
export type Bar = { readonly atLeast: number } | { readonly atMost: number };

/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly bar: Bar;
  /** Written behind the numbers. */
  readonly unit: string;
  readonly decimals: number;
  /** What was measured, once for each round; none when it could not be. */
  readonly samples: readonly number[];
  /** Why it could not be measured; null when it was. */
  readonly unmeasured: string | null;
  /** What was measured beside it, for scale. */
  readonly beside: string;
  /** What is known of the original, from measurements of its own. */
  readonly original: string;
}

/** Whether a row's median reaches its bar; `unknown` when it was not measured. */
export function verdict(row: Row): 'met' | 'missed' | 'unknown' {
  if (row.unmeasured !== null || row.samples.length === 0) return 'unknown';
  const middle = median(row.samples);
  const met = 'atLeast' in row.bar ? middle >= row.bar.atLeast : middle <= row.bar.atMost;
  return met ? 'met' : 'missed';
}

/** Nothing unmeasured, nothing missed, and not nothing at all. */
export function allMet(rows: readonly Row[]): boolean {
  return rows.length > 0 && rows.every((row) => verdict(row) === 'met');
}
