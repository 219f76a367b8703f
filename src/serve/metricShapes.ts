import { type Timings, timingBoundsMs } from '../record/nodeFacts.ts';
import type { MetricFamily, MetricSample } from './metricsText.ts';

type Labels = Readonly<Record<string, string>>;

/** A family of levels. */
export function gauge(name: string, help: string, samples: readonly MetricSample[]): MetricFamily {
  return { name, help, type: 'gauge', samples };
}

/** A family of sums that only grow; `name` is without `_total`. */
export function counter(name: string, help: string, samples: readonly MetricSample[]): MetricFamily {
  return { name, help, type: 'counter', samples };
}

/** What is said by labels alone; `name` is without `_info`. */
export function info(name: string, help: string, labels: Labels): MetricFamily {
  return { name, help, type: 'info', samples: [{ labels, value: 1 }] };
}

/** Durations since the daemon began, as a histogram in seconds. */
export function sinceBegan(
  name: string,
  help: string,
  all: readonly { readonly labels?: Labels; readonly timings: Timings }[],
): MetricFamily {
  const samples = all.map(({ labels, timings }) => ({
    ...(labels === undefined ? {} : { labels }),
    buckets: timingBoundsMs.map((bound, index) => [bound / 1000, timings.atMost[index] ?? 0] as const),
    count: timings.count,
    sum: ms(timings.sumMs),
  }));
  return { name, help, type: 'histogram', samples };
}

/** One sample; none where the value cannot be read. */
export function only(value: number | null, labels?: Labels): readonly MetricSample[] {
  if (value === null) return [];
  return [labels === undefined ? { value } : { labels, value }];
}

/** Yes or no. */
export function flag(isSo: boolean): number {
  return isSo ? 1 : 0;
}

/** Milliseconds in seconds, the unit of all times here; without the noise of a division. */
export function ms(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1_000_000;
}
