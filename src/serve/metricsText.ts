/** One number of a family, and what tells it from its siblings. */
export interface MetricSample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** How often something took how long (or was how large): counts up to each bound, growing, without the one for all. */
export interface MetricHistogram {
  readonly labels?: Readonly<Record<string, string>>;
  readonly buckets: readonly (readonly [atMost: number, count: number])[];
  readonly count: number;
  readonly sum: number;
}

/** Numbers of one meaning. What is not known just now has no sample: a gap in a graph is true, a zero is not. */
export type MetricFamily = {
  /** With its unit at the end, where it has one; a counter's `_total` and an info's `_info` are added. */
  readonly name: string;
  readonly help: string;
} & (
  | { readonly type: 'gauge' | 'counter' | 'info'; readonly samples: readonly MetricSample[] }
  | { readonly type: 'histogram'; readonly samples: readonly MetricHistogram[] }
);

/** How metrics may be written: as Prometheus always had them, or as OpenMetrics 1.0.0. */
export type MetricFormat = 'text' | 'openmetrics';

/** `Content-Type` of each. */
export const metricTypes: Readonly<Record<MetricFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

const units = ['seconds', 'bytes', 'ratio', 'celsius'] as const;

/** The format that an `Accept` header asks for: the better liked one of the two, `text` where it says nothing of them. */
export function metricFormatFor(accept: string): MetricFormat {
  let [openmetrics, text] = [0, 0];
  for (const part of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = part.split(';').map((one) => one.trim());
    const versions = parameters.filter((one) => one.startsWith('version='));
    const quality = Number(parameters.find((one) => one.startsWith('q='))?.slice(2) ?? 1);
    if (Number.isNaN(quality)) continue;
    const isOurs = versions.length === 0 || versions.includes('version=1.0.0');
    if (type === 'application/openmetrics-text' && isOurs) openmetrics = Math.max(openmetrics, quality);
    if (type === 'text/plain') text = Math.max(text, quality);
  }
  return openmetrics > 0 && openmetrics >= text ? 'openmetrics' : 'text';
}

/**
 * Writes families in one of the formats (https://prometheus.io/docs/instrumenting/exposition_formats/ and OpenMetrics
 * 1.0.0). A family without samples is left out.
 */
export function metricsText(families: readonly MetricFamily[], format: MetricFormat): string {
  const written = families.filter(({ samples }) => samples.length > 0);
  const text = written.map((family) => familyText(family, format === 'openmetrics')).join('');
  return format === 'openmetrics' ? `${text}# EOF\n` : text;
}

function familyText(family: MetricFamily, isOpen: boolean): string {
  const { name, type, help } = family;
  const suffix = type === 'counter' ? '_total' : type === 'info' ? '_info' : '';
  // In the older format a name is that of the samples, and there are no infos.
  const told = isOpen ? name : name + suffix;
  const unit = units.find((one) => name.endsWith(`_${one}`));
  const head = [
    `# HELP ${told} ${escaped(help, isOpen)}`,
    `# TYPE ${told} ${type === 'info' && !isOpen ? 'gauge' : type}`,
    ...(isOpen && unit !== undefined ? [`# UNIT ${told} ${unit}`] : []),
  ];
  const samples =
    type === 'histogram'
      ? family.samples.flatMap((histogram) => histogramLines(name, histogram))
      : family.samples.map(
          ({ labels, value }) => `${name}${suffix}${labelText(labels)} ${numberText(value)}`,
        );
  return `${[...head, ...samples].join('\n')}\n`;
}

function histogramLines(name: string, { labels, buckets, count, sum }: MetricHistogram): readonly string[] {
  return [
    ...[...buckets, [Number.POSITIVE_INFINITY, count] as const].map(
      ([atMost, upTo]) => `${name}_bucket${labelText({ ...labels, le: boundText(atMost) })} ${upTo}`,
    ),
    `${name}_sum${labelText(labels)} ${numberText(sum)}`,
    `${name}_count${labelText(labels)} ${count}`,
  ];
}

function labelText(labels: MetricSample['labels']): string {
  if (labels === undefined) return '';
  const pairs = Object.entries(labels).map(([name, text]) => `${name}="${escaped(text, true)}"`);
  return `{${pairs.join(',')}}`;
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}

/** Bounds are labels, which are compared as texts: OpenMetrics has them with a decimal point. */
function boundText(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : numberText(value);
}

function escaped(text: string, quotes: boolean): string {
  const plain = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  return quotes ? plain.replaceAll('"', '\\"') : plain;
}
