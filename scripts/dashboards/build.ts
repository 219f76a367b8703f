import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import type { DashboardPlan, Database, InfluxTarget, PanelPlan, PrometheusTarget, RowPlan } from './plan.ts';

/** What each database is called for people. */
const titles: Readonly<Record<Database, string>> = { influxdb: 'InfluxDB', prometheus: 'Prometheus' };

/** The dashboard of a plan, for one of the databases. */
export function dashboardOf(plan: DashboardPlan, database: Database): Dashboard {
  const builder = new DashboardBuilder(`Plancton: ${plan.title} (${titles[database]})`)
    .uid(`plancton-${plan.name}-${database}`)
    .description(plan.help)
    .tags(['plancton', database])
    .editable()
    .time({ from: `now-${plan.span}`, to: 'now' })
    .refresh(plan.refresh)
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .variables([...plan.variables(database)])
    .link(
      new DashboardLinkBuilder('Plancton')
        .type(DashboardLinkType.Dashboards)
        .tags(['plancton', database])
        .keepTime(true),
    );
  const ids = numbers();
  let y = 0;
  for (const row of plan.rows) {
    const panels = placed(row, database, y + 1);
    if (panels.length === 0) continue;
    builder.withRow(new RowBuilder(row.title).id(ids()).gridPos({ x: 0, y, w: 24, h: 1 }));
    for (const { panel, at } of panels) {
      builder.withPanel(whole(panelOf(panel, database, plan.mostPoints), ids(), at));
      y = Math.max(y, at.y + at.h);
    }
  }
  const dashboard = builder.build();
  // The SDK puts links into a menu, where nobody looks for them.
  for (const link of dashboard.links ?? []) delete link.placement;
  return dashboard;
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Panels side by side until a line is full, from this height on. */
function placed(row: RowPlan, database: Database, top: number): { panel: PanelPlan; at: Place }[] {
  let [x, y, lineHeight] = [0, top, 0];
  return row.panels
    .filter((panel) => panel[database].length > 0)
    .map((panel) => {
      if (x + panel.width > 24) [x, y, lineHeight] = [0, y + lineHeight, 0];
      const at = { x, y, w: panel.width, h: panel.height };
      x += panel.width;
      lineHeight = Math.max(lineHeight, panel.height);
      return { panel, at };
    });
}

function panelOf(plan: PanelPlan, database: Database, mostPoints: number): Panel {
  const source = sourceOf(database);
  const targets =
    database === 'influxdb'
      ? plan.influxdb.map((target, index) => influxQuery(target, refId(index)))
      : plan.prometheus.map((target, index) => prometheusQuery(target, refId(index)));
  const panel = plan.shape(database).title(plan.title).description(plan.help).build();
  return { ...panel, datasource: source, targets, maxDataPoints: mostPoints };
}

function whole(panel: Panel, id: number, gridPos: Place): Builder<Panel> {
  return { build: () => ({ ...panel, id, gridPos }) };
}

/** The data source that is chosen at the top of the dashboard. */
export function sourceOf(database: Database): { readonly type: Database; readonly uid: string } {
  return { type: database, uid: '${source}' };
}

/** The SDK has no builder for InfluxQL: the fields are those that Grafana's own editor writes. */
function influxQuery({ influxql, alias }: InfluxTarget, id: string): Dataquery {
  const query = {
    refId: id,
    datasource: sourceOf('influxdb'),
    query: influxql,
    rawQuery: true,
    resultFormat: alias === null ? 'table' : 'time_series',
    ...(alias === null ? {} : { alias }),
  };
  return query as unknown as Dataquery;
}

function prometheusQuery({ expr, legend, as }: PrometheusTarget, id: string): Dataquery {
  const query = new DataqueryBuilder().datasource(sourceOf('prometheus')).refId(id).expr(expr);
  if (as === 'range') query.range();
  else query.instant();
  if (as === 'table') query.format(PromQueryFormat.Table);
  else query.legendFormat(legend);
  return query.build();
}

/** The name of a query within its panel: A, B, … */
export function refId(index: number): string {
  return String.fromCodePoint(65 + index);
}

function numbers(): () => number {
  let last = 0;
  return () => (last += 1);
}
