import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';

/** What the dashboards read from. */
export type Database = 'influxdb' | 'prometheus';

/** One InfluxQL query of a panel. */
export interface InfluxTarget {
  readonly influxql: string;
  /** What its series are called; `$col` is the column, `$tag_kind` the tag `kind`. Of a table: none. */
  readonly alias: string | null;
}

/** One PromQL query of a panel. */
export interface PrometheusTarget {
  readonly expr: string;
  /** What its series are called; `{{kind}}` is the label `kind`. */
  readonly legend: string;
  /** `range`: over time; `instant`: now; `table`: now, with a column for each label. */
  readonly as: 'range' | 'instant' | 'table';
}

/** As much of the SDK's panels as all of them have. */
export interface PanelShape extends Builder<Panel> {
  title(title: string): this;
  description(description: string): this;
}

/** One panel, for both databases; one without queries for a database is not on its dashboard. */
export interface PanelPlan {
  readonly title: string;
  /** What it means, and what to do about it: what people read who point at its corner. */
  readonly help: string;
  /** In columns of 24, and in rows. */
  readonly width: number;
  readonly height: number;
  readonly shape: (database: Database) => PanelShape;
  readonly influxdb: readonly InfluxTarget[];
  readonly prometheus: readonly PrometheusTarget[];
}

/** Panels that belong together, under a line of their own. */
export interface RowPlan {
  readonly title: string;
  readonly panels: readonly PanelPlan[];
}

/** A dashboard, for both databases. */
export interface DashboardPlan {
  /** Part of its address in Grafana; with the database it is the name of its file. */
  readonly name: string;
  readonly title: string;
  readonly help: string;
  readonly variables: (database: Database) => readonly Builder<VariableModel>[];
  readonly rows: readonly RowPlan[];
  /** Most points of a line: what a query may cost at most. */
  readonly mostPoints: number;
  /** The time that is shown at first, up to now, and how often it is asked for anew. */
  readonly span: string;
  readonly refresh: string;
}
