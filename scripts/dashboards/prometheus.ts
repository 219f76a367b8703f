import type { PrometheusTarget } from './plan.ts';

/** Writes the selector of a metric for the nodes that a dashboard looks at. */
export type Selector = (metric: string, ...labels: readonly string[]) => string;

/** Those of the one node. */
export const node: Selector = (metric, ...labels) =>
  `${metric}{${['job="$job"', 'instance="$node"', ...labels].join(', ')}}`;

/** Those of all nodes that are chosen. */
export const fleet: Selector = (metric, ...labels) =>
  `${metric}{${['job="$job"', 'instance=~"$node"', ...labels].join(', ')}}`;

export const ofKind = 'kind=~"$kind"';

/** A line for each series. */
export function over(expr: string, legend: string): PrometheusTarget {
  return { expr, legend, as: 'range' };
}

/** What it is now. */
export function now(expr: string, legend: string): PrometheusTarget {
  return { expr, legend, as: 'instant' };
}

/** The same as rows of a table. */
export function row(expr: string): PrometheusTarget {
  return { expr, legend: '', as: 'table' };
}

/** How fast a counter grows in a second. */
export function rate(selected: string): string {
  return `rate(${selected}[$__rate_interval])`;
}

/** How much it has grown in all that the dashboard looks at. */
export function grown(selected: string): string {
  return `increase(${selected}[$__range])`;
}

/** The mean of a histogram, by these labels. */
export function meanOf(
  select: Selector,
  histogram: string,
  by: string,
  ...labels: readonly string[]
): string {
  const sum = (part: string): string => `sum by (${by}) (${rate(select(`${histogram}_${part}`, ...labels))})`;
  return `${sum('sum')} / ${sum('count')}`;
}

/** What so much of a histogram stays below (0.95: 95 % of it). */
export function quantileOf(
  select: Selector,
  share: number,
  histogram: string,
  ...labels: readonly string[]
): string {
  return `histogram_quantile(${share}, sum by (le) (${rate(select(`${histogram}_bucket`, ...labels))}))`;
}
