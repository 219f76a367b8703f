import { seriesGuide } from '../../src/record/seriesGuide.ts';
import { metricsText } from '../../src/serve/metricsText.ts';
import { nodeMetrics } from '../../src/serve/nodeMetrics.ts';
import { wholeFacts } from '../support/nodeFacts.ts';
import type { BoardPanel, BoardTarget } from './boards.ts';

/** Names in a query that nothing tells of. */
export function strangeInInfluxql(influxql: string): string[] {
  const text = influxql.replaceAll(/'[^']*'|\/\^.*?\$\//g, '');
  const names = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => String(name));
  const read = seriesGuide.filter(({ name }) => names(/FROM "(\w+)"/g).includes(name));
  const known = new Set([
    ...read.flatMap(({ name, tags, fields }) => [name, ...Object.keys(tags), ...Object.keys(fields)]),
    ...names(/ AS "([^"]+)"/g),
  ]);
  return names(/"([^"]+)"/g).filter((name) => !known.has(name));
}

/** What is told to Prometheus: each name with the values of its labels. */
const told = new Map<string, Map<string, Set<string>>>([['up', new Map()]]);
for (const [, name = '', labels = ''] of metricsText(nodeMetrics(wholeFacts(), 0), 'text').matchAll(
  /^(\w+)(?:\{(.*)\})? /gm,
)) {
  const values = told.get(name) ?? new Map<string, Set<string>>();
  for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="([^"]*)"/g))
    values.set(label, (values.get(label) ?? new Set()).add(value));
  told.set(name, values);
}
const ofScrape = ['job', 'instance'];

/** The same of a query of Prometheus: names of metrics and labels, and values of these that are written out. */
export function strangeInPromql(promql: string): string[] {
  const selected = [...promql.matchAll(/\b([a-z_]+)\{([^{}]*)\}/g)];
  const strange = selected.flatMap(([, name = '', matchers = '']) => {
    const labels = told.get(name);
    if (labels === undefined) return [name];
    return [...matchers.matchAll(/(\w+)(=~?)"([^"]*)"/g)].flatMap(([, label = '', how, value = '']) => {
      if (ofScrape.includes(label)) return [];
      const isKnown = labels.has(label) && (how === '=~' || labels.get(label)?.has(value) === true);
      return isKnown ? [] : [`${name}{${label}="${value}"}`];
    });
  });
  const all = [...ofScrape, 'le', ...[...told.values()].flatMap((labels) => [...labels.keys()])];
  const grouped = [...promql.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(', '),
  );
  return [...strange, ...grouped.filter((label) => !all.includes(label))];
}

/** A query without what stands in parentheses, but for the conditions on tags. */
function outermost(influxql: string): string {
  const without = influxql.replaceAll(/\([^()]*\)/g, '').replaceAll(/"hostname" =/g, '');
  return without === influxql ? without : outermost(without);
}

/** Why a query of InfluxDB may cost more than what is shown is worth. */
export function costlyInInfluxql(isOfFleet: boolean, panel: BoardPanel, target: BoardTarget): string[] {
  const text = target.query ?? '';
  const isCourse = ['timeseries', 'state-timeline'].includes(panel.type);
  const reads = text.split(/FROM "\w+" WHERE /).slice(1);
  const isEndless = reads.some(
    (read) => !/\$timeFilter|time > now\(\) - \$silence/.test(read.split(' GROUP BY ')[0] ?? ''),
  );
  return [
    ...(isCourse && !text.includes('GROUP BY time($__interval)') ? ['every point of a time'] : []),
    ...(reads.length === 0 || isEndless ? ['all that was ever told'] : []),
    // InfluxDB takes ten times as long for several columns or tags of each node and step as for one.
    ...(isOfFleet && isOfSeveral(text) ? ['several columns or tags of each node'] : []),
    ...(target.resultFormat !== 'table' && outermost(text).includes('"hostname"')
      ? ['a line for each node']
      : []),
  ];
}

function isOfSeveral(influxql: string): boolean {
  const [, columns = '', tags = ''] =
    /\(SELECT (.*?) FROM "\w+" WHERE .* GROUP BY time\(\$__interval\), "hostname"(.*?)\)/.exec(influxql) ??
    [];
  return columns.split(' AS ').length > 2 || tags.startsWith(',');
}

/** Why one of Prometheus may. */
export function costlyInPromql(isOfFleet: boolean, target: BoardTarget): string[] {
  const text = target.expr ?? '';
  const isSummed = /^(?:60 \* |clamp_min\()?(?:sum|avg|max|count|topk|histogram_quantile)\b/.test(text);
  return [
    // What is asked at each step is of a span that grows with the number of steps.
    ...(target.instant !== true && text.includes('[$__range]') ? ['all of the time at each step of it'] : []),
    ...(isOfFleet && !isSummed ? ['a line for each node'] : []),
  ];
}

/** What Grafana calls the columns of a table: those of an answer of InfluxDB, or labels of Prometheus and its values. */
export function columnsOf({ targets = [] }: BoardPanel): string[] {
  return targets.flatMap(({ refId, query, expr = '' }) => {
    if (query !== undefined)
      return [...query.matchAll(/ AS "([^"]+)"|(?:, |GROUP BY )"(\w+)"/g)].map(([, as, tag]) =>
        String(as ?? tag),
      );
    const labels = /\bby \(([^)]*)\)/.exec(expr)?.[1]?.split(', ') ?? [];
    return [...labels, targets.length > 1 ? `Value #${refId}` : 'Value'];
  });
}
