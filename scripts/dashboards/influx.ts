import type { InfluxTarget } from './plan.ts';

/** Names that a query gives its columns, with what stands in each. */
type Columns = Readonly<Record<string, string>>;

/** The tags by which a dashboard chooses. */
export const ofNode = `"hostname" = '$node'`;
export const ofFleet = '"hostname" =~ /^${node:regex}$/';
export const ofKind = '"kind" =~ /^${kind:regex}$/';

interface Course {
  readonly from: string;
  readonly columns: Columns;
  /** What must hold of tags, beside the time. */
  readonly where: readonly string[];
  /** A tag that makes a series of each of its values. */
  readonly by?: string;
  /** What stands where there was no point: nothing, or a zero for what is counted. */
  readonly fill?: 'none' | '0';
}

/** A series over time, no finer than Grafana can show. */
export function course({ from, columns, where, by, fill = 'none' }: Course): InfluxTarget {
  const groups = ['time($__interval)', ...(by === undefined ? [] : [`"${by}"`])].join(', ');
  return {
    influxql: `SELECT ${listed(columns)} FROM "${from}" WHERE ${and(where)} GROUP BY ${groups} fill(${fill})`,
    alias: aliasOf(columns, by),
  };
}

/**
 * The sum over nodes of what each of them tells several times in a step: of each node one number first. One column only,
 * and no tag beside the node: InfluxDB takes ten times as long for two of either.
 */
export function sumOverNodes(one: {
  readonly from: string;
  readonly name: string;
  /** What each node adds, as an aggregate of its field: a mean, or the last. */
  readonly each: string;
  readonly where: readonly string[];
}): InfluxTarget {
  const inner = `SELECT ${one.each} AS "each" FROM "${one.from}" WHERE ${and(one.where)} GROUP BY time($__interval), "hostname" fill(none)`;
  return {
    influxql: `SELECT sum("each") AS "${one.name}" FROM (${inner}) WHERE $timeFilter GROUP BY time($__interval) fill(none)`,
    alias: '$col',
  };
}

/** One row of all that the dashboard looks at. */
export function whole(from: string, columns: Columns, where: readonly string[]): InfluxTarget {
  return { influxql: `SELECT ${listed(columns)} FROM ${named(from)} WHERE ${and(where)}`, alias: '$col' };
}

/** A row of a table for each value of these tags. */
export function rows(
  from: string,
  columns: Columns,
  where: readonly string[],
  ...by: readonly string[]
): InfluxTarget {
  const tags = by.map((tag) => `"${tag}"`).join(', ');
  return {
    influxql: `SELECT ${listed(columns)} FROM ${named(from)} WHERE ${and(where)} GROUP BY ${tags}`,
    alias: null,
  };
}

/** How much sums of the account have grown, of each node in each step. A reboot, which begins them anew, is left out. */
export function growth(columns: Columns, where: readonly string[]): string {
  const grown = Object.fromEntries(
    Object.entries(columns).map(([name, field]) => [name, `non_negative_difference(last("${field}"))`]),
  );
  return `(SELECT ${listed(grown)} FROM "account" WHERE ${and(where)} GROUP BY time($__interval), "hostname" fill(none))`;
}

/** How often something was told, as so many in a minute. */
export function perMinute(field: string): string {
  return `count("${field}") * 60000 / $__interval_ms`;
}

function listed(columns: Columns): string {
  return Object.entries(columns)
    .map(([name, expression]) => `${expression} AS "${name}"`)
    .join(', ');
}

function and(where: readonly string[]): string {
  const isTimed = where.some((one) => one.startsWith('time '));
  return [...where, ...(isTimed ? [] : ['$timeFilter'])].join(' AND ');
}

function named(from: string): string {
  return from.startsWith('(') ? from : `"${from}"`;
}

function aliasOf(columns: Columns, by: string | undefined): string {
  return by === undefined || Object.keys(columns).length > 1 ? '$col' : `$tag_${by}`;
}
