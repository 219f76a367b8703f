import type { InfluxServer } from '../support/influx.ts';
import type { TestPrometheus } from '../support/prometheus.ts';
import type { BoardTarget, BoardVariable } from './boards.ts';
import { interpolate, type View } from './grafana.ts';

/** The databases that queries are put to. */
export interface Databases {
  readonly influx: InfluxServer;
  readonly database: string;
  readonly prometheus: TestPrometheus;
}

/** What is missing in the answer to a query; empty where Grafana could draw all of it. */
export type Lack = string;

/** Puts a panel's query to its database, and says what of its answer is missing. */
export async function lackOf(target: BoardTarget, view: View, databases: Databases): Promise<Lack> {
  return target.expr === undefined
    ? influxLack(target, view, databases)
    : prometheusLack(target, view, databases);
}

async function influxLack(target: BoardTarget, view: View, databases: Databases): Promise<Lack> {
  const influxql = interpolate(target.query ?? '', view);
  const rows = await databases.influx.query(influxql, databases.database);
  if (rows.length === 0) return 'no row';
  // The columns of the outermost SELECT.
  const columns = [...(influxql.split(' FROM ')[0] ?? '').matchAll(/ AS "([^"]+)"/g)].map(([, name]) => name);
  const empty = columns.filter((name) => rows.every((row) => (row[String(name)] ?? null) === null));
  if (empty.length > 0) return `nothing in ${empty.join(', ')}`;
  const tags = [...(target.alias ?? '').matchAll(/\$tag_(\w+)/g)].map(([, tag]) => String(tag));
  const untold = tags.filter((tag) => rows.some((row) => typeof row[tag] !== 'string' || row[tag] === ''));
  return untold.length > 0 ? `no tag ${untold.join(', ')}` : '';
}

async function prometheusLack(target: BoardTarget, view: View, databases: Databases): Promise<Lack> {
  const promql = interpolate(target.expr ?? '', view);
  const { prometheus } = databases;
  const series =
    target.instant === true
      ? (await prometheus.query(promql)).map(({ labels, value }) => ({ labels, values: [value] }))
      : await prometheus.course(promql, view.fromMs, view.toMs, view.intervalMs);
  if (series.length === 0) return 'no series';
  if (series.every(({ values }) => values.every(Number.isNaN))) return 'no number';
  const labels = [...(target.legendFormat ?? '').matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) =>
    String(label),
  );
  const untold = labels.filter((label) => series.some((one) => !one.labels[label]));
  return untold.length > 0 ? `no label ${untold.join(', ')}` : '';
}

/** The one number of a query whose answer is one. */
export async function figureOf(target: BoardTarget, view: View, databases: Databases): Promise<number> {
  if (target.expr !== undefined) {
    const [found] = await databases.prometheus.query(interpolate(target.expr, view));
    return found?.value ?? Number.NaN;
  }
  const [row] = await databases.influx.query(interpolate(target.query ?? '', view), databases.database);
  const { time: _, ...columns } = row ?? {};
  return Number(Object.values(columns)[0] ?? Number.NaN);
}

/** The values that a variable offers, as its query finds them. */
export async function valuesOf(variable: BoardVariable, view: View, databases: Databases): Promise<string[]> {
  const query = interpolate(variable.query, view);
  if (view.board.database === 'influxdb')
    return (await databases.influx.query(query, databases.database)).map((row) => String(row['value']));
  const [, selector = '', label = ''] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? [];
  return databases.prometheus.labelValues(label, selector);
}
