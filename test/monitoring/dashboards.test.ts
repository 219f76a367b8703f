import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dashboardFiles } from '../../scripts/dashboards/main.ts';
import { type BoardPanel, boardFolder, boards, targetsOf } from './boards.ts';
import {
  columnsOf,
  costlyInInfluxql,
  costlyInPromql,
  strangeInInfluxql,
  strangeInPromql,
} from './queryFaults.ts';

const panelsOf = (panels: readonly BoardPanel[]) => panels.filter(({ type }) => type !== 'row');

it('the dashboards are as their plans have them', () => {
  const files = dashboardFiles();
  expect(boards.map(({ file }) => file)).toEqual(Object.keys(files).toSorted());
  for (const [file, text] of Object.entries(files)) {
    const written = readFileSync(join(boardFolder, file), 'utf8');
    expect(written === text ? 'current' : `${file} is out of date: run "npm run generate"`).toBe('current');
  }
});

describe.each(boards)('$file', (board) => {
  const targets = targetsOf(board);

  it('asks for nothing that is not told', () => {
    const strange = board.database === 'influxdb' ? strangeInInfluxql : strangeInPromql;
    expect(
      targets.flatMap(({ panel, text }) => strange(text).map((name) => `${panel.title}: ${name}`)),
    ).toEqual([]);
  });

  it('asks for no more than is shown, however many nodes there are', () => {
    const isOfFleet = board.uid.startsWith('plancton-fleet');
    const costly = targets.flatMap(({ panel, target }) =>
      (target.query === undefined
        ? costlyInPromql(isOfFleet, target)
        : costlyInInfluxql(isOfFleet, panel, target)
      ).map((why) => `${panel.title}: ${why}`),
    );
    expect(costly).toEqual([]);
    const most = Math.max(...targets.map(({ panel }) => panel.maxDataPoints ?? Infinity));
    expect(most).toBeLessThanOrEqual(isOfFleet ? 120 : 400);
  });

  it('tells of each panel what it means, and shows none in the place of another', () => {
    const panels = panelsOf(board.panels);
    expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length);
    for (const panel of panels) {
      expect(`${panel.title}: ${panel.description}`).toMatch(/^.+: .{50,}\.$/);
      expect(panel.targets?.length).toBeGreaterThan(0);
    }
    const withoutUnit = panels.filter(
      ({ type, fieldConfig }) =>
        !['table', 'state-timeline'].includes(type) && fieldConfig?.defaults.unit === undefined,
    );
    expect(withoutUnit).toEqual([]);
    const cells = board.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      [...Array(w * h).keys()].map((cell) => [x + (cell % w), y + Math.floor(cell / w)]),
    );
    expect(new Set(cells.map(String)).size).toBe(cells.length);
    expect(cells.every(([x = 99]) => x < 24)).toBe(true);
  });

  it('reads from the database that is chosen, and uses what is offered to choose from', () => {
    for (const { target } of targets)
      expect(target.datasource).toEqual({ type: board.database, uid: '${source}' });
    const variables = board.templating.list.map(({ name }) => name);
    const texts = [
      ...targets.map(({ text }) => text),
      ...board.templating.list.map(({ query }) => query),
    ].join();
    for (const name of variables.filter((one) => one !== 'source'))
      expect(texts).toMatch(new RegExp(`\\$(?:${name}\\b|\\{${name}:)`));
  });
});

it('the tables name columns that their queries give', () => {
  const tables = boards.flatMap(({ panels }) => panels.filter(({ type }) => type === 'table'));
  expect(tables.length).toBeGreaterThan(6);
  // A panel of InfluxDB and its twin of Prometheus are of one plan: each has names of both.
  const given = (title: string): Set<string> =>
    new Set(
      tables.filter((panel) => panel.title === title).flatMap((panel) => ['Time', ...columnsOf(panel)]),
    );
  const strange = tables.flatMap(({ title, fieldConfig }) =>
    (fieldConfig?.overrides ?? [])
      .map(({ matcher }) => matcher.options)
      .filter((name) => !given(title).has(name))
      .map((name) => `${title}: ${name}`),
  );
  expect(strange).toEqual([]);
});

describe('a query that costs more than is shown', () => {
  const panel = { id: 1, type: 'timeseries', title: '', gridPos: { x: 0, y: 0, w: 1, h: 1 } };
  const why = (query: string): string[] =>
    costlyInInfluxql(true, panel, { refId: 'A', datasource: { type: 'influxdb', uid: '' }, query });
  const inner = 'FROM "node" WHERE $timeFilter GROUP BY time($__interval), "hostname"';
  const outer = 'WHERE $timeFilter GROUP BY time($__interval)';

  it.each([
    ['', `SELECT sum("a") AS "a" FROM (SELECT mean("cpus") AS "a" ${inner}) ${outer}`],
    ['several', `SELECT sum("a") AS "a" FROM (SELECT mean("b") AS "a", mean("c") AS "c" ${inner}) ${outer}`],
    ['several', `SELECT sum("a") AS "a" FROM (SELECT mean("b") AS "a" ${inner}, "kind") ${outer}`],
    ['a line for each node', `SELECT mean("cpus") AS "a" ${inner}`],
    ['every point', 'SELECT "cpus" AS "a" FROM "node" WHERE $timeFilter'],
    ['all that was ever told', 'SELECT mean("cpus") AS "a" FROM "node" GROUP BY time($__interval)'],
  ])('is found: %s', (reason, query) => {
    expect(why(query).join()).toMatch(reason === '' ? /^$/ : new RegExp(reason));
  });
});

describe('a mistyped name', () => {
  it('is found in InfluxQL', () => {
    const right = `SELECT sum("o") AS "owner" FROM (SELECT mean("owner_cpus") AS "o" FROM "node" WHERE "hostname" = '$node')`;
    expect(strangeInInfluxql(right)).toEqual([]);
    for (const [from, to] of [
      ['owner_cpus', 'owner_cpu'],
      ['hostname', 'host'],
      ['"node"', '"nodes"'],
      ['sum("o")', 'sum("p")'],
    ] as const)
      expect(strangeInInfluxql(right.replace(from, to))).not.toEqual([]);
  });

  it('is found in PromQL', () => {
    const right = 'sum by (kind) (rate(plancton_pilot_ends_total{job="$job", outcome="evicted"}[5m]))';
    expect(strangeInPromql(right)).toEqual([]);
    for (const [from, to] of [
      ['ends_total', 'end_total'],
      ['outcome', 'outcomes'],
      ['evicted', 'evict'],
      ['kind', 'kinds'],
    ] as const)
      expect(strangeInPromql(right.replace(from, to))).not.toEqual([]);
  });
});
